"""The form of staff in which a page is put right: nothing is lost, and nothing slips in."""

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from lxml.html import document_fromstring

from mscp.models import Autosave, PendingChange
from mscp.publishing.gate import State
from reviews.documents.correcting import MOST_OPEN, CorrectionForm
from reviews.models import Document, DocumentPage, PageCorrection
from tests.factories import (
    make_correction,
    make_document,
    make_file,
    make_picture,
    make_report,
    make_review,
    paragraph,
)
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db

TABLE = {
    **paragraph("Table 1: Who saw what"),
    "kind": "table",
    "rows": [[["Agency"], ["Saw"]], [["School"], ["3"]]],
    "has_heading": True,
}
FIGURE = {
    **paragraph("Figure 1: Who knew"),
    "kind": "figure",
    "parts": [paragraph("20 %")],
    "area": [0.1, 0.1, 0.9, 0.5],
}


def document_of(*pages: Any, state: State = State.DRAFT, make: Any = make_review) -> Document:
    file = make_file(b"%PDF-1.4", pages=["x"] * len(pages))
    for number, blocks in enumerate(pages, 1):
        blocks = [paragraph(one) if isinstance(one, str) else one for one in blocks]
        text = "\n".join(str(block["text"]) for block in blocks)
        rows = DocumentPage.objects.filter(file=file, number=number)
        rows.update(blocks=blocks, text=text)
    return make_document(make(title="Oak", state=state), title="The report", file=file)


def form_of(document: Document, number: int = 1) -> str:
    assert document.file
    return f"/admin/reviews/documentfile/{document.file.uid}/pages/{number}/"


def fields_of(response: Any) -> dict[str, Any]:
    """Return what a browser would send, with each value of a name that comes often."""
    page = document_fromstring(response.content)
    found: dict[str, list[str]] = {}
    for field in page.get_element_by_id("correct_form").iter("input", "select", "textarea"):
        name, kind = field.get("name"), field.get("type", "")
        if not name or kind == "submit" or (kind == "checkbox" and "checked" not in field.attrib):
            continue
        value = field.get("value", "")
        if field.tag == "textarea":
            value = (field.text or "").lstrip("\n")
        if field.tag == "select":
            value = next(o.get("value", "") for o in field if "selected" in o.attrib)
        found.setdefault(name, []).append(value)
    return found


def send(client: Client, document: Document, **changes: Any) -> Any:
    """Open the form, change fields (``__`` for ``-``), and save."""
    return again(client, document, client.get(form_of(document)), **changes)


def again(client: Client, document: Document, response: Any, **changes: Any) -> Any:
    named = {name.replace("__", "-"): value for name, value in changes.items()}
    return client.post(form_of(document), {**fields_of(response), **named})


def agree(client: Client, document: Document, response: Any) -> Any:
    """Send a page again, with a tick that its words are right."""
    page = document_fromstring(response.content)
    tick = page.get_element_by_id("id_agreed").get("value")
    return again(client, document, response, agreed__was=tick)


def blocks_of(document: Document) -> list[Any]:
    page = DocumentPage.objects.get(file=document.file, number=1)
    return [{k: v for k, v in block.items() if k != "read_from"} for block in page.blocks]


def texts(document: Document) -> list[str]:
    return [block["text"] for block in blocks_of(document)]


# --- what can be put right -----------------------------------------------------------------------


def test_a_page_leads_to_its_form_for_staff_and_for_nobody_else(
    editor: Client, publisher: Client
) -> None:
    document = document_of(["One."], ["Two."], state=State.PUBLISHED)
    link = form_of(document, 2)
    assert link in publisher.get(document.reading_address).content.decode()
    for other in (editor, Client()):
        assert "Correct this page" not in text_of(other.get(document.reading_address))
        assert other.get(link).status_code in (302, 403)
    draft = document_of(["One."])
    assert "Correct this page" in text_of(editor.get(draft.reading_address))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"b0__text": "One  heron."}, ["One heron.", "Two."]),
        ({"b0__kind": "2"}, [("heading", 2, "One heron."), "Two."]),
        ({"b1__kind": "4"}, ["One heron.", ("heading", 4, "Two.")]),
        ({"b1__kind": "5"}, ["One heron.", ("item", 0, "Two.")]),
        ({"b1__kind": "6"}, ["One heron.", ("note", 0, "Two.")]),
        ({"b1__out": "1"}, ["One heron."]),
        ({"block": ["1", "0"]}, ["Two.", "One heron."]),
        ({"b0__text": "One\r\n\r\nheron."}, ["One", "heron.", "Two."]),
        (
            {"b0__kind": "5", "b0__text": "One\nheron."},
            [("item", 0, "One"), ("item", 0, "heron."), "Two."],
        ),
        ({"b0__text": "One her\u202eon."}, ["One heron.", "Two."]),
    ],
)  # fmt: skip
def test_words_kinds_and_order_are_corrected(
    editor: Client, typed: dict[str, Any], expected: list[Any]
) -> None:
    document = document_of(["One heron.", "Two."])
    response = send(editor, document, **typed)
    assert response.status_code == 302, text_of(response)
    found = [
        block["text"]
        if block["kind"] == "paragraph"
        else (block["kind"], block["level"], block["text"])
        for block in blocks_of(document)
    ]
    assert found == expected


