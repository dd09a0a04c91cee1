# make run | test | test-fast | check | audit | bench | drill | load | pictures | screenshots |
# transcripts | lighthouse | release: each sets up what it needs, and twice does no harm.
# DATA_DIR, PORT, HOST, DATABASE_URL and CATALOGUE may be set.

# What `make run` loads: a file as data/catalogue.json, or none for a site that starts empty, in a folder of its own.
CATALOGUE ?= $(CURDIR)/data/catalogue.json
DATA_DIR ?= $(CURDIR)/var$(if $(filter none,$(CATALOGUE)),/empty)
PORT ?= 8000
HOST ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin
PROCESSORS := $(shell getconf _NPROCESSORS_ONLN)
# One more than there are processors: some tests wait for a server, or for what they have killed.
TEST_WORKERS ?= $(shell expr $(PROCESSORS) + 1)
# Each worker of the tests would compile them all anew.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& { echo $$p; break; }; done)

# A run on one's own machine: a key made here, plain http, nobody else's host, one person and one factor enough.
LOCAL = SECRET_KEY="$$(cat '$(DATA_DIR)/secret-key')" HTTPS=0 DATA_DIR='$(DATA_DIR)' \
	TWO_PEOPLE="$${TWO_PEOPLE:-0}" SECOND_FACTOR="$${SECOND_FACTOR:-0}" \
	ALLOWED_HOSTS="$${ALLOWED_HOSTS:-127.0.0.1 localhost $(HOST)}" PORT=$(PORT) HOST=$(HOST) \
	LOG_FORMAT="$${LOG_FORMAT:-text}"

.PHONY: run test test-fast check check-code check-format check-lint check-types check-migrations check-deploy check-templates check-imports \
	check-docs audit bench drill load pictures screenshots transcripts lighthouse npm-tools manage lock release clean
.DEFAULT_GOAL := run

$(VENV)/ready: requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and none was found."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt install python3-venv"; exit 1; }
	@echo "Installing what the site needs …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready requirements-dev.txt
	@echo "Installing what the tests need …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(DATA_DIR)/secret-key: | $(VENV)/ready
	@mkdir -p '$(DATA_DIR)'
	@umask 077 && $(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))' > '$@'

$(VENV)/ready-samples: $(VENV)/ready requirements-samples.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-samples.txt
	@touch $@

# Tools of the tests from npm; what needs them is skipped where there is no npm.
npm-tools: tests/node/node_modules/.package-lock.json

%/node_modules/.package-lock.json: %/package-lock.json
	@npm ci --prefix $* --no-audit --no-fund --loglevel error
	@touch $@

run: $(VENV)/ready-samples $(DATA_DIR)/secret-key
	@$(LOCAL) $(BIN)/python manage.py migrate --verbosity 0
	@$(LOCAL) $(BIN)/python manage.py collectstatic --noinput --verbosity 0
ifneq ($(CATALOGUE),none)
	@$(LOCAL) $(BIN)/python manage.py seed --catalogue '$(CATALOGUE)' --shift-training --samples
endif
	@echo
	@echo "Open  http://$(HOST):$(PORT)/   (stop with Ctrl-C)"
	@$(LOCAL) $(BIN)/python manage.py local_staff
	@$(LOCAL) MALLOC_ARENA_MAX=2 $(BIN)/gunicorn --log-level warning

test: $(VENV)/ready-dev
	@$(BIN)/python -m pytest -n $(TEST_WORKERS) $(ARGS)

# Without a browser, a server, a bucket, the corpus of PDFs, a walk over every address, or a file that
# takes five seconds. None of these waits for anything but a processor.
test-fast: $(VENV)/ready-dev
	@$(BIN)/python -m pytest -q -n $(PROCESSORS) -m 'not slow' $(ARGS)

check: check-code check-docs

# Without the guides, whose checks are tests.
check-code: check-format check-lint check-types check-migrations check-deploy check-templates check-imports

check-format: $(VENV)/ready-dev
	@$(BIN)/ruff format --check .

check-lint: $(VENV)/ready-dev
	@$(BIN)/ruff check .

check-types: $(VENV)/ready-dev
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/mypy mscp reviews training

check-migrations: $(VENV)/ready-dev
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemigrations --check --dry-run

# The settings of production.
check-deploy: $(VENV)/ready-dev
	@SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		ALLOWED_HOSTS=example.org DATA_DIR="$$(mktemp -d)" HTTPS=1 DEBUG=0 TRUSTED_PROXIES=1 \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

check-templates: $(VENV)/ready-dev
	@$(BIN)/djlint templates --check --quiet

check-imports: $(VENV)/ready-dev
	@$(BIN)/lint-imports --cache-dir .import_linter_cache

check-docs: $(VENV)/ready-dev
	@$(BIN)/python -m pytest -q tests/test_docs.py

# Known vulnerabilities; fails only where there is a version without one.
audit: $(VENV)/ready
	@$(BIN)/python .ci/audit.py $(VENV)/audit

# Ratios to a bare page, kept in docs/benchmarks.md; a part of it:
# make bench ARGS="--size 1000 --pages list,review --no-postgresql"
bench: $(VENV)/ready-dev
	@DATA_DIR='$(DATA_DIR)' $(BIN)/python -m bench $(ARGS)

# Processes of the site are killed at random moments and what is left is audited; then load.
drill: $(VENV)/ready-dev
	@$(BIN)/python -m drill $(ARGS)

load: $(VENV)/ready-dev
	@$(BIN)/python -m drill.load $(ARGS)

# The pictures of the guides, from a site of their own; needs Chromium.
pictures: $(VENV)/ready-dev
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m docs.pictures

# Every type of page at three widths, light, dark and on paper, into docs/screenshots; needs Chromium.
screenshots: $(VENV)/ready-dev
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m docs.page_types

# What a screen reader says of a few pages, anew into tests/browser/transcripts; needs Chromium and npm.
transcripts: $(VENV)/ready-dev npm-tools
	@WRITE_TRANSCRIPTS=1 $(BIN)/python -m pytest -q tests/browser/test_transcripts.py

# The scores of five pages on a phone, on a site of its own; needs Chromium, npm and a quiet machine.
lighthouse: $(VENV)/ready-dev tests/node/lighthouse/node_modules/.package-lock.json
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m bench.lighthouse

# make manage ARGS="createsuperuser": any command, with the settings of `make run`.
manage: $(VENV)/ready $(DATA_DIR)/secret-key
	@$(LOCAL) $(BIN)/python manage.py $(ARGS)

# The locked versions, with hashes and no index; needs uv on the PATH.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
		--custom-compile-command "make lock" pyproject.toml -o requirements.txt
	for group in samples s3 redis dev; do \
		uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
			--custom-compile-command "make lock" --group $$group -c requirements.txt \
			-o requirements-$$group.txt; \
	done
	uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
		--custom-compile-command "make lock" --group audit -c requirements-dev.txt \
		-o requirements-audit.txt

# make release VERSION=1.2.0: version, changelog, upgrade fixture, commit and tag; pushes nothing.
release: $(VENV)/ready-dev
	@$(BIN)/python deploy/release $(VERSION)

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
