"""The trainer of a session: a person's name, which readers see only where somebody ticked it."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from tests.factories import make_course, make_session
from training.models import Session

pytestmark = pytest.mark.django_db

NAME = "Samira Quillfeather"


def readable(session: Session) -> dict[str, str]:
    """Return each way in which readers meet a session, as text."""
    course = session.course.get_absolute_url()
    addresses = [
        course,
        session.calendar_address,
        f"{course}calendar.ics",
        *(f"/training/{name}" for name in ("", "sessions.csv", "sessions.json", "calendar.ics")),
        "/training/feed.xml",
        f"/training/?month={session.start_date:%Y-%m}",
        "/search/?q=quillfeather",
        "/",
    ]
    client = Client()
    found = {path: client.get(path, follow=True) for path in addresses}
    texts = {}
    for path, answer in found.items():
        if answer.status_code == 404:
            continue
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        # A line of a calendar is folded.
        texts[path] = body.decode().replace("\r\n ", "")
    return texts


@pytest.mark.parametrize("is_shown", [False, True])
def test_only_a_name_that_is_ticked_is_public(is_shown: bool) -> None:
    session = make_session(
        make_course(title="Neglect"), in_days=9, trainer=NAME, trainer_shown=is_shown
    )
    texts = readable(session)
    # What was typed into the search is shown as it was typed.
    says = {path for path, text in texts.items() if NAME in text}
    assert len(texts) >= 5
    if not is_shown:
        assert not says
    else:
        assert {session.course.get_absolute_url(), session.calendar_address} <= says


def test_the_page_and_calendar_say_places_and_cost() -> None:
    course = make_course(title="Neglect", cost="Free")
    session = make_session(course, in_days=9, capacity=25, cost="£40")
    make_session(course, in_days=10)
    texts = readable(session)
    page, entry = texts[course.get_absolute_url()], texts[session.calendar_address]
    assert "25 places in all" in page and "Cost: £40" in page
    assert "Cost: £40" in entry and "Places: 25 places in all" in entry


@pytest.mark.parametrize(
    ("changes", "raises"),
    [
        ({"capacity": 12}, True),
        ({"cost": "£5"}, True),
        ({"trainer": "Pat"}, False),
        ({"trainer": "Pat", "trainer_shown": True}, True),
        ({"trainer_shown": True}, True),
        ({"note": "Bring lunch"}, True),
    ],
)
def test_what_an_entry_shows_raises_its_sequence(changes: dict[str, object], raises: bool) -> None:
    session = make_session(make_course(), trainer=NAME)
    before, content = session.sequence, session.content()
    for name, value in changes.items():
        setattr(session, name, value)
    session.save()
    assert (session.sequence > before) is raises
    assert (session.content() != content) is raises


def test_no_trainer_is_named_without_a_name() -> None:
    session = make_session(make_course())
    session.trainer_shown = True
    with pytest.raises(ValidationError, match="Give the name"):
        session.full_clean()


@pytest.mark.parametrize(("number", "words"), [(1, "1 place in all"), (25, "25 places in all")])
def test_a_number_of_places_in_words(number: int, words: str) -> None:
    assert make_session(make_course(), capacity=number).capacity_in_words == words


@pytest.mark.parametrize("number", [0, 10000, -1])
def test_a_number_of_places_that_cannot_be(number: int) -> None:
    session = make_session(make_course())
    session.capacity = number
    with pytest.raises(ValidationError):
        session.full_clean()
