"""The one note that a publication had is the first of its list, and the last of it goes back."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from reviews.models import PracticeReview
from tests.factories import make_note, make_review

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = "0013_help_of_staff_note"


def rows(columns: str) -> dict[str, tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT title, {columns} FROM reviews_publication")  # noqa: S608 - our own
        return {title: tuple(rest) for title, *rest in cursor.fetchall()}


def notes(title: str) -> list[tuple[str, bool]]:
    """Return what the notes of a record say, and whether they were told."""
    found = PracticeReview.objects.get(title=title).change_notes.order_by("noted_at", "pk")
    return [(note.text, note.noted_at is not None) for note in found]


@pytest.fixture
def first_days(clock: Any) -> dict[str, Any]:
    """Make records in each situation; return when they were first public."""
    for title in ("Noted", "Changed", "Told anew", "Silent"):
        make_review(title=title, summary="Words.")
    clock.shift(timedelta(days=2))
    for review in PracticeReview.objects.exclude(title="Silent"):
        make_note(review, f"First of {review.title}.")
    minor, major = (
        PracticeReview.objects.get(title=title).propose_change()
        for title in ("Changed", "Told anew")
    )
    for change, title in ((minor, "A minor change"), (major, "A change to tell")):
        change.title = title
        change.save()
    minor.change_notes.update(text="First, corrected.")
    make_note(major, "Second.", noted_at=None)
    back = make_review(title="Put back", summary="Words.")
    clock.shift(timedelta(days=2))
    # With a history, from which the first day is read.
    back = PracticeReview.objects.get(pk=back.pk)
    back.withdraw(reason="A doubt")
    back.publish(at=timezone.now() + timedelta(days=3))
    again = PracticeReview.objects.get(title="Silent")
    again.withdraw(reason="A doubt")
    again.return_to_draft()
    return dict(PracticeReview.objects.values_list("title", "first_published_at"))


def test_notes_and_first_days_survive_the_way_back_and_forth(first_days: dict[str, Any]) -> None:
    call_command("migrate", "reviews", BEFORE, verbosity=0)
    try:
        before = rows("change_note, change_noted_at IS NOT NULL")
    finally:
        call_command("migrate", verbosity=0)
    assert {title: (note, bool(is_dated)) for title, (note, is_dated) in before.items()} == {
        "Noted": ("First of Noted.", True),
        "Changed": ("First of Changed.", True),
        "Told anew": ("First of Told anew.", True),
        "Silent": ("", False),
        "Put back": ("", False),
        "A minor change": ("First, corrected.", False),
        "A change to tell": ("Second.", True),
    }
    assert notes("Noted") == [("First of Noted.", True)] and notes("Silent") == []
    assert notes("A minor change") == [("First, corrected.", True)]
    assert sorted(notes("A change to tell")) == [
        ("First of Told anew.", True),
        ("Second.", False),
    ]
    now = dict(PracticeReview.objects.values_list("title", "first_published_at"))
    assert now == first_days and now["Put back"] is not None and now["Silent"] is not None
    for title, said in (
        ("A minor change", ["First, corrected."]),
        ("A change to tell", ["First of Told anew.", "Second."]),
    ):
        change = PracticeReview.objects.get(title=title)
        assert not change.conflicts() and not any(
            one.was_changed_meanwhile for one in change.differences()
        )
        live = change.apply_change()
        assert sorted(note.text for note in live.change_notes.all()) == said
        assert not live.change_notes.filter(noted_at=None).exists()
