"""Words in quotes stand one behind the other, the small ones too, wherever they stand."""

from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.search import postgresql
from mscp.search.query import read
from reviews import search
from reviews.models import PracticeReview, Publication
from tests.factories import (
    HIDDEN_STAGES,
    MINIMAL_PDF,
    make_course,
    make_document,
    make_file,
    make_review,
    make_theme,
)
from tests.pages import titles

pytestmark = pytest.mark.django_db


def with_pages(publication: Any, *pages: str) -> None:
    make_document(publication, file=make_file(MINIMAL_PDF, pages=list(pages)), title="Report")


@pytest.fixture
def library() -> None:
    """A small fixed library, all of it invented."""
    make_review(title="Ash", summary="The mother attended every appointment in March.")
    make_review(title="Birch", summary="He did not attend in April. He was not brought in May.")
    make_review(title="Cedar", summary="The father was well known to services.")
    make_review(title="Elm", summary="The voice of the child", themes=[make_theme(name="Not seen")])
    oak = make_review(title="Oak", summary="It was said.", child_reference="Child A")
    with_pages(oak, "Services were not", "", "known to her. All knew who", "was there. A child")
    with_pages(make_review(title="Yew"), "The plan was to be agreed or", "not at all. Nobody was.")
    make_review(title="Fig", summary="All safe-\nguarding partners met Siân O’Neill twice.")
    with_pages(make_review(title="Gum"), "It was sent to the co-", "ordinator of care. He left.")
    make_course(title="When a child is not brought", summary="What to do if nobody came.")


QUERIES: list[tuple[str, set[str]]] = [
    ('"did not attend"', {"Birch"}),
    ('"was not brought"', {"Birch"}),
    ('"not brought"', {"Birch", "When a child is not brought"}),
    ('"is not brought"', {"When a child is not brought"}),
    ('"not known to services"', set()),
    ('"well known to services"', {"Cedar"}),
    ('"known to the services"', set()),
    ('"attended every"', {"Ash"}),
    ('"attended any"', set()),
    # Small words alone.
    ('"who was there"', {"Oak"}),
    ('"to be"', {"Yew"}),
    ('"be to"', set()),
    ('"what to do if"', {"When a child is not brought"}),
    # Over the end of a page, and over an empty page; never from one text into another.
    ('"were not known to her"', {"Oak"}),
    ('"agreed or not"', {"Yew"}),
    ('"in march ash"', set()),
    ('"it was said report"', set()),
    ('"was there a child"', {"Oak"}),
    ('"child nobody"', set()),
    # Over a word that the end of a line or of a page divides, and names with an apostrophe.
    ('"safeguarding partners met"', {"Fig"}),
    ('"all safeguarding partners"', {"Fig"}),
    ('"safe-guarding partners"', {"Fig"}),
    ('"safeguarding met"', set()),
    ('"to the coordinator of care"', {"Gum"}),
    ('"the coordinator he"', set()),
    ('"sian o neill"', {"Fig"}),
    ('"met sian o\'neill twice"', {"Fig"}),
    ('"SIAN ONEILL"', {"Fig"}),
    ("sian o neill", {"Fig"}),
    ('"o neill sian"', set()),
    ('partners -"sian o neill"', set()),
    ('partners -"o neill sian"', {"Fig"}),
    # Other forms of a word, and signs between words.
    ('"DID NOT ATTENDED"', {"Birch"}),
    ('"in april he was"', {"Birch"}),
    ('"voice of children"', set()),
    ('"voice of the children"', {"Elm"}),
    ('"not seen"', {"Elm"}),
    ('"the child a"', set()),
    ('"child a"', {"Oak"}),
    # Without a phrase.
    ('attend -"did not attend"', {"Ash"}),
    ('known -"known to her"', {"Cedar"}),
    # A quote left open, and quotes that curl.
    ('"did not attend', {"Birch"}),
    ("“did not attend”", {"Birch"}),
    # Without quotes small words may be missing.
    ("did not attend", {"Ash", "Birch"}),
]


