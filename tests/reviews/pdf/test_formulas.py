"""Formulas: their letters stand beyond U+FFFF, where pdfium gives each as two halves."""

from functools import cache
from typing import Any

import pytest

from reviews.pdf.report import Check
from tests.pdfs.builder import typeset
from tests.reviews.reading_many import read_many


def formula(inside: str) -> str:
    return f'#math.equation(alt: "A formula", ${inside}$)'


# What is set, and what the page says of it: the letters as on a keyboard, which searches find.
LETTERS: dict[str, tuple[str, str]] = {
    "italic": (f"The value {formula('x + y')} is small.", "The value x + y is small."),
    "Greek": (f"The share {formula('alpha')} is small.", "The share α is small."),
    "bold": (f"The rows {formula('bold(v)')} are few.", "The rows v are few."),
    "script, with a sign that picks a form": (
        f"All of {formula('cal(A)')} were seen.",
        "All of A were seen.",
    ),
    "Fraktur": (f"All of {formula('frak(g)')} were seen.", "All of g were seen."),
    "double-struck": (
        f"All of {formula('bb(R A)')} were seen.",
        "All of RA were seen.",
    ),
    "sans serif": (f"The place {formula('sans(K)')} was left.", "The place K was left."),
    "monospaced": (f"The code {formula('mono(z)')} was used.", "The code z was used."),
    "those below U+FFFF": (
        f"Of {formula('h')} in {formula('cal(H) frak(C) bb(N Z)')} all were seen.",
        "Of h in HCNZ all were seen.",
    ),
    "digits": (f"There were {formula('bold(42)')} of them.", "There were 42 of them."),
    "first in its line": (f"{formula('n')} children were seen.", "n children were seen."),
    "last on its page": (f"They were told of {formula('n')}", "They were told of n"),
    "in a heading": (f"= The meaning of {formula('p')}", "The meaning of p"),
    "in words": (
        '#text(font: "New Computer Modern Math")[The \U0001d465\U0001d466 axis.]',
        "The xy axis.",
    ),
}
HIDDEN = "Seen by all, " * 6 + f"and #text(fill: white)[{formula('x y z')}]"


@cache
def readings() -> dict[str, Any]:
    files = {name: typeset(source) for name, (source, _) in LETTERS.items()}
    return read_many({**files, "hidden": typeset(HIDDEN)})


@pytest.mark.parametrize("name", LETTERS)
def test_the_letters_of_a_formula_are_on_the_page_and_in_the_search(name: str) -> None:
    [page] = readings()[name].pages
    [block] = page.blocks
    assert block["text"] == page.text == LETTERS[name][1]


def test_a_hidden_letter_of_a_formula_is_found() -> None:
    [found] = [one for one in readings()["hidden"].found if one.check == Check.PALE_TEXT]
    assert found.details == ["\U0001d465\U0001d466\U0001d467"]
