"""What an editor and a publisher may do, and how the steps between the states are taken."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from mscp.publishing.gate import State
from reviews.models import PracticeReview, Publication
from tests.admin_forms import fields_of, send
from tests.factories import (
    ALL_STATES,
    HIDDEN_STAGES,
    make_course,
    make_document,
    make_page,
    make_review,
    make_session,
)
from tests.pages import text_of, titles
from training.models import Session

pytestmark = pytest.mark.django_db

LIST = "/admin/reviews/practicereview/"
STEPS = ["publish", "schedule", "withdraw", "to-draft"]


def form(review: Any) -> str:
    return f"{LIST}{review.pk}/change/"


def step(name: str, *reviews: Any) -> str:
    return f"{LIST}step/{name}/?" + "&".join(f"id={review.pk}" for review in reviews)


def readable(**fields: Any) -> Any:
    fields.setdefault("summary", "Words.")
    return make_review(state=fields.pop("state", State.DRAFT), **fields)


def test_an_editor_writes_a_draft_with_a_document_and_previews_it(editor: Client) -> None:
    response = send(
        editor,
        f"{LIST}add/",
        press="_preview",
        type="lcspr",
        pseudonym="Oak",
        child_reference="Child Z",
        report_date="July 2026",
        **{
            "documents-TOTAL_FORMS": "1",
            "documents-0-kind": "report",
            "documents-0-title": "The report",
            "documents-0-url": "https://example.org/report",
            "documents-0-position": "0",
        },
    )
    review = PracticeReview.objects.get()
    # Back from the preview leads to the saved record, not to a form that adds it again.
    assert response.status_code == 302 and response.url == form(review)
    saved = editor.get(response.url)
    assert "Saved as a draft. See the preview" in text_of(saved)
    assert review.title == "Oak (Child Z)" and review.is_draft
    assert review.created_by == review.updated_by == editor.user  # type: ignore[attr-defined]
    document = review.documents.get()
    assert document.created_by == editor.user  # type: ignore[attr-defined]
    preview = editor.get(review.get_absolute_url())
    assert preview.status_code == 200 and "only staff can see" in text_of(preview)
    assert Client().get(review.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_editor_is_refused_every_step(editor: Client, name: str, method: str) -> None:
    review = readable(state=State.PUBLISHED if name == "withdraw" else State.DRAFT)
    before = review.current_state
    response = getattr(editor, method)(step(name, review), {"reason": "x"})
    assert response.status_code == 403
    assert PracticeReview.objects.get().current_state is before


def test_an_editor_is_offered_no_step_and_no_action(editor: Client) -> None:
    review = readable()
    page = editor.get(form(review)).content.decode()
    assert "Save and publish" not in page and "of the group Publishers puts it online" in page
    assert "Publish selected" not in editor.get(LIST).content.decode()
    posted = editor.post(LIST, {"action": "publish", "_selected_action": [review.pk]})
    assert posted.status_code in (200, 302)
    assert PracticeReview.objects.get().is_draft


def test_pressing_publish_in_a_forged_form_leads_an_editor_to_a_refusal(editor: Client) -> None:
    review = readable()
    response = send(editor, form(review), press="_publish")
    assert editor.get(response.url).status_code == 403
    assert PracticeReview.objects.get().is_draft


@pytest.mark.parametrize("field", ["state", "published_at", "withdrawn_at"])
def test_the_state_is_no_field_of_the_form(editor: Client, field: str) -> None:
    review = readable()
    send(editor, form(review), **{field: "published", f"{field}_0": "2020-01-01"})
    assert PracticeReview.objects.get().is_draft


@pytest.mark.parametrize("state", [State.SCHEDULED, State.PUBLISHED, State.WITHDRAWN])
def test_what_is_no_draft_an_editor_can_read_but_not_change(editor: Client, state: State) -> None:
    review = readable(state=state, title="Oak")
    make_document(review)
    page = editor.get(form(review))
    assert (
        page.status_code == 200
        and "Only colleagues of the group Publishers can change it now" in text_of(page)
    )
    assert b'name="title"' not in page.content and b'name="_save"' not in page.content
    assert editor.post(form(review), {"title": "Changed", "_save": "1"}).status_code == 403
    assert editor.post(f"{LIST}{review.pk}/delete/", {"post": "yes"}).status_code == 403
    document = review.documents.get()
    address = f"/admin/reviews/document/{document.pk}/change/"
    assert editor.post(address, {"title": "Changed"}).status_code == 403
    assert PracticeReview.objects.get().title == "Oak"


def test_a_publisher_publishes_and_visitors_find_it(publisher: Client) -> None:
    review = readable(title="Oak")
    response = send(publisher, form(review), press="_publish")
    asked = publisher.get(response.url)
    assert "everybody can read it" in text_of(asked)
    assert PracticeReview.objects.get().is_draft
    done = publisher.post(response.url)
    assert done.status_code == 302 and done.url == form(review)
    assert titles(Client().get("/reviews/")) == ["Oak"]
    assert "Oak: published." in text_of(publisher.get(done.url))
    record = review.history.first()
    assert record.history_change_reason == "Published"
    history = text_of(publisher.get(f"{LIST}{review.pk}/history/"))
    assert "pat Published" in history and "State : Draft → Published" in history
    assert "Goes live : empty → 23 November 2026, 10:00" in history
    assert record.history_user == publisher.user  # type: ignore[attr-defined]


def test_a_publisher_withdraws_and_visitors_get_410(publisher: Client) -> None:
    review = readable(state=State.PUBLISHED, title="Oak", pseudonym="Elm")
    address = step("withdraw", review)
    page = publisher.get(address)
    assert 'value="Oak"' in page.content.decode()
    refused = publisher.post(address, {"reason": "  ", "name": "Child Z"})
    assert refused.status_code == 200 and "This field is required" in text_of(refused)
    assert 'value="Child Z"' in refused.content.decode()
    publisher.post(address, {"reason": "A name stood in it", "name": "Child Z"})
    gone = Client().get(review.get_absolute_url())
    assert gone.status_code == 410
    assert "Child Z" in text_of(gone) and "Oak" not in text_of(gone)
    assert "A name stood in it" in text_of(publisher.get(form(review)))


def test_a_publisher_schedules_and_the_clock_publishes(publisher: Client, clock: Any) -> None:
    review = readable()
    address = step("schedule", review)
    for typed, says in (
        ("", "This field is required"),
        ("soon", "Enter a valid date/time"),
        ("2026-11-23T09:59", "Choose a moment that lies ahead"),
    ):
        refused = publisher.post(address, {"moment": typed})
        assert refused.status_code == 200 and says in text_of(refused)
    done = publisher.post(address, {"moment": "2026-12-01T09:00"}, follow=True)
    assert "scheduled for 1 December 2026, 09:00" in text_of(done)
    assert PracticeReview.objects.get().current_state is State.SCHEDULED
    assert Client().get(review.get_absolute_url()).status_code == 404
    clock.move_to("2026-12-01T09:00:00Z")
    assert Client().get(review.get_absolute_url()).status_code == 200


def test_the_moment_is_londons_in_summer(publisher: Client) -> None:
    review = readable()
    publisher.post(step("schedule", review), {"moment": "2027-07-01T09:00"})
    review.refresh_from_db()
    assert review.published_at.isoformat() == "2027-07-01T08:00:00+00:00"


def test_what_is_empty_is_refused_with_its_reason_by_every_way(publisher: Client) -> None:
    review = make_review(state=State.DRAFT)
    for name in ("publish", "schedule"):
        page = publisher.get(step(name, review))
        assert "There is nothing to read yet" in text_of(page)
        assert b'type="submit" class="default"' not in page.content
        publisher.post(step(name, review), {"moment": "2027-07-01T09:00"})
    assert PracticeReview.objects.get().is_draft
    assert "There is nothing to read yet" in text_of(publisher.get(form(review)))


def test_many_at_once_from_the_list_and_those_that_cannot_are_named(publisher: Client) -> None:
    good = [readable(title="Oak"), readable(title="Elm")]
    empty, live = make_review(title="Empty", state=State.DRAFT), readable(state=State.PUBLISHED)
    chosen = [review.pk for review in (*good, empty, live)]
    response = publisher.post(LIST, {"action": "publish", "_selected_action": chosen})
    page = publisher.get(response.url)
    assert "Empty : There is nothing to read yet" in text_of(page)
    assert "It is published." in text_of(page)
    assert 'value="Publish 2"' in page.content.decode()
    done = publisher.post(response.url, follow=True)
    assert "2 practice reviews: published." in text_of(done)
    assert {r.title for r in PracticeReview.objects.published()} == {"Oak", "Elm", live.title}


@pytest.mark.parametrize("address", [f"{LIST}step/publish/", f"{LIST}step/publish/?id=99"])
def test_a_step_for_nothing_is_not_found(publisher: Client, address: str) -> None:
    assert publisher.get(address).status_code == 404


@pytest.mark.parametrize("junk", ["x", "1%00", "-1", "9" * 30, "²"])
def test_a_step_for_nonsense_is_not_found(publisher: Client, junk: str) -> None:
    assert publisher.get(f"{LIST}step/publish/?id={junk}").status_code == 404
    assert publisher.get(f"{LIST}step/sideways/?id=1").status_code == 404


def test_a_withdrawal_never_fails_on_the_name_that_it_offers(publisher: Client) -> None:
    review = readable(title="x" * 250, state=State.PUBLISHED)
    response = send(publisher, step("withdraw", review), press="_do", reason="A reason.")
    assert response.status_code == 302
    assert Client().get(review.get_absolute_url()).status_code == 410


@pytest.mark.parametrize("state", ALL_STATES)
def test_the_form_offers_the_steps_that_fit_the_state(publisher: Client, state: State) -> None:
    review = readable(state=state)
    page = publisher.get(form(review)).content.decode()
    offered = {name for name in STEPS if f'name="_{name}"' in page}
    assert (
        offered
        == {
            State.DRAFT: {"publish", "schedule"},
            State.SCHEDULED: {"publish", "schedule", "to-draft"},
            State.PUBLISHED: {"withdraw"},
            State.WITHDRAWN: {"publish", "schedule", "to-draft"},
        }[state]
    )
    assert state.label in page


@pytest.mark.parametrize("state", ALL_STATES)
def test_only_drafts_and_the_withdrawn_are_deleted(publisher: Client, state: State) -> None:
    review = readable(state=state)
    response = publisher.post(f"{LIST}{review.pk}/delete/", {"post": "yes"})
    allowed = state in (State.DRAFT, State.WITHDRAWN)
    assert response.status_code == (302 if allowed else 403)
    assert PracticeReview.objects.exists() is not allowed


def test_nothing_is_deleted_in_bulk(administrator: Client) -> None:
    review = readable(state=State.PUBLISHED)
    for address in (LIST, "/admin/training/course/", "/admin/training/session/"):
        assert "delete_selected" not in administrator.get(address).content.decode()
    administrator.post(
        LIST, {"action": "delete_selected", "_selected_action": [review.pk], "post": "yes"}
    )
    assert PracticeReview.objects.exists()


def test_the_list_is_filtered_by_state(publisher: Client) -> None:
    for state in ALL_STATES:
        readable(state=state, title=f"Is {state}")
    for state in ALL_STATES:
        page = publisher.get(f"{LIST}?state={state}").content.decode()
        shown = {other for other in ALL_STATES if f">Is {other}<" in page}
        assert shown == {state}
    assert publisher.get(f"{LIST}?state=sideways").status_code == 200


# --- what hangs on a course -------------------------------------------------------------------


@pytest.mark.parametrize("state", HIDDEN_STAGES + [State.PUBLISHED])
def test_sessions_are_as_editable_as_their_course(editor: Client, state: State) -> None:
    session = make_session(make_course(state=state), note="as it was")
    address = f"/admin/training/session/{session.pk}/change/"
    page = editor.get(address)
    may = state is State.DRAFT
    assert (b'name="_save"' in page.content) is may
    inline = editor.get(f"/admin/training/course/{session.course.pk}/change/").content
    assert (b'name="sessions-0-note"' in inline) is may
    response = editor.post(address, {"note": "changed"})
    assert response.status_code == (200 if may else 403)
    asked = editor.get(f"/admin/training/session/step/cancel/?id={session.pk}")
    assert ("only a publisher can do this" in text_of(asked)) is not may


def test_an_editor_cannot_slip_a_session_into_a_live_course(editor: Client) -> None:
    live, draft = make_course(), make_course(state=State.DRAFT)
    add = "/admin/training/session/add/"
    send(editor, add, course=str(live.pk), start_date="01/02/2027")
    assert not Session.objects.own_records().exists() and not Session.objects.published().exists()
    assert Session.objects.get().course.revises_id == live.pk
    send(editor, add, course=str(draft.pk), start_date="01/02/2027")
    assert Session.objects.own_records().get().course == draft


def test_an_editor_cannot_move_a_session_from_a_draft_to_a_live_course(editor: Client) -> None:
    session = make_session(make_course(state=State.DRAFT))
    live = make_course()
    address = f"/admin/training/session/{session.pk}/change/"
    send(editor, address, course=str(live.pk))
    session.refresh_from_db()
    assert session.course != live and not Session.objects.published().exists()


@pytest.mark.parametrize(
    "address",
    [
        "/admin/mscp/siteidentity/add/",
        "/admin/mscp/concerncontact/add/",
        "/admin/reviews/theme/add/",
        "/admin/training/venue/add/",
        "/admin/training/audience/add/",
        "/admin/auth/user/",
        "/admin/reviews/document/add/",
        "/admin/reviews/publication/add/",
    ],
)
def test_what_is_live_at_once_is_not_for_editors(editor: Client, address: str) -> None:
    assert editor.get(address).status_code == 403


def test_publishers_keep_the_lists_and_the_numbers(publisher: Client) -> None:
    for address in (
        "/admin/mscp/concerncontact/add/",
        "/admin/reviews/theme/add/",
        "/admin/training/venue/add/",
    ):
        assert publisher.get(address).status_code == 200
    assert publisher.get("/admin/auth/user/").status_code == 403


def test_migrating_again_gives_back_a_permission_and_touches_no_other_group() -> None:
    mine = Group.objects.create(name="Mine")
    editors = Group.objects.get(name="Editors")
    number = editors.permissions.count()
    editors.permissions.clear()
    call_command("migrate", verbosity=0)
    assert editors.permissions.count() == number > 0
    assert not mine.permissions.exists()
    assert not editors.permissions.filter(codename__startswith="publish_").exists()


def test_a_page_of_the_site_is_published_in_the_same_way(publisher: Client) -> None:
    page = make_page(state=State.DRAFT, title="Newsletter")
    publisher.post(f"/admin/mscp/page/step/publish/?id={page.pk}")
    assert Client().get("/newsletter/").status_code == 200
    assert "Newsletter" in text_of(Client().get("/"))


def test_what_was_changed_after_the_question_is_not_published_unseen(publisher: Client) -> None:
    review = readable(title="Oak")
    asked = fields_of(publisher.get(step("publish", review)))
    review.summary = "The name of a child"
    review.save()
    page = publisher.post(step("publish", review), asked)
    assert "Somebody changed this after you had opened this page" in text_of(page)
    assert PracticeReview.objects.get().is_draft
    publisher.post(step("publish", review), fields_of(page))
    assert PracticeReview.objects.get().is_published


def test_a_session_moved_out_of_sight_is_named_and_not_passed_over(publisher: Client) -> None:
    session = make_session()
    address = f"/admin/training/course/{session.course.pk}/change/"
    mine = fields_of(publisher.get(address))
    session.start_date = timezone.localdate() - timedelta(days=9)
    session.save()
    changed = {**mine, "sessions-0-note": "mine", "_save": "Save"}
    page = publisher.post(address, changed)
    assert page.status_code == 200
    assert "after you had opened it" in text_of(page)
    assert 'value="mine"' in page.content.decode()
    session.course = make_course()
    session.save()
    page = publisher.post(address, changed)
    assert "A colleague deleted one of these sessions" in text_of(page)
    session.refresh_from_db()
    assert session.note == ""


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_no_short_cut_tells_an_address_to_staff_without_rights(sign_in: Any, state: State) -> None:
    review = make_review(state=state, title="Zebrafinch")
    client = sign_in()
    for model in (PracticeReview, Publication):
        kind = ContentType.objects.get_for_model(model, for_concrete_model=False)
        assert client.get(f"/admin/r/{kind.pk}/{review.pk}/").status_code == 404


@pytest.mark.parametrize("key", ["abc", "9" * 30, "-1", "%00"])
def test_a_key_that_is_none_leads_nowhere_and_breaks_nothing(publisher: Client, key: str) -> None:
    for page in ("change", "history", "delete"):
        response = publisher.get(f"{LIST}{key}/{page}/")
        assert response.status_code in (302, 404), page
