"""From hand to hand: every way to what is public asks for a second person, whoever one is."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from mscp.models import Release
from mscp.publishing.approvals import Handover, Step, approve, approved
from mscp.publishing.gate import State
from reviews.models import Document, PracticeReview
from tests.admin_forms import fields_of, send
from tests.factories import (
    HIDDEN_STAGES,
    MINIMAL_PDF,
    make_course,
    make_document,
    make_file,
    make_identity,
    make_page,
    make_review,
    make_session,
    make_theme,
    make_user,
    past_the_gate,
    put_in_state,
)
from tests.pages import text_of
from training.models import Session

pytestmark = pytest.mark.django_db

LIST = "/admin/reviews/practicereview/"


@pytest.fixture(autouse=True)
def two_people(settings: Any) -> None:
    settings.TWO_PEOPLE = True


def form(review: Any) -> str:
    return f"{LIST}{review.pk}/change/"


def step(name: str, *reviews: Any) -> str:
    return f"{LIST}step/{name}/?" + "&".join(f"id={review.pk}" for review in reviews)


def confirm(client: Client, name: str, review: Any, **more: str) -> Any:
    """Open the page of an action, fill it in and press its button."""
    address = step(name, review)
    opened = client.get(address)
    return client.post(address, {**fields_of(opened), **more}, follow=True)


def written_by(client: Client, **fields: str) -> Any:
    """Write a draft through the form of the admin."""
    values = {"type": "lcspr", "pseudonym": "Oak", "summary": "Words.", **fields}
    assert send(client, f"{LIST}add/", **values).status_code == 302
    return PracticeReview.objects.latest("pk")


def now(review: Any) -> Any:
    return PracticeReview.objects.get(pk=review.pk)


@pytest.fixture
def second(sign_in: Callable[..., Client]) -> Client:
    return sign_in("Publishers", username="sam", email="sam@example.org")


PEOPLE = ["editor", "publisher", "administrator"]


# --- one's own work, by every route ---------------------------------------------------------------


def publish_page(client: Client, review: Any) -> Any:
    return confirm(client, "publish", review)


def publish_forged(client: Client, review: Any) -> Any:
    return client.post(step("publish", review), {"versions": f"{review.pk}:{review.version}"})


def schedule(client: Client, review: Any) -> Any:
    moment = timezone.localtime(timezone.now() + timedelta(days=1))
    return client.post(step("schedule", review), {"moment": moment.strftime("%Y-%m-%dT%H:%M")})


def button(client: Client, review: Any) -> Any:
    response = send(client, form(review), press="_publish")
    address = response["Location"]
    return client.post(address, fields_of(client.get(address)), follow=True)


def bulk(client: Client, review: Any) -> Any:
    other = written_by(client, pseudonym="Elm")
    data = {"action": "publish", "_selected_action": [review.pk, other.pk]}
    response = client.post(LIST, data)
    address = response.headers.get("Location", "")
    return client.post(address if "step" in address else step("publish", review, other))


def forged_state(client: Client, review: Any) -> Any:
    return send(client, form(review), state="published", published_at_0="2026-01-01")


def own_approval(client: Client, review: Any) -> Any:
    confirm(client, "approve", review)
    client.post(step("approve", review), {"seen": "", "note": "Mine"})
    return confirm(client, "publish", review)


def together(client: Client, review: Any) -> Any:
    """Put it into a release, and let that go live at once, by code and by the clock."""
    release = Release.objects.create(title="Monday")
    release.add([now(review)])
    with suppress(ValidationError):
        release.go_live(by=client.user)  # type: ignore[attr-defined]
    Release.objects.filter(pk=release.pk, released_at=None).update(moment=timezone.now())
    call_command("do_what_is_due", verbosity=0)
    return client.get("/")


ROUTES = [
    *(publish_page, publish_forged, schedule, button, bulk, forged_state, own_approval),
    together,
]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("person", PEOPLE)
def test_nobody_publishes_their_own_work(
    route: Any, person: str, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(person)
    review = written_by(client)
    route(client, review)
    assert now(review).is_draft and not approved(now(review))
    assert not Handover.objects.exists()


@pytest.mark.parametrize("route", [one for one in ROUTES if one is not together])
def test_without_the_setting_editors_still_publish_nothing(
    route: Any, editor: Client, settings: Any
) -> None:
    settings.TWO_PEOPLE = False
    review = written_by(editor)
    route(editor, review)
    assert now(review).is_draft


@pytest.mark.parametrize("route", [one for one in ROUTES if one is not forged_state])
def test_without_the_setting_each_of_these_routes_leads_there(
    route: Any, publisher: Client, settings: Any
) -> None:
    settings.TWO_PEOPLE = False
    review = written_by(publisher)
    route(publisher, review)
    assert now(review).current_state in (State.PUBLISHED, State.SCHEDULED)


@pytest.mark.parametrize("make", [make_course, make_page])
def test_courses_and_pages_ask_for_a_second_person_too(make: Any, administrator: Client) -> None:
    record = make(state=State.DRAFT)
    name = f"{record._meta.app_label}/{record._meta.model_name}"
    address = f"/admin/{name}/step/publish/?id={record.pk}"
    response = administrator.post(address)
    assert "Two people are needed" in text_of(response)
    record.refresh_from_db()
    assert record.is_draft


def test_putting_back_what_was_changed_meanwhile_asks_again(
    publisher: Client, second: Client
) -> None:
    review = written_by(publisher)
    confirm(second, "approve", review)
    confirm(publisher, "publish", review)
    assert now(review).is_published
    confirm(publisher, "withdraw", review, reason="A doubt")
    confirm(publisher, "publish", review)
    assert now(review).is_published, "unchanged, it is approved"
    confirm(publisher, "withdraw", review, reason="A doubt")
    assert send(publisher, form(review), summary="Changed.").status_code == 302
    confirm(publisher, "publish", review)
    assert now(review).is_withdrawn


@pytest.mark.parametrize("state", [State.SCHEDULED, State.PUBLISHED])
@pytest.mark.parametrize("person", ["publisher", "administrator"])
def test_the_form_of_what_is_live_changes_nothing(
    person: str, state: State, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(person)
    review = make_review(state=State.DRAFT, summary="Words.")
    document = make_document(review)
    approve(review, make_user("Publishers"))
    put_in_state(review, state)
    page = text_of(client.get(form(review)))
    assert "what it says changes only when a second person agrees" in page.lower()
    data = {"summary": "Changed.", "type": "lcspr", "title": "Changed", "_save": "Save"}
    client.post(form(review), data)
    client.post(f"/admin/reviews/document/{document.pk}/change/", {**data, "kind": "report"})
    client.post(f"/admin/reviews/document/{document.pk}/delete/", {"post": "yes"})
    after = now(review)
    assert after.summary == "Words." and after.documents.get().title == document.title


def make_document_of(review: Any) -> Any:
    """Give a record a document, whatever its state."""
    rows = PracticeReview.objects.filter(pk=review.pk)
    kept = rows.values("state", "published_at").get()
    past_the_gate(rows, state="draft", published_at=None)
    document = make_document(now(review))
    past_the_gate(rows, **kept)
    return document


def test_the_version_that_is_served_is_not_swapped_by_one_person(publisher: Client) -> None:
    review = make_review(state=State.DRAFT)
    document = make_document(review, pdf=MINIMAL_PDF)
    served = document.file_id
    other = make_file(MINIMAL_PDF + b"\n", document=document)
    rows, now = PracticeReview.objects.filter(pk=review.pk), timezone.now()
    past_the_gate(rows, state="published", published_at=now, first_published_at=now)
    response = publisher.post(f"/admin/reviews/documentfile/{other.uid}/use/", follow=True)
    assert "second person" in text_of(response)
    assert Document.objects.get().file_id == served


def test_withdrawing_and_cancelling_need_nobody(publisher: Client) -> None:
    review, course = make_review(), make_course()
    session = make_session(course)
    page = publisher.get(form(review))
    assert "Withdraw" in text_of(page)
    confirm(publisher, "withdraw", review, reason="A name")
    assert now(review).is_withdrawn
    address = f"/admin/training/session/{session.pk}/change/"
    assert send(publisher, address, start_time="10:00").status_code == 302
    step_address = f"/admin/training/session/step/cancel/?id={session.pk}"
    opened = publisher.get(step_address)
    publisher.post(step_address, fields_of(opened))
    session = Session.objects.get()
    assert session.start_time and session.is_cancelled


# --- from hand to hand ----------------------------------------------------------------------------


def test_a_review_goes_from_hand_to_hand(editor: Client, second: Client) -> None:
    review = written_by(editor)
    page = editor.get(form(review))
    assert 'name="_ready"' in page.content.decode()
    assert 'name="_approve"' not in page.content.decode()
    response = send(editor, form(review), press="_ready", staff_note="For Monday")
    assert now(review).staff_note == "For Monday", "what was typed is kept"
    editor.post(
        response["Location"], {**fields_of(editor.get(response["Location"])), "note": "Ok?"}
    )
    waiting = text_of(second.get("/admin/"))
    assert "Waiting for you" in waiting and "Sent for review by ed" in waiting
    assert "You sent for review" in text_of(editor.get("/admin/"))

    assert "Ok?" in text_of(second.get(form(review)))
    empty = second.post(step("send-back", review), {"note": ""})
    assert "Say what must change" in text_of(empty)
    confirm(second, "send-back", review, note="Page 3 names a school")
    assert "Page 3 names a school" in text_of(editor.get("/admin/"))
    assert "Page 3 names a school" in text_of(editor.get(form(review)))
    assert "Sent for review by ed" not in text_of(second.get("/admin/"))

    send(editor, form(review), summary="Other words.")
    confirm(editor, "ready", review)
    confirm(second, "approve", review, note="Compared with the PDF")
    page = second.get(form(review))
    assert "Approved by sam" in text_of(page) and 'name="_publish"' in page.content.decode()
    confirm(second, "publish", review)
    assert now(review).is_published
    assert [one.step for one in Handover.objects.all()] == [
        "ready",
        "sent_back",
        "ready",
        "approved",
    ]


def test_the_step_that_comes_next_stands_out_for_each_person(
    editor: Client, publisher: Client, second: Client
) -> None:
    review = written_by(editor)

    def steps() -> list[str]:
        return [
            client.get(form(review)).context["main_action"]
            for client in (editor, publisher, second)
        ]

    assert steps() == ["ready", "ready", "ready"]
    confirm(editor, "ready", review)
    assert steps() == ["", "approve", "approve"]
    confirm(second, "send-back", review, note="Not yet.")
    assert steps() == ["ready", "ready", "ready"]
    confirm(editor, "ready", review)
    confirm(second, "approve", review)
    assert steps() == ["", "publish", "publish"]
    confirm(second, "publish", review)
    assert steps() == ["", "", ""]


def test_who_approves_a_change_is_led_to_what_differs(editor: Client, second: Client) -> None:
    change = make_review(title="Live").propose_change(by=editor.user)  # type: ignore[attr-defined]
    change.summary = "Other words."
    change.save()
    page = second.get(step("approve", change)).content.decode()
    assert f'<a href="{LIST}{change.pk}/compare/">What differs from what is live</a>' in page
    draft = written_by(editor)
    assert "What differs" not in text_of(second.get(step("approve", draft)))


def test_what_a_release_publishes_by_itself_waits_for_nobody(
    editor: Client, second: Client
) -> None:
    review = written_by(editor)
    confirm(second, "approve", review)
    waits = "to be published"
    assert waits in text_of(second.get("/admin/"))
    release = Release.objects.create(title="Monday")
    release.add([now(review)])
    assert waits in text_of(second.get("/admin/"))
    release.schedule(timezone.now() + timedelta(days=7))
    desk = text_of(second.get("/admin/"))
    assert waits not in desk and "Monday" in desk


def test_what_cannot_be_done_leads_to_each_record(second: Client) -> None:
    review = make_review(title="Live")
    page = second.get(step("approve", review)).content.decode()
    assert f'<a href="{form(review)}">Live</a>' in page


def test_the_form_of_a_change_shows_the_address_of_what_is_live(editor: Client) -> None:
    review = make_review(title="Live")
    page = text_of(editor.get(form(review.propose_change())))
    assert review.get_absolute_url() in page and "/reviews/change-" not in page


def test_an_editor_neither_approves_nor_sends_back(editor: Client, second: Client) -> None:
    review = written_by(second)
    for name in ("approve", "send-back"):
        assert editor.get(step(name, review)).status_code == 403
        assert editor.post(step(name, review), {"note": "x"}).status_code == 403
    assert not Handover.objects.exists()


def test_people_without_rights_send_nothing(sign_in: Any, client: Client) -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    nobody = sign_in(username="nobody")
    for name in ("ready", "approve", "send-back"):
        assert nobody.post(step(name, review), {"note": "x"}).status_code == 403
        assert client.post(step(name, review), {"note": "x"}).status_code == 302
    assert not Handover.objects.exists()


CHANGES = {
    "text": lambda review: PracticeReview.objects.filter(pk=review.pk).update(summary="New."),
    "theme": lambda review: review.themes.add(make_theme()),
    "document": lambda review: make_document(review),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_while_the_page_was_open_is_not_approved(
    change: str, editor: Client, second: Client
) -> None:
    review = written_by(editor)
    opened = fields_of(second.get(step("approve", review)))
    CHANGES[change](review)
    response = second.post(step("approve", review), opened)
    assert "Nothing was approved: read it again" in text_of(response)
    assert not approved(now(review))
    second.post(step("approve", review), fields_of(response))
    assert approved(now(review))


def test_a_change_after_the_approval_is_named_and_asks_again(
    editor: Client, publisher: Client, second: Client
) -> None:
    review = written_by(editor)
    confirm(second, "approve", review)
    send(publisher, form(review), summary="New.")
    page = text_of(second.get(form(review)))
    assert (
        "no longer counts" in page and "Written by pat; nobody else has approved that yet" in page
    )
    confirm(second, "publish", review)
    assert now(review).is_draft
    # Sam wrote none of it, and approves it again.
    confirm(second, "approve", review)
    confirm(publisher, "publish", review)
    assert now(review).is_published


def test_a_trivial_save_of_a_colleague_hides_no_author(publisher: Client, second: Client) -> None:
    review = written_by(publisher)
    send(second, form(review), staff_note="Read")
    confirm(publisher, "approve", review)
    assert not approved(now(review))


def test_a_colleague_who_swaps_a_document_makes_nobody_else_innocent(
    publisher: Client, second: Client
) -> None:
    review = written_by(publisher)
    document = make_document(review, title="Report")
    send(second, f"/admin/reviews/document/{document.pk}/change/", title="Final report")
    confirm(publisher, "approve", review)
    assert not approved(now(review))
    confirm(second, "approve", review)
    assert approved(now(review)), "each approved what the other wrote"


def test_the_one_who_scheduled_cannot_change_it_after(publisher: Client, second: Client) -> None:
    review = written_by(publisher)
    confirm(second, "approve", review)
    schedule(publisher, review)
    assert now(review).current_state is State.SCHEDULED
    publisher.post(form(review), {"summary": "Changed.", "type": "lcspr", "_save": "Save"})
    assert now(review).summary == "Words." and approved(now(review))
    assert "Going live" in text_of(publisher.get("/admin/"))


# --- changes to what is live ---------------------------------------------------------------------


def proposed(client: Client, live: Any, **fields: str) -> Any:
    """Propose a change of what is live, and write it."""
    client.post(f"{LIST}{live.pk}/propose/")
    change = PracticeReview.objects.get(revises=live.pk)
    if fields:
        assert send(client, form(change), **fields).status_code == 302
    return now(change)


def test_a_change_to_what_is_live_needs_a_second_person(
    publisher: Client, second: Client, administrator: Client
) -> None:
    live = make_review(summary="Words.", themes=[make_theme()])
    make_document_of(live)
    change = proposed(publisher, live, summary="Other words.")
    for client in (publisher, administrator):
        response = confirm(client, "apply", change)
        assert "Two people are needed" in text_of(response)
    confirm(publisher, "approve", change)
    assert not approved(now(change)) and now(live).summary == "Words."
    confirm(second, "approve", change)
    confirm(publisher, "apply", change)
    after = now(live)
    assert after.summary == "Other words." and after.is_published and after.documents.count() == 1
    assert approved(after)
    handover = Handover.objects.of(after).get()
    assert handover.by_name == "sam" and [one.name for one in handover.people] == ["pat"]


def test_whoever_only_began_a_change_wrote_nothing_of_it(publisher: Client, second: Client) -> None:
    live = make_review(summary="Words.", themes=[make_theme()])
    make_document_of(live)
    change = proposed(second, live)
    send(publisher, form(change), summary="Other words.")
    confirm(second, "approve", change)
    assert approved(now(change))


def test_a_change_that_was_changed_after_its_approval_is_not_applied(
    publisher: Client, second: Client
) -> None:
    live = make_review(summary="Words.")
    change = proposed(publisher, live, summary="Other words.")
    confirm(second, "approve", change)
    make_document(now(change), title="Added later")
    confirm(publisher, "apply", change)
    assert now(live).summary == "Words." and PracticeReview.objects.filter(revises=live).exists()


def test_what_is_live_and_changed_meanwhile_is_not_what_was_approved(
    publisher: Client, second: Client
) -> None:
    live = make_review(summary="Words.")
    change = proposed(publisher, live, summary="Other words.")
    confirm(second, "approve", change)
    rows = PracticeReview.objects.filter(pk=live.pk)
    past_the_gate(rows, title="Changed before the setting was on")
    with pytest.raises(ValidationError, match="exactly what was approved"):
        now(change).apply_change()
    assert now(live).summary == "Words."


def test_a_change_can_be_looked_at_before_anybody_approves(
    publisher: Client, second: Client
) -> None:
    live = make_review(summary="Words.")
    change = proposed(publisher, live, summary="Quokka words.")
    assert "Quokka" in text_of(second.get(now(change).get_absolute_url()))
    assert now(live).summary == "Words."


# --- the desk and mails ---------------------------------------------------------------------------


def test_too_few_people_are_told_and_how_to_invite_one(
    administrator: Client, editor: Client
) -> None:
    page = text_of(administrator.get("/admin/"))
    assert "Nothing can go live yet" in page and "Invite a colleague" in page
    assert "Ask an administrator" in text_of(editor.get("/admin/"))
    make_user("Publishers")
    assert "Nothing can go live yet" not in text_of(administrator.get("/admin/"))


def test_people_who_left_do_not_count(administrator: Client) -> None:
    make_user("Publishers", is_active=False)
    make_user("Publishers", is_staff=False)
    assert "Nothing can go live yet" in text_of(administrator.get("/admin/"))


def test_where_one_person_publishes_the_first_page_says_so(
    publisher: Client, settings: Any
) -> None:
    assert "One person alone" not in text_of(publisher.get("/admin/"))
    settings.TWO_PEOPLE = False
    assert "One person alone can publish here" in text_of(publisher.get("/admin/"))


def test_what_goes_live_says_when_and_what_stands_against_it(publisher: Client) -> None:
    review = make_review(state=State.DRAFT, title="Elm (fictional)")
    approve(review, make_user("Publishers"))
    put_in_state(review, State.SCHEDULED)
    page = text_of(publisher.get("/admin/"))
    assert "Going live" in page and "There is nothing to read yet" in page


def test_a_desk_shows_nothing_of_what_one_may_not_edit(sign_in: Any, editor: Client) -> None:
    review = written_by(editor, pseudonym="Aspen")
    confirm(editor, "ready", review)
    nobody = sign_in(username="nobody")
    assert "Aspen" not in text_of(nobody.get("/admin/"))


def test_the_desk_costs_the_same_however_much_lies_on_it(
    second: Client, editor: Client, django_assert_max_num_queries: Any
) -> None:
    def ask() -> int:
        with django_assert_max_num_queries(200) as captured:
            second.get("/admin/")
        return len(captured)

    confirm(editor, "ready", written_by(editor))
    few = ask()
    for number in range(4):
        confirm(editor, "ready", written_by(editor, pseudonym=f"Oak {number}"))
    assert ask() == few


def test_a_mail_goes_to_those_who_can_approve_and_says_no_name(
    editor: Client, second: Client, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    settings.ALLOWED_HOSTS = ["reviews.example.org", "testserver"]
    make_identity(name="Anytown Partnership")
    make_user("Editors", email="other@example.org")
    review = written_by(editor, pseudonym="Aspen")
    with django_capture_on_commit_callbacks(execute=True):
        confirm(editor, "ready", review, note="About Aspen")
    [message] = mail.outbox
    assert message.to == ["sam@example.org"]
    assert message.subject == "Anytown Partnership: A practice review is ready for review"
    assert f"http://reviews.example.org{form(review)}" in message.body
    assert "Aspen" not in message.body + message.subject


def test_the_author_gets_a_mail_when_it_comes_back(
    sign_in: Any, second: Client, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    writer = sign_in("Editors", email="writer@example.org", username="will")
    review = written_by(writer)
    confirm(writer, "ready", review)
    with django_capture_on_commit_callbacks(execute=True):
        confirm(second, "send-back", review, note="A name on page 3")
    [message] = mail.outbox
    assert message.to == ["writer@example.org"] and "page 3" not in message.body
    with django_capture_on_commit_callbacks(execute=True):
        confirm(second, "approve", review)
    assert mail.outbox[1].to == ["writer@example.org"]


@pytest.mark.parametrize("host", ["", "mail.example.org"])
def test_nothing_is_lost_where_no_mail_goes_out(
    host: str,
    editor: Client,
    second: Client,
    settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.EMAIL_HOST = host
    settings.EMAIL_BACKEND = "tests.mscp.editing.test_handover.Broken"
    review = written_by(editor)
    with django_capture_on_commit_callbacks(execute=True):
        response = confirm(editor, "ready", review)
    assert response.status_code == 200
    assert Handover.objects.get().step == Step.READY
    assert "Sent for review by ed" in text_of(second.get("/admin/"))


class Broken:
    """A mail server that cannot be reached."""

    def __init__(self, *args: object, **options: object) -> None:
        pass

    def send_messages(self, messages: object) -> int:
        raise ConnectionRefusedError


def test_what_waits_for_review_is_sent_again_only_once_it_has_changed(
    editor: Client, second: Client
) -> None:
    review = written_by(editor)
    button = 'value="Save and send for review…"'
    assert button in editor.get(form(review)).content.decode()
    confirm(editor, "ready", review)
    for client in (editor, second):
        assert button not in client.get(form(review)).content.decode()
    refused = text_of(confirm(editor, "ready", review))
    assert "ed sent exactly this for review on 23 November 2026" in refused
    assert Handover.objects.count() == 1
    # A note for staff is nothing that readers see.
    send(editor, form(review), staff_note="Look at page 3")
    assert button not in editor.get(form(review)).content.decode()
    send(editor, form(review), summary="Other words.")
    assert button in editor.get(form(review)).content.decode()
    confirm(editor, "ready", review)
    confirm(second, "send-back", review, note="Not yet")
    assert button in editor.get(form(review)).content.decode()


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_what_is_handed_over_is_still_nothing_to_visitors(state: State, client: Client) -> None:
    review = make_review(state=state, summary="Words.")
    before = client.get(review.get_absolute_url())
    approve(review, make_user("Publishers"))
    after = client.get(review.get_absolute_url())
    assert (before.status_code, before.content) == (after.status_code, after.content)
