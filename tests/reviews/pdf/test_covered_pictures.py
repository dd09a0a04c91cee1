"""A box over a scan or a photo hides it from the eye only: what lies below is still in the file."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pikepdf import Dictionary, Name, Stream
from PIL import Image, ImageDraw, ImageFilter

from reviews.pdf.report import Reading
from tests.pdfs import pictures
from tests.pdfs.builder import HEIGHT, WIDTH, Canvas, box, drawn
from tests.pdfs.hard_to_read import scanned
from tests.reviews.reading_many import read_many, run_many

# The box of the photo in points, and of the face in it.
PHOTO = (100, 300, 200, 200)
FACE = (158, 355, 84, 108)


def photo(c: Canvas, jpeg: bytes | None = None, place: tuple[float, ...] = PHOTO) -> str:
    """Draw somebody's photo, or another picture; return its name."""
    name = c.picture(jpeg or pictures.face(), (200, 200))
    x, y, w, h = place
    c.tagged(f"q {w} 0 0 {h} {x} {y} cm {name} Do Q", "Figure", Alt="Somebody")
    return name


def ellipse(x: float, y: float, w: float, h: float) -> str:
    """Draw a black ellipse in four curves."""
    a, b, k = w / 2, h / 2, 0.5523
    x, y = x + a, y + b
    curves = [
        f"{x + a} {y} m",
        f"{x + a} {y + k * b} {x + k * a} {y + b} {x} {y + b} c",
        f"{x - k * a} {y + b} {x - a} {y + k * b} {x - a} {y} c",
        f"{x - a} {y - k * b} {x - k * a} {y - b} {x} {y - b} c",
        f"{x + k * a} {y - b} {x + a} {y - k * b} {x + a} {y} c",
    ]
    return f"q 0 g {' '.join(curves)} f Q"


# --- pictures below something -------------------------------------------------------------------


def face_under_a_black_box(c: Canvas) -> None:
    photo(c)
    c.artifact(box(*FACE))


def face_under_a_white_box(c: Canvas) -> None:
    photo(c)
    c.artifact(box(*FACE, "1 g"))


def face_under_a_black_box_of_90_per_cent(c: Canvas) -> None:
    photo(c)
    state = c.resource("ExtGState", "Thin", Dictionary(Type=Name.ExtGState, ca=0.9))
    c.artifact(box(*FACE, f"{state} gs 0 g"))


def face_under_an_ellipse(c: Canvas) -> None:
    photo(c)
    c.artifact(ellipse(*FACE))


def eyes_under_a_thick_line(c: Canvas) -> None:
    photo(c)
    c.artifact("q 0 G 24 w 160 420 m 240 420 l S Q")


def face_under_a_black_picture(c: Canvas) -> None:
    photo(c)
    name = c.resource("XObject", "Black", _picture(c, Image.new("RGB", (16, 16), "black")))
    x, y, w, h = FACE
    c.artifact(f"q {w} 0 0 {h} {x} {y} cm {name} Do Q")


def face_under_a_box_in_a_form(c: Canvas) -> None:
    photo(c)
    c.artifact(f"q {c.form(box(*FACE))} Do Q")


def face_and_box_in_one_form_on_a_turned_page(c: Canvas) -> None:
    name = c.picture(pictures.face(), (200, 200))
    form = c.form(f"q 200 0 0 200 100 300 cm {name} Do Q {box(*FACE)}")
    c.page.Resources.XObject[form].Resources.XObject = c.page.Resources.XObject
    drawing = c.page.Resources.XObject[form]
    drawing.Resources = Dictionary(XObject=Dictionary(Photo=c.page.Resources.XObject[name]))
    c.tagged(f"q {form} Do Q", "Figure", Alt="Somebody")
    c.page.Rotate = 90


def photo_under_a_white_box(c: Canvas) -> None:
    photo(c)
    c.artifact(box(90, 290, 220, 220, "1 g"))


def photo_under_two_boxes_side_by_side(c: Canvas) -> None:
    photo(c)
    c.artifact(box(95, 295, 105, 210, "1 g") + box(200, 295, 105, 210, "1 g"))


def photo_in_strips_under_a_box(c: Canvas) -> None:
    """Some programs cut a picture into strips."""
    whole = Image.open(BytesIO(pictures.face()))
    for strip in range(5):
        part = _picture(c, whole.crop((0, 40 * strip, 200, 40 * strip + 40)))
        name = c.resource("XObject", f"Strip{strip}", part)
        c.artifact(f"q 200 0 0 40 100 {460 - 40 * strip} cm {name} Do Q")
    c.artifact(box(*FACE))


