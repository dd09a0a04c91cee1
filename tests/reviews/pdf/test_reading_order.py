"""Order of what a page says, where the file draws it in another."""

import pytest

from tests.reviews.pdf.letters import FULL, only_page, texts

TITLE = {"size": 20.0}

# The lines in the order of the file, and beginnings of what is said in that of reading.
DRAWN = {
    "the title last": ([FULL, FULL, ("Findings", {"at": 60.0, **TITLE})], ["Findings", "The"]),
    "a cover from its foot": (
        [
            ("Published in July", {"at": 700.0}),
            ("Volume 1", {"at": 540.0, "size": 16.0}),
            ("Child Q", {"at": 300.0, "size": 40.0}),
        ],
        ["Child Q", "Volume 1", "Published"],
    ),
    "a cover of which a run goes down past others": (
        [
            ("Volume 1", {"at": 540.0}),
            ("Child Q", {"at": 300.0}),
            "A review",
            ("HC 19", {"at": 700.0}),
        ],
        ["Child Q", "A review", "Volume 1", "HC 19"],
    ),
    "two lines above a list": (
        ["Summary\t4", "Findings\t7", ("Contents", {"at": 60.0}), ("Page", {"at": 80.0})],
        ["Contents", "Page", "Summary", "Findings"],
    ),
    "a heading between two paragraphs": (
        [FULL, 60, FULL, ("Next steps", {"at": 140.0, **TITLE})],
        ["The", "Next steps", "The"],
    ),
    "a note before the text": (
        [("¹ Ibid.", {"at": 700.0, "size": 8.0}), (FULL + "¹ of it.", {"at": 100.0}), FULL],
        ["The", "1 Ibid."],
    ),
    "a sentence at the head of the page": (
        [("Second part.", {"at": 300.0}), ("First part.", {"at": 100.0})],
        ["First part.", "Second part."],
    ),
}

KEPT = {
    "two columns": (
        ["Left one.", "Left.", ("Right one.", {"at": 100.0, "left": 330.0})],
        ["Left one.", "Left.", "Right one."],
    ),
    "two columns, the right one first": (
        [("Right one.", {"left": 330.0}), "Right.", ("Left one.", {"at": 100.0})],
        ["Right one.", "Right.", "Left one."],
    ),
    "a box beside the end of a column": (
        [("Left text.", {"at": 400.0}), ("In a box.", {"at": 200.0, "left": 400.0})],
        ["Left text.", "In a box."],
    ),
    "a line beside others": (
        ["One.", 40, "Two.", ("Beside.", {"at": 100.0, "left": 330.0})],
        ["One.", "Two.", "Beside."],
    ),
    "from the head to the foot": ([FULL, 60, ("Last words.", {})], ["The", "Last words."]),
    "a column of which each line has one beside it": (
        ["One.", "Two.", ("A.", {"at": 100.0, "left": 330.0}), ("B.", {"left": 330.0})],
        ["One.", "Two.", "A.", "B."],
    ),
}


@pytest.mark.parametrize(("drawn", "wanted"), [*DRAWN.values(), *KEPT.values()])
def test_what_stands_alone_at_its_height_is_read_where_it_stands(drawn, wanted) -> None:
    said = " ".join(texts(only_page(*drawn)))
    at = 0
    for start in wanted:
        at = said.find(start, at) + len(start)
        assert at >= len(start), said
