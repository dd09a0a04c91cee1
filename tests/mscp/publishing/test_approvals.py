"""Two people: who is an author, what an approval is for, and every way that calls for one."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from mscp.models import Page
from mscp.publishing.approvals import (
    ALL_OWN,
    Handover,
    Step,
    applying,
    approve,
    approved,
    authors_of,
    hand_over,
    refusal,
    shipped_content,
)
from mscp.publishing.gate import State
from reviews.models import Briefing, Document, NationalReport, PracticeReview, Publication
from tests.factories import (
    MINIMAL_PDF,
    make_course,
    make_document,
    make_file,
    make_session,
    make_theme,
    make_user,
    put_in_state,
)
from training.models import Course, Session

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_people(settings: Any) -> None:
    settings.TWO_PEOPLE = True


def by(user: Any, record: Any) -> Any:
    """Make the next saves of a record those of a user, as the middleware does in a request."""
    record._history_user = user
    return record


def written(user: Any, model: Any = PracticeReview, **fields: Any) -> Any:
    values: dict[Any, dict[str, Any]] = {
        PracticeReview: {"type": "lcspr", "summary": "Words."},
        NationalReport: {"type": "annual_report", "summary": "Words."},
        Briefing: {"summary": "Words."},
        Course: {"summary": "Words."},
        Page: {"body": "Words."},
    }
    record = by(user, model(**{"title": "Oak", **values[model], **fields}))
    record.save()
    return record


def again(record: Any, user: Any = None) -> Any:
    return by(user, type(record).objects.get(pk=record.pk))


def keys(record: Any) -> list[int | None]:
    return [author.key for author in authors_of(record)]


@pytest.fixture
def amy(db: None) -> Any:
    return make_user("Publishers", username="amy")


@pytest.fixture
def ben(db: None) -> Any:
    return make_user("Publishers", username="ben")


@pytest.mark.parametrize("model", [PracticeReview, NationalReport, Briefing, Course, Page])
def test_somebody_else_must_approve_it(model: Any, amy: Any, ben: Any) -> None:
    record = written(amy, model)
    with pytest.raises(ValidationError, match="Two people are needed"):
        record.publish()
    with pytest.raises(ValidationError, match="You wrote"):
        approve(record, amy)
    with pytest.raises(ValidationError, match="Two people are needed"):
        record.publish(at=timezone.now() + timezone.timedelta(days=1))
    approve(record, ben)
    record.publish()
    assert again(record).is_published


def test_without_the_setting_nothing_is_asked(settings: Any, amy: Any) -> None:
    settings.TWO_PEOPLE = False
    record = written(amy)
    assert refusal(record) == ""
    record.publish()
    assert record.is_published


def test_a_save_that_changes_nothing_makes_no_author_and_hides_none(amy: Any, ben: Any) -> None:
    record = written(amy)
    trivial = again(record, ben)
    trivial.staff_note = "Seen"
    trivial.save()
    assert keys(record) == [amy.pk]
    with pytest.raises(ValidationError):
        approve(again(record), amy)


def test_whoever_changed_a_theme_a_document_or_a_file_is_an_author(amy: Any, ben: Any) -> None:
    record = written(amy)
    cleo, dan, eve = (make_user(username=name) for name in ("cleo", "dan", "eve"))
    by(ben, record).themes.add(make_theme())
    document = by(cleo, Document(publication=record, title="Report", file=make_file(MINIMAL_PDF)))
    document.save()
    swapped = by(dan, Document.objects.get(pk=document.pk))
    swapped.file = make_file(MINIMAL_PDF + b"\n")
    swapped.save()
    assert keys(again(record)) == [amy.pk, ben.pk, cleo.pk, dan.pk]
    by(eve, Document.objects.get(pk=document.pk)).delete()
    assert eve.pk in keys(again(record))


def test_whoever_moved_a_document_away_is_an_author_of_both(amy: Any, ben: Any) -> None:
    first, second = written(amy), written(amy, title="Elm")
    document = by(amy, Document(publication=first, title="Report", url="https://example.org/"))
    document.save()
    moved = by(ben, Document.objects.get(pk=document.pk))
    moved.publication = Publication.objects.get(pk=second.pk)
    moved.save()
    assert keys(again(first)) == [amy.pk, ben.pk]
    assert ben.pk in keys(again(second))


def test_checking_an_address_makes_no_author(amy: Any, ben: Any) -> None:
    record = written(amy)
    document = by(amy, Document(publication=record, title="Report", url="https://example.org/"))
    document.save()
    checked = by(ben, Document.objects.get(pk=document.pk))
    checked.url_checked = True
    checked.save()
    assert keys(again(record)) == [amy.pk]


def test_a_course_has_whoever_changed_its_audiences_and_publications(amy: Any, ben: Any) -> None:
    course = written(amy, Course)
    by(ben, course).publications.add(written(amy))
    assert keys(again(course)) == [amy.pk, ben.pk]


def test_of_two_authors_each_approves_what_the_other_wrote(amy: Any, ben: Any) -> None:
    record = written(amy)
    changed = again(record, ben)
    changed.summary = "Other words."
    changed.save()
    approve(changed, amy)
    assert not approved(changed)
    with pytest.raises(ValidationError, match="Two people"):
        changed.publish()
    with pytest.raises(ValidationError, match="already"):
        approve(changed, amy)
    approve(changed, ben)
    assert approved(changed)
    changed.publish()


def test_a_third_person_is_enough_for_all_authors(amy: Any, ben: Any) -> None:
    record = written(amy)
    changed = again(record, ben)
    changed.summary = "Other words."
    changed.save()
    approve(changed, make_user("Publishers"))
    assert approved(changed)


def test_half_an_approval_does_not_make_the_rest_forgotten(amy: Any, ben: Any) -> None:
    """Amy approves Ben's words; then Ben writes once more. Her own were never approved."""
    record = written(amy)
    for text in ("Of Ben.", "Of Ben, later."):
        changed = again(record, ben)
        changed.summary = text
        changed.save()
        approve(changed, amy)
        assert not approved(changed)
    assert keys(changed) == [amy.pk, ben.pk]