@pytest.mark.usefixtures("library")
def test_words_in_quotes_stand_one_behind_the_other() -> None:
    wrong = {}
    for query, expected in QUERIES:
        found = set(titles(Client().get("/search/", {"q": query})))
        if found != expected:
            wrong[query] = (sorted(found), sorted(expected))
    assert not wrong


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ('"safeguarding partners met"', "safe- guarding partners met"),
        ('"to the coordinator of care"', "to the co- ordinator of care"),
        ('"sian o neill"', "Siân O’Neill"),
    ],
)
def test_what_a_phrase_finds_over_a_divided_word_or_a_name_is_marked(
    typed: str, marked: str
) -> None:
    page = Client().get("/search/", {"q": typed}).content.decode()
    assert f"<mark>{marked}</mark>" in page


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("did not attend", "Birch"),
        ("was not brought", "Birch"),
        ("to services", "Cedar"),
        ("not known to her", "Oak"),
        ("well known", "Cedar"),
        ("the voice of the child", "Elm"),
    ],
)
@pytest.mark.usefixtures("library")
def test_without_quotes_the_phrase_comes_first(typed: str, first: str) -> None:
    others = "attend brought service known her well voice child "
    make_review(title="Fir", summary=others * 9)
    make_review(title="Attend, brought, service, known her, voices of children")
    keys = search.ranked(search.publications.find(read(typed)), read(typed))
    assert len(keys) > 1
    assert Publication.objects.get(pk=keys[0]).title == first


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("did not attend", ["Birch"]),
        ("the voice of the child", ["Elm"]),
        ("not known to her", ["Oak"]),
        # Without a word that is left out, names come first.
        ("attended appointment", ["Appointment attended", "Ash"]),
    ],
)
@pytest.mark.parametrize("most", [0, 200])
@pytest.mark.usefixtures("library")
def test_the_phrase_comes_first_however_many_are_found(
    typed: str, first: list[str], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_RANKED", most)
    ash = PracticeReview.objects.get(title="Ash")
    ash.summary = "She attended appointments."
    ash.save()
    make_review(title="Appointment attended")
    others = "appointment attend brought service known her well voice child "
    for number in range(3):
        make_review(title=f"Fir {number}", summary=others)
    # What a worker keeps is read by the first request.
    Client().get("/search/?q=tree")
    with CaptureQueriesContext(connection) as few:
        found = titles(Client().get("/search/", {"q": typed}))
    assert found[: len(first)] == first
    for number in range(9):
        make_review(title=f"Pine {number}", summary=others)
    Client().get("/search/?q=tree")
    with CaptureQueriesContext(connection) as many:
        assert titles(Client().get("/search/", {"q": typed}))[: len(first)] == first
    assert most or len(few) == len(many) <= 20


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        # Each pair of neighbours stands there, and the whole does not.
        ("child protection plan", "Child protection was a protection plan for one child."),
        ("social worker visited", "Social worker and a worker visited."),
        ("in the family", "In the home the family was in a family."),
        ("was not in the home", "It was not in the plan, nor in the home."),
        ("plan of the home", "The plan of the child and of the home of the plan."),
        # Over the end of a text no phrase goes.
        ("march ash", "It was in March."),
        ("of the and of the child", "The plan of the and of a child of the child."),
    ],
)
def test_all_pairs_of_a_phrase_are_no_phrase(typed: str, text: str) -> None:
    make_review(title="Ash", summary=text)
    assert search.publications.find(read(f'"{typed}"')) == []
    oak = make_review(title="Oak", summary=f"There {typed} then.")
    with_pages(make_review(title="Elm"), f"There {typed} then.", text)
    assert len(search.publications.find(read(f'"{typed}"'))) == 2
    assert oak.pk in search.publications.find(read(f'"{typed}"'))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's index holds positions.")
