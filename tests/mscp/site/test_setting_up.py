"""The guide of a new site: what is done, what is to do, what was put aside; and its themes."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from mscp.models import DismissedStep, SiteIdentity
from mscp.publishing.gate import State
from mscp.site.setting_up import guide_for
from reviews.models import Theme
from reviews.starter_themes import STARTER_THEMES
from tests.factories import (
    MINIMAL_PDF,
    make_contact,
    make_course,
    make_document,
    make_file,
    make_identity,
    make_review,
    make_theme,
    put_in_state,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db
STEPS = ["identity", "numbers", "contact", "themes", "review", "course"]
COMMON = "/admin/reviews/theme/common/"


def open_steps(client: Any) -> list[str]:
    return [step.name for step in guide_for(client.user).steps if not step.is_done]


def test_each_step_is_done_by_what_is_in_the_site(publisher: Client) -> None:
    assert open_steps(publisher) == STEPS
    make_identity(email="")
    make_contact()
    assert open_steps(publisher) == STEPS[2:]
    SiteIdentity.objects.update(phone="020 7946 0010")
    make_theme()
    make_document(make_review(state=State.DRAFT))
    make_course(state=State.DRAFT)
    assert open_steps(publisher) == ["review", "course"]
    page = publisher.get("/admin/")
    assert "Setting up: 4 of 6 done" in text_of(page)
    # What was begun is not begun anew.
    for address in ("/admin/reviews/practicereview/?state=draft", "/admin/training/course/"):
        assert address in page.content.decode()
    make_document(make_review())
    make_course()
    assert "Setting up" not in text_of(publisher.get("/admin/"))


def test_every_step_leads_to_a_page_and_says_what_readers_see(administrator: Client) -> None:
    page = administrator.get("/admin/").content.decode()
    steps = re.findall(r'<li class="step-open">.*?</li>', page, re.DOTALL)
    assert len(steps) == 6
    for step in steps:
        (address,) = re.findall(r'<h3><a href="([^"]+)"', step)
        assert administrator.get(address, follow=True).status_code == 200
        assert "Until then: " in step


def test_what_was_put_aside_is_not_asked_for_again(publisher: Client) -> None:
    make_identity(email="")
    for step in STEPS[1:]:
        publisher.post("/admin/setting-up/", {"step": step})
    page = text_of(publisher.get("/admin/"))
    assert "Setting up:" not in page and "to reach you" not in page
    assert "Put aside in setting up: 5" in page
    publisher.post("/admin/setting-up/", {"step": "course", "again": "1"})
    assert open_steps(publisher) == ["course"]
    # Done all the same, it is put aside no longer.
    make_contact()
    assert "Put aside in setting up: 3" in text_of(publisher.get("/admin/"))


def put_aside(client: Any, step: str) -> None:
    # Nobody stays signed in for a season.
    client.force_login(client.user, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.post("/admin/setting-up/", {"step": step}).url == "/admin/"
    assert step not in open_steps(client)


def test_how_readers_reach_you_is_asked_again_after_a_season(publisher: Client, clock: Any) -> None:
    make_identity(email="")
    assert "Put aside, it is asked again in 90 days" in text_of(publisher.get("/admin/"))
    put_aside(publisher, "contact")
    put_aside(publisher, "course")
    assert "Say how readers reach you (asked again in 90 days" in text_of(publisher.get("/admin/"))
    clock.shift(timedelta(days=90, seconds=-1))
    assert {"contact", "course"}.isdisjoint(open_steps(publisher))
    clock.shift(timedelta(seconds=1))
    assert "contact" in open_steps(publisher) and "course" not in open_steps(publisher)
    # Put aside once more, it is so for another season.
    put_aside(publisher, "contact")
    clock.shift(timedelta(days=89))
    assert "contact" not in open_steps(publisher)


def test_how_readers_reach_you_is_asked_again_when_a_page_needs_it(
    publisher: Client, clock: Any
) -> None:
    make_identity(email="")
    make_document(make_review(), file=make_file(MINIMAL_PDF, has_text=False))
    clock.shift(timedelta(days=1))
    # Of what they knew nobody is reminded at once.
    put_aside(publisher, "contact")
    clock.shift(timedelta(days=1))
    hidden = make_review(state=State.DRAFT)
    make_document(hidden, file=make_file(MINIMAL_PDF + b"%", has_text=False))
    make_document(make_review(), file=make_file(MINIMAL_PDF + b"%%"))
    assert "contact" not in open_steps(publisher)
    put_in_state(hidden, State.PUBLISHED)
    assert "contact" in open_steps(publisher)


def test_a_step_is_put_aside_only_by_those_who_could_take_it(editor: Client) -> None:
    assert open_steps(editor) == ["review", "course"]
    assert editor.post("/admin/setting-up/", {"step": "themes"}).status_code == 403
    assert editor.post("/admin/setting-up/", {"step": "nothing"}).status_code == 400
    assert editor.get("/admin/setting-up/").status_code == 405
    assert Client().post("/admin/setting-up/", {"step": "course"}).status_code == 302
    assert not DismissedStep.objects.exists()
    assert editor.get(COMMON).status_code == editor.post(COMMON).status_code == 403


def test_ticked_themes_are_added_in_their_groups(publisher: Client) -> None:
    make_theme(name="neglect")
    page = publisher.get(COMMON).content.decode()
    assert page.count('type="checkbox"') == sum(map(len, STARTER_THEMES.values())) > 30
    assert 'value="Neglect" checked disabled' in page
    response = publisher.post(COMMON, {"themes": ["Safer sleep", "Harm online", "Neglect"]})
    assert response.url == "/admin/reviews/theme/"
    added = Theme.objects.exclude(name="neglect").values_list("name", "group")
    assert list(added) == [("Safer sleep", "Babies"), ("Harm online", "Harm outside the home")]
    (entry,) = Theme.objects.get(name="Harm online").history.all()
    assert entry.history_user == publisher.user  # type: ignore[attr-defined]
    # Pressed twice, it adds nothing twice.
    publisher.post(COMMON, {"themes": ["Safer sleep"]})
    assert Theme.objects.count() == 3


def test_a_refused_choice_of_themes_keeps_the_ticks(publisher: Client) -> None:
    assert "Tick at least one theme." in text_of(publisher.post(COMMON, {}))
    page = publisher.post(COMMON, {"themes": ["Safer sleep", "Invented"]})
    assert "“Invented” is not in this list." in text_of(page)
    assert 'value="Safer sleep" checked>' in page.content.decode()
    assert not Theme.objects.exists()
