"""Photograph every type of page: ``make screenshots``.

At three widths, in the light, in the dark and on paper, as far as a window shows, into
docs/screenshots/ with an index of all. Run it after a change of how pages look, and look at what
it made before you commit it.
"""

import sys
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pypdfium2
from PIL import Image
from playwright.sync_api import Page

from docs.studio import LOAD_IMAGES, Site, chromium, new_page, sample_site, sign_in
from tests.servers import run

FOLDER = Path(__file__).parent / "screenshots"
# CSS pixels: a phone, a tablet, a desk.
WINDOWS = {360: 740, 768: 900, 1280: 900}
SCHEMES = ("light", "dark")
# All together; tests/test_docs.py holds it too.
LARGEST_IN_ALL = 3_200_000
# Text on plain paper needs no more; so many, without loss, take half of what WebP with loss does.
COLOURS = 18
# Of a sheet of paper, to the pixels of a screen.
SCALE = 0.8

GONE = "/reports/out-of-routine/"
# The place of the address may have moved with the width.
SCROLL = """() => location.hash
    ? document.querySelector(location.hash).scrollIntoView()
    : window.scrollTo(0, 0)"""


class PageType(NamedTuple):
    """A type of page, with an example of it."""

    name: str
    title: str
    template: str
    address: str
    """Of the example; or what is found at ``text`` on the page at this address."""
    link: str = ""
    """The name of the link on that page which leads to the example."""
    for_staff: bool = False


SAMPLE = "Sample review (fictional)"
PAGE_TYPES = [
    PageType("home", "Home", "pages/home.html", "/"),
    PageType("reviews", "List", "reviews/publication_list.html", "/reviews/"),
    PageType(
        "review", "Practice review", "reviews/practice_review_detail.html", "/reviews/", SAMPLE
    ),
    PageType(
        "report",
        "National report",
        "reviews/national_report_detail.html",
        "/reports/the-myth-of-invisible-men/",
    ),
    PageType(
        "learning",
        "7-minute learning",
        "reviews/briefing_detail.html",
        "/learning/",
        "Sample learning (fictional)",
    ),
    PageType(
        "reading",
        "Text of a document",
        "reviews/reading_page.html",
        "/search/?q=baby+bruises",
        "Page 8 of 13",
    ),
    PageType("training", "Training", "training/session_list.html", "/training/"),
    PageType("month", "Month", "training/session_list.html", "/training/?view=month"),
    PageType(
        "course",
        "Course",
        "training/course_detail.html",
        "/training/multi-agency-safeguarding-training/",
    ),
    PageType("venues", "Venues", "training/venue_list.html", "/training/venues/"),
    PageType("venue", "Venue", "training/venue_detail.html", "/training/venues/canterbury-road/"),
    PageType("themes", "Themes", "pages/theme_list.html", "/themes/"),
    PageType("theme", "Theme", "pages/theme_detail.html", "/themes/vulnerable-babies/"),
    PageType("search", "Search", "pages/search.html", "/search/?q=baby+bruises"),
    PageType("nothing", "Nothing found", "pages/search.html", "/search/?q=zebra&type=scr"),
    PageType("new", "What is new", "pages/new.html", "/new/"),
    PageType("numbers", "Numbers to call", "pages/numbers_to_call.html", "/numbers-to-call/"),
    PageType("about", "A page that staff write", "pages/page.html", "/about/"),
    PageType(
        "accessibility",
        "Accessibility statement",
        "pages/accessibility.html",
        "/accessibility/",
    ),
    PageType("developers", "For developers", "pages/developers.html", "/developers/"),
    PageType("gone", "Withdrawn", "410.html", GONE),
    PageType("nothing-here", "Not found", "404.html", "/no-such-page/"),
    PageType("sign-in", "Sign-in of staff", "account/login.html", "/staff/sign-in/"),
    PageType("style-guide", "Style guide", "pages/styleguide.html", "/styleguide/", for_staff=True),
]
WITHDRAW = f"""
from reviews.models import NationalReport
report = NationalReport.objects.get(slug={GONE.split("/")[-2]!r})
report.withdraw(reason="An example", name=report.title)
"""


