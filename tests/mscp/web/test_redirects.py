"""Old addresses lead on where nothing else answers; live pages cost nothing for it."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.models import Redirect
from mscp.publishing.gate import State
from tests.admin_forms import send
from tests.factories import HIDDEN_STAGES, make_course, make_page, make_review, make_session
from tests.pages import text_of

pytestmark = pytest.mark.django_db

ADD = "/admin/mscp/redirect/add/"


def lead(old: str, new: str) -> Redirect:
    return Redirect.objects.create(old_path=old, new_path=new)


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("old", ["/old/", "/old.html", "/a/b/c/d/", "/Old-Page/"])
def test_an_old_address_leads_on_for_good(method: str, old: str) -> None:
    lead(old, "/reviews/")
    response = getattr(Client(), method)(f"{old}?year=2021")
    # The query of a page that reads none is dropped before.
    assert response.status_code == 301
    assert response.url in ("/reviews/?year=2021", "/reviews/") and ".html" not in response.url
    # Staff can correct it: a browser asks again.
    assert "no-cache" in response.headers["Cache-Control"] and not response.cookies


def test_all_below_an_old_address_leads_on_too() -> None:
    course = make_course(title="New")
    session = make_session(course)
    lead("/training/old/", "/training/new/")
    lead("/training/old/calendar.ics", "/training/calendar.ics")
    for old, new in (
        ("/training/old/", "/training/new/"),
        (f"/training/old/session-{session.pk}.ics", f"/training/new/session-{session.pk}.ics"),
        ("/training/old/calendar.ics", "/training/calendar.ics"),
    ):
        response = Client().get(old)
        # A session's own address knows its course already.
        status = 302 if "session" in old else 301
        assert (response.status_code, response.url) == (status, new)
        assert Client().get(new).status_code == 200
    assert Client().get("/training/older/").status_code == 404


@pytest.mark.parametrize(
    "tail",
    ["/evil.example/", "//evil.example/", "\\evil.example/", "%5Cevil.example/", "%2Fe.example"],
)
def test_no_address_leads_to_another_host(tail: str) -> None:
    lead("/old/", "/"), lead("/older/", "/reviews/")
    for old in ("/old/", "/older/"):
        response = Client().get(f"{old}{tail}")
        if response.status_code == 301:
            assert response.url.startswith("/") and not response.url.startswith(("//", "/\\"))
        else:
            assert response.status_code == 404


def test_no_circle_is_walked() -> None:
    lead("/a/", "/b/"), lead("/b/", "/c/"), lead("/c/", "/a/")
    for address in ("/a/", "/b/", "/c/", "/a/more/"):
        assert Client().get(address).status_code == 404
    lead("/1/", "/2/"), lead("/2/", "/reviews/")
    assert Client().get("/1/").url == "/reviews/"


def test_what_is_there_answers_itself_and_costs_no_query() -> None:
    review = make_review(title="Oak")
    address = review.get_absolute_url()
    Client().get(address)
    with CaptureQueriesContext(connection) as without:
        Client().get(address)
    lead(address, "/reports/")
    with CaptureQueriesContext(connection) as queries:
        assert Client().get(address).status_code == 200
    assert len(queries) == len(without)
    review.withdraw(reason="A name")
    assert Client().get(address).status_code == 410


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_a_redirect_tells_nothing_of_what_is_hidden(state: State, editor: Client) -> None:
    hidden = make_review(title="Oak", state=state)
    lead("/reviews/nothing/", "/reports/"), lead(hidden.get_absolute_url(), "/reports/")
    answers = []
    # What a worker reads once and keeps is read before.
    Client().get("/never-existed/")
    for address in ("/reviews/nothing/", hidden.get_absolute_url()):
        with CaptureQueriesContext(connection) as queries:
            response = Client().get(address)
        answers.append((response.status_code, response.headers.items(), len(queries)))
    if state is not State.WITHDRAWN:
        assert str(answers[0]) == str(answers[1]) and answers[0][0] == 301
    assert editor.get(hidden.get_absolute_url()).status_code == 200


def test_the_page_cache_is_right_when_a_redirect_is_added_and_taken_away() -> None:
    client = Client()
    assert client.get("/old/").status_code == 404
    redirect = lead("/old/", "/reviews/")
    assert client.get("/old/").status_code == 301
    redirect.new_path = "/reports/"
    redirect.save()
    assert client.get("/old/").url == "/reports/"
    page = make_page(title="Old")
    assert client.get("/old/").status_code == 404 or page.slug != "old"
    redirect.delete()
    assert client.get("/old/").status_code == 404


def test_no_new_record_is_given_an_old_address() -> None:
    lead("/reviews/oak/", "/reviews/elm/")
    assert make_review(title="Oak").slug == "oak-2"
    assert make_course(title="Oak").slug == "oak"


@pytest.mark.parametrize("address", ["/admin/old/", "/staff/old/"])
def test_staff_addresses_are_not_looked_up(administrator: Client, address: str) -> None:
    Redirect.objects.create(old_path=address, new_path="/reviews/")
    assert administrator.get(address).status_code == 404


# --- staff ------------------------------------------------------------------------------------


def test_a_publisher_adds_and_corrects_a_redirect(publisher: Client) -> None:
    assert send(publisher, ADD, old_path="/old/", new_path="/reviews/").status_code == 302
    row = Redirect.objects.get()
    assert row.created_by == publisher.user and row.history.count() == 1  # type: ignore[attr-defined]
    send(publisher, f"/admin/mscp/redirect/{row.pk}/change/", new_path="/reports/")
    assert Client().get("/old/").url == "/reports/"
    assert "/old/" in text_of(publisher.get("/admin/mscp/redirect/"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("old/", "/reviews/", "Write the part of the address behind the host"),
        ("https://example.org/old/", "/reviews/", "Write the part of the address behind the host"),
        ("/old/", "https://evil.example/", "Write the part of the address behind the host"),
        ("/old/", "//evil.example/", "Write the part of the address behind the host"),
        ("/old/", "/\\evil.example/", "Write the part of the address behind the host"),
        ("/old/", "/reviews/?x=1", "Write the part of the address behind the host"),
        ("/", "/reviews/", "This address always answers itself."),
        ("/admin/x/", "/reviews/", "This address always answers itself."),
        ("/reviews/", "/reviews/", "This would lead on to itself"),
        ("/old", "/never-existed/", "Readers find no page at this address."),
        ("/old/", "/reviews/draft/", "Readers find no page at this address."),
        ("/old/", "/taken/", "Readers find no page at this address."),
        ("/taken/", "/reports/", "This old address leads somewhere already"),
        ("/reviews/", "/reports/", "Other old addresses lead to this one"),
    ],
)
def test_a_redirect_that_would_mislead_is_refused(
    publisher: Client, old: str, new: str, says: str
) -> None:
    make_review(title="Draft", state=State.DRAFT)
    lead("/taken/", "/reviews/")
    assert says in text_of(send(publisher, ADD, old_path=old, new_path=new))
    assert Redirect.objects.count() == 1


def test_a_redirect_to_a_redirect_is_refused(publisher: Client) -> None:
    page = make_page(title="Was here")
    lead(page.get_absolute_url(), "/reviews/")
    refused = send(publisher, ADD, old_path="/old/", new_path=page.get_absolute_url())
    assert "This address itself leads to /reviews/" in text_of(refused)


def test_an_editor_sees_redirects_and_changes_none(editor: Client) -> None:
    lead("/old/", "/reviews/")
    assert editor.get("/admin/mscp/redirect/").status_code == 200
    assert editor.get(ADD).status_code == 403


@pytest.mark.parametrize(
    "paths",
    [("old/", "/new/"), ("/old/", "new"), ("/old/", "//new"), ("/old/", "/\\new"), ("/x/", "/x/")],
)
def test_the_database_refuses_what_leads_elsewhere(paths: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        lead(*paths)
