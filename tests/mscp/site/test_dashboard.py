"""Each line of the staff page leads to a list of exactly as many records."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from mscp.models import StatementConfirmation
from mscp.publishing.gate import State
from mscp.publishing.releases import Release
from mscp.site.dashboard import _gaps, _tasks
from reviews.models import Document, DocumentFile
from tests.factories import (
    ALL_STATES,
    MINIMAL_PDF,
    make_briefing,
    make_contact,
    make_correction,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_identity,
    make_page,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
    paragraph,
)
from training.models import Delivery, ProgrammeImport

pytestmark = pytest.mark.django_db

# Of these there is one, or one that counts, so their lines open a form.
FORMS = ("/siteidentity/", "/statementconfirmation/")


def fill_the_site() -> None:
    """Make every line count something, beside records that come close and do not count."""
    make_identity(email="", phone="", notice="Closed.", notice_ends="2026-11-01")
    StatementConfirmation.objects.create()
    StatementConfirmation.objects.update(created_at="2024-01-01T12:00Z")
    theme, other, unused = make_theme(), make_theme(), make_theme()
    makers = (make_review, make_report, make_briefing, make_course)
    for make in makers:
        for state in ALL_STATES:
            make(state=state), make(state=state, themes=[theme, other])
            suggested = make(state=state, themes=[theme])
            suggested.suggested_themes.add(theme)
        make(themes=[theme]).propose_change(), make(state=State.WITHDRAWN)
    for state in ALL_STATES:
        make_page(state=state)
    make_page().propose_change()
    Release.objects.create(title="Monday"), Release.objects.create(title="Tuesday")
    moment = "2026-11-16T09:00Z"
    Release.objects.create(title="Last week", moment=moment, released_at=moment)
    with_findings = make_review(themes=[theme])
    make_finding(make_document(with_findings, pdf=MINIMAL_PDF).file)
    with_findings.propose_change()
    make_the_chain(unused)
    make_documents()
    make_sessions()
    for imported in (None, None, "2026-11-01T12:00Z"):
        ProgrammeImport.objects.create(source="Pasted text", imported_at=imported)
    make_contact(), make_contact(), make_contact(verified_on="2026-11-01")


def make_the_chain(theme: Any) -> None:
    make_review(themes=[theme]), make_briefing(themes=[theme], state=State.DRAFT)
    taught = make_briefing(themes=[make_theme()])
    make_course(themes=[make_theme()]).publications.add(taught)
    planned = make_briefing(themes=[make_theme()])
    make_course(state=State.DRAFT).publications.add(planned)
    ahead, over, cancelled = make_course(), make_course(), make_course()
    make_session(ahead, venue=make_venue()), make_session(over, in_days=-3)
    make_session(cancelled, cancelled_at="2026-11-01T12:00Z")


def make_documents() -> None:
    for state in ALL_STATES:
        publication = make_review(state=state, themes=[make_theme()])
        make_document(publication), make_document(publication, url_checked=True)
        make_document(publication, pdf=MINIMAL_PDF)
        unsettled = make_document(publication, pdf=MINIMAL_PDF)
        make_finding(unsettled.file), make_finding(unsettled.file, kind="comments")
        advice = make_document(publication, pdf=MINIMAL_PDF)
        make_finding(advice.file, kind="no_tags")
    lose_corrections(make_document(make_review(themes=[make_theme()])))


def lose_corrections(document: Any, *, days: int = 0) -> Any:
    """Give a document a corrected file, and one that is not corrected."""
    before, after = (make_file(MINIMAL_PDF, pages=["Herron."], document=document) for _ in range(2))
    make_correction(before, 1, [paragraph("Heron.")])
    DocumentFile.objects.filter(pk=after.pk).update(
        taken_in_at=timezone.now() - timedelta(days=days)
    )
    Document.objects.filter(pk=document.pk).update(file=after, url="", url_checked=False)
    return document


def make_sessions() -> None:
    for state in ALL_STATES:
        course = make_course(state=state, themes=[make_theme()])
        for days in (-8, 0, 8):
            make_session(course, in_days=days)
            make_session(course, in_days=days, delivery=Delivery.ONLINE)
            make_session(course, in_days=days, cancelled_at="2026-11-01T12:00Z")
            make_session(course, in_days=days, venue=make_venue())
    make_session(in_days=-1, end_date=make_session().start_date)
    recently = date(2026, 11, 1)
    make_session(venue=make_venue(access_checked_on=recently))
    make_session(venue=make_venue(access_checked_on=recently - timedelta(days=500)))
    make_session(in_days=-8, venue=make_venue()), make_venue()


@pytest.fixture(scope="module")
def filled(module_database: None) -> None:
    fill_the_site()


def lines_of(client: Client) -> list[tuple[str, int]]:
    """Return address and number of each line on the staff page."""
    page = client.get("/admin/").content.decode()
    lists = re.findall(r'<section class="worklist.*?</section>', page, re.DOTALL)
    found = re.findall(r'<a href="([^"]*)"><strong>(\d+)</strong>', "".join(lists))
    return [(unescape(address), int(number)) for address, number in found]


@pytest.mark.parametrize("who", ["administrator", "publisher", "editor"])
def test_each_line_opens_a_list_of_as_many(
    filled: None, who: str, request: pytest.FixtureRequest
) -> None:
    client = request.getfixturevalue(who)
    lines = lines_of(client)
    user: Any = client.user
    all_lines = [*_tasks(user), *_gaps(user)]
    assert [line.text for line in all_lines if not line.number] == []
    assert len(lines) == len(all_lines) >= 10
    for address, number in lines:
        response = client.get(address)
        assert response.status_code == 200, address
        if not any(form in address for form in FORMS):
            listed = response.context["cl"]
            assert (listed.result_count, listed.params.get("e")) == (number, None), address
            assert listed.result_count < listed.model.objects.count(), address


def filters_of_lists(client: Client) -> Iterator[tuple[str, Any, Any]]:
    """Yield the address of each list of staff, its list of changes, and each of its filters."""
    request = RequestFactory().get("/")
    request.user = client.user  # type: ignore[attr-defined]
    for model, model_admin in admin.site._registry.items():
        if not model_admin.has_view_permission(request) or not model_admin.list_filter:
            continue
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        changes = client.get(address).context["cl"]
        for one in changes.filter_specs:
            yield address, changes, one


def test_with_and_without_a_value_are_all_there_are(filled: None, administrator: Client) -> None:
    seen = set()
    for address, changes, one in filters_of_lists(administrator):
        parameter = getattr(one, "parameter_name", None) or ""
        if parameter.endswith("_missing"):
            seen.add(f"{address}{parameter}")
            numbers = [
                administrator.get(f"{address}?{parameter}={value}").context["cl"].result_count
                for value in ("yes", "no")
            ]
            assert all(numbers) and sum(numbers) == changes.result_count, address
    assert len(seen) >= 4


def test_every_choice_of_every_filter_opens_a_list(filled: None, administrator: Client) -> None:
    opened = 0
    for address, changes, one in filters_of_lists(administrator):
        for choice in one.choices(changes):
            with transaction.atomic():
                response = administrator.get(f"{address}{unescape(choice['query_string'])}")
            assert response.status_code == 200, (address, choice)
            opened += 1
    assert opened > 50


@pytest.mark.django_db
def test_a_new_file_without_the_corrections_of_the_file_before_is_told_for_some_weeks() -> None:
    review = make_review()
    lost = lose_corrections(make_document(review))
    lose_corrections(make_document(review), days=43)
    again = lose_corrections(make_document(review))
    again.refresh_from_db()
    make_correction(again.file, 1, [paragraph("Heron.")])
    first = make_document(review, file=make_file(MINIMAL_PDF, pages=["Herron."]))
    make_correction(first.file, 1, [paragraph("Heron.")])
    untouched = lose_corrections(make_document(review))
    untouched.refresh_from_db()
    make_correction(untouched.file, 1, None)
    make_document(review, file=make_file(MINIMAL_PDF))
    with_losses = Document.objects.with_lost_corrections().filter(publication=review)
    assert {one.pk for one in with_losses} == {lost.pk, untouched.pk}
