"""Lists and pages of the library."""

from collections.abc import Iterable
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse

from mscp.database import clock
from mscp.database.compiled_query import CompiledQuery, related, set_prefetched
from mscp.listing.views import FilteredListView
from mscp.publishing.notes import has_notes
from mscp.publishing.views import PublishedDetailView
from mscp.web.origins import absolute_url
from reviews.citations import BIBTEX_TYPE, RIS_TYPE, Citation
from reviews.filters import (
    BriefingFilterSet,
    NationalReportFilterSet,
    PracticeReviewFilterSet,
)
from reviews.items import complete, passages, read_rows
from reviews.links import links_above
from reviews.models import (
    KIND_PLURALS,
    Briefing,
    Kind,
    NationalReport,
    PracticeReview,
    Publication,
    by_kind,
    themes_of,
)
from reviews.panels import (
    ChainStep,
    RelatedGroup,
    learning_step,
    registered_groups,
    step_of,
    without_steps,
)
from reviews.related import MOST_RELATED, documents_of, newest_of_each_kind, related_to_review


class PublicationListView(FilteredListView):
    template_name = "reviews/publication_list.html"
    model: type[Publication]

    @property
    def section(self) -> str:
        return self.model.KIND

    def read_rows(self, keys: list[int]) -> list[Publication]:
        return read_rows(self.model, keys, self.filterset.query)

    def complete(self, rows: list[Any]) -> None:
        complete(rows, self.filterset.query, found=self.total)

    def passages(self, rows: Iterable[Any]) -> Iterable[str]:
        return passages(rows)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(links=links_above(self.model.KIND), **kwargs)


class PracticeReviewListView(PublicationListView):
    model = PracticeReview
    filterset_class = PracticeReviewFilterSet
    extra_context = {
        "heading": "Practice reviews",
        "noun": "practice review,practice reviews",
        "lead": "What was learnt when children came to harm. Names are those the reviews use.",
        "none_yet": "A review looks at what happened when a child was seriously harmed or died, "
        "and at what can be done better. Each will stand here with its documents.",
    }


class NationalReportListView(PublicationListView):
    model = NationalReport
    filterset_class = NationalReportFilterSet
    extra_context = {
        "heading": "National reports",
        "noun": "national report,national reports",
        "lead": "What was learnt from cases across England, published nationally.",
        "none_yet": "Reports that concern every area of England will stand here, with their own "
        "documents.",
    }


class BriefingListView(PublicationListView):
    model = Briefing
    filterset_class = BriefingFilterSet
    extra_context = {
        "heading": "7-minute learnings",
        # "2 7-minute learnings" would be read as 27.
        "noun": "learning,learnings",
        "lead": "Short briefs of one review or one theme, to read alone or with a team.",
        "none_yet": "Each will take seven minutes to read and end in questions for a team.",
    }


class PublicationDetailView(PublishedDetailView):
    model: type[Publication]

    def find(self, slug: str) -> list[Any]:
        return _BY_SLUG[self.model].records(slug=slug)

    def read_along(self, *, public: bool) -> None:
        publication: Any = self.object
        documents = documents_of(publication, public=public)
        if self.reader:
            for document in documents:
                document.served_under = self.reader.address
        set_prefetched(
            publication,
            themes=themes_of([publication.pk]).get(publication.pk, []),
            documents=documents,
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        if context["object"].is_noindex:
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    # The words beside an item that belongs to this publication itself, whatever its themes.
    direct_mark = ""

    def direct_keys(self) -> Iterable[int]:
        """Return the keys of what belongs to this publication itself, whatever its themes."""
        return ()

    def read_related(self, themes: list[str]) -> list[Publication]:
        own, direct = [self.object.pk], self.direct_keys()
        return newest_of_each_kind(themes, MOST_RELATED, direct=direct, without=own)

    def first_step(self, nearest: list[Publication]) -> ChainStep:
        """Return the first step from this publication: to a learning."""
        return learning_step(self.object, nearest, self.direct_mark)

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        publication: Any = self.object
        slugs = [theme.slug for theme in related(publication, "themes")]
        nearest = self.read_related(slugs)
        groups = registered_groups(publication)
        chain = [self.first_step(nearest), *(group.step for group in groups if group.step)]
        return super().get_context_data(
            related=without_steps([*self._related_groups(nearest), *groups], chain),
            chain=chain,
            direct=[item for item in nearest if item.is_direct],
            links=links_above(publication.kind),
            list_address=f"reviews:{publication.kind}s",
            list_heading=KIND_PLURALS[publication.kind],
            noindex=publication.is_noindex,
            **kwargs,
        )

    def _related_groups(self, nearest: list[Publication]) -> list[RelatedGroup]:
        return [
            RelatedGroup(
                name=group["kind"],
                heading=group["label"],
                template="reviews/related_publications.html",
                items=group["publications"],
                mark=self.direct_mark,
            )
            for group in by_kind(nearest)
        ]

    @property
    def section(self) -> str:
        return self.model.KIND


class PracticeReviewDetailView(PublicationDetailView):
    model = PracticeReview
    template_name = "reviews/practice_review_detail.html"
    direct_mark = "About this review"

    def read_related(self, themes: list[str]) -> list[Publication]:
        review: Any = self.object
        return related_to_review(review, themes, MOST_RELATED)


class NationalReportDetailView(PublicationDetailView):
    model = NationalReport
    template_name = "reviews/national_report_detail.html"


class BriefingDetailView(PublicationDetailView):
    model = Briefing
    template_name = "reviews/briefing_detail.html"
    direct_mark = "The review it is about"

    def direct_keys(self) -> Iterable[int]:
        briefing: Any = self.object
        review_id: int | None = briefing.review_id
        return [review_id] if review_id else []

    def first_step(self, nearest: list[Publication]) -> ChainStep:
        """Return the step back, to the review."""
        reviews = [item for item in nearest if item.kind == Kind.PRACTICE_REVIEW]
        return step_of("Review", reviews, mark=self.direct_mark, missing="None on its themes yet")


# Of the word index alone.
NOT_READ = ("words", "name_words", "start_words")


def _by_slug(model: type[Publication]) -> CompiledQuery:
    return CompiledQuery(
        lambda bound: (
            model.objects.with_noindex()
            .annotate(has_notes=has_notes(Publication, bound.now))
            .filter(slug=bound.value("slug"))
            .defer(*NOT_READ)
        ),
        convert={"is_noindex": bool, "has_notes": bool},
    )


_BY_SLUG: dict[type[Publication], CompiledQuery] = {
    model: _by_slug(model) for model in (PracticeReview, NationalReport, Briefing)
}


class CitationView(PublishedDetailView):
    """A record of one publication for a reference manager, behind the same gate as its page."""

    ending = ""

    def read_along(self, *, public: bool) -> None:
        prefetch_related_objects([self.object], "themes")

    def preview(self) -> HttpResponse:
        """Give staff no more than visitors: nobody cites what is not published."""
        if self.object.is_withdrawn:
            return self.gone()
        raise Http404

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        record: Any = self.object
        address = absolute_url(self.request, record.get_absolute_url())
        citation = Citation.of(record, address=address, accessed=clock.today())
        if self.ending == "ris":
            response = HttpResponse(citation.as_ris(), content_type=RIS_TYPE)
        else:
            response = HttpResponse(citation.as_bibtex(), content_type=BIBTEX_TYPE)
        name = f"{record.slug}.{self.ending}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        # A search engine should find the page instead.
        response.headers["X-Robots-Tag"] = "noindex"
        return response
