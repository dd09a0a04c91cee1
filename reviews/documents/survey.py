"""Survey of PDFs: many files read as intake does, with nothing stored, and told in figures."""

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from django.core.exceptions import ValidationError

from reviews.documents import intake
from reviews.documents.work_folders import locked_folder
from reviews.findings import Severity, severity_of
from reviews.pdf.report import Found
from reviews.uploads import check_size

ACCEPTED = "accepted"
REFUSED = "refused"
# The processor time of a child was over, or that by the clock.
TOO_SLOW = "too slow"
BUSY = "computer busy"
# The child ended without an answer or a reason.
CRASHED = "crashed"
# It was never begun: the file could not be read from its disk, for instance.
FAILED = "failed"


@dataclass(frozen=True)
class Surveyed:
    """What became of one file."""

    name: str
    outcome: str
    # Why it was not accepted, as an editor would be told.
    reason: str = ""
    pages: int = 0
    # Seconds of processor time, of all processes together, and by the clock.
    processor: float = 0
    clock: float = 0
    found: list[Found] = field(default_factory=list)

    def kinds(self) -> Counter[str]:
        """Return the number of findings by kind."""
        return Counter(one.check.value for one in self.found)

    def severities(self) -> Counter[Severity]:
        """Return the number of findings by severity."""
        return Counter(severity_of(one.check.value) for one in self.found)


def pdfs_below(folder: Path) -> list[Path]:
    """Return all PDFs below a folder, by name; links to folders are not followed."""
    return sorted(
        Path(place) / name
        for place, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(".pdf")
    )


def survey(folder: Path, *, partnership: str, processes: int = 1) -> Iterator[Surveyed]:
    """Read every PDF below a folder; yield what became of each, in the order of their names.

    A partnership's own name in the name of a file is not told as that of a person.
    """

    def look(path: Path) -> Surveyed:
        return survey_one(path, str(path.relative_to(folder)), partnership)

    with ThreadPoolExecutor(processes) as pool:
        yield from pool.map(look, pdfs_below(folder))


def survey_one(path: Path, name: str, partnership: str) -> Surveyed:
    """Read one file. Never raises: whatever goes wrong with it is its outcome."""
    began = time.perf_counter()
    try:
        check_size(path.stat().st_size)
        with locked_folder() as work:
            source = work / intake.SOURCE
            shutil.copyfile(path, source)
            ended = intake.run_at_once("intake", source, work)
            clock = time.perf_counter() - began
            reason = intake.reason(ended, work)
            if reason:
                outcome = outcome_of(ended.code, refused=(work / "refused").exists())
                return Surveyed(name, outcome, reason, processor=ended.seconds, clock=clock)
            reading = intake.answer_in(work)
    except ValidationError as error:
        return Surveyed(name, REFUSED, " ".join(error.messages))
    except Exception as error:  # noqa: BLE001 - the others are still to be read
        # What an error says could quote the document.
        return Surveyed(name, FAILED, type(error).__name__)
    return Surveyed(
        name,
        ACCEPTED,
        pages=len(reading.pages),
        processor=ended.seconds,
        clock=clock,
        found=intake.all_found(reading, path.name, partnership),
    )


def outcome_of(code: int | None, *, refused: bool) -> str:
    """Return the outcome of a child that gave no answer, by its exit code."""
    if refused:
        return REFUSED
    if code is None:
        return BUSY
    return TOO_SLOW if code == intake.OUT_OF_TIME else CRASHED


# --- figures --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spread:
    """How numbers are spread: half are at most the median, nine of ten at most the ninth tenth."""

    median: float = 0
    nine_of_ten: float = 0
    most: float = 0


def spread_of(numbers: Iterable[float]) -> Spread:
    ordered = sorted(numbers)
    if not ordered:
        return Spread()
    nine_of_ten = ordered[-(-9 * len(ordered) // 10) - 1]
    return Spread(float(median(ordered)), float(nine_of_ten), float(ordered[-1]))


@dataclass(frozen=True)
class Summary:
    """A survey in figures; those of findings are of the files that were accepted."""

    files: int
    pages: int
    outcomes: Mapping[str, int]
    processor: Spread
    clock: Spread
    by_severity: Mapping[str, Spread]
    # By kind: the number of files that have it, and of findings.
    kinds: Mapping[str, tuple[int, int]]


def summary_of(surveyed: Iterable[Surveyed]) -> Summary:
    files = list(surveyed)
    accepted = [one for one in files if one.outcome == ACCEPTED]
    having: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    for one in accepted:
        having.update(one.kinds().keys())
        findings.update(one.kinds())
    return Summary(
        files=len(files),
        pages=sum(one.pages for one in accepted),
        outcomes=dict(Counter(one.outcome for one in files).most_common()),
        processor=spread_of(one.processor for one in files),
        clock=spread_of(one.clock for one in files),
        by_severity={
            severity.value: spread_of(one.severities()[severity] for one in accepted)
            for severity in Severity
        },
        kinds={kind: (having[kind], number) for kind, number in findings.most_common()},
    )


def as_json(one: Surveyed, *, quoted: bool) -> dict[str, Any]:
    """Return one file as JSON: its findings as numbers, and what they quote only if asked."""
    result: dict[str, Any] = {
        "name": one.name,
        "outcome": one.outcome,
        "reason": one.reason,
        "pages": one.pages,
        "processor_seconds": round(one.processor, 2),
        "clock_seconds": round(one.clock, 2),
        "severities": {severity.value: one.severities()[severity] for severity in Severity},
        "kinds": dict(one.kinds()),
    }
    if quoted:
        result["findings"] = [
            {"kind": found.check.value, "page": found.page, "details": found.details}
            for found in one.found
        ]
    return result
