"""The site and the browser with which pictures are taken: a site of its own, with the samples."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers import gunicorn, run, set_up, site_environment

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
# Those below the first screen wait to be scrolled to.
LOAD_IMAGES = """() => Promise.all([...document.images].map(image => {
    image.loading = 'eager';
    return image.decode().catch(() => {});
}))"""


class Site(NamedTuple):
    address: str
    password: str
    """Of its three staff."""
    environment: Mapping[str, str]
    port: int
    pid: int


@contextmanager
def sample_site(*, loaded: bool = True, **more: str) -> Iterator[Site]:
    """Serve the catalogue and the fictional samples, through gunicorn alone, until it is left.

    Not ``loaded``, it is empty until ``load_samples``.
    """
    folder = Path(tempfile.mkdtemp(prefix="pictures-"))
    environment = site_environment(folder, **more)
    try:
        set_up(environment)
        if loaded:
            load_samples(environment)
        run(environment, "manage.py", "local_staff")
        password = (folder / "staff-password").read_text(encoding="ascii").strip()
        with gunicorn(environment) as (port, pid):
            yield Site(f"http://127.0.0.1:{port}", password, environment, port, pid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def load_samples(environment: Mapping[str, str]) -> None:
    run(environment, "manage.py", "seed", "--shift-training", "--samples")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
            args=FLAGS,
        )
        yield browser
        browser.close()


def new_page(browser: Browser, site: Site, width: int, height: int = 900) -> Page:
    """Open a window of its own as a reader has it, where nothing moves."""
    context = browser.new_context(
        base_url=site.address,
        viewport={"width": width, "height": height},
        color_scheme="light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/London",
    )
    # The admin remembers there whether its list of models is open.
    context.add_init_script("localStorage.setItem('django.admin.navSidebarIsOpen', 'false')")
    return context.new_page()


def sign_in(page: Page, site: Site) -> None:
    page.goto("/staff/sign-in/")
    page.get_by_label("User name").fill("publisher")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")
