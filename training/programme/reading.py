"""Reader of a programme as lines of text on a page: "title – date", the venue below."""

import re

from mscp.text.days import short
from mscp.text.folding import A_DASH, DASHES, lines, plain, seen_lines
from mscp.text.times import find_times
from training.models.programme_lines import Line, Programme, Remark, UnreadableError
from training.programme.moments import WEEKDAY_ALONE, find_days

MOST_LINES = 2000
LONGEST_TEXT = 1_000_000
LONGEST_LINE = 2000
# A longer line below a session is a text about it, not the name of a place.
LONGEST_PLACE = 160

_BULLET = re.compile(rf"^\s*(?:(?:{A_DASH}|[•·▪◦‣*])\s+|\d{{1,3}}[.)]\s+)")
_EDGES = f" \t{DASHES},;:|/·•("
_LABEL = re.compile(
    r"^(?P<label>venue|where|location|place|time|times|date|delivery|format|book(?:ing)?"
    r"(?: at| link)?|places|audience|for|who for|note|notes)\s*:\s*(?P<rest>.+)$",
    re.IGNORECASE,
)
# "Trainer: Sam", which is not used here.
_OTHER_LABEL = re.compile(r"[A-Za-z][\w /’'-]{1,30}:\s")
LABELLED = {
    "venue": "venue",
    "where": "venue",
    "location": "venue",
    "place": "venue",
    "delivery": "delivery",
    "format": "delivery",
    "places": "places",
    "audience": "audience",
    "for": "audience",
    "who for": "audience",
    "note": "note",
    "notes": "note",
}
_ADDRESS = re.compile(r"https?://\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DATE_TO_COME = re.compile(
    rf"(?:{A_DASH}|[:,(])\s*(?:dates?\s+)?(?:tbc|tba|to be (?:confirmed|announced))\b.*$",
    re.IGNORECASE,
)
_ONLINE = (
    r"(?:virtual|virtually|online|on-line|remote|remotely|webinar|zoom|(?:ms |microsoft )?teams)"
)
_ONLINE_ONLY = re.compile(
    rf"(?:(?:{_ONLINE}|live|via|by|on|only|a|session|training|workshop|course|event|ms|microsoft)"
    r"\b[\s,/.:-]*)+",
    re.IGNORECASE,
)
_IS_ONLINE = re.compile(rf"\b{_ONLINE}\b", re.IGNORECASE)
_BOTH = re.compile(r"\b(?:hybrid|in person and online|online and in person)\b", re.IGNORECASE)


def read_text(text: str) -> Programme:
    """Read the lines of a page. Raises UnreadableError."""
    if not text.strip():
        raise UnreadableError("There is nothing here yet: paste the lines of the programme.")
    if len(text) > LONGEST_TEXT:
        raise UnreadableError("This is too long. Paste the programme in parts.")
    reader = _Reader()
    for number, line in enumerate(seen_lines(text).splitlines(), start=1):
        reader.take(number, line)
    reader.finish()
    programme = reader.programme
    if not programme.lines:
        raise UnreadableError(
            "No line with a day was found. Each session is a line such as “Adultification "
            "Workshop – 05/11/2027”, with its venue on the next line where there is one."
        )
    if len(programme.lines) > MOST_LINES:
        raise UnreadableError(
            f"These are {len(programme.lines):,} sessions; an import takes {MOST_LINES:,} at "
            "most. Paste the programme in parts."
        )
    return programme


