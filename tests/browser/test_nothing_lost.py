"""Typing, and then: leaving, colliding, losing the session. Every letter is found again."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session as StoredSession
from playwright.sync_api import Dialog, Page, expect

from mscp.editing.admin_site import StaffSite
from mscp.publishing.gate import State
from mscp.records.autosave import Autosave
from reviews.models import Finding, PracticeReview
from tests.browser.test_accessibility import assert_accessible
from tests.factories import make_document, make_review, put_in_state
from tests.pdfs import HAZARDS, clean_pdf

pytestmark = pytest.mark.usefixtures("transactional_db")

WORDS = "An afternoon of typing, <b>with</b> a\nsecond line, “quotes” & \N{GRINNING FACE}."
KEPT = "What you type is kept on the server. It is not saved yet."
TAKES = 20_000
READING_TAKES = 60_000


def change(review: Any) -> str:
    return f"/admin/reviews/practicereview/{review.pk}/change/"


def kept(page: Page) -> None:
    expect(page.locator(".autosave-status")).to_have_text(KEPT, timeout=TAKES)


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Sign in").click()


def end_sessions() -> None:
    StoredSession.objects.all().delete()


def test_leaving_asks_first_and_what_was_typed_is_offered_on_return(
    staff_page: Callable[..., Page],
) -> None:
    review = make_review(state=State.DRAFT, title="Oak", summary="As it was.")
    page = staff_page(change(review), "Editors", width=360)
    asked: list[str] = []
    stays = True

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss() if stays else dialog.accept()

    page.on("dialog", answer)
    # Nothing was changed: nothing is asked.
    page.get_by_label("Summary").click()
    page.reload()
    assert asked == []
    page.get_by_label("Summary").fill(WORDS)
    kept(page)
    page.get_by_role("link", name="History").click(no_wait_after=True)
    expect(page.get_by_label("Summary")).to_have_value(WORDS)
    assert asked == ["beforeunload"] and page.url.endswith(change(review))
    stays = False
    page.get_by_role("link", name="History").click()
    page.wait_for_url("**/history/")

    page.goto(change(review))
    offer = page.get_by_role("region", name="and did not save")
    expect(page.get_by_label("Summary")).to_have_value("As it was.")
    offer.locator("summary").click()
    expect(offer).to_contain_text("(saved now: As it was.)")
    assert_accessible(page)
    offer.get_by_role("link", name="Take it back").click()
    expect(page.get_by_role("heading", name="This is not saved yet")).to_be_visible()
    expect(page.get_by_label("Summary")).to_have_value(WORDS)
    assert_accessible(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/practicereview/")
    review.refresh_from_db()
    assert review.summary.replace("\r\n", "\n") == WORDS
    page.goto(change(review))
    expect(page.locator(".not-saved")).to_have_count(0)
    assert page.problems == []  # type: ignore[attr-defined]


def test_what_is_typed_into_a_new_record_outlives_the_window(
    staff_page: Callable[..., Page],
) -> None:
    page = staff_page("/admin/reviews/practicereview/add/", "Editors")
    page.get_by_label("Summary").fill(WORDS)
    page.locator("#documents-group .add-row a").click()
    page.locator("#id_documents-0-title").fill("The report")
    kept(page)
    context = page.context
    page.close()
    page = context.new_page()
    page.goto("/admin/reviews/practicereview/add/")
    page.get_by_role("link", name="Take it back").click()
    expect(page.get_by_label("Summary")).to_have_value(WORDS)
    expect(page.locator("#id_documents-0-title")).to_have_value("The report")
    # Thrown away, it is gone for good.
    page.goto("/admin/reviews/practicereview/add/")
    page.get_by_role("button", name="Throw it away").click()
    expect(page.get_by_text("was thrown away")).to_be_visible()
    expect(page.locator(".not-saved")).to_have_count(0)
    assert not Autosave.objects.exclude(data="").exists()


def test_published_under_her_hands_every_letter_stands_there(
    staff_page: Callable[..., Page],
) -> None:
    review = make_review(state=State.DRAFT, title="Oak", summary="As it was.")
    for width in (1280, 360):
        page = staff_page(change(review), "Editors", width=width)
        page.get_by_label("Summary").fill(WORDS)
        put_in_state(review, State.SCHEDULED)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("heading", name="This was not saved")).to_be_visible()
        expect(page.get_by_label("Summary")).to_have_value(WORDS)
        expect(page.get_by_role("alert")).to_contain_text("Somebody scheduled it on")
        assert_accessible(page)
        review.return_to_draft()
        page.get_by_role("link", name="See what is saved now").click()
        page.get_by_role("link", name="Take it back").click()
        expect(page.get_by_label("Summary")).to_have_value(WORDS)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_session_that_ends_while_typing_loses_nothing(
    scripts: bool, staff_page: Callable[..., Page], tmp_path: Path
) -> None:
    review = make_review(state=State.DRAFT, title="Oak", summary="As it was.")
    page = staff_page(
        change(review), "Editors", fields={"username": "ed"}, java_script_enabled=scripts
    )
    if scripts:
        path = tmp_path / "oak.pdf"
        path.write_bytes(clean_pdf())
        page.locator("#documents-group .add-row a").click()
        page.locator("#id_documents-0-file").set_input_files(str(path))
        expect(page.locator(".upload-status").first).to_contain_text(
            "is taken in", timeout=READING_TAKES
        )
    page.get_by_label("Summary").fill(WORDS)
    end_sessions()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/staff/sign-in/**")
    sign_in(page, "ed")
    expect(page.get_by_role("heading", name="This is not saved yet")).to_be_visible()
    expect(page.get_by_label("Summary")).to_have_value(WORDS)
    review.refresh_from_db()
    assert review.summary == "As it was."
    if scripts:
        expect(page.locator(".file-now")).to_contain_text("oak.pdf")
        page.locator("#id_documents-0-title").fill("The report")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/practicereview/")
    review.refresh_from_db()
    assert review.summary.replace("\r\n", "\n") == WORDS
    assert review.documents.count() == (1 if scripts else 0)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_sent_after_the_session_has_ended_is_still_there(
    scripts: bool, staff_page: Callable[..., Page], tmp_path: Path
) -> None:
    review = make_review(state=State.DRAFT, title="Oak", summary="As it was.")
    make_document(review, title="Report", url="https://example.org/report")
    page = staff_page(
        change(review), "Editors", fields={"username": "ed"}, java_script_enabled=scripts, width=360
    )
    path = tmp_path / "oak.pdf"
    path.write_bytes(clean_pdf())
    page.get_by_label("Summary").fill(WORDS)
    end_sessions()
    page.locator("#documents-0 summary").click()
    if scripts:
        page.locator("#documents-0").get_by_role("button", name="A file, kept here").click()
    page.locator("#id_documents-0-file").set_input_files(str(path))
    if scripts:
        status = page.locator("#documents-0 .upload-status")
        expect(status).to_contain_text(
            "Your session ended. The file oak.pdf is kept on the server."
        )
        expect(status.get_by_role("link", name="Sign in (in a new window)")).to_be_visible()
    page.locator("#id_documents-0-url").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/staff/sign-in/**")
    sign_in(page, "ed")
    expect(page.get_by_role("heading", name="This is not saved yet")).to_be_visible()
    expect(page.get_by_label("Summary")).to_have_value(WORDS)
    expect(page.locator("#documents-0 .held-file")).to_contain_text("oak.pdf")
    assert_accessible(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/practicereview/", timeout=READING_TAKES)
    review.refresh_from_db()
    assert review.summary.replace("\r\n", "\n") == WORDS
    assert review.documents.get().file.original_name == "oak.pdf"


def test_whoever_signs_in_beside_the_form_finds_the_file_in_it_again(
    staff_page: Callable[..., Page], tmp_path: Path
) -> None:
    """The token of CSRF is that of the session before."""
    review = make_review(state=State.DRAFT, title="Oak", summary="As it was.")
    page = staff_page(change(review), "Editors", fields={"username": "ed"})
    path = tmp_path / "oak.pdf"
    path.write_bytes(clean_pdf())
    end_sessions()
    other = page.context.new_page()
    other.goto("/staff/sign-in/")
    sign_in(other, "ed")
    other.wait_for_url("**/admin/")
    other.close()
    page.locator("#documents-group .add-row a").click()
    page.locator("#id_documents-0-title").fill("The report")
    page.locator("#id_documents-0-file").set_input_files(str(path))
    status = page.locator("#documents-0 .upload-status")
    expect(status).to_contain_text("You signed in again after this form was opened.")
    expect(status).to_contain_text("The file oak.pdf is kept on the server.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="This is not saved yet")).to_be_visible()
    expect(page.locator("#documents-0 .held-file")).to_contain_text("oak.pdf")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/practicereview/", timeout=READING_TAKES)
    assert review.documents.get().file.original_name == "oak.pdf"


def test_files_that_are_too_many_are_named_before_they_are_sent(
    staff_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = staff_page("/admin/training/venue/add/", "Training")
    path = tmp_path / "door.png"
    with path.open("wb") as file:
        file.truncate(61 * 1024 * 1024)
    page.get_by_label("Name").fill("Town Hall")
    # As one of many that are each small enough for their field.
    page.locator("#id_photo").evaluate("(field) => field.removeAttribute('data-most-bytes')")
    page.locator("#id_photo").set_input_files(str(path))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".autosave-status")).to_contain_text("more than 60 MB together")
    expect(page.get_by_label("Name")).to_have_value("Town Hall")
    assert page.url.endswith("/add/")


def test_a_fault_is_over_and_the_form_is_sent_once_more_by_loading_the_page_again(
    staff_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    review = make_review(state=State.DRAFT, title="Oak", summary="As it was.")
    page = staff_page(change(review), "Editors")
    page.get_by_label("Summary").fill(WORDS)

    def gone(*args: object, **kwargs: object) -> Any:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(StaffSite, "each_context", gone)
        patch.setattr(PracticeReview, "save", gone)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("load it again (F5)")).to_be_visible()
    page.reload()
    page.wait_for_url("**/practicereview/")
    review.refresh_from_db()
    assert review.summary.replace("\r\n", "\n") == WORDS


def test_whoever_types_is_told_when_the_session_has_ended_and_goes_on(
    staff_page: Callable[..., Page],
) -> None:
    review = make_review(state=State.DRAFT, title="Oak", summary="As it was.")
    page = staff_page(change(review), "Editors", fields={"username": "ed"})
    page.get_by_label("Summary").fill("An afternoon")
    kept(page)
    end_sessions()
    page.get_by_label("Summary").fill(WORDS)
    status = page.locator(".autosave-status")
    expect(status).to_contain_text("You are signed out. What you typed is kept", timeout=TAKES)
    with page.expect_popup() as opened:
        status.get_by_role("link").click()
    sign_in(opened.value, "ed")
    opened.value.wait_for_url("**/admin/")
    opened.value.close()
    # The token of the form is that of the session before, so it is shown again, to be saved.
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="This is not saved yet")).to_be_visible()
    expect(page.get_by_label("Summary")).to_have_value(WORDS)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/practicereview/")
    review.refresh_from_db()
    assert review.summary.replace("\r\n", "\n") == WORDS


def test_the_report_opens_beside_the_form_which_then_says_what_was_settled(
    staff_page: Callable[..., Page], tmp_path: Path
) -> None:
    review = make_review(title="Oak", summary="As it was.")
    make_document(review, title="Address", url="https://example.org/report")
    path = tmp_path / "annex.pdf"
    path.write_bytes(next(one for one in HAZARDS if one.name == "producer in info").make())
    page = staff_page(change(review), "Publishers")
    page.get_by_label("Summary").fill(WORDS)
    page.locator("#documents-group .add-row a").click()
    page.locator("#id_documents-1-title").fill("Annex")
    page.locator("#id_documents-1-file").set_input_files(str(path))
    expect(page.locator(".upload-status").last).to_be_attached()
    expect(page.locator("#documents-1 .upload-status")).to_contain_text(
        "is taken in", timeout=READING_TAKES
    )
    page.get_by_role("button", name="Save", exact=True).click()
    error = page.locator("#documents-1 .errorlist")
    expect(error).to_contain_text("must be settled")
    with page.expect_popup() as opened:
        error.get_by_role("link", name="Open its report (in a new window)").click()
    report = opened.value
    report.get_by_text("Keep this file as it is instead").click()
    report.get_by_label("Why all of this may stay").fill("Every file of ours is made so.")
    report.get_by_role("button", name="Keep the file as it is").click()
    expect(report.get_by_text("Accepted by").first).to_be_visible()
    assert not Finding.objects.open().exists()
    report.close()
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#documents-1 .verdict-open")).to_have_count(0)
    expect(page.get_by_label("Summary")).to_have_value(WORDS)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/practicereview/")
    assert PracticeReview.objects.get().documents.get(title="Annex").file
    assert page.problems == []  # type: ignore[attr-defined]


def test_the_reason_of_a_refused_file_stays_until_another_is_chosen(
    staff_page: Callable[..., Page], tmp_path: Path
) -> None:
    review = make_review(state=State.DRAFT, title="Oak")
    page = staff_page(change(review), "Editors")
    page.locator("#documents-group .add-row a").click()
    page.locator("#id_documents-0-title").fill("The report")
    bad, good = tmp_path / "page.pdf", tmp_path / "oak.pdf"
    bad.write_bytes(b"<html>no PDF</html>")
    good.write_bytes(clean_pdf())
    choose = page.locator("#id_documents-0-file")
    choose.set_input_files(str(bad))
    expect(page.locator("#documents-0 .upload-status")).to_contain_text(
        "This is not a PDF", timeout=READING_TAKES
    )
    for _ in range(2):
        page.get_by_role("button", name="Save", exact=True).click()
        errors = page.locator("#documents-0 .errorlist")
        expect(errors).to_contain_text("page.pdf: This is not a PDF")
        expect(errors).not_to_contain_text("not both")
    choose.set_input_files(str(good))
    expect(page.locator("#documents-0 .upload-status")).to_contain_text(
        "is taken in", timeout=READING_TAKES
    )
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/practicereview/")
    assert review.documents.get().file
