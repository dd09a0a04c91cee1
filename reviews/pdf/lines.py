"""Characters to lines: what is side by side on a page, in the order of the file."""

import re
import unicodedata
from collections import Counter
from typing import NamedTuple

from reviews.pdf.characters import CODE, Char, PageOfChars
from reviews.pdf.right_to_left import RIGHT_TO_LEFT

BROKEN = "\x02"
"""pdfium's character for a hyphen at the end of a line, whether it belongs to the word or not."""

ARTIFACT = "Artifact"

# No page is larger than 200 inches; a position further out is invalid.
_FAR = 20_000.0
_MOST_CELLS = 12

_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufdd0-\ufdef\ufe00-\ufe0f\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\ue000-\uf8ff"
    "\U000e0000-\U0010ffff]"
)
# Ligatures, presentation forms of Hebrew and Arabic, full-width forms, mathematical alphabets.
# Not the rest of what NFKC folds: "²" and "…" say something that "2" and "..." do not.
_COMPATIBILITY_FORMS = re.compile(
    "[\ufb00-\ufdff\ufe70-\ufefc\uff01-\uffee\U0001d400-\U0001d7ff"
    # Letters of those alphabets that were in Unicode before them.
    "\u2102\u210a-\u2113\u2115\u2119-\u211d\u2124\u2128\u212c\u212d\u212f-\u2131\u2133\u2134]+",
)
_DOT_LEADER = re.compile(r"(?:[.·…]\s*){5,}|(?:…\s*){2,}")
_ENDS_IN_A_PAGE_NUMBER = re.compile(r"(?:^|[\s.…])(?:\d{1,4}|[ivxlc]{1,6})$")
# The number of a paragraph with no space behind it: "10.Social workers".
_GLUED_NUMBER = re.compile(
    r"((?:\d{1,3}\.)+|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})\))(?=[A-Z]{1,4}[a-z\s])"
)
# The room before the raised letters of "4th".
_ORDINAL = re.compile(r"(?<=\d) (?=(?:st|nd|rd|th)\b)")
# How many times larger than its line an initial is at least.
_INITIAL = 1.8
_WORDS_OF_A_LETTER = ("A", "I")
# Stands between such an initial and its line until the other words of the page are known.
_UNDECIDED = "\x0e"
_BREAK_A_WORD = ("\x02", "\xad", "\ufffe")
# Word draws its bullets in Symbol and Wingdings, whose characters come out as private use.
_SYMBOL_FIRST = re.compile("\\s*[\ue000-\uf8ff](?=\\s|$)")


class Line(NamedTuple):
    text: str
    # The line ends inside a word, at a hyphen that `text` does not hold.
    broken: bool
    # The line began with a sign of a symbol font, as bullets do; `text` does not hold it.
    symbol: bool
    # Without a valid box all measures are 0.
    placed: bool
    left: float
    top: float
    right: float
    bottom: float
    baseline: float
    # Of most of its letters, to half a point.
    size: float
    bold: bool
    italic: bool
    role: str
    # Where the text continues after a gap as wide as between columns or cells.
    cells: tuple[float, ...]
    # An entry of a list of contents: dots or a gap, then a page number.
    contents: bool
    # Size and weight of its last letter: behind words that begin a paragraph, in a face of their
    # own, the text of the paragraph may take less of the line than these.
    end_size: float = 0.0
    end_bold: bool = False


def tidied(text: str) -> str:
    """Return the text in plain characters and single spaces, without dot leaders."""
    if not (text.isascii() and text.isprintable()):
        text = _UNWANTED.sub("", text)
        text = _COMPATIBILITY_FORMS.sub(lambda form: unicodedata.normalize("NFKC", form[0]), text)
    if "..." in text or ". ." in text or "…" in text or "··" in text:
        text = _DOT_LEADER.sub(" ", text)
    return " ".join(text.split())


def lines_of(page: PageOfChars) -> list[Line]:
    """Return lines by geometry, in the order of the file: two columns never run into each other."""
    lines: list[Line] = []
    texts: list[str] = []
    inked: list[Char] = []
    cells: list[float] = []
    line_top = line_bottom = last_left = last_top = last_right = 0.0
    # In a line with text from right to left, what is further left is no new line.
    blank = ended = to_left = False

    def close() -> None:
        nonlocal to_left
        line = _line(texts, inked, cells)
        if line is not None:
            lines.append(line)
        texts.clear()
        inked.clear()
        cells.clear()
        to_left = False

    for char in page.chars:
        text, left, top, right, bottom, size, _, role, _ = char
        if text == " ":
            texts.append(text)
            blank = True
            continue
        if role == ARTIFACT:
            blank = True
            continue
        if text == "\n":
            texts.append(text)
            blank = ended = True
            continue
        if not (-_FAR < left < right < _FAR and -_FAR < top < bottom < _FAR):
            # Without a box only the line ends of the file itself end a line.
            if ended and not inked:
                close()
            texts.append(text)
            blank = ended = False
            continue
        unit = size if 0.5 < size < _FAR else bottom - top
        to_left = to_left or (text > "\u058f" and RIGHT_TO_LEFT.match(text) is not None)
        if inked:
            slack = unit * 0.1
            if (
                top > line_bottom + slack
                or bottom < line_top - slack
                or (left < last_left - 2.5 * unit and not to_left)
            ):
                near = 1.6 * unit
                if blank or abs(left - last_left) > near or abs(top - last_top) > near:
                    close()
                # Letters that climb or fall one by one, with no space between: turned text.
                line_top, line_bottom = top, bottom
            else:
                if left > last_right + unit:
                    if not blank:
                        texts.append(" ")
                    if left > last_right + 2.5 * unit and not to_left:
                        cells.append(left)
                if top < line_top:
                    line_top = top
                if bottom > line_bottom:
                    line_bottom = bottom
        else:
            if ended and texts:
                close()
            line_top, line_bottom = top, bottom
        texts.append(text)
        inked.append(char)
        last_left, last_top, last_right = left, top, right
        blank = ended = False
    close()
    return _with_initials(lines)


