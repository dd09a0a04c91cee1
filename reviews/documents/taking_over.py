"""Corrections of the file before, taken over one by one where a new file has the same block.

Of a scan nothing was read: the words typed for a page are offered for the page of the same number.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef
from django.utils.safestring import SafeString

from mscp.text.word_diff import marked
from reviews.blocks import in_words, says, without_places
from reviews.models import DocumentFile, DocumentPage, PageCorrection, WordsFrom

# What of a correction a block of another file cannot have: where it stood in its own.
_OF_ITS_FILE = {"read_from", "area"}


@dataclass(frozen=True)
class Correctable:
    """What was corrected in a file, and where a later file has the same: a block, or a whole page
    of which all words were typed.
    """

    key: str
    old_page: int
    read: Any
    """The block as it was read; None if staff added it."""
    corrected: Any
    """As it was corrected; None if it was left out."""
    page: int | None = None
    """The page of the later file that has the block; None if none has, or several have."""
    place: int = 0
    is_done: bool = False
    """Whether the later file says the same already, or was corrected there otherwise."""
    typed: Sequence[Any] = ()
    """Of a page that is a picture, the blocks that were typed."""

    @property
    def can_be_taken(self) -> bool:
        return self.page is not None and not self.is_done

    @property
    def marked(self) -> SafeString:
        if self.typed:
            return marked("", in_words(self.typed))
        texts = [in_words([block]) if block else "" for block in (self.read, self.corrected)]
        return marked(*texts)


class Earlier(NamedTuple):
    """What was corrected in the last file before one."""

    file: DocumentFile
    blocks: list[Correctable]


def earlier_corrections(file: DocumentFile) -> Earlier | None:
    """Return the corrections of the last version of the document before this one that has some."""
    last = earlier_file(file)
    return Earlier(last, list(_corrected_in(last, file))) if last else None


def earlier_file(file: DocumentFile) -> DocumentFile | None:
    """Return the last version of the document before this one that was corrected."""
    corrected = PageCorrection.objects.filter(file=OuterRef("pk"), blocks__isnull=False)
    others = DocumentFile.objects.filter(Exists(corrected), document=file.document_id)
    others = others.exclude(document=None).filter(pk__lt=file.pk)
    return others.order_by("-pk").first()


def _corrected_in(old: DocumentFile, new: DocumentFile) -> Iterator[Correctable]:
    corrections = list(old.corrections.exclude(blocks__isnull=True))
    numbers = [one.number for one in corrections]
    pages = {page.number: page for page in old.text_pages.filter(number__in=numbers)}
    new_pages = {page.number: page for page in new.text_pages.all()}
    places = _places(new_pages.values())
    for correction in corrections:
        page = pages.get(correction.number)
        if page and correction.words_from == WordsFrom.TYPED and not page.text_as_read.strip():
            yield _typed(correction, new_pages.get(correction.number))
            continue
        for number, (read, corrected) in enumerate(_changes(page, correction) if page else ()):
            key = f"{correction.number}-{number}"
            found = places.get((read["kind"], says(read)), []) if read else []
            same_page = [one for one in found if one[0].number == correction.number]
            chosen = same_page if len(same_page) == 1 else found
            if len(chosen) != 1:
                yield Correctable(key, correction.number, read, corrected)
                continue
            new_page, place = chosen[0]
            yield Correctable(
                *(key, correction.number, read, corrected, new_page.number, place),
                is_done=not _is_as_read(new_page, place),
            )


def _typed(correction: PageCorrection, page: DocumentPage | None) -> Correctable:
    """Return the words of a page that is a picture, for the same page of a later file."""
    number = correction.number
    is_picture = page is not None and not page.text_as_read.strip()
    return Correctable(
        *(f"{number}-typed", number, None, None, number if is_picture else None),
        is_done=page is not None and page.as_read is not None,
        typed=correction.blocks or (),
    )


def _changes(page: DocumentPage, correction: PageCorrection) -> Iterator[tuple[Any, Any]]:
    """Yield each block that a correction changed, as it was read and as it is."""
    read = page.blocks_as_read
    kept = set()
    for block in correction.blocks or ():
        place = block.get("read_from")
        if place is None or place >= len(read):
            yield None, block
            continue
        kept.add(place)
        if {**read[place], "read_from": place} != block:
            yield read[place], block
    for place, block in enumerate(read):
        if place not in kept:
            yield block, None


def _places(pages: Iterable[DocumentPage]) -> dict[tuple[str, str], list[tuple[DocumentPage, int]]]:
    found: dict[tuple[str, str], list[tuple[DocumentPage, int]]] = {}
    for page in pages:
        for place, block in enumerate(page.blocks_as_read):
            found.setdefault((block["kind"], says(block)), []).append((page, place))
    return found


def _is_as_read(page: DocumentPage, place: int) -> bool:
    if page.as_read is None:
        return True
    return any(
        block.get("read_from") == place and _same(block, page.blocks_as_read[place])
        for block in page.blocks
    )


def _same(block: Any, read: Any) -> bool:
    own = {key: value for key, value in block.items() if key != "read_from"}
    return bool(own == read)


def take_over(
    correction: PageCorrection, page: DocumentPage, wanted: Iterable[Correctable]
) -> None:
    """Correct the blocks of a page, in memory, as those of the file before were."""
    wanted = list(wanted)
    for one in wanted:
        if one.typed:
            correction.blocks, correction.words_from = without_places(one.typed), WordsFrom.TYPED
            return
    read = page.blocks_as_read
    blocks = correction.blocks
    if blocks is None:
        blocks = [{**block, "read_from": place} for place, block in enumerate(read)]
    for one in wanted:
        made = []
        for block in blocks:
            if block.get("read_from") != one.place:
                made.append(block)
            elif one.corrected is not None:
                new = {name: v for name, v in one.corrected.items() if name not in _OF_ITS_FILE}
                own = {name: v for name, v in read[one.place].items() if name in _OF_ITS_FILE}
                made.append({**own, **new, "read_from": one.place})
        blocks = made
    correction.blocks, correction.words_from = blocks, WordsFrom.STAFF
