"""What writes past ``save`` decides nothing that is public, and changes nothing that is live."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction

from mscp.models import Release
from mscp.publishing.gate import DECISIONS, Publishable, State
from reviews.models import PracticeReview, Publication
from tests.factories import (
    make_briefing,
    make_course,
    make_page,
    make_report,
    make_review,
    past_the_gate,
)

pytestmark = pytest.mark.django_db

MAKERS = [make_review, make_report, make_briefing, make_course, make_page]
MODELS = [model for model in apps.get_models() if issubclass(model, Publishable)]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FORBIDDEN: dict[str, Any] = {
    "state": "published",
    "published_at": NOW,
    "first_published_at": NOW,
    "withdrawn_at": NOW,
    "withdrawn_reason": "x",
    "withdrawn_name": "x",
    "revises": None,
    "revises_id": None,
}


def rows_of(model: Any, manager: str) -> Any:
    return getattr(model, manager).all()


def test_every_decision_is_tried_on_every_model() -> None:
    assert {name.removesuffix("_id") for name in FORBIDDEN} == {*DECISIONS}
    made = {make(state=State.DRAFT)._meta.model for make in MAKERS}
    assert made | {Publication} == {*MODELS}


@pytest.mark.parametrize("manager", ["objects", "_default_manager", "_base_manager"])
@pytest.mark.parametrize("name", FORBIDDEN)
@pytest.mark.parametrize("model", MODELS)
def test_no_query_writes_a_decision(model: Any, name: str, manager: str) -> None:
    with pytest.raises(TypeError, match="Only the gate decides"), transaction.atomic():
        rows_of(model, manager).update(**{name: FORBIDDEN[name]})


@pytest.mark.parametrize("make", MAKERS)
def test_no_query_updates_many_records_of_which_each_has_a_decision(make: Any) -> None:
    record = make(state=State.DRAFT)
    record.state, record.published_at = "published", NOW
    with pytest.raises(TypeError, match="Only the gate decides"), transaction.atomic():
        type(record).objects.bulk_update([record], ["state", "published_at"])
    assert type(record).objects.get(pk=record.pk).is_draft


@pytest.mark.parametrize("model", [model for model in MODELS if not model._meta.parents])
def test_many_are_added_as_drafts_only(model: Any) -> None:
    fields = {"kind": "briefing", "type": "seven_minute"} if model is Publication else {}
    model.objects.bulk_create([model(title="Oak", slug="oak", **fields)])
    with pytest.raises(TypeError, match="Only the gate decides"), transaction.atomic():
        model.objects.bulk_create(
            [model(title="Elm", slug="elm", state="published", published_at=NOW, **fields)]
        )
    with pytest.raises(TypeError, match="Only the gate decides"), transaction.atomic():
        model.objects.bulk_create(
            [model(title="Elm", slug="oak", **fields)],
            update_conflicts=True,
            update_fields=["state"],
            unique_fields=["slug"],
        )
    assert not model.objects.filter(slug="elm").exists()


@pytest.mark.parametrize("related", ["publications", "courses"])
def test_the_records_of_a_theme_are_no_way_around_it(related: str) -> None:
    theme_of = make_review(state=State.DRAFT)
    theme = theme_of.themes.create(name="Neglect")
    with pytest.raises(TypeError, match="Only the gate decides"), transaction.atomic():
        getattr(theme, related).update(state="published", published_at=NOW)


@pytest.mark.parametrize("state", [State.SCHEDULED, State.PUBLISHED])
@pytest.mark.parametrize("make", MAKERS)
def test_where_two_are_needed_no_query_changes_what_is_live(
    make: Any, state: State, settings: Any
) -> None:
    live, draft = make(state=state), make(state=State.DRAFT)
    rows = type(live).objects
    rows.filter(pk=live.pk).update(title="One is enough")
    settings.TWO_PEOPLE = True
    with pytest.raises(ValidationError, match="second person"), transaction.atomic():
        rows.update(title="Invented")
    with pytest.raises(ValidationError, match="second person"), transaction.atomic():
        type(live)._base_manager.filter(pk=live.pk).update(title="Invented")
    live.title = "Invented"
    with pytest.raises(ValidationError, match="second person"), transaction.atomic():
        rows.bulk_update([live], ["title"])
    rows.filter(pk=draft.pk).update(title="A draft")
    rows.update(version=7)
    assert not rows.filter(title="Invented").exists()


def test_what_is_deleted_leaves_what_is_live(settings: Any) -> None:
    release, review = Release.objects.create(title="Monday"), make_review(state=State.WITHDRAWN)
    draft, live = make_review(state=State.DRAFT), make_briefing(review=review)
    release.add([draft])
    settings.TWO_PEOPLE = True
    release.delete()
    review.delete()
    draft.refresh_from_db()
    live.refresh_from_db()
    assert draft.release is None and live.review is None and live.is_published


def fixture(record: Any, path: Any) -> str:
    rows = [record.publication_ptr, record] if isinstance(record, Publication) else [record]
    path.write_text(serializers.serialize("json", rows), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("make", MAKERS)
def test_a_fixture_publishes_nothing_where_two_are_needed(
    make: Any, settings: Any, tmp_path: Any
) -> None:
    record = make(state=State.DRAFT)
    as_draft = fixture(record, tmp_path / "draft.json")
    rows = Publication if isinstance(record, Publication) else type(record)
    live = {"state": "published", "published_at": NOW, "first_published_at": NOW}
    past_the_gate(rows.objects.filter(pk=record.pk), **live)
    as_live = fixture(type(record).objects.get(pk=record.pk), tmp_path / "live.json")
    draft = {"state": "draft", "published_at": None, "first_published_at": None}
    past_the_gate(rows.objects.filter(pk=record.pk), **draft)
    settings.TWO_PEOPLE = True
    call_command("loaddata", as_draft, verbosity=0)
    with pytest.raises(ValidationError, match="Two people"), transaction.atomic():
        call_command("loaddata", as_live, verbosity=0)
    assert type(record).objects.get(pk=record.pk).is_draft
    settings.TWO_PEOPLE = False
    call_command("loaddata", as_live, verbosity=0)
    assert type(record).objects.get(pk=record.pk).is_published


def test_inside_the_gate_nothing_is_in_the_way() -> None:
    review = make_review(state=State.DRAFT)
    assert past_the_gate(PracticeReview.objects.filter(pk=review.pk), withdrawn_name="") == 1
