"""Merging of findings: one for each thing that must be judged, with all its pages."""

from collections.abc import Iterable

from reviews.pdf.report import TOGETHER, Check, Found, pages_in_words

# Details of a finding that speaks for the whole file.
MOST_DETAILS_TOGETHER = 40
# Of one that a person judges, who must see what it is.
MOST_DETAILS_JUDGED = 1000


def merged(found: Iterable[Found]) -> list[Found]:
    """Merge findings: those of one kind on a page, those of the kinds in TOGETHER, and equal ones.

    The most severe come in the order of Check, those of the file before those of its pages.
    """
    by_place = _by_place(list(found))
    together: dict[Check, list[Found]] = {}
    equal: dict[tuple[Check, tuple[str, ...], bool], list[Found]] = {}
    for one in by_place:
        if one.check in TOGETHER:
            together.setdefault(one.check, []).append(one)
        else:
            key = (one.check, tuple(one.details), one.page is None)
            equal.setdefault(key, []).append(one)
    result = [_together(check, group) for check, group in together.items()]
    result += [
        _on_pages(check, group, list(details)) for (check, details, _), group in equal.items()
    ]
    order = list(Check)
    return sorted(result, key=lambda one: (one.page or 0, order.index(one.check)))


def _by_place(found: list[Found]) -> list[Found]:
    """Merge findings of one kind on a page; in the order of the pages."""
    by_place: dict[tuple[Check, int | None], Found] = {}
    layered = {one.page for one in found if one.check is Check.HIDDEN_LAYER}
    for one in found:
        if one.check is Check.INVISIBLE_TEXT and one.page in layered:
            # What a layer hides is not painted either; that of a form cannot be distinguished.
            one.check = Check.HIDDEN_LAYER
        known = by_place.setdefault((one.check, one.page), Found(one.check, one.page))
        known.details += [detail for detail in one.details if detail not in known.details]
    return sorted(by_place.values(), key=lambda one: one.page or 0)


def _together(check: Check, group: list[Found]) -> Found:
    """Return one finding, each detail of which names its pages where they are not all the same."""
    places: dict[str, list[int]] = {}
    for one in group:
        for detail in one.details:
            places.setdefault(detail, []).extend([one.page] if one.page else [])
    alike = len({tuple(pages) for pages in places.values()}) < 2
    details = [
        detail if alike or not pages else f"{detail} ({pages_in_words(pages)})"
        for detail, pages in places.items()
    ]
    most = MOST_DETAILS_JUDGED if check is Check.OFF_PAGE_TEXT else MOST_DETAILS_TOGETHER
    more = len(details) - most
    rest = [f"and {more} more"] if more > 0 else []
    return _on_pages(check, group, details[:most] + rest)


def _on_pages(check: Check, group: list[Found], details: list[str]) -> Found:
    pages = [one.page for one in group if one.page]
    is_of_file = len(pages) < len(group)
    first = None if is_of_file else pages[0]
    return Found(check, first, details, pages if len(pages) > 1 or (is_of_file and pages) else [])
