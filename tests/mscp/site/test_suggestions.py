"""What is offered while somebody types: names of what is published, and nothing else."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from mscp.records.partial_dates import PartialDate
from mscp.site import suggestions
from tests.factories import (
    HIDDEN_STAGES,
    make_briefing,
    make_course,
    make_report,
    make_review,
    make_theme,
    make_venue,
)

pytestmark = pytest.mark.django_db


def offered(words: str) -> list[tuple[str, str]]:
    answer = Client().get(f"/search/suggestions/?q={quote(words)}").json()
    return [(one["text"], one["kind"]) for one in answer["suggestions"]]


def test_names_themes_courses_and_venues_are_offered_by_their_beginnings() -> None:
    theme = make_theme(name="Safe sleeping")
    make_review(
        pseudonym="Vamp", child_reference="Child M", aliases="Quill", themes=[theme], type="scr"
    )
    make_report(title="Safeguarding babies")
    make_course(title="Safer recruitment")
    make_venue(name="Safe House Hall")
    assert offered("saf") == [
        ("Safe sleeping", "Theme"),
        ("Safeguarding babies", "Thematic report"),
        ("Safer recruitment", "Course"),
        ("Safe House Hall", "Venue"),
    ]
    for words in ("vam", "child m", "quil", "M CHI", "vamp child"):
        assert offered(words) == [("Vamp (Child M)", "SCR")], words


def test_each_leads_to_its_page() -> None:
    review = make_review(title="Oak")
    answer = Client().get("/search/suggestions/?q=oa").json()
    assert answer["suggestions"][0]["address"] == review.get_absolute_url()


def test_at_most_eight_the_newest_first() -> None:
    for year in range(2000, 2012):
        make_review(title=f"Oak {year}", report_date=PartialDate(year))
    assert [text for text, _ in offered("oak")] == [f"Oak {year}" for year in range(2011, 2003, -1)]


def test_of_very_many_the_newest_are_offered_and_nothing_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(suggestions, "MANY", 6)
    monkeypatch.setattr(suggestions, "AT_ONCE", 4)
    for number in range(12):
        make_review(title=f"Report {number}", report_date=PartialDate(2000 + number))
        make_review(title=f"Other {number}", report_date=PartialDate(2000 + number))
    for state in HIDDEN_STAGES:
        make_review(title=f"Report {state}", report_date=PartialDate(2025), state=state)
    for number in range(7):
        make_course(title=f"Report writing {number}")
        make_venue(name=f"Report hall {number}")
    assert [text for text, _ in offered("repo")] == [
        *(f"Report {number}" for number in range(11, 6, -1)),
        *("Report writing 0", "Report writing 1"),
        "Report hall 0",
    ]
    assert [text for text, _ in offered("report 1")][:3] == ["Report 11", "Report 10", "Report 1"]


def test_words_still_being_typed_match_what_is_written_not_its_stem() -> None:
    make_briefing(title="Safeguarding")
    for length in range(2, 13):
        assert offered("safeguarding"[:length]), length
    assert offered("safeguardings") == []


@pytest.mark.parametrize("words", ["", "s", "?", "   ", "\x00", '"', "%", "*", "👶", "x" * 5000])
def test_too_little_or_nothing_of_sense_offers_nothing(words: str) -> None:
    make_review(title="Sample")
    assert offered(words) == []


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_nothing_hidden_is_offered_nor_a_theme_under_which_nothing_is_published(state: Any) -> None:
    theme = make_theme(name="Kestrels")
    make_review(state=state, title="Kestrel", themes=[theme])
    make_course(state=state, title="Kestrel course", themes=[theme])
    assert offered("kes") == []


def test_texts_are_no_names() -> None:
    make_review(title="Oak", summary="kestrel", publisher="Kestrel")
    assert offered("kes") == []


def test_a_long_name_is_cut() -> None:
    make_report(title="Safeguarding " * 18)
    assert len(offered("safeg")[0][0]) == 110


def test_no_engine_lists_the_answers() -> None:
    response = Client().get("/search/suggestions/?q=oak")
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert response.headers["Content-Type"] == "application/json"
