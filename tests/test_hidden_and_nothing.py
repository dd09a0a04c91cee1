"""A hidden record and nothing answer alike, whatever cookies and headers a visitor sends.

Every gated route is asked for a hidden record and for one that never existed, by every method.
Status, headers, cookies, body and number of queries must be equal. What is withdrawn answers 410
by design, so it is compared only where it answers 404.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from mscp.publishing.gate import State
from mscp.site.health import PROBES
from reviews.models import DocumentFile
from tests.factories import make_user, picture_address
from tests.pages import body_of
from tests.test_public_surfaces import STAGES, Hidden, World

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def world(module_database: None, folder: Path) -> World:
    """Make what all tests here ask for: with every stage of hiding it takes seconds."""
    with override_settings(MEDIA_ROOT=folder):
        return World(*STAGES)


@pytest.fixture
def uploads(settings: Any, folder: Path) -> Path:
    settings.MEDIA_ROOT = folder
    return folder


STALE = "abcdefghabcdefghabcdefghabcdefgh"
NEVER_UID = "00000000-0000-4000-8000-000000000000"
OTHER_METHODS = ["POST", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"]

# What is in the address of these, a theme or a venue, has no state: it is there or not.
OPEN = {"themes:detail", "training:venue", "training:venue_photo", "training:venue_photo_jpeg"}
OPEN |= {"sitemap_section", "logo"}

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
    {"If-Match": '"x"', "If-Modified-Since": "Mon, 23 Nov 2026 10:00:00 GMT"},
    {"Accept-Language": "cy", "Accept": "application/json", "Origin": "https://other.example"},
    {"X-Requested-With": "XMLHttpRequest", "Authorization": "Basic YTpi"},
]


def gated_addresses(hidden: Hidden) -> dict[str, list[tuple[str, str]]]:
    """Return, by the name of each gated route, addresses of hidden records and of nothing."""

    def pair(address: str, real: str, never: str = "never-existed") -> tuple[str, str]:
        return address, address.replace(str(real), never)

    pages: dict[str, list[tuple[str, str]]] = {}
    for record, name in [
        (hidden.review, "reviews:practice_review"),
        (hidden.report, "reviews:national_report"),
        (hidden.learning, "reviews:briefing"),
        (hidden.course, "training:course"),
        (hidden.page, "page"),
    ]:
        address = record.get_absolute_url()
        pages[name] = [pair(address, record.slug)]
        if name.startswith("reviews:"):
            for ending in ("ris", "bib"):
                pages[f"{name}_{ending}"] = [pair(f"{address}cite.{ending}", record.slug)]
    course = hidden.course
    pages["training:course_calendar"] = [pair(course.calendar_address, course.slug)]
    for name, attribute in [
        ("training:session_calendar", "calendar_address"),
        ("training:session_qr", "qr_address"),
    ]:
        pages[name] = [
            pair(getattr(session, attribute), f"session-{session.pk}.", "session-999999.")
            for session in course.sessions.all()
        ]
    uids = [str(hidden.file.uid), str(hidden.unsettled.uid), str(hidden.file.file.uid)]
    uids += [str(d.uid) for d in hidden.report.documents.all()]
    for name, tails in [
        (
            "reviews:document",
            [hidden.file.file_name, "x.pdf", "x.pdf?download", f"{hidden.file.file_name}?download"],
        ),
        ("reviews:read", ["read/"]),
        ("reviews:cover", ["cover-160.webp", "cover-9.webp"]),
    ]:
        pages[name] = [
            pair(f"/documents/{uid}/{tail}", uid, NEVER_UID) for uid in uids for tail in tails
        ]
    pages["reviews:page_picture"] = [
        pair(picture_address(document, number), document.uid, NEVER_UID)
        for document in (hidden.file, hidden.unsettled)
        for number in (1, 2, 10**20)
    ]
    for link in hidden.ended_links:
        token = link.split("/")[2]
        picture = picture_address(hidden.file).rpartition("/")[2]
        files = [hidden.file.file_name, "read/", "cover-160.webp", picture]
        for name, tail in zip(
            ["page", "answer", "document", "read", "cover", "page_picture"],
            ["", "answer/", *(f"documents/{hidden.file.uid}/{file}" for file in files)],
            strict=True,
        ):
            pages.setdefault(f"preview:{name}", []).append(pair(f"{link}{tail}", token))
    return pages


def routes_to_one_record(
    resolver: URLResolver, prefix: str = "", *, within: bool = False
) -> set[str]:
    """Return the names of all public routes that have a record in their address."""
    found: set[str] = set()
    for entry in resolver.url_patterns:
        names_one = within or bool(entry.pattern.converters)
        if isinstance(entry, URLResolver):
            inner = f"{entry.namespace}:" if entry.namespace else prefix
            found |= routes_to_one_record(entry, inner, within=names_one)
        elif isinstance(entry, URLPattern) and names_one:
            found.add(f"{prefix}{entry.name}")
    return {name for name in found if not name.startswith(("admin:", "account_", "mfa_"))}


class Asker:
    """Asks for what is hidden and for what never was, and compares the answers.

    What never was is asked for once, since nothing else is asked for at its address.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self._never: dict[Any, tuple[Any, ...]] = {}
        # What a worker reads once and keeps is read before the first comparison.
        client.get("/never-existed/")

    def compare(self, state: Any, method: str, pair: tuple[str, str], **sent: Any) -> None:
        hidden, never = pair
        seen = self._answer(method, hidden, sent)
        if state is State.WITHDRAWN and seen[0] in (200, 410):
            return
        asked = (method, never, repr(sent))
        if asked not in self._never:
            self._never[asked] = self._answer(method, never, sent)
        assert seen == self._never[asked], (method, hidden, sent)
        assert seen[0] == 404 if method in ("GET", "HEAD") else seen[0] < 500, (method, hidden)

    def _answer(self, method: str, address: str, sent: dict[str, Any]) -> tuple[Any, ...]:
        """Return all that can be compared of an answer: also how many queries it took."""
        if "HTTP_COOKIE" in sent:
            self.client.cookies.clear()
        # The log has a limit, which a walk of so many requests reaches.
        connection.queries_log.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.generic(method, address, **sent)
            body = body_of(answer)
        return answer.status_code, dict(answer.headers), cookies_of(answer), body, len(queries)


