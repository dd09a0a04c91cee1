"""Words of a scanned page: staff type them, and they are looked through like all others."""

from typing import Any

import pytest
from django.test import Client
from lxml.html import document_fromstring

from mscp.models import PendingChange
from mscp.publishing.gate import State
from reviews.models import (
    Document,
    DocumentFile,
    DocumentPage,
    PageCorrection,
    WordsFrom,
    keep_pages,
)
from tests.factories import (
    MINIMAL_PDF,
    make_correction,
    make_document,
    make_file,
    make_identity,
    make_picture,
    make_report,
    make_review,
    paragraph,
)
from tests.pages import assert_valid, text_of
from tests.reviews.documents.test_correcting import (
    again,
    agree,
    fields_of,
    form_of,
    send,
    texts,
)

pytestmark = pytest.mark.django_db

SENTENCE = "The zqkestrel was seen by the health visitor on Monday."


def scan(
    pages: int = 2,
    *,
    pdf: bytes = b"%PDF-1.4 scan",
    state: State = State.DRAFT,
    make: Any = make_review,
) -> Document:
    file = make_file(pdf, has_text=False, pages=[""] * pages)
    for number in range(1, pages + 1):
        make_picture(file, number)
    return make_document(make(title="Oak", state=state), title="The scan", file=file)


def type_in(client: Client, document: Document, text: str = SENTENCE, **changes: Any) -> Any:
    """Type words of the first page, and tick that they are right."""
    return agree(client, document, send(client, document, b0__text=text, **changes))


def address(document: Document) -> str:
    return f"/documents/{document.uid}/read/"


def test_the_form_of_a_picture_opens_with_room_for_its_words(editor: Client) -> None:
    document = scan()
    page = editor.get(form_of(document))
    assert_valid(page)
    assert "Type what the picture says, word for word" in text_of(page)
    assert fields_of(page)["b0-text"] == [""]
    assert "read-from" not in page.content.decode()


def test_a_form_of_a_picture_without_words_saves_nothing(editor: Client) -> None:
    document = scan()
    assert send(editor, document).status_code == 302
    assert not document.reading_address
    assert not PageCorrection.objects.exclude(blocks=None).exists()


def test_all_words_are_shown_to_be_compared_and_none_is_saved_without_a_tick(
    editor: Client,
) -> None:
    document = scan()
    page = send(editor, document, b0__text=SENTENCE)
    assert page.status_code == 400
    assert "only you can compare these words with its picture: The zqkestrel was" in text_of(page)
    assert texts(document) == []
    again(editor, document, page, b0__text=SENTENCE + " More.")
    assert texts(document) == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"b0__text": "One.\n\nTwo."}, [("paragraph", "One."), ("paragraph", "Two.")]),
        ({"b0__text": "What we found", "b0__kind": "2"}, [("heading", "What we found")]),
        ({"b0__text": "one\ntwo", "b0__kind": "5"}, [("item", "one"), ("item", "two")]),
        ({"b0__text": "4 Ibid.", "b0__kind": "6"}, [("note", "4 Ibid.")]),
        ({"b0__text": "One\u202e line\nof it"}, [("paragraph", "One line of it")]),
        ({"b0__text": "<b>One</b>"}, [("paragraph", "<b>One</b>")]),
    ],
)
def test_what_is_typed_is_a_page_like_any_other(
    editor: Client, typed: dict[str, Any], expected: list[Any]
) -> None:
    document = scan()
    assert agree(editor, document, send(editor, document, **typed)).status_code == 302
    page = DocumentPage.objects.get(file=document.file, number=1)
    assert [(block["kind"], block["text"]) for block in page.blocks] == expected
    assert page.words_from == WordsFrom.TYPED
    assert page.as_read == {"text": "", "blocks": []}
    response = editor.get(address(document))
    assert_valid(response)
    assert all(text in text_of(response) for _, text in expected)


def test_readers_see_that_they_were_typed_and_which_pages_are_still_pictures() -> None:
    make_identity(name="Anytown Partnership", email="ask@example.org")
    document = scan(state=State.PUBLISHED)
    make_correction(document.file, 1, [paragraph(SENTENCE)], words_from=WordsFrom.TYPED)
    response = Client().get(address(document))
    assert_valid(response)
    said = text_of(response)
    note = "The words of page 1 were typed by Anytown Partnership from the picture of the page on"
    assert note in said and SENTENCE in said
    assert "Text taken from the PDF by machine" not in said
    assert "This PDF is a picture of its pages: it holds no text itself." in said
    assert "No text was found on this page" in said
    assert "To ask for it in another format" in said
    assert "Type the words of this page" not in said


