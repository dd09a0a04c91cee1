"""Plan of one line, and the doubts about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from enum import Enum
from typing import Any

from training.models import Audience, Course, Delivery, Places, Session, Venue
from training.models.programme_lines import Answer, Line
from training.programme.lines.status import says_not_held
from training.programme.lines.titles import normal


class Level(Enum):
    """The severity of a doubt."""

    STOP = "stop"  # it cannot be imported like this
    LOOK = "look"  # it can, but somebody should look
    NOTE = "note"  # worth knowing


@dataclass(frozen=True)
class Doubt:
    kind: str
    level: Level
    text: str
    about: str = ""
    # Its likely answers, each a button.
    answers: tuple[Answer, ...] = ()
    # Doubts of one kind and group have the same answer: the lines of one new venue.
    group: str = ""

    @property
    def is_question(self) -> bool:
        """Return whether only a person can tell, so that nothing of its line goes live before."""
        if self.kind in REMARKED:
            return False
        return self.level is Level.STOP or (self.level is Level.LOOK and bool(self.answers))


# Of these the answers are offers: what a line says is clear.
REMARKED = ("past", "live")


# Each kind of doubt, as the summary above the lines words it.


KINDS = {
    "no day": "without a day that can be read",
    "no title": "without a course",
    "cell": "with a cell that could not be read",
    "not held": "that say they are cancelled or postponed",
    "provisional": "that say they are not certain",
    "said moved": "that say they were moved or changed",
    "year": "whose year is not written",
    "order": "whose day and month may be the other way round",
    "number": "with a number that may belong to the title or the day",
    "other day": "with a day that is none of the session",
    "several": "with several days",
    "long": "of many days in a row",
    "time": "with a time that is not certain",
    "live": "of a course that is withdrawn, which only a publisher may add to",
    "proposed": "of a course that is live, which go into a proposed change of it",
    "may not": "that need a permission you do not have",
    "twice": "that stand here twice",
    "text": "with a text that does not fit",
    "weekday": "whose weekday is not that of the day",
    "hidden": "beside which the file hides something, or says it in a comment",
    "repeats": "of an event that repeats",
    "several days": "with several days",
    "remark": "with a remark in the title",
    "unknown": "whose place is not known yet",
    "not used": "with a text that was not used",
    "closes": "whose note says until when to book",
    "near": "with a title that is nearly that of a known course",
    "several courses": "whose title is that of several courses",
    "in a row": "of one course on two days in a row",
    "same course": "of one course twice on a day",
    "same day": "on a day with another session",
    "venue": "with a venue that is new or not certain",
    "audience": "that say for whom the course is",
    "delivery": "with words on delivery or places that are not known",
    "bank holiday": "on a bank holiday",
    "weekend": "on a Saturday or Sunday",
    "venue taken": "at a venue that is taken that day",
    "same audience": "for the same people as another on that day",
    "night": "that begin at night",
    "past": "in the past",
    "withdrawn": "of a course that is withdrawn",
    "new course": "of a course that is not known",
    "number of places": "with a number of places",
    "moved": "that seem to be moved from another day",
    "differs": "that differ from what is there",
}


class Status(Enum):
    STOPPED = "stopped"
    # It could be imported as it stands, and has a question that nobody answered.
    ASKED = "asked"
    LOOK = "look"
    PLAIN = "plain"
    CHANGED = "changed"
    THERE = "there"
    LEFT_OUT = "left-out"


# What may differ from a session that is there.
DIFFERENCES = {
    "day": "Day",
    "last day": "Last day",
    "times": "Times",
    "venue": "Venue",
    "delivery": "How it is taught",
    "joining": "Joining address",
    "places": "Places",
    "capacity": "Number of places",
    "cost": "Cost",
    "trainer": "Trainer, for staff",
    "booking": "Booking",
    "closes": "Last day to book",
    "note": "Note",
    "status": "Held or not",
}


@dataclass
class Difference:
    """What a line gives differently from a session: the values it would have."""

    name: str
    old: str
    new: str
    values: dict[str, Any]
    # Whether a person changed it here since an import, or wrote it in the first place.
    is_own: bool = False

    @property
    def label(self) -> str:
        return DIFFERENCES[self.name]


@dataclass
class Plan:
    """What importing one line would do."""

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
    capacity: int | None = None
    # Where it is not that of the course.
    cost: str = ""
    booking_url: str = ""
    booking_email: str = ""
    closes: date | None = None
    audiences: list[Audience] = field(default_factory=list)
    existing: Session | None = None
    # It seems to be the existing session, on another day or at another time.
    is_moved: bool = False
    # What it gives differently from the existing session, each taken over where it is ticked.
    differences: list[Difference] = field(default_factory=list)
    # It goes into the proposed change of its course, which is live.
    is_proposed: bool = False
    # The line with which it would be one session of several days.
    joins: int | None = None

    @property
    def status(self) -> Status:
        if self.line.left_out:
            return Status.LEFT_OUT
        if self.existing and self.open_questions:
            return Status.ASKED
        if self.existing:
            return Status.CHANGED if self.differences else Status.THERE
        levels = {doubt.level for doubt in self.doubts}
        if Level.STOP in levels:
            return Status.STOPPED
        if self.open_questions:
            return Status.ASKED
        return Status.LOOK if Level.LOOK in levels else Status.PLAIN

    @property
    def open_questions(self) -> list[Doubt]:
        return [doubt for doubt in self.doubts if doubt.is_question]

    @property
    def can_stand(self) -> bool:
        """Return whether an editor may say that it is right as it stands, questions and all."""
        return self.status is Status.ASKED and all(
            doubt.level is not Level.STOP for doubt in self.open_questions
        )

    @property
    def may_update(self) -> bool:
        """Return whether the session that is there may be changed, at once or by a proposal."""
        return not any(doubt.kind == "live" for doubt in self.doubts)

    @property
    def is_not_held(self) -> bool:
        """Return whether its source says that it is cancelled."""
        return says_not_held(self.line.status) or any(
            remark.kind == "not held" for remark in self.line.remarks
        )

    @property
    def says_places(self) -> bool:
        """Return whether its source says if there are places: in its own text, or as a status.

        A text that says nothing known, such as a number, does not.
        """
        return self.places != Places.NOT_KNOWN or self.line.places == Places.NOT_KNOWN

    @property
    def has_open_days(self) -> bool:
        """Return whether it may be several sessions: which ones has to be answered first."""
        return any(doubt.kind in ("several", "several days") for doubt in self.doubts)

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
        """Return the session it would be, unsaved and without its course, to be shown."""
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
            capacity=self.capacity,
            cost=self.cost,
            trainer=self.line.trainer,
            booking_url=self.booking_url,
            booking_email=self.booking_email,
            booking_closes=self.closes,
            note=self.line.note,
        )

    def doubt(
        self,
        kind: str,
        level: Level,
        text: str,
        about: str = "",
        answers: Iterable[Answer] = (),
        group: str = "",
    ) -> None:
        """Add a doubt, unless it was answered already."""
        if not self.line.is_answered(kind, text):
            self.doubts.append(Doubt(kind, level, text, about, tuple(answers), group))
