"""Lists and pages of the library."""

import logging
from typing import Any

from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import add_never_cache_headers

from mscp.detail import PublishedDetailView
from mscp.listing import FilteredListView
from mscp.publishing import change_permission
from reviews.filters import (
    BriefingFilterSet,
    NationalReportFilterSet,
    PracticeReviewFilterSet,
)
from reviews.models import (
    KIND_PLURALS,
    Briefing,
    Document,
    NationalReport,
    PracticeReview,
    Publication,
    by_kind,
)

logger = logging.getLogger(__name__)

MOST_RELATED = 5


class PublicationListView(FilteredListView):
    template_name = "reviews/publication_list.html"
    model: type[Publication]

    @property
    def section(self) -> str:
        return self.model.KIND

    def published(self) -> Any:
        # All that is filtered, counted and sorted by stands in the parent's row.
        return Publication.objects.published().filter(kind=self.model.KIND)

    def with_related(self, rows: Any) -> Any:
        return rows.prefetch_related("themes")


class PracticeReviewListView(PublicationListView):
    model = PracticeReview
    filterset_class = PracticeReviewFilterSet
    extra_context = {
        "heading": "Practice reviews",
        "noun": "practice review,practice reviews",
        "lead": (
            "Reviews of local cases in which a child was seriously harmed or died. Each is known "
            "only by the name or reference that the review itself uses."
        ),
    }


class NationalReportListView(PublicationListView):
    model = NationalReport
    filterset_class = NationalReportFilterSet
    extra_context = {
        "heading": "National reports",
        "noun": "national report,national reports",
        "lead": "What was learnt from cases across England, published nationally.",
    }


class BriefingListView(PublicationListView):
    model = Briefing
    filterset_class = BriefingFilterSet
    extra_context = {
        "heading": "7-minute learnings",
        "noun": "7-minute learning,7-minute learnings",
        "lead": "Short briefs of one review or one theme, to read alone or with a team.",
    }


class PublicationDetailView(PublishedDetailView):
    template_name = "reviews/publication_detail.html"
    model: type[Publication]

    prefetch = ("themes", "documents")

    def directly_related(self) -> Q:
        """Return what belongs to this publication whatever its themes."""
        return Q(pk=None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        publication: Any = self.object
        slugs = [theme.slug for theme in publication.themes.all()]
        own = Publication.objects.published().filter(self.directly_related())
        same = Publication.objects.published().with_themes(slugs)
        related = (own | same).exclude(pk=publication.pk).newest_of_each_kind(MOST_RELATED)
        return super().get_context_data(
            related=by_kind(related),
            list_address=f"reviews:{publication.kind}s",
            list_heading=KIND_PLURALS[publication.kind],
            **kwargs,
        )

    @property
    def section(self) -> str:
        return self.model.KIND


class PracticeReviewDetailView(PublicationDetailView):
    model = PracticeReview

    def directly_related(self) -> Q:
        return Q(briefing__review=self.object)


class NationalReportDetailView(PublicationDetailView):
    model = NationalReport


class BriefingDetailView(PublicationDetailView):
    model = Briefing

    def directly_related(self) -> Q:
        return Q(pk=self.object.review_id)  # type: ignore[attr-defined]


# What a PDF may do when the browser shows it: nothing.
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; sandbox"


def document(request: HttpRequest, uid: str, name: str) -> HttpResponseBase:
    """Send a document's file, as public as its publication; preview rules as for the page."""
    found = get_object_or_404(
        Document.objects.select_related("publication").exclude(file=""), uid=uid
    )
    visible = found.is_published
    permission = change_permission(found.publication.kind_model)
    if not visible and not request.user.has_perm(permission):
        raise Http404
    if name != found.file_name:
        return redirect(found)
    try:
        response = FileResponse(
            found.file.open("rb"), filename=found.file_name, content_type="application/pdf"
        )
    except FileNotFoundError:
        logger.error("The file of document %s is missing.", found.uid)
        raise Http404 from None
    response.headers["Content-Security-Policy"] = FILE_POLICY
    if not visible:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        add_never_cache_headers(response)
    return response
