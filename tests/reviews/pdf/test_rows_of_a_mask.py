"""Rows of a mask as whole numbers: the same columns that Pillow finds in a picture cut out."""

from random import Random

import pytest
from PIL import Image

from reviews.pdf.hidden_text import Area, _Rows

WIDTH, HEIGHT = 21, 9
AREAS: list[Area] = [
    (0, 0, WIDTH, HEIGHT),
    (0, 0, 1, 1),
    (WIDTH - 1, HEIGHT - 1, WIDTH, HEIGHT),
    (7, 2, 9, 5),
    (8, 0, 16, HEIGHT),
    (3, 4, WIDTH, 5),
]


@pytest.mark.parametrize("share", [0, 0.02, 0.3, 1])
@pytest.mark.parametrize("area", AREAS)
def test_columns_of_an_area_are_those_of_its_picture(area: Area, share: float) -> None:
    random = Random(5)
    mask = Image.new("1", (WIDTH, HEIGHT))
    mask.putdata([random.random() < share for _ in range(WIDTH * HEIGHT)])
    columns = mask.crop(area).convert("L").getprojection()[0]
    assert f"{_Rows(mask).columns(area):b}".zfill(len(columns)) == "".join(map(str, columns))
