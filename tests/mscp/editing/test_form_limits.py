"""Forms of staff with too much in them: told of what, and found again with all that was typed."""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mscp.files.held_files import HeldFile
from mscp.publishing.gate import State
from mscp.records.autosave import Autosave
from tests.admin_forms import fields_of
from tests.factories import make_review
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db

ADD = "/admin/reviews/practicereview/add/"
MB = 1024 * 1024


def form(review: Any) -> str:
    return f"/admin/reviews/practicereview/{review.pk}/change/"


def link(page: Any, text: str) -> str:
    found = re.search(rf'<a href="([^"]*)">\s*{text}\s*</a>', page.content.decode())
    assert found, text
    return unescape(found[1])


def test_a_text_beyond_five_megabytes_is_named_and_stands_in_the_form_again(
    editor: Client,
) -> None:
    review = make_review(state=State.DRAFT, summary="As it was.")
    mine = fields_of(editor.get(form(review)))
    long = "Words. " * (6 * MB // 7)
    upload = SimpleUploadedFile("oak.pdf", b"%PDF-1.7")
    refused = editor.post(
        form(review),
        {**mine, "summary": long, "staff_note": "Note", "documents-0-file": upload, "_save": "S"},
    )
    assert refused.status_code == 413
    assert_valid(refused)
    page = text_of(refused)
    assert "What you sent has 6.0 MB of text: 1.0 MB more than the 5.0 MB" in page
    assert "The longest text is in “Summary”: 6.0 MB." in page
    assert "What you typed is kept, for you alone." in page and "Go back" not in page
    review.refresh_from_db()
    assert review.summary == "As it was."
    filled = editor.get(link(refused, "Go on with the form"))
    back = fields_of(filled)
    assert back["summary"] == long and back["staff_note"] == "Note"
    # Its file too.
    assert HeldFile.objects.get().name == "oak.pdf"
    saved = editor.post(form(review), {**back, "summary": "Shorter.", "_save": "S"})
    assert saved.status_code == 302
    review.refresh_from_db()
    assert review.summary == "Shorter."


def test_four_megabytes_are_saved(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    mine = fields_of(editor.get(form(review)))
    long = "Words. " * (4 * MB // 7)
    saved = editor.post(form(review), {**mine, "staff_note": long, "_save": "S"})
    # The field has a limit of its own, and says so.
    assert saved.status_code in (200, 302)
    if saved.status_code == 200:
        assert fields_of(saved)["staff_note"] == long


def test_too_many_fields_are_counted_and_stand_in_the_form_again(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = fields_of(editor.get(ADD)) | {"summary": "Typed"}
    monkeypatch.setattr(settings, "MOST_FIELDS", 50)
    many = {f"documents-{number}-title": "x" for number in range(60)}
    refused = editor.post(ADD, {**mine, **many})
    count = sum(len(one) if isinstance(one, list) else 1 for one in (mine | many).values())
    assert refused.status_code == 413
    assert f"What you sent has {count} fields: {count - 50} more than the 50" in text_of(refused)
    assert fields_of(editor.get(link(refused, "Go on with the form")))["summary"] == "Typed"


@pytest.mark.parametrize("is_multipart", [True, False])
def test_more_than_is_read_of_any_form_leads_to_what_was_kept_before(
    is_multipart: bool, editor: Client
) -> None:
    mine = fields_of(editor.get(ADD)) | {"summary": "Typed"}
    editor.post("/admin/typed/", mine)
    huge = {**mine, "summary": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    if is_multipart:
        refused = editor.post(ADD, huge)
    else:
        body = "&".join(f"{name}={value}" for name, value in huge.items() if value != [])
        refused = editor.post(ADD, body, content_type="application/x-www-form-urlencoded")
    assert refused.status_code == 413
    assert_valid(refused)
    assert "What you sent has more than 16 MB of text" in text_of(refused)
    assert "What was kept last, on 23 November 2026, 10:00, is offered" in text_of(refused)
    opened = editor.get(link(refused, "open the form again"))
    assert "You typed here on 23 November 2026, 10:00 and did not save" in text_of(opened)


def test_what_a_script_sends_is_kept_up_to_sixteen_megabytes(editor: Client) -> None:
    mine = fields_of(editor.get(ADD))
    kept = editor.post("/admin/typed/", {**mine, "summary": "x" * (15 * MB)})
    assert kept.status_code == 200
    assert len(Autosave.objects.get().typed["summary"]) == 15 * MB
    huge = {**mine, "summary": "x" * (17 * MB)}
    refused = editor.post("/admin/typed/", huge, HTTP_ACCEPT="application/json")
    assert (
        refused.status_code == 413 and refused.json()["refused"] == "This is too long to be kept."
    )
    # What was kept before is still there.
    assert len(Autosave.objects.get().typed["summary"]) == 15 * MB


def test_files_beyond_the_limit_are_left_out_and_the_text_is_kept(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "LARGEST_REQUEST", MB)
    mine = fields_of(editor.get(ADD)) | {"summary": "Typed"}
    upload = SimpleUploadedFile("oak.pdf", b"x" * 2 * MB)
    refused = editor.post(ADD, {**mine, "documents-0-file": upload})
    assert refused.status_code == 413
    assert_valid(refused)
    page = text_of(refused)
    assert "What you sent has more than 1 MB, with its files." in page
    assert "The file oak.pdf did not come along." in page
    assert fields_of(editor.get(link(refused, "Go on with the form")))["summary"] == "Typed"
    assert not HeldFile.objects.exists()


def test_visitors_and_strangers_send_no_more_than_before(editor: Client) -> None:
    """The larger limit is for whoever is signed in, or has a token of a form that was theirs."""
    assert Client().post("/staff/sign-in/", {"login": "x" * 100_001}).status_code == 413
    assert Client().post("/reviews/", {"q": "x"}).status_code == 405
    stranger = Client()
    stranger.cookies["csrftoken"] = "a" * 32
    sent = stranger.post(ADD, {"summary": "x" * (3 * MB), "_autosave": "x"})
    assert sent.status_code == 302 and not Autosave.objects.exists()
    bad = editor.post(ADD, b"x", content_type="multipart/form-data; boundary=")
    assert bad.status_code == 400 and "not understood" in text_of(bad)
