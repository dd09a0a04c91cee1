"""Sessions of live courses: what staff change at once, and what waits in a proposed change."""

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.editing.bulk import AS_PROPOSED
from mscp.listing import filterset
from mscp.models import BulkChange
from mscp.publishing.approvals import NOT_WHILE_LIVE, approve
from mscp.publishing.gate import State
from tests.admin_forms import fields_of, send
from tests.factories import make_course, make_session, make_user, make_venue, put_in_state
from tests.pages import assert_valid, text_of
from training.models import Course, Session
from training.proposals import WAITS

pytestmark = pytest.mark.django_db

LIST = "/admin/training/session/"
ADD = f"{LIST}add/"


@pytest.fixture(params=["an editor", "a publisher where two are needed"])
def proposer(request: Any, editor: Client, publisher: Client, settings: Any) -> Client:
    """Return the client of somebody who changes no live course at once."""
    settings.TWO_PEOPLE = request.param != "an editor"
    return publisher if settings.TWO_PEOPLE else editor


@pytest.fixture
def course() -> Any:
    course = make_course(title="Neglect")
    make_session(course, start_date=date(2027, 1, 7), note="Lunch")
    return course


def change_of(course: Any) -> Any:
    return Course.objects.get(revises=course)


def form(session: Any) -> str:
    return f"{LIST}{session.pk}/change/"


def form_of_course(course: Any) -> str:
    return f"/admin/training/course/{course.pk}/change/"


def step(name: str, *sessions: Any) -> str:
    return f"{LIST}step/{name}/?" + "&".join(f"id={session.pk}" for session in sessions)


# --- added ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.PUBLISHED, State.SCHEDULED])
def test_a_session_added_to_what_is_live_waits_in_its_change(
    proposer: Client, state: State
) -> None:
    course = make_course(title="Neglect", state=state)
    make_session(course)
    with transaction.atomic():
        approve(course, make_user())
    before = list(Session.objects.values())
    added = send(proposer, ADD, course=str(course.pk), start_date="14/01/2027", note="Lunch")
    change = change_of(course)
    assert added.url == form_of_course(change)
    page = proposer.get(added.url)
    assert "The session of 14 January 2027 is in the proposed change of “Neglect”" in text_of(page)
    assert "14 January 2027" in text_of(page)
    assert_valid(page)
    assert list(Session.objects.filter(course=course).values()) == before
    assert change.sessions.count() == 2
    again = send(
        proposer,
        ADD,
        press="_addanother",
        course=str(course.pk),
        start_date="21/01/2027",
    )
    assert again.url == ADD
    assert Course.objects.proposed_changes().count() == 1 and change.sessions.count() == 3
    assert "14 January" not in text_of(Client().get(course.get_absolute_url()))


def test_a_publisher_adds_at_once_where_one_is_enough(publisher: Client, course: Any) -> None:
    send(publisher, ADD, course=str(course.pk), start_date="14/01/2027")
    assert course.sessions.count() == 2 and not Course.objects.proposed_changes().exists()


def test_bad_input_for_a_live_course_keeps_what_was_typed_and_begins_nothing(
    proposer: Client, course: Any
) -> None:
    refused = send(proposer, ADD, course=str(course.pk), start_date="31/02/2027", note="Typed")
    assert refused.status_code == 200 and 'value="Typed"' in refused.content.decode()
    online = {"delivery": "online", "venue": str(make_venue().pk)}
    refused = send(proposer, ADD, course=str(course.pk), start_date="14/01/2027", **online)
    assert "An online session has no venue" in text_of(refused)
    assert not Course.objects.proposed_changes().exists()


def test_a_session_of_a_draft_that_goes_to_a_live_course_waits_there(
    proposer: Client, course: Any
) -> None:
    draft = make_course(state=State.DRAFT)
    session = make_session(draft, note="From the draft")
    moved = send(proposer, form(session), course=str(course.pk))
    assert moved.url == form_of_course(change_of(course))
    session.refresh_from_db()
    assert session.course == change_of(course) and session.revises_id is None


def test_copies_of_live_sessions_wait_too(proposer: Client, course: Any) -> None:
    session = course.sessions.get()
    address = step("copy", session)
    page = proposer.get(address)
    assert WAITS in text_of(page)
    assert_valid(page)
    copied = send(proposer, address, **{f"day_{session.pk}": "14/01/2027"})
    change = change_of(course)
    assert copied.url == form_of_course(change)
    assert {one.when for one in change.sessions.all()} == {"7 January 2027", "14 January 2027"}
    assert course.sessions.count() == 1
    twice = send(proposer, address, **{f"day_{session.pk}": "14/01/2027"})
    assert "already" in text_of(twice) and change.sessions.count() == 2


# --- changed ----------------------------------------------------------------------------------


