"""Releases in the admin."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mscp.publishing.gate import State
from mscp.publishing.releases import Release
from tests.admin_forms import send
from tests.factories import MINIMAL_PDF, make_course, make_document, make_finding, make_review

pytestmark = pytest.mark.django_db

ADMIN = "/admin/mscp/release/"


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
