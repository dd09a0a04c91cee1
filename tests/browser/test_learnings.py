"""A learning in the browser: its words are counted while it is written, it prints on one sheet."""

from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from mscp.publishing.gate import State
from reviews.models import Briefing
from tests.browser.test_accessibility import assert_accessible
from tests.factories import (
    MINIMAL_PDF,
    make_briefing,
    make_contact,
    make_course,
    make_document,
    make_identity,
    make_report,
    make_review,
    make_session,
    make_theme,
)
from tests.reviews.test_reading_time import TEXTS

pytestmark = pytest.mark.one_database

PROSE = (
    "When a worker hears that a baby has a bruise, the question is never only how it came about "
    "but who else has seen the child this week and what each of them knows. Small worries stay "
    "small while nobody sets them side by side."
)
QUESTIONS = (
    "- Who in your team would have seen this child first, and what would they have done?\n"
    "- Which of your notes reach another service, and how do you know that they do?\n"
    "- What would you ask the father?\n"
    "- Whom would you ring on a Friday afternoon, and what would you say first?\n"
    "- What will you do differently next week?"
)


def learning_of(words: int, **fields: Any) -> Any:
    """Make a learning of the usual shape and exactly so many words."""
    points = "\n".join(f"- {' '.join(PROSE.split()[first : first + 12])}" for first in range(4))
    learning = Briefing(
        summary=" ".join(PROSE.split()[:30]), what_to_do=points, questions=QUESTIONS
    )
    left, prose = words - learning.reading_time.words, cycle(PROSE.split())
    each, more = divmod(left, 5)
    for position, name in enumerate(Briefing.PARTS[:5]):
        text = list(islice(prose, each + (position < more)))
        half = len(text) // 2
        setattr(learning, name, f"{' '.join(text[:half])}\n\n{' '.join(text[half:])}")
    assert learning.reading_time.words == words
    parts = {name: getattr(learning, name) for name in ["summary", *Briefing.PARTS]}
    fields.setdefault("title", "Small worries side by side: a sample learning (fictional)")
    return make_briefing(**parts, **fields)


# --- written --------------------------------------------------------------------------------------


def test_the_browser_counts_words_as_the_server_does(staff_page: Callable[..., Page]) -> None:
    page = staff_page("/admin/reviews/briefing/add/", "Editors")
    box = page.get_by_role("textbox", name="1. Background")
    count = page.locator("[data-words-of=id_background]")
    counted = {}
    for text in TEXTS:
        box.fill(text)
        counted[text] = int(count.inner_text())
    assert counted == TEXTS


def test_the_meter_follows_the_typing_and_warns_beyond_seven_minutes(
    staff_page: Callable[..., Page],
) -> None:
    page = staff_page("/admin/reviews/briefing/add/", "Editors")
    meter, status = page.locator(".reading-time"), page.locator(".reading-time [role=status]")
    sentence = page.locator(".reading-time-status")
    expect(sentence).to_have_text("Nothing is written yet.")
    page.get_by_role("textbox", name="1. Background").fill("a " * 1400)
    expect(sentence).to_have_text("It takes about 7 minutes to read: 1,400 of at most 1,400 words.")
    expect(meter).not_to_have_class("reading-time reading-time-over")
    # Nothing is said aloud while somebody types.
    expect(status).to_have_text("")
    page.get_by_role("textbox", name="Summary").fill("One")
    over = "It takes about 8 minutes to read (1,401 words); seven minutes are 1,400 words."
    expect(sentence).to_have_text(over)
    expect(meter).to_have_class("reading-time reading-time-over")
    expect(status).to_have_text(over)
    assert page.problems == []  # type: ignore[attr-defined]


def test_what_is_too_long_can_be_saved_and_says_so_after(staff_page: Callable[..., Page]) -> None:
    page = staff_page("/admin/reviews/briefing/add/", "Editors")
    page.locator("#id_title").fill("Sample learning (fictional)")
    page.get_by_role("textbox", name="1. Background").fill("a " * 1401)
    page.get_by_role("button", name="Save and continue editing").click()
    sentence = page.locator(".state-panel, .reading-time").get_by_text("(1,401 words)")
    expect(sentence).to_have_count(2)


def test_the_count_never_covers_the_box_that_has_the_focus(
    staff_page: Callable[..., Page],
) -> None:
    page = staff_page("/admin/reviews/briefing/add/", "Editors")
    page.get_by_role("textbox", name="Also listed as").focus()
    seen = set()
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        name = page.evaluate("document.activeElement.name")
        if name in Briefing.PARTS:
            seen.add(name)
            box = page.locator(f"#id_{name}").bounding_box()
            meter = page.locator(".field-reading_time").bounding_box()
            assert box and meter and box["y"] >= meter["y"] + meter["height"] - 1, name
    assert seen == set(Briefing.PARTS)


# --- printed --------------------------------------------------------------------------------------


def sheet_of(page: Page) -> Any:
    return pypdfium2.PdfDocument(page.pdf(format="A4"))


