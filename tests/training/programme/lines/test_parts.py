"""A line divided into its parts: no character is lost, and none becomes true by itself."""

import re
from datetime import date, time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mscp.text.folding import DASHES, seen_lines
from training.models.programme_lines import Line, UnreadableError
from training.programme.lines.addresses import find_addresses
from training.programme.lines.moments import find_days, read_days
from training.programme.lines.parts import Kind, parts_of
from training.programme.lines.reading import moments_apart, read_text
from training.programme.lines.status import Status, status_of
from training.programme.lines.times import read_times

DAY = "05/11/2027"


def only(text: str) -> Line:
    (line,) = read_text(text).lines
    return line


def asked(line: Line) -> set[str]:
    return {remark.kind for remark in line.remarks}


# --- no character is lost ---------------------------------------------------------------------

PIECES = [
    *("Neglect", "Level 2", "Module 1 & 2", "Town Hall, High Street", "(LADO)", "Ages 11 to 18"),
    *(
        DAY,
        "12 and 19 November 2027",
        "w/c 8 November 2027",
        "5th Nov",
        "11/25/2027",
        "Mon 1st March",
    ),
    *("9.30am - 1pm", "12 noon", "from 10", "12-1", "all day", "1330hrs"),
    *("CANCELLED", "postponed", "tbc", "FULL", "waiting list", "moved to", "was", "book by", "and"),
    *(
        "25",
        "12/20 places",
        "£10-12",
        "pat.o'example@example.org",
        "www.example.org/a_(b)",
        "Book:",
    ),
    *(
        "-",
        "–",
        "|",
        "\t",
        ",",
        "*",
        "(",
        ")",
        ";",
        "·",
        "“x”",
        "?",
        "Contact:",
        "Venue: Hall",
        "Trainer: Sam",
        "free",
        "é\u0301",
    ),
]
LINES = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), min_size=1, max_size=9
).map(" ".join)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(LINES)
@example("Neglect – 05/11/2027 12-1 (and) – –")
def test_the_parts_of_a_line_are_the_line(text: str) -> None:
    parts = parts_of(text)
    assert "".join(part.text for part in parts) == text
    assert [part.start for part in parts[1:]] == [part.end for part in parts[:-1]]
    for part in parts:
        # What only separates says nothing.
        assert part.kind is not Kind.GAP or not re.search(r"[^\W_]", part.text), part


@settings(max_examples=150, deadline=None, derandomize=True)
@given(LINES, LINES)
@example("Neglect", "Contact: and")
@example("1. Neglect", "– at")
@example("Neglect &", "?")
@example("Neglect", "Town Hall, book by the end of term")
def test_no_character_of_a_session_is_unaccounted_for(before: str, after: str) -> None:
    """Each is in a field, in a question, separates two pieces, or leads to what is in one."""
    text = " ".join(moments_apart(seen_lines(f"{before} – {DAY} – {after}")).split())
    try:
        lines = read_text(f"{text}\n").lines
    except UnreadableError:
        # Refused with a sentence: nothing is taken.
        return
    for line in lines:
        whole = "".join(piece for _, piece in line.parts)
        assert _signs(whole) == _signs(line.source)
        for place, (field, piece) in enumerate(line.parts):
            if field == "" and (words := piece.strip(SEPARATORS)):
                following = next((f for f, p in line.parts[place + 1 :] if p.strip(SEPARATORS)), "")
                is_number = place == 0 and re.fullmatch(r"\d{1,3}[.)]\s+", piece)
                assert is_number or (following and _may_lead(words, following)), (words, line)
        fields = [value for value in vars(line).values() if isinstance(value, str)]
        fields.remove(line.source)
        said = " ".join([*fields, *(remark.text for remark in line.remarks)])
        for field, piece in line.parts:
            known = f"{getattr(line, field, '')} {said}"
            if field in ("date", "closes") or (field == "?" and find_days(piece)):
                # Without the words that lead to a day, "moved to".
                assert set(re.findall(r"\d+", piece)) <= set(re.findall(r"\d+", known))
            elif field not in ("", "?"):
                assert _bare(piece) <= _bare(known)
            elif field == "?":
                assert _bare(piece) <= _bare(said), piece


