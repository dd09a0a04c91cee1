"""An editor's afternoon by the clicks of docs/afternoon.md, each by the person who makes them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mscp.publishing.gate import State
from mscp.publishing.releases import Release
from reviews.models import PracticeReview
from tests.browser.conftest import session_of
from tests.browser.test_accessibility import problems_of
from tests.factories import make_briefing, make_document, make_review, make_theme, make_user
from tests.pdfs.builder import clean_pdf, edited

pytestmark = pytest.mark.usefixtures("transactional_db")

READING_TAKES = 60_000


@pytest.fixture
def desk_of(open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Return a function that opens the first page of staff as a person of this name."""

    def open_(name: str, *groups: str, **fields: Any) -> Page:
        user = make_user(*groups, username=name, **fields)
        return open_page("/admin/", session=session_of(user))

    return open_


def press(page: Page, *names: str) -> None:
    """Press buttons, one after the other, each of the page that the one before led to."""
    for name in names:
        page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("link", name=name, exact=True).first.click()


def test_a_live_review_is_corrected_agreed_and_goes_live_with_its_learning(
    desk_of: Callable[..., Page], open_page: Callable[..., Page], tmp_path: Path, settings: Any
) -> None:
    review = make_review(title="Robin", summary="Six services were worried.")
    make_document(review, title="Report", pdf=clean_pdf(1))
    make_briefing(title="Ring back", state=State.DRAFT, review=review)
    settings.TWO_PEOPLE = True
    corrected = tmp_path / "corrected.pdf"
    corrected.write_bytes(
        edited(clean_pdf(1), lambda pdf: setattr(pdf.docinfo, "Author", "Jo Sampleperson"))
    )

    editor = desk_of("ed", "Editors")
    follow(editor, "Practice reviews", "Robin")
    press(editor, "Propose a change")
    editor.get_by_label("Summary").fill("Seven services were worried.")
    editor.get_by_label("worth telling").check()
    editor.get_by_label("What changed").fill("The number of services.")
    row = editor.locator(".document-rows .closed-row").first
    row.locator("summary").click()
    row.locator("input[type=file]").set_input_files(corrected)
    verdict = row.locator("summary .verdict")
    expect(verdict).to_contain_text("Its cleaned copy is to be used", timeout=READING_TAKES)
    row.get_by_role("button", name="Use the cleaned copy").click(timeout=READING_TAKES)
    expect(verdict).to_have_text("Nothing was found about privacy.")
    press(editor, "Save and send for review…", "Send for review")
    follow(editor, "7-minute learnings", "Ring back")
    editor.get_by_label("Summary").first.fill("Say who rings back.")
    press(editor, "Save and send for review…", "Send for review")

    publisher = desk_of("sam", "Publishers")
    follow(publisher, "Robin", "What differs from what is live")
    expect(publisher.locator("ins", has_text="Seven")).to_be_visible()
    publisher.go_back()
    follow(publisher, "Make a link for somebody outside")
    publisher.get_by_label("For whom").fill("Jane Sample, author")
    press(publisher, "Make a link for somebody outside")
    link = publisher.locator(".messagelist").inner_text().split()[-1]
    outsider = open_page(urlsplit(link).path)
    expect(outsider.get_by_text("Seven services were worried.")).to_be_visible()
    outsider.get_by_label("Agreed, as it stands here").check()
    press(outsider, "Send my answer")
    publisher.reload()
    expect(publisher.get_by_text("about exactly what is saved now")).to_be_visible()
    publisher.get_by_role("button", name="Mark as dealt with").click()
    expect(publisher.get_by_text("is dealt with.")).to_be_visible()
    press(publisher, "Save and approve…", "Approve")
    follow(publisher, "Publish together with others")
    publisher.get_by_label("Name").fill("Monday")
    press(publisher, "Put them together")
    follow(publisher, "To do", "Ring back")
    press(publisher, "Save and approve…", "Approve")
    follow(publisher, "Publish together with others")
    publisher.get_by_label("Release").select_option(label="Monday")
    press(publisher, "Put them together")
    assert not problems_of(publisher)
    follow(publisher, "Schedule…")
    today = timezone.localdate()
    monday = today + timedelta(days=7 - today.weekday())
    publisher.get_by_label("Goes live on").fill(f"{monday}T09:00")
    press(publisher, "Schedule")
    expect(publisher.get_by_text(f"It goes live on {monday:%-d %B %Y}, 09:00")).to_be_visible()

    reader = open_page(review.get_absolute_url())
    expect(reader.get_by_text("Six services were worried.")).to_be_visible()
    expect(reader.get_by_text("Ring back")).to_have_count(0)
    follow(publisher, "Let it go live…")
    press(publisher, "Let it go live")
    assert not Release.objects.open().exists()
    reader.reload()
    expect(reader.get_by_text("Seven services were worried.")).to_be_visible()
    expect(reader.get_by_role("link", name="Ring back").first).to_be_visible()


def test_a_theme_for_five_two_themes_made_one_and_a_colleague(
    desk_of: Callable[..., Page], open_page: Callable[..., Page], settings: Any
) -> None:
    for number in range(5):
        make_review(title=f"Draft {number}", state=State.DRAFT)
    make_theme(name="Babies")
    make_theme(name="Infants")
    settings.TWO_PEOPLE = True
    editor = desk_of("ed", "Editors")
    follow(editor, "Practice reviews")
    # One by one: the box for all does nothing until its script has run.
    boxes = editor.locator("input[name=_selected_action]")
    expect(boxes).to_have_count(5)
    for box in boxes.all():
        box.check()
    editor.locator("select[name=action]").select_option(label="Add or remove a theme of selected…")
    press(editor, "Go")
    editor.get_by_label("Theme", exact=False).last.select_option(label="Infants")
    press(editor, "Show what would change")
    editor.locator(".submit-row input").first.click()
    assert PracticeReview.objects.filter(themes__name="Infants").count() == 5

    administrator = desk_of("ada", is_superuser=True)
    follow(administrator, "Themes", "Infants", "Merge into another…")
    administrator.get_by_label("Into which theme").select_option(label="Babies")
    press(administrator, "Show what would move", "Ask for this merge")
    publisher = desk_of("pat", "Publishers")
    follow(publisher, "Infants into Babies (merge of a theme)")
    press(publisher, "Confirm")
    expect(publisher.get_by_text("Readers see it now")).to_be_visible()
    assert PracticeReview.objects.filter(themes__name="Babies").count() == 5
    administrator.get_by_text("Seldom needed").click()
    follow(administrator, "Colleagues", "Invite a colleague")
    administrator.get_by_label("Name").fill("Amina Khan")
    administrator.get_by_label("E-mail address").fill("amina@example.org")
    administrator.get_by_label("Publisher").check()
    press(administrator, "Invite")
    expect(administrator.get_by_text("amina.khan").first).to_be_visible()
