"""Pictures that no page shows, or hardly: cropped, pushed off the page, tiny, or never drawn."""

from typing import Any

import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

from reviews.pdf.report import Reading
from tests.pdfs import pictures
from tests.pdfs.builder import HEIGHT, SECRET, WIDTH, Canvas, drawn, line
from tests.reviews.reading_many import read_many


def face(c: Canvas, jpeg: bytes | None = None, size: tuple[int, int] = (200, 200)) -> str:
    return c.picture(jpeg or pictures.face(), size)


def at(name: str, x: float, y: float, w: float = 200, h: float = 200) -> str:
    return f"q {w} 0 0 {h} {x} {y} cm {name} Do Q"


def photo_off_the_page(c: Canvas) -> None:
    c.artifact(at(face(c), WIDTH + 20, 300))


def photo_mostly_off_the_page(c: Canvas) -> None:
    c.artifact(at(face(c), WIDTH - 40, 300))


def photo_cropped_in_a_frame(c: Canvas) -> None:
    """As Word and PowerPoint crop: the whole picture is in the file."""
    c.artifact(f"q 100 300 200 40 re W n {at(face(c), 100, 300)} Q")


def photo_turned_and_cropped(c: Canvas) -> None:
    c.artifact(f"q 100 300 40 200 re W n 0 200 -200 0 300 300 cm {face(c)} Do Q")


def photo_cropped_by_its_form(c: Canvas) -> None:
    form = _form(c, at(face(c), 100, 300))
    c.page.Resources.XObject[form].BBox = Array([100, 300, 300, 340])
    c.artifact(f"q {form} Do Q")


def photo_in_a_form_that_is_clipped(c: Canvas) -> None:
    form = _form(c, at(face(c), 100, 300))
    c.artifact(f"q 100 300 200 40 re W n {form} Do Q")


def photo_cut_off_with_the_margin(c: Canvas) -> None:
    c.artifact(at(face(c), 100, 0, 200, 100))
    c.page.CropBox = Array([0, 80, WIDTH, HEIGHT])


def photo_cut_off_on_a_turned_page(c: Canvas) -> None:
    photo_cut_off_with_the_margin(c)
    c.page.Rotate = 270


def photo_as_small_as_a_dot(c: Canvas) -> None:
    c.artifact(at(face(c), 100, 300, 0.8, 0.8))


def photo_behind_a_closed_frame(c: Canvas) -> None:
    c.artifact(f"q 10 10 0 0 re W n {at(face(c), 100, 300)} Q")


def photo_that_is_never_drawn(c: Canvas) -> None:
    face(c)


def drawing_with_a_photo_never_drawn(c: Canvas) -> None:
    _form(c, at(face(c), 100, 300))
    del c.page.Resources.XObject["/Photo"]


def _form(c: Canvas, content: str) -> str:
    form = c.form(content)
    drawing = c.page.Resources.XObject[form]
    drawing.Resources = Dictionary(XObject=Dictionary(Photo=c.page.Resources.XObject["/Photo"]))
    return form


UNSEEN = {
    photo_off_the_page: "a picture beyond the edge of its frame or of the page",
    photo_mostly_off_the_page: "a picture of which 20 % can be seen",
    photo_cropped_in_a_frame: "a picture of which 20 % can be seen",
    photo_turned_and_cropped: "a picture of which 20 % can be seen",
    photo_cropped_by_its_form: "a picture of which 20 % can be seen",
    photo_in_a_form_that_is_clipped: "a picture of which 20 % can be seen",
    photo_cut_off_with_the_margin: "a picture of which 20 % can be seen",
    photo_cut_off_on_a_turned_page: "a picture of which 20 % can be seen",
    photo_as_small_as_a_dot: "a picture too small to be seen",
    photo_behind_a_closed_frame: "a picture beyond the edge of its frame or of the page",
    photo_that_is_never_drawn: "a picture that no page draws",
    drawing_with_a_photo_never_drawn: "a picture that no page draws",
}


def picture_that_bleeds_over_the_edge(c: Canvas) -> None:
    c.artifact(at(face(c), WIDTH - 160, 300))


def picture_with_its_margins_cut(c: Canvas) -> None:
    c.artifact(f"q 110 310 150 170 re W n {at(face(c), 100, 300)} Q")


def picture_in_two_parts(c: Canvas) -> None:
    name = face(c)
    c.artifact(f"q 100 300 90 200 re W n {at(name, 100, 300)} Q")
    c.artifact(f"q 190 300 110 200 re W n {at(name, 100, 300)} Q")


def picture_shown_elsewhere_on_the_page(c: Canvas) -> None:
    name = face(c)
    c.artifact(at(name, 100, 300) + f"q 330 300 60 60 re W n {at(name, 330, 300)} Q")


def plain_colour_off_the_page(c: Canvas) -> None:
    name = face(c, pictures.jpeg(Image.new("RGB", (200, 200), "#1d5d5d")))
    c.artifact(at(name, WIDTH + 20, 300))


def photo_in_a_plain_margin_that_is_cut(c: Canvas) -> None:
    image = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(image).ellipse((150, 150, 250, 250), fill="black")
    name = face(c, pictures.jpeg(image), (400, 400))
    c.artifact(f"q 160 360 80 80 re W n {at(name, 100, 300)} Q")


def small_sign_off_the_page(c: Canvas) -> None:
    image = Image.new("RGB", (20, 20), "white")
    ImageDraw.Draw(image).line((0, 0, 20, 20), fill="black")
    c.artifact(at(face(c, pictures.jpeg(image), (20, 20)), WIDTH + 20, 300))


