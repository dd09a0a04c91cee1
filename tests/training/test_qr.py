"""The code on a printed session."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mscp.publishing.gate import State
from tests.factories import HIDDEN_STAGES, make_course, make_session

pytestmark = pytest.mark.django_db


def test_the_code_is_a_drawing_that_a_browser_may_keep_but_asks_about() -> None:
    session = make_session()
    client = Client()
    response = client.get(session.qr_address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert response.content.startswith(b"<svg") and b"style=" not in response.content
    again = client.get(session.qr_address, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_of_what_is_hidden_there_is_no_code(state: State, editor: Client) -> None:
    session = make_session(make_course(state=state))
    never = session.qr_address.replace(str(session.pk), "999999")
    for client in (Client(), editor):
        hidden, missing = client.get(session.qr_address), client.get(never)
        assert hidden.status_code == missing.status_code == 404
    assert Client().get(session.qr_address).content == Client().get(never).content
    assert "session-qr" not in editor.get(session.course.get_absolute_url()).content.decode()


def test_a_session_that_another_course_took_over_is_led_to() -> None:
    session = make_session()
    before = session.qr_address
    session.course = make_course()
    session.save()
    assert Client().get(before).headers["Location"] == session.qr_address


def test_only_what_is_to_come_and_goes_ahead_has_a_code_on_the_courses_page() -> None:
    course = make_course()
    coming = make_session(course)
    make_session(course, in_days=-2)
    make_session(course, in_days=3).cancel()
    page = Client().get(course.get_absolute_url()).content.decode()
    assert page.count('class="session-qr"') == 1
    image = page.partition('class="session-qr"')[2].partition(">")[0]
    assert f'src="{coming.qr_address}"' in image and 'alt=""' in image
    assert "session-qr" not in Client().get("/training/").content.decode()


def test_a_code_is_written_for_the_host_it_was_asked_of(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["a.example.org", "b.example.org"]
    session = make_session(start_date=timezone.localdate() + timedelta(days=1))
    codes = {
        Client().get(session.qr_address, headers={"host": host}).content
        for host in settings.ALLOWED_HOSTS
    }
    assert len(codes) == 2
