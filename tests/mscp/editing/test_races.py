"""Two people at the same moment, each in a transaction of their own."""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mscp.publishing.gate import State
from mscp.publishing.releases import Release
from mscp.records.locking import lock_all
from mscp.search.query import read
from reviews import search
from reviews.models import Document, PracticeReview
from tests.admin_forms import fields_of
from tests.factories import (
    MINIMAL_PDF,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_review,
    make_session,
    make_theme,
    past_the_gate,
)
from training.models import Course, Session

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor == 'sqlite'",
        reason="SQLite has one writer at a time; its transactions take turns from the start",
    ),
]

LIST = "/admin/reviews/practicereview/"


def meanwhile(first: Callable[[], None], second: Callable[[], None], *, waits: bool = True) -> None:
    """Start ``second`` while ``first`` is done but not yet committed; expect that it waits."""

    def run() -> None:
        try:
            second()
        finally:
            connections.close_all()

    thread = Thread(target=run)
    try:
        with transaction.atomic():
            first()
            thread.start()
            thread.join(timeout=1)
            assert thread.is_alive() or not waits, "the second did not wait for the first"
    finally:
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
    review = make_review(state=State.DRAFT, summary="The name of a child")
    asked = fields_of(publisher.get(f"{LIST}step/publish/?id={review.pk}"))

    def edit() -> None:
        mine = PracticeReview.objects.select_for_update().get()
        mine.summary = "Without a name"
        mine.save()

    meanwhile(edit, lambda: publisher.post(f"{LIST}step/publish/?id={review.pk}", asked))
    review.refresh_from_db()
    assert review.summary == "Without a name" and review.is_draft


def test_a_step_does_not_bring_back_what_was_deleted(publisher: Client) -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
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


def waiting_for_a_lock() -> int:
    with connection.cursor() as cursor:
        # A transaction sees one snapshot of what others do, unless it drops that.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def one_after_the_other(held: Model, *requests: Callable[[], Any]) -> list[Any]:
    """Start requests so that each waits for a lock, the first for ``held``; then let them go.

    Each starts when the one before waits, so what they lock, they lock in the same turns always.
    """
    answers: list[Any] = []

    def run(request: Callable[[], Any]) -> None:
        try:
            answers.append(request())
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[request]) for request in requests]
    with transaction.atomic():
        type(held)._base_manager.select_for_update().get(pk=held.pk)
        for number, thread in enumerate(threads, 1):
            thread.start()
            for _ in range(500):
                if waiting_for_a_lock() == number:
                    break
                time.sleep(0.01)
            assert waiting_for_a_lock() == number
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()
    return answers


def test_two_moves_of_sessions_of_interleaved_courses_both_end(sign_in: Any) -> None:
    first, second = make_course(), make_course()
    sessions = [make_session(course) for course in (first, second, second, first)]

    def move(day: str, *moved: Any) -> Callable[[], Any]:
        client = sign_in("Publishers")
        address = "/admin/training/session/step/move/?" + "&".join(f"id={s.pk}" for s in moved)
        return lambda: client.post(address, {f"day_{session.pk}": day for session in moved})

    answers = one_after_the_other(
        sessions[0], move("01/03/2027", *sessions[:2]), move("02/03/2027", *sessions[2:])
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    days = [str(session.start_date) for session in Session.objects.order_by("pk")]
    assert days == ["2027-03-01"] * 2 + ["2027-03-02"] * 2


def test_two_sessions_that_change_places_both_are_saved(sign_in: Any) -> None:
    first, second = make_course(), make_course()
    one, two = make_session(first), make_session(second)

    def give(session: Any, course: Any) -> Callable[[], Any]:
        client = sign_in("Publishers")
        address = f"/admin/training/session/{session.pk}/change/"
        sent = {**fields_of(client.get(address)), "course": course.pk, "_save": "Save"}
        return lambda: client.post(address, sent)

    answers = one_after_the_other(one, give(one, second), give(two, first))
    assert [answer.status_code for answer in answers] == [302, 302]
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.course_id, two.course_id) == (second.pk, first.pk)


def test_a_session_added_to_a_course_that_goes_live_meanwhile_is_proposed(editor: Client) -> None:
    course = make_course(state=State.DRAFT)
    address = "/admin/training/session/add/"
    sent = {**fields_of(editor.get(address)), "course": course.pk, "start_date": "01/03/2027"}
    answers: list[Any] = []
    meanwhile(
        lambda: Course.objects.get().publish(),
        lambda: answers.append(editor.post(address, sent)),
    )
    session = Session.objects.get()
    assert session.course.revises == course and not session.is_published
    assert answers[0].url == f"/admin/training/course/{session.course_id}/change/"


