"""Releases in the admin."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mscp.publishing.gate import State
from mscp.publishing.releases import Release
from reviews.models import PracticeReview
from tests.admin_forms import send
from tests.factories import MINIMAL_PDF, make_course, make_document, make_finding, make_review
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db

ADMIN = "/admin/mscp/release/"
REVIEWS = "/admin/reviews/practicereview/"


def body(response: Any) -> str:
    return response.content.decode()


def test_a_draft_and_a_change_are_put_together_and_go_live(publisher: Client) -> None:
    draft = make_review(state=State.DRAFT, title="New review", summary="Words.")
    course = make_course(title="Old course")
    change = course.propose_change()
    change.title = "Changed course"
    change.save()
    finding = make_finding(make_document(draft, title="Report", pdf=MINIMAL_PDF).file)
    form = f"/admin/reviews/practicereview/{draft.pk}/change/"
    assert "Publish together with others" in body(publisher.get(form))
    gather = f"{ADMIN}gather/?of=reviews.practicereview:{draft.pk}"
    assert "Give a new one a name" in body(send(publisher, gather))
    begun = send(publisher, gather, title="Monday")
    release = Release.objects.get()
    assert begun.url == f"{ADMIN}{release.pk}/change/"
    assert release.created_by == publisher.user  # type: ignore[attr-defined]
    send(publisher, f"{ADMIN}gather/?of=training.course:{change.pk}", release=release.pk)
    page = body(publisher.get(begun.url))
    assert "one finding about privacy" in page and "Nothing stands in its way" in page
    assert "In the release" in body(publisher.get(form))
    step = f"{ADMIN}step/go-live/?id={release.pk}"
    refused = body(publisher.get(step))
    assert "one finding about privacy" in refused and 'value="Let it go live"' not in refused
    finding.delete()
    send(publisher, step, press="go")
    draft.refresh_from_db(), course.refresh_from_db()
    assert draft.is_published and course.title == "Changed course"
    done = body(publisher.get(begun.url))
    assert "It went live on 23 November 2026" in done and 'name="_save"' not in done


def test_it_is_scheduled_called_off_and_emptied(publisher: Client) -> None:
    draft = make_review(state=State.DRAFT, title="New review", summary="Words.")
    release = Release.objects.create(title="Monday")
    release.add([draft])
    send(publisher, f"{ADMIN}step/schedule/?id={release.pk}", press="go", moment="2026-12-07T09:00")
    release.refresh_from_db()
    assert timezone.localtime(release.moment).isoformat() == "2026-12-07T09:00:00+00:00"
    assert "7 December 2026, 09:00" in body(publisher.get(ADMIN))
    send(publisher, f"{ADMIN}step/call-off/?id={release.pk}", press="go")
    release.refresh_from_db()
    assert release.moment is None
    taken = send(
        publisher,
        f"{ADMIN}{release.pk}/change/",
        press="_save",
        _take_out=f"reviews.practicereview:{draft.pk}",
    )
    assert taken.url == f"{ADMIN}{release.pk}/change/" and not release.members()


def test_gathering_can_be_left_and_a_release_has_one_name(publisher: Client) -> None:
    drafts = [make_review(state=State.DRAFT) for _ in range(2)]
    one, two = (f"reviews.practicereview:{draft.pk}" for draft in drafts)
    single = publisher.get(f"{ADMIN}gather/?of={one}")
    assert_valid(single)
    assert f'href="{REVIEWS}{drafts[0].pk}/change/">Leave it as it is<' in body(single)
    both = body(publisher.get(f"{ADMIN}gather/?of={one}&of={two}"))
    assert f'href="{REVIEWS}">Leave them as they are<' in both
    assert not Release.objects.exists()
    release = Release.objects.create(title="Monday")
    form = text_of(publisher.get(f"{ADMIN}{release.pk}/change/"))
    assert "Name:" in text_of(single) and "Name:" in form and "Title:" not in form


def test_several_are_chosen_in_a_list(publisher: Client) -> None:
    drafts = [make_review(state=State.DRAFT) for _ in range(2)]
    chosen = publisher.post(
        "/admin/reviews/practicereview/",
        {"action": "publish_together", "_selected_action": [one.pk for one in drafts]},
    )
    assert chosen.url.startswith(f"{ADMIN}gather/?of=")
    assert all(str(one) in body(publisher.get(chosen.url)) for one in drafts)


def test_only_publishers_and_only_of_what_they_publish(editor: Client, sign_in: Any) -> None:
    draft = make_review(state=State.DRAFT, title="New review", summary="Words.")
    release = Release.objects.create(title="Monday")
    release.add([draft])
    gather = f"{ADMIN}gather/?of=reviews.practicereview:{draft.pk}"
    step = f"{ADMIN}step/go-live/?id={release.pk}"
    for client in (editor, sign_in()):
        assert client.get(gather).status_code == client.post(gather).status_code == 403
        assert client.get(step).status_code == client.post(step).status_code == 403
    assert "New review" in body(editor.get(f"{ADMIN}{release.pk}/change/"))
    for address in ("gather/", "gather/?of=x", "gather/?of=auth.user:1", "gather/?of=mscp.page:0"):
        assert sign_in("Publishers").get(f"{ADMIN}{address}").status_code == 404
    trainer = sign_in()
    from django.contrib.auth.models import Permission

    wanted = ["view_release", "change_release", "publish_course", "change_course"]
    trainer.user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    page = body(trainer.get(f"{ADMIN}{release.pk}/change/"))
    assert "New review" not in page and "A practice review" in page
    trainer.post(step)
    draft.refresh_from_db()
    assert draft.is_draft


# --- one change alone -----------------------------------------------------------------------------


def proposed(client: Client, **fields: Any) -> Any:
    """Return a change that somebody proposes to a live review."""
    live = make_review(title="Old review", summary="Words.")
    client.post(f"{REVIEWS}{live.pk}/propose/")
    change = PracticeReview.objects.get(revises=live)
    send(client, f"{REVIEWS}{change.pk}/change/", title="Changed review", **fields)
    change.refresh_from_db()
    return change


def test_a_change_is_scheduled_by_one_confirmed_action(publisher: Client, clock: Any) -> None:
    change = proposed(publisher)
    form = f"{REVIEWS}{change.pk}/change/"
    page = publisher.get(form)
    assert 'value="Save and schedule…"' in body(page) and "call off" not in body(page)
    step = send(publisher, form, press="_schedule").url
    asked = text_of(publisher.get(step))
    assert "London time" in asked and "the first page of staff says why" in asked
    past = send(publisher, step, press="go", moment="2026-11-23T09:00")
    assert "lies ahead" in body(past)
    far = send(publisher, step, press="go", moment="2030-01-01T09:00")
    assert "more than 2 years ahead" in body(far)
    assert not Release.objects.exists()
    done = send(publisher, step, press="go", moment="2026-12-07T09:00")
    assert done.url == form
    page = publisher.get(form)
    assert_valid(page)
    assert "Changed review: scheduled for 7 December 2026, 09:00." in text_of(page)
    assert "It goes live by itself on 7 December 2026, 09:00." in text_of(page)
    desk = text_of(publisher.get("/admin/"))
    going = desk[desk.index("Going live") :]
    assert "Proposed change to a practice review. Monday 7 December 2026, 09:00" in going
    assert "release to go live together" not in desk
    assert "0 releases" in text_of(publisher.get(ADMIN))
    change.refresh_from_db()
    assert publisher.get(f"{ADMIN}{change.release.pk}/change/").status_code == 302
    history = text_of(publisher.get(f"{REVIEWS}{change.pk}/history/"))
    assert "Scheduled for 7 December 2026, 09:00" in history
    step = send(publisher, form, press="_call-off").url
    send(publisher, step, press="go")
    assert not Release.objects.exists()
    assert "goes live by itself" not in text_of(publisher.get(form))
    assert "Called off" in text_of(publisher.get(f"{REVIEWS}{change.pk}/history/"))
    clock.move_to("2026-12-08")
    publisher.get("/admin/")
    assert change.revised().title == "Old review"


def test_scheduled_again_from_its_form_it_says_the_moment_it_has(publisher: Client) -> None:
    change = proposed(publisher)
    step = f"{REVIEWS}step/schedule/?id={change.pk}"
    send(publisher, step, press="go", moment="2026-12-07T09:00")
    assert "It goes live by itself on 7 December 2026, 09:00." in text_of(publisher.get(step))
    send(publisher, step, press="go", moment="2026-12-09T09:00")
    assert Release.objects.get().moment.day == 9


def test_whoever_schedules_a_change_reads_all_that_stands_in_its_way(
    publisher: Client, settings: Any
) -> None:
    change = proposed(publisher)
    make_finding(make_document(change, title="Report", pdf=MINIMAL_PDF).file)
    live = change.revised()
    live.title = "Other title"
    live.save()
    Release.objects.create(title="Monday").add([change])
    settings.TWO_PEOPLE = True
    step = f"{REVIEWS}step/schedule/?id={change.pk}"
    refused = publisher.get(step)
    assert_valid(refused)
    for reason in (
        "one finding about privacy",
        "Two people are needed",
        "Compare the two and decide",
        "in the release “Monday”",
    ):
        assert reason in text_of(refused), reason
    assert 'value="Schedule"' not in body(refused)
    publisher.post(step, {"moment": "2026-12-07T09:00"})
    change.refresh_from_db()
    assert change.release.title == "Monday" and change.release.moment is None


def test_what_did_not_go_live_says_why_on_the_first_page_and_in_its_form(
    publisher: Client, clock: Any
) -> None:
    change = proposed(publisher)
    step = f"{REVIEWS}step/schedule/?id={change.pk}"
    send(publisher, step, press="go", moment="2026-11-23T12:00")
    make_finding(make_document(change, title="Report", pdf=MINIMAL_PDF).file)
    assert "one finding about privacy" in text_of(publisher.get("/admin/"))
    clock.move_to("2026-11-23 12:00")
    desk = text_of(publisher.get("/admin/"))
    assert "Nothing went live on 23 November 2026, 12:00." in desk
    form = f"{REVIEWS}{change.pk}/change/"
    assert "Nothing went live on 23 November 2026, 12:00." in text_of(publisher.get(form))
    send(publisher, f"{REVIEWS}step/call-off/?id={change.pk}", press="go")
    assert "Nothing went live" not in text_of(publisher.get("/admin/"))


def test_several_changes_are_scheduled_from_their_list_each_alone(publisher: Client) -> None:
    changes = [proposed(publisher) for _ in range(2)]
    keys = "&".join(f"id={one.pk}" for one in changes)
    send(publisher, f"{REVIEWS}step/schedule/?{keys}", press="go", moment="2026-12-07T09:00")
    assert Release.objects.filter(for_one=True, moment__isnull=False).count() == 2


def test_only_who_publishes_schedules_a_change_and_calls_it_off(
    publisher: Client, editor: Client, sign_in: Any
) -> None:
    change = proposed(publisher)
    form = f"{REVIEWS}{change.pk}/change/"
    for name in ("schedule", "call-off"):
        step = f"{REVIEWS}step/{name}/?id={change.pk}"
        assert editor.get(step).status_code == editor.post(step).status_code == 403
    refused = text_of(publisher.get(f"{REVIEWS}step/call-off/?id={change.pk}"))
    assert "It is not scheduled by itself." in refused
    step = f"{REVIEWS}step/schedule/?id={change.pk}"
    send(publisher, step, press="go", moment="2026-12-07T09:00")
    # Who writes reads when; who sees no review reads nothing of it.
    assert "It goes live by itself on 7 December 2026" in text_of(editor.get(form))
    assert "Changed review" in text_of(editor.get("/admin/"))
    assert "Changed review" not in text_of(sign_in("Training").get("/admin/"))


def test_a_trainer_schedules_a_change_to_a_course_without_releases(sign_in: Any) -> None:
    trainer = sign_in("Training")
    change = make_course(title="Old course", summary="Words.").propose_change()
    step = f"/admin/training/course/step/schedule/?id={change.pk}"
    assert send(trainer, step, press="go", moment="2026-12-07T09:00").status_code == 302
    assert Release.objects.get().for_one
    assert "Monday 7 December 2026" in text_of(trainer.get("/admin/"))
