import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from mscp.web.middleware import HeadMiddleware
from tests.factories import make_contact, make_course, make_identity, make_review, make_session
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db

SIGN_IN = "/staff/sign-in/"
PUBLIC = ["/", "/reviews/", "/training/", "/themes/", "/search/?q=a", "/about/", "/nothing/"]


@pytest.mark.parametrize("address", [*PUBLIC, "/admin/", SIGN_IN, "/robots.txt", "/healthz"])
def test_every_answer_carries_the_headers(address: str) -> None:
    headers = Client().get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert "object-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_only_what_is_open_to_other_sites_may_be_embedded_by_them() -> None:
    course = make_course()
    make_session(course)
    for address in (
        "/reviews/feed.atom",
        "/training/export.csv",
        "/search/export.v1.json",
        "/training/calendar.ics",
        course.calendar_address,
    ):
        headers = Client().get(address).headers
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("address", PUBLIC)
def test_a_visitor_gets_no_cookie(address: str) -> None:
    assert not Client().get(address).cookies


def test_a_page_names_no_foreign_host_but_in_links() -> None:
    make_identity(website="https://example.org/"), make_contact()
    make_session(make_course())
    make_review()
    for address in PUBLIC:
        page = Client().get(address).content.decode()
        assert not re.findall(r'(?:src|action)="(?:https?:)?//', page), address
        sheets = re.findall(r'<link rel="(?:stylesheet|icon)" [^>]*href="([^"]+)"', page)
        ours = ("/static/", "/favicon.ico")
        assert all(sheet.startswith(ours) for sheet in sheets), address
        # The canonical address is a name; nothing is fetched from it.
        links = re.findall(r'<link (?!rel="canonical")[^>]*href="([^"]+)"', page)
        assert all(re.match(r"/(?!/)", link) for link in links), address
        assert not re.search(r"<style|style=|<script>|\son\w+=|javascript:", page), address


def test_admin_pages_hold_no_inline_script_or_style(administrator: Client) -> None:
    review, session = make_review(), make_session()
    review.save()
    for address in (
        "/admin/",
        "/admin/reviews/practicereview/",
        f"/admin/reviews/practicereview/{review.pk}/change/",
        f"/admin/reviews/practicereview/{review.pk}/history/",
        f"/admin/reviews/practicereview/step/withdraw/?id={review.pk}",
        f"/admin/training/session/step/copy/?id={session.pk}",
        f"/admin/training/course/{session.course.pk}/change/",
    ):
        page = administrator.get(address).content.decode()
        assert not re.search(r"<style|\sstyle=|<script>|\son\w+=|javascript:", page), address


def test_a_visitors_page_is_kept_but_asked_for_and_an_unchanged_one_is_short() -> None:
    first = Client().get("/reviews/")
    assert first.headers["Cache-Control"] == "no-cache"
    again = Client().get("/reviews/", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.content


def test_an_answer_to_head_has_the_length_and_no_body(rf: Any) -> None:
    answer = HeadMiddleware(lambda request: HttpResponse("Some words."))
    assert answer(rf.get("/")).content == b"Some words."
    head = answer(rf.head("/"))
    assert head.content == b"" and head.headers["Content-Length"] == "11"


def test_what_staff_see_is_never_kept(editor: Client) -> None:
    for address in ("/", "/reviews/", "/admin/"):
        assert "no-store" in editor.get(address).headers["Cache-Control"]


# --- sign-in ----------------------------------------------------------------------------------


def try_sign_in(name: str, password: str, **extra: Any) -> Any:
    return Client(**extra).post(SIGN_IN, {"login": name, "password": password})


@pytest.mark.usefixtures("no_counted_attempts")
def test_staff_sign_in_and_come_to_the_admin(sign_in: Any) -> None:
    sign_in("Editors", username="ed", email="ed@example.org")
    response = try_sign_in("ed", "a long password")
    assert response.status_code == 302 and response.url == "/admin/"
    page = Client().get("/admin/reviews/practicereview/", follow=True)
    assert page.redirect_chain[-1][0].startswith(
        SIGN_IN + "?next=%2Fadmin%2Freviews%2Fpracticereview%2F"
    )
    assert "Sign in for staff" in text_of(page)
    assert_valid(page)


@pytest.mark.usefixtures("no_counted_attempts")
def test_five_wrong_passwords_close_an_account_to_one_address_even_for_the_right_one(
    sign_in: Any,
) -> None:
    sign_in("Editors", username="ed")
    for _ in range(5):
        assert "Wrong user name or password" in text_of(try_sign_in("ed", "wrong password"))
    for spelling in ("ed", "Ed"):
        blocked = try_sign_in(spelling, "a long password", HTTP_HOST="localhost")
        assert blocked.status_code != 302
        assert "Too many failed login attempts" in text_of(blocked)
    # Whoever typed them keeps nobody out who sits elsewhere.
    assert try_sign_in("ed", "a long password", REMOTE_ADDR="198.51.100.7").status_code == 302


@pytest.mark.usefixtures("no_counted_attempts")
def test_many_wrong_passwords_from_anywhere_close_an_account_to_all(sign_in: Any) -> None:
    sign_in("Editors", username="ed"), sign_in("Editors", username="pat")
    # A right one in between makes no room for more.
    assert try_sign_in("ed", "a long password", REMOTE_ADDR="203.0.113.1").status_code == 302
    for number in range(60):
        address = f"198.51.100.{number // 5}"
        assert "Wrong user name or password" in text_of(
            try_sign_in("ed", "wrong", REMOTE_ADDR=address)
        )
    blocked = try_sign_in("ed", "a long password", REMOTE_ADDR="203.0.113.1")
    assert blocked.status_code != 302
    assert try_sign_in("pat", "a long password", REMOTE_ADDR="203.0.113.1").status_code == 302


@pytest.mark.usefixtures("no_counted_attempts")
def test_many_other_names_throw_no_count_away() -> None:
    names = [f"name-{number}" for number in range(400)]
    for name in names:
        cache.set(name, [1.0], 300)
    assert len(cache.get_many(names)) == 400


@pytest.mark.usefixtures("no_counted_attempts")
def test_an_endless_name_is_refused_in_words() -> None:
    response = try_sign_in("x" * 70_000, "a long password")
    assert response.status_code == 200 and "at most 150 characters" in text_of(response)


@pytest.mark.usefixtures("no_counted_attempts")
def test_many_wrong_passwords_close_an_address_for_every_account() -> None:
    for number in range(10):
        try_sign_in(f"nobody{number}", "wrong password", REMOTE_ADDR="198.51.100.7")
    get_user_model().objects.create_user("ed", password="a long password", is_staff=True)
    blocked = try_sign_in("ed", "a long password", REMOTE_ADDR="198.51.100.7")
    assert blocked.status_code != 302
    assert try_sign_in("ed", "a long password", REMOTE_ADDR="198.51.100.8").status_code == 302


@pytest.mark.usefixtures("no_counted_attempts")
def test_a_forged_forwarding_header_does_not_make_another_address() -> None:
    for number in range(10):
        try_sign_in(
            f"nobody{number}",
            "wrong password",
            REMOTE_ADDR="198.51.100.7",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}",
        )
    get_user_model().objects.create_user("ed", password="a long password", is_staff=True)
    blocked = try_sign_in(
        "ed", "a long password", REMOTE_ADDR="198.51.100.7", HTTP_X_FORWARDED_FOR="203.0.113.99"
    )
    assert blocked.status_code != 302


