"""An import is taken back, but for what somebody touched since."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from mscp.models import BulkChange
from tests.admin_forms import fields_of
from tests.factories import make_course, make_session
from tests.pages import assert_valid, text_of
from tests.training.programme.steps import address, counts, paste, press
from training.models import Course, ProgrammeImport, Session, Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(publisher: Client) -> ProgrammeImport:
    programme = paste(publisher)
    press(publisher, programme, "_confirm")
    programme.refresh_from_db()
    assert programme.is_done
    return programme


def undo_address(client: Client, programme: ProgrammeImport) -> str:
    page = client.get(address(programme))
    found = f"/admin/mscp/bulkchange/{BulkChange.objects.get().pk}/undo/"
    assert f'href="{found}"' in page.content.decode()
    return found


def undo(client: Client, programme: ProgrammeImport) -> Any:
    asked = client.get(undo_address(client, programme))
    assert_valid(asked)
    return client.post(undo_address(client, programme), fields_of(asked), follow=True)


def test_an_import_that_nobody_touched_is_gone_whole(
    publisher: Client, imported: ProgrammeImport
) -> None:
    assert all(counts())
    number = sum(counts()[:3])
    page = text_of(undo(publisher, imported))
    assert f"Undone: {number} of {number}." in page
    assert counts() == [0, 0, 0, 1]
    record = publisher.get(address(imported))
    assert "This import was undone on" in text_of(record) and "Undo this" not in text_of(record)
    deleted = Session.history.filter(history_type="-").first()
    assert deleted.history_change_reason.startswith("Undone: Imported")


def test_what_was_touched_stays_with_all_that_it_needs(
    publisher: Client, imported: ProgrammeImport
) -> None:
    with_venue = Session.objects.exclude(venue=None).select_related("course", "venue").first()
    assert with_venue
    with_venue.note = "Bring lunch"
    with_venue.save()
    page = text_of(undo(publisher, imported))
    assert f"{with_venue}: Session added. Stays: it was changed since" in page.replace(" :", ":")
    assert list(Session.objects.all()) == [with_venue]
    assert list(Course.objects.all()) == [with_venue.course]
    assert list(Venue.objects.all()) == [with_venue.venue]


def test_a_course_with_a_session_of_somebody_else_stays(
    publisher: Client, imported: ProgrammeImport
) -> None:
    course = Course.objects.first()
    assert course
    start = Session.objects.latest("start_date").start_date + timedelta(days=1)
    own = make_session(course, start_date=start)
    asked = text_of(publisher.get(undo_address(publisher, imported)))
    assert f"{course}: Stays: something that stays belongs to it or uses it." in asked
    undo(publisher, imported)
    assert list(Session.objects.all()) == [own] and list(Course.objects.all()) == [course]


def test_what_was_there_before_is_not_touched(publisher: Client) -> None:
    old = make_session(make_course(title="Working with fathers"))
    programme = paste(publisher, "Working with fathers, 14 January 2027, 9:30am to 1pm")
    press(publisher, programme, "_confirm")
    programme.refresh_from_db()
    assert programme.is_done and Session.objects.count() == 2
    undo(publisher, programme)
    assert list(Session.objects.all()) == [old] and Course.objects.count() == 1


def test_an_import_of_an_earlier_release_offers_no_undo(
    publisher: Client, imported: ProgrammeImport
) -> None:
    imported.made = {name: imported.made[name] for name in ("sessions", "courses", "venues")}
    imported.save()
    assert "Undo" not in text_of(publisher.get(address(imported)))


def test_what_went_into_a_change_is_taken_out_and_a_change_begun_for_it_discarded(
    publisher: Client, settings: Any
) -> None:
    begun, there = make_course(title="Neglect"), make_course(title="Loss")
    for course in (begun, there):
        make_session(course)
    change = there.propose_change()
    settings.TWO_PEOPLE = True
    programme = paste(publisher, "- Neglect - 14/01/2027\n- Loss - 28/01/2027\n")
    press(publisher, programme, "_confirm")
    assert change.sessions.count() == 2 and begun.proposed_changes.exists()
    assert "Undone: 3 of 3." in text_of(undo(publisher, programme))
    assert list(Course.objects.proposed_changes()) == [change]
    assert change.sessions.get().revises == there.sessions.get()
    assert begun.sessions.count() == there.sessions.count() == 1


def test_what_is_live_since_stays(publisher: Client, editor: Client) -> None:
    course = make_course(title="Neglect")
    programme = paste(editor, "- Neglect - 14/01/2027\n")
    press(editor, programme, "_confirm")
    course.proposed_changes.get().apply_change(by=publisher.user)  # type: ignore[attr-defined]
    assert course.sessions.get().when == "14 January 2027"
    page = text_of(editor.get(undo_address(editor, programme)))
    assert "This proposed change was applied since: what it holds is live." in page
    assert "Stays: its proposed change was applied since by pat, so it is live." in page
    assert "Nothing can go back." in page
    assert course.sessions.exists()


def test_of_two_courses_the_one_whose_change_was_applied_stays(
    publisher: Client, editor: Client
) -> None:
    applied, waits = make_course(title="Neglect"), make_course(title="Loss")
    programme = paste(editor, "- Neglect - 14/01/2027\n- Loss - 28/01/2027\n")
    press(editor, programme, "_confirm")
    applied.proposed_changes.get().apply_change(by=publisher.user)  # type: ignore[attr-defined]
    assert "Undone: 2 of 4. The others stay." in text_of(undo(editor, programme))
    assert applied.sessions.count() == 1 and not waits.proposed_changes.exists()
    assert not waits.sessions.exists()


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("pat", "You undid this already. Nothing more was done."),
        ("robin", "A colleague undid this meanwhile. Nothing more was done."),
    ],
)
def test_undone_twice_nothing_more_is_done(
    publisher: Client, sign_in: Any, imported: ProgrammeImport, by: str, said: str
) -> None:
    there = undo_address(publisher, imported)
    form = fields_of(publisher.get(there))
    other = publisher if by == "pat" else sign_in("Publishers", username=by)
    undo(publisher, imported)
    after = counts()
    assert said in text_of(other.post(there, form, follow=True))
    assert counts() == after
    again = text_of(other.get(there))
    assert "This was undone on" in again and "Undo 1" not in again


@pytest.mark.parametrize("what", ["changed", "deleted"])
def test_what_another_does_while_the_page_is_open_is_shown_first(
    publisher: Client, imported: ProgrammeImport, what: str
) -> None:
    there = undo_address(publisher, imported)
    form = fields_of(publisher.get(there))
    session = Session.objects.latest("start_date")
    number = Session.objects.count()
    if what == "changed":
        session.note = "Bring lunch"
        session.save()
    else:
        session.delete()
    refused = publisher.post(there, form, follow=True)
    assert "Something changed after you had opened this page. Nothing was done." in text_of(refused)
    assert Session.objects.count() == number - (what == "deleted")
    publisher.post(there, fields_of(refused), follow=True)
    kept = [session] if what == "changed" else []
    assert list(Session.objects.all()) == kept