def test_many_are_set_in_one_change_of_each_course_and_it_goes_back(
    proposer: Client, course: Any
) -> None:
    hall, other = make_venue(name="Hall"), make_course(title="Loss")
    make_session(course, start_date=date(2027, 2, 7)), make_session(other)
    sessions = list(Session.objects.order_by("pk"))
    address = step("set", *sessions)
    asked = proposer.get(address)
    assert text_of(asked).count(WAITS) == 3
    shown = proposer.post(address, {**fields_of(asked), "venue": hall.pk})
    done = proposer.post(address, {**fields_of(shown), "venue": hall.pk}, follow=True)
    assert text_of(done).count(AS_PROPOSED) == 3
    assert not Session.objects.own_records().filter(venue=hall).exists()
    for one in (course, other):
        assert {session.venue for session in change_of(one).sessions.all()} == {hall}
        assert {found.field for found in change_of(one).differences()} == {"venue"}
    undo = f"/admin/mscp/bulkchange/{BulkChange.objects.get().pk}/undo/"
    proposer.post(undo, fields_of(proposer.get(undo)))
    assert not Course.objects.proposed_changes().exists()
    assert Session.objects.count() == 3


def test_what_a_change_takes_out_is_not_set_in_it(proposer: Client, course: Any) -> None:
    change = course.propose_change()
    change.sessions.get().delete()
    address = step("set", course.sessions.get())
    shown = proposer.post(address, {**fields_of(proposer.get(address)), "places": "full"})
    done = proposer.post(address, {**fields_of(shown), "places": "full"}, follow=True)
    assert "The proposed change of its course takes this session out." in text_of(done)
    assert not change.sessions.exists() and course.sessions.get().places == "not_known"


def test_what_does_not_go_with_the_session_in_the_change_is_refused(
    proposer: Client, course: Any
) -> None:
    change = course.propose_change()
    change.sessions.update(delivery="online")
    address, hall = step("set", course.sessions.get()), make_venue()
    shown = proposer.post(address, {**fields_of(proposer.get(address)), "venue": hall.pk})
    done = proposer.post(address, {**fields_of(shown), "venue": hall.pk}, follow=True)
    assert "An online session has no venue" in text_of(done)
    assert change.sessions.get().venue is None


def test_a_session_added_after_the_change_was_begun_is_taken_into_it(
    proposer: Client, course: Any
) -> None:
    change = course.propose_change()
    added = make_session(course, start_date=date(2027, 2, 7))
    address = step("set", added)
    shown = proposer.post(address, {**fields_of(proposer.get(address)), "places": "full"})
    proposer.post(address, {**fields_of(shown), "places": "full"})
    part = change.sessions.get(revises=added)
    assert part.places == "full"
    # It is in both and differs, so somebody decides.
    assert [one.part for one in change.conflicts()] == [str(added.pk)]


# --- what needs nobody else -------------------------------------------------------------------


def test_where_two_are_needed_a_publisher_corrects_when_it_is_held_and_no_more(
    publisher: Client, course: Any, settings: Any
) -> None:
    settings.TWO_PEOPLE = True
    session = course.sessions.get()
    page = publisher.get(form(session))
    assert_valid(page)
    assert "The rest changes only when a second person agrees" in text_of(page)
    # That button would save here what it says to keep.
    assert 'name="_propose"' not in page.content.decode()
    sent = fields_of(page)
    assert {"start_date", "start_time", "end_time", "booking_closes", "change_note"} < set(sent)
    assert not {"course", "note", "venue", "places", "booking_url", "delivery"} & set(sent)
    saved = send(publisher, form(session), start_time="10:00", change_note="Later")
    assert saved.status_code == 302
    session.refresh_from_db()
    assert (session.times, session.change_note) == ("from 10am", "Later")
    assert (session.sequence, session.note) == (1, "Lunch")
    # A text alone is no correction.
    refused = send(publisher, form(session), change_note="Anything else")
    assert "A note goes with another day or time" in text_of(refused)
    assert 'value="Anything else"' in refused.content.decode()
    assert publisher.get(f"{LIST}{session.pk}/delete/").status_code == 403
    for name in ("move", "cancel", "reinstate"):
        days = {f"day_{session.pk}": "08/01/2027"} if name == "move" else {}
        assert send(publisher, step(name, session), note="Ill", **days).status_code == 302
    session.refresh_from_db()
    assert session.when == "8 January 2027" and not session.is_cancelled
    assert not Course.objects.proposed_changes().exists()


def test_an_editor_sees_it_and_is_led_to_a_change(editor: Client, course: Any) -> None:
    session = course.sessions.get()
    page = editor.get(form(session))
    assert 'name="_save"' not in page.content.decode()
    assert "You can prepare any change of it" in text_of(page)
    assert_valid(page)
    begun = editor.post(f"/admin/training/course/{course.pk}/propose/")
    assert begun.url == form_of_course(change_of(course))
    assert f'href="{begun.url}"' in editor.get(form(session)).content.decode()
    for name in ("cancel", "move"):
        assert "only a publisher" in text_of(editor.get(step(name, session)))


