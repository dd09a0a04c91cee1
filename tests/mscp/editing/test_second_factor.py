"""The second factor: asked for at every way in, and set up by whoever has none."""

import base64
import hashlib
import hmac
import html
import json
import re
import struct
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mscp.editing import second_factor
from mscp.models import AccountEvent, AccountEventKind
from mscp.publishing.gate import State
from tests.factories import make_identity, make_review, make_user
from tests.pages import assert_valid, text_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_counted_attempts"),
]

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "a long password"
INDEX, CODE = "/staff/second-factor/", "/staff/second-factor/code/"
CONFIRM = "/staff/second-factor/confirm/"


def code_of(secret: str, *, at: float | None = None) -> str:
    """Calculate a code as an app does (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def test_codes_are_those_of_the_standard() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert code_of(secret, at=1111111109) == "081804"


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.SECOND_FACTOR = True


@pytest.fixture
def ed() -> Any:
    return make_user("Editors", username="ed", email="ed@example.org")


@pytest.fixture
def secured(ed: Any) -> Any:
    TOTP.activate(ed, SECRET)
    return ed


def with_password(**extra: Any) -> Client:
    client = Client(**extra)
    answer = client.post("/staff/sign-in/", {"login": "ed", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def set_up(client: Client) -> list[str]:
    """Set up an app as a person does; return the recovery codes."""
    page = client.get("/staff/second-factor/app/")
    assert_valid(page)
    secret = re.findall(r"<code[^>]*>([A-Z2-7]{32})</code>", page.content.decode())[0]
    codes = client.post("/staff/second-factor/app/", {"code": code_of(secret)}, follow=True)
    assert_valid(codes)
    return re.findall(r"<code>([0-9]{8})</code>", codes.content.decode())


# --- whoever has none -----------------------------------------------------------------------


@pytest.mark.usefixtures("ed")
def test_without_one_a_sign_in_reaches_only_the_page_that_sets_one_up() -> None:
    draft = make_review(state=State.DRAFT)
    client = with_password()
    asked = client.get("/admin/reviews/practicereview/", follow=True)
    assert asked.redirect_chain[-1][0].startswith(INDEX)
    assert "needs a second step" in text_of(asked)
    assert_valid(asked)
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.get("/styleguide/").status_code == Client().get("/styleguide/").status_code
    assert client.post("/admin/reviews/theme/add/", {"name": "X"}).status_code == 302
    for name in ("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "account_login"):
        assert client.get(reverse(name)).url.startswith(INDEX), name


@pytest.mark.usefixtures("ed")
def test_a_draft_and_nothing_are_equal_to_whoever_is_half_way_in() -> None:
    draft = make_review(state=State.DRAFT, title="Oak")
    client = with_password()
    nothing = client.get("/reviews/nothing-at-all/")
    found = client.get(draft.get_absolute_url())
    assert found.status_code == nothing.status_code == 404
    assert found.headers == nothing.headers and found.cookies == nothing.cookies
    assert found.content.replace(b"oak", b"") == nothing.content.replace(b"nothing-at-all", b"")


def test_setting_one_up_opens_the_rest_and_shows_recovery_codes_once(ed: Any) -> None:
    client = with_password()
    codes = set_up(client)
    assert len(codes) == 10
    assert is_in(client)
    # Who comes on from there is not asked to keep what cannot be seen any more.
    assert "recovery codes" not in text_of(client.get("/admin/"))
    again = client.get("/staff/second-factor/codes/")
    assert_valid(again)
    assert "10 of 10 codes are left" in text_of(again)
    assert not any(code in again.content.decode() for code in codes)
    assert Authenticator.objects.filter(user=ed).count() == 2
    (letter,) = mail.outbox
    assert letter.to == ["ed@example.org"] and "second factor" in letter.subject.lower()


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("/admin/reviews/theme/?q=Oak", "/admin/reviews/theme/?q=Oak"),
        ("https://evil.example/admin/", "/admin/"),
        ("//evil.example/", "/admin/"),
    ],
)
@pytest.mark.usefixtures("ed")
def test_setting_one_up_leads_on_to_where_somebody_was_going(asked: str, leads: str) -> None:
    client = with_password()
    client.get(f"/staff/sign-in/?{urlencode({'next': asked})}")
    page = client.get("/staff/second-factor/app/").content.decode()
    secret = re.findall(r"<code[^>]*>([A-Z2-7]{32})</code>", page)[0]
    codes = client.post("/staff/second-factor/app/", {"code": code_of(secret)}, follow=True)
    assert f'href="{leads}">I have kept' in codes.content.decode()


@pytest.mark.usefixtures("ed")
def test_a_wrong_code_sets_nothing_up() -> None:
    client = with_password()
    client.get("/staff/second-factor/app/")
    page = client.post("/staff/second-factor/app/", {"code": "000000"})
    assert page.status_code == 200 and "try the next one" in text_of(page)
    assert not Authenticator.objects.exists() and not is_in(client)


# --- whoever has one ------------------------------------------------------------------------


@pytest.mark.usefixtures("secured")
def test_a_sign_in_asks_for_the_code() -> None:
    client = with_password()
    assert not is_in(client)
    page = client.get(CODE)
    assert_valid(page)
    wrong = client.post(CODE, {"code": "000000"})
    assert "This is not right" in text_of(wrong) and not is_in(client)
    assert client.post(CODE, {"code": code_of(SECRET)}).status_code == 302
    assert is_in(client)


@pytest.mark.usefixtures("secured")
def test_a_code_works_once() -> None:
    first, second = with_password(), with_password()
    first.post(CODE, {"code": code_of(SECRET)})
    second.post(CODE, {"code": code_of(SECRET)})
    assert is_in(first) and not is_in(second)


def test_a_recovery_code_works_once(ed: Any) -> None:
    codes = set_up(with_password())
    first, second = with_password(), with_password()
    for client in (first, second):
        client.post(CODE, {"code": codes[3]})
    assert is_in(first) and not is_in(second)
    assert AccountEvent.objects.filter(account=ed, detail="with recovery codes").count() == 1


@pytest.mark.usefixtures("secured")
def test_five_wrong_codes_close_the_second_step_from_everywhere() -> None:
    client = with_password()
    for number in range(5):
        client.post(CODE, {"code": f"{number:06}"})
    for again in (client, with_password(REMOTE_ADDR="198.51.100.7")):
        blocked = again.post(CODE, {"code": code_of(SECRET)})
        assert "Too many failed" in text_of(blocked) and not is_in(again)


@pytest.mark.usefixtures("secured")
def test_no_other_page_lets_in_who_typed_only_the_password() -> None:
    """The second step is no page that can be left out by asking for the next one."""
    client = with_password()
    for name in ("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_reauthenticate"):
        assert client.get(reverse(name)).status_code == 302, name
    assert not is_in(client)
    # Nor does the form of Django's own admin.
    client.post("/admin/login/", {"username": "ed", "password": PASSWORD})
    assert not is_in(client)


def test_a_session_older_than_the_switch_is_asked(secured: Any, settings: Any) -> None:
    settings.SECOND_FACTOR = False
    client = Client()
    client.force_login(secured, backend=settings.AUTHENTICATION_BACKENDS[0])
    assert is_in(client)
    settings.SECOND_FACTOR = True
    asked = client.get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0].startswith(CONFIRM)
    assert_valid(asked)
    # What changes the second factor is not among what such a session reaches.
    for name in ("mfa_index", "mfa_add_webauthn", "mfa_deactivate_totp", "mfa_activate_totp"):
        assert client.get(reverse(name)).url.startswith(CONFIRM), name
    assert client.post(CONFIRM + "?next=/admin/", {"code": code_of(SECRET)}).url == "/admin/"
    assert is_in(client)


def test_a_session_of_another_account_carries_nothing_over(secured: Any) -> None:
    other = make_user("Publishers", username="pat")
    TOTP.activate(other, SECRET[::-1])
    client = with_password()
    client.post(CODE, {"code": code_of(SECRET)})
    assert is_in(client)
    # A signed-in colleague cannot become another by the form of Django's own admin.
    client.post("/admin/login/", {"username": "pat", "password": PASSWORD})
    assert client.get("/admin/").wsgi_request.user == secured
    session = client.session
    session["_auth_user_id"] = str(other.pk)
    session["_auth_user_hash"] = other.get_session_auth_hash()
    session.save()
    assert not is_in(client)


def test_a_new_password_by_mail_does_not_skip_it(secured: Any) -> None:
    client = Client()
    client.post("/staff/password/", {"email": "ed@example.org"})
    (path,) = re.findall(r"https?://testserver(/staff/password/\S+)", mail.outbox[0].body)
    form = client.get(path, follow=True).redirect_chain[-1][0]
    new = "another long password"
    client.post(form, {"password1": new, "password2": new})
    assert not is_in(client)
    client.post("/staff/sign-in/", {"login": "ed", "password": new})
    assert not is_in(client)
    client.post(CODE, {"code": code_of(SECRET)})
    assert is_in(client)


def test_removing_the_last_one_leads_back_to_setting_one_up(secured: Any) -> None:
    client = with_password()
    client.post(CODE, {"code": code_of(SECRET)})
    page = client.get("/staff/second-factor/app/remove/")
    assert_valid(page)
    assert client.post("/staff/second-factor/app/remove/").status_code == 302
    assert not Authenticator.objects.filter(user=secured).exists()
    assert not is_in(client)
    kinds = set(AccountEvent.objects.values_list("kind", flat=True))
    assert AccountEventKind.FACTOR_REMOVED in kinds


def test_changing_it_asks_again_after_five_minutes(secured: Any, clock: Any) -> None:
    client = with_password()
    client.post(CODE, {"code": code_of(SECRET)})
    clock.shift(301)
    for name in ("mfa_add_webauthn", "mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        assert "/confirm/" in client.get(reverse(name)).url, name
    clock.shift(60 * 60)
    assert is_in(client)


def test_where_it_is_not_required_whoever_has_one_is_asked_all_the_same(
    secured: Any, settings: Any
) -> None:
    settings.SECOND_FACTOR = False
    client = with_password()
    assert not is_in(client)
    client.post(CODE, {"code": code_of(SECRET)})
    assert is_in(client)
    make_user("Editors", username="pat")
    other = Client()
    other.post("/staff/sign-in/", {"login": "pat", "password": PASSWORD})
    assert is_in(other)


def test_visitors_cost_no_query_more(settings: Any) -> None:
    counts = []
    Client().get("/staff/sign-in/")
    for settings.SECOND_FACTOR in (True, False):
        with CaptureQueriesContext(connection) as asked:
            Client().get("/staff/sign-in/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.usefixtures("secured")
def test_the_second_step_leads_on_to_where_somebody_was_going() -> None:
    wanted = "/admin/reviews/practicereview/add/?pseudonym=Oak"
    client = Client()
    asked = client.get(wanted, follow=True).redirect_chain[-1][0]
    client.post(asked, {"login": "ed", "password": PASSWORD})
    assert client.post(CODE, {"code": code_of(SECRET)}).url == wanted


@pytest.mark.usefixtures("secured")
def test_no_page_of_an_account_is_kept_by_anything() -> None:
    half = with_password()
    whole = with_password()
    whole.post(CODE, {"code": code_of(SECRET)})
    names = ["mfa_index", "mfa_authenticate", "mfa_view_recovery_codes", "mfa_add_webauthn"]
    addresses = [*(reverse(name) for name in names), "/staff/welcome/x/", "/staff/sign-in/"]
    for client in (half, whole, Client()):
        for address in addresses:
            client.get(address)
            answer = client.get(address)
            headers = answer.headers
            assert "ETag" not in headers or "no-store" in headers["Cache-Control"], address
            assert "max-age=0" in headers["Cache-Control"] or "no-cache" in headers["Cache-Control"]


@pytest.mark.parametrize("value", ["\x00", "x" * 5000, "１２３４５６", "-1", " ", "0" * 21])
@pytest.mark.usefixtures("secured")
def test_a_crafted_code_is_refused_in_words(value: str) -> None:
    client = with_password()
    page = client.post(CODE, {"code": value})
    assert page.status_code == 200 and not is_in(client)
    assert_valid(page)


@pytest.mark.usefixtures("secured")
def test_a_crafted_passkey_signs_nobody_in(ed: Any) -> None:
    client = with_password(HTTP_HOST="localhost")
    client.get(CODE)
    answers = ["", "x", "{}", "[]", "1", "null", '{"id": "x"}', '{"response": {}}', "\x00"]
    answers.append(json.dumps({"id": "eA", "rawId": "eA", "type": "public-key", "response": {}}))
    for value in answers:
        page = client.post(CODE, {"credential": value})
        assert page.status_code == 200, value
    assert not is_in(client)
    for key in ("1", "9" * 18, "9" * 19):
        address = f"/staff/second-factor/passkeys/{key}/remove/"
        assert client.get(address).status_code in (302, 404), key
        assert client.post(address).status_code in (302, 404), key


# --- passkeys -------------------------------------------------------------------------------


@pytest.mark.usefixtures("ed")
def test_the_options_of_a_passkey_are_in_the_form_and_a_crafted_answer_is_refused() -> None:
    make_identity(name="Anytown & Sons")
    client = with_password(HTTP_HOST="localhost")
    address = "/staff/second-factor/passkeys/add/"
    page = client.get(address)
    assert_valid(page)
    (form,) = re.findall(r'data-options="([^"]*)"', page.content.decode())
    options = json.loads(html.unescape(form))
    assert options["publicKey"]["rp"] == {"id": "localhost", "name": "Anytown & Sons"}
    assert options["publicKey"]["user"]["name"] == "ed@example.org"
    for value in ("", "x", "{}", "[]", "1", '{"id": "x"}', "null", '{"response": {}}', "\x00"):
        answer = client.post(address, {"credential": value})
        assert answer.status_code == 200, value
    assert not Authenticator.objects.exists()


# --- what an administrator does ---------------------------------------------------------------


def test_a_reset_ends_the_sessions_and_asks_to_set_one_up_anew(secured: Any) -> None:
    client = with_password()
    client.post(CODE, {"code": code_of(SECRET)})
    assert second_factor.remove_all(secured) == 1
    second_factor.end_sessions(secured)
    assert not is_in(client)
    fresh = with_password()
    assert fresh.get("/admin/", follow=True).redirect_chain[-1][0].startswith(INDEX)


def test_secrets_have_no_page_in_the_admin(administrator: Client, settings: Any) -> None:
    settings.SECOND_FACTOR = False
    assert administrator.get("/admin/mfa/authenticator/").status_code == 404
    assert get_user_model().objects.count() == 1
