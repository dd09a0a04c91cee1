"""Read every PDF below a folder as intake does, and say in figures what becomes of them.

Nothing is stored, and no word of a file is printed unless asked for: the output can be shown to
others. It ends with a table for all files together.
"""

import json
from argparse import ArgumentTypeError
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from mscp.models import SiteIdentity
from reviews.documents.survey import (
    ACCEPTED,
    Spread,
    Summary,
    Surveyed,
    as_json,
    pdfs_below,
    summary_of,
    survey,
)
from reviews.findings import Severity, severity_of

IN_WORDS = {
    Severity.MUST_SETTLE: "to settle",
    Severity.WILL_BE_CLEANED: "cleaned",
    Severity.TO_KNOW: "to know",
}


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError("give a number from 1")
    return int(text)


class Command(BaseCommand):
    help = __doc__.strip().partition("\n")[0]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="all PDFs below it are read")
        parser.add_argument(
            "--processes", type=_at_least_one, default=1, help="so many files at once (1)"
        )
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
        parser.add_argument(
            "--quote",
            action="store_true",
            help="also print what findings quote: words of the files, also hidden ones",
        )

    def handle(self, *args: object, **options: Any) -> None:
        folder, quoted = options["folder"], options["quote"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        if not pdfs_below(folder):
            raise CommandError(f"Below {folder} there is no PDF.")
        files = []
        for one in survey(folder, partnership=_partnership(), processes=options["processes"]):
            files.append(one)
            self.stdout.write(_line_of(one))
            if quoted:
                self._quote(one)
        summary = summary_of(files)
        self.stdout.write("\n".join(["", *_table_of(summary)]))
        if options["json"]:
            result = {
                "summary": asdict(summary),
                "files": [as_json(one, quoted=quoted) for one in files],
            }
            text = json.dumps(result, indent=1, ensure_ascii=False)
            options["json"].write_text(f"{text}\n", encoding="utf-8")

    def _quote(self, one: Surveyed) -> None:
        for found in one.found:
            place = f"page {found.page}" if found.page else "the file"
            self.stdout.write(f"    {found.check.value}, {place}: {' | '.join(found.details)}")


def _partnership() -> str:
    """Return the name of the partnership; "" where no site has been set up."""
    try:
        return SiteIdentity.load().name
    except DatabaseError:
        return ""


def _line_of(one: Surveyed) -> str:
    times = f"{one.processor:.2f} s of processor, {one.clock:.2f} s"
    if one.outcome != ACCEPTED:
        return f"{one.name}: {one.outcome}, {times}. {one.reason}"
    found = ", ".join(f"{one.severities()[each]} {words}" for each, words in IN_WORDS.items())
    kinds = ", ".join(f"{kind} {number}" for kind, number in sorted(one.kinds().items()))
    pages = "1 page" if one.pages == 1 else f"{one.pages} pages"
    return f"{one.name}: {pages}, {times}; {found}{f' ({kinds})' if kinds else ''}"


def _table_of(summary: Summary) -> list[str]:
    outcomes = ", ".join(f"{outcome} {number}" for outcome, number in summary.outcomes.items())
    rows = [("", "median", "9 of 10", "most")]
    rows += [
        (f"findings {words}", *_numbers(summary.by_severity[severity.value]))
        for severity, words in IN_WORDS.items()
    ]
    rows.append(("processor seconds", *_numbers(summary.processor, "{:.2f}")))
    rows.append(("seconds by the clock", *_numbers(summary.clock, "{:.2f}")))
    kinds = [("kind", "severity", "files", "findings")]
    kinds += [
        (kind, IN_WORDS[severity_of(kind)], str(files), str(findings))
        for kind, (files, findings) in summary.kinds.items()
    ]
    heading = f"{summary.files} files ({outcomes}), {summary.pages:,} pages read"
    return [heading, "", *_as_markdown(rows), "", *_as_markdown(kinds)]


def _numbers(spread: Spread, form: str = "{:g}") -> tuple[str, str, str]:
    return (
        form.format(spread.median),
        form.format(spread.nine_of_ten),
        form.format(spread.most),
    )


def _as_markdown(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return a table that reads well in a terminal and can be put into a document."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    return [lines[0], "|" + "|".join("-" * (w + 2) for w in widths) + "|", *lines[1:]]