# What may stand between two pieces and says nothing: no question mark, no quotation mark, no cross.
SEPARATORS = f" \t\n\xa0{DASHES},;:|/·•([.)]*"
_BOOK = (
    r"(?:please )?book(?:ing)?(?: your place| a place)?(?: at| here| online| by e-?mail| via| link"
    r"| with)?|e-?mail|link|register(?: at| here)?|at|by|in|on|from|@|and|&"
)
_WHEN = r"to|until|and|&|by|at|@|on|from|in|when|w/c|starts?"
# The words that may lead to a piece, by what that is: before anything else they are asked about.
LEADING = {
    "date": rf"{_WHEN}|dates?|days?|(?:on )?the",
    "start": rf"{_WHEN}|times?",
    "end": rf"{_WHEN}|times?|finish(?:es|ing)?|end(?:s|ing)?",
    "closes": _WHEN,
    "booking": _BOOK,
    "joining": rf"{_BOOK}|join",
    "venue": r"venue|location|place|where|at|@|in|on|and|&",
    "delivery": r"delivery|format|venue|location|place|where|at|@|in|on|from|by|and|&",
    "places": r"places|capacity|to|and|&|by|at|@|on|from|in",
    "audience": r"(?:target )?audience|for(?: whom)?|who for|suitable for",
    "cost": r"costs?|price|fee|to|and|&|by|at|@|on|from|in",
    "trainer": r"(?:lead )?(?:trainer|tutor|facilitator|presenter|speaker)s?"
    r"|(?:led|taught|delivered|facilitated|presented) by",
    "note": r"notes?",
    "status": r"status|to|until|and|&|by|at|@|on|from|in|when",
    "?": rf"{_WHEN}|{_BOOK}|where|dates?|days?|times?|venue|location|place|finish(?:es|ing)?"
    r"|end(?:s|ing)?",
    # What joined a number of the title to the day behind it.
    "title": r"(?!)",
}


def _may_lead(words: str, field: str) -> bool:
    return bool(re.fullmatch(LEADING[field], words, re.IGNORECASE))


def _signs(text: str) -> str:
    return "".join(text.split())


def _bare(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.replace("…", " ")))


# --- what is left over is asked about -------------------------------------------------------------


@pytest.mark.parametrize(
    "rest",
    [
        "and",
        "&",
        "7",
        "w/c",
        "(bring lunch)",
        "Contact: Sam",
        "– at",
        "[12]",
        "2nd",
        "or",
    ],
)
def test_what_is_left_over_is_a_question_and_no_place(rest: str) -> None:
    line = only(f"Neglect – {DAY} {rest}")
    assert (line.title, line.date, line.venue) == ("Neglect", DAY, "")
    assert asked(line) == {"not used"}


@pytest.mark.parametrize(
    "cost", ["£10-12", "Cost: £45", "£1,200.50", "£30 per person", "£30pp", "£10/£20", "Fee £5"]
)
def test_what_it_costs_is_no_part_of_the_place(cost: str) -> None:
    line = only(f"Neglect – {DAY}, Room 12, {cost}")
    assert line.venue == "Room 12" and not line.remarks
    assert line.cost == cost[cost.index("£") :]


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("Trainer: Sam Smith", "trainer", "Sam Smith"),
        ("Facilitators: Sam & Pat", "trainer", "Sam & Pat"),
        ("Led by Sam Smith", "trainer", "Sam Smith"),
        ("delivered by: Sam Smith", "trainer", "Sam Smith"),
        ("taught by Sam O'Neil", "trainer", "Sam O'Neil"),
        ("Cost: free", "cost", "free"),
        ("Free of charge", "cost", "Free of charge"),
        ("£45 per person", "cost", "£45 per person"),
        ("Fee: two pounds", "cost", "two pounds"),
        ("25 places", "places", "25 places"),
        ("Capacity: 25", "places", "25"),
        ("max 12 delegates", "places", "max 12 delegates"),
    ],
)
@pytest.mark.parametrize("between", [" – ", ", ", " (", "\n"])
def test_cost_trainer_and_places_go_to_their_field(
    text: str, field: str, value: str, between: str
) -> None:
    end = ")" if between == " (" else ""
    line = only(f"Neglect – {DAY} – Town Hall{between}{text}{end}")
    assert (line.title, line.date, line.venue) == ("Neglect", DAY, "Town Hall")
    assert getattr(line, field) == value and not line.remarks


@pytest.mark.parametrize(
    ("text", "title", "day", "kinds"),
    [
        ("Module 1 & 2 – 5 November 2027", "Module 1 & 2", "5 November 2027", set()),
        ("Module 1 – 5 and 12 November 2027", "Module 1", "5 and 12 November 2027", set()),
        ("Level 2 – 5 November 2027", "Level 2", "5 November 2027", set()),
        ("Parts 1, 2 and 3 – 5 November 2027", "Parts 1, 2 and 3", "5 November 2027", set()),
        ("Room 5, 12 November 2027", "Room 5", "12 November 2027", set()),
        ("Trauma 2 – 5 November 2027", "Trauma 2", "5 November 2027", {"number"}),
        ("Trauma 12 and 19 November 2027", "Trauma 12", "19 November 2027", {"number"}),
        ("Ages 11 to 18 May 2027", "Ages 11", "18 May 2027", {"number"}),
        ("Training day – 5 November 2027", "Training day", "5 November 2027", set()),
        ("Moving on – 5 November 2027", "Moving on", "5 November 2027", set()),
        ("Neglect on 5 November 2027", "Neglect", "5 November 2027", set()),
        ("The child I was – 5 November 2027", "The child I was", "5 November 2027", set()),
        ("Trauma – 5 to 7 November 2027", "Trauma", "5 to 7 November 2027", set()),
    ],
)
def test_a_number_of_the_title_is_no_day(text: str, title: str, day: str, kinds: set[str]) -> None:
    line = only(text)
    assert (line.title, line.date, asked(line)) == (title, day, kinds)