def in_few_colours(picture: Image.Image) -> Image.Image:
    """Return the picture in its commonest colours, which stay as they are."""
    counted = picture.getcolors(picture.width * picture.height) or []
    commonest = [colour for _, colour in sorted(counted, reverse=True)[:COLOURS]]
    palette = Image.new("P", (1, 1))
    palette.putpalette(bytes(part for colour in commonest for part in colour))  # type: ignore[union-attr]
    return picture.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")


class Photographer:
    def __init__(self) -> None:
        self.taken: dict[str, int] = {}

    def save(self, name: str, data: bytes | Image.Image) -> None:
        picture = data if isinstance(data, Image.Image) else Image.open(BytesIO(data))
        path = FOLDER / f"{name}.webp"
        in_few_colours(picture.convert("RGB")).save(path, lossless=True, method=6)
        self.taken[path.name] = path.stat().st_size

    def photograph(self, page: Page, kind: PageType) -> None:
        for width, height in WINDOWS.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.evaluate(LOAD_IMAGES)
                page.evaluate(SCROLL)
                self.save(f"{kind.name}-{width}-{scheme}", page.screenshot(animations="disabled"))
        page.emulate_media(color_scheme="light")
        printed = page.pdf(format="A4", prefer_css_page_size=True, print_background=True)
        first = pypdfium2.PdfDocument(printed)[0]
        self.save(f"{kind.name}-print", first.render(scale=SCALE).to_pil())


def open_example(page: Page, kind: PageType) -> None:
    page.goto(kind.address)
    if kind.link:
        page.get_by_role("main").get_by_role("link", name=kind.link).first.click()
        page.wait_for_load_state()


def index() -> str:
    """Return the page that shows all of them."""
    parts = [
        "# Every type of page",
        "",
        "As far as a window shows it, from the catalogue and the fictional samples.",
        "`make screenshots` takes them all anew.",
        "",
    ]
    columns = [f"{width}-{scheme}" for scheme in SCHEMES for width in WINDOWS]
    for kind in PAGE_TYPES:
        parts += [f"## {kind.title}", ""]
        for scheme in SCHEMES:
            parts += [_pictures(kind, [one for one in columns if scheme in one]), ""]
        parts += [_pictures(kind, ["print"]), ""]
    return "\n".join(parts)


def _pictures(kind: PageType, endings: list[str]) -> str:
    return " ".join(
        f"![{kind.title}, {ending.replace('-', ' pixels wide, in the ', 1)}]"
        f"({kind.name}-{ending}.webp)"
        if "-" in ending
        else f"![{kind.title}, on paper]({kind.name}-{ending}.webp)"
        for ending in endings
    )


def take(site: Site, photographer: Photographer) -> None:
    with chromium() as browser:
        reader, staff = (new_page(browser, site, 1280) for _ in range(2))
        sign_in(staff, site)
        for kind in PAGE_TYPES:
            page = staff if kind.for_staff else reader
            page.set_viewport_size({"width": 1280, "height": 900})
            open_example(page, kind)
            photographer.photograph(page, kind)


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    photographer = Photographer()
    with sample_site() as site:
        run(site.environment, "manage.py", "shell", "--no-imports", "-c", WITHDRAW)
        take(site, photographer)
    (FOLDER / "README.md").write_text(index(), encoding="utf-8")
    total = sum(photographer.taken.values())
    print(f"{len(photographer.taken)} pictures, {total:,} bytes")
    for path in sorted(FOLDER.glob("*.webp")):
        if path.name not in photographer.taken:
            path.unlink()
    if total > LARGEST_IN_ALL:
        print("Too large: all of them together", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
