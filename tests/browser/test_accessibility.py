"""axe finds nothing on any page, narrow and wide, light and dark; none is wider than its window."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.test import Client
from django.urls import get_resolver, resolve
from playwright.sync_api import Page, expect

from mscp.editing.actions import keep_change, line_of
from mscp.editing.publishing import PublishableAdmin
from mscp.models import (
    AccountEvent,
    AccountEventKind,
    Redirect,
    SearchSynonym,
    StatementConfirmation,
)
from mscp.publishing.gate import State
from mscp.publishing.identifiers import owner_of, settle
from mscp.publishing.preview_links import PreviewLink
from mscp.publishing.releases import Release
from mscp.web.errors import plain_error
from mscp.web.unavailable import NO_ROOM
from reviews.models import DocumentFile, PageCorrection, PracticeReview, Theme
from tests.factories import (
    MINIMAL_PDF,
    make_audience,
    make_backup,
    make_briefing,
    make_correction,
    make_document,
    make_file,
    make_finding,
    make_pending_change,
    make_picture,
    make_review,
    make_user,
    paragraph,
)
from tests.mscp.listing.test_reading_pages import ONLY_POST
from tests.snapshots import NOW
from tests.test_public_surfaces import routes
from tests.training.programme.steps import paste
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
    "/new/",
    "/themes/vulnerable-babies/",
    "/search/?q=bruising",
    "/about/",
    "/privacy/",
    "/numbers-to-call/",
    "/developers/",
    "/no-such-page/",
    "/staff/sign-in/",
    "/staff/password/",
    "/staff/sign-up/",
]
HTML = "text/html"
AXE = Axe().axe_script
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# For the contrast of colours axe looks up what lies under each letter, which takes longer than all
# other rules. We compute it ourselves, for more widths and colours, and ask axe where we cannot.
CONTRAST = "color-contrast"
# These read all style sheets and sounds, which takes them long: once each is enough.
OF_WHAT_IS_LOADED = ["css-orientation-lock", "no-autoplay-audio"]
LOADED = """
() => [...document.styleSheets].map((sheet) => sheet.href || sheet.ownerNode.textContent)
  .concat([...document.querySelectorAll("audio, video")].map((media) => media.outerHTML))
