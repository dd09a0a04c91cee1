"""Pages of staff on which the text of a document is put right, page by page."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from mscp.editing.admin import KEY
from mscp.editing.autosave import taken_back
from mscp.editing.identifiers import CONFIRMED
from mscp.editing.pending import ASKED, WithoutDraftAdmin, address_of
from mscp.editing.pending_mail import tell_of_request
from mscp.files.sizes import attributes
from mscp.models import PendingChange
from mscp.publishing import approvals
from mscp.publishing.identifiers import Standing, owner_of, settle
from mscp.publishing.pending import ask, needs_second
from mscp.records.audit import set_author
from mscp.records.history import because
from mscp.records.locking import lock
from mscp.records.moments import moment_in_words
from mscp.text.word_diff import marked
from reviews.blocks import Compared, in_words
from reviews.documents.correcting import KINDS, CorrectionForm
from reviews.documents.permissions import may_settle
from reviews.documents.report_links import correction_address, report_address
from reviews.documents.taking_over import Correctable, earlier_corrections, earlier_file, take_over
from reviews.documents.word_pages import MOST, differing, on_pages, read_word
from reviews.models import Document, DocumentFile, DocumentPage, PageCorrection, WordsFrom
from reviews.models.corrections import saving_corrections

# Of the versions of a correction, so many are shown.
MOST_VERSIONS = 12
NOTHING_CHANGED = "Nothing was changed, so nothing was saved."
TO_LET_STAND = (
    "Readers would see what tells who somebody is. Take it out, or tick below the text that it may "
    "stand."
)


# The signature of text that was read from a Word document and looked at, and how long it is good.
MADE = "reviews.documents.from_word"
GOOD_FOR = timedelta(hours=12)


class WordPage(NamedTuple):
    """The text of one page from a Word document, and how it differs from the PDF."""

    number: int
    text: str
    compared: Compared

    @property
    def is_same(self) -> bool:
        return not any(self.compared)


class Version(NamedTuple):
    """What a page said at one time, and who wrote it."""

    key: str
    who: str
    when: str
    marked: SafeString
    """What was changed then."""
    is_now: bool


def page_of(file: DocumentFile, number: int) -> DocumentPage:
    """Return a page of a file. Raises Http404."""
    # No database accepts every number.
    page = file.text_pages.filter(number=number).first() if number <= file.pages else None
    if page is None:
        raise Http404
    return page


def correction_of(file: DocumentFile, number: int) -> PageCorrection | None:
    return file.corrections.select_related("updated_by").filter(number=number).first()


def save_correction(request: HttpRequest, correction: PageCorrection) -> PendingChange | None:
    """Save a locked correction, or ask for it where a second person must confirm it."""
    if needs_second(correction):
        change = ask(correction, request.user)
        tell_of_request(request, change)
        return change
    set_author(correction, request.user)
    correction.save()
    return None


def in_sight(document: Document, file: DocumentFile, form: CorrectionForm) -> list[Standing]:
    """Return the identifiers that a form would show readers as soon as it is saved or confirmed."""
    if document.publication.state != "published" or not file.is_current:
        return []
    made = PageCorrection(
        file=file, number=form.page.number, blocks=form.blocks(), picture_alt=form.picture_alt
    )
    return made.new_identifiers()


def locked_correction(file: DocumentFile, number: int) -> PageCorrection:
    """Return the correction of a page, which may say nothing yet, with its row locked."""
    correction, _ = PageCorrection.objects.get_or_create(file=file, number=number)
    return lock(correction) or correction


class CorrectsPages:
    """Mixin of the admin of files: pages on which staff correct the text of each."""

    admin_site: admin.AdminSite

    def _correctable(self, request: HttpRequest, uid: UUID) -> tuple[DocumentFile, Document]:
        """Return a file of a document whose text this person may correct."""
        file: DocumentFile = self._file(request, uid)  # type: ignore[attr-defined]
        if file.document is None:
            raise Http404
        if not may_settle(request.user, file):
            raise PermissionDenied
        return file, file.document

    # --- one page ---------------------------------------------------------------------------------

    def correct(self, request: HttpRequest, uid: UUID, number: int) -> HttpResponse:
        """Show the form of a page, and save what was typed into it."""
        file, document = self._correctable(request, uid)
        page, correction = page_of(file, number), correction_of(file, number)
        others = file.text_pages.filter(number__in=(number - 1, number + 1))
        texts = {other.number: other.text_as_read for other in others}
        around = (texts.get(number - 1, ""), texts.get(number + 1, ""))
        if request.method != "POST":
            typed = taken_back(request)
            form = CorrectionForm(
                page, correction, typed if "block" in typed else None, around=around
            )
            return self._form_page(request, document, file, form, correction)
        form = CorrectionForm(page, correction, request.POST, around=around)
        if form.press(request.POST.get("press", "")):
            return self._form_page(request, document, file, form, correction)
        if not form.check():
            return self._form_page(request, document, file, form, correction, status=400)
        if form.is_conflict:
            return self._form_page(request, document, file, form, correction, status=409)
        if not form.is_agreed:
            form.errors.append("Look at the words below the text, and tick that they are right.")
            return self._form_page(request, document, file, form, correction, status=400)
        form.in_sight = in_sight(document, file, form)
        if not form.may_stand:
            form.errors.append(TO_LET_STAND)
            return self._form_page(request, document, file, form, correction, status=400)
        return self._save(request, document, file, form)

    def _save(
        self, request: HttpRequest, document: Document, file: DocumentFile, form: CorrectionForm
    ) -> HttpResponse:
        number = form.page.number
        blocks = form.blocks()
        with transaction.atomic():
            correction = locked_correction(file, number)
            now = CorrectionForm(form.page, correction)
            if now.saved_state != form.opened_state:
                form.saved_state = now.saved_state
            else:
                changed = (blocks, form.picture_alt) != (correction.blocks, correction.picture_alt)
                correction.blocks, correction.picture_alt = blocks, form.picture_alt
                correction.words_from = form.words_from
                for one in form.in_sight:
                    settle(owner_of(file), one.kind, one.value, reason=CONFIRMED, user=request.user)
                try:
                    change = save_correction(request, correction) if changed else None
                except ValidationError as error:
                    form.errors += error.messages
        if form.is_conflict or form.errors:
            correction = correction_of(file, number)  # type: ignore[assignment]
            status = 409 if form.is_conflict else 400
            return self._form_page(request, document, file, form, correction, status=status)
        if not changed:
            messages.info(request, NOTHING_CHANGED)
            return redirect(correction_address(file, number))
        done = "typed" if form.is_typing else "corrected"
        return self._after(request, document, file, number, change, done)

    def _after(
        self,
        request: HttpRequest,
        document: Document,
        file: DocumentFile,
        number: int,
        change: PendingChange | None,
        done: str,
    ) -> HttpResponse:
        if change is not None:
            log: Any = self
            log.log_change(request, document, f"Asked that page {number} be {done}.")
            messages.success(request, f"{change}: {ASKED[0].lower()}{ASKED[1:]}")
            return redirect(address_of(change))
        messages.success(request, f"Page {number} of “{document}” was {done}.")
        return redirect(correction_address(file, number))

    def _form_page(
        self,
        request: HttpRequest,
        document: Document,
        file: DocumentFile,
        form: CorrectionForm,
        correction: PageCorrection | None,
        *,
        status: int = 200,
    ) -> HttpResponse:
        number = form.page.number
        waiting = None
        if correction is not None:
            waiting = PendingChange.objects.open().to(correction).first()
        is_conflict = form.is_conflict
        theirs = ""
        if is_conflict:
            theirs = in_words(form.page.blocks)
            # The next attempt is made with knowledge of what is saved now.
            form.opened_state = form.saved_state
        picture = file.pictures.filter(number=number).first() if file.is_current else None
        compared = form.compared()
        form.unfold_touched()
        context = {
            **self.admin_site.each_context(request),
            "title": f"{'Type' if form.is_typing else 'Correct'} page {number}: {document}",
            "opts": Document._meta,
            "document": document,
            "file": file,
            "page": form.page,
            "form": form,
            "kinds": KINDS,
            "compared": compared if any(compared) else None,
            "correction": correction,
            "is_conflict": is_conflict,
            "theirs": theirs,
            "saved_when": moment_in_words(correction.updated_at) if correction else "",
            "waiting": waiting,
            "waiting_address": address_of(waiting) if waiting else "",
            "needs_second": not approvals.may_change_live()
            and document.publication.state == "published",
            "picture": picture,
            "picture_address": document.picture_address(number, file.digest) if picture else "",
            "reading_address": _reading_address(document, file, number),
            "report_address": report_address(file),
            "before": correction_address(file, number - 1) if number > 1 else "",
            "after": correction_address(file, number + 1) if number < file.pages else "",
            "versions": _versions(form.page, correction),
            "has_earlier": earlier_file(file) is not None,
        }
        return TemplateResponse(request, "admin/reviews/correct.html", context, status=status)

    def restore(self, request: HttpRequest, uid: UUID, number: int) -> HttpResponse:
        """Put back what a page said before, or what was read."""
        file, document = self._correctable(request, uid)
        page_of(file, number)
        key = request.POST.get("version", "")
        with transaction.atomic():
            correction = locked_correction(file, number)
            before: Any = PageCorrection(file=file, number=number)
            if key != "read":
                rows: Any = PageCorrection.history
                found = KEY.fullmatch(key) and rows.filter(id=correction.pk, history_id=int(key))
                before = found.first() if found else None
            if before is None:
                raise Http404
            for name in ("blocks", "picture_alt", "words_from"):
                setattr(correction, name, getattr(before, name))
            because(correction, "Put back")
            try:
                change = save_correction(request, correction)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
                return redirect(correction_address(file, number))
        return self._after(request, document, file, number, change, "put back")

    # --- from the author's Word document ----------------------------------------------------------

    def from_word(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Read the Word document that a PDF was made from, and take its text page by page."""
        file, document = self._correctable(request, uid)
        if request.method != "POST":
            return self._word_page(request, document, file)
        if "_made" in request.POST:
            return self._take_word(request, document, file)
        upload = request.FILES.get("word")
        if upload is None:
            return self._word_page(request, document, file, error="Choose the Word document.")
        try:
            blocks = read_word(upload)
        except ValidationError as error:
            return self._word_page(request, document, file, error=" ".join(error.messages))
        pages = list(file.text_pages.order_by("number"))
        return self._word_page(request, document, file, found=on_pages(blocks, pages))

    def _word_page(
        self,
        request: HttpRequest,
        document: Document,
        file: DocumentFile,
        *,
        error: str = "",
        found: dict[int, list[Any]] | None = None,
    ) -> HttpResponse:
        pages = []
        if found is not None:
            texts = {page.number: page for page in file.text_pages.all()}
            said = {number: page.text_as_read for number, page in texts.items()}
            for number, blocks in found.items():
                around = (said.get(number - 1, ""), said.get(number + 1, ""))
                compared = differing(texts[number], blocks, around)
                pages.append(WordPage(number, in_words(blocks), compared))
        made = {"file": file.sha256, "user": request.user.pk, "pages": found}
        context = {
            **self.admin_site.each_context(request),
            "title": f"Text from the Word document: {document}",
            "opts": Document._meta,
            "document": document,
            "file": file,
            "error": error,
            "pages": pages,
            "limits": attributes(MOST)["data-most-bytes"],
            "made": signing.dumps(made, salt=MADE, compress=True) if pages else "",
            "report_address": report_address(file),
        }
        status = 400 if error else 200
        return TemplateResponse(request, "admin/reviews/from_word.html", context, status=status)

    def _take_word(
        self, request: HttpRequest, document: Document, file: DocumentFile
    ) -> HttpResponse:
        here = reverse("admin:reviews_documentfile_from_word", args=[file.uid])
        try:
            made = signing.loads(request.POST["_made"], salt=MADE, max_age=GOOD_FOR)
        except signing.BadSignature:
            made = {}
        if (made.get("file"), made.get("user")) != (file.sha256, request.user.pk):
            messages.error(request, "This was open for too long. Send the Word document again.")
            return redirect(here)
        # As JSON has them: numbers are texts there.
        chosen = [key for key in made["pages"] if key in request.POST.getlist("page")]
        if not chosen:
            messages.error(request, "Tick the pages that are to have this text.")
            return redirect(here)
        asked = 0
        with saving_corrections(file):
            for key in chosen:
                correction = locked_correction(file, int(key))
                correction.blocks, correction.words_from = made["pages"][key], WordsFrom.WORD
                because(correction, "From the author's Word document")
                try:
                    asked += save_correction(request, correction) is not None
                except ValidationError as error:
                    messages.error(request, f"Page {key}: {' '.join(error.messages)}")
        count = "One page has" if len(chosen) == 1 else f"{len(chosen)} pages have"
        if asked:
            messages.success(request, "The text waits now until somebody else confirms each page.")
        else:
            messages.success(request, f"{count} the text of the Word document.")
        return redirect(report_address(file))

    # --- of the file before -----------------------------------------------------------------------

    def take_over(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Show what was corrected in the file before, to be taken over one by one."""
        file, document = self._correctable(request, uid)
        earlier = earlier_corrections(file)
        if request.method == "POST" and earlier is not None:
            chosen = set(request.POST.getlist("take"))
            wanted = [one for one in earlier.blocks if one.key in chosen and one.can_be_taken]
            return self._take_over(request, file, wanted)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Corrections of the file before: {document}",
            "opts": Document._meta,
            "document": document,
            "file": file,
            "earlier": earlier,
            "report_address": report_address(file),
        }
        return TemplateResponse(request, "admin/reviews/take_over.html", context)

    def _take_over(
        self, request: HttpRequest, file: DocumentFile, wanted: list[Correctable]
    ) -> HttpResponse:
        here = reverse("admin:reviews_documentfile_take_over", args=[file.uid])
        if not wanted:
            messages.error(request, "Tick what is to be taken over.")
            return redirect(here)
        numbers = sorted({one.page for one in wanted if one.page is not None})
        asked = 0
        with saving_corrections(file):
            for number in numbers:
                correction = locked_correction(file, number)
                page = page_of(file, number)
                take_over(correction, page, [one for one in wanted if one.page == number])
                because(correction, "Taken over from the file before")
                try:
                    asked += save_correction(request, correction) is not None
                except ValidationError as error:
                    messages.error(request, f"Page {number}: {' '.join(error.messages)}")
        count = "One correction" if len(wanted) == 1 else f"{len(wanted)} corrections"
        wait = " They wait now until somebody else confirms them." if asked else ""
        messages.success(request, f"{count} taken over.{wait}")
        return redirect(here)


def _reading_address(document: Document, file: DocumentFile, number: int) -> str:
    if not file.is_current or not document.reading_address:
        return report_address(file)
    return f"{document.reading_address}#page-{number}"


def _versions(page: DocumentPage, correction: PageCorrection | None) -> list[Version]:
    """Return what a page said before, the latest first, and last what was read."""
    if correction is None:
        return []
    rows: Any = PageCorrection.history
    entries = rows.filter(id=correction.pk).select_related("history_user").order_by("history_id")
    read, found = in_words(page.blocks_as_read), list[Version]()
    before = read
    for entry in entries:
        text = read if entry.blocks is None else in_words(entry.blocks)
        if entry.history_type == "+" and entry.blocks is None and not entry.picture_alt:
            continue
        who = str(entry.history_user or "Somebody")
        is_now = (entry.blocks, entry.picture_alt) == (correction.blocks, correction.picture_alt)
        when = moment_in_words(entry.history_date)
        found.append(Version(str(entry.pk), who, when, marked(before, text), is_now))
        before = text
    return found[-MOST_VERSIONS:][::-1]


class PageCorrectionAdmin(WithoutDraftAdmin[PageCorrection]):
    """Corrections have no list and no form of their own: each is made on its page."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow corrections to be deleted with their file alone."""
        return request.user.has_perm("reviews.delete_document")

    def has_change_permission(
        self, request: HttpRequest, obj: PageCorrection | None = None
    ) -> bool:
        if obj is None:
            return request.user.has_perm("reviews.change_document")
        return may_settle(request.user, obj.file)

    def has_view_permission(self, request: HttpRequest, obj: PageCorrection | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.change_view)
        return [path("<path:object_id>/change/", view, name="reviews_pagecorrection_change")]

    def change_view(
        self, request: HttpRequest, object_id: str, *args: object, **kwargs: object
    ) -> HttpResponse:
        found = PageCorrection.objects.select_related("file")
        correction = found.filter(pk=int(object_id)).first() if KEY.fullmatch(object_id) else None
        if correction is None or not self.has_change_permission(request, correction):
            raise Http404
        return redirect(correction_address(correction.file, correction.number))
