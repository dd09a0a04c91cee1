"""The docs name only what exists: links, files, commands, variables, names in the code."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management import get_commands
from markdown_it import MarkdownIt
from markdown_it.token import Token

from docs.page_types import FOLDER as SCREENSHOTS
from docs.page_types import LARGEST_IN_ALL as LARGEST_SCREENSHOTS
from docs.page_types import PAGE_TYPES, index
from docs.pictures import LARGEST_IN_ALL, LARGEST_PICTURE

# Files are the same on every database.
pytestmark = pytest.mark.one_database

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# A history keeps the names of its time.
PRESENT = [path for path in DOCUMENTS if path.name not in ("CHANGELOG.md", "benchmarks.md")]
# Records of decisions name functions of other programs too.
GUIDES = [path for path in PRESENT if path.parent.name != "decisions"]
CODE = ["mscp", "reviews", "training", "tests", "bench", "drill", "docs"]
# Read by what the site runs on, not by its settings.
READ_BY_OTHERS = {
    "AWS_ACCESS_KEY_ID": "boto3",
    "AWS_SECRET_ACCESS_KEY": "boto3",
    "MALLOC_ARENA_MAX": "the C library",
    "ARGS": "the Makefile",
    "VERSION": "the Makefile",
    "CATALOGUE": "the Makefile",
    "CI": "the tests",
    "NAME": "the shell",
    "REPOSITORY": "the shell",
    "POSTGRES_PASSWORD": "compose.yaml",
    "UID": "the shell",
    "pg_dump": "PostgreSQL",
}
SETS_ENVIRONMENT = re.compile(r"\b([A-Z][A-Z0-9_]{2,})=")
UPPER_CASE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
SNAKE_CASE = re.compile(r"[a-z]+(?:_[a-z]+)+")
CAMEL_CASE = re.compile(r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+")
PATH = re.compile(r"\.?[\w-]+(?:/[\w.*-]+)*/?|[\w.-]+\.(?:py|toml|md|txt|conf|yaml|html)")


def in_repository(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@cache
def tokens(path: Path) -> list[Token]:
    """Return all tokens of a document, those inside a line too."""
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(path.read_text("utf-8")):
        found += [token, *(token.children or [])]
    return found


def inline_code(path: Path) -> Iterator[str]:
    for token in tokens(path):
        if token.type == "code_inline":
            yield " ".join(token.content.split())


def code(path: Path) -> Iterator[str]:
    """Yield what is set as code, in a line or as a block."""
    yield from inline_code(path)
    for token in tokens(path):
        if token.type in ("fence", "code_block"):
            yield token.content


@cache
def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a document."""
    found: set[str] = set()
    for opening, content in pairwise(tokens(path)):
        if opening.type != "heading_open":
            continue
        text = "".join(
            child.content
            for child in content.children or []
            if child.type in ("text", "code_inline")
        )
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        number, first = 0, anchor
        while anchor in found:
            number += 1
            anchor = f"{first}-{number}"
        found.add(anchor)
    return found


def links(path: Path) -> Iterator[str]:
    for token in tokens(path):
        if token.type == "link_open":
            yield str(token.attrs["href"])
        elif token.type == "image":
            yield str(token.attrs["src"])


