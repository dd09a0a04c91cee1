"""What the page of a search says of its words, its offers and its courses and venues."""

from typing import Any

import pytest
from django.test import Client

from mscp.publishing.gate import State
from tests.factories import (
    HIDDEN_STAGES,
    MINIMAL_PDF,
    make_course,
    make_document,
    make_file,
    make_review,
    make_theme,
    make_venue,
)
from tests.pages import assert_valid, text_of, titles

pytestmark = pytest.mark.django_db


def search(typed: str, **filters: Any) -> Any:
    return Client().get("/search/", {"q": typed, **filters})


def test_the_words_and_the_forms_that_were_found_are_told() -> None:
    review = make_review(title="Oak")
    file = make_file(MINIMAL_PDF, pages=["The GPs saw bruising, and bruises again."])
    make_document(review, file=file)
    page = search("the bruised general practitioner -zebra")
    text = text_of(page)
    assert "Looked for bruised , general and practitioner in every form" in text
    assert "without zebra ; left out: the" in text
    assert "every form of the word; on this page also: bruising, bruises" in text
    assert "every form of the word; on this page also: GPs" in text
    assert_valid(page)
    assert "Looked for" not in text_of(search(""))


def test_where_filters_are_in_the_way_each_is_offered_to_be_taken_off() -> None:
    make_review(title="Oak", type="scr", themes=[make_theme(name="Neglect")])
    make_review(title="Elm", type="lcspr")
    page = search("oak", type="lcspr", theme="neglect")
    (offer,) = page.context["offers"].fewer_filters
    assert "without the filter Type : 1 result" in text_of(page)
    assert titles(Client().get(f"/search/?{offer.query}")) == ["Oak"]
    assert_valid(page)
    # Where no single one is, all of them.
    make_review(title="Ash", type="scr")
    page = search("elm", type="scr", theme="neglect")
    (offer,) = page.context["offers"].fewer_filters
    assert "without other filters : 1 result" in text_of(page)
    assert titles(Client().get(f"/search/?{offer.query}")) == ["Elm"]


def test_the_nearest_query_is_offered_with_its_number() -> None:
    for title in ("Oak bruise", "Elm bruise"):
        make_review(title=title)
    page = search("bruise zebra")
    assert "Nearest to it: bruise , without “zebra”: 2 results" in text_of(page)
    (offer,) = page.context["offers"].parts
    assert len(titles(Client().get(f"/search/?{offer.query}"))) == 2
    assert "Nearest to it" not in text_of(search("bruise"))
    assert "Nearest to it: bruise , without “zebra”: 2 practice reviews" in text_of(
        Client().get("/reviews/?q=bruise+zebra")
    )


@pytest.mark.parametrize(
    ("typed", "offered", "number"),
    [
        # Words of a course, of a venue, and of both beside a publication.
        ("soothing zebra", "soothing", 2),
        ("zebra library", "library", 2),
        ("soothing library zebra", "soothing", 2),
        ("crying zebra", "crying", 1),
        ('"crying soothing"', "crying soothing", 1),
        ('"soothing helps" zebra', '"soothing helps"', 1),
        # Misspelt, and only in a course or a venue.
        ("sootihng", "soothing", 2),
        ("libary", "library", 2),
    ],
)
def test_courses_and_venues_are_offered_and_counted_too(
    typed: str, offered: str, number: int
) -> None:
    make_review(title="Oak", summary="A soothing word.")
    make_review(title="Elm", summary="Seen in the library.")
    make_course(title="Crying babies", summary="How soothing helps.")
    make_venue(name="Town library")
    page = search(typed)
    offers = page.context["offers"]
    first = [*offers.respelt, *offers.parts][0]
    assert (first.label, first.number) == (offered, number)
    assert f"{offered} " in text_of(page) and f"{number} result" in text_of(page)
    found = Client().get(f"/search/?{first.query}").context
    lists = found["object_list"], found["courses"], found["venues"]
    assert sum(map(len, lists)) == number


def test_where_a_filter_is_in_the_way_of_courses_they_are_counted_without_it() -> None:
    make_review(title="Oak", type="scr")
    make_course(title="Crying babies")
    (offer,) = search("crying", type="scr").context["offers"].fewer_filters
    assert offer.number == 1
    page = Client().get(f"/search/?{offer.query}")
    assert len(page.context["courses"]) == 1
    # A list of one kind counts its own.
    assert not Client().get("/reviews/?q=crying+zebra").context["offers"].parts


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_what_is_hidden_is_neither_offered_nor_counted(state: State) -> None:
    make_review(title="Oak bruise")
    never = [search(typed).content for typed in ("bruise kestrel", "kestrel heron")]
    make_review(title="Kestrel heron bruise", state=state)
    make_course(title="Kestrel", state=state)
    assert [search(typed).content for typed in ("bruise kestrel", "kestrel heron")] == never
    assert "bruise , without “kestrel”: 1 result" in text_of(search("bruise kestrel"))


COURSES = [
    ("crying", "In its title"),
    ("soothing", "In its summary: How soothing helps."),
    ("fontanelle", "In its description: The fontanelle and more."),
    ("midwives", "In what it asks for: For midwives ."),
    ("trust", "In who gives it: Health trust"),
    ("teach soothing", "In its summary: How soothing helps."),
    ("kestrels", "Matches theme: Kestrels"),
    ("soothing kestrels", "In its summary: How soothing helps. Matches theme: Kestrels"),
]


@pytest.mark.parametrize(("typed", "reason"), COURSES)
def test_a_course_says_why_it_is_in_the_list(typed: str, reason: str) -> None:
    make_course(
        title="Crying babies",
        summary="How soothing helps.",
        description="The **fontanelle** and more.",
        outcomes="To teach.",
        prerequisites="For midwives.",
        provider="Health trust",
        themes=[make_theme(name="Kestrels")],
    )
    assert f"Crying babies No date set at present {reason}" in text_of(search(typed))


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("oak", "In its name"),
        ("sample road", "In its address: 2 Sample Road"),
        ("parking", "In the way there: No parking here"),
        ("ramp", "In its accessibility: A ramp at the side"),
    ],
)
def test_a_venue_says_why_it_is_in_the_list(typed: str, reason: str) -> None:
    make_venue(
        name="Oak House",
        street="2 Sample Road",
        town="Anytown",
        directions="No parking here.",
        accessibility="A ramp at the side.",
    )
    assert f"Anytown {reason}" in text_of(search(typed))


def test_an_offer_shows_a_phrase_once_quoted_and_of_a_long_text_the_part_that_differs() -> None:
    make_review(title="Oak", summary="Bruise")
    assert "bruise , without “was not seen”: 1 result" in text_of(search('bruise "was not seen"'))
    assert "without “-bruise”" not in text_of(search('"bruise oak" zebra'))
    long = " ".join(["bruise"] * 25)
    make_review(title="Elm", summary=f"{long} neglect")
    page = search(f"{long} negelct")
    (offer,) = page.context["offers"].respelt
    assert len(offer.label) < 90 and offer.label.endswith("bruise neglect")
    assert f"{offer.label} (1 result)?" in text_of(page)
    assert titles(Client().get(f"/search/?{offer.query}")) == ["Elm"]


@pytest.mark.parametrize("typed", ['"the"', "„the“", '"the', "the", '"the" "of"'])
def test_words_that_are_too_common_are_said_once_quoted(typed: str) -> None:
    make_review(title="Oak")
    said = text_of(search(typed))
    assert "“the" in said and '"' not in said.partition("too common")[0].partition("“the")[2]
    assert "Nearest" not in said
