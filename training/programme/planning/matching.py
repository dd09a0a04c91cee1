"""Matching of a programme's lines with the database: proposals, doubts, existing sessions.

Everything known is read once, in a fixed number of queries, however many lines there are.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db.models import F, Model

from mscp.text.days import short
from mscp.text.times import EARLIEST
from mscp.typing import AnyUser
from training.models import (
    FIRST_YEAR,
    LAST_YEAR,
    Course,
    Delivery,
    Places,
    Session,
    Venue,
    booking_fields,
)
from training.models.programme_lines import NEW, NONE, TICKED, Answer, Line
from training.programme.lines.delivery import begins_online, is_both, is_in_person, is_online
from training.programme.lines.moments import Days, in_words, month_first, read_days
from training.programme.lines.places import read_places
from training.programme.lines.status import (
    PLACES,
    Status,
    begins_with_status,
    says_not_held,
    status_of,
)
from training.programme.lines.times import Times, read_times
from training.programme.lines.titles import SAME, normal
from training.programme.planning.clashes import compare
from training.programme.planning.days import remark_on_days
from training.programme.planning.existing import find_existing, is_same
from training.programme.planning.lookups import Lookups, venue_parts
from training.programme.planning.new_ones import propose_among_new
from training.programme.planning.plans import Level, Plan
from training.programme.planning.updates import (
    Earlier,
    compare_with_existing,
    propose_moves,
    propose_same_day,
)

# --- line by line -----------------------------------------------------------------------------


def plan_all(lines: Sequence[Line], user: AnyUser, earlier: Earlier | None = None) -> list[Plan]:
    """Return a plan for each line: what importing it now by this user would do.

    ``earlier`` is what came from the same source before.
    """
    plans = [Plan(line, index) for index, line in enumerate(lines)]
    sessions = _plan_each(plans, user)
    propose_among_new(plans)
    propose_same_day(plans, sessions)
    if earlier:
        earlier.missing = propose_moves(plans, earlier)
    compare_with_existing(plans)
    taking_part = [plan for plan in plans if not plan.line.left_out and not plan.existing]
    remark_on_days(taking_part, sessions)
    compare(taking_part, sessions)
    return plans


def plan_alone(line: Line, index: int, user: AnyUser) -> Plan:
    """Return the plan of one line with what it says by itself, without the lines beside it."""
    plan = Plan(line, index)
    _plan_each([plan], user)
    return plan


def _plan_each(plans: list[Plan], user: AnyUser) -> dict[int, list[Session]]:
    """Plan lines one by one; return the sessions on their days, by course."""
    lookups = Lookups(user)
    for plan in plans:
        _days(plan, lookups)
    sessions = _sessions_between(plans)
    for plan in plans:
        for remark in plan.line.remarks:
            level = Level.STOP if remark.stops else Level.LOOK
            plan.doubt(remark.kind, level, remark.text, remark.about, remark.answers)
        _status(plan)
        _course(plan, lookups, sessions)
        _times(plan)
        _delivery_and_place(plan, lookups)
        _rest(plan, lookups)
        find_existing(plan, sessions)
        _limits(plan)
    return sessions


def _days(plan: Plan, lookups: Lookups) -> None:
    line = plan.line
    days = read_days(line.date, lookups.today)
    end = read_days(line.end_date, days.first or lookups.today)
    if end.has_no_year and days.first:
        end = read_days(f"{line.end_date} {days.first.year}")
    plan.start_date, plan.end_date = days.first, days.last
    answers = _of_choices(days)
    if days.problem and answers:
        plan.doubt("several", Level.STOP, days.problem, "date", answers)
    elif problem := days.problem or end.problem:
        plan.doubt("no day", Level.STOP, problem, "date", _month_first(line))
    elif days.first is None:
        plan.doubt("no day", Level.STOP, "The day is missing.", "date", [LEFT_OUT])
    elif end.last or (end.first and days.last):
        plan.doubt("no day", Level.STOP, "The last day is one day: 15/01/2027.", "end_date")
    elif end.first and end.first != days.first:
        plan.end_date = end.first
        if end.first < days.first:
            text = "The last day comes before the first."
            plan.doubt("no day", Level.STOP, text, "end_date")
    if not days.problem and days.doubt and answers:
        plan.doubt("long", Level.LOOK, days.doubt, "date", answers)
    elif doubt := days.doubt or end.doubt:
        plan.doubt("weekday", Level.LOOK, doubt, "date", _the_day(plan, days))
    if days.note:
        plan.doubt("year", Level.NOTE, days.note, "date")
    for day in (plan.start_date, plan.end_date):
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            plan.start_date = plan.end_date = None
            plan.doubt("no day", Level.STOP, f"There are no sessions in the year {day.year}.")
            break
    if plan.last_day and plan.last_day < lookups.today:
        plan.doubt("past", Level.LOOK, "The day is past.", "date", [LEFT_OUT])


LEFT_OUT = Answer("leave-out", "Leave the line out", leaves_out=True)
RIGHT = Answer("right", "That is right")


def _of_choices(days: Days) -> list[Answer]:
    return [
        Answer(
            choice.key,
            choice.label,
            changes={"date": choice.days[0]},
            copies=[{"date": day} for day in choice.days[1:]],
        )
        for choice in days.choices
    ]


def _month_first(line: Line) -> list[Answer]:
    """Offer the month first where the day cannot be."""
    text = month_first(line.date)
    if text == line.date or read_days(text).first is None:
        return [LEFT_OUT]
    return [Answer("month", f"The month comes first: {text}", changes={"date": text}), LEFT_OUT]


def _the_day(plan: Plan, days: Days) -> list[Answer]:
    if days.first is None or days.last:
        return [RIGHT, LEFT_OUT]
    written = in_words(days.first)
    named = f"{days.first:%A} {written}"
    return [Answer("day", f"It is {named}", changes={"date": written}), LEFT_OUT]


def _status(plan: Plan) -> None:
    """Ask about a session that is said not to be held, not certain or moved."""
    text = plan.line.status
    statuses = {status_of(each) or begins_with_status(each) for each in text.split("; ") if each}
    if not text:
        return
    held = Answer("held", "It does take place", changes={"status": ""})
    noted = Answer(
        "note",
        f"It does; “{short(text)}” goes into the note, which visitors see",
        changes={"status": ""},
        appended={"note": text},
    )
    if Status.NOT_HELD in statuses or says_not_held(text):
        said = f"It says “{short(text)}”. A session that is not held is not imported."
        plan.doubt("not held", Level.STOP, said, "status", [LEFT_OUT, held])
    elif Status.PROVISIONAL in statuses:
        if plan.start_date:
            said = f"It says “{short(text)}”. Is the session certain enough to be announced?"
            answers = [held, noted, LEFT_OUT]
            plan.doubt("provisional", Level.STOP, said, "status", answers)
    elif Status.MOVED in statuses:
        said = f"It says “{short(text)}”. Look whether day and place are the new ones."
        plan.doubt("said moved", Level.LOOK, said, "status", [held, noted, LEFT_OUT])
    elif places := next((PLACES[each] for each in statuses if each in PLACES), None):
        # What stands under "Places" comes first.
        plan.places = places
        if not plan.line.places:
            said = f"“{short(text)}” was taken for whether there are places."
            plan.doubt("remark", Level.LOOK, said, "status")
    elif None in statuses:
        said = f"“{short(text)}” is no status that is known, and was not used."
        plan.doubt("not used", Level.LOOK, said, "status", [held, noted, LEFT_OUT])


def _sessions_between(plans: list[Plan]) -> dict[int, list[Session]]:
    """Read the sessions on the days of a programme, by course."""
    days = [plan.start_date for plan in plans if plan.start_date]
    found: dict[int, list[Session]] = defaultdict(list)
    if days:
        sessions = Session.objects.announced().filter(start_date__lte=max(days))
        sessions = sessions.exclude(end_date=None, start_date__lt=min(days))
        # What is added in a change of a course is to be a session of that.
        rows: Any = sessions.annotate(revised=F("course__revises"))
        for session in rows.exclude(end_date__lt=min(days)).select_related("venue"):
            found[session.revised or session.course_id].append(session)
    return found


def _course(plan: Plan, lookups: Lookups, sessions: dict[int, list[Session]]) -> None:
    line = plan.line
    near: Any = []
    if line.title and not lookups.titles.exact(line.title):
        near = lookups.titles.near(line.title)
        plan.near = [lookups.courses[key] for _, key in near]
    if line.course not in ("", NEW, TICKED):
        plan.course = lookups.courses.get(int(line.course))
        if plan.course is None:
            text = "The course that was chosen has been deleted meanwhile. Choose another."
            plan.doubt("no title", Level.STOP, text, "course")
            return
    elif not line.title:
        plan.doubt("no title", Level.STOP, "The title of the course is missing.", "title")
        return
    elif line.course != NEW:
        _course_by_title(plan, lookups, near, sessions)
    course = plan.course
    if course is None:
        _new_course(plan, lookups)
    elif lookups.may_propose_to(course):
        plan.is_proposed = True
        text = (
            f"“{short(course.title)}” is live: the session goes into a proposed change of it, "
            "which readers see once somebody applies it."
        )
        plan.doubt("proposed", Level.NOTE, text, "course")
    elif not lookups.may_add_to(course):
        if course.is_withdrawn:
            text = (
                f"“{short(course.title)}” is withdrawn, and only a publisher may add sessions to "
                "it. A publisher can open this import and finish it; or leave the line out."
            )
        else:
            text = "You may not change courses, so no session can be added to this one."
        plan.doubt("live", Level.STOP, text, "course")
    elif course.is_withdrawn:
        text = "The course is withdrawn, so nobody will see the session."
        plan.doubt("withdrawn", Level.LOOK, text, "course")


def _course_by_title(
    plan: Plan, lookups: Lookups, near: Any, sessions: dict[int, list[Session]]
) -> None:
    exact: Any = lookups.titles.exact(plan.line.title)
    letter_by_letter = [key for key in exact if lookups.courses[key].title == plan.line.title]
    exact = letter_by_letter or exact
    if len(exact) > 1:
        # The one with a session that day; else one that is not withdrawn.
        exact = sorted(
            exact,
            key=lambda key: (
                not any(is_same(plan, each) for each in sessions.get(key, [])),
                lookups.courses[key].is_withdrawn,
            ),
        )
        text = f"{len(exact)} courses have this title. Which one is it?"
        answers = [
            Answer(
                f"known{key}",
                f"The one that is {lookups.courses[key].current_state.label.lower()} (/{slug}/)",
                changes={"course": f"{key}"},
            )
            for key in exact[:5]
            for slug in [lookups.courses[key].slug]
        ]
        group = normal(plan.line.title)
        plan.doubt("several courses", Level.LOOK, text, "course", answers, group)
    if exact:
        plan.course = lookups.courses[exact[0]]
    elif near:
        alike, key = near[0]
        course = lookups.courses[key]
        if alike >= SAME:
            plan.course = course
            text = (
                f"“{short(plan.line.title)}” was taken for the known course “{course.title}”. If "
                "it is another, choose “A new course”."
            )
            answers = [
                Answer("right", "That is right", changes={"course": str(course.pk)}),
                Answer("new", "It is another: a new course, as a draft", changes={"course": NEW}),
            ]
            group = normal(plan.line.title)
            plan.doubt("near", Level.LOOK, text, "course", answers, group)


def _new_course(plan: Plan, lookups: Lookups) -> None:
    if len(plan.line.title) > _longest(Course, "title"):
        plan.doubt("text", Level.STOP, "The title has more than 200 characters.", "title")
    group = normal(plan.line.title)
    if lookups.may_add_course and plan.line.course in (NEW, TICKED):
        plan.doubt("new course", Level.NOTE, "The course is new: a draft will be made.", "course")
    elif lookups.may_add_course:
        text = f"“{short(plan.line.title)}” is no known course. Is it one of these, or a new one?"
        answers = [Answer("new", "A new course, as a draft", changes={"course": TICKED})]
        answers += [
            Answer(
                f"known{course.pk}", f"It is “{course.title}”", changes={"course": f"{course.pk}"}
            )
            for course in plan.near[:3]
        ]
        plan.doubt("new course", Level.STOP, text, "course", answers, group)
    else:
        text = "The course is not known, and you may not add courses. Choose a known one."
        plan.doubt("may not", Level.STOP, text, "course")


def _times(plan: Plan) -> None:
    start, end = read_times(plan.line.start), read_times(plan.line.end)
    if not plan.end_date and _BARE_HOUR.fullmatch(plan.line.end) and not start.end:
        # "9.30am" and "1" in two cells are one text in two.
        together = read_times(f"{plan.line.start} - {plan.line.end}")
        if not together.problem:
            start, end = together, Times()
    problem = start.problem or end.problem
    if not problem and start.end and end.start:
        problem = f"Two times at which it ends: “{plan.line.start}” and “{plan.line.end}”."
    if not problem and end.end:
        problem = "Write when it ends as one time."
    if problem:
        plan.doubt("text", Level.STOP, problem, "start", _time_answers(plan.line, start, end))
        return
    plan.start_time, plan.end_time = start.start, start.end or end.start
    if plan.end_time and not plan.start_time:
        plan.doubt("text", Level.STOP, _broken("end_needs_start"), "start")
    elif plan.end_time and not plan.end_date and plan.end_time <= (plan.start_time or time()):
        plan.doubt("text", Level.STOP, _broken("times_in_order"), "end")
    if start.doubt:
        is_night = plan.start_time is not None and plan.start_time < EARLIEST
        kind, answers = ("night", _after_noon(plan)) if is_night else ("time", [])
        plan.doubt(kind, Level.LOOK, start.doubt, "start", [*answers, RIGHT])
    if end.doubt and not plan.start_time:
        plan.doubt("time", Level.LOOK, end.doubt, "end", [RIGHT])


_BARE_HOUR = re.compile(r"[1-9]\d?(?:\.\d\d)?|[a-z]{3,6}", re.IGNORECASE)
_SAYS_HALF = re.compile(r"[ap]\.?\s?m\b|night|\dh|\bh(?:ou)?rs?\b|noon", re.IGNORECASE)


def _after_noon(plan: Plan) -> list[Answer]:
    """Offer "1.30-5" as times after noon, unless it says otherwise."""
    times = [at for at in (plan.start_time, plan.end_time) if at]
    written = f"{plan.line.start} {plan.line.end}"
    if any(at.hour >= 12 for at in times) or plan.end_date or _SAYS_HALF.search(written):
        return []
    later = " to ".join(f"{at.replace(hour=at.hour + 12):%H:%M}" for at in times)
    return [Answer("afternoon", f"After noon: {later}", changes={"start": later, "end": ""})]


def _time_answers(line: Line, start: Times, end: Times) -> list[Answer]:
    """Offer what a number may mean as a time, and where "all day" may go."""
    name, times = ("start", start) if start.problem else ("end", end)
    written = getattr(line, name)
    answers = [
        Answer(f"at{at[:5]}", at, changes={name: at} if name == "start" else {name: at[-5:]})
        for at in times.choices
    ]
    if written:
        answers.append(
            Answer(
                "note",
                "No time; it goes into the note, which visitors see",
                changes={name: ""},
                appended={"note": written},
            )
        )
        answers.append(Answer("none", "No time is known", changes={name: ""}))
    return answers


_DELIVERY = {
    "notstated": Delivery.NOT_STATED,
    "notknown": Delivery.NOT_STATED,
    # From a column that is called "Online".
    "yes": Delivery.ONLINE,
    "true": Delivery.ONLINE,
    "y": Delivery.ONLINE,
    "no": Delivery.IN_PERSON,
    "false": Delivery.IN_PERSON,
    "n": Delivery.IN_PERSON,
}


def _delivery_of(text: str) -> Delivery | None:
    word = normal(text).replace(" ", "")
    if word in Delivery.values or text in Delivery.values:
        return Delivery(text if text in Delivery.values else word)
    if is_both(text):
        return Delivery.HYBRID
    if is_in_person(text):
        return Delivery.IN_PERSON
    return Delivery.ONLINE if is_online(text) else _DELIVERY.get(word)


def _delivery_and_place(plan: Plan, lookups: Lookups) -> None:
    line = plan.line
    delivery = _delivery_of(line.delivery) if line.delivery else None
    if line.delivery and delivery is None:
        text = f"“{short(line.delivery)}” says nothing known about how it is taught. Choose one."
        plan.doubt("delivery", Level.STOP, text, "delivery")
    _place(plan, lookups)
    has_place = bool(plan.venue or plan.new_venue)
    if delivery is None and not line.delivery and has_place:
        # With an address to come to, it is in person.
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


def _online(text: str) -> Answer:
    """Offer a text that stands for a venue as a note on a session that is online."""
    return Answer(
        "online",
        "It is online; the words go into the note, which visitors see",
        changes={"venue": "", "place": "", "delivery": "online"},
        appended={"note": text},
    )


def _place(plan: Plan, lookups: Lookups) -> None:
    line = plan.line
    if line.place == NONE or not (line.venue or line.place):
        return
    if line.place not in ("", NEW, TICKED):
        plan.venue = lookups.venues.get(int(line.place))
        if plan.venue is None:
            text = "The venue that was chosen has been deleted meanwhile. Choose another."
            plan.doubt("venue", Level.STOP, text, "place")
        return
    if line.place != NEW:
        plan.venue, doubt = lookups.venue_like(line.venue)
        if plan.venue:
            if doubt:
                answers = _of_known_venue(plan.venue, line.venue, lookups)
                group = normal(line.venue)
                plan.doubt("venue", Level.LOOK, doubt, "place", answers, group)
            return
    if not line.venue:
        plan.doubt("venue", Level.STOP, "Write the name of the new venue.", "venue")
        return
    known, group = lookups.venues_near(line.venue), normal(line.venue)
    answers = [] if not begins_online(line.venue) or line.delivery else [_online(line.venue)]
    answers += [
        Answer(f"known{venue.pk}", f"It is “{venue.name}”", changes={"place": f"{venue.pk}"})
        for venue in known
    ]
    if lookups.may_add_venue and not lookups.venue_needs_second:
        plan_new = venue_parts(line.venue)
        if line.place in (NEW, TICKED):
            plan.new_venue = plan_new
            name = plan_new["name"]
            text = f"The venue “{name}” will be made, and a venue's page is public at once."
            plan.doubt("venue", Level.NOTE, text, "place")
            return
        text = f"The venue “{short(line.venue)}” is not known."
        new = f"A new venue, public at once: {_address_in_words(plan_new)}"
        answers.append(Answer("new", new, changes={"place": TICKED}))
    elif lookups.may_add_venue:
        text = (
            f"The venue “{short(line.venue)}” is not known, and a new one needs two people. Choose "
            "a known one or none; or add it under Venues, have it confirmed, and come back here."
        )
    else:
        text = (
            f"The venue “{short(line.venue)}” is not known, and only a publisher may add venues. "
            "Choose a known one or none; or a publisher opens this import and finishes it."
        )
    answers += [
        Answer("none", "No venue", changes={"place": NONE}),
        Answer(
            "note",
            "It is no venue: into the note, which visitors see",
            changes={"place": NONE, "venue": ""},
            appended={"note": line.venue},
        ),
    ]
    plan.doubt("venue", Level.STOP, text, "place", answers, group)


def _of_known_venue(venue: Venue, text: str, lookups: Lookups) -> list[Answer]:
    """Offer the venue that a text was taken for, the others like it, and a new one."""
    answers = [Answer("right", "That is right", changes={"place": f"{venue.pk}"})]
    answers += [
        Answer(f"known{other.pk}", f"It is “{other.name}”", changes={"place": f"{other.pk}"})
        for other in lookups.venues_near(text)
        if other != venue
    ]
    if lookups.may_add_venue and not lookups.venue_needs_second:
        new = f"A new venue, public at once: {_address_in_words(venue_parts(text))}"
        answers.append(Answer("another", new, changes={"place": NEW}))
    return [*answers, Answer("none", "No venue", changes={"place": NONE})]


def _address_in_words(venue: dict[str, str]) -> str:
    return ", ".join(filter(None, venue.values()))


def _rest(plan: Plan, lookups: Lookups) -> None:
    line = plan.line
    _places(plan)
    _cost(plan)
    if len(line.trainer) > _longest(Session, "trainer"):
        plan.doubt("text", Level.STOP, "The trainer has more than 150 characters.", "trainer")
    booking = booking_fields(line.booking)
    plan.booking_email = booking.get("booking_email", "")
    plan.booking_url = booking.get("booking_url", "")
    if plan.booking_email and not _is_valid(validate_email, plan.booking_email):
        text = f"“{short(plan.booking_email)}” is no e-mail address."
        plan.doubt("text", Level.STOP, text, "booking")
    if plan.booking_url and not _is_address(plan.booking_url):
        text = f"“{short(line.booking)}” is neither an address nor an e-mail address."
        plan.doubt("text", Level.STOP, text, "booking")
    closes = read_days(line.closes)
    if closes.has_no_year and plan.last_day:
        # The one before the session.
        for year in (plan.last_day.year, plan.last_day.year - 1):
            guess = read_days(f"{line.closes} {year}")
            if guess.first and guess.first <= plan.last_day:
                said = f"The last day to book has no year; {year} was taken."
                plan.doubt("year", Level.NOTE, said, "closes")
                closes = guess
                break
    plan.closes = closes.first
    if closes.problem or closes.last:
        text = closes.problem or "The last day to book is one day."
        plan.doubt("text", Level.STOP, text, "closes")
    elif plan.closes and plan.last_day and plan.closes > plan.last_day:
        plan.doubt("text", Level.STOP, _broken("booking_closes_before_end"), "closes")
    if closes.doubt:
        plan.doubt("weekday", Level.LOOK, closes.doubt, "closes", [RIGHT])
    if len(line.note) > _longest(Session, "note"):
        plan.doubt("text", Level.STOP, "The note has more than 250 characters.", "note")
    _audiences(plan, lookups)


def _places(plan: Plan) -> None:
    """Read whether there are places and how many: "Full", "25", "12/20", "Last places; 25"."""
    text = plan.line.places
    if not text:
        return
    read = read_places(text)
    if read is None:
        said = (
            f"“{short(text)}” says nothing known about places: write “Places available”, “Last "
            "places”, “Waiting list”, “Full”, a number or nothing."
        )
        plan.doubt("delivery", Level.STOP, said, "places")
        return
    plan.capacity = read.capacity
    plan.places = read.places or plan.places
    if read.of is not None:
        said = f"“{short(text)}”: of {read.capacity} places {read.of} are booked, or are left?"
        answers = [
            Answer(key, label, changes={"places": f"{Places(state).label}; {read.capacity} places"})
            for key, label, state in (
                ("booked", f"{read.of} are booked", read.if_booked),
                ("left", f"{read.of} are left", read.if_left),
            )
        ]
        known = f"{read.capacity} places"
        answers.append(Answer("none", f"Only keep that there are {known}", {"places": known}))
        plan.doubt("number of places", Level.LOOK, said, "places", answers)
    elif read.left is not None and read.capacity is None:
        said = f"“{short(text)}” was taken for whether there are places. The number is not kept."
        plan.doubt("remark", Level.LOOK, said, "places")


def _cost(plan: Plan) -> None:
    """Keep a cost with the session, unless it is that of its course."""
    cost = plan.line.cost
    if len(cost) > _longest(Session, "cost"):
        plan.doubt("text", Level.STOP, "The cost has more than 200 characters.", "cost")
    plan.cost = "" if plan.course and normal(plan.course.cost) == normal(cost) else cost


def _audiences(plan: Plan, lookups: Lookups) -> None:
    text = plan.line.audience
    if not text:
        return
    names = [text] if normal(text) in lookups.audiences else re.split(r"[;,\n]", text)
    for name in filter(None, map(str.strip, names)):
        if audience := lookups.audiences.get(normal(name)):
            plan.audiences.append(audience)
            if plan.course and normal(name) not in lookups.audiences_of[plan.course.pk]:
                _other_audience(plan, audience.name)
        elif plan.course:
            _other_audience(plan, name)
        elif plan.course is None:
            explanation = (
                f"“{short(name)}” is no known audience and will not be set. Known: "
                f"{', '.join(a.name for a in list(lookups.audiences.values())[:12]) or 'none'}."
            )
            near = [lookups.audiences[str(key)] for _, key in lookups.audience_names.near(name)]
            answers = [
                Answer(
                    f"known{audience.pk}",
                    f"It is “{audience.name}”",
                    changes={"audience": text.replace(name, audience.name)},
                )
                for audience in near[:3]
            ]
            answers.append(Answer("none", "None of these"))
            plan.doubt("audience", Level.LOOK, explanation, "audience", answers, normal(name))


def _other_audience(plan: Plan, name: str) -> None:
    """Ask about an audience that the course, which is known, does not have."""
    said = (
        f"“{short(name)}” is not whom “{short(str(plan.course), 60)}” is for. That stands with the "
        "course, and is changed there."
    )
    answers = [
        Answer("none", "It is not needed"),
        Answer("note", "Into the note, which visitors see", appended={"note": f"For {name}"}),
    ]
    plan.doubt("audience", Level.LOOK, said, "audience", answers, normal(name))


def _limits(plan: Plan) -> None:
    for name, value in (("booking_url", plan.booking_url), ("joining_url", plan.line.joining)):
        if len(value) > _longest(Session, name):
            plan.doubt("text", Level.STOP, "An address has more than 500 characters.", "booking")


# --- rules of a session -----------------------------------------------------------------------


def _broken(name: str) -> str:
    """Return the message of a CHECK constraint."""
    return next(
        str(constraint.violation_error_message)
        for constraint in Session._meta.constraints
        if constraint.name == f"training_session_{name}"
    )


def _longest(model: type[Model], name: str) -> int:
    return int(getattr(model._meta.get_field(name), "max_length", 0))


def _is_valid(validator: Callable[[str], None], text: str) -> bool:
    try:
        validator(text)
    except ValidationError:
        return False
    return True


def _is_address(text: str) -> bool:
    return _is_valid(URLValidator(schemes=["http", "https"]), text)
