"""Values of filters are read as they are meant, with whatever signs they were typed."""

import pytest
from django.core.paginator import Paginator
from django.http import QueryDict

from mscp.listing.params import IgnoredParameter, nearest_page, read_parameters
from reviews.filters import PracticeReviewFilterSet

FILTERS = {name: PracticeReviewFilterSet.base_filters[name] for name in ("year", "type")}


@pytest.mark.parametrize(
    ("typed", "year"),
    [
        ("2021", "2021"),
        ("２０２１", "2021"),
        ("٢٠٢١", "2021"),
        ("\u200e2021\u200f", "2021"),
        ("\u00a02021\u2009", "2021"),
        ("20\u00ad21", "2021"),
        ("\ufeff2021", "2021"),
        ("²021", None),
        ("20-21", None),
        ("20 21", None),
    ],
    ids=ascii,
)
def test_the_value_of_a_facet(typed: str, year: str | None) -> None:
    given = QueryDict(mutable=True)
    given["year"] = typed
    read = read_parameters(given, FILTERS, ["newest"])
    assert read.data.getlist("year") == ([year] if year else [])
    assert bool(read.ignored) is (year is None)


@pytest.mark.parametrize("typed", ["newest", "\u200bnewest ", "ｎｅｗｅｓｔ", "\u2066newest\u2069"])
def test_the_name_of_an_order(typed: str) -> None:
    given = QueryDict(mutable=True)
    given["sort"] = typed
    assert read_parameters(given, FILTERS, ["newest"]).data["sort"] == "newest"


@pytest.mark.parametrize(
    ("typed", "number"), [("2", 2), ("２", 2), ("\u200e2", 2), ("٢", 2), ("\u00a02", 2), ("²", 1)]
)
def test_the_number_of_a_page(typed: str, number: int) -> None:
    given = QueryDict(mutable=True)
    given["page"] = typed
    ignored: list[IgnoredParameter] = []
    page = nearest_page(Paginator(range(30), 10), given, ignored)
    assert page.number == number and bool(ignored) is (number == 1)
