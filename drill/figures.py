"""Figures of the drills: a table on the screen, kept in figures.json, shown in the paper.

`python -m drill paper` writes docs/reliability.md from what is kept, and says what is missing, what
failed, and what was measured on an earlier state of the site.
"""

import argparse
import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bench.errors import BenchError
from bench.own_site import ROOT
from bench.report import table
from drill.promises import OF_KEY, PROMISES, Promise

KEPT = ROOT / "drill" / "figures.json"
PAPER = ROOT / "docs" / "reliability.md"
NEVER = "not tried yet"
NOTHING = "–"
MISSED = "**✗**"
# What decides how the site behaves; a figure is of an earlier state once one of them changed.
OF_THE_SITE = ("mscp", "reviews", "training", "templates", "gunicorn.conf.py", "requirements.txt")


@dataclass
class Outcome:
    """What a drill found of one promise."""

    key: str
    figure: str
    faults: list[str] = field(default_factory=list)
    """What was not as promised, each a sentence."""

    def expect(self, holds: object, otherwise: str) -> None:
        if not holds:
            self.faults.append(otherwise)


Found = dict[str, list[Outcome]]
"""Outcomes by the kind of database."""


def conclude(found: Found, *, record: bool, of: str) -> int:
    """Print the table and every fault, keep the figures if asked to; return the exit status."""
    for line in _rows(found):
        print(line)
    faults = [
        f"{kind}, {one.key}: {sentence}"
        for kind, outcomes in found.items()
        for one in outcomes
        for sentence in one.faults
    ]
    for fault in faults:
        print(fault)
    if record:
        keep(found, of=of)
        write()
        print(f"Recorded in docs/{PAPER.name}.")
    return 1 if faults else 0


def _rows(found: Found) -> Iterator[str]:
    kinds = list(found)
    keys = list(dict.fromkeys(one.key for outcomes in found.values() for one in outcomes))
    rows = [("", *kinds)]
    for key in keys:
        cells = []
        for kind in kinds:
            one = next((one for one in found[kind] if one.key == key), None)
            cells.append("" if one is None else f"{one.figure}{' ✗' if one.faults else ''}")
        rows.append((key, *cells))
    yield from table(rows)


def keep(found: Found, *, of: str) -> None:
    kept = _kept()
    for kind, outcomes in found.items():
        for one in outcomes:
            kept.setdefault(one.key, {})[kind] = {
                "figure": one.figure,
                "held": not one.faults,
                "day": date.today().isoformat(),  # noqa: DTZ011 - of this machine
                "commit": _git("rev-parse", "--short", "HEAD"),
                "machine": of,
            }
    ordered = {key: kept[key] for key in OF_KEY if key in kept}
    KEPT.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _kept() -> dict[str, dict[str, Any]]:
    if not KEPT.exists():
        return {}
    kept: dict[str, dict[str, Any]] = json.loads(KEPT.read_text(encoding="utf-8"))
    return kept


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


# --- the paper ------------------------------------------------------------------------------------


def write() -> None:
    PAPER.write_text(filled(PAPER.read_text(encoding="utf-8")), encoding="utf-8")


def filled(paper: str) -> str:
    """Return the paper with its tables made from the figures that are kept. Raises BenchError."""
    kept = _kept()
    for part in dict.fromkeys(one.part for one in PROMISES):
        lines = "\n".join(_table([one for one in PROMISES if one.part == part], kept))
        place = re.compile(rf"(<!-- {part} -->\n).*?(<!-- end of {part} -->)", re.DOTALL)
        if not place.search(paper):
            raise BenchError(f"{PAPER.name} does not say where the table of {part} goes.")
        paper = place.sub(lambda found, lines=lines: f"{found[1]}{lines}\n{found[2]}", paper)
    machines = sorted({one["machine"] for of in kept.values() for one in of.values()})
    place = re.compile(r"(<!-- machines -->\n).*?(<!-- end of machines -->)", re.DOTALL)
    listed = "\n".join(f"- {machine}" for machine in machines) or f"- {NEVER}"
    return place.sub(lambda found: f"{found[1]}{listed}\n{found[2]}", paper)


def _table(promises: Iterable[Promise], kept: dict[str, dict[str, Any]]) -> Iterator[str]:
    rows = [("what", "promised", "SQLite", "PostgreSQL")]
    for one in promises:
        cells = [_cell(one, kind, kept.get(one.key, {}).get(kind)) for kind in rows[0][2:]]
        rows.append((one.what, one.promised, *cells))
    for number, row in enumerate(rows):
        yield f"| {' | '.join(row)} |"
        if not number:
            yield "|---|---|---|---|"


def _cell(promise: Promise, kind: str, kept: dict[str, Any] | None) -> str:
    if kind not in promise.databases:
        return NOTHING
    if kept is None:
        return NEVER
    missed = "" if kept["held"] else f" {MISSED}"
    return f"{kept['figure']}{missed}; {kept['day']}, {kept['commit']}"


def remarks() -> Iterator[str]:
    """Say which figures are missing, were not as promised, or are of an earlier state."""
    kept = _kept()
    for promise in PROMISES:
        for kind in promise.databases:
            one = kept.get(promise.key, {}).get(kind)
            name = f"{promise.key} on {kind}"
            if one is None:
                yield f"{name}: {NEVER}."
                continue
            if not one["held"]:
                yield f"{name}: not as promised on {one['day']}."
            changed = _git("rev-list", "--count", f"{one['commit']}..HEAD", "--", *OF_THE_SITE)
            if changed != "0":
                since = f"{changed} changes of the site ago" if changed else "on an unknown commit"
                yield f"{name}: measured {since}, on {one['day']}."


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m drill paper", description=__doc__)
    parser.parse_args(arguments)
    write()
    said = list(remarks())
    print("\n".join(said) or "Every figure is there, as promised, and of this state of the site.")
    return 0
