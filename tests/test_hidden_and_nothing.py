"""A hidden record and nothing answer alike, whatever cookies and headers a visitor sends.

Every gated route is asked for a hidden record and for one that never existed, by every method.
Status, headers, cookies, body and number of queries must be equal. What is withdrawn answers 410
by design, so it is compared only where it answers 404.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from mscp.publishing.gate import State
from tests.factories import make_user
from tests.pages import body_of
from tests.test_public_surfaces import World

pytestmark = pytest.mark.django_db

STALE = "abcdefghabcdefghabcdefghabcdefgh"
NEVER_UID = "00000000-0000-4000-8000-000000000000"
METHODS = ["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"]

# What is in the address of these, a theme or a venue, has no state: it is there or not.
OPEN = {"themes:detail", "training:venue", "training:venue_photo", "training:venue_photo_jpeg"}
OPEN |= {"sitemap_section"}

COOKIES = {
    "none": "",
    "stale": f"sessionid={STALE}",
    "NUL, quoted": 'sessionid="aaaaaaaa\\000a"',
    "NUL, 32 characters": 'sessionid="' + "a" * 31 + '\\000"',
    "quotes": "sessionid='\"\"' OR 1=1",
    "empty": "sessionid=",
    "short": "sessionid=abc",
    "long": "sessionid=" + "a" * 5000,
    "upper case": f"sessionid={STALE.upper()}",
    "line feed": f'sessionid="{STALE}\\012"',
    "non-ASCII": "sessionid=\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9",
    "several": f"sessionid=x; sessionid={STALE}; sessionid=\x7f",
    "several, stale last": f"sessionid=x; sessionid={STALE}",
    "messages": 'messages="not a message"; sessionid=' + STALE,
    "messages alone": "messages=W1sibWVzc2FnZSIsMCwyNSwiaGVsbG8iXV0:x:y",
    "csrf": "csrftoken=" + "a" * 32,
    "csrf with NUL": 'csrftoken="a\\000"; sessionid=' + STALE,
}

HEADERS: list[dict[str, str]] = [
    {"If-None-Match": "*", "Range": "bytes=0-4"},
    {"If-Match": '"x"', "If-Unmodified-Since": "Mon, 23 Nov 2020 10:00:00 GMT"},
    {"Accept-Language": "cy", "Accept": "application/json", "Origin": "https://other.example"},
    {"X-Requested-With": "XMLHttpRequest", "Authorization": "Basic YTpi"},
]


def gated_addresses(world: World) -> dict[str, list[tuple[str, str]]]:
    """Return, by the name of each gated route, addresses of hidden records and of nothing."""

    def pair(address: str, real: str, never: str = "never-existed") -> tuple[str, str]:
        return address, address.replace(str(real), never)

    pages: dict[str, list[tuple[str, str]]] = {}
    for record, name in [
        (world.hidden_review, "reviews:practice_review"),
        (world.hidden_report, "reviews:national_report"),
        (world.hidden_learning, "reviews:briefing"),
        (world.hidden_course, "training:course"),
        (world.hidden_page, "page"),
    ]:
        address = record.get_absolute_url()
        pages[name] = [pair(address, record.slug)]
        if name.startswith("reviews:"):
            for ending in ("ris", "bib"):
                pages[f"{name}_{ending}"] = [pair(f"{address}cite.{ending}", record.slug)]
    course = world.hidden_course
    pages["training:course_calendar"] = [pair(course.calendar_address, course.slug)]
    for name, attribute in [
        ("training:session_calendar", "calendar_address"),
        ("training:session_qr", "qr_address"),
    ]:
        pages[name] = [
            pair(getattr(session, attribute), f"session-{session.pk}.", "session-999999.")
            for session in course.sessions.all()
        ]
    uids = [str(world.file.uid), str(world.unsettled.uid), str(world.file.file.uid)]
    uids += [str(d.uid) for d in world.hidden_report.documents.all()]
    for name, tails in [
        ("reviews:document", [world.file.file_name, "x.pdf", "x.pdf?download"]),
        ("reviews:read", ["read/"]),
        ("reviews:cover", ["cover-160.webp", "cover-9.webp"]),
    ]:
        pages[name] = [
            pair(f"/documents/{uid}/{tail}", uid, NEVER_UID) for uid in uids for tail in tails
        ]
    return pages


def routes_to_one_record(resolver: URLResolver, prefix: str = "") -> set[str]:
    """Return the names of all public routes that have a record in their address."""
    found: set[str] = set()
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{entry.namespace}:" if entry.namespace else prefix
            found |= routes_to_one_record(entry, inner)
        elif isinstance(entry, URLPattern) and entry.pattern.converters:
            found.add(f"{prefix}{entry.name}")
    return {name for name in found if not name.startswith(("admin:", "account_"))}


def answer(ask: Callable[[], Any]) -> tuple[Any, ...]:
    """Return all that can be compared of an answer: also how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        response = ask()
        body = body_of(response)
    return response.status_code, dict(response.headers), cookies_of(response), body, len(queries)


