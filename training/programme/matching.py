"""What the lines of a programme mean here and now: proposals, doubts, and what is there already.

Everything known is read once, in a fixed number of queries, however many lines there are.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import Enum
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils import timezone

from mscp.publishing_admin import may_change
from training.models import (
    FIRST_YEAR,
    LAST_YEAR,
    Audience,
    Course,
    Delivery,
    Places,
    Session,
    Venue,
)
from training.programme.lines import NEW, NONE, TEXTS, Line, plain_text
from training.programme.moments import read_days, read_times, short
from training.programme.reading import is_online, split_title
from training.programme.titles import SAME, Names, normal


class Level(Enum):
    """How much a doubt weighs."""

    STOP = "stop"  # it cannot be imported like this
    LOOK = "look"  # it can, but somebody should look
    NOTE = "note"  # worth knowing


@dataclass(frozen=True)
class Doubt:
    kind: str
    level: Level
    text: str
    about: str = ""


# Each kind of doubt, as the summary above the lines tells it.
KINDS = {
    "no day": "without a day that can be read",
    "no title": "without a course",
    "cell": "with a cell that could not be read",
    "not held": "that say they are cancelled or postponed",
    "live": "of a course that is live, which only a publisher may add to",
    "may not": "that need a permission you do not have",
    "twice": "that stand here twice",
    "text": "with a text that does not fit",
    "weekday": "whose weekday is not that of the day",
    "several days": "with several days",
    "remark": "with a remark in the title",
    "not used": "with a text that was not used",
    "near": "with a title that is nearly that of a known course",
    "several courses": "whose title is that of several courses",
    "in a row": "of one course on two days in a row",
    "same course": "of one course twice on a day",
    "same day": "on a day with another session",
    "venue": "with a venue that is new or not certain",
    "audience": "that say for whom the course is",
    "delivery": "with words on delivery or places that are not known",
    "night": "that begin at night",
    "past": "in the past",
    "withdrawn": "of a course that is withdrawn",
    "new course": "of a course that is new",
    "differs": "that differ from what is there",
}
# Where these hold for much of a programme they are its way, and no reason to look at each line.
COMMON = ("past", "same day", "in a row", "new course", "not used")
MANY = 12


class Status(Enum):
    STOPPED = "stopped"
    LOOK = "look"
    PLAIN = "plain"
    THERE = "there"
    LEFT_OUT = "left-out"


@dataclass
class Plan:
    """What would become of one line."""

    line: Line
    index: int
    doubts: list[Doubt] = field(default_factory=list)
    course: Course | None = None
    near: list[Course] = field(default_factory=list)
    start_date: date | None = None
    end_date: date | None = None
    start_time: time | None = None
    end_time: time | None = None
    venue: Venue | None = None
    new_venue: dict[str, str] | None = None
    delivery: str = Delivery.NOT_STATED
    places: str = Places.NOT_KNOWN
    booking_url: str = ""
    booking_email: str = ""
    closes: date | None = None
    audiences: list[Audience] = field(default_factory=list)
    there: Session | None = None
    # The line with which it would be one session of several days.
    joins: int | None = None

    @property
    def status(self) -> Status:
        if self.line.left_out:
            return Status.LEFT_OUT
        if self.there:
            return Status.THERE
        levels = {doubt.level for doubt in self.doubts}
        if Level.STOP in levels:
            return Status.STOPPED
        return Status.LOOK if Level.LOOK in levels else Status.PLAIN

    @property
    def is_imported(self) -> bool:
        return self.status in (Status.LOOK, Status.PLAIN)

    @property
    def course_key(self) -> tuple[str, Any]:
        return ("known", self.course.pk) if self.course else ("new", normal(self.line.title))

    @property
    def last_day(self) -> date | None:
        return self.end_date or self.start_date

    @property
    def session(self) -> Session:
        """Return the session it would be, without its course; for how it is told."""
        day: Any = self.start_date
        return Session(
            start_date=day,
            end_date=self.end_date,
            start_time=self.start_time,
            end_time=self.end_time,
            delivery=self.delivery,
            joining_url=self.line.joining,
            venue=self.venue,
            places=self.places,
            booking_url=self.booking_url,
            booking_email=self.booking_email,
            booking_closes=self.closes,
            note=self.line.note,
        )

    def doubt(self, kind: str, level: Level, text: str, about: str = "") -> None:
        self.doubts.append(Doubt(kind, level, text, about))


class World:
    """What is known: courses, venues, audiences, and what somebody may do with them."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.today = timezone.localdate()
        self.courses: dict[int, Course] = {
            course.pk: course
            for course in Course.objects.only(
                "title", "state", "published_at", "withdrawn_at", "slug"
            ).order_by("title", "pk")
        }
        self.titles = Names((course.pk, course.title) for course in self.courses.values())
        self.venues: dict[int, Venue] = {
            venue.pk: venue
            for venue in Venue.objects.only("name", "street", "town", "postcode", "slug")
        }
        self.venue_names = Names(
            (venue.pk, text)
            for venue in self.venues.values()
            for text in {venue.name, f"{venue.name} {venue.address}", venue.address}
            if text
        )
        self.venues_asked: dict[str, tuple[Venue | None, str]] = {}
        self.audiences = {normal(a.name): a for a in Audience.objects.all()}
        self.may_add_course = user.has_perm("training.add_course")
        self.may_add_venue = user.has_perm("training.add_venue")

    def may_add_to(self, course: Course) -> bool:
        return may_change(self.user, course)

    def venue_like(self, text: str) -> tuple[Venue | None, str]:
        """Return the known venue a text means, with a doubt where that is not certain."""
        if text not in self.venues_asked:
            self.venues_asked[text] = self._venue_like(text)
        return self.venues_asked[text]

    def _venue_like(self, text: str) -> tuple[Venue | None, str]:
        exact = list(dict.fromkeys(self.venue_names.exact(text)))
        if len(exact) == 1:
            return self.venues[exact[0]], ""  # type: ignore[index]
        postcode = postcode_in(text)
        there = [
            venue
            for venue in self.venues.values()
            if postcode and venue.postcode.replace(" ", "").upper() == postcode.replace(" ", "")
        ]
        if len(there) == 1:
            return there[0], ""
        if there:
            names = ", ".join(f"“{venue.name}”" for venue in there[:4])
            return there[0], f"Several venues have this postcode: {names}. Choose one."
        near = self.venue_names.near(text)
        if near and near[0][0] >= SAME and not postcode:
            venue = self.venues[near[0][1]]  # type: ignore[index]
            return venue, f"“{short(text)}” was taken for the known venue “{venue.name}”."
        first = normal(text.split(",")[0])
        begun = [v for v in self.venues.values() if normal(v.name) == first and not postcode]
        if len(begun) == 1:
            return begun[0], f"“{short(text)}” was taken for the known venue “{begun[0].name}”."
        return None, ""


