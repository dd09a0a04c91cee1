"""Parts of a line: the addresses, days, times and status in it, and the words between them.

Together the parts are the line, character by character: what no part takes up is words, and words
that find no field become a question.
"""

import re
from dataclasses import dataclass
from enum import Enum

from mscp.text.folding import DASHES, lines
from mscp.text.times import times_in_plain
from training.programme.lines.addresses import find_addresses, find_unclear
from training.programme.lines.fractions import find_fractions
from training.programme.lines.moments import (
    EVERY_WORDS,
    WEEK_WORDS,
    WEEKDAY_ALONE,
    Found,
    days_in_plain,
    has_year,
)
from training.programme.lines.status import find_status
from training.programme.lines.times import find_bare_times, find_words_of_time

# What only separates: it says nothing by itself.
EDGES = f" \t\xa0{DASHES},;:|/·•(["
ENDS = EDGES + ").]"
_TAKEN = "\0"
# Characters before a day in which the words that lead to it are looked for.
_NEAR = 60


class Kind(Enum):
    ADDRESS = "address"
    DAY = "day"
    # Days that are none of a session.
    CLOSES = "closes"
    FORMER = "former"
    STAMP = "stamp"
    # Only the week is known, or the day is the first of many.
    WEEK = "week"
    EVERY = "every"
    # Words of one of these, without a day: "Town Hall, w/c".
    UNSURE_WEEK = "unsure week"
    TIME = "time"
    STATUS = "status"
    NUMBER = "number"
    # "8/10", which may count places, be a day or belong to the title.
    FRACTION = "fraction"
    COST = "cost"
    # "Venue tbc".
    PLACE_UNKNOWN = "place unknown"
    # Something like an address that cannot be taken whole.
    UNCLEAR = "unclear"
    # A text behind the label that says what it is: "Trainer: Sam", "led by Sam"; "free".
    LABELLED = "labelled"
    # Said of a day or a place that is none of the session, and which it does not name as a day.
    SAID = "said"
    WORDS = "words"
    GAP = "gap"


@dataclass(frozen=True)
class Part:
    kind: Kind
    start: int
    end: int
    text: str
    # What it says, without the words that lead to it.
    value: str
    # The day as it would be with the number before, which may belong to the title; of a fraction,
    # that with the day behind it.
    other: str = ""