def test_what_was_typed_before_its_course_went_live_is_kept(
    publisher: Client, settings: Any
) -> None:
    settings.TWO_PEOPLE = True
    course = make_course(state=State.DRAFT)
    session = make_session(course)
    typed = {**fields_of(publisher.get(form(session))), "note": "Typed words", "_save": "Save"}
    put_in_state(course, State.PUBLISHED)
    refused = publisher.post(form(session), typed)
    assert refused.status_code == 403
    assert "Typed words" in refused.content.decode()
    assert "Propose a change of its course" in text_of(refused)
    session.refresh_from_db()
    assert session.note == ""


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"start_date": date(2027, 1, 8)}, False),
        ({"start_date": date(2027, 1, 8), "change_note": "Moved"}, False),
        ({"change_note": "Anything"}, True),
        ({"note": "Anything"}, True),
        ({"places": "full"}, True),
        ({"booking_url": "https://example.org/"}, True),
        ({"start_date": date(2027, 1, 8), "note": "Anything"}, True),
        ({"delivery": "online"}, True),
    ],
)
def test_no_code_changes_more_of_a_live_session_without_a_second_person(
    course: Any, settings: Any, change: dict[str, Any], refused: bool
) -> None:
    settings.TWO_PEOPLE = True
    session = course.sessions.get()
    for name, value in change.items():
        setattr(session, name, value)
    if not refused:
        session.save()
        return
    with pytest.raises(ValidationError, match="It is live or scheduled"):
        session.save()
    assert Session.objects.get().version == 1


def test_no_code_adds_deletes_or_moves_a_live_session_without_a_second_person(
    course: Any, settings: Any
) -> None:
    draft = make_course(state=State.DRAFT)
    of_draft = make_session(draft)
    settings.TWO_PEOPLE = True
    session = course.sessions.get()
    moved_in, moved_out = Session.objects.get(pk=of_draft.pk), Session.objects.get(pk=session.pk)
    moved_in.course, moved_out.course = course, draft
    for do in (
        Session(course=course, start_date=date(2027, 1, 8)).save,
        session.delete,
        moved_in.save,
        moved_out.save,
    ):
        with pytest.raises(ValidationError, match=NOT_WHILE_LIVE[:30]):
            do()
    assert list(course.sessions.all()) == [session]


# --- the form, the differences and the preview ------------------------------------------------


def test_sessions_are_edited_added_and_taken_out_in_the_form_of_a_change(
    proposer: Client, course: Any
) -> None:
    make_session(course, start_date=date(2027, 2, 7))
    before = list(Session.objects.values())
    change = course.propose_change()
    saved = send(
        proposer,
        form_of_course(change),
        **{
            "sessions-0-note": "Bring lunch",
            "sessions-1-DELETE": "on",
            "sessions-TOTAL_FORMS": "3",
            "sessions-2-start_date": "14/03/2027",
            "sessions-2-delivery": "not_stated",
            "sessions-2-places": "not_known",
            "sessions-2-course": str(change.pk),
        },
    )
    assert saved.status_code == 302, text_of(saved)
    assert {one.when: one.note for one in change.sessions.all()} == {
        "7 January 2027": "Bring lunch",
        "14 March 2027": "",
    }
    assert list(Session.objects.filter(course=course).values()) == before
    page = proposer.get(f"/admin/training/course/{change.pk}/compare/")
    assert_valid(page)
    text = text_of(page)
    for said in (
        "Session of 7 January 2027: note",
        "Session of 7 February 2027: taken out",
        "Session of 14 March 2027: new",
    ):
        assert said in text, said
    preview = text_of(proposer.get(change.get_absolute_url()))
    assert "Bring lunch" in preview and "14 March 2027" in preview
    assert "7 February 2027" not in preview
    live = text_of(Client().get(course.get_absolute_url()))
    assert "Bring lunch" not in live and "7 February 2027" in live


def test_links_of_a_preview_lead_to_the_live_session(proposer: Client, course: Any) -> None:
    session = course.sessions.get()
    change = course.propose_change()
    page = proposer.get(change.get_absolute_url()).content.decode()
    assert session.calendar_address in page
    assert f"session-{change.sessions.get().pk}" not in page


