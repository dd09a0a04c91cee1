"""Identity in calendars: a session that is imported keeps its UID, whichever way it goes live."""

from datetime import date

import pytest
from django.test import Client

from tests.factories import make_course, make_session
from tests.training.programme.steps import paste, press
from training.models import Course, Session

pytestmark = pytest.mark.django_db


def uids(course: Course) -> dict[str, int]:
    """Return the UID of each entry of a course's calendar, with its SEQUENCE."""
    text = Client().get(course.calendar_address).content.decode().replace("\r\n ", "")
    entries = text.split("BEGIN:VEVENT")[1:]
    found = {}
    for entry in entries:
        lines = dict(line.split(":", 1) for line in entry.splitlines() if ":" in line)
        found[lines["UID"]] = int(lines["SEQUENCE"])
    return found


def applied(course: Course) -> None:
    change = Course.objects.get(revises=course)
    change.apply_change()


def test_a_session_that_goes_live_through_a_change_keeps_its_key(editor: Client) -> None:
    course = make_course(title="Neglect")
    press(editor, paste(editor, "Neglect – 05/11/2027"), "_confirm")
    waiting = Session.objects.get()
    assert not uids(course)
    applied(course)
    live = Session.objects.get()
    assert live.pk == waiting.pk and live.course == course
    first = uids(course)
    assert len(first) == 1
    # What the source says later is a change of the same entry, through a change again.
    again = paste(editor, "Neglect – 05/11/2027, 9.30am – 1pm")
    press(editor, again, "_tick_all")
    press(editor, again, "_confirm")
    assert uids(course) == first
    applied(course)
    second = uids(course)
    assert second.keys() == first.keys() and Session.objects.count() == 1
    assert all(second[uid] > first[uid] for uid in first)


def test_one_that_was_moved_while_it_waited_keeps_its_key_too(editor: Client) -> None:
    course = make_course(title="Neglect")
    there = make_session(course, start_date=date(2027, 11, 4), note="By hand")
    before = uids(course)
    press(editor, paste(editor, "Neglect – 12/11/2027"), "_confirm")
    waiting = Session.objects.get(revises=None, course__revises=course)
    # The same course is imported once more before anybody applied the change.
    again = paste(editor, "Neglect – 12/11/2027\nOnline")
    press(editor, again, "_tick_all")
    press(editor, again, "_confirm")
    applied(course)
    assert set(course.sessions.values_list("pk", flat=True)) == {there.pk, waiting.pk}
    after = uids(course)
    assert len(after) == 2 and before.items() <= after.items()
    assert Session.objects.get(pk=waiting.pk).is_online
