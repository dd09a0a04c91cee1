"""Colleagues: invited, given a role, and shown out. Nobody but an administrator does it."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mscp.editing import account_events
from mscp.models import AccountEvent, AccountEventKind, PasswordLink
from tests.admin_forms import fields_of, send
from tests.factories import make_identity, make_user
from tests.pages import assert_valid, text_of
from tests.threads import in_threads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_counted_attempts")]

User = get_user_model()
ADD = "/admin/auth/user/add/"
KHAN = {"name": "Amina  Khan", "email": "amina@example.org", "role": "editor"}
NEW = "three words together"
CONSOLE = "django.core.mail.backends.console.EmailBackend"


def kinds() -> list[str]:
    return list(AccountEvent.objects.order_by("pk").values_list("kind", flat=True))


def change(user: Any) -> str:
    return f"/admin/auth/user/{user.pk}/change/"


def step(user: Any, name: str) -> str:
    return f"/admin/auth/user/{user.pk}/step/{name}/"


def link_in(text: str) -> str:
    (found,) = re.findall(r"https?://testserver(/staff/welcome/\S+?/)(?:\s|\")", text)
    return found


def follow(path: str, password: str = NEW) -> Any:
    return Client().post(path, {"password1": password, "password2": password})


def sign_in_as(name: str, password: str = NEW) -> Client:
    client = Client()
    client.post("/staff/sign-in/", {"login": name, "password": password})
    return client


# --- inviting -------------------------------------------------------------------------------


def test_a_colleague_is_invited_by_one_form_and_comes_in(administrator: Client) -> None:
    make_identity(name="Anytown Safeguarding Children Partnership", abbreviation="ASCP")
    page = administrator.get(ADD)
    for about in ("Publishes nothing", "Sees no draft of a review", "makes and closes accounts"):
        assert about in text_of(page)
    assert administrator.post(ADD, KHAN).status_code == 302
    amina = User.objects.get(username="amina.khan")
    assert amina.get_full_name() == "Amina Khan" and amina.is_staff and not amina.is_superuser
    assert [group.name for group in amina.groups.all()] == ["Editors"]
    (letter,) = mail.outbox
    assert letter.subject == "ASCP: your staff account" and letter.to == ["amina@example.org"]
    assert letter.from_email.startswith("Anytown Safeguarding Children Partnership <")
    assert "Hello Amina Khan," in letter.body and "as an editor" in letter.body
    assert "amina.khan" in letter.body and "127.0.0.1" not in letter.body
    path = link_in(letter.body)
    form = Client().get(path)
    assert_valid(form)
    assert "amina.khan" in text_of(form) and "no-store" in form.headers["Cache-Control"]
    assert 'name="robots" content="noindex"' in form.content.decode()
    done = follow(path)
    assert done.status_code == 302
    assert sign_in_as("amina.khan").get("/admin/reviews/practicereview/add/").status_code == 200
    assert kinds() == ["invited", "link_used", "signed_in"]


@pytest.mark.parametrize(
    ("role", "groups"),
    [("editor", ["Editors"]), ("publisher", ["Publishers"]), ("training", ["Training"])],
)
def test_each_role_is_one_group(administrator: Client, role: str, groups: list[str]) -> None:
    administrator.post(ADD, {**KHAN, "role": role})
    user = User.objects.get(username="amina.khan")
    assert [g.name for g in user.groups.all()] == groups and not user.is_superuser
    administrator.post(ADD, {**KHAN, "email": "b@example.org", "role": "administrator"})
    other = User.objects.get(username="amina.khan2")
    assert other.is_superuser and not other.groups.exists()


def test_without_mail_the_link_is_shown_once(administrator: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = CONSOLE
    page = administrator.post(ADD, KHAN)
    path = link_in(page.content.decode())
    assert "shown once" in text_of(page)
    assert Client().get(path).status_code == 200
    user = User.objects.get(username="amina.khan")
    assert path not in administrator.get(change(user)).content.decode()
    assert not PasswordLink.objects.filter(token_hash__in=path.split("/")).exists()
    assert "already" in text_of(administrator.post(ADD, KHAN))


def test_a_mail_server_that_is_down_shows_the_link(administrator: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    page = administrator.post(ADD, KHAN)
    assert (
        page.status_code == 200 and Client().get(link_in(page.content.decode())).status_code == 200
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": " "}, "This field is required"),
        ({"email": "nobody"}, "valid email address"),
        ({"email": "ADA@example.org"}, "already"),
        ({"role": ""}, "Choose what this colleague may do"),
        ({"role": "superuser"}, "not one of the available choices"),
        ({"name": "x" * 151}, "at most 150 characters"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    sign_in: Any, wrong: dict[str, str], says: str
) -> None:
    ada = sign_in(username="ada", is_superuser=True, email="ada@example.org")
    page = ada.post(ADD, {**KHAN, **wrong})
    assert page.status_code == 200 and says in text_of(page)
    assert User.objects.count() == 1 and not mail.outbox
    if "name" not in wrong:
        assert "Amina" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "username"),
    [
        ("Siân O'Neill", "sian.oneill"),
        ("王芳", "amina"),
        ("Cher", "cher"),
        ("Anne-Marie van der Berg", "anne.marie.van.der.berg"),
    ],
)
def test_user_names_are_made_from_names(administrator: Client, name: str, username: str) -> None:
    administrator.post(ADD, {**KHAN, "name": name})
    user = User.objects.get(username=username)
    assert user.get_full_name() == name


# --- the link -------------------------------------------------------------------------------


@pytest.fixture
def invited(administrator: Client) -> str:
    administrator.post(ADD, KHAN)
    return link_in(mail.outbox[0].body)


def test_a_link_works_once_and_opening_it_uses_nothing_up(invited: str) -> None:
    for _ in range(3):
        assert Client().get(invited).status_code == 200
    assert follow(invited).status_code == 302
    again = follow(invited, "quite another one")
    assert again.status_code == 404 and "does not work any more" in text_of(again)
    assert_valid(again)
    assert sign_in_as("amina.khan").get("/admin/").status_code == 200


def test_a_link_ends_after_seven_days(invited: str, clock: Any) -> None:
    clock.shift(timedelta(days=7) - timedelta(seconds=1))
    assert Client().get(invited).status_code == 200
    clock.shift(timedelta(seconds=2))
    for answer in (Client().get(invited), follow(invited)):
        assert answer.status_code == 404


def test_every_link_that_is_not_good_gets_the_same_answer(
    invited: str, administrator: Client
) -> None:
    user = User.objects.get(username="amina.khan")
    administrator.post(step(user, "new-link"))
    newer = link_in(mail.outbox[1].body)
    never = Client().get("/staff/welcome/never-made/").content
    assert Client().get(invited).content == never
    administrator.post(step(user, "take-access"))
    assert Client().get(newer).content == never
    assert Client().get("/staff/welcome/" + "x" * 5000 + "/").status_code == 404


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (NEW, NEW + "!", "not the same"),
        ("short", "short", "at least 12"),
        ("amina.khan.1", "amina.khan.1", "too similar"),
        ("123456789012", "123456789012", "entirely numeric"),
        ("", "", "required"),
    ],
)
def test_a_password_that_will_not_do_is_refused_in_words(
    invited: str, first: str, second: str, says: str
) -> None:
    page = Client().post(invited, {"password1": first, "password2": second})
    assert page.status_code == 200 and says in text_of(page)
    assert_valid(page)
    assert not User.objects.get(username="amina.khan").has_usable_password()
    assert follow(invited).status_code == 302


def test_a_link_does_not_skip_the_second_factor(
    administrator: Client, settings: Any, editor: Client
) -> None:
    ed = editor.user  # type: ignore[attr-defined]
    ed.email = "ed@example.org"
    ed.save()
    TOTP.activate(ed, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    administrator.post(step(ed, "new-link"))
    assert mail.outbox[0].subject.endswith("a new password for your staff account")
    assert follow(link_in(mail.outbox[0].body)).status_code == 302
    assert "was changed" in mail.outbox[1].body
    assert sign_in_as("ed").get("/admin/").status_code == 302
    assert editor.get("/admin/").status_code == 302, "Sessions with the old password have ended."


# --- changing and showing out ---------------------------------------------------------------


def test_a_role_is_changed_and_logged(administrator: Client, editor: Client) -> None:
    ed = editor.user  # type: ignore[attr-defined]
    page = administrator.get(change(ed))
    assert "Writes drafts of everything" in text_of(page)
    send(administrator, change(ed), role="publisher", name="Ed Example")
    assert [group.name for group in ed.groups.all()] == ["Publishers"]
    event = AccountEvent.objects.get(kind=AccountEventKind.ROLE_CHANGED)
    assert (event.account, event.by_name, event.detail) == (ed, "ada", "Editor → Publisher")
    assert editor.get("/admin/reviews/theme/add/").status_code == 200
    send(administrator, change(ed), name="Ed Sample")
    ed.refresh_from_db()
    assert ed.get_full_name() == "Ed Sample"
    assert [group.name for group in ed.groups.all()] == ["Publishers"]
    assert kinds().count("role_changed") == 1


def test_two_groups_stay_until_a_role_is_chosen(administrator: Client) -> None:
    both = make_user("Editors", "Training", username="tess", email="t@example.org")
    page = administrator.get(change(both))
    assert "As it is now: Editor, Training" in text_of(page)
    send(administrator, change(both), name="Tess")
    assert both.groups.count() == 2
    send(administrator, change(both), role="training")
    assert [group.name for group in both.groups.all()] == ["Training"]


def test_the_last_administrator_stays(administrator: Client) -> None:
    ada = administrator.user  # type: ignore[attr-defined]
    page = send(administrator, change(ada), role="editor")
    assert "Nobody else is an administrator" in text_of(page)
    assert "your own account" in text_of(administrator.post(step(ada, "take-access")))
    ada.refresh_from_db()
    assert ada.is_superuser and ada.is_active
    make_user(username="other", is_superuser=True)
    assert send(administrator, change(ada), role="editor").status_code == 302
    assert administrator.get("/admin/auth/user/").status_code == 403


def test_taking_away_access_ends_sessions_and_second_factors(
    administrator: Client, editor: Client
) -> None:
    ed = editor.user  # type: ignore[attr-defined]
    TOTP.activate(ed, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert editor.get("/admin/").status_code == 200
    asked = administrator.get(step(ed, "take-access"))
    assert "All sessions end at once" in text_of(asked)
    assert administrator.post(step(ed, "take-access")).status_code == 302
    assert editor.get("/admin/").status_code == 302
    assert not Authenticator.objects.exists()
    assert sign_in_as("ed", "a long password").get("/admin/").status_code == 302
    assert "Taken away" in text_of(administrator.get("/admin/auth/user/"))
    again = administrator.post(step(ed, "take-access"))
    assert "done this already" in text_of(again)
    administrator.post(step(ed, "give-access"))
    ed.refresh_from_db()
    assert ed.is_active and not ed.has_usable_password()
    assert kinds() == ["access_taken", "wrong_password", "access_given"]


def test_resetting_a_second_factor_is_told_to_its_owner(
    administrator: Client, editor: Client, django_capture_on_commit_callbacks: Any
) -> None:
    ed = editor.user  # type: ignore[attr-defined]
    ed.email = "ed@example.org"
    ed.save()
    TOTP.activate(ed, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert "Set up" in text_of(administrator.get(change(ed)))
    with django_capture_on_commit_callbacks(execute=True):
        administrator.post(step(ed, "reset-second-factor"))
    assert not Authenticator.objects.exists()
    assert editor.get("/admin/").status_code == 302
    (letter,) = mail.outbox
    assert letter.to == ["ed@example.org"] and "removed the second factor" in letter.body
    assert kinds() == ["factor_reset"]


def test_the_list_says_who_may_what_and_costs_the_same_for_many(administrator: Client) -> None:
    counts = []
    # The first one reads the site context.
    administrator.get("/admin/auth/user/")
    for _ in range(2):
        for _ in range(5):
            make_user("Editors", "Training")
        with CaptureQueriesContext(connection) as asked:
            page = administrator.get("/admin/auth/user/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    for text in ("Role", "Last sign-in", "Second factor", "Editor, Training", "Administrator"):
        assert text.lower() in text_of(page).lower()


# --- who may --------------------------------------------------------------------------------


def test_nobody_but_an_administrator_reaches_any_of_it(sign_in: Any, publisher: Client) -> None:
    victim = make_user("Editors", username="ed")
    trusted = sign_in("Publishers", username="robin")
    trusted.user.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    addresses = [
        ADD, change(victim), "/admin/auth/user/", "/admin/auth/group/", "/admin/auth/group/add/",
        "/admin/mscp/accountevent/", reverse("admin:auth_user_history", args=[victim.pk]),
        *(step(victim, name) for name in ("new-link", "reset-second-factor", "take-access", "x")),
    ]  # fmt: skip
    for client in (publisher, trusted, sign_in("Training"), sign_in()):
        for address in addresses:
            assert client.get(address).status_code == 403, address
            assert client.post(address, KHAN).status_code == 403, address
    assert User.objects.filter(email="amina@example.org").count() == 0


def test_no_account_is_deleted_and_no_password_is_set_for_another(administrator: Client) -> None:
    user = make_user("Editors")
    assert administrator.get(f"/admin/auth/user/{user.pk}/delete/").status_code == 403
    assert administrator.get(f"/admin/auth/user/{user.pk}/password/").status_code in (302, 404)
    assert administrator.get(step(user, "nothing")).status_code == 404
    assert administrator.get("/admin/auth/user/999999/step/new-link/").status_code == 404
    assert administrator.post(f"/admin/auth/user/{'9' * 30}/step/new-link/").status_code == 404


def test_single_permissions_are_behind_a_fold(administrator: Client) -> None:
    page = administrator.get(change(make_user("Editors"))).content.decode()
    fields = [page.index(f'name="{name}"') for name in ("groups", "user_permissions")]
    fold = page.rindex("<details", 0, min(fields))
    assert page.index('name="role"') < fold and max(fields) < page.index("</details>", fold)


# --- the sign-in log ------------------------------------------------------------------------


def try_sign_in(name: str) -> None:
    Client(REMOTE_ADDR="198.51.100.7").post("/staff/sign-in/", {"login": name, "password": "wrong"})


def test_the_log_counts_failures_and_keeps_no_name_that_is_no_account(
    administrator: Client,
) -> None:
    make_user("Editors", username="ed")
    try_sign_in("ed"), try_sign_in("ED"), try_sign_in("my secret password")
    known = AccountEvent.objects.get(kind=AccountEventKind.WRONG_PASSWORD)
    assert (known.account_name, known.address, known.count) == ("ed", "198.51.100.7", 2)
    unknown = AccountEvent.objects.get(kind=AccountEventKind.NO_ACCOUNT)
    assert unknown.account is None and unknown.account_name == ""
    page = administrator.get("/admin/mscp/accountevent/")
    assert "my secret password" not in page.content.decode() and "2 entries" in text_of(page)
    assert "no account of this name" in text_of(page) and "2 times within the hour" in text_of(page)


def test_a_known_and_an_unknown_name_cost_the_same_queries() -> None:
    make_user("Editors", username="ed")
    counts = []
    Client().get("/staff/sign-in/")
    for name in ("ed", "nobody"):
        with CaptureQueriesContext(connection) as asked:
            try_sign_in(name)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_entries_are_kept_for_ninety_days(clock: Any) -> None:
    try_sign_in("nobody")
    clock.shift(account_events.KEPT_FOR + timedelta(hours=1))
    try_sign_in("somebody")
    assert AccountEvent.objects.count() == 1


def test_an_entry_stays_when_its_account_is_deleted() -> None:
    user = make_user("Editors", username="ed")
    try_sign_in("ed")
    user.delete()
    assert AccountEvent.objects.get().account_name == "ed"


def test_a_changed_password_is_logged_and_named(sign_in: Any) -> None:
    ed = sign_in("Editors", username="ed", email="ed@example.org")
    form = {"old_password": "a long password", "new_password1": NEW, "new_password2": NEW}
    assert ed.post("/admin/password_change/", {**form, "old_password": "x"}).status_code == 200
    assert not kinds()
    assert ed.post("/admin/password_change/", form).status_code == 302
    assert kinds() == ["password_changed"]
    (letter,) = mail.outbox
    assert "was changed" in letter.body and ed.get("/admin/").status_code == 200


def test_the_form_of_a_colleague_is_sent_back_whole(administrator: Client) -> None:
    page = administrator.get(change(make_user("Editors")))
    assert fields_of(page)["role"] in ("editor", "administrator")
    assert_valid(page)


def test_the_only_administrator_is_helped_on_the_server(administrator: Client) -> None:
    ada = administrator.user  # type: ignore[attr-defined]
    TOTP.activate(ada, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    with pytest.raises(CommandError, match="no account nobody"):
        call_command("reset_second_factor", "nobody")
    said = StringIO()
    call_command("reset_second_factor", "ADA", stdout=said)
    assert said.getvalue().startswith("1 second factor of ada removed.")
    assert not Authenticator.objects.exists() and administrator.get("/admin/").status_code == 302
    assert AccountEvent.objects.get().detail == "on the server"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_administrators_who_close_each_other_leave_one() -> None:
    """Each is the other's last colleague; the second finds out and is refused."""
    people = [make_user(username=name, is_superuser=True) for name in ("ada", "bea")]
    clients = [Client(), Client()]
    for client, person in zip(clients, people, strict=True):
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    in_threads(2, lambda place: clients[place].post(step(people[1 - place], "take-access")))
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_a_link_that_is_sent_twice_at_once_sets_one_password() -> None:
    ada = make_user(username="ada", is_superuser=True)
    client = Client()
    client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post(ADD, KHAN)
    path = link_in(mail.outbox[0].body)
    words = ["three words together", "other words together"]
    answers = in_threads(2, lambda place: follow(path, words[place]))
    assert sorted(answer.status_code for answer in answers) == [302, 404]
    assert kinds().count("link_used") == 1
