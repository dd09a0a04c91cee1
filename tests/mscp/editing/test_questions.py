"""What is most likely a slip is asked about at its own field; nothing typed is lost meanwhile."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from lxml.html import document_fromstring

from mscp.editing.questions import far_away
from mscp.models import ConcernContact, SiteIdentity
from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from reviews.models import NationalReport, PracticeReview
from tests.admin_forms import confirm, fields_of, send, ticks_of
from tests.factories import make_contact, make_course, make_identity, make_report, make_review
from tests.pages import text_of
from training.models import Session

pytestmark = pytest.mark.django_db

CONTACTS = "/admin/mscp/concerncontact/"
IDENTITY = "/admin/mscp/siteidentity/1/change/"


# --- whom to call --------------------------------------------------------------------------------


def test_a_changed_number_is_asked_about_and_nothing_else_is_lost(publisher: Client) -> None:
    contact = make_contact(phone="020 7946 0000", verified_on="2026-01-01")
    address = f"{CONTACTS}{contact.pk}/change/"
    asked = send(publisher, address, phone="+44 (0)20 7946 0010", hours="Day and night")
    assert asked.status_code == 200
    said = text_of(asked)
    assert "This stands on every page at once." in said
    assert "It was 020 7946 0000 and will be 020 7946 0010. Is it right?" in said
    assert fields_of(asked)["hours"] == "Day and night"
    contact.refresh_from_db()
    assert contact.phone == "020 7946 0000"
    # Without the tick it is asked again.
    assert publisher.post(address, {**fields_of(asked), "_save": "Save"}).status_code == 200
    assert confirm(publisher, address, asked).status_code == 302
    contact.refresh_from_db()
    assert contact.phone == "020 7946 0010" and contact.hours == "Day and night"
    assert contact.verified_on is None
    assert "020 7946 0010" in text_of(Client().get("/"))


def test_a_tick_counts_for_one_number(publisher: Client) -> None:
    contact = make_contact()
    address = f"{CONTACTS}{contact.pk}/change/"
    asked = send(publisher, address, phone="020 7946 0010")
    other = confirm(publisher, address, asked, phone="020 7946 0011")
    assert other.status_code == 200 and "will be 020 7946 0011" in text_of(other)
    assert ConcernContact.objects.get().phone == contact.phone


def test_a_tick_stays_while_something_else_is_wrong(publisher: Client) -> None:
    contact = make_contact()
    address = f"{CONTACTS}{contact.pk}/change/"
    asked = send(publisher, address, phone="020 7946 0010")
    wrong = confirm(publisher, address, asked, label="")
    assert wrong.status_code == 200 and "every page" not in text_of(wrong)
    kept = re.findall(r'name="confirmed" value="([^"]*)"', wrong.content.decode())
    assert kept == ["phone=020 7946 0010"]
    done = publisher.post(
        address, {**fields_of(wrong), "confirmed": kept, "label": "Desk", "_save": "Save"}
    )
    assert done.status_code == 302 and ConcernContact.objects.get().phone == "020 7946 0010"


@pytest.mark.parametrize("typed", ["020 8545 42", "(020) 8545 42", "+353 1 234 5678", "ask Jo"])
def test_a_number_that_cannot_be_is_refused(publisher: Client, typed: str) -> None:
    contact = make_contact()
    refused = send(publisher, f"{CONTACTS}{contact.pk}/change/", phone=typed)
    assert refused.status_code == 200 and fields_of(refused)["phone"] == typed
    assert "every page at once" not in text_of(refused)
    assert ConcernContact.objects.get().phone == contact.phone


def test_a_new_number_is_asked_about(publisher: Client) -> None:
    address = f"{CONTACTS}add/"
    asked = send(publisher, address, label="Police", phone="999")
    assert "It is new: 999. Is it right?" in text_of(asked)
    assert not ConcernContact.objects.exists()
    assert confirm(publisher, address, asked).status_code == 302
    assert ConcernContact.objects.get().phone == "999"


def test_an_odd_number_that_nobody_changed_keeps_no_form_from_being_saved(
    publisher: Client,
) -> None:
    contact = make_contact(phone="+44 20 7946 00", verified_on="2026-01-01")
    done = send(publisher, f"{CONTACTS}{contact.pk}/change/", hours="Always")
    assert done.status_code == 302
    contact.refresh_from_db()
    assert contact.hours == "Always" and contact.phone == "+44 20 7946 00"
    assert contact.verified_on == date(2026, 1, 1)


def test_the_partnership_is_asked_before_its_own_ways_are_replaced(publisher: Client) -> None:
    make_identity(email="", phone="020 7946 0001")
    # A first address is not asked about.
    assert send(publisher, IDENTITY, email="ask@example.org").status_code == 302
    asked = send(publisher, IDENTITY, email="tell@example.org", phone="")
    said = text_of(asked)
    assert "It was ask@example.org and will be tell@example.org." in said
    assert "It was 020 7946 0001 and will be empty." in said
    assert confirm(publisher, IDENTITY, asked).status_code == 302
    identity = SiteIdentity.load()
    assert (identity.email, identity.phone) == ("tell@example.org", "")


# --- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (date(2028, 11, 23), ""),
        (date(2028, 11, 24), "24 November 2028 is more than 2 years ahead."),
        (date(1996, 11, 23), ""),
        (date(1996, 11, 22), "22 November 1996 is more than 30 years ago."),
        (PartialDate(2028), ""),
        (PartialDate(2028, 12), "December 2028 is more than 2 years ahead."),
        (PartialDate(1996), ""),
        (PartialDate(1995), "1995 is more than 30 years ago."),
        (None, ""),
        ("2062", ""),
    ],
)
def test_which_dates_are_asked_about(value: object, said: str) -> None:
    assert far_away(value) == said


def test_a_date_far_ahead_is_asked_about_at_its_own_field(editor: Client) -> None:
    address = "/admin/reviews/practicereview/add/"
    asked = send(
        editor,
        address,
        type="lcspr",
        pseudonym="Oak",
        report_date="2062",
        completed="1962",
        summary="Typed.",
        **{
            "documents-TOTAL_FORMS": "1",
            "documents-0-kind": "report",
            "documents-0-title": "The report",
            "documents-0-url": "https://example.org/report",
            "documents-0-position": "0",
            "documents-0-dated": "3 March 2062",
        },
    )
    assert asked.status_code == 200 and not PracticeReview.objects.exists()
    page = document_fromstring(asked.content)
    for field, said in [
        ("report_date", "2062 is more than 2 years ahead."),
        ("completed", "1962 is more than 30 years ago."),
        ("documents-0-dated", "3 March 2062 is more than 2 years ahead."),
    ]:
        error = page.get_element_by_id(f"id_{field}_error")
        assert said in error.text_content()
        # In the one box that holds this field and no other.
        inputs = error.getparent().xpath(".//input[@type='text']")
        assert [one.name for one in inputs] == [field]
    assert set(ticks_of(asked)) == {"confirmed", "documents-0-confirmed"}
    assert confirm(editor, address, asked).status_code == 302
    review = PracticeReview.objects.get()
    assert str(review.report_date) == "2062" and review.summary == "Typed."
    assert str(review.documents.get().dated) == "3 March 2062"
    # What was confirmed once is not asked about again.
    form = f"/admin/reviews/practicereview/{review.pk}/change/"
    assert send(editor, form, summary="Other.").status_code == 302


def test_years_covered_are_asked_about(editor: Client) -> None:
    report = make_report(state=State.DRAFT)
    address = f"/admin/reviews/nationalreport/{report.pk}/change/"
    asked = send(editor, address, covers_from="1920", covers_to="2052")
    assert "1920 is more than" in text_of(asked) and "2052 is more than" in text_of(asked)
    assert confirm(editor, address, asked).status_code == 302
    assert NationalReport.objects.get().covers_to == 2052


def test_a_session_far_ahead_is_asked_about(editor: Client) -> None:
    course = make_course(state=State.DRAFT)
    address = "/admin/training/session/add/"
    asked = send(editor, address, course=str(course.pk), start_date="01/02/2062")
    assert "1 February 2062 is more than 2 years ahead." in text_of(asked)
    assert not Session.objects.exists()
    assert confirm(editor, address, asked).status_code == 302
    assert Session.objects.get().start_date.year == 2062


def test_a_schedule_far_ahead_is_asked_about(publisher: Client) -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    address = f"/admin/reviews/practicereview/step/schedule/?id={review.pk}"
    asked = send(publisher, address, moment="2062-03-01T09:00")
    assert asked.status_code == 200 and "1 March 2062 is more than" in text_of(asked)
    assert fields_of(asked)["moment"] == "2062-03-01T09:00"
    assert confirm(publisher, address, asked).status_code == 302
    review.refresh_from_db()
    assert review.current_state is State.SCHEDULED


def test_crafted_ticks_are_no_error(publisher: Client) -> None:
    contact = make_contact()
    address = f"{CONTACTS}{contact.pk}/change/"
    for value in ("\x00", "<b>", ["a", "phone=", "x" * 5000]):
        sent = send(publisher, address, phone="020 7946 0010", confirmed=value)
        assert sent.status_code == 200
        assert "<b>" not in sent.content.decode().partition("confirmed")[2][:40]


# --- the notice on every page --------------------------------------------------------------------


def test_a_notice_is_shown_as_it_will_stand_before_it_does(publisher: Client) -> None:
    make_identity()
    changes = {"notice": "We move.\n<b> See https://example.org", "notice_level": "warning"}
    asked = send(publisher, IDENTITY, **changes)
    said = text_of(asked)
    assert "It stands on every page until somebody takes it off. It reads:" in said
    assert "Warning: We move. <b> See https://example.org" in said
    assert 'href="https://example.org"' in asked.content.decode()
    assert SiteIdentity.load().notice == ""
    assert confirm(publisher, IDENTITY, asked).status_code == 302
    assert "We move." in text_of(Client().get("/"))
    # Taking it off harms nobody.
    assert send(publisher, IDENTITY, notice="").status_code == 302


def test_days_of_a_notice_that_have_passed_are_asked_about(publisher: Client) -> None:
    make_identity(notice="We move.")
    asked = send(
        publisher, IDENTITY, notice_starts="1 November 2026", notice_ends="2 November 2026"
    )
    said = text_of(asked)
    assert "1 November 2026 has passed: the notice stands at once." in said
    assert "2 November 2026 has passed: no reader will see the notice." in said
    assert confirm(publisher, IDENTITY, asked).status_code == 302
    form = text_of(publisher.get(IDENTITY))
    assert "It ended on 2 November 2026: no reader sees it any more." in form
    assert "notice banner that has ended" in text_of(publisher.get("/admin/"))
    send(publisher, IDENTITY, notice="")
    assert "notice banner that has ended" not in text_of(publisher.get("/admin/"))


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        (
            {"notice_starts": "3 December 2026", "notice_ends": "1 December 2026"},
            "notice_ends",
            "The notice ends before it starts.",
        ),
        (
            {"source_address": "https://example.org"},
            "source_address",
            "The source has an address but no title.",
        ),
        (
            {"covers_from": "2020", "covers_to": "2019"},
            "covers_to",
            "The last year covered must come after the first.",
        ),
    ],
)
def test_what_a_rule_of_the_database_says_stands_at_its_field(
    publisher: Client, changes: Any, field: str, said: str
) -> None:
    make_identity()
    report = f"/admin/reviews/nationalreport/{make_report(state=State.DRAFT).pk}/change/"
    refused = send(publisher, report if "covers_to" in changes else IDENTITY, **changes)
    assert refused.status_code == 200
    page = document_fromstring(refused.content)
    assert said in page.get_element_by_id(f"id_{field}_error").text_content()
    assert text_of(refused).count(said) == 1
