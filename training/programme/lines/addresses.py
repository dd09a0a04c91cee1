"""Addresses in a line, of a page or a mailbox: taken whole or not at all."""

import re
from typing import NamedTuple

from mscp.text.folding import APOSTROPHES, DASHES

# Every character that a mailbox may have (RFC 5322), and the apostrophes that programs turn.
_MAILBOX = r"[\w.!#$%&'’‘*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"
_ADDRESS = re.compile(rf"(?:mailto:)?{_MAILBOX}|(?:https?://|\bwww\.)[^\s<>\"“”]+", re.IGNORECASE)
_OPENING = {")": "(", "]": "[", "}": "{"}
# What is put around an address, and says nothing.
_AROUND = ("<>", '""', "“”", "‘’")
# What may stand before an address; anything else is the first half of one that was cut.
_BEFORE = re.compile(rf"[\s(\[<{{,;:|>\"“”/{re.escape(DASHES)}]$")


# A mailbox in its strict form: words with single points between them, and a domain of labels.
_WHOLE = re.compile(
    r"[\w!#$%&'’‘*+/=?^`{|}~-]+(?:\.[\w!#$%&'’‘*+/=?^`{|}~-]+)*@[^\W_](?:[\w-]*[^\W_])?"
    r"(?:\.[^\W_](?:[\w-]*[^\W_])?)+"
)
# What goes on behind an address belongs to it, so that the address was only a part.
_GOES_ON = re.compile(r"@|\.{1,2}[\w@-]|[\w(\[]|-\.")
# An address that is not written as one alone: quoted, with a comment, without its domain.
_UNCLEAR = re.compile(r"(?:\"(?:[^\"\\\t\n]|\\.)*\"|[^\s<>|;@])+@[^\s<>|;@][^\s<>|;]*")
_LETTERS = re.compile(r"[\W_]*[^\W\d_].*@(?:\[|[\W_]*[^\W\d_])")


class Address(NamedTuple):
    start: int
    end: int
    text: str
    value: str


def find_addresses(text: str) -> list[Address]:
    """Return each address with its position; without the point that ends a sentence."""
    found = []
    for match in _ADDRESS.finditer(text):
        whole = _without_end(match[0])
        before = text[: match.start()]
        if before and not _BEFORE.search(before):
            continue
        if before.endswith('"') and before.count('"') % 2 == 0:
            # Behind a closing quotation mark: its first half is quoted.
            continue
        if "://" not in whole and "@" in whole and not _is_whole(whole, text, match.end()):
            continue
        start, end = match.start(), match.start() + len(whole)
        if text[start - 1 : start] + text[end : end + 1] in _AROUND:
            start, end = start - 1, end + 1
        found.append(Address(start, end, text[start:end], address_of(whole)))
    return found


def _is_whole(mailbox: str, text: str, end: int) -> bool:
    bare = re.sub(r"^mailto:", "", mailbox, flags=re.IGNORECASE)
    return bool(_WHOLE.fullmatch(bare)) and not _GOES_ON.match(text, end)


def find_unclear(text: str, found: list[Address]) -> list[tuple[int, int]]:
    """Return where something stands that may be a mailbox, and is none that can be taken whole."""
    taken = [(one.start, one.end) for one in found]
    return [
        match.span()
        for match in _UNCLEAR.finditer(text)
        if _LETTERS.match(match[0])
        and not any(start < match.end() and match.start() < end for start, end in taken)
    ]


def address_of(text: str) -> str:
    """Return an address as it is kept: a mailbox with straight apostrophes, a page with https."""
    text = re.sub(r"^mailto:", "", text, flags=re.IGNORECASE)
    if "://" not in text and "@" in text:
        # A grave accent is a character of its own in a mailbox.
        return re.sub(f"[{APOSTROPHES.replace('`', '')}]", "'", text)
    return f"https://{text}" if text.lower().startswith("www.") else text


def _without_end(text: str) -> str:
    """Leave out punctuation at the end, and a bracket only if it is not opened inside."""
    while text:
        last = text[-1]
        if last in ".,;:!?'’‘*|" or (
            last in _OPENING and text.count(last) > text.count(_OPENING[last])
        ):
            text = text[:-1]
        else:
            break
    return text
