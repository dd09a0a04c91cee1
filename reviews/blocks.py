"""Blocks of a page of a document as its reading page has them: what they say, and what is new.

A block is what ``reviews.pdf`` makes of a page (its type ``Block``), or what staff made of it.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

AnyBlock = Mapping[str, Any]

# A run of so many words of a text is no coincidence where another text has it too.
SURE_RUN = 4
_WORD = re.compile(r"\S+")


def texts_of(block: AnyBlock) -> Iterator[str]:
    """Yield the texts of a block in the order of reading: its own, its cells, what is in it."""
    if block["text"]:
        yield str(block["text"])
    for row in block.get("rows", ()):
        for cell in row:
            yield from cell
    for part in block.get("parts", ()):
        yield from texts_of(part)


def text_of(blocks: Iterable[AnyBlock]) -> str:
    """Return the words of a page for a search index, a line for each text."""
    return "\n".join(text for block in blocks for text in texts_of(block))


def descriptions_in(blocks: Iterable[AnyBlock]) -> Iterator[str]:
    """Yield what blocks say to those who cannot see: it stands on the page, and in no search."""
    for block in blocks:
        if block.get("alt"):
            yield str(block["alt"])
        yield from descriptions_in(block.get("parts", ()))


def seen_text_of(text: str, blocks: Iterable[AnyBlock], picture_alt: str) -> str:
    """Return all that readers get of a page: its words, and what its figures and picture show."""
    return "\n".join(filter(None, [text, *descriptions_in(blocks), picture_alt]))


# How staff are told what a block is.
_CALLED = {"item": "Item", "note": "Note", "table": "Table", "figure": "Figure"}


def in_words(blocks: Iterable[AnyBlock]) -> str:
    """Return what a page says for staff who compare two versions: what each block is, and its text.

    A line for each block, row of a table and part of a figure.
    """
    return "\n".join(line for block in blocks for line in _lines_of(block))


def _lines_of(block: AnyBlock) -> Iterator[str]:
    called = _CALLED.get(block["kind"], "")
    if block["kind"] == "heading":
        called = f"Heading {block['level']}"
    yield f"{called}: {block['text']}" if called else str(block["text"])
    for row in block.get("rows", ()):
        yield " | ".join(" ".join(cell) for cell in row)
    if block.get("rows") and block.get("has_heading"):
        yield "The first row says what each column is."
    if block.get("alt"):
        yield f"What it shows: {block['alt']}"
    for part in block.get("parts", ()):
        yield from _lines_of(part)


def says(block: AnyBlock) -> str:
    """Return all that a block says, by which the same block is found in another file."""
    return " ".join(" ".join(texts_of(block)).split())


def without_places(blocks: Iterable[AnyBlock]) -> list[dict[str, Any]]:
    """Return corrected blocks without the places of what they were read as."""
    return [{key: value for key, value in one.items() if key != "read_from"} for one in blocks]


def read_again(
    blocks: Sequence[AnyBlock], before: Sequence[AnyBlock], now: Sequence[AnyBlock]
) -> list[dict[str, Any]]:
    """Return corrected blocks with the places that their page has since it was read again.

    A block whose reading is another now has none.
    """
    made = []
    for block, plain in zip(blocks, without_places(blocks), strict=True):
        place = block.get("read_from")
        same = before[place] if place is not None and place < len(before) else None
        places = [number for number, one in enumerate(now) if one == same]
        made.append({**plain, "read_from": places[0]} if places else plain)
    return made


def digest_of(value: object) -> str:
    """Return a SHA-256, in hexadecimal, of a value of JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


class Compared(NamedTuple):
    """Words of one text that another does not have, each run as it stands there."""

    new: list[str]
    left_out: list[str]


def compare(
    sources: Iterable[str], read: Iterable[str], corrected: Iterable[str], left_out: Iterable[str]
) -> Compared:
    """Compare the texts of a page with those that were read, by their letters and digits alone.

    So a word that was read in two parts is not new once it is joined, nor is a line that moved;
    but each word put in between others, and each taken out between others, is told. What any of the
    ``sources`` has is not new; what was left out on purpose (``left_out``) is not told again.
    """
    texts = list(corrected)
    stream = " ".join(map(letters_of, sources))
    new = [run for text in texts for run in _runs_not_in(stream, text)]
    kept = letters_of(" ".join([*texts, *left_out]))
    return Compared(new, [run for text in read for run in _runs_not_in(kept, text)])


def letters_of(text: str) -> str:
    """Return the letters and digits of a text alone, in one case and one form."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _runs_not_in(stream: str, text: str) -> Iterator[str]:
    """Yield the runs of words of a text that do not stand in a stream of letters.

    Words stand in it if they do so together with their neighbours, at least ``SURE_RUN`` of them,
    or up to the end of the text.
    """
    words = _WORD.findall(text)
    letters = [letters_of(word) for word in words]
    place, waiting = 0, list[str]()
    while place < len(words):
        count = _longest_run(stream, letters, place)
        filled = sum(bool(one) for one in letters[place : place + count])
        is_whole = count == len(words) - place and not waiting and place == 0
        if filled >= SURE_RUN or is_whole or (count and not filled):
            if waiting and filled:
                yield " ".join(waiting)
                waiting = []
            place += count
            continue
        waiting.append(words[place])
        place += 1
    if waiting:
        yield " ".join(waiting)


def _longest_run(stream: str, letters: Sequence[str], start: int) -> int:
    """Return how many words from one on stand in the stream together."""
    run, count = "", 0
    for word in letters[start:]:
        if run + word not in stream:
            break
        run += word
        count += 1
    return count
