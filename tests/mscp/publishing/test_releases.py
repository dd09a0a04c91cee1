"""Releases: all or nothing, now or at a moment, by the first request after it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from mscp.publishing.gate import State
from mscp.publishing.releases import Release, call_off_alone, schedule_alone
from reviews.models import Briefing, PracticeReview
from tests.factories import (
    MINIMAL_PDF,
    make_briefing,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_page,
    make_review,
    make_user,
)
from tests.pages import body_of
from training.models import Course

pytestmark = pytest.mark.django_db


class Set:
    """A draft review with its learning, and changes to a live course, review and page."""

    def __init__(self) -> None:
        self.review = make_review(state=State.DRAFT, title="New review", summary="Words.")
        self.learning = make_briefing(
            state=State.DRAFT, title="New learning", summary="Words.", review=self.review
        )
        self.course = make_course(title="Old course", summary="Words.")
        self.live = make_review(title="Old review", summary="Words.")
        self.document = make_document(self.live, title="Report", pdf=MINIMAL_PDF)
        self.page = make_page(title="Old page")
        self.changes = [one.propose_change() for one in (self.course, self.live, self.page)]
        for change in self.changes:
            change.title = change.title.replace("Old", "Changed")
            change.save()
        document = self.changes[1].documents.get()
        document.file = self.file = make_file(MINIMAL_PDF + b"%2")
        document.save()
        self.release = Release.objects.create(title="Monday")
        self.release.add([self.review, self.learning, *self.changes])

    def titles(self) -> list[str]:
        """Return the titles that a visitor reads now, on all pages of these."""
        client = Client()
        found = []
        for record in (self.review, self.learning, self.course, self.live, self.page):
            answer = client.get(record.get_absolute_url())
            body = answer.content.decode()
            old_or_new = [f"{word} {kind}" for word in WORDS for kind in KINDS]
            found += [one for one in old_or_new if f"<h1>{one}</h1>" in body]
        return sorted(found)


WORDS = ("Old", "Changed", "New")
KINDS = ("review", "learning", "course", "page")
BEFORE = ["Old course", "Old page", "Old review"]
AFTER = ["Changed course", "Changed page", "Changed review", "New learning", "New review"]


def test_all_go_live_at_one_moment() -> None:
    one = Set()
    assert one.titles() == BEFORE
    user = make_user()
    one.release.go_live(by=user)
    assert one.titles() == AFTER
    review, learning = PracticeReview.objects.get(title="New review"), Briefing.objects.get()
    assert review.published_at == learning.published_at == timezone.now()
    assert {review.updated_by, Course.objects.get().updated_by} == {user}
    assert review.release is None and Release.objects.get().members() == []
    assert "New review (draft)" in Release.objects.get().outcome
    assert review.history.first().history_user == user
    with pytest.raises(ValidationError, match="went live already"):
        one.release.go_live()


@pytest.mark.parametrize("what", ["a finding", "a conflict", "nothing to read"])
def test_if_one_cannot_nothing_does(what: str) -> None:
    one = Set()
    if what == "a finding":
        make_finding(one.file)
    elif what == "a conflict":
        one.page.title = "Old page again"
        one.page.save()
    else:
        PracticeReview.objects.filter(pk=one.review.pk).update(summary="")
    before = one.titles()
    with pytest.raises(ValidationError):
        one.release.go_live()
    assert one.titles() == before and len(one.release.members()) == 5


def test_at_its_moment_the_first_request_shows_all_of_it(clock: Any) -> None:
    one = Set()
    moment = timezone.now() + timedelta(hours=1)
    one.release.schedule(moment, by=make_user())
    # Kept pages are those that must not outlive the moment.
    assert one.titles() == BEFORE
    clock.move_to(moment - timedelta(seconds=1))
    assert one.titles() == BEFORE
    clock.move_to(moment)
    assert one.titles() == AFTER
    assert PracticeReview.objects.get(title="New review").published_at == moment
    assert Release.objects.get().released_at == moment


@pytest.mark.parametrize("kind", ["file", "list", "feed", "staff", "post"])
def test_whatever_is_asked_for_first_does_it(kind: str, clock: Any, publisher: Client) -> None:
    one = Set()
    moment = timezone.now() + timedelta(hours=1)
    one.release.schedule(moment)
    file = one.document.get_absolute_url()
    assert body_of(Client().get(file)) == MINIMAL_PDF
    Client().get("/reviews/"), Client().get("/reviews/feed.atom")
    clock.move_to(moment)
    if kind == "file":
        assert body_of(Client().get(file)) == MINIMAL_PDF + b"%2"
    elif kind == "staff":
        publisher.get("/admin/")
    elif kind == "post":
        Client().post("/reviews/")
    else:
        address = "/reviews/" if kind == "list" else "/reviews/feed.atom"
        body = Client().get(address).content.decode()
        assert "New review" in body and "Changed review" in body and "Old review" not in body
    assert Release.objects.get().released_at == moment


def test_what_cannot_go_live_at_its_moment_waits_and_says_why(clock: Any) -> None:
    one = Set()
    moment = timezone.now() + timedelta(hours=1)
    one.release.schedule(moment)
    make_finding(one.file)
    clock.move_to(moment)
    assert one.titles() == BEFORE
    release = Release.objects.get()
    assert release.moment is None and release.is_open
    assert "Nothing went live" in release.outcome and "one finding about privacy" in release.outcome
    assert len(release.members()) == 5


def test_a_moment_that_is_called_off_passes(clock: Any) -> None:
    one = Set()
    moment = timezone.now() + timedelta(hours=1)
    one.release.schedule(moment)
    one.release.call_off()
    clock.move_to(moment)
    call_command("do_what_is_due")
    assert one.titles() == BEFORE


def test_the_command_does_what_is_due(clock: Any, capsys: Any) -> None:
    one = Set()
    moment = timezone.now() + timedelta(hours=1)
    one.release.schedule(moment)
    clock.move_to(moment + timedelta(minutes=5))
    call_command("do_what_is_due")
    assert capsys.readouterr().out == "1 done.\n"
    assert PracticeReview.objects.get(title="New review").published_at == moment


def test_a_release_refuses_what_makes_no_sense() -> None:
    empty = Release.objects.create(title="Empty")
    for act in (empty.go_live, lambda: empty.schedule(timezone.now() + timedelta(days=1))):
        with pytest.raises(ValidationError, match="Nothing is in it"):
            act()
    one = Set()
    with pytest.raises(ValidationError, match="lies ahead"):
        one.release.schedule(timezone.now())
    with pytest.raises(ValidationError, match="no draft"):
        one.release.add([one.live])


def test_published_by_itself_it_leaves_the_release() -> None:
    one = Set()
    PracticeReview.objects.get(pk=one.review.pk).publish()
    assert one.review not in one.release.members()
    one.release.take_out(one.learning)
    assert len(one.release.members()) == 3


def test_between_moments_an_answer_costs_no_more_queries(django_assert_num_queries: Any) -> None:
    one = Set()
    client = Client()
    client.get("/reviews/")
    with django_assert_num_queries(1):
        client.get("/reviews/")
    one.release.schedule(timezone.now() + timedelta(hours=1))
    client.get("/reviews/")
    with django_assert_num_queries(1):
        client.get("/reviews/")


# --- one change alone -----------------------------------------------------------------------------


def changed_review() -> Any:
    """Return a proposed change to a live review, with words of its own."""
    change = make_review(title="Old review", summary="Words.").propose_change()
    change.title = "Changed review"
    change.save()
    return change


def test_one_change_goes_live_alone_at_its_moment(clock: Any) -> None:
    change, user = changed_review(), make_user()
    live, moment = change.revised(), timezone.now() + timedelta(hours=1)
    page = live.get_absolute_url()
    schedule_alone(change, moment, by=user)
    clock.move_to(moment - timedelta(seconds=1))
    assert "Old review" in Client().get(page).content.decode()
    clock.move_to(moment)
    assert "Changed review" in Client().get(page).content.decode()
    release = Release.objects.get()
    assert (release.released_at, release.for_one) == (moment, True)
    live.refresh_from_db()
    assert live.updated_by == user


def test_scheduled_again_it_goes_live_at_the_later_moment_only(clock: Any) -> None:
    change, now = changed_review(), timezone.now()
    schedule_alone(change, now + timedelta(hours=1))
    schedule_alone(change, now + timedelta(hours=2))
    assert Release.objects.count() == 1
    clock.move_to(now + timedelta(minutes=90))
    Client().get("/")
    assert PracticeReview.objects.filter(pk=change.pk).exists()


@pytest.mark.parametrize("way", ["called off", "applied", "deleted", "put elsewhere"])
def test_a_release_of_one_goes_when_its_change_goes_another_way(way: str, clock: Any) -> None:
    change, moment = changed_review(), timezone.now() + timedelta(hours=1)
    schedule_alone(change, moment)
    if way == "called off":
        call_off_alone(change)
        assert PracticeReview.objects.get(pk=change.pk).release is None
    elif way == "applied":
        change.apply_change()
    elif way == "deleted":
        change.delete()
    else:
        Release.objects.create(title="Monday").add([change])
    assert not Release.objects.filter(for_one=True).exists()
    clock.move_to(moment)
    Client().get("/")
    assert not Release.objects.exclude(outcome="").exists()


def test_what_stands_in_the_way_of_one_is_named_before_and_at_its_moment(clock: Any) -> None:
    change, moment = changed_review(), timezone.now() + timedelta(hours=1)
    finding = make_finding(make_document(change, title="Report", pdf=MINIMAL_PDF).file)
    with pytest.raises(ValidationError, match="one finding about privacy"):
        schedule_alone(change, moment)
    assert not Release.objects.exists()
    finding.delete()
    schedule_alone(change, moment)
    live = change.revised()
    live.title = "Other"
    live.save()
    clock.move_to(moment)
    Client().get("/")
    release = Release.objects.get()
    assert release.is_open and release.moment is None
    assert "Nothing went live on" in release.state_in_words
    assert "changed meanwhile" in release.state_in_words
    live.refresh_from_db()
    assert live.title == "Other"


def test_without_a_second_person_nothing_is_scheduled_alone(settings: Any) -> None:
    change = changed_review()
    settings.TWO_PEOPLE = True
    with pytest.raises(ValidationError, match="Two people are needed"):
        schedule_alone(change, timezone.now() + timedelta(hours=1))
    assert not Release.objects.exists()


def test_what_goes_live_with_others_is_not_scheduled_alone() -> None:
    change = changed_review()
    Release.objects.create(title="Monday").add([change])
    change.refresh_from_db()
    with pytest.raises(ValidationError, match="in the release “Monday”"):
        schedule_alone(change, timezone.now() + timedelta(hours=1))
    with pytest.raises(ValidationError, match="not scheduled by itself"):
        call_off_alone(change)


def test_a_moment_that_has_passed_is_refused_for_one_too() -> None:
    with pytest.raises(ValidationError, match="lies ahead"):
        schedule_alone(changed_review(), timezone.now())
    assert not Release.objects.exists()
