"""Leftovers of programs: earlier revisions, private data, old thumbnails."""

import re

import pikepdf

from reviews.pdf.notes import Notes
from reviews.pdf.objects import Key, Objects
from reviews.pdf.opening import OpenFile
from reviews.pdf.picture_notes import notes_in_xmp
from reviews.pdf.report import Check

_END = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF")


def look_at_revisions(file: OpenFile, notes: Notes) -> None:
    """Count the earlier states of the file below incremental updates (ISO 32000-1, 7.5.6)."""
    data = file.data
    ends = 0
    since = 0
    for match in _END.finditer(data):
        place = int(match[1])
        at = data[place : place + 40].lstrip()
        # That of an embedded PDF points nowhere here; a linearised file has one that is 0.
        if not place or not (at.startswith(b"xref") or re.match(rb"\d+\s+\d+\s+obj", at)):
            continue
        if not ends or not _adds_nothing(data[since : match.end()], place - since):
            ends += 1
        since = match.end()
    head = data[:1024]
    if b"/Linearized" in head and ends > 1 and not _grew(head, data):
        ends = 1
    if ends > 1:
        notes.add(Check.EARLIER_REVISION, None, f"{ends - 1} earlier")


_OBJECT = re.compile(rb"(?:^|[\r\n])\s*\d+\s+\d+\s+obj\b(?P<dictionary>[^>]*(?:>(?!>)[^>]*)*)")
_ENTRY = re.compile(rb"\d{10} \d{5} [fn]")


def _adds_nothing(update: bytes, table: int) -> bool:
    """Return whether what stands behind an end changes nothing before it.

    Word ends each file so, for readers that know streams of places and for those that do not (a
    hybrid file, ISO 32000-1, 7.5.8.4); other programs write their places again, or only their
    properties of the trailer. Such an update has no objects but a list of places without entries.
    """
    if table < 0:
        # Its list of places is one that stands before.
        return not _OBJECT.search(update)
    objects = list(_OBJECT.finditer(update))
    if any(not re.search(rb"/Type\s*/XRef\b", match["dictionary"]) for match in objects):
        return False
    if objects:
        # The list has one entry, for itself.
        rows = re.search(rb"/Index\s*\[\s*\d+\s+(\d+)\s*\]", objects[0]["dictionary"])
        return rows is not None and int(rows[1]) <= 1
    # The first place of all is that of no object.
    return all(entry == b"0000000000 65535 f" for entry in _ENTRY.findall(update))


def _grew(head: bytes, data: bytes) -> bool:
    """Return whether something was appended to a linearised file after it was made."""
    length = re.search(rb"/L\s+(\d{1,12})", head)
    return length is not None and int(length[1]) < len(data.rstrip(b"\r\n\x00 "))


def look_behind_end(file: OpenFile, notes: Notes) -> None:
    end = file.data.rfind(b"%%EOF")
    behind = file.data[end + 5 :].strip(b"\x00\r\n\t ") if end >= 0 else b""
    if behind:
        notes.add(Check.PROGRAM_DATA, None, f"{len(behind)} bytes behind the end of the file")


def look_at_program_data(objects: Objects, notes: Notes) -> None:
    """Look for private data of programs, old small pictures, and properties of parts."""
    for key, holder in objects.with_name("/PieceInfo"):
        pieces = holder.get("/PieceInfo")
        if isinstance(pieces, pikepdf.Dictionary) and len(pieces):
            names = ", ".join(sorted(str(name)[1:] for name in pieces))
            notes.add(Check.PROGRAM_DATA, _page_of(objects, key), f"kept by {names}")
    for key, holder in objects.with_name("/Thumb"):
        if isinstance(holder.get("/Thumb"), pikepdf.Name):
            continue  # a style of tags
        what = "a small picture of the page, made some time ago"
        notes.add(Check.PROGRAM_DATA, _page_of(objects, key), what)
    for key, holder in objects.with_name("/Metadata"):
        # Those of the file and of pictures are told by themselves.
        if key != objects.pdf.Root.objgen and holder.get("/Subtype") != "/Image":
            for said in notes_in_xmp(holder.get("/Metadata")):
                notes.add(Check.PROGRAM_DATA, _page_of(objects, key), said)


def _page_of(objects: Objects, key: Key) -> int | None:
    return None if key == objects.pdf.Root.objgen else objects.first_page_of(key)
