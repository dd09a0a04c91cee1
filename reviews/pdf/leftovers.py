"""Leftovers of programs: earlier revisions, private data, old thumbnails."""

import re

import pikepdf

from reviews.pdf.notes import Notes
from reviews.pdf.opening import OpenFile
from reviews.pdf.properties import says_something
from reviews.pdf.report import Check


def look_at_revisions(file: OpenFile, notes: Notes) -> None:
    """Count the earlier states of the file below incremental updates (ISO 32000-1, 7.5.6)."""
    data = file.data
    ends = 0
    for match in re.finditer(rb"startxref\s+(\d{1,12})\s+%%EOF", data):
        place = int(match[1])
        at = data[place : place + 40].lstrip()
        # That of an embedded PDF points nowhere here; a linearised file has one that is 0.
        if place and (at.startswith(b"xref") or re.match(rb"\d+\s+\d+\s+obj", at)):
            ends += 1
    head = data[:1024]
    if b"/Linearized" in head and ends > 1 and not _grew(head, data):
        ends = 1
    if ends > 1:
        notes.add(Check.EARLIER_REVISION, None, f"{ends - 1} earlier")


def _grew(head: bytes, data: bytes) -> bool:
    """Return whether something was appended to a linearised file after it was made."""
    length = re.search(rb"/L\s+(\d{1,12})", head)
    return length is not None and int(length[1]) < len(data.rstrip(b"\r\n\x00 "))


def look_behind_end(file: OpenFile, notes: Notes) -> None:
    end = file.data.rfind(b"%%EOF")
    behind = file.data[end + 5 :].strip(b"\x00\r\n\t ") if end >= 0 else b""
    if behind:
        notes.add(Check.PROGRAM_DATA, None, f"{len(behind)} bytes behind the end of the file")


def look_at_program_data(holder: pikepdf.Object, number: int | None, notes: Notes) -> None:
    pieces = holder.get("/PieceInfo")
    if isinstance(pieces, pikepdf.Dictionary) and len(pieces):
        names = ", ".join(sorted(str(key)[1:] for key in pieces))
        notes.add(Check.PROGRAM_DATA, number, f"kept by {names}")
    if "/Thumb" in holder:
        notes.add(Check.PROGRAM_DATA, number, "a small picture of the page, made some time ago")
    if number is not None and says_something(holder.get("/Metadata")):
        notes.add(Check.PROGRAM_DATA, number, "properties of the page")