def test_addresses_marked_in_two_orders_are_all_marked(sign_in: Any) -> None:
    first, second = (make_review(summary="Words.") for _ in range(2))
    documents = [make_document(review) for review in (first, second)]

    def mark(order: str) -> Callable[[], Any]:
        client, chosen = sign_in("Publishers"), [document.pk for document in documents]
        data = {"action": "mark_checked", "_selected_action": chosen}
        return lambda: client.post(f"/admin/reviews/document/?o={order}", data)

    # By title, and the other way round.
    answers = one_after_the_other(documents[0], mark("1"), mark("-1"))
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Document.objects.filter(url_checked=True).count() == 2


def test_rows_are_locked_by_parent_and_key_whatever_order_they_are_given_in() -> None:
    courses = [make_course() for _ in range(3)]
    sessions = [make_session(course) for course in reversed(courses)]
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        locked = lock_all(reversed(sessions), parent_field="course", parents=[courses[1].pk])
    assert locked == sessions
    parents, records = (query["sql"] for query in captured)
    for sql, table in ((parents, "training_course"), (records, "training_session")):
        assert sql.endswith("FOR UPDATE") and f'ORDER BY "{table}"."id" ASC' in sql
    with CaptureQueriesContext(connection) as captured:
        assert [session.course for session in locked] == courses[::-1]
    assert len(captured) == 0


# --- proposed changes ----------------------------------------------------------------------------


def proposed(review: Any, **changed: Any) -> Any:
    change = review.propose_change()
    for name, value in changed.items():
        setattr(change, name, value)
    change.save()
    return change


def applying(client: Client, change: Any) -> Callable[[], Any]:
    address = f"{LIST}step/apply/?id={change.pk}"
    asked = fields_of(client.get(address))
    return lambda: client.post(address, asked)


def test_two_publishers_apply_a_change_and_it_is_applied_once(sign_in: Any) -> None:
    review = make_review(summary="Words.")
    change = proposed(review, summary="New words.")
    answers = one_after_the_other(
        review, *(applying(sign_in("Publishers"), change) for _ in range(2))
    )
    assert sorted(answer.status_code for answer in answers) == [302, 404]
    review.refresh_from_db()
    assert review.summary == "New words." and review.version == 3
    assert not PracticeReview.objects.proposed_changes().exists()


def test_a_change_applied_while_what_is_live_is_edited_waits_and_asks(publisher: Client) -> None:
    review = make_review(summary="Words.")
    change = proposed(review, summary="Mine")
    apply = applying(publisher, change)

    def edit() -> None:
        live = PracticeReview.objects.select_for_update().get(pk=review.pk)
        live.summary = "Theirs"
        live.save()

    meanwhile(edit, apply)
    review.refresh_from_db()
    assert review.summary == "Theirs" and PracticeReview.objects.get(pk=change.pk)


def test_a_change_applied_while_what_is_live_is_withdrawn_publishes_nothing(
    publisher: Client,
) -> None:
    review = make_review(summary="Words.")
    change = proposed(review, summary="New words.")
    apply = applying(publisher, change)
    meanwhile(lambda: PracticeReview.objects.get(pk=review.pk).withdraw(reason="A name"), apply)
    review.refresh_from_db()
    assert review.is_withdrawn and review.summary == "New words."


def test_a_change_saved_while_it_is_applied_is_neither_lost_nor_half_applied(
    sign_in: Any,
) -> None:
    """Whoever comes second finds it applied: the form says so, and the record is whole."""
    review = make_review(summary="Words.", publisher="Old")
    change = proposed(review, summary="New words.")
    editor = sign_in("Editors")
    address = f"{LIST}{change.pk}/change/"
    mine = {**fields_of(editor.get(address)), "publisher": "Newer", "_save": "Save"}
    answers = one_after_the_other(
        change, applying(sign_in("Publishers"), change), lambda: editor.post(address, mine)
    )
    review.refresh_from_db()
    assert review.summary == "New words." and review.publisher == "Old"
    applied, refused = sorted(answers, key=lambda answer: answer.status_code)
    assert (applied.status_code, refused.status_code) == (302, 404)
    # What the editor typed stands on the page that says what happened.
    assert "Newer" in refused.content.decode()


def test_a_change_begun_while_what_is_live_is_deleted_is_begun_of_nothing(sign_in: Any) -> None:
    review = make_review(state=State.WITHDRAWN)
    rows = PracticeReview.objects.filter(pk=review.pk)
    past_the_gate(rows, state="published", withdrawn_at=None, withdrawn_reason="")
    editor = sign_in("Editors")
    meanwhile(
        lambda: PracticeReview.objects.get(pk=review.pk).delete(),
        lambda: editor.post(f"{LIST}{review.pk}/propose/"),
    )
    assert not PracticeReview.objects.exists()


def test_two_editors_begin_a_change_and_there_is_one(sign_in: Any) -> None:
    review = make_review()
    clients = [sign_in("Editors") for _ in range(2)]
    answers = one_after_the_other(
        review, *(lambda c=c: c.post(f"{LIST}{review.pk}/propose/") for c in clients)
    )
    assert len({answer.url for answer in answers}) == 1
    assert PracticeReview.objects.proposed_changes().count() == 1


