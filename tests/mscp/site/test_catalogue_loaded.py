"""What a visitor finds when the real catalogue is loaded."""

import json
import re

import pytest
from django.test import Client
from django.utils.text import slugify

from mscp.models import ConcernContact, SeededRecord, SiteIdentity
from mscp.site.catalogue import CATALOGUE
from reviews.models import Briefing, Document, NationalReport, PracticeReview, Publication, Theme
from tests.mscp.site.test_catalogue import seed, snapshot
from tests.pages import text_of, titles
from training.models import Course, Session, Venue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture(scope="module")
def seeded(module_database: None) -> None:
    seed()


def test_an_editors_change_and_deletion_stay() -> None:
    review = PracticeReview.objects.get(slug="vamp")
    review.title, review.summary = "Changed", "Written by an editor."
    review.save()
    review.documents.all().delete()
    Session.objects.filter(course__slug="healthy-start-scheme").delete()
    Theme.objects.get(slug="neglect").delete()
    SiteIdentity.objects.update(intro="Ours.")
    before = snapshot()
    seed()
    assert snapshot() == before


def test_nothing_is_invented() -> None:
    entries = json.loads(CATALOGUE.read_text())
    for entry in entries["reviews"]:
        review = PracticeReview.objects.get(slug=entry["slug"])
        assert review.report_date.iso == entry["published"]
        assert (review.completed.iso if review.completed else None) == entry["completed"]
        assert review.pseudonym == (entry["pseudonym"] or "")
        assert review.child_reference == (entry["child_reference"] or "")
        assert review.title == (entry["title"] or review.case_name)
        assert review.summary == review.reviewer == review.aliases == ""
        assert [theme.slug for theme in review.themes.all()] == entry["themes"]
        assert review.is_published
    for entry in entries["reports"]:
        report = NationalReport.objects.get(slug=entry["slug"])
        assert report.covers == (entry["covers"] or "")
        assert {theme.slug for theme in report.themes.all()} == set(entry["themes"])
        for document, given in zip(report.documents.all(), entry["documents"], strict=True):
            assert document.pages == given["pages"]
            assert (document.dated.iso if document.dated else None) == given["dated"]
            assert document.url_checked is given["url_verified"]
            assert document.url_checked_on is None
    assert not Briefing.objects.exists()
    assert not Session.objects.exclude(start_time=None, end_time=None, end_date=None).exists()
    assert not Venue.objects.exclude(accessibility="").exists()
    assert not ConcernContact.objects.exclude(verified_on=None).exists()


def test_addresses_not_verified_are_on_the_list_to_check() -> None:
    assert Document.objects.addresses_to_check().count() == 12
    for document in Document.objects.addresses_to_check():
        assert not document.url_checked


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/reviews/?type=scr", ["Child D"]),
        ("/reviews/?year=2021", ["Ananthi (Child H)", "Baby Grace", "Jason"]),
        ("/reviews/?year=2022", ["Eddie (Child E)", "SUDI partnership review"]),
        ("/reviews/?type=partnership_review", ["Eddie (Child E)", "SUDI partnership review"]),
        ("/reviews/?q=vamp", ["Vamp (Child M)"]),
        ("/reviews/?q=child+m", ["Vamp (Child M)"]),
        ("/reviews/?q=lcspr+july+2024", ["Vamp (Child M)"]),
        ("/reviews/?type=scr&type=partnership_review&year=2020", ["Child D"]),
    ],
)
def test_visitors_find_the_reviews_they_ask_for(address: str, expected: list[str]) -> None:
    assert titles(Client().get(address)) == expected


def test_the_lists_show_all_and_say_the_month_not_a_day() -> None:
    reviews, reports = Client().get("/reviews/"), Client().get("/reports/")
    assert len(titles(reviews)) == 8 and "8 practice reviews" in text_of(reviews)
    assert len(titles(reports)) == 12 and "12 national reports" in text_of(reports)
    assert ", · July 2024" in text_of(reviews)
    assert "1 July 2024" not in text_of(reviews)


def test_the_residential_settings_report_lists_both_phases() -> None:
    page = text_of(Client().get("/reports/children-with-disabilities-in-residential-settings/"))
    assert "Phase 1 report" in page and "Phase 2 report" in page
    assert "October 2022 Phase 1 report 20 April 2023 Phase 2 report" in page