def cookies_of(response: Any) -> tuple[str, ...]:
    """Return the cookies as they are set, but for the one value that is random."""
    set_cookies = (morsel.OutputString() for morsel in response.cookies.values())
    return tuple(sorted(re.sub(r"csrftoken=\w+", "csrftoken=…", one) for one in set_cookies))


def asking(method: str, address: str, cookie: str, **headers: Any) -> Callable[[], Any]:
    sent = {"HTTP_COOKIE": cookie} if cookie else {}
    return lambda: Client().generic(method, address, headers=headers, **sent)


def test_every_route_with_a_record_in_its_address_is_gated_or_known_to_be_open() -> None:
    gated = set(gated_addresses(World(State.DRAFT)))
    assert not gated & OPEN
    assert gated | OPEN == routes_to_one_record(get_resolver())


@pytest.mark.parametrize("state", [State.DRAFT, State.SCHEDULED, State.WITHDRAWN])
def test_no_cookie_tells_what_is_hidden_from_nothing(state: State) -> None:
    pairs = gated_addresses(World(state))
    # What a worker reads once and keeps is read before the first comparison.
    Client().get("/never-existed/")
    for told, cookie in COOKIES.items():
        methods = METHODS if told in ("none", "stale", "NUL, quoted") else ["GET"]
        for name, addresses in pairs.items():
            for hidden, never in addresses if told in ("none", "stale") else addresses[:1]:
                for method in methods:
                    seen = answer(asking(method, hidden, cookie))
                    if state is State.WITHDRAWN and seen[0] in (200, 410):
                        continue
                    assert seen == answer(asking(method, never, cookie)), (name, method, told)
                    assert seen[0] < 500, (name, method, told)


@pytest.mark.parametrize("state", [State.DRAFT, State.SCHEDULED])
def test_no_header_tells_what_is_hidden_from_nothing(state: State) -> None:
    pairs = gated_addresses(World(state))
    Client().get("/never-existed/")
    for headers in HEADERS:
        for name, addresses in pairs.items():
            hidden, never = addresses[0]
            for method in ("GET", "HEAD"):
                seen = answer(asking(method, hidden, COOKIES["stale"], **headers))
                assert seen == answer(asking(method, never, COOKIES["stale"], **headers)), name


@pytest.mark.parametrize("state", [State.DRAFT, State.SCHEDULED])
def test_an_account_without_permission_learns_nothing_either(
    state: State, sign_in: Callable[..., Client]
) -> None:
    pairs = gated_addresses(World(state))
    client = sign_in()
    client.get("/never-existed/")
    for name, addresses in pairs.items():
        for hidden, never in addresses:
            seen = answer(lambda address=hidden: client.get(address))
            assert seen == answer(lambda address=never: client.get(address)), name


@pytest.mark.parametrize("cookie", [COOKIES["stale"], COOKIES["NUL, quoted"], COOKIES["messages"]])
def test_a_dead_session_gets_the_same_answer_at_every_address(cookie: str) -> None:
    """Whether the browser is told to forget its cookie depends on the cookie alone."""
    world = World(State.WITHDRAWN)
    addresses = [addresses[0] for addresses in world.addresses().values()]
    # A probe is answered before anything looks at its cookies, and knows no record.
    addresses.remove("/healthz")
    addresses += [record.get_absolute_url() for record in world.hidden]
    addresses += ["/static/missing.css", "/nothing", "/reviews", "/robots.txt", "/never/at/all"]
    cookies = {cookies_of(asking("GET", address, cookie)()) for address in addresses}
    assert len(cookies) == 1, cookies


@pytest.mark.parametrize("value", [c for c in COOKIES.values() if "sessionid" in c])
def test_only_what_looks_like_a_session_key_is_looked_up(value: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        asking("GET", "/never-existed/", value)()
    looked_up = [query["sql"] for query in queries if "django_session" in query["sql"]]
    # Of several cookies of one name the last one counts, as everywhere in Django.
    last = value.rpartition("sessionid=")[2]
    assert len(looked_up) == (1 if last == STALE else 0)


def test_a_living_session_works_as_before(editor: Client) -> None:
    assert editor.get("/admin/").status_code == 200
    assert not editor.get("/never-existed/").cookies
    assert editor.get("/never-existed/").status_code == 404


def test_the_session_of_a_changed_password_is_forgotten_at_every_address() -> None:
    told = set()
    for address in ("/", "/never-existed/", "/static/missing.css"):
        client, user = Client(), make_user("Editors")
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        user.set_password("another long password")
        user.save()
        told.add(client.get(address).cookies["sessionid"].value)
    assert told == {""}
