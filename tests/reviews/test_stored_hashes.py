"""The file that is published is the one that was checked, and nobody waits while it is read."""

from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.publishing.gate import State
from reviews.models import Document, PracticeReview
from tests.admin_forms import fields_of, send
from tests.factories import make_document, make_file, make_review
from tests.pages import text_of
from tests.pdfs import clean_pdf, flip_a_byte

# Outside a test's transaction, so that a transaction is one of the site's own.
pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/reviews/practicereview/"
REPLACED = "was replaced while this was being done, so it was not checked"


class Reads(list[bool]):
    """For each time that a stored PDF is opened, whether that is inside a transaction."""

    meanwhile: Callable[[], Any] | None = None


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    noted = Reads()
    open_file = FileSystemStorage._open

    def noting(storage: Any, name: str, mode: str = "rb") -> Any:
        if name.endswith(".pdf"):
            noted.append(connection.in_atomic_block)
            if noted.meanwhile:
                happens, noted.meanwhile = noted.meanwhile, None
                happens()
        return open_file(storage, name, mode)

    monkeypatch.setattr(FileSystemStorage, "_open", noting)
    return noted


def review_with(documents: int, state: State = State.DRAFT) -> PracticeReview:
    review = make_review(state=state, summary="Words.", title="Oak")
    for number in range(documents):
        make_document(review, pdf=clean_pdf(), title=f"Part {number}")
    return review


def step(name: str, *reviews: Any) -> str:
    return f"{LIST}step/{name}/?" + "&".join(f"id={review.pk}" for review in reviews)


def flip(document: Document) -> None:
    assert document.file
    path = Path(document.file.content.path)
    path.write_bytes(flip_a_byte(path.read_bytes()))


@pytest.mark.parametrize("name", ["publish", "schedule"])
def test_a_step_reads_every_file_once_and_outside_the_transaction(
    publisher: Client, reads: Reads, name: str
) -> None:
    reviews = [review_with(3), review_with(2)]
    asked = fields_of(publisher.get(step(name, *reviews)))
    assert reads == []
    publisher.post(step(name, *reviews), {**asked, "moment": "2026-12-01T09:00"})
    assert reads == [False] * 5
    gone = State.PUBLISHED if name == "publish" else State.SCHEDULED
    assert {review.current_state for review in PracticeReview.objects.all()} == {gone}


def test_the_files_of_many_are_asked_for_at_once(publisher: Client) -> None:
    def asked(*reviews: Any) -> list[str]:
        fields = fields_of(publisher.get(step("publish", *reviews)))
        with CaptureQueriesContext(connection) as queries:
            assert publisher.post(step("publish", *reviews), fields).status_code == 302
        before = takewhile(lambda query: "BEGIN" not in query["sql"], queries.captured_queries)
        return [query["sql"] for query in before if '"reviews_documentfile"' in query["sql"]]

    # Before the transaction, in which each is looked at by itself.
    assert len(asked(review_with(2))) == 1
    assert len(asked(review_with(2), review_with(1), review_with(0))) == 1


@pytest.mark.parametrize("name", ["withdraw", "to-draft"])
def test_a_step_that_publishes_nothing_reads_nothing(
    publisher: Client, reads: Reads, name: str
) -> None:
    state = State.PUBLISHED if name == "withdraw" else State.SCHEDULED
    review = review_with(2, state)
    publisher.post(step(name, review), {"reason": "A name"})
    assert reads == []
    review.refresh_from_db()
    assert review.current_state in (State.WITHDRAWN, State.DRAFT)


def test_the_form_of_a_draft_reads_no_file(publisher: Client, reads: Reads) -> None:
    review = review_with(3)
    form = f"{LIST}{review.pk}/change/"
    assert send(publisher, form, summary="Other words.").status_code == 302
    assert send(publisher, form, type="").status_code == 200
    assert reads == []


def test_a_byte_changed_in_the_storage_is_found_by_the_step(publisher: Client) -> None:
    review = review_with(2)
    asked = fields_of(publisher.get(step("publish", review)))
    flip(Document.objects.earliest("pk"))
    text = text_of(publisher.post(step("publish", review), asked))
    assert "“Part 0” is no longer the one that was checked" in text and "Part 1" not in text
    assert PracticeReview.objects.get().is_draft


def test_a_file_that_was_replaced_while_files_were_read_is_not_published(
    publisher: Client, reads: Reads
) -> None:
    review = review_with(1)
    asked = fields_of(publisher.get(step("publish", review)))
    never_checked = make_file(clean_pdf(2))

    def replace() -> None:
        Document.objects.update(file=never_checked)

    reads.meanwhile = replace
    text = text_of(publisher.post(step("publish", review), asked))
    assert f"“Part 0” {REPLACED}" in text and "Nothing was done" in text
    assert PracticeReview.objects.get().is_draft
    assert publisher.post(step("publish", review), asked).status_code == 302
    assert PracticeReview.objects.get().is_published


@pytest.mark.parametrize("state", [State.DRAFT, State.PUBLISHED])
@pytest.mark.parametrize("own_form", [True, False])
def test_a_file_saved_into_what_is_public_is_read_once_and_outside_the_transaction(
    publisher: Client, reads: Reads, own_form: bool, state: State
) -> None:
    review = review_with(2, state)
    document = review.documents.earliest("pk")
    new = make_file(clean_pdf(2), taken_in_by=publisher.user)  # type: ignore[attr-defined]
    row = "" if own_form else "documents-0-"
    form = f"/admin/reviews/document/{document.pk}/change/" if own_form else f"{LIST}{review.pk}/"
    form = form if own_form else f"{form}change/"
    assert send(publisher, form, **{f"{row}file_taken": str(new.uid)}).status_code == 302
    # What goes into a draft is read when that is published.
    assert reads == ([False] if state is State.PUBLISHED else [])
    document.refresh_from_db()
    assert document.file == new


def test_a_file_changed_in_the_storage_is_not_saved_into_what_is_public(publisher: Client) -> None:
    review = review_with(1, State.PUBLISHED)
    new = make_file(clean_pdf(2), taken_in_by=publisher.user)  # type: ignore[attr-defined]
    path = Path(new.content.path)
    path.write_bytes(flip_a_byte(path.read_bytes()))
    text = send(publisher, f"{LIST}{review.pk}/change/", **{"documents-0-file_taken": str(new.uid)})
    assert "no longer the one that was checked" in text_of(text)
    assert Document.objects.get().file != new


def test_a_version_taken_up_is_read_once_and_outside_the_transaction(
    publisher: Client, reads: Reads
) -> None:
    document = review_with(1, State.PUBLISHED).documents.get()
    other = make_file(clean_pdf(2), document=document)
    publisher.post(f"/admin/reviews/documentfile/{other.uid}/use/")
    assert reads == [False]
    document.refresh_from_db()
    assert document.file == other


def test_without_a_page_of_the_admin_it_is_read_as_well(reads: Reads) -> None:
    review = review_with(2)
    review.publish()
    assert len(reads) == 2
