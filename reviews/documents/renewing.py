"""Renewed findings: what this release finds in a file, beside what was settled in it before.

What was settled stays as it is where the same is found at the same place of the same bytes. Only
the rest is to be judged: other pages, or words that nobody has looked at.
"""

import re
from collections.abc import Iterable, Iterator

from django.db import transaction

from reviews.models import DocumentFile, Finding
from reviews.pdf.report import Found

# Where a detail of a finding on several pages stands (reviews.pdf.merging).
_PAGES = re.compile(r" \(pages? [\d–, and]+\)$")


def renew_findings(file: DocumentFile, found: Iterable[Found]) -> int:
    """Replace the findings of a file by what is found in it now; return how many are new."""
    every = list(found)
    with transaction.atomic():
        before = list(file.findings.select_for_update())
        settled = [one for one in before if one.is_accepted]
        kept = [one for one in settled if any(_overlap(one, now) for now in every)]
        known = {_key(one): one for one in before if not one.is_accepted}
        made: list[Finding] = []
        for now in every:
            for rest in _unsettled(now, settled):
                same = known.get(_key(rest))
                (made if same is None else kept).append(same or rest)
        file.findings.exclude(pk__in=[one.pk for one in kept]).delete()
        for one in made:
            one.file = file
        Finding.objects.bulk_create(made, batch_size=500)
    return len(made)


def _unsettled(found: Found, settled: Iterable[Finding]) -> Iterator[Finding]:
    """Yield what is found and was not settled: nothing, or a finding of the rest."""
    same = [one for one in settled if one.kind == found.check.value and _overlap(one, found)]
    places, details = _places(found), {_plain(detail) for detail in found.details}
    new_places = places - {place for one in same for place in _places(one)}
    new_details = details - {_plain(detail) for one in same for detail in one.details}
    if not new_places and not new_details:
        return
    if new_places and new_details:
        new_places, new_details = places, details
    pages = sorted(place for place in (new_places or places) if place)
    is_of_file = 0 in (new_places or places)
    wanted = new_details or details
    yield Finding(
        kind=found.check.value,
        page=None if is_of_file else pages[0],
        pages=pages if len(pages) > 1 or (is_of_file and pages) else [],
        details=[detail for detail in found.details if _plain(detail) in wanted],
    )


def _overlap(one: Finding, found: Found) -> bool:
    return one.kind == found.check.value and not _places(one).isdisjoint(_places(found))


def _places(one: Finding | Found) -> set[int]:
    """Return the pages of a finding; 0 is the file as such."""
    pages = one.pages or ([one.page] if one.page else [])
    return {*pages, *([] if one.page else [0])}


def _plain(detail: str) -> str:
    return _PAGES.sub("", detail)


def _key(one: Finding) -> tuple[object, ...]:
    return one.kind, one.page, tuple(one.pages), tuple(one.details)