# --- status ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Voice – 06/11/2027 – CANCELLED", "CANCELLED"),
        ("Voice – 06/11/2027\nCANCELLED", "CANCELLED"),
        ("Voice – 06/11/2027 postponed", "postponed"),
        ("Voice CANCELLED – 06/11/2027", "CANCELLED"),
        ("Voice (cancelled) – 06/11/2027", "cancelled"),
        ("CANCELLED: Voice – 06/11/2027", "CANCELLED"),
        ("Voice – 06/11/2027, Town Hall – called off", "called off"),
        ("Voice – 06/11/2027 TBC", "TBC"),
        ("Voice – 06/11/2027 (provisional)", "provisional"),
        ("Voice – 06/11/2027 – Fully booked", "Fully booked"),
        ("Voice – 06/11/2027 NEW DATE", "NEW DATE"),
        ("Voice – 06/11/2027, waiting list only", "waiting list only"),
        ("Voice – 06/11/2027 - 2 places left", "2 places left"),
        ("Voice\n06/11/2027\nStatus: Postponed", "Postponed"),
        ("Voice – 06/11/2027 – this will not take place", "this will not take place"),
    ],
)
def test_a_status_is_heeded_wherever_it_stands(text: str, status: str) -> None:
    line = only(text)
    assert (line.title, line.date, line.status) == ("Voice", "06/11/2027", status)
    assert line.venue in ("", "Town Hall")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Canceled", Status.NOT_HELD),
        ("NO LONGER RUNNING", Status.NOT_HELD),
        ("won’t take place", Status.NOT_HELD),
        ("Save the date", Status.PROVISIONAL),
        ("date t.b.c.", Status.PROVISIONAL),
        ("venue change", Status.MOVED),
        ("Sold out", Status.FULL),
        ("Course full", Status.FULL),
        ("few places left", Status.LAST_PLACES),
        ("only 2 left", Status.LAST_PLACES),
        ("open for booking", Status.OPEN),
        ("Full day", None),
        ("Open minds", None),
    ],
)
def test_words_of_a_status(text: str, status: Status | None) -> None:
    assert status_of(text) is status


# --- days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "14 Jan 27",
        "Thu 14 Jan '27",
        "2027/01/14",
        "2027-01-14T00:00:00",
        "14-Jan-2027",
        "14th of January 2027",
        "January 14, 2027",
        "14 / 01 / 2027",
        "Thursdays 14 January 2027",
        *(f"14{dash}01{dash}2027" for dash in DASHES),
    ],
)
def test_every_way_to_write_a_day(text: str) -> None:
    assert read_days(text).first == date(2027, 1, 14)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("12 and 19 November 2027", ("12 November 2027", "19 November 2027")),
        ("05/11/2027 & 08/12/2027", ("5 November 2027", "8 December 2027")),
        (
            "Tuesday 5th and Thursday 7th October 2027",
            ("5 October 2027", "7 October 2027"),
        ),
        (
            "5, 12 and 19 November 2027",
            ("5 November 2027", "12 November 2027", "19 November 2027"),
        ),
        (
            "November 5, 12 and 19, 2027",
            ("5 November 2027", "12 November 2027", "19 November 2027"),
        ),
        ("5-7 and 12 November 2027", ("5 November 2027 to 7 November 2027", "12 November 2027")),
        ("14 December, 11 January 2028", ("14 December 2027", "11 January 2028")),
        (
            "every Tuesday 2 November 2027 – 16 November 2027",
            ("2 November 2027", "9 November 2027", "16 November 2027"),
        ),
    ],
)
def test_listed_days_are_a_session_each(text: str, days: tuple[str, ...]) -> None:
    read = read_days(text)
    assert read.problem and read.choices[0].key == "each" and read.choices[0].days == days


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("31 December - 2 January 2028", date(2027, 12, 31), date(2028, 1, 2)),
        ("30 Dec – 3 Jan 2028", date(2027, 12, 30), date(2028, 1, 3)),
        ("30 Dec 2027 to 3 Jan", date(2027, 12, 30), date(2028, 1, 3)),
        ("31/12/2027 until 01/01/2028", date(2027, 12, 31), date(2028, 1, 1)),
        ("Fri 31 Dec – Sat 1 Jan 2028", date(2027, 12, 31), date(2028, 1, 1)),
        ("31 December and 1 January 2028", date(2027, 12, 31), date(2028, 1, 1)),
    ],
)
def test_a_run_over_the_turn_of_the_year(text: str, first: date, last: date) -> None:
    read = read_days(text)
    assert (read.first, read.last, read.problem, read.doubt) == (first, last, "", "")


