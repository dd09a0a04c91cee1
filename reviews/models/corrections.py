"""Corrections of the reading page: what staff put right in the text that was read from a PDF.

Of a page that is a picture, nothing was read, and a correction is what staff typed of it.

A correction is of one page of one file, so a new file has none of its own. It keeps the whole page
as staff left it. What readers see, what a search finds and what is exported is the row of the page
itself (``DocumentPage``), on which a correction lays its text; what was read stays beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q

from mscp.publishing import identifiers
from mscp.publishing.approvals import keeping, may_change_live
from mscp.publishing.pending import PendingChange, WithoutDraft
from mscp.records.history import because, history
from mscp.records.locking import lock_all
from mscp.records.saving import SaveOptions
from mscp.search.analysis import page_streams
from reviews.blocks import in_words, read_again, seen_text_of, text_of
from reviews.models.documents import (
    BATCH,
    Document,
    DocumentFile,
    DocumentPage,
    FileWords,
    WordsFrom,
    find_identifiers,
    keep_identifiers,
)
from reviews.models.publications import Publication
from reviews.pdf.report import pages_in_words

# Of text that is not typed into that form, such as that of a Word document.
ASKED_BY_THE_FORM = "Type it into the form of the page, which asks whether it may stand."


class PageCorrection(WithoutDraft):
    """What staff made of one page of a file; nothing, where they left it as it was read."""

    # Who may change documents may correct their pages.
    PERMISSIONS_OF = "reviews.Document"

    file = models.ForeignKey(DocumentFile, models.CASCADE, related_name="corrections")
    number = models.PositiveIntegerField("page")
    # As those of DocumentPage; ``read_from`` is the place, from 0, of what a block was among those
    # that were read. None: as it was read.
    blocks = models.JSONField("words of the page", null=True, blank=True)
    picture_alt = models.CharField(
        "what the picture of the page shows", max_length=500, blank=True, default="", db_default=""
    )
    words_from = models.CharField(
        "where the words are from",
        max_length=10,
        choices=WordsFrom,
        default=WordsFrom.PDF,
        db_default=WordsFrom.PDF,
    )

    history = history(goes_with_record=True)

    class Meta:
        verbose_name = "correction of a page"
        verbose_name_plural = "corrections of pages"
        ordering = ["number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["file", "number"],
                name="reviews_correction_once",
                violation_error_message="A colleague corrected this page meanwhile.",
            ),
            models.CheckConstraint(
                condition=Q(blocks__isnull=True, words_from=WordsFrom.PDF)
                | (Q(blocks__isnull=False) & ~Q(words_from=WordsFrom.PDF)),
                name="reviews_correction_has_source",
            ),
        ]

    def __str__(self) -> str:
        return f"Page {self.number} of {self.file.document}"

    # --- who must agree -------------------------------------------------------------------------

    def is_free(self) -> bool:
        """Return whether it leaves the page as it was read."""
        return self.blocks is None and not self.picture_alt

    def is_seen(self) -> bool:
        """Return whether readers see the file, or will by the clock. Within a transaction."""
        return any(one.state == "published" for one in _locked_publications(self.file_id))

    # --- saving -----------------------------------------------------------------------------------

    def save(self, **options: Unpack[SaveOptions]) -> None:
        """Save it, and lay it on its page."""
        with saving_corrections(self.file) as saved:
            if self.is_seen() and (left := self.new_identifiers()):
                sentence = f"{identifiers.in_words(left)} {ASKED_BY_THE_FORM}"
                raise ValidationError(sentence, code=identifiers.UNSETTLED)
            super().save(**options)
            page = DocumentPage.objects.filter(file=self.file_id, number=self.number).first()
            if page is not None and self.lay_on(page):
                page.save()
                saved.append(self)

    def lay_on(self, page: DocumentPage) -> bool:
        """Give a page, in memory, what this says; return whether that changes it."""
        before = (page.text, page.blocks, page.picture_alt, page.words_from)
        read = page.as_read or {"text": page.text, "blocks": page.blocks}
        if self.blocks is None:
            page.as_read, page.corrected_at = None, None
            page.text, page.blocks = read["text"], read["blocks"]
        else:
            page.as_read, page.corrected_at = read, self.updated_at
            page.text, page.blocks = text_of(self.blocks), self.blocks
        page.picture_alt, page.words_from = self.picture_alt, self.words_from
        return before != (page.text, page.blocks, page.picture_alt, page.words_from)

    # --- what it says -----------------------------------------------------------------------------

    def new_identifiers(self) -> list[identifiers.Standing]:
        """Return the identifiers that it would put on its page, if nobody settled them.

        What stands in the file already is not asked about.
        """
        page = DocumentPage.objects.filter(file=self.file_id, number=self.number).first()
        if page is None:
            return []
        blocks = page.blocks_as_read if self.blocks is None else self.blocks
        said = page.text_as_read if self.blocks is None else text_of(blocks)
        document = self.file.document
        name = f"“{document}”, page {self.number}" if document else f"page {self.number}"
        text = seen_text_of(said, blocks, self.picture_alt)
        found = identifiers.standing_in([identifiers.PublicText(name, text)])
        if not found:
            return []
        known = {(one.kind, one.value) for one in self.file.standing_identifiers("")}
        new = [one for one in found if (one.kind, one.value) not in known]
        publication = document.publication if document else None
        owners = publication.identifier_owners() if publication else []
        return identifiers.unsettled(new, lambda: [identifiers.owner_of(self.file), *owners])

    @property
    def blocks_as_text(self) -> str:
        """Return the words for staff who compare two versions."""
        blocks = self.blocks
        if blocks is None and self.file_id:
            page = DocumentPage.objects.filter(file=self.file_id, number=self.number).first()
            blocks = page.blocks_as_read if page else None
        return "As it was read from the PDF." if blocks is None else in_words(blocks)


# The corrections saved so far of each file of which several are being saved in this thread.
_being_saved: ContextVar[Mapping[int, list[PageCorrection]]] = ContextVar(
    "corrections_being_saved", default=MappingProxyType({})
)


@contextmanager
def saving_corrections(file: DocumentFile) -> Iterator[list[PageCorrection]]:
    """Save the words of a file, and its documents, once: after the corrections of all its pages.

    Yield the list that the corrections which change something are added to.
    """
    others = _being_saved.get()
    if file.pk in others:
        with transaction.atomic():
            yield others[file.pk]
        return
    saved: list[PageCorrection] = []
    token = _being_saved.set({**others, file.pk: saved})
    try:
        with transaction.atomic(), ExitStack() as approvals:
            publications = _locked_publications(file.pk)
            for one in publications if may_change_live() else ():
                # If somebody confirmed it, two people stand for it as for the rest.
                approvals.enter_context(keeping(one.kind_model._base_manager.get(pk=one.pk)))
            yield saved
            if saved:
                keep_words(file)
                _tell_documents(file, saved)
    finally:
        _being_saved.reset(token)


def _locked_publications(file: int) -> list[Publication]:
    """Lock what has a file as it is now, so that nobody publishes it meanwhile."""
    keys = Document.objects.filter(file=file).values("publication")
    return lock_all(Publication._base_manager.filter(pk__in=keys))


def _tell_documents(file: DocumentFile, saved: Sequence[PageCorrection]) -> None:
    """Save the documents of a file: their content changed, with an entry in their history."""
    last = saved[-1]
    what = "Correction taken back" if all(one.is_free() for one in saved) else "Corrected"
    pages = pages_in_words(one.number for one in saved)
    for document in Document.objects.filter(file=file):
        document.updated_by = last.updated_by
        if hasattr(last, "_history_user"):
            document._history_user = last._history_user  # type: ignore[attr-defined]
        because(document, f"{what}: the words of {pages}").save()


def keep_words(file: DocumentFile) -> None:
    """Save the terms of all pages of a file, and the identifiers that stand on them."""
    pages = list(file.text_pages.order_by("number"))
    words = FileWords.objects.filter(file=file)
    streams = page_streams(page.text for page in pages)
    if not words.update(words=streams):
        FileWords.objects.create(file=file, words=streams)
    _keep_whether_typed(file, (page.text for page in pages))
    keep_identifiers(find_identifiers(file, ((page.number, page.seen_text) for page in pages)))


def _keep_whether_typed(file: DocumentFile, texts: Iterable[str]) -> None:
    """Save whether a file without text of its own has words that staff typed."""
    is_typed = not file.has_text and any(map(str.strip, texts))
    if is_typed != file.is_typed:
        file.is_typed = is_typed
        file.save(update_fields=["is_typed"])


def keep_pages(file: DocumentFile, pages: Iterable[tuple[str, Sequence[object]]]) -> None:
    """Save the pages of a file, each as text and blocks, with their terms.

    Earlier ones are replaced; what staff corrected in them stays corrected.
    """
    corrections = list(file.corrections.all())
    rows = file.text_pages.filter(number__in=[one.number for one in corrections])
    before = {page.number: page.blocks_as_read for page in rows}
    file.text_pages.all().delete()
    FileWords.objects.filter(file=file).delete()
    kept = [
        DocumentPage(file=file, number=number, text=text, blocks=blocks)
        for number, (text, blocks) in enumerate(pages, 1)
    ]
    by_number = {page.number: page for page in kept}
    for correction in corrections:
        if page := by_number.get(correction.number):
            if correction.blocks is not None:
                read = before.get(correction.number, [])
                correction.blocks = read_again(correction.blocks, read, page.blocks)
                # Not a change of what it says.
                PageCorrection.objects.filter(pk=correction.pk).update(blocks=correction.blocks)
            correction.lay_on(page)
    DocumentPage.objects.bulk_create(kept, batch_size=BATCH)
    FileWords.objects.create(file=file, words=page_streams(page.text for page in kept))
    _keep_whether_typed(file, (page.text for page in kept))
    keep_identifiers(find_identifiers(file, ((page.number, page.seen_text) for page in kept)))


def forget_pending(sender: object, instance: Any, **kwargs: object) -> None:
    """Delete what was asked for with a correction that is deleted with its file.

    Of what was decided the names stay, and no word of the page.
    """
    changes = PendingChange.objects.to(instance)
    changes.open().delete()
    changes.update(values={})
