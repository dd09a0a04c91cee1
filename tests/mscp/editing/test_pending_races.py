"""A change that waits, decided by two at once, or while what it is of is changed."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from mscp.models import PendingChange
from mscp.publishing.approvals import shipped_content
from mscp.publishing.pending import ask
from reviews.models import Theme
from tests.admin_forms import fields_of
from tests.factories import make_theme, make_user
from tests.mscp.editing.test_races import meanwhile
from tests.threads import in_threads

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor == 'sqlite'",
        reason="SQLite has one writer at a time; its transactions take turns from the start",
    ),
]


@pytest.fixture(autouse=True)
def two_people(settings: Any) -> None:
    settings.TWO_PEOPLE = True


@pytest.fixture
def theme() -> Theme:
    return make_theme(name="Babies", description="Old.")


def asked(theme: Theme) -> PendingChange:
    typed = Theme.objects.get(pk=theme.pk)
    typed.description = "New."
    return ask(typed, make_user("Publishers"))


def decide(client: Client, change: PendingChange, sent: dict[str, Any], press: str) -> None:
    client.post(f"/admin/mscp/pendingchange/{change.pk}/decide/", {**sent, press: "x"})


def page(client: Client, change: PendingChange) -> dict[str, Any]:
    return fields_of(client.get(f"/admin/mscp/pendingchange/{change.pk}/change/"))


def test_two_who_confirm_at_once_confirm_once(theme: Theme, sign_in: Any) -> None:
    change = asked(theme)
    clients = [sign_in("Publishers") for _ in range(3)]
    sent = [page(client, change) for client in clients]
    in_threads(3, lambda number: decide(clients[number], change, sent[number], "confirm"))
    assert Theme.objects.get().description == "New."
    reasons = Theme.history.filter(history_change_reason__startswith="Confirmed by")
    assert reasons.count() == 1
    decided = PendingChange.objects.get()
    assert decided.decided_by_name in reasons.get().history_change_reason


def test_confirmed_and_discarded_at_once_it_is_one_of_both(theme: Theme, sign_in: Any) -> None:
    change = asked(theme)
    clients = [sign_in("Publishers") for _ in range(2)]
    sent = [page(client, change) for client in clients]
    presses = ["confirm", "discard"]
    in_threads(2, lambda number: decide(clients[number], change, sent[number], presses[number]))
    outcome = PendingChange.objects.get().outcome
    is_new = Theme.objects.get().description == "New."
    assert outcome in ("confirmed", "discarded") and is_new == (outcome == "confirmed")


def test_two_who_ask_at_once_have_one_change_waiting(theme: Theme) -> None:
    people = [make_user("Publishers") for _ in range(3)]
    refused: list[int] = []

    def one(number: int) -> None:
        typed = Theme.objects.get(pk=theme.pk)
        typed.description = f"Of {number}."
        try:
            ask(typed, people[number])
        except ValidationError:
            refused.append(number)

    in_threads(3, one)
    assert PendingChange.objects.count() == 1 and len(refused) == 2
    assert connection.vendor == "postgresql"


def test_what_is_changed_while_it_is_confirmed_is_not_overwritten(
    theme: Theme, publisher: Client
) -> None:
    change = asked(theme)
    sent = page(publisher, change)

    def edit() -> None:
        mine = Theme.objects.select_for_update().get(pk=theme.pk)
        mine.description = "Of somebody else."
        with shipped_content():
            mine.save()

    meanwhile(edit, lambda: decide(publisher, change, sent, "confirm"))
    assert Theme.objects.get().description == "Of somebody else."
    assert PendingChange.objects.get().is_open
