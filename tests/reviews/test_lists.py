import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from tests.factories import (
    MINIMAL_PDF,
    make_briefing,
    make_document,
    make_report,
    make_review,
    make_theme,
)
from tests.pages import assert_valid, text_of, titles

pytestmark = pytest.mark.django_db


def dated(year: int, **fields: Any) -> Any:
    return make_review(report_date=PartialDate(year), **fields)


def test_an_empty_site_says_so_on_every_list() -> None:
    for address in ("/reviews/", "/reports/", "/learning/", "/training/", "/search/"):
        page = Client().get(address)
        assert page.status_code == 200
        assert "Nothing is published here yet." in text_of(page)
        assert_valid(page)


def test_newest_first_unless_asked_otherwise() -> None:
    dated(2020, title="Beech")
    dated(2022, title="ash")
    make_review(title="Cedar")
    assert titles(Client().get("/reviews/")) == ["ash", "Beech", "Cedar"]
    assert titles(Client().get("/reviews/?sort=oldest")) == ["Beech", "ash", "Cedar"]
    assert titles(Client().get("/reviews/?sort=title")) == ["ash", "Beech", "Cedar"]


def test_filters_of_one_facet_widen_and_of_two_narrow() -> None:
    neglect, abuse = make_theme(name="Neglect"), make_theme(name="Abuse")
    dated(2020, title="A", type="scr", themes=[neglect, abuse])
    dated(2021, title="B", type="lcspr", themes=[neglect])
    dated(2022, title="C", type="lcspr", themes=[abuse])
    get = Client().get
    assert titles(get("/reviews/?theme=neglect&theme=abuse")) == ["C", "B", "A"]
    assert titles(get("/reviews/?theme=neglect&type=scr")) == ["A"]
    assert titles(get("/reviews/?year=2020&year=2022")) == ["C", "A"]
    assert titles(get("/reviews/?year=2020&type=lcspr")) == []


def test_counts_leave_their_own_facet_out() -> None:
    neglect, abuse = make_theme(name="Neglect"), make_theme(name="Abuse")
    dated(2020, type="scr", themes=[neglect, abuse])
    dated(2021, type="lcspr", themes=[neglect])
    dated(2021, type="lcspr")
    page = Client().get("/reviews/?type=lcspr")
    choices = {
        facet.name: {choice.value: choice.number for choice in facet.first}
        for facet in page.context["facets"]
    }
    assert choices == {
        "type": {"lcspr": 2, "scr": 1},
        # The years stay where they are, to be compared.
        "year": {"2020": 0, "2021": 2},
        "theme": {"neglect": 1},
    }
    assert "2 practice reviews" in text_of(page)


def test_while_words_are_searched_years_are_choices_the_newest_first_without_empty_ones() -> None:
    for number in range(7):
        dated(2015 + number, title=f"Oak {number}")
    dated(2030, title="Elm")
    for address in ("/reviews/", "/search/"):
        bars = 'class="timeline-bars"'
        assert bars in Client().get(address).content.decode()
        page = Client().get(f"{address}?q=oak")
        assert bars not in page.content.decode()
        (years,) = [facet for facet in page.context["facets"] if facet.name == "year"]
        assert [choice.value for choice in years.first] == ["2021", "2020", "2019", "2018", "2017"]
        assert [choice.value for choice in years.rest] == ["2016", "2015"]
        assert titles(Client().get(f"{address}?q=oak&year=2016")) == ["Oak 1"]
    nothing = Client().get("/search/?q=zebra")
    assert "year" not in [facet.name for facet in nothing.context["facets"]]


def test_who_published_a_document_is_told_apart_from_the_staff_who_publish() -> None:
    make_report(publisher="A national panel")
    page = text_of(Client().get("/reports/?publisher=A+national+panel"))
    assert "Published by: A national panel" in page
    assert "Publisher" not in page


def test_a_chosen_value_that_gives_nothing_stays_so_that_it_can_be_taken_off() -> None:
    dated(2020, type="scr")
    page = Client().get("/reviews/?year=2031")
    assert "Nothing was found. Try other words or another choice" in text_of(page)
    both = text_of(Client().get("/reviews/?year=2031&type=scr"))
    assert "Nothing here fits all of these filters together." in both
    assert 'value="2031" checked' in page.content.decode()
    assert "Year: 2031" in text_of(page)


