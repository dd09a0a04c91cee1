"""The real catalogue is loaded as it stands, once, or not at all."""

import json
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
from reviews.models import (
    Briefing,
    Document,
    ListLink,
    NationalReport,
    PracticeReview,
    Publication,
    Theme,
)
from tests.pages import text_of, titles
from training.models import Course, Session, Venue

pytestmark = pytest.mark.django_db

MODELS = [PracticeReview, NationalReport, Briefing, Document, Theme, Course, Session, Venue]
MODELS += [SiteIdentity, ConcernContact, ListLink]


def seed(*options: str, **more: Any) -> str:
    out = StringIO()
    call_command("seed", *options, stdout=out, **more)
    return out.getvalue()


def snapshot() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in [*MODELS, Publication]]


def test_everything_is_loaded_once_and_named() -> None:
    output = seed()
    counts = [model.objects.count() for model in MODELS]
    assert counts == [8, 12, 0, 21, 25, 17, 27, 2, 1, 3, 3]
    for line in ("Practice reviews       8 new", "National reports      12 new"):
        assert line in output
    assert "27 new,   0 already loaded" in output


def test_a_second_run_changes_nothing(clock: Any) -> None:
    seed("--shift-training")
    before = snapshot()
    clock.shift(timedelta(days=400))
    output = seed("--shift-training")
    assert snapshot() == before
    assert "8 already loaded" in output and "stay as they are" in output


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
    assert "New" not in text_of(page) and not Session.objects.filter(bulk_loaded=False).exists()
    assert "No times are confirmed yet; 21 sessions await a venue." in text_of(page)
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