def test_nobody_can_register() -> None:
    page = Client().get("/staff/sign-up/")
    assert "Nobody can register here" in text_of(page)
    Client().post(
        "/staff/sign-up/", {"username": "x", "password1": "a long pass", "password2": "a long pass"}
    )
    assert not get_user_model().objects.exists()


@pytest.mark.usefixtures("no_counted_attempts")
def test_an_account_that_is_no_staff_does_not_enter(sign_in: Any) -> None:
    sign_in(username="reader", is_staff=False)
    client = Client()
    client.post(SIGN_IN, {"login": "reader", "password": "a long password"})
    page = client.get("/admin/", follow=True)
    assert page.status_code == 403 and "this account may not do this" in text_of(page)
    assert_valid(page)


@pytest.mark.usefixtures("no_counted_attempts")
def test_a_forgotten_password_is_renewed_by_mail(sign_in: Any) -> None:
    sign_in("Editors", username="ed", email="ed@example.org")
    client = Client()
    sent = client.post("/staff/password/", {"email": "ed@example.org"}, follow=True)
    assert "a link is on its way" in text_of(sent)
    (letter,) = mail.outbox
    (path,) = re.findall(r"https?://testserver(/staff/password/\S+)", letter.body)
    form = client.get(path, follow=True)
    address = form.redirect_chain[-1][0] if form.redirect_chain else path
    done = client.post(
        address,
        {"password1": "another long password", "password2": "another long password"},
        follow=True,
    )
    assert "Your password is changed" in text_of(done)
    assert try_sign_in("ed", "another long password").status_code == 302


@pytest.mark.usefixtures("no_counted_attempts")
def test_an_unknown_address_gets_the_same_answer() -> None:
    known = Client().post("/staff/password/", {"email": "nobody@example.org"}, follow=True)
    assert "a link is on its way" in text_of(known)


@pytest.mark.parametrize(
    "address",
    ["/staff/sign-in/", "/staff/sign-up/", "/staff/password/", "/staff/password/sent/"]
    + ["/staff/password/changed/", "/staff/inactive/", "/staff/password/1-x/"],
)
def test_every_page_around_signing_in_is_whole(address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 200
    assert_valid(response)
    assert 'name="robots" content="noindex"' in response.content.decode()


def test_signing_out_asks_first(editor: Client) -> None:
    page = editor.get("/staff/sign-out/")
    assert "You are signed in as ed" in text_of(page)
    assert editor.post("/staff/sign-out/").status_code == 302
    assert editor.get("/admin/").status_code == 302


def test_a_form_without_its_token_is_refused_in_words() -> None:
    response = Client(enforce_csrf_checks=True).post(SIGN_IN, {"login": "a", "password": "b"})
    assert response.status_code == 403 and "Please send the form again" in text_of(response)
    assert_valid(response)