@pytest.mark.parametrize(
    ("query", "label", "value"),
    [
        ("type=bogus", "Type", "bogus"),
        ("year=20x1", "Year", "20x1"),
        ("year=²021", "Year", "²021"),
        ("theme=no-such-theme", "Theme", "no-such-theme"),
        ("sort=sideways", "Sort by", "sideways"),
        ("page=99", "Page", "99"),
        ("page=x", "Page", "x"),
        ("page=-1", "Page", "-1"),
        ("theme=<script>alert(1)</script>", "Theme", "<script>alert(1)</script>"),
    ],
)
def test_an_unknown_value_is_left_out_and_named_and_the_rest_applies(
    query: str, label: str, value: str
) -> None:
    dated(2020, title="A", type="scr")
    dated(2021, title="B", type="lcspr")
    page = Client().get(f"/reviews/?type=scr&{query}")
    assert titles(page) == ["A"]
    assert f"{label}: {value}" in text_of(page)
    assert b"<script>alert" not in page.content
    assert_valid(page)


def test_parameters_nobody_knows_are_passed_over() -> None:
    make_review(title="A")
    page = Client().get("/reviews/?utm_source=x&fbclid=1&constructor=2")
    assert titles(page) == ["A"] and "ignored" not in text_of(page)


def test_a_doubled_single_value_takes_the_last() -> None:
    make_review(title="Apple")
    make_review(title="Pear")
    assert titles(Client().get("/reviews/?q=pear&q=apple")) == ["Apple"]
    assert titles(Client().get("/reviews/?sort=oldest&sort=title")) == ["Apple", "Pear"]


def test_a_chip_takes_off_its_own_value_and_keeps_the_rest() -> None:
    dated(2020, type="scr")
    page = Client().get("/reviews/?type=scr&type=lcspr&year=2020&sort=title&page=3")
    hrefs = {chip.label: chip.query for chip in page.context["filterset"].chips}
    assert hrefs == {
        "Serious case review": "type=lcspr&year=2020&sort=title",
        "Local child safeguarding practice review": "type=scr&year=2020&sort=title",
        "2020": "type=scr&type=lcspr&sort=title",
    } or set(hrefs) == {"Serious case review", "Local child safeguarding practice review", "2020"}
    assert page.context["filterset"].cleared == "sort=title"


def test_pages_keep_the_filter_and_name_where_one_is() -> None:
    for number in range(45):
        dated(2020, title=f"Review {number:02}", type="scr")
    page = Client().get("/reviews/?type=scr&sort=title&page=2")
    assert titles(page)[0] == "Review 20" and len(titles(page)) == 20
    assert "45 practice reviews , 21 to 40 on this page" in text_of(page)
    body = page.content.decode()
    assert 'rel="prev" href="?sort=title&amp;type=scr&amp;page=1"' in body or (
        'rel="prev" href="?type=scr&amp;sort=title&amp;page=1"' in body
    )
    assert 'aria-current="page"' in body
    assert "page 2" in body.partition("</title>")[0]
    assert_valid(page)


@pytest.mark.parametrize("address", ["/reviews/", "/search/", "/reviews/?sort=newest"])
def test_who_chose_no_order_sends_none(address: str) -> None:
    """Typing words must then give the best match first, whatever the form stood on before."""
    make_review()
    page = Client().get(address).content.decode()
    assert '<option value="" selected>Newest first</option>' in page
    words = Client().get("/search/?q=oak&sort=").content.decode()
    assert '<option value="" selected>Best match first</option>' in words


def test_an_empty_page_number_is_the_first_page() -> None:
    make_review(title="A")
    page = Client().get("/reviews/?page=")
    assert titles(page) == ["A"] and "ignored" not in text_of(page)


def test_one_result_is_said_in_the_singular() -> None:
    make_review()
    assert "1 practice review" in text_of(Client().get("/reviews/"))
    assert "1 practice reviews" not in text_of(Client().get("/reviews/"))


def test_a_long_facet_unfolds_and_shows_what_is_chosen() -> None:
    themes = [make_theme(name=f"Theme {letter}") for letter in "ABCDEFGHIJ"]
    make_review(themes=themes)
    page = Client().get("/reviews/")
    assert "5 more under Theme" in text_of(page)
    assert 'data-fold="theme" open' not in page.content.decode()
    page = Client().get(f"/reviews/?theme={themes[-1].slug}")
    assert 'data-fold="theme" open' in page.content.decode()


