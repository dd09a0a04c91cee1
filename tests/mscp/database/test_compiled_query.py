"""A query that is compiled once finds at any moment what Django's own query finds then."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils import timezone

from mscp.database import pks
from mscp.database.compiled_query import Bindings, CompiledQuery, as_day, set_prefetched
from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from reviews.models import Document, DocumentFile, PracticeReview, Publication, Theme
from tests.factories import (
    MINIMAL_PDF,
    make_audience,
    make_briefing,
    make_course,
    make_document,
    make_identity,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from training.models import Audience, Course, Session, Venue

pytestmark = pytest.mark.django_db


class Bound(Bindings):
    """The same values as expressions that are not left open, for Django's own query."""

    def __init__(self, given: list[int], **values: object) -> None:
        self._given, self._values = given, values

    keys = property(lambda self: pks.pk_subquery(self._given))
    now = property(lambda self: timezone.now())
    today = property(lambda self: timezone.localdate())

    def value(self, name: str) -> RawSQL:
        return RawSQL("%s", [self._values[name]])


def compiled_queries() -> Iterator[tuple[str, CompiledQuery]]:
    """Yield every compiled query of the site with the name of its module."""
    # All views, and so all that they import.
    assert get_resolver().url_patterns
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in ("mscp", "reviews", "training"):
            continue
        for variable, thing in list(vars(module).items()):
            found = thing.values() if isinstance(thing, dict) else [thing]
            for query in found:
                if isinstance(query, CompiledQuery):
                    yield f"{name}.{variable}", query


def test_every_compiled_query_of_the_site_finds_what_its_own_queryset_finds() -> None:
    make_identity()
    theme, audience = make_theme(name="Neglect"), make_audience()
    review = make_review(title="Oak", slug="same", pseudonym="Vamp", themes=[theme])
    file = make_document(review, pdf=MINIMAL_PDF)
    make_document(review, url="https://example.org/", dated=PartialDate(2020, 3))
    make_report(title="Ash", slug="same", themes=[theme])
    make_briefing(title="Elm", slug="same", themes=[theme], review=review, background="Words.")
    course = make_course(title="Safe", slug="same", themes=[theme])
    course.audiences.add(audience)
    course.publications.add(review)
    make_session(course, venue=make_venue(), in_days=3)
    make_session(course, in_days=-3)
    keys = list(range(1, 50)) + [row.pk for row in (review, course, theme)]
    for model in (Publication, Document, Course, Session, Venue, Theme, Audience):
        keys += model._default_manager.values_list("pk", flat=True)
    values = {"slug": "same", "publication": review.pk, "review": review.pk, "course": course.pk}
    values["uid"] = Document._meta.get_field("uid").get_db_prep_value(file.uid, connection)
    queries = list(compiled_queries())
    assert len(queries) > 20
    for name, query in queries:
        django = query.queryset(Bound(keys, **values))
        found: Any = list(django)
        assert found, name
        asked: Any = query.records if isinstance(found[0], Model) else query.rows
        compiled = asked(keys, **values)
        if django.ordered:
            assert compiled == found, name
        else:
            assert sorted(compiled, key=key_of) == sorted(found, key=key_of), name


def key_of(row: Any) -> Any:
    return row.pk if isinstance(row, Model) else row


def test_records_are_those_of_the_query_with_what_it_puts_off_and_adds() -> None:
    review = make_review(pseudonym="Vamp", summary="Words.", report_date=PartialDate(2020))
    make_report(title="Report")
    query = CompiledQuery(
        lambda bound: (
            PracticeReview.objects.published(at=bound.now)
            .filter(pk__in=bound.keys)
            .with_noindex()
            .defer("summary")
        ),
        convert={"is_noindex": bool},
    )
    (found,) = query.records([review.pk, review.pk + 1])
    assert (found, found.report_date, found.is_noindex) == (review, PartialDate(2020), False)
    assert found.get_deferred_fields() == {"summary"}
    assert found.summary == "Words."


def test_a_foreign_key_is_read_along_and_its_other_fields_put_off() -> None:
    review = make_review()
    document = make_document(review, pdf=MINIMAL_PDF)
    elsewhere = make_document(review, url="https://example.org/", position=1)
    # In another order than the model has them.
    query = CompiledQuery(
        lambda bound: Document.objects.filter(publication=bound.value("publication")),
        joined={"file": ("pages", "content", "has_text", "document")},
    )
    with CaptureQueriesContext(connection) as captured:
        first, second = query.records(publication=review.pk)
        file = first.file
        columns = (file.pk, file.pages, file.content.name, file.has_text, file.document_id)
    assert len(captured) == 1
    own = document.file
    assert (first, second, second.file) == (document, elsewhere, None)
    assert columns == (own.pk, own.pages, own.content.name, own.has_text, document.pk)
    assert "sha256" in file.get_deferred_fields() and file.sha256 == own.sha256