def test_many_first_requests_after_a_moment_do_it_once_and_all_see_all(clock: Any) -> None:
    course = make_course(title="Old course")
    of_course = course.propose_change()
    Course.objects.filter(pk=of_course.pk).update(title="New course")
    review = make_review(state=State.DRAFT, title="New review", summary="Words.")
    release = Release.objects.create(title="Monday")
    release.add([review, Course.objects.get(pk=of_course.pk)])
    moment = timezone.now() + timedelta(hours=1)
    release.schedule(moment)
    clock.move_to(moment)
    pages = [review.get_absolute_url(), course.get_absolute_url()] * 2
    answers = one_after_the_other(release, *(lambda p=p: Client().get(p) for p in pages))
    assert {answer.status_code for answer in answers} == {200}
    bodies = [answer.content.decode() for answer in answers]
    assert sum("<h1>New review</h1>" in body for body in bodies) == 2
    assert sum("<h1>New course</h1>" in body for body in bodies) == 2
    assert Release.history.filter(history_change_reason="Went live").count() == 1


# --- sessions in a change -------------------------------------------------------------------------

COURSES, SESSIONS = "/admin/training/course/", "/admin/training/session/"


@pytest.fixture
def course() -> Any:
    course = make_course(title="Course")
    make_session(course, note="First")
    return course


def applying_course(client: Client, change: Any) -> Callable[[], Any]:
    address = f"{COURSES}step/apply/?id={change.pk}"
    asked = fields_of(client.get(address))
    return lambda: client.post(address, asked)


def test_two_publishers_apply_sessions_and_each_is_there_once(sign_in: Any, course: Any) -> None:
    change = course.propose_change()
    make_session(change, in_days=20, note="Added")
    answers = one_after_the_other(
        course, *(applying_course(sign_in("Publishers"), change) for _ in range(2))
    )
    assert sorted(answer.status_code for answer in answers) == [302, 404]
    assert sorted(one.note for one in course.sessions.all()) == ["Added", "First"]
    assert Session.objects.count() == 2


def test_a_time_corrected_while_a_change_is_applied_is_kept(
    publisher: Client, sign_in: Any, course: Any
) -> None:
    session = course.sessions.get()
    change = course.propose_change()
    make_session(change, in_days=20, note="Added")
    change.sessions.filter(note="First").update(note="Renamed")
    address = f"{SESSIONS}{session.pk}/change/"
    mine = {**fields_of(publisher.get(address)), "start_time": "10:00", "_save": "Save"}
    answers = one_after_the_other(
        course,
        applying_course(sign_in("Publishers"), change),
        lambda: publisher.post(address, mine),
    )
    now = Session.objects.get(pk=session.pk)
    assert course.sessions.count() == 2
    # Whoever came second was told what the first had changed, or kept it.
    assert now.note == "Renamed"
    assert now.start_time is not None or any(answer.status_code == 200 for answer in answers)


def test_one_cancelled_while_a_change_is_applied_stays_cancelled(
    publisher: Client, course: Any
) -> None:
    change = course.propose_change()
    change.sessions.update(note="Renamed")
    apply = applying_course(publisher, change)

    def cancel() -> None:
        lock_all([course])
        Session.objects.get(course=course).cancel(note="Ill")

    meanwhile(cancel, apply)
    session = course.sessions.get()
    assert session.is_cancelled and session.note == "Renamed"


def test_sessions_that_two_editors_add_go_into_one_change(sign_in: Any, course: Any) -> None:
    clients = [sign_in("Editors") for _ in range(2)]
    days = iter(["14/01/2027", "21/01/2027"])
    sent = [
        {**fields_of(client.get(f"{SESSIONS}add/")), "course": course.pk, "start_date": day}
        for client, day in zip(clients, days, strict=True)
    ]
    answers = one_after_the_other(
        course,
        *(
            lambda client=client, values=values: client.post(f"{SESSIONS}add/", values)
            for client, values in zip(clients, sent, strict=True)
        ),
    )
    assert len({answer.url for answer in answers}) == 1
    change = Course.objects.proposed_changes().get()
    assert change.sessions.count() == 3 and course.sessions.count() == 1


def test_one_added_while_the_change_is_applied_goes_into_a_new_one(
    sign_in: Any, publisher: Client, course: Any
) -> None:
    change = course.propose_change()
    editor = sign_in("Editors")
    add = f"{SESSIONS}add/"
    sent = {**fields_of(editor.get(add)), "course": course.pk, "start_date": "14/01/2027"}
    answers = one_after_the_other(
        course, applying_course(publisher, change), lambda: editor.post(add, sent)
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    # Applied with the change that there was, or waiting in another: never lost.
    assert Session.objects.filter(revises=None, start_date="2027-01-14").count() == 1
    assert Course.objects.filter(pk=course.pk).exists()