_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})\b", re.IGNORECASE)


def postcode_in(text: str) -> str:
    match = _POSTCODE.search(text)
    return f"{match[1]} {match[2]}".upper() if match else ""


def venue_parts(text: str) -> dict[str, str]:
    """Divide "Hall, Street, Town. SM4 5DX" into what a venue has; the first part is its name."""
    rest = _POSTCODE.sub("", text)
    parts = [part.strip(" .,;") for part in re.split(r"[,;\n]", rest)]
    parts = [part for part in parts if part] or [text.strip()]
    return {
        "name": parts[0][:150],
        "street": ", ".join(parts[1:-1])[:200],
        "town": parts[-1][:80] if len(parts) > 1 else "",
        "postcode": postcode_in(text),
    }


_UNKNOWN = re.compile(
    r"(?:tbc|tba|tbd|to be (?:confirmed|announced|arranged)|n/?a|not known|unknown|[-–—?]+)\.?",
    re.IGNORECASE,
)


# --- when it comes in -------------------------------------------------------------------------


def tidy(lines: Sequence[Line]) -> None:
    """Take remarks out of titles, once, when a programme is read; a known title stays whole."""
    titles = set(Course.objects.values_list("title", flat=True))
    known = titles | {normal(title) for title in titles}
    for line in lines:
        for name in TEXTS:
            text = plain_text(getattr(line, name))
            # What is said not to be known is not known.
            unknown = name != "title" and _UNKNOWN.fullmatch(text)
            setattr(line, name, "" if unknown else text)
        title = line.title
        if title not in known and (normal(title) not in known or "*" in title):
            split_title(line)
        if line.venue and not line.delivery and is_online(line.venue):
            line.delivery, line.venue = "online", ""


