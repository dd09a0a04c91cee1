"""Tidying of the lines of a programme, once, when it is read.

What stands in the wrong field goes to its own; what only the whole sheet tells is settled.
"""

import re
from collections.abc import Sequence, Set
from datetime import date

from mscp.text.days import short
from mscp.text.folding import lines as folded_lines
from mscp.text.folding import one_line, plain
from training.models import Course, Venue
from training.models.programme_lines import TEXTS, Answer, Line, Remark
from training.programme.lines.delivery import is_online
from training.programme.lines.fractions import find_fractions
from training.programme.lines.moments import figures_in, in_words, month_first, read_days
from training.programme.lines.parts import EDGES, ENDS, Kind, parts_of
from training.programme.lines.reading import Sorter, moments_apart, split_title
from training.programme.lines.status import (
    Status,
    begins_with_status,
    find_status,
    says_not_held,
    status_of,
)
from training.programme.lines.times import PART_OF_DAY, read_times
from training.programme.lines.titles import normal

_UNKNOWN = re.compile(
    r"(?:tbc|tba|tbd|to be (?:confirmed|announced|arranged)|n/?a|not known|unknown|[-?]+)\.?",
    re.IGNORECASE,
)
_MAY_HOLD_MORE = re.compile(
    r"\b(?:book|clos|deadline|apply|regist|reserve|sign|enrol|reply|respond|rsvp|cut|last|was"
    r"|were|not|instead|in place|previous|former|origin|replac|old|moved|postponed|reschedul"
    r"|changed|deferred|rearranged|brought|publish|updat|issued|revised|amended)",
    re.IGNORECASE,
)
_NO_PLACE = (Kind.CLOSES, Kind.FORMER, Kind.SAID, Kind.STAMP)
# Words of a time or a week, which stand with a place at times and are none.
_MAY_SAY_WHEN = re.compile(
    r"(?:day|\b[ap]\.?m|morning|afternoon|evening|twilight|lunch|night|school|hours?|hrs|mins"
    r"|minutes|time|\bw\s?/?\s?[cb]\b|week|\bwk|fortnight|monthly|termly|every|each|repeat)",
    re.IGNORECASE,
)
_MOVED_TO = re.compile(r"(?:now|moved)\s+(?:to\s+)?", re.IGNORECASE)
_MOMENT = re.compile(r"(.*\d)[ T](\d\d:\d\d)(?::\d\d)?")
# Cells in which a status may stand instead of what they are for.
_MAY_SAY = ("date", "start", "end", "venue", "delivery", "booking", "audience", "places")
_DATES = ("date", "end_date", "closes")
NOT_CERTAIN = (Status.NOT_HELD, Status.PROVISIONAL, Status.MOVED)
FEW_PLACES = (Status.FULL, Status.WAITING_LIST, Status.LAST_PLACES)
# What stands for the text above it.
_DITTO = re.compile(
    r"\W*(?:ditto|as (?:above|before)|see above|same(?: (?:as above|again|place|venue|time))?)\W*"
    r"|(?:-\s*)?[\"'’”\u3003]{1,2}(?:\s*-)?|do\.",
    re.IGNORECASE,
)
_REPEATED = (
    "title",
    "venue",
    "places",
    "start",
    "end",
    "delivery",
    "audience",
    "cost",
    "trainer",
    "booking",
)


