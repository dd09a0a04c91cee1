"""Preview of an import for the editor, and its form."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django.http import QueryDict

from mscp.database import clock
from mscp.publishing import approvals
from mscp.text.days import short
from mscp.text.folding import strip_invisible
from mscp.typing import AnyUser
from training.models import Course, Delivery, Places, Session, Venue
from training.models.programme_lines import BY_TEXT, NEW, NONE, TEXTS, Line
from training.programme.answers import (
    NEW_KINDS,
    answer_of,
    asked,
    is_something_else,
    is_taken_at_once,
    mark_of,
    to_make,
    usual_spelling,
)
from training.programme.hidden_groups import HiddenGroup, hidden_groups
from training.programme.lines.moments import read_days
from training.programme.lines.tidying import is_order_open
from training.programme.lines.titles import normal
from training.programme.planning.clashes import MANY
from training.programme.planning.plans import KINDS, Doubt, Level, Plan, Status
from training.programme.planning.updates import ticked
from training.programme.shared_questions import sent_by, shared_questions

# Lines on a page, each with its fields: a form has a few hundred, never thousands.
LINES_A_PAGE = 40
# Of more courses, those with a similar title are offered; any other by writing its title.
MOST_OFFERED = 150

HEADINGS = {
    Status.STOPPED: "Cannot be imported like this",
    Status.ASKED: "Asked about, and left out until it is answered",
    Status.LOOK: "To look at",
    Status.CHANGED: "There already, and different here",
    Status.PLAIN: "Nothing to remark",
    Status.THERE: "There already, so not added",
    Status.LEFT_OUT: "Left out",
}
ORDER = list(HEADINGS)
LEVELS = list(Level)
# Shown for every line, and only if a line has something in them.
ALWAYS = ("title", "date", "end_date", "start", "end", "delivery", "venue", "note")
SOMETIMES = (*("joining", "places", "booking", "closes", "audience", "cost", "trainer", "status"),)
HINTS = {
    "end_date": "only for several days",
    "venue": "name, street, town, postcode",
    "places": "Full, Last places, Waiting list, or a number: 25",
    "cost": "of the session; kept with a new course where all have the same",
    "trainer": "only staff see it, until somebody ticks it at the session",
}
# What only somebody else may do.
_NOT_BY_FIELDS = ("live", "may not")
# As many remarks of one sort are said one by one.
FEW = 3
_ROW_NOT_USED = re.compile("(Row|Line) [0-9]+ was not used")
CHOICE = re.compile(f"{NEW}|{NONE}|[0-9]{{1,18}}|")


@dataclass
class Field:
    name: str
    label: str
    value: str
    hint: str = ""
    is_wrong: bool = False
    choices: Sequence[tuple[str, str]] = ()


@dataclass
class Question:
    """A doubt as it is shown, with its answers and how many lines ask the same."""

    doubt: Doubt
    # Of the line, as its buttons name it; empty if it has no answers.
    name: str
    others: int
    # An answer about one name holds for all lines that have the name.
    is_for_all: bool


@dataclass
class New:
    """What would be made new, once it is ticked."""

    name: str
    # What its box sends; empty where a question at its line comes first.
    value: str
    lines: list[int]
    is_taken_at_once: bool = False
    # That it is one of those, each with what its button sends.
    answers: Sequence[tuple[str, str]] = ()


@dataclass
class Shown:
    """One line with its fields."""

    plan: Plan
    fields: list[Field]
    course: Field
    venue: Field
    is_open: bool
    # The questions and remarks, the most severe first.
    questions: list[Question]
    # Those that are asked once, above the lines.
    asked_above: list[Question]

    @property
    def is_mended_by_hand(self) -> bool:
        """Return whether its fields stand open: no button answers what is asked, or all is sure."""
        stops = any(
            doubt.level is Level.STOP and not doubt.answers and doubt.kind not in _NOT_BY_FIELDS
            for doubt in self.plan.doubts
        )
        return stops or not self.is_open

    @property
    def remark(self) -> str:
        """Return what its closed row says of what somebody should look at."""
        if self.is_open or self.plan.line.left_out:
            return ""
        if any(one.doubt.is_question for one in self.asked_above):
            return "Asked once, above the lines."
        texts = [doubt.text for doubt in self.plan.doubts if doubt.level is Level.LOOK]
        more = f" And {len(texts) - 1} more." if len(texts) > 1 else ""
        return f"{short(texts[0], 160)}{more}" if texts else ""

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """Return the text as it was divided, each piece with the name of its field."""
        names = {**TEXTS, "title": "title", "": "", "?": "asked about"}
        return [
            (names.get(field, "").removesuffix(" as read").lower(), text)
            for field, text in self.plan.line.parts
        ]

    @property
    def was(self) -> str:
        """Return the initial values of the fields, to recognise which were changed."""
        shown = {field.name: field.value for field in [*self.fields, self.course, self.venue]}
        return json.dumps(shown, ensure_ascii=False)


@dataclass
class Count:
    number: int
    text: str
    stops: bool = False


class Preview:
    def __init__(
        self,
        plans: Sequence[Plan],
        user: AnyUser,
        page: str | None = None,
        *,
        after: str | None = None,
        missing: Sequence[Session] = (),
        to_cancel: Sequence[int] = (),
    ) -> None:
        self.plans = plans
        self.missing = missing
        self.to_cancel = [session.pk for session in missing if session.pk in to_cancel]
        self.user = user
        places = {status: place for place, status in enumerate(ORDER)}
        self.pages = max(1, -(-len(plans) // LINES_A_PAGE))
        self.page = min(max(_number(page), 1), self.pages)
        self.after = _number(after) if after else None
        stopped = Counter(
            doubt.kind for plan in plans for doubt in plan.doubts if doubt.level is Level.STOP
        )
        self.said_once = {kind for kind in ("live", "may not") if stopped[kind] > MANY}
        self.shared = shared_questions(plans)
        # The summary says it, so of many lines each does not.
        is_usual = sum(1 for plan in plans if plan.is_proposed) > FEW
        self.not_repeated = {"proposed"} if is_usual else set()
        self.same = Counter(
            (doubt.kind, doubt.group, doubt.about) for plan in plans for doubt in asked(plan)
        )
        # Each is worked out of all its doubts, and asked about again and again.
        self.statuses = {plan.index: plan.status for plan in plans}
        self.counts = Counter(self.statuses.values())
        # What asks something of its own comes first, and stands open.
        self.ordered = sorted(
            plans,
            key=lambda plan: (
                places[self.statuses[plan.index]],
                not self._is_open(plan),
                plan.index,
            ),
        )
        self.courses = list(
            Course.objects.own_records()
            .only("title", "state", "published_at")
            .order_by("title", "pk")
        )
        self.venues = list(Venue.objects.only("name", "town").order_by("name", "pk"))

    # --- summary ------------------------------------------------------------------------------

    @cached_property
    def total(self) -> int:
        return len(self.plans)

    @cached_property
    def imported(self) -> list[Plan]:
        statuses = (Status.LOOK, Status.PLAIN)
        return [plan for plan in self.plans if self.statuses[plan.index] in statuses]

    @cached_property
    def number(self) -> int:
        return len(self.imported)

    @cached_property
    def stopped(self) -> int:
        return self.counts[Status.STOPPED]

    @cached_property
    def to_look_at(self) -> int:
        return self.counts[Status.LOOK]

    @cached_property
    def asked(self) -> int:
        return self.counts[Status.ASKED]

    @cached_property
    def existing(self) -> int:
        return self.counts[Status.THERE]

    @cached_property
    def differing(self) -> int:
        return self.counts[Status.CHANGED]

    @cached_property
    def updated(self) -> int:
        return sum(1 for plan in self.plans if ticked(plan))

    @cached_property
    def updated_public(self) -> int:
        return sum(
            1
            for plan in self.plans
            if ticked(plan) and plan.course and plan.course.is_published and not plan.is_proposed
        )

    @cached_property
    def can_be_ticked(self) -> int:
        return sum(
            1
            for plan in self.plans
            if plan.may_update
            and any(not one.is_own and one.name not in plan.line.takes for one in plan.differences)
        )

    @cached_property
    def does_something(self) -> bool:
        return bool(self.number or self.updated or self.to_cancel)

    @cached_property
    def confirm_label(self) -> str:
        """Return what the button does: "Import 3 sessions, change 2, cancel 1"."""
        parts = []
        if self.number:
            parts.append(f"import {self.number} session{'s' if self.number != 1 else ''}")
        if self.updated:
            parts.append(f"change {self.updated}")
        if self.to_cancel:
            parts.append(f"cancel {len(self.to_cancel)}")
        label = ", ".join(parts)
        return f"{label[:1].upper()}{label[1:]}"

    @cached_property
    def left_out(self) -> int:
        return self.counts[Status.LEFT_OUT]

    @cached_property
    def new_courses(self) -> list[str]:
        titles = {plan.course_key: plan.line.title for plan in self.imported if not plan.course}
        return list(titles.values())

    @cached_property
    def known_courses(self) -> int:
        return len({plan.course.pk for plan in self.imported if plan.course})

    @cached_property
    def new_venues(self) -> list[str]:
        new = [(plan.line.venue, plan.new_venue) for plan in self.imported if plan.new_venue]
        return list({normal(text): venue["name"] for text, venue in new}.values())

    @cached_property
    def at_venues(self) -> int:
        return sum(1 for plan in self.imported if plan.venue or plan.new_venue)

    @cached_property
    def venues_used(self) -> int:
        known = {plan.venue.pk for plan in self.imported if plan.venue}
        return len(known) + len(self.new_venues)

    @cached_property
    def online(self) -> int:
        return sum(1 for plan in self.imported if plan.delivery == Delivery.ONLINE)

    @cached_property
    def without_venue(self) -> int:
        return self.number - self.at_venues - self.online

    @cached_property
    def public_at_once(self) -> int:
        return sum(
            1
            for plan in self.imported
            if plan.course and plan.course.is_published and not plan.is_proposed
        )

    @cached_property
    def proposed(self) -> int:
        return sum(1 for plan in self.imported if plan.is_proposed)

    @cached_property
    def changes(self) -> int:
        return len({plan.course_key for plan in self.imported if plan.is_proposed})

    @cached_property
    def past(self) -> int:
        return sum(
            1
            for plan in self.plans
            if self.statuses[plan.index] not in (Status.THERE, Status.CHANGED, Status.LEFT_OUT)
            and any(doubt.kind == "past" for doubt in plan.doubts)
        )

    @cached_property
    def who_confirms(self) -> str:
        return who_confirms()

    @cached_property
    def waits_for_publisher(self) -> bool:
        """Return whether something is asked that this person may not do."""
        return any(
            doubt.kind == "live" or (doubt.kind == "venue" and not answer_of(doubt, "new"))
            for plan in self.plans
            for doubt in plan.doubts
            if doubt.level is Level.STOP
        )

    @cached_property
    def doubts(self) -> list[Count]:
        """Count the lines of each kind of doubt, the most severe first."""
        kinds: Counter[str] = Counter()
        stops = set()
        for plan in self.plans:
            if plan.line.left_out:
                continue
            kinds.update({doubt.kind for doubt in plan.doubts})
            stops |= {doubt.kind for doubt in plan.doubts if doubt.level is Level.STOP}
        counts = [
            Count(kinds[kind], text, kind in stops) for kind, text in KINDS.items() if kinds[kind]
        ]
        return sorted(counts, key=lambda count: not count.stops)

    @cached_property
    def may_come_back(self) -> int:
        """Return how many lines are left out that the file does not hide."""
        lines = [plan.line for plan in self.plans]
        return sum(1 for line in lines if line.left_out and not line.hidden)

    @cached_property
    def hidden_groups(self) -> list[HiddenGroup]:
        return hidden_groups([plan.line for plan in self.plans])

    # --- its pages ----------------------------------------------------------------------------

    @cached_property
    def page_numbers(self) -> list[tuple[int, str]]:
        """Return the pages, each with its range of lines."""
        return [
            (page, f"{(page - 1) * LINES_A_PAGE + 1}–{min(page * LINES_A_PAGE, self.total)}")
            for page in range(1, self.pages + 1)
        ]

    @cached_property
    def _here(self) -> list[Plan]:
        first = (self.page - 1) * LINES_A_PAGE
        return self.ordered[first : first + LINES_A_PAGE]

    @cached_property
    def next(self) -> int | None:
        """Return the line at which the page goes on: that was answered, or the next that asks."""
        if self.after is None:
            return None
        asking = [plan.index for plan in self._here if self._is_open(plan)]
        later = [index for index in asking if index >= self.after]
        return next(iter([*later, *asking]), None)

    @cached_property
    def groups(self) -> list[tuple[Status, str, int, list[Shown]]]:
        return [
            (status, HEADINGS[status], self.counts[status], [self._shown(plan) for plan in plans])
            for status, plans in groupby(self._here, key=lambda plan: self.statuses[plan.index])
        ]

    def _shown(self, plan: Plan) -> Shown:
        line = plan.line
        wrong = {doubt.about for doubt in plan.doubts if doubt.level is not Level.NOTE}
        names = [*ALWAYS, *(name for name in SOMETIMES if getattr(line, name))]
        fields = [self._field(plan, name, name in wrong) for name in names]
        course = Field(
            "course",
            "Course",
            str(plan.course.pk) if plan.course else NEW,
            is_wrong="course" in wrong,
            choices=self._course_choices(plan),
        )
        value = NONE
        if plan.venue:
            value = str(plan.venue.pk)
        elif plan.new_venue or (line.venue and line.place != NONE):
            value = NEW
        venue = Field(
            "place",
            "Venue",
            value,
            is_wrong="place" in wrong,
            choices=[
                (NONE, "None known yet, or online"),
                (NEW, _new("A new venue, as written", self.user, "venue")),
                *((str(each.pk), _venue_label(each)) for each in self.venues),
            ],
        )
        questions = self._questions(plan)
        above = [one for one in questions if id(one.doubt) in self._above]
        here = [one for one in questions if one not in above]
        return Shown(plan, fields, course, venue, self._is_open(plan), here, above)

    def _questions(self, plan: Plan) -> list[Question]:
        questions = asked(plan)
        found = []
        for doubt in sorted(plan.doubts, key=lambda doubt: LEVELS.index(doubt.level)):
            if doubt.kind in self.not_repeated:
                continue
            place = next((n for n, other in enumerate(questions) if other is doubt), None)
            name = "" if place is None else f"{plan.index}-{place}.{mark_of(doubt)}"
            others = self.same[doubt.kind, doubt.group, doubt.about] - 1 if name else 0
            found.append(Question(doubt, name, others, bool(doubt.group)))
        return found

    @cached_property
    def _to_make(self) -> dict[str, tuple[list[tuple[Plan, Doubt]], list[Plan]]]:
        return {kind: to_make(self.plans, kind) for kind in NEW_KINDS.values()}

    def _new_of(self, what: str) -> list[New]:
        """Return what of a kind is not known and waits for a tick, or for an answer first."""
        kind = NEW_KINDS[what]
        ready, waiting = self._to_make[kind]
        alike: dict[str, list[tuple[Plan, Doubt]]] = defaultdict(list)
        for plan, doubt in ready:
            alike[doubt.group].append((plan, doubt))
        found = [self._new_group(what, group) for group in alike.values()]
        asked_first: dict[str, New] = {}
        for plan in waiting:
            name = _named(plan, what)
            asked_first.setdefault(name, New(name, "", [])).lines.append(plan.line.number)
        for new in (all_new := [*found, *asked_first.values()]):
            # Of a line with several days there are more than one.
            new.lines = list(dict.fromkeys(new.lines))
        return all_new

    def _new_group(self, what: str, group: Sequence[tuple[Plan, Doubt]]) -> New:
        plan, doubt = group[0]
        return New(
            usual_spelling(_named(each, what) for each, _ in group),
            f"{what}:{doubt.group}",
            [each.line.number for each, _ in group],
            is_taken_at_once(doubt),
            [
                sent
                for answer, sent in zip(doubt.answers, sent_by(plan, doubt), strict=True)
                if is_something_else(answer)
            ],
        )

    @cached_property
    def courses_to_tick(self) -> list[New]:
        return self._new_of("courses")

    @cached_property
    def venues_to_tick(self) -> list[New]:
        return self._new_of("venues")

    @property
    def courses_asked_first(self) -> list[New]:
        return [new for new in self.courses_to_tick if not new.value]

    @property
    def venues_asked_first(self) -> list[New]:
        return [new for new in self.venues_to_tick if not new.value]

    @cached_property
    def courses_at_once(self) -> bool:
        return any(new.is_taken_at_once for new in self.courses_to_tick)

    @cached_property
    def venues_at_once(self) -> bool:
        return any(new.is_taken_at_once for new in self.venues_to_tick)

    @cached_property
    def _lacks_year(self) -> list[Plan]:
        return [
            plan
            for plan in self.plans
            if not plan.line.left_out
            and plan.start_date is None
            and read_days(plan.line.date).has_no_year
        ]

    @cached_property
    def without_year(self) -> int:
        return len(self._lacks_year)

    @cached_property
    def _above(self) -> set[int]:
        """Return which doubts are asked above the lines: shared, ticked as new, or of the year."""
        shared = [doubt for one in self.shared for _, doubt in one.asked]
        new = [doubt for ready, _ in self._to_make.values() for _, doubt in ready]
        # What is made once another question of its line is answered is asked then, above.
        new += [
            doubt
            for kind, (_, waiting) in self._to_make.items()
            for plan in waiting
            for doubt in plan.doubts
            if doubt.kind == kind and answer_of(doubt, "new")
        ]
        year = [
            doubt
            for plan in self._lacks_year
            for doubt in plan.doubts
            if (doubt.kind, doubt.about) == ("no day", "date")
        ]
        return {id(doubt) for doubt in [*shared, *new, *year]}

    @cached_property
    def year(self) -> int:
        """Return the year that the other lines have, or this one."""
        years = Counter(plan.start_date.year for plan in self.plans if plan.start_date)
        return years.most_common(1)[0][0] if years else clock.today().year

    @cached_property
    def is_order_open(self) -> bool:
        return is_order_open([plan.line for plan in self.plans])

    def _is_open(self, plan: Plan) -> bool:
        """Return whether to expand a line: if it asks what is not asked once for the whole."""
        if plan.line.left_out:
            return False
        return (
            bool(plan.differences)
            or plan.joins is not None
            or any(
                doubt.is_question
                and doubt.kind not in self.said_once
                and id(doubt) not in self._above
                for doubt in plan.doubts
            )
        )

    def _field(self, plan: Plan, name: str, is_wrong: bool) -> Field:
        value = getattr(plan.line, name)
        choices: list[tuple[str, str]] = []
        if name == "delivery":
            choices = list(Delivery.choices)
            if is_wrong and value:
                choices.insert(0, (value, f"“{value}”"))
            else:
                value = getattr(plan, name)
        elif name == "places" and value in Places.values:
            value = Places(value).label
        hint = HINTS.get(name, "")
        if name == "title" and not plan.course:
            hint = "the new course gets this title"
        elif name == "title":
            hint = "write the title of another course to find that"
        return Field(name, TEXTS[name], str(value), hint, is_wrong, choices)

    def _course_choices(self, plan: Plan) -> list[tuple[str, str]]:
        offered = list(plan.near)
        if plan.course and all(plan.course.pk != each.pk for each in offered):
            offered.insert(0, plan.course)
        if len(self.courses) <= MOST_OFFERED:
            keys = {each.pk for each in offered}
            offered += [each for each in self.courses if each.pk not in keys]
        return [
            (NEW, _new("A new course, as a draft", self.user, "course")),
            *(
                (str(each.pk), f"{each.title} ({each.current_state.label.lower()})")
                for each in offered
            ),
        ]


def _named(plan: Plan, what: str) -> str:
    return plan.line.title if what == "courses" else plan.line.venue


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else 1


def folded(remarks: Sequence[str]) -> tuple[list[str], list[str]]:
    """Divide the remarks about the whole into those to read, and rows that were not used.

    A few rows are to be read too.
    """
    rows = [text for text in remarks if _ROW_NOT_USED.match(text)]
    if len(rows) <= FEW:
        return list(remarks), []
    return [text for text in remarks if text not in rows], rows


def who_confirms() -> str:
    """Return who applies a proposed change of a course."""
    if approvals.may_change_live():
        return "a publisher or a trainer"
    return "a publisher or a trainer, who is not the one that wrote it,"


def _new(text: str, user: AnyUser, kind: str) -> str:
    """Return the label of creating something new, also for users who may not."""
    return text if user.has_perm(f"training.add_{kind}") else "Not known: choose one"


def _venue_label(venue: Venue) -> str:
    return f"{venue.name}, {venue.town}" if venue.town else venue.name


# --- form data ------- -----------------------------------------------------------------------


def change_lines(lines: Sequence[Line], sent: QueryDict) -> list[int]:
    """Apply what was typed to the lines of the page; return which of them changed."""
    changed = []
    for index in sent.getlist("lines"):
        if not re.fullmatch("[0-9]{1,5}", index) or int(index) >= len(lines):
            continue
        if _change(lines[int(index)], _Sent(sent, index)):
            changed.append(int(index))
    return changed


class _Sent:
    """The submitted fields of one line, with their initial values."""

    def __init__(self, sent: QueryDict, index: str) -> None:
        self.sent = sent
        self.prefix = f"line-{index}-"
        try:
            was = json.loads(sent.get(f"{self.prefix}was", ""))
        except ValueError:
            was = {}
        self.was: dict[str, Any] = was if isinstance(was, dict) else {}

    def changed(self, name: str) -> str | None:
        """Return the value of a field, or None if it is unchanged."""
        value = self.sent.get(self.prefix + name)
        if value is None or value == self.was.get(name):
            return None
        return strip_invisible(value)


def _change(line: Line, sent: _Sent) -> bool:
    changed = False
    for name in TEXTS:
        value = sent.changed(name)
        if value is not None and line.write(name, value[:5000]):
            changed = True
            # Another title finds another course, another text another venue.
            if name == "title":
                line.course = BY_TEXT
            elif name == "venue":
                line.place = BY_TEXT
    for name in ("course", "place"):
        value = sent.changed(name)
        if value is not None and CHOICE.fullmatch(value) and value != getattr(line, name):
            setattr(line, name, value)
            changed = True
    return changed
