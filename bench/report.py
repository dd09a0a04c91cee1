"""Report of the measurements in Markdown. Numbers are decimal: a kB is 1000 bytes."""

import os
import platform
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.client import UNCOMPRESSED, Load
from bench.compare import CONNECTIONS, Comparison, Measured, Times
from bench.cost import Cost
from bench.filled import Filling
from bench.first_page import Parts
from bench.memory import Memory
from bench.own_site import ROOT
from bench.pages import CACHED, LIST, LIST_AS_SENT

KB = 1000
MB = 1000 * 1000
MISSED = "**✗**"
# How much more the larger library may cost, by key of the page: times that of the smaller.
MOST_GROWTH = {
    (10_000, 100_000): {"list": 2, "type-year": 2, "review": 2, "search": 2},
    (1_000, 100_000): {"review": 1.5, "report": 1.5, "learning": 1.5, "course": 1.5},
}
HEADINGS = (
    "page",
    "cached",
    "asked",
    "first time",
    "asked",
    "ms: cached",
    "first",
    "CPU: cached",
    "first",
    f"{CONNECTIONS} at once: cached",
    "first",
    "kB: plain",
    "gzip",
    "br",
)


def table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a table, of which the first row is the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = tuple(
        "-" * width if n == 0 else "-" * (width - 1) + ":" for n, width in enumerate(widths)
    )
    for row in (rows[0], rule, *rows[1:]):
        cells = (
            f"{cell:<{width}}" if n == 0 else f"{cell:>{width}}"
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"| {' | '.join(cells)} |"


def machine(databases: list[str]) -> str:
    """Describe the machine, the versions and the load."""
    load = f"load {os.getloadavg()[0]:.1f} at the start."
    return f"Commit {_commit()}; {hardware(databases)}; {load}"


def hardware(databases: list[str]) -> str:
    return (
        f"{_processor()}, {os.cpu_count()} cores, {_memory()}, "
        f"{platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, {', '.join(databases)}"
    )


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB"


def comparison(
    found: Comparison, filling: Filling, database: str, kind: str, memory: Memory | None
) -> Iterator[str]:
    texts = f"{filling.pages} pages each" if filling.pages else "titles and summaries only"
    yield f"### {database}, {filling.reviews:,} reviews, {texts}"
    yield ""
    yield (
        f"Bare page of 26 kB: {found.bare.median:.2f} ms (p95 {found.bare.p95:.2f}), of the "
        f"processor {median(found.bare.processor):.2f}; {_load(found.bare.load)} ms, at "
        f"{CONNECTIONS} connections. Smallest Django list view: {_times(found.smallest)}, of the "
        f"processor {_processor_ratio(found.smallest, found.bare)}. {_memory_used(memory)}"
    )
    yield ""
    yield from table([HEADINGS, *(_row(one, kind, found.bare) for one in found.pages)])
    yield from _said(found.pages)


def further(found: Comparison) -> Iterator[str]:
    """Report the pages without a target, and those measured at one size."""
    head = tuple(heading for heading in HEADINGS if heading != "asked")
    rows = [_row(one, "", found.bare) for one in found.pages]
    yield from table([head, *((*row[:2], row[3], *row[5:]) for row in rows)])


def _row(one: Measured, kind: str, bare: Times) -> tuple[str, ...]:
    asked = one.page.asked.get(kind)
    plain, gzip, br = (one.sizes[accepting] for accepting in (UNCOMPRESSED, "gzip", "br"))
    too_large = one.page.key == LIST and gzip > LIST_AS_SENT * KB
    return (
        one.page.name,
        _times(one.cached),
        _asked(one.cached.ratio, CACHED if asked else None),
        _times(one.first),
        _asked(one.first.ratio, asked),
        f"{one.cached.median:.1f} (p95 {one.cached.p95:.1f})",
        f"{one.first.median:.1f} (p95 {one.first.p95:.1f})",
        _processor_ratio(one.cached, bare),
        _processor_ratio(one.first, bare),
        _load(one.cached.load),
        _load(one.first.load),
        f"{plain / KB:.1f}",
        f"{gzip / KB:.1f}" + (f" {MISSED}" if too_large else ""),
        f"{br / KB:.1f}",
    )


def _times(times: Times) -> str:
    return f"{times.ratio:.1f}× ±{times.noise:.1f}"


def _asked(ratio: float, asked: float | None) -> str:
    if asked is None:
        return "–"
    return f"≤ {asked:g}×" + (f" {MISSED}" if ratio > asked else "")


def _processor_ratio(times: Times, bare: Times) -> str:
    least = median(bare.processor)
    return f"{median(times.processor) / least:.1f}×" if least else "–"


def _load(load: Load | None) -> str:
    return f"{load.per_second:.0f}/s, p95 {load.p95:.0f}" if load else "–"


def _memory_used(memory: Memory | None) -> str:
    if memory is None:
        return "Memory is not measured, since this system has no /proc."
    shared = f", PSS {memory.proportional / MB:.0f} MB" if memory.proportional else ""
    return (
        f"Memory of master and workers after all that: RSS {memory.resident / MB:.0f} MB{shared}."
    )


def _said(pages: list[Measured]) -> Iterator[str]:
    """Report the Server-Timing of the responses, so that "cached" can be believed."""
    for what, timings in (
        ("cached", [one.cached for one in pages]),
        ("first time", [one.first for one in pages]),
    ):
        server_timings = sum(
            (times.server_timings for times in timings), type(timings[0].server_timings)()
        )
        if server_timings:
            summary = ", ".join(
                f"`{text}` {number} times" for text, number in server_timings.most_common(3)
            )
            yield ""
            yield f"Server-Timing of *{what}*: {summary}."


def growth(found: dict[int, Comparison], database: str) -> Iterator[str]:
    """Report the cost of larger libraries: as multiples of the smaller one's ratio."""
    sizes = sorted(found)
    if len(sizes) < 2:
        return
    pairs = [(a, b) for a, b in ((1_000, 10_000), *MOST_GROWTH) if a in found and b in found]
    pairs = pairs or [(sizes[0], sizes[-1])]
    by_key = {size: {one.page.key: one for one in found[size].pages} for size in sizes}
    yield f"### {database}, growth of *first time*"
    yield ""
    head = ("page", *(f"{few:,} → {many:,}" for few, many in pairs))
    rows = [head]
    for key, one in by_key[sizes[0]].items():
        cells = [one.page.name]
        for few, many in pairs:
            if key not in by_key[few] or key not in by_key[many]:
                cells.append("–")
                continue
            times = by_key[many][key].first.ratio / by_key[few][key].first.ratio
            most = MOST_GROWTH.get((few, many), {}).get(key)
            mark = f" (≤ {most:g}{f' {MISSED}' if times > most else ''})" if most else ""
            cells.append(f"{times:.2f}{mark}")
        rows.append(tuple(cells))
    yield from table(rows)


@dataclass(frozen=True)
class TakenIn:
    """A PDF that was read, checked and stored."""

    pages: int
    seconds: float
    bytes: int
    """The most memory of all processes together."""


@dataclass(frozen=True)
class Indexed:
    """The rebuilt index of all publications."""

    pages: int
    seconds: float
    bytes: int
    text_bytes: int


@dataclass(frozen=True)
class Phrase:
    """Searches for a phrase beside those for one of its words, in ms of the processor."""

    what: str
    found: float
    """By a phrase."""
    index: tuple[float, float]
    """Of the word and of the phrase, by the index alone."""
    page: tuple[float, float]
    """The same, by the page of a search."""


def costs(
    database: str, few: int, many: int, before: list[Cost], after: list[Cost]
) -> Iterator[str]:
    """Report what one request costs a worker, and how that grows with the library."""
    unit = "thousand steps" if database.startswith("SQLite") else "thousand rows read"
    yield f"### {database}, cost of one request without a server: {few:,} → {many:,} reviews"
    yield ""
    rows = [("page", "CPU, ms", unit, "queries", "kB")]
    for one, other in zip(before, after, strict=True):
        rows.append(
            (
                one.name,
                f"{one.milliseconds:.1f} → {other.milliseconds:.1f}",
                f"{one.work / 1000:.0f} → {other.work / 1000:.0f}",
                f"{one.queries} → {other.queries}",
                f"{other.bytes / KB:.0f}",
            )
        )
    yield from table(rows)


def the_rest(
    database: str,
    taken_in: TakenIn,
    indexed: Indexed,
    phrases: Iterable[Phrase],
    exported: list[float],
    first: dict[str, Parts],
) -> Iterator[str]:
    yield f"### {database}, beside the pages"
    yield ""
    rows = [("what", "measured", "asked")]
    rows.append(
        (
            f"taking in a PDF of {taken_in.pages} pages",
            f"{taken_in.seconds:.1f} s, {taken_in.bytes / MB:.0f} MB",
            _below(taken_in.seconds, 5, "s") + ", " + _below(taken_in.bytes / MB, 300, "MB"),
        )
    )
    speed, share = indexed.pages / indexed.seconds, indexed.bytes / indexed.text_bytes
    rows.append(
        (
            f"index of {indexed.pages:,} pages, built again",
            f"{indexed.seconds:.1f} s, {speed:,.0f} pages/s, {share:.2f} × the text",
            _below(2000 / speed, 1, "s for 2,000") + ", " + _below(share, 1.8, "×"),
        )
    )
    for one in phrases:
        (word, phrase), (word_page, phrase_page) = one.index, one.page
        rows.append(
            (
                f"{one.what} beside one word, CPU; a phrase finds {one.found:.0f}",
                f"page {phrase_page / word_page:.1f} × ({word_page:.1f}, {phrase_page:.1f} ms), "
                f"index alone {word:.1f}, {phrase:.1f} ms",
                _below(phrase_page / word_page, 2, "×"),
            )
        )
    rows.append(
        (
            "export of all publications as CSV",
            f"{median(exported):.2f} s",
            _below(median(exported), 2, "s"),
        )
    )
    for name, parts in first.items():
        rows.append(
            (
                f"first visit ({name}): all as sent",
                f"{parts.total / KB:.1f} kB: HTML {parts.html / KB:.1f}, CSS {parts.css / KB:.1f}, "
                f"JS {parts.js / KB:.1f}, images {parts.images / KB:.1f}",
                _below(parts.total / KB, 60, "kB"),
            )
        )
    yield from table(rows)


def _below(measured: float, most: float, unit: str) -> str:
    return f"< {most:g} {unit}" + ("" if measured < most else f" {MISSED}")
