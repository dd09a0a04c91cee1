"""A box over a scan hides it from the eye only: the picture below is still in the file."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests.pdfs import pictures
from tests.pdfs.builder import HEIGHT, WIDTH
from tests.pdfs.hard_to_read import scanned
from tests.reviews.pdf.test_odd_files import read


def drawn_over(content: str) -> bytes:
    """Return a file whose second page is a scan with something drawn over it."""
    with pikepdf.open(BytesIO(scanned("2"))) as pdf:
        pdf.pages[1].contents_add(pdf.make_stream(content.encode()), prepend=False)
        output = BytesIO()
        pdf.save(output)
    return output.getvalue()


def box_over_words(colour: str) -> str:
    """Return the drawing of a filled box over the first words of the scan."""
    _, words = pictures.scan(*pictures.SCANNED)
    dot = WIDTH / 827  # the scan is so many dots wide
    first, last = words[0], words[2]
    left, bottom = (first.left - 3) * dot, HEIGHT - (first.baseline + 10) * dot
    return f"q {colour} {left} {bottom} {(last.right - first.left + 6) * dot} 34 re f Q"


def covered(folder: Path, data: bytes) -> list[Any]:
    found = read(folder, data)["found"]
    return [(one["page"], one["details"]) for one in found if one["check"] == "covered_text"]


@pytest.mark.parametrize("colour", ["0 g", "1 g", "0.2 0.4 0.9 rg"])
def test_a_box_over_words_of_a_scan_is_found(tmp_path: Path, colour: str) -> None:
    ((page, details),) = covered(tmp_path, drawn_over(box_over_words(colour)))
    assert page == 2
    assert details == ["a box over the scanned page; the picture below is still in the file"]


@pytest.mark.parametrize(
    "content",
    [
        f"q 0 g 5 {HEIGHT - 30} 100 20 re f Q",  # the margin, where nothing stands
        f"q 0 G 2 w 30 30 {WIDTH - 60} {HEIGHT - 60} re S Q",  # a frame
        "q 0 g 100 100 3 2 re f Q",  # a speck
    ],
)
def test_what_covers_nothing_is_no_finding(tmp_path: Path, content: str) -> None:
    assert covered(tmp_path, drawn_over(content)) == []


def test_bytes_behind_the_end_are_named(tmp_path: Path) -> None:
    found = read(tmp_path, scanned("2") + b"\nSent by Alex Sampleperson\n")["found"]
    details = [one["details"] for one in found if one["check"] == "program_data"]
    assert details == [["25 bytes behind the end of the file"]]