_LEADS = [
    (
        Kind.CLOSES,
        r"(?:please\s+)?(?:book(?:ings?)?(?:\s+(?:must|should|online|your place|a place))*"
        r"\s+(?:by|before|until|closes?|closing|ends?|deadline|close on|closes on)"
        r"|clos(?:ing|es)(?:\s+date)?(?:\s+for\s+\w+)?(?:\s+on)?"
        r"|deadline(?:\s+(?:for|to)\s+\w+)?"
        r"|(?:apply|register|registration|reserve|sign[ -]?up|enrol|reply|respond|applications?)"
        r"\s+(?:by|before|closes?|until)|rsvp(?:\s+by)?|cut[ -]off(?:\s+date)?"
        r"|last\s+(?:day|date)(?:\s+(?:to|for)\s+\w+)?)(?:\s+is)?",
    ),
    (
        Kind.FORMER,
        r"(?:was|were|not|instead\s+of|in\s+place\s+of|(?:previously|last|first)\s+(?:run|held|given)"
        r"|previously|formerly|originally|replac\w+"
        r"|old\s+date|(?:moved|postponed|rescheduled|changed|deferred|rearranged|brought\s+forward)"
        r"\s+from)(?:\s+(?:scheduled\s+for|planned\s+for|on|due\s+on))?",
    ),
    (
        Kind.STAMP,
        r"(?:(?:bookings?|registration|applications?)\s+(?:is\s+|are\s+|will\s+)?open(?:s|ing)?)"
        r"(?:\s+(?:on|from))?|(?:last\s+|first\s+|re)?(?:published|updated|issued|printed|revised|amended|correct"
        r"|created|downloaded|added)(?:\s+(?:on|at|as\s+at|as\s+of|in))?|as\s+(?:at|of)|version"
        r"|dated",
    ),
    (Kind.WEEK, WEEK_WORDS),
    (Kind.EVERY, EVERY_WORDS),
]
_NEW_DAY = (
    r"(?:moved|postponed|rescheduled|changed|deferred|rearranged|brought\s+forward)\s+"
    r"(?:to|until|for)|new\s+date|now(?:\s+(?:on|to\s+be\s+held\s+on))?"
)
# What leads to a day only where it begins: "Training day – 5 November" keeps its name.
_DAY_LABEL = r"(?:^|(?<=[,;(|\t\0]))\s{0,3}(?:dates?|day|when|starts?|begins?)"
_DAY_LEAD = r"(?:(?:held\s+on|takes?\s+place\s+on|on|starting|starts|from)(?:\s+the)?|the)"
_AFTER_LEAD = r"\s*[:=]?\s*(?:-\s*)?$"
_NO_DASH = r"\s*[:=]?\s*$"
_LEAD = [
    (kind, re.compile(rf"\b(?:{words}){_NO_DASH if kind is Kind.FORMER else _AFTER_LEAD}", re.I))
    for kind, words in _LEADS
]
# Behind the place, where no day follows: "Town Hall, w/c", "Town Hall, weekly".
_WEEK_ALONE = re.compile(
    rf"(?:(?:^|(?<=[,;:(\[|\t\0.])|(?<=\s-))\s{{0,3}}(?P<apart>{WEEK_WORDS}|weeks?|{EVERY_WORDS})"
    r"|(?<=\S)\s(?P<behind>w\s?/\s?[cb]\.?|(?:weeks?|wk)\s?(?:beg|comm)\w*\.?))"
    r"(?=\s{0,3}:?\s{0,3}(?:$|[,;()\[\]|\t\0.]|-\s|\s-))"
    r"|(?:^|(?<=[,;(|\t\0])|(?<=\s-))\s{0,3}(?P<before>w\s?/\s?[cb]\.?"
    r"|(?:weeks?|wk)\s?(?:beg|comm)\w*\.?)(?=\s)",
    re.IGNORECASE,
)
# The same words where no day follows: "was at the Town Hall", "book by the end of term".
_BOUND = r"(?:^|(?<=[,;(\[|\t\0.])|(?<=\s-))\s{0,3}"
_UP_TO_BOUND = (
    r"[^\s,;()\[\]|\t\0](?:(?!\s+-\s)[^;()\[\]|\t\0])*?(?=\s*(?:$|[,;()\[\]|\t\0.]|\s-\s))"
)
FIELD_LABELS = (
    r"costs?|price|fee|capacity|(?:target\s+)?audience|for\s+whom|who\s+for|suitable\s+for|(?:lead\s+)?(?:trainer|tutor|facilitator|presenter|speaker)s?"
    r"|(?:led|taught|delivered|facilitated|presented)\s+by"
)
_FIELD = re.compile(
    rf"{_BOUND}(?P<whole>(?P<label>{FIELD_LABELS})\s*(?::|(?<=by))\s*(?P<rest>{_UP_TO_BOUND}))",
    re.IGNORECASE,
)
_FREE = re.compile(
    rf"{_BOUND}(?P<whole>(?P<label>)(?P<rest>free(?:\s+(?:of\s+charge|to\s+attend|for\s+all))?"
    r"|no\s+(?:charge|cost|fee)))(?=\s*(?:$|[,;)\]|\t\0.]|\s-\s))",
    re.IGNORECASE,
)
# "Contact: Sam", which has no field.
_OTHER_LABEL = re.compile(
    rf"{_BOUND}(?P<whole>(?P<label>[A-Za-z][\w /'-]{{1,30}}?)\s?:\s+(?P<rest>{_UP_TO_BOUND}))"
)
_SAID = re.compile(
    rf"{_BOUND}(?P<said>(?:{_LEADS[0][1]}|{_LEADS[1][1]}"
    r"|(?:moved|postponed|rescheduled|changed|deferred|rearranged|brought\s+forward)\s+"
    r"(?:to|until|for))\b[^,;()\[\]|\t\0]*[^,;()\[\]|\t\0\s.-])",
    re.IGNORECASE,
)
_NEW = re.compile(rf"\b(?:{_NEW_DAY}){_AFTER_LEAD}", re.IGNORECASE)
_DAY = re.compile(rf"{_DAY_LABEL}{_AFTER_LEAD}|\b{_DAY_LEAD}{_NO_DASH}", re.IGNORECASE)
_WEEKDAY_BEFORE = re.compile(
    r"\b((?:mon|tues|wednes|thurs|fri|satur|sun)day)\s*-\s*$", re.IGNORECASE
)
_MOVED_FROM_TO = re.compile(r"(.*\d\D*?)\s+(?:to|until)\s+(.*)", re.IGNORECASE)
# A day that ends what is said of it, and the day of the session behind it.
_ITS_OWN = re.compile(
    rf"(.*?\d.*?)\s*(?:[{re.escape(DASHES)},;/]\s+|\s[{re.escape(DASHES)}]\s*)(.*\d.*)"
)
_MOST = r"(?:max(?:imum)?|up\s+to|limited\s+to|capacity(?:\s+of)?)\.?\s+(?:of\s+)?"
_HEADS = r"(?:places?|spaces?|seats?|delegates|attendees|participants|people|learners|pax)"
_NUMBER = re.compile(
    rf"(?<![\w/.:£-])(?:{_MOST})?(?:\d{{1,3}}\s*(?:/|-|to)\s*)?\d{{1,3}}\s+{_HEADS}"
    r"(?:\s+(?:max(?:imum)?|available|booked|taken))?(?!\w)"
    rf"|{_BOUND}(?P<most>{_MOST}\d{{1,3}})(?=\s*(?:$|[,;)\]|\t\0.]|\s-\s))",
    re.IGNORECASE,
)
# Times at which nothing is taught yet: "registration 9.15am".
_BEFORE_START = re.compile(
    r"\b(?:registration|arrivals?|arrive|coffee|refreshments|doors(?:\s+open)?|sign(?:ing)?[ -]in"
    r"|networking|tea)\s*(?:and\s+(?:coffee|refreshments|registration)\s*)?(?:from|at|:|-)?\s*$",
    re.IGNORECASE,
)
# "Venue tbc": no place is known, and the session may be certain.
PLACE_UNKNOWN = re.compile(
    r"\b(?:venue|location|place|room)s?(?:\s*:\s*|\s+(?:is |are |still )*)"
    r"(?:t\.?b\.?[acd]\b\.?|to\s+be\s+(?:confirmed|announced|arranged|agreed|decided)"
    r"|not\s+(?:yet\s+)?(?:known|confirmed)|unknown)(?=\s*(?:$|[,;)\]|\t\0.-]))",
    re.IGNORECASE,
)


