"""Addresses in a line, of a page or a mailbox: taken whole or not at all."""

import re
from typing import NamedTuple

from mscp.text.folding import APOSTROPHES, DASHES

# Every character that a mailbox may have (RFC 5322), and the apostrophes that programs turn.
_MAILBOX = r"[\w.!#$%&'’‘*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"
_ADDRESS = re.compile(rf"(?:mailto:)?{_MAILBOX}|(?:https?://|\bwww\.)[^\s<>\"“”]+", re.IGNORECASE)
_OPENING = {")": "(", "]": "[", "}": "{"}
# What may stand before an address; anything else is the first half of one that was cut.
_BEFORE = re.compile(rf"[\s(\[<{{,;:|>\"“”/{re.escape(DASHES)}]$")


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
        found.append(Address(match.start(), match.start() + len(whole), whole, address_of(whole)))
    return found


def address_of(text: str) -> str:
    """Return an address as it is kept: a mailbox with straight apostrophes, a page with https."""
    text = re.sub(r"^mailto:", "", text, flags=re.IGNORECASE)
    if "://" not in text and "@" in text:
        return re.sub(f"[{APOSTROPHES}]", "'", text)
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