def _with_initials(lines: list[Line]) -> list[Line]:
    """Join a large initial that the file draws separately to the line that it begins."""
    taken: set[int] = set()
    for index, initial in enumerate(lines):
        if len(initial.text) != 1 or not initial.text.isalpha():
            continue
        for place in range(index + 1, min(len(lines), index + 5)):
            line = lines[place]
            if (
                line.text[:1].islower()
                and initial.size > _INITIAL * line.size
                and initial.top - line.size < line.top < initial.bottom - line.size
                and 0 <= line.left - initial.right < line.size
            ):
                between = _UNDECIDED if initial.text in _WORDS_OF_A_LETTER else ""
                text = initial.text + between + line.text
                lines[place] = line._replace(text=text, left=initial.left)
                taken.add(index)
                break
    if not taken and not any(_UNDECIDED in line.text for line in lines):
        return lines
    words = {word.strip(".,;:").casefold() for line in lines for word in line.text.split()}
    return [
        line._replace(text=_with_initial_decided(line.text, words))
        for index, line in enumerate(lines)
        if index not in taken
    ]


def _with_initial_decided(text: str, words: set[str]) -> str:
    """Join an initial to its word, unless "A" or "I" is one and the page has the next word."""
    initial, undecided, rest = text.partition(_UNDECIDED)
    if not undecided:
        return text
    word = rest.partition(" ")[0].strip(".,;:").casefold()
    apart = len(word) > 1 and word in words and initial.casefold() + word not in words
    return f"{initial} {rest}" if apart else initial + rest


def _line(texts: list[str], inked: list[Char], cells: list[float]) -> Line | None:
    raw = "".join(texts)
    text = tidied(raw)
    symbol = not raw.isascii() and _SYMBOL_FIRST.match(raw) is not None
    if not text and not symbol:
        return None
    broken = raw.rstrip().endswith(_BREAK_A_WORD)
    if not inked:
        return Line(text, broken, symbol, False, 0, 0, 0, 0, 0, 0, False, False, "", (), False)
    _, lefts, tops, rights, bottoms, sizes, bolds, roles, italics = zip(*inked, strict=True)
    size, uneven = _size(sizes)
    # Most letters are on the baseline, whether the boxes are tight or not.
    baseline = sorted(bottoms)[len(bottoms) // 2]
    if uneven or inked[0].text.isdigit():
        text = tidied(_with_first_letters_set(raw.lstrip(), inked, baseline))
        text = _ORDINAL.sub("", text)
        if text[:1] in _WORDS_OF_A_LETTER and inked[0].size > _INITIAL * inked[1 % len(inked)].size:
            text = text[0] + _UNDECIDED + text[1:]
    if _GLUED_NUMBER.match(text):
        text = _GLUED_NUMBER.sub(r"\1 ", text)
    return Line(
        text=text,
        broken=broken,
        symbol=symbol,
        placed=True,
        left=min(lefts),
        top=min(tops),
        right=max(rights),
        bottom=max(bottoms),
        baseline=baseline,
        size=size,
        bold=sum(bolds) > 0.9 * len(bolds),
        italic=sum(italics) > 0.9 * len(italics),
        role=_most_common(roles),
        cells=tuple(cells[:_MOST_CELLS]),
        contents=bool(cells or _DOT_LEADER.search(raw))
        and _ENDS_IN_A_PAGE_NUMBER.search(raw.rstrip()[-8:]) is not None,
        end_size=_to_half_a_point(sizes[-1]),
        end_bold=bolds[-1],
    )


def _size(sizes: tuple[float, ...]) -> tuple[float, bool]:
    """Return the size of most letters, and whether sizes differ."""
    uneven = len(set(sizes)) > 1
    size = Counter(sizes).most_common(1)[0][0] if uneven else sizes[0]
    return _to_half_a_point(size), uneven


def _to_half_a_point(size: float) -> float:
    return round(size * 2) / 2 if 0 < size < _FAR else 0.0


def _most_common(roles: tuple[str, ...]) -> str:
    if len(set(roles)) == 1:
        return roles[0]
    # The label of an item is not the role of the line, nor is that of a word of code in it.
    named = Counter(role for role in roles if role and role not in ("Lbl", CODE))
    if roles.count(CODE) > 0.9 * len(roles):
        return CODE
    return named.most_common(1)[0][0] if named else "" if CODE in roles else roles[0]


def _with_first_letters_set(raw: str, inked: list[Char], baseline: float) -> str:
    """Join a large initial to its word; separate a small raised number from the word after it."""
    if len(inked) < 3:
        return raw
    first, second = inked[0], inked[1]
    if first.size > _INITIAL * second.size and first.text.isalpha() and second.text.islower():
        initial, rest = raw[: len(first.text)], raw[len(first.text) :]
        return initial + rest.lstrip()
    digits = 0
    while digits < min(4, len(inked) - 1) and inked[digits].text.isdigit():
        digits += 1
    after = inked[digits]
    raised = first.size < 0.8 * after.size or first.bottom < baseline - 0.15 * after.size
    if digits and raised and raw[digits : digits + 1] == after.text and after.text.isalpha():
        return raw[:digits] + " " + raw[digits:]
    return raw
