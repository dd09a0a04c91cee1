"""Footnotes: marks are no part of a word, notes are neither joined nor lost."""

import pytest

from reviews.pdf.blocks import blocks_of
from reviews.pdf.characters import Char, PageOfChars
from reviews.pdf.note_marks import with_note_marks
from reviews.pdf.plain_text import plain_text
from tests.reviews.pdf.letters import FULL, kinds, make_line, make_page, texts

TEXT = [FULL + " the move,", "which all of them knew of before the spring came."]
SMALL = {"size": 8.0}


def set_line(*parts: tuple[str, str], top: float = 100.0, size: float = 11.0) -> list[Char]:
    """The letters of a line, whose parts are "text", "raised", "low" or "small"."""
    chars: list[Char] = []
    left = 70.0
    for how, text in parts:
        own = size if how == "text" else size * 0.6
        at = top + {"text": 0.0, "raised": -1.0, "low": size * 0.5, "small": size * 0.32}[how]
        line, left = make_line(text, at, left=left, size=own)
        chars += line[:-1]
    return [*chars, Char("\n", 0.0, 0.0, 0.0, 0.0, 0.0, False, "")]


def page_of(*lines: list[Char], number: int = 1) -> PageOfChars:
    return PageOfChars(number, 595, 842, [char for line in lines for char in line])


RAISED: dict[str, tuple[list[tuple[str, str]], str]] = {
    "after a word": (
        [("text", "high thresholds"), ("raised", "3"), ("text", " as")],
        "thresholds³ as",
    ),
    "of two digits": (
        [("text", "and neglect"), ("raised", "12"), ("text", " was")],
        "neglect¹² was",
    ),
    "of three digits": ([("text", "his work"), ("raised", "107"), ("text", " on")], "work¹⁰⁷ on"),
    "after a full stop": ([("text", "forbade it."), ("raised", "2"), ("text", " And")], "it.² And"),
    "after capitals": ([("text", "the NFSP"), ("raised", "25"), ("text", " that")], "NFSP²⁵ that"),
    "after a closing quote": (
        [("text", "a slap”"), ("raised", "8"), ("text", ". So")],
        "slap”⁸. So",
    ),
    "after a year": ([("text", "in 2020"), ("raised", "1"), ("text", " and")], "2020¹ and"),
    "at the end of a line": ([("text", "they were late."), ("raised", "44")], "late.⁴⁴"),
    "two of them": (
        [("text", "said"), ("raised", "1"), ("text", ","), ("raised", "2"), ("text", " so")],
        "said¹,² so",
    ),
    "a roman number": (
        [("text", "the guide"), ("raised", "iv"), ("text", " says")],
        "guideⁱᵛ says",
    ),
    "a letter": ([("text", "the total"), ("raised", "a"), ("text", " is")], "totalᵃ is"),
    "an exponent": ([("text", "of 12 km"), ("raised", "2"), ("text", " and")], "12 km² and"),
    "after a letter that goes below the line": (
        [("text", "a young boy"), ("raised", "7"), ("text", " was")],
        "boy⁷ was",
    ),
}
NOT_RAISED: dict[str, tuple[list[tuple[str, str]], str]] = {
    "an ordinal": ([("text", "the 16"), ("raised", "th"), ("text", " birthday")], "16th birthday"),
    "the 21st": ([("text", "the 21"), ("raised", "st"), ("text", " century")], "21st century"),
    "a formula": ([("text", "of H"), ("low", "2"), ("text", "O there")], "H2O there"),
    "a small number on the line": ([("text", "boy"), ("small", "7"), ("text", " and")], "boy7 and"),
    "a number": ([("text", "Section 47 of 1989")], "Section 47 of 1989"),
    "a fraction": (
        [("raised", "1"), ("text", "/"), ("small", "2"), ("text", " of it")],
        "1/2 of it",
    ),
    "raised letters in a word": ([("text", "M"), ("raised", "c"), ("text", "Cloy")], "McCloy"),
}


@pytest.mark.parametrize("name", [*RAISED, *NOT_RAISED])
def test_raised_numbers_and_letters_are_superscript(name: str) -> None:
    parts, wanted = (RAISED | NOT_RAISED)[name]
    page = with_note_marks(page_of(set_line(*parts)))
    assert wanted in texts(blocks_of([page])[0])[0]
    assert wanted in plain_text(page)


def test_digits_that_the_font_itself_draws_raised_are_superscript() -> None:
    line = set_line(("text", "thresholds 3 as high"))
    place = next(place for place, char in enumerate(line) if char.text == "3")
    three = line[place]
    line[place] = three._replace(top=three.top - 1, bottom=three.top + 4)
    del line[place - 1]
    assert "thresholds³ as" in plain_text(with_note_marks(page_of(line)))


# Each with the notes that must come out, one for each line that begins with a number.
NOTES: dict[str, list[str]] = {
    "short and long": ["105 BC 52.", "106 BC 24.", "107 BC 114, Q 26.", "108 BC 24.", "109 Q 31."],
    "without a full stop": ["7 Ibid", "8 Ibid", "9 Children Act 1989", "10 Ibid"],
    "beginning with a number": ["3 2010 survey of schools", "4 47 children in all", "5 Ibid."],
    "ending in a comma": ["1 Smith and Jones,", "2 Jones, as before,", "3 Hackett,"],
    "ending in a hyphen": ["1 Paragraphs 4-", "2 Paragraphs 7-9"],
    "with full stops": ["1. Ibid.", "2. Working Together 2018.", "3. Ibid."],
    "in small letters": ["1 see above", "2 see below", "3 ibid"],
}


