"""Proposed changes in the admin: who may, what is shown, and what is done."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from mscp.models import Page
from mscp.publishing.gate import State
from reviews.models import Briefing, PracticeReview
from tests.admin_forms import fields_of, send
from tests.factories import (
    MINIMAL_PDF,
    make_briefing,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_page,
    make_report,
    make_review,
    make_session,
    make_theme,
)
from tests.pages import assert_valid, body_of
from training.models import Course

pytestmark = pytest.mark.django_db

MAKERS = {
    "reviews/practicereview": make_review,
    "reviews/nationalreport": make_report,
    "reviews/briefing": make_briefing,
    "training/course": make_course,
    "mscp/page": make_page,
}
LIST = "/admin/reviews/practicereview/"


def change_of(record: Any) -> Any:
    return type(record).objects.get(revises=record.pk)


def body(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize("kind", MAKERS)
def test_an_editor_changes_what_is_live_in_private_and_a_publisher_applies_it(
    kind: str, editor: Client, publisher: Client
) -> None:
    live = MAKERS[kind](title="Live title (fictional)")
    if hasattr(live, "documents"):
        make_document(live, title="The document", pdf=MINIMAL_PDF)
    if kind == "training/course":
        make_session(live)
    address = f"/admin/{kind}/{live.pk}/"
    opened = body(editor.get(f"{address}change/"))
    assert "Propose a change" in opened and 'name="_save"' not in opened
    begun = editor.post(f"{address}propose/")
    change = change_of(live)
    assert begun.url == f"/admin/{kind}/{change.pk}/change/"
    again = editor.post(f"{address}propose/", follow=True)
    assert "There is a proposed change to this already" in body(again)
    assert again.redirect_chain[-1][0] == begun.url
    form = body(editor.get(begun.url))
    assert "Proposed change" in form and "Save and apply" not in form
    saved = send(editor, begun.url, title="New title (fictional)")
    assert saved.status_code == 302, saved.content
    page = live.get_absolute_url()
    assert "Live title" in body(Client().get(page)) and "New title" not in body(Client().get(page))
    look = f"/admin/{kind}/{change.pk}/look/"
    for answer in (editor.get(change.get_absolute_url()), editor.post(look, {"page": "/"})):
        assert answer.status_code == 200 and "Proposed change: only staff" in body(answer)
        assert "no-store" in answer.headers["Cache-Control"]
    assert "New title" in body(editor.get(change.get_absolute_url()))
    compared = body(editor.get(f"/admin/{kind}/{change.pk}/compare/"))
    assert "<del>" in compared and "<ins>" in compared and "Title" in compared
    step = f"/admin/{kind}/step/apply/?id={change.pk}"
    assert editor.get(step).status_code == editor.post(step).status_code == 403
    applied = send(publisher, step, press="apply")
    assert applied.url == f"{address}change/"
    assert "New title" in body(Client().get(page))
    assert not type(live).objects.proposed_changes().exists()


def test_whoever_may_not_write_may_do_nothing_with_a_change(sign_in: Any) -> None:
    live = make_review()
    change = live.propose_change()
    client = sign_in()
    for name in ("compare", "change"):
        assert client.get(f"{LIST}{change.pk}/{name}/").status_code == 403
    assert client.post(f"{LIST}{change.pk}/look/").status_code == 403
    assert client.post(f"{LIST}{live.pk}/propose/").status_code == 403
    assert client.get(change.get_absolute_url()).status_code == 404
    assert Client().get(f"{LIST}{change.pk}/compare/").status_code == 302


def test_addresses_of_what_is_no_change_are_nothing(publisher: Client) -> None:
    live = make_review()
    for send_to, name in ((publisher.get, "compare"), (publisher.post, "look")):
        assert send_to(f"{LIST}{live.pk}/{name}/").status_code == 404
        assert send_to(f"{LIST}{10**30}/{name}/").status_code in (400, 404)
    # What applies a change, if only to look, begins with no GET.
    assert publisher.get(f"{LIST}{live.propose_change().pk}/look/").status_code == 405
    assert publisher.get(f"{LIST}{live.pk}/propose/").status_code == 405
    change = change_of(live)
    for page in ("/admin/", "https://example.org/", "", "/reviews/?q=x"):
        assert publisher.post(f"{LIST}{change.pk}/look/", {"page": page}).status_code == 404


def offered_from(client: Client, change: Any) -> list[str]:
    """Return the actions to which the page of differences leads."""
    page = client.get(f"{LIST}{change.pk}/compare/")
    assert_valid(page)
    return re.findall(rf'href="{LIST}step/([a-z-]+)/\?id={change.pk}"', body(page))


def test_the_differences_lead_to_the_step_that_comes_next(
    publisher: Client, editor: Client, sign_in: Any, settings: Any
) -> None:
    change = make_review(title="Live one (fictional)", summary="Words.").propose_change()
    assert offered_from(publisher, change) == ["apply", "schedule"]
    assert offered_from(editor, change) == ["ready"]
    settings.TWO_PEOPLE = True
    send(editor, f"{LIST}{change.pk}/change/", summary="Other words.")
    approver = sign_in("Publishers")
    # What nobody approved is not offered to be applied, but to be approved.
    assert offered_from(approver, change) == ["ready", "approve"]
    send(approver, f"{LIST}step/approve/?id={change.pk}", press="go")
    assert offered_from(approver, change) == ["apply", "schedule", "send-back"]


def test_lists_tell_changes_apart(publisher: Client) -> None:
    live = make_review(title="Live one (fictional)")
    live.propose_change()
    make_review(title="A draft (fictional)", state=State.DRAFT)

    def titles(query: str) -> list[str]:
        rows = publisher.get(f"{LIST}{query}").context["cl"].result_list
        return [f"{row.state_label}: {row}" for row in rows]

    assert titles("?state=draft") == ["Draft: A draft (fictional)"]
    assert titles("?state=proposed-change") == ["Proposed change: Live one (fictional)"]
    assert titles("?state=published") == ["Published: Live one (fictional)"]
    to_do = re.sub("<[^>]+>", "", body(publisher.get("/admin/")))
    assert "1 practice review with a proposed change" in to_do


def test_many_changes_cost_a_list_no_more_queries(
    publisher: Client, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    numbers = []
    for many in (2, 40):
        while PracticeReview.objects.proposed_changes().count() < many:
            make_review().propose_change()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert publisher.get(f"{LIST}?state=proposed-change").status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_no_relation_leads_to_a_change(publisher: Client) -> None:
    review, course = make_review(title="Robin"), make_course(title="Course")
    of_review, of_course = review.propose_change(), course.propose_change()

    def offered(app: str, model: str, field: str) -> list[str]:
        asked = {"app_label": app, "model_name": model, "field_name": field, "term": ""}
        found = publisher.get("/admin/autocomplete/", asked).json()["results"]
        return [one["id"] for one in found]

    assert offered("reviews", "briefing", "review") == [str(review.pk)]
    assert offered("training", "course", "publications") == [str(review.pk)]
    assert offered("training", "session", "course") == [str(course.pk)]
    learning = make_briefing()
    sent = send(
        publisher, f"/admin/reviews/briefing/{learning.pk}/change/", review=str(of_review.pk)
    )
    assert sent.status_code == 200 and Briefing.objects.get().review is None
    sent = send(
        publisher,
        "/admin/training/session/add/",
        course=str(of_course.pk),
        start_date="01/03/2027",
    )
    assert sent.status_code == 200 and not of_course.sessions.exists()


def test_what_both_changed_is_decided_on_the_page(editor: Client, publisher: Client) -> None:
    live = make_review(summary="Old", publisher="Old press")
    change = live.propose_change()
    change.summary = "Mine"
    change.save()
    send(publisher, f"{LIST}{live.pk}/change/", summary="Theirs", publisher="Their press")
    page = f"{LIST}{change.pk}/compare/"
    shown = body(editor.get(page))
    assert "pat on 23 November 2026" in shown and "Theirs" in shown and "Their press" in shown
    assert "Published by" in shown and ">Publisher<" not in shown
    refused = publisher.get(f"{LIST}step/apply/?id={change.pk}")
    assert "Compare the two and decide" in body(refused)
    fields = {**fields_of(editor.get(page))}
    undecided = editor.post(
        page, {name: value for name, value in fields.items() if "keep" not in name}, follow=True
    )
    assert "Decide for each" in body(undecided)
    editor.post(page, {**fields, "keep:summary": "theirs"})
    change.refresh_from_db()
    assert (change.summary, change.publisher) == ("Theirs", "Their press")
    assert "Nothing yet" in body(editor.get(page))


def test_documents_swapped_are_shown_by_both_first_pages(editor: Client) -> None:
    live = make_review()
    make_document(live, title="Report", pdf=MINIMAL_PDF)
    change = live.propose_change()
    document = change.documents.get()
    old, new = document.file, make_file(MINIMAL_PDF + b"%2", pages=["One.", "Two."])
    document.file = new
    document.save()
    page = body(editor.get(f"{LIST}{change.pk}/compare/"))
    assert "First page: live now" in page and "First page: in this change" in page
    # The words that both files have, and the figures, are no part that stayed.
    marked = [f"{word}: </span>{file}<" for word, file in (("[removed", old), ("[added", new))]
    assert all(one in page for one in marked) and page.count("<del>") == page.count("<ins>") == 2
    preview = body(editor.get(change.get_absolute_url()))
    assert str(document.uid) in preview
    assert body_of(editor.get(document.get_absolute_url())) == MINIMAL_PDF + b"%2"
    assert Client().get(document.get_absolute_url()).status_code == 404


def test_a_finding_in_a_new_file_keeps_a_change_from_being_applied(publisher: Client) -> None:
    live = make_review()
    change = live.propose_change()
    document = make_document(change, title="Report", pdf=MINIMAL_PDF)
    make_finding(document.file)
    step = publisher.get(f"{LIST}step/apply/?id={change.pk}")
    assert "Open its report" in body(step) and 'value="Apply"' not in body(step)
    publisher.post(f"{LIST}step/apply/?id={change.pk}")
    assert not live.documents.exists()


def test_steps_of_other_records_are_not_for_changes(publisher: Client) -> None:
    live = make_review(summary="Words.")
    change = live.propose_change()
    for name in ("publish", "withdraw", "to-draft"):
        refused = body(publisher.get(f"{LIST}step/{name}/?id={change.pk}"))
        assert "It is a proposed change." in refused
    assert "It is published." in body(publisher.get(f"{LIST}step/apply/?id={live.pk}"))


def test_a_file_chosen_in_the_form_of_a_change_is_its_own(editor: Client) -> None:
    live = make_review()
    original = make_document(live, title="Report", pdf=MINIMAL_PDF)
    change = live.propose_change()
    sent = make_file(MINIMAL_PDF + b"%2", taken_in_by=editor.user)  # type: ignore[attr-defined]
    saved = send(
        editor,
        f"{LIST}{change.pk}/change/",
        **{"documents-0-file_taken": str(sent.uid)},
    )
    assert saved.status_code == 302, saved.content
    assert change.documents.get().file == sent
    original.refresh_from_db()
    assert original.file != sent and original.versions.get() == original.file


def test_themes_suggested_by_a_program_are_not_suggested_again(publisher: Client) -> None:
    theme = make_theme()
    live = make_review(themes=[theme], summary="Words.")
    live.suggested_themes.add(theme)
    change = live.propose_change()
    assert not change.suggested_themes.exists()
    change.themes.clear()
    change.apply_change()
    assert not live.suggested_themes.exists()


def test_the_preview_of_a_change_shows_it_in_the_place_of_what_is_live(editor: Client) -> None:
    """Its own texts, themes, documents and publications; and what others link to what is live."""
    review = make_review(title="Live review (fictional)", themes=[make_theme(name="Old theme")])
    make_briefing(title="Learning (fictional)", review=review)
    change = review.propose_change()
    change.themes.set([make_theme(name="New theme")])
    make_document(change, title="New document")
    page = body(editor.get(change.get_absolute_url()))
    assert "New theme" in page and "Old theme" not in page and "New document" in page
    assert "Learning (fictional)" in page
    assert f'href="{LIST}{change.pk}/change/"' in page
    # What changed meanwhile in what is live stands on its page when it is applied to look.
    PracticeReview.objects.filter(pk=review.pk).update(reviewer="Robin Hill")
    assert "Robin Hill" not in body(editor.get(change.get_absolute_url()))
    look = f"{LIST}{change.pk}/look/"
    applied = body(editor.post(look, {"page": review.get_absolute_url()}))
    assert "Robin Hill" in applied and "New theme" in applied and "New document" in applied
    course = make_course(title="Course (fictional)")
    make_session(course, start_date=date(2027, 1, 14))
    course.publications.add(make_report(title="Taught before (fictional)"))
    of_course = course.propose_change()
    of_course.publications.set([make_report(title="Taught now (fictional)")])
    page = body(editor.get(of_course.get_absolute_url()))
    assert "14 January 2027" in page
    assert "Taught now" in page and "Taught before" not in page
    # Nothing was saved with what it stood in for.
    of_course.refresh_from_db()
    assert of_course.is_proposed_change and change_of(course) == of_course


def test_pages_and_courses_too_are_previewed_in_their_lists(editor: Client) -> None:
    page = make_page(title="Old name")
    change = page.propose_change()
    change.title = "New name"
    change.save()
    home = body(editor.post(f"/admin/mscp/page/{change.pk}/look/", {"page": "/"}))
    assert "New name" in home
    assert "New name" not in body(Client().get("/")) and "Old name" in body(Client().get("/"))
    assert Page.objects.get(pk=page.pk).title == "Old name"
    course = make_course(title="Old course")
    make_session(course)
    of_course = course.propose_change()
    Course.objects.filter(pk=of_course.pk).update(title="New course")
    listed = body(
        editor.post(f"/admin/training/course/{of_course.pk}/look/", {"page": "/training/"})
    )
    assert "New course" in listed and "Old course" not in listed


def test_what_was_typed_into_what_is_live_becomes_a_change(publisher: Client) -> None:
    live = make_review(title="Live title (fictional)", summary="Old words.")
    document = make_document(live, title="The document", pdf=MINIMAL_PDF)
    address = f"{LIST}{live.pk}/change/"
    begun = send(
        publisher,
        address,
        press="_propose",
        summary="Typed words.",
        **{"documents-0-title": "Typed title"},
    )
    change = change_of(live)
    assert begun.url.startswith(f"{LIST}{change.pk}/change/?")
    live.refresh_from_db(), document.refresh_from_db()
    assert (live.summary, document.title) == ("Old words.", "The document")
    filled = publisher.get(begun.url)
    assert "Typed words." in body(filled) and "Typed title" in body(filled)
    fields = fields_of(filled)
    saved = publisher.post(f"{LIST}{change.pk}/change/", {**fields, "_save": "Save"})
    assert saved.status_code == 302, saved.content
    change.refresh_from_db()
    assert (change.summary, change.documents.get().title) == ("Typed words.", "Typed title")
    assert change.documents.get().file == document.file


def test_what_an_editor_typed_while_it_was_published_is_kept_as_a_change(editor: Client) -> None:
    draft = make_review(state=State.DRAFT, title="A draft (fictional)", summary="Old words.")
    address = f"{LIST}{draft.pk}/change/"
    mine = {**fields_of(editor.get(address)), "summary": "Typed words.", "_save": "Save"}
    PracticeReview.objects.get(pk=draft.pk).publish()
    refused = editor.post(address, mine)
    page = body(refused)
    assert refused.status_code == 403 and "Keep what you typed as a proposed change" in page
    uid = fields_of_form(page, "propose")["typed"]
    begun = editor.post(f"{LIST}{draft.pk}/propose/", {"typed": uid})
    filled = editor.get(begun.url)
    assert "Typed words." in body(filled)
    saved = editor.post(begun.url.partition("?")[0], {**fields_of(filled), "_save": "Save"})
    assert saved.status_code == 302
    assert change_of(draft).summary == "Typed words."
    draft.refresh_from_db()
    assert draft.summary == "Old words."


def fields_of_form(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that posts to an address with this word in it."""
    (form,) = re.findall(rf'<form method="post" action="[^"]*{action}[^"]*">.*?</form>', page, re.S)
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def test_the_history_of_a_change_outlives_it(editor: Client, publisher: Client) -> None:
    live = make_page(title="Old title")
    editor.post(f"/admin/mscp/page/{live.pk}/propose/")
    change = change_of(live)
    send(editor, f"/admin/mscp/page/{change.pk}/change/", title="Draft of a title")
    send(editor, f"/admin/mscp/page/{change.pk}/change/", title="New title")
    send(publisher, f"/admin/mscp/page/step/apply/?id={change.pk}", press="apply")
    history = body(publisher.get(f"/admin/mscp/page/{live.pk}/history/"))
    for said in ("A proposed change", "Draft of a title", "Proposed change applied", "ed", "pat"):
        assert said in history
