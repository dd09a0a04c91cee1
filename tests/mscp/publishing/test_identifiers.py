"""Nothing goes live while what tells who somebody is stands in it unsettled, on whatever way."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from mscp.models import Page, SettledIdentifier
from mscp.publishing.gate import State
from mscp.publishing.identifiers import owner_of, settle
from mscp.publishing.releases import Release
from reviews.models import Document, DocumentFile, FileIdentifiers, PracticeReview
from tests.factories import (
    MINIMAL_PDF,
    make_briefing,
    make_contact,
    make_course,
    make_document,
    make_file,
    make_identity,
    make_note,
    make_page,
    make_report,
    make_review,
    make_session,
    make_user,
    make_venue,
    put_in_state,
)

pytestmark = pytest.mark.django_db

NUMBER = "Call Jo on 07700 900123."
IN_SIGHT = "In plain sight, and to be settled first"


def with_file(**fields: Any) -> Any:
    review = make_review(state=State.DRAFT)
    file = make_file(MINIMAL_PDF, pages=["Nothing.", fields.pop("text", NUMBER)])
    make_document(review, file=file, **{"title": "The report", **fields})
    return review


def with_title(title: str) -> Any:
    review = make_review(state=State.DRAFT)
    make_document(review, file=make_file(MINIMAL_PDF, title=title), title="The report")
    return review


def with_address(url: str) -> Any:
    review = make_review(state=State.DRAFT)
    make_document(review, url=url, title="Elsewhere")
    return review


def with_note() -> Any:
    review = make_review(state=State.DRAFT, summary="A summary.")
    make_note(review, NUMBER)
    return review


def with_session() -> Any:
    course = make_course(state=State.DRAFT)
    make_session(course, note=NUMBER)
    return course


PLACES: dict[str, tuple[Callable[[], Any], str]] = {
    "page of a PDF": (with_file, "“The report”, page 2"),
    "title of a document": (lambda: with_file(text="", title=NUMBER), f"document “{NUMBER}”"),
    "address of a document": (
        lambda: with_address("https://example.org/?to=jo@example.org"),
        "document “Elsewhere”, address",
    ),
    "title in the PDF": (
        lambda: with_title(NUMBER),
        "document “The report”, title in the PDF",
    ),
    "title": (lambda: make_review(state=State.DRAFT, title=NUMBER, summary="A"), "title"),
    "summary": (lambda: make_review(state=State.DRAFT, summary=NUMBER), "summary"),
    "part of a learning": (lambda: make_briefing(state=State.DRAFT, questions=NUMBER), "7. Q"),
    "reviewer": (lambda: make_review(state=State.DRAFT, summary="A", reviewer=NUMBER), "reviewer"),
    "note on a change": (with_note, "note on a change, what changed"),
    "national report": (lambda: make_report(state=State.DRAFT, summary=NUMBER), "summary"),
    "course": (lambda: make_course(state=State.DRAFT, outcomes=NUMBER), "what people take away"),
    "session": (with_session, "Session of "),
    "page of the site": (lambda: make_page(state=State.DRAFT, body=NUMBER), "text"),
    "address of its page": (
        lambda: make_page(state=State.DRAFT, slug="call-07700-900123"),
        "address of its page",
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_every_text_that_readers_see_is_looked_through(name: str) -> None:
    make, place = PLACES[name]
    record = make()
    with pytest.raises(ValidationError, match=IN_SIGHT) as refused:
        record.publish()
    said = " ".join(refused.value.messages)
    assert place in said
    if name not in ("title of a document", "title"):
        assert "900123" not in said
    record.refresh_from_db()
    assert record.is_draft


WAYS: dict[str, Callable[[Any], object]] = {
    "at once": lambda record: record.publish(),
    "scheduled": lambda record: record.publish(at=timezone.now() + timedelta(days=1)),
    "again after it was withdrawn": lambda record: (
        put_in_state(record, State.WITHDRAWN),
        record.publish(),
    ),
    "in a release": lambda record: _released(record),
    "as a change": lambda record: _applied(record),
    "by a save of what is live": lambda record: _saved_live(record),
}


def _released(record: Any) -> None:
    release = Release.objects.create(title="Together")
    release.add([record])
    release.go_live()


def _applied(record: Any) -> None:
    text, record.summary = record.summary, "Harmless."
    record.save()
    put_in_state(record, State.PUBLISHED)
    change = record.propose_change(by=make_user())
    change.summary = text
    change.save()
    change.apply_change()


def _saved_live(record: Any) -> None:
    text, record.summary = record.summary, "Harmless."
    record.save()
    put_in_state(record, State.PUBLISHED)
    record.summary = text
    record.save()


@pytest.mark.parametrize("name", WAYS)
def test_no_way_to_what_is_public_passes_by_it(name: str) -> None:
    record = make_review(state=State.DRAFT, summary=NUMBER)
    with pytest.raises(ValidationError, match=IN_SIGHT):
        WAYS[name](record)


@pytest.mark.parametrize("name", WAYS)
def test_what_is_settled_goes_live_on_every_way(name: str) -> None:
    record = make_review(state=State.DRAFT, summary=NUMBER)
    settle(owner_of(record), "telephone", "07700900123", reason="The office", user=make_user())
    WAYS[name](record)
    record = PracticeReview.objects.get(pk=record.pk)
    assert record.state == "published" and record.summary == NUMBER


def test_what_is_settled_is_settled_for_the_change_too_and_the_other_way_round() -> None:
    live = make_review(summary="Harmless.")
    change = live.propose_change(by=make_user())
    assert owner_of(change) == owner_of(live)


def test_a_new_text_asks_only_for_what_is_new() -> None:
    record = make_review(state=State.DRAFT, summary=NUMBER)
    settle(owner_of(record), "telephone", "07700900123", reason="The office", user=make_user())
    record.summary = f"{NUMBER} Or 07700-900-123, or write to jo@example.org."
    record.save()
    (obstacle,) = record.publishing_obstacles()
    assert obstacle.sentence == f"{IN_SIGHT}: an e-mail address (summary)."


def test_a_new_file_asks_only_for_what_is_new() -> None:
    review = with_file()
    settle(owner_of(review), "telephone", "07700900123", reason="The office", user=make_user())
    document = review.documents.get()
    document.file = make_file(MINIMAL_PDF + b"%", pages=[f"{NUMBER} NHS number 943 476 5919"])
    document.save()
    (obstacle,) = review.publishing_obstacles()
    assert obstacle.sentence == f"{IN_SIGHT}: an NHS number (“The report”, page 1)."


def test_what_was_settled_of_a_file_before_it_was_saved_counts_with_its_publication() -> None:
    review = with_file()
    file = review.documents.get().file
    settle(owner_of(file), "telephone", "07700900123", reason="The office", user=make_user())
    assert review.publishing_obstacles() == []


def test_a_new_file_of_what_is_live_is_settled_before_it_is_saved() -> None:
    review = make_review(summary="A summary.")
    file = make_file(MINIMAL_PDF, pages=[NUMBER])
    document = Document(publication=review, title="New", file=file)
    with pytest.raises(ValidationError, match=IN_SIGHT):
        document.full_clean()
    settle(owner_of(file), "telephone", "07700900123", reason="The office", user=make_user())
    document.full_clean()


@pytest.mark.parametrize(
    "known",
    [
        lambda: make_identity(own_identifiers="Duty desk: 07700 900 123\n"),
        lambda: make_identity(phone="07700 900123"),
        lambda: make_contact(phone="07700 900123"),
        lambda: make_venue(directions="Ring +44 7700 900123 at the gate."),
        lambda: make_venue(accessibility="Ask on 07700-900123"),
        lambda: make_contact(phone="07700900123"),
    ],
)
def test_the_contact_data_of_the_site_are_settled_by_themselves(known: Any) -> None:
    record = make_review(state=State.DRAFT, summary=NUMBER)
    assert record.publishing_obstacles()
    known()
    assert record.publishing_obstacles() == []
    record.publish()


@pytest.mark.parametrize(
    "known",
    [
        lambda: make_identity(email="jo@example.org"),
        lambda: make_course(booking_email="jo@example.org"),
        lambda: make_session(booking_email="Jo@example.org"),
        lambda: make_identity(own_identifiers="jo@example.org"),
    ],
)
def test_an_address_for_booking_or_questions_is_settled_by_itself(known: Any) -> None:
    record = make_page(state=State.DRAFT, body="Write to jo@example.org")
    assert record.publishing_obstacles()
    known()
    assert record.publishing_obstacles() == []


def test_the_postcode_of_a_venue_is_settled_by_itself() -> None:
    record = make_page(state=State.DRAFT, body="We are at SM4 5DX.")
    assert record.publishing_obstacles()
    make_venue(postcode="sm4 5dx")
    assert record.publishing_obstacles() == []


def test_what_was_live_before_is_not_asked_about_by_a_save_of_something_else() -> None:
    page = make_page(body=NUMBER)
    page.title = "Another title"
    page.save()
    page.body = f"{NUMBER} Or jo@example.org"
    with pytest.raises(ValidationError, match="an e-mail address \\(text\\)"):
        page.save()
    assert Page.objects.get(pk=page.pk).title == "Another title"


def test_a_session_of_a_live_course_says_nothing_unsettled() -> None:
    course = make_course()
    session = make_session(course)
    session.note = NUMBER
    with pytest.raises(ValidationError, match=IN_SIGHT):
        session.save()
    settle(owner_of(course), "telephone", "07700900123", reason="The office", user=make_user())
    session.save()


def test_a_note_for_staff_may_say_anything() -> None:
    record = make_review(state=State.DRAFT, summary="A summary.", staff_note=NUMBER)
    record.publish()


def test_many_are_named_with_how_many_more() -> None:
    text = " ".join(f"0770090012{number}" for number in range(7))
    (obstacle,) = make_page(state=State.DRAFT, body=text).publishing_obstacles()
    assert obstacle.sentence.endswith("and 3 more.")
    assert obstacle.sentence.count("(text)") == 4


def test_a_file_of_an_earlier_release_is_looked_through_once() -> None:
    review = with_file()
    file = DocumentFile.objects.get()
    file.found_identifiers.delete()
    (obstacle,) = review.publishing_obstacles()
    assert "page 2" in obstacle.sentence
    assert FileIdentifiers.objects.get().found


@pytest.mark.django_db(transaction=True)
def test_the_first_look_at_it_keeps_what_is_found_though_nothing_is_saved() -> None:
    with_file()
    file = DocumentFile.objects.get()
    file.found_identifiers.delete()
    found = DocumentFile.objects.get().standing_identifiers("Report")
    DocumentFile.objects.get().text_pages.all().delete()
    again = DocumentFile.objects.select_related("found_identifiers").get()
    assert again.standing_identifiers("Report") == found != []


def test_two_who_settle_at_once_settle_once() -> None:
    record = make_page(state=State.DRAFT, body=NUMBER)
    user = make_user(first_name="Jo", last_name="Sample")
    given = owner_of(record), "telephone", "07700900123"
    assert settle(*given, reason="One", user=user)
    assert settle(*given, reason="Two", user=user) is None
    (settled,) = SettledIdentifier.objects.all()
    assert settled.in_words.startswith("Jo Sample on ") and settled.reason == "One"


def test_without_anything_in_sight_nothing_is_asked_of_what_is_settled(
    django_assert_num_queries: Any,
) -> None:
    page = make_page(state=State.DRAFT, body="Nothing.")
    # Its notes on changes, and nothing more.
    with django_assert_num_queries(1):
        assert page.publishing_obstacles() == []


def test_a_change_is_looked_at_before_it_is_settled() -> None:
    live = make_review(summary="Harmless.")
    change = live.propose_change(by=make_user())
    change.summary = NUMBER
    change.save()
    with change.as_applied() as shown:
        assert shown.summary == NUMBER
    with pytest.raises(ValidationError, match=IN_SIGHT):
        change.apply_change()
