"""A sign behind raised or lowered letters stands beside them, although pdfium begins a line."""

import pytest

from reviews.pdf.as_written import as_written
from reviews.pdf.blocks import blocks_of
from reviews.pdf.characters import Char
from reviews.pdf.plain_text import plain_text
from tests.reviews.pdf.letters import texts
from tests.reviews.pdf.test_footnotes import page_of, set_line


def added(at: Char, *blanks: str) -> list[Char]:
    """Blanks as pdfium adds them: where the letter before them ends, and with no width."""
    return [
        Char(blank, at.right, at.bottom, at.right, at.bottom, 0.0, False, "") for blank in blanks
    ]


def line_of(*parts: tuple[str, str], blanks: tuple[str, ...], behind: int) -> list[Char]:
    """A line with blanks added behind one of its parts."""
    line = set_line(*parts)
    place = sum(len(text) for _, text in parts[: behind + 1])
    return line[:place] + added(line[place - 1], *blanks) + line[place:]


BESIDE: dict[str, tuple[list[tuple[str, str]], str]] = {
    "a comma": ([("text", "thresholds"), ("raised", "3"), ("text", ", as")], "thresholds³, as"),
    "a full stop": ([("text", "neglect"), ("raised", "12"), ("text", ". It")], "neglect¹². It"),
    "a semicolon": ([("text", "named"), ("raised", "4"), ("text", "; on")], "named⁴; on"),
    "a bracket": ([("text", "(above"), ("raised", "8"), ("text", ") so")], "above⁸) so"),
    "a quote": ([("text", "“So"), ("raised", "7"), ("text", "” he")], "“So⁷” he"),
    "behind a measure": ([("text", "of 40 m"), ("raised", "2"), ("text", ".")], "40 m²."),
    "behind an ordinal": ([("text", "the 16"), ("raised", "th"), ("text", ", a")], "16th, a"),
    "behind a formula": ([("text", "of CO"), ("low", "2"), ("text", ", so")], "CO2, so"),
}


@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("blanks", [(" ",), ("\r", "\n")], ids=["a space", "a line end"])
def test_a_sign_behind_raised_letters_stands_beside_them(name: str, blanks: tuple[str]) -> None:
    parts, wanted = BESIDE[name]
    page = as_written(page_of(line_of(*parts, blanks=blanks, behind=1)))
    assert wanted in plain_text(page)
    assert wanted in texts(blocks_of([page])[0])[0]


APART: dict[str, tuple[list[tuple[str, str]], str]] = {
    "a word": ([("text", "thresholds"), ("raised", "3"), ("text", "as high")], "thresholds³ as"),
    "an opening quote": ([("text", "named"), ("raised", "3"), ("text", "“So")], "named³ “So"),
    "an opening bracket": ([("text", "named"), ("raised", "3"), ("text", "(So")], "named³ (So"),
    "letters of one size": ([("text", "named 3"), ("text", ", so")], "named 3 , so"),
    "a dash": ([("text", "named"), ("raised", "3"), ("text", "–so")], "named³ –so"),
    "a number": ([("text", "named"), ("raised", "3"), ("text", "12 so")], "named³ 12"),
}


@pytest.mark.parametrize("name", APART)
def test_blanks_behind_anything_else_stay(name: str) -> None:
    parts, wanted = APART[name]
    behind = len(parts) - 2
    page = as_written(page_of(line_of(*parts, blanks=(" ",), behind=behind)))
    assert wanted in plain_text(page)


def test_a_space_that_was_typed_stays() -> None:
    line = set_line(("text", "named"), ("raised", "3"), ("text", " , so"))
    assert "named³ , so" in plain_text(as_written(page_of(line)))


def test_a_sign_that_begins_the_next_line_stays_there() -> None:
    first = set_line(("text", "named"), ("raised", "3"))
    second = set_line(("text", ".gov.uk"), top=120.0)
    assert "named³\n.gov.uk" in plain_text(as_written(page_of(first, second)))