# --- line by line -----------------------------------------------------------------------------


def plan_all(lines: Sequence[Line], user: Any) -> list[Plan]:
    """Tell what would become of each line if it were imported now by this user."""
    world = World(user)
    plans = [Plan(line, index) for index, line in enumerate(lines)]
    for plan in plans:
        _days(plan, world)
    sessions = _sessions_between(plans)
    for plan in plans:
        for remark in plan.line.remarks:
            level = Level.STOP if remark.stops else Level.LOOK
            plan.doubt(remark.kind, level, remark.text, remark.about)
        _course(plan, world, sessions)
        _times(plan)
        _delivery_and_place(plan, world)
        _rest(plan, world)
        _there(plan, sessions)
        _limits(plan)
        if plan.there:
            plan.doubts = [doubt for doubt in plan.doubts if doubt.kind == "differs"]
    taking_part = [plan for plan in plans if not plan.line.left_out and not plan.there]
    _among_themselves(taking_part)
    _on_days_taken(taking_part, sessions)
    _quieten(taking_part)
    return plans


def _days(plan: Plan, world: World) -> None:
    line = plan.line
    days = read_days(line.date)
    end = read_days(line.end_date)
    plan.start_date, plan.end_date = days.first, days.last
    if problem := days.problem or end.problem:
        plan.doubt("no day", Level.STOP, problem, "date")
    elif days.first is None:
        plan.doubt("no day", Level.STOP, "The day is missing.", "date")
    elif end.last or (end.first and days.last):
        plan.doubt("no day", Level.STOP, "The last day is one day: 15/01/2027.", "end_date")
    elif end.first and end.first != days.first:
        plan.end_date = end.first
        if end.first < days.first:
            text = "The last day comes before the first."
            plan.doubt("no day", Level.STOP, text, "end_date")
    if doubt := days.doubt or end.doubt:
        plan.doubt("weekday", Level.LOOK, doubt, "date")
    for day in (plan.start_date, plan.end_date):
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            plan.start_date = plan.end_date = None
            plan.doubt("no day", Level.STOP, f"There are no sessions in the year {day.year}.")
            break
    if plan.last_day and plan.last_day < world.today:
        plan.doubt("past", Level.LOOK, "The day is past.", "date")


def _sessions_between(plans: list[Plan]) -> dict[int, list[Session]]:
    """Read the sessions of the days of a programme, by course."""
    days = [plan.start_date for plan in plans if plan.start_date]
    found: dict[int, list[Session]] = defaultdict(list)
    if days:
        sessions = Session.objects.filter(start_date__lte=max(days)).exclude(
            end_date=None, start_date__lt=min(days)
        )
        for session in sessions.exclude(end_date__lt=min(days)).select_related("venue"):
            found[session.course_id].append(session)
    return found


def _course(plan: Plan, world: World, sessions: dict[int, list[Session]]) -> None:
    line = plan.line
    near: Any = []
    if line.title and not world.titles.exact(line.title):
        near = world.titles.near(line.title)
        plan.near = [world.courses[key] for _, key in near]
    if line.course not in ("", NEW):
        plan.course = world.courses.get(int(line.course))
        if plan.course is None:
            text = "The course that was chosen has been deleted meanwhile. Choose another."
            plan.doubt("no title", Level.STOP, text, "course")
            return
    elif not line.title:
        plan.doubt("no title", Level.STOP, "The title of the course is missing.", "title")
        return
    elif not line.course:
        _course_by_title(plan, world, near, sessions)
    course = plan.course
    if course is None:
        _new_course(plan, world)
    elif not world.may_add_to(course):
        if course.is_draft:
            text = "You may not change courses, so no session can be added to this one."
        else:
            text = (
                f"“{short(course.title)}” is {course.stage.label.lower()}, and only a publisher "
                "may add sessions to it. A publisher can open this import and finish it; or leave "
                "the line out."
            )
        plan.doubt("live", Level.STOP, text, "course")
    elif course.is_withdrawn:
        text = "The course is withdrawn, so nobody will see the session."
        plan.doubt("withdrawn", Level.LOOK, text, "course")


