"""What a request says of host, port and prefix moves no link, in its own answer or another's."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from mscp.publishing.gate import State
from tests.pages import body_of
from tests.test_public_surfaces import World

pytestmark = pytest.mark.django_db

FORGED = {
    "HTTP_X_FORWARDED_HOST": "forged.example",
    "HTTP_X_FORWARDED_PORT": "666",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_PREFIX": "/forged",
    "HTTP_FORWARDED": "host=forged.example;proto=https",
    "SCRIPT_NAME": "/forged",
}


def test_no_header_moves_a_link_in_any_answer() -> None:
    world = World(State.PUBLISHED)
    plain, forging = Client(), Client(HTTP_HOST="TestServer.:666", **FORGED)
    for addresses in world.addresses().values():
        for address in addresses:
            forged = body_of(forging.get(address))
            for trace in (b"forged", b":666", b"TestServer", b"testserver."):
                assert trace not in forged, (address, trace)
            assert forged == body_of(plain.get(address)), address


def test_nothing_that_is_kept_holds_the_host_of_the_request_before() -> None:
    world = World(State.PUBLISHED)
    for addresses in world.addresses().values():
        for address in addresses[:2]:
            body_of(Client(HTTP_HOST="localhost").get(address))
            assert b"localhost" not in body_of(Client().get(address)), address


@pytest.mark.parametrize(
    ("host", "port", "canonical"),
    [
        ("testserver", "80", "testserver"),
        ("TESTSERVER.", "80", "testserver"),
        ("testserver:80", "80", "testserver"),
        ("testserver:80", "8000", "testserver"),
        ("testserver:666", "80", "testserver"),
        ("testserver:666", "8000", "testserver"),
        ("testserver:8000", "8000", "testserver:8000"),
        ("127.0.0.1:8080", "8080", "127.0.0.1:8080"),
    ],
)
def test_a_port_stands_in_links_only_where_it_is_the_one_served(
    host: str, port: str, canonical: str
) -> None:
    page = Client().get("/about/", HTTP_HOST=host, SERVER_PORT=port).content.decode()
    assert f'<link rel="canonical" href="http://{canonical}/about/">' in page


@pytest.mark.parametrize(
    "host",
    [
        "forged.example",
        "forged.example:80",
        "testserver:80@forged.example",
        "a b",
        ":80",
        "testserver:",
    ],
)
def test_another_host_is_refused(host: str) -> None:
    assert Client(HTTP_HOST=host).get("/about/").status_code == 400


@pytest.mark.usefixtures("no_counted_attempts")
@pytest.mark.parametrize(
    ("allowed", "host", "named"),
    [
        (["testserver"], "testserver", "testserver"),
        (["testserver"], "testserver:666", "testserver"),
        (["testserver"], "testserver:8000", "testserver:8000"),
        (["learning.example.org", ".example.org"], "x.example.org", "learning.example.org"),
        ([".example.org"], "x.example.org", "example.org"),
    ],
)
@pytest.mark.parametrize("address", ["ed@example.org", "nobody@example.org"])
def test_mails_name_the_first_of_the_allowed_hosts(
    sign_in: Any, settings: Any, allowed: list[str], host: str, named: str, address: str
) -> None:
    sign_in("Editors", username="ed", email="ed@example.org")
    settings.ALLOWED_HOSTS = allowed
    client = Client(HTTP_HOST=host, **FORGED)
    client.post("/staff/password/", {"email": address}, SERVER_PORT="8000")
    (letter,) = mail.outbox
    links = re.findall(r"\w+://[^/\s]+", letter.body)
    assert links and set(links) == {f"http://{named}"}
    assert "forged" not in letter.body + letter.subject
    assert "x.example.org" not in letter.body + letter.subject