class _Reader:
    def __init__(self) -> None:
        self.programme = Programme()
        # Lines without a day that may belong to the session above, or be the title of the next.
        self.waiting: list[tuple[int, str, bool]] = []
        self.after_blank = False
        # The title above a list of days.
        self.heading: tuple[str, str] | None = None

    def take(self, number: int, text: str) -> None:
        if not text.strip():
            self.after_blank = True
            return
        if not re.search(r"\w", text):
            # A bullet or a rule on a line of its own.
            return
        if len(text) > LONGEST_LINE:
            self.programme.remarks.append(
                f"Line {number} has more than {LONGEST_LINE:,} characters and was not used: "
                f"“{short(text)}”"
            )
            return
        bullet = bool(_BULLET.match(text))
        bare = _BULLET.sub("", text).strip()
        days = find_days(bare)
        label = _LABEL.match(bare)
        if label and label["label"].lower() not in ("date",):
            days = []
        if days:
            self._session(number, text, bare, days)
        elif bullet and not label:
            self._settle()
            self._undated(number, bare)
        else:
            self.waiting.append((number, text.strip(), self.after_blank))
        self.after_blank = False

    def finish(self) -> None:
        self._settle()

    def _session(self, number: int, text: str, bare: str, days: list[tuple[int, int, str]]) -> None:
        start, end, written = days[-1]
        line = Line(number=number, source=text.strip(), date=written.strip())
        before, after = bare[:start], bare[end:]
        if before.strip(_EDGES).lower() in ("", "date"):
            before = ""
        if weekday := WEEKDAY_ALONE.match(after):
            line.date, after = f"{weekday[1]} {line.date}", after[weekday.end() :]
        after = self._take_times(line, after)
        before = self._take_times(line, before)
        before, after = before.strip(_EDGES), after.strip(_EDGES + ".")
        after = after.strip(_EDGES + ")") if "(" not in after else after
        if len(days) > 1:
            line.remarks.append(
                Remark("several days", f"Several days stand in this line; “{written}” was taken.")
            )
        heading, self.heading = self.heading, None
        if before:
            self._settle()
            line.title = before
            rest = after
        elif after and start == 0 and not self._title_waits():
            # The day comes first.
            self._settle()
            # In a row of a table the place is in a cell of its own.
            line.title, _, rest = map(str.strip, after.partition("\t"))
        else:
            title = self.waiting.pop() if self._title_waits() else None
            self._settle()
            if title:
                line.number = title[0]
                heading = (title[1], _BULLET.sub("", title[1]))
            if heading:
                line.source, line.title = f"{heading[0]}\n{line.source}", heading[1]
                self.heading = heading
            rest = after
        self.programme.lines.append(line)
        if rest:
            self._below(line, rest)

    def _title_waits(self) -> bool:
        """Return whether the line just above may be a title: nothing in it looks like a place."""
        if not self.waiting:
            return False
        text = self.waiting[-1][1]
        return not (_is_place(text) or _LABEL.match(text) or _ADDRESS.search(text))

    def _take_times(self, line: Line, text: str) -> str:
        found = find_times(text)
        if not found or line.start:
            return text
        line.start = found[2].strip()
        return f"{text[: found[0]].rstrip(_EDGES)} {text[found[1] :].lstrip(_EDGES)}"

    def _undated(self, number: int, text: str) -> None:
        title = _DATE_TO_COME.sub("", text).strip(_EDGES)
        self.programme.lines.append(Line(number=number, source=text, title=title))

    def _settle(self) -> None:
        """Assign the waiting lines to the session above, or report them as unused."""
        lines = self.programme.lines
        for number, text, after_blank in self.waiting:
            if not lines or (after_blank and not _is_place(text)) or len(text) > LONGEST_PLACE:
                self.programme.remarks.append(f"Line {number} was not used: “{short(text, 100)}”")
                continue
            lines[-1].source += f"\n{text}"
            self._below(lines[-1], text)
        self.waiting.clear()

    def _below(self, line: Line, text: str) -> None:
        label = _LABEL.match(text)
        if label:
            name = label["label"].lower()
            rest = label["rest"].strip()
            if name.startswith("book"):
                address = _ADDRESS.search(rest)
                if address and not line.booking:
                    line.booking = address[0].rstrip(".,)")
                    return
            elif name.startswith("time"):
                if not line.start:
                    line.start = rest
                    return
            elif LABELLED[name] == "venue":
                text = rest
            elif not getattr(line, LABELLED[name]):
                setattr(line, LABELLED[name], rest)
                return
        if not line.start:
            text = self._take_times(line, text).strip(_EDGES)
            if not text:
                return
        if address := _ADDRESS.fullmatch(text.rstrip(".")):
            if not line.booking:
                line.booking = address[0]
                return
        elif not line.delivery and _ONLINE_ONLY.fullmatch(text) and _IS_ONLINE.search(text):
            line.delivery = text
            return
        elif not line.venue and (label or not _OTHER_LABEL.match(text)):
            line.venue = text
            if _BOTH.search(text):
                line.delivery = line.delivery or "hybrid"
            return
        line.remarks.append(Remark("not used", f"This stands with it and was not used: “{text}”"))


