"""Integrity check of stored files, and a new reading to repair them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count

from mscp.files.removal import remove_later
from mscp.files.storing import storing
from reviews.documents.intake import (
    UNREADABLE,
    covers_in,
    found_in,
    read,
    replace_pictures,
    work_folder,
)
from reviews.documents.renewing import renew_findings
from reviews.models import DocumentFile, DocumentPage, PagePicture, keep_pages


@dataclass(frozen=True)
class Problem:
    part: str
    sentence: str
    can_be_rebuilt: bool = False


AT_ONCE = 100


class Derived(NamedTuple):
    """What was derived from a file."""

    pages: int
    pictures: list[str]


def derived_from(files: Iterable[DocumentFile]) -> dict[int, Derived]:
    """Return what was derived from each of some files, by their keys. Two queries."""
    keys = [file.pk for file in files]
    counted = DocumentPage.objects.filter(file__in=keys).values("file").annotate(n=Count("pk"))
    pages = dict(counted.order_by().values_list("file", "n"))
    pictures: dict[int, list[str]] = {key: [] for key in keys}
    drawn = PagePicture.objects.filter(file__in=keys).values_list("file", "content")
    for key, name in drawn:
        pictures[key].append(name)
    return {key: Derived(pages.get(key, 0), pictures[key]) for key in keys}


def with_derived(files: Iterable[DocumentFile]) -> Iterator[tuple[DocumentFile, Derived]]:
    """Yield files with what was derived from each, which is asked of many at once."""
    files = iter(files)
    while some := list(islice(files, AT_ONCE)):
        derived = derived_from(some)
        yield from ((file, derived[file.pk]) for file in some)


def problems_of(file: DocumentFile, derived: Derived | None = None) -> list[Problem]:
    """Return what is wrong with a file: it or something derived from it is missing or changed.

    ``derived`` is what was read of many files at once. What was read a while ago may have changed
    since, so no problem is reported by it alone.
    """
    if derived is None:
        return _problems_of(file, derived_from([file])[file.pk])
    return _problems_of(file, derived) and problems_of(file)


def _problems_of(file: DocumentFile, derived: Derived) -> list[Problem]:
    stored = file.stored_sha256()
    if stored is None:
        return [Problem("file", "the file is missing; restore it from a backup or send it again.")]
    if stored != file.sha256:
        return [
            Problem(
                "file",
                "the file is not the one that was taken in; restore it or send it again.",
            )
        ]
    problems = []
    if derived.pages != file.pages:
        problems.append(Problem("text", "the text of some pages is missing.", can_be_rebuilt=True))
    covers = (file.cover.name, file.large_cover.name)
    if not all(name and default_storage.exists(name) for name in covers):
        problems.append(Problem("cover", "the cover is missing.", can_be_rebuilt=True))
    if not all(default_storage.exists(name) for name in derived.pictures):
        problems.append(
            Problem("pictures", "the pictures of some pages are missing.", can_be_rebuilt=True)
        )
    return problems


def rebuild(file: DocumentFile, *, with_findings: bool = False) -> int:
    """Read a file again for its text, cover and pictures. Raises ValidationError.

    Its findings stay, or become those of this release; return how many of these are new. What was
    settled in them stays settled: the file is the same.
    """
    new = 0
    with work_folder() as folder:
        with file.content.open("rb") as stored:
            reading = read(stored, folder)
        if len(reading.pages) != file.pages:
            raise ValidationError(UNREADABLE)
        old = [str(field.name) for field in (file.cover, file.large_cover) if field.name]
        with storing(covers_in(folder, file)), transaction.atomic():
            keep_pages(file, ((page.text, page.blocks) for page in reading.pages))
            file.save()
            if with_findings:
                new = renew_findings(file, found_in(file, reading))
        replace_pictures(file, folder)
        remove_later(default_storage, *old)
    return new
