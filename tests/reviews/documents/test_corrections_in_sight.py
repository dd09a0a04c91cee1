"""Identifiers in what staff make of a page: asked about where readers would see them at once."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from lxml.html import document_fromstring

from mscp.models import PendingChange
from mscp.publishing.gate import State
from mscp.publishing.identifiers import SettledIdentifier, settle
from reviews.models import Document, DocumentFile, PageCorrection, PracticeReview, WordsFrom
from tests.factories import MINIMAL_PDF, make_correction, make_report, make_user, paragraph
from tests.pages import assert_valid, text_of
from tests.reviews.documents.test_correcting import (
    FIGURE,
    TABLE,
    agree,
    document_of,
    fields_of,
    form_of,
    send,
)
from tests.reviews.documents.test_typed_scans import scan

pytestmark = pytest.mark.django_db

NUMBER = "943 476 5919"
ASKED = "Readers would see what tells who somebody is."


def live(*pages: Any, **more: Any) -> Document:
    return document_of(*(pages or (["One heron."],)), state=State.PUBLISHED, **more)


def asked(client: Client, document: Document, **typed: Any) -> Any:
    """Type something, tick that the page says so, and return what is asked then."""
    response = send(client, document, **typed)
    if 'id="id_agreed"' in response.content.decode():
        response = agree(client, document, response)
    return response


def let_stand(client: Client, document: Document, response: Any) -> Any:
    sight = document_fromstring(response.content).get_element_by_id("id_sight").get("value")
    return client.post(form_of(document), {**fields_of(response), "sight-was": sight})


@pytest.mark.parametrize(
    ("said", "named", "value"),
    [
        (f"Her NHS number is {NUMBER}.", "NHS number", NUMBER),
        ("They live at SW1A 2AA.", "Full postcode", "SW1A 2AA"),
        ("He was born on 3 May 2019.", "Date of birth", "3 May 2019"),
        ("Ring 07700 900123.", "Telephone number", "07700 900123"),
        ("Write to jo.sample@example.org.", "E-mail address", "jo.sample@example.org"),
        ("Mosaic ID 1234567 was closed.", "Number of a case", "1234567"),
        ("NI number AB123456C.", "National Insurance number", "AB123456C"),
    ],
)
def test_what_readers_would_see_at_once_is_asked_about(
    publisher: Client, said: str, named: str, value: str
) -> None:
    document = live()
    response = asked(publisher, document, b0__text=f"One heron. {said}")
    assert response.status_code == 400
    assert_valid(response)
    text = text_of(response)
    assert ASKED in text and f"{named}: " in text and value in text
    assert said not in text_of(Client().get(document.reading_address))
    assert not SettledIdentifier.objects.exists()
    # The tick counts for this value alone.
    assert let_stand(publisher, document, response).status_code == 302
    assert value in text_of(Client().get(document.reading_address))
    [kept] = SettledIdentifier.objects.all()
    assert kept.reason == "Confirmed in the form when it was saved"
    response = asked(publisher, document, b0__text=f"One heron. {said} And 07700 900456.")
    assert "Telephone number: " in text_of(response) and "07700 900456" in text_of(response)
    # What is settled, and stands there, is asked about no more.
    assert asked(publisher, document, b0__text=f"One heron! {said}").status_code == 302


TYPED: dict[str, tuple[Any, dict[str, Any]]] = {
    "a cell": ([TABLE], {"b0__cell-1-1": f"3, {NUMBER}"}),
    "the caption of a table": ([TABLE], {"b0__text": f"Table 1: {NUMBER}"}),
    "the caption of a figure": ([FIGURE], {"b0__text": f"Figure 1: {NUMBER}"}),
    "what a figure shows": ([FIGURE], {"b0__alt": f"A letter about {NUMBER}"}),
    "what the picture of the page shows": (["One."], {"picture__alt": f"A letter on {NUMBER}"}),
    "a heading": (["One."], {"b0__kind": "2", "b0__text": f"Patient {NUMBER}"}),
    "a note": (["One."], {"b0__kind": "6", "b0__text": f"1 NHS {NUMBER}"}),
}


@pytest.mark.parametrize("where", TYPED)
def test_it_is_found_wherever_it_is_typed(publisher: Client, where: str) -> None:
    blocks, typed = TYPED[where]
    document = live(blocks)
    response = asked(publisher, document, **typed)
    assert response.status_code == 400 and ASKED in text_of(response)
    assert NUMBER not in Client().get(document.reading_address).content.decode()


@pytest.mark.parametrize("where", TYPED)
def test_a_draft_asks_before_it_is_published(editor: Client, where: str) -> None:
    blocks, typed = TYPED[where]
    document = document_of(blocks)
    assert asked(editor, document, **typed).status_code == 302
    with pytest.raises(ValidationError, match="an NHS number"):
        PracticeReview.objects.get().publish()


@pytest.mark.parametrize(
    ("blocks", "picture"),
    [
        ([{**FIGURE, "alt": "A letter to Quillon Featherstone"}], ""),
        ([{**FIGURE, "parts": [{**FIGURE, "alt": "To Quillon Featherstone"}]}], ""),
        ([paragraph("One.")], "A letter to Quillon Featherstone"),
    ],
)
def test_words_that_must_not_appear_are_found_in_descriptions(
    editor: Client, blocks: list[Any], picture: str
) -> None:
    document = scan(pdf=MINIMAL_PDF)
    make_correction(document.file, 1, blocks, words_from=WordsFrom.TYPED, picture_alt=picture)
    address = f"/admin/reviews/practicereview/{document.publication_id}/must-not-appear/"
    response = editor.post(address, {"words": "Featherstone, Quillon"})
    assert "“The scan”, page 1" in text_of(response)


def test_what_the_file_says_already_is_not_asked_about(publisher: Client) -> None:
    document = live([f"Her NHS number is {NUMBER}."])
    DocumentFile.objects.get().found_identifiers.delete()
    response = asked(publisher, document, b0__text=f"Her NHS number was {NUMBER}.")
    assert response.status_code == 302


def test_what_was_settled_for_the_publication_is_not_asked_about(publisher: Client) -> None:
    document = live()
    owner = document.publication.identifier_owners()[0]
    settle(owner, "nhs_number", "9434765919", reason="No patient's.", user=make_user())
    response = asked(publisher, document, b0__text=f"One heron, {NUMBER}.")
    assert response.status_code == 302


def test_where_two_are_needed_it_is_asked_before_it_waits(publisher: Client, settings: Any) -> None:
    settings.TWO_PEOPLE = False
    document = live(make=make_report)
    settings.TWO_PEOPLE = True
    response = asked(publisher, document, b0__text=f"One heron, {NUMBER}.")
    assert ASKED in text_of(response) and not PendingChange.objects.open().exists()
    assert let_stand(publisher, document, response).status_code == 302
    PendingChange.objects.open().get().confirm(make_user(is_superuser=True))
    assert NUMBER in text_of(Client().get(document.reading_address))


@pytest.mark.parametrize("source", [WordsFrom.WORD, WordsFrom.STAFF, WordsFrom.TYPED])
def test_nothing_else_that_saves_a_page_passes_it_by(source: WordsFrom) -> None:
    """Such as the text of a Word document, a version put back, or a correction taken over."""
    document = live()
    words = [paragraph(f"One heron, {NUMBER}.")]
    with pytest.raises(ValidationError, match="In plain sight, and to be settled first: an NHS"):
        make_correction(document.file, 1, words, words_from=source)
    assert not PageCorrection.objects.exists()
    assert NUMBER not in text_of(Client().get(document.reading_address))
    PracticeReview.objects.get().withdraw(reason="Oak")
    make_correction(Document.objects.get().file, 1, words, words_from=source)
