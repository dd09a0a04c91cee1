"""People at work: what readers come for, in three ways; an editor and a publisher."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import rispy
import vobject
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from mscp.publishing.gate import State
from reviews.models import PracticeReview, Publication, Theme
from reviews.samples.pdfs import SOURCES
from tests.browser.test_header import ELSEWHERE, WEATHER
from tests.factories import (
    MINIMAL_PDF,
    make_briefing,
    make_document,
    make_file,
    make_report,
    make_review,
    past_the_gate,
)
from tests.snapshots import Snapshot
from training.models import Session, Venue

ROBIN = "Sample review of Robin (fictional)"
LEARNING = "Sample learning (fictional): six small worries about one baby"
GONE = "Sample review that was withdrawn (fictional)"
LAST_MONTH = "Sample report of last month (fictional)"
CLIPBOARD = ["clipboard-read", "clipboard-write"]
# On the eighth of these pages is what a reader looks for.
PAGES = [f"Page {number} of an invented review." for number in range(1, 14)]
PAGES[7] = "The nurse saw a baby of three months with bruises, and rang nobody."
# More stops than these lead to nothing that is looked for here.
MOST_STOPS = 40


@pytest.fixture(scope="module")
def kept() -> list[Snapshot]:
    return []


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture
def library(catalogue: None, settings: Any, files: Path, kept: list[Snapshot]) -> None:
    """Hold the catalogue and an invented review with a file, and what is new, known and gone."""
    settings.MEDIA_ROOT = files
    if kept:
        kept[0].put_back()
        return
    themes = [Theme.objects.get(slug="non-accidental-injury")]
    robin = make_review(title=ROBIN, themes=themes)
    make_document(robin, title="Report (fictional)", file=make_file(MINIMAL_PDF, pages=PAGES))
    learning = json.loads((SOURCES / "learning.json").read_text(encoding="utf-8"))
    del learning["report_date"]
    make_briefing(**learning, themes=themes)
    gone = make_review(title=GONE, state=State.WITHDRAWN)
    past_the_gate(PracticeReview.objects.filter(pk=gone.pk), withdrawn_name=GONE)
    report = make_report(title=LAST_MONTH)
    first = timezone.localtime().replace(day=1)
    last_month = first - timedelta(days=1)
    moments = {"published_at": last_month, "first_published_at": last_month}
    past_the_gate(Publication.objects.filter(pk=report.pk), **moments)
    Venue.objects.filter(slug="merton-civic-centre").update(step_free="yes")
    kept.append(Snapshot())


class Reader:
    """Somebody who reads the site in one way: with fingers, with keys, or without script."""

    def __init__(self, open_page: Callable[..., Page], **options: Any) -> None:
        self.open_page, self.options = open_page, options
        self.page: Page

    has_script = True
    is_wide = False

    def open(self, address: str = "/") -> Page:
        self.page = self.open_page(address, **self.options)
        return self.page

    def press(self, target: Locator) -> None:
        raise NotImplementedError

    def tick(self, target: Locator) -> None:
        self.press(target)

    def write(self, field: Locator, words: str) -> None:
        self.press(field)
        field.press_sequentially(words)
        field.press("Enter")

    def unfold(self, name: str) -> None:
        """Unfold what is folded on a narrow window only."""
        if not self.is_wide:
            self.press(self.page.locator("summary", has_text=name).first)

    def follow(self, name: str | re.Pattern[str], *, inside: str = "body") -> None:
        self.press(self.page.locator(inside).get_by_role("link", name=name).first)

    def go_to(self, section: str) -> None:
        """Go to a section by the menu."""
        self.unfold("Menu")
        self.press(self.page.locator(".site-nav").get_by_role("link", name=section))
        expect(self.page.get_by_role("heading", level=1)).to_have_text(section)

    def show(self) -> None:
        """Ask for the results of what was ticked among the filters; on a desk they stand there."""
        if not self.is_wide:
            self.press(self.page.get_by_role("button", name=re.compile("^Show .*results?$")))

    def apply(self) -> None:
        """Ask for the results of what was ticked above them, which script does at once."""
        if not self.has_script:
            self.press(self.page.get_by_role("button", name="Apply"))

    def skip_to_results(self) -> None:
        """Pass over the filters, where that has to be done."""

    def fetch(self, name: str | re.Pattern[str], *, inside: str = "body") -> bytes:
        """Return the file that a link leads to, as the browser keeps it."""
        with self.page.expect_download() as download:
            self.follow(name, inside=inside)
        return Path(download.value.path()).read_bytes()


class ByTouch(Reader):
    def __init__(self, open_page: Callable[..., Page]) -> None:
        super().__init__(open_page, width=360, has_touch=True, permissions=CLIPBOARD)

    def press(self, target: Locator) -> None:
        target.tap()


class WithoutScript(Reader):
    has_script = False

    def __init__(self, open_page: Callable[..., Page]) -> None:
        super().__init__(open_page, width=360, java_script_enabled=False)

    def press(self, target: Locator) -> None:
        target.click()


class ByKeyboard(Reader):
    is_wide = True

    def __init__(self, open_page: Callable[..., Page]) -> None:
        super().__init__(open_page, permissions=CLIPBOARD)

    def reach(self, target: Locator) -> None:
        """Go from stop to stop until one is there."""
        for _ in range(MOST_STOPS):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{MOST_STOPS} stops do not lead to {target}")

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def skip_to_results(self) -> None:
        # From the beginning of the page, as it is after a page was opened.
        self.page.evaluate("document.activeElement.blur()")
        self.press(self.page.get_by_role("link", name="Skip to results"))

    def tick(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Space")

    def write(self, field: Locator, words: str) -> None:
        self.reach(field)
        self.page.keyboard.type(words)
        self.page.keyboard.press("Enter")


WAYS = {"touch": ByTouch, "keyboard": ByKeyboard, "no script": WithoutScript}


def a_baby_with_bruises(reader: Reader) -> None:
    page = reader.open()
    box = page.get_by_role("main").get_by_label("Search reviews, reports, learnings and courses")
    reader.write(box, "baby with bruises")
    page.wait_for_url("**/search/**")
    reader.skip_to_results()
    reader.follow(re.compile("^Page 8 of 13"))
    page.wait_for_url("**/read/**#page-8-match")
    # Between the words that are marked stand ways from one to the next.
    expect(page.locator("#page-8 mark")).to_contain_text(["baby", "bruises"])
    expect(page.locator("#page-8")).to_contain_text(", and rang nobody.")
    expect(page.locator("#page-8")).to_be_in_viewport()
    pdf = page.locator("#page-8").get_by_role("link", name="Page 8 in the PDF")
    expect(pdf).to_have_attribute("href", re.compile(r"\.pdf#page=8$"))


def reviews_of_2021_of_one_type(reader: Reader) -> None:
    page = reader.open()
    reader.go_to("Practice reviews")
    reader.unfold("Filter")
    reader.tick(page.get_by_role("checkbox", name=re.compile("^Local child safeguarding")))
    reader.show()
    reader.tick(page.get_by_role("checkbox", name=re.compile("^2021")))
    reader.apply()
    expect(page.locator(".result-count")).to_have_text("3 practice reviews")
    assert titles(page) == ["Ananthi (Child H)", "Baby Grace", "Jason"]
    # And the way back.
    reader.skip_to_results()
    reader.follow("Remove the filter Year: 2021")
    expect(page.locator(".chip")).to_have_count(1)


def the_next_course_on_domestic_abuse(reader: Reader) -> None:
    page = reader.open()
    reader.go_to("Themes")
    reader.follow("Domestic abuse", inside="main")
    expect(page.get_by_role("heading", level=1)).to_have_text("Domestic abuse")
    session = Session.objects.filter(course__title="Domestic Violence and Abuse").earliest(
        "start_date"
    )
    entry = vobject.readOne(reader.fetch(re.compile("^Add to calendar")).decode()).vevent
    assert entry.summary.value == session.course.title
    assert entry.dtstart.value == session.start_date


def which_courses_are_step_free(reader: Reader) -> None:
    page = reader.open()
    reader.go_to("Training")
    reader.unfold("Filter")
    reader.tick(page.get_by_role("checkbox", name=re.compile("^Step-free")))
    reader.show()
    known = Session.objects.filter(venue__step_free="yes").order_by("start_date")
    expect(page.locator(".chip")).to_contain_text(["Step-free"])
    assert titles(page) == [session.course.title for session in known]
    assert 0 < len(known) < 27


def what_is_new_since_last_month(reader: Reader) -> None:
    page = reader.open()
    reader.follow("Everything new")
    page.wait_for_url("**/new/")
    months = page.get_by_role("main").get_by_role("heading", level=2)
    this_month = timezone.localdate()
    last_month = this_month.replace(day=1) - timedelta(days=1)
    assert months.all_inner_texts()[:2] == [f"{day:%B %Y}" for day in (this_month, last_month)]
    new, older = page.locator("main section").all()
    expect(new).to_contain_text(ROBIN)
    expect(older).to_contain_text(LAST_MONTH)
    reader.follow(ROBIN)
    expect(page.get_by_role("heading", level=1)).to_have_text(ROBIN)


def print_a_learning(reader: Reader) -> None:
    page = reader.open()
    reader.go_to("7-minute learnings")
    reader.skip_to_results()
    reader.follow(LEARNING)
    expect(page.get_by_role("heading", level=1)).to_have_text(LEARNING)
    sheets = pypdfium2.PdfDocument(BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))
    assert len(sheets) <= 2
    words = " ".join(" ".join(sheet.get_textpage().get_text_bounded().split()) for sheet in sheets)
    for printed in (
        "1. Background",
        "7. Questions for your team",
        "Whose small worry",
        "/learning/",
    ):
        assert printed in words, printed
    assert "Practice reviews" not in words


def cite(reader: Reader) -> None:
    page = reader.open("/reviews/")
    reader.skip_to_results()
    reader.follow("Baby Grace")
    reader.press(page.locator("summary", has_text="Cite this practice review"))
    expect(page.locator(".cite-line")).to_contain_text("Baby Grace")
    if reader.has_script:
        reader.press(page.get_by_role("button", name="Copy the citation"))
        expect(page.locator(".cite-status")).to_have_text("Copied")
        assert "Baby Grace" in page.evaluate("navigator.clipboard.readText()")
        # The keyboard has gone past the records.
        return
    (record,) = rispy.loads(reader.fetch(re.compile("^RIS")).decode())
    assert record["title"] == "Baby Grace"


def leave_at_once(reader: Reader) -> None:
    page = reader.open()
    home = page.url
    page.goto("/reviews/vamp/")
    page.route(ELSEWHERE, lambda route: route.fulfill(body=WEATHER))
    if reader.is_wide:
        aloud = page.locator("[data-exit-presses]")
        for left in ("twice", "once"):
            page.keyboard.press("Shift")
            expect(aloud).to_have_text(f"To leave, press Shift {left} more.")
        page.keyboard.press("Shift")
    else:
        reader.follow("Exit this page")
    page.wait_for_url(ELSEWHERE)
    if reader.has_script:
        # A link that works without script leaves its page behind.
        page.go_back()
        assert page.url == home


def whom_to_call(reader: Reader) -> None:
    page = reader.open("/reviews/vamp/")
    first = page.get_by_role("link", name="Worried about a child? 020 8545 4226")
    expect(first).to_be_in_viewport()
    expect(first).to_have_attribute("href", "tel:02085454226")
    reader.press(page.locator("summary", has_text="Other numbers"))
    expect(page.get_by_role("link", name="020 8770 5000")).to_be_visible()
    reader.follow("All numbers, and how to reach us")
    page.wait_for_url("**/numbers-to-call/")
    expect(page.get_by_role("main").get_by_role("link", name="999")).to_be_visible()


def from_a_withdrawn_page_onward(reader: Reader) -> None:
    page = reader.open(PracticeReview.objects.get(title=GONE).get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text(GONE)
    reader.follow("See all practice reviews")
    expect(page.get_by_role("heading", level=1)).to_have_text("Practice reviews")
    expect(page.get_by_role("link", name="Baby Grace")).to_be_visible()


def share_a_filtered_link(reader: Reader) -> None:
    page = reader.open("/reports/")
    reader.unfold("Filter")
    reader.tick(page.get_by_role("checkbox", name=re.compile("^Briefing paper")))
    reader.show()
    expect(page.locator(".result-count")).to_have_text("2 national reports")
    shared = page.url, titles(page)
    other = reader.open(page.url)
    expect(other.locator(".chip")).to_contain_text(["Type: Briefing paper"])
    expect(other.locator("[name=type][value=briefing_paper]")).to_be_checked()
    assert (other.url.partition("#")[0], titles(other)) == (shared[0].partition("#")[0], shared[1])


JOURNEYS = [
    a_baby_with_bruises,
    reviews_of_2021_of_one_type,
    the_next_course_on_domestic_abuse,
    which_courses_are_step_free,
    what_is_new_since_last_month,
    print_a_learning,
    cite,
    leave_at_once,
    whom_to_call,
    from_a_withdrawn_page_onward,
    share_a_filtered_link,
]


def titles(page: Page) -> list[str]:
    return page.locator("#found .item-title").all_inner_texts()


@pytest.mark.one_database
@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda one: one.__name__)
def test_a_reader_gets_there(
    open_page: Callable[..., Page], journey: Callable[[Reader], None], way: str
) -> None:
    reader = WAYS[way](open_page)
    journey(reader)
    problems = reader.page.problems  # type: ignore[attr-defined]
    assert [one for one in problems if "status of 410" not in one] == []


@pytest.mark.one_database
@pytest.mark.usefixtures("catalogue")
def test_on_a_phone_the_filters_are_folded_and_on_a_desk_open(
    open_page: Callable[..., Page],
) -> None:
    phone, desk = open_page("/reviews/", width=360), open_page("/reviews/")
    expect(phone.get_by_label("Keyword")).to_be_hidden()
    phone.locator(".filters > summary").click()
    expect(phone.get_by_label("Keyword")).to_be_visible()
    expect(desk.get_by_label("Keyword")).to_be_visible()


@pytest.mark.one_database
@pytest.mark.usefixtures("catalogue")
def test_the_keyboard_reaches_the_content_first_and_every_filter(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/reviews/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the main content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    seen = set()
    for _ in range(16):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.name || document.activeElement.textContent"))
    assert {"q", "type", "year", "theme", "sort"} <= seen


@pytest.mark.one_database
@pytest.mark.usefixtures("catalogue")
def test_no_third_party_no_cookie_and_no_problem_named(
    open_page: Callable[..., Page], live_server: Any
) -> None:
    page = open_page("/")
    for address in ("/reviews/", "/reviews/vamp/", "/training/", "/themes/neglect/", "/about/"):
        page.goto(address)
    assert page.requested and all(u.startswith(live_server.url) for u in page.requested)  # type: ignore[attr-defined]
    assert page.context.cookies() == []
    assert page.problems == []  # type: ignore[attr-defined]


@pytest.mark.one_database
@pytest.mark.usefixtures("catalogue")
def test_on_paper_stand_the_content_and_the_numbers_and_no_tools(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/training/")
    page.emulate_media(media="print")
    for number in ("020 8545 4226", "020 8770 5000", "999"):
        expect(page.locator(".contacts-list").get_by_text(number)).to_be_visible()
    expect(page.get_by_role("heading", name="Training", exact=True)).to_be_visible()
    for tool in (".site-nav", ".filters-column", ".exit", ".search-form", ".switch"):
        expect(page.locator(tool).first).to_be_hidden()


def test_a_draft_goes_from_editor_to_publisher_to_readers_and_is_withdrawn(
    sign_in_by_form: Callable[..., Page],
    staff_page: Callable[..., Page],
    open_page: Callable[..., Page],
) -> None:
    page = sign_in_by_form("Editors", username="ed")
    page.get_by_role("link", name="Practice reviews").first.click()
    page.get_by_role("link", name="Add practice review").first.click()
    page.get_by_label("Type").select_option(label="Serious case review")
    page.get_by_label("Title").first.fill("Sample review (fictional)")
    page.get_by_label("Date of the report").fill("July 2026")
    page.get_by_text("Add another Document").click()
    page.locator("#id_documents-0-title").fill("The report")
    page.get_by_role("button", name="An address elsewhere").click()
    page.locator("#id_documents-0-url").fill("https://example.org/report")
    page.get_by_role("button", name="Save and preview").click()
    page.get_by_role("link", name="See the preview").click()
    expect(page.get_by_text("Draft: only staff can see this page.")).to_be_visible()
    expect(page.get_by_role("link", name="The report")).to_be_visible()
    address = page.url
    reader = open_page("/reviews/")
    expect(reader.get_by_text("Nothing is published here yet.")).to_be_visible()
    response = reader.goto(address)
    assert response is not None and response.status == 404
    page.get_by_role("link", name="Back to editing").click()
    expect(page.get_by_role("button", name="Save and publish…")).to_have_count(0)

    publisher = staff_page("/admin/", "Publishers", fields={"username": "pat"})
    publisher.get_by_role("link", name="Publish the first review").click()
    publisher.get_by_role("link", name="Sample review (fictional)").click()
    publisher.get_by_role("button", name="Save and publish…").click()
    publisher.get_by_role("button", name="Publish", exact=True).click()
    expect(publisher.get_by_text("Sample review (fictional): published.")).to_be_visible()
    for path in ("/", "/reviews/", "/search/?q=sample"):
        reader.goto(path)
        expect(reader.get_by_role("link", name="Sample review (fictional)")).to_be_visible()

    publisher.get_by_role("button", name="Save and withdraw…").click()
    publisher.get_by_label("Reason").fill("A name stood in it")
    publisher.get_by_role("button", name="Withdraw", exact=True).click()
    expect(publisher.get_by_text("Sample review (fictional): withdrawn.")).to_be_visible()
    response = reader.goto(address)
    assert response is not None and response.status == 410
    expect(reader.get_by_role("heading", name="Sample review (fictional)")).to_be_visible()
    assert [*page.problems, *publisher.problems] == []  # type: ignore[attr-defined]


def test_two_editors_at_once_and_nothing_typed_is_lost(staff_page: Callable[..., Page]) -> None:
    review = make_review(title="Sample review (fictional)", summary="As it was.")
    address = f"/admin/reviews/practicereview/{review.pk}/change/"
    mine = staff_page(address, "Publishers", fields={"username": "pat"})
    theirs = staff_page(address, "Publishers", fields={"username": "robin"})
    theirs.get_by_label("Summary").fill("Theirs.")
    theirs.get_by_role("button", name="Save", exact=True).click()
    theirs.wait_for_url("**/practicereview/")
    mine.get_by_label("Summary").fill("Mine.")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.get_by_text("robin changed this on")).to_be_visible()
    expect(mine.get_by_label("Summary")).to_have_value("Mine.")
    mine.get_by_role("button", name="Save", exact=True).click()
    mine.wait_for_url("**/practicereview/")
    assert PracticeReview.objects.get().summary == "Mine."
