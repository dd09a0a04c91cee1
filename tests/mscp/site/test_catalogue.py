"""The real catalogue, loaded as it stands, and what a visitor then finds."""

import json
import re
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from mscp.models import ConcernContact, SiteIdentity
from mscp.site.catalogue import CATALOGUE
from reviews.models import Briefing, Document, NationalReport, PracticeReview, Publication, Theme
from tests.pages import text_of, titles
from training.models import Course, Session, Venue

pytestmark = pytest.mark.django_db

MODELS = [PracticeReview, NationalReport, Briefing, Document, Theme, Course, Session, Venue]
MODELS += [SiteIdentity, ConcernContact]


def seed(*options: str, **more: Any) -> str:
    out = StringIO()
    call_command("seed", *options, stdout=out, **more)
    return out.getvalue()


def snapshot() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in [*MODELS, Publication]]


@pytest.fixture
def seeded(db: None) -> None:
    seed()


def test_everything_is_loaded_once_and_told() -> None:
    told = seed()
    counts = [model.objects.count() for model in MODELS]
    assert counts == [8, 12, 1, 22, 25, 17, 27, 2, 1, 3]
    for line in ("Practice reviews       8 new", "National reports      12 new"):
        assert line in told
    assert "27 new,   0 already loaded" in told


def test_a_second_run_changes_nothing(clock: Any) -> None:
    seed("--shift-training")
    before = snapshot()
    clock.shift(timedelta(days=400))
    told = seed("--shift-training")
    assert snapshot() == before
    assert "8 already loaded" in told and "stay as they are" in told


@pytest.mark.usefixtures("seeded")
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


@pytest.mark.usefixtures("seeded")
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
    learning = Briefing.objects.get()
    assert learning.report_date is None and not learning.has_own_text
    assert not Session.objects.exclude(start_time=None, end_time=None, end_date=None).exists()
    assert not Venue.objects.exclude(accessibility="").exists()
    assert not ConcernContact.objects.exclude(verified_on=None).exists()


@pytest.mark.usefixtures("seeded")
def test_addresses_not_verified_are_on_the_list_to_check() -> None:
    assert Document.objects.addresses_to_check().count() == 12
    for document in Document.objects.addresses_to_check():
        assert not document.url_checked


@pytest.mark.usefixtures("seeded")
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


@pytest.mark.usefixtures("seeded")
def test_the_lists_show_all_and_say_the_month_not_a_day() -> None:
    reviews, reports = Client().get("/reviews/"), Client().get("/reports/")
    assert len(titles(reviews)) == 8 and "8 practice reviews" in text_of(reviews)
    assert len(titles(reports)) == 12 and "12 national reports" in text_of(reports)
    assert "· July 2024" in text_of(reviews)
    assert "1 July 2024" not in text_of(reviews)


@pytest.mark.usefixtures("seeded")
def test_the_residential_settings_report_lists_both_phases() -> None:
    page = text_of(Client().get("/reports/children-with-disabilities-in-residential-settings/"))
    assert "Phase 1 report" in page and "Phase 2 report" in page
    assert "Milestones October 2022 Phase 1 report 20 April 2023 Phase 2 report" in page


@pytest.mark.usefixtures("seeded")
def test_eddie_shows_both_dates_as_milestones() -> None:
    page = text_of(Client().get("/reviews/eddie/"))
    assert "November 2021 Review completed January 2022 Date of the report" in page


@pytest.mark.usefixtures("seeded")
def test_the_training_list_shows_every_session_as_known() -> None:
    page = Client().get("/training/?when=all")
    text = text_of(page)
    assert len(titles(page)) == 27 and len(set(titles(page))) == 17
    assert "27 sessions" in text
    # All of them lie in the past here, where the words are "not known" instead.
    assert text.count("Venue not known") == 21
    assert text.count("Time not known&nbsp;· Online".replace("&nbsp;", " ")) == 1
    assert len(re.findall(rb'href="/training/venues/[^"]', page.content)) == 5


def test_shifted_training_lies_ahead_by_the_same_whole_weeks() -> None:
    seed()
    before = {session.pk: session.start_date for session in Session.objects.all()}
    seed("--shift-training")
    moved = {s.pk: s.start_date - before[s.pk] for s in Session.objects.all()}
    (shift,) = set(moved.values())
    assert shift.days % 7 == 0
    first = min(Session.objects.values_list("start_date", flat=True))
    today = timezone.localdate()
    assert today < first <= today + timedelta(days=7)
    notice = SiteIdentity.load().notice
    assert f"moved forward by {shift.days // 7} weeks" in notice
    page = Client().get("/training/")
    assert notice in text_of(page)
    assert text_of(page).count("Venue to be confirmed") == 21
    assert len(titles(page)) == 27


def test_two_sessions_on_one_day_both_show() -> None:
    seed("--shift-training")
    day = Session.objects.get(note="SEE DETAILS").start_date
    page = Client().get(f"/training/?month={day:%Y-%m}")
    on_that_day = [s.course.title for s in Session.objects.filter(start_date=day)]
    assert len(on_that_day) == 2
    assert set(on_that_day) <= set(titles(page))


def test_shifting_leaves_what_an_editor_moved_or_wrote() -> None:
    seed()
    moved = Session.objects.order_by("pk").first()
    assert moved is not None
    moved.start_date = date(2024, 12, 24)
    moved.save()
    SiteIdentity.objects.update(notice="The office is closed today.")
    seed("--shift-training")
    moved.refresh_from_db()
    assert moved.start_date == date(2024, 12, 24)
    assert SiteIdentity.load().notice == "The office is closed today."


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe", "is not JSON"),
        (b"{", "is not JSON"),
        (b"{}", "not as expected"),
        (b"[]", "not as expected"),
    ],
)
def test_a_broken_catalogue_is_refused_and_changes_nothing(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "catalogue.json"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=f"{says}.*Nothing was changed"):
        seed(catalogue=path)
    assert not SiteIdentity.objects.exists()


def test_a_catalogue_that_breaks_half_way_changes_nothing(tmp_path: Path) -> None:
    catalogue = json.loads(CATALOGUE.read_text())
    catalogue["sessions"][20]["date"] = "someday"
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps(catalogue))
    with pytest.raises(CommandError, match="not as expected"):
        seed(catalogue=path)
    assert not any(model.objects.exists() for model in MODELS)


def test_a_missing_catalogue_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        seed(catalogue=tmp_path / "none.json")


@pytest.mark.usefixtures("seeded")
def test_the_introduction_names_and_links_its_source() -> None:
    home = Client().get("/").content.decode()
    assert (
        '<a href="https://www.gov.uk/government/publications/'
        'working-together-to-safeguard-children--2">Working Together to Safeguard Children 2023</a>'
    ) in home


@pytest.mark.usefixtures("seeded")
def test_what_was_loaded_has_a_history_with_its_reason() -> None:
    review = PracticeReview.objects.get(slug="vamp")
    assert review.history.last().history_change_reason == "First catalogue"