def letter_of_a_quarter_page(c: Canvas) -> None:
    _scanned_letter(c)
    c.artifact(box(118, 425, 145, 24))


def letter_under_a_box_that_says_so(c: Canvas) -> None:
    _scanned_letter(c)
    c.artifact(box(118, 425, 145, 24))
    c.say("REDACTED", x=140, y=445, how="1 g")


def _scanned_letter(c: Canvas, *, burnt: bool = False) -> None:
    image = Image.new("RGB", (400, 300), "#fbfaf6")
    pen = ImageDraw.Draw(image)
    pen.text((40, 92), "Tamsin Sampleperson", fill="#222", font_size=22)
    pen.text((40, 140), "was seen at home in May.", fill="#222", font_size=22)
    if burnt:
        pen.rectangle((38, 90, 290, 120), fill="black")
    name = c.resource("XObject", "Letter", _picture(c, image))
    c.artifact(f"q 260 0 0 195 100 310 cm {name} Do Q")


def _picture(c: Canvas, image: Image.Image, **keys: Any) -> Stream:
    space = Name.DeviceRGB if image.mode == "RGB" else Name.DeviceGray
    return Stream(
        c.pdf,
        image.tobytes(),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=image.width,
        Height=image.height,
        ColorSpace=space,
        BitsPerComponent=8,
        **keys,
    )


COVERED = {
    function.__name__: function
    for function in (
        face_under_a_black_box,
        face_under_a_white_box,
        face_under_a_black_box_of_90_per_cent,
        face_under_an_ellipse,
        eyes_under_a_thick_line,
        face_under_a_black_picture,
        face_under_a_box_in_a_form,
        face_and_box_in_one_form_on_a_turned_page,
        photo_under_a_white_box,
        photo_under_two_boxes_side_by_side,
        photo_in_strips_under_a_box,
        letter_of_a_quarter_page,
        letter_under_a_box_that_says_so,
    )
}


def face_under_a_square_somebody_drew(c: Canvas) -> None:
    photo(c)
    x, y, w, h = FACE
    mark = c.annotate("Square", [x, y, x + w, y + h])
    mark.AP = c.appearance(f"0 g 0 0 {w} {h} re f", w, h)


# --- pictures below which nothing is hidden -----------------------------------------------------


def face_blackened_in_the_photo_itself(c: Canvas) -> None:
    image = Image.open(BytesIO(pictures.face()))
    ImageDraw.Draw(image).rectangle((50, 30, 150, 150), fill="black")
    photo(c, pictures.jpeg(image))
    c.artifact(box(*FACE))


def letter_with_a_burnt_box_below_a_larger_one(c: Canvas) -> None:
    _scanned_letter(c, burnt=True)
    c.artifact(box(122, 424, 170, 26))


def thin_marker_over_a_face(c: Canvas) -> None:
    photo(c)
    state = c.resource("ExtGState", "Thin", Dictionary(Type=Name.ExtGState, ca=0.4))
    c.artifact(box(*FACE, f"{state} gs 1 1 0 rg"))


def photo_below_a_thin_colour(c: Canvas) -> None:
    """The head of a page: a title over a photo that is toned down."""
    photo(c)
    state = c.resource("ExtGState", "Thin", Dictionary(Type=Name.ExtGState, ca=0.72))
    c.artifact(box(*PHOTO, f"{state} gs 0.25 0.4 0.7 rg"))


def frame_around_a_face(c: Canvas) -> None:
    photo(c)
    c.artifact(f"q 1 0 0 RG 3 w {' '.join(map(str, FACE))} re S Q")


def white_letters_over_a_photo(c: Canvas) -> None:
    """Letters as outlines: a title set over the picture."""
    photo(c)
    for place in range(3):
        x = 120 + 50 * place
        c.artifact(
            f"q 1 g {x} 380 m {x} 440 l {x + 8} 440 l {x + 8} 416 l {x + 30} 416 l {x + 30} 440 l "
            f"{x + 38} 440 l {x + 38} 380 l {x + 30} 380 l {x + 30} 406 l {x + 8} 406 l "
            f"{x + 8} 380 l h f Q"
        )


def box_over_plain_sky(c: Canvas) -> None:
    photo(c)
    c.artifact(box(105, 470, 60, 25))


