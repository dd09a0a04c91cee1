"""What staff do with sessions, many at once: cancel, reinstate, move and copy."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mscp.editing.actions import MOST_RECORDS
from mscp.publishing.gate import State
from tests.admin_forms import fields_of, send
from tests.factories import make_course, make_session, make_venue
from tests.pages import text_of
from training.models import Course, Session

pytestmark = pytest.mark.django_db

LIST = "/admin/training/session/"
STEPS = ["cancel", "reinstate", "move", "copy"]


def step(name: str, *sessions: Any) -> str:
    return f"{LIST}step/{name}/?" + "&".join(f"id={session.pk}" for session in sessions)


def session_on(year: int, month: int, day: int, course: Any = None, **fields: Any) -> Session:
    return make_session(course, start_date=date(year, month, day), **fields)


def cancelled(**fields: Any) -> Session:
    session = make_session(**fields)
    session.cancel(note="The trainer is ill")
    return session


# --- cancelled, and taking place after all --------------------------------------------------------


def test_several_are_cancelled_at_once_with_a_note(publisher: Client) -> None:
    course = make_course()
    sessions = [make_session(course, in_days=days) for days in (3, 4, 5)]
    chosen = {"action": "cancel", "_selected_action": [s.pk for s in sessions[:2]]}
    asked = publisher.post(LIST, chosen)
    assert asked.url == step("cancel", sessions[0], sessions[1])
    done = send(publisher, asked.url, note="No trainer; new dates will follow")
    page = text_of(publisher.get(done.url))
    assert "2 sessions: cancelled." in page and "2 of 2 done" in page
    for session in sessions:
        session.refresh_from_db()
    assert [s.is_cancelled for s in sessions] == [True, True, False]
    assert [s.sequence for s in sessions] == [1, 1, 0]
    assert sessions[0].updated_by == publisher.user  # type: ignore[attr-defined]
    assert sessions[0].history.first().history_change_reason == "Cancelled"
    assert [s.change_note for s in sessions[:2]] == ["No trainer; new dates will follow"] * 2


def test_one_is_cancelled_from_its_own_form_and_takes_place_after_all(publisher: Client) -> None:
    session = make_session()
    form = publisher.get(f"{LIST}{session.pk}/change/")
    assert step("cancel", session).replace("&", "&amp;") in form.content.decode()
    assert "step/reinstate" not in form.content.decode()
    done = send(publisher, step("cancel", session))
    assert done.url == f"{LIST}{session.pk}/change/"
    form = publisher.get(done.url)
    assert "step/cancel" not in form.content.decode()
    send(publisher, step("reinstate", session), note="The trainer is well again")
    session.refresh_from_db()
    assert not session.is_cancelled and session.sequence == 2
    assert session.change_note == "The trainer is well again"


@pytest.mark.parametrize(
    ("name", "made", "reason"),
    [
        ("cancel", cancelled, "It is cancelled already."),
        ("cancel", lambda: make_session(in_days=-3), "It is over."),
        ("reinstate", make_session, "It is not cancelled."),
        ("reinstate", lambda: cancelled(in_days=-3), "It is over."),
        ("move", lambda: make_session(in_days=-3), "It is over."),
        ("move", cancelled, "It is cancelled. Reinstate it first."),
    ],
)
def test_what_cannot_be_done_says_why_and_changes_nothing(
    publisher: Client, name: str, made: Any, reason: str
) -> None:
    session = made()
    before = Session.objects.values().get(pk=session.pk)
    asked = publisher.get(step(name, session))
    assert reason in text_of(asked)
    publisher.post(step(name, session), {"note": "x", f"day_{session.pk}": "01/03/2027"})
    assert Session.objects.values().get(pk=session.pk) == before


def test_a_session_to_be_cancelled_beside_one_that_cannot_is_cancelled_alone(
    publisher: Client,
) -> None:
    over, ahead = make_session(in_days=-3), make_session()
    asked = text_of(publisher.get(step("cancel", over, ahead)))
    assert "These cannot be dealt with now and stay as they are" in asked
    send(publisher, step("cancel", over, ahead))
    assert list(Session.objects.going_ahead()) == [over]


# --- moved ----------------------------------------------------------------------------------------


def test_a_terms_programme_is_moved_by_weeks_after_a_look_at_the_days(publisher: Client) -> None:
    one = session_on(2027, 1, 11, end_date=date(2027, 1, 12), booking_closes=date(2027, 1, 4))
    two = session_on(2027, 1, 20)
    address = step("move", one, two)
    asked = fields_of(publisher.get(address))
    worked_out = publisher.post(address, {**asked, "weeks": "2", "_work_out": "x", "note": "Snow"})
    assert worked_out.status_code == 200
    page = fields_of(worked_out)
    assert (page[f"day_{one.pk}"], page[f"day_{two.pk}"]) == ("25/01/2027", "03/02/2027")
    assert page["note"] == "Snow" and "Monday 25 January 2027" in text_of(worked_out)
    assert Session.objects.filter(sequence=0).count() == 2, "looking changes nothing"
    publisher.post(address, {**page, f"day_{two.pk}": "04/02/2027"})
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.when, one.booking_closes) == ("25 to 26 January 2027", date(2027, 1, 18))
    assert two.when == "4 February 2027"
    assert one.change_note == two.change_note == "Snow" and one.sequence == two.sequence == 1


def test_a_session_without_a_new_day_stays_untouched(publisher: Client) -> None:
    one, two, three = (make_session(in_days=days) for days in (3, 4, 5))
    versions = dict(Session.objects.values_list("pk", "version"))
    same_day = two.start_date.strftime("%d/%m/%Y")
    days = {f"day_{one.pk}": "01/03/2027", f"day_{two.pk}": same_day, f"day_{three.pk}": ""}
    send(publisher, step("move", one, two, three), **days, note="Moved")
    left = Session.objects.exclude(pk=one.pk)
    assert {s.pk: s.version for s in left} == {pk: versions[pk] for pk in (two.pk, three.pk)}
    assert not left.filter(change_note="Moved").exists()


def test_sessions_may_change_places_but_not_take_anothers(publisher: Client) -> None:
    course = make_course()
    one, two = session_on(2027, 1, 11, course), session_on(2027, 1, 18, course)
    there = session_on(2027, 1, 25, course)
    address = step("move", one, two)
    taken = send(publisher, address, **{f"day_{one.pk}": "25/01/2027"}, note="kept")
    assert "has a session on that day, at that time, already" in text_of(taken)
    assert fields_of(taken)["note"] == "kept"
    send(publisher, address, **{f"day_{one.pk}": "18/01/2027", f"day_{two.pk}": "11/01/2027"})
    days = dict(Session.objects.values_list("pk", "start_date"))
    assert days == {
        one.pk: date(2027, 1, 18),
        two.pk: date(2027, 1, 11),
        there.pk: date(2027, 1, 25),
    }


def test_two_are_not_moved_to_the_same_day(publisher: Client) -> None:
    course = make_course()
    one, two = session_on(2027, 1, 11, course), session_on(2027, 1, 18, course)
    days = {f"day_{one.pk}": "25/01/2027", f"day_{two.pk}": "25/01/2027"}
    refused = send(publisher, step("move", one, two), **days)
    assert "Two of these would stand on that day" in text_of(refused)
    assert not Session.objects.filter(start_date=date(2027, 1, 25)).exists()


def test_nor_onto_the_day_of_one_that_stays(publisher: Client) -> None:
    course = make_course()
    one, two = session_on(2027, 1, 11, course), session_on(2027, 1, 18, course)
    refused = send(publisher, step("move", one, two), **{f"day_{one.pk}": "18/01/2027"})
    assert "has a session on that day, at that time, already" in text_of(refused)


@pytest.mark.parametrize("name", ["move", "copy"])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("31/02/2027", "there is no such day"),
        ("soon", "Write a day as 14/01/2027"),
        ("30/12/9999", "four digits"),
        ("01/01/0001", "four digits"),
        ("", "Give at least one new day."),
    ],
)
def test_a_day_that_is_none_is_refused_and_the_rest_is_kept(
    publisher: Client, name: str, typed: str, sentence: str
) -> None:
    session = make_session(end_date=timezone.localdate() + timedelta(days=9))
    refused = send(publisher, step(name, session), **{f"day_{session.pk}": typed}, weeks="3")
    assert refused.status_code == 200 and sentence in text_of(refused)
    assert fields_of(refused)["weeks"] == "3" and fields_of(refused)[f"day_{session.pk}"] == typed
    assert Session.objects.get().sequence == 0


@pytest.mark.parametrize("weeks", ["", "99999", "x"])
def test_days_are_not_worked_out_from_what_is_no_number_of_weeks(
    publisher: Client, weeks: str
) -> None:
    session = make_session()
    page = send(publisher, step("copy", session), weeks=weeks, press="_work_out")
    assert page.status_code == 200 and 'class="errorlist"' in page.content.decode()
    assert Session.objects.count() == 1


@pytest.mark.parametrize("weeks", ["520", "-520"])
def test_days_beyond_the_calendar_are_not_worked_out(publisher: Client, weeks: str) -> None:
    make_session(start_date=date(2195, 1, 1))
    session = session_on(2003, 1, 1) if weeks == "-520" else Session.objects.get()
    page = send(publisher, step("copy", session), weeks=weeks, press="_work_out")
    refused = publisher.post(step("copy", session), fields_of(page))
    assert refused.status_code == 200 and "four digits" in text_of(refused)


# --- copied ---------------------------------------------------------------------------------------


def test_a_session_is_copied_to_a_new_day_and_opened(publisher: Client) -> None:
    session = make_session(
        in_days=3,
        end_date=timezone.localdate() + timedelta(days=5),
        places="full",
        note="Bring lunch",
        change_note="Moved",
    )
    done = send(publisher, step("copy", session), **{f"day_{session.pk}": "04/01/2027"})
    copy = Session.objects.exclude(pk=session.pk).get()
    assert done.url == f"{LIST}{copy.pk}/change/"
    assert "Copied to 4 to 6 January 2027. It is public already." in text_of(
        publisher.get(done.url)
    )
    assert (copy.when, copy.note) == ("4 to 6 January 2027", "Bring lunch")
    assert (copy.places, copy.change_note, copy.sequence) == ("not_known", "", 0)
    assert copy.created_by == publisher.user  # type: ignore[attr-defined]
    assert Course.objects.count() == 1


def test_last_years_programme_is_announced_again_and_not_twice(publisher: Client) -> None:
    """52 weeks keep the weekday; a second run finds every day taken."""
    old = [session_on(2026, 1, 13, venue=make_venue()), session_on(2026, 2, 3)]
    address = step("copy", *old)
    page = send(publisher, address, weeks="52", press="_work_out")
    done = publisher.post(address, fields_of(page))
    assert done.url == LIST and "2 sessions copied. 2 of them are public already." in text_of(
        publisher.get(LIST)
    )
    new = Session.objects.exclude(pk__in=[s.pk for s in old])
    assert {s.when for s in new} == {"12 January 2027", "2 February 2027"}
    assert {s.start_date.weekday() for s in new} == {1}
    again = publisher.post(address, fields_of(page))
    assert "already" in text_of(again) and Session.objects.count() == 4


def test_a_copy_of_a_cancelled_session_takes_place(publisher: Client) -> None:
    session = cancelled()
    send(publisher, step("copy", session), **{f"day_{session.pk}": "04/01/2027"})
    assert not Session.objects.exclude(pk=session.pk).get().is_cancelled


# --- who may, and what is asked -------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in STEPS if name != "copy"])
def test_an_editor_takes_steps_with_drafts_only(editor: Client, name: str) -> None:
    live = cancelled() if name == "reinstate" else make_session()
    before = list(Session.objects.values())
    assert "only a publisher can do this" in text_of(editor.get(step(name, live)))
    editor.post(step(name, live), {"note": "", f"day_{live.pk}": "01/03/2027"})
    assert list(Session.objects.values()) == before
    draft = make_session(make_course(state=State.DRAFT))
    if name == "reinstate":
        draft.cancel()
    done = send(editor, step(name, draft), **{f"day_{draft.pk}": "01/03/2027"})
    assert done.status_code == 302


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_is_let_near(name: str, method: str, sign_in: Any) -> None:
    address = step(name, make_session())
    assert getattr(Client(), method)(address).status_code == 302
    assert getattr(sign_in(), method)(address).status_code == 403


@pytest.mark.parametrize("name", STEPS)
def test_what_a_colleague_changed_meanwhile_is_looked_at_again(
    publisher: Client, name: str
) -> None:
    session = cancelled() if name == "reinstate" else make_session()
    asked = fields_of(publisher.get(step(name, session)))
    session.note = "Changed by a colleague"
    session.save()
    before = list(Session.objects.values())
    page = publisher.post(step(name, session), {**asked, f"day_{session.pk}": "01/03/2027"})
    assert "Somebody changed this after you had opened this page" in text_of(page)
    assert list(Session.objects.values()) == before


@pytest.mark.parametrize("query", ["", "?id=9999999", "?id=x", "?id=%00", "?id=-1"])
def test_an_address_without_sessions_leads_nowhere(publisher: Client, query: str) -> None:
    make_session()
    assert publisher.get(f"{LIST}step/cancel/{query}").status_code == 404
    assert publisher.get(f"{LIST}step/burn/?id=1").status_code == 404


def test_more_than_can_be_asked_about_are_refused_in_the_list(publisher: Client) -> None:
    course = make_course()
    sessions = Session.objects.bulk_create(
        Session(course=course, start_date=date(2027, 1, 1) + timedelta(days=n))
        for n in range(MOST_RECORDS + 1)
    )
    chosen = {
        "action": "cancel",
        "select_across": "1",
        "_selected_action": [sessions[0].pk],
    }
    page = publisher.post(LIST, chosen, follow=True)
    assert f"Choose at most {MOST_RECORDS} at a time. Nothing was done." in text_of(page)


def test_a_question_about_many_asks_the_database_no_more_than_about_one(
    publisher: Client, django_assert_max_num_queries: Any
) -> None:
    sessions = [make_session(venue=make_venue(), in_days=days) for days in range(1, 20)]
    publisher.get(step("move", sessions[0]))
    with django_assert_max_num_queries(12):
        publisher.get(step("move", *sessions))


def test_the_list_tells_cancelled_sessions_and_finds_them(publisher: Client) -> None:
    make_session(make_course(title="Goes ahead"))
    cancelled(course=make_course(title="Does not"))
    assert "Cancelled" in text_of(publisher.get(LIST))
    found = text_of(publisher.get(f"{LIST}?takes-place=no"))
    assert "Does not" in found and "Goes ahead" not in found
    found = text_of(publisher.get(f"{LIST}?takes-place=yes"))
    assert "Goes ahead" in found and "Does not" not in found


def test_whoever_deletes_a_session_that_was_announced_is_told_to_cancel(publisher: Client) -> None:
    announced, over = make_session(), make_session(in_days=-3)
    draft = make_session(make_course(state=State.DRAFT))
    pages = [
        publisher.get(f"{LIST}{session.pk}/delete/").content.decode()
        for session in (announced, over, draft)
    ]
    assert [step("cancel", announced) in page for page in pages] == [True, False, False]
    assert all("Are you sure" in page for page in pages)
