"""Letters set apart are one word; single letters of a text, a table or an axis are not."""

from functools import cache

import pytest

from reviews.pdf.report import Reading
from tests.pdfs.builder import START, typeset
from tests.reviews.pdf.letters import texts
from tests.reviews.reading_many import read_many

# What is set, and what must be read.
APART = {
    "a little": ("#text(tracking: 0.15em)[SAFEGUARDING]", "SAFEGUARDING"),
    "as usual for a heading": ("#text(tracking: 0.3em)[ADULTIFICATION]", "ADULTIFICATION"),
    "by a whole letter": ("#text(tracking: 1em)[ADULTIFICATION]", "ADULTIFICATION"),
    "two words": ("#text(tracking: 0.3em)[SAFEGUARDING REVIEW]", "SAFEGUARDING REVIEW"),
    "two words far apart": ("#text(tracking: 0.9em)[SAFE REVIEW]", "SAFE REVIEW"),
    "small letters": ("#text(tracking: 0.35em)[Learning from Child Q]", "Learning from Child Q"),
    "with a figure": ("#text(tracking: 0.4em)[REVIEW 2024]", "REVIEW 2024"),
    "narrow letters": ("#text(tracking: 0.3em)[AVAILABILITY]", "AVAILABILITY"),
    "by typed spaces": ("S A F E G U A R D I N G", "SAFEGUARDING"),
    "two words by typed spaces": ("C H I L D#h(1em)L E A R N I N G", "CHILD LEARNING"),
    "before ordinary words": (
        "#text(tracking: 0.4em)[FOREWORD] \\ The partnership asked what helped.",
        "FOREWORD The partnership asked what helped.",
    ),
}
AS_IT_IS = {
    "names": ("Child A B C met D and E.", "Child A B C met D and E."),
    "names and no other word": ("A B C D E", "A B C D E"),
    "from A to Z": ("A B C D E F G H I J K L M", "A B C D E F G H I J K L M"),
    "short words": ("if it is so we do no go up to it", "if it is so we do no go up to it"),
    "months of an axis": (
        '#grid(columns: (14pt,) * 8, .."JFMAMJJA".clusters())',
        "J F M A M J J A",
    ),
    "columns": ("#grid(columns: (60pt,) * 5, [R], [A], [G], [A], [R])", "R A G A R"),
    "numbers": ("1 2 3 4 5 6 7 8", "1 2 3 4 5 6 7 8"),
    "initials": ("J. S. B. M. was seen", "J. S. B. M. was seen"),
}


@cache
def readings() -> dict[str, Reading | str]:
    return read_many({n: typeset(START + source) for n, (source, _) in (APART | AS_IT_IS).items()})


@pytest.mark.parametrize("name", [*APART, *AS_IT_IS])
def test_letters_set_apart_are_one_word(name: str) -> None:
    reading = readings()[name]
    assert isinstance(reading, Reading)
    page, wanted = reading.pages[0], (APART | AS_IT_IS)[name][1]
    assert " ".join(texts(page.blocks)) == wanted
    assert " ".join(page.text.split()) == wanted
