"""Whatever a visitor types or a robot sends: a normal page, never an error of ours."""

from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.test import Client

from tests.factories import make_course, make_review, make_session, make_theme
from tests.pages import assert_valid, body_of

pytestmark = pytest.mark.django_db

HOSTILE = [
    "'",
    '"',
    "%",
    "%%s",
    "_",
    "\\",
    "';--",
    "<script>alert(1)</script>",
    "\x00",
    "a\x00b",
    "\x1b[31m",
    "\u202eabc",
    "\ufeff",
    "👶🏽",
    "é" * 300,
    "日本語",
    "x" * 10_000,
    "x " * 5_000,
    "-1",
    "0",
    "9" * 400,
    "1e309",
    "NaN",
    "None",
    "[]",
    "{{ 7*7 }}",
    "../../etc/passwd",
    "OR 1=1",
    "NEAR(a b)",
    "2021-99",
    "٢٠٢١",
    "²⁰²¹",
]
# What a URL can carry but no text holds: bytes that are no UTF-8, and half a pair.
RAW = ["%ff%fe", "%ed%a0%80", "%00", "%%0000", "%0%%00000", "%", "%zz", "a%0d%0aSet-Cookie:x=1"]

PARAMETERS = ["q", "type", "year", "theme", "sort", "page"]
TRAINING = [
    *PARAMETERS[2:],
    "q",
    "course",
    "audience",
    "delivery",
    "venue",
    "access",
    "month",
    "when",
]


@pytest.fixture(autouse=True)
def something_to_find() -> None:
    theme = make_theme(name="Neglect")
    make_review(title="Oak", themes=[theme])
    make_session(make_course(themes=[theme]))


LISTS = (("/reviews/", PARAMETERS), ("/training/", TRAINING), ("/search/", ["q"]))


@pytest.mark.parametrize("value", [*map(quote, HOSTILE), *RAW], ids=lambda v: v[:24])
def test_any_value_of_all_parameters_gives_a_page(value: str) -> None:
    for path, names in LISTS:
        query = "&".join(f"{name}={value}" for name in [*names, *names])
        response = Client().get(f"{path}?{query}")
        assert response.status_code == 200, path
        assert b"<script>alert" not in response.content
        if path == "/reviews/":
            assert_valid(response)


@pytest.mark.parametrize("value", ["%00", "%ff%fe", "%%0000", quote("²⁰²¹"), "9" * 400])
def test_the_hardest_values_of_each_parameter_give_a_page(value: str) -> None:
    """One at a time: where all are left out, none is looked at together with a good one."""
    for path, names in LISTS:
        for name in names:
            response = Client().get(f"{path}?{name}={value}&{name}={value}")
            assert response.status_code == 200, (path, name)


@pytest.mark.parametrize("value", [*map(quote, HOSTILE), *RAW], ids=lambda v: v[:24])
def test_any_value_gives_a_feed_and_an_export_too(value: str) -> None:
    for path, names in (("/reviews/", PARAMETERS), ("/training/", TRAINING)):
        query = "&".join(f"{name}={value}" for name in [*names, "bom"])
        feed = Client().get(f"{path}feed.atom?{query}")
        assert feed.status_code == 200
        ElementTree.fromstring(feed.content)  # noqa: S314 - our own feed
        answer = Client().get(f"{path}export.v1.json?{query}")
        assert answer.status_code == 200 and answer.json()["page"] == 1
        table = Client().get(f"{path}export.csv?{query}")
        assert table.status_code == 200 and b"\r\n" in body_of(table)
        older = Client().get(f"{path}export.json?{query}")
        assert older.status_code == 302
        assert Client().get(older.headers["Location"]).json() == answer.json()


def test_all_parameters_at_once_and_hundreds_of_values() -> None:
    query = "&".join(f"{name}={number}" for name in TRAINING for number in range(100))
    assert Client().get(f"/training/?{query}").status_code == 200
    many = "&".join(f"year={year}" for year in range(1900, 2199))
    assert Client().get(f"/reviews/?{many}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/reviews/none/",
        "/reviews/NONE/",
        "/reviews/a%20b/",
        "/reviews/%00/",
        "/reviews/%ff/",
        "/reviews/" + "x" * 3000 + "/",
        "/reviews/vamp/more/",
        "/documents/1/a.pdf",
        "/documents/00000000-0000-4000-8000-000000000000/a.pdf",
        "/documents/00000000-0000-4000-8000-000000000000/%00.pdf",
        "/themes/none/",
        "/training/none/",
        "/training/venues/none/",
        "/none/",
        "/none",
        "/wp-login.php",
        "/.env",
        "/reviews//",
        "/sitemap-none.xml",
        "/static/../mscp/settings.py",
    ],
)
def test_a_wrong_address_is_a_404_with_a_way_on(path: str) -> None:
    response = Client().get(path, follow=True)
    assert response.status_code == 404
    assert "There is no page at this address" in response.content.decode()
    assert_valid(response)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_other_methods_are_refused_plainly(method: str) -> None:
    assert getattr(Client(), method)("/reviews/").status_code == 405


def test_an_address_without_its_last_slash_is_led_on() -> None:
    response = Client().get("/reviews?type=scr")
    assert response.status_code == 301 and response.headers["Location"] == "/reviews/?type=scr"


def test_an_unknown_host_is_a_400_that_reads_nothing() -> None:
    response = Client(raise_request_exception=False).get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "not understood" in response.content.decode()
    assert_valid(response)


@pytest.mark.parametrize("value", ["%00", "a%00", "%%0000"])
def test_a_path_with_nul_is_no_address(value: str) -> None:
    uid = "00000000-0000-4000-8000-000000000000"
    for address in (
        f"/{value}/",
        f"/reviews/{value}/",
        f"/documents/{uid}/{value}",
        f"/staff/password/1-{value}/",
        f"/admin/reviews/practicereview/{value}/change/",
        f"/static/{value}",
    ):
        # Two are percent signs that nobody decodes twice: then the address may be a form's.
        assert Client().get(address).status_code in (
            (404,) if "%%" not in value else (200, 302, 404)
        )
