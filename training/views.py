"""Views of the training list, courses and venues."""

from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.generic import DetailView, TemplateView

from mscp.database.compiled_query import CompiledQuery, set_prefetched
from mscp.listing.params import LONGEST_SHOWN, MOST_VALUES, IgnoredParameter
from mscp.listing.views import FilteredListView
from mscp.publishing.gate import Publishable
from mscp.publishing.notes import has_notes
from mscp.publishing.views import PublishedDetailView
from mscp.search.searchable import COLUMNS as SEARCH_COLUMNS
from mscp.text.folding import plain
from reviews.models import by_kind
from reviews.related import MOST_RELATED, newest_of_each_kind
from training.access import ACCESS, access_facts
from training.filters import SessionFilterSet, upcoming_sessions
from training.models import Answer, Course, Session, Venue
from training.month.page import MonthPage
from training.month.weeks import reach_of, read_sessions
from training.related import (
    MOST_OF_COURSE,
    audiences_of,
    held,
    taught_by,
    taught_keys,
    themes_of_course,
)

# Of course and venue, long or costly to read and shown in no item.
NOT_IN_ITEMS = (
    *(f"course__{name}" for name in ("description", "outcomes", "prerequisites", "staff_note")),
    *(f"venue__{name}" for name in ("directions", "accessibility", "staff_note")),
    *(f"{one}__{name}" for one in ("course", "venue") for name in SEARCH_COLUMNS),
)
MOST_DATES = 50


class SessionListView(FilteredListView):
    """The sessions as a list, or those of one month as a calendar."""

    model = Session
    filterset_class = SessionFilterSet
    template_name = "training/session_list.html"
    paginate_by = 50
    section = "training"
    extra_context = {
        "heading": "Training",
        "noun": "session,sessions",
        "lead": "Regular training, and briefings on what local reviews have taught us.",
        "none_yet": "Courses will stand here with their dates and places, and every calendar can "
        "follow them.",
    }

    def read_rows(self, keys: list[int]) -> QuerySet[Session]:
        sessions = Session.objects.published().filter(pk__in=keys)
        return sessions.select_related("course", "venue").defer(*NOT_IN_ITEMS)

    def read_filter(self) -> Any:
        filterset = super().read_filter()
        self.month = None
        if filterset.asks_for_month_view:
            filterset.fall_back_to_prefix()
            self.reach = reach_of(filterset.months, filterset.months_to_come)
            self.month = filterset.show_month(self.reach.nearest)
        return filterset

    @property
    def holds_nothing(self) -> bool:
        return super().holds_nothing and self.month is None

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["query_to_subscribe"] = context["query"]
        if self.month is None:
            return self._by_month(context)
        of_month = read_sessions(context["paginator"].object_list)
        month_page = MonthPage(self.filterset, self.month, self.reach, of_month)
        return context | month_page.context(context)

    def _by_month(self, context: dict[str, Any]) -> dict[str, Any]:
        sessions = context["object_list"]
        by_month = self.filterset.sort != "title"
        months = groupby(sessions, key=lambda s: s.start_date.replace(day=1) if by_month else None)
        context["months"] = [(month, list(group)) for month, group in months]
        return context


class CourseDetailView(PublishedDetailView):
    model = Course
    section = "training"
    template_name = "training/course_detail.html"

    def find(self, slug: str) -> list[Any]:
        return _BY_SLUG.records(slug=slug)

    def read_along(self, *, public: bool) -> None:
        course: Any = self.object
        set_prefetched(course, themes=themes_of_course(course), audiences=audiences_of(course))
        # A session follows its course: on the preview of a draft or a change they are its own.
        self.upcoming, self.past = held(course)
        self.taught = taught_by(course)
        self.taught_keys = taught_keys(course, self.taught)

    def preview_of_change(self, change: Publishable) -> HttpResponse:
        for session in [*self.upcoming, *self.past]:
            # Links lead to the one that is live.
            session.pk = session.revises_id or session.pk
        return super().preview_of_change(change)

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        course: Any = self.object
        slugs = [theme.slug for theme in course.themes.all()]
        return super().get_context_data(
            upcoming=self.upcoming[:MOST_OF_COURSE],
            past=self.past[:MOST_OF_COURSE],
            more_past=len(self.past) > MOST_OF_COURSE,
            taught=by_kind(self.taught),
            related=by_kind(newest_of_each_kind(slugs, MOST_RELATED, without=self.taught_keys)),
            **kwargs,
        )


_BY_SLUG = CompiledQuery(
    lambda bound: Course.objects.filter(slug=bound.value("slug")).annotate(
        has_notes=has_notes(Course, bound.now)
    ),
    convert={"has_notes": bool},
)


if TYPE_CHECKING:
    _VenueView = DetailView[Venue]
else:
    _VenueView = DetailView


class VenueDetailView(_VenueView):
    """A venue is never a draft; its sessions are behind the gate."""

    query_parameters: ClassVar[tuple[str, ...]] = ()
    model = Venue
    section = "training"
    template_name = "training/venue_detail.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        sessions = Session.objects.published().filter(venue=self.object)
        sessions = sessions.select_related("course", "venue")
        upcoming = list(sessions.upcoming().soonest_first()[: MOST_DATES + 1])
        return super().get_context_data(
            facts=access_facts(self.object),
            upcoming=upcoming[:MOST_DATES],
            has_more=len(upcoming) > MOST_DATES,
            has_past=sessions.past().exists(),
            **kwargs,
        )


class VenueListView(TemplateView):
    """All venues, or those known to have what the URL asks for."""

    query_parameters: ClassVar[tuple[str, ...]] = ("access",)
    template_name = "training/venue_list.html"
    section = "training"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        asked = list(dict.fromkeys(map(plain, self.request.GET.getlist("access")[:MOST_VALUES])))
        chosen = [value for value in asked if value in ACCESS]
        venues = _with_next_date(Venue.objects.order_by("name", "pk"))
        for value in chosen:
            venues = venues.filter(**{ACCESS[value][1]: Answer.YES})
        return super().get_context_data(
            venues=[(venue, access_facts(venue)) for venue in venues],
            choices=[(value, label, value in chosen) for value, (label, _) in ACCESS.items()],
            ignored=[
                IgnoredParameter("Access", value[:LONGEST_SHOWN])
                for value in asked
                if value and value not in ACCESS
            ],
            chosen=chosen,
            **kwargs,
        )


def _with_next_date(venues: QuerySet[Venue]) -> QuerySet[Venue]:
    """Annotate with the first day of the next published session there."""
    coming = upcoming_sessions().filter(venue=OuterRef("pk"))
    return venues.annotate(next_date=Subquery(coming.values("start_date")[:1]))


def venue_photo(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """Send the photo of a venue; uploads have no other URL."""
    field = {"webp": "photo", "jpeg": "photo_jpeg"}[kind]
    venue = get_object_or_404(Venue.objects.exclude(**{field: ""}), slug=slug)
    file = getattr(venue, field)
    # Another photo has another name.
    etag = quote_etag(file.name)
    # Before the file is opened: nothing would close it.
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    try:
        photo = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(photo, content_type=f"image/{kind}", headers={"ETag": etag})
