"""Reader of a programme as lines of text on a page: "title – date", the venue below."""

import re
from collections.abc import Sequence

from mscp.text.days import short
from mscp.text.folding import A_DASH, lines, plain, seen_lines
from training.models.programme_lines import Answer, Line, Programme, Remark, UnreadableError
from training.programme.lines.delivery import IS_BOTH, is_online, says_how
from training.programme.lines.fractions import ask_about_fraction
from training.programme.lines.moments import read_days
from training.programme.lines.parts import EDGES, PLACE_UNKNOWN, Kind, Part, parts_of
from training.programme.lines.segments import segments
from training.programme.lines.status import says_not_held, status_of, without_not_held
from training.programme.lines.times import PART_OF_DAY

MOST_LINES = 2000
LONGEST_TEXT = 1_000_000
LONGEST_LINE = 2000
# A longer line below a session is a text about it, not the name of a place.
LONGEST_PLACE = 160

_BULLET = re.compile(rf"^\s*(?:(?:{A_DASH}|[•·▪◦‣*])\s+|\d{{1,3}}[.)]\s+)")
_LABEL = re.compile(
    r"^(?P<label>venue|where|location|place|time|times|date|delivery|format|book(?:ing)?"
    r"(?: at| link)?|places|capacity|audience|for|who for|note|notes|status|costs?|price|fee"
    r"|trainers?|tutors?|facilitators?|presenters?|speakers?|led by|taught by|delivered by"
    r"|facilitated by)\s*:\s*(?P<rest>.+)$",
    re.IGNORECASE,
)
# "Contact: Sam", which is not used here.
_OTHER_LABEL = re.compile(r"[A-Za-z][\w /’'-]{1,30}:\s")
# Words that say what follows them, and nothing by themselves.
_LEADS_TO = re.compile(
    r"(?:please )?(?:book(?:ing)?(?: your place| a place)?(?: at| here| online| by e-?mail| via"
    r"| link| with)?|e-?mail|link|register(?: at| here)?|date|dates|day|time|times|venue|where"
    r"|location|place|at|@|on|from|in|when|start|starts|finish(?:es|ing)?|end(?:s|ing)?|and|&|by)",
    re.IGNORECASE,
)
_JOINING = re.compile(r"\b(?:join|teams|zoom|meeting)\b[^:]*$", re.IGNORECASE)
_FINISH = re.compile(r"(?:finish(?:es|ing)?|end(?:s|ing)?|to|until|till)\W*$", re.IGNORECASE)
# What is left over and is no name of anything: a lone number, "and", "w/c".
_SCRAP = re.compile(
    r"(?:\W|_|\b(?:and|or|at|on|from|to|in|the|of|by|for|with|plus|also|both|until|w/c|wc|then"
    r"|\d+(?:st|nd|rd|th)?)\b)+",
    re.IGNORECASE,
)
_THE = re.compile(r"the\s+[A-Z]")
# What is no name of a house: without a word, a day or a time that was misread, "as above".
_NO_PLACE = re.compile(
    r"(?!.*[^\W\d_]{2})|.*\d{1,2}(?:st|nd|rd|th)?\s+[a-z]{3,10}\.?,?\s+20\d\d\b|.*\b\d{1,2}/\d{1,2}/\d"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+20\d\d\b"
    r"|.*\d[.:;h]\d\d\b"
    r"|(?:ditto|do\.|(?:as|see) (?:above|before|below)|same(?: (?:place|venue|again|as above))?"
    r"|gmt|bst|utc|uk time|\d+\s+o'clock)\W*$",
    re.IGNORECASE | re.DOTALL,
)
_AT = re.compile(r"^(?:at|@|in)\s+(?=\S)", re.IGNORECASE)
# What joined a number of the title to the day behind it, "Ages 11 to".
_TRAILING = re.compile(r"(?:\s+(?:to|until|and|w/c)\b|\s*&)\s*$", re.IGNORECASE)
_YEARS = re.compile(rf"\b(20\d\d)(?:\s*(?:/|{A_DASH})\s*(?:20)?(\d\d))?\b")
LABELLED = {
    "venue": "venue",
    "where": "venue",
    "location": "venue",
    "place": "venue",
    "delivery": "delivery",
    "format": "delivery",
    "places": "places",
    "capacity": "places",
    **dict.fromkeys(("cost", "costs", "price", "fee"), "cost"),
    **dict.fromkeys(("led by", "taught by", "delivered by", "facilitated by"), "trainer"),
    **{
        f"{name}{end}": "trainer"
        for name in ("trainer", "tutor", "facilitator", "presenter", "speaker")
        for end in ("", "s")
    },
    **dict.fromkeys(("audience", "target audience", "for whom", "suitable for"), "audience"),
    "for": "audience",
    "who for": "audience",
    "note": "note",
    "notes": "note",
    "status": "status",
}


