"""Files that readers show and qpdf does not open: mended without loss, or refused."""

import io
import re
import struct
import zlib
from collections.abc import Callable

import pikepdf
import pytest

from reviews.pdf.mending import shows_the_same
from reviews.pdf.opening import open_file
from reviews.pdf.report import Refused
from tests.pdfs.broken import CATALOGUE, CONTENT, FORM_KEYS, PAGE, raw, stream

HERE = "Page one speaks of a lapwing."
EMPTY = b"<< /Type /Pages /Kids [] /Count 0 >>"


def branch(*kids: int, more: bytes = b"") -> bytes:
    named = b" ".join(b"%d 0 R" % kid for kid in kids)
    return b"<< /Type /Pages /Kids [%b] /Count 1 %b >>" % (named, more)


def in_a_branch(of: int = 6) -> bytes:
    return PAGE.replace(b"/Parent 2 0 R", b"/Parent %d 0 R" % of)


def without_size() -> bytes:
    return in_a_branch().replace(b"/MediaBox [0 0 595 842] ", b"")


def words(data: bytes) -> list[str]:
    """Return what the pages say, of the file as it would be stored."""
    with pikepdf.open(io.BytesIO(open_file(data).data)) as pdf:
        said = [re.findall(rb"\(([^)]*)\)", page.Contents.read_bytes()) for page in pdf.pages]
    return [b" ".join(lines).decode() for lines in said]


# --- the tree of the pages ---

TREES: dict[str, tuple[dict[int, bytes], int]] = {
    "an empty branch twice": ({2: branch(3, 6, 6), 6: EMPTY}, 1),
    "an empty branch many times, before the page": ({2: branch(*[6] * 9, 3), 6: EMPTY}, 1),
    "a branch twice": ({2: branch(6, 6), 3: in_a_branch(), 6: branch(3)}, 2),
    "a branch twice, and its page as well": ({2: branch(6, 3, 6), 6: branch(3)}, 3),
    "a branch in two branches": ({2: branch(7, 8), 6: branch(3), 7: branch(6), 8: branch(6)}, 2),
    "a branch in itself": ({2: branch(3, 6), 6: branch(6)}, 1),
    "a branch that names the top": ({2: branch(3, 6), 6: branch(2)}, 1),
    "two branches in each other": ({2: branch(3, 6), 6: branch(7), 7: branch(6)}, 1),
    "a size that only the branch has": (
        {2: branch(6, 6), 3: without_size(), 6: branch(3, more=b"/MediaBox [0 0 300 400]")},
        2,
    ),
    "a branch that is written in its place": (
        {2: branch(6, 6).replace(b"/Kids [", b"/Kids [%b " % branch(3)), 6: EMPTY},
        1,
    ),
    "two of them, one within the other": (
        {
            2: branch(6, 6).replace(
                b"/Kids [", b"/Kids [%b " % branch(3).replace(b"/Kids [", b"/Kids [%b " % branch(3))
            ),
            6: EMPTY,
        },
        2,
    ),
    "the same empty branch twice, sixty times over": (
        {2: branch(3, 6, 6), **{n: branch(n + 1, n + 1) for n in range(6, 66)}, 66: EMPTY},
        1,
    ),
}


@pytest.mark.parametrize("name", TREES)
def test_a_branch_of_the_page_tree_that_stands_twice_loses_no_page(name: str) -> None:
    objects, pages = TREES[name]
    data = raw(objects)
    with pytest.raises(pikepdf.PdfError, match="Pages structure"):
        pikepdf.open(io.BytesIO(data))
    assert words(data) == pages * [HERE]


def test_a_page_keeps_the_size_of_its_branch() -> None:
    file = open_file(raw(TREES["a size that only the branch has"][0]))
    assert [[int(n) for n in page.mediabox] for page in file.pdf.pages] == 2 * [[0, 0, 300, 400]]