@pytest.mark.parametrize(
    "words", ["w/c", "W/C", "wc", "w/b", "week commencing", "week beginning", "Week of", "wk beg"]
)
def test_a_week_is_not_its_monday(words: str) -> None:
    line = only(f"Trauma – {words} 8 November 2027")
    assert line.title == "Trauma"
    read = read_days(line.date)
    assert read.first is None and "only the week is known" in read.problem
    assert [choice.days[0] for choice in read.choices][:2] == [
        "Monday 8 November 2027",
        "Tuesday 9 November 2027",
    ]


@pytest.mark.parametrize("day", ["7", "8", "9", "11", "12", "13"])
def test_the_days_of_a_week_are_those_from_its_monday(day: str) -> None:
    choices = read_days(f"w/c {day} November 2027").choices
    assert [choice.days[0].split()[0] for choice in choices[:5]] == [
        *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    ]
    assert choices[-1].days == ("8 November 2027 to 12 November 2027",)


def test_the_weekday_tells_the_year_that_is_not_written() -> None:
    today = date(2026, 11, 23)
    read = read_days("Mon 1st March", today)
    assert read.first == date(2027, 3, 1) and "the weekday is right in 2027" in read.note
    for text in ("1st March", "Thu 3rd March", "Fri 1st March"):
        assert read_days(text, today).has_no_year, text


def test_the_year_of_a_day_is_that_of_the_term_above() -> None:
    programme = read_text("SPRING TERM 2027\n\n1 March – Neglect\n8 March – Loss\n")
    assert [line.date for line in programme.lines] == ["1 March 2027", "8 March 2027"]
    assert all(asked(line) == {"year"} for line in programme.lines)


@pytest.mark.parametrize(
    ("text", "day", "closes", "kinds"),
    [
        (f"{DAY} (book by 1 October 2027)", DAY, "1 October 2027", set()),
        (f"{DAY}. Closing date: 1/10/2027", DAY, "1/10/2027", set()),
        (f"{DAY}\nDeadline for bookings 1/10/2027", DAY, "1/10/2027", set()),
        (f"{DAY} – was 1/10/2027", DAY, "", {"other day"}),
        (f"moved from 1/10/2027 to {DAY}", DAY, "", {"other day"}),
        (f"1/10/2027 postponed to {DAY}", DAY, "", {"other day"}),
        (f"{DAY} (originally 1/10/2027)", DAY, "", {"other day"}),
        (f"{DAY}, updated 1/10/2027", DAY, "", {"other day"}),
        (f"{DAY} instead of 1/10/2027", DAY, "", {"other day"}),
    ],
)
def test_days_that_are_no_session(text: str, day: str, closes: str, kinds: set[str]) -> None:
    line = only(f"Neglect – {text}")
    assert (line.title, line.date, line.closes, asked(line)) == ("Neglect", day, closes, kinds)


def test_marks_that_nobody_sees_are_passed_over() -> None:
    marks = "\u200e\u200f\u202a\u202e\u2066\u2069\u061c\u200b"
    line = only(
        "".join(f"{mark}{sign}" for mark, sign in zip(marks * 4, f"Loss – {DAY}", strict=False))
    )
    assert (line.title, line.date) == ("Loss", DAY)


# --- times ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("12 noon - 2pm", time(12), time(14)),
        ("10am-12noon", time(10), time(12)),
        ("12 midday", time(12), None),
        ("12-1", time(12), time(13)),
        ("9.30 - 1", time(9, 30), time(13)),
        ("9.30-12.30pm", time(9, 30), time(12, 30)),
        ("from 10", time(10), None),
        ("between 9am and 1pm", time(9), time(13)),
        ("0.3958333", time(9, 30), None),
        ("9 a.m. – 1 p.m.", time(9), time(13)),
    ],
)
def test_times_as_they_are_written(text: str, start: time, end: time | None) -> None:
    read = read_times(text)
    assert (read.start, read.end, read.problem) == (start, end, "")


@pytest.mark.parametrize(
    ("text", "choices"),
    [("9.3", ("09:30", "09:18")), ("9.5", ("09:50", "09:30")), ("13.7", ("13:42",))],
)
def test_a_number_that_may_be_two_times_is_asked_about(text: str, choices: tuple[str, ...]) -> None:
    assert read_times(text).choices == choices and read_times(text).start is None