def _course_by_title(
    plan: Plan, world: World, near: Any, sessions: dict[int, list[Session]]
) -> None:
    exact: Any = world.titles.exact(plan.line.title)
    letter_by_letter = [key for key in exact if world.courses[key].title == plan.line.title]
    exact = letter_by_letter or exact
    if len(exact) > 1:
        # The one with a session that day; else one that is not withdrawn.
        exact = sorted(
            exact,
            key=lambda key: (
                not any(_same(plan, each) for each in sessions.get(key, [])),
                world.courses[key].is_withdrawn,
            ),
        )
        text = f"{len(exact)} courses have this title. Look whether the right one is chosen."
        plan.doubt("several courses", Level.LOOK, text, "course")
    if exact:
        plan.course = world.courses[exact[0]]
    elif near:
        alike, key = near[0]
        course = world.courses[key]
        if alike >= SAME:
            plan.course = course
            text = (
                f"“{short(plan.line.title)}” was taken for the known course “{course.title}”. If "
                "it is another, choose “A new course”."
            )
        else:
            text = f"There is a course with a title like it: “{course.title}”. Is it that one?"
        plan.doubt("near", Level.LOOK, text, "course")


def _new_course(plan: Plan, world: World) -> None:
    if len(plan.line.title) > _longest(Course, "title"):
        plan.doubt("text", Level.STOP, "The title has more than 200 characters.", "title")
    if world.may_add_course:
        plan.doubt("new course", Level.NOTE, "The course is new: a draft will be made.", "course")
    else:
        text = "The course is not known, and you may not add courses. Choose a known one."
        plan.doubt("may not", Level.STOP, text, "course")


def _times(plan: Plan) -> None:
    start, end = read_times(plan.line.start), read_times(plan.line.end)
    problem = start.problem or end.problem
    if not problem and start.end and end.start:
        problem = f"Two times at which it ends: “{plan.line.start}” and “{plan.line.end}”."
    if not problem and end.end:
        problem = "Write when it ends as one time."
    if problem:
        plan.doubt("text", Level.STOP, problem, "start")
        return
    plan.start_time, plan.end_time = start.start, start.end or end.start
    if plan.end_time and not plan.start_time:
        plan.doubt("text", Level.STOP, _broken("end_needs_start"), "start")
    elif plan.end_time and not plan.end_date and plan.end_time <= (plan.start_time or time()):
        plan.doubt("text", Level.STOP, _broken("times_in_order"), "end")
    if start.doubt:
        plan.doubt("night", Level.LOOK, start.doubt, "start")


_DELIVERY = {
    "inperson": Delivery.IN_PERSON,
    "facetoface": Delivery.IN_PERSON,
    "classroom": Delivery.IN_PERSON,
    "f2f": Delivery.IN_PERSON,
    "hybrid": Delivery.HYBRID,
    "blended": Delivery.HYBRID,
    "inpersonandonline": Delivery.HYBRID,
    "onlineandinperson": Delivery.HYBRID,
    "notstated": Delivery.NOT_STATED,
    "notknown": Delivery.NOT_STATED,
    # Of a column that is called "Online".
    "yes": Delivery.ONLINE,
    "y": Delivery.ONLINE,
    "no": Delivery.IN_PERSON,
    "n": Delivery.IN_PERSON,
}
_PLACES = {
    "open": Places.OPEN,
    "available": Places.OPEN,
    "placesavailable": Places.OPEN,
    "spacesavailable": Places.OPEN,
    "waitinglist": Places.WAITING_LIST,
    "waitlist": Places.WAITING_LIST,
    "full": Places.FULL,
    "fullybooked": Places.FULL,
    "soldout": Places.FULL,
    "notknown": Places.NOT_KNOWN,
}


