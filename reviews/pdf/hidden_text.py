"""Hidden text: separates the text that a reader can see from the text hidden in a page.

A page is rendered twice, with its text and without. A letter at whose place no difference of the
two can be seen (reviews.pdf.contrast) is invisible: it is under a box or a picture, has the colour
of its background, is clipped, or was never painted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from math import ceil, floor, inf
from typing import Any

from PIL import Image

from reviews.pdf.characters import Char
from reviews.pdf.contrast import IS_SEEN, PAINTED, is_seen, painted
from reviews.pdf.drawing import Box, Drawn, OpenPage, TextObject
from reviews.pdf.report import Check, Found
from reviews.pdf.text import Letter

# The least contrast of a word in a scan. Paper has shades; a blacked-out name has hardly any.
READABLE = 40
# Type lower than this many points is a speck to the eye; small print has 5 or more.
TINY = 2.0
# Pixels per letter below which the pictures are inconclusive.
FEWEST_PIXELS = 2.5
# A picture that fills this share of the page counts as a scan, under or over its recognised text.
SCAN = 0.5
# One hidden letter is an accident of a font, unless it is a word of its own (an age, an initial) in
# a line that can be read, or something was drawn for it; two together can be somebody's initials.
FEWEST_LETTERS = 2
CERTAIN = {Check.HIDDEN_LAYER, Check.UNAPPLIED_REDACTION}
CERTAIN_OF_WORDS = {Check.COVERED_TEXT, Check.PALE_TEXT, Check.INVISIBLE_TEXT}
# A page number: digits in a margin, of a value near that of the page. A cover may not be counted.
_LIKE_THE_GROUND = {Check.COVERED_TEXT, Check.PALE_TEXT}
LONGEST_NUMBER, FARTHEST_NUMBER = 4, 20
# As a share of the height of the page.
MARGIN = 0.12
# As a share of the page: what is larger is its colour.
PAGE_COLOUR = 0.8
# What was drawn for a letter or a line is at most so many times as high as the letter.
HIGHEST_MARK = 3
LONGEST_EXCERPT = 160
MOST_EXCERPTS = 12
MOST_LAYERS_OF_TEXT = 6

# Pixels: left, top, right, bottom.
Area = tuple[int, int, int, int]
# Letters of a word, and the box around them.
Word = tuple[list[Letter], Box]


def mark_hidden(page: OpenPage, drawn: Drawn, letters: list[Letter]) -> list[Found]:
    """Mark every letter that cannot be seen with the reason, and return the findings.

    The page must not be rendered afterwards: its texts are hidden.
    """
    if not any(letter.counts for letter in letters):
        return []
    sight = _Sight(page, drawn)
    words = list(_words(letters))
    for word, box in words:
        sight.judge(word, box)
    sight.judge_stacked(letters, words)
    if not any(letter.hidden for letter in letters):
        return sight.not_checked
    sight.excuse_page_numbers(letters)
    _show_accidents(letters, lambda letter: sight.is_certain(letter, letters))
    _hide_between(letters)
    return list(_findings(letters, page.number)) + sight.not_checked


def scan_of(page: OpenPage, drawn: Drawn) -> Box | None:
    """Return the box of the picture that fills most of the page, if there is one."""
    page_box = Box(0, 0, page.width, page.height)
    boxes = [shape.box for shape in drawn.shapes if shape.is_picture]
    return next((box for box in boxes if box.area and page_box.share_within(box) > SCAN), None)


class _Rows:
    """The rows of a mask as whole numbers, each pixel a bit, the leftmost the highest.

    A page has many hundreds of words, and to cut each out of a picture takes ten times as long.
    """

    def __init__(self, mask: Image.Image) -> None:
        width, height = mask.size
        length = (width + 7) // 8
        data = mask.tobytes()
        self._bits = 8 * length
        self._rows = [
            int.from_bytes(data[start : start + length], "big")
            for start in range(0, length * height, length)
        ]

    def columns(self, area: Area) -> int:
        """Return which columns of an area have a pixel that is set, as such a number."""
        left, top, right, bottom = area
        within = 0
        for row in self._rows[top:bottom]:
            within |= row
        return within >> (self._bits - right) & ((1 << (right - left)) - 1)


class _Ink:
    """Where two pictures of a page differ at all, and where by eye."""

    def __init__(self, one: Image.Image, other: Image.Image) -> None:
        self._painted = painted(one, other)
        self.seen = _Rows(self._painted.point(_ONLY_SEEN, "1"))

    @cached_property
    def any(self) -> _Rows:
        return _Rows(self._painted.point(_PAINTED, "1"))


class _Sight:
    """The visibility of the letters of one page."""

    def __init__(self, page: OpenPage, drawn: Drawn) -> None:
        self.page, self.drawn = page, drawn
        self.page_box = Box(0, 0, page.width, page.height)
        self.scan = scan_of(page, drawn)
        self.redactions = [box for kind, box in drawn.annotations if kind == "Redact"]
        self.scale = page.scale
        page.hide_icons()
        self.shown = page.picture()
        self.without_text = page.without_text(drawn)
        self.ink = _Ink(self.shown, self.without_text)
        self.not_checked: list[Found] = []

    def judge(self, word: list[Letter], box: Box) -> None:
        """Mark the invisible letters of one run, each with the reason."""
        is_tiny = 0 < word[0].char.size < TINY and not _is_large(word, box)
        if self.redactions or is_tiny or not self._is_on_page(box):
            for letter in word:
                letter.hidden = self._plain_reason(letter, is_tiny=is_tiny)
            word = [letter for letter in word if letter.hidden is None]
            if not word:
                return
            box = _around(word)
        if word[0].object and word[0].object.is_unpainted:
            unseen = [] if self._is_recognised(word) else word
        else:
            unseen = self._unseen(word, box, self.ink)
        if unseen:
            self._name_reasons(unseen, word)

    def _is_on_page(self, box: Box) -> bool:
        left, top, right, bottom = box
        return (
            0 <= left < right <= self.page_box.right and 0 <= top < bottom <= self.page_box.bottom
        )

    def _plain_reason(self, letter: Letter, *, is_tiny: bool) -> Check | None:
        """Return the reason that position and size alone give."""
        box = letter.box
        if any(box.share_within(redaction) > 0.5 for redaction in self.redactions):
            return Check.UNAPPLIED_REDACTION
        if box.share_within(self.page_box) < 0.5:
            return Check.OFF_PAGE_TEXT
        return Check.TINY_TEXT if is_tiny else None

    def _unseen(self, word: list[Letter], box: Box, ink: "_Ink") -> list[Letter]:
        area = self._pixels(box)
        columns = ink.seen.columns(area)
        if not columns:
            return word
        left, _, right, _ = area
        without = columns ^ ((1 << (right - left)) - 1)
        # Two columns side by side. Fewer are the gap between two letters.
        if not without & (without >> 1):
            return []
        first, last = word[0].char, word[-1].char
        if len(word) > 1 and abs(last.top - first.top) > 0.3 * abs(last.left - first.left):
            # Turned text: letter by letter.
            pale = [x for x in word if not ink.seen.columns(self._pixels(x.box))]
            blank = [x for x in pale if not ink.any.columns(self._pixels(x.box))]
        else:
            pale = [x for x in word if not self._has_ink(columns, x.char, left, right)]
            if not pale:
                return []
            columns = ink.any.columns(area)
            blank = [x for x in pale if not self._has_ink(columns, x.char, left, right)]
        if len(blank) == len(pale):
            return blank
        # A thin letter among visible ones is drawn as faintly where nothing hides it.
        known = {id(x) for x in pale}
        visible = [x.box for x in word if id(x) not in known]
        known = {id(x) for x in blank}
        return [x for x in pale if id(x) in known or self._is_marked(x, visible)]

    def is_certain(self, letter: Letter, letters: list[Letter]) -> bool:
        """Return whether a single hidden letter is no accident."""
        text = letter.object
        if text is None or (text.is_unpainted and self._is_over_scan(letter.box)):
            # Recognised in a scan, often out of a line or a stroke of the pen.
            return False
        if self._is_marked(letter):
            return True
        # What covers a whole page hides more than a letter of it.
        return letter.hidden is not Check.COVERED_TEXT and _is_word_in_line(letters, letter)

    def _is_marked(self, letter: Letter, visible: list[Box] | None = None) -> bool:
        """Return whether something was drawn over or behind a letter, and not for all the page.

        Behind a letter it hides only what has its colour.
        """
        text, box = letter.object, letter.box
        if text is None:
            return False
        highest = HIGHEST_MARK * max(box.bottom - box.top, letter.char.size)
        is_behind_too = visible is not None or letter.hidden is Check.PALE_TEXT
        return any(
            (is_behind_too or order > text.order)
            and box.share_within(mark) > 0.5
            and min(mark.bottom - mark.top, mark.right - mark.left) < highest
            and not (visible and all(other.share_within(mark) > 0.9 for other in visible))
            for order, mark in self._marks()
        )

    def _marks(self) -> Iterator[tuple[float, Box]]:
        """Yield the boxes of what is drawn, comments last, with their order."""
        yield from ((shape.order, shape.box) for shape in self.drawn.shapes)
        yield from ((inf, box) for kind, box in self.drawn.annotations if kind != "Link")

    def _has_ink(self, columns: int, char: Char, start: int, end: int) -> bool:
        """Return whether a letter has ink in columns of its own, not shared with its neighbours.

        ``columns`` are those of a word from ``start`` to ``end``.
        """
        left, right = char.left * self.scale, char.right * self.scale
        first, last = ceil(left), floor(right)
        if last <= first:
            # Narrower than two pixels: an I or an l, of which either can have the ink.
            first, last = floor(left), ceil(right)
        first, last = max(first, start), min(max(last, start + 1), end)
        return first < last and columns >> (end - last) & ((1 << (last - first)) - 1) != 0

    def _pixels(self, box: Box) -> Area:
        """Return the pixels a box touches, at least one of them."""
        width, height = self.shown.size
        left = min(max(floor(box.left * self.scale), 0), width - 1)
        top = min(max(floor(box.top * self.scale), 0), height - 1)
        right = min(max(ceil(box.right * self.scale), left + 1), width)
        bottom = min(max(ceil(box.bottom * self.scale), top + 1), height)
        return left, top, right, bottom

    def _is_recognised(self, word: list[Letter]) -> bool:
        """Return whether invisible text is that of a visible scan (OCR)."""
        box = _around(word)
        if not (self._is_over_scan(box) or self._frames_something(word[0], box)):
            return False
        return self._has_contrast(box)

    def _is_outlined(self, word: list[Letter]) -> bool:
        """Return whether invisible text is that of the same word drawn as outlines.

        Browsers do so with fonts that may not be embedded.
        """
        box = _around(word)
        highest = 2.5 * max(box.bottom - box.top, word[0].char.size)
        around = Box(box.left - 1, box.top - 1, box.right + 1, box.bottom + 1)
        return self._has_contrast(around, share=1) and any(
            shape.is_outline
            and box.share_within(shape.box) > 0.8
            and shape.box.bottom - shape.box.top < highest
            for shape in self.drawn.shapes
        )

    def _has_contrast(self, box: Box, *, share: float = 0.6) -> bool:
        """Return whether the middle of a box has light and dark, by its share across and down."""
        edge = (1 - share) / 2
        across, down = edge * (box.right - box.left), edge * (box.bottom - box.top)
        middle = Box(box.left + across, box.top + down, box.right - across, box.bottom - down)
        darkest, lightest = _extremes(self.shown.crop(self._pixels(middle)).convert("L"))
        return lightest - darkest >= READABLE

    def _is_over_scan(self, box: Box) -> bool:
        return self.scan is not None and box.share_within(self.scan) > 0.9

    def _frames_something(self, letter: Letter, box: Box) -> bool:
        text = letter.object
        if text is None or not text.is_frame:
            return False
        later = (shape.box for shape in self.drawn.shapes if shape.order > text.order)
        return any(box.share_within(shape) > 0.9 for shape in later)

    def _name_reasons(self, unseen: list[Letter], word: list[Letter]) -> None:
        if len(word) == 1 and _is_speck(word[0]):
            return
        # A single letter of a word may be an accident of its font; what covers all of the word
        # equally is then not the reason.
        is_single = len(unseen) == 1 < FEWEST_LETTERS
        seen = [letter.box for letter in word if letter is not unseen[0]] if is_single else []
        for letter in unseen:
            self._name_reason(letter, word, seen)

    def _name_reason(self, letter: Letter, word: list[Letter], seen: list[Box]) -> None:
        text = letter.object
        if text is None:
            return
        if text.is_layered:
            letter.hidden = Check.HIDDEN_LAYER
        elif text.is_unpainted or text.alpha <= PAINTED:
            if not self._is_outlined(word):
                letter.hidden = Check.INVISIBLE_TEXT
        elif self._is_covered(letter, text, seen):
            if not (self._scan_covers(text) and self._is_recognised(word)):
                letter.hidden = Check.COVERED_TEXT
        elif not letter.can_be_drawn:
            self._not_compared("text in a font that is neither in the file nor on this machine")
        elif letter.char.size * self.scale < FEWEST_PIXELS and not _is_large(word, _around(word)):
            self._not_compared("the page is too large to compare its small text with its picture")
        elif self._is_colour_of_background(letter.box, text.colour):
            letter.hidden = Check.PALE_TEXT
        else:
            letter.hidden = Check.INVISIBLE_TEXT

    def _is_covered(self, letter: Letter, text: TextObject, seen: list[Box]) -> bool:
        """Return whether something covers a letter that does not cover the visible ones too."""
        if not letter.can_be_drawn and self._is_on_paper(letter.box):
            return False
        over = [shape.box for shape in self.drawn.shapes if shape.order > text.order]
        over += [box for kind, box in self.drawn.annotations if kind != "Link"]
        return any(
            letter.box.share_within(box) > 0.5
            and not (seen and all(other.share_within(box) > 0.9 for other in seen))
            for box in over
        )

    def _is_on_paper(self, box: Box) -> bool:
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        left, top, _, _ = self._pixels(Box(x, y, x, y))
        here: Any = self.shown.getpixel((left, top))
        return not is_seen(here, (255, 255, 255))

    def _scan_covers(self, text: TextObject) -> bool:
        return any(
            shape.box == self.scan and shape.order > text.order for shape in self.drawn.shapes
        )

    def _is_colour_of_background(self, box: Box, colour: tuple[int, int, int]) -> bool:
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        left, top, _, _ = self._pixels(Box(x, y, x, y))
        behind: Any = self.without_text.getpixel((left, top))
        return not is_seen(colour, behind)

    def excuse_page_numbers(self, letters: list[Letter]) -> None:
        """Mark as such the numbers that a layout puts on every page, whatever its colour."""
        for check, run in list(_hidden_runs(letters)):
            if check in _LIKE_THE_GROUND and self._is_page_number(run):
                for letter in run:
                    letter.hidden = Check.UNDER_PAGE_COLOUR

    def _is_page_number(self, run: list[Letter]) -> bool:
        text = "".join(letter.char.text for letter in run).strip()
        if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
            return False
        box = _around(run)
        middle, margin = (box.top + box.bottom) / 2, MARGIN * self.page.height
        is_in_margin = not margin < middle < self.page.height - margin
        return (
            is_in_margin
            and abs(int(text) - self.page.number) <= FARTHEST_NUMBER
            and any(
                self.page_box.share_within(shape.box) > PAGE_COLOUR for shape in self.drawn.shapes
            )
        )

    def _not_compared(self, why: str) -> None:
        if not self.not_checked:
            self.not_checked.append(Found(Check.NOT_CHECKED, self.page.number, [why]))

    def judge_stacked(self, letters: list[Letter], words: list[Word]) -> None:
        """Check again, one text at a time, where different letters overlap.

        There the difference may come from the top letter, and hide the one below.
        """
        for texts in _apart(_stacked(words)):
            orders = {text.order for text in texts}
            for text in texts:
                self.page.paint_text(text)
            alone = _Ink(self.page.picture(), self.without_text)
            self.page.paint_no_text(texts)
            own = [x for x in letters if x.object and x.object.order in orders and not x.hidden]
            for word, box in _words(own):
                if not (word[0].object and word[0].object.is_unpainted):
                    self._name_reasons(self._unseen(word, box, alone), word)


def _extremes(picture: Image.Image) -> tuple[int, int]:
    """Return the darkest and the lightest value of a greyscale picture."""
    extremes: Any = picture.getextrema()
    darkest, lightest = extremes
    return darkest, lightest


_ONLY_SEEN = [0] * IS_SEEN + [1]
_PAINTED = [0] + [1] * 255


def _words(letters: Iterable[Letter]) -> Iterator[Word]:
    """Split the letters into runs that one text object draws on one line without a space."""
    word: list[Letter] = []
    x0 = y0 = x1 = y1 = left = top = right = bottom = 0.0
    for letter in letters:
        if not letter.counts:
            if word:
                yield word, Box(left, top, right, bottom)
                word = []
            continue
        before = x0, y0, x1, y1
        x0, y0, x1, y1 = letter.char[1:5]
        if word:
            if word[-1].object is letter.object and (
                (before[1] < y1 and y0 < before[3]) or (before[0] < x1 and x0 < before[2])
            ):
                word.append(letter)
                left, top = x0 if x0 < left else left, y0 if y0 < top else top
                right, bottom = x1 if x1 > right else right, y1 if y1 > bottom else bottom
                continue
            yield word, Box(left, top, right, bottom)
        word = [letter]
        left, top, right, bottom = x0, y0, x1, y1
    if word:
        yield word, Box(left, top, right, bottom)


def _around(word: list[Letter]) -> Box:
    _, left, top, right, bottom, *_ = zip(*[letter.char for letter in word], strict=True)
    return Box(min(left), min(top), max(right), max(bottom))


def _is_speck(letter: Letter) -> bool:
    """Return whether a letter is drawn as a dot, by a font that maps a sign to a letter's code."""
    x = letter.char
    return 0.02 * x.size < max(x.right - x.left, x.bottom - x.top) < 0.3 * x.size