def tidy(lines: Sequence[Line]) -> None:
    """Put what stands in the wrong field into its own; a known title stays complete."""
    titles = set(Course.objects.own_records().values_list("title", flat=True))
    venues = {normal(name) for name in Venue.objects.values_list("name", flat=True)}
    known = titles | {normal(title) for title in titles}
    for line in lines:
        for name in TEXTS:
            text = moments_apart(one_line(getattr(line, name)))
            # A value that says "not known" is empty.
            unknown = name not in ("title", "status") and _UNKNOWN.fullmatch(plain(text))
            setattr(line, name, "" if unknown else text)
        # As chat programs strike out: "Neglect ~~CANCELLED~~".
        line.title = line.title.strip("~ ")
    _repeat(lines)
    settle_order(lines)
    for line in lines:
        _known_place(line, venues)
        _place_cell(line, "venue")
        _status_cells(line)
        _date_cell(line)
        _moments(line)
        _closing_note(line)
        _time_cell(line)
        title = line.title
        if title not in known and normal(title) not in known:
            _place_cell(line, "title")
            _status_in_title(line)
            title = line.title
        if title not in known and (normal(title) not in known or "*" in title):
            split_title(line)
        if not line.delivery and any(map(_is_moved_online, line.status.split("; "))):
            line.delivery = "online"
        if line.venue and not line.delivery and is_online(line.venue):
            line.delivery, line.venue = "online", ""


def _is_moved_online(status: str) -> bool:
    found = _MOVED_TO.match(status)
    return found is not None and is_online(status[found.end() :])


def _repeat(lines: Sequence[Line]) -> None:
    """Take what a cell with "ditto" or "as above" stands for from the line above, and say so."""
    above = dict.fromkeys(_REPEATED, "")
    for line in lines:
        for name in _REPEATED:
            text = getattr(line, name)
            if above[name] and _DITTO.fullmatch(text):
                setattr(line, name, above[name])
                said = f"“{text}” was taken for what stands above it: “{short(above[name])}”."
                line.remarks.append(Remark("remark", said, about=name))
            if not line.hidden:
                above[name] = getattr(line, name)


def _status_cells(line: Line) -> None:
    """Heed a status wherever it stands, in any cell of a row."""
    said = [line.status] if line.status else []
    for name in _MAY_SAY:
        text = getattr(line, name)
        status = status_of(text) if text else None
        if name == "places" and status not in NOT_CERTAIN:
            continue
        if status or (name == "venue" and says_not_held(text)):
            said.append(text)
            setattr(line, name, "")
    if status_of(line.note):
        said.append(line.note)
        line.note = ""
    elif begins_with_status(line.note) or says_not_held(line.note):
        said.append(line.note)
    line.status = "; ".join(dict.fromkeys(said))


def _status_in_title(line: Line) -> None:
    """Take a status that stands apart in a title out of it: "Loss PROVISIONAL", "FULL: Loss"."""
    text = line.title
    said = [
        found
        for found in find_status(folded_lines(text))
        if status_of(found.text) in (*NOT_CERTAIN, *FEW_PLACES)
    ]
    bare = text
    for found in reversed(said):
        bare = f"{bare[: found.start].rstrip(EDGES)} {bare[found.end :].lstrip(ENDS)}"
    bare = " ".join(bare.split()).strip(f"{ENDS}*")
    if said and re.search(r"\w", bare):
        line.title = bare
        words = [text[found.start : found.end] for found in said]
        line.status = "; ".join(dict.fromkeys(filter(None, [line.status, *words])))


def _date_cell(line: Line) -> None:
    """Divide a cell that holds a day and more: "06/11/2027 CANCELLED", "… 9.30am"."""
    days = read_days(line.date)
    has_fraction = "/" in line.date and any(find_fractions(folded_lines(line.date)))
    if not line.date or days.has_no_year or not (days.problem or has_fraction):
        return
    if days.choices and not has_fraction:
        return
    parts = parts_of(line.date)
    if any(part.kind in (Kind.DAY, Kind.WEEK, Kind.EVERY, Kind.FORMER) for part in parts):
        kept, line.date = list(line.parts), ""
        Sorter(line).fill(parts, first="")
        line.parts = kept


