"""axe finds nothing on any page, narrow and wide, light and dark; none is wider than its window."""

import re
from collections.abc import Callable, Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from mscp.publishing.gate import State
from reviews.models import PracticeReview
from tests.factories import make_review
from training.models import Session

pytestmark = pytest.mark.one_database

PUBLIC = [
    "/",
    "/reviews/",
    "/reviews/?type=scr&year=2020&theme=none",
    "/reviews/?q=nothing-fits",
    "/reports/",
    "/learning/",
    "/reviews/eddie/",
    "/reviews/sudi-partnership-review/",
    "/reports/children-with-disabilities-in-residential-settings/",
    "/learning/7-minute-learnings-index/",
    "/training/",
    "/training/?when=past",
    "/training/?delivery=online&month=2027-03",
    "/training/?view=month",
    "/training/?view=month&month=1999-01",
    "/training/multi-agency-safeguarding-training/",
    "/training/venues/",
    "/training/venues/canterbury-road/",
    "/themes/",
    "/themes/vulnerable-babies/",
    "/search/?q=bruising",
    "/about/",
    "/accessibility/",
    "/privacy/",
    "/developers/",
    "/no-such-page/",
    "/staff/sign-in/",
    "/staff/password/",
    "/staff/sign-up/",
]
AXE = Axe().axe_script
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What it has nothing against it describes just as fully, which takes it longer than all the rest.
RUN = """
([rules, off]) => axe.run({
  runOnly: rules,
  rules: Object.fromEntries(off.map(rule => [rule, {enabled: false}])),
  resultTypes: ["violations"],
}).then(found => found.violations)
"""
# These read all style sheets and sounds, which are the same at every width; and the contrast of
# colours, for which axe looks up what lies under each letter, takes more than all other rules.
AT_ONE_WIDTH = ["css-orientation-lock", "no-autoplay-audio", "color-contrast"]
# Contrast as WCAG 2.2 defines it (1.4.3), of each text with the first background behind it: the
# layers are those that axe has looked at, so only the colours are others.
FAINT = """
() => {
  const colour = (text) => {
    const [red, green, blue, alpha = 1] = text.match(/[\\d.]+/g).map(Number);
    const scale = text.startsWith("color(") ? 255 : 1;
    return [red * scale, green * scale, blue * scale, alpha];
  };
  const over = (top, under) =>
    [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const behind = (element) => {
    if (!element) return [255, 255, 255, 1];
    const own = colour(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, behind(element.parentElement));
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const seen = { checkOpacity: true, checkVisibilityCSS: true };
  // A line between two links need not be read.
  const says = (element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && /[\\p{L}\\p{N}]/u.test(node.data))
    || (element.matches("input, select, textarea") && element.type !== "hidden");
  return [...document.querySelectorAll("body, body *")].filter((element) =>
    says(element) && element.getClientRects().length && element.checkVisibility(seen)
    && !element.closest("script, style, option, :disabled, [aria-disabled=true], .visually-hidden")
  ).map((element) => {
    const style = getComputedStyle(element);
    const under = behind(element);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    return {
      words: (element.textContent || element.value).trim().slice(0, 40),
      kind: element.tagName.toLowerCase() + "." + element.className,
      colours: style.color + " on " + under.join(" "),
      ratio: ratio(over(colour(style.color), under), under),
      wanted: large ? 3 : 4.5,
    };
  });
}
"""


def problems_of(page: Page, rules: Sequence[str] = RULES, *, off: Sequence[str] = ()) -> list[str]:
    """Return what axe finds on the open page, and whether it is wider than the window."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = [
        f"{page.url} {rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in page.evaluate(RUN, [rules, off])
        for node in rule["nodes"]
    ]
    return [*found, *too_wide(page)]


def too_wide(page: Page) -> list[str]:
    width = page.viewport_size["width"]  # type: ignore[index]
    actual = page.evaluate("document.documentElement.scrollWidth")
    return [f"{page.url} is {actual} wide in {width}"] if actual > width else []


def too_faint(page: Page, scheme: str) -> list[str]:
    """Return what cannot be read well in the light or in the dark."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.evaluate("Promise.all(document.getAnimations().map(({finished}) => finished))")
    texts = page.evaluate(FAINT)
    assert texts
    return [f"{page.url} {scheme}: {text}" for text in texts if text["ratio"] < text["wanted"]]


