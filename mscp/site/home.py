"""The home page: search, next dates, the newest review and its chain, what is new, themes."""

from typing import Any, ClassVar, NamedTuple

from django.views.generic import TemplateView

from mscp.database.compiled_query import set_prefetched
from mscp.database.pks import ordered_by_pks
from mscp.site.examples import search_examples
from mscp.site.news import News, latest_news
from mscp.site.themes import grouped, themes_in_use
from reviews.filters import LibraryFilterSet
from reviews.items import read_rows
from reviews.models import Document, Kind, PracticeReview, Publication, Theme, themes_of
from reviews.panels import ChainStep, learning_step, registered_groups
from reviews.related import documents_of, related_to_review
from training.models import Course
from training.related import next_of_all

MOST_NEW = 5


class Feature(NamedTuple):
    """The newest review and what leads on from it."""

    review: PracticeReview
    document: Document | None
    """The one with a cover, or the first."""
    themes: list[Theme]
    chain: list[ChainStep]


class HomeView(TemplateView):
    query_parameters: ClassVar[tuple[str, ...]] = ()
    template_name = "pages/home.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        library = LibraryFilterSet.unfiltered()
        feature = _feature(library)
        news = _news(feature)
        context = super().get_context_data(
            examples=search_examples(),
            sessions=next_of_all(),
            feature=feature,
            news=news,
            newest=[] if news else _newest(library, feature),
            groups=grouped(themes_in_use()),
            **kwargs,
        )
        context["is_empty"] = not (
            any(context[name] for name in ("feature", "news", "newest", "sessions", "groups"))
            or Course.objects.published().exists()
        )
        return context


def _feature(library: LibraryFilterSet) -> Feature | None:
    """Return the newest real review, or a sample where there is nothing else."""
    reviews = read_rows(PracticeReview, library.newest_of(Kind.PRACTICE_REVIEW, 1))
    if not reviews:
        return None
    review: Any = reviews[0]
    themes = themes_of([review.pk]).get(review.pk, [])
    documents = documents_of(review, public=True)
    set_prefetched(review, themes=themes, documents=documents)
    nearest = related_to_review(review, [theme.slug for theme in themes], 1)
    return Feature(
        review,
        next((one for one in documents if one.large_cover), next(iter(documents), None)),
        themes,
        [
            learning_step(review, nearest, "About this review"),
            *(group.step for group in registered_groups(review, steps_only=True) if group.step),
        ],
    )


def _news(feature: Feature | None) -> list[News]:
    """Return the latest news, but that the featured review was added: it stands above."""
    shown = feature.review.pk if feature else None
    news = latest_news(MOST_NEW + 1)
    return [one for one in news if one.what or one.record.pk != shown][:MOST_NEW]


def _newest(library: LibraryFilterSet, feature: Feature | None) -> list[Publication]:
    """Return the newest publications by their dates, for a site on which nothing is new yet."""
    keys = library.first(MOST_NEW + 1)
    newest = ordered_by_pks(keys, read_rows(Publication, keys))
    return [one for one in newest if not (feature and one.pk == feature.review.pk)][:MOST_NEW]
