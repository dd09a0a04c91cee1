"""What is read of a Word document: what somebody sees on paper, and nothing else of the file."""

import json
from pathlib import Path
from typing import Any

import pytest

from reviews.pdf import word_document
from reviews.pdf.report import Refused
from reviews.pdf.word_document import read_word
from tests.word_files import item, paragraph, run, table, word_file

SECRET = "Robin Sampleperson"
DOCUMENT = "word/document.xml"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def blocks_of(data: bytes, folder: Path) -> list[Any]:
    source = folder / "file.docx"
    source.write_bytes(data)
    read_word(source, folder)
    found: list[Any] = json.loads((folder / "word.json").read_text())
    return found


def short(block: Any) -> tuple[Any, ...]:
    if block["kind"] == "table":
        return "table", block["has_heading"], block["rows"]
    return (block["kind"], block["level"], block["text"])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (paragraph("One ", "two."), [("paragraph", 0, "One two.")]),
        (paragraph("Name", style="Title"), [("heading", 2, "Name")]),
        (paragraph("First", style="Heading1"), [("heading", 2, "First")]),
        (paragraph("Second", style="Heading2"), [("heading", 3, "Second")]),
        (paragraph("Fifth", style="Heading5"), [("heading", 4, "Fifth")]),
        (item("One") + item("Two"), [("item", 0, "One"), ("item", 0, "Two")]),
        (
            item("One") + item("Within", 1) + item("Two"),
            [("item", 0, "One"), ("item", 0, "Within"), ("item", 0, "Two")],
        ),
        (
            table(["Agency", "Saw"], ["School", "3"], heading=True),
            [("table", True, [[["Agency"], ["Saw"]], [["School"], ["3"]]])],
        ),
        (table(["A", "B"], ["C"]), [("table", False, [[["A"], ["B"]], [["C"], []]])]),
        (table(["A box around text."]), [("paragraph", 0, "A box around text.")]),
        (
            paragraph(run("One"), "<w:r><w:br/></w:r>", run("line")),
            [("paragraph", 0, "One line")],
        ),
        (paragraph("  ") + paragraph("One"), [("paragraph", 0, "One")]),
        (
            f"<w:sdt><w:sdtContent>{paragraph('In a control')}</w:sdtContent></w:sdt>",
            [("paragraph", 0, "In a control")],
        ),
    ],
)
def test_what_somebody_sees_is_read_as_what_it_is(
    tmp_path: Path, body: str, expected: list[Any]
) -> None:
    assert [short(block) for block in blocks_of(word_file(body), tmp_path)] == expected


def test_notes_come_with_their_numbers(tmp_path: Path) -> None:
    body = paragraph(run("Seen"), '<w:r><w:footnoteReference w:id="4"/></w:r>')
    notes = f'<w:footnote w:id="4">{paragraph("On Monday.")}</w:footnote>'
    found = [short(block) for block in blocks_of(word_file(body, notes=notes), tmp_path)]
    assert found == [("paragraph", 0, "Seen[1]"), ("note", 0, "[1] On Monday.")]


PICTURE = f'<w:r><w:drawing><wp:docPr xmlns:wp="x" descr="{SECRET}"/></w:drawing></w:r>'
UNSEEN = {
    "hidden run": paragraph(run(SECRET, "<w:vanish/>")),
    "hidden by its style": paragraph(SECRET, style="Unseen"),
    "hidden by what its style builds on": paragraph(SECRET, style="AsUnseen"),
    "hidden by the style of a run": paragraph(run(SECRET, '<w:rStyle w:val="UnseenRun"/>')),
    "hidden for good": paragraph(run(SECRET, "<w:specVanish/>")),
    "hidden row": table([SECRET, "x"], ["A", "B"]).replace(
        "<w:tr>", "<w:tr><w:trPr><w:hidden/></w:trPr>", 1
    ),
    "picture": paragraph(PICTURE),
    "comment": paragraph('<w:r><w:commentReference w:id="1"/></w:r>'),
    "code of a field": paragraph(f"<w:r><w:instrText>AUTHOR {SECRET}</w:instrText></w:r>"),
    "hidden note": paragraph('<w:r><w:footnoteReference w:id="4"/></w:r>'),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_what_nobody_sees_is_not_read(tmp_path: Path, name: str) -> None:
    hidden = run(SECRET, "<w:vanish/>")
    data = word_file(
        paragraph("Seen."),
        UNSEEN[name],
        notes=f'<w:footnote w:id="4">{paragraph(hidden)}</w:footnote>',
        more={
            "docProps/core.xml": f"<x>{SECRET}</x>",
            "word/comments.xml": f"<w:comments {W}>{SECRET}</w:comments>",
            "word/header1.xml": f"<w:hdr {W}>{paragraph(SECRET)}</w:hdr>",
            "mammoth/style-map": "p => h1",
        },
    )
    blocks = blocks_of(data, tmp_path)
    assert SECRET not in json.dumps(blocks)
    assert short(blocks[0]) == ("paragraph", 0, "Seen.")


@pytest.mark.parametrize("off", ["0", "false", "off"])
def test_what_says_that_it_is_not_hidden_is_read(tmp_path: Path, off: str) -> None:
    data = word_file(paragraph(run("Seen.", f'<w:vanish w:val="{off}"/>')))
    assert [block["text"] for block in blocks_of(data, tmp_path)] == ["Seen."]


CHANGED = "<w:{0} w:id='1' w:author='Jo'>{1}</w:{0}>"
ENTITY = f'<!DOCTYPE x [<!ENTITY a "aa">]><w:document {W}><w:body/></w:document>'
OTHER_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
)
REFUSED = {
    "no zip": (b"Dear Jo", "not a Word document"),
    "empty": (b"", "not a Word document"),
    "older or protected": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "password"),
    "another package": (word_file(more={"_rels/.rels": "<x/>"}), "not a Word document"),
    "inserted": (word_file(paragraph(CHANGED.format("ins", run("x")))), "tracked changes"),
    "deleted": (word_file(paragraph(CHANGED.format("del", run("x")))), "tracked changes"),
    "moved": (word_file(paragraph(CHANGED.format("moveTo", run("x")))), "tracked changes"),
    "deleted mark": (
        word_file(paragraph("x", more="<w:rPr><w:del w:id='1'/></w:rPr>")),
        "tracked changes",
    ),
    "macros": (word_file(paragraph("x"), more={"word/vbaProject.bin": b"x"}), "macros"),
    "kind with macros": (
        word_file(paragraph("x"), more={"[Content_Types].xml": OTHER_TYPES}),
        "macros",
    ),
    "entities": (word_file(more={DOCUMENT: ENTITY}), "damaged"),
    "broken": (word_file(more={DOCUMENT: "<w:document"}), "damaged"),
    "no text": (word_file(), "no text"),
    "a bomb": (word_file(more={DOCUMENT: b"0" * 31 * 1024 * 1024}), "more text"),
    "very many members": (
        word_file(paragraph("x"), more={f"word/{n}.xml": "" for n in range(5_001)}),
        "more text",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_trusted_is_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    data, reason = REFUSED[name]
    with pytest.raises(Refused, match=reason):
        blocks_of(data, tmp_path)
    assert not (tmp_path / "word.json").exists()


def test_too_many_blocks_are_no_report(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(word_document, "MOST_BLOCKS", 1)
    with pytest.raises(Refused, match="more text"):
        blocks_of(word_file(paragraph("One"), paragraph("Two")), tmp_path)