def test_staff_have_a_way_to_each_page_that_is_a_picture(publisher: Client) -> None:
    document = scan(state=State.PUBLISHED)
    for typed in (False, True):
        if typed:
            make_correction(document.file, 1, [paragraph("One.")], words_from=WordsFrom.TYPED)
        response = publisher.get(address(document))
        assert_valid(response)
        assert form_of(document, 2) in response.content.decode()
        assert ("Correct this page" in text_of(response)) is typed
        assert "Type the words of this page : page 2" in text_of(response)


def test_it_is_listed_as_text_found_and_offered_as_soon_as_it_is_typed() -> None:
    document = scan(state=State.PUBLISHED)
    assert document.reading_address == ""
    page = document.publication.get_absolute_url()
    assert address(document) not in Client().get(page).content.decode()
    assert "noindex" in Client().get(address(document)).content.decode()
    assert "Nothing" in text_of(Client().get("/search/?q=zqkestrel"))
    correction = make_correction(
        document.file, 1, [paragraph(SENTENCE)], words_from=WordsFrom.TYPED
    )
    assert address(document) in Client().get(page).content.decode()
    assert "noindex" not in Client().get(address(document)).content.decode()
    found = Client().get("/search/?q=zqkestrel")
    assert "Oak" in text_of(found)
    assert f"{address(document)}?q=zqkestrel" in found.content.decode()
    assert address(document) in Client().get("/sitemap-texts.xml").content.decode()
    correction.blocks, correction.words_from = None, WordsFrom.PDF
    correction.save()
    assert DocumentFile.objects.get().is_typed is False
    assert address(document) not in Client().get(page).content.decode()


def test_a_draft_that_was_typed_is_nowhere_to_be_found() -> None:
    document = scan()
    make_correction(document.file, 1, [paragraph(SENTENCE)], words_from=WordsFrom.TYPED)
    assert Client().get(address(document)).status_code == 404
    assert "Oak" not in text_of(Client().get("/search/?q=zqkestrel"))
    assert address(document) not in Client().get("/sitemap-texts.xml").content.decode()


def test_what_was_typed_is_taken_out_again(editor: Client) -> None:
    document = scan()
    type_in(editor, document)
    page = editor.get(form_of(document))
    assert "Take out all that was typed" in text_of(page)
    assert DocumentFile.objects.get().is_typed
    response = editor.post(f"{form_of(document)}put-back/", {"version": "read"})
    assert response.status_code == 302
    assert texts(document) == [] and not DocumentFile.objects.get().is_typed


@pytest.mark.parametrize(
    "said",
    [
        "His NHS number is 943 476 5919.",
        "They live at SW1A 2AA.",
        "He was born on 3 May 2019, dob 03/05/2019.",
        "Ring 07700 900123.",
        "Write to jo.sample@example.org.",
    ],
)
def test_typed_words_are_looked_through_for_who_somebody_is(editor: Client, said: str) -> None:
    document = scan()
    assert not DocumentFile.objects.get().standing_identifiers("The scan")
    type_in(editor, document, said)
    (found,) = DocumentFile.objects.get().standing_identifiers("The scan")
    assert "page 1" in str(found)


def test_words_that_must_not_appear_are_found_in_what_was_typed(editor: Client) -> None:
    review = scan(pdf=MINIMAL_PDF).publication
    document = review.documents.get()
    type_in(editor, document, "It was Quillon Featherstone.")
    asked = editor.post(
        f"/admin/reviews/practicereview/{review.pk}/must-not-appear/",
        {"words": "Featherstone, Quillon"},
    )
    assert "“The scan”, page 1" in text_of(asked)


def test_a_new_file_has_none_of_them_and_one_that_is_read_again_keeps_them() -> None:
    document = scan(state=State.PUBLISHED)
    make_correction(document.file, 1, [paragraph(SENTENCE)], words_from=WordsFrom.TYPED)
    keep_pages(document.file, [("", []), ("", [])])
    assert DocumentFile.objects.get().is_typed
    assert SENTENCE in text_of(Client().get(address(document)))
    document.file = make_file(b"%PDF-1.4 another", has_text=False, pages=["", ""])
    document.save()
    assert SENTENCE not in text_of(Client().get(address(document)))
    assert document.reading_address == ""


