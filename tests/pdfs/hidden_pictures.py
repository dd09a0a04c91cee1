"""Pictures that a reader does not see and any program takes out."""

from tests.pdfs import pictures
from tests.pdfs.builder import WIDTH, Canvas, box
from tests.pdfs.hazards import on_page


def _face(c: Canvas, x: float = 100) -> None:
    name = c.picture(pictures.face(), (200, 200))
    c.tagged(f"q 200 0 0 200 {x} 300 cm {name} Do Q", "Figure", Alt="Somebody")


@on_page("covered_picture")
def face_under_a_box(c: Canvas) -> None:
    _face(c)
    c.artifact(box(158, 355, 84, 108))


@on_page("covered_picture")
def photo_under_a_white_box(c: Canvas) -> None:
    _face(c)
    c.artifact(box(90, 290, 220, 220, "1 g"))


@on_page("unseen_picture")
def photo_pushed_off_the_page(c: Canvas) -> None:
    _face(c, WIDTH + 20)


@on_page("unseen_picture")
def photo_left_among_the_resources(c: Canvas) -> None:
    c.picture(pictures.face(), (200, 200))