def _is_large(word: list[Letter], box: Box) -> bool:
    """Return whether a word is large by its outlines, whatever the size of its font.

    The letters of a Type 3 font are drawings, in their own glyph space (ISO 32000-1, 9.6.5).
    """
    letters = [letter.char for letter in word]
    longest = max(max(x.right - x.left, x.bottom - x.top) for x in letters)
    # One that is only long was stretched.
    is_flat = min(box.right - box.left, box.bottom - box.top) < TINY / 2
    return not is_flat and longest > max(TINY, 1.5 * letters[0].size)


def _stacked(words: list[Word]) -> dict[int, tuple[TextObject, set[int]]]:
    """Return the texts with a word on a different word of another text, by their order."""
    found: dict[int, tuple[TextObject, set[int]]] = {}
    rows: dict[int, list[tuple[float, float, Word]]] = {}
    for one in words:
        word, box = one
        text = word[0].object
        left, top, right, bottom = box
        middle = (top + bottom) / 2
        if text is None or word[0].hidden or not abs(middle) < 1e6:
            continue
        row = floor(middle / ROW)
        for near in (row - 1, row, row + 1):
            for other_left, other_right, (other, other_box) in rows.get(near, ())[-MOST_COMPARED:]:
                if (
                    left < other_right
                    and other_left < right
                    and other[0].object is not text
                    and max(box.share_within(other_box), other_box.share_within(box)) > 0.3
                    and _spelt(word) != _spelt(other)
                ):
                    _note_pair(found, text, other[0].object)
        rows.setdefault(row, []).append((left, right, one))
    return found