def _delivery_of(text: str) -> Delivery | None:
    plain = normal(text).replace(" ", "")
    if plain in Delivery.values or text in Delivery.values:
        return Delivery(text if text in Delivery.values else plain)
    return Delivery.ONLINE if is_online(text) else _DELIVERY.get(plain)


def _places_of(text: str) -> Places | None:
    if text in Places.values:
        return Places(text)
    return _PLACES.get(normal(text).replace(" ", ""))


def _delivery_and_place(plan: Plan, world: World) -> None:
    line = plan.line
    delivery = _delivery_of(line.delivery) if line.delivery else None
    if line.delivery and delivery is None:
        text = f"“{short(line.delivery)}” says nothing known about how it is taught. Choose one."
        plan.doubt("delivery", Level.STOP, text, "delivery")
    _place(plan, world)
    has_place = bool(plan.venue or plan.new_venue)
    if delivery is None and not line.delivery and has_place:
        # Where there is an address to come to, people come.
        delivery = Delivery.IN_PERSON
    plan.delivery = delivery or Delivery.NOT_STATED
    if plan.delivery == Delivery.ONLINE and has_place:
        plan.doubt("text", Level.STOP, _broken("online_no_venue"), "delivery")
    if line.joining:
        if not _is_address(line.joining):
            text = f"“{short(line.joining)}” is no address: it begins with https://."
            plan.doubt("text", Level.STOP, text, "joining")
        elif plan.delivery not in (Delivery.ONLINE, Delivery.HYBRID):
            plan.doubt("text", Level.STOP, _broken("joining_online"), "joining")


def _place(plan: Plan, world: World) -> None:
    line = plan.line
    if line.place == NONE or not (line.venue or line.place):
        return
    if line.place not in ("", NEW):
        plan.venue = world.venues.get(int(line.place))
        if plan.venue is None:
            text = "The venue that was chosen has been deleted meanwhile. Choose another."
            plan.doubt("venue", Level.STOP, text, "place")
        return
    if line.place != NEW:
        plan.venue, doubt = world.venue_like(line.venue)
        if plan.venue:
            if doubt:
                plan.doubt("venue", Level.LOOK, doubt, "place")
            return
    if not line.venue:
        plan.doubt("venue", Level.STOP, "Write the name of the new venue.", "venue")
    elif world.may_add_venue:
        plan.new_venue = venue_parts(line.venue)
        text = (
            f"The venue “{plan.new_venue['name']}” is not known. It will be made, and a venue's "
            "page is public at once."
        )
        plan.doubt("venue", Level.LOOK, text, "place")
    else:
        text = (
            f"The venue “{short(line.venue)}” is not known, and only a publisher may add venues. "
            "Choose a known one or none; or a publisher opens this import and finishes it."
        )
        plan.doubt("venue", Level.STOP, text, "place")


def _rest(plan: Plan, world: World) -> None:
    line = plan.line
    places = _places_of(line.places) if line.places else Places.NOT_KNOWN
    if places is None:
        text = (
            f"“{short(line.places)}” says nothing known about places: write “Places available”, "
            "“Waiting list”, “Full” or nothing."
        )
        plan.doubt("delivery", Level.STOP, text, "places")
    plan.places = places or Places.NOT_KNOWN
    booking = line.booking.removeprefix("mailto:")
    if booking and "@" in booking and "/" not in booking:
        plan.booking_email = booking
        if not _is_valid(validate_email, booking):
            text = f"“{short(booking)}” is no e-mail address."
            plan.doubt("text", Level.STOP, text, "booking")
    elif booking:
        plan.booking_url = booking if "://" in booking else f"https://{booking}"
        if not _is_address(plan.booking_url):
            text = f"“{short(booking)}” is neither an address nor an e-mail address."
            plan.doubt("text", Level.STOP, text, "booking")
    closes = read_days(line.closes)
    plan.closes = closes.first
    if closes.problem or closes.last:
        text = closes.problem or "The last day to book is one day."
        plan.doubt("text", Level.STOP, text, "closes")
    elif plan.closes and plan.last_day and plan.closes > plan.last_day:
        plan.doubt("text", Level.STOP, _broken("booking_closes_before_end"), "closes")
    if closes.doubt:
        plan.doubt("weekday", Level.LOOK, closes.doubt, "closes")
    if len(line.note) > _longest(Session, "note"):
        plan.doubt("text", Level.STOP, "The note has more than 250 characters.", "note")
    _audiences(plan, world)


