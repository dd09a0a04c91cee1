"""Report of a file in the admin: findings, who accepted them, versions, a cleaned copy."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html_join
from django.views.decorators.http import require_POST, require_safe

from mscp.editing.fields import TypedText
from mscp.editing.generic import ModelAdmin
from mscp.editing.identifiers import (
    Settling,
    owners_with_file,
    settling_address,
    settling_page,
)
from mscp.editing.publishing import may_change
from mscp.publishing.absence import absence_status
from mscp.publishing.approvals import NOT_WHILE_LIVE
from mscp.publishing.identifiers import Standing, unsettled
from mscp.records.audit import set_author
from mscp.records.history import because
from mscp.records.locking import lock
from reviews.documents.cleaning import clean
from reviews.documents.correction_views import CorrectsPages, PageCorrectionAdmin
from reviews.documents.intake import take_in
from reviews.documents.permissions import may_see, may_settle, may_upload
from reviews.documents.report_links import report_address, with_links
from reviews.documents.reported_findings import Findings
from reviews.documents.taking_over import earlier_file
from reviews.documents.views import send_cover, send_version
from reviews.models import Document, DocumentFile, Finding, PageCorrection
from reviews.pdf.report import COVER_WIDTHS
from reviews.pdf.titles import is_no_title
from reviews.stored_hashes import read_ahead

# In the session: the cleaned copies that were used in a form before it was saved.
USED = "copies_used"
# In the form that keeps a file as it is.
KEEP = "keep"


class AcceptForm(forms.Form):
    """Accepts findings, with a reason."""

    findings = forms.ModelMultipleChoiceField(
        Finding.objects.none(),
        error_messages={
            "required": "Tick what the reason is for.",
            "invalid_choice": "One of these was settled meanwhile, or is of another file.",
        },
    )
    reason = TypedText(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={
            "required": "Give the reason: why may it stand in what everybody can read?"
        },
    )

    def __init__(
        self, file: DocumentFile, sent: QueryDict | None = None, *, keeps: bool = False
    ) -> None:
        # Whether it is about keeping the file that was sent in place of its cleaned copy.
        self.keeps = keeps or (sent is not None and KEEP in sent)
        super().__init__(sent, auto_id="keep_%s" if self.keeps else "id_%s")
        if sent is not None:
            # A key that no database accepts is dropped.
            keys = [key for key in sent.getlist("findings") if re.fullmatch("[0-9]{1,18}", key)]
            data = sent.copy()
            data.setlist("findings", keys)
            self.data = data
        self.fields["findings"].queryset = file.open_findings()  # type: ignore[attr-defined]


@admin.register(DocumentFile)
class DocumentFileAdmin(CorrectsPages, ModelAdmin[DocumentFile]):
    """Files have no list of their own: each is reached from its document."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: DocumentFile | None = None) -> bool:
        """Allow versions to be deleted with their document; they have no delete page themselves."""
        return request.user.has_perm("reviews.delete_document")

    def get_urls(self) -> list[URLPattern]:
        views: dict[str, tuple[str, Callable[..., HttpResponseBase]]] = {
            "report": ("report/", self.report),
            "file": ("file.pdf", require_safe(self.file)),
            "now": ("now/", require_safe(self.now)),
            "cover": ("cover-<int:width>.webp", require_safe(self.cover)),
            "accept": ("accept/", require_POST(self.accept)),
            "take_back": ("take-back/<int:finding>/", require_POST(self.take_back)),
            "clean": ("clean/", require_POST(self.make_cleaned_copy)),
            "use": ("use/", require_POST(self.use)),
            "discard": ("discard/", require_POST(self.discard)),
            "identifiers": ("identifiers/", self.identifiers),
            "correct": ("pages/<int:number>/", self.correct),
            "restore": ("pages/<int:number>/put-back/", require_POST(self.restore)),
            "from_word": ("word/", self.from_word),
            "take_over": ("corrections-before/", self.take_over),
        }
        upload = self.admin_site.admin_view(require_POST(self.upload))
        return [
            path("upload/", upload, name="reviews_documentfile_upload"),
            *(
                path(
                    f"<uuid:uid>/{address}",
                    self.admin_site.admin_view(view),
                    name=f"reviews_documentfile_{name}",
                )
                for name, (address, view) in views.items()
            ),
        ]

    # --- who may ------------------------------------------------------------------------------

    def _file(self, request: HttpRequest, uid: UUID) -> DocumentFile:
        """Return a file that this person may see; otherwise raise Http404."""
        files = DocumentFile.objects.select_related(
            "document__publication", "cleaned_from", "taken_in_by"
        )
        file = files.filter(uid=uid).first()
        if file is None or not may_see(request.user, file):
            raise Http404
        return file

    def _file_to_change(self, request: HttpRequest, uid: UUID) -> DocumentFile:
        """Return a file that this person may settle, with its publication locked."""
        file = self._file(request, uid)
        if file.document:
            lock(file.document.publication)
            file = self._file(request, uid)
        if not may_settle(request.user, file):
            raise PermissionDenied
        return file

    # --- upload and views ---------------------------------------------------------------------

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Take in one file ahead of its form, and return at once what was found in it."""
        if not may_upload(request.user):
            raise PermissionDenied
        upload = request.FILES.get("file")
        if upload is None:
            return JsonResponse({"refused": "No file arrived. Choose it again."}, status=400)
        try:
            file = take_in(upload, name=upload.name or "", user=request.user)
        except ValidationError as error:
            return JsonResponse({"refused": " ".join(error.messages)}, status=400)
        now = _now_in_form(request, file, show_findings=True)
        title = "" if is_no_title(file.title) else file.title
        return JsonResponse({"taken": str(file.uid), "title": title, "now": now})

    def file(self, request: HttpRequest, uid: UUID) -> HttpResponseBase:
        file = self._file(request, uid)
        name = file.document.file_name if file.document else "document.pdf"
        return _for_staff_only(send_version(request, file, name=name))

    def now(self, request: HttpRequest, uid: UUID) -> HttpResponseBase:
        """Send what a form says of a file, for one that stayed open while it was settled."""
        file = self._file(request, uid)
        shown = _now_in_form(request, file, show_findings="findings" in request.GET)
        return _for_staff_only(HttpResponse(shown))

    def cover(self, request: HttpRequest, uid: UUID, width: int) -> HttpResponseBase:
        if width not in COVER_WIDTHS:
            raise Http404
        return _for_staff_only(send_cover(request, self._file(request, uid), width))

    def report(
        self, request: HttpRequest, uid: UUID, form: AcceptForm | None = None
    ) -> HttpResponse:
        file = self._file(request, uid)
        findings = Findings(file)
        document = file.document
        versions = list(document.versions.select_related("taken_in_by")) if document else []
        context = {
            **self.admin_site.each_context(request),
            "title": f"Report: {document or file.original_name}",
            "opts": Document._meta,
            "file": file,
            "document": document,
            "publication_address": _address_of(document),
            "may_settle": may_settle(request.user, file),
            "in_form": _in_open_form(request, file),
            "findings": findings,
            "copy": file.cleaned_copy,
            **_absence_of(document),
            "in_plain_sight": len(_unsettled_in(file)),
            "versions": versions,
            "earlier": earlier_file(file),
            # The same form twice: for what is settled one by one, and for all that a copy removes.
            "form": form if form and not form.keeps else AcceptForm(file),
            "keep_form": form if form and form.keeps else AcceptForm(file, keeps=True),
        }
        return TemplateResponse(
            request,
            "admin/reviews/report.html",
            context,
            status=400 if form and form.errors else 200,
        )

    def identifiers(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Settle the identifiers on its pages; of what is saved, those of its publication."""
        file = self._file(request, uid)
        document = file.document
        if document and file.is_current:
            return redirect(settling_address(_own_kind(document.publication)))
        publication = document.publication if document else None
        may = may_settle(request.user, file)
        about = Settling(
            title=str(document or file.original_name),
            back=report_address(file),
            opts=Document._meta,
            standing=file.standing_identifiers(str(document or file.original_name)),
            owners=owners_with_file(file, publication),
            may_settle=may,
            may_take_back=may,
        )
        return settling_page(request, self.admin_site, about)

    # --- settling -----------------------------------------------------------------------------

    def accept(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        with transaction.atomic():
            file = self._file_to_change(request, uid)
            form = AcceptForm(file, request.POST)
            if form.is_valid():
                chosen = list(form.cleaned_data["findings"].select_related("file"))
                for finding in chosen:
                    finding.accept(reason=form.cleaned_data["reason"], user=request.user)
                    self._note(request, file, f"Accepted: {finding}. {finding.accepted_reason}")
                message = "One finding" if len(chosen) == 1 else f"{len(chosen)} findings"
                messages.success(request, f"{message} accepted.")
                return redirect(report_address(file))
        return self.report(request, uid, form)

    def take_back(self, request: HttpRequest, uid: UUID, finding: int) -> HttpResponse:
        """Reopen an accepted finding; not while the document is public."""
        with transaction.atomic():
            file = self._file_to_change(request, uid)
            if file.is_current and file.document and not file.document.publication.may_have_gaps:
                messages.error(
                    request,
                    "The publication is live or scheduled. Withdraw it, or return it to draft, "
                    "before an acceptance is taken back.",
                )
                return redirect(report_address(file))
            accepted = file.findings.filter(pk=finding).exclude(accepted_sha256="").first()
            if accepted:
                accepted.take_back()
                self._note(request, file, f"Acceptance taken back: {accepted}.")
                messages.success(request, "The acceptance was taken back.")
        return redirect(report_address(file))

    def make_cleaned_copy(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Make the cleaned copy unless there is one; use it at once if that is asked for."""
        file = self._file(request, uid)
        if not may_settle(request.user, file):
            raise PermissionDenied
        copy = file.cleaned_copy
        if copy is None:
            if file.stored_sha256() != file.sha256:
                sentence = "This file is missing, or not the one that was checked. Send it again."
                return self._not_cleaned(request, file, sentence)
            try:
                copy = clean(file, user=request.user)
            except ValidationError as error:
                sentence = f"No cleaned copy was made. {' '.join(error.messages)}"
                return self._not_cleaned(request, file, sentence)
            self._note(request, file, f"Cleaned copy made: {copy}.")
        if _wants_json(request):
            return self._now_as_json(request, file)
        if "use" in request.POST:
            return self.use(request, copy.uid)
        messages.success(
            request,
            "A cleaned copy was made. Every page was compared and looks the same. "
            "Look at its report, then use it or discard it.",
        )
        return redirect(report_address(copy))

    def _not_cleaned(self, request: HttpRequest, file: DocumentFile, why: str) -> HttpResponse:
        if _wants_json(request):
            return self._now_as_json(request, file, refused=why)
        messages.error(request, why)
        return redirect(report_address(file))

    def _now_as_json(self, request: HttpRequest, file: DocumentFile, **more: str) -> JsonResponse:
        """Return what a form says of a file now."""
        now = self._file(request, file.uid)
        return JsonResponse({"now": _now_in_form(request, now, show_findings=True), **more})

    def use(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Make this version the one that is served, or the one of the open form."""
        with read_ahead([self._file(request, uid).content]), transaction.atomic():
            file = self._file_to_change(request, uid)
            original = file.cleaned_from
            if file.document is None and original and original.document:
                # The form with the original was saved after the copy was made.
                file.document = original.document
                file.save(update_fields=["document"])
                file = self._file_to_change(request, uid)
            if file.document is None:
                return self._use_before_saving(request, file)
            document = file.document
            publication = document.publication
            if not may_change(request.user, publication, publication.kind_model):
                messages.error(request, NOT_WHILE_LIVE)
                return redirect(report_address(file))
            document.file = file
            try:
                document.clean()
                document.validate_constraints()
            except ValidationError as error:
                messages.error(
                    request, format_html_join(" ", "{}", zip(with_links(error, file).messages))
                )
                return redirect(report_address(file))
            set_author(document, request.user)
            because(document, "Cleaned copy used" if file.cleaned_from else "Version taken up")
            document.save()
            self._note(request, file, f"Now served: {file}.")
            messages.success(request, f"“{document}” now has this file.")
        return redirect(report_address(file))

    def _use_before_saving(self, request: HttpRequest, copy: DocumentFile) -> HttpResponse:
        """Swap the copy and the original in the open form, which names its file by uid."""
        original = copy.cleaned_from
        if original is None and copy.cleaned_copies.filter(document=None).exists():
            # Pressed twice: the uid is now that of the original.
            return redirect(report_address(copy))
        if original is None:
            raise Http404
        # Once only: a second swap would undo the first.
        if not _in_open_form(request, copy):
            request.session[USED] = [*request.session.get(USED, []), copy.pk]
            known, own = original.uid, copy.uid
            # The user who sent the original finds the copy in their form.
            copy.taken_in_by = original.taken_in_by
            for file, uid in ((original, uuid4()), (copy, known), (original, own)):
                file.uid = uid
                file.save(update_fields=["uid", "taken_in_by"])
        if _wants_json(request):
            return self._now_as_json(request, copy)
        messages.success(
            request,
            "The cleaned copy takes the place of the file you sent. Go back to the window with "
            "your form, and save it.",
        )
        return redirect(report_address(copy))

    def discard(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Delete a version that is not used and was never public, such as a rejected copy."""
        with transaction.atomic():
            file = self._file_to_change(request, uid)
            if file.is_current or file.was_used:
                messages.error(request, "This version was in use, so it is kept for staff.")
                return redirect(report_address(file))
            if _in_open_form(request, file):
                sentence = "Your form has this copy: choose another file there, or save it."
                messages.error(request, sentence)
                return redirect(report_address(file))
            back = (
                report_address(file.cleaned_from) if file.cleaned_from else reverse("admin:index")
            )
            self._note(request, file, f"Version discarded: {file}.")
            file.delete()
        messages.success(request, "Discarded.")
        return redirect(back)

    def _note(self, request: HttpRequest, file: DocumentFile, what: str) -> None:
        if file.document:
            # In the log of its document, which has a page with it.
            log: admin.ModelAdmin[Any] = self
            log.log_change(request, file.document, what)


def _now_in_form(request: HttpRequest, file: DocumentFile, *, show_findings: bool) -> str:
    """Render what a form says of a file: its size, its verdict, and what is to do."""
    context = {"file": file, "show_findings": show_findings}
    return render_to_string("admin/reviews/file_now.html", context, request)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _absence_of(document: Document | None) -> dict[str, object]:
    """Return what the report shows of words that must not appear in its publication."""
    if document is None:
        return {}
    publication = _own_kind(document.publication)
    address = f"admin:reviews_{publication._meta.model_name}_must_not_appear"
    return {
        "absence": absence_status(publication),
        "absence_address": reverse(address, args=[publication.pk]),
    }


def _own_kind(publication: Any) -> Any:
    return publication.kind_model._default_manager.get(pk=publication.pk)


def _unsettled_in(file: DocumentFile) -> list[Standing]:
    publication = file.document.publication if file.document else None
    return unsettled(file.standing_identifiers(""), lambda: owners_with_file(file, publication))


admin.site.register(PageCorrection, PageCorrectionAdmin)


def _in_open_form(request: HttpRequest, copy: DocumentFile) -> bool:
    """Return whether a cleaned copy took the place of the file in a form that is not saved yet."""
    return copy.document is None and copy.pk in request.session.get(USED, [])


def _for_staff_only(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    add_never_cache_headers(response)
    return response


def _address_of(document: Document | None) -> str:
    if document is None:
        return ""
    model = document.publication.kind_model._meta.model_name
    return reverse(f"admin:reviews_{model}_change", args=[document.publication_id])
