"""Files that must be refused, quickly and in plain words; and some that need only a repair.

What is expensive is made when asked for and not kept.
"""

import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache

from pikepdf import Encryption, ObjectStreamMode

from tests.pdfs import pictures
from tests.pdfs.builder import clean_pdf, edited
from tests.pdfs.hazards import named

Made = list[tuple[str, Callable[[], bytes]]]
BROKEN: Made = []
REPAIRABLE: Made = []

CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
    b" /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    b" /XObject << /X 5 0 R >> >> >>"
)


def broken(make: Callable[[], bytes]) -> None:
    BROKEN.append((named(make), cache(make)))


def broken_and_large(make: Callable[[], bytes]) -> None:
    BROKEN.append((named(make), make))


def repairable(make: Callable[[], bytes]) -> None:
    REPAIRABLE.append((named(make), cache(make)))


def stream(data: bytes, keys: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), keys, data)


CONTENT = stream(b"BT /F 12 Tf 72 700 Td (Page one speaks of a lapwing.) Tj ET")
FORM_KEYS = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]"


def raw(objects: Mapping[int, bytes] | None = None) -> bytes:
    """Write a file of one page by hand, with these objects in the place of the good ones."""
    every = {1: CATALOGUE, 2: PAGES, 3: PAGE, 4: CONTENT, 5: stream(b"", FORM_KEYS)}
    every |= objects or {}
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n%\xc3\xa4\xc3\xbc\n")
    places = {}
    for number, body in sorted(every.items()):
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start, size = out.tell(), max(every) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    for number in range(1, size):
        out.write(b"%010d 00000 n \n" % places[number])
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start))
    return out.getvalue()


def classic() -> bytes:
    """The clean file in the form of 1993: its list of places can be read, and spoilt, by eye."""
    return edited(clean_pdf(), lambda pdf: None, object_stream_mode=ObjectStreamMode.disable)


# --- not PDF at all ---


@broken
def nothing() -> bytes:
    return b""


@broken
def web_page_renamed() -> bytes:
    return b"<!doctype html><title>Report</title><script>alert('Hello')</script><p>Not a PDF."


@broken
def photo_renamed() -> bytes:
    return pictures.plain_photo()


@broken
def a_megabyte_of_noughts() -> bytes:
    return b"\0" * 1_000_000


@broken
def first_line_only() -> bytes:
    return b"%PDF-1.7\n"


# --- more than PDF ---


@broken
def web_page_with_a_pdf_inside() -> bytes:
    """Harmless to a PDF reader, a page with a script to a browser that guesses."""
    return b"<!doctype html><script>alert('Hello')</script><!--\n" + clean_pdf()


@broken
def pdf_with_a_zip_behind_it() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("notes.txt"), "Notes about somebody")
    return clean_pdf() + out.getvalue()


# --- parts missing or spoilt ---


