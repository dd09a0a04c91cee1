"""Content hash: everything that a reader sees changes it, and nothing else does."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import models

from mscp.models import Page
from mscp.publishing.content_hash import content_hash, not_content
from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from reviews.models import Briefing, Document, NationalReport, PracticeReview
from tests.factories import (
    MINIMAL_PDF,
    make_audience,
    make_briefing,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_note,
    make_page,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_user,
    make_venue,
)
from training.models import Course

pytestmark = pytest.mark.django_db

MAKERS: dict[Any, Any] = {
    PracticeReview: make_review,
    NationalReport: make_report,
    Briefing: make_briefing,
    Course: make_course,
    Page: make_page,
}
BOOKKEEPING = {"created_at", "created_by", "updated_at", "updated_by", "version"}
STATE = {"state", "published_at", "first_published_at"}
STATE |= {"withdrawn_at", "withdrawn_reason", "withdrawn_name"}
# Of a proposed change: what it is one to, what it was begun from, and with what it goes live.
STATE |= {"revises", "merge_base", "release"}
WORDS = {"name_words", "start_words", "words"}
# What no reader sees, by model. A new field is seen unless it is written here too.
UNSEEN = {
    PracticeReview: BOOKKEEPING | STATE | WORDS | {"slug", "staff_note"},
    NationalReport: BOOKKEEPING | STATE | WORDS | {"slug", "staff_note"},
    Briefing: BOOKKEEPING | STATE | WORDS | {"slug", "staff_note"},
    Course: BOOKKEEPING | STATE | WORDS | {"slug", "staff_note"},
    Page: BOOKKEEPING | STATE | {"slug"},
    Document: BOOKKEEPING
    | WORDS
    | {"uid", "publication", "position", "file", "added_later", "url_checked", "url_checked_on"}
    | {"revises"},
}
# Those that a save sets by itself.
MADE_BY_SAVE = {"kind", "corrections_hash"}


def saved_hash(record: Any) -> str:
    return content_hash(type(record).objects.get(pk=record.pk))


def fields_of(model: Any) -> list[Any]:
    return [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key
        and not getattr(field.remote_field, "parent_link", False)
        and field.name not in MADE_BY_SAVE
    ]


def another(field: Any, value: Any) -> Any:
    """Return a value of a field that it does not have."""
    if isinstance(field, models.BooleanField):
        return not value
    if field.choices:
        return next(one for one, _ in field.flatchoices if one and one != value)
    if isinstance(field, models.IntegerField):
        return (value or 0) + 7
    if type(field).__name__ == "PartialDateField":
        return PartialDate.from_iso("2019-03")
    if isinstance(field, models.ForeignKey):
        return make_review().pk
    return "https://example.org/changed" if isinstance(field, models.URLField) else "changed"


def cases() -> list[Any]:
    return [
        pytest.param(model, field, id=f"{model.__name__}-{field.name}")
        for model in [*MAKERS, Document]
        for field in fields_of(model)
        if field.name not in UNSEEN[model]
    ]


@pytest.mark.parametrize("model", UNSEEN)
def test_what_no_reader_sees_is_named(model: Any) -> None:
    known = {field.name for field in fields_of(model)}
    assert not_content(model) & known == UNSEEN[model] & known


@pytest.mark.parametrize(("model", "field"), cases())
def test_every_field_that_a_reader_sees_changes_it(model: Any, field: Any) -> None:
    is_document = model is Document
    record = make_document(make_review()) if is_document else MAKERS[model](state=State.DRAFT)
    before = content_of(type(record).objects.get(pk=record.pk))
    setattr(record, field.attname, another(field, getattr(record, field.attname)))
    # Not saved: the constraints of the fields beside it are not the matter here.
    assert content_of(record) != before


def content_of(record: Any) -> object:
    return record.content() if isinstance(record, Document) else content_hash(record)


@pytest.mark.parametrize("model", MAKERS)
def test_what_only_staff_see_and_every_step_leave_it(model: Any) -> None:
    text = "body" if model is Page else "summary"
    record = MAKERS[model](state=State.DRAFT, title="Oak", **{text: "Words."})
    before = saved_hash(record)
    if hasattr(record, "staff_note"):
        record.staff_note = "Ask the panel"
    record.save()
    record.publish()
    record.withdraw(reason="A name", name="Oak")
    assert saved_hash(record) == before


def test_themes_count_and_suggested_ones_do_not() -> None:
    review, theme, other = make_review(), make_theme(), make_theme()
    before = saved_hash(review)
    review.suggested_themes.add(theme)
    assert saved_hash(review) == before
    review.themes.add(theme)
    with_one = saved_hash(review)
    review.themes.set([other])
    assert len({before, with_one, saved_hash(review)}) == 3
    review.themes.set([other, theme])
    both = saved_hash(review)
    review.themes.set([])
    review.themes.set([theme, other])
    assert saved_hash(review) == both


def test_a_course_has_audiences_themes_publications_and_sessions() -> None:
    course = make_course(state=State.DRAFT)
    seen = [saved_hash(course)]
    for related, one in (
        (course.themes, make_theme()),
        (course.audiences, make_audience()),
        (course.publications, make_review()),
    ):
        related.add(one)
        seen.append(saved_hash(course))
    session = make_session(course)
    seen.append(saved_hash(course))
    session.note = "Bring lunch"
    session.save()
    seen.append(saved_hash(course))
    session.venue = make_venue()
    session.save()
    seen.append(saved_hash(course))
    assert len(set(seen)) == 7
    session.delete()
    assert saved_hash(course) == seen[3]


def test_when_a_session_is_held_and_whether_counts_for_nothing() -> None:
    """Correcting or cancelling one must wait for nobody."""
    course = make_course(state=State.DRAFT)
    session = make_session(course)
    before = saved_hash(course)
    session.move(session.start_date + timedelta(days=1), note="Ill")
    session.cancel(note="Ill")
    assert saved_hash(course) == before


def test_when_a_session_is_held_that_a_change_adds_counts_until_it_is_applied() -> None:
    change = make_course().propose_change()
    added = make_session(change)
    before, applied = saved_hash(change), content_hash(change, as_applied=True)
    added.move(added.start_date + timedelta(days=1))
    assert saved_hash(change) != before
    assert content_hash(change, as_applied=True) == applied
    assert saved_hash(change.apply_change()) == applied


def test_the_order_of_sessions_is_not_that_of_their_keys() -> None:
    courses = [make_course(state=State.DRAFT, title="One") for _ in range(2)]
    for course, notes in zip(courses, ("ab", "ba"), strict=True):
        for note in notes:
            make_session(course, note=note)
    assert saved_hash(courses[0]) == saved_hash(courses[1])


@pytest.mark.parametrize("model", MAKERS)
def test_notes_count_by_their_words_and_days_and_not_by_when_they_were_told(model: Any) -> None:
    record = MAKERS[model]()
    seen = [saved_hash(record)]
    note, other = make_note(record, "One."), make_note(record, "Two.")
    seen.append(saved_hash(record))
    note.noted_at = None
    note.save()
    other.noted_at += timedelta(days=1)
    other.save()
    assert saved_hash(record) == seen[-1]
    for name, value in (("text", "Three."), ("dated", date(2026, 11, 20))):
        setattr(note, name, value)
        note.save()
        seen.append(saved_hash(record))
    assert len(set(seen)) == 4
    note.delete(), other.delete()
    assert saved_hash(record) == seen[0]


def test_documents_count_with_their_order_and_the_bytes_of_their_files() -> None:
    review = make_review(state=State.DRAFT)
    seen = [saved_hash(review)]
    first = make_document(review, title="First", pdf=MINIMAL_PDF, position=1)
    seen.append(saved_hash(review))
    second = make_document(review, title="Second", position=2)
    seen.append(saved_hash(review))
    Document.objects.filter(pk=first.pk).update(position=3)
    seen.append(saved_hash(review))
    Document.objects.filter(pk=first.pk).update(file=make_file(MINIMAL_PDF + b"\n"))
    seen.append(saved_hash(review))
    assert len(set(seen)) == 5
    # The same bytes, sent again, and the same order by other numbers.
    Document.objects.filter(pk=first.pk).update(file=make_file(MINIMAL_PDF + b"\n"), position=9)
    assert saved_hash(review) == seen[-1]
    second.delete()
    assert saved_hash(review) not in seen


def test_settling_a_finding_and_checking_an_address_leave_it() -> None:
    review = make_review(state=State.DRAFT)
    document = make_document(review, pdf=MINIMAL_PDF)
    elsewhere = make_document(review)
    assert document.file
    finding = make_finding(document.file)
    before = saved_hash(review)
    finding.accept(reason="The author agreed", user=make_user())
    elsewhere.url_checked = True
    elsewhere.save()
    assert saved_hash(review) == before


def test_it_is_the_same_on_every_database_and_in_every_release() -> None:
    """An approval must outlive an upgrade: these values never change."""
    page = make_page(title="About “us”", body="Words.\n", position=2)
    assert saved_hash(page) == "41bc643d8ea4b6272390f4d5b6cca3b7b5b05d05dedcdad4757d492b7dc51578"
    review = make_review(
        title="Oak (fictional)",
        report_date=PartialDate.from_iso("2021-09"),
        themes=[make_theme(name="Zebra"), make_theme(name="Élan vital")],
    )
    make_document(review, title="Report", pdf=MINIMAL_PDF)
    make_document(review, title="Elsewhere", pages=3)
    assert saved_hash(review) == "a03b2bc6a658a95ad00e408ba33050b5e20bf5e2d9eaa996c6f9db7a4a64248b"


def test_it_takes_a_constant_number_of_queries(django_assert_num_queries: Any) -> None:
    review = make_review(themes=[make_theme(), make_theme()])
    for _ in range(3):
        make_document(review, pdf=MINIMAL_PDF)
    # Themes, documents, and the notes on changes of what readers can have read.
    with django_assert_num_queries(3):
        content_hash(review)


def test_texts_that_only_look_alike_together_differ() -> None:
    one = make_review(state=State.DRAFT, title="Oak", summary="Elm")
    other = make_review(state=State.DRAFT, title="OakE", summary="lm")
    assert saved_hash(one) != saved_hash(other)