def words_on(pdf: Any) -> str:
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())


@pytest.mark.parametrize(("words", "pages"), [(700, 1), (1400, 2)])
def test_a_learning_prints_on_one_sheet_of_a4(
    open_page: Callable[..., Page], transactional_db: None, words: int, pages: int
) -> None:
    """Seven minutes take one sheet, front and back; half as many words take its front."""
    make_identity(notice="Our office moves.")
    for label in ("Children's desk", "Out of hours", "Emergency"):
        make_contact(label=label, hours="Monday to Friday, 9am to 5pm")
    theme = make_theme(name="Vulnerable babies")
    review = make_review(title="Sample review (fictional)", themes=[theme])
    learning = learning_of(words, review=review, themes=[theme])
    make_document(learning, title="The same as a PDF", pdf=MINIMAL_PDF)
    page = open_page(learning.get_absolute_url())
    pdf = sheet_of(page)
    assert len(pdf) == pages
    assert [round(side) for side in pdf[0].get_size()] == [596, 843]
    text = words_on(pdf)
    for printed in (
        "Anytown Safeguarding Children Partnership",
        "Small worries side by side",
        learning.get_absolute_url(),
        "7. Questions for your team",
        "What will you do differently next week?",
    ):
        assert printed in text, printed
    for left_out in ("Exit", "Themes", "Our office moves", "Related", "The same as a PDF"):
        assert left_out not in text, left_out


def test_nothing_on_the_sheet_is_smaller_than_nine_points(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    make_identity(), make_contact(hours="Always")
    learning = learning_of(700, review=make_review())
    page = open_page(learning.get_absolute_url())
    page.emulate_media(media="print")
    sizes = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((e) => e.getClientRects().length && [...e.childNodes].some(
                (n) => n.nodeType === 3 && n.textContent.trim()))
            .filter((e) => !e.closest(".visually-hidden, .skip"))
            .map((e) => parseFloat(getComputedStyle(e).fontSize) * 0.75)"""
    )
    assert len(sizes) > 20 and min(sizes) >= 9


def test_a_learning_that_is_a_document_only_prints_its_name(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    learning = make_briefing(summary="In short.")
    make_document(learning, title="The brief as a PDF", pdf=MINIMAL_PDF)
    pdf = sheet_of(open_page(learning.get_absolute_url()))
    assert len(pdf) == 1 and "The brief as a PDF" in words_on(pdf)


# --- looked at ------------------------------------------------------------------------------------


def test_axe_finds_nothing_on_a_learning_and_its_chain(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    theme, gap = make_theme(name="Vulnerable babies"), make_theme(name="Broken")
    review = make_review(title="Sample review (fictional)", themes=[theme, gap])
    learning = learning_of(700, review=review, themes=[theme])
    make_document(learning, pdf=MINIMAL_PDF)
    make_report(themes=[theme])
    course = make_course(themes=[theme, gap])
    course.publications.add(review, learning)
    make_session(course)
    only = make_briefing(themes=[theme])
    make_document(only, pdf=MINIMAL_PDF)
    page = open_page()
    records = (theme, gap, review, learning, only, course)
    assert_accessible(page, *(record.get_absolute_url() for record in records))


def test_axe_finds_nothing_where_staff_write_a_learning(staff_page: Callable[..., Page]) -> None:
    page = staff_page("/admin/", "Publishers")
    within, over = (learning_of(words, state=State.DRAFT) for words in (900, 1500))
    make_review(themes=[make_theme()]), make_course()
    assert_accessible(
        page,
        "/admin/",
        f"/admin/reviews/briefing/{within.pk}/change/",
        f"/admin/reviews/briefing/{over.pk}/change/",
        f"/admin/reviews/briefing/step/publish/?id={over.pk}",
        "/admin/reviews/briefing/?gap=no-course&state=published",
        "/admin/reviews/theme/?gap=no-learning",
        "/admin/training/course/?dates=none-ahead&state=published",
    )


@pytest.mark.parametrize("width", [360, 1280])
def test_the_chain_of_a_theme_is_one_line_of_five_links_with_its_gaps(
    open_page: Callable[..., Page], transactional_db: None, width: int
) -> None:
    theme = make_theme(name="Broken")
    make_review(themes=[theme]), make_report(themes=[theme])
    page = open_page(theme.get_absolute_url(), width=width, java_script_enabled=False)
    links = page.locator(".chain > li")
    expect(links).to_have_count(5)
    expect(page.locator(".chain .chain-gap")).to_have_count(3)
    lefts = links.evaluate_all("links => links.map((link) => link.getBoundingClientRect().left)")
    assert len(set(lefts)) == 1
    # On a wide screen what a link holds stands beside its name, on a phone below it.
    name = page.get_by_role("heading", name="National reports").bounding_box()
    items = page.locator(".chain-items").nth(1).bounding_box()
    assert name and items
    assert (items["x"] > name["x"] + 100) is (width == 1280)
