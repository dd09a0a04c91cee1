"""The programme page of 2024 and 2025, from pasting to what is there afterwards."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from mscp.publishing.gate import State
from tests.pages import text_of
from tests.training.programme.steps import LIST, address, counts, paste, press
from training.models import Course, Session
from training.programme.planning.matching import plan_all
from training.programme.planning.plans import Plan, Status

pytestmark = pytest.mark.django_db


def flagged(plans: list[Plan], kind: str) -> list[int]:
    return [
        plan.line.number
        for plan in plans
        if any(doubt.kind == kind and doubt.level.value == "look" for doubt in plan.doubts)
    ]


def test_the_page_gives_what_stands_on_it(publisher: Client) -> None:
    programme = paste(publisher)
    plans = plan_all(programme.get_lines(), publisher.user)  # type: ignore[attr-defined]
    assert len(plans) == 27
    assert len({plan.course_key for plan in plans}) == 17
    placed = [plan for plan in plans if plan.new_venue]
    assert len(placed) == 5 and len({plan.line.venue for plan in placed}) == 2
    assert [plan.line.number for plan in plans if plan.delivery == "online"] == [22]
    assert sum(1 for plan in plans if not plan.new_venue and plan.delivery != "online") == 21
    assert flagged(plans, "remark") == [11, 21, 22, 29]
    assert flagged(plans, "in a row") == [31, 32]
    assert flagged(plans, "same day") == [10, 11]
    # All lie in the past, so that is reported once and of no line.
    assert flagged(plans, "past") == []
    assert {plan.status for plan in plans} == {Status.LOOK, Status.PLAIN}
    page = text_of(publisher.get(address(programme)))
    assert "27 sessions : 5 at 2 venues, 1 online, 21 without a venue" in page
    assert "17 new courses , as drafts" in page
    assert "“SEE DETAILS” stood in the title" in page


def test_throwing_it_away_leaves_every_count_as_it_was(publisher: Client) -> None:
    before = counts()
    programme = paste(publisher)
    assert counts()[:3] == before[:3]
    away = f"{LIST}{programme.pk}/throw-away/"
    assert "Courses, sessions and venues stay" in text_of(publisher.get(away))
    response = publisher.post(away, follow=True)
    assert "thrown away. Nothing was added" in text_of(response)
    assert counts() == before


def test_confirming_adds_all_and_a_second_time_nothing(publisher: Client) -> None:
    response = press(publisher, paste(publisher), "_confirm")
    summary = "27 sessions were imported. New with them: 17 courses, as drafts; 2 venues."
    assert summary in text_of(response)
    assert counts()[:3] == [17, 27, 2]
    assert {course.current_state for course in Course.objects.all()} == {State.DRAFT}
    # So many at once are no news, each by itself.
    assert not Session.objects.filter(bulk_loaded=False).exists()
    lado = Session.objects.get(delivery="online")
    assert lado.course.title.endswith("Managing allegations against staff")
    assert Session.objects.get(note="SEE DETAILS").venue.postcode == "SM4 6PX"  # type: ignore[union-attr]
    again = paste(publisher)
    plans = plan_all(again.get_lines(), publisher.user)  # type: ignore[attr-defined]
    assert {plan.status for plan in plans} == {Status.THERE}
    assert "There is nothing to import." in text_of(publisher.get(address(again)))
    press(publisher, again, "_confirm")
    assert counts()[:3] == [17, 27, 2]


def test_the_catalogue_is_known_to_hold_the_page_already(publisher: Client) -> None:
    call_command("seed", stdout=StringIO())
    plans = plan_all(paste(publisher).get_lines(), publisher.user)  # type: ignore[attr-defined]
    assert {plan.status for plan in plans} == {Status.THERE}
    assert not [plan.line.number for plan in plans if plan.doubts]
