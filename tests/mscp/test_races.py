"""Two people at the same moment, each in a transaction of their own."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from mscp.publishing import Stage
from mscp.search.query import read
from reviews import search
from reviews.models import Document, PracticeReview
from tests.admin_forms import fields_of
from tests.factories import (
    MINIMAL_PDF,
    make_document,
    make_file,
    make_finding,
    make_review,
    make_theme,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor == 'sqlite'",
        reason="SQLite has one writer at a time; its transactions take turns from the start",
    ),
]

LIST = "/admin/reviews/practicereview/"


def meanwhile(first: Callable[[], None], second: Callable[[], None]) -> None:
    """Start ``second`` while ``first`` is done but not yet committed."""

    def run() -> None:
        try:
            second()
        finally:
            connections.close_all()

    thread = Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive(), "the second did not wait for the first"
    thread.join(timeout=20)
    assert not thread.is_alive()


@pytest.mark.parametrize("changed", [{}, {"summary": "Changed."}, {"documents-0-title": "Changed"}])
def test_a_save_at_the_same_moment_does_not_undo_a_withdrawal(
    publisher: Client, changed: dict[str, Any]
) -> None:
    review = make_review(summary="Words.")
    make_document(review)
    address = f"{LIST}{review.pk}/change/"
    mine = {**fields_of(publisher.get(address)), **changed, "_save": "Save"}
    meanwhile(
        lambda: PracticeReview.objects.get().withdraw(reason="A name"),
        lambda: publisher.post(address, mine),
    )
    assert PracticeReview.objects.get().is_withdrawn
    assert connection.vendor == "postgresql"


def test_a_step_at_the_same_moment_keeps_an_edit(publisher: Client) -> None:
    review = make_review(stage=Stage.DRAFT, summary="The name of a child")
    asked = fields_of(publisher.get(f"{LIST}step/publish/?id={review.pk}"))

    def edit() -> None:
        mine = PracticeReview.objects.select_for_update().get()
        mine.summary = "Without a name"
        mine.save()

    meanwhile(edit, lambda: publisher.post(f"{LIST}step/publish/?id={review.pk}", asked))
    review.refresh_from_db()
    assert review.summary == "Without a name" and review.is_draft


def test_a_step_does_not_bring_back_what_was_deleted(publisher: Client) -> None:
    review = make_review(stage=Stage.DRAFT, summary="Words.")
    meanwhile(
        lambda: PracticeReview.objects.get().delete(),
        lambda: publisher.post(f"{LIST}step/publish/?id={review.pk}"),
    )
    assert not PracticeReview.objects.exists()


def test_a_finding_and_the_document_it_keeps_back_leave_no_words_behind() -> None:
    """Neither transaction sees the other's row, so the index would be made as if it were not."""
    review = make_review(title="Oak")
    document = make_document(review, pdf=MINIMAL_PDF)
    file = make_file(MINIMAL_PDF, pages=["A kestrel."])
    meanwhile(
        lambda: Document.objects.filter(pk=document.pk).update(file=file),
        lambda: make_finding(file),
    )
    assert review.pk not in search.publications.find(read("kestrel"))


def test_a_theme_renamed_while_it_is_given_is_found_by_its_new_name() -> None:
    review, theme = make_review(title="Oak"), make_theme(name="Kestrels")

    def rename() -> None:
        theme.name = "Herons"
        theme.save()

    meanwhile(rename, lambda: review.themes.add(theme.pk))
    assert search.publications.find(read("heron")) == [review.pk]
    assert search.publications.find(read("kestrel")) == []