def test_after_an_approval_only_later_changes_have_an_author(amy: Any, ben: Any) -> None:
    record = written(amy)
    approve(record, ben)
    assert keys(record) == []
    changed = again(record, ben)
    changed.summary = "Of Ben."
    changed.save()
    assert keys(changed) == [ben.pk] and not approved(changed)
    with pytest.raises(ValidationError):
        approve(changed, ben)
    approve(changed, amy)
    assert approved(changed)


CHANGES: dict[str, Callable[[Any], object]] = {
    "text": lambda record: (setattr(record, "summary", "New."), record.save()),
    "theme": lambda record: record.themes.add(make_theme()),
    "document": lambda record: make_document(record),
    "removed": lambda record: record.documents.first().delete(),
    "order": lambda record: Document.objects.filter(title="B").update(position=0),
    "file": lambda record: Document.objects.filter(title="B").update(
        file=make_file(MINIMAL_PDF + b" ")
    ),
    "behind": lambda record: type(record).objects.filter(pk=record.pk).update(title="Other"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_later_change_voids_it(change: str, amy: Any, ben: Any) -> None:
    record = written(amy)
    make_document(record, title="A", position=1)
    make_document(record, title="B", position=2, pdf=MINIMAL_PDF)
    approve(record, ben)
    assert approved(record)
    CHANGES[change](again(record, amy))
    assert not approved(again(record))
    with pytest.raises(ValidationError, match="Two people"):
        again(record).publish()


def test_withdrawn_and_put_back_unchanged_needs_no_other_approval(amy: Any, ben: Any) -> None:
    record = written(amy)
    approve(record, ben)
    record.publish()
    record.withdraw(reason="A doubt")
    again(record).publish()
    assert again(record).is_published


def test_withdrawn_changed_and_put_back_needs_one(amy: Any, ben: Any) -> None:
    record = written(amy)
    approve(record, ben)
    record.publish()
    record.withdraw(reason="A doubt")
    changed = again(record, amy)
    changed.summary = "New."
    changed.save()
    with pytest.raises(ValidationError, match="Two people"):
        changed.publish()


@pytest.mark.parametrize("state", [State.SCHEDULED, State.PUBLISHED])
@pytest.mark.parametrize("change", ["text", "theme", "document", "removed"])
def test_nothing_that_is_live_or_scheduled_changes(
    change: str, state: State, amy: Any, ben: Any
) -> None:
    record = written(amy)
    make_document(record)
    put_in_state(record, state)
    before = PracticeReview.objects.get(pk=record.pk)
    with pytest.raises(ValidationError), transaction.atomic():
        CHANGES[change](again(record, amy))
    after = PracticeReview.objects.get(pk=record.pk)
    assert after.summary == before.summary and after.documents.count() == 1
    assert not after.themes.exists()


def test_a_theme_cannot_take_in_what_is_live_from_its_own_side(amy: Any) -> None:
    record, theme = written(amy), make_theme()
    put_in_state(record, State.PUBLISHED)
    for change in (
        lambda: theme.publications.add(record.publication_ptr),
        lambda: theme.publications.set([record.publication_ptr]),
    ):
        with pytest.raises(ValidationError), transaction.atomic():
            change()
    assert not record.themes.exists()


def test_a_note_for_staff_on_what_is_live_needs_nobody(amy: Any) -> None:
    record = written(amy)
    put_in_state(record, State.PUBLISHED)
    record.staff_note = "Ask again in May"
    record.save()
    assert again(record).staff_note


def test_the_state_cannot_be_set_past_the_gate(amy: Any) -> None:
    record = again(written(amy))
    record.state, record.published_at = "published", timezone.now()
    with pytest.raises(ValidationError):
        record.save()
    new = PracticeReview(type="lcspr", title="New", state="published", published_at=timezone.now())
    with pytest.raises(ValidationError):
        new.save()


def test_an_approved_change_is_applied_exactly(amy: Any, ben: Any) -> None:
    live, change = written(amy), written(amy, title="Elm", summary="New.")
    put_in_state(live, State.PUBLISHED)

    def apply(summary: str) -> None:
        with transaction.atomic(), applying(change, live):
            live.title, live.summary = "Elm", summary
            live.save()

    with pytest.raises(ValidationError, match="Two people"):
        apply("New.")
    approve(change, ben)
    with pytest.raises(ValidationError, match="exactly"):
        apply("Something else.")
    live.refresh_from_db()
    assert live.title == "Oak"
    apply("New.")
    assert again(live).summary == "New." and approved(again(live))
    assert [(one.by_name, one.people[0].name) for one in Handover.objects.of(live)] == [
        ("ben", "amy")
    ]


def test_an_author_whose_account_is_gone_does_not_stand_in_the_way(amy: Any, ben: Any) -> None:
    record = written(amy)
    amy.delete()
    approve(record, ben)
    assert approved(record)
    ben.delete()
    handover = Handover.objects.get()
    assert (handover.by_id, handover.by_name) == (None, "ben") and approved(record)


def test_both_names_stay_for_ever(amy: Any, ben: Any) -> None:
    record = written(amy)
    approve(record, ben, note="Compared with the report")
    handover = Handover.objects.get()
    assert handover.by_name == "ben" and handover.people[0].name == "amy"
    with pytest.raises(TypeError):
        handover.save()
    with pytest.raises(TypeError):
        handover.delete()
    record.delete()
    assert Handover.objects.count() == 1


def test_what_is_sent_back_says_why(amy: Any, ben: Any) -> None:
    record = written(amy)
    with pytest.raises(ValidationError, match="why"):
        hand_over(record, Step.SENT_BACK, ben)
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.bulk_create(
            [
                Handover(
                    record_type="x",
                    record_id=1,
                    step=Step.READY,
                    content_hash="short",
                    at=timezone.now(),
                    by_key=1,
                    by_name="ben",
                )
            ]
        )


def test_the_shipped_catalogue_is_loaded_and_no_other(tmp_path: Any) -> None:
    import json

    from mscp.site.catalogue import CATALOGUE

    other = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    other["reviews"][0]["pseudonym"] = "Changed"
    file = tmp_path / "other.json"
    file.write_text(json.dumps(other), encoding="utf-8")
    with transaction.atomic():
        call_command("seed", verbosity=0)
        assert PracticeReview.objects.published().exists() and Course.objects.published().exists()
        transaction.set_rollback(True)
    call_command("seed", catalogue=file, verbosity=0)
    assert PracticeReview.objects.exists() and not Publication.objects.published().exists()
    assert not Course.objects.published().exists()
    # A session that a later one adds to what is live by now is left to two people.
    number = Session.objects.count()
    for course in Course.objects.all():
        put_in_state(course, State.PUBLISHED)
    other["sessions"].append({**other["sessions"][0], "date": "2031-08-04"})
    file.write_text(json.dumps(other), encoding="utf-8")
    call_command("seed", catalogue=file, verbosity=0)
    assert Session.objects.count() == number


def test_authors_are_read_with_a_constant_number_of_queries(
    django_assert_max_num_queries: Any, amy: Any, ben: Any
) -> None:
    record = written(amy)
    for number in range(5):
        changed = again(record, ben)
        changed.summary = f"{number}"
        changed.save()
        make_document(record)
        changed.themes.add(make_theme())
    with django_assert_max_num_queries(8):
        assert keys(again(record)) == [amy.pk, ben.pk]


def test_the_sentence_names_nobody_where_all_is_ones_own(amy: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        approve(written(amy), amy)
    assert caught.value.messages == [ALL_OWN]
    assert connection.vendor in ("sqlite", "postgresql")


# --- sessions -------------------------------------------------------------------------------------


@pytest.fixture
def approved_change(amy: Any, ben: Any) -> Any:
    """Return a change of a live course, written by Amy and approved by Ben."""
    course = make_course(title="Course")
    make_session(course, note="First")
    change = course.propose_change(by=amy)
    added = by(amy, Session(course=change, start_date=date(2027, 1, 14), note="Added"))
    added.save()
    assert keys(change) == [amy.pk]
    approve(change, ben)
    assert approved(again(change))
    return again(change)


def test_a_change_with_its_sessions_goes_live_as_it_was_approved(approved_change: Any) -> None:
    course = approved_change.apply_change()
    assert {one.note for one in course.sessions.all()} == {"First", "Added"}
    assert approved(course), "both names stay with what is live"


@pytest.mark.parametrize(
    "later",
    [
        lambda change: Session.objects.filter(note="Added").update(note="Another"),
        lambda change: Session.objects.filter(note="Added").update(start_date=date(2027, 1, 15)),
        lambda change: change.sessions.get(note="First").delete(),
        lambda change: change.sessions.filter(note="First").update(places="full"),
        lambda change: make_session(change),
    ],
    ids=["text", "day of a new one", "taken out", "places", "another"],
)
def test_any_later_change_of_its_sessions_takes_an_approval_away(
    approved_change: Any, later: Callable[[Any], object]
) -> None:
    later(approved_change)
    assert not approved(approved_change)
    with pytest.raises(ValidationError, match="Two people are needed"):
        approved_change.apply_change()
    assert Session.objects.published().count() == 1


def test_what_is_corrected_meanwhile_takes_no_approval_away(approved_change: Any) -> None:
    live = Session.objects.published().get()
    live.move(live.start_date + timedelta(days=1), note="Ill")
    live.cancel(note="Ill")
    course = approved_change.apply_change()
    kept = course.sessions.get(note="First")
    assert kept.is_cancelled and kept.start_date == live.start_date
    assert approved(course)


def test_what_is_said_otherwise_meanwhile_must_be_approved_again(approved_change: Any) -> None:
    with shipped_content():
        Session.objects.published().update(places="full")
    with pytest.raises(ValidationError, match="not exactly what was approved"):
        approved_change.apply_change()
    assert Session.objects.published().count() == 1


def test_whoever_added_a_session_to_a_draft_is_an_author(amy: Any, ben: Any) -> None:
    course = written(amy, Course)
    by(ben, Session(course=course, start_date=date(2027, 1, 14))).save()
    assert keys(again(course)) == [amy.pk, ben.pk]
