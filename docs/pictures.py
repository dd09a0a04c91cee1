"""Take the pictures of the README and the guides: ``make pictures``.

Starts a site of its own with the fictional samples, works in it as a publisher does, and writes
what Chromium shows to docs/img/. Run it after a change of what the guides show, and look at what
it made before you commit it.
"""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from docs.studio import LOAD_IMAGES, chromium, load_samples, new_page, sample_site, sign_in

FOLDER = Path(__file__).parent / "img"
# Both are held by tests/test_docs.py too.
LARGEST_PICTURE = 80_000
LARGEST_IN_ALL = 700_000
# Text on plain paper needs no more; each halving saves about a sixth of the file.
COLOURS = 64
WIDTH = 1000
TITLE = "Sample oak (fictional)"
COURSE = "Sample course (fictional)"


class Camera:
    """Takes pictures of one signed-in page and of what readers see."""

    def __init__(self, staff: Page, reader: Page) -> None:
        self.staff, self.reader = staff, reader
        self.taken: dict[str, int] = {}

    def take_staff(self, name: str, *, start: str = ".breadcrumbs", height: int) -> None:
        """Write the picture of a page of the admin, without its banner."""
        self.take(name, self.staff, start=self.staff.locator(start).first, height=height)

    def take(self, name: str, page: Page, *, start: Locator | None = None, height: int) -> None:
        """Write the picture of ``height`` CSS pixels below the top of ``start`` or of the page."""
        page.evaluate("document.activeElement?.blur()")
        page.evaluate(LOAD_IMAGES)
        box = start.bounding_box() if start else None
        scrolled = page.evaluate("window.scrollY")
        top = max(0, box["y"] + scrolled) if box else 0
        height = min(height, int(page.evaluate("document.documentElement.scrollHeight") - top))
        clip = {"x": 0, "y": top, "width": WIDTH, "height": height}
        data = page.screenshot(full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]
        picture = Image.open(BytesIO(data)).convert("RGB")
        picture = picture.quantize(COLOURS, dither=Image.Dither.NONE)
        path = FOLDER / f"{name}.png"
        picture.save(path, optimize=True)
        self.taken[name] = path.stat().st_size


def setting_up(camera: Camera) -> None:
    """Look at the guide of a new site, on which the first numbers are written."""
    page = camera.staff
    page.goto("/admin/mscp/concerncontact/add/")
    page.get_by_label("Whom the number reaches").fill("Sample desk (fictional)")
    page.get_by_label("Telephone").fill("020 7946 0001")
    page.get_by_role("button", name="Save", exact=True).click()
    # It is on every page at once, so it is asked about.
    page.get_by_label("Yes, 020 7946 0001 is right").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/admin/")
    camera.take_staff("setting-up", start="#content", height=720)
    page.goto("/admin/mscp/concerncontact/")
    page.get_by_role("link", name="Sample desk (fictional)").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Yes, I’m sure").click()


def without_banner(camera: Camera) -> None:
    """Take away what `seed` says of the moved training, and end the guide of a new site."""
    page = camera.staff
    page.goto("/admin/mscp/siteidentity/")
    page.get_by_label("Notice banner").fill("")
    page.get_by_label("E-mail for questions").fill("ask@example.org")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")


def dashboard(camera: Camera) -> None:
    camera.staff.goto("/admin/")
    camera.take_staff("dashboard", start="#content", height=450)


def publish(camera: Camera) -> None:
    """Write a review, look at its preview, publish it."""
    page = camera.staff
    page.goto("/admin/reviews/practicereview/add/")
    page.get_by_label("Type").select_option("lcspr")
    page.get_by_label("Pseudonym").fill("Oak")
    page.get_by_label("Reference of the child").fill("Child Z")
    page.get_by_label("Title").first.fill(TITLE)
    page.get_by_label("Summary").fill("An invented review, which shows how a form is filled in.")
    page.get_by_label("Date of the report").fill("July 2026")
    page.get_by_text("Add another Document").click()
    page.locator("#id_documents-0-title").fill("Report (fictional)")
    page.locator("#documents-0").get_by_role("button", name="An address elsewhere").click()
    page.locator("#id_documents-0-url").fill("https://example.org/report")
    camera.take_staff("review-form", height=800)
    row = page.locator(".submit-row")
    camera.take_staff("review-buttons", start=".submit-row", height=130)
    row.get_by_role("button", name="Save and publish…").click()
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_visible()
    camera.take_staff("publish", height=330)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text(f"{TITLE}: published.")).to_be_visible()