def _cut(percent: int) -> bytes:
    whole = classic()
    return whole[: len(whole) * percent // 100]


@broken
def upload_cut_off_at_30_percent() -> bytes:
    return _cut(30)


@broken
def upload_cut_off_at_60_percent() -> bytes:
    return _cut(60)


@broken
def upload_cut_off_at_95_percent() -> bytes:
    return _cut(95)


@broken
def modern_file_cut_off_at_95_percent() -> bytes:
    modern = edited(clean_pdf(), lambda _: None, object_stream_mode=ObjectStreamMode.generate)
    return modern[: len(modern) * 95 // 100]


def _flipped(seed: int) -> bytes:
    spoilt = bytearray(classic())
    luck = random.Random(seed)
    for place in luck.sample(range(20, len(spoilt)), 200):
        spoilt[place] ^= luck.randrange(1, 256)
    return bytes(spoilt)


@broken
def two_hundred_bytes_changed() -> bytes:
    return _flipped(1)


@broken
def two_hundred_other_bytes_changed() -> bytes:
    return _flipped(2)


@broken
def places_wrong_and_start_missing() -> bytes:
    return _with_wrong_places().rpartition(b"startxref")[0]


@broken
def no_pages() -> bytes:
    return raw({2: b"<< /Type /Pages /Kids [] /Count 0 >>"})


@broken
def catalogue_missing() -> bytes:
    return raw({1: b"null"})


@broken
def catalogue_named_that_does_not_exist() -> bytes:
    return raw({1: b"<< /Type /Sample >>"}).replace(b"/Root 1 0 R", b"/Root 9 0 R")


# --- locked ---


@broken
def password_needed_aes() -> bytes:
    lock = Encryption(owner="made up", user="sample", R=6)
    return edited(clean_pdf(), lambda pdf: None, encryption=lock, deterministic_id=False)


@broken
def password_needed_rc4() -> bytes:
    lock = Encryption(owner="made up", user="sample", R=3, aes=False, metadata=False)
    return edited(clean_pdf(), lambda pdf: None, encryption=lock, deterministic_id=False)


# --- loops ---


@broken
def pages_that_hold_themselves() -> bytes:
    return raw({2: b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"})


@broken
def form_that_draws_itself_twice() -> bytes:
    """Each level doubles the work: without a limit it never ends."""
    keys = FORM_KEYS + b" /Resources << /XObject << /X 5 0 R >> >>"
    return raw({4: stream(b"/X Do"), 5: stream(b"/X Do /X Do", keys)})


def _only_a_list(keys: bytes, table: bytes) -> bytes:
    """A file of nothing but a list of places, in the form of a stream."""
    head = b"%PDF-1.7\n%\xc3\xa4\xc3\xbc\n"
    body = stream(table, b"/Type /XRef /Root 1 0 R " + keys)
    return head + b"9 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (body, len(head))


@broken
def containers_that_hold_each_other() -> bytes:
    """The catalogue is in container 6, that in 7, and that in 6."""
    rows = [(0, 0, 0), (2, 6, 0), (2, 6, 1), (2, 6, 2), (2, 7, 0), (2, 7, 1), (2, 7, 2), (2, 6, 3)]
    table = bytes(number for row in rows for number in row)
    return _only_a_list(b"/W [1 1 1] /Size 10 /Index [0 8]", table)


@broken
def container_that_holds_itself() -> bytes:
    table = bytes([0, 0, 0, 2, 6, 0, 2, 6, 1, 2, 6, 2, 2, 6, 3, 2, 6, 4, 2, 6, 5])
    return _only_a_list(b"/W [1 1 1] /Size 10 /Index [0 7]", table)


@broken
def list_of_two_thousand_million_places() -> bytes:
    keys = b"/W [1 8 8] /Size 2147483647 /Index [0 2147483647]"
    return _only_a_list(keys, bytes(170))


@broken
def places_a_thousand_million_bytes_wide() -> bytes:
    return _only_a_list(b"/W [1 1000000000 1000000000] /Size 5", bytes(170))


@broken
def a_hundred_thousand_brackets() -> bytes:
    deep = b"[" * 100_000 + b"]" * 100_000
    return raw({1: b"<< /Type /Catalog /Pages 2 0 R /Deep %b >>" % deep})


@broken
def a_hundred_thousand_brackets_on_the_page() -> bytes:
    return raw({4: stream(b"[" * 100_000)})


# --- too large, one way or another ---

MEGABYTE = 1 << 20


@cache
def _gigabyte_of_blanks() -> bytes:
    """1 GB of blanks as zlib packs them: one packed megabyte, said 1,024 times."""
    blanks = b" " * MEGABYTE
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(blanks) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 1
    for _ in range(1024):
        check = zlib.adler32(blanks, check)
    return b"\x78\xda" + block * 1024 + packer.flush() + check.to_bytes(4, "big")


@broken
def content_that_unpacks_to_a_gigabyte() -> bytes:
    return raw({4: stream(_gigabyte_of_blanks(), b"/Filter /FlateDecode")})


@broken
def content_that_unpacks_twice_to_a_gigabyte() -> bytes:
    packed = zlib.compress(_gigabyte_of_blanks(), 9)
    return raw({4: stream(packed, b"/Filter [/FlateDecode /FlateDecode]")})


def _page_of_size(side: bytes) -> bytes:
    return raw({3: PAGE.replace(b"[0 0 595 842]", b"[0 0 %b %b]" % (side, side))})


@broken
def page_of_a_million_points() -> bytes:
    return _page_of_size(b"1000000")


@broken
def page_larger_than_the_universe() -> bytes:
    return _page_of_size(b"1" + b"0" * 30 + b".0")


@broken
def five_thousand_pages() -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(6, 5006))
    pages = dict.fromkeys(range(6, 5006), PAGE)
    return raw({2: b"<< /Type /Pages /Kids [%b] /Count 5000 >>" % kids, **pages})


@broken_and_large
def more_than_fifty_megabytes() -> bytes:
    return raw({6: stream(bytes(52 * MEGABYTE))})


# --- to be repaired ---


def _with_wrong_places() -> bytes:
    return re.sub(
        rb"(\d{10}) 00000 n",
        lambda entry: b"%010d 00000 n" % (int(entry[1]) + 13),
        classic(),
    )


def _with_start_moved(by: int) -> bytes:
    return re.sub(
        rb"startxref\n(\d+)",
        lambda start: b"startxref\n%d" % (int(start[1]) + by),
        classic(),
    )


@repairable
def all_places_wrong() -> bytes:
    return _with_wrong_places()


@repairable
def start_a_few_bytes_late() -> bytes:
    return _with_start_moved(3)


@repairable
def start_a_few_bytes_early() -> bytes:
    return _with_start_moved(-7)


@repairable
def list_of_places_with_windows_line_ends() -> bytes:
    before, xref, after = classic().rpartition(b"xref\n0 ")
    return before + (xref + after).replace(b"\n", b"\r\n")


@repairable
def blank_lines_before_the_start() -> bytes:
    return b"\r\n\n\n" + classic()