@pytest.mark.parametrize(
    ("text", "title", "start"),
    [
        (f"Trauma 12 noon – 2pm – {DAY}", "Trauma", "12 noon – 2pm"),
        (f"Trauma – {DAY} 12 noon - 2pm", "Trauma", "12 noon - 2pm"),
        (f"Trauma – {DAY} 10am-12noon", "Trauma", "10am-12noon"),
        (f"Trauma – {DAY} 12-1", "Trauma", "12-1"),
        (f"Trauma – {DAY} from 10", "Trauma", "from 10"),
        ("Trauma – Fri 5 Nov '27, 9.30-12.30pm", "Trauma", "9.30-12.30pm"),
        ("Trauma – 2027-11-05T09:30:00", "Trauma", "09:30"),
        (f"Trauma – {DAY} all day", "Trauma", "all day"),
        (f"Trauma – {DAY} – morning", "Trauma", "morning"),
        (f"Ages 11-18 – {DAY}", "Ages 11-18", ""),
    ],
)
def test_times_in_a_line(text: str, title: str, start: str) -> None:
    line = only(text)
    assert (line.title, line.start, line.venue) == (title, start, "")


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Book: pat.o'example@example.org", "pat.o'example@example.org"),
        ("Book: pat.o’example@example.org.", "pat.o'example@example.org"),
        ("a+b_c%d@sub.example.org", "a+b_c%d@sub.example.org"),
        ("(sam@example.org)", "sam@example.org"),
        ("<sam@example.org>", "sam@example.org"),
        ("https://example.org/course_(2027).", "https://example.org/course_(2027)"),
        ("(https://example.org/a)", "https://example.org/a"),
        ("www.example.org/book,", "https://www.example.org/book"),
        ("mailto:sam@example.org", "sam@example.org"),
    ],
)
def test_an_address_is_taken_whole(text: str, value: str) -> None:
    assert [address.value for address in find_addresses(text)] == [value]


@pytest.mark.parametrize("text", ["é)sam@example.org", "sam@example", "sam@", "@example.org"])
def test_or_not_at_all(text: str) -> None:
    assert not find_addresses(text)


# Forms of RFC 5321 and 5322: those of one word and a domain are taken, others are asked about.
WHOLE = [
    ("sam@example.org", "sam@example.org"),
    ("SAM.o'neil+training@Sub.Example.co.uk", "SAM.o'neil+training@Sub.Example.co.uk"),
    ("!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org"),
    ("sam-smith@ex-ample.org", "sam-smith@ex-ample.org"),
    ("jos\u00e9@exampl\u00e9.org", "jos\u00e9@exampl\u00e9.org"),
    ('"sam@example.org"', "sam@example.org"),
    ("“sam@example.org”", "sam@example.org"),
    ("<mailto:sam@example.org>", "sam@example.org"),
    ("sam@example.org.", "sam@example.org"),
    ("sam@example.org;", "sam@example.org"),
]
ASKED = [
    '"sam smith"x@example.org',
    '"sam smith"@example.org',
    '"sam".smith@example.org',
    'sam."smith"@example.org',
    '"sam\\"smith"@example.org',
    '"a@b"@example.org',
    "sam(training)@example.org",
    "sam@(home)example.org",
    "sam@[192.0.2.1]",
    "sam@[IPv6:2001:db8::1]",
    "sam@localhost",
    ".sam@example.org",
    "sam.@example.org",
    "sam..smith@example.org",
    "sam@example..org",
    "sam@.example.org",
    "sam@-example.org",
    "sam@example-.org",
    "sam@example.org@example.com",
    "sam@example.org.-x",
]


@pytest.mark.parametrize(("text", "value"), WHOLE)
def test_a_mailbox_of_a_line_is_taken_whole(text: str, value: str) -> None:
    line = only(f"Neglect – {DAY} – Town Hall – {text}")
    assert (line.booking, line.venue, asked(line)) == (value, "Town Hall", set())


@pytest.mark.parametrize("text", ASKED)
def test_or_is_asked_about_and_stands_nowhere_else(text: str) -> None:
    line = only(f"Neglect – {DAY} – Town Hall – {text}")
    assert (line.title, line.venue, line.booking) == ("Neglect", "Town Hall", "")
    assert [remark.kind for remark in line.remarks] == ["not used"]
    assert text.rstrip(".") in line.remarks[0].text