def withdraw(camera: Camera) -> None:
    page = camera.staff
    page.goto("/admin/reviews/practicereview/")
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("button", name="Save and withdraw…").click()
    page.get_by_label("Reason").fill("A name was left in the report.")
    camera.take_staff("withdraw", height=550)
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_text(f"{TITLE}: withdrawn.")).to_be_visible()


def report(camera: Camera) -> None:
    page = camera.staff
    page.goto("/admin/reviews/practicereview/?state=draft")
    page.get_by_role("link", name="Sample draft with findings (fictional)").click()
    camera.take_staff("document", start="#documents-group", height=480)
    page.goto(page.get_by_role("link", name="Open its report").first.get_attribute("href") or "")
    expect(page.get_by_role("button", name="Use the cleaned copy")).to_be_visible()
    camera.take_staff("document-report", height=1130)


def learning(camera: Camera) -> None:
    page = camera.staff
    page.goto("/admin/reviews/briefing/")
    page.get_by_role("link", name="Sample learning (fictional)").click()
    camera.take_staff("learning", start="fieldset:has(.field-reading_time)", height=620)


def programme(camera: Camera) -> None:
    """Import sessions of an invented course, then ask to copy them to the next year."""
    page = camera.staff
    first = date.today() + timedelta(days=40)  # noqa: DTZ011 - the day on this machine's wall
    days = [first, first + timedelta(days=35), first + timedelta(days=70)]
    lines = [f"{COURSE} – {day:%d/%m/%Y}\nSample hall, Sample Street, ZZ1 1ZZ" for day in days]
    page.goto("/admin/training/session/")
    page.get_by_role("link", name="Import a programme").click()
    page.get_by_label("Or lines of text").fill("\n".join(lines))
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", name="Nothing is added yet")).to_be_visible()
    camera.take_staff("import", height=900)
    # What is new is made only on a tick.
    for _ in ("the venue", "the course"):
        page.get_by_role("button", name="Tick all of them").first.click()
    page.get_by_role("button", name="Import 3 sessions").first.click()
    expect(page.get_by_text("3 sessions were imported.")).to_be_visible()
    page.goto(f"/admin/training/session/?q={COURSE.split()[0]}")
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option("copy")
    page.get_by_role("button", name="Go", exact=True).click()
    page.get_by_label("All by so many weeks").fill("52")
    page.get_by_role("button", name="Work out the days").click()
    expect(page.get_by_role("button", name="Copy 3")).to_be_visible()
    camera.take_staff("copy-sessions", height=680)


def search(camera: Camera) -> None:
    camera.reader.goto("/search/?q=home+baby&type=lcspr")
    camera.take("search", camera.reader, height=900)


def review_page(camera: Camera) -> None:
    page = camera.reader
    page.goto("/reviews/?q=fictional")
    page.get_by_role("link", name="Sample review (fictional)").first.click()
    camera.take("review-page", page, height=900)


SHOTS: list[Callable[[Camera], None]] = [
    without_banner,
    dashboard,
    publish,
    review_page,
    search,
    report,
    learning,
    programme,
    withdraw,
]


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    with sample_site(loaded=False) as site, chromium() as browser:
        camera = Camera(new_page(browser, site, WIDTH), new_page(browser, site, WIDTH))
        sign_in(camera.staff, site)
        setting_up(camera)
        load_samples(site.environment)
        for shot in SHOTS:
            shot(camera)
    return _summary(camera.taken)


def _summary(taken: dict[str, int]) -> int:
    """Print the sizes in bytes, and name the pictures that nothing makes any more."""
    for name, size in taken.items():
        print(f"{name:18} {size:>7,} bytes")
    print(f"{'in all':18} {sum(taken.values()):>7,} bytes")
    too_large = [name for name, size in taken.items() if size > LARGEST_PICTURE]
    if sum(taken.values()) > LARGEST_IN_ALL:
        too_large.append("all of them together")
    for name in too_large:
        print(f"Too large: {name}", file=sys.stderr)
    for path in sorted(FOLDER.glob("*.png")):
        if path.stem not in taken:
            print(f"Not taken here, so delete it: {path.name}", file=sys.stderr)
            too_large.append(path.name)
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