_COST = re.compile(
    r"(?:(?:cost|price|fee)s?\s*:?\s*)?(?P<sum>£\s?\d(?:[\d,.]*\d)?(?:\s?(?:-|/|to)\s?£?\d(?:[\d,.]*\d)?)?"
    r"(?:\s?(?:per|pp|p/p|each)\b(?:\s(?:person|place|delegate|head))?)?"
    r"(?:\s?(?:\+|plus|inc(?:l(?:uding|\.)?)?|ex(?:cl(?:uding|\.)?)?)\s?VAT\b)?)",
    re.IGNORECASE,
)


def parts_of(text: str) -> list[Part]:
    """Divide a line into its parts, in order and without a gap.

    The line has no invisible characters (mscp.text.folding).
    """
    return _Divider(text).parts()


class _Divider:
    def __init__(self, text: str) -> None:
        self.text = text
        # The text with plain signs, and NULs for what was taken: nothing is found across it.
        self.left = lines(text)
        self.found: list[Part] = []
        self.is_only_day = False

    def parts(self) -> list[Part]:
        addresses = find_addresses(self.text)
        for address in addresses:
            self._take(Kind.ADDRESS, address.start, address.end, address.value)
        for start, end in find_unclear(self.text, addresses):
            self._take(Kind.UNCLEAR, start, end)
        for fraction in list(find_fractions(self.left)):
            kind = Kind.NUMBER if fraction.is_places else Kind.FRACTION
            value = self.text[fraction.start : fraction.start + len(fraction.text)]
            self._take(kind, fraction.start, fraction.end, value, fraction.whole)
        self._times()
        self._days()
        self._bare_times()
        for match in PLACE_UNKNOWN.finditer(self.left):
            self._take(Kind.PLACE_UNKNOWN, match.start(), match.end())
        first_day = min((p.start for p in self.found if p.kind is Kind.DAY), default=None)
        for start, end in find_words_of_time(self.left):
            # Before the day they are words of the title.
            if first_day is None or start > first_day:
                self._take(Kind.TIME, start, end)
        for start, end, _ in find_status(self.left):
            self._take(Kind.STATUS, start, end)
        for match in _COST.finditer(self.left):
            value = self.text[match.start("sum") : match.end()]
            self._take(Kind.COST, match.start(), match.end(), value)
        for match in _NUMBER.finditer(self.left):
            self._take(Kind.NUMBER, *match.span("most" if match["most"] else 0))
        begin = 0 if first_day is None else 1
        for pattern, first in ((_FIELD, begin), (_FREE, begin), (_OTHER_LABEL, first_day)):
            for match in pattern.finditer(self.left):
                start, end = match.span("whole")
                if first is not None and start >= first:
                    rest = self.text[match.start("rest") : end]
                    self._take(
                        Kind.LABELLED, start, end, rest, self.text[slice(*match.span("label"))]
                    )
        for match in _WEEK_ALONE.finditer(self.left):
            start, end = match.span(match.lastgroup or 0)
            if first_day is None or start > first_day:
                self._take(Kind.UNSURE_WEEK, start, end)
        has_day = first_day is not None
        for match in _SAID.finditer(self.left):
            # A title may begin like this: "Was it me? – 05/11/2027".
            if match.start("said") or not has_day:
                self._take(Kind.SAID, match.start("said"), match.end("said"))
        return self._with_words()

    def _take(
        self, kind: Kind, start: int, end: int, value: str | None = None, other: str = ""
    ) -> None:
        text = self.text[start:end]
        self.found.append(Part(kind, start, end, text, text if value is None else value, other))
        self.left = f"{self.left[:start]}{_TAKEN * (end - start)}{self.left[end:]}"

    def _times(self) -> None:
        """Take the times; the days are hidden meanwhile, whose first number may look like one."""
        hidden = self.left
        for day in self._all_days():
            # Not a number before it: "10am - 12, 5 November".
            start = max(day.start, day.end - len(_last_of(day.text)))
            hidden = f"{hidden[:start]}{_TAKEN * (day.end - start)}{hidden[day.end :]}"
        found = times_in_plain(hidden)
        for start, end in found:
            early = _BEFORE_START.search(hidden[:start]) if len(found) > 1 else None
            if early:
                self._take(Kind.SAID, early.start(), end)
            else:
                self._take(Kind.TIME, start, end)

    def _days(self) -> None:
        found = self._all_days()
        self.is_only_day = len(found) == 1
        for place, day in enumerate(found, start=1):
            self._day(day, found[place].start if place < len(found) else len(self.text))

    def _all_days(self) -> list[Found]:
        """Return the days; of those without a year beside others only what is said of one.

        "Safer Internet Day 9 February - 5 March 2027" has a day in its title.
        """
        found = days_in_plain(self.left)
        first = next((day.start for day in found if has_year(day.text)), None)
        return [
            day
            for day in found
            if first is None
            or day.start >= first
            or any(self._before(lead, day.start) for _, lead in _LEAD)
        ]

    def _day(self, day: Found, following: int) -> None:
        """Take a day, with its weekday behind it if that is not of the following one."""
        start, end, _, other_start = day
        value = self.text[start:end]
        other = self.text[other_start:end] if other_start is not None else ""
        weekday = WEEKDAY_ALONE.match(self.left[end:following])
        if weekday and not _has_weekday(value):
            value, end = f"{weekday[1]} {value}", end + weekday.end()
        elif weekday := self._before(_WEEKDAY_BEFORE, start):
            value, start = f"{weekday[1]} {value}", weekday.start()
        for kind, lead in _LEAD:
            if match := self._before(lead, start):
                moved = _MOVED_FROM_TO.fullmatch(value)
                parted = _ITS_OWN.fullmatch(value)
                is_alone = kind is Kind.CLOSES or (kind is Kind.FORMER and self.is_only_day)
                if parted and is_alone and days_in_plain(lines(parted[2])):
                    # "book by 20 February - 05/11/2027": two days, and no run of them.
                    self._take(kind, match.start(), start + len(parted[1]), parted[1])
                    self._take(Kind.DAY, start + parted.start(2), end, parted[2])
                elif kind is Kind.FORMER and moved and " from" in match[0].lower():
                    # "moved from 5 to 12 November": no run of eight days.
                    place = start + len(moved[1])
                    self._take(kind, match.start(), place, moved[1])
                    self._take(Kind.DAY, place, end, moved[2])
                elif kind in (Kind.WEEK, Kind.EVERY):
                    # Read with its words, which make it a question.
                    self._take(kind, match.start(), end, f"{match[0].strip()} {value}")
                else:
                    self._take(kind, match.start(), end, value)
                return
        if match := self._before(_NEW, start):
            # Whatever day stands before is the former one.
            self.found = [
                Part(Kind.FORMER, *_fields(part)) if part.kind is Kind.DAY else part
                for part in self.found
            ]
            self._take(Kind.DAY, match.start(), end, value)
        elif match := self._before(_DAY, start):
            self._take(Kind.DAY, match.start(), end, value)
        else:
            self._take(Kind.DAY, start, end, value, other)

    def _before(self, pattern: "re.Pattern[str]", end: int) -> "re.Match[str] | None":
        """Find what stands directly before a place, not far from it."""
        return pattern.search(self.left, max(0, end - _NEAR), end)

    def _bare_times(self) -> None:
        """Take "12-1" behind the day, if no time is written more clearly."""
        if any(part.kind is Kind.TIME for part in self.found):
            return
        days = [part.end for part in self.found if part.kind is Kind.DAY]
        if days and (found := find_bare_times(self.left[days[0] :])):
            start, end = found[0] + days[0], found[1] + days[0]
            around = self.left[:start].rstrip(), self.left[end:].lstrip()
            if around[0][-1:] in _TAKEN + ",;(-|" and (not around[1] or around[1][0] in ",;)-|\0"):
                self._take(Kind.TIME, start, end)

    def _with_words(self) -> list[Part]:
        parts: list[Part] = []
        place = 0
        for part in [*sorted(self.found, key=lambda part: part.start), None]:
            start = part.start if part else len(self.text)
            parts += _words(self.text, place, start)
            if part:
                parts.append(part)
                place = part.end
        return parts


