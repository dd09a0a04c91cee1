"""Filter set of the training list, shared by page, calendar and export."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.db.models import Case, CharField, Model, Q, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, Lower
from django.http import QueryDict
from django.utils import timezone
from django.utils.dates import MONTHS

from mscp.database import clock
from mscp.listing.facets import (
    EveryFacet,
    Facet,
    FixedChoices,
    ManyFacet,
    ModelChoices,
    PatternChoices,
    Switch,
    WordsFilter,
    as_text,
)
from mscp.listing.filterset import ListFilterSet, Ordering
from mscp.listing.params import IgnoredParameter
from mscp.publishing.gate import Moment
from reviews.models import Theme
from training.access import ACCESS
from training.models import Answer, Audience, Course, Delivery, Session, Venue, is_upcoming
from training.models.sessions import Day, SessionQuerySet
from training.search import find_sessions, find_sessions_of_each, published_texts

# The filters of the training list that concern time.
TIME = ("when", "month")


class MonthFacet(Facet):
    """The months a session takes place in, as 2027-01; most have only one."""

    def filter(self, qs: Any, value: list[str]) -> Any:
        if not value:
            return qs
        months = Q()
        for month in map(month_of, value):
            months |= Q(start_date__lt=month_after(month)) & Q(is_upcoming(today=month))
        return qs.filter(months)

    @staticmethod
    def parted(days: str) -> Iterator[str]:
        """Yield the months between two days, which are separated by a slash."""
        first, last = (day[:7] for day in days.split("/"))
        yield first
        while first < last:
            first = month_value(month_after(month_of(first)))
            yield first


class DeliveryFacet(Facet):
    """How a session is taught; a hybrid one is found, and counted, under both."""

    BOTH_WAYS = (Delivery.IN_PERSON, Delivery.ONLINE)

    def filter(self, qs: Any, value: list[str]) -> Any:
        return super().filter(qs, self._with_hybrid(value))

    def accepted(self, chosen: list[str]) -> list[str]:
        return self._with_hybrid(chosen)

    def _with_hybrid(self, chosen: list[str]) -> list[str]:
        either = any(way in chosen for way in self.BOTH_WAYS)
        return [*chosen, Delivery.HYBRID] if either else chosen

    def tally(self, numbers: dict[str, int]) -> dict[str, int]:
        hybrid = numbers.get(Delivery.HYBRID, 0)
        either = {
            way.value: numbers.get(way, 0) + hybrid
            for way in self.BOTH_WAYS
            if hybrid or way in numbers
        }
        return numbers | either


class CourseFacet(ManyFacet):
    """A facet of the session's course, which may have several values."""

    def __init__(self, *, through: type[Model], column: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.through = through
        self.column = column

    def filter(self, qs: Any, value: list[str]) -> Any:
        if not value:
            return qs
        rows = self.through._default_manager.filter(**{f"{self.column}__in": value})
        return qs.filter(course_id__in=rows.values("course_id"))


class ViewSwitch(Switch):
    """How the sessions are shown; the sessions are the same."""

    narrows = False
    count_by = as_text(Value("any"))

    def accepted(self, chosen: str) -> list[str]:
        return ["any"]

    def filter(self, qs: Any, value: str) -> Any:
        return qs


class WhenSwitch(Switch):
    """Upcoming or past sessions, by the clock of the request."""

    @property
    def count_by(self) -> Case:
        return Case(When(is_upcoming(), then=Value("upcoming")), default=Value("past"))

    def filter(self, qs: Any, value: str) -> Any:
        if value == "upcoming":
            return qs.upcoming()
        return qs.past() if value == "past" else qs


def _month_name(value: str) -> str:
    year, _, month = value.partition("-")
    return f"{MONTHS[int(month)]} {year}"


class SessionFilterSet(ListFilterSet):
    when = WhenSwitch(label="When", choices={"upcoming": "Upcoming", "past": "Past", "all": "All"})
    view = ViewSwitch(label="View", choices={"list": "List", "month": "Month"})
    q = WordsFilter(find=find_sessions, find_each=find_sessions_of_each, label="Keyword")
    month = MonthFacet(
        field_name="start_date",
        label="Month",
        known=PatternChoices(r"(19|20|21)\d\d-(0[1-9]|1[0-2])", _month_name),
        # Such as 2027-01-14/2027-02-01, on both databases.
        count_by=Concat(
            Cast("start_date", CharField()),
            Value("/"),
            Cast(Coalesce("end_date", "start_date"), CharField()),
        ),
    )
    theme = CourseFacet(
        field_name="course__themes__slug",
        label="Theme",
        known=ModelChoices(Theme.objects.all, "name"),
        label_path="course__themes__name",
        through=Course.themes.through,
        column="theme__slug",
    )
    course = Facet(
        field_name="course__slug",
        label="Course",
        known=ModelChoices(Course.objects.published, "title"),
        label_path="course__title",
        folded=True,
    )
    audience = CourseFacet(
        field_name="course__audiences__slug",
        label="For whom",
        known=ModelChoices(Audience.objects.all, "name"),
        label_path="course__audiences__name",
        folded=True,
        through=Course.audiences.through,
        column="audience__slug",
    )
    delivery = DeliveryFacet(
        field_name="delivery",
        label="Format",
        known=FixedChoices({value: str(label) for value, label in Delivery.choices}),
    )
    venue = Facet(
        field_name="venue__slug",
        label="Venue",
        known=ModelChoices(Venue.objects.all, "name"),
        label_path="venue__name",
        folded=True,
    )
    access = EveryFacet(
        label="Access at the venue",
        labels={value: label for value, (label, _) in ACCESS.items()},
        conditions={
            value: Q((f"venue__{name}", Answer.YES)) for value, (_, name) in ACCESS.items()
        },
        not_known={
            value: Q((f"venue__{name}", Answer.NOT_KNOWN)) for value, (_, name) in ACCESS.items()
        },
        holders="venue",
        noun="venue,venues",
        hint="Only sessions at a venue confirmed to have it.",
    )

    texts_of = "training"
    followed: ClassVar = {
        "training_session": "pk",
        "training_course": "course",
        "training_course_themes": "course",
        "training_course_audiences": "course",
        "reviews_theme": "",
        "training_audience": "",
        "training_venue": "",
    }
    # The first is not a fixed order: upcoming sessions start with the next, past ones with the
    # last.
    sorts: ClassVar = {
        "": ("Nearest first", None),
        "oldest": ("Earliest first", lambda qs: qs.soonest_first()),
        "newest": ("Latest first", lambda qs: qs.latest_first()),
        "title": (
            "Course title",
            lambda qs: qs.order_by(Lower("course__title"), "start_date", "pk"),
        ),
    }

    @classmethod
    def published(cls) -> SessionQuerySet:
        return Session.objects.published()

    @property
    def order(self) -> tuple[str, Ordering]:
        backwards = self.value_of("when") == "past"
        asked = "oldest" if self.month_shown else self.sort
        name = asked or ("newest" if backwards else "oldest")
        return name, self.sorts[name][1]

    # --- month view ---------- -----------------------------------------------------------------

    month_shown: date | None = None

    @property
    def asks_for_month_view(self) -> bool:
        return bool(self.value_of("view") == "month")

    @property
    def months(self) -> list[date]:
        """Return the months of the sessions that match every filter except those of time."""
        return sorted(map(month_of, self.numbers("month", without=TIME)))

    @property
    def months_to_come(self) -> list[date]:
        coming = self.numbers("month", without=TIME, when=["upcoming"])
        return sorted(map(month_of, coming))

    def show_month(self, nearest: date) -> date:
        """Filter by one month: the first that was asked for, or the nearest."""
        asked = sorted(self.data.getlist("month"))
        labels = self.reading.labels["month"]
        self.ignored += [IgnoredParameter("Month", labels[month]) for month in asked[1:]]
        labels.clear()
        self.data["month"] = asked[0] if asked else month_value(nearest)
        self.month_shown = month_of(self.data["month"])
        return self.month_shown

    def value_of(self, name: str) -> Any:
        if self.month_shown and name == "when":
            return "all"
        return super().value_of(name)

    def canonical(self, page: int) -> str:
        query = super().canonical(page)
        if not self.month_shown:
            return query
        data = QueryDict(query, mutable=True)
        # Neither changes a month.
        for name in ("when", "sort"):
            data.pop(name, None)
        return data.urlencode()

    @property
    def cleared(self) -> str:
        if not self.month_shown:
            return super().cleared
        data = QueryDict(super().cleared, mutable=True)
        data["month"] = self.data["month"]
        return data.urlencode()

    @classmethod
    def published_texts(cls) -> Iterable[str]:
        return published_texts()

    def good_until(self) -> datetime | None:
        tomorrow = clock.today() + timedelta(days=1)
        midnight = timezone.make_aware(datetime.combine(tomorrow, time()))
        return min(filter(None, [midnight, Course.objects.next_moment()]))


def month_value(month: date) -> str:
    """Format a month as in the URL: 2027-01."""
    return month.isoformat()[:7]


def month_of(value: str) -> date:
    """Parse what ``month_value`` formats."""
    return date.fromisoformat(f"{value}-01")


def month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def upcoming_sessions(*, at: Moment = None, today: Day = None) -> SessionQuerySet:
    """Return the sessions a visitor may attend, soonest first."""
    sessions = Session.objects.published(at=at).upcoming(today=today)
    return sessions.going_ahead().soonest_first()