@pytest.mark.parametrize(
    ("text", "closes", "said"),
    [
        ("Town Hall, book by 20 February", "20 February", ""),
        ("Town Hall (book by 20/02/2027)", "20/02/2027", ""),
        ("Town Hall – closing date: 3 Nov", "3 Nov", ""),
        ("Town Hall; deadline Friday 3 November", "Friday 3 November", ""),
        ("Town Hall. Bookings close 1st November", "1st November", ""),
        ("Town Hall, bookings close one week before", "", "bookings close one week before"),
        ("Town Hall, book by the end of term", "", "book by the end of term"),
        ("Town Hall (was Civic Centre)", "", "was Civic Centre"),
        ("Town Hall, was 12 November", "", "was 12 November"),
        ("Town Hall – moved from 12 November", "", "moved from 12 November"),
        ("Town Hall – moved from Civic Centre", "", "moved from Civic Centre"),
        ("Town Hall; originally 1 Nov", "", "originally 1 Nov"),
        ("Town Hall, rescheduled from 1 November", "", "rescheduled from 1 November"),
        ("Town Hall\nBook by 20 February", "20 February", ""),
        ("Town Hall\nwas at the Civic Centre", "", "was at the Civic Centre"),
        ("Town Hall, not 12 November", "", "not 12 November"),
    ],
)
def test_a_day_to_book_or_a_former_one_is_no_place_and_not_offered_as_one(
    text: str, closes: str, said: str
) -> None:
    line = only(f"Neglect – {DAY} – {text}")
    assert (line.title, line.date, line.venue) == ("Neglect", DAY, "Town Hall")
    assert line.closes == closes
    assert [said in remark.text for remark in line.remarks] == ([True] if said else [])
    for remark in line.remarks:
        for answer in remark.answers:
            texts = {**answer.changes, **answer.appended}
            assert not {"venue", "title"} & set(texts), answer


@pytest.mark.parametrize(
    ("text", "title", "closes"),
    [
        (f"Neglect, book by 20 Feb – {DAY}", "Neglect", "20 Feb"),
        (f"Neglect (was 12 November) – {DAY}", "Neglect", ""),
        (f"Neglect (moved from 12/11/2027) – {DAY}", "Neglect", ""),
        (f"Was it me? – {DAY}", "Was it me?", ""),
        (f"Book reading with children – {DAY}", "Book reading with children", ""),
    ],
)
def test_nor_is_it_a_title(text: str, title: str, closes: str) -> None:
    line = only(text)
    assert (line.title, line.date, line.closes) == (title, DAY, closes)


def test_a_line_is_divided_once_however_long() -> None:
    assert len(find_days("5 & " * 400)) == 0


# --- a place is no time and no week ---------------------------------------------------------------

WORDS_OF_TIME = [
    *("all day", "All day", "full day", "whole-day", "half day", "half-day", "part day", "one day"),
    *("morning", "in the morning", "the afternoon", "evening", "early evening", "mid-morning"),
    *("am", "PM", "a.m.", "am/pm", "am & pm", "AM and PM", "morning and afternoon", "pm only"),
    *("evening session", "half day course", "twilight", "lunchtime", "lunch time", "after school"),
    *("midday", "noon", "12 noon", "midnight", "2 hours", "1.5 hrs", "two days", "90 minutes"),
    *("time TBC", "times to be confirmed", "time: tbc", "times vary", "various times"),
]


@pytest.mark.parametrize("words", WORDS_OF_TIME)
@pytest.mark.parametrize(
    "text",
    [
        "Neglect – {day}, {words}, Town Hall, High Street",
        "Neglect – {day}, Town Hall, High Street, {words}",
        "Neglect – {day} – {words} – Town Hall, High Street",
        "Neglect – {day} ({words}), Town Hall, High Street",
        "Neglect – {day}; Town Hall, High Street; {words}",
        "Neglect\t{day}\t{words}\tTown Hall, High Street",
        "Neglect | {day} | Town Hall, High Street | {words}",
        "Neglect – {day}\nTown Hall, High Street, {words}",
        "Neglect – {day}\nVenue: Town Hall, High Street ({words})",
        "Neglect – {day}, {words} at Town Hall, High Street",
    ],
)
def test_a_time_in_words_is_no_part_of_a_place(text: str, words: str) -> None:
    line = only(text.format(day=DAY, words=words))
    assert (line.title, line.date, line.venue) == ("Neglect", DAY, "Town Hall, High Street")
    assert line.start == words and not line.remarks and not line.status


@pytest.mark.parametrize(
    ("rest", "start", "asks"),
    [
        ("Town Hall all day", "all day", ""),
        ("Town Hall am", "am", ""),
        ("all day Town Hall", "all day", ""),
        ("pm Town Hall", "pm", ""),
        ("10am, all day, Town Hall", "10am", "all day"),
        ("all day, 9.30am - 4pm, Town Hall", "9.30am - 4pm", "all day"),
        ("Town Hall, half day (am)", "half day", "am"),
    ],
)
def test_of_two_times_the_clock_is_taken_and_the_words_are_asked_about(
    rest: str, start: str, asks: str
) -> None:
    line = only(f"Neglect – {DAY}, {rest}")
    assert (line.start, line.venue) == (start, "Town Hall")
    assert [remark.text.partition("used: ")[2] for remark in line.remarks] == (
        [f"“{asks}”"] if asks else []
    )
    for remark in line.remarks:
        assert [answer.key for answer in remark.answers] == ["none", "note"]


