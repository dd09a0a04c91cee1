"""Releases: all or nothing, now or at a moment, by the first request after it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from mscp.publishing.gate import State
from mscp.publishing.releases import Release
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