def test_what_is_sound_is_not_touched() -> None:
    file = open_file(raw())
    assert not file.was_repaired and file.data == raw()


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        ({2: branch(6), 6: branch(6)}, "no pages"),
        ({2: branch(6, 6), 6: EMPTY}, "no pages"),
        (
            {2: branch(*[6] * 60), **{n: in_a_branch() for n in range(7, 47)}}
            | {6: branch(*range(7, 47))},
            "more than 2,000 pages",
        ),
        ({2: branch(3, 6, 6), 6: EMPTY, 3: PAGE.replace(b"842", b"84200")}, "metres"),
        (
            {2: branch(6, 107, 107), **{n: branch(n + 1) for n in range(6, 207)}, 207: EMPTY},
            "damaged",
        ),
        ({1: b"<< /Type /Catalog >>"}, "damaged"),
        ({1: CATALOGUE.replace(b"2 0 R", b"9 0 R")}, "damaged"),
    ],
)
def test_what_cannot_be_mended_is_refused_by_its_reason(
    objects: dict[int, bytes], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        open_file(raw(objects))


# --- numbers that are too high ---


def with_numbers(shift: Callable[[int], int]) -> bytes:
    """The small file with other numbers of its objects."""
    old = raw()
    body = old[: old.index(b"xref\n")]
    body = re.sub(rb"\b(\d+) 0 (obj|R)\b", lambda n: b"%d 0 %b" % (shift(int(n[1])), n[2]), body)
    places = {int(found[1]): found.start() for found in re.finditer(rb"(\d+) 0 obj", body)}
    lines = b"".join(b"%d 1\n%010d 00000 n \n" % place for place in sorted(places.items()))
    return (
        b"%bxref\n0 1\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n"
        b"%d\n%%%%EOF\n" % (body, lines, max(places) + 1, shift(1), len(body))
    )


@pytest.mark.parametrize(
    "shift",
    [
        lambda n: n + 10_000,
        lambda n: n + 900,
        lambda n: n * 2_000,
        lambda n: 90_000 - n,
        lambda n: n if n > 1 else 5_000,
        lambda n: n + 1_000_000,
    ],
)
def test_a_page_taken_out_of_a_large_file_keeps_its_high_numbers(
    shift: Callable[[int], int],
) -> None:
    data = with_numbers(shift)
    with pytest.raises(pikepdf.PdfError, match="Root"):
        pikepdf.open(io.BytesIO(data))
    assert words(data) == [HERE]


@pytest.mark.parametrize("size", [b"2000000000", b"99999999999999999999", b"4"])
def test_room_is_made_for_no_more_numbers_than_a_document_has(size: bytes) -> None:
    data = re.sub(rb"/Size \d+", b"/Size " + size, with_numbers(lambda n: n + 10_000))
    with pytest.raises(Refused, match="damaged"):
        open_file(data)


# --- the second end that Word writes ---


def by_word(place: bytes | None = None) -> bytes:
    """A file whose tags stand in a stream that only newer readers look into."""
    tags = b"<< /Type /StructTreeRoot >>"
    file = raw(
        {
            1: CATALOGUE.replace(b">>", b"/StructTreeRoot 7 0 R >>"),
            6: stream(b"7 0 " + tags, b"/Type /ObjStm /N 1 /First 4"),
            7: b"null",
        }
    )
    body, _, end = file.partition(b"7 0 obj\nnull\nendobj\n")
    lines = [b"0" * 10 + b" 65535 f \n", *re.findall(rb"\d{10} 00000 n \n", end)[:6]]
    stream_place = len(body)
    # Number 7 is the first within number 6; number 8 is this stream.
    places = struct.pack(">BIBBIB", 2, 6, 0, 1, stream_place, 0)
    body += b"8 0 obj\n%b\nendobj\n" % stream(
        zlib.compress(places),
        b"/Type /XRef /Size 9 /Index [7 2] /W [1 4 1] /Root 1 0 R /Filter /FlateDecode",
    )
    first_end = len(body)
    body += b"xref\n0 7\n%btrailer\n<< /Size 9 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        b"".join(lines),
        first_end,
    )
    second_end = len(body)
    return body + (
        b"xref\n0 0\ntrailer\n<< /Size 9 /Root 1 0 R /Prev %d /XRefStm %b >>\nstartxref\n%d\n"
        b"%%%%EOF" % (first_end, place or b"%d" % stream_place, second_end)
    )


def test_the_second_end_by_word_is_read_as_it_is() -> None:
    file = open_file(by_word())
    assert not file.was_repaired and "/StructTreeRoot" in file.pdf.Root


@pytest.mark.parametrize("place", [b"\x148462", b"4", b"0", b"-1", b"abc", b"99999999", b"[ 1 ]"])
def test_a_bad_place_in_the_second_end_by_word_costs_no_tags(place: bytes) -> None:
    file = open_file(by_word(place))
    assert file.was_repaired and "/StructTreeRoot" in file.pdf.Root
    assert words(by_word(place)) == [HERE]


# --- what a second reader sees ---


LOST = {
    "the words of a page": {4: stream(b"")},
    "a few words of them": {4: CONTENT.replace(b" of a lapwing", b"")},
    "a picture": {5: stream(b"", FORM_KEYS)},
    "the size of the paper": {3: PAGE.replace(b"842", b"700")},
    "the way up": {3: PAGE.replace(b"/Parent", b"/Rotate 90 /Parent")},
    "the content of the page": {3: PAGE.replace(b"/Contents 4 0 R", b"")},
}
DRAWN = {
    4: stream(b"/X Do BT /F 12 Tf 72 700 Td (Page one speaks of a lapwing.) Tj ET"),
    5: stream(b"0.5 g 200 200 100 100 re f", FORM_KEYS),
}


@pytest.mark.parametrize("name", LOST)
def test_a_second_reader_sees_what_a_repair_loses(name: str) -> None:
    assert not shows_the_same(raw(DRAWN), raw(DRAWN | LOST[name]))


def test_a_second_reader_sees_no_difference_where_none_is() -> None:
    assert shows_the_same(raw(DRAWN), open_file(raw(DRAWN)).data)
    assert shows_the_same(b"%PDF-1.7 which nobody reads", raw(DRAWN)), "No witness."


def test_a_second_reader_misses_a_page_that_a_repair_loses() -> None:
    two = raw(DRAWN | {2: branch(3, 6).replace(b"Count 1", b"Count 2"), 6: PAGE})
    assert shows_the_same(raw(DRAWN), two) and not shows_the_same(two, raw(DRAWN))


@pytest.mark.parametrize(
    ("said", "other"),
    [
        (b"4 0 obj\n", b"4 1 obj\n"),
        (b"/Contents 4 0 R", b"/Contents 4 7 R"),
        (b"/X 5 0 R", b"/X 5 3 R"),
        (b"endstream\nendobj\n5 0", b"endstream\n5 0"),
    ],
)
def test_a_repair_that_loses_what_readers_see_is_a_refusal(said: bytes, other: bytes) -> None:
    """Readers overlook a wrong generation of an object, and qpdf gives the object up."""
    data = raw(DRAWN)
    assert said in data
    with pytest.raises(Refused, match="parts of it cannot be read"):
        open_file(data.replace(said, other).replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev 9"))