def _fields(part: Part) -> tuple[int, int, str, str]:
    return part.start, part.end, part.text, part.value


def _last_of(text: str) -> str:
    """Return the last day of several, with the weekday before it."""
    for found in reversed(list(re.finditer(r"(?:,|&|\band\b|\bto\b|\buntil\b|-)\s*", text))):
        rest = text[found.end() :]
        if (days := days_in_plain(rest)) and days[0].start == 0 and days[0].end == len(rest):
            return rest
    return text


def _has_weekday(text: str) -> bool:
    return bool(re.match(r"(?:mon|tue|wed|thu|fri|sat|sun)", text, re.IGNORECASE))


def _words(text: str, start: int, end: int) -> list[Part]:
    """Divide what is between two parts into words and what only separates them."""
    parts: list[Part] = []
    for cell in re.finditer(r"[^\t]+|\t+", text[start:end]):
        first, last = start + cell.start(), start + cell.end()
        inner = text[first:last]
        head = len(inner) - len(inner.lstrip(ENDS))
        bare = inner.strip(f"{ENDS}*")
        tail = inner[head:].rstrip(f"{EDGES}.") if bare else ""
        if tail.count("*") % 2:
            # Stars in pairs set words of a title apart.
            tail = tail.rstrip("*" + EDGES)
        # A bracket at the end belongs to the words if it is opened in them.
        while (
            tail
            and tail[-1] in ")]"
            and tail.count(")") + tail.count("]") > tail.count("(") + tail.count("[")
        ):
            tail = tail[:-1].rstrip(f"{EDGES}.")
        if tail and inner[head - 1 : head] in ("(", "[") and tail.count(")") > tail.count("("):
            head -= 1
            tail = inner[head : head + len(tail) + 1]
        if not bare:
            parts.append(Part(Kind.GAP, first, last, inner, ""))
            continue
        if head:
            parts.append(Part(Kind.GAP, first, first + head, inner[:head], ""))
        parts.append(Part(Kind.WORDS, first + head, first + head + len(tail), tail, tail))
        if head + len(tail) < len(inner):
            parts.append(
                Part(Kind.GAP, first + head + len(tail), last, inner[head + len(tail) :], "")
            )
    return parts
