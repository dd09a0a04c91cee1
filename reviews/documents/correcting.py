"""Form with which staff put right a page of a document: its blocks, their order, cells and words.

It works without a script. A button that moves a block, adds one or changes a table sends the whole
form, and it comes back with what was typed and nothing saved. So each block has a key of its own,
in whose name its fields stand, and the order is that in which the keys are sent.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.text import Truncator

from mscp.editing.fields import TOO_LONG
from mscp.publishing.identifiers import Standing
from reviews.blocks import Compared, compare, digest_of, says, text_of, texts_of, without_places
from reviews.documents.table_cells import grid_of, in_spans
from reviews.models import DocumentPage, PageCorrection, WordsFrom

# What a text can be. Of digits, since words would be listed among what somebody typed (autosave).
KINDS = {
    "1": "Paragraph",
    "2": "Heading",
    "3": "Heading below that",
    "4": "Heading below both",
    "5": "Item of a list",
    "6": "Note",
}
_KIND_OF = {"1": "paragraph", "5": "item", "6": "note"}
_CODE_OF = {kind: code for code, kind in _KIND_OF.items()}
# Characters of one text, blocks of a page, and cells of a table.
LONGEST_TEXT = 20_000
LONGEST_ALT = 500
MOST_BLOCKS = 400
MOST_CELLS = 400
# A page of more blocks shows of each how it begins, in so many characters, and its fields on press.
MOST_OPEN, START = 8, 90
# Of a table that staff begin.
ROWS, COLUMNS = 2, 2
# What was read of a table, and stays true as long as it keeps its size.
_OF_ITS_SIZE = ("heading_rows", "has_row_headings", "spans")

_KEY = re.compile("[0-9]{1,4}")
# No text may have: control characters, halves of letters, and marks that hide or turn a text. Those
# with which some scripts are written stay.
_NO_TEXT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)


@dataclass
class Entry:
    """One block in the form."""

    key: str
    kind: str = "text"
    """What its fields are: text, table or figure."""
    code: str = "1"
    """Of a text, which of KINDS it is."""
    text: str = ""
    left_out: bool = False
    alt: str = ""
    without_words: bool = False
    """Of a figure: whether the words in it are left out."""
    has_heading: bool = False
    rows: list[list[str]] = field(default_factory=list)
    """Of a table, the text of each cell, with a line for each of its paragraphs."""
    figure: dict[str, Any] | None = None
    """Of a figure, what no form changes: the words in it, and what is cut out of the page."""
    read_from: int | None = None
    """The place, from 0, of the block that it was read as; None if staff added it."""
    was: str = ""
    """What was read, where that is not what it says now."""
    errors: list[str] = field(default_factory=list)
    is_folded: bool = False
    """Whether its fields are shown on press: one of many blocks, and nobody touched it."""

    @property
    def start(self) -> str:
        """Return how its text begins, to tell it by."""
        texts = [self.text, *(cell for row in self.rows for cell in row)]
        first = next(filter(None, (" ".join(text.split()) for text in texts)), "(no words)")
        return Truncator(first).chars(START)

    @property
    def lines(self) -> int:
        """Return the height of its box, in lines."""
        return min(14, max(2, self.text.count("\n") + len(self.text) // 60 + 1))

    @property
    def columns(self) -> range:
        return range(max(map(len, self.rows), default=0))

    @property
    def name(self) -> str:
        """Return what it is called where its place is told."""
        return {"table": "table", "figure": "figure"}.get(self.kind, "text")


class Moved(NamedTuple):
    """What a button did that saves nothing: to which block, and by which button."""

    button: str
    key: str


class CorrectionForm:
    """The blocks of a page as somebody has them in the form, and what they become."""

    def __init__(
        self,
        page: DocumentPage,
        correction: PageCorrection | None,
        sent: QueryDict | None = None,
        *,
        around: tuple[str, str] = ("", ""),
    ) -> None:
        self.page = page
        self.read: list[Any] = page.blocks_as_read
        self.around = around
        self.saved_state = state_of(correction)
        self.moved: Moved | None = None
        self.errors: list[str] = []
        # What it would show readers at once that nobody settled; its view sets it.
        self.in_sight: list[Standing] = []
        self.let_stand = sent.get("sight-was", "") if sent is not None else ""
        if sent is None:
            self.opened_state = self.saved_state
            self.picture_alt = page.picture_alt
            now = correction.blocks if correction else None
            # A page from a Word document has its own parts in place of all that were read.
            is_whole = correction is not None and correction.words_from == WordsFrom.WORD
            self.entries = list(_entries_of(self.read, now, is_whole=is_whole))
            if not self.entries:
                # Of a page that is a picture: where its words are typed.
                self.entries = [Entry("0")]
            self.agreed = ""
        else:
            self.opened_state = sent.get("state-was", "")
            self.picture_alt = _typed(sent, "picture-alt")
            saved = _entries_of(self.read, correction.blocks if correction else None)
            figures = {entry.key: entry.figure for entry in saved}
            self.entries = list(self._sent(sent, figures))
            self.agreed = sent.get("agreed-was", "")
        for entry in self.entries:
            entry.was = self._was(entry)
        if len(self.entries) > MOST_OPEN:
            for entry in self.entries:
                entry.is_folded = self._is_as_read(entry)

    @property
    def is_typing(self) -> bool:
        """Return whether the PDF holds no text of the page, so that all words are typed."""
        return not self.page.text_as_read.strip()

    @property
    def words_from(self) -> WordsFrom:
        """Return whence the words are if they are saved."""
        if self.blocks() is None:
            return WordsFrom.PDF
        return WordsFrom.TYPED if self.is_typing else WordsFrom.STAFF

    def _is_as_read(self, entry: Entry) -> bool:
        if entry.read_from is None or entry.left_out:
            return False
        read = _entry(entry.key, self.read[entry.read_from])
        names = ("kind", "code", "alt", "without_words", "has_heading", "rows")
        return _is_same(read.text, entry.text) and all(
            getattr(read, name) == getattr(entry, name) for name in names
        )

    def unfold_touched(self) -> None:
        """Open the blocks that something is said of, or that a button moved."""
        for entry in self.entries:
            is_moved = self.moved is not None and self.moved.key == entry.key
            entry.is_folded = entry.is_folded and not (entry.errors or is_moved)

    def _was(self, entry: Entry) -> str:
        if entry.read_from is None:
            return ""
        read = self.read[entry.read_from]
        return "" if _is_same(read["text"], entry.text) else str(read["text"])

    # --- what was sent ----------------------------------------------------------------------------

    def _sent(self, sent: QueryDict, figures: dict[str, dict[str, Any] | None]) -> Iterator[Entry]:
        keys = [key for key in sent.getlist("block") if _KEY.fullmatch(key)][:MOST_BLOCKS]
        for key in dict.fromkeys(keys):
            start = f"b{key}-"
            found = sent.get(f"{start}from-was", "")
            read_from = int(found) if _KEY.fullmatch(found) else None
            if read_from is not None and read_from >= len(self.read):
                read_from = None
            kind = sent.get(f"{start}form-was", "text")
            # A file that was read again may have no figure any more where a correction has one.
            figure = figures.get(key)
            if read_from is not None:
                figure = _figure_of(self.read[read_from])
            if kind not in ("text", "table", "figure") or bool(figure) != (kind == "figure"):
                kind = "figure" if figure else "text"
            code = sent.get(f"{start}kind", "1")
            yield Entry(
                key,
                kind,
                code=code if code in KINDS else "1",
                text=_typed(sent, f"{start}text"),
                left_out=f"{start}out" in sent,
                alt=_typed(sent, f"{start}alt"),
                without_words=f"{start}no-words" in sent,
                has_heading=f"{start}heading" in sent,
                rows=_cells_sent(sent, start) if kind == "table" else [],
                figure=figure,
                read_from=read_from,
            )

    def press(self, button: str) -> bool:
        """Do what a button asks for that saves nothing; return whether it is such a button."""
        name, _, rest = button.partition(" ")
        key, _, place = rest.partition(" ")
        at = next((n for n, entry in enumerate(self.entries) if entry.key == key), None)
        if at is None and name not in ("text", "table"):
            return False
        number = int(place) if _KEY.fullmatch(place) else -1
        if name in ("up", "down") and at is not None:
            self._move(at, -1 if name == "up" else 1)
        elif name in ("text", "table"):
            key = self._add(name, 0 if at is None else at + 1)
        elif at is not None and self.entries[at].kind == "table":
            self._change_table(self.entries[at], name, number)
        else:
            return False
        self.moved = Moved(name, key)
        return True

    def _move(self, at: int, step: int) -> None:
        to = at + step
        if 0 <= to < len(self.entries):
            self.entries[at], self.entries[to] = self.entries[to], self.entries[at]

    def _add(self, name: str, at: int) -> str:
        key = str(max((int(entry.key) for entry in self.entries), default=-1) + 1)
        if len(self.entries) >= MOST_BLOCKS or not _KEY.fullmatch(key):
            self.errors.append(f"A page has at most {MOST_BLOCKS} parts.")
            return key
        entry = Entry(key, name)
        if name == "table":
            entry.rows = [[""] * COLUMNS for _ in range(ROWS)]
            entry.has_heading = True
        self.entries.insert(at, entry)
        return key

    def _change_table(self, entry: Entry, name: str, number: int) -> None:
        rows, width = entry.rows, len(entry.columns)
        if name == "add-row" and (len(rows) + 1) * width <= MOST_CELLS:
            rows.insert(number + 1 if 0 <= number < len(rows) else len(rows), [""] * width)
        elif name == "add-column" and (width + 1) * len(rows) <= MOST_CELLS:
            for row in rows:
                row.insert(number + 1 if 0 <= number < width else width, "")
        elif name == "take-row" and len(rows) > 1 and 0 <= number < len(rows):
            del rows[number]
        elif name == "take-column" and width > 1 and 0 <= number < width:
            for row in rows:
                del row[number]

    # --- what it becomes --------------------------------------------------------------------------

    def blocks(self) -> list[dict[str, Any]] | None:
        """Return the blocks of the page; None if they are as they were read."""
        made = [
            block for entry in self.entries if not entry.left_out for block in self._made_of(entry)
        ]
        made = [one for one in made if says(one) or one["kind"] == "figure"]
        return None if without_places(made) == without_places(self.read) else made

    def _made_of(self, entry: Entry) -> Iterator[dict[str, Any]]:
        """Yield the blocks that an entry becomes: an empty line parts two, and a line two items."""
        read: dict[str, Any] = {} if entry.read_from is None else dict(self.read[entry.read_from])
        kind = _KIND_OF.get(entry.code, "heading") if entry.kind == "text" else entry.kind
        texts = [entry.text]
        if entry.kind == "text":
            parting = r"\n+" if kind == "item" else r"\n{2,}"
            texts = [" ".join(text.split()) for text in re.split(parting, entry.text)]
        if read and len(texts) == 1 and _is_same(read["text"], entry.text):
            texts = [read["text"]]
        for number, text in enumerate(texts):
            block = self._block(entry, kind, text, {} if number else read)
            if number == 0 and entry.read_from is not None:
                block = {**block, "read_from": entry.read_from}
            yield block

    def _block(self, entry: Entry, kind: str, text: str, read: dict[str, Any]) -> dict[str, Any]:
        block: dict[str, Any] = {
            "kind": kind,
            "level": int(entry.code) if kind == "heading" else 0,
            "text": text,
            "continues": bool(read.get("continues")) and kind != "heading",
        }
        if kind == "table":
            grid = [
                [[line for line in cell.split("\n") if line] for cell in row] for row in entry.rows
            ]
            kept = in_spans(grid, read) if read else None
            block["rows"] = grid if kept is None else kept
            block["has_heading"] = entry.has_heading
            if kept is not None:
                block |= {name: read[name] for name in _OF_ITS_SIZE if name in read}
        if kind == "figure" and entry.figure:
            block["parts"] = [] if entry.without_words else entry.figure["parts"]
            block["area"] = entry.figure["area"]
            if entry.alt:
                block["alt"] = entry.alt
        # As it was read, with whatever else was read of it.
        return read if read and all(block[name] == read.get(name) for name in block) else block

    def compared(self) -> Compared:
        """Compare the words with those of the PDF."""
        made = self.blocks()
        if made is None:
            return Compared([], [])
        kept = {block["read_from"] for block in made if "read_from" in block}
        out = [
            text
            for number, block in enumerate(self.read)
            if number not in kept
            for text in texts_of(block)
        ]
        out += [
            text
            for entry in self.entries
            if entry.without_words and entry.figure
            for part in entry.figure["parts"]
            for text in texts_of(part)
        ]
        before, after = self.around
        # A text may go on from the page before, and on to the one after.
        sources = [text_of(self.read), f"{before}\n{self.page.text_as_read}\n{after}"]
        return compare(sources, texts_in(self.read), texts_in(made), out)

    def check(self) -> bool:
        """Return whether it can be saved; otherwise its errors say what stands in the way."""
        if len(self.picture_alt) > LONGEST_ALT:
            self.errors.append(_too_long(self.picture_alt, LONGEST_ALT))
        for entry in self.entries:
            if len(entry.text) > LONGEST_TEXT:
                entry.errors.append(_too_long(entry.text, LONGEST_TEXT))
            if len(entry.alt) > LONGEST_ALT:
                entry.errors.append(_too_long(entry.alt, LONGEST_ALT))
            cells = [cell for row in entry.rows for cell in row]
            if too_long := [cell for cell in cells if len(cell) > LONGEST_TEXT]:
                entry.errors.append(_too_long(too_long[0], LONGEST_TEXT))
        return not (self.errors or any(entry.errors for entry in self.entries))

    @property
    def to_agree(self) -> str:
        """Return the hash of the words that somebody must agree to; "" if there are none."""
        compared = self.compared()
        return digest_of(list(compared)) if any(compared) else ""

    @property
    def is_agreed(self) -> bool:
        return self.to_agree in ("", self.agreed)

    @property
    def to_let_stand(self) -> str:
        """Return the hash of the identifiers that somebody must let stand; "" if there are none."""
        return digest_of(sorted(one.key for one in self.in_sight)) if self.in_sight else ""

    @property
    def may_stand(self) -> bool:
        return self.to_let_stand in ("", self.let_stand)

    @property
    def is_conflict(self) -> bool:
        """Return whether somebody else saved the page since this form was opened."""
        return self.opened_state != self.saved_state


def texts_in(blocks: Sequence[Any]) -> list[str]:
    return [text for block in blocks for text in texts_of(block)]


def state_of(correction: PageCorrection | None) -> str:
    """Return the hash of what a correction says now, by which a later one is noticed."""
    if correction is None:
        return digest_of([None, ""])
    return digest_of([correction.blocks, correction.picture_alt])


def _entries_of(
    read: list[Any], corrected: list[Any] | None, *, is_whole: bool = False
) -> Iterator[Entry]:
    """Yield the blocks of a page, those that were left out at the place where they were read."""
    if corrected is None:
        corrected = [{**block, "read_from": number} for number, block in enumerate(read)]
    kept = {block["read_from"] for block in corrected if "read_from" in block}
    waiting = [number for number in range(len(read)) if number not in kept and not is_whole]
    key = 0
    for block in corrected:
        place = block.get("read_from")
        while place is not None and waiting and waiting[0] < place:
            yield _entry(str(key), {**read[waiting[0]], "read_from": waiting[0]}, left_out=True)
            del waiting[0]
            key += 1
        yield _entry(str(key), block)
        key += 1
    for number in waiting:
        yield _entry(str(key), {**read[number], "read_from": number}, left_out=True)
        key += 1


def _figure_of(block: Any) -> dict[str, Any] | None:
    return {"parts": block["parts"], "area": block["area"]} if block["kind"] == "figure" else None


def _entry(key: str, block: Any, *, left_out: bool = False) -> Entry:
    kind = block["kind"] if block["kind"] in ("table", "figure") else "text"
    code = str(block["level"]) if block["kind"] == "heading" else _CODE_OF.get(block["kind"], "1")
    is_table = kind == "table"
    return Entry(
        key,
        kind,
        code=code,
        text=block["text"],
        left_out=left_out,
        alt=block.get("alt", ""),
        without_words=kind == "figure" and not block["parts"],
        has_heading=block.get("has_heading", False),
        rows=[["\n".join(cell) for cell in row] for row in (grid_of(block) if is_table else [])],
        figure=_figure_of(block),
        read_from=block.get("read_from"),
    )


def _typed(sent: QueryDict, name: str) -> str:
    """Return a text as people count it, without marks that nobody sees."""
    lines = sent.get(name, "").replace("\r\n", "\n").replace("\t", " ").split("\n")
    return "\n".join(_NO_TEXT.sub("", line).strip() for line in lines).strip()


def _is_same(one: str, other: str) -> bool:
    """Return whether two texts differ in white space at most."""
    return one.split() == other.split()


def _cells_sent(sent: QueryDict, start: str) -> list[list[str]]:
    sizes = [sent.get(f"{start}{side}-was", "") for side in ("rows", "columns")]
    if not all(map(_KEY.fullmatch, sizes)):
        return [[""]]
    rows, columns = map(int, sizes)
    if not 0 < rows * columns <= MOST_CELLS:
        return [[""]]
    return [
        [_typed(sent, f"{start}cell-{row}-{column}") for column in range(columns)]
        for row in range(rows)
    ]


def _too_long(text: str, most: int) -> str:
    return TOO_LONG % {"show_value": len(text), "limit_value": most}
