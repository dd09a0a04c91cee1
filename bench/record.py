"""Writes the tables of a run into docs/benchmarks.md, before those of earlier runs."""

from datetime import date

from bench.errors import BenchError
from bench.own_site import ROOT

PAPER = ROOT / "docs" / "benchmarks.md"
NEWEST_FIRST = "<!-- newest first -->\n"


def record(title: str, lines: list[str]) -> None:
    today = date.today()  # noqa: DTZ011 - of this machine
    section = "\n".join((f"## {today.day} {today:%B %Y}: {title}", "", *lines, ""))
    paper = PAPER.read_text()
    if NEWEST_FIRST not in paper:
        raise BenchError(f"{PAPER.name} does not say where the newest run goes.")
    PAPER.write_text(paper.replace(NEWEST_FIRST, f"{NEWEST_FIRST}\n{section}", 1))
