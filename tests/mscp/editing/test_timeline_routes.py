"""Whatever changes a publication or a course stands in its timeline: who, when and what.

A route for each way in which staff, programs, the clock and people outside change a record. A new
action, command or page that changes one needs a line here: the last tests find it.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import StringIO
from typing import Any, NamedTuple

import pytest
from django.contrib import admin
from django.core.management import call_command, get_commands
from django.test import Client

from mscp.editing.actions import ConfirmedActionsAdmin
from mscp.models import PreviewAnswer, PreviewLink
from mscp.publishing.gate import Publishable, State
from mscp.publishing.releases import Release
from reviews.documents.admin import DocumentFileAdmin
from reviews.models import Document, PracticeReview
from tests.admin_forms import fields_of, send
from tests.factories import (
    MINIMAL_PDF,
    make_correction,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_review,
    make_session,
    make_theme,
    paragraph,
)
from tests.mscp.editing.test_bulk import REVIEWS, SESSIONS, choose, take, undo
from tests.mscp.site.test_previews import answer
from tests.pdfs import clean_pdf
from tests.training.programme.steps import paste, press
from training.models import Course, Session

pytestmark = pytest.mark.django_db

COURSES = "/admin/training/course/"
LATER = "23 November 2026, 11:00"
WHO = "Jane Sample, author"


class Entry(NamedTuple):
    """What the timeline must say after a route was taken."""

    record: Any
    what: str
    who: str = "pat"


class World:
    """One publisher, and a clock that is put forward between what was and what is done."""

    def __init__(self, client: Client, clock: Any) -> None:
        self.client, self.clock = client, clock
        self.user: Any = client.user  # type: ignore[attr-defined]

    def later(self) -> None:
        self.clock.shift(timedelta(hours=1))

    def draft(self, **fields: Any) -> Any:
        return self.saved(make_review(state=State.DRAFT, **{"summary": "Words.", **fields}))

    def live(self, **fields: Any) -> Any:
        return self.saved(make_review(**{"summary": "Words.", **fields}))

    def saved(self, record: Any) -> Any:
        record.save()
        return record

    def change(self, **fields: Any) -> Any:
        change = self.live(**fields).propose_change()
        change.title = "Changed"
        return self.saved(change)

    def document(self, review: Any, **fields: Any) -> Document:
        return self.saved(make_document(review, **{"title": "Paper", **fields}))  # type: ignore[no-any-return]

    def form(self, record: Any, press: str = "_save", **values: Any) -> Any:
        response = send(self.client, form_of(record), press=press, **values)
        assert response.status_code == 302, response.content
        return response

    def step(self, action: str, record: Any, **values: Any) -> Any:
        options = record._meta
        base = f"/admin/{options.app_label}/{options.model_name}/step/{action}/"
        response = send(self.client, f"{base}?id={record.pk}", press="go", **values)
        assert response.status_code == 302, response.content
        return response

    def file(self, document: Document, what: str, **values: Any) -> Any:
        assert document.file
        return self.client.post(f"/admin/reviews/documentfile/{document.file.uid}/{what}/", values)


def form_of(record: Any, page: str = "change") -> str:
    options = record._meta
    return f"/admin/{options.app_label}/{options.model_name}/{record.pk}/{page}/"


# --- forms ----------------------------------------------------------------------------------------


def added(w: World) -> Entry:
    w.later()
    send(w.client, f"{REVIEWS}add/", type="lcspr", pseudonym="Oak", summary="Words.")
    return Entry(PracticeReview.objects.get(), "Added")


def text_changed(w: World) -> Entry:
    review = w.draft()
    w.later()
    w.form(review, summary="Other words.")
    return Entry(review, "Changed Summary: Words. → Other words.")


def themes_changed(w: World) -> Entry:
    review, theme = w.draft(), make_theme(name="Babies")
    w.later()
    w.form(review, themes=[theme.pk])
    return Entry(review, "Changed Themes: empty → Babies")


def themes_replaced(w: World) -> Entry:
    review = w.draft(themes=[make_theme(name="Babies"), make_theme(name="Schools")])
    w.saved(review)
    theme = make_theme(name="Neglect")
    w.later()
    w.form(review, themes=[theme.pk])
    return Entry(review, "Changed Themes: Babies, Schools → Neglect")


def live_changed(w: World) -> Entry:
    review = w.live()
    w.later()
    w.form(review, summary="Other words.")
    return Entry(review, "Changed Summary")


def document_added_in_its_form(w: World) -> Entry:
    review = w.draft()
    w.later()
    values = {"documents-TOTAL_FORMS": "1", "documents-0-kind": "report"}
    values |= {"documents-0-title": "Annex", "documents-0-url": "https://example.org/"}
    w.form(review, **values, **{"documents-0-position": "1", "documents-0-publication": review.pk})
    return Entry(review, "Document “Annex” Added")


def document_changed_in_its_form(w: World) -> Entry:
    review = w.draft()
    w.document(review, url="https://example.org/")
    w.later()
    w.form(review, **{"documents-0-title": "Annex"})
    return Entry(review, "Document “Annex” Changed Title: Paper → Annex")


def document_deleted_in_its_form(w: World) -> Entry:
    review = w.draft()
    w.document(review, url="https://example.org/")
    w.later()
    w.form(review, **{"documents-0-DELETE": "on"})
    return Entry(review, "Document “Paper” Deleted")


def file_replaced_in_its_form(w: World) -> Entry:
    review = w.draft()
    w.document(review, pdf=MINIMAL_PDF)
    sent = make_file(clean_pdf(), taken_in_by=w.user)
    w.later()
    w.form(review, **{"documents-0-file_taken": str(sent.uid)})
    return Entry(review, "Document “Paper” Changed File:")


def document_changed_by_itself(w: World) -> Entry:
    document = w.document(w.draft(), url="https://example.org/")
    w.later()
    w.form(document, title="Annex")
    return Entry(document.publication, "Document “Annex” Changed")


def document_deleted_by_itself(w: World) -> Entry:
    document = w.document(w.draft(), url="https://example.org/")
    w.later()
    w.client.post(form_of(document, "delete"), {"post": "yes"})
    return Entry(document.publication, "Document “Paper” Deleted")


def session_changed_in_its_course(w: World) -> Entry:
    session = w.saved(make_session(w.saved(make_course())))
    w.later()
    w.form(session.course, **{"sessions-0-note": "Bring lunch"})
    return Entry(session.course, "Session of 30 November 2026 Changed Note: empty → Bring lunch")


def session_changed_by_itself(w: World) -> Entry:
    session = w.saved(make_session(w.saved(make_course())))
    w.later()
    w.form(session, note="Bring lunch")
    return Entry(session.course, "Session of 30 November 2026 Changed Note")


def session_deleted(w: World) -> Entry:
    session = w.saved(make_session(w.saved(make_course())))
    w.later()
    w.client.post(form_of(session, "delete"), {"post": "yes"})
    return Entry(session.course, "Session of 30 November 2026 Deleted")


def deleted(w: World) -> Entry:
    review = w.draft()
    kept = Entry(PracticeReview(pk=review.pk), "Deleted")
    w.later()
    w.client.post(form_of(review, "delete"), {"post": "yes"})
    return kept


def suggestion_confirmed_in_its_form(w: World) -> Entry:
    theme = make_theme()
    review = w.draft(themes=[theme])
    review.suggested_themes.add(theme)
    w.later()
    w.form(review, confirmed_themes=[theme.pk])
    return Entry(review, "Suggested themes confirmed")


def kept_as_a_change(w: World) -> Entry:
    review = w.live()
    w.later()
    w.form(review, press="_propose", summary="Other words.")
    return Entry(review, "A proposed change Proposed change begun")


# --- actions on one or many -----------------------------------------------------------------------


def published(w: World) -> Entry:
    review = w.draft()
    w.later()
    w.step("publish", review)
    return Entry(
        review, "Published Goes live: empty → 23 November 2026, 11:00 State: Draft → Published"
    )


def scheduled(w: World) -> Entry:
    review = w.draft()
    w.later()
    w.step("schedule", review, moment="2026-12-07T09:00")
    return Entry(review, "Scheduled")


def gone_live_by_the_clock(w: World) -> Entry:
    review = w.draft()
    w.step("schedule", review, moment="2026-11-23T11:00")
    w.later()
    return Entry(review, "Went live", who="The clock")


def withdrawn(w: World) -> Entry:
    review = w.live()
    w.later()
    w.step("withdraw", review, reason="A test")
    return Entry(review, "Withdrawn")


def returned_to_draft(w: World) -> Entry:
    review = w.live()
    w.step("withdraw", review, reason="A test")
    w.later()
    w.step("to-draft", review)
    return Entry(review, "Returned to draft")


def sent_for_review(w: World) -> Entry:
    review = w.draft()
    w.later()
    w.step("ready", review, note="Page 3")
    return Entry(review, "Ready for review Page 3")


def sent_back(w: World) -> Entry:
    review = w.draft()
    w.step("ready", review)
    w.later()
    w.step("send-back", review, note="Not yet")
    return Entry(review, "Sent back Not yet")


def approved(w: World) -> Entry:
    review = w.draft()
    w.later()
    w.step("approve", review)
    return Entry(review, "Approved")


def theme_given_to_many(w: World) -> Entry:
    review, theme = w.draft(), make_theme(name="Babies")
    w.later()
    take(w.client, choose(w.client, REVIEWS, "themes", review), theme=theme.pk)
    return Entry(review, "Theme “Babies” added Themes: empty → Babies")


def undone(w: World) -> Entry:
    review, theme = w.draft(), make_theme(name="Babies")
    take(w.client, choose(w.client, REVIEWS, "themes", review), theme=theme.pk)
    w.later()
    undo(w.client)
    return Entry(review, "Undone: Theme “Babies” added")


def suggestions_confirmed_of_many(w: World) -> Entry:
    theme = make_theme()
    review = w.draft(themes=[theme])
    review.suggested_themes.add(theme)
    w.later()
    w.client.post(REVIEWS, {"action": "confirm_themes", "_selected_action": [review.pk]})
    return Entry(review, "Suggested themes confirmed")


def duplicated(w: World) -> Entry:
    review = w.draft(title="Oak")
    w.later()
    w.step("duplicate", review)
    return Entry(PracticeReview.objects.get(title="Oak (copy)"), "Copied from Oak")


def address_checked(w: World) -> Entry:
    document = w.document(w.draft(), url="https://example.org/")
    w.later()
    chosen = {"action": "mark_checked", "_selected_action": [document.pk]}
    w.client.post("/admin/reviews/document/", chosen)
    return Entry(document.publication, "Document “Paper” Changed")


def session_cancelled(w: World) -> Entry:
    session = w.saved(make_session(w.saved(make_course())))
    w.later()
    w.step("cancel", session)
    return Entry(session.course, "Session of 30 November 2026 Cancelled")


def session_reinstated(w: World) -> Entry:
    session = w.saved(make_session(w.saved(make_course())))
    w.step("cancel", session)
    w.later()
    w.step("reinstate", session)
    return Entry(session.course, "Session of 30 November 2026 Reinstated")


def session_moved(w: World) -> Entry:
    session = w.saved(make_session(w.saved(make_course())))
    w.later()
    w.step("move", session, **{f"day_{session.pk}": "01/12/2026"})
    return Entry(session.course, "Session of 1 December 2026 Moved")


def session_copied(w: World) -> Entry:
    session = w.saved(make_session(w.saved(make_course())))
    w.later()
    w.step("copy", session, **{f"day_{session.pk}": "01/12/2026"})
    return Entry(session.course, "Session of 1 December 2026 Added")


def session_set(w: World) -> Entry:
    session = w.saved(make_session(w.saved(make_course())))
    w.later()
    take(w.client, choose(w.client, SESSIONS, "set", session), places="full")
    return Entry(session.course, "Session of 30 November 2026")


# --- proposed changes and releases ----------------------------------------------------------------


def change_begun(w: World) -> Entry:
    review = w.live()
    w.later()
    w.client.post(form_of(review, "propose"))
    return Entry(review, "A proposed change Proposed change begun")


def change_written(w: World) -> Entry:
    change = w.change()
    w.later()
    w.form(change, title="Once more")
    return Entry(change.revised(), "A proposed change Changed Title: Changed → Once more")


def document_of_a_change(w: World) -> Entry:
    live = w.live()
    w.document(live, url="https://example.org/")
    w.client.post(form_of(live, "propose"))
    w.later()
    w.form(PracticeReview.objects.get(revises=live), **{"documents-0-title": "Annex"})
    return Entry(live, "A proposed change, document “Annex” Changed Title: Paper → Annex")


def change_applied(w: World) -> Entry:
    change = w.change(title="Oak")
    live = change.revised()
    w.later()
    w.step("apply", change)
    return Entry(live, "Proposed change applied Title: Oak → Changed")


def change_discarded(w: World) -> Entry:
    change = w.change()
    w.later()
    w.client.post(form_of(change, "delete"), {"post": "yes"})
    return Entry(PracticeReview.objects.get(), "A proposed change Deleted")


def change_sent_for_review(w: World) -> Entry:
    change = w.change()
    w.later()
    w.step("ready", change, note="Page 3")
    return Entry(change.revised(), "A proposed change Ready for review Page 3")


def change_approved_and_applied(w: World) -> Entry:
    change = w.change()
    live = change.revised()
    w.later()
    w.step("approve", change)
    w.clock.shift(timedelta(minutes=1))
    w.step("apply", change)
    approved = [what for _, _, what in entries_of(w.client, live) if "Approved" in what]
    assert approved == ["A proposed change Approved"]
    return Entry(live, "A proposed change Approved")


def answer_to_a_change(w: World) -> Entry:
    change = w.change()
    _, address = PreviewLink.make(change, name=WHO, days=7, user=w.user)
    w.later()
    answer(address)
    return Entry(change.revised(), "Agreed, from outside", who=WHO)


def change_taken_up(w: World) -> Entry:
    change = w.change()
    w.form(PracticeReview.objects.get(pk=change.revises_id), summary="Theirs")
    w.later()
    page = w.client.get(form_of(change, "compare"))
    w.client.post(form_of(change, "compare"), fields_of(page))
    return Entry(change.revised(), "A proposed change What changed meanwhile was taken up")


def change_scheduled(w: World) -> Entry:
    change = w.change()
    w.later()
    w.step("schedule", change, moment="2026-12-07T09:00")
    return Entry(change.revised(), "A proposed change Scheduled for 7 December 2026, 09:00")


def change_called_off(w: World) -> Entry:
    change = w.change()
    w.step("schedule", change, moment="2026-12-07T09:00")
    w.later()
    w.step("call-off", change)
    return Entry(change.revised(), "A proposed change Called off")


def change_gone_live_by_the_clock(w: World) -> Entry:
    change = w.change()
    live = change.revised()
    w.step("schedule", change, moment="2026-11-23T11:00")
    w.later()
    return Entry(live, "Proposed change applied")


def gathered(w: World) -> Entry:
    review = w.draft()
    w.later()
    address = f"/admin/mscp/release/gather/?of=reviews.practicereview:{review.pk}"
    send(w.client, address, title="Monday")
    return Entry(review, "Put into the release “Monday”")


def in_release(w: World, record: Any) -> Release:
    release = Release.objects.create(title="Monday")
    release.add([record])
    return release


def taken_out_of_a_release(w: World) -> Entry:
    review = w.draft()
    release = in_release(w, review)
    w.later()
    w.form(release, _take_out=f"reviews.practicereview:{review.pk}")
    return Entry(review, "Taken out of the release “Monday”")


def released(w: World) -> Entry:
    review = w.draft()
    release = in_release(w, review)
    w.later()
    w.step("go-live", release)
    return Entry(review, "Published together")


def released_by_the_clock(w: World) -> Entry:
    review = w.draft()
    release = in_release(w, review)
    w.step("schedule", release, moment="2026-11-23T11:00")
    w.later()
    call_command("do_what_is_due", stdout=StringIO())
    return Entry(review, "Published together")


# --- merges, imports and commands -----------------------------------------------------------------


def merged(w: World, source: Any, target: Any) -> None:
    address = f"{form_of(source, 'merge')}?into={target.pk}"
    w.client.post(address, fields_of(w.client.get(address)))


def themes_merged(w: World) -> Entry:
    old, new = make_theme(name="Babies"), make_theme(name="Infants")
    review = w.draft(themes=[old])
    w.later()
    merged(w, old, new)
    return Entry(review, "Merged: Babies into Infants Themes")


def courses_merged(w: World) -> Entry:
    old, new = (w.saved(make_course(title=title)) for title in ("Old course", "New course"))
    make_session(old)
    w.later()
    merged(w, old, new)
    return Entry(new, "Session of 30 November 2026 Merged: Old course into New course")


def imported(w: World) -> Entry:
    w.later()
    press(w.client, paste(w.client, "Neglect – 14 January 2027"), "_confirm")
    return Entry(Course.objects.get(), "Session of 14 January 2027")


def import_undone(w: World) -> Entry:
    course = w.saved(make_course(title="Neglect"))
    press(w.client, paste(w.client, "Neglect – 14 January 2027"), "_confirm")
    assert Session.objects.count() == 1
    w.later()
    undo(w.client)
    return Entry(course, "Session of 14 January 2027")


def seeded(w: World) -> Entry:
    w.later()
    call_command("seed", stdout=StringIO())
    return Entry(PracticeReview.objects.first(), "First catalogue", who="The system")


# --- files ----------------------------------------------------------------------------------------


def accepted(w: World) -> Entry:
    document = w.document(w.draft(), pdf=MINIMAL_PDF)
    finding = make_finding(document.file)  # type: ignore[arg-type]
    w.later()
    w.file(document, "accept", findings=[finding.pk], reason="She agreed")
    return Entry(document.publication, "Document “Paper” Accepted:")


def acceptance_taken_back(w: World) -> Entry:
    document = w.document(w.draft(), pdf=MINIMAL_PDF)
    finding = make_finding(document.file)  # type: ignore[arg-type]
    w.file(document, "accept", findings=[finding.pk], reason="She agreed")
    w.later()
    w.file(document, f"take-back/{finding.pk}")
    return Entry(document.publication, "Document “Paper” Acceptance taken back:")


def cleaned(w: World) -> Entry:
    document = w.document(w.draft(), pdf=clean_pdf())
    document.file.document = document  # type: ignore[union-attr]
    document.file.save()  # type: ignore[union-attr]
    w.later()
    w.file(document, "clean")
    return Entry(document.publication, "Document “Paper” Cleaned copy made:")


def other_version(w: World, document: Document) -> Document:
    """Return the document as it would be with another version of its file, which is not used."""
    copy = make_file(clean_pdf(), document=document, cleaned_from=document.file, taken_in_by=w.user)
    return Document(pk=document.pk, file=copy, publication=document.publication)


def copy_used(w: World) -> Entry:
    document = w.document(w.draft(), pdf=MINIMAL_PDF)
    w.later()
    w.file(other_version(w, document), "use")
    return Entry(document.publication, "Document “Paper” Cleaned copy used File:")


def version_discarded(w: World) -> Entry:
    document = w.document(w.draft(), pdf=MINIMAL_PDF)
    w.later()
    w.file(other_version(w, document), "discard")
    return Entry(document.publication, "Document “Paper” Version discarded:")


# --- people outside -------------------------------------------------------------------------------


def link_made(w: World) -> Entry:
    review = w.draft()
    w.later()
    w.step("share", review, name=WHO, days="7")
    return Entry(review, f"Link for {WHO} made, until 30 November 2026, 11:00")


def link_revoked(w: World) -> Entry:
    review = w.draft()
    link, _ = PreviewLink.make(review, name=WHO, days=7, user=w.user)
    w.later()
    w.step("revoke", link)
    return Entry(review, f"Link for {WHO} revoked")


def answered_from_outside(w: World) -> Entry:
    review = w.draft()
    _, address = PreviewLink.make(review, name=WHO, days=7, user=w.user)
    w.later()
    answer(address, "comment", "Page 4.")
    return Entry(review, "Commented, from outside Page 4.", who=WHO)


def answer_to_a_change_that_was_applied(w: World) -> Entry:
    change = w.change()
    live = change.revised()
    _, address = PreviewLink.make(change, name=WHO, days=7, user=w.user)
    w.later()
    answer(address)
    change.refresh_from_db()
    change.apply_change()
    return Entry(live, "Agreed, from outside", who=WHO)


def answer_dealt_with(w: World) -> Entry:
    review = w.draft()
    _, address = PreviewLink.make(review, name=WHO, days=7, user=w.user)
    answer(address)
    w.later()
    given = PreviewAnswer.objects.get()
    w.client.post("/admin/mscp/previewlink/settle/", {"answer": given.pk})
    return Entry(review, f"Dealt with the agreement of {WHO}")


def page_corrected(w: World) -> Entry:
    document = w.document(w.draft(), file=make_file(MINIMAL_PDF, pages=["One word."]))
    w.later()
    assert document.file
    address = f"/admin/reviews/documentfile/{document.file.uid}/pages/1/"
    sent = {**fields_of(w.client.get(address)), "b0-text": "O ne word."}
    assert w.client.post(address, sent).status_code == 302
    return Entry(document.publication, "Document “Paper” Corrected: the words of page 1")


def correction_put_back(w: World) -> Entry:
    document = w.document(w.draft(), file=make_file(MINIMAL_PDF, pages=["One word."]))
    make_correction(document.file, 1, [paragraph("Two.")])
    w.later()
    w.file(document, "pages/1/put-back", version="read")
    what = "Document “Paper” Correction taken back: the words of page 1"
    return Entry(document.publication, what)


def correction_taken_over(w: World) -> Entry:
    old, new = (make_file(MINIMAL_PDF + end, pages=["One word."]) for end in (b"1", b"2"))
    document = w.document(w.draft(), file=old)
    make_correction(old, 1, [{**paragraph("O ne word."), "read_from": 0}])
    new.document = document
    new.save()
    document.file = new
    document.save()
    w.later()
    w.file(document, "corrections-before", take="1-0")
    return Entry(document.publication, "Document “Paper” Corrected: the words of page 1")


# --- the table ------------------------------------------------------------------------------------

FORMS = [
    *(
        added,
        text_changed,
        themes_changed,
        themes_replaced,
        live_changed,
        deleted,
        kept_as_a_change,
    ),
    *(document_added_in_its_form, document_changed_in_its_form, document_deleted_in_its_form),
    *(file_replaced_in_its_form, document_changed_by_itself, document_deleted_by_itself),
    *(session_changed_in_its_course, session_changed_by_itself, session_deleted),
    *(suggestion_confirmed_in_its_form, gone_live_by_the_clock, undone, change_written),
    *(change_discarded, change_gone_live_by_the_clock, gathered, taken_out_of_a_release),
    *(
        document_of_a_change,
        themes_merged,
        courses_merged,
        imported,
        import_undone,
        answered_from_outside,
    ),
    *(answer_to_a_change_that_was_applied, answer_dealt_with, change_begun, change_taken_up),
]
# By the name of the action, command or page.
ACTIONS: dict[str, Callable[[World], Entry]] = {
    "publish": published,
    "schedule": scheduled,
    "withdraw": withdrawn,
    "to-draft": returned_to_draft,
    "ready": sent_for_review,
    "send-back": sent_back,
    "approve": approved,
    "share": link_made,
    "revoke": link_revoked,
    "themes": theme_given_to_many,
    "duplicate": duplicated,
    "apply": change_applied,
    "call-off": change_called_off,
    "schedule a change": change_scheduled,
    "confirm_themes": suggestions_confirmed_of_many,
    "mark_checked": address_checked,
    "cancel": session_cancelled,
    "reinstate": session_reinstated,
    "move": session_moved,
    "copy": session_copied,
    "set": session_set,
    "go-live": released,
}
COMMANDS = {"seed": seeded, "do_what_is_due": released_by_the_clock}
FILES = {
    "accept": accepted,
    "take_back": acceptance_taken_back,
    "clean": cleaned,
    "use": copy_used,
    "discard": version_discarded,
    "correct": page_corrected,
    "restore": correction_put_back,
    "take_over": correction_taken_over,
}
ROUTES = [*FORMS, *ACTIONS.values(), *COMMANDS.values(), *FILES.values()]


def entries_of(client: Client, record: Any) -> list[tuple[str, str, str]]:
    """Return when, who and what of each entry of a timeline, the what in all its words."""
    page = client.get(form_of(record, "history"))
    assert page.status_code == 200, record
    found = []
    for item in re.findall(r'<li class="panel">(.*?)\n    </li>', page.content.decode(), re.DOTALL):
        when, who = (
            unescape(re.search(rf'timeline-{name}">(.*?)</span>', item)[1])  # type: ignore[index]
            for name in ("when", "who")
        )
        # Neither what only a screen reader says nor the ways back.
        seen = re.sub(
            r'<span class="visually-hidden">.*?</span>|<a class="take-back".*?</a>', "", item
        )
        words = " ".join(unescape(re.sub("<[^>]*>", " ", seen)).split())
        what = words.removeprefix(f"{when} {who}").strip().replace(" :", ":")
        found.append((when, who, what))
    return found


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.__name__)
def test_it_stands_in_the_timeline(route: Any, publisher: Client, clock: Any) -> None:
    routed = route(World(publisher, clock))
    entries = entries_of(publisher, routed.record)
    assert [
        what
        for when, who, what in entries
        if (when, who) == (LATER, routed.who) and what.startswith(routed.what)
    ], (routed, entries)


def test_what_is_scheduled_and_called_off_or_moved_did_not_go_live_then(
    publisher: Client, clock: Any
) -> None:
    w = World(publisher, clock)
    off, moved, now = w.draft(), w.draft(), w.draft()
    for review in (off, moved, now):
        w.step("schedule", review, moment="2026-11-23T11:00")
    w.step("to-draft", off)
    w.step("schedule", moved, moment="2026-11-23T10:30")
    w.step("publish", now)
    assert not any(
        who == "The clock" for one in (off, now) for _, who, _ in entries_of(publisher, one)
    )
    w.later()
    clocks = [
        [when for when, who, _ in entries_of(publisher, one) if who == "The clock"]
        for one in (off, moved, now)
    ]
    assert clocks == [[], ["23 November 2026, 10:30"], []]


def test_what_goes_along_with_a_change_is_told_once(publisher: Client, clock: Any) -> None:
    w = World(publisher, clock)
    live = w.live()
    w.document(live, title="Paper", url="https://example.org/")
    publisher.post(form_of(live, "propose"))
    change = PracticeReview.objects.get(revises=live)
    w.form(change, **{"documents-0-title": "Annex"})
    w.later()
    w.step("apply", change)
    changes = [what for when, _, what in entries_of(publisher, live) if when == LATER]
    assert sorted(changes) == [
        "A proposed change Proposed change applied",
        "Document “Annex” Proposed change applied Title: Paper → Annex",
        "Proposed change applied",
    ]


def test_every_action_is_a_route() -> None:
    models = {model for model in admin.site._registry if issubclass(model, Publishable)}
    models |= {Document, Session, Release, PreviewLink}
    names = set()
    for model in models:
        model_admin: Any = admin.site._registry[model]
        if isinstance(model_admin, ConfirmedActionsAdmin):
            names |= set(model_admin.confirmed_actions)
        for one in model_admin.actions:
            names.add(getattr(one, "__name__", one).replace("_", "-"))
    # It leads to the page on which they are gathered, which is a route itself.
    known = {name.replace("_", "-") for name in ACTIONS} | {"publish-together"}
    assert names <= known, names - known


def test_every_page_of_files_that_changes_something_is_a_route() -> None:
    views = DocumentFileAdmin(Document, admin.site).get_urls()
    names = {str(one.name).removeprefix("reviews_documentfile_") for one in views}
    # What is settled of identifiers is kept beside the record, which stays as it is.
    reads = {"report", "file", "now", "cover", "identifiers"}
    # What is sent belongs to no record before a form is saved. Words of a Word document are
    # corrections of pages; test_from_word.py sends them where two are needed.
    assert names - reads - {"upload", "from_word"} == set(FILES)


def test_every_command_of_ours_is_a_route_or_changes_no_record() -> None:
    ours = {name for name, app in get_commands().items() if app in ("mscp", "reviews", "training")}
    nothing = {"migrate", "local_staff", "rebuild_search", "reset_second_factor"}
    # A site is put back with the history that it had.
    nothing |= {"backup", "restore"}
    # Rebuilds what is read of files, and reads files that are of no record.
    nothing |= {"check_documents", "pdf_survey"}
    assert ours == set(COMMANDS) | nothing
