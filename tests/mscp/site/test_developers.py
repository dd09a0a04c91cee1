"""The page that documents feeds and exports, and the links that lead to them."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from mscp.listing.facets import Facet, FixedChoices
from mscp.site.developers import EXPLAINED, KINDS, LISTS, parameters
from reviews.filters import LibraryFilterSet, NationalReportFilterSet
from tests.factories import make_briefing, make_identity, make_report, make_review, make_session
from tests.pages import assert_valid, body_of, text_of

pytestmark = pytest.mark.django_db


def test_every_address_and_parameter_stands_on_the_page() -> None:
    make_identity()
    page = Client().get("/developers/")
    assert_valid(page)
    text, body = text_of(page), page.content.decode()
    for _, _, filterset in LISTS:
        for name in [*filterset.base_filters, "sort", "page"]:
            assert f"<code>{name}</code>" in body
    for value in (
        "lcspr",
        "seven_minute",
        "hybrid",
        "past",
        "oldest",
        "bom=1",
        "report_date",
        "SEQUENCE",
    ):
        assert value in text, value
    links = re.findall(r"<main.*</main>", body, re.DOTALL)[0]
    for address in re.findall(r'href="(/[^"#]*)"', links):
        response = Client().get(html.unescape(address))
        assert response.status_code == 200, address
        # To its end, since only so many exports are made at once.
        body_of(response)


def test_a_parameter_that_only_some_lists_have_says_which(monkeypatch: Any) -> None:
    covers = Facet(
        field_name="nationalreport__covers_from",
        label="Covers",
        known=FixedChoices({"2020": "2020"}),
    )
    filters = {**NationalReportFilterSet.base_filters, "sample": covers}
    monkeypatch.setattr(NationalReportFilterSet, "base_filters", filters)
    *_, found, sort, page = parameters(LibraryFilterSet, *KINDS)
    assert found == ("sample", "Only of National reports. Covers:", [("2020", "2020")], True)
    assert (sort.name, page.name) == ("sort", "page")


def test_a_parameter_has_its_values_listed_or_explained() -> None:
    for _, _, filterset in LISTS:
        for parameter in parameters(filterset):
            explained = parameter.name in EXPLAINED or parameter.name == "page"
            assert bool(parameter.values) != explained, parameter.name


def test_the_licence_is_named_or_that_there_is_none() -> None:
    text = text_of(Client().get("/developers/"))
    assert "No licence has been set. The texts remain the partnership's." in text
    make_identity(licence_name="Licence X", licence_address="https://example.org/x")
    page = Client().get("/developers/")
    assert 'href="https://example.org/x">Licence X</a>' in page.content.decode()
    assert "No licence has been set" not in text_of(page)


@pytest.mark.parametrize("path", ["/reviews/", "/reports/", "/learning/", "/search/", "/training/"])
@pytest.mark.parametrize("query", ["", "?sort=title&q=sample&page=2&theme=bogus"])
def test_a_list_leads_to_its_other_formats_with_its_filter(path: str, query: str) -> None:
    make_review(), make_report(), make_briefing(), make_session()
    page: Any = Client().get(f"{path}{query}")
    assert_valid(page)
    head, _, body = page.content.decode().partition("</head>")
    kept = {"q=sample", "sort=title"} if query else set()
    for part, number in ((head, 3), (body, 3)):
        found = re.findall(rf'href="({path}(?:feed|export)\.[^"]+)"', part)
        assert len(found) == number
        for address in map(html.unescape, found):
            asked = set(address.partition("?")[2].split("&")) - {"", "bom=1"}
            assert asked == kept, address
            answer = Client().get(address)
            if "export.json" in address:
                answer = Client().get(answer.headers["Location"])
            assert answer.status_code == 200 and body_of(answer)
    assert re.search(rf'href="{path}export.csv\?[^"]*bom=1"', body)


def test_the_schemas_are_open_to_all() -> None:
    for name in ("publications", "sessions"):
        response = Client().get(f"/developers/{name}.v1.schema.json")
        assert response.headers["Content-Type"] == "application/schema+json"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.json()["$id"] == f"http://testserver/developers/{name}.v1.schema.json"