def _closing_note(line: Line) -> None:
    """Take the last day to book out of a note that says nothing else, and ask about any other."""
    if line.closes or not _MAY_HOLD_MORE.search(line.note):
        return
    found = [part for part in parts_of(plain(line.note)) if part.kind is not Kind.GAP]
    closing = [part for part in found if part.kind is Kind.CLOSES]
    if len(closing) != 1:
        return
    day = closing[0].value.strip()
    if len(found) == 1:
        line.note, line.closes = "", day
        said = f"“{short(closing[0].text)}” stood in the note: it is the last day to book."
        line.remarks.append(Remark("remark", said, about="closes"))
        return
    said = f"“{short(closing[0].text)}” stands in the note. Is it the last day to book?"
    answers = [
        Answer("closes", f"It is: {day}", changes={"closes": day}),
        Answer("none", "It only stays in the note"),
    ]
    line.remarks.append(Remark("closes", said, about="note", answers=answers))


def _place_cell(line: Line, name: str) -> None:
    """Divide a title or a place in whose cell stands what is none: "Town Hall (was Room 3)"."""
    text = getattr(line, name)
    may_say_when = name == "venue" and _MAY_SAY_WHEN.search(text)
    says_status = name == "venue" and not status_of(text) and find_status(folded_lines(text))
    if not (_MAY_HOLD_MORE.search(text) or may_say_when or says_status):
        return
    parts = parts_of(plain(text))
    if (says_status or any(part.kind in _NO_PLACE for part in parts)) or (
        may_say_when
        and any(
            part.kind is Kind.UNSURE_WEEK
            or (part.kind is Kind.TIME and PART_OF_DAY.fullmatch(plain(part.value)))
            for part in parts
        )
    ):
        kept = list(line.parts)
        setattr(line, name, "")
        Sorter(line).fill(parts, first=name)
        line.parts = kept


def _time_cell(line: Line) -> None:
    """Divide a cell in which a time and more stands: "9.30am (3 hours)", "9.30am Town Hall"."""
    text = line.start
    times = read_times(text)
    if not times.problem or times.choices or PART_OF_DAY.fullmatch(plain(text)):
        return
    parts = parts_of(plain(text))
    if any(part.kind is Kind.TIME for part in parts) and len(parts) > 1:
        kept, line.start = list(line.parts), ""
        Sorter(line).fill(parts)
        line.parts = kept


def _known_place(line: Line, venues: Set[str]) -> None:
    """Take what stands behind a place into it if a venue is called so: "Sutton House (Annexe)"."""
    offered = [
        (remark, answer.changes["venue"])
        for remark in line.remarks
        for answer in remark.answers
        if answer.key == "place"
    ]
    for place, (_, whole) in reversed(list(enumerate(offered, start=1))):
        if normal(whole) in venues:
            line.venue = whole
            used = [remark for remark, _ in offered[:place]]
            line.remarks = [remark for remark in line.remarks if remark not in used]
            return


def _moments(line: Line) -> None:
    """Read cells that hold day and time: the day of the end is the last day."""
    if (moment := _MOMENT.fullmatch(line.date)) and read_days(moment[1]).first:
        line.date = moment[1]
        if not line.start and moment[2] != "00:00":
            line.start = moment[2]
    for name in ("start", "end", "end_date"):
        moment = _MOMENT.fullmatch(getattr(line, name))
        if moment is None or not (day := read_days(moment[1]).first):
            continue
        if name == "end_date":
            line.end_date = moment[1]
            line.end = line.end or moment[2]
        else:
            setattr(line, name, moment[2])
            if name == "start" and not line.date:
                line.date = moment[1]
            elif name == "end" and not line.end_date and day != read_days(line.date).first:
                line.end_date = moment[1]


# --- the order of day and month ----------------------------------------------------------------