def test_a_form_that_changes_nothing_saves_nothing(editor: Client) -> None:
    document = document_of(["One   heron.", TABLE, FIGURE, {**paragraph("of it."), "more": 1}])
    before = blocks_of(document)
    response = send(editor, document)
    assert response.status_code == 302
    assert blocks_of(document) == before
    page = DocumentPage.objects.get(file=document.file)
    assert page.corrected_at is None
    assert "Nothing was changed" in text_of(editor.get(response.url))


def test_a_table_is_corrected_by_its_cells(editor: Client) -> None:
    document = document_of([TABLE])
    page = send(editor, document, **{"b0-cell-1-0": "Schools", "b0-heading": []})
    assert "Schools" in text_of(page) and page.status_code == 400
    assert agree(editor, document, page).status_code == 302
    (table,) = blocks_of(document)
    assert table["rows"] == [[["Agency"], ["Saw"]], [["Schools"], ["3"]]]
    assert table["has_heading"] is False


OF_YEARS = {
    **TABLE,
    "rows": [[["Area"], ["Year"]], [["2019"], ["2020"]], [["North"], ["1"], ["2"]]],
    "spans": [[[2, 1], [1, 2]], [[1, 1], [1, 1]], [[1, 1], [1, 1], [1, 1]]],
    "heading_rows": 2,
    "has_row_headings": True,
}


@pytest.mark.parametrize(
    ("changed", "rows"),
    [
        ({}, OF_YEARS["rows"]),
        (
            {"b0-cell-2-2": "3"},
            [[["Area"], ["Year"]], [["2019"], ["2020"]], [["North"], ["1"], ["3"]]],
        ),
        ({"b0-cell-0-1": ""}, [[["Area"], []], [["2019"], ["2020"]], [["North"], ["1"], ["2"]]]),
    ],
)
def test_cells_over_several_rows_and_columns_stay_so_when_words_change(
    editor: Client, changed: dict[str, str], rows: Any
) -> None:
    document = document_of([OF_YEARS])
    page = send(editor, document, **changed)
    if changed:
        assert agree(editor, document, page).status_code == 302
    assert blocks_of(document) == [{**OF_YEARS, "rows": rows}]


def test_a_table_of_another_size_has_a_cell_for_each_row_and_column(editor: Client) -> None:
    document = document_of([OF_YEARS])
    page = send(editor, document, **{"b0-cell-0-2": "Both"})
    assert agree(editor, document, page).status_code == 302
    (table,) = blocks_of(document)
    assert table["rows"] == [
        [["Area"], ["Year"], ["Both"]],
        [[], ["2019"], ["2020"]],
        [["North"], ["1"], ["2"]],
    ]
    assert "spans" not in table


@pytest.mark.parametrize(
    ("button", "rows"),
    [
        ("add-row 0", ["Agency|Saw", "School|3", "|"]),
        ("add-row 0 0", ["Agency|Saw", "|", "School|3"]),
        ("add-column 0", ["Agency|Saw|", "School|3|"]),
        ("take-row 0 0", ["School|3"]),
        ("take-column 0 1", ["Agency", "School"]),
        ("take-row 0 9", ["Agency|Saw", "School|3"]),
        ("take-column 0 x", ["Agency|Saw", "School|3"]),
    ],
)
def test_rows_and_columns_come_and_go_by_buttons_that_save_nothing(
    editor: Client, button: str, rows: list[str]
) -> None:
    document = document_of([TABLE])
    page = send(editor, document, press=button)
    assert page.status_code == 200
    sent = fields_of(page)
    width = int(sent["b0-columns-was"][0])
    found = [
        "|".join(sent[f"b0-cell-{row}-{column}"][0] for column in range(width))
        for row in range(int(sent["b0-rows-was"][0]))
    ]
    assert found == rows
    assert blocks_of(document) == [TABLE]


