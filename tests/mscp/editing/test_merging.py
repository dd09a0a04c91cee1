"""Merging themes, venues, courses and audiences: all that leads to one leads to the other."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from mscp.models import PendingChange, Redirect
from mscp.publishing.gate import State
from reviews.models import Theme
from tests.admin_forms import fields_of
from tests.factories import (
    make_audience,
    make_briefing,
    make_course,
    make_note,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from tests.pages import assert_valid, text_of
from training.models import Course, Venue

pytestmark = pytest.mark.django_db


def address(record: Any, into: Any = None) -> str:
    options = record._meta
    query = f"?into={into.pk}" if into else ""
    return f"/admin/{options.app_label}/{options.model_name}/{record.pk}/merge/{query}"


def merge(client: Client, source: Any, target: Any) -> Any:
    """Look at what would move, and press the button."""
    chosen = client.get(address(source))
    assert chosen.status_code == 200 and b"Show what would move" in chosen.content
    shown = client.get(address(source, target))
    assert_valid(shown)
    return client.post(address(source, target), fields_of(shown), follow=True)


def test_a_theme_is_merged_with_all_that_has_it(publisher: Client) -> None:
    old, new = make_theme(name="Babies"), make_theme(name="Infants")
    records = [
        make(themes=themes, state=state)
        for make in (make_review, make_report, make_briefing, make_course)
        for state in (State.DRAFT, State.PUBLISHED)
        for themes in ([old], [old, new])
    ]
    for record in records:
        record.suggested_themes.set([old])
    other = make_review(themes=[new])
    versions = {record.pk: record.version for record in (other,)}
    shown = text_of(publisher.get(address(old, new)))
    for words in (
        "Practice reviews: 4",
        "National reports: 4",
        "7-minute learnings: 4",
        "Courses: 4",
    ):
        assert words in shown
    assert all(str(record) in shown for record in records)
    page = text_of(merge(publisher, old, new))
    assert "Babies was merged into Infants: 16 moved. /themes/babies/ leads to" in page
    assert list(Theme.objects.all()) == [new]
    for record in records:
        assert list(record.themes.all()) == [new]
        entry = record.history.first()
        assert entry.history_change_reason == "Merged: Babies into Infants"
        assert [row.theme for row in entry.themes.all()] == [new]
    # What a program suggested stays suggested, unless an editor chose the other theme.
    assert [record.suggested_themes.count() for record in records] == [1, 0] * 8
    other.refresh_from_db()
    assert other.version == versions[other.pk]
    moved = Client().get("/themes/babies/")
    assert (moved.status_code, moved.url) == (301, "/themes/infants/")
    assert Client().get("/themes/infants/").status_code == 200


def test_where_two_are_needed_a_term_waits_and_a_live_course_is_not_merged(
    publisher: Client, settings: Any
) -> None:
    old, new = make_theme(name="Babies"), make_theme(name="Infants")
    review, course = make_review(themes=[old]), make_course(themes=[old])
    other, hall, room = make_course(), make_venue(), make_venue()
    session = make_session(course, venue=hall)
    settings.TWO_PEOPLE = True
    merge(publisher, old, new), merge(publisher, hall, room)
    assert list(review.themes.all()) == list(course.themes.all()) == [old]
    session.refresh_from_db()
    assert session.venue == hall and PendingChange.objects.open().count() == 2
    assert publisher.get(address(course)).status_code == 403
    assert publisher.post(address(course, other)).status_code == 403


def test_the_history_of_both_is_kept(publisher: Client) -> None:
    old, new, review = make_theme(name="Babies"), make_theme(name="Infants"), make_review()
    review.themes.add(old)
    merge(publisher, old, new)
    entry = Theme.history.filter(history_type="-").get()
    assert (entry.name, entry.history_change_reason) == ("Babies", "Merged: Babies into Infants")
    assert new.history.first().history_change_reason == "Merged with Babies"
    for path in (
        f"/admin/reviews/practicereview/{review.pk}/history/",
        f"/admin/reviews/theme/{new.pk}/history/",
    ):
        page = publisher.get(path)
        assert page.status_code == 200 and "Merged" in text_of(page)


def test_a_venue_is_merged_and_nobody_is_told_that_a_session_changed(publisher: Client) -> None:
    old, new = (
        make_venue(name="Civic centre", town="Morden"),
        make_venue(name="Merton Civic Centre"),
    )
    session = make_session(venue=old)
    shown = text_of(publisher.get(address(old, new)))
    assert "Sessions: 1" in shown and "Town Morden" in shown and "What is not taken over" in shown
    merge(publisher, old, new)
    session.refresh_from_db()
    assert (session.venue, session.sequence, session.revised_at) == (new, 1, None)
    assert list(Venue.objects.all()) == [new]
    assert Client().get("/training/venues/civic-centre/").url == new.get_absolute_url()


def test_a_course_is_merged_with_sessions_themes_audiences_and_publications(
    publisher: Client,
) -> None:
    theme, audience, review = make_theme(name="Sleep"), make_audience(name="Schools"), make_review()
    old = make_course(title="Old", themes=[theme], summary="Old words.")
    new = make_course(title="New", summary="New words.")
    old.audiences.add(audience), old.publications.add(review)
    first, second = make_session(old), make_session(old, in_days=9)
    make_session(new)
    shown = text_of(publisher.get(address(old, new)))
    assert "Themes: Sleep" in shown and "For whom: Schools" in shown and "Sessions: 2" in shown
    assert f"Both have a session on {first.when}: both stay." in shown
    assert "Old words. The other says: New words." in shown and "ID" not in shown.split()
    merge(publisher, old, new)
    assert list(Course.objects.all()) == [new] and new.sessions.count() == 3
    assert list(new.themes.all()) == [theme] and list(new.audiences.all()) == [audience]
    assert list(new.publications.values_list("pk", flat=True)) == [review.pk]
    second.refresh_from_db()
    assert second.revised_at is None
    for tail in ("", "calendar.ics", f"session-{first.pk}.ics"):
        moved = Client().get(f"/training/old/{tail}", follow=True)
        # That of a session knew its course before.
        status = 302 if tail.startswith("session") else 301
        assert moved.redirect_chain == [(f"/training/new/{tail}", status)]
        assert moved.status_code == 200


def test_what_readers_were_told_of_a_course_is_told_of_the_one_that_it_is_merged_into(
    publisher: Client, clock: Any
) -> None:
    old = make_course(title="Neglect, old")
    make_note(old, "Two mornings now.")
    clock.shift(timedelta(hours=1))
    new = make_course(title="Neglect")
    make_note(new, "A new trainer.")
    assert "Notes on changes: 1" in text_of(publisher.get(address(old, new)))
    merge(publisher, old, new)
    page = text_of(Client().get(new.get_absolute_url()))
    assert page.index("A new trainer.") < page.index("Two mornings now.")


def test_an_audience_is_merged(publisher: Client) -> None:
    old, new, course = make_audience(name="Teachers"), make_audience(name="Schools"), make_course()
    course.audiences.add(old)
    merge(publisher, old, new)
    assert list(course.audiences.all()) == [new] and not Redirect.objects.exists()


@pytest.mark.parametrize("state", [State.DRAFT, State.SCHEDULED])
def test_an_address_that_no_reader_knows_leads_nowhere(publisher: Client, state: State) -> None:
    old, new = make_course(title="Old", state=state), make_course(title="New", state=State.DRAFT)
    merge(publisher, old, new)
    assert not Redirect.objects.exists() and list(Course.objects.all()) == [new]
    assert Client().get("/training/old/").status_code == 404


@pytest.mark.parametrize("source", [State.PUBLISHED, State.WITHDRAWN])
@pytest.mark.parametrize("target", [State.DRAFT, State.SCHEDULED, State.WITHDRAWN])
def test_no_reader_is_led_to_what_is_hidden(
    publisher: Client, source: State, target: State
) -> None:
    old, new = make_course(title="Old", state=source), make_course(title="New", state=target)
    shown = publisher.get(address(old, new))
    assert "it can be merged only into one that is published" in text_of(shown)
    assert b'value="Merge"' not in shown.content
    publisher.post(address(old, new), {"plan": shown.context["plan"].fingerprint})
    assert Course.objects.count() == 2 and not Redirect.objects.exists()


def test_merged_twice_both_old_addresses_lead_to_the_last(publisher: Client) -> None:
    first, second, last = (make_theme(name=name) for name in ("One", "Two", "Three"))
    merge(publisher, first, second)
    merge(publisher, second, last)
    for old in ("/themes/one/", "/themes/two/"):
        assert Client().get(old).url == "/themes/three/"
    assert make_theme(name="One").slug == "one-2"


def test_what_changed_meanwhile_is_shown_again(publisher: Client) -> None:
    old, new = make_theme(), make_theme()
    asked = fields_of(publisher.get(address(old, new)))
    make_review(themes=[old])
    again = publisher.post(address(old, new), asked)
    assert "Something changed after you had opened this page." in text_of(again)
    assert Theme.objects.count() == 2


def test_nobody_merges_without_the_permissions(editor: Client, publisher: Client) -> None:
    pairs = [
        (make_theme(), make_theme()),
        (make_venue(), make_venue()),
        (make_course(), make_course()),
        (make_course(state=State.DRAFT), make_course()),
    ]
    for old, new in pairs[:3]:
        assert editor.get(address(old, new)).status_code == 403
        assert editor.post(address(old, new)).status_code == 403
        assert Client().get(address(old)).status_code == 302
    draft, live = pairs[3]
    editor.post(address(draft, live), {"plan": "x"})
    shown = editor.get(address(draft, live))
    asked = shown.context["plan"].fingerprint
    editor.post(address(draft, live), {"plan": asked})
    assert Course.objects.filter(pk=draft.pk).exists()
    for junk in ("x", "9" * 30, "0"):
        assert publisher.get(f"/admin/reviews/theme/{junk}/merge/").status_code == 404
    old, _ = pairs[0]
    for junk in ("x", "9" * 30, str(old.pk), "\0"):
        page = publisher.get(f"/admin/reviews/theme/{old.pk}/merge/", {"into": junk})
        assert page.status_code == 200 and not page.context["plan"]


def test_a_proposed_change_is_merged_with_nothing(publisher: Client) -> None:
    course, other = make_course(title="Oak"), make_course(title="Elm")
    change = course.propose_change()
    of_change = f"/admin/training/course/{change.pk}/merge/?into={other.pk}"
    assert publisher.get(of_change).status_code == 403
    assert publisher.post(of_change, {}).status_code == 403
    into = publisher.get(f"/admin/training/course/{other.pk}/merge/?into={change.pk}")
    assert "Select a valid choice" in text_of(into)
    form = publisher.get(f"/admin/training/course/{change.pk}/change/")
    assert "Merge into another" not in text_of(form)


def test_the_form_leads_to_merging(publisher: Client, editor: Client) -> None:
    theme, course = make_theme(), make_course()
    for record in (theme, course):
        form = address(record).replace("merge", "change")
        assert address(record) in publisher.get(form).content.decode()
        assert "Merge into another" not in editor.get(form).content.decode()