# Points; letters that overlap have their middles in the same row or the next.
ROW = 6
MOST_COMPARED = 60


def _spelt(word: list[Letter]) -> str:
    return "".join(letter.char.text for letter in word)


def _note_pair(
    found: dict[int, tuple[TextObject, set[int]]], one: TextObject, other: TextObject | None
) -> None:
    if other is not None:
        found.setdefault(one.order, (one, set()))[1].add(other.order)
        found.setdefault(other.order, (other, set()))[1].add(one.order)


def _apart(stacked: dict[int, tuple[TextObject, set[int]]]) -> list[list[TextObject]]:
    """Distribute texts over few layers without overlaps."""
    layers: list[list[TextObject]] = []
    for text, others in stacked.values():
        for layer in layers:
            if not any(other.order in others for other in layer):
                layer.append(text)
                break
        else:
            layers.append([text])
    return layers[:MOST_LAYERS_OF_TEXT]


def _show_accidents(letters: list[Letter], is_certain: Callable[[Letter], bool]) -> None:
    """Put single hidden letters back that are accidents of a font."""
    for check, run in list(_hidden_runs(letters)):
        hidden = [letter for letter in run if letter.counts]
        if check in CERTAIN or len(hidden) >= FEWEST_LETTERS:
            continue
        if check in CERTAIN_OF_WORDS and any(map(is_certain, hidden)):
            continue
        for letter in run:
            letter.hidden = None