def test_what_happened_meanwhile_is_named_with_whoever_did_it(
    editor: Client, publisher: Client, course: Any
) -> None:
    other = make_session(course, start_date=date(2027, 2, 7), note="Second")
    change = course.propose_change()
    send(publisher, step("cancel", course.sessions.first()), note="Ill")
    publisher.post(f"{LIST}{other.pk}/delete/", {"post": "yes"})
    send(publisher, ADD, course=str(course.pk), start_date="14/03/2027")
    page = text_of(editor.get(f"/admin/training/course/{change.pk}/compare/"))
    assert "Session of 7 January 2027: cancelled" in page
    assert "It is now: 23 November 2026, 10:00" in page
    assert "Session of 7 February 2027: deleted" in page
    assert "Session of 14 March 2027: added meanwhile" in page
    assert page.count("pat on 23 November 2026") == 4


def test_a_session_in_a_change_is_edited_in_the_form_of_that(editor: Client, course: Any) -> None:
    part = course.propose_change().sessions.get()
    assert editor.get(form(part)).url == form_of_course(change_of(course))
    assert editor.get(step("cancel", part)).status_code == 404
    assert editor.post(f"{LIST}{part.pk}/delete/", {"post": "yes"}).status_code in (302, 404)
    assert Session.objects.filter(pk=part.pk).exists()
    history = editor.get(f"{LIST}{part.pk}/history/")
    assert history.status_code == 200 and not history.context["is_deleted"]


def test_lists_and_counts_of_staff_have_no_session_of_a_change(
    publisher: Client, course: Any
) -> None:
    change = course.propose_change()
    make_session(change, start_date=date(2027, 3, 7), note="Zebrafinch")
    listed = publisher.get(f"{LIST}?when=all")
    assert listed.context["cl"].result_count == 1
    assert "1 session to come without a venue" in text_of(publisher.get("/admin/"))
    found = text_of(publisher.get("/admin/search/?q=Zebrafinch"))
    assert "7 March 2027" not in found
    export = publisher.get("/admin/training/programmeimport/export.csv?when=all")
    assert b"Zebrafinch" not in export.content and b"Lunch" in export.content


def test_what_was_typed_into_a_live_course_goes_on_in_its_change(
    publisher: Client, course: Any
) -> None:
    begun = send(
        publisher, form_of_course(course), press="_propose", **{"sessions-0-note": "Typed words"}
    )
    change = change_of(course)
    filled = publisher.get(begun.url)
    assert "Typed words" in filled.content.decode()
    publisher.post(form_of_course(change), {**fields_of(filled), "_save": "Save"})
    assert change.sessions.get().note == "Typed words"
    assert course.sessions.get().note == "Lunch"


def test_sixty_sessions_cost_the_differences_no_more_queries(publisher: Client) -> None:
    numbers = []
    # The first fills what a process knows: content types.
    for many in (1, 2, 60):
        course = make_course()
        for number in range(many):
            make_session(course, in_days=number + 1, venue=make_venue())
        change = course.propose_change()
        change.sessions.update(note="Changed")
        with CaptureQueriesContext(connection) as queries:
            page = publisher.get(f"/admin/training/course/{change.pk}/compare/")
        assert page.content.count(b"<dt>") == many
        numbers.append(len(queries))
    assert numbers[1] == numbers[2]


# --- upgrade ----------------------------------------------------------------------------------


def test_an_open_change_of_an_earlier_release_gets_the_sessions_of_its_course(course: Any) -> None:
    session = course.sessions.get()
    session.cancel(note="Ill")
    make_session(course, start_date=date(2027, 2, 7), start_time="09:30", venue=make_venue())
    change = course.propose_change()
    was, base = list(change.sessions.values(*FIELDS)), change.merge_base
    # As that release had it.
    change.sessions.all().delete()
    Course.objects.filter(pk=change.pk).update(merge_base={**base, "parts": {}})
    migration = import_module("training.migrations.0009_sessions_of_changes")
    migration.take_in_sessions(apps, None)
    change = change_of(course)
    assert list(change.sessions.values(*FIELDS)) == was
    # What a session says since then, that release did not know: it is as it is now.
    later = {"capacity", "cost", "trainer", "trainer_shown"}
    for part in base["parts"].values():
        assert later <= part.keys()
        for name in later:
            del part[name]
    assert change.merge_base == base
    assert change.differences() == []


FIELDS = ("revises", "start_date", "start_time", "venue", "note", "change_note", "cancelled_at")


def test_open_changes_cost_lists_no_more_queries(
    publisher: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However many records changed: the index is read whole each time, beside an earlier one.
    monkeypatch.setattr(filterset, "MOST", 0)
    course = make_course()
    make_session(course)
    numbers = []
    for many in (1, 2, 40):
        while Course.objects.proposed_changes().count() < many:
            live = make_course()
            make_session(live)
            live.propose_change()
        counted = []
        for client, address in (
            (Client(), "/training/?when=all"),
            (Client(), course.get_absolute_url()),
            (publisher, f"{LIST}?when=all"),
            (publisher, "/admin/training/course/?state=proposed-change"),
        ):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counted.append(len(queries))
        numbers.append(counted)
    assert numbers[1] == numbers[2]