def test_a_figure_gets_other_words_for_who_cannot_see_it_and_no_crumbs(editor: Client) -> None:
    document = document_of([FIGURE])
    assert document.file
    make_picture(document.file)
    typed = {"b0-alt": "Two of ten knew", "b0-no-words": "1", "picture-alt": "A chart"}
    assert send(editor, document, **typed).status_code == 302
    (figure,) = blocks_of(document)
    assert (figure["alt"], figure["parts"], figure["area"]) == (typed["b0-alt"], [], FIGURE["area"])
    content = editor.get(document.reading_address).content.decode()
    assert 'alt="Two of ten knew"' in content and 'aria-label="Two of ten knew"' in content
    assert 'alt="A chart"' in content and "20 %" not in content


@pytest.mark.parametrize(
    ("button", "order"),
    [
        ("up 1", ["1", "0", "2"]),
        ("down 1", ["0", "2", "1"]),
        ("up 0", ["0", "1", "2"]),
        ("down 2", ["0", "1", "2"]),
        ("text 0", ["0", "3", "1", "2"]),
        ("text", ["3", "0", "1", "2"]),
        ("table 2", ["0", "1", "2", "3"]),
    ],
)
def test_buttons_move_and_add_without_saving_and_keep_what_was_typed(
    editor: Client, button: str, order: list[str]
) -> None:
    document = document_of(["One.", "Two.", "Three."])
    page = send(editor, document, b1__text="Two herons", press=button)
    assert page.status_code == 200
    sent = fields_of(page)
    assert sent["block"] == order and sent["b1-text"] == ["Two herons"]
    assert texts(document) == ["One.", "Two.", "Three."]
    assert_valid(page)


def test_what_was_added_is_saved_at_its_place(editor: Client) -> None:
    document = document_of(["One.", "Two."])
    page = send(editor, document, press="text 0")
    page = again(editor, document, page, b2__text="Added.")
    assert "Added." in text_of(page)
    assert agree(editor, document, page).status_code == 302
    assert texts(document) == ["One.", "Added.", "Two."]


def test_a_figure_that_is_read_as_none_any_more_stays_in_its_correction(editor: Client) -> None:
    document = document_of(["One her on."])
    assert document.file
    make_correction(document.file, 1, [paragraph("One heron."), FIGURE])
    page = send(editor, document, **{"b1-alt": "Two of ten knew"})
    assert page.status_code == 400
    agree(editor, document, page)
    found = [block for block in blocks_of(document) if block["kind"] == "figure"]
    assert found == [{**FIGURE, "alt": "Two of ten knew"}]


def test_what_was_left_out_stays_in_the_form_to_be_put_back(editor: Client) -> None:
    document = document_of(["One.", "Two.", "Three."])
    send(editor, document, b1__out="1")
    assert texts(document) == ["One.", "Three."]
    page = editor.get(form_of(document))
    assert fields_of(page)["b1-text"] == ["Two."]
    again(editor, document, page, b1__out=[])
    assert texts(document) == ["One.", "Two.", "Three."]
    assert DocumentPage.objects.get(file=document.file).corrected_at is None


# --- nothing slips in ----------------------------------------------------------------------------

SENTENCE = "The child was seen by the health visitor on Monday, and nobody asked the school."


