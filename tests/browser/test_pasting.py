"""What is pasted from Word, a page or a mail becomes Markdown, and is shown as readers see it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from mscp.publishing.gate import State
from tests.browser.test_accessibility import assert_accessible, problems_of
from tests.factories import make_briefing

pytestmark = pytest.mark.one_database

PASTE = """
(box, text) => {
  const clipboardData = new DataTransfer();
  const [html, plain] = Array.isArray(text) ? text : [text, "as plain text"];
  if (html) clipboardData.setData("text/html", html);
  clipboardData.setData("text/plain", plain);
  box.focus();
  return !box.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true })
  );
}
"""
# As Word 365 puts it on the clipboard, shortened.
WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<style><!-- p.MsoNormal {margin:0} --></style></head><body lang=EN-GB>
<!--StartFragment--><h1>What happened<o:p></o:p></h1>
<p class=MsoNormal>Quinn&nbsp;was <b>three</b>
and <i>small </i>*.<br>She said: “no”.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'>
<![if !supportLists]>
<span style='font-family:Symbol'><span style='mso-list:Ignore'>·<span>&nbsp;
&nbsp;</span></span></span>
<![endif]>One <a href="https://example.org/a(b)">link</a><o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o
<span>&nbsp;</span></span>Deeper</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>1.
<span>&nbsp;</span></span>First</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>2.
<span>&nbsp;</span></span>Second</p>
<p class=MsoNormal>2024. was a year. <a href="https://example.org/">https://example.org</a></p>
<script>window.pasted = 1</script><img src="https://example.org/x.png" onerror="window.pasted = 1">
<!--EndFragment--></body></html>"""
FROM_WORD = r"""## What happened

Quinn was **three** and *small* \*.
She said: “no”.

- One [link](https://example.org/a%28b%29)
  - Deeper
1. First
2. Second

2024\. was a year. https://example.org/"""
PAGE = """<meta charset="utf-8"><b style="font-weight:normal"><h3>Head</h3><ul><li>One
<ul><li>Sub</li>
<li>Sub</li></ul></li><li><p>Two</p></li></ul><ol start="3"><li>Three</li></ol>
<blockquote>Quoted</blockquote><table><tr><td>A</td><td>B</td></tr></table>
<a href="javascript:alert(1)">no link</a></b>"""
FROM_PAGE = """### Head

- One
  - Sub
  - Sub
- Two
3. Three

> Quoted

A – B

no link"""


def form(staff_page: Callable[..., Page], **options: int) -> Page:
    learning = make_briefing(state=State.DRAFT)
    return staff_page(f"/admin/reviews/briefing/{learning.pk}/change/", "Editors", **options)


@pytest.mark.parametrize(("html", "wanted"), [(WORD, FROM_WORD), (PAGE, FROM_PAGE)])
def test_what_is_pasted_becomes_markdown(
    staff_page: Callable[..., Page], html: str, wanted: str
) -> None:
    page = form(staff_page)
    box = page.locator("#id_background")
    assert box.evaluate(PASTE, html)
    value = "\n".join(line.rstrip() for line in box.input_value().split("\n"))
    assert value == wanted
    assert page.evaluate("window.pasted") is None
    assert not [one for one in page.requested if "example.org" in one]  # type: ignore[attr-defined]
    # The browser's own undo takes it back.
    page.keyboard.press("Control+z")
    expect(box).to_have_value("")


def test_a_few_words_are_left_to_the_browser(staff_page: Callable[..., Page]) -> None:
    box = form(staff_page).locator("#id_background")
    assert not box.evaluate(PASTE, "<span style='color:red'>• as it is</span>")
    assert not box.evaluate(PASTE, [None, "as it is\n"])


PLAIN = "What happened\r\nQuinn was three.\r\n•\tOne\r\n•\tTwo"
FROM_PLAIN = "## What happened\n\nQuinn was three.\n\n- One\n- Two"


def test_plain_text_becomes_markdown_and_undo_gives_it_back(
    staff_page: Callable[..., Page],
) -> None:
    box = form(staff_page).locator("#id_background")
    assert box.evaluate(PASTE, ["", PLAIN])
    expect(box).to_have_value(FROM_PLAIN)
    for wanted in (PLAIN.replace("\r\n", "\n"), ""):
        box.page.keyboard.press("Control+z")
        expect(box).to_have_value(wanted)


def test_within_a_line_a_block_begins_a_new_one(staff_page: Callable[..., Page]) -> None:
    box = form(staff_page).locator("#id_background")
    box.fill("Before behind")
    box.evaluate("box => { box.focus(); box.setSelectionRange(7, 7); }")
    box.evaluate(PASTE, ["", "•\tOne\n•\tTwo"])
    expect(box).to_have_value("Before \n\n- One\n- Two\n\nbehind")


def test_without_an_answer_plain_text_stays_as_it_is_until_it_is_saved(
    staff_page: Callable[..., Page],
) -> None:
    page = form(staff_page)
    page.route("**/admin/pasted/", lambda route: route.abort())
    box = page.locator("#id_background")
    with page.expect_event("requestfailed", lambda request: "/pasted/" in request.url):
        assert box.evaluate(PASTE, ["", PLAIN])
    expect(box).to_have_value(PLAIN.replace("\r\n", "\n"))
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("#id_background")).to_have_value(FROM_PLAIN)


def test_what_was_typed_before_the_answer_came_stays(staff_page: Callable[..., Page]) -> None:
    page = form(staff_page)
    waiting: list[Route] = []
    page.route("**/admin/pasted/", lambda route: waiting.append(route))
    box = page.locator("#id_background")
    with page.expect_request("**/admin/pasted/"):
        box.evaluate(PASTE, ["", PLAIN])
    page.keyboard.type(" and more")
    with page.expect_response("**/admin/pasted/"):
        waiting.pop().continue_()
    expect(box).to_have_value(f"{FROM_PLAIN} and more")
    page.keyboard.type(".")
    expect(box).to_have_value(f"{FROM_PLAIN} and more.")
    # What was changed in the meantime is not converted.
    box.fill("")
    with page.expect_request("**/admin/pasted/"):
        box.evaluate(PASTE, ["", PLAIN])
    page.keyboard.press("Backspace")
    with page.expect_response("**/admin/pasted/"):
        waiting.pop().continue_()
    expect(box).to_have_value(PLAIN.replace("\r\n", "\n")[:-1])


def test_the_preview_follows_the_typing(staff_page: Callable[..., Page]) -> None:
    page = form(staff_page, width=1500)
    page.locator("#id_background").fill("It asks:\n•\tOne\n•\tTwo https://example.org")
    preview = page.get_by_role("region", name="As readers see it: 1. Background")
    expect(preview.get_by_role("listitem")).to_have_count(2)
    expect(preview.get_by_role("link", name="https://example.org")).to_be_visible()
    place, box = preview.bounding_box(), page.locator("#id_background").bounding_box()
    assert place is not None and box is not None and place["x"] >= box["x"] + box["width"]
    assert not problems_of(page)
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("#id_background")).to_have_value(
        "It asks:\n\n- One\n- Two https://example.org"
    )
    assert_accessible(page, page.url)
