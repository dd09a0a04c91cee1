"""The lists of publications for staff: what they offer to narrow them by."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from mscp.publishing.gate import State
from reviews.models import Publication
from tests.factories import (
    make_briefing,
    make_report,
    make_review,
    make_theme,
    past_the_gate,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db

REVIEWS = "/admin/reviews/practicereview/"


def offered(address: str, parameter: str, client: Client) -> list[str]:
    """Return the values of a filter that a list offers."""
    page = client.get(address).content.decode()
    return re.findall(rf'href="\?{parameter}=([^"&]+)"', page)


def test_a_list_offers_the_years_from_the_first_to_the_last_that_went_live(
    administrator: Client,
) -> None:
    assert offered(REVIEWS, "live-since", administrator) == []
    for year, month, title in ((2023, 12, "Oak"), (2025, 6, "Ash"), (2025, 1, "Elm")):
        review = make_review(title=title)
        moment = datetime(year, month, 31 if month == 12 else 1, 23, 30, tzinfo=UTC)
        moments = {"published_at": moment, "first_published_at": moment}
        past_the_gate(Publication.objects.filter(pk=review.pk), **moments)
    make_review(title="A draft", state=State.DRAFT), make_report()
    assert offered(REVIEWS, "live-since", administrator) == ["2025", "2024", "2023"]
    shown = text_of(administrator.get(f"{REVIEWS}?live-since=2025"))
    assert "Ash" in shown and "Elm" in shown and "Oak" not in shown and "A draft" not in shown
    assert "Oak" in text_of(administrator.get(f"{REVIEWS}?live-since=2023"))
    assert "Oak" in text_of(administrator.get(f"{REVIEWS}?live-since=none"))


def test_a_list_offers_the_themes_that_something_in_it_has(administrator: Client) -> None:
    used, of_others = make_theme(name="Neglect"), make_theme(name="Bruising")
    make_theme(name="Not used")
    make_review(themes=[used], state=State.DRAFT)
    make_briefing(themes=[of_others])
    assert offered(REVIEWS, "themes__id__exact", administrator) == [str(used.pk)]
    assert offered("/admin/reviews/briefing/", "themes__id__exact", administrator) == [
        str(of_others.pk)
    ]


def test_a_list_says_how_many_it_found_and_leads_back_to_all(administrator: Client) -> None:
    make_review(title="Oak")
    make_review(title="Elm")
    whole, found = (text_of(administrator.get(f"{REVIEWS}{query}")) for query in ("", "?q=Oak"))
    assert "1 found ( show all )" in found
    assert "show all" not in whole and "None" not in whole and "None" not in found