@pytest.mark.parametrize(
    ("typed", "warning"),
    [
        (SENTENCE.replace("was seen", "was not seen"), "not"),
        (SENTENCE.replace("nobody", "everybody"), "everybody"),
        (SENTENCE.replace("by the health visitor ", ""), "by the health visitor"),
        (SENTENCE.replace("Monday", "Friday"), "Friday"),
        (SENTENCE + " The father was there.", "The father was there."),
        ("The mother left. " + SENTENCE, "The mother left."),
        (SENTENCE.replace("nobody asked the school", "the school asked nobody"), "nobody"),
        (SENTENCE.replace(" health", ""), "health"),
    ],
)
def test_words_that_the_pdf_does_not_have_are_told_and_need_a_tick(
    editor: Client, typed: str, warning: str
) -> None:
    document = document_of([SENTENCE])
    page = send(editor, document, b0__text=typed)
    assert page.status_code == 400
    tree = document_fromstring(page.content)
    marked = [one.text_content() for tag in ("ins", "del") for one in tree.iter(tag)]
    assert any(warning in one for one in marked)
    assert texts(document) == [SENTENCE]
    assert agree(editor, document, page).status_code == 302
    assert texts(document) == [" ".join(typed.split())]


def test_a_tick_is_for_the_words_that_were_shown_and_no_others(editor: Client) -> None:
    document = document_of([SENTENCE])
    page = send(editor, document, b0__text=SENTENCE + " He was there.")
    tick = document_fromstring(page.content).get_element_by_id("id_agreed").get("value")
    page = again(editor, document, page, agreed__was=tick, b0__text=SENTENCE + " She was there.")
    assert page.status_code == 400
    assert texts(document) == [SENTENCE]


@pytest.mark.parametrize(
    ("read", "typed"),
    [
        (["The safe guarding team met."], ["The safeguarding team met."]),
        (["the childrens’ home"], ["The children’s home"]),
        (["One two three four five.", "Six seven."], ["Six seven.", "One two three four five."]),
        (["A text that is cut", "in two by a line."], ["A text that is cut in two by a line."]),
        (["Multi- agency work"], ["Multi-agency work"]),
        (["ﬁle of the child"], ["file of the child"]),
    ],
)  # fmt: skip
def test_what_only_reads_better_needs_none(
    editor: Client, read: list[str], typed: list[str]
) -> None:
    document = document_of(read)
    changes = {f"b{number}-text": text for number, text in enumerate(typed)}
    out = {f"b{number}-text": "" for number in range(len(typed), len(read))}
    assert send(editor, document, **changes, **out).status_code == 302
    assert texts(document) == typed


def test_words_of_the_page_before_are_no_news(editor: Client) -> None:
    document = document_of(["The child was seen"], ["by nobody at all that day."])
    page = send(editor, document, b0__text="The child was seen by nobody at all that day.")
    assert page.status_code == 302


# --- nothing is lost -----------------------------------------------------------------------------


def test_two_who_save_at_once_see_both_texts(editor: Client, publisher: Client) -> None:
    document = document_of(["One her on."])
    opened = editor.get(form_of(document))
    send(publisher, document, b0__text="One heron.")
    page = again(editor, document, opened, b0__text="Oneheron.")
    assert page.status_code == 409
    text = text_of(page)
    assert "pat saved this page while you had it open" in text and "One heron." in text
    assert fields_of(page)["b0-text"] == ["Oneheron."]
    assert texts(document) == ["One heron."]
    assert_valid(page)
    again(editor, document, page)
    assert texts(document) == ["Oneheron."]


@pytest.mark.parametrize("field", ["b0-text", "b0-alt", "picture-alt"])
def test_too_long_a_text_is_refused_with_all_of_it_in_the_form(editor: Client, field: str) -> None:
    document = document_of([FIGURE])
    long = "heron " * 4000
    page = send(editor, document, **{field: long})
    assert page.status_code == 400
    assert fields_of(page)[field] == [long.strip()]
    assert "shorten it" in text_of(page)


def test_what_was_typed_and_not_saved_comes_back_into_the_form(editor: Client) -> None:
    document = document_of(["One.", "Two."])
    opened = fields_of(editor.get(form_of(document)))
    editor.post("/admin/autosave/", {**opened, "b1-text": "Two herons", "b0-kind": "3"})
    kept = Autosave.objects.get()
    filled = fields_of(editor.get(kept.way_back))
    assert filled["b1-text"] == ["Two herons"] and filled["b0-kind"] == ["3"]


def test_a_form_that_was_shown_again_leaves_nothing_unsaved_once_it_is_saved(
    editor: Client,
) -> None:
    document = document_of(["One.", "Two."])
    page = editor.get(form_of(document))
    editor.post("/admin/autosave/", {**fields_of(page), "b1-text": "Tw o."})
    page = again(editor, document, page, b1__text="Tw o.", press="up 1")
    again(editor, document, page)
    assert not Autosave.objects.exclude(data="").exists()


