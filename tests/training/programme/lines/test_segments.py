"""Words behind a day: a place ends at a dash, a bracket or a small word; the rest is a question."""

import pytest

from tests.factories import make_venue
from training.models.programme_lines import Line
from training.programme.lines.reading import read_text
from training.programme.lines.tidying import tidy

DAY = "05/11/2027"


def only(text: str) -> Line:
    (line,) = read_text(f"Neglect – {DAY} – {text}").lines
    assert (line.title, line.date) == ("Neglect", DAY)
    return line


def asked(line: Line) -> list[str]:
    return [remark.text.partition("used: ")[2].strip("“”") for remark in line.remarks]


@pytest.mark.parametrize(
    "text",
    [
        "Town Hall [upstairs]",
        "Town Hall (upstairs)",
        "Town Hall {upstairs}",
        "Town Hall – upstairs",
        "Town Hall — upstairs",
        "Town Hall; upstairs",
        "Town Hall / upstairs",
        "Town Hall | upstairs",
        "Town Hall, upstairs",
        "Town Hall (upstairs).",
        "(upstairs) Town Hall",
        "[upstairs] – Town Hall",
        "Town Hall\nupstairs",
        "Town Hall. Upstairs",
    ],
)
def test_what_stands_beside_a_place_is_asked_about(text: str) -> None:
    line = only(text)
    assert line.venue == "Town Hall" and [one.lower() for one in asked(line)] == ["upstairs"]
    assert {"none", "note"} <= {answer.key for answer in line.remarks[0].answers}


@pytest.mark.parametrize(
    "place",
    [
        "Hall-on-Sea Centre",
        "St. Mary's (C of E) School",
        "Town Hall, High Street, Merton",
        "Town Hall, second floor",
        "Town Hall, near the station",
        "Mill House - Annexe - High Street, SW19 1AA",
        "Town Hall, High Street, London. SW19 1AA",
        "Room 3, Town Hall",
        "3rd Floor, Town Hall",
    ],
)
def test_a_place_stays_whole(place: str) -> None:
    line = only(place)
    assert line.venue == place and not line.remarks


@pytest.mark.parametrize(
    ("text", "wholes"),
    [
        ("Town Hall (Room 3)", ["Town Hall (Room 3)"]),
        ("Town Hall [Room 3]", ["Town Hall [Room 3]"]),
        ("Town Hall – Room 3", ["Town Hall – Room 3"]),
        ("Town Hall; Annexe; Room 3", ["Town Hall; Annexe", "Town Hall; Annexe; Room 3"]),
        ("Town Hall – Annexe (Room 3)", ["Town Hall – Annexe", "Town Hall – Annexe (Room 3)"]),
        ("Town Hall / Library", ["Town Hall / Library"]),
    ],
)
@pytest.mark.django_db
def test_it_may_belong_to_the_place_and_does_where_a_venue_is_called_so(
    text: str, wholes: list[str]
) -> None:
    line = only(text)
    offered = [a.changes["venue"] for r in line.remarks for a in r.answers if a.key == "place"]
    assert line.venue == "Town Hall" and offered == wholes
    make_venue(name=wholes[0])
    tidy([line])
    assert line.venue == wholes[0] and len(line.remarks) == len(wholes) - 1


@pytest.mark.parametrize(
    ("text", "delivery", "venue"),
    [
        ("face to face at Town Hall", "face to face", "Town Hall"),
        ("F2F, Town Hall", "F2F", "Town Hall"),
        ("in person – Town Hall", "in person", "Town Hall"),
        ("Town Hall – in-person session", "in-person session", "Town Hall"),
        ("hybrid – Town Hall", "hybrid", "Town Hall"),
        ("Town Hall (face to face and online)", "face to face and online", "Town Hall"),
        ("Online (Zoom)", "Online (Zoom)", ""),
        ("MS Teams", "MS Teams", ""),
        ("Blended learning", "Blended learning", ""),
    ],
)
def test_words_on_how_it_is_taught_are_no_place(text: str, delivery: str, venue: str) -> None:
    line = only(text)
    assert (line.delivery, line.venue, line.remarks) == (delivery, venue, [])


@pytest.mark.parametrize(
    "text",
    [
        *("25", "9;30-12;30", "ditto", "as above", "Same venue", "See above", "GMT"),
        *("November 2027", "5 Novmber 2027", "20:27x", "sorry this one is off", "[upstairs]"),
    ],
)
def test_what_is_no_name_of_a_house_is_no_place(text: str) -> None:
    line = only(text)
    assert line.venue == "" and len(line.remarks) == 1 and line.remarks[0].answers
    after = only(f"{text} – Town Hall")
    assert after.venue == "Town Hall" and len(after.remarks) == 1


@pytest.mark.parametrize("text", ["Town Hall?", "Town Hall ?", "Town Hall??", "at Town Hall?"])
def test_a_question_mark_behind_a_place_is_a_question(text: str) -> None:
    line = only(text)
    [remark] = line.remarks
    assert line.venue == "Town Hall" and [a.key for a in remark.answers] == ["right", "none"]
