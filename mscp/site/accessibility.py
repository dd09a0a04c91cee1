"""Accessibility statement, made from what the site knows and what staff say in their own words.

Its parts are those that the Public Sector Bodies (Websites and Mobile Applications) (No. 2)
Accessibility Regulations 2018 ask for.
"""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.cache import add_never_cache_headers
from django.views.generic import TemplateView

from mscp.models import ACCESSIBILITY, Page, StatementConfirmation
from mscp.publishing.gate import change_permission
from mscp.publishing.notes import notes_of
from reviews import barriers
from reviews.barriers import BARRIERS, Counts
from reviews.models import Document

PER_PAGE = 25
MAY_CONFIRM = "mscp.add_statementconfirmation"
CONFIRM = reverse_lazy("admin:mscp_statementconfirmation_add")
# The day of the last release, before which tests/browser/test_accessibility.py ran over all pages.
# A test holds it to the changelog.
PAGES_TESTED_ON = date(2026, 11, 29)


class Compliance(StrEnum):
    """The three words that the model statement of the Government allows."""

    FULLY = "fully compliant"
    PARTIALLY = "partially compliant"
    NOT = "not compliant"


def compliance(counts: Counts, confirmation: StatementConfirmation | None) -> Compliance:
    """Return how the site stands to WCAG 2.2 AA.

    The pages themselves are tested before each release. That nothing else is wrong is for a person
    to say, so nothing is fully compliant that nobody has confirmed within a year.
    """
    if 2 * counts.pictures > counts.regulated:
        # Most of what is published here cannot be read out at all.
        return Compliance.NOT
    is_confirmed = confirmation is not None and not confirmation.is_due
    has_faults = counts.with_barriers or counts.exempt
    if has_faults or not is_confirmed or (confirmation and confirmation.other_problems):
        return Compliance.PARTIALLY
    return Compliance.FULLY


class AccessibilityView(TemplateView):
    template_name = "pages/accessibility.html"
    query_parameters: ClassVar[tuple[str, ...]] = ("page", "old")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A draft and nothing cost the same: who asks is looked at before the page.
        may_edit = request.user.has_perm(change_permission(Page))
        own = Page.objects.filter(slug=ACCESSIBILITY).first()
        if own and not (own.is_published or may_edit):
            own = None
        is_preview = own is not None and not own.is_published
        response = self.render_to_response(
            self.get_context_data(
                object=own,
                preview=is_preview,
                change_notes=notes_of(own, public=not is_preview) if own else [],
                edit_address=_edit_address(own) if own and may_edit else "",
                confirm_address=CONFIRM if request.user.has_perm(MAY_CONFIRM) else "",
            )
        )
        if is_preview:
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            add_never_cache_headers(response)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = barriers.count()
        confirmation = StatementConfirmation.objects.first()
        hard = self._page("page", counts.with_barriers, exempt=False)
        old = self._page("old", counts.exempt, exempt=True)
        every = barriers.listed([*hard.object_list, *old.object_list])
        number = len(hard.object_list)
        return super().get_context_data(
            host=self.request.get_host(),
            counts=counts,
            kinds=[(BARRIERS[check], n) for check, n in counts.by_check.items() if n],
            compliance=compliance(counts, confirmation),
            confirmation=confirmation,
            tested_on=PAGES_TESTED_ON,
            hard=hard,
            hard_documents=every[:number],
            old=old,
            old_documents=every[number:],
            **kwargs,
        )

    def _page(self, parameter: str, number: int, *, exempt: bool) -> "PaginatorPage[Document]":
        rows = barriers.with_barriers(exempt=exempt) if number else Document.objects.none()
        paginator = Paginator(rows, PER_PAGE)
        # They have been counted.
        paginator.__dict__["count"] = number
        page = paginator.get_page(self.request.GET.get(parameter))
        page.object_list = list(page.object_list)
        return page


def _edit_address(own: Page) -> str:
    return reverse("admin:mscp_page_change", args=[own.pk])