def _is_word_in_line(letters: list[Letter], letter: Letter) -> bool:
    """Return whether a letter is a word of its own in a line of visible text."""
    place = next(index for index, one in enumerate(letters) if one is letter)
    visible = 0
    for way in (letters[place - 1 :: -1] if place else [], letters[place + 1 :]):
        last, is_of_word = letter.char, True
        for other in way[:LONGEST_LOOK]:
            if other.object is None or other.char.text.isspace():
                is_of_word = False
                continue
            gap = _gap(last, other.char)
            if gap > WIDEST_GAP * max(letter.char.size, 1):
                break
            is_of_word = is_of_word and gap < NARROWEST_GAP * letter.char.size
            if is_of_word and other.counts:
                return False
            visible += other.counts and other.hidden is None
            last = other.char
    return visible >= FEWEST_IN_LINE


# Letters before and after a single one that are looked at, and visible ones among them that make a
# line to be read; the gaps between letters of one line and one word, in sizes of the type.
LONGEST_LOOK, FEWEST_IN_LINE = 12, 4
WIDEST_GAP, NARROWEST_GAP = 3.0, 0.3


def _gap(one: Char, other: Char) -> float:
    """Return the distance along the line between two letters, or infinity if on different ones."""
    across = max(other.left - one.right, one.left - other.right)
    down = max(other.top - one.bottom, one.top - other.bottom)
    return max(across, down, 0.0) if min(across, down) < 0 else inf


