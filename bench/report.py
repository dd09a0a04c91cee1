"""What was measured, for people to read. Numbers are decimal: a kB is 1000 bytes."""

import os
from dataclasses import dataclass

from bench.addresses import CALENDAR, FILTERED, MONTH, SEARCHES, SUGGESTIONS, TRAINING
from bench.cost import Cost
from bench.first_page import Parts
from bench.memory import Memory
from bench.timing import Timing

KB = 1000
MB = 1000 * 1000
PROGRAMME = (TRAINING, MONTH)
HEADINGS = ("page", "requests", "median ms", "p95 ms", "kB", "kB compressed")


@dataclass(frozen=True)
class Target:
    name: str
    measured: float
    below: float
    unit: str

    @property
    def holds(self) -> bool:
        return self.measured < self.below


def print_machine() -> None:
    """Tell what else the machine does: timings of a busy one say little."""
    print(f"This machine: {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")


def print_timings(timings: list[Timing]) -> None:
    rows = [HEADINGS, *(_row(timing) for timing in timings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    rows.insert(1, tuple("-" * width for width in widths))
    print()
    for name, *numbers in rows:
        cells = [f"{number:>{width}}" for number, width in zip(numbers, widths[1:], strict=True)]
        print(f"{name:<{widths[0]}}", *cells, sep="  ")


def _row(timing: Timing) -> tuple[str, ...]:
    compressed = timing.compressed_bytes
    return (
        timing.name,
        str(len(timing.milliseconds)),
        f"{timing.median:.1f}",
        f"{timing.p95:.1f}",
        f"{timing.bytes / KB:.1f}",
        f"{compressed / KB:.1f}" if compressed is not None else "-",
    )


def print_load(name: str, clients: int, requests_per_second: float) -> None:
    print(f"\nThroughput: {requests_per_second:.0f} requests/s ({name}, {clients} clients)")


def print_memory(memory: Memory | None) -> None:
    if memory is None:
        print("Memory: not measured, since this system has no /proc")
        return
    resident = f"RSS {memory.resident / MB:.0f} MB"
    shared = "" if memory.proportional is None else f", PSS {memory.proportional / MB:.0f} MB"
    print(f"Memory: {resident}{shared} ({memory.processes} processes, summed, after the load)")


def print_first_page(name: str, parts: Parts) -> None:
    pieces = [
        f"{what} {size / KB:.1f}"
        for what, size in (
            ("HTML", parts.html),
            ("CSS", parts.css),
            ("JS", parts.js),
            ("images", parts.images),
        )
    ]
    print(f"First page ({name}): {parts.total / KB:.1f} kB as sent ({', '.join(pieces)})")


@dataclass(frozen=True)
class TakenIn:
    """A PDF that was read, checked and kept."""

    pages: int
    seconds: float
    bytes: int
    """The most memory all processes held together."""


def print_taken_in(taken_in: TakenIn) -> None:
    speed = taken_in.pages / taken_in.seconds
    print(
        f"Taking in a PDF of {taken_in.pages} pages: {taken_in.seconds:.1f} s, "
        f"{speed:.0f} pages/s, {taken_in.bytes / MB:.0f} MB"
    )


@dataclass(frozen=True)
class Indexed:
    """The index of all publications, built anew."""

    pages: int
    seconds: float
    bytes: int
    text_bytes: int

    @property
    def speed(self) -> float:
        return self.pages / self.seconds

    @property
    def share(self) -> float:
        return self.bytes / self.text_bytes


def print_indexed(indexed: Indexed) -> None:
    print(
        f"Index of {indexed.pages:,} pages: {indexed.seconds:.1f} s, {indexed.speed:,.0f} pages/s, "
        f"{indexed.bytes / MB:.0f} MB for {indexed.text_bytes / MB:.0f} MB of text"
    )


def print_growth(few: list[Timing], many: list[Timing], times: float) -> None:
    """Tell how searches grow with the library."""
    print(f"\nGrowth of searches, {times:g} times the publications:")
    for before, after in zip(few, many, strict=True):
        ratio = after.median / before.median
        print(f"  {after.name}: {before.median:.1f} to {after.median:.1f} ms, {ratio:.1f} times")


def print_costs(few: list[Cost], many: list[Cost], database: str, times: float) -> None:
    """Tell what one request costs a worker, and how that grows with the library."""
    unit = "thousand steps" if database == "SQLite" else "thousand rows read"
    print(f"\nCPU of one request, and {unit}, with {times:g} times the publications:")
    for before, after in zip(few, many, strict=True):
        print(
            f"  {after.name:<30} {before.milliseconds:7.1f} to {after.milliseconds:7.1f} ms  "
            f"{before.work / 1000:7.0f} to {after.work / 1000:7.0f}  "
            f"{after.queries:3} queries  {after.bytes / KB:7.0f} kB"
        )


def search_targets(
    database: str, timings: dict[str, Timing], export: float, indexed: Indexed
) -> list[Target]:
    median, p95 = (30, 100) if database == "SQLite" else (60, 200)
    found = []
    for name in SEARCHES:
        found.append(Target(f"{name}, median", timings[name].median, median, "ms"))
        found.append(Target(f"{name}, p95", timings[name].p95, p95, "ms"))
    found.append(Target("Filtered list, median", timings[FILTERED].median, 30, "ms"))
    found += [Target(f"{name}, median", timings[name].median, 10, "ms") for name in SUGGESTIONS]
    found.append(Target("Export of all publications", export, 2, "s"))
    found += [Target(f"{name}, median", timings[name].median, 50, "ms") for name in PROGRAMME]
    found.append(Target(f"{CALENDAR}, median", timings[CALENDAR].median, 300, "ms"))
    found.append(Target("Indexing, time for 2,000 pages", 2000 / indexed.speed, 1, "s"))
    found.append(Target("Index, times the text", indexed.share, 1.5, "times"))
    return found


def targets(
    list_of_reviews: Timing,
    memory: Memory | None,
    first_pages: dict[str, Parts],
    taken_in: TakenIn,
) -> list[Target]:
    """Return what was promised beside what was measured; what could not be measured is left out."""
    found = [Target("List, median", list_of_reviews.median, 50, "ms")]
    if memory is not None:
        found.append(Target("Memory, RSS summed", memory.resident / MB, 150, "MB"))
        if memory.proportional is not None:
            found.append(Target("Memory, PSS summed", memory.proportional / MB, 150, "MB"))
    found += [
        Target("Taking in 100 pages", taken_in.seconds, 5, "s"),
        Target("Taking in, memory", taken_in.bytes / MB, 300, "MB"),
    ]
    found += [
        Target(f"First page ({name})", parts.total / KB, 60, "kB")
        for name, parts in first_pages.items()
    ]
    return found


def print_targets(targets: list[Target]) -> None:
    print()
    for target in targets:
        verdict = "holds" if target.holds else "MISSED"
        print(
            f"{target.name} < {target.below:g} {target.unit}: "
            f"{verdict} ({target.measured:.1f} {target.unit})"
        )
