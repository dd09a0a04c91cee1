"""The site is nobody's in particular: no partnership stands in its code, templates or styles."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

# The partnership of the first catalogue: its names, numbers, places and children.
ITS_OWN = re.compile(
    r"merton|MSCP|8545|8770 ?5000|Vamp\b|Franklyn|Ananthi|Baby Grace|Morden|Canterbury R|SM4",
    re.IGNORECASE,
)
# The package has its name in small letters, as its tables, settings and static files do.
PACKAGE = re.compile(r"mscp(?=[./_\"'`]|$| import)|import mscp|\bmscp_\w+", re.MULTILINE)
ROOTS = ("templates", "static", "mscp", "reviews", "training")
TEXTS = {".py", ".html", ".css", ".js", ".svg", ".txt", ".xml", ".json", ".toml"}
# A migration that landed is never changed.
PAST = "migrations"


def _lines() -> Iterator[tuple[str, str]]:
    for root in ROOTS:
        for path in sorted((Path(settings.BASE_DIR) / root).rglob("*")):
            if path.suffix in TEXTS and PAST not in path.parts:
                name = path.relative_to(settings.BASE_DIR)
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                    yield f"{name}:{number}", line


def test_no_line_names_the_partnership_of_the_first_catalogue() -> None:
    found = [
        f"{place}: {line.strip()}"
        for place, line in _lines()
        if ITS_OWN.search(PACKAGE.sub("", line))
    ]
    assert found == []


def test_the_search_would_find_it() -> None:
    for line in ("Merton's page", "the MSCP", "call 020 8545 4226", "an mscp course"):
        assert ITS_OWN.search(PACKAGE.sub("", line))
    for line in ("from mscp import cache", "mscp_stamp", '"mscp.models"', "import mscp"):
        assert not ITS_OWN.search(PACKAGE.sub("", line))