def soft_shadow_below_a_panel(c: Canvas) -> None:
    """A picture of one colour, seen through a soft mask: its edges show around the panel."""
    soft = Image.new("L", (220, 120), 0)
    ImageDraw.Draw(soft).rectangle((10, 10, 210, 110), fill=190)
    mask = _picture(c, soft.filter(ImageFilter.GaussianBlur(5)))
    shadow = _picture(c, Image.new("RGB", (220, 120)), SMask=mask)
    name = c.resource("XObject", "Shadow", shadow)
    c.artifact(f"q 220 0 0 120 98 292 cm {name} Do Q" + box(100, 300, 200, 100, "0.9 0.95 1 rg"))


def texture_below_a_table(c: Canvas) -> None:
    photo(c, pictures.jpeg(Image.new("RGB", (200, 200), "#eef4f4")))
    for row in range(4):
        c.artifact(box(110, 320 + 40 * row, 180, 20, "1 g"))


def logo_clipped_to_a_circle(c: Canvas) -> None:
    name = c.picture(pictures.face(), (200, 200))
    circle = ellipse(100, 300, 200, 200).replace("q 0 g", "").replace("f Q", "W n")
    c.tagged(f"q {circle} 200 0 0 200 100 300 cm {name} Do Q", "Figure", Alt="A logo")


def box_beside_a_photo(c: Canvas) -> None:
    photo(c)
    c.artifact(box(300, 300, 200, 200, "0.1 0.3 0.3 rg"))


def box_that_is_clipped_away(c: Canvas) -> None:
    photo(c)
    c.artifact(f"q 310 300 10 10 re W n {box(*FACE)} Q")


def photo_above_a_box(c: Canvas) -> None:
    c.artifact(box(90, 290, 220, 220))
    photo(c)


QUIET = {
    function.__name__: function
    for function in (
        face_blackened_in_the_photo_itself,
        letter_with_a_burnt_box_below_a_larger_one,
        thin_marker_over_a_face,
        photo_below_a_thin_colour,
        frame_around_a_face,
        white_letters_over_a_photo,
        box_over_plain_sky,
        soft_shadow_below_a_panel,
        texture_below_a_table,
        logo_clipped_to_a_circle,
        box_beside_a_photo,
        box_that_is_clipped_away,
        photo_above_a_box,
    )
}


# --- boxes over a scanned page ------------------------------------------------------------------


def drawn_over(content: str) -> bytes:
    """Return a file whose second page is a scan with something drawn over it."""
    with pikepdf.open(BytesIO(scanned("2"))) as pdf:
        pdf.pages[1].contents_add(pdf.make_stream(content.encode()), prepend=False)
        output = BytesIO()
        pdf.save(output)
    return output.getvalue()


def words_of_scan() -> tuple[float, float, float, float]:
    """Return where the first words of the scan stand: left, bottom, width and height."""
    _, words = pictures.scan(*pictures.SCANNED)
    dot = WIDTH / 827  # the scan is so many dots wide
    first, last = words[0], words[2]
    left, bottom = (first.left - 3) * dot, HEIGHT - (first.baseline + 10) * dot
    return left, bottom, (last.right - first.left + 6) * dot, 34


def box_over_words(colour: str) -> str:
    """Return the drawing of a filled box over the first words of the scan."""
    return f"q {colour} {' '.join(map(str, words_of_scan()))} re f Q"


def line_over_words(cap: int) -> str:
    """Return a line as thick as the words, as the pen of a viewer draws it."""
    left, bottom, wide, high = words_of_scan()
    return f"q 0 G {high} w {cap} J {left} {bottom + 17} m {left + wide} {bottom + 17} l S Q"


def word_by_word() -> str:
    """Return a box over each part of the words, as a program blackens word after word."""
    left, bottom, wide, high = words_of_scan()
    parts = (f"{left + n * wide / 3} {bottom} {wide / 3 - 1} {high} re f" for n in range(3))
    return f"q 0 g {' '.join(parts)} Q"


def of_corners() -> str:
    """Return a box drawn as a path of four lines that is closed, with a frame of its own."""
    left, bottom, wide, high = words_of_scan()
    right, top = left + wide, bottom + high
    corners = f"{left} {bottom} m {right} {bottom} l {right} {top} l {left} {top} l h"
    return f"q 0 g 0 G 1 w {corners} b Q"


def black_picture() -> str:
    left, bottom, wide, high = words_of_scan()
    dot = "BI /W 1 /H 1 /CS /G /BPC 8 /F /AHx ID 00> EI"
    return f"q {wide} 0 0 {high} {left} {bottom} cm {dot} Q"