# --- taking back ---------------------------------------------------------------------------------


def test_a_correction_is_taken_back_and_put_back(editor: Client) -> None:
    document = document_of(["One her on."])
    send(editor, document, b0__text="One heron.")
    page = editor.get(form_of(document))
    assert_valid(page)
    assert "ed" in text_of(page) and "Put back what was read" in text_of(page)
    address = f"{form_of(document)}put-back/"
    assert editor.post(address, {"version": "read"}).status_code == 302
    assert texts(document) == ["One her on."]
    history = PageCorrection.history.filter(blocks__isnull=False)
    editor.post(address, {"version": str(history.get().pk)})
    assert texts(document) == ["One heron."]
    assert editor.post(address, {"version": "9" * 30}).status_code == 404
    assert editor.post(address, {"version": "x"}).status_code == 404


@pytest.mark.parametrize("number", [0, 3, 10**18])
def test_a_page_that_is_not_there_has_no_form(editor: Client, number: int) -> None:
    document = document_of(["One."], ["Two."])
    assert editor.get(form_of(document, number)).status_code == 404


# --- two people ----------------------------------------------------------------------------------


def test_where_two_are_needed_a_correction_of_what_is_live_waits(
    publisher: Client, administrator: Client, settings: Any
) -> None:
    document = document_of(["One her on."], state=State.PUBLISHED)
    settings.TWO_PEOPLE = True
    response = send(publisher, document, b0__text="One heron.")
    change = PendingChange.objects.get()
    assert response.url == f"/admin/mscp/pendingchange/{change.pk}/change/"
    assert texts(document) == ["One her on."]
    page = text_of(administrator.get(response.url))
    assert "heron" in page and "read_from" not in page, page
    waits = text_of(publisher.get(form_of(document)))
    assert "waits for a second person" in waits
    refused = send(publisher, document, b0__text="Oneheron.")
    assert refused.status_code == 400 and fields_of(refused)["b0-text"] == ["Oneheron."]
    decide = f"/admin/mscp/pendingchange/{change.pk}/decide/"
    publisher.post(decide, {"confirm": "x"})
    assert texts(document) == ["One her on."]
    administrator.post(decide, {"confirm": "x"})
    assert texts(document) == ["One heron."]


def test_who_may_not_publish_confirms_no_correction_of_what_is_live(
    publisher: Client, editor: Client, settings: Any
) -> None:
    document = document_of(["One her on."], state=State.PUBLISHED)
    settings.TWO_PEOPLE = True
    send(publisher, document, b0__text="One heron.")
    change = PendingChange.objects.get()
    address = f"/admin/mscp/pendingchange/{change.pk}/decide/"
    assert editor.post(address, {"confirm": "x"}).status_code == 403
    assert texts(document) == ["One her on."]


def test_a_change_of_what_a_text_is_is_told_to_who_confirms_it(
    publisher: Client, administrator: Client, settings: Any
) -> None:
    document = document_of(["One heron.", TABLE], state=State.PUBLISHED)
    settings.TWO_PEOPLE = True
    response = send(publisher, document, b0__kind="3", b1__heading=[])
    shown = text_of(administrator.get(response.url))
    assert "Heading 3 :" in shown or "Heading 3:" in shown
    assert "The first row says what each column is." in shown


def test_a_draft_needs_nobody_else(editor: Client, settings: Any) -> None:
    settings.TWO_PEOPLE = True
    document = document_of(["One her on."], make=make_report)
    assert send(editor, document, b0__text="One heron.").status_code == 302
    assert texts(document) == ["One heron."]


# --- a new file ----------------------------------------------------------------------------------


def replaced(document: Document, *pages: Any) -> Document:
    """Give a document another file, and return it as it is then."""
    other = document_of(*pages)
    file = other.file
    assert file
    file.document = document
    file.save()
    other.delete()
    document.file = file
    document.save()
    return Document.objects.get(pk=document.pk)