"""
# What it has nothing against it describes just as fully, which takes it longer than all the rest.
RUN = """
([rules, off, preload]) => axe.run({
  runOnly: rules,
  rules: Object.fromEntries(off.map(rule => [rule, {enabled: false}])),
  resultTypes: ["violations"],
  preload,
}).then(found => found.violations)
"""
# Contrast as WCAG 2.2 defines it (1.4.3), of each text with the backgrounds of what it is in. It is
# unsure where another box with a colour lies over or under the text, and where something is
# transparent, mixed or painted with a picture.
CONTRASTS = """
() => {
  const colour = (text) => {
    const [red, green, blue, alpha = 1] = text.match(/[\\d.]+/g).map(Number);
    const scale = text.startsWith("color(") ? 255 : 1;
    return [red * scale, green * scale, blue * scale, alpha];
  };
  const over = (top, under) =>
    [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const own = (element) => colour(getComputedStyle(element).backgroundColor);
  const grounds = new Map([[null, [255, 255, 255, 1]]]);
  const behind = (element) => {
    if (!grounds.has(element)) {
      const top = own(element);
      grounds.set(element, top[3] === 1 ? top : over(top, behind(element.parentElement)));
    }
    return grounds.get(element);
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
  const all = [...document.querySelectorAll("body, body *")];
  const isShown = (element) =>
    element.getClientRects().length && element.checkVisibility(seen)
    && !element.closest("script, style, option, .visually-hidden");
  const mixed = new Set(), painted = [];
  let looked = false;
  // Of the whole page, and only where somebody asks what is unsure.
  const lookAtBoxes = () => {
    for (const element of all.filter(isShown)) {
      const style = getComputedStyle(element);
      const picture = style.backgroundImage !== "none";
      if (picture || style.opacity !== "1" || style.mixBlendMode !== "normal"
          || style.filter !== "none" || style.textShadow !== "none") mixed.add(element);
      if (picture || colour(style.backgroundColor)[3] || element.matches("img, svg, canvas, video"))
        painted.push([element, element.getBoundingClientRect()]);
    }
  };
  const range = document.createRange();
  const boxes = (element) => element.matches("input, select, textarea")
    ? [...element.getClientRects()]
    : [...element.childNodes].filter((node) => node.nodeType === 3).flatMap((node) => {
      range.selectNodeContents(node);
      return [...range.getClientRects()];
    });
  const meet = (one, other) =>
    one.left + 1 < other.right && other.left + 1 < one.right
    && one.top + 1 < other.bottom && other.top + 1 < one.bottom;
  // Whether a text and its background are both in front of another box.
  const inFront = (element, box, other) => {
    let ground = element;
    while (ground && own(ground)[3] !== 1) ground = ground.parentElement;
    const found = document.elementsFromPoint(
      (box.left + box.right) / 2, (box.top + box.bottom) / 2
    );
    const [text, back, rest] = [element, ground, other].map((one) => found.indexOf(one));
    // The colour of the body is behind everything.
    return ground !== document.body && 0 <= text && text <= back && back < rest;
  };
  const unsure = (element) => {
    if (!looked) lookAtBoxes();
    looked = true;
    for (let outer = element; outer; outer = outer.parentElement)
      if (mixed.has(outer)) return true;
    const others = painted.filter(([other]) => !other.contains(element));
    return boxes(element).some((box) => others.some(
      ([other, its]) => meet(box, its) && !inFront(element, box, other)
    ));
  };
  return all.filter((element) =>
    says(element) && isShown(element) && !element.closest(":disabled, [aria-disabled=true]")
  ).map((element) => {
    const style = getComputedStyle(element);
    const under = behind(element);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    return {
      element,
      unsure,
      words: (element.textContent || element.value).trim().slice(0, 40),
      kind: element.tagName.toLowerCase() + "." + element.className,
      colours: style.color + " on " + under.join(" "),
      ratio: ratio(over(colour(style.color), under), under),
      wanted: large ? 3 : 4.5,
    };
  });
}
"""
FAINT = f"""
() => {{
  const texts = ({CONTRASTS})();
  // All of them would take longer to tell than to find.
  const faint = texts.filter(({{ ratio, wanted }}) => !(ratio >= wanted));
  return [texts.length, faint.map(({{ element, unsure, ...rest }}) => rest)];
}}
"""
# Of what we are unsure. Without an element axe would look at all.
UNSURE = f"""
async () => {{
  const include = ({CONTRASTS})()
    .filter(({{ element, unsure }}) => unsure(element)).map(({{ element }}) => element);
  if (!include.length) return [];
  const options = {{ runOnly: ["{CONTRAST}"], resultTypes: ["violations"], preload: false }};
  return (await axe.run({{ include }}, options)).violations;
}}
"""


def put_axe_into(page: Page) -> None:
    # Playwright's own way to evaluate takes the page twice the time.
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE})
    session.detach()


def problems_of(page: Page) -> list[str]:
    """Return what is found on the open page at its width and in its colours."""
    put_axe_into(page)
    return [*found_by_axe(page, set()), *of_unsure(page), *faint(page), *too_wide(page)]


def found_by_axe(page: Page, known: set[str]) -> list[str]:
    """Return what axe finds on the open page; ``known`` are style sheets that it has read."""
    # What is under the bar that saves comes out from it when the page is scrolled.
    page.evaluate(
        "document.querySelectorAll('.submit-row').forEach((b) => b.style.position = 'static')"
    )
    loaded = set(page.evaluate(LOADED))
    read = not loaded <= known
    known |= loaded
    off = [CONTRAST, *([] if read else OF_WHAT_IS_LOADED)]
    return in_words(page, page.evaluate(RUN, [RULES, off, read]))


def of_unsure(page: Page) -> list[str]:
    return in_words(page, page.evaluate(UNSURE))


def in_words(page: Page, rules: list[Any]) -> list[str]:
    return [
        f"{page.url} {rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in rules
        for node in rule["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    width = page.viewport_size["width"]  # type: ignore[index]
    actual = page.evaluate("document.documentElement.scrollWidth")
    return [f"{page.url} is {actual} wide in {width}"] if actual > width else []


def faint(page: Page) -> list[str]:
    """Return what cannot be read well in the colours of now."""
    # A colour that fades into another would still be on its way.
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    texts, found = page.evaluate(FAINT)
    assert texts
    return [f"{page.url} {text}" for text in found]


def too_faint(page: Page, scheme: str) -> list[str]:
    """Return what cannot be read well in the light or in the dark."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    return [f"{scheme}: {text}" for text in faint(page)]


def set_width(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})


def assert_accessible(page: Page, *addresses: str) -> None:
    """Look at pages on a phone, on a tablet and on a desk, in the light and in the dark.

    A page is loaded once and given other widths, as when a phone is turned.
    """
    found: list[str] = []
    known: set[str] = set()
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
        put_axe_into(page)
        found += found_by_axe(page, known) + of_unsure(page) + too_wide(page)
        set_width(page, 360)
        found += found_by_axe(page, known) + too_wide(page)
    assert not found, "\n".join(found)


# What axe has looked at, beside what we say of the same element.
BESIDE_AXE = f"""
async () => {{
  const ours = new Map(({CONTRASTS})().map((one) => [one.element, one]));
  const options = {{ runOnly: ["{CONTRAST}"], elementRef: true, preload: false }};
  const {{ passes, violations }} = await axe.run(options);
  // A dot between two facts says nothing that must be read.
  const says = ({{ element }}) =>
    /[\\p{{L}}\\p{{N}}]/u.test(element.textContent + (element.value ?? ""));
  return [...passes, ...violations].flatMap((rule) => rule.nodes).filter(says).map((node) => {{
    const {{ contrastRatio, expectedContrastRatio }} = node.any[0].data ?? {{}};
    const our = ours.get(node.element);
    return {{
      target: node.target[0],
      theirs: contrastRatio,
      theirsWanted: parseFloat(expectedContrastRatio),
      ours: our?.ratio,
      wanted: our?.wanted,
      unsure: our?.unsure(node.element),
    }};
  }});
}}
"""


@pytest.mark.usefixtures("catalogue")
def test_contrast_is_what_axe_says_it_is(staff_page: Callable[..., Page]) -> None:
    """Element by element, where we are sure; and there are few where we are not."""
    page = staff_page("/admin/training/session/", fields={"is_superuser": True})
    for address in (page.url, "/training/?view=month"):
        page.goto(address)
        put_axe_into(page)
        found = page.evaluate(BESIDE_AXE)
        assert len(found) > 60 and sum(bool(one["unsure"]) for one in found) < 5
        for one in found:
            # Of an empty box axe says nothing, and it cuts off after two digits.
            if one["theirs"] is not None and not one["unsure"]:
                assert one["ours"] == pytest.approx(one["theirs"], abs=0.011), one
                assert one["wanted"] == one["theirsWanted"], one
    # A dark box behind the heading, which is in none of what the heading is in.
    assert not of_unsure(page) and not faint(page)
    page.evaluate(
        """() => {
          const { left, top, width, height } = document.querySelector("h1").getBoundingClientRect();
          const box = document.body.appendChild(document.createElement("div"));
          Object.assign(box.style, {
            position: "absolute", zIndex: -1, background: "#222", left: left + "px",
            top: top + scrollY + "px", width: width + "px", height: height + "px",
          });
        }"""
    )
    assert not faint(page)
    [problem] = of_unsure(page)
    assert "h1" in problem and "insufficient color contrast" in problem


@pytest.mark.usefixtures("catalogue")
def test_public_pages(open_page: Callable[..., Page]) -> None:
    assert_accessible(open_page(), *PUBLIC)


@pytest.mark.usefixtures("catalogue")
def test_pages_of_what_failed(open_page: Callable[..., Page]) -> None:
    page = open_page()
    pages = [
        plain_error("500.html", status=500).content.decode(),
        plain_error("unavailable.html", fault=NO_ROOM, was_sent=True).content.decode(),
    ]
    page.route(
        "**/failed/*",
        lambda route: route.fulfill(body=pages[int(route.request.url[-1])], content_type=HTML),
    )
    assert_accessible(page, "/failed/0", "/failed/1")


@pytest.mark.usefixtures("catalogue")
def test_the_long_and_the_withdrawn(open_page: Callable[..., Page]) -> None:
    long = make_review(title="Safeguarding " * 18, summary="w" * 2500, aliases="x" * 240)
    gone = make_review(title="Gone", state=State.WITHDRAWN)
    for old in ({}, {"is_exempt": True, "exemption_reason": "Old " * 60}):
        hard_to_read = make_document(long, title="Summary " * 20, pdf=MINIMAL_PDF, **old)
        for kind in ("no_tags", "no_title"):
            make_finding(hard_to_read.file, kind=kind)  # type: ignore[arg-type]
    assert_accessible(
        open_page(),
        long.get_absolute_url(),
        "/reviews/",
        gone.get_absolute_url(),
        "/accessibility/",
    )


@pytest.mark.usefixtures("catalogue")
def test_what_people_outside_read_by_a_link(open_page: Callable[..., Page]) -> None:
    draft = make_review(state=State.DRAFT, title="Sample draft (fictional)", summary="Words.")
    document = make_document(draft, file=make_file(MINIMAL_PDF, pages=["Some text."]))
    reader = "Jane Sample, author of the review and of much else besides"
    link, address = PreviewLink.make(draft, name=reader, days=7, user=make_user())
    page = open_page()
    assert_accessible(page, address, f"{address}documents/{document.uid}/read/")
    # By keyboard alone, from the strip to the form and on.
    page.goto(page.url.partition("/preview/")[0] + address)
    page.get_by_role("link", name="Answer", exact=True).press("Enter")
    page.get_by_label("I have a comment").press("Space")
    page.get_by_role("button", name="Send my answer").press("Enter")
    expect(page.get_by_text("Write your comment.")).to_be_visible()
    assert page.get_by_label("I have a comment").is_checked()
    page.get_by_label("Comment:", exact=True).fill("Page 4.")
    page.get_by_role("button", name="Send my answer").press("Enter")
    expect(page.get_by_text("You commented on")).to_be_visible()
    assert link.answers.get().comment == "Page 4."
    assert page.context.cookies() == []
    assert_accessible(page, address)


# A page of each of these is enough: all models have the same template and the same parts there.
OF_ONE_TEMPLATE = re.compile(
    r"admin:\w+_(add|delete|history|step|compare|merge|identifiers|must_not_appear)"
)
# What is no page of its own: it sends a file, a part of a page or to another; or see ELSEWHERE.
NO_PAGES = re.compile(
    r"admin:(None|login|autocomplete|jsi18n|\w+_(file|cover|now|export|look|simple_history)"
    r"|reviews_documentfile_report|reviews_pagecorrection_change|autosave_typed)"
)
# Walked where what they show is made: tests/browser/test_documents.py, test_nothing_lost.py.
ELSEWHERE = {"admin:reviews_documentfile_report", "admin:autosave_typed"}


def pages_of_staff() -> list[str]:
    """Make what pages show, and return the addresses: each list and form, each other page once."""
    review = PracticeReview.objects.get(slug="vamp")
    draft = make_review(state=State.DRAFT, title="Sample draft (fictional)")
    session = Session.objects.first()
    assert session is not None
    theme, other = Theme.objects.all()[:2]
    lines = [
        {**line_of(review, "Theme added", done=True), "version": version, "before": {}, "after": {}}
        for version in (review.version, 0)
    ]
    many = keep_change(PracticeReview, "Theme added", lines, user=make_user(), can_be_undone=True)
    make_pending_change()
    colleague = make_user("Editors", "Training", email="colleague@example.org")
    change = review.propose_change()
    change.summary = "Other words."
    change.save()
    PracticeReview.objects.filter(pk=review.pk).update(summary="Meanwhile.", publisher="Changed.")
    plain = make_review(state=State.DRAFT, summary="Call 07700 900123, or write to jo@example.org.")
    settle(owner_of(plain), "email", "jo@example.org", reason="The office", user=make_user())
    release = Release.objects.create(title="Monday")
    release.add([draft, change])
    make_briefing(state=State.DRAFT, title="A learning (fictional)", background="- One")
    make_audience()
    Redirect.objects.create(old_path="/old/", new_path="/reviews/")
    SearchSynonym.objects.create(terms="CE, child exploitation")
    StatementConfirmation.objects.create()
    PreviewLink.make(draft, name="Robin Sample", days=7, user=colleague)
    AccountEvent.objects.create(kind=AccountEventKind.SIGNED_IN, at=NOW)
    make_backup()
    staff = Client()
    staff.force_login(make_user(is_superuser=True))
    programme = paste(
        staff, "- Neglect - 14/01/2027\n- Something new - 45 March 2027\n", ticked=False
    )
    reviews = "/admin/reviews/practicereview/"
    return [
        *forms_and_lists(),
        f"{reviews}{change.pk}/change/",
        f"{reviews}{change.pk}/compare/",
        f"{reviews}{plain.pk}/identifiers/",
        f"{reviews}{plain.pk}/must-not-appear/",
        change.get_absolute_url(),
        f"{reviews}step/apply/?id={change.pk}",
        f"/admin/mscp/release/gather/?of=reviews.practicereview:{draft.pk}",
        "/admin/",
        "/admin/reviews/",
        f"{reviews}add/",
        f"{reviews}{review.pk}/change/",
        f"{reviews}{review.pk}/history/",
        f"{reviews}{draft.pk}/delete/",
        f"{reviews}step/publish/?id={draft.pk}",
        f"{reviews}step/ready/?id={draft.pk}",
        f"{reviews}step/approve/?id={draft.pk}",
        f"{reviews}step/schedule/?id={review.pk}&id={draft.pk}",
        f"{reviews}step/withdraw/?id={review.pk}",
        f"{reviews}step/share/?id={draft.pk}",
        f"{reviews}step/themes/?id={review.pk}&id={draft.pk}",
        f"/admin/training/session/step/cancel/?id={session.pk}",
        f"/admin/training/session/step/move/?id={session.pk}",
        f"/admin/training/session/step/set/?id={session.pk}",
        "/admin/training/programmeimport/add/",
        f"/admin/training/programmeimport/{programme.pk}/throw-away/",
        f"/admin/mscp/bulkchange/{many.pk}/undo/",
        f"/admin/reviews/theme/{theme.pk}/merge/",
        f"/admin/reviews/theme/{theme.pk}/merge/?into={other.pk}",
        "/admin/reviews/theme/common/",
        *_pages_of_corrections(draft),
        "/admin/search/?q=child",
        "/admin/search/?q=nothing-of-the-kind",
        "/admin/auth/user/add/",
        f"/admin/auth/user/{colleague.pk}/step/take-access/",
        "/admin/password_change/",
        "/admin/password_change/done/",
        "/staff/second-factor/",
        draft.get_absolute_url(),
        "/styleguide/",
    ]


def _pages_of_corrections(draft: PracticeReview) -> Iterator[str]:
    """Correct a file with a table and a figure, and put another in its place."""
    table = {**paragraph("Table 1: Calls"), "kind": "table", "has_heading": True}
    table["rows"] = [[["Agency"], ["Calls"]], [["School"], ["3"]]]
    figure = {**paragraph("Figure 1"), "kind": "figure", "parts": [], "area": [0, 0, 1, 0.5]}
    old, new = (make_file(MINIMAL_PDF + end, pages=["One word."]) for end in (b"1", b"2"))
    document = make_document(draft, title="Corrected (fictional)", file=old)
    make_picture(old)
    block = {**paragraph("One word"), "read_from": 0}
    make_correction(old, 1, [block, table, figure], by=make_user())
    yield f"/admin/reviews/documentfile/{old.uid}/pages/1/"
    new.document = document
    new.save()
    document.file = new
    document.save()
    yield f"/admin/reviews/documentfile/{new.uid}/corrections-before/"
    yield f"/admin/reviews/documentfile/{new.uid}/word/"


def forms_and_lists() -> Iterator[str]:
    for model, its_admin in admin.site._registry.items():
        if model in (DocumentFile, PageCorrection):
            continue  # They have pages of their own in place of these.
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        record: Any = model._base_manager.order_by("-pk").first()
        assert record is not None, model
        yield from (base, f"{base}{record.pk}/change/")
        if isinstance(its_admin, PublishableAdmin):
            live = model._base_manager.filter(published_at__isnull=False).first()
            if live is not None:
                yield f"{base}{live.pk}/change/"


def kind_of(name: str) -> str:
    found = OF_ONE_TEMPLATE.fullmatch(name)
    return found[1] if found else name


@pytest.mark.usefixtures("catalogue")
def test_the_walk_knows_every_page_of_staff() -> None:
    walked = {resolve(address.partition("?")[0]).view_name for address in pages_of_staff()}
    known = {name for name in routes(get_resolver()) if name.startswith("admin:")}
    pages = {name for name in known - ONLY_POST if not NO_PAGES.fullmatch(name)}
    assert {kind_of(name) for name in pages} <= {kind_of(name) for name in walked}
    assert known >= ELSEWHERE


@pytest.mark.usefixtures("catalogue")
def test_pages_of_staff(staff_page: Callable[..., Page]) -> None:
    page = staff_page("/admin/", fields={"is_superuser": True})
    assert_accessible(page, *pages_of_staff())
