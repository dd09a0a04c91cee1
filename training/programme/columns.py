"""Columns of a spreadsheet of the programme: names, parsing and formatting."""

import re
from collections.abc import Sequence

from mscp.exports.csv import harmless
from mscp.text.days import short
from mscp.text.folding import folded
from training.models.programme_lines import UnreadableError

# In the order of an export; each is a text of Line.
COLUMNS = {
    "title": ("Course", "The title of the course. Needed."),
    "date": ("Day", "The first day: 14/01/2027, 14 January 2027 or a date cell. Needed."),
    "end_date": ("Last day", "Only for a session of several days in a row."),
    "start": ("From", "09:30, 9.30am, or both times: 9.30am - 1pm."),
    "end": ("To", "13:00 or 1pm."),
    "delivery": ("How it is taught", "In person, Online, In person and online, Not stated."),
    "joining": ("Joining address", "For what is taught online; the page shows it."),
    "venue": ("Venue", "The name of a known venue, or name, street, town and postcode."),
    "places": (
        "Places",
        "Places available, Last places, Waiting list, Full, Not known; with the number of places, "
        "or that alone: 25.",
    ),
    "booking": ("Booking", "An address or an e-mail address of this session alone."),
    "closes": ("Last day to book", "A day."),
    "audience": ("For whom", "Known audiences, apart by semicolons; used for a new course."),
    "cost": ("Cost", "In words; empty where it is that of the course."),
    "trainer": ("Trainer", "Who teaches it: only staff see the name, until somebody ticks it."),
    "note": ("Note", "Shown beside the session."),
    "status": ("Status", "Cancelled, Postponed, Provisional or Full; empty where it is held."),
}
NEEDED = ("title", "date")

_OTHER_NAMES = {
    "title": "title|course title|course name|training|training title|session|session title|event"
    "|event name|name|programme|subject|topic|what|workshop|activity",
    "date": "date|start date|first day|session date|date of training|course date|dates|when"
    "|training date|event date",
    "end_date": "end date|last day|to date|finish date|final day",
    "start": "start|start time|time|times|from time|begins|time from|session time",
    "end": "end|end time|finish|finish time|until|to time|ends|time to",
    "delivery": "delivery|delivery method|format|mode|method|online|type of delivery|how",
    "joining": "joining link|join link|meeting link|link to join|teams link|zoom link|joining url",
    "venue": "venue|location|place|where|address|venue address|room|venue name",
    "places": "places|availability|spaces|status of places|capacity|number of places|no of places"
    "|places available|max|maximum|max places|maximum places|seats|max delegates|delegates",
    "booking": "booking|booking link|booking address|book|book at|booking url|link|url"
    "|booking email|how to book|booking address or email",
    "closes": "closing date|booking closes|book by|booking deadline|deadline|closes",
    "audience": "audience|audiences|target audience|target group|who for|who is it for|for",
    "cost": "costs|price|prices|fee|fees|charge|charges|cost per person|cost per place|price pp",
    "trainer": "trainers|tutor|tutors|facilitator|facilitators|presenter|speaker|led by|taught by"
    "|delivered by|trainer name|trainers name|lead trainer|facilitated by|instructor",
    "note": "notes|comment|comments|remarks|details|further information",
    "status": "state|cancelled|canceled|cancelled at|cancelled on|session status|course status"
    "|current status|event status",
}
# Headings that ask, with what yes and no say as a status.
_ASKED = {
    "confirmed|is confirmed|is it confirmed|date confirmed|dates confirmed|confirmed y n": (
        ("Confirmed", "Not confirmed")
    ),
    "cancelled|canceled|is cancelled|is it cancelled|cancelled y n": ("Cancelled", ""),
    "postponed|is postponed|postponed y n": ("Postponed", ""),
    "full|is full|is it full|full y n|fully booked|sold out": ("Full", ""),
    "provisional|is provisional|is it provisional|provisional y n|tbc|tentative": (
        ("Provisional", "")
    ),
    "going ahead|running|is it running|taking place|goes ahead": (
        ("Going ahead", "Not going ahead")
    ),
    "waiting list|waitlist": ("Waiting list", ""),
}
_YES = re.compile(r"y|yes|true|1|[✓✔☑✅🗸]\ufe0f?", re.IGNORECASE)
_NO = re.compile(r"n|no|false|0|not yet|no,? not yet|[✗✘❌☒☐✖🗴]\ufe0f?", re.IGNORECASE)
# A cross by hand: "no" beside ticks, and perhaps a tick where it stands alone.
_CROSS = re.compile(r"[x×]", re.IGNORECASE)


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", folded(text))