def test_eddie_shows_both_dates_as_milestones() -> None:
    page = text_of(Client().get("/reviews/eddie/"))
    assert "November 2021 Review completed January 2022 Date of the report" in page
    # Said once; the others are the title of the document, and what its link names.
    assert page.count("January 2022") == page.count("November 2021") == 1 + 2


def test_a_link_to_the_list_of_reviews_says_so() -> None:
    page = text_of(Client().get("/reviews/vamp/"))
    assert "Find it on the partnership’s page of reviews" in page
    assert "link not checked yet" not in page
    page = text_of(Client().get("/reports/elective-home-education/"))
    assert "link not checked yet" in page


def test_an_index_of_learnings_is_a_link_above_the_list_and_no_learning() -> None:
    page = Client().get("/learning/")
    assert titles(page) == []
    assert (
        '<a href="https://www.mertonscp.org.uk/training/7-minutes-briefings/">'
        "The partnership’s page of 7-minute learnings</a>"
    ) in page.content.decode()


def test_national_reports_lead_to_the_panel() -> None:
    for address in ("/reports/", "/reports/elective-home-education/"):
        page = Client().get(address).content.decode()
        for link in (
            "https://www.gov.uk/government/organisations/"
            "child-safeguarding-practice-review-panel/about",
            "https://childsafeguarding.independent-panel.uk/",
        ):
            assert f'href="{link}"' in page


def test_what_was_loaded_is_not_new_and_does_not_say_since_when_it_is_here() -> None:
    assert "Nothing was added or changed" in text_of(Client().get("/new/"))
    home = text_of(Client().get("/"))
    assert "New here" not in home and "Newest publications May 2024" in home
    assert "Added here" not in text_of(Client().get("/reviews/vamp/"))


def test_themes_are_grouped() -> None:
    assert not Theme.objects.filter(group="").exists()
    Theme.objects.filter(slug="neglect").update(group="")
    Theme.objects.filter(slug="domestic-abuse").update(group="Ours")
    seed()
    # Once only: what an editor makes of it stays.
    assert Theme.objects.get(slug="neglect").group == ""
    SeededRecord.objects.filter(key="theme-groups").delete()
    seed()
    assert Theme.objects.get(slug="neglect").group == "Harm at home"
    assert Theme.objects.get(slug="domestic-abuse").group == "Ours"


def test_themes_that_it_inferred_are_suggested_until_confirmed() -> None:
    for model in (Publication, Course):
        for record in model.objects.all():
            assert set(record.suggested_themes.all()) == set(record.themes.all())
    paper = Publication.objects.get(title="Bruising in non-mobile infants")
    paper.suggested_themes.clear()
    seed()
    assert not paper.suggested_themes.exists()
    # An earlier release loaded them without a mark; what an editor chose has none.
    SeededRecord.objects.filter(key="suggested-themes").delete()
    babies = Theme.objects.get(slug="vulnerable-babies")
    paper.themes.set([babies, Theme.objects.get(slug="neglect")])
    seed()
    assert list(paper.suggested_themes.all()) == [babies]


def test_no_address_ends_in_the_middle_of_a_word() -> None:
    for course in Course.objects.all():
        assert course.slug.rpartition("-")[2] in slugify(course.title).split("-")
    # The keys are those of every release, so that nothing is loaded twice.
    entries = json.loads(CATALOGUE.read_text())["courses"]
    keys = [f"course:{entry['slug']}" for entry in entries]
    assert SeededRecord.objects.filter(key__in=keys).count() == len(entries)


def test_the_training_list_shows_every_session_as_known() -> None:
    page = Client().get("/training/?when=all")
    text = text_of(page)
    assert len(titles(page)) == 27 and len(set(titles(page))) == 17
    assert "27 sessions" in text
    # All of them lie in the past here, where the words are "not known" instead.
    assert text.count("No times are known; the venue of 21 sessions is not known.") == 1
    assert text.count("Online , · Virtual session") == 1 and text.count("not known") == 1
    assert len(re.findall(rb'href="/training/venues/[^"]', page.content)) == 5


def test_the_introduction_names_and_links_its_source() -> None:
    home = Client().get("/").content.decode()
    assert (
        '<a href="https://www.gov.uk/government/publications/'
        'working-together-to-safeguard-children--2">Working Together to Safeguard Children 2023</a>'
    ) in home


def test_what_was_loaded_has_a_history_with_its_reason() -> None:
    review = PracticeReview.objects.get(slug="vamp")
    assert review.history.last().history_change_reason == "First catalogue"
