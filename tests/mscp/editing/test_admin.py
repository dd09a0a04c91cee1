"""Two editors at once, names and times, history, and typed work that survives a refusal."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from mscp.site.dashboard import tasks_for
from reviews.models import Document, PracticeReview, Theme
from tests.admin_forms import fields_of, send
from tests.factories import (
    MINIMAL_PDF,
    make_contact,
    make_course,
    make_document,
    make_identity,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from tests.pages import text_of
from tests.pdfs import clean_pdf
from training.models import Session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_readings")]


def form(review: Any) -> str:
    return f"/admin/reviews/practicereview/{review.pk}/change/"


def test_the_second_of_two_editors_is_told_and_loses_nothing(
    publisher: Client, sign_in: Any, clock: Any
) -> None:
    review = make_review(title="Oak", summary="As it was.")
    other = sign_in("Publishers", username="robin")
    mine = fields_of(publisher.get(form(review)))
    clock.shift(timedelta(minutes=3))
    send(other, form(review), summary="Robin's words.")
    mine |= {"summary": "My words.", "_save": "Save"}
    refused = publisher.post(form(review), mine)
    page = text_of(refused)
    assert refused.status_code == 200
    assert "robin changed this on 23 November 2026, 10:03, after you had opened it" in page
    assert "Summary (saved now: Robin's words.)" in page
    assert "My words." in refused.content.decode()
    assert PracticeReview.objects.get().summary == "Robin's words."
    again = publisher.post(form(review), {**fields_of(refused), "_save": "Save"})
    assert again.status_code == 302
    assert PracticeReview.objects.get().summary == "My words."


def test_saving_twice_from_ones_own_form_is_no_conflict(publisher: Client) -> None:
    review = make_review()
    for words in ("One.", "Two."):
        assert send(publisher, form(review), summary=words).status_code == 302


def test_a_form_that_changes_nothing_overwrites_nothing(publisher: Client, sign_in: Any) -> None:
    review = make_review(summary="As it was.")
    mine = fields_of(publisher.get(form(review)))
    make_session()
    assert publisher.post(form(review), {**mine, "_save": "Save"}).status_code == 302


def test_a_publication_withdrawn_meanwhile_is_named_too(publisher: Client) -> None:
    review = make_review(title="Oak")
    mine = fields_of(publisher.get(form(review)))
    PracticeReview.objects.get().withdraw(reason="A name")
    refused = publisher.post(form(review), {**mine, "title": "Elm", "_save": "Save"})
    assert "after you had opened it" in text_of(refused)
    review.refresh_from_db()
    assert review.is_withdrawn and review.title == "Oak"


def test_a_session_changed_meanwhile_in_the_course_form_is_named(publisher: Client) -> None:
    session = make_session(note="as it was")
    address = f"/admin/training/course/{session.course.pk}/change/"
    mine = fields_of(publisher.get(address))
    session.note = "theirs"
    session.save()
    refused = publisher.post(address, {**mine, "sessions-0-note": "mine", "_save": "Save"})
    assert refused.status_code == 200
    assert "Note (saved now: theirs)" in text_of(refused)
    assert 'value="mine"' in refused.content.decode()
    assert Session.objects.get().note == "theirs"
    again = publisher.post(address, {**fields_of(refused), "_save": "Save"})
    assert again.status_code == 302 and Session.objects.get().note == "mine"


def test_a_record_deleted_meanwhile_is_named(publisher: Client) -> None:
    review = make_review(state=State.DRAFT)
    mine = fields_of(publisher.get(form(review)))
    address = form(review)
    review.delete()
    response = publisher.post(address, {**mine, "summary": "My words.", "_save": "Save"})
    assert response.status_code == 404
    assert "Somebody deleted it on 23 November 2026, 10:00." in text_of(response)
    assert "My words." in response.content.decode()


# --- typed work survives ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "a.pdf", "This file is empty"),
        (b"<html>no</html>", "a.pdf", "This is not a PDF, whatever its name says"),
        (clean_pdf()[:5000], "a.pdf", "This file breaks off: its end is missing"),
    ],
)
def test_a_refused_file_keeps_everything_typed(
    editor: Client, content: bytes, name: str, says: str, uploads: Any
) -> None:
    response = send(
        editor,
        "/admin/reviews/practicereview/add/",
        type="scr",
        title="Oak",
        summary="Long hours of typing.",
        report_date="July 2026",
        **{
            "documents-TOTAL_FORMS": "1",
            "documents-0-kind": "report",
            "documents-0-title": "The report",
            "documents-0-position": "0",
            "documents-0-file": SimpleUploadedFile(name, content),
        },
    )
    page = response.content.decode()
    assert response.status_code == 200 and says in text_of(response)
    for typed in ("Oak", "Long hours of typing.", "July 2026", "The report"):
        assert typed in page, typed
    assert not PracticeReview.objects.exists()
    assert not uploads.exists() or not any(uploads.rglob("*.*"))


def test_a_file_over_50_megabytes_is_refused(editor: Client) -> None:
    large = SimpleUploadedFile("a.pdf", MINIMAL_PDF + b"\0" * 51 * 1024 * 1024)
    review = make_review(state=State.DRAFT)
    response = send(
        editor,
        form(review),
        **{
            "documents-TOTAL_FORMS": "1",
            "documents-0-kind": "report",
            "documents-0-title": "The report",
            "documents-0-position": "0",
            "documents-0-file": large,
        },
    )
    assert "This file has more than 50 MB." in text_of(response)
    assert not Document.objects.exists()


def test_neither_file_nor_address_and_both_are_named(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    filled = {
        "documents-TOTAL_FORMS": "1",
        "documents-0-kind": "report",
        "documents-0-title": "The report",
        "documents-0-position": "0",
    }
    for more in (
        {},
        {
            "documents-0-url": "https://example.org",
            "documents-0-file": SimpleUploadedFile("a.pdf", clean_pdf()),
        },
    ):
        response = send(editor, form(review), **filled, **more)
        assert "A document is a file or an address: give one of the two" in text_of(response)


def test_a_date_that_is_none_is_explained_in_words(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    response = send(editor, form(review), report_date="31 Feb 2020", summary="Kept.")
    assert "“31 Feb 2020”: there is no such day." in text_of(response)
    assert "Kept." in response.content.decode()


def test_a_review_without_any_name_is_named(editor: Client) -> None:
    response = send(editor, "/admin/reviews/practicereview/add/", type="scr")
    assert (
        "Give a title; for a review, a pseudonym or the reference of the child will do."
        in text_of(response)
    )


def test_a_theme_of_the_same_name_is_named(publisher: Client) -> None:
    make_theme(name="Neglect")
    response = send(publisher, "/admin/reviews/theme/add/", name="neglect")
    assert "There is a theme of this name already." in text_of(response)
    assert Theme.objects.count() == 1


# --- history ----------------------------------------------------------------------------------


def test_every_change_keeps_who_when_and_what(publisher: Client) -> None:
    old, new = make_theme(name="Old theme"), make_theme(name="New theme")
    review = make_review(title="Oak", themes=[old], report_date=PartialDate(2020))
    review.save()
    changed = {"title": "Elm", "report_date": "July 2020", "publisher": "The Panel"}
    send(publisher, form(review), themes=[str(new.pk)], **changed)
    page = text_of(publisher.get(f"/admin/reviews/practicereview/{review.pk}/history/"))
    assert "23 November 2026, 10:00 pat" in page
    assert "Title : Oak → Elm" in page
    assert "Date of the report : 2020 → July 2020" in page
    # Staff call a colleague who may publish a publisher.
    assert "Published by : empty → The Panel" in page and "Publisher :" not in page
    assert "Themes : Old theme → New theme" in page


def test_the_history_of_one_kind_holds_no_other(publisher: Client) -> None:
    review = PracticeReview.objects.create(title="Oak", type="lcspr")
    review.themes.set([make_theme()])
    assert review.history.count() >= 2
    assert {record.history_type for record in review.history.all()} == {"+", "~"}
    themes = review.history.first().themes.all()
    assert len(themes) == 1


def test_documents_and_sessions_keep_their_own_history(publisher: Client) -> None:
    document = make_document(make_review(), title="One")
    document.title = "Two"
    document.save()
    page = text_of(publisher.get(f"/admin/reviews/document/{document.pk}/history/"))
    assert "Title : One → Two" in page
    session = make_session(make_course())
    session.note = "Bring lunch"
    session.save()
    page = text_of(publisher.get(f"/admin/training/session/{session.pk}/history/"))
    assert "Note : empty → Bring lunch" in page


def test_history_stays_when_the_record_is_deleted() -> None:
    review = make_review(title="Oak", state=State.DRAFT)
    key = review.pk
    review.delete()
    kept = PracticeReview.history.filter(publication_ptr_id=key)
    assert kept.first().history_type == "-" and kept.first().title == "Oak"


def test_an_old_version_cannot_be_brought_back_past_the_gate(
    administrator: Client, editor: Client
) -> None:
    review = make_review(title="Oak")
    review.title = "Elm"
    review.save()
    old = review.history.last()
    address = f"/admin/reviews/practicereview/{review.pk}/history/{old.pk}/"
    for client in (administrator, editor):
        client.post(address, {"title": "Oak", "type": "lcspr", "_save": "Revert"})
        review.refresh_from_db()
        assert review.title == "Elm"


def test_the_partnership_is_changed_in_one_place(publisher: Client) -> None:
    assert publisher.get("/admin/mscp/siteidentity/").url.endswith("/siteidentity/add/")
    make_identity()
    assert publisher.get("/admin/mscp/siteidentity/").url.endswith("/siteidentity/1/change/")
    assert publisher.get("/admin/mscp/siteidentity/add/").status_code == 403
    send(publisher, "/admin/mscp/siteidentity/1/change/", name="Renamed partnership")
    assert "Renamed partnership" in text_of(Client().get("/"))


def test_another_address_or_number_is_an_unchecked_one(publisher: Client) -> None:
    document = make_document(make_review(), url_checked=True, url_checked_on="2026-01-01")
    address = f"/admin/reviews/document/{document.pk}/change/"
    send(publisher, address, url="https://example.org/other")
    document.refresh_from_db()
    assert not document.url_checked and document.url_checked_on is None
    contact = make_contact(verified_on="2026-01-01")
    send(
        publisher,
        f"/admin/mscp/concerncontact/{contact.pk}/change/",
        phone="020 7946 0999",
        confirmed="phone=020 7946 0999",
    )
    contact.refresh_from_db()
    assert contact.verified_on is None


def test_marking_addresses_tells_an_editor_what_was_left(editor: Client) -> None:
    mine = make_document(make_review(state=State.DRAFT))
    live = make_document(make_review())
    response = editor.post(
        "/admin/reviews/document/",
        {"action": "mark_checked", "_selected_action": [mine.pk, live.pk]},
        follow=True,
    )
    assert "1 marked as checked today." in text_of(response)
    assert "1 not marked: they belong to what is live." in text_of(response)
    live.refresh_from_db()
    assert not live.url_checked


def test_a_kept_file_is_shown_by_its_own_address(editor: Client) -> None:
    document = make_document(make_review(state=State.DRAFT), title="The report", pdf=MINIMAL_PDF)
    stored = document.file.content.name
    page = editor.get(form(document.publication)).content.decode()
    assert f'href="/admin/reviews/documentfile/{document.file.uid}/file.pdf"' in page
    assert stored not in page
    document.file.content.storage.delete(stored)
    page = editor.get(form(document.publication)).content.decode()
    assert "The file of “The report” is missing. Send it again." in page


@pytest.mark.parametrize("typed", ["3 February 2027", "3 Feb 2027", "03/02/2027", "2027-02-03"])
def test_days_and_times_are_read_as_people_write_them(publisher: Client, typed: str) -> None:
    course = make_course()
    for time in ("9:30am", "9.30AM", "09:30", "9:30 am"):
        send(
            publisher,
            "/admin/training/session/add/",
            course=str(course.pk),
            start_date=typed,
            start_time=time,
            end_time="1pm",
        )
        session = Session.objects.get()
        assert (session.when, session.times) == ("3 February 2027", "9:30am to 1pm")
        session.delete()


def test_a_day_that_is_none_is_explained_with_an_example(publisher: Client) -> None:
    response = send(publisher, "/admin/training/session/add/", start_date="soon", start_time="late")
    assert "Write a day as 14/01/2027 or 14 January 2027." in text_of(response)
    assert "Write a time as 09:30 or 9:30am." in text_of(response)


def test_an_editor_is_given_only_what_an_editor_can_settle(editor: Client) -> None:
    make_document(make_review()), make_contact(), make_venue(), make_session()
    draft = make_review(state=State.DRAFT)
    assert [line.text for line in tasks_for(editor.user)] == ["practice review in draft"]  # type: ignore[attr-defined]
    draft.delete()
    said = text_of(editor.get("/admin/"))
    assert "Open tasks There are none." in said and said.count("To do") == 2