@cache
def python_names() -> set[str]:
    """Return all names that the code defines: classes, functions, variables and parameters."""
    names: set[str] = set()
    files = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    for path in [*files, ROOT / "gunicorn.conf.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.ImportFrom):
                names |= {alias.asname or alias.name for alias in node.names}
    return names


@cache
def variables_read() -> set[str]:
    """Return the environment variables that the settings and gunicorn read."""
    names: set[str] = set()
    for path in (ROOT / "mscp" / "settings.py", ROOT / "gunicorn.conf.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            reader = ast.unparse(node.func.value)
            if reader in ("env", "os.environ") and node.args:
                names.add(ast.literal_eval(node.args[0]))
    return names


@cache
def variables_of_the_table() -> set[str]:
    text = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    rows = re.findall(r"^\| (`[A-Z].*?) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row)}


@cache
def make_targets() -> set[str]:
    text = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


@pytest.mark.parametrize("path", DOCUMENTS, ids=in_repository(DOCUMENTS))
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in links(path):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme in ("https", "http") and parts.netloc, link
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        assert target.exists() and target.is_relative_to(ROOT), f"{link} leads nowhere."
        if parts.fragment:
            assert parts.fragment in anchors(target), f"{link} names no heading."


@pytest.mark.parametrize("path", PRESENT, ids=in_repository(PRESENT))
def test_every_file_that_is_named_exists(path: Path) -> None:
    here = {entry.name for entry in ROOT.iterdir()}
    for words in inline_code(path):
        if not PATH.fullmatch(words) or words.startswith("var/"):
            continue
        first = words.partition("/")[0]
        if first in here:
            assert list(ROOT.glob(words)), f"There is no {words}."
        elif words.endswith(".py"):
            # The name alone, as of every app's "urls.py". Others are addresses of the site or
            # folders of its data.
            found = [path for folder in CODE for path in (ROOT / folder).rglob(words)]
            assert "/" not in words and found, f"There is no {words}."


@pytest.mark.parametrize("path", PRESENT, ids=in_repository(PRESENT))
def test_every_command_that_is_named_exists(path: Path) -> None:
    for text in code(path):
        for target in re.findall(r"\bmake (?:--\w+ )?([a-z][a-z-]*)", text):
            assert target in make_targets(), f"make {target} does not exist."
        for command in re.findall(r"(?:manage\.py|deploy/manage) ([a-z_]+)", text):
            assert command in get_commands(), f"manage.py {command} does not exist."
        for module in re.findall(r"python3? -m ([\w.]+)", text):
            assert find_spec(module), f"python -m {module} does not exist."


def metrics() -> set[str]:
    """Return the metrics of the code, as Prometheus reads them."""
    found = set()
    for path in (ROOT / "mscp/observing/metrics.py", ROOT / "mscp/site/metrics.py"):
        for kind, name in re.findall(r'(\w+)\(\s*"(site_\w+)"', path.read_text("utf-8")):
            found.add(f"{name}_total" if kind == "Counter" else name)
    return found


def test_the_guide_to_deployment_lists_every_metric_and_no_other() -> None:
    guide = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    assert set(re.findall(r"`(site_\w+)`", guide)) == metrics()


@pytest.mark.parametrize("path", GUIDES, ids=in_repository(GUIDES))
def test_every_name_of_the_code_exists(path: Path) -> None:
    known = python_names() | variables_read() | set(READ_BY_OTHERS) | set(get_commands())
    known |= set(re.findall(r'"(\w+): ', (ROOT / "pyproject.toml").read_text("utf-8"))) | metrics()
    for words in inline_code(path):
        for name in re.split(r"[.()]+", words):
            if any(case.fullmatch(name) for case in (UPPER_CASE, CAMEL_CASE, SNAKE_CASE)):
                assert name in known, f"Nothing is called {name}."


@pytest.mark.parametrize("path", PRESENT, ids=in_repository(PRESENT))
def test_every_variable_that_is_set_is_read(path: Path) -> None:
    for text in code(path):
        for name in SETS_ENVIRONMENT.findall(text):
            assert name in variables_read() | set(READ_BY_OTHERS), f"Nothing reads {name}."


def test_the_guide_to_deployment_lists_every_variable_and_no_other() -> None:
    assert variables_read() == variables_of_the_table() - set(READ_BY_OTHERS)


def test_every_hook_before_a_commit_is_a_target_of_make() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    called = re.findall(r"entry: make --silent ([a-z-]+)$", text, re.MULTILINE)
    assert called and len(called) == text.count("entry:")
    assert set(called) <= make_targets()


# Pages of which no example is photographed, since they look like one that is.
LIKE_ANOTHER = {
    "pages/nothing_published.html": "pages/page.html",
    "400.html": "404.html",
    "403.html": "404.html",
    "403_csrf.html": "404.html",
    "413.html": "404.html",
    "429.html": "404.html",
    "500.html": "404.html",
    "unavailable.html": "404.html",
    "account/account_inactive.html": "account/login.html",
    "account/logout.html": "account/login.html",
    "account/password_reset.html": "account/login.html",
    "account/password_reset_done.html": "account/login.html",
    "account/password_reset_from_key.html": "account/login.html",
    "account/password_reset_from_key_done.html": "account/login.html",
    "account/signup_closed.html": "account/login.html",
    "account/welcome.html": "account/login.html",
    "account/welcome_ended.html": "account/login.html",
    "mfa/authenticate.html": "account/login.html",
    "mfa/index.html": "account/login.html",
    "mfa/reauthenticate.html": "account/login.html",
    "mfa/recovery_codes/generate.html": "account/login.html",
    "mfa/recovery_codes/index.html": "account/login.html",
    "mfa/totp/activate_form.html": "account/login.html",
    "mfa/totp/deactivate_form.html": "account/login.html",
    "mfa/webauthn/add_form.html": "account/login.html",
    "mfa/webauthn/authenticator_confirm_delete.html": "account/login.html",
    "mfa/webauthn/reauthenticate.html": "account/login.html",
    "registration/logged_out.html": "account/login.html",
}


def test_every_type_of_page_is_photographed() -> None:
    templates = ROOT / "templates"
    extends = {
        str(path.relative_to(templates)): re.findall(r'{% extends "(.+)" %}', path.read_text())
        for path in templates.rglob("*.html")
        if not path.is_relative_to(templates / "django")
    }
    bases = {base for found in extends.values() for base in found}
    pages = {name for name, found in extends.items() if found and name not in bases}
    photographed = {kind.template for kind in PAGE_TYPES}
    assert photographed | set(LIKE_ANOTHER) == pages
    assert not photographed & set(LIKE_ANOTHER) and set(LIKE_ANOTHER.values()) <= photographed


def test_screenshots_are_small_and_their_index_shows_every_type() -> None:
    sizes = [picture.stat().st_size for picture in SCREENSHOTS.glob("*.webp")]
    assert sum(sizes) <= LARGEST_SCREENSHOTS
    assert (SCREENSHOTS / "README.md").read_text("utf-8") == index()


def test_every_picture_is_small_described_and_used() -> None:
    pictures = list((ROOT / "docs" / "img").iterdir())
    used = set()
    for path in DOCUMENTS:
        for token in tokens(path):
            if token.type == "image":
                assert token.content, f"{token.attrs['src']} has no description."
                used.add((path.parent / str(token.attrs["src"])).resolve())
    assert used == {*pictures, *SCREENSHOTS.glob("*.webp")}
    sizes = [picture.stat().st_size for picture in pictures]
    assert max(sizes) <= LARGEST_PICTURE and sum(sizes) <= LARGEST_IN_ALL
