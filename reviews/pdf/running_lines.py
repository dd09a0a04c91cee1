"""Running headers and footers, which are no part of the text."""

import re
from collections import Counter, defaultdict
from typing import NamedTuple

from reviews.pdf.body import HEADING_ROLES, LARGER, Body
from reviews.pdf.footnotes import labels_of
from reviews.pdf.lines import Line

_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"^\W*[ivxlc]+\W*$|(?<=\bpage )[ivxlc]+\b")
_PAGE_NUMBER = re.compile(r"[^\w#]*(?:page[^\w#]*)?#(?:[^\w#]*(?:of[^\w#]*)?#)?[^\w#]*")
_RUNNING_LENGTH = 200
# Shares of the page's height. In the outer margin any line may be a running one; further in, up to
# the edge zone, only one no larger or bolder than the text: headings occur there too.
_OUTER_MARGIN = 0.08
_EDGE_ZONE = 0.13
_SAME_HEIGHT = 5.0
# As a multiple of the size of the text: larger is the number of a chapter.
_LARGEST_NUMBER = 2.0
_TITLE_LENGTH = 80
# The share of slides on which large words at the top are no title.
_MOST_SLIDES = 0.5
_NEVER_RUNNING = frozenset({"Note", "TH", "TD"})


class _Sighting(NamedTuple):
    """One line near the top or bottom of one page."""

    page: int
    line: int
    # Points between the line and the edge of the page.
    distance: float
    numbers: tuple[int, ...]
    plain: bool
    is_note: bool
    # Whether it is set as the title of a slide.
    is_title: bool


def without_running_lines(
    sizes: list[tuple[float, float]], lines: list[list[Line]], body: Body
) -> list[list[Line]]:
    """Return the lines of each page without its running ones; sizes are those of the pages."""
    sightings: dict[tuple[bool, str | int], list[_Sighting]] = defaultdict(list)
    for index, (width, height) in enumerate(sizes):
        labels = labels_of(lines[index], body)
        for number, line in enumerate(lines[index]):
            if not (line.placed and 0 < height < 20_000) or len(line.text) > _RUNNING_LENGTH:
                continue
            # What tags call a note or a cell is text, whatever it looks like.
            if line.role in _NEVER_RUNNING:
                continue
            at_top = (line.top + line.bottom) / 2 < height / 2
            distance = line.top if at_top else height - line.bottom
            pattern = _pattern_of(line.text)
            if _may_run(line, pattern, distance / height, body):
                numbers = tuple(int(found) for found in re.findall(r"[0-9]{1,6}", line.text))
                sighting = _Sighting(
                    page=index,
                    line=number,
                    distance=distance,
                    numbers=numbers,
                    plain=_is_plain(line, body),
                    is_note=bool(labels[number]),
                    is_title=at_top and width > height and line.size > LARGER * body.size,
                )
                sightings[at_top, pattern].append(sighting)
                if sighting.plain and numbers and _is_title_with_number(pattern):
                    sightings[at_top, numbers[-1] - index].append(sighting)
    enough = max(2, min(3, (len(sizes) + 1) // 2))
    running: set[tuple[int, int]] = set()
    heights_of = [(key, own) for key, seen in sightings.items() for own in _heights(seen)]
    for (_, key), seen in heights_of:
        level = _at_one_height(seen)
        if sum(each.is_note for each in level) > len(level) / 2:
            continue
        # Slides in a row may have one title; the name of their maker stands on most.
        if all(each.is_title for each in level) and len(level) < _MOST_SLIDES * len(sizes):
            continue
        in_runs = _in_runs(level, enough)
        if isinstance(key, int) or not (in_runs or _are_alike(level)):
            level = in_runs
        if not all(each.plain for each in level) and _PAGE_NUMBER.fullmatch(str(key)):
            level = _numbered_alike(level)
        if len({each.page for each in level}) >= enough and (
            isinstance(key, int) or _PAGE_NUMBER.fullmatch(key) or _counts_pages(level)
        ):
            running.update((each.page, each.line) for each in level)
    return [
        [line for number, line in enumerate(page) if (index, number) not in running]
        for index, page in enumerate(lines)
    ]


def _is_title_with_number(pattern: str) -> bool:
    """Return whether it is little but a page number at the end.

    The titles of short chapters change, the number beside them continues. The last number of a
    footnote ("paragraph 42") may also be that of the page before and two more by chance.
    """
    return pattern.endswith("#") and pattern.count("#") == 1 and len(pattern) <= _TITLE_LENGTH


def _are_alike(seen: list[_Sighting]) -> bool:
    return len({each.numbers for each in seen}) == 1


def _in_runs(seen: list[_Sighting], enough: int) -> list[_Sighting]:
    """Return those on so many pages in a row, or on every second page."""
    kept: list[_Sighting] = []
    run: list[_Sighting] = []
    for each in sorted(seen):
        if run and each.page - run[-1].page > 2:
            kept += run if len({one.page for one in run}) >= enough else []
            run = []
        run.append(each)
    return kept + (run if len({one.page for one in run}) >= enough else [])


def _numbered_alike(seen: list[_Sighting]) -> list[_Sighting]:
    """Return those whose number goes on with that of another page.

    What is set as a heading may be the number of a chapter, which does not count pages.
    """
    offsets = Counter(each.numbers[0] - each.page for each in seen if each.numbers)
    return [each for each in seen if not each.numbers or offsets[each.numbers[0] - each.page] > 1]


def _may_run(line: Line, pattern: str, share: float, body: Body) -> bool:
    if share < _OUTER_MARGIN:
        return True
    if share >= _EDGE_ZONE:
        return False
    is_number = _PAGE_NUMBER.fullmatch(pattern) is not None
    return _is_plain(line, body) or (is_number and line.size < _LARGEST_NUMBER * body.size)


def _is_plain(line: Line, body: Body) -> bool:
    """Return whether it is not set as a heading."""
    if line.role in HEADING_ROLES:
        return False
    bold = line.bold and not body.bold
    return line.size < body.size * (0.95 if bold else LARGER)


def _pattern_of(text: str) -> str:
    return _NUMBER.sub("#", _ROMAN.sub("#", text.casefold()))


def _heights(seen: list[_Sighting]) -> list[list[_Sighting]]:
    """Return the sightings in groups: left and right pages may have theirs at two heights."""
    groups: list[list[_Sighting]] = []
    for each in sorted(seen, key=lambda one: one.distance):
        if groups and each.distance - groups[-1][-1].distance <= _SAME_HEIGHT:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def _at_one_height(seen: list[_Sighting]) -> list[_Sighting]:
    middle = sorted(each.distance for each in seen)[len(seen) // 2]
    return [each for each in seen if abs(each.distance - middle) <= _SAME_HEIGHT]


def _counts_pages(seen: list[_Sighting]) -> bool:
    """Return whether the numbers in the line never change, or one changes with the page number.

    "Recommendation 4" and "Recommendation 7" at the top of two pages are text, and so is what is
    set as a heading.
    """
    if _are_alike(seen):
        return True
    return all(each.plain for each in seen) and any(
        len({each.numbers[place] - each.page for each in seen}) == 1
        for place in range(min(len(each.numbers) for each in seen))
    )