OVER_WORDS = {
    **{colour: box_over_words(colour) for colour in ("0 g", "1 g", "0.2 0.4 0.9 rg", "0 0 0 1 k")},
    "a thick line": line_over_words(0),
    "a thick line with round ends": line_over_words(1),
    "a box of corners": of_corners(),
    "a black picture": black_picture(),
    "a box of the scan's own paper": box_over_words("0.984 0.98 0.965 rg"),
}
OVER_NOTHING = {
    "the margin, where nothing stands": f"q 0 g 5 {HEIGHT - 30} 100 20 re f Q",
    "a frame": f"q 0 G 2 w 30 30 {WIDTH - 60} {HEIGHT - 60} re S Q",
    "a speck": "q 0 g 100 100 3 2 re f Q",
    "a frame around the words": f"q 1 0 0 RG 2 w {' '.join(map(str, words_of_scan()))} re S Q",
    "a box that nothing paints": f"q {' '.join(map(str, words_of_scan()))} re n Q",
    "a stamp of a number on the paper": f"q 0.9 g 400 {HEIGHT - 40} 120 24 re f Q",
    "a line below the words": "q 0 G 1 w 72 {0} m 300 {0} l S Q".format(words_of_scan()[1] - 2),
}


# --- what becomes of them -----------------------------------------------------------------------

MADE: dict[str, Callable[[], bytes]] = {
    **{name: lambda draw=draw: drawn(draw) for name, draw in (COVERED | QUIET).items()},
    **{
        name: lambda drawing=drawing: drawn_over(drawing)
        for name, drawing in (OVER_WORDS | OVER_NOTHING).items()
    },
    "word by word": lambda: drawn_over(word_by_word()),
}


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading | str]:
    return read_many({name: make() for name, make in MADE.items()})


def found(readings: dict[str, Any], name: str) -> list[tuple[str, int | None, list[str]]]:
    reading = readings[name]
    assert isinstance(reading, Reading), reading
    return [
        (str(one.check), one.page, one.details)
        for one in reading.found
        if one.check not in ("no_text", "program_data", "words_on_no_page")
    ]


@pytest.mark.parametrize("name", COVERED)
def test_a_picture_under_a_box_is_found(readings: dict[str, Any], name: str) -> None:
    ((check, page, details),) = found(readings, name)
    assert (check, page) == ("covered_picture", 2)
    assert details[0].endswith("over a picture; the picture below is still in the file")


@pytest.mark.parametrize("name", QUIET)
def test_what_hides_nothing_of_a_picture_is_no_finding(readings: dict[str, Any], name: str) -> None:
    assert found(readings, name) == []


@pytest.mark.parametrize("name", OVER_WORDS)
def test_a_box_over_words_of_a_scan_is_found(readings: dict[str, Any], name: str) -> None:
    said = ["a box over the scanned page; the picture below is still in the file"]
    assert found(readings, name) == [("covered_text", 2, said)]


def test_boxes_over_one_word_after_the_other_are_counted(readings: dict[str, Any]) -> None:
    said = ["3 boxes over the scanned page; the picture below is still in the file"]
    assert found(readings, "word by word") == [("covered_text", 2, said)]


@pytest.mark.parametrize("name", OVER_NOTHING)
def test_what_covers_nothing_of_a_scan_is_no_finding(readings: dict[str, Any], name: str) -> None:
    assert found(readings, name) == []


def test_a_face_under_a_mark_is_found_and_no_cleaned_copy_shows_it() -> None:
    data = drawn(face_under_a_square_somebody_drew)
    (reading,) = read_many({"": data}).values()
    assert isinstance(reading, Reading)
    assert {"comments", "covered_picture"} <= {str(one.check) for one in reading.found}
    (place,) = run_many("clean", {"": data}, "", "").values()
    assert (place / "refused").read_text(encoding="utf-8") == (
        "On page 2, a comment or mark lies over a picture. Without it the picture would show. "
        "Blacken the picture itself and make the file anew."
    )
    assert not (place / "cleaned.pdf").exists()


def test_bytes_behind_the_end_are_named() -> None:
    data = scanned("2") + b"\nSent by Alex Sampleperson\n"
    (reading,) = read_many({"": data}).values()
    assert isinstance(reading, Reading)
    details = [one.details for one in reading.found if one.check == "program_data"]
    assert details == [["25 bytes behind the end of the file"]]