def _is_place(text: str) -> bool:
    return bool(
        re.search(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", text, re.IGNORECASE)
        or re.match(r"(?:venue|where|location|place)\s*:", text, re.IGNORECASE)
        or (_ONLINE_ONLY.fullmatch(text) and _IS_ONLINE.search(text))
    )


# --- remarks in titles ------------------ --------------------------------------------------

_STARS = re.compile(r"\*+\s*([^*]+?)\s*\*+")
# In a title whose dashes are plain.
_TAIL = re.compile(r"(?:\s+[-|]\s*|\s*,\s*)(?P<dashed>[^-|,()\[\]]+(?:-[^-|,()\[\]]+)*)$")
_BRACKETED = re.compile(r"\s*[(\[](?P<bracketed>[^()\[\]]+)[)\]]$")
_LENGTH = re.compile(
    r"(?:(?:an?\s+)?(?:all|full|half|whole|one|two|three|\d+)[- ](?:day|hour|minute)s?"
    r"(?:\s+(?:training|session|course|workshop|event))?"
    r"|(?:morning|afternoon|evening|twilight|lunchtime)(?:\s+(?:session|only))?)",
    re.IGNORECASE,
)
_PLACES = {
    "full": "full",
    "fully booked": "full",
    "sold out": "full",
    "last places": "last_places",
    "last few places": "last_places",
    "waiting list": "waiting_list",
    "waiting list only": "waiting_list",
    "places available": "open",
    "spaces available": "open",
}
_NOT_HELD = re.compile(r"\b(?:cancell?ed|postponed)\b", re.IGNORECASE)


def split_title(line: Line) -> None:
    """Move what is not part of the course's name out of a title, with a remark on each."""
    if _NOT_HELD.search(line.title):
        line.remarks.append(
            Remark(
                "not held",
                "The title says that it is cancelled or postponed. Leave the line out; or, where "
                "it does take place, take that word out of the title.",
                about="title",
                stops=True,
            )
        )
        return
    for stars in _STARS.findall(line.title):
        _move(line, stars)
    line.title = _STARS.sub(" ", line.title).strip(" *")
    for pattern in (_BRACKETED, _TAIL):
        match = pattern.search(lines(line.title))
        if match and match.start() and _is_remark(match[1]):
            remark = line.title[slice(*match.span(1))]
            line.title = line.title[: match.start()].rstrip(_EDGES)
            _move(line, remark.strip())
    line.title = " ".join(line.title.split())


def _is_remark(text: str) -> bool:
    text = plain(text)
    online = _ONLINE_ONLY.fullmatch(text) and _IS_ONLINE.search(text)
    return bool(online or _LENGTH.fullmatch(text) or text.lower() in _PLACES)


def _move(line: Line, text: str) -> None:
    places = _PLACES.get(text.lower())
    if places and not line.places:
        line.places = places
        went = "it was taken for whether there are places"
    elif not line.delivery and _ONLINE_ONLY.fullmatch(text) and _IS_ONLINE.search(text):
        line.delivery = "online"
        went = "it was taken to be online"
    else:
        line.note = f"{line.note}; {text}" if line.note else text
        went = "it was put into the note, which visitors see"
    line.remarks.append(Remark("remark", f"“{short(text)}” stood in the title: {went}."))


def is_online(text: str) -> bool:
    """Return whether a text says that something is taught online, and nothing else."""
    text = plain(text)
    return bool(_ONLINE_ONLY.fullmatch(text) and _IS_ONLINE.search(text))
