"""The journal names what changed, and says when it does not know."""

from collections.abc import Callable
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction

from mscp.cache import changes, versions
from mscp.cache.changes import WHOLE, Changes, Journal
from mscp.database.objects import execute
from mscp.models import ContentChange
from mscp.publishing.gate import State
from reviews.models import Publication
from tests.factories import (
    make_contact,
    make_course,
    make_document,
    make_page,
    make_review,
    make_session,
    make_theme,
    past_the_gate,
)
from training.models import Session

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def from_the_beginning() -> None:
    begin_anew()


def journal() -> Journal:
    return changes.read(versions.current()[-1])


def begin_anew() -> None:
    """Begin with the lowest id, so that a test knows when it is full."""
    statements = list(changes.beginning("default"))
    if connection.vendor == "postgresql":
        sequence = f"pg_get_serial_sequence('{changes.TABLE}', 'id')"
        statements.insert(1, f"SELECT setval({sequence}, 1)")
    execute("default", statements)


def noted(change: Callable[[], Any]) -> Changes | None:
    before = journal()
    change()
    return journal().since(before)


def test_a_change_is_noted_by_table_and_record() -> None:
    theme, review, course = make_theme(), make_review(), make_course()
    session = make_session(course)
    rows = Publication.objects.filter(pk=review.pk)
    assert noted(partial(rows.update, title="Other")) == {"reviews_publication": {review.pk}}
    assert noted(partial(review.themes.add, theme)) == {"reviews_publication_themes": {review.pk}}
    of_session = Session.objects.filter(pk=session.pk)
    assert noted(partial(of_session.update, note="x")) == {"training_session": {session.pk}}
    assert noted(make_contact) == {"mscp_concerncontact": {WHOLE}}
    assert noted(theme.save) == {"reviews_theme": {WHOLE}}


def test_a_row_that_moves_is_noted_of_both_records() -> None:
    one, other = make_review(), make_review()
    one.themes.add(make_theme())
    rows = Publication.themes.through.objects.filter(publication=one.pk)
    moved = noted(partial(rows.update, publication=other.pk))
    assert moved == {"reviews_publication_themes": {one.pk, other.pk}}


def test_a_change_of_a_draft_is_not_noted() -> None:
    draft = make_review(state=State.DRAFT)
    assert noted(draft.save) == {}
    assert noted(partial(make_document, draft)) == {}


def test_what_is_taken_back_is_noted_until_then_and_after_it() -> None:
    review = make_review()
    # Without a line of it that would come back.
    begin_anew()
    before = journal()
    with transaction.atomic():
        review.save()
        within = journal()
        transaction.set_rollback(True)
    assert within.since(before) == journal().since(within)
    assert review.pk in (within.since(before) or {})["reviews_publication"]
    assert journal().since(before) == {}


def test_changes_of_one_record_leave_one_line_of_it() -> None:
    review = make_review()
    before = journal()
    for _ in range(5):
        review.save()
    assert len(journal().lines) == len(before.lines)


def test_after_many_lines_it_begins_anew_and_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = journal()
    for _ in range(changes.MOST + 1):
        make_page()
    assert journal().since(before) is None
    assert len(journal().lines) <= changes.MOST


@pytest.mark.parametrize("fault", ["emptied", "begun anew", "triggers were missing"])
def test_a_journal_with_a_gap_knows_nothing(fault: str) -> None:
    before = journal()
    if fault == "emptied":
        ContentChange.objects.all().delete()
        assert journal().since(journal()) is None
    elif fault == "begun anew":
        execute("default", changes.beginning("default"))
    else:
        before = Journal(before.lines, "another number")
    assert journal().since(before) is None


@pytest.mark.parametrize("number", [changes.MOST_AT_ONCE, changes.MOST_AT_ONCE + 1])
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite notes each row by itself")
def test_a_statement_that_changes_very_many_is_noted_as_a_change_of_the_table(number: int) -> None:
    course = make_course()
    sessions = [make_session(course) for _ in range(number)]
    every = {session.pk for session in sessions}
    changed = noted(partial(Session.objects.filter(pk__in=every).update, note="x"))
    assert changed == {"training_session": every if number <= changes.MOST_AT_ONCE else {WHOLE}}


def test_plain_sql_is_noted_too() -> None:
    review = make_review()
    rows = Publication.objects.filter(pk=review.pk)
    assert noted(partial(past_the_gate, rows, state="draft", published_at=None)) == {
        "reviews_publication": {review.pk}
    }


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_one_that_ends_later_is_noted_though_it_began_first() -> None:
    first, second = make_review(), make_review()
    begun, may_end = Event(), Event()

    def change() -> None:
        try:
            with transaction.atomic():
                first.save()
                begun.set()
                may_end.wait(10)
        finally:
            connections.close_all()

    thread = Thread(target=change)
    start = journal()
    thread.start()
    begun.wait(10)
    # It does not wait for the other.
    second.save()
    between = journal()
    may_end.set()
    thread.join(10)
    names = [between.since(start), journal().since(between)]
    assert [(one or {})["reviews_publication"] for one in names] == [{second.pk}, {first.pk}]


# --- values that outlive a change ----------------------------------------------------------------


class Value:
    until = None

    def __init__(self, *tables: str) -> None:
        self.tables = tables


def test_a_value_is_read_again_only_when_one_of_its_tables_changes() -> None:
    kept: versions.Kept[Value] = versions.Kept()

    def value() -> Value:
        unless = versions.unless_changed("mscp_page")
        return kept.get("value", versions.current(), Value, unless)

    first = value()
    make_review()
    assert value() is first
    make_page()
    second = value()
    assert second is not first
    with transaction.atomic():
        make_page()
        third = value()
        transaction.set_rollback(True)
    assert third is not second
    # What was read within is not what is so.
    assert value() not in (second, third)


def test_a_value_that_is_read_while_something_changes_is_read_whole() -> None:
    kept: versions.Kept[Value] = versions.Kept()

    def disturbed(value: Value, changed: Changes) -> Value:
        make_page()
        return Value(*changed)

    kept.get("value", versions.current(), Value, disturbed)
    make_review()
    assert kept.get("value", versions.current(), Value, disturbed).tables == ()
    make_review()
    calm = kept.get("value", versions.current(), Value, lambda _, changed: Value(*changed))
    assert "reviews_publication" in calm.tables


def test_a_change_while_a_value_is_read_whole_is_not_missed_by_the_next_reader() -> None:
    kept: versions.Kept[Value] = versions.Kept()
    unless = versions.unless_changed("mscp_page")

    def too_early() -> Value:
        value = Value()
        make_page()
        return value

    early = kept.get("value", versions.current(), too_early, unless)
    assert kept.get("value", versions.current(), Value, unless) is not early


def test_no_version_keeps_nothing() -> None:
    kept: versions.Kept[Value] = versions.Kept()
    unless = versions.unless_changed("mscp_page")
    first = kept.get("value", versions.current(), Value, unless)
    with versions.pinned(()):
        assert kept.get("value", versions.current(), Value, unless) is not first