def test_a_text_that_has_the_hash_of_a_pair_by_chance_is_not_looked_through_without_its_words() -> (
    None
):
    hashed = postgresql._hash("'plan zeb' || number")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT array_agg('zeb' || number) FROM generate_series(1, 3000) AS one (number) "  # noqa: S608
            f"GROUP BY {hashed} HAVING count(*) > 1 LIMIT 1"
        )
        one, other = cursor.fetchone()[0][:2]
    mine = make_review(title="Ash", summary=f"A plan {one}.")
    make_review(title="Oak", summary=f"A plan {other}.")
    query = read(f'"plan {one}"')
    assert query.wanted[0].phrase == ("plan", one), "A word that has no ending."
    index = search.publications
    with CaptureQueriesContext(connection) as asked:
        assert index.find(query) == [mine.pk]
    assert f"{{{mine.pk}}}" in asked[-1]["sql"].replace("' || '", ""), "The keys that are scanned."
    # Where both words are, the text is looked through.
    both = make_review(title="Elm", summary=f"A plan {other}. The {one} came.")
    assert index.find(query) == [mine.pk]
    assert both.pk not in index.find(query)


def test_phrases_of_any_words_are_found_where_they_stand_and_nowhere_else() -> None:
    random = Random(18)
    words = "not in the of was child plan home family seen protection".split()
    texts = {}
    for number in range(30):
        text = [random.choice(words) for _ in range(random.randint(2, 60))]
        half = len(text) // 2
        review = make_review(title=f"Tree {number}", summary="None.")
        with_pages(review, " ".join(text[:half]), " ".join(text[half:]))
        texts[review.pk] = f" {' '.join(text)} "
    wrong = []
    for _ in range(150):
        phrase = " ".join(random.choice(words) for _ in range(random.randint(2, 6)))
        query = read(f'"{phrase}"')
        expected = {pk for pk, text in texts.items() if f" {phrase} " in text}
        if set(search.publications.find(query)) != expected:
            wrong.append(phrase)
    assert not wrong


def test_a_phrase_over_the_end_of_a_page_is_shown_with_its_first_page() -> None:
    with_pages(make_review(title="Oak"), "Not here.", "Services did", "not attend at all.")
    (hit,) = Client().get('/search/?q="did+not+attend"').context["object_list"][0].hits
    assert hit.place.number == 2
    assert hit.text == "Services <mark>did not attend</mark> at all."


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_a_phrase_that_is_hidden_is_not_found(state: Any) -> None:
    review = make_review(state=state, title="Oak", summary="He did not attend.")
    with_pages(review, "He was not", "brought.")
    for typed in ('"did not attend"', '"was not brought"', "did not attend"):
        assert titles(Client().get("/search/", {"q": typed})) == []


@pytest.mark.parametrize(
    ("pages", "typed", "shown"),
    [
        (("The co-", "ordinator was late."), "coordinator", "The <mark>co- ordinator</mark> was"),
        (("The co-", "ordinator was late."), "coordinators", "<mark>co- ordinator</mark>"),
        (
            ("Seven recom-", "mendations."),
            "recommendation",
            "Seven <mark>recom- mendations</mark>.",
        ),
        (("The safe\u2010", "guarding plan."), "safeguarding", "<mark>safe‐ guarding</mark> plan"),
        (("The safe\u00ad", "guarding plan."), "safeguarding", "<mark>safe\u00ad guarding</mark>"),
        (("The safe-", "guarding plan."), "safeguard*", "<mark>safe- guarding</mark> plan"),
        (("The safe-", "guarding plan."), "safeguarding plan", "<mark>safe- guarding</mark>"),
        (("Late. A safe-", "guarding plan."), '"safeguarding plan"', "<mark>safe- guarding plan</"),
        # What the page has itself is shown, not what goes on.
        (("Coordinator. A co-", "ordinator."), "coordinator", "<mark>Coordinator</mark>. A co-"),
        (("Seen in A&E on day", "two."), "accident and emergency", "Seen in <mark>A&amp;E</mark>"),
    ],
)
def test_a_word_that_the_end_of_a_page_divides_is_marked(
    pages: tuple[str, ...], typed: str, shown: str
) -> None:
    with_pages(make_review(title="Oak"), *pages)
    (hit,) = Client().get("/search/", {"q": typed}).context["object_list"][0].hits
    assert hit.place.number == 1
    assert shown in hit.text