@pytest.mark.parametrize(
    "place",
    [
        "Morning Star Centre, High Street",
        "Half Day House",
        "All Day Café, High Street",
        "The Evening Centre",
        "Day Nursery, AM House",
        "Hours Hall",
        "Week Street Hall, Maidstone",
        "Weeks Hall",
        "Every Child Centre",
        "Weekly Road Library",
        "Term House",
    ],
)
def test_a_house_may_be_named_after_a_time(place: str) -> None:
    line = only(f"Neglect – {DAY}, {place}")
    assert (line.venue, line.start) == (place, "") and not line.remarks


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        *(
            (each, f"{each} {DAY}")
            for each in ("w/c", "W/C", "wc", "w/b", "w / c", "week beginning")
        ),
        *(
            (each, f"{each} {DAY}")
            for each in ("Week commencing", "week starting", "wk beg", "wk c")
        ),
        *((each, f"{each} {DAY}") for each in ("weekly", "every week", "fortnightly", "monthly")),
        ("week", f"week of {DAY}"),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "Neglect – {day}, Town Hall, {words}",
        "Neglect – {day}, Town Hall ({words})",
        "Neglect – {day} – Town Hall – {words}",
        "Neglect – {day}\tTown Hall\t{words}",
        "Neglect – {day}, {words}, Town Hall",
        "Neglect – {day} {words}, Town Hall",
        "Neglect – {day}\nTown Hall, {words}",
    ],
)
def test_a_week_without_its_day_is_asked_about_and_no_part_of_a_place(
    text: str, words: str, whole: str
) -> None:
    line = only(text.format(day=DAY, words=words))
    assert (line.title, line.date, line.venue) == ("Neglect", DAY, "Town Hall")
    [remark] = line.remarks
    assert words in remark.text and [a.key for a in remark.answers] == ["day", "none", "note"]
    assert remark.answers[0].changes == {"date": whole}
    assert read_days(whole).problem and read_days(whole).choices


@pytest.mark.parametrize(
    "rest",
    ["Town Hall w/c", "Town Hall week beginning", "w/c Town Hall", "week commencing Town Hall"],
)
def test_nor_without_a_comma(rest: str) -> None:
    line = only(f"Neglect – {DAY}, {rest}")
    assert line.venue == "Town Hall" and asked(line) == {"not used"}


@pytest.mark.parametrize("cost", ["£40", "£1,200.50", "£10-12", "£10 to £12.50"])
def test_a_comma_behind_a_cost_is_none_of_it(cost: str) -> None:
    for text in (f"Neglect – {DAY}, Town Hall, {cost}, Trainer: Sam", f"Neglect – {DAY}, {cost}."):
        assert only(text).cost == cost


# --- two numbers with a stroke --------------------------------------------------------------------

TOGETHER = "9 February 2027"


@pytest.mark.parametrize(
    "text",
    [
        "Neglect - 12/20 - {day} Town Hall",
        "Neglect – 12/20 – {day}, Town Hall",
        "Neglect, 12/20, {day}, Town Hall",
        "Neglect (12/20) {day}, Town Hall",
        "Neglect [12/20] – {day}, Town Hall",
        "Neglect | 12/20 | {day} | Town Hall",
        "Neglect\t12/20\t{day}\tTown Hall",
        "Neglect: 12/20: {day}, Town Hall",
        "12/20 – Neglect – {day}, Town Hall",
        "12/20 – {day} – Neglect\nTown Hall",
        "Neglect – {day} – 12/20 – Town Hall",
        "Neglect – {day}, Town Hall, 12/20",
        "Neglect – {day} (12/20), Town Hall",
        "Neglect – {day}\nTown Hall, 12/20",
    ],
)
@pytest.mark.parametrize(
    "day",
    [TOGETHER, "9th Feb 2027", "Tue 9 February 2027", "09/02/2027", "2027-02-09", "Feb 9, 2027"],
)
def test_a_fraction_beside_a_whole_day_counts_places(text: str, day: str) -> None:
    line = only(text.format(day=day))
    assert (line.title, line.date, line.venue) == ("Neglect", day, "Town Hall")
    assert line.places == "12/20" and not line.remarks
    assert read_days(line.date).first == date(2027, 2, 9)


@pytest.mark.parametrize(
    ("fraction", "day"),
    [
        *(("12/20", each) for each in (TOGETHER, "20 February 2027", "9 and 16 February 2027")),
        *((each, TOGETHER) for each in ("0/20", "20/20", "12 / 20", "100/120", "31/31", "8/120")),
        *((each, TOGETHER) for each in ("12/20 places", "8/10 booked", "2/10 left", "8/10 places")),
        *((each, TOGETHER) for each in ("12 of 20", "12 out of 20", "12 of 20 places")),
    ],
)
def test_what_can_be_no_day_counts_places(fraction: str, day: str) -> None:
    line = only(f"Neglect – {fraction} – {day}, Town Hall")
    assert (line.title, line.date, line.places) == ("Neglect", day, fraction)
    assert line.venue == "Town Hall" and not line.remarks