def pictures_of_all_pages_named_by_each(c: Canvas) -> None:
    """Many programs give every page the resources of all."""
    name = face(c)
    first = c.pdf.pages[0]
    first.obj.Resources = Dictionary(first.Resources)
    first.obj.Resources.XObject = c.page.Resources.XObject
    c.artifact(at(name, 100, 300))


def picture_in_the_look_of_a_field(c: Canvas) -> None:
    name = face(c)
    look = c.appearance(f"q 200 0 0 200 0 0 cm {name} Do Q", 200, 200)
    look.N.Resources = Dictionary(XObject=c.page.Resources.XObject)
    c.annotate("PrinterMark", [100, 300, 300, 500], AP=look)


def drawing_of_a_soft_mask(c: Canvas) -> None:
    form = _form(c, at(face(c), 100, 300))
    drawing = c.page.Resources.XObject[form]
    drawing.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceGray)
    soft = Dictionary(Type=Name.Mask, S=Name.Luminosity, G=drawing)
    state = c.resource("ExtGState", "Soft", Dictionary(Type=Name.ExtGState, SMask=soft))
    c.artifact(f"q {state} gs 0.5 g 100 300 200 200 re f Q")


SEEN = [
    picture_that_bleeds_over_the_edge,
    picture_with_its_margins_cut,
    picture_in_two_parts,
    picture_shown_elsewhere_on_the_page,
    plain_colour_off_the_page,
    photo_in_a_plain_margin_that_is_cut,
    small_sign_off_the_page,
    pictures_of_all_pages_named_by_each,
    picture_in_the_look_of_a_field,
    drawing_of_a_soft_mask,
]


# --- texts of drawings that no page draws -------------------------------------------------------


def named_by_a_page(c: Canvas) -> None:
    c.form(line(SECRET))


def named_by_a_drawing_that_is_drawn(c: Canvas) -> None:
    """Not among the resources of the page; its own drawing leaves it out."""
    inner = c.form(line(SECRET))
    outer = c.form(line("Everybody may read this.", y=400))
    objects = c.page.Resources.XObject
    objects[outer].Resources.XObject = Dictionary(Inner=objects[inner])
    del objects[inner]
    c.artifact(f"q {outer} Do Q")


def drawing_within_a_drawing(c: Canvas) -> None:
    inner = c.form(line(SECRET))
    outer = c.form("/Inner Do")
    objects = c.page.Resources.XObject
    objects[outer].Resources = Dictionary(XObject=Dictionary(Inner=objects[inner]))
    del objects[inner]


def drawing_moved_by_its_matrix(c: Canvas) -> None:
    c.form(line(SECRET), Matrix=Array([1, 0, 0, 1, 900, 0]))


def drawing_without_resources_of_its_own(c: Canvas) -> None:
    form = c.form(line(SECRET))
    del c.page.Resources.XObject[form]["/Resources"]


def name_in_a_comment_only(c: Canvas) -> None:
    form = c.form(line(SECRET))
    c.artifact(f"% {form} is not drawn\n")


NEVER_DRAWN = [
    named_by_a_page,
    named_by_a_drawing_that_is_drawn,
    drawing_within_a_drawing,
    drawing_moved_by_its_matrix,
    drawing_without_resources_of_its_own,
    name_in_a_comment_only,
]


def drawn_by_a_form(c: Canvas) -> None:
    inner = c.form(line("Everybody may read this."))
    outer = c.form(f"{inner} Do")
    objects = c.page.Resources.XObject
    objects[outer].Resources = Dictionary(XObject=objects)
    c.artifact(f"q {outer} Do Q")


def drawn_under_a_name_with_a_code(c: Canvas) -> None:
    form = c.form(line("Everybody may read this."))
    c.artifact(f"q /#46{form[2:]} Do Q")


def empty_drawing(c: Canvas) -> None:
    c.form("q Q")


def lines_without_words(c: Canvas) -> None:
    c.form("0 0 m 100 100 l S")


DRAWN = [drawn_by_a_form, drawn_under_a_name_with_a_code, empty_drawing, lines_without_words]


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading | str]:
    draws = [*UNSEEN, *SEEN, *NEVER_DRAWN, *DRAWN]
    return read_many({draw.__name__: drawn(draw) for draw in draws})


def found(readings: dict[str, Any], draw: Any) -> list[tuple[str, int | None, list[str]]]:
    reading = readings[draw.__name__]
    assert isinstance(reading, Reading), reading
    return [(str(one.check), one.page, one.details) for one in reading.found]


@pytest.mark.parametrize("draw", UNSEEN, ids=lambda draw: draw.__name__)
def test_a_picture_that_no_page_shows_is_found(readings: dict[str, Any], draw: Any) -> None:
    assert found(readings, draw) == [("unseen_picture", 2, [UNSEEN[draw]])]


@pytest.mark.parametrize("draw", SEEN, ids=lambda draw: draw.__name__)
def test_a_picture_that_is_shown_is_no_finding(readings: dict[str, Any], draw: Any) -> None:
    assert found(readings, draw) == []


@pytest.mark.parametrize("draw", NEVER_DRAWN, ids=lambda draw: draw.__name__)
def test_words_of_a_drawing_never_drawn_are_found(readings: dict[str, Any], draw: Any) -> None:
    assert found(readings, draw) == [("invisible_text", 2, [SECRET])]


@pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)
def test_a_drawing_that_is_drawn_or_empty_is_no_finding(
    readings: dict[str, Any], draw: Any
) -> None:
    assert found(readings, draw) == []