def _audiences(plan: Plan, world: World) -> None:
    text = plan.line.audience
    if not text:
        return
    if plan.course:
        told = "For whom a course is stands with the course, and is not changed here."
        plan.doubt("audience", Level.NOTE, told, "audience")
    names = [text] if normal(text) in world.audiences else re.split(r"[;,\n]", text)
    for name in filter(None, map(str.strip, names)):
        if audience := world.audiences.get(normal(name)):
            plan.audiences.append(audience)
        elif plan.course is None:
            told = (
                f"“{short(name)}” is no known audience and will not be set. Known: "
                f"{', '.join(a.name for a in list(world.audiences.values())[:12]) or 'none'}."
            )
            plan.doubt("audience", Level.LOOK, told, "audience")


def _limits(plan: Plan) -> None:
    for name, value in (("booking_url", plan.booking_url), ("joining_url", plan.line.joining)):
        if len(value) > _longest(Session, name):
            plan.doubt("text", Level.STOP, "An address has more than 500 characters.", "booking")


# --- what is there already --------------------------------------------------------------------


def _same(plan: Plan, session: Session) -> bool:
    """Tell whether a session is the one of a line: its day, and no other time."""
    if plan.start_date is None or not session.start_date <= plan.start_date <= session.last_day:
        return False
    times = (plan.start_time, session.start_time)
    return None in times or times[0] == times[1]


def _there(plan: Plan, sessions: dict[int, list[Session]]) -> None:
    if plan.course is None:
        return
    same = [session for session in sessions.get(plan.course.pk, []) if _same(plan, session)]
    if not same:
        return
    # Of several on that day the one that is most like it.
    plan.there = min(same, key=lambda session: len(_differences(plan, session)))
    if plan.there.is_cancelled:
        plan.doubt("differs", Level.NOTE, "It is there already, and cancelled.")
    if differences := _differences(plan, plan.there):
        text = (
            f"It is there already and stays as it is; it differs in: {', '.join(differences)}. "
            "Change the session itself where this is right."
        )
        plan.doubt("differs", Level.NOTE, text)


def _differences(plan: Plan, session: Session) -> list[str]:
    """Name what a line says otherwise than the session that is there; what it leaves open, not."""
    line = plan.line
    said: list[tuple[str, bool, Any, Any]] = [
        ("last day", bool(plan.end_date), plan.end_date, session.end_date),
        ("times", bool(plan.start_time), plan.start_time, session.start_time),
        ("times", bool(plan.end_time), plan.end_time, session.end_time),
        ("venue", bool(plan.venue or plan.new_venue), plan.venue, session.venue),
        ("delivery", bool(line.delivery), plan.delivery, session.delivery),
        ("joining address", bool(line.joining), line.joining, session.joining_url),
        ("places", bool(line.places), plan.places, session.places),
        ("booking", bool(plan.booking_url), plan.booking_url, session.booking_url),
        ("booking", bool(plan.booking_email), plan.booking_email, session.booking_email),
        ("last day to book", bool(plan.closes), plan.closes, session.booking_closes),
        ("note", bool(line.note), line.note, " ".join(session.note.split())),
    ]
    return list(dict.fromkeys(name for name, told, new, old in said if told and new != old))


# --- lines beside each other ------------------------------------------------------------------


