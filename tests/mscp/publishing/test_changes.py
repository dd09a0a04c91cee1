"""Proposed changes: begun, merged, taken up and applied, whole or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from mscp.cache import versions
from mscp.publishing.content_hash import content_hash
from mscp.publishing.gate import State
from mscp.publishing.releases import Release
from reviews.models import Document, DocumentFile, PracticeReview
from tests.factories import (
    MINIMAL_PDF,
    make_audience,
    make_briefing,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_page,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_user,
    make_venue,
    past_the_gate,
)
from training.models import Session

pytestmark = pytest.mark.django_db

MAKERS = [make_review, make_report, make_briefing, make_course, make_page]
OTHER_PDF = MINIMAL_PDF + b"%other"


def rows_of(record: Any) -> dict[str, Any]:
    """Return every column of a record and of its documents, as the database has them."""
    rows = {
        model._meta.db_table: list(model._base_manager.filter(pk=record.pk).values())
        for model in [type(record), *type(record)._meta.parents]
    }
    if hasattr(record, "documents"):
        documents = Document._base_manager.filter(publication=record.pk).order_by("pk")
        rows["documents"] = list(documents.values())
        rows["themes"] = list(record.themes.values_list("pk", flat=True))
    return rows


def again(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


@pytest.fixture
def review() -> Any:
    review = make_review(title="Robin", summary="Old words.", themes=[make_theme(name="First")])
    make_document(review, title="Report", pdf=MINIMAL_PDF)
    make_document(review, title="Page elsewhere")
    return again(review)


def report_in(change: Any) -> Any:
    return change.documents.get(title="Report")


@pytest.mark.parametrize("make", MAKERS)
def test_a_change_begins_as_what_is_live_and_leaves_that_as_it_is(make: Any) -> None:
    live = make()
    if hasattr(live, "themes"):
        live.themes.add(make_theme())
    if hasattr(live, "audiences"):
        live.audiences.add(make_audience())
    before = rows_of(live)
    change = live.propose_change()
    assert change.differences() == []
    assert content_hash(again(change)) == content_hash(again(live))
    assert change.is_proposed_change and change.current_state is State.DRAFT
    assert str(change) == str(live) and change.slug.startswith("change-")
    assert not type(live).objects.published().filter(pk=change.pk).exists()
    assert not any(type(live).objects.in_state(one).filter(pk=change.pk).exists() for one in State)
    assert list(type(live).objects.proposed_changes()) == [change]
    assert change not in type(live).objects.own_records()
    assert rows_of(live) == before


def test_a_change_shares_the_files_and_keeps_exemptions(review: Any) -> None:
    document = review.documents.get(title="Report")
    document.is_exempt, document.exemption_reason = True, "From 2015"
    document.save()
    copy = report_in(review.propose_change())
    assert (copy.revises, copy.file) == (document, document.file)
    assert copy.uid != document.uid
    assert copy.exemption_reason == "From 2015"
    assert DocumentFile.objects.get().document == document


def test_applying_gives_everything_and_keeps_addresses_and_moments(review: Any) -> None:
    live = review.documents.get(title="Report")
    before = rows_of(review)["reviews_publication"][0]
    author, applier = make_user(), make_user()
    change = review.propose_change(by=author)
    change.summary = "New words."
    change.save()
    change.themes.set([make_theme(name="Second")])
    copy = report_in(change)
    copy.file, copy.title = make_file(OTHER_PDF), "The report"
    copy.save()
    new_file = copy.file
    change.documents.get(title="Page elsewhere").delete()
    added = make_document(change, title="Easy read")
    change = again(change)
    change.release = Release.objects.create(title="Monday")
    change.save()
    wanted = content_hash(change)
    assert change.apply_change(by=applier).pk == review.pk
    review = again(review)
    assert content_hash(review) == wanted
    assert review.summary == "New words."
    assert [theme.name for theme in review.themes.all()] == ["Second"]
    assert [one.title for one in review.documents.all()] == ["The report", "Easy read"]
    now = review.documents.get(title="The report")
    assert (now.pk, now.uid, now.file) == (live.pk, live.uid, new_file)
    assert now.versions.count() == 2 and now.file.is_current
    after = rows_of(review)["reviews_publication"][0]
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"summary", "updated_by_id", "version", "updated_at", *WORDS}
    assert (review.created_by, review.updated_by) == (None, applier)
    added.refresh_from_db()
    assert added.publication_id == review.pk and added.added_later
    assert list(PracticeReview.objects.all()) == [review] and Document.objects.count() == 2
    reasons = [one.history_change_reason for one in review.history.all()]
    assert "Proposed change applied" in reasons
    of_change = PracticeReview.history.filter(revises=review.pk)
    assert {one.history_type for one in of_change} == {"+", "~", "-"}


# Made from the others by triggers.
WORDS = {"words", "name_words", "start_words"}


def test_what_only_one_side_changed_is_merged(review: Any) -> None:
    change = review.propose_change()
    review.publisher = "Theirs"
    review.save()
    other = review.documents.get(title="Page elsewhere")
    other.title = "Elsewhere"
    other.save()
    make_document(review, title="Added by them")
    change.summary = "Mine"
    change.save()
    change.apply_change()
    review = again(review)
    assert (review.publisher, review.summary) == ("Theirs", "Mine")
    assert {one.title for one in review.documents.all()} == {
        "Report",
        "Elsewhere",
        "Added by them",
    }


@pytest.mark.parametrize(
    ("keep", "summary"), [(["summary"], "Theirs"), ([], "Mine")], ids=["theirs", "mine"]
)
def test_what_both_changed_is_asked_about(review: Any, keep: list[str], summary: str) -> None:
    change = review.propose_change()
    review.summary = "Theirs"
    review.save()
    change.summary, change.publisher = "Mine", "Mine"
    change.save()
    before = rows_of(review)
    with pytest.raises(ValidationError, match="compare the two"):
        change.apply_change()
    assert rows_of(review) == before
    change.take_up(keep)
    change = again(change)
    assert not change.conflicts()
    change.apply_change()
    review = again(review)
    assert (review.summary, review.publisher) == (summary, "Mine")


def test_a_document_taken_out_here_and_changed_there_is_asked_about(review: Any) -> None:
    change = review.propose_change()
    report_in(change).delete()
    document = review.documents.get(title="Report")
    document.title = "Corrected"
    document.save()
    (conflict,) = change.conflicts()
    assert conflict.part == str(document.pk)
    change.take_up([conflict.key])
    assert change.documents.get(title="Corrected").file == document.file
    change.apply_change()
    assert review.documents.filter(title="Corrected").exists()


def test_a_document_deleted_there_is_not_brought_back(review: Any) -> None:
    change = review.propose_change()
    review.documents.get(title="Report").delete()
    assert not DocumentFile.objects.exists()
    assert [one.title for one in change.documents.all()] == ["Page elsewhere"]
    change.apply_change()
    assert [one.title for one in review.documents.all()] == ["Page elsewhere"]


def test_a_file_chosen_here_outlives_the_document_deleted_there(review: Any) -> None:
    change = review.propose_change()
    copy = report_in(change)
    copy.file = make_file(OTHER_PDF)
    copy.save()
    review.documents.get(title="Report").delete()
    change.apply_change()
    assert review.documents.get(title="Report").file == copy.file


def test_an_obstacle_or_a_broken_rule_leaves_all_as_it_was(review: Any) -> None:
    change = review.propose_change()
    change.summary = "New words."
    change.save()
    copy = report_in(change)
    copy.file = make_file(OTHER_PDF)
    copy.save()
    finding = make_finding(copy.file)
    before = rows_of(review)
    with pytest.raises(ValidationError, match="one finding about privacy"):
        change.apply_change()
    assert rows_of(review) == before and again(change).summary == "New words."
    finding.delete()
    change.apply_change()
    assert again(review).summary == "New words."


def test_years_that_fit_only_apart_are_refused_with_the_sentence() -> None:
    report = make_report(summary="Words.", covers_from=2019, covers_to=2021)
    change = report.propose_change()
    change.covers_to = 2020
    change.save()
    report.covers_from, report.covers_to = 2020, 2021
    report.save()
    with pytest.raises(ValidationError, match="The last year covered must come after"):
        change.apply_change()
    assert again(report).covers_from == 2020 and again(change)
    with pytest.raises(ValidationError, match="breaks a rule"), change.as_applied():
        pass
    assert again(report).covers_from == 2020 and again(change)


def test_a_change_is_never_published_by_any_step(review: Any) -> None:
    change = review.propose_change()
    with pytest.raises(ValidationError, match="it is applied"):
        change.publish()
    with pytest.raises(ValidationError, match="it is applied"):
        change.publish(at=timezone.now() + timezone.timedelta(days=1))
    rows, now = PracticeReview.objects.filter(pk=change.pk), timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        past_the_gate(rows, state="published", published_at=now, first_published_at=now)


def test_there_is_one_change_at_a_time_and_none_of_a_change(review: Any) -> None:
    change = review.propose_change()
    with pytest.raises(ValidationError, match="There is a proposed change to this already"):
        review.propose_change()
    with pytest.raises(ValidationError, match="proposed change itself"):
        change.propose_change()
    second = make_review(state=State.DRAFT)
    second.revises_id, second.merge_base = review.pk, {}
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


@pytest.mark.parametrize("state", [State.DRAFT, State.WITHDRAWN])
def test_what_is_not_live_is_changed_itself(state: State) -> None:
    with pytest.raises(ValidationError, match="change the record itself"):
        make_review(state=state).propose_change()


def test_a_change_of_what_was_withdrawn_meanwhile_publishes_nothing(review: Any) -> None:
    change = review.propose_change()
    change.summary = "Without the name."
    change.save()
    review.withdraw(reason="A name")
    change.apply_change()
    assert again(review).is_withdrawn and again(review).summary == "Without the name."


def test_what_has_a_proposed_change_is_not_deleted_with_it(review: Any) -> None:
    review.propose_change()
    with pytest.raises(models.ProtectedError):
        review.delete()


def test_a_change_that_is_discarded_leaves_the_shared_file(review: Any) -> None:
    before = rows_of(review)
    review.propose_change().delete()
    assert rows_of(review) == before and DocumentFile.objects.count() == 1


# --- sessions ------------------------------------------------------------------------------------


@pytest.fixture
def course() -> Any:
    course = make_course(title="Course")
    for in_days, note in ((-9, "past"), (7, "first"), (14, "second")):
        make_session(course, in_days=in_days, note=note, venue=make_venue())
    return course


def session_of(record: Any, note: str) -> Any:
    return record.sessions.get(note=note)


def notes_of(record: Any) -> list[str]:
    return [one.note for one in record.sessions.soonest_first()]


def test_a_change_has_sessions_of_its_own_which_are_nobody_elses(course: Any) -> None:
    before = list(Session.objects.values())
    change = course.propose_change()
    assert list(Session.objects.filter(course=course).values()) == before
    assert notes_of(change) == notes_of(course)
    assert {one.revises.note: one.note for one in change.sessions.all()} == {
        note: note for note in notes_of(course)
    }
    assert set(Session.objects.published()) == set(course.sessions.all())
    assert set(Session.objects.own_records()) == set(course.sessions.all())
    assert not any(one.is_published for one in change.sessions.all())


def test_applying_gives_the_sessions_and_keeps_their_keys_and_sequences(course: Any) -> None:
    first, second = session_of(course, "first"), session_of(course, "second")
    change = course.propose_change()
    moved = session_of(change, "first")
    moved.start_date += timedelta(days=1)
    moved.note = "moved"
    moved.save()
    session_of(change, "second").delete()
    added = make_session(change, in_days=21, note="added", bulk_loaded=False)
    # Nobody read what was changed before it was announced.
    added.move(added.start_date + timedelta(days=1))
    assert added.revised_at
    long_ago = timezone.now() - timedelta(days=30)
    Session.objects.filter(pk=added.pk).update(created_at=long_ago)
    change.apply_change(by=make_user())
    assert notes_of(course) == ["past", "moved", "added"]
    now = Session.objects.get(pk=first.pk)
    assert (now.start_date, now.sequence) == (first.start_date + timedelta(days=1), 1)
    assert now.revised_at
    new = Session.objects.get(pk=added.pk)
    assert (new.course, new.revises_id, new.revised_at) == (course, None, None)
    assert new.announced_at == new.created_at == timezone.now()
    assert not Session.objects.filter(pk=second.pk).exists()
    assert Session.objects.count() == 3
    past = session_of(course, "past")
    assert (past.sequence, past.version) == (0, 1)


def test_what_happened_to_a_live_session_meanwhile_is_kept_and_named(course: Any) -> None:
    change = course.propose_change()
    change.title = "Renamed"
    change.save()
    session_of(course, "first").cancel(note="Ill")
    later = session_of(course, "second")
    later.move(later.start_date + timedelta(days=1))
    make_session(course, in_days=30, note="added there")
    keys = {one.key for one in change.differences() if one.was_changed_meanwhile}
    first = session_of(course, "first")
    assert {f"{first.pk}.cancelled_at", f"{later.pk}.start_date"} < keys
    assert not change.conflicts()
    change.apply_change()
    assert session_of(course, "first").is_cancelled
    assert session_of(course, "second").start_date == later.start_date
    assert notes_of(course) == ["past", "first", "second", "added there"]
    # Calendars show the title.
    assert session_of(course, "past").sequence == 1


@pytest.mark.parametrize("keep", ["theirs", "mine"])
def test_a_session_moved_here_and_there_is_asked_about(course: Any, keep: str) -> None:
    change = course.propose_change()
    mine, theirs = session_of(change, "first"), session_of(course, "first")
    mine.move(mine.start_date + timedelta(days=1))
    theirs.move(theirs.start_date + timedelta(days=2))
    (conflict,) = change.conflicts()
    assert conflict.key == f"{theirs.pk}.start_date"
    with pytest.raises(ValidationError, match="compare the two"):
        change.apply_change()
    change.take_up([conflict.key] if keep == "theirs" else [])
    change.apply_change()
    kept = theirs if keep == "theirs" else mine
    assert session_of(course, "first").start_date == kept.start_date


def test_a_cancellation_is_taken_up_in_the_change(course: Any) -> None:
    change = course.propose_change()
    session_of(course, "first").cancel(note="Ill")
    change.take_up([])
    change = again(change)
    assert session_of(change, "first").is_cancelled
    assert change.differences() == []


@pytest.mark.parametrize("keep", ["theirs", "mine"])
def test_a_session_changed_here_and_deleted_there_is_asked_about(course: Any, keep: str) -> None:
    change = course.propose_change()
    copy = session_of(change, "first")
    copy.note = "first of all"
    copy.save()
    session_of(course, "first").delete()
    (conflict,) = change.conflicts()
    assert conflict.theirs is None
    change.take_up([conflict.key] if keep == "theirs" else [])
    change.apply_change()
    expected = ["first of all"] if keep == "mine" else []
    assert notes_of(course) == ["past", *expected, "second"]
    assert not Session.objects.exclude(revises=None).exists()


def test_a_session_deleted_there_is_not_brought_back(course: Any) -> None:
    change = course.propose_change()
    session_of(course, "first").delete()
    assert not change.conflicts()
    change.apply_change()
    assert notes_of(course) == ["past", "second"]


def test_a_session_taken_out_here_and_cancelled_there_is_asked_about(course: Any) -> None:
    change = course.propose_change()
    session_of(change, "first").delete()
    session_of(course, "first").cancel()
    assert len(change.conflicts()) == 1


def test_a_change_that_is_discarded_leaves_the_sessions(course: Any) -> None:
    before = list(Session.objects.values())
    course.propose_change().delete()
    assert list(Session.objects.values()) == before


def test_sessions_of_a_change_raise_no_version_of_what_is_public(course: Any) -> None:
    change = course.propose_change()
    before = versions.current()
    added = make_session(change)
    added.note = "Words"
    added.save()
    session_of(change, "first").delete()
    added.delete()
    assert versions.current() == before
    session_of(course, "first").cancel()
    assert versions.current() != before


def test_as_applied_shows_all_and_leaves_nothing(review: Any) -> None:
    change = review.propose_change()
    change.summary = "New words."
    change.save()
    before = rows_of(review), rows_of(change)
    with change.as_applied() as live:
        assert again(live).summary == "New words."
        assert not PracticeReview.objects.proposed_changes().exists()
    assert (rows_of(review), rows_of(change)) == before
