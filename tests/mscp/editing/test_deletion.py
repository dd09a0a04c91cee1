"""Whoever deletes is told before what goes with it, what stays, and what its address answers."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from mscp.editing.admin import TrackedAdmin
from mscp.models import PreviewLink, Redirect, Release, SearchSynonym
from mscp.publishing.gate import State
from tests.factories import (
    MINIMAL_PDF,
    make_audience,
    make_briefing,
    make_contact,
    make_course,
    make_document,
    make_page,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_user,
    make_venue,
)
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db


def asked(client: Client, record: Any) -> str:
    options = record._meta
    name = f"admin:{options.app_label}_{options.model_name}_delete"
    response = client.get(reverse(name, args=[record.pk]))
    assert response.status_code == 200, record
    return text_of(response)


def test_a_review_says_what_goes_and_what_stays(publisher: Client) -> None:
    review = make_review(state=State.DRAFT, title="Oak")
    for number in range(5):
        make_document(review, title=f"Paper {number}")
    make_briefing(review=review, title="Oak in seven minutes")
    make_course(title="On oaks").publications.add(review)
    link, _ = PreviewLink.make(review, name="Jane", days=7, user=make_user())
    link.answer("a" * 64, agreed=True, comment="")
    said = asked(publisher, review)
    assert "Are you sure that you want to delete the practice review “Oak”?" in said
    assert "5 documents: “Paper 0”, “Paper 1”, “Paper 2” and 2 more." in said
    assert "1 link for people outside, with 1 answer." in said
    assert "1 7-minute learning: “Oak in seven minutes”, without a link to this." in said
    assert "1 course: “On oaks”, without a link to this." in said
    assert "/reviews/oak/ is seen by nobody but staff" in said


def test_what_was_withdrawn_loses_the_page_that_says_so(publisher: Client) -> None:
    said = asked(publisher, make_report(state=State.WITHDRAWN, title="Elm"))
    assert "/reports/elm/ says today that this was withdrawn (410)." in said
    assert "as if it had never existed (404)" in said


def test_a_document_says_that_its_versions_and_address_go(publisher: Client) -> None:
    document = make_document(make_review(), title="Paper", pdf=MINIMAL_PDF)
    document.file.document = document
    document.file.save()
    said = asked(publisher, document)
    assert "1 file:" in said and "paper.pdf answers that there is no such page (404)." in said


def test_the_last_number_to_call_is_said_to_be_the_last(publisher: Client) -> None:
    first = make_contact(phone="020 7946 0000")
    assert "020 7946 0000 leaves every page at once. It is the last number" in asked(
        publisher, first
    )
    make_contact()
    assert "It is the last number" not in asked(publisher, first)


def test_what_is_used_says_by_what(publisher: Client) -> None:
    venue = make_venue(name="Town hall")
    make_session(make_course(title="Basics"), venue=venue)
    said = asked(publisher, venue)
    assert "“Town hall” cannot be deleted while it is used." in said and "Basics" in said


def test_every_kind_of_record_says_it(administrator: Client) -> None:
    course = make_course(state=State.DRAFT)
    records = [
        make_review(state=State.DRAFT),
        make_report(state=State.DRAFT),
        make_briefing(state=State.DRAFT),
        make_page(state=State.DRAFT),
        make_document(make_review(state=State.DRAFT)),
        make_session(course),
        course,
        make_theme(),
        make_audience(),
        make_venue(),
        make_contact(),
        Release.objects.create(title="Monday"),
        Redirect.objects.create(old_path="/old/", new_path="/reviews/"),
        SearchSynonym.objects.create(terms="CE, child exploitation"),
    ]
    for record in records:
        assert "Are you sure" in asked(administrator, record), record
    kinds = {
        model
        for model, one in admin.site._registry.items()
        if isinstance(one, TrackedAdmin) and "delete" in model._meta.default_permissions
    }
    left = {model.__name__ for model in kinds - {type(record) for record in records}}
    # One of its kind, kept for good, or without anything of its own.
    assert left <= {
        "SiteIdentity",
        "StatementConfirmation",
        "ProgrammeImport",
        "ListLink",
        "DocumentFile",
        "Publication",
    }


def said_in_form(client: Client, record: Any) -> str:
    options = record._meta
    name = f"admin:{options.app_label}_{options.model_name}_change"
    response = client.get(reverse(name, args=[record.pk]))
    assert_valid(response)
    return text_of(response)


def test_each_row_of_a_form_says_what_goes_when_it_is_ticked(publisher: Client) -> None:
    draft, live = make_review(state=State.DRAFT), make_review()
    for review in (draft, live):
        make_document(review, title="Paper", pdf=MINIMAL_PDF)
    goes = "When you save, it is deleted and cannot be brought back: the file, its earlier versions"
    said = said_in_form(publisher, draft)
    assert goes in said and "Nobody but staff sees it today." in said
    assert "Nobody but staff" not in said_in_form(publisher, live)
    assert "Readers lose it at once, and its address answers" in said_in_form(publisher, live)
    elsewhere = make_review()
    make_document(elsewhere, title="Elsewhere", url="https://example.org/")
    said = said_in_form(publisher, elsewhere)
    assert "Readers lose the link at once." in said and "the file, its earlier" not in said
    change = live.propose_change()
    assert "What is live keeps its own until the change is applied" in said_in_form(
        publisher, change
    )
    course = make_session(make_course()).course
    assert "If it does not take place, cancel it" in said_in_form(publisher, course)
