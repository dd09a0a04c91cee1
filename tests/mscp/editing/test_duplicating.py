"""Duplicates of records, and the question about a second one of nearly the same name."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.editing.similar import is_nearly_the_same
from mscp.publishing.gate import State
from reviews.models import Briefing, PracticeReview
from tests.admin_forms import confirm, fields_of, send, ticks_of
from tests.factories import (
    make_audience,
    make_briefing,
    make_course,
    make_document,
    make_note,
    make_report,
    make_review,
    make_session,
    make_theme,
)
from tests.pages import assert_valid, text_of
from training.models import Course

pytestmark = pytest.mark.django_db

ADD = "/admin/reviews/practicereview/add/"


def duplicate(client: Client, *records: Any) -> Any:
    options = records[0]._meta
    keys = "&".join(f"id={record.pk}" for record in records)
    address = f"/admin/{options.app_label}/{options.model_name}/step/duplicate/?{keys}"
    shown = client.get(address)
    assert_valid(shown)
    return client.post(address, fields_of(shown), follow=True)


@pytest.mark.parametrize("state", [State.DRAFT, State.PUBLISHED, State.WITHDRAWN])
@pytest.mark.parametrize("make", [make_review, make_report, make_briefing, make_course])
def test_a_duplicate_is_a_draft_with_texts_and_themes(
    editor: Client, make: Any, state: State
) -> None:
    theme = make_theme()
    original = make(title="Oak", summary="Words.", themes=[theme], state=state)
    original.suggested_themes.add(theme)
    page = duplicate(editor, original)
    assert "This is the copy, a draft, without" in text_of(page)
    copy = type(original).objects.exclude(pk=original.pk).get()
    assert (copy.title, copy.summary, copy.slug) == ("Oak (copy)", "Words.", "oak-copy")
    assert copy.is_draft and not copy.withdrawn_reason and copy.published_at is None
    assert list(copy.themes.all()) == [theme] and not copy.suggested_themes.exists()
    assert copy.created_by == editor.user  # type: ignore[attr-defined]
    assert copy.history.last().history_change_reason == "Copied from Oak"
    assert Client().get(copy.get_absolute_url()).status_code == 404
    version = original.version
    original.refresh_from_db()
    assert original.title == "Oak" and original.version == version


def test_what_belongs_to_one_alone_is_not_copied(publisher: Client) -> None:
    review = make_review(title="x" * 250, pseudonym="Robin", taken_over=True)
    make_note(review)
    make_document(review)
    duplicate(publisher, review)
    copy = PracticeReview.objects.exclude(pk=review.pk).get()
    assert (copy.pseudonym, copy.first_published_at, copy.taken_over) == ("Robin", None, False)
    assert not copy.change_notes.exists()
    assert len(copy.title) == 250 and copy.title.endswith(" (copy)")
    assert not copy.documents.exists()
    learning = make_briefing(review=review, questions="Why?")
    course = make_course(booking_email="book@example.org")
    course.audiences.add(make_audience()), course.publications.add(review), make_session(course)
    duplicate(publisher, learning), duplicate(publisher, course)
    other = Briefing.objects.exclude(pk=learning.pk).get()
    assert (other.review, other.questions) == (review, "Why?")
    another = Course.objects.exclude(pk=course.pk).get()
    assert another.booking_email == "book@example.org" and not another.sessions.exists()
    assert another.audiences.count() == another.publications.count() == 1


@pytest.mark.parametrize(
    ("make", "copied", "not_copied"),
    [
        (make_review, "themes", "documents"),
        (make_report, "themes", "documents"),
        (make_briefing, "the review it is about", "documents"),
        (make_course, "the publications it passes on", "sessions"),
    ],
)
def test_what_is_not_copied_is_said_before_and_after(
    editor: Client, make: Any, copied: str, not_copied: str
) -> None:
    record = make()
    options = record._meta
    address = f"/admin/{options.app_label}/{options.model_name}/step/duplicate/?id={record.pk}"
    said, _, left = text_of(editor.get(address)).partition("Not copied: ")
    assert copied in said.partition("Copied: ")[2] and left.startswith(not_copied)
    done = text_of(duplicate(editor, record))
    assert f"the copy, a draft, without {not_copied} of its own" in done


def test_several_are_duplicated_from_a_list(editor: Client) -> None:
    courses = [make_course(), make_course()]
    assert "2 courses duplicated, as drafts without sessions of their own." in text_of(
        duplicate(editor, *courses)
    )
    assert Course.objects.count() == 4


def test_a_proposed_change_is_not_duplicated(editor: Client) -> None:
    change = make_review(title="Oak").propose_change()
    address = f"/admin/reviews/practicereview/step/duplicate/?id={change.pk}"
    assert "It is a proposed change: duplicate what it is to change." in text_of(
        editor.get(address)
    )
    editor.post(address, {})
    assert PracticeReview.objects.count() == 2
    form = text_of(editor.get(f"/admin/reviews/practicereview/{change.pk}/change/"))
    assert "Duplicate…" not in form


def test_who_may_not_add_may_not_duplicate(sign_in: Any) -> None:
    review = make_review(state=State.DRAFT)
    nobody = sign_in()
    address = f"/admin/reviews/practicereview/step/duplicate/?id={review.pk}"
    assert nobody.get(address).status_code == nobody.post(address).status_code == 403
    assert PracticeReview.objects.count() == 1


def test_the_form_leads_to_duplicating(editor: Client) -> None:
    review = make_review()
    page = editor.get(f"/admin/reviews/practicereview/{review.pk}/change/").content.decode()
    assert f'href="/admin/reviews/practicereview/step/duplicate/?id={review.pk}"' in page
    assert "Duplicate…" not in editor.get(ADD).content.decode()


# --- nearly the same name ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Quinn (Child Q)", "quinn, child Q"),
        ("Siân (Child S)", "SIAN (Child S)"),
        ("Thematic review of neglect", "Thematic reveiw of neglect"),
        ("O’Neill family", "O'Neill family"),
        ("Working with fathers", "Fathers, working with"),
    ],
)
def test_names_that_are_nearly_the_same(one: str, other: str) -> None:
    assert is_nearly_the_same(one, other) and is_nearly_the_same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Child A", "Child B"),
        ("Annual report 2021 to 2022", "Annual report 2022 to 2023"),
        ("Safeguarding level 1", "Safeguarding level 2"),
        ("Working with fathers", "Working with babies"),
        ("Oak", "Ash"),
        ("", ""),
    ],
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert not is_nearly_the_same(one, other)


def test_the_second_of_a_name_is_asked_about_until_somebody_says_yes(editor: Client) -> None:
    first = make_review(pseudonym="Quinn", child_reference="Child Q")
    typed = {"type": "scr", "pseudonym": "QUINN", "child_reference": "child q", "summary": "Mine."}
    asked = send(editor, ADD, **typed)
    page = text_of(asked)
    assert_valid(asked)
    assert "There is one of nearly the same name already: Quinn (Child Q)" in page
    assert f'href="/admin/reviews/practicereview/{first.pk}/change/"' in asked.content.decode()
    assert "Mine." in asked.content.decode() and PracticeReview.objects.count() == 1
    assert set(ticks_of(asked)) == {"confirmed"} and "Yes, this is another" in page
    # Without the tick it is asked again.
    assert editor.post(ADD, {**fields_of(asked), "_save": "Save"}).status_code == 200
    # A tick counts for one name.
    assert confirm(editor, ADD, asked, pseudonym="Qinn").status_code == 200
    assert confirm(editor, ADD, asked).status_code == 302
    assert PracticeReview.objects.count() == 2


def test_an_edit_of_something_else_is_not_asked_about(editor: Client) -> None:
    for _ in range(2):
        review = make_review(title="Oak", state=State.DRAFT)
    form = f"/admin/reviews/practicereview/{review.pk}/change/"
    assert send(editor, form, summary="Words.").status_code == 302
    assert send(editor, form, title="OAK").status_code == 200


def test_other_kinds_and_other_names_are_no_matter(editor: Client) -> None:
    make_report(title="Oak"), make_briefing(title="Oak"), make_review(title="Ash")
    assert send(editor, ADD, type="scr", title="Oak").status_code == 302
    make_course(title="Working with fathers")
    asked = send(editor, "/admin/training/course/add/", title="Working with Fathers")
    assert "nearly the same name" in text_of(asked)


def test_asking_takes_one_query_whatever_there_is(editor: Client) -> None:
    counts = []
    for _ in range(3):
        for number in range(20):
            make_review(title=f"Sample {'x' * number} {number}")
        # What a worker keeps is read by the first.
        send(editor, ADD, type="scr", title="")
        with CaptureQueriesContext(connection) as queries:
            send(editor, ADD, type="scr", title="Sample xx 2")
        counts.append(len(queries))
    # The first also makes what is kept of the form.
    assert counts[1] == counts[2]