_NAMES = {
    plain(name): column
    for column, (label, _) in COLUMNS.items()
    for name in (label, column, *_OTHER_NAMES[column].split("|"))
}
_ANSWERS = {plain(name): answers for names, answers in _ASKED.items() for name in names.split("|")}
_NAMES |= {name: "status" for name in _ANSWERS if name not in _NAMES}


def status_by_heading(heading: str, texts: Sequence[str]) -> list[str]:
    """Return what the cells of a column say as a status: "N" under "Confirmed?" is not confirmed.

    Whether a cross is a yes is seen from the whole column; where it is not, the heading is quoted
    with it, so that it is asked.
    """
    if (answers := _ANSWERS.get(plain(heading))) is None:
        return list(texts)
    yes, no = answers
    has_yes = any(_YES.fullmatch(text.strip(" .")) for text in texts)
    found = []
    for text in texts:
        word = text.strip(" .")
        if _YES.fullmatch(word):
            found.append(yes)
        elif _NO.fullmatch(word) or (has_yes and _CROSS.fullmatch(word)):
            found.append(no)
        elif _CROSS.fullmatch(word):
            found.append(f"{yes}: {word}")
        else:
            found.append(text)
    return found


def _is_formula(text: str) -> bool:
    return harmless(text) != text


def escaped(text: str, *, runs: bool = True) -> str:
    """Escape a text that a spreadsheet would run as a formula; reading it reverses that.

    If the cell's type prevents formulas (not ``runs``), only what reading would change is escaped.
    """
    bare = text.lstrip("'")
    return f"'{text}" if _is_formula(bare) and (runs or bare != text) else text


def unescaped(text: str) -> str:
    return text[1:] if text.startswith("'") and _is_formula(text.lstrip("'")) else text


def letter(index: int) -> str:
    """Return the letter of a column in a spreadsheet: A for the first."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def is_heading(cells: list[str]) -> bool:
    """Return whether a row has at least the required column names."""
    found = {_NAMES.get(plain(cell)) for cell in cells}
    return found.issuperset(NEEDED)


def may_be_heading(cells: list[str]) -> bool:
    """Return whether a row names some columns, and others may be those that are needed."""
    names = [_NAMES.get(plain(cell)) for cell in cells if cell.strip()]
    missing = [name for name in NEEDED if name not in names]
    known = [name for name in names if name]
    return len(known) >= 2 and len(names) - len(known) >= len(missing) and len(missing) == 1


def columns_of(cells: list[str]) -> tuple[dict[int, str], list[str]]:
    """Return which column holds which text, and a sentence on each unused one.

    Raises UnreadableError if a required one is missing, or is there twice.
    """
    found: dict[int, str] = {}
    sentences = []
    for index, cell in enumerate(cells):
        column = _NAMES.get(plain(cell))
        if column is None:
            if cell.strip():
                sentences.append(f"The column “{short(cell)}” ({letter(index)}) is not used.")
            continue
        if column in found.values():
            other = next(place for place, name in found.items() if name == column)
            if column not in NEEDED:
                sentences.append(
                    f"The column “{short(cell)}” ({letter(index)}) is not used: "
                    f"“{COLUMNS[column][0]}” is “{short(cells[other])}” ({letter(other)})."
                )
                continue
            raise UnreadableError(
                f"Two columns are both “{COLUMNS[column][0]}”: “{short(cells[other])}” "
                f"({letter(other)}) and “{short(cell)}” ({letter(index)}). Give one of them "
                "another name."
            )
        found[index] = column
    missing = [COLUMNS[name][0] for name in NEEDED if name not in found.values()]
    if missing and may_be_heading(cells):
        columns = ", ".join(missing)
        sentences.append(
            f"No column is called “{columns}”. Say under “The columns” which one it is."
        )
    elif missing:
        read = ", ".join(f"“{short(cell, 30)}”" for cell in cells[:12] if cell.strip())
        columns = " and ".join(f"“{name}”" for name in missing)
        raise UnreadableError(
            f"There is no column {columns}. The first row must name the columns; it reads: "
            f"{read or 'nothing'}."
        )
    return found, sentences
