"""What staff put right in the text of a page: readers see it, and what was read stays beside it."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.cache import versions
from mscp.models import PendingChange
from mscp.publishing.content_hash import content_hash
from mscp.publishing.gate import State
from mscp.publishing.pending import ask
from reviews.models import Document, DocumentPage, FileWords, PageCorrection, WordsFrom, keep_pages
from reviews.models.corrections import saving_corrections
from tests.factories import (
    make_correction,
    make_document,
    make_file,
    make_identity,
    make_review,
    make_user,
    paragraph,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def document_of(*pages: str, state: State = State.PUBLISHED, **fields: Any) -> Document:
    file = make_file(b"%PDF-1.4", pages=list(pages))
    return make_document(make_review(title="Oak", state=state), title="Report", file=file, **fields)


def page_of(document: Document, number: int = 1) -> DocumentPage:
    return DocumentPage.objects.get(file=document.file, number=number)


def test_readers_see_the_corrected_words_and_which_page_has_them() -> None:
    make_identity(name="Anytown Partnership")
    document = document_of("One herron.", "Two.", "Three.")
    make_correction(document.file, 1, [paragraph("One heron.")])
    text = text_of(Client().get(document.reading_address))
    assert "One heron." in text and "One herron." not in text
    note = "The words of page 1 were corrected by Anytown Partnership on 23 November 2026; the PDF"
    assert note in text


def test_a_note_names_the_first_pages_and_the_last_day() -> None:
    document = document_of(*"abcdefghijkl")
    for number in (2, 5):
        make_correction(document.file, number, [paragraph("Words")])
    text = text_of(Client().get(document.reading_address))
    assert "The words of pages 2 and 5 were corrected by" in text and ", last on 23 Nov" in text
    for number in (1, 3, 4, 6, 7, 8, 9):
        make_correction(document.file, number, [paragraph("Words")])
    text = text_of(Client().get(document.reading_address))
    assert "8 and 1 more were corrected by" in text


def test_a_search_finds_the_corrected_words_and_not_those_that_were_read() -> None:
    document = document_of("One herron.", "Two.")
    make_correction(document.file, 1, [paragraph("One heron.")])
    assert "Oak" in text_of(Client().get("/search/?q=heron"))
    assert "Nothing" in text_of(Client().get("/search/?q=herron"))
    words = FileWords.objects.get(file=document.file).pages.streams
    assert len(words) == 2 and "heron" in words[0]
    assert page_of(document).text == "One heron."


def test_a_correction_that_is_taken_back_leaves_the_page_as_it_was_read() -> None:
    document = document_of("One herron.")
    before = (page_of(document).text, page_of(document).blocks, document.corrections_hash)
    correction = make_correction(document.file, 1, [paragraph("One heron.")])
    correction.blocks, correction.words_from = None, WordsFrom.PDF
    correction.save()
    page, document = page_of(document), Document.objects.get(pk=document.pk)
    assert (page.text, page.blocks, document.corrections_hash) == before
    assert page.as_read is None and page.corrected_at is None


def test_corrections_cost_a_reading_page_no_query() -> None:
    document = document_of("One.", "Two.", "Three.")
    found = []
    for words in ("Uno.", "Dos."):
        Client().get("/about/")
        with CaptureQueriesContext(connection) as captured:
            assert Client().get(document.reading_address).status_code == 200
        found.append(len(captured))
        for number in (1, 2, 3):
            make_correction(document.file, number, [paragraph(words)])
    assert found[0] == found[1]


def test_what_was_read_stays_whatever_is_corrected_after() -> None:
    document = document_of("One.")
    correction = make_correction(document.file, 1, [paragraph("Two.")])
    correction.blocks = [paragraph("Three.")]
    correction.save()
    page = page_of(document)
    assert (page.text, page.text_as_read) == ("Three.", "One.")
    assert page.blocks_as_read == [paragraph("One.")]


def test_a_file_that_is_read_again_keeps_its_corrections() -> None:
    document = document_of("One.", "Two.")
    assert document.file
    make_correction(document.file, 1, [paragraph("Corrected.")])
    keep_pages(document.file, [("Uno.", [paragraph("Uno.")]), ("Dos.", [paragraph("Dos.")])])
    assert [page_of(document, number).text for number in (1, 2)] == ["Corrected.", "Dos."]
    assert page_of(document).text_as_read == "Uno."
    assert " correct " in FileWords.objects.get(file=document.file).pages.streams[0]


def test_a_correction_knows_what_it_was_made_of_once_its_file_is_read_again() -> None:
    document = document_of("One.")
    assert document.file
    first, second, figure = paragraph("One."), paragraph("Two."), paragraph("Figure 1")
    keep_pages(document.file, [("x", [first, second, figure])])
    corrected = [
        {**block, "read_from": place} for place, block in enumerate((first, second, figure))
    ]
    make_correction(document.file, 1, [{**corrected[0], "text": "Uno."}, *corrected[1:]])
    before = Document.objects.get(pk=document.pk).corrections_hash
    keep_pages(document.file, [("x", [paragraph("Zero."), second, first])])
    blocks = PageCorrection.objects.get().blocks
    assert [(one["text"], one.get("read_from")) for one in blocks] == [
        ("Uno.", 2),
        ("Two.", 1),
        ("Figure 1", None),
    ]
    document.save()
    assert document.corrections_hash == before


def test_another_file_has_none_of_them() -> None:
    document = document_of("One.")
    make_correction(document.file, 1, [paragraph("Corrected.")])
    document.file = make_file(b"%PDF-1.4 2", pages=["One."])
    document.save()
    assert document.corrections_hash == ""
    text = text_of(Client().get(document.reading_address))
    assert "Corrected." not in text and "corrected by" not in text


def test_its_history_says_who_and_what_and_goes_with_the_file() -> None:
    document = document_of("One.")
    person = make_user()
    make_correction(document.file, 1, [paragraph("Zqkestrel.")], by=person)
    entry = document.history.first()
    assert entry is not None
    assert entry.history_change_reason == "Corrected: the words of page 1"
    document = Document.objects.get(pk=document.pk)
    assert document.updated_by == person
    assert PageCorrection.history.count() == 1
    file = document.file
    document.publication.delete()
    assert file is not None and not type(file).objects.filter(pk=file.pk).exists()
    assert PageCorrection.history.count() == 0


# --- what readers see, and when ------------------------------------------------------------------


def test_a_correction_of_a_draft_shows_nowhere_and_raises_no_version() -> None:
    document = document_of("One.", state=State.DRAFT)
    before = versions.current()
    correction = make_correction(document.file, 1, [paragraph("Zqkestrel.")])
    correction.blocks = [paragraph("Zqkestrels.")]
    correction.save()
    assert versions.current() == before
    assert "Oak" not in text_of(Client().get("/search/?q=zqkestrels"))


@pytest.mark.parametrize("state", [State.PUBLISHED, State.SCHEDULED, State.WITHDRAWN])
def test_a_correction_of_what_is_public_or_will_be_raises_the_version(state: State) -> None:
    document = document_of("One.", state=state)
    before = versions.current()
    correction = make_correction(document.file, 1, [paragraph("Two.")])
    after = versions.current()
    assert after != before
    correction.blocks, correction.words_from = None, WordsFrom.PDF
    correction.save()
    assert versions.current() != after


def test_a_row_that_says_nothing_yet_raises_no_version() -> None:
    document = document_of("One.")
    before = versions.current()
    PageCorrection(file=document.file, number=1).save()
    assert versions.current() == before


def test_a_correction_is_part_of_what_is_approved() -> None:
    document = document_of("One.", state=State.DRAFT)
    review = document.publication.kind_model.objects.get(pk=document.publication_id)
    before = content_hash(review)
    correction = make_correction(document.file, 1, [paragraph("Two.")])
    assert content_hash(review) != before
    correction.blocks, correction.words_from = None, WordsFrom.PDF
    correction.save()
    assert content_hash(review) == before


# --- two people ----------------------------------------------------------------------------------


def test_where_two_are_needed_a_draft_is_corrected_at_once(settings: Any) -> None:
    settings.TWO_PEOPLE = True
    document = document_of("One.", state=State.DRAFT)
    make_correction(document.file, 1, [paragraph("Two.")])
    assert page_of(document).text == "Two."


@pytest.mark.parametrize("state", [State.PUBLISHED, State.SCHEDULED])
def test_what_is_live_waits_until_somebody_else_confirms_it(settings: Any, state: State) -> None:
    document = document_of("One.", state=state)
    settings.TWO_PEOPLE = True
    with pytest.raises(ValidationError, match="Two people are needed"):
        make_correction(document.file, 1, [paragraph("Two.")])
    correction = make_correction(document.file, 1, None)
    correction.blocks, correction.words_from = [paragraph("Two.")], WordsFrom.STAFF
    author, other = make_user(), make_user()
    change = ask(correction, author)
    assert page_of(document).text == "One."
    with pytest.raises(ValidationError, match="You asked for this yourself"):
        change.confirm(author)
    change.confirm(other)
    assert page_of(document).text == "Two."
    assert Document.objects.get(pk=document.pk).updated_by == author


def test_what_waits_is_void_once_the_page_was_corrected_otherwise(settings: Any) -> None:
    document = document_of("One.")
    correction = make_correction(document.file, 1, None)
    settings.TWO_PEOPLE = True
    correction.blocks, correction.words_from = [paragraph("Two.")], WordsFrom.STAFF
    change = ask(correction, make_user())
    settings.TWO_PEOPLE = False
    make_correction(document.file, 1, [paragraph("Three.")])
    settings.TWO_PEOPLE = True
    with pytest.raises(ValidationError, match="changed since"):
        change.confirm(make_user())
    assert page_of(document).text == "Three."


def test_no_word_that_waited_outlives_its_file(settings: Any) -> None:
    document = document_of("One.")
    correction = make_correction(document.file, 1, None)
    settings.TWO_PEOPLE = True
    correction.blocks, correction.words_from = [paragraph("Zqkestrel.")], WordsFrom.STAFF
    ask(correction, make_user()).discard(make_user())
    ask(correction, make_user())
    settings.TWO_PEOPLE = False
    document.publication.delete()
    assert [change.values for change in PendingChange.objects.all()] == [{}]


# --- several pages at once ------------------------------------------------------------------------


def save_all(document: Document, numbers: range) -> None:
    person = make_user()
    with saving_corrections(document.file):
        for number in numbers:
            make_correction(document.file, number, [paragraph(f"Heron {number}.")], by=person)


def test_pages_that_are_corrected_at_once_are_one_change_of_their_document() -> None:
    document = document_of(*(f"Herron {number}." for number in range(1, 7)))
    before = document.history.count()
    save_all(document, range(2, 6))
    assert document.history.count() == before + 1
    entry = document.history.first()
    assert entry is not None
    assert entry.history_change_reason == "Corrected: the words of pages 2–5"
    words = FileWords.objects.get(file=document.file)
    assert ["heron" in page.split() for page in words.pages.streams] == [False, *[True] * 4, False]
    assert [page_of(document, number).text for number in (1, 5)] == ["Herron 1.", "Heron 5."]


@pytest.mark.parametrize("what", ["reviews_filewords", "reviews_fileidentifiers"])
def test_what_is_kept_of_all_pages_is_written_once_for_all_corrections(what: str) -> None:
    document = document_of(*(f"Herron {number}." for number in range(1, 7)))
    with CaptureQueriesContext(connection) as queries:
        save_all(document, range(1, 7))
    written = [query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]
    assert sum(what in sql for sql in written) == 1


def fail_after(document: Document, number: int) -> None:
    with saving_corrections(document.file):
        make_correction(document.file, number, [paragraph("Lost.")])
        raise ValueError("not saved")


def test_one_of_them_that_is_refused_leaves_the_others() -> None:
    document = document_of("Herron 1.", "Herron 2.")
    with saving_corrections(document.file):
        make_correction(document.file, 1, [paragraph("Heron 1.")])
        with pytest.raises(ValueError, match="not saved"):
            fail_after(document, 2)
    assert [page_of(document, number).text for number in (1, 2)] == ["Heron 1.", "Herron 2."]


def test_corrections_that_fail_together_leave_the_next_as_it_would_be() -> None:
    document = document_of("Herron 1.", "Herron 2.")
    with pytest.raises(ValueError, match="not saved"):
        fail_after(document, 1)
    assert page_of(document).text == "Herron 1."
    make_correction(document.file, 2, [paragraph("Heron 2.")])
    entry = document.history.first()
    assert entry is not None
    assert entry.history_change_reason == "Corrected: the words of page 2"