@pytest.mark.parametrize(
    ("model", "name", "fields"),
    [
        (Document, "file", ("uid", "taken_in_at", "has_text", "content")),
        (
            Document,
            "publication",
            ("published_at", "report_date", "out_of_search_engines", "title"),
        ),
        (Session, "course", ("published_at", "state")),
        (Session, "venue", ("access_checked_on", "step_free", "photo")),
    ],
)
def test_fields_of_any_kind_are_read_along_as_django_reads_them(
    model: Any, name: str, fields: tuple[str, ...]
) -> None:
    make_document(make_report(report_date=PartialDate(2020, 3)), pdf=MINIMAL_PDF)
    make_session(venue=make_venue(access_checked_on=timezone.localdate()))
    query = CompiledQuery(lambda bound: model.objects.all(), joined={name: fields})
    (own,) = model.objects.all()
    with CaptureQueriesContext(connection) as captured:
        (found,) = query.records()
        read = [getattr(getattr(found, name), field) for field in fields]
    assert len(captured) == 1
    expected = [getattr(getattr(own, name), field) for field in fields]
    assert read == expected and [type(one) for one in read] == [type(one) for one in expected]


@pytest.mark.parametrize(
    "model", [Publication, PracticeReview, Document, DocumentFile, Theme, Course, Session, Venue]
)
def test_a_record_is_the_one_that_django_makes(model: Any) -> None:
    make_document(make_review(report_date=PartialDate(2020, 3)), pdf=MINIMAL_PDF)
    make_session(make_course(themes=[make_theme()]), venue=make_venue())
    deferred = {"title", "name", "uid", "updated_by"} & {one.name for one in model._meta.fields}
    for rows in (model.objects.all(), model.objects.defer(*deferred)):
        (found,), own = CompiledQuery(lambda bound, rows=rows: rows).records(), rows.get()
        of_each = [dict(vars(one)) for one in (found, own)]
        states = [one.pop("_state") for one in of_each]
        assert of_each[0] == of_each[1]
        assert [(one.adding, one.db) for one in states] == 2 * [(False, own._state.db)]
        assert found.get_deferred_fields() == own.get_deferred_fields()
    assert found == own and hash(found) == hash(own)


def test_a_record_is_saved_as_the_one_that_it_is() -> None:
    review = make_review(title="Before")
    (found,) = CompiledQuery(lambda bound: PracticeReview.objects.all()).records()
    found.title = "After"
    found.save()
    assert PracticeReview.objects.get() == review
    assert PracticeReview.objects.get().title == "After"


def test_no_model_has_an_initialiser_of_its_own() -> None:
    for model in apps.get_models():
        if model._meta.app_label in {"mscp", "reviews", "training"}:
            assert model.__init__ is Model.__init__, model
            assert model.from_db.__func__ is Model.from_db.__func__, model


def test_what_is_set_as_prefetched_costs_no_query() -> None:
    review, theme = make_review(), make_theme()
    set_prefetched(review, themes=[theme], documents=[])
    with CaptureQueriesContext(connection) as captured:
        assert list(review.themes.all()) == [theme]
        assert review.milestones == []
    assert len(captured) == 0


def test_the_gate_is_asked_at_every_moment_anew(clock: Any) -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    query = CompiledQuery(
        lambda bound: (
            Publication.objects.published(at=bound.now).filter(pk__in=bound.keys).values_list("pk")
        )
    )
    assert query.rows([review.pk]) == []
    review.publish(at=timezone.now() + timedelta(hours=1))
    clock.shift(timedelta(minutes=59, seconds=59))
    assert query.rows([review.pk]) == []
    clock.shift(timedelta(seconds=1))
    assert query.rows([review.pk]) == [(review.pk,)]
    review.withdraw(reason="Wrong.")
    assert query.rows([review.pk]) == []


def test_today_is_londons_at_every_moment_anew(clock: Any) -> None:
    course = make_course()
    make_session(course, in_days=0)
    make_session(course, in_days=3)
    query = CompiledQuery(
        lambda bound: Course.objects.next_first(today=bound.today), convert={"next_date": as_day}
    )
    today = timezone.localdate()
    assert [found.next_date for found in query.records()] == [today]
    clock.shift(timedelta(hours=14))
    assert [found.next_date for found in query.records()] == [today + timedelta(days=3)]


@pytest.mark.parametrize(
    "build",
    [
        lambda bound: Publication.objects.published().filter(pk__in=bound.keys),
        lambda bound: Course.objects.published(at=bound.now).next_first(),
    ],
    ids=["now", "today"],
)
def test_a_moment_that_would_stand_still_is_refused(build: Any) -> None:
    with pytest.raises(ValueError, match="not for this moment"):
        CompiledQuery(build).records([1])


def test_select_related_is_refused() -> None:
    with pytest.raises(ValueError, match="as joined"):
        CompiledQuery(lambda bound: Document.objects.select_related("file")).records()


def test_it_is_compiled_once() -> None:
    built = []

    def build(bound: Bindings) -> Any:
        built.append(connection.vendor)
        return Publication.objects.filter(pk__in=bound.keys)

    query = CompiledQuery(build)
    for _ in range(3):
        query.records([1])
    assert built == [connection.vendor]
