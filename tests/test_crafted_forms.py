"""Forms of the admin that no browser would send: refused or passed over, never an error of ours."""

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse

from mscp.publishing.gate import State
from tests.admin_forms import fields_of
from tests.factories import (
    make_audience,
    make_briefing,
    make_contact,
    make_course,
    make_document,
    make_identity,
    make_page,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_user,
    make_venue,
)

pytestmark = pytest.mark.django_db

ODD = ["\x00", "x", "9" * 30, "", "1", "2"]
COUNTS = ["x", "-1", "1", "\x00"]
# Rows that stand on several pages, by one class: all that is odd about them is tried on one page.
WHERE_ROWS_ARE_TRIED = {"change_notes": "mscp.page", "documents": "reviews.practicereview"}
NAVIGATION = {
    "_saveasnew": ["1"],
    "_popup": ["1", "\x00"],
    "_to_field": ["id", "password", "publication_ptr__title", "\x00"],
    "_changelist_filters": ["q=%00", "\x00"],
}


@pytest.fixture(autouse=True)
def contexts_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copy no contexts of templates: nothing here looks at them, and a form has hundreds."""
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *_, **__: None)


@pytest.fixture(scope="module")
def records(module_database: None) -> dict[str, Any]:
    """Make records of most kinds; return the records of each model that has a form."""
    make_identity(), make_contact()
    for state in (State.DRAFT, State.PUBLISHED):
        theme, venue = make_theme(), make_venue()
        make_audience()
        for make in (make_review, make_report, make_briefing):
            make_document(make(state=state, themes=[theme]))
        make_session(make_course(state=state, themes=[theme]), venue=venue)
        make_page(state=state)
    make_user("Editors")
    return {
        model._meta.label_lower: model._default_manager.order_by("pk")
        for model in admin.site._registry
    }


MODELS = sorted(model._meta.label_lower for model in admin.site._registry)


def crafted(label: str, fields: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield forms that differ from a good one in one thing."""
    for name, values in NAVIGATION.items():
        for value in values:
            yield {**fields, name: value}
    managing = {name for name in fields if "_FORMS" in name}
    kept = {name: fields[name] for name in managing}
    for value in ["\x00", "9" * 30]:
        yield {**dict.fromkeys(fields, value), **kept}
        # Each relation by itself: what is wrong elsewhere keeps a form from being looked at.
        for name in fields:
            if name not in managing and re.search(
                r"(-id|_id|themes|course|venue|user|groups)", name
            ):
                yield {**fields, name: value}
    yield kept
    yield {}
    for prefix in {name.removesuffix("-TOTAL_FORMS") for name in fields if "-TOTAL" in name}:
        one = {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "1"}
        everything = WHERE_ROWS_ARE_TRIED.get(prefix, label) == label
        for part, count in itertools.product(one, COUNTS if everything else COUNTS[:1]):
            yield {**fields, part: count}
        for key in ODD if everything else ODD[:1]:
            yield {**fields, **one, f"{prefix}-0-id": key, f"{prefix}-0-DELETE": "on"}


def addresses(label: str, found: Any) -> list[str]:
    names = [("add", [])] + [("change", [one.pk]) for one in found[label][:1]]
    made = []
    for name, args in names:
        try:
            made.append(reverse(f"admin:{label.replace('.', '_')}_{name}", args=args))
        except NoReverseMatch:
            continue
    return made


def errors(client: Client, address: str, forms: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Send these forms; yield a line for each error of ours, of one kind only once."""
    seen = set()
    for changes in forms:
        response = client.post(address, changes)
        if response.status_code >= 500:
            error: Any = response.exc_info[1]
            if repr(error)[:60] not in seen:
                seen.add(repr(error)[:60])
                yield f"{address} {error!r}"


@pytest.mark.parametrize("label", MODELS)
def test_no_crafted_form_is_an_error_of_ours(
    label: str, records: dict[str, Any], administrator: Client
) -> None:
    administrator.raise_request_exception = False
    found = []
    for address in addresses(label, records):
        opened = administrator.get(address)
        if opened.status_code == 200:
            found += errors(administrator, address, crafted(label, fields_of(opened)))
    assert not found, "\n".join(found)


def test_no_crafted_query_is_an_error_of_ours(
    records: dict[str, Any], administrator: Client
) -> None:
    administrator.raise_request_exception = False
    failed = []
    for label in MODELS:
        relations = [f.name for f in apps.get_model(label)._meta.get_fields() if f.is_relation]
        for address in addresses(label, records)[:1]:
            # Of many relations each is filled in: one that fails does so beside the others.
            for names in (["_to_field"], ["_popup"], ["_changelist_filters"], relations):
                query = dict.fromkeys(names, f"{'9' * 30},x")
                response: Any = administrator.get(address, query)
                if response.status_code >= 500:
                    failed.append(f"{address} {names} {response.exc_info[1]!r}")
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("who", ["editor", "publisher"])
def test_saving_as_new_where_that_is_off_saves_nothing_new(
    who: str, records: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    client = request.getfixturevalue(who)
    for label in ("reviews.practicereview", "training.course", "mscp.page"):
        before = records[label].count()
        for address in addresses(label, records)[1:]:
            fields = fields_of(client.get(address))
            response = client.post(address, {**fields, "_saveasnew": "1"})
            assert response.status_code in (200, 302, 403)
        assert records[label].count() == before


def test_a_session_of_another_course_is_not_taken_into_a_new_one(administrator: Client) -> None:
    session = make_session(make_course(title="Whose it is"))
    address = reverse("admin:training_course_add")
    fields = fields_of(administrator.get(address))
    (prefix,) = [name.removesuffix("-TOTAL_FORMS") for name in fields if "sessions-TOTAL" in name]
    theirs = {
        "title": "A new course",
        f"{prefix}-TOTAL_FORMS": "1",
        f"{prefix}-INITIAL_FORMS": "1",
        f"{prefix}-0-id": str(session.pk),
        f"{prefix}-0-start_date": "01/03/2031",
    }
    response = administrator.post(address, {**fields, **theirs})
    assert response.status_code == 200
    assert re.search("gave it to another course", response.content.decode())
    session.refresh_from_db()
    assert session.course.title == "Whose it is" and session.start_date.year != 2031