def test_what_is_live_waits_for_a_second_person(publisher: Client, settings: Any) -> None:
    document = scan(state=State.PUBLISHED, make=make_report)
    settings.TWO_PEOPLE = True
    type_in(publisher, document)
    assert PendingChange.objects.open().count() == 1
    assert texts(document) == [] and not DocumentFile.objects.get().is_typed
    assert SENTENCE not in text_of(Client().get(address(document)))


def test_words_of_a_picture_among_pages_with_text_are_typed_too(editor: Client) -> None:
    document = scan()
    DocumentFile.objects.update(has_text=True)
    DocumentPage.objects.filter(number=2).update(text="Two.", blocks=[paragraph("Two.")])
    assert "Type the words of this page : page 1" in text_of(editor.get(address(document)))
    type_in(editor, document)
    page = DocumentPage.objects.get(file=document.file, number=1)
    assert page.words_from == WordsFrom.TYPED and page.text == SENTENCE
    assert DocumentFile.objects.get().is_typed is False


# --- a new scan ----------------------------------------------------------------------------------


def scanned_again(document: Document, *pages: str) -> str:
    """Give the document a new file; return where the words of the one before are offered."""
    file = make_file(b"%PDF-1.4 another", has_text=any(pages), pages=list(pages))
    file.document = document
    file.save()
    document.file = file
    document.save()
    return f"/admin/reviews/documentfile/{file.uid}/corrections-before/"


def offered(page: Any) -> dict[str, bool]:
    """Return the keys of what is offered on a page, each with whether it is ticked already."""
    inputs = document_fromstring(page.content).iter("input")
    return {
        one.get("value"): one.get("checked") is not None
        for one in inputs
        if one.get("name") == "take"
    }


def test_words_typed_for_a_scan_are_offered_for_the_same_pages_of_a_new_one(
    editor: Client,
) -> None:
    document = scan()
    blocks = [{**paragraph("What we found"), "kind": "heading", "level": 2}, paragraph(SENTENCE)]
    make_correction(document.file, 1, blocks, words_from=WordsFrom.TYPED)
    make_correction(document.file, 2, [paragraph("Two.")], words_from=WordsFrom.TYPED)
    here = scanned_again(document, "", "")
    page = editor.get(here)
    assert_valid(page)
    assert "What we found" in text_of(page) and SENTENCE in text_of(page)
    # Nobody has compared them with this picture yet.
    assert offered(page) == {"1-typed": False, "2-typed": False}
    assert "1 correction taken over" in text_of(
        editor.post(here, {"take": ["1-typed"]}, follow=True)
    ).replace("One", "1")
    document = Document.objects.get()
    assert document.file
    first, second = DocumentPage.objects.filter(file=document.file).order_by("number")
    assert [block["text"] for block in first.blocks] == ["What we found", SENTENCE]
    assert first.words_from == WordsFrom.TYPED and second.blocks == []
    assert document.file.is_typed
    again = editor.get(here)
    assert offered(again) == {"2-typed": False}
    assert "was corrected here already" in text_of(again)


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        (["", ""], {"1-typed": False, "2-typed": False}),
        ([""], {"1-typed": False}),
        (["", "", ""], {"1-typed": False, "2-typed": False}),
        (["", "Two."], {"1-typed": False}),
        (["One.", "Two."], {}),
        ([" \n", ""], {"1-typed": False, "2-typed": False}),
    ],
    ids=["as long", "shorter", "longer", "one with text", "with text", "with spaces alone"],
)
def test_words_are_offered_only_for_a_page_that_is_a_picture_too(
    editor: Client, pages: list[str], expected: dict[str, bool]
) -> None:
    document = scan()
    for number in (1, 2):
        make_correction(document.file, number, [paragraph("One.")], words_from=WordsFrom.TYPED)
    page = editor.get(scanned_again(document, *pages))
    assert offered(page) == expected
    assert text_of(page).count("no picture without words") == 2 - len(expected)


def test_words_taken_over_into_what_is_live_wait_for_a_second_person(
    publisher: Client, settings: Any
) -> None:
    document = scan(state=State.PUBLISHED, make=make_report)
    make_correction(document.file, 1, [paragraph(SENTENCE)], words_from=WordsFrom.TYPED)
    here = scanned_again(document, "", "")
    settings.TWO_PEOPLE = True
    publisher.post(here, {"take": ["1-typed"]})
    assert PendingChange.objects.open().count() == 1
    assert SENTENCE not in text_of(Client().get(address(document)))
