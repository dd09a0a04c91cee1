"""Letter-spacing: letters set apart are one word, "SAFEGUARDING", not "S A F E G U A R D I N G"."""

import re
from itertools import pairwise
from statistics import median, pvariance

from reviews.pdf.characters import Char, PageOfChars

# Tokens of very few letters, as letters set apart come out of a PDF.
_SHORT_TOKENS = re.compile(r"(?<!\S)(?:\S{1,3}[^\S\n]+){3,}\S{1,3}(?!\S)")
_FEWEST_LETTERS = 4
# With spaces that were typed, "Child A B C D" may be anything; a whole word is not.
_FEWEST_TYPED = 6
# Gaps between letters in shares of their size: those of ordinary text are smaller, and those
# between the columns of a table larger.
_WIDE, _WIDEST = 0.12, 1.4
_NEARLY_ALL = 0.85
# The gap between two words, beside that between two letters.
_WORD_GAP, _AND_MORE = 1.5, 0.1
# From this gap on, letters at equal distances may be labels of an axis ("J F M A M J").
_AXIS = 0.6


def without_letter_spacing(page: PageOfChars) -> PageOfChars:
    """Return the page with the letters of each word that is set apart beside each other."""
    chars = page.chars
    text = "".join([char.text or "\0" for char in chars])
    changed: dict[int, Char] = {}
    for found in _SHORT_TOKENS.finditer(text) if len(text) == len(chars) else ():
        for run in _runs(chars, *found.span()):
            if _is_set_apart(chars, run, text):
                changed.update(_joined(chars, run))
    if not changed:
        return page
    return page._replace(chars=[changed.get(place, char) for place, char in enumerate(chars)])


def _runs(chars: list[Char], start: int, end: int) -> list[list[int]]:
    """Return the places of the drawn letters in runs of one size on one line."""
    runs: list[list[int]] = []
    before: Char | None = None
    for place in range(start, end):
        char = chars[place]
        if char.text.isspace() or not char.left < char.right:
            continue
        if (
            before is not None
            and abs(char.size - before.size) < 0.1
            and before.left < char.left
            and before.top < char.bottom
            and char.top < before.bottom
        ):
            runs[-1].append(place)
        else:
            runs.append([place])
        before = char
    return runs


def _is_set_apart(chars: list[Char], run: list[int], text: str) -> bool:
    letters = [chars[place] for place in run]
    words = "".join(letter.text for letter in letters)
    size = letters[0].size
    if len(run) < _FEWEST_LETTERS or size <= 0 or sum(map(str.isalpha, words)) < len(words) / 2:
        return False
    gaps = [(after.left - before.right) / size for before, after in pairwise(letters)]
    usual = median(gaps)
    if not _WIDE <= usual <= _WIDEST or sum(gap > _WIDE for gap in gaps) < _NEARLY_ALL * len(gaps):
        return False
    parted = sum(after > before + 1 for before, after in pairwise(run))
    if parted < len(gaps) / 2 or all(before < after for before, after in pairwise(words)):
        # A wide font, or an index from A to Z.
        return False
    typed = sum(_is_typed(chars, run, place) for place in range(1, len(run)))
    if typed > len(gaps) / 2:
        begins = run[0] == 0 or "\n" in text[max(0, run[0] - 2) : run[0]]
        ends = not text[run[-1] + 1 : run[-1] + 3].strip(" ").strip("\r\n")
        return len(run) >= _FEWEST_TYPED and begins and ends and usual < _AXIS
    if usual < _AXIS:
        return True
    middles = [(letter.left + letter.right) / 2 / size for letter in letters]
    steps = [after - before for before, after in pairwise(middles)]
    return pvariance(sorted(gaps)[: -len(gaps) // 5 or None]) < pvariance(
        sorted(steps)[: -len(steps) // 5 or None]
    )


def _is_typed(chars: list[Char], run: list[int], place: int) -> bool:
    """Return whether a space of the file itself is before a letter; one of pdfium has no width."""
    between = chars[run[place - 1] + 1 : run[place]]
    return any(char.text.isspace() and char.left < char.right for char in between)


def _joined(chars: list[Char], run: list[int]) -> dict[int, Char]:
    """Return the letters moved together within each word, and the spaces that go, as empty."""
    changed: dict[int, Char] = {}
    gaps = [(chars[b].left - chars[a].right) / chars[a].size for a, b in pairwise(run)]
    limit = median(gaps) * _WORD_GAP + _AND_MORE
    mostly_typed = sum(_is_typed(chars, run, place) for place in range(1, len(run))) > len(gaps) / 2
    for place, gap in enumerate(gaps, 1):
        before, after = run[place - 1], run[place]
        if gap > limit or (not mostly_typed and _is_typed(chars, run, place)):
            continue
        for between in range(before + 1, after):
            changed[between] = chars[between]._replace(text="")
        # So that what reads lines by their gaps sees none.
        changed[before] = chars[before]._replace(right=chars[after].left - 0.01)
    return changed
