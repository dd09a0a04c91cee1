"""The second factor in a browser: an app's QR code read by a camera, and a real passkey."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.cache import cache
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, expect

from mscp.models import AccountEvent
from tests.browser.test_accessibility import problems_of
from tests.factories import make_identity, make_user
from tests.mscp.editing.test_second_factor import code_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.SECOND_FACTOR = True
    cache.clear()


def type_password(page: Page) -> None:
    page.get_by_label("User name").fill("ed")
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Sign in").click()


def look(page: Page) -> None:
    """Fail on what axe finds on the open page, what is too wide, and what the console says."""
    said = list(page.problems)  # type: ignore[attr-defined]
    assert [*said, *problems_of(page)] == []
    # axe writes styles of its own, which the policy of the page forbids.
    page.problems.clear()  # type: ignore[attr-defined]


def on_localhost(open_page: Callable[..., Page], live_server: Any, **options: Any) -> Page:
    """Open the sign-in page where passkeys work without https (WebAuthn, 5.1.3)."""
    address = live_server.url.replace("127.0.0.1", "localhost")
    return open_page(f"{address}/staff/sign-in/", **options)


@pytest.mark.parametrize("width", [360, 1280])
def test_an_app_is_set_up_by_its_square_and_asked_for_at_the_next_sign_in(
    open_page: Callable[..., Page], width: int
) -> None:
    make_identity(name="Anytown Partnership", abbreviation="AP")
    make_user("Editors", username="ed", email="ed@example.org")
    page = open_page("/admin/", width=width)
    type_password(page)
    page.wait_for_url("**/staff/second-factor/*")
    look(page)
    page.get_by_role("link", name="Set up an app").click()
    look(page)
    drawn = Image.open(BytesIO(page.locator(".qr-code").screenshot()))
    (code,) = zxingcpp.read_barcodes(drawn)
    assert code.text.startswith("otpauth://totp/ed?") and "issuer=AP" in code.text
    secret = re.search("secret=([A-Z2-7]+)", code.text)
    assert secret
    page.get_by_role("textbox", name="Code").fill(code_of(secret[1]))
    page.get_by_role("button", name="Set it up").click()
    page.wait_for_url("**/codes/")
    look(page)
    spare = page.locator(".recovery-codes code").all_inner_texts()
    assert len(spare) == 10
    page.get_by_role("link", name="go on").click()
    page.wait_for_url("**/admin/")
    page.context.clear_cookies()
    page.goto("/admin/")
    type_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    look(page)
    page.get_by_role("textbox", name="Code").fill(f"{spare[0][:4]} {spare[0][4:]}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")
    look(page)


def test_a_passkey_is_added_and_signs_in(
    open_page: Callable[..., Page], live_server: Any, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    make_user("Editors", username="ed")
    page = on_localhost(open_page, live_server)
    type_password(page)
    page.wait_for_url("**/staff/second-factor/*")
    page.get_by_role("link", name="Add a passkey").click()
    look(page)
    # After looking, which ends a session of the tools of developers, and with it such a passkey.
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.get_by_label("Its name").fill("Office computer")
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/codes/")
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    page.context.clear_cookies()
    page.goto(f"{live_server.url.replace('127.0.0.1', 'localhost')}/admin/")
    type_password(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/admin/")
    assert AccountEvent.objects.filter(kind="signed_in", detail="with passkey").exists()
    look(page)


def test_without_javascript_a_code_still_signs_in(
    open_page: Callable[..., Page], live_server: Any
) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(make_user("Editors", username="ed"), secret)
    page = open_page("/staff/sign-in/", java_script_enabled=False)
    type_password(page)
    assert not page.get_by_role("button", name="Use a passkey").is_visible()
    page.get_by_role("textbox", name="Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_colleague_chooses_a_password_by_the_link_of_an_invitation(
    open_page: Callable[..., Page], settings: Any, width: int
) -> None:
    settings.SECOND_FACTOR = False
    client = Client()
    backend = settings.AUTHENTICATION_BACKENDS[0]
    client.force_login(make_user(username="ada", is_superuser=True), backend=backend)
    colleague = {"name": "Amina Khan", "email": "amina@example.org", "role": "training"}
    client.post("/admin/auth/user/add/", colleague)
    (path,) = re.findall(r"/staff/welcome/\S+", str(mail.outbox[0].body))
    page = open_page(path, width=width)
    look(page)
    page.get_by_label("Password").fill("three words together")
    page.get_by_label("The same again").fill("three words together")
    page.get_by_role("button", name="Keep this password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your password is changed")
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("User name").fill("amina.khan")
    page.get_by_label("Password").fill("three words together")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")
