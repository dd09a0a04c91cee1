"""The words of the training list, and of courses and venues in the search of the whole site."""

import pytest
from django.test import Client

from tests.factories import make_course, make_review, make_session, make_theme, make_venue
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def sessions() -> None:
    hall, centre = make_venue(name="Hall of Records"), make_venue(name="Civic centre")
    neglect = make_course(title="Neglect", summary="The voice of the child.")
    police = make_course(title="Police and schools", themes=[make_theme(name="Long neglect")])
    make_session(neglect, venue=hall, note="neglect, hall")
    make_session(neglect, venue=centre, note="neglect, centre")
    make_session(neglect, note="neglect, nowhere")
    make_session(police, venue=hall, note="police, hall")


@pytest.mark.usefixtures("sessions")
@pytest.mark.parametrize(
    ("words", "notes"),
    [
        ("hall", {"neglect, hall", "police, hall"}),
        ("police", {"police, hall"}),
        # A word of the course and one of the venue.
        ("neglect hall", {"neglect, hall", "police, hall"}),
        ("police centre", set()),
        ('"voice of the child" centre', {"neglect, centre"}),
        ('"long neglect" "hall of records"', {"police, hall"}),
        ('"voice of neglect"', set()),
        # Without what either has.
        ("-hall", {"neglect, centre", "neglect, nowhere"}),
        ("neglect -hall", {"neglect, centre", "neglect, nowhere"}),
        ("hall -police", {"neglect, hall"}),
        ("hall -neglect", set()),
        ('-"hall of records"', {"neglect, centre", "neglect, nowhere"}),
        ('neglect -"voice of the child"', {"police, hall"}),
        (
            'neglect -"voice child"',
            {"neglect, hall", "neglect, centre", "neglect, nowhere", "police, hall"},
        ),
        ("negl*", {"neglect, hall", "neglect, centre", "neglect, nowhere", "police, hall"}),
        ("polic", {"police, hall"}),
        ("zzzz", set()),
    ],
)
def test_sessions_are_found_by_the_words_of_course_and_venue(words: str, notes: set[str]) -> None:
    page = Client().get("/training/", {"q": words})
    assert {session.note for session in page.context["object_list"]} == notes


def test_the_search_of_all_finds_a_course_by_the_beginning_of_a_word() -> None:
    make_course(title="Kestrel watching")
    make_venue(name="Heron house")
    page = Client().get("/search/?q=kestr")
    assert "0 publications and 1 course" in text_of(page) and "Kestrel watching" in text_of(page)
    assert "Nothing has the word “kestr”." in text_of(page)
    assert "Heron house" in text_of(Client().get("/search/?q=hero"))


def test_a_beginning_counts_for_courses_only_where_no_publication_has_the_word() -> None:
    make_course(title="Kestrel watching")
    make_review(title="Kestr")
    page = text_of(Client().get("/search/?q=kestr"))
    assert "Kestrel watching" not in page and "Nothing has the word" not in page


@pytest.mark.parametrize("chosen", ["type=scr", "year=2020", "theme=birds"])
def test_courses_have_no_part_in_a_choice_among_publications(chosen: str) -> None:
    theme = make_theme(name="Birds")
    make_course(title="Kestrel watching", themes=[theme])
    assert "Kestrel watching" in text_of(Client().get("/search/?q=kestrel"))
    assert "Kestrel watching" not in text_of(Client().get(f"/search/?q=kestrel&{chosen}"))
