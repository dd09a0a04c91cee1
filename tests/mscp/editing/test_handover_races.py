"""An approval and a change of the same record at the same moment, each in its transaction."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from mscp.publishing.approvals import Handover, approve, approved
from mscp.publishing.gate import State
from reviews.models import PracticeReview
from tests.admin_forms import fields_of
from tests.factories import make_document, make_review, make_theme, make_user
from tests.mscp.editing.test_races import meanwhile
from tests.threads import in_threads

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor == 'sqlite'",
        reason="SQLite has one writer at a time; its transactions take turns from the start",
    ),
]

LIST = "/admin/reviews/practicereview/"


@pytest.fixture(autouse=True)
def two_people(settings: Any) -> None:
    settings.TWO_PEOPLE = True


@pytest.fixture
def draft() -> Any:
    return make_review(state=State.DRAFT, summary="Words.")


def page(name: str, review: Any) -> str:
    return f"{LIST}step/{name}/?id={review.pk}"


def locked(review: Any) -> Any:
    return PracticeReview.objects.select_for_update().get(pk=review.pk)


def edit(review: Any) -> None:
    mine = locked(review)
    mine.summary = "The name of a child"
    mine.save()


CHANGES = {
    "text": edit,
    "theme": lambda review: locked(review).themes.add(make_theme()),
    "document": lambda review: make_document(locked(review)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_while_it_is_approved_is_not_approved(
    change: str, publisher: Client, draft: Any
) -> None:
    asked = fields_of(publisher.get(page("approve", draft)))
    meanwhile(lambda: CHANGES[change](draft), lambda: publisher.post(page("approve", draft), asked))
    assert not Handover.objects.exists()


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_while_it_is_published_is_not_published(
    change: str, publisher: Client, draft: Any
) -> None:
    approve(draft, make_user("Publishers"))
    asked = fields_of(publisher.get(page("publish", draft)))
    meanwhile(lambda: CHANGES[change](draft), lambda: publisher.post(page("publish", draft), asked))
    assert PracticeReview.objects.get().is_draft
    assert not approved(PracticeReview.objects.get())


def test_a_document_added_while_it_is_published_comes_too_late(draft: Any) -> None:
    """The gate locks the record itself: no page of the admin is needed for that."""
    approve(draft, make_user("Publishers"))
    refused: list[ValidationError] = []

    def add() -> None:
        try:
            make_document(PracticeReview.objects.get())
        except ValidationError as error:
            refused.append(error)

    meanwhile(lambda: PracticeReview.objects.get().publish(), add)
    assert refused and PracticeReview.objects.get().is_published
    assert not PracticeReview.objects.get().documents.exists()


def test_a_button_pressed_twice_approves_once(publisher: Client, draft: Any) -> None:
    asked = fields_of(publisher.get(page("approve", draft)))
    in_threads(4, lambda number: publisher.post(page("approve", draft), asked).status_code)
    assert Handover.objects.count() == 1 and approved(PracticeReview.objects.get())


def test_two_who_approve_at_once_are_both_kept(sign_in: Any, draft: Any) -> None:
    clients = [sign_in("Publishers") for _ in range(2)]
    asked = [fields_of(client.get(page("approve", draft))) for client in clients]
    in_threads(2, lambda number: clients[number].post(page("approve", draft), asked[number]))
    names = {client.user.username for client in clients}
    assert {one.by_name for one in Handover.objects.all()} == names


def test_two_who_publish_at_once_publish_it_once(sign_in: Any, draft: Any) -> None:
    approve(draft, make_user("Publishers"))
    clients = [sign_in("Publishers") for _ in range(2)]
    asked = [fields_of(client.get(page("publish", draft))) for client in clients]
    in_threads(2, lambda number: clients[number].post(page("publish", draft), asked[number]))
    assert PracticeReview.objects.get().is_published
    assert PracticeReview.history.filter(state="published").count() == 1
    assert connection.vendor == "postgresql"