def _hide_between(letters: list[Letter]) -> None:
    """Hide the spaces and marks between hidden letters of one text."""
    last: Letter | None = None
    between: list[Letter] = []
    for letter in letters:
        if not letter.counts:
            between.append(letter)
            continue
        if last and last.hidden and letter.hidden and last.object is letter.object:
            for mark in between:
                mark.hidden = last.hidden
        last, between = letter, []


def _findings(letters: list[Letter], number: int) -> Iterator[Found]:
    excerpts: dict[Check, list[str]] = defaultdict(list)
    for check, run in _hidden_runs(letters):
        if check is Check.UNDER_PAGE_COLOUR:
            excerpts[check] = ["the number of the page"]
            continue
        text = " ".join("".join(letter.char.text or " " for letter in run).split())
        shortened = text if len(text) <= LONGEST_EXCERPT else f"{text[:LONGEST_EXCERPT]}…"
        excerpts[check].append(shortened)
    for check, texts in excerpts.items():
        more = len(texts) - MOST_EXCERPTS
        details = texts[:MOST_EXCERPTS] + ([f"and {more} more"] if more > 0 else [])
        yield Found(check, number, details)


def _hidden_runs(letters: list[Letter]) -> Iterator[tuple[Check, list[Letter]]]:
    """Yield what is hidden for one reason without a visible letter in between."""
    run: list[Letter] = []
    check: Check | None = None
    for letter in letters:
        if not letter.counts and letter.hidden is None:
            if run:
                run.append(letter)
            continue
        if letter.hidden != check:
            if check is not None:
                yield check, _trimmed(run)
            run, check = [], letter.hidden
        if check is not None:
            run.append(letter)
    if check is not None:
        yield check, _trimmed(run)


def _trimmed(run: list[Letter]) -> list[Letter]:
    while run and run[-1].hidden is None:
        run = run[:-1]
    return run