def test_a_long_type_is_spelled_out_once_and_what_all_items_are_is_said_once() -> None:
    for number in range(3):
        make_review(title=f"Oak {number}", type="lcspr")
    page = text_of(Client().get("/reviews/"))
    assert "All here are local child safeguarding practice reviews." in page
    assert "(LCSPR)" not in page and "LCSPR , ·" not in page
    # The chip says it already.
    assert "All here are" not in text_of(Client().get("/reviews/?type=lcspr"))
    make_review(title="Zelkova", type="scr")
    page = text_of(Client().get("/reviews/"))
    assert page.count("Local child safeguarding practice review (LCSPR) , ·") == 1
    assert page.count("LCSPR , ·") == 2 and "Serious case review , ·" in page
    assert "All here are" not in page
    for number in range(2):
        make_briefing(title=f"Ash {number}")
    page = text_of(Client().get("/learning/"))
    assert "All here are" not in page and "7-minute learning , ·" not in page


def test_a_publication_shows_the_cover_of_its_first_document_that_has_one() -> None:
    shown, hidden = make_review(title="Oak"), make_review(title="Elm", state=State.DRAFT)
    make_document(shown, url="https://example.org/")
    covers = [make_document(one, pdf=MINIMAL_PDF) for one in (shown, shown, hidden)]
    for address in ("/reviews/", "/search/"):
        page = Client().get(address)
        assert re.findall(r'src="(/documents/[^"]*)"', page.content.decode()) == [
            covers[0].covers[0][0]
        ]
        assert_valid(page)


@pytest.mark.parametrize(
    ("address", "begins"),
    [
        ("/search/?q=oak", "oak – search – 1 result –"),
        ("/search/?q=%3Cb%3E+oak", "&lt;b&gt; oak – search – 0 results –"),
        ("/reviews/?q=oak&type=scr", "oak – practice reviews – 1 practice review –"),
        ("/reviews/?type=scr", "Practice reviews – 1 practice review –"),
        ("/reviews/", "Practice reviews –"),
    ],
)
def test_the_title_of_a_search_begins_with_its_words(address: str, begins: str) -> None:
    make_review(title="Oak", type="scr")
    page = Client().get(address).content.decode()
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert " ".join(title.split()).startswith(begins), title


def test_words_are_looked_for_in_titles_names_and_summaries() -> None:
    make_review(title="Oak", aliases="Elm, Ash", summary="About bruising")
    for words in ("oak", "elm", "ash bruis", "About OAK"):
        assert titles(Client().get("/reviews/", {"q": words})) == ["Oak"], words
    assert titles(Client().get("/reviews/", {"q": "oak maple"})) == []


def test_notes_for_staff_are_never_searched() -> None:
    make_review(title="Oak", staff_note="confidential")
    assert titles(Client().get("/reviews/?q=confidential")) == []
    assert titles(Client().get("/search/?q=confidential")) == []


def test_each_list_holds_its_own_kind() -> None:
    make_review(title="A review"), make_report(title="A report"), make_briefing(title="A brief")
    assert titles(Client().get("/reviews/")) == ["A review"]
    assert titles(Client().get("/reports/")) == ["A report"]
    assert titles(Client().get("/learning/")) == ["A brief"]
    assert set(titles(Client().get("/search/"))) == {"A review", "A report", "A brief"}


def test_a_long_title_and_odd_letters_stand_escaped() -> None:
    make_review(title="<b>&\"'%s</b> " + "w" * 200)
    page = Client().get("/reviews/")
    assert b"<b>&" not in page.content
    assert_valid(page)


def test_a_scheduled_review_joins_the_list_and_its_counts_by_the_clock(clock: Any) -> None:
    from django.utils import timezone

    review = make_review(title="Later", state=State.DRAFT, summary="Words.")
    review.publish(at=timezone.now() + timedelta(hours=1))
    assert titles(Client().get("/reviews/")) == []
    clock.shift(timedelta(hours=1))
    assert titles(Client().get("/reviews/")) == ["Later"]


@pytest.mark.parametrize("pasted", ["Ofsted\u200b", "Of\u00adsted", " Ofsted\n", "Ofsted "])
def test_a_publisher_pasted_with_what_nobody_sees_can_be_chosen(pasted: str) -> None:
    make_report(title="One", publisher=pasted)
    make_report(title="Two", publisher="Panel")
    page = Client().get("/reports/")
    (choice,) = [c for f in page.context["facets"] for c in f.first if c.value.startswith("O")]
    assert (choice.value, choice.number) == ("Ofsted", 1)
    assert titles(Client().get("/reports/", {"publisher": choice.value})) == ["One"]
