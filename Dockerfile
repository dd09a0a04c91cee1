# The site and its commands. compose.yaml runs it with PostgreSQL, Redis and nginx; docs/deployment.md
# says how. At run time it writes to /srv/learning-data and /tmp alone, so its root may be read-only.

FROM debian:bookworm-slim AS base
# age and pg_dump are for backups. Debian gives out their security updates, and those of Python.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends age ca-certificates postgresql-client python3 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/learning

FROM base AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-venv
RUN python3 -m venv .venv
COPY requirements.txt requirements-redis.txt requirements-s3.txt ./
RUN .venv/bin/pip install --no-cache-dir --require-hashes \
    -r requirements.txt -r requirements-redis.txt -r requirements-s3.txt
RUN .venv/bin/python -m pip uninstall --yes --quiet pip setuptools
COPY manage.py gunicorn.conf.py pyproject.toml LICENSE ./
COPY data data
COPY static static
COPY templates templates
COPY mscp mscp
COPY reviews reviews
COPY training training
# Nothing is compiled where the root cannot be written to.
RUN .venv/bin/python -m compileall -q mscp reviews training

FROM base
# nginx reads uploads and static files by the site's group, under this name and number.
RUN groupadd --gid 10001 learning \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin learning \
    && useradd --uid 101 --gid 10001 --no-create-home --shell /usr/sbin/nologin nginx \
    && install -d -o learning -g learning -m 750 /srv/learning-data \
    && install -d -o learning -g learning -m 700 /srv/backup
COPY --from=build /srv/learning /srv/learning
ENV PATH=/srv/learning/.venv/bin:/usr/bin:/bin \
    DATA_DIR=/srv/learning-data \
    HOST=0.0.0.0 \
    PORT=8000 \
    NGINX_USER=nginx \
    MALLOC_ARENA_MAX=2 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
VOLUME ["/srv/learning-data", "/srv/backup"]
EXPOSE 8000
# Alive, which is all that a restart could mend; compose.yaml asks whether it is ready.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
CMD ["gunicorn"]
