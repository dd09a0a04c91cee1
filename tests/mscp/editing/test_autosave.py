"""What was typed and could not be saved: shown, kept for its author alone, taken back, deleted."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.admin.utils import flatten
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session as StoredSession
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.client import MULTIPART_CONTENT, encode_multipart
from django.test.utils import CaptureQueriesContext

from mscp.models import Page
from mscp.publishing.gate import State
from mscp.records.autosave import MOST_KEPT, Autosave, AutosaveToken
from reviews.documents.report_links import report_address
from reviews.documents.stored_files import sweep
from reviews.models import Document, DocumentFile, PracticeReview
from tests.admin_forms import fields_of, send
from tests.factories import (
    make_course,
    make_document,
    make_file,
    make_finding,
    make_page,
    make_review,
    make_session,
    make_theme,
    make_user,
    put_in_state,
)
from tests.pages import assert_valid, text_of
from tests.pdfs import clean_pdf
from training.admin import SessionInline
from training.models import Course

pytestmark = pytest.mark.django_db

ADD = "/admin/reviews/practicereview/add/"
KEEP = "/admin/typed/"
WORDS = "An afternoon of typing, <b>with</b> a\nsecond line & “quotes”."


def form(review: Any) -> str:
    return f"/admin/reviews/practicereview/{review.pk}/change/"


def values(response: Any) -> dict[str, Any]:
    return fields_of(response)


def keep(client: Client, fields: dict[str, Any], **more: Any) -> Any:
    return client.post(KEEP, {**fields, **more}, HTTP_ACCEPT="application/json")


def end_session(client: Client) -> None:
    """End every session, as the clock or a sign-out elsewhere does; the cookie stays."""
    StoredSession.objects.all().delete()
    client.cookies["csrftoken"] = "a" * 32


def signed_in_again(client: Client, user: Any) -> Client:
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


# --- published, withdrawn, deleted, not allowed any more ------------------------------------------


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("publish", "pat published it on 23 November 2026, 10:03. Everybody can read it since"),
        ("schedule", "pat scheduled it on 23 November 2026, 10:03. It goes live on 1 December"),
    ],
)
def test_what_was_typed_while_somebody_published_it_stands_there(
    step: str, says: str, editor: Client, publisher: Client, clock: Any
) -> None:
    review = make_review(state=State.DRAFT, title="Oak", summary="As it was.")
    make_document(review)
    mine = values(editor.get(form(review)))
    clock.shift(timedelta(minutes=3))
    confirmation = f"/admin/reviews/practicereview/step/{step}/?id={review.pk}"
    sent = {"moment": "2026-12-01T09:00"} if step == "schedule" else {}
    assert publisher.post(confirmation, sent).status_code == 302
    theme = make_theme(name="Neglect")
    mine |= {"summary": WORDS, "themes": [str(theme.pk)], "documents-0-title": "Renamed"}
    refused = editor.post(form(review), {**mine, "_save": "Save"})
    page = text_of(refused)
    assert refused.status_code == 403
    assert says in page and "nothing you typed is lost" in page
    typed = {one.label: one for one in refused.context["typed"]}
    assert typed["Summary"].text == WORDS and typed["Summary"].saved == "As it was."
    assert typed["Themes"].text == "Neglect"
    assert typed["Title"].text == "Renamed" and typed["Title"].part == "Document 1"
    assert set(typed) == {"Summary", "Themes", "Title"}
    assert "An afternoon of typing, &lt;b&gt;with&lt;/b&gt; a\nsecond line" in (
        refused.content.decode()
    )
    review.refresh_from_db()
    assert review.summary == "As it was." and not review.themes.exists()
    # It is found again afterwards, also from the page that she may only read.
    kept = Autosave.objects.get(user=editor.user)  # type: ignore[attr-defined]
    opened = editor.get(form(review))
    assert "You typed here on 23 November 2026, 10:03 and did not save" in text_of(opened)
    again = editor.get(f"/admin/typed/{kept.uid}/")
    assert again.status_code == 200 and WORDS in {one.text for one in again.context["typed"]}
    assert 'name="q" id="search-everything" value=""' in again.content.decode()


def test_a_draft_again_it_can_be_taken_back_into_the_form(editor: Client) -> None:
    review = make_review(state=State.DRAFT, summary="As it was.")
    mine = values(editor.get(form(review)))
    put_in_state(review, State.SCHEDULED)
    assert editor.post(form(review), {**mine, "summary": WORDS}).status_code == 403
    review.return_to_draft()
    kept = Autosave.objects.get()
    page = editor.get(f"/admin/typed/{kept.uid}/")
    (offer,) = page.context["offers"]
    filled = editor.get(offer.address)
    assert values(filled)["summary"] == WORDS
    refused = editor.post(form(review), {**values(filled), "_save": "Save"})
    # Somebody changed it meanwhile, which the form still knows.
    assert "after you had opened it" in text_of(refused)
    assert editor.post(form(review), {**values(refused), "_save": "Save"}).status_code == 302
    review.refresh_from_db()
    assert review.summary == WORDS


def test_a_withdrawn_page_and_a_document_and_a_session_tell_who_did_it(
    editor: Client, publisher: Client
) -> None:
    document = make_document(make_review(state=State.DRAFT), title="Report")
    session = make_session(make_course(state=State.DRAFT), note="As it was.")
    page = make_page(state=State.DRAFT)
    cases: list[tuple[str, Any, dict[str, str], str]] = [
        (
            f"/admin/reviews/document/{document.pk}/change/",
            document.publication.practicereview,
            {"title": "Mine"},
            "Somebody published its publication on",
        ),
        (
            f"/admin/training/session/{session.pk}/change/",
            session.course,
            {"note": "Mine"},
            "Somebody published its course on",
        ),
        (f"/admin/mscp/page/{page.pk}/change/", page, {"title": "Mine"}, "Somebody published it"),
    ]
    for address, record, typed, says in cases:
        mine = values(editor.get(address))
        put_in_state(record, State.PUBLISHED)
        refused = editor.post(address, {**mine, **typed, "_save": "Save"})
        assert refused.status_code == 403 and says in text_of(refused), address
        assert [one.text for one in refused.context["typed"]] == ["Mine"]
    assert not Document.objects.filter(title="Mine") and not Page.objects.filter(title="Mine")


def test_a_session_typed_into_a_course_gone_live_stands_there(editor: Client) -> None:
    course = make_course(state=State.DRAFT)
    address = f"/admin/training/course/{course.pk}/change/"
    mine = values(editor.get(address))
    put_in_state(course, State.PUBLISHED)
    new = {
        "sessions-TOTAL_FORMS": "1",
        "sessions-0-start_date": "01/03/2031",
        "sessions-0-note": "Bring lunch",
    }
    refused = editor.post(address, {**mine, **new, "_save": "Save"})
    typed_texts = {(one.part, one.label, one.text) for one in refused.context["typed"]}
    assert ("Session 1", "Note", "Bring lunch") in typed_texts
    assert not Course.objects.get().sessions.exists()


def test_a_group_taken_away_leaves_what_was_typed_and_tells_nothing_else(editor: Client) -> None:
    review = make_review(state=State.DRAFT, title="A secret title", summary="A secret summary")
    mine = values(editor.get(form(review)))
    add = values(editor.get(ADD))
    editor.user.groups.clear()  # type: ignore[attr-defined]
    refused = editor.post(form(review), {**mine, "title": "", "summary": WORDS})
    assert refused.status_code == 403
    assert "Your account may not change this any more." in text_of(refused)
    assert WORDS in {one.text for one in refused.context["typed"]}
    assert all(one.saved is None for one in refused.context["typed"])
    # What she sent may have been on her page before; nothing is read from the record.
    assert "A secret" not in text_of(refused) and not refused.context["offers"]
    assert editor.post(ADD, {**add, "summary": WORDS}).status_code == 403
    nothing = editor.post(form(review).replace(str(review.pk), "99999"), {"summary": WORDS})
    assert nothing.status_code == 403


def test_a_deleted_record_can_be_begun_anew_with_what_was_typed(
    editor: Client, publisher: Client
) -> None:
    review = make_review(state=State.DRAFT, title="Oak")
    make_document(review, title="The report", url="https://example.org/report")
    mine = values(editor.get(form(review)))
    assert publisher.post(form(review).replace("change", "delete"), {"post": "yes"}).status_code
    assert not PracticeReview.objects.exists()
    gone = editor.post(form(review), {**mine, "summary": WORDS, "_save": "Save"})
    assert gone.status_code == 404
    assert "pat deleted it on 23 November 2026, 10:00." in text_of(gone)
    (offer,) = gone.context["offers"]
    filled = editor.get(offer.address)
    assert "This is not saved yet" in text_of(filled)
    saved = editor.post(ADD, {**values(filled), "_save": "Save"})
    assert saved.status_code == 302
    anew = PracticeReview.objects.get()
    assert (anew.title, anew.summary) == ("Oak", WORDS)
    assert anew.documents.get().url == "https://example.org/report"
    assert not Autosave.objects.of(editor.user.pk)  # type: ignore[attr-defined]


def test_what_was_typed_goes_on_as_a_proposed_change(editor: Client) -> None:
    review = make_review(state=State.DRAFT, title="Oak", summary="As it was.")
    document = make_document(review, title="The report", url="https://example.org/report")
    mine = values(editor.get(form(review)))
    put_in_state(review, State.PUBLISHED)
    rows = {
        "documents-TOTAL_FORMS": "2",
        "documents-0-title": "Renamed",
        "documents-1-kind": "report",
        "documents-1-title": "Annex",
        "documents-1-position": "1",
        "documents-1-url": "https://example.org/annex",
    }
    refused = editor.post(form(review), {**mine, **rows, "summary": WORDS, "_save": "Save"})
    (offer,) = refused.context["offers"]
    assert offer.label == "Keep what you typed as a proposed change" and offer.posts
    begun = editor.post(offer.address, {"typed": str(refused.context["kept"].uid)})
    filled = editor.get(begun.headers["Location"])
    assert "This is not saved yet" in text_of(filled) and values(filled)["summary"] == WORDS
    saved = editor.post(begun.headers["Location"], {**values(filled), "_save": "Save"})
    assert saved.status_code == 302
    change = PracticeReview.objects.get(revises=review)
    assert change.summary == WORDS
    assert [one.title for one in change.documents.all()] == ["Renamed", "Annex"]
    assert change.documents.get(title="Renamed").revises == document
    review.refresh_from_db(), document.refresh_from_db()
    assert review.summary == "As it was." and document.title == "The report"
    assert review.documents.count() == 1
    assert not Autosave.objects.of(editor.user.pk)  # type: ignore[attr-defined]


def test_in_a_change_that_a_colleague_began_both_are_told(editor: Client, sign_in: Any) -> None:
    robin = sign_in("Editors", username="robin")
    review = make_review(state=State.DRAFT, title="Oak", summary="As it was.")
    mine = values(editor.get(form(review)))
    put_in_state(review, State.PUBLISHED)
    change = review.propose_change(by=robin.user)
    send(robin, form(change), summary="Robin's words.")
    refused = editor.post(form(review), {**mine, "summary": WORDS, "_save": "Save"})
    (offer,) = refused.context["offers"]
    begun = editor.post(offer.address, {"typed": str(refused.context["kept"].uid)})
    filled = editor.get(begun.headers["Location"])
    assert values(filled)["summary"] == WORDS
    answered = editor.post(form(change), {**values(filled), "_save": "Save"})
    assert answered.status_code == 200
    assert "Summary (saved now: Robin's words.)" in text_of(answered)
    change.refresh_from_db()
    assert change.summary == "Robin's words."


def test_a_change_applied_under_her_hands_goes_on_as_another(editor: Client) -> None:
    review = make_review(title="Oak", summary="As it was.")
    document = make_document(review, title="The report", url="https://example.org/report")
    change = review.propose_change(by=editor.user)  # type: ignore[attr-defined]
    mine = values(editor.get(form(change)))
    address = form(change)
    change.apply_change()
    gone = editor.post(address, {**mine, "summary": WORDS, "documents-0-title": "Renamed"})
    assert gone.status_code == 404
    assert "It was a proposed change, which Somebody applied or discarded on" in text_of(gone)
    offer = gone.context["offers"][0]
    assert offer.label == "Keep what you typed as a proposed change"
    begun = editor.post(offer.address, {"typed": str(gone.context["kept"].uid)})
    filled = editor.get(begun.headers["Location"])
    assert "This is not saved yet" in text_of(filled) and values(filled)["summary"] == WORDS
    saved = editor.post(begun.headers["Location"], {**values(filled), "_save": "Save"})
    assert saved.status_code == 302
    another = PracticeReview.objects.get(revises=review)
    assert another.summary == WORDS and another.documents.get().title == "Renamed"
    assert another.documents.get().revises == document


def test_what_was_typed_into_one_record_is_not_filled_into_another(editor: Client) -> None:
    one, other = make_review(state=State.DRAFT), make_review(state=State.DRAFT, summary="Other.")
    keep(editor, values(editor.get(form(one))), summary=WORDS)
    opened = editor.get(f"{form(other)}?_take_back={Autosave.objects.get().uid}")
    assert opened.status_code == 200 and values(opened)["summary"] == "Other."
    assert "This is not saved yet" not in text_of(opened)


def test_a_crafted_form_without_anything_typed_is_only_refused(editor: Client) -> None:
    review = make_review()
    assert "Not allowed" in text_of(editor.post(form(review), {"_save": "1"}))
    assert editor.post("/admin/reviews/practicereview/99999/change/", {}).status_code == 302
    assert not Autosave.objects.exists()


# --- the session has ended, or the token of CSRF is an old one ------------------------------------


def test_what_is_sent_without_a_session_comes_back_after_signing_in(editor: Client) -> None:
    review = make_review(state=State.DRAFT, summary="As it was.")
    address = f"{form(review)}?_changelist_filters=state%3Ddraft"
    file = make_file(clean_pdf(), taken_in_by=editor.user)  # type: ignore[attr-defined]
    mine = values(editor.get(address))
    rows = {
        "documents-TOTAL_FORMS": "1",
        "documents-0-kind": "report",
        "documents-0-title": "The report",
        "documents-0-position": "0",
        "documents-0-file_taken": str(file.uid),
    }
    end_session(editor)
    sent = editor.post(address, {**mine, **rows, "summary": WORDS, "_save": "Save"})
    assert sent.status_code == 302 and sent.headers["Location"].startswith("/staff/sign-in/")
    (after,) = parse_qs(urlsplit(sent.headers["Location"]).query)["next"]
    review.refresh_from_db()
    assert review.summary == "As it was."
    assert "What you typed is kept: sign in" in text_of(Client().get(sent.headers["Location"]))
    assert "kept" not in text_of(Client().get("/staff/sign-in/?next=/admin/"))
    filled = signed_in_again(editor, editor.user).get(after)  # type: ignore[attr-defined]
    assert "This is not saved yet" in text_of(filled)
    assert values(filled)["summary"] == WORDS
    assert values(filled)["documents-0-file_taken"] == str(file.uid)
    assert "_changelist_filters" in after
    # Looking at it saves nothing.
    review.refresh_from_db()
    assert review.summary == "As it was." and not review.documents.exists()
    assert editor.post(after, {**values(filled), "_save": "Save"}).status_code == 302
    review.refresh_from_db()
    assert review.summary == WORDS and review.documents.get().file == file
    assert WORDS not in editor.get(form(review)).content.decode().partition("<form")[0]
    assert not Autosave.objects.of(editor.user.pk)  # type: ignore[attr-defined]


def test_a_file_that_is_too_large_to_be_held_is_asked_for_again(
    editor: Client, settings: Any
) -> None:
    settings.LARGEST_FILE = 2_000_000
    mine = values(editor.get(ADD))
    end_session(editor)
    upload = SimpleUploadedFile("oak.pdf", b"%PDF" + b"x" * 3_000_000)
    sent = editor.post(ADD, {**mine, "summary": WORDS, "documents-0-file": upload})
    assert not list(settings.FILE_UPLOAD_TEMP_DIR.iterdir())
    (after,) = parse_qs(urlsplit(sent.headers["Location"]).query)["next"]
    filled = signed_in_again(editor, editor.user).get(after)  # type: ignore[attr-defined]
    assert "The file oak.pdf did not come along" in text_of(filled)
    assert values(filled)["summary"] == WORDS


def test_nobody_else_ever_sees_it(editor: Client, administrator: Client, sign_in: Any) -> None:
    review = make_review(state=State.DRAFT)
    mine = values(editor.get(form(review)))
    end_session(editor)
    sent = editor.post(form(review), {**mine, "summary": WORDS, "_save": "Save"})
    (after,) = parse_qs(urlsplit(sent.headers["Location"]).query)["next"]
    kept = Autosave.objects.get()
    other = make_user("Editors", username="robin")
    for user in (other, make_user(is_superuser=True)):
        client = signed_in_again(Client(), user)
        for address in (after, form(review), "/admin/"):
            page = client.get(address)
            assert page.status_code == 200
            assert "afternoon of typing" not in page.content.decode()
        nothing = client.get("/admin/typed/00000000-0000-4000-8000-000000000000/")
        theirs = client.get(f"/admin/typed/{kept.uid}/")
        assert theirs.status_code == nothing.status_code == 404
        thrown = client.post(f"/admin/typed/{kept.uid}/throw-away/")
        assert thrown.status_code == 404
    assert Autosave.objects.of(kept.user_id).get() == kept


def test_without_a_token_of_ours_nothing_is_kept_for_anybody(editor: Client) -> None:
    mine = values(editor.get(ADD))
    for token in ("", "x", mine["_autosave"][:-1], mine["_autosave"].replace(":", ";")):
        stranger = Client()
        stranger.cookies["csrftoken"] = "a" * 32
        sent = stranger.post(ADD, {**mine, "_autosave": token, "summary": WORDS})
        assert sent.status_code == 302
    # One form keeps one text, however often it is sent.
    stranger = Client()
    stranger.cookies["csrftoken"] = "a" * 32
    for _ in range(3):
        stranger.post(ADD, {**mine, "summary": WORDS})
    assert Autosave.objects.count() == 1


def test_a_token_of_a_week_ago_or_of_somebody_inactive_leads_nowhere(
    editor: Client, clock: Any
) -> None:
    mine = values(editor.get(ADD))
    end_session(editor)
    clock.shift(timedelta(days=7, seconds=1))
    editor.post(ADD, {**mine, "summary": WORDS})
    assert not Autosave.objects.exists()
    user = editor.user  # type: ignore[attr-defined]
    user.is_active = False
    user.save()
    token = AutosaveToken(user.pk, "reviews.practicereview", "", Autosave().uid)
    sent = editor.post(ADD, {**mine, "_autosave": token.signed(), "summary": WORDS})
    assert "_take_back" not in sent.headers["Location"]


def test_a_form_with_the_token_of_an_earlier_sign_in_is_shown_again(sign_in: Any) -> None:
    user = make_user("Editors")
    client = signed_in_again(Client(enforce_csrf_checks=True), user)
    mine = values(client.get(ADD))
    signed_in_again(client, user)  # in another tab
    mine["csrfmiddlewaretoken"] = "b" * 64
    sent = client.post(ADD, {**mine, "type": "lcspr", "title": "Oak", "summary": WORDS})
    assert sent.status_code == 302 and not PracticeReview.objects.exists()
    filled = client.get(sent.headers["Location"])
    assert values(filled)["summary"] == WORDS
    client.cookies["csrftoken"] = filled.cookies["csrftoken"].value
    saved = client.post(ADD, {**values(filled), "_save": "Save"})
    assert saved.status_code == 302 and PracticeReview.objects.get().summary == WORDS


def test_a_form_of_one_account_sent_by_another_is_kept_for_the_first() -> None:
    first, second = make_user("Editors"), make_user("Editors")
    client = signed_in_again(Client(enforce_csrf_checks=True), first)
    mine = values(client.get(ADD))
    client.logout()
    signed_in_again(client, second)
    sent = client.post(ADD, {**mine, "summary": WORDS})
    assert sent.status_code == 403 and "afternoon" not in sent.content.decode()
    assert Autosave.objects.of(first.pk).count() == 1
    assert not Autosave.objects.of(second.pk)


def test_a_form_from_another_site_is_refused_as_before() -> None:
    client = signed_in_again(Client(enforce_csrf_checks=True), make_user("Editors"))
    sent = client.post(ADD, {"title": "Oak", "summary": WORDS})
    assert sent.status_code == 403 and not Autosave.objects.exists()


# --- kept every few seconds -----------------------------------------------------------------------


def test_what_is_typed_is_kept_offered_and_gone_once_it_is_saved(
    editor: Client, clock: Any
) -> None:
    review = make_review(state=State.DRAFT, summary="As it was.")
    mine = values(editor.get(form(review)))
    for words in ("An", "An afternoon", WORDS):
        kept = keep(editor, mine, summary=words)
        assert kept.json() == {"kept": "23 November 2026, 10:00"}
    assert Autosave.objects.count() == 1
    review.refresh_from_db()
    assert review.summary == "As it was." and not review.history.exists()
    clock.shift(timedelta(hours=1))
    opened = editor.get(form(review))
    page = text_of(opened)
    assert "You typed here on 23 November 2026, 10:00 and did not save" in page
    assert "(saved now: As it was.)" in page and values(opened)["summary"] == "As it was."
    filled = editor.get(f"{form(review)}?_take_back={Autosave.objects.get().uid}")
    assert values(filled)["summary"] == WORDS
    saved = editor.post(form(review), {**values(filled), "_save": "Save"})
    assert saved.status_code == 302
    assert Autosave.objects.get().data == ""
    assert "did not save" not in text_of(editor.get(form(review)))


def test_what_arrives_after_saving_does_not_come_back_as_unsaved(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    mine = values(editor.get(form(review))) | {"summary": WORDS}
    assert editor.post(form(review), {**mine, "_save": "Save"}).status_code == 302
    late = keep(editor, mine, summary="An after")
    assert late.status_code == 409 and not Autosave.objects.of(editor.user.pk)  # type: ignore[attr-defined]
    # Whoever goes back to the form and types on has a new text.
    again = keep(editor, mine, summary="More", _autosave=late.json()["token"])
    assert again.status_code == 200
    assert Autosave.objects.of(editor.user.pk).count() == 1  # type: ignore[attr-defined]


def test_each_window_and_each_person_has_a_text_of_their_own(editor: Client, sign_in: Any) -> None:
    robin = sign_in("Editors", username="robin")
    one, two = values(editor.get(ADD)), values(editor.get(ADD))
    keep(editor, one, summary="The first window")
    keep(editor, two, summary="The second window")
    keep(robin, values(robin.get(ADD)), summary="Robin's words")
    page = text_of(editor.get(ADD))
    assert "The first window" in page and "The second window" in page
    assert "Robin's words" not in page
    assert "Robin's words" in text_of(robin.get(ADD))


def test_nothing_is_kept_of_somebody_elses_form_under_ones_own_name(
    editor: Client, sign_in: Any
) -> None:
    robin = sign_in("Editors", username="robin")
    theirs = values(robin.get(ADD))
    answer = keep(editor, theirs, summary=WORDS)
    assert answer.status_code == 409 and "Somebody else opened this form" in answer.content.decode()
    assert not Autosave.objects.of(editor.user.pk)  # type: ignore[attr-defined]


def test_a_script_whose_session_has_ended_is_told_and_loses_nothing(editor: Client) -> None:
    mine = values(editor.get(ADD))
    end_session(editor)
    answer = keep(editor, mine, summary=WORDS)
    assert answer.status_code == 401 and answer.json()["kept"]
    file = {"file": SimpleUploadedFile("oak.pdf", b"%PDF")}
    upload = "/admin/reviews/documentfile/upload/"
    answer = editor.post(upload, file, HTTP_ACCEPT="application/json")
    assert answer.status_code == 401 and answer.json()["refused"].startswith("You are signed out.")
    again = signed_in_again(editor, editor.user)  # type: ignore[attr-defined]
    assert WORDS.split("<")[0] in text_of(again.get(ADD))


def test_it_can_be_thrown_away(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    keep(editor, values(editor.get(form(review))), summary=WORDS)
    thrown = editor.post(f"/admin/typed/{Autosave.objects.get().uid}/throw-away/", follow=True)
    assert "thrown away" in text_of(thrown) and thrown.request["PATH_INFO"] == form(review)
    assert Autosave.objects.get().data == "" and "did not save" not in text_of(thrown)


def test_after_seven_days_it_is_neither_offered_nor_stored(editor: Client, clock: Any) -> None:
    keep(editor, values(editor.get(ADD)), summary=WORDS)
    uid = Autosave.objects.get().uid
    clock.shift(timedelta(days=7))
    signed_in_again(editor, editor.user)  # type: ignore[attr-defined]
    assert "did not save" not in text_of(editor.get(ADD))
    assert editor.get(f"/admin/typed/{uid}/").status_code == 404
    keep(editor, values(editor.get(ADD)), summary="New")
    assert not Autosave.objects.filter(uid=uid)


def listed(client: Client) -> str:
    """Return what the first page says of what was typed and not saved."""
    page = client.get("/admin/")
    assert_valid(page)
    found = re.search("<section[^>]*not-saved-title.*?</section>", page.content.decode(), re.DOTALL)
    return " ".join(re.sub("<[^>]*>", " ", found[0]).split()) if found else ""


def test_the_first_page_names_what_was_typed_and_not_saved(editor: Client) -> None:
    assert listed(editor) == ""
    review = make_review(state=State.DRAFT, title="Oak", summary="Words.")
    keep(editor, values(editor.get(form(review))), summary="Other words")
    assert "Oak Practice review. Typed on 23 November 2026" in listed(editor)
    keep(editor, values(editor.get(ADD)), title="A new title")
    assert "A new title Practice review (new). Typed on" in listed(editor)
    Autosave.objects.all().delete()
    keep(editor, values(editor.get(ADD)), summary="Nameless")
    assert "Practice review (new) Typed on" in listed(editor)
    Autosave.objects.all().delete()
    step = editor.get(f"/admin/reviews/practicereview/step/ready/?id={review.pk}")
    keep(editor, values(step), note="Look at page 3")
    assert "Send for review: Oak Typed on" in listed(editor)


def test_it_names_no_record_that_its_writer_may_not_see_any_more(editor: Client) -> None:
    review = make_review(state=State.DRAFT, title="Oak", summary="Words.")
    keep(editor, values(editor.get(form(review))), summary="Other words")
    editor.user.groups.clear()  # type: ignore[attr-defined]
    assert "Practice review Typed on" in listed(editor) and "Oak" not in listed(editor)


def test_a_form_that_was_open_before_an_upgrade_is_kept_all_the_same(editor: Client) -> None:
    review = make_review(state=State.DRAFT, title="Oak", summary="Words.")
    page = values(editor.get(form(review)))
    user = editor.user.pk  # type: ignore[attr-defined]
    earlier = [user, "reviews.practicereview", str(review.pk), Autosave().uid.hex, ""]
    token = signing.dumps(earlier, salt="mscp.records.autosave")
    assert keep(editor, page, _autosave=token, summary="Other words").status_code == 200
    assert "Oak Practice review." in listed(editor)


def test_one_person_keeps_so_many_texts_and_no_more(editor: Client, clock: Any) -> None:
    page = values(editor.get(ADD))
    for number in range(MOST_KEPT + 3):
        clock.shift(timedelta(seconds=1))
        token = AutosaveToken(editor.user.pk, "mscp.page", "", Autosave().uid)  # type: ignore[attr-defined]
        assert keep(editor, page, _autosave=token.signed(), summary=str(number)).status_code == 200
    kept = Autosave.objects.of(editor.user.pk)  # type: ignore[attr-defined]
    assert kept.count() == MOST_KEPT and kept[0].typed["summary"] == str(MOST_KEPT + 2)


def test_a_text_that_is_too_long_is_named(editor: Client) -> None:
    mine = values(editor.get(ADD))
    # Each letter has six characters as it is kept.
    answer = keep(editor, mine, summary="é" * 2_800_000)
    assert answer.status_code == 413 and not Autosave.objects.exists()
    assert answer.json() == {"refused": "This is too long to be kept."}
    long = keep(editor, mine, summary="é" * 2_700_000)
    assert long.status_code == 200
    assert Autosave.objects.get().typed["summary"] == "é" * 2_700_000


def test_odd_characters_and_many_rows_come_back_as_they_were(editor: Client) -> None:
    course = make_course(state=State.DRAFT)
    address = f"/admin/training/course/{course.pk}/change/"
    mine = values(editor.get(address))
    rows = {
        f"sessions-{number}-note": f"Row {number} \x00 &=%+ \u202e \N{GRINNING FACE}"
        for number in range(40)
    }
    mine |= {"sessions-TOTAL_FORMS": "40", **rows}
    assert keep(editor, mine).status_code == 200
    opened = editor.get(address)
    assert opened.status_code == 200
    filled = values(editor.get(f"{address}?_take_back={Autosave.objects.get().uid}"))
    kept = Autosave.objects.get().typed
    for name, text in rows.items():
        assert kept[name] == text
        assert filled[name].replace("\ufffd", "\x00") in (text, text.replace("\x00", "")), name


def test_passwords_and_accounts_are_never_kept(administrator: Client) -> None:
    user = make_user("Editors")
    for address in (f"/admin/auth/user/{user.pk}/change/", "/admin/auth/user/add/"):
        assert "_autosave" not in values(administrator.get(address))
    page = values(administrator.get(ADD))
    keep(administrator, page, password1="a secret", **{"x-password": "a secret"}, title="Oak")
    assert "secret" not in Autosave.objects.get().data
    assert page["_autosave"] not in Autosave.objects.get().data


def test_it_is_in_no_public_page_no_history_and_no_log(
    editor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    review = make_review(state=State.DRAFT)
    mine = values(editor.get(form(review)))
    keep(editor, mine, summary="Xylophone")
    end_session(editor)
    editor.post(form(review), {**mine, "summary": "Xylophone"})
    assert "Xylophone" not in caplog.text
    for address in ("/", "/search/?q=xylophone", "/new/", review.get_absolute_url()):
        found = Client().get(address).content.decode()
        assert "Xylophone" not in found
    assert not review.history.filter(summary__contains="Xylophone")


def test_a_file_that_somebody_else_sent_cannot_be_named_in_what_is_kept(
    editor: Client, publisher: Client
) -> None:
    file = make_file(
        clean_pdf(),
        original_name="secret-name.pdf",
        taken_in_by=publisher.user,  # type: ignore[attr-defined]
    )
    rows = {"documents-TOTAL_FORMS": "1", "documents-0-file_taken": str(file.uid)}
    keep(editor, values(editor.get(ADD)), **rows)
    for address in (
        ADD,
        f"{ADD}?_take_back={Autosave.objects.get().uid}",
        f"/admin/typed/{Autosave.objects.get().uid}/",
    ):
        page = editor.get(address)
        assert page.status_code == 200 and "secret-name" not in page.content.decode()


def test_texts_of_many_forms_cost_a_form_no_query_more(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    for _ in range(2):
        keep(editor, values(editor.get(form(review))), summary=WORDS)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert editor.get(form(review)).status_code == 200
        counts.append(len(queries))
        for _ in range(10):
            keep(editor, values(editor.get(ADD)), summary=WORDS)
    assert counts[0] == counts[1]


def test_what_is_kept_goes_with_the_account() -> None:
    user = make_user("Editors")
    client = signed_in_again(Client(), user)
    keep(client, values(client.get(ADD)), summary=WORDS)
    user.delete()
    assert not Autosave.objects.exists()


def test_editors_may_take_back_only_what_their_group_may_change(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    keep(editor, values(editor.get(form(review))), summary=WORDS)
    kept = Autosave.objects.get()
    Group.objects.get(name="Editors").permissions.clear()
    refused = editor.get(f"{form(review)}?_take_back={kept.uid}")
    assert refused.status_code == 403 and WORDS in {one.text for one in refused.context["typed"]}
    assert not refused.context["offers"] and refused.context["record"] is None


def test_the_body_of_a_script_may_be_multipart_too(editor: Client) -> None:
    mine = values(editor.get(ADD)) | {"summary": WORDS}
    body = encode_multipart("BoUnDaRyStRiNg", mine)
    sent = editor.generic("POST", KEEP, body, MULTIPART_CONTENT)
    assert json.loads(sent.content)["kept"]


def test_a_form_saved_wrong_keeps_its_token(editor: Client) -> None:
    first = values(editor.get(ADD))
    refused = editor.post(ADD, {**first, "type": "scr", "_save": "Save"})
    token = AutosaveToken.read(values(refused)["_autosave"])
    assert refused.status_code == 200 and token == AutosaveToken.read(first["_autosave"])
    assert "data-unsaved" in refused.content.decode()
    # Kept from here on, also where no script runs.
    assert Autosave.objects.get().typed["type"] == "scr"
    assert send(editor, ADD, type="scr", title="Oak").status_code == 302


# --- forms that are not a record's: reasons, pasted lines ---------------------------------------


def withdrawal(review: Any) -> str:
    return f"/admin/reviews/practicereview/step/withdraw/?id={review.pk}"


def test_a_reason_typed_before_the_session_ended_is_shown_after_signing_in(
    publisher: Client,
) -> None:
    review = make_review()
    mine = values(publisher.get(withdrawal(review))) | {"reason": WORDS}
    end_session(publisher)
    sent = publisher.post(withdrawal(review), mine)
    (after,) = parse_qs(urlsplit(sent.headers["Location"]).query)["next"]
    page = signed_in_again(publisher, publisher.user).get(after)  # type: ignore[attr-defined]
    assert WORDS in {one.text for one in page.context["typed"]}
    assert f'href="{withdrawal(review)}"' in page.content.decode()
    review.refresh_from_db()
    assert review.is_published


def test_a_reason_is_kept_while_it_is_typed_and_gone_once_it_was_used(publisher: Client) -> None:
    review = make_review(title="Oak")
    mine = values(publisher.get(withdrawal(review))) | {"reason": "A name was left."}
    assert keep(publisher, mine).status_code == 200
    assert "Withdraw: Oak Typed on 23 November 2026, 10:00" in text_of(publisher.get("/admin/"))
    assert publisher.post(withdrawal(review), {**mine, "reason": ""}).status_code == 200
    assert Autosave.objects.of(publisher.user.pk).count() == 1  # type: ignore[attr-defined]
    assert publisher.post(withdrawal(review), mine).status_code == 302
    assert not Autosave.objects.of(publisher.user.pk)  # type: ignore[attr-defined]
    assert "did not save" not in text_of(publisher.get("/admin/"))


def test_a_reason_that_is_refused_stands_on_the_page_that_says_so(
    publisher: Client, editor: Client
) -> None:
    review = make_review(state=State.DRAFT)
    finding = make_finding(make_document(review, file=make_file(clean_pdf())).file)
    report = report_address(finding.file)
    mine = values(editor.get(report)) | {"reason": WORDS, "findings": [str(finding.pk)]}
    put_in_state(review, State.SCHEDULED)
    refused = editor.post(report.replace("report", "accept"), mine)
    assert refused.status_code == 403 and "This was not done" in text_of(refused)
    assert WORDS in {one.text for one in refused.context["typed"]}
    mine = values(publisher.get(withdrawal(review))) | {"reason": WORDS}
    publisher.user.groups.clear()  # type: ignore[attr-defined]
    refused = publisher.post(withdrawal(review), mine)
    assert refused.status_code == 403
    review.delete()
    assert publisher.post(withdrawal(review), {"reason": WORDS}).status_code == 403


def test_pasted_lines_come_back_after_signing_in(publisher: Client) -> None:
    add = "/admin/training/programmeimport/add/"
    lines = "Trauma-Informed Practice - 25-26 November 2027"
    mine = values(publisher.get(add)) | {"text": lines}
    end_session(publisher)
    sent = publisher.post(add, mine)
    (after,) = parse_qs(urlsplit(sent.headers["Location"]).query)["next"]
    page = signed_in_again(publisher, publisher.user).get(after)  # type: ignore[attr-defined]
    assert lines in {one.text for one in page.context["typed"]}


def test_lines_that_are_looked_through_are_kept_too(publisher: Client) -> None:
    add = "/admin/training/programmeimport/add/"
    read = publisher.post(add, {"text": "Trauma-Informed Practice - 25-26 November 2027"})
    mine = values(publisher.get(read.headers["Location"]))
    (note,) = [name for name in mine if name.endswith("-note")]
    end_session(publisher)
    sent = publisher.post(read.headers["Location"], {**mine, note: WORDS, "_page": "1"})
    (after,) = parse_qs(urlsplit(sent.headers["Location"]).query)["next"]
    page = signed_in_again(publisher, publisher.user).get(after)  # type: ignore[attr-defined]
    assert WORDS in {one.text for one in page.context["typed"]}


def test_the_address_of_a_form_is_ours_whatever_is_sent(publisher: Client) -> None:
    mine = values(publisher.get(withdrawal(make_review())))
    keep(publisher, mine, reason="Why", _address="https://example.org/")
    assert Autosave.objects.get().address.startswith("/admin/reviews/practicereview/step/")
    keep(publisher, values(publisher.get(ADD)), summary="Words", _address="https://example.org/")
    assert Autosave.objects.order_by("pk").last().address == ""


# --- limits ---------------------------------------------------------------------------------------


def test_a_file_that_a_kept_text_names_is_kept_as_long(editor: Client, clock: Any) -> None:
    file = make_file(clean_pdf(), taken_in_by=editor.user)  # type: ignore[attr-defined]
    other = make_file(clean_pdf(), taken_in_by=editor.user)  # type: ignore[attr-defined]
    rows = {"documents-TOTAL_FORMS": "1", "documents-0-file_taken": str(file.uid)}
    keep(editor, values(editor.get(ADD)), **rows)
    clock.shift(timedelta(days=2))
    swept = sweep()
    assert swept["sent, but its form was never saved"] == [str(other.content)]
    assert DocumentFile.objects.get() == file and Autosave.objects.count() == 1
    clock.shift(timedelta(days=6))
    assert sweep()["typed, and not saved for seven days"] == ["Typed on 23 November 2026, 10:00"]
    assert not DocumentFile.objects.exists() and not Autosave.objects.exists()


def test_four_hundred_rows_with_all_their_fields_are_kept(editor: Client) -> None:
    course = make_course(state=State.DRAFT)
    mine = values(editor.get(f"/admin/training/course/{course.pk}/change/"))
    names = ["id", "course", "opened_version", *SessionInline.fields]
    rows = {f"sessions-{number}-{name}": "x" for number in range(400) for name in flatten(names)}
    assert len(rows) > 5000
    assert keep(editor, mine, **rows).status_code == 200
