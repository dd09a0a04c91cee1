"""A real browser: Debian's Chromium, driven by Playwright, on the real pages."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from tests.factories import make_user
from tests.snapshots import Snapshot

# The shell has no windows, tabs or extensions to keep, and takes half the processor time.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]
FLAGS += ["--disable-component-update", "--disable-sync", "--no-first-run"]

# Playwright runs an event loop in this thread; Django must not mistake it for its own.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts and CHROMIUM is None and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason="no chromium is installed on this machine"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def seeded() -> list[Snapshot]:
    """Keep the database with the catalogue, from when a test first asks for it."""
    return []


@pytest.fixture
def catalogue(transactional_db: None, settings: Any, seeded: list[Snapshot]) -> None:
    if seeded:
        seeded[0].put_back()
        return
    # Its history takes longer to write than all the rest, and no test here reads it.
    settings.SIMPLE_HISTORY_ENABLED = False
    call_command("seed", "--shift-training", stdout=StringIO())
    settings.SIMPLE_HISTORY_ENABLED = True
    seeded.append(Snapshot())


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Return a function that opens an address of the site at a width."""
    contexts = []

    def open_(
        address: str = "/", *, width: int = 1280, session: str | None = None, **options: Any
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, base_url=live_server.url, **options
        )
        contexts.append(context)
        if session:
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.problems = []  # type: ignore[attr-defined]
        page.requested = []  # type: ignore[attr-defined]
        page.on(
            "console",
            lambda m: page.problems.append(m.text) if m.type in ("error", "warning") else None,  # type: ignore[attr-defined]
        )
        page.on("pageerror", lambda error: page.problems.append(str(error)))  # type: ignore[attr-defined]
        page.on("request", lambda request: page.requested.append(request.url))  # type: ignore[attr-defined]
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    # Each connection has a thread of the server, which lets go of the database at its end: not
    # while the next test has it, nor after the last.
    for thread in threading.enumerate():
        if thread.name.endswith("(process_request_thread)"):
            thread.join(20)


def session_of(user: Any) -> str:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def staff_page(open_page: Callable[..., Page], transactional_db: None) -> Callable[..., Page]:
    """Return a function that opens an address as somebody who has signed in before."""

    def open_(address: str, *groups: str, **options: Any) -> Page:
        user = make_user(*groups, **options.pop("fields", {}))
        return open_page(address, session=session_of(user), **options)

    return open_


@pytest.fixture
def sign_in_by_form(open_page: Callable[..., Page], transactional_db: None) -> Callable[..., Page]:
    """Return a function that signs somebody in as people do, which ends where staff begin."""

    def open_(*groups: str, **fields: Any) -> Page:
        user = make_user(*groups, **fields)
        page = open_page("/staff/sign-in/")
        page.get_by_label("User name").fill(user.username)
        page.get_by_label("Password").fill("a long password")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/admin/")
        return page

    return open_