def test_corrections_of_the_file_before_are_taken_over_where_the_same_block_is(
    editor: Client,
) -> None:
    document = document_of(["One her on.", "Two.", "Crumb", "Other"], ["Three."])
    blocks = [paragraph("One heron."), paragraph("Two."), paragraph("Others"), paragraph("New.")]
    for place, block in zip((0, 1, 3), blocks, strict=False):
        block["read_from"] = place
    make_correction(document.file, 1, blocks)
    document = replaced(document, ["Zero."], ["One her on.", "Crumb", "Four."])
    assert texts(document) == ["Zero."]
    assert document.file
    here = f"/admin/reviews/documentfile/{document.file.uid}/corrections-before/"
    assert here in editor.get(form_of(document)).content.decode()
    page = editor.get(here)
    assert_valid(page)
    text = text_of(page)
    assert "page 2 of this one" in text and "It was added by hand." in text
    assert "does not have the same words in one place" in text
    tree = document_fromstring(page.content)
    keys = [one.get("value") for one in tree.iter("input") if one.get("name") == "take"]
    assert len(keys) == 2
    assert "Tick what is to be" in text_of(editor.post(here, follow=True))
    response = editor.post(here, {"take": keys}, follow=True)
    assert "2 corrections taken over." in text_of(response)
    page_2 = DocumentPage.objects.get(file=document.file, number=2)
    assert [block["text"] for block in page_2.blocks] == ["One heron.", "Four."]
    assert "was corrected here already" in text_of(editor.get(here))


def test_a_document_without_an_earlier_file_has_nothing_to_take_over(editor: Client) -> None:
    document = document_of(["One."])
    assert document.file
    here = f"/admin/reviews/documentfile/{document.file.uid}/corrections-before/"
    assert "No other file of this document was corrected." in text_of(editor.get(here))


# --- a page of many blocks ------------------------------------------------------------------------


def many(count: int) -> list[Any]:
    return [TABLE, FIGURE, *(f"Text {number}" for number in range(3, count + 1))]


def entries_of(document: Document, sent: dict[str, Any] | None = None) -> dict[str, bool]:
    """Return by key which blocks of the form are folded."""
    query = QueryDict(mutable=True)
    for name, value in (sent or {}).items():
        query.setlist(name, value if isinstance(value, list) else [value])
    page = DocumentPage.objects.get(file=document.file, number=1)
    correction = PageCorrection.objects.filter(file=document.file).first()
    form = CorrectionForm(page, correction, query if sent else None)
    form.unfold_touched()
    return {entry.key: entry.is_folded for entry in form.entries}


def test_a_page_of_few_blocks_is_open_and_one_of_many_shows_how_each_begins(
    editor: Client,
) -> None:
    assert set(entries_of(document_of(many(MOST_OPEN))).values()) == {False}
    document = document_of(many(MOST_OPEN + 1))
    assert set(entries_of(document).values()) == {True}
    response = editor.get(form_of(document))
    assert_valid(response)
    summaries = document_fromstring(response.content).iter("summary")
    said = [summary.text_content() for summary in summaries]
    assert [text for text in said if text.startswith("Open ")][:3] == [
        "Open table 1: Table 1: Who saw what",
        "Open figure 2: Figure 1: Who knew",
        "Open text 3: Text 3",
    ]


TOUCHED = {
    "other words": {"text": "Text three"},
    "another kind": {"kind": "2"},
    "left out": {"out": "1"},
}


@pytest.mark.parametrize("case", TOUCHED)
def test_a_block_that_somebody_touched_stays_open(editor: Client, case: str) -> None:
    document = document_of(many(MOST_OPEN + 1))
    sent = fields_of(editor.get(form_of(document)))
    key = sent["block"][2]
    sent |= {f"b{key}-{name}": value for name, value in TOUCHED[case].items()}
    assert [one for one, folded in entries_of(document, sent).items() if not folded] == [key]


def test_a_cell_that_somebody_changed_is_in_an_open_table(editor: Client) -> None:
    document = document_of(many(MOST_OPEN + 1))
    sent = fields_of(editor.get(form_of(document)))
    key = sent["block"][0]
    sent[f"b{key}-cell-1-1"] = "4"
    assert [one for one, folded in entries_of(document, sent).items() if not folded] == [key]


def test_a_block_that_was_corrected_or_added_is_open() -> None:
    document = document_of(many(MOST_OPEN + 1))
    read = DocumentPage.objects.get(file=document.file, number=1).blocks
    blocks = [{**block, "read_from": place} for place, block in enumerate(read)]
    blocks[3]["text"] = "Text four"
    blocks.insert(6, paragraph("Added"))
    make_correction(document.file, 1, blocks)
    assert list(entries_of(document).values()).count(False) == 2
