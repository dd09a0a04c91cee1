"""Holds JSON-LD against schema.org's own vocabulary: every type, property and kind of value.

``schema_org.json`` is an extract of its release 30.0: the types used here with their parents, and
every property they may have.
"""

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

VOCABULARY = json.loads((Path(__file__).parent / "schema_org.json").read_text())
TYPES, PROPERTIES = VOCABULARY["types"], VOCABULARY["properties"]
MEMBERS = {f"https://schema.org/{name}": kind for name, kind in VOCABULARY["members"].items()}

_PARTIAL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def things_of(page: str) -> list[dict[str, Any]]:
    """Return everything that the data blocks of a page describe, checked as blocks."""
    things = []
    for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL):
        assert not re.search("[<>&\u2028\u2029]", block)
        data = json.loads(block)
        assert set(data) == {"@context", "@graph"} and data["@context"] == "https://schema.org"
        things += data["@graph"]
    return things


def problems_in(things: list[dict[str, Any]]) -> list[str]:
    """Return what schema.org does not know, and references that lead nowhere on the page."""
    named = {thing["@id"] for thing in _all(things) if "@type" in thing and "@id" in thing}
    found = []
    for thing in _all(things):
        if "@type" not in thing:
            found += [f"{thing} leads nowhere"] if thing.get("@id") not in named else []
            continue
        kinds = _kinds(thing)
        for name, value in thing.items():
            if not name.startswith("@"):
                found += _problems_of(kinds, name, value, things)
    return found


def _problems_of(kinds: set[str], name: str, value: Any, things: Any) -> list[str]:
    # An action says what is put into which property by adding -input (schema.org/docs/actions).
    domains, ranges = PROPERTIES.get(name.removesuffix("-input"), [[], []])
    if not kinds & set(domains):
        return [f"{sorted(kinds)} has no {name}"]
    if name.endswith("-input"):
        return []
    values = value if isinstance(value, list) else [value]
    return [f"{name} is no {part!r}" for part in values if not _fits(part, set(ranges), things)]


def _fits(value: Any, ranges: set[str], things: Any) -> bool:
    if isinstance(value, dict):
        if "@type" not in value:
            named = [thing for thing in _all(things) if thing.get("@id") == value["@id"]]
            return any(_kinds(thing) & ranges for thing in named if "@type" in thing)
        return bool(_kinds(value) & ranges)
    if isinstance(value, bool):
        return "Boolean" in ranges
    if isinstance(value, int):
        return bool({"Integer", "Number"} & ranges)
    if not isinstance(value, str) or not value.strip():
        return False
    if value in MEMBERS:
        return MEMBERS[value] in ranges
    checks = {
        "Text": lambda: True,
        "URL": lambda: _is_address(value),
        "Date": lambda: _is_date(value),
        "DateTime": lambda: "T" in value and datetime.fromisoformat(value).tzinfo is not None,
        # Anything may be told by its address alone.
        "Thing": lambda: _is_address(value),
    }
    return any(check() for kind, check in checks.items() if kind in ranges)


def _is_address(value: str) -> bool:
    return urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).netloc)


def _is_date(value: str) -> bool:
    if not _PARTIAL_DATE.fullmatch(value):
        return False
    return len(value) < 10 or bool(date.fromisoformat(value))


def _kinds(thing: dict[str, Any]) -> set[str]:
    types = thing["@type"] if isinstance(thing["@type"], list) else [thing["@type"]]
    return {kind for type_ in types for kind in [type_, *TYPES[type_]]}


def _all(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        inner = [thing for part in value.values() for thing in _all(part)]
        return [value, *inner]
    return [thing for part in value for thing in _all(part)] if isinstance(value, list) else []