def cookies_of(response: Any) -> tuple[str, ...]:
    """Return the cookies as they are set, but for the one value that is random."""
    set_cookies = (morsel.OutputString() for morsel in response.cookies.values())
    return tuple(sorted(re.sub(r"csrftoken=\w+", "csrftoken=…", one) for one in set_cookies))


def get(address: str, cookie: str) -> Any:
    return Client().get(address, HTTP_COOKIE=cookie)


def test_every_route_with_a_record_in_its_address_is_gated_or_known_to_be_open(
    world: World,
) -> None:
    names = set(gated_addresses(world.hidden_in[State.DRAFT]))
    assert not names & OPEN
    assert names | OPEN == routes_to_one_record(get_resolver())


Gated = list[tuple[Any, list[tuple[str, str]]]]


@pytest.fixture(scope="module")
def gated(world: World) -> Gated:
    """Return each state with the pairs of addresses of each gated route."""
    hidden_in = world.hidden_in.items()
    return [(state, pairs) for state, one in hidden_in for pairs in gated_addresses(one).values()]


def test_no_cookie_tells_what_is_hidden_from_nothing(gated: Gated) -> None:
    asker = Asker(Client())
    for session_state, cookie in COOKIES.items():
        for state, pairs in gated:
            # With and without a key of a session; the rest is read before anything is looked for.
            if session_state in ("none", "stale"):
                for pair in pairs:
                    asker.compare(state, "GET", pair, HTTP_COOKIE=cookie)
                asker.compare(state, "HEAD", pairs[0], HTTP_COOKIE=cookie)
            if state is State.DRAFT:
                # A method or a cookie is refused without a look at the state.
                methods = OTHER_METHODS if session_state in ("none", "stale") else ["GET"]
                for method in methods:
                    asker.compare(state, method, pairs[0], HTTP_COOKIE=cookie)


def test_no_header_tells_what_is_hidden_from_nothing(gated: Gated) -> None:
    asker = Asker(Client())
    hashes = DocumentFile.objects.values_list("sha256", flat=True).distinct()
    assert len(hashes) > 1
    # Whoever has the very bytes asks whether there are others.
    known = {"If-None-Match": ", ".join(f'"{one}"' for one in hashes)}
    for headers in [known, *HEADERS]:
        # A file and its covers have conditions; all else has them only as every answer has.
        every = "If-None-Match" in headers
        for state, pairs in gated:
            if every:
                for pair in pairs:
                    asker.compare(state, "GET", pair, HTTP_COOKIE=COOKIES["stale"], headers=headers)
                asker.compare(
                    state, "HEAD", pairs[0], HTTP_COOKIE=COOKIES["stale"], headers=headers
                )
            elif state is State.DRAFT:
                asker.compare(state, "GET", pairs[0], HTTP_COOKIE=COOKIES["stale"], headers=headers)


def test_an_account_without_permission_learns_nothing_either(
    gated: Gated, sign_in: Callable[..., Client]
) -> None:
    asker = Asker(sign_in())
    for state, pairs in gated:
        for pair in pairs:
            asker.compare(state, "GET", pair)


@pytest.mark.parametrize("cookie", [COOKIES["stale"], COOKIES["NUL, quoted"], COOKIES["messages"]])
def test_a_dead_session_gets_the_same_answer_at_every_address(world: World, cookie: str) -> None:
    """Whether the browser is told to forget its cookie depends on the cookie alone."""
    addresses = [addresses[0] for addresses in world.addresses().values()]
    # A probe is answered before anything looks at its cookies, and knows no record.
    addresses = [one for one in addresses if one not in PROBES]
    addresses += [record.get_absolute_url() for record in world.hidden]
    addresses += ["/static/missing.css", "/nothing", "/reviews", "/robots.txt", "/never/at/all"]
    cookies = {cookies_of(get(address, cookie)) for address in addresses}
    assert len(cookies) == 1, cookies


@pytest.mark.parametrize("value", [c for c in COOKIES.values() if "sessionid" in c])
def test_only_what_looks_like_a_session_key_is_looked_up(value: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        get("/never-existed/", value)
    looked_up = [query["sql"] for query in queries if "django_session" in query["sql"]]
    # Of several cookies of one name the last one counts, as everywhere in Django.
    last = value.rpartition("sessionid=")[2]
    assert len(looked_up) == (1 if last == STALE else 0)


def test_a_living_session_works_as_before(editor: Client) -> None:
    assert editor.get("/admin/").status_code == 200
    assert not editor.get("/never-existed/").cookies
    assert editor.get("/never-existed/").status_code == 404


def test_the_session_of_a_changed_password_is_forgotten_at_every_address() -> None:
    kept = set()
    for address in ("/", "/never-existed/", "/static/missing.css"):
        client, user = Client(), make_user("Editors")
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        user.set_password("another long password")
        user.save()
        kept.add(client.get(address).cookies["sessionid"].value)
    assert kept == {""}