def settle_order(lines: Sequence[Line]) -> None:
    """Settle from all days in figures which of two numbers is the month.

    One that can be no month decides for all; if there are both kinds, each doubtful day is asked.
    """
    pairs = [(name, line) for line in lines for name in _DATES if getattr(line, name)]
    day_first, month_is_first = "", ""
    for name, line in pairs:
        text = getattr(line, name)
        for first, second in figures_in(text):
            if first > 12 >= second:
                day_first = day_first or text
            elif second > 12 >= first:
                month_is_first = month_is_first or text
    if not month_is_first:
        return
    for name, line in pairs:
        _in_order(line, name, month_is_first, day_first)


def _in_order(line: Line, name: str, month_is_first: str, day_first: str) -> None:
    text = getattr(line, name)
    figures = list(figures_in(text))
    with_month = month_first(text)
    if not figures or any(first > 12 for first, _ in figures):
        return
    doubtful = all(second <= 12 for _, second in figures)
    if doubtful and all(first == second for first, second in figures):
        return
    with_day = _day_first(text)
    if not doubtful:
        setattr(line, name, with_month)
        reason = "as no month has such a number"
        line.remarks.append(_order_remark(text, with_month, reason, name, [], stops=False))
    elif not day_first:
        setattr(line, name, with_month)
        reason = f"as it must be in “{short(month_is_first)}”"
        other = Answer("day", f"The day comes first: {with_day}", changes={name: with_day})
        line.remarks.append(_order_remark(text, with_month, reason, name, [other], stops=False))
    else:
        answers = [
            Answer("day", f"The day comes first: {with_day}", changes={name: with_day}),
            Answer("month", f"The month comes first: {with_month}", changes={name: with_month}),
        ]
        said = (
            f"“{short(text)}”: other days have the month first (“{short(month_is_first)}”) and "
            f"others the day (“{short(day_first)}”). Which one is it?"
        )
        line.remarks.append(Remark("order", said, about=name, stops=True, answers=answers))


def _order_remark(
    text: str, taken: str, reason: str, name: str, others: list[Answer], *, stops: bool
) -> Remark:
    said = f"“{short(text)}” was read with the month first, {taken}, {reason}."
    return Remark("order", said, name, stops, [Answer("right", "That is right"), *others])


def _day_first(text: str) -> str:
    days = read_days(text)
    if days.first is None or days.choices:
        return text
    return f"{in_words(days.first)} to {in_words(days.last)}" if days.last else in_words(days.first)


def is_order_open(lines: Sequence[Line]) -> bool:
    """Return whether days stand in figures and none of them tells their order."""
    figures = [
        pair
        for line in lines
        if not line.left_out
        for name in _DATES
        for pair in figures_in(getattr(line, name))
        if pair[0] != pair[1]
    ]
    return len(figures) > 1 and all(max(pair) <= 12 for pair in figures)


def put_month_first(lines: Sequence[Line]) -> bool:
    """Read every day in figures with the month first; return whether any is."""
    changed = False
    for line in lines:
        for name in _DATES:
            text = getattr(line, name)
            if (other := month_first(text)) != text:
                setattr(line, name, other)
                changed = True
    return changed


def give_next_year(lines: Sequence[Line], today: date) -> int:
    """Give each day that has no year the one in which it comes next; return of how many lines."""
    changed = 0
    for line in lines:
        if not read_days(line.date, today).has_no_year:
            continue
        for year in (today.year, today.year + 1):
            days = read_days(f"{line.date} {year}")
            if days.first and (days.last or days.first) >= today:
                text = f"“{short(line.date)}” has no year; {year}, when it is next, was taken."
                line.remarks.append(Remark("year", text, about="date"))
                line.date = f"{line.date} {year}"
                changed += 1
                break
    return changed


def give_year(lines: Sequence[Line], year: int) -> bool:
    """Give a year to each day that has none; return whether any had none."""
    changed = False
    for line in lines:
        if read_days(line.date).has_no_year:
            line.date = f"{line.date} {year}"
            changed = True
        if line.closes and read_days(line.closes).has_no_year:
            line.closes = f"{line.closes} {year}"
            changed = True
    return changed
