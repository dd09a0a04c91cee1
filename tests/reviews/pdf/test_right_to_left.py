"""Arabic, Urdu and Hebrew come out in the order in which they are read."""

import pytest

from reviews.pdf.as_written import as_written
from reviews.pdf.blocks import blocks_of
from reviews.pdf.characters import Char, PageOfChars
from reviews.pdf.plain_text import plain_text
from tests.reviews.pdf.letters import make_page, texts

WIDTH = 6.0


def drawn(runs: list[tuple[str, str]], extracted: str, *, top: float = 100.0) -> list[Char]:
    """The letters of a line of runs from the right ("R" or "L"), in the order that pdfium tells.

    Brackets in ``extracted`` are as pdfium has them. A run "=" is the letters of one ligature.
    """
    there: list[Char] = []
    right = 500.0
    for direction, text in runs:
        run = []
        for letter in text[::-1] if direction == "L" else text:
            box = (right - WIDTH * 0.9, top, right, top + 9.0)
            if letter != " ":
                run.append(Char(letter, *box, 11.0, False, ""))
            if direction != "=":
                right -= WIDTH
        if direction == "=":
            right -= WIDTH
        there += run[::-1] if direction == "L" else run
    line = []
    for letter in extracted:
        if letter == " ":
            line.append(Char(" ", 0.0, 0.0, 0.0, 0.0, 0.0, False, ""))
            continue
        alike = {letter, {"(": ")", ")": "("}.get(letter, letter)}
        place = next(place for place, char in enumerate(there) if char.text in alike)
        line.append(there.pop(place)._replace(text=letter))
    assert not there
    return [*line, Char("\n", 0.0, 0.0, 0.0, 0.0, 0.0, False, "")]


R, L, LIGATURE = "R", "L", "="
# The runs as drawn from the right, what pdfium makes of them, and how it is read.
CASES: dict[str, tuple[list[tuple[str, str]], str, str]] = {
    "Hebrew": ([(R, "הגנת ילדים")], "הגנת ילדים", "הגנת ילדים"),
    "Arabic": ([(R, "حماية الطفل")], "حماية الطفل", "حماية الطفل"),
    "Urdu": ([(R, "بچوں کا تحفظ")], "بچوں کا تحفظ", "بچوں کا تحفظ"),
    "a number and a comma": (
        [(R, "בשנת "), (L, "2024"), (R, ", ומה")],
        "בשנת ,2024 ומה",
        "בשנת 2024, ומה",
    ),
    "a number with a point": (
        [(R, "רק "), (L, "3.5"), (R, " שנים")],
        "רק 3.5 שנים",
        "רק 3.5 שנים",
    ),
    "a Latin word in brackets": (
        [(R, "المدرسة ("), (L, "School"), (R, ") مع")],
        "المدرسة )School )مع",
        "المدرسة (School) مع",
    ),
    "brackets": ([(R, "קטין (ילד א) גר")], "קטין )ילד א( גר", "קטין (ילד א) גר"),
    "Latin words and a year": (
        [(R, "ראו "), (L, "Working Together 2018"), (R, " כאן")],
        "ראו Working Together 2018 כאן",
        "ראו Working Together 2018 כאן",
    ),
    "a ligature": (
        [(R, "ا"), (LIGATURE, "لأ"), (R, "سرة هنا")],
        "األسرة هنا",
        "الأسرة هنا",
    ),
    "a question": ([(R, "في "), (L, "2024"), (R, "؟")], "في ؟2024", "في 2024؟"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_line_from_right_to_left_is_in_the_order_of_reading(name: str) -> None:
    runs, extracted, wanted = CASES[name]
    page = PageOfChars(1, 595, 842, drawn(runs, extracted))
    assert texts(blocks_of([page])[0]) == [wanted]
    assert plain_text(as_written(page)) == wanted


def test_accents_stay_with_their_letters() -> None:
    line = drawn([(R, "שלום")], "שלום")
    line.insert(1, line[0]._replace(text="\u05c1", left=line[0].left + 2, right=line[0].left + 3))
    assert plain_text(as_written(PageOfChars(1, 595, 842, line))) == "ש\u05c1לום"


def test_lines_of_a_paragraph_that_end_at_the_left_are_one() -> None:
    long, short = "ילדים " * 11 + "גרו", "בבית אחר."
    lines = [
        drawn([(R, text)], text, top=100 + 14 * n) for n, text in enumerate([long, long, short])
    ]
    page = PageOfChars(1, 595, 842, [char for line in lines for char in line])
    assert texts(blocks_of([page])[0]) == [f"{long} {long} {short}"]


def test_a_word_from_right_to_left_in_an_english_line_leaves_it_as_it_is() -> None:
    page = make_page("They said the Hebrew word")
    word = [
        char._replace(left=char.left - 260, right=char.right - 260)
        for char in drawn([(R, "שלום")], "שלום")
    ]
    chars = [*page.chars[:-1], Char(" ", 0, 0, 0, 0, 0, False, ""), *word]
    assert plain_text(as_written(page._replace(chars=chars))) == "They said the Hebrew word שלום"
