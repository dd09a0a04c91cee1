"""Previews for people outside: the page of one draft and its documents, by a link, and an answer.

No session, no cookie and no account is involved: the token in the address is the permission, and
what makes a form that another site sends worthless. Openings are logged, never used up, since the
scanners of mail programs open every link.
"""

from typing import Any

from allauth.core.internal import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from mscp.cache.pages import reads
from mscp.editing.fields import TypedText
from mscp.editing.outside_answers import tell_of_answer
from mscp.models import Page, PreviewLink
from mscp.publishing.content_hash import content_hash
from mscp.publishing.preview_links import LONGEST_COMMENT, address_of_link
from mscp.publishing.views import (
    PublishedDetailView,
    behind_link,
    keep_from_others,
    open_link,
    reader_of,
)
from mscp.site.pages import PageView
from reviews.documents import views as documents
from reviews.models import Briefing, NationalReport, PracticeReview
from reviews.views import BriefingDetailView, NationalReportDetailView, PracticeReviewDetailView
from training.models import Course
from training.views import CourseDetailView

VIEWS: dict[Any, type[PublishedDetailView]] = {
    PracticeReview: PracticeReviewDetailView,
    NationalReport: NationalReportDetailView,
    Briefing: BriefingDetailView,
    Course: CourseDetailView,
    Page: PageView,
}
# Of one link: whoever has it could otherwise keep the database busy.
ANSWER_RATES = {"answer": "20/10m/key"}
AGREED, COMMENT = "agreed", "comment"


class AnswerForm(forms.Form):
    """The answer of a person outside: agreed, or a comment."""

    answer = forms.ChoiceField(
        label="Do you agree?",
        choices=[(AGREED, "Agreed, as it stands here"), (COMMENT, "I have a comment")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two.", "invalid_choice": "Choose one."},
    )
    comment = TypedText(
        label="Comment",
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Only the staff who publish this read it.",
    )
    # The content that was read; mscp.publishing.content_hash.
    read = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, digest: str) -> None:
        super().__init__(data, initial={"read": digest}, auto_id="answer_%s")
        self.digest = digest

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("answer") == COMMENT and not cleaned.get("comment", "").strip():
            self.add_error("comment", "Write your comment.")
        if cleaned.get("read") != self.digest:
            # The next attempt is made with knowledge of what is saved now.
            again: Any = self.data
            self.data = again = again.copy()
            again["read"] = self.digest
            self.add_error(
                None,
                "This was changed after you had opened it. Read it again. What you wrote is kept: "
                "it is below.",
            )
        return cleaned


@require_safe
@reads()
@behind_link
def page(request: HttpRequest, link: PreviewLink, address: str) -> HttpResponseBase:
    """Show the page of the record, and log that it was opened."""
    is_staff = request.user.is_authenticated
    if request.method == "GET" and not is_staff:
        link.log_opening()
    digest = content_hash(link.record)
    # Whoever made the link has its address too, and answers for nobody.
    form = None if is_staff else AnswerForm(digest=digest)
    return _show(request, link, address, digest, form)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@reads()
def answer(request: HttpRequest, token: str) -> HttpResponseBase:
    """Save an answer, or show the page again with what was typed."""
    link, address = open_link(token), address_of_link(token)
    if request.method == "POST" and not request.user.is_authenticated:
        response = _answer(request, link, address)
    else:
        response = redirect(address)
    keep_from_others(response)
    return response


def _answer(request: HttpRequest, link: PreviewLink, address: str) -> HttpResponseBase:
    digest = content_hash(link.record)
    form = AnswerForm(request.POST, digest=digest)
    usage = ratelimit.consume(
        request, app="mscp.preview", action="answer", config=ANSWER_RATES, key=str(link.pk)
    )
    status = 422
    if usage is None:
        status = 429
        form.add_error(None, "Too many attempts. Wait ten minutes; what you wrote is below.")
    elif form.is_valid():
        said = form.cleaned_data
        is_agreed = said["answer"] == AGREED
        if given := link.answer(digest, agreed=is_agreed, comment=said["comment"].strip()):
            tell_of_answer(request, link, given)
            return redirect(f"{address}#answer")
        status = 409
    if link.record.is_published:
        return redirect(link.record.get_absolute_url())
    return _show(request, link, address, digest, form, status=status)


def _show(
    request: HttpRequest,
    link: PreviewLink,
    address: str,
    digest: str,
    form: AnswerForm | None,
    *,
    status: int = 200,
) -> HttpResponse:
    given = list(link.answers.all())
    current = next((one for one in given if one.content_hash == digest), None)
    view = VIEWS[type(link.record)]()
    view.setup(request, slug=link.record.slug)
    reader = reader_of(
        link,
        address,
        form=None if current else form,
        digest=digest,
        answer=current,
        earlier=bool(given) and current is None,
    )
    response = view.preview_for(reader)
    response.status_code = status
    return response


preview = (
    [
        path("", page, name="page"),
        path("answer/", answer, name="answer"),
        path("documents/<uuid:uid>/read/", documents.through_link(documents.read), name="read"),
        path(
            "documents/<uuid:uid>/cover-<int:width>.webp",
            documents.through_link(documents.cover),
            name="cover",
        ),
        path(
            "documents/<uuid:uid>/page-<int:number>-<slug:digest>.webp",
            documents.through_link(documents.page_picture),
            name="page_picture",
        ),
        path(
            "documents/<uuid:uid>/<str:name>",
            documents.through_link(documents.file),
            name="document",
        ),
    ],
    "preview",
)