def set_width(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})


def assert_accessible(page: Page, *addresses: str) -> None:
    """Look at pages on a phone, on a tablet and on a desk, in the light and in the dark.

    A page is loaded once and given other widths, as when a phone is turned.
    """
    found = []
    for address in addresses:
        set_width(page, 360)
        page.problems.clear()  # type: ignore[attr-defined]
        page.goto(address)
        found += too_faint(page, "dark") + too_faint(page, "light")
        set_width(page, 768)
        found += too_wide(page)
        set_width(page, 1280)
        found += too_faint(page, "dark") + too_faint(page, "light")
        # Read before axe is put into the page, which writes styles of its own.
        problems = page.problems  # type: ignore[attr-defined]
        found += [problem for problem in problems if not re.search("status of 4(04|10)", problem)]
        # On a desk nothing is folded.
        found += problems_of(page)
        set_width(page, 360)
        found += problems_of(page, off=AT_ONE_WIDTH)
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("catalogue")
def test_contrast_is_what_axe_says_it_is(open_page: Callable[..., Page]) -> None:
    page = open_page("/training/")
    ours = {text["ratio"] for text in page.evaluate(FAINT)}
    page.evaluate(AXE)
    found = page.evaluate("axe.run({runOnly: ['color-contrast'], resultTypes: ['passes']})")
    details = [node["any"][0]["data"] for rule in found["passes"] for node in rule["nodes"]]
    theirs = {one["contrastRatio"] for one in details if one and "contrastRatio" in one}
    assert len(theirs) > 3
    assert all(min(abs(one - other) for other in ours) < 0.11 for one in theirs)


@pytest.mark.usefixtures("catalogue")
def test_public_pages(open_page: Callable[..., Page]) -> None:
    assert_accessible(open_page(), *PUBLIC)


@pytest.mark.usefixtures("catalogue")
def test_the_long_and_the_withdrawn(open_page: Callable[..., Page]) -> None:
    long = make_review(title="Safeguarding " * 18, summary="w" * 2500, aliases="x" * 240)
    gone = make_review(title="Gone", state=State.WITHDRAWN)
    assert_accessible(open_page(), long.get_absolute_url(), "/reviews/", gone.get_absolute_url())


@pytest.mark.usefixtures("catalogue")
def test_pages_of_staff(staff_page: Callable[..., Page]) -> None:
    page = staff_page("/admin/", fields={"is_superuser": True})
    review = PracticeReview.objects.get(slug="vamp")
    draft = make_review(state=State.DRAFT, title="Sample draft (fictional)")
    session = Session.objects.first()
    assert session is not None
    assert_accessible(
        page,
        "/admin/",
        "/admin/reviews/",
        "/admin/reviews/practicereview/",
        "/admin/reviews/practicereview/add/",
        f"/admin/reviews/practicereview/{review.pk}/change/",
        f"/admin/reviews/practicereview/{review.pk}/history/",
        f"/admin/reviews/practicereview/{draft.pk}/delete/",
        f"/admin/reviews/practicereview/step/publish/?id={draft.pk}",
        f"/admin/reviews/practicereview/step/schedule/?id={review.pk}&id={draft.pk}",
        f"/admin/reviews/practicereview/step/withdraw/?id={review.pk}",
        "/admin/reviews/document/",
        f"/admin/training/course/{session.course.pk}/change/",
        "/admin/training/session/",
        f"/admin/training/session/{session.pk}/change/",
        f"/admin/training/session/step/cancel/?id={session.pk}",
        f"/admin/training/session/step/move/?id={session.pk}",
        "/admin/training/venue/1/change/",
        "/admin/mscp/siteidentity/1/change/",
        "/admin/mscp/page/1/change/",
        draft.get_absolute_url(),
    )