def read_text(text: str) -> Programme:
    """Read the lines of a page. Raises UnreadableError."""
    if not text.strip():
        raise UnreadableError("There is nothing here yet: paste the lines of the programme.")
    if len(text) > LONGEST_TEXT:
        raise UnreadableError("This is too long. Paste the programme in parts.")
    reader = _Reader()
    text = moments_apart(seen_lines(text))
    for number, line in enumerate(text.splitlines(), start=1):
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


# What may be no day by itself, but says that the line is a session: "w/c", "was 5 November".
_DAYS = (Kind.DAY, Kind.WEEK, Kind.EVERY)


def moments_apart(text: str) -> str:
    """Return a text with each moment of ISO 8601 in two: a day and a time."""
    return re.sub(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z?\b", r"\1 \2", text)


class _Reader:
    def __init__(self) -> None:
        self.programme = Programme()
        # Lines without a day that may belong to the session above, or be the title of the next.
        self.waiting: list[tuple[int, str, bool]] = []
        self.after_blank = False
        # The title above a list of days.
        self.heading: tuple[str, str] | None = None
        # The heading with a year, "SPRING TERM 2027", for days that have none.
        self.term = ""

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
        match = _BULLET.match(text)
        bullet, bare = bool(match), _BULLET.sub("", text).strip()
        if _FOOTNOTE.match(text.strip()) and any(has_star(line) for line in self.programme.lines):
            bullet = False
        label = _LABEL.match(bare)
        parts = parts_of(bare)
        has_day = any(part.kind in _DAYS for part in parts)
        if label and label["label"].lower() not in ("date",):
            has_day = False
        if has_day:
            self._session(number, text, bare, parts)
        elif bullet and not label:
            self._settle()
            self._undated(number, text.strip(), bare, parts)
        else:
            self.waiting.append((number, text.strip(), self.after_blank))
        self.after_blank = False

    def finish(self) -> None:
        self._settle()

    def _session(self, number: int, text: str, bare: str, parts: list[Part]) -> None:
        line = Line(number=number, source=text.strip())
        bullet = line.source.removesuffix(bare)
        place = next(place for place, part in enumerate(parts) if part.kind in _DAYS)
        before, after = parts[:place], parts[place + 1 :]
        day = parts[place]
        heading, self.heading = self.heading, None
        sorter = Sorter(line)
        waits = self._title_waits()
        has_title = any(part.kind is Kind.WORDS and not _leads_to(part) for part in before)
        rest = next((part for part in after if part.kind is Kind.WORDS), None)
        if has_title:
            self._settle()
            line.parts.append(("", bullet))
            sorter.fill(before, first="title")
            sorter.day(day)
            # Behind a number that may be a day stands no place for certain.
            sorter.fill(after, first="" if day.other else "venue")
        elif rest and not any(part.kind is Kind.WORDS for part in before) and not waits:
            # The day comes first.
            self._settle()
            line.parts.append(("", bullet))
            sorter.fill(before)
            sorter.day(day)
            sorter.fill(after, first="title")
        else:
            title = self.waiting.pop() if waits else None
            self._settle()
            if title:
                line.number = title[0]
                heading = (title[1], _BULLET.sub("", title[1]))
            if heading:
                line.source = f"{heading[0]}\n{line.source}"
                line.parts.append(("", heading[0].removesuffix(heading[1])))
                sorter.fill(parts_of(heading[1]), first="title")
                line.parts.append(("", "\n"))
                self.heading = heading
            line.parts.append(("", bullet))
            sorter.fill(before)
            sorter.day(day)
            sorter.fill(after)
        if day.other:
            _ask_about_number(line, day)
        self._year_above(line)
        self.programme.lines.append(line)

    def _year_above(self, line: Line) -> None:
        """Give a day without a year that of the term above, and say so."""
        days = read_days(line.date)
        if not (days.has_no_year and self.term):
            return
        years = _YEARS.search(self.term)
        if years is None:
            return
        year = int(years[1])
        if years[2] and re.search(r"\b(?:jan|feb|mar|apr|may|jun|jul)", line.date, re.IGNORECASE):
            # Of a school year the months after Christmas.
            year += 1
        line.date = f"{line.date} {year}"
        text = f"The day has no year; {year} was taken from “{short(self.term)}” above."
        line.remarks.append(Remark("year", text, about="date"))

    def _title_waits(self) -> bool:
        """Return whether the line just above may be a title: nothing in it looks like a place."""
        if not self.waiting:
            return False
        text = self.waiting[-1][1]
        parts = parts_of(text)
        has_words = any(part.kind is Kind.WORDS for part in parts)
        has_address = any(part.kind is Kind.ADDRESS for part in parts)
        is_term = bool(_YEARS.search(text)) and bool(_TERM.search(text))
        return has_words and not (_is_place(text) or _LABEL.match(text) or has_address or is_term)

    def _undated(self, number: int, text: str, bare: str, parts: list[Part]) -> None:
        line = Line(number=number, source=text)
        line.parts.append(("", text.removesuffix(bare)))
        Sorter(line).fill(parts, first="title")
        self.programme.lines.append(line)

    def _settle(self) -> None:
        """Assign the waiting lines to the session above, or report them as unused."""
        lines = self.programme.lines
        for number, text, after_blank in self.waiting:
            if _FOOTNOTE.match(text) and read_footnote(text, lines):
                continue
            is_term = bool(_YEARS.search(text))
            if is_term:
                self.term = text
            apart = after_blank and not _is_place(text)
            if not lines or apart or len(text) > LONGEST_PLACE or (is_term and _TERM.search(text)):
                self.programme.remarks.append(f"Line {number} was not used: “{short(text, 100)}”")
                continue
            lines[-1].source += f"\n{text}"
            Sorter(lines[-1]).below(text)
        self.waiting.clear()


_FOOTNOTE = re.compile(r"(?P<mark>\*{1,3}|†|‡)\s*(?P<text>[^\s*][^*]*)$")


def has_star(line: Line) -> bool:
    """Return whether a mark in a line refers to a footnote: a star at the end of words."""
    return bool(re.search(r"[\w)]\s?[*†‡]{1,3}(?![\w*])", line.source))


def read_footnote(text: str, lines: Sequence[Line]) -> bool:
    """Let the lines with the mark of a footnote say what it says; return whether there are any."""
    found = _FOOTNOTE.match(text)
    if found is None:
        return False
    mark = re.compile(rf"[\w)]\s?(?<!\*){re.escape(found['mark'])}(?![\w*])")
    marked = [line for line in lines if mark.search(line.source)]
    for line in marked:
        said = found["text"].strip()
        # The mark by itself asks nothing any more.
        line.remarks = [one for one in line.remarks if not one.text.endswith(f"“{found['mark']}”")]
        if status_of(said):
            line.status = "; ".join(dict.fromkeys(filter(None, [line.status, said])))
        else:
            line.remarks.append(left_over(said, line))
        line.source += f"\n{text}"
        line.parts += [("", f"\n{found['mark']} "), ("status" if status_of(said) else "?", said)]
    return bool(marked)


_TERM = re.compile(
    r"\b(?:term|programme|calendar|schedule|spring|summer|autumn|winter|half|year|training|dates)\b",
    re.IGNORECASE,
)


class Sorter:
    """Puts the parts of a text into the fields of a line; what has no field becomes a question."""

    def __init__(self, line: Line) -> None:
        self.line = line
        # What leads to the next part: "Book:", "Join on Teams:".
        self.lead = ""
        self.before = ""
        # The place with all that may belong to it.
        self.place = ""

    def day(self, part: Part) -> None:
        self.line.date = part.value.strip()
        self._note("date", part)

    def fill(self, parts: list[Part], *, first: str = "venue") -> None:
        """Take the parts in order; ``first`` is the field of the first words."""
        parts = list(parts)
        place = -1
        while (place := place + 1) < len(parts):
            if parts[place].kind is Kind.WORDS and (first != "title" or self.line.title):
                parts[place : place + 1] = segments(parts[place])
            part = parts[place]
            following = parts[place + 1] if place + 1 < len(parts) else None
            if part.kind is Kind.SAID and (first != "title" or self.line.title):
                self._leave_lead()
                self._note("?", part)
                self.line.remarks.append(said_of_another(part.text))
            elif part.kind is Kind.LABELLED and (first != "title" or self.line.title):
                self._leave_lead()
                self._labelled(part)
            elif part.kind in (Kind.WORDS, Kind.SAID, Kind.LABELLED):
                led = self.lead
                if self._words(part, first, following) and first == "title":
                    first = "venue"
                if self.lead == led:
                    # The words took up what led to them.
                    self.lead = ""
            elif part.kind is not Kind.GAP:
                self._known(part)
                self.lead = ""
            else:
                self._note("", part)
            self.before = part.text if part.kind is Kind.GAP else ""
        self._leave_lead()

    def below(self, text: str) -> None:
        """Take a line that stands below its session."""
        label = None if PLACE_UNKNOWN.match(text) else _LABEL.match(text)
        if label is None:
            self._note("", Part(Kind.GAP, 0, 0, "\n", ""))
            self.fill(parts_of(text))
            return
        name, rest = label["label"].lower(), label["rest"].strip()
        self.line.parts.append(("", f"\n{text[: len(text) - len(rest)]}"))
        field = "start" if name.startswith("time") else LABELLED.get(name, "")
        if field in ("", "venue"):
            self.lead = label["label"]
            self.fill(parts_of(rest))
        elif getattr(self.line, field):
            self._leave(rest)
        else:
            setattr(self.line, field, rest)
            self.line.parts.append((field, rest))

    def _labelled(self, part: Part) -> None:
        """Put a text with its label into the field of that, or ask about both."""
        label = " ".join(part.other.lower().split()).removeprefix("lead ")
        field = LABELLED.get(label, "" if label else "cost")
        rest = part.value.strip()
        if not field or getattr(self.line, field) or (field == "trainer" and is_online(rest)):
            self._leave(part.text)
            return
        head = part.text[: len(part.text) - len(part.value)]
        self.line.parts += [("", head), (field, part.value)]
        setattr(self.line, field, rest)

    def _note(self, field: str, part: Part) -> None:
        self.line.parts.append((field, part.text))

    def _put(self, field: str, part: Part, text: str | None = None) -> None:
        setattr(self.line, field, (part.value if text is None else text).strip())
        self._note(field, part)

    def _leave_lead(self) -> None:
        """Ask about words that lead to nothing, or a label that names nothing."""
        if self.lead:
            self.line.remarks.append(left_over(self.lead, self.line))
            self.line.parts = [
                ("?", text) if not field and text == self.lead else (field, text)
                for field, text in self.line.parts
            ]
        self.lead = ""

    def _known(self, part: Part) -> None:
        if part.kind is not Kind.ADDRESS and not _leads(self.lead):
            self._leave_lead()
        line, text = self.line, part.value.strip()
        match part.kind:
            case Kind.ADDRESS if _JOINING.search(self.lead) and not line.joining:
                self._put("joining", part)
            case Kind.ADDRESS if not line.booking and not _OTHER_LABEL.match(f"{self.lead}: "):
                self._put("booking", part)
            case Kind.ADDRESS if not line.booking and _leads(self.lead):
                self._put("booking", part)
            case Kind.TIME if not line.start:
                self._put("start", part)
            case Kind.TIME if _is_of_day(line.start) and not _is_of_day(text):
                # The clock says more: "all day, 9.30am - 4pm".
                words, line.start = line.start, ""
                line.parts = [
                    ("?" if each[0] == "start" else each[0], each[1]) for each in line.parts
                ]
                line.remarks.append(said_of_another(words))
                self._put("start", part)
            case Kind.TIME if not line.end and _FINISH.fullmatch(self.lead or "-"):
                self._put("end", part)
            case Kind.CLOSES if not line.closes:
                self._put("closes", part)
            case Kind.NUMBER if not line.places:
                self._put("places", part)
            case Kind.COST if not line.cost:
                self._put("cost", part)
            case Kind.STATUS:
                self._put("status", part, "; ".join(filter(None, [line.status, text])))
            case Kind.DAY | Kind.WEEK | Kind.EVERY if not line.date:
                self._put("date", part)
            case Kind.DAY | Kind.WEEK | Kind.EVERY:
                self._note("?", part)
                _ask_which_day(line, text)
            case Kind.FORMER | Kind.STAMP | Kind.CLOSES:
                self._note("?", part)
                line.remarks.append(_no_session(part))
            case Kind.PLACE_UNKNOWN:
                self._note("?", part)
                line.remarks.append(Remark("unknown", f"“{text}”: no place is known yet."))
            case Kind.FRACTION:
                self._note("?", part)
                line.remarks.append(ask_about_fraction(line, text, part.other))
            case Kind.UNSURE_WEEK:
                self._note("?", part)
                line.remarks.append(_of_the_week(text, line.date))
            case Kind.TIME | Kind.NUMBER | Kind.COST:
                # Whatever else they are, they are no place.
                self._note("?", part)
                line.remarks.append(said_of_another(part.text))
            case _:
                self._leave(part.text, self.lead)

    def _words(self, part: Part, first: str, following: Part | None) -> bool:
        """Put words into their field; return whether that was the field of the first."""
        line, text = self.line, part.text if part.kind is Kind.LABELLED else part.value
        in_brackets = self.before.rstrip().endswith(("(", "["))
        if following and following.kind is Kind.GAP and ":" in following.text:
            if not _LEADS_TO.fullmatch(text) and first != "title":
                # "Contact: sam@example.org", together.
                self.lead = text
                self._note("?", part)
                return False
            following = Part(Kind.ADDRESS, 0, 0, "", "")
        if _LEADS_TO.fullmatch(text) and following and following.kind is not Kind.WORDS:
            self.lead = text
            self._note("", part)
            return False
        if first == "title" and not line.title and not _SCRAP.fullmatch(text):
            bare = _TRAILING.sub("", text) if following else text
            line.title = bare
            self.line.parts.append(("title", bare))
            if len(bare) < len(text):
                self.line.parts.append(("", text[len(bare) :]))
            return True
        place = _AT.sub("", text)
        if not line.start and PART_OF_DAY.fullmatch(text):
            self._put("start", part)
        elif not line.delivery and says_how(text):
            self._put("delivery", part)
        elif (
            first == "venue"
            and not line.venue
            and not in_brackets
            and not _SCRAP.fullmatch(place)
            and not _NO_PLACE.match(lines(place))
            and not _OTHER_LABEL.match(text)
            and (not self.lead or LABELLED.get(self.lead.lower()) == "venue" or _leads(self.lead))
            and not says_not_held(text)
            and not self._is_remark(place)
        ):
            self._put("venue", part, place.rstrip("?").rstrip())
            self.place = place
            if place.endswith("?"):
                line.remarks.append(_is_certain(place))
            if IS_BOTH.search(text):
                line.delivery = line.delivery or "hybrid"
        elif says_not_held(text) and not line.status:
            self._put("status", part)
        else:
            self._leave(text, self.lead)
            if first == "venue" and line.venue and self.place:
                self._offer_to_place(text)
            self.lead = ""
        return False

    def _offer_to_place(self, text: str) -> None:
        """Offer that what stands behind a place belongs to it: "Town Hall (Room 3)"."""
        between = self.before if self.before.strip() else " "
        ends = {"(": ")", "[": "]", "{": "}"}.get(between.strip()[-1:], "")
        self.place = f"{self.place}{between}{text}{ends}"
        label = f"It belongs to the place: {self.place}"
        remark = self.line.remarks[-1]
        answer = Answer("place", label, {"venue": self.place, "place": ""})
        remark.answers.insert(0 if text[:1].isupper() else len(remark.answers), answer)

    def _is_remark(self, text: str) -> bool:
        """Return whether words begin small where the title does not: "bring a laptop"."""
        is_named = bool(self.lead) or _is_place(text) or "," in text or bool(_THE.match(text))
        return not is_named and text[:1].islower() and self.line.title[:1].isupper()

    def _leave(self, text: str, lead: str = "") -> None:
        """Ask what a text is that has no field; with the label before it."""
        self.line.parts.append(("?", text))
        whole = text if not lead or _leads(lead) else f"{lead}: {text}"
        self.line.remarks.append(left_over(whole, self.line))


def _leads(text: str) -> bool:
    return bool(_LEADS_TO.fullmatch(text))


def _leads_to(part: Part) -> bool:
    return bool(_LEADS_TO.fullmatch(part.text) or _SCRAP.fullmatch(part.text))


def left_over(text: str, line: Line) -> Remark:
    """Return the question about a text that is neither title, day, time nor place."""
    text = " ".join(text.split())
    answers = [
        Answer("none", "It is not needed"),
        Answer("note", "Put it into the note, which visitors see", appended={"note": text}),
        Answer("title", "It belongs to the title", appended={"title": text}),
    ]
    if not line.venue:
        venue = Answer("venue", "It is the place", changes={"venue": text, "place": ""})
        # The likely answer first: a name begins with a capital, a remark does not.
        answers.insert(0 if text[:1].isupper() else len(answers), venue)
    return Remark("not used", f"This stands with it and was not used: “{text}”", answers=answers)


def _is_certain(place: str) -> Remark:
    """Return the question about a place with a question mark behind it."""
    return Remark(
        "not used",
        f"A question mark stands behind the place: “{place}”. Is it certain?",
        answers=[Answer("right", "It is"), Answer("none", "No place is known", {"venue": ""})],
    )


def said_of_another(text: str) -> Remark:
    """Return the question about words on a former day or place, or on booking: never a place."""
    text = " ".join(text.split())
    answers = [
        Answer("none", "It is not needed"),
        Answer("note", "Put it into the note, which visitors see", appended={"note": text}),
    ]
    return Remark("not used", f"This stands with it and was not used: “{text}”", answers=answers)


def _of_the_week(text: str, day: str) -> Remark:
    """Return the question about "w/c" or "weekly" that leads to no day: is it said of that?"""
    remark = said_of_another(text)
    if day:
        lead = f"{text} of" if text.lower() in ("week", "weeks") else text.rstrip(":")
        whole = f"{lead} {day}"
        remark.answers.insert(0, Answer("day", f"It belongs to the day: {whole}", {"date": whole}))
    return remark


def _is_of_day(text: str) -> bool:
    return bool(PART_OF_DAY.fullmatch(plain(text)))


def _ask_which_day(line: Line, text: str) -> None:
    """Ask which of the days of a line is that of the session; a third one joins the question."""
    asked = next((remark for remark in line.remarks if remark.kind == "several days"), None)
    days = [*(asked.answers[0].copies if asked else [{"date": line.date}]), {"date": text}]
    if asked:
        line.remarks.remove(asked)
        days = [{"date": line.date}, *asked.answers[0].copies, {"date": text}]
    named = " and ".join(f"“{day['date']}”" for day in days)
    answers = [
        Answer("each", f"{len(days)} sessions, one on each day", copies=days[1:]),
        *(
            Answer(f"day{place}", f"Only {day['date']}", changes=day)
            for place, day in enumerate(days[:6], start=1)
        ),
    ]
    text = f"Several days stand in this line: {named}. Which sessions are these?"
    line.remarks.append(Remark("several days", text, about="date", stops=True, answers=answers))


def _ask_about_number(line: Line, day: Part) -> None:
    """Ask whether a number before a day belongs to the title."""
    number = day.other[: len(day.other) - len(day.value)].strip(EDGES)
    number = re.sub(r"\s*(?:\b(?:to|until|and)|&|,)$", "", number)
    title = line.title
    bare = title[: title.rfind(number)].rstrip(EDGES) if number in title else title
    line.remarks.append(
        Remark(
            "number",
            f"Is “{number}” a part of the title, or does it belong to the day? It was left in the "
            "title.",
            about="date",
            stops=True,
            answers=[
                Answer("title", f"“{short(title)}”, {day.value}"),
                Answer(
                    "day",
                    f"“{short(bare)}”, {day.other}",
                    changes={"title": bare, "date": day.other},
                ),
            ],
        )
    )


def _no_session(part: Part) -> Remark:
    what = {
        Kind.FORMER: "a former day",
        Kind.STAMP: "the day of the page itself",
        Kind.CLOSES: "another last day to book",
    }[part.kind]
    return Remark(
        "other day",
        f"“{short(part.text)}” was taken for {what} and not used.",
        about="date",
        answers=[
            Answer("none", "That is right"),
            Answer("day", "It is the day of the session", changes={"date": part.value}),
        ],
    )


def _is_place(text: str) -> bool:
    return bool(
        re.search(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", text, re.IGNORECASE)
        or re.match(r"(?:venue|where|location|place)\s*:", text, re.IGNORECASE)
        or is_online(text)
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


def split_title(line: Line) -> None:
    """Move what is not part of the course's name out of a title, with a remark on each."""
    if says_not_held(line.title):
        bare = without_not_held(line.title).strip(f"{EDGES})]*")
        line.remarks.append(
            Remark(
                "not held",
                "The title says that it is cancelled or postponed. Leave the line out; or, where "
                "it does take place, take that word out of the title.",
                about="title",
                stops=True,
                answers=[
                    Answer("leave-out", "Leave the line out", leaves_out=True),
                    Answer("held", f"It does take place: “{bare}”", changes={"title": bare}),
                    Answer("title", "The word belongs to the title"),
                ],
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
            line.title = line.title[: match.start()].rstrip(EDGES)
            _move(line, remark.strip())
    line.title = " ".join(line.title.split())


def _is_remark(text: str) -> bool:
    text = plain(text)
    is_time = _LENGTH.fullmatch(text) or PART_OF_DAY.fullmatch(text)
    return bool(is_online(text) or is_time or text.lower() in _PLACES)


def _move(line: Line, text: str) -> None:
    places = _PLACES.get(text.lower())
    if places and not line.places:
        line.places = places
        went = "it was taken for whether there are places"
    elif not line.delivery and is_online(text):
        line.delivery = "online"
        went = "it was taken to be online"
    else:
        line.note = f"{line.note}; {text}" if line.note else text
        went = "it was put into the note, which visitors see"
    line.remarks.append(Remark("remark", f"“{short(text)}” stood in the title: {went}."))