@pytest.mark.parametrize("name", NOTES)
@pytest.mark.parametrize("marks", ["above", "the first", "nowhere"])
def test_notes_are_never_joined(name: str, marks: str) -> None:
    notes = NOTES[name]
    above = [("text", "As they said")]
    if marks == "nowhere" and (len(notes) < 3 or notes[0].startswith("1. ")):
        pytest.skip("too few to tell, or as items are numbered")
    for note in {"above": notes, "the first": notes[:1], "nowhere": []}[marks]:
        above += [("raised", note.partition(" ")[0].rstrip(".")), ("text", " again")]
    foot = [
        set_line(("text", note), top=740.0 + 10 * place, size=8.0)
        for place, note in enumerate(notes)
    ]
    page = page_of(set_line(*above), set_line(("text", FULL), top=120.0), *foot)
    blocks = blocks_of([page])[0]
    found = [block["text"] for block in blocks if block["kind"] == "note"]
    assert found == notes


def test_a_raised_label_begins_a_note_in_letters_of_any_size() -> None:
    foot = [
        set_line(("raised", label), ("text", words), top=700.0 + 14 * place)
        for place, (label, words) in enumerate(
            [("1", "Ofsted and"), ("2", " Hackett"), ("3", " it")]
        )
    ]
    blocks = blocks_of([page_of(set_line(("text", FULL)), *foot)])[0]
    assert [(b["kind"], b["text"]) for b in blocks[1:]] == [
        ("note", "1 Ofsted and"),
        ("note", "2 Hackett"),
        ("note", "3 it"),
    ]


def test_a_note_goes_on_in_lines_that_begin_with_a_number() -> None:
    page = page_of(
        set_line(("text", "They moved"), ("raised", "4"), ("text", " in the spring.")),
        set_line(("text", "4 Minutes of the strategy discussion held on"), top=740, size=8.0),
        set_line(("text", "12 March 2019, which nobody signed."), top=750, size=8.0),
    )
    assert texts(blocks_of([page])[0])[1:] == [
        "4 Minutes of the strategy discussion held on 12 March 2019, which nobody signed."
    ]


@pytest.mark.parametrize("sign", ["*", "†", "**"])
def test_a_sign_is_a_label_where_a_word_has_it(sign: str) -> None:
    page = make_page(f"Child Q{sign} lived there.", 600, (f"{sign} Not the real name.", SMALL))
    other = make_page("Child Q lived there.", 600, (f"{sign} Not the real name.", SMALL))
    assert kinds(blocks_of([page])[0]) == ["paragraph", "note"]
    assert kinds(blocks_of([other])[0])[1] == "paragraph"


# The last lines of eight pages; none of them may go.
_WORDS = "Statement|Minutes|Notes of a visit|Review|Letter|Record|Call|Plan".split("|")
KEPT: dict[str, list[str]] = {
    "whose last number grows with the page": [
        "",
        "12 Statement of the visitor, paragraph 42",
        "",
        "19 Transcript of a meeting, line 44",
        "",
        "25 Minutes of the discussion, item 46",
        "",
        "",
    ],
    "the same on a few pages": [
        "",
        "* A false name",
        "",
        "",
        "* A false name",
        "",
        "* A false name",
    ],
    "with labels that grow with the page": [f"{n} Ibid." for n in range(1, 9)],
    "alike but for numbers": ["Witness 3, 41", "", "", "Witness 3, 44", "", "", "Witness 3, 47"],
    "that end in one number": ["Minutes, page 30", "", "", "Letter, page 33", "", "", "At 36"],
    "one on each page, without marks": [
        f"{3 * place + 2} {words}, {41 + place}" for place, words in enumerate(_WORDS)
    ],
}


@pytest.mark.parametrize("name", KEPT)
def test_notes_are_never_taken_for_running_lines(name: str) -> None:
    pages = []
    for number, note in enumerate(KEPT[name], 1):
        label = note.partition(" ")[0]
        mark = [("raised", label)] if name.startswith("with labels") else [("text", label)]
        lines = [
            set_line(("text", f"Chapter words {'abcdefgh'[number - 1]}"), *(mark if note else [])),
            set_line(("text", note), top=790.0, size=8.0),
        ]
        pages.append(page_of(*lines, number=number))
    found = [block["text"] for page in blocks_of(pages) for block in page]
    assert [text for text in found if not text.startswith("Chapter")] == [
        note for note in KEPT[name] if note
    ]


@pytest.mark.parametrize("role", ["Note", "TD", "TH"])
def test_what_tags_call_a_note_or_a_cell_is_never_a_running_line(role: str) -> None:
    pages = [
        make_page(*TEXT, ("Term and its meaning", {"at": 790.0, "role": role}), number=n)
        for n in range(1, 6)
    ]
    assert all("Term and its meaning" in texts(page) for page in blocks_of(pages))


def test_numbers_beside_changing_titles_of_short_chapters_go() -> None:
    titles = ["The family", "What we found", "What we found", "The school", "Next steps", "Sources"]
    pages = [
        make_page(*TEXT, (f"{title} {number + 40}", {"at": 800.0}), number=number)
        for number, title in enumerate(titles, 1)
    ]
    assert all(len(page) == 1 for page in blocks_of(pages))
