"""The partnership's identity: its notice, how to reach it, its numbers to call and its source."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from mscp.database import clock as now
from mscp.models import ConcernContact, SiteIdentity
from mscp.publishing.gate import State
from mscp.site.dashboard import tasks_for
from tests.factories import (
    make_briefing,
    make_contact,
    make_course,
    make_document,
    make_file,
    make_identity,
    make_page,
    make_report,
    make_review,
)
from tests.pages import assert_valid, body_of, get, text_of

pytestmark = pytest.mark.django_db


def test_a_notice_is_shown_from_its_first_to_its_last_day(clock: Any) -> None:
    today = now.today()
    day = timedelta(days=1)
    make_identity(notice="We move.", notice_starts=today + day, notice_ends=today + 2 * day)
    seen = []
    for _ in range(4):
        seen.append("We move." in text_of(get("/")))
        clock.shift(day)
    assert seen == [False, True, True, False]


def test_a_warning_says_so_not_by_its_colour_alone() -> None:
    make_identity(notice="Lines are down.", notice_level="warning")
    assert "Warning Lines are down." in text_of(get("/about/"))


@pytest.mark.parametrize(
    ("notice", "level", "folds"),
    [
        ("We move on 1 December.", "information", False),
        ("We move on 1 December.\nTo Elm Road.", "information", True),
        ("We move to Elm Road on 1 December.", "information", False),
        ("We move to Elm Road on 1 December.", "warning", True),
        ("We move to Elm Road on the 1st of December.", "information", True),
    ],
)
def test_a_notice_that_fits_on_a_phone_does_not_fold(notice: str, level: str, folds: bool) -> None:
    make_identity(notice=notice, notice_level=level)
    page = Client().get("/").content.decode()
    (found,) = re.findall('<aside class="notice.*?</aside>', page, re.DOTALL)
    assert ("<details" in found) == folds
    assert notice.split("\n")[0] in found


def test_a_notice_does_not_end_before_it_starts() -> None:
    identity = make_identity()
    identity.notice_starts, identity.notice_ends = date(2026, 12, 2), date(2026, 12, 1)
    with pytest.raises(ValidationError, match="ends before it starts"):
        identity.full_clean()


@pytest.mark.parametrize(
    ("email", "phone", "words"),
    [
        ("ask@example.org", "", "write to ask@example.org."),
        ("", "020 7946 0010", "call 020 7946 0010."),
        ("ask@example.org", "020 7946 0010", "write to ask@example.org or call 020 7946 0010."),
        ("", "", None),
    ],
)
def test_readers_may_ask_by_the_ways_there_are_and_none_is_promised(
    email: str, phone: str, words: str | None
) -> None:
    make_identity(email=email, phone=phone, website="https://partnership.example.org/")
    scan = make_file(b"%PDF-1.4", has_text=False)
    document = make_document(make_review(), title="The report", file=scan)
    gone = make_review(state=State.WITHDRAWN)
    sentences = {
        make_course().get_absolute_url(): "Booking To book,",
        "/numbers-to-call/": "About this site, its documents and its training:",
        "/accessibility/": "If something here does not work for you,",
        "/developers/": "To ask for more,",
        document.publication.get_absolute_url(): (
            "To ask for it in another format, such as large print, Word or read out,"
        ),
        gone.get_absolute_url(): "To ask about it,",
    }
    for address, sentence in sentences.items():
        response = Client().get(address)
        page = text_of(response).replace(" .", ".")
        assert_valid(response)
        if words is None:
            assert sentence not in page, address
        else:
            assert f"{sentence} {words}" in page, address
        if phone:
            assert 'href="tel:02079460010"' in response.content.decode()


def test_a_number_is_shown_as_checked_only_when_it_is() -> None:
    make_contact(label="Children's desk", phone="020 7946 0001", verified_on=date(2026, 11, 3))
    make_contact(label="Out of hours", phone="020 7946 0002")
    page = text_of(get("/numbers-to-call/"))
    assert "Children's desk 020 7946 0001 checked in November 2026" in page
    assert page.count("checked in") == 1


def test_staff_are_asked_until_numbers_are_checked_and_say_so_for_all_at_once(
    publisher: Client,
) -> None:
    make_identity(phone="020 7946 0010")
    first, second = make_contact(), make_contact()
    assert "2 numbers to call about a child that nobody has checked" in text_of(
        publisher.get("/admin/")
    )
    response = publisher.post(
        "/admin/mscp/concerncontact/",
        {"action": "checked_today", "_selected_action": [first.pk, second.pk]},
        follow=True,
    )
    assert "2 marked as checked today." in text_of(response)
    assert {one.verified_on for one in ConcernContact.objects.all()} == {now.today()}
    assert first.history.first().history_change_reason == "Called and found right"
    assert "that nobody has checked" not in text_of(publisher.get("/admin/"))


def test_staff_are_asked_for_the_other_way_to_reach_them(publisher: Client) -> None:
    def asked() -> list[str]:
        lines = tasks_for(publisher.user)  # type: ignore[attr-defined]
        return [f"{line.number} {line.text}" for line in lines if "reach" in line.text]

    make_identity(email="")
    # The guide of a new site asks for the first (test_setting_up.py).
    assert asked() == []
    SiteIdentity.objects.update(email="ask@example.org")
    assert asked() == ["1 way to reach you missing: telephone for questions"]
    SiteIdentity.objects.update(phone="020 7946 0010")
    assert asked() == []


def test_the_introduction_names_its_source() -> None:
    make_identity(intro="Words.", source_title="The guidance 2026")
    assert "Source: The guidance 2026" in text_of(get("/"))
    SiteIdentity.objects.update(source_address="https://example.org/guidance")
    assert (
        '<a href="https://example.org/guidance">The guidance 2026</a>' in get("/").content.decode()
    )
    with pytest.raises(ValidationError, match="no title"):
        SiteIdentity(name="A", source_address="https://example.org/").full_clean()


def test_a_withdrawn_page_offers_the_list_it_came_from() -> None:
    for make, list_address in (
        (make_review, "/reviews/"),
        (make_report, "/reports/"),
        (make_briefing, "/learning/"),
        (make_course, "/training/"),
        (make_page, "/"),
    ):
        response = Client().get(make(state=State.WITHDRAWN).get_absolute_url())
        assert response.status_code == 410
        assert f'class="onward" href="{list_address}"' in response.content.decode()


def test_icons_answer_by_the_addresses_that_browsers_try() -> None:
    ico = Client().get("/favicon.ico")
    assert ico["Content-Type"] == "image/x-icon" and body_of(ico)[:4] == b"\0\0\1\0"
    png = Client().get("/apple-touch-icon.png")
    assert png["Content-Type"] == "image/png" and body_of(png)[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_site_without_numbers_still_says_whom_to_call() -> None:
    for address in ("/", "/numbers-to-call/"):
        assert "Child in danger now? 999" in text_of(get(address))


def test_a_sign_in_that_fails_says_so_first() -> None:
    page = Client().post("/staff/sign-in/", {"login": "ed", "password": "wrong"})
    assert "<title>Error: Sign in for staff –" in " ".join(page.content.decode().split())
    assert "Wrong user name or password" in text_of(page)