def _among_themselves(plans: list[Plan]) -> None:
    by_course: dict[Any, list[Plan]] = defaultdict(list)
    by_day: dict[date, list[Plan]] = defaultdict(list)
    for plan in plans:
        if plan.start_date and (plan.course or plan.line.title):
            by_course[plan.course_key].append(plan)
            by_day[plan.start_date].append(plan)
    for group in by_course.values():
        _of_one_course(group)
    for day in by_day.values():
        courses = {plan.course_key for plan in day}
        if len(courses) < 2:
            continue
        first = {plan.course_key: plan for plan in reversed(day)}
        for plan in day:
            others = [other for key, other in first.items() if key != plan.course_key]
            more = f", and {len(others) - 1} more" if len(others) > 1 else ""
            text = f"{_named(others[-1])} is on the same day{more}."
            plan.doubt("same day", Level.LOOK, text, "date")


def _of_one_course(group: list[Plan]) -> None:
    group = sorted(group, key=lambda plan: (plan.start_date, plan.index))
    by_day: dict[Any, list[Plan]] = defaultdict(list)
    for plan in group:
        by_day[plan.start_date].append(plan)
    for day in by_day.values():
        for place, plan in enumerate(day):
            others = day[:place] + day[place + 1 :]
            same = [
                o
                for o in day[:place]
                if None in (o.start_time, plan.start_time) or o.start_time == plan.start_time
            ]
            if same:
                text = (
                    f"The same session stands in line {same[0].line.number} already. Leave one of "
                    "them out, or give both the time at which they start."
                )
                plan.doubt("twice", Level.STOP, text, "start")
            elif others:
                text = f"The course is held twice on that day: see line {others[0].line.number}."
                plan.doubt("same course", Level.LOOK, text, "date")
    days = sorted(by_day.items())
    for (_, today), (tomorrow, next_day) in pairwise(days):
        if len(today) > 1 or len(next_day) > 1:
            continue
        first, second = today[0], next_day[0]
        if first.last_day and first.last_day + timedelta(days=1) == tomorrow:
            first.joins = second.index
            text = (
                f"The same course is on the next day too (line {second.line.number}). If it is "
                "one session of two days, join them."
            )
            first.doubt("in a row", Level.LOOK, text, "end_date")
            text = f"The same course is on the day before too (line {first.line.number})."
            second.doubt("in a row", Level.LOOK, text, "date")


def _on_days_taken(plans: list[Plan], sessions: dict[int, list[Session]]) -> None:
    """Tell of a session that the course has on that day already, at another time."""
    for plan in plans:
        if plan.course is None or plan.start_date is None:
            continue
        for session in sessions.get(plan.course.pk, []):
            if session.start_date <= plan.start_date <= session.last_day:
                text = f"The course has a session on that day already, {session.times}."
                plan.doubt("same course", Level.LOOK, text, "start")
                break


def _quieten(plans: list[Plan]) -> None:
    """Make a note of what holds for much of a programme: pointing at each line would hide the rest.

    A new venue is asked about once.
    """
    counts = Counter(kind for plan in plans for kind in {doubt.kind for doubt in plan.doubts})
    usual = {kind for kind in COMMON if counts[kind] > MANY and counts[kind] * 4 > len(plans)}
    seen: set[str] = set()
    for plan in plans:
        told = []
        for doubt in plan.doubts:
            again = doubt.kind in ("venue", "near") and doubt.text in seen
            seen.add(doubt.text)
            quiet = doubt.level is Level.LOOK and (doubt.kind in usual or again)
            told.append(Doubt(doubt.kind, Level.NOTE, doubt.text, doubt.about) if quiet else doubt)
        plan.doubts = told


def _named(plan: Plan) -> str:
    title = plan.course.title if plan.course else plan.line.title
    return f"“{short(title)}” (line {plan.line.number})"


# --- rules of a session -----------------------------------------------------------------------


def _broken(name: str) -> str:
    """Return the sentence of a rule that the database holds."""
    return next(
        str(constraint.violation_error_message)
        for constraint in Session._meta.constraints
        if constraint.name == f"training_session_{name}"
    )


def _longest(model: Any, name: str) -> int:
    return model._meta.get_field(name).max_length


def _is_valid(validator: Callable[[str], None], text: str) -> bool:
    try:
        validator(text)
    except ValidationError:
        return False
    return True


def _is_address(text: str) -> bool:
    return _is_valid(URLValidator(schemes=["http", "https"]), text)