@pytest.mark.parametrize(
    ("before", "day", "answers", "days"),
    [
        (
            " – 12/2 – ",
            TOGETHER,
            "places days title note none",
            "12 February 2027; 9 February 2027",
        ),
        (" – 8/10 – ", TOGETHER, "places days title note none", "8 October 2027; 9 February 2027"),
        (" – 4/5, ", "12 March 2027", "places days title note none", "4 May 2027; 12 March 2027"),
        (
            " – 2/3 - ",
            "5 March 2027",
            "places days title note none",
            "2 March 2027 to 5 March 2027",
        ),
        (
            " – 31/12 - ",
            "2 January 2028",
            "places days title note none",
            "31 December 2027 to 2 January 2028",
        ),
        (
            " – 05/11 - ",
            "06/11/2027",
            "places days title note none",
            "5 November 2027 to 6 November 2027",
        ),
        (
            " – 05/11 to ",
            "06/11/2027",
            "places days title note none",
            "5 November 2027 to 6 November 2027",
        ),
        (
            " – 12/20, ",
            "28 March 2027",
            "places days title note none",
            "12 March 2027; 20 March 2027; 28 March 2027",
        ),
        (
            " – 12/20 - ",
            "28 March 2027",
            "places days title note none",
            "12 March 2027; 20 March 2027 to 28 March 2027",
        ),
        (" – 26/27 – ", TOGETHER, "places title note none", ""),
        (" – 30/20 – ", TOGETHER, "places title note none", ""),
        (" 12/20 – ", TOGETHER, "places title note none", ""),
        (" 2 of 3 – ", TOGETHER, "places title note none", ""),
        (" 12 of 20 – ", TOGETHER, "places title note none", ""),
    ],
)
def test_what_may_be_a_day_or_belong_to_the_title_is_asked_about(
    before: str, day: str, answers: str, days: str
) -> None:
    line = only(f"Neglect{before}{day}, Town Hall")
    assert (line.title, line.date, line.venue, line.places) == ("Neglect", day, "Town Hall", "")
    [remark] = line.remarks
    assert remark.kind == "number" and remark.stops
    assert [answer.key for answer in remark.answers] == answers.split()
    found = [answer for answer in remark.answers if answer.key == "days"]
    assert [answer.label for answer in found] == ([f"Days: {days}"] if days else [])
    for answer in found:
        written = [answer.changes["date"], *(copy["date"] for copy in answer.copies)]
        assert "; ".join(written) == days and not any(read_days(each).problem for each in written)


@pytest.mark.parametrize(
    ("fraction", "answers"),
    [("8/10", "places days note none"), ("12/2", "places days note none")],
)
def test_behind_the_day_it_may_be_another_day_and_is_no_place(fraction: str, answers: str) -> None:
    line = only(f"Neglect – {DAY}, {fraction}, Town Hall")
    assert (line.date, line.venue, line.places) == (DAY, "Town Hall", "")
    [remark] = line.remarks
    assert [answer.key for answer in remark.answers] == answers.split()


@pytest.mark.parametrize(
    ("text", "title", "day", "venue"),
    [
        (f"Level 1/2 – {TOGETHER}", "Level 1/2", TOGETHER, ""),
        (f"Years 5/6 – {TOGETHER}", "Years 5/6", TOGETHER, ""),
        (f"Session 2 of 3: Neglect – {TOGETHER}", "Session 2 of 3: Neglect", TOGETHER, ""),
        (f"Neglect (2/3) – {TOGETHER}", "Neglect (2/3)", TOGETHER, ""),
        ("Neglect – 4/5 March 2027", "Neglect", "4/5 March 2027", ""),
        ("Neglect – 4/5/6 March 2027", "Neglect", "4/5/6 March 2027", ""),
        ("Neglect – 4/5 and 12 March 2027", "Neglect", "4/5 and 12 March 2027", ""),
        ("Neglect – 05/11/2027 - 06/11/2027", "Neglect", "05/11/2027 - 06/11/2027", ""),
        (f"Neglect – {DAY}, Flat 12/20 High Street", "Neglect", DAY, "Flat 12/20 High Street"),
        (f"Neglect – {DAY}, Room 12/20, Hall", "Neglect", DAY, "Room 12/20, Hall"),
    ],
)
def test_other_fractions_stay_what_they_are(text: str, title: str, day: str, venue: str) -> None:
    line = only(text)
    assert (line.title, line.date, line.venue, line.remarks) == (title, day, venue, [])


@pytest.mark.parametrize(
    "place", ["Flat 12, High Street", "Mat House", "Bat in Hand", "Plain @ Hill"]
)
def test_only_the_first_word_leads_to_a_place(place: str) -> None:
    for lead in ("", "at ", "in ", "@ "):
        assert only(f"Neglect – {DAY}, {lead}{place}").venue == place
