"""Many records at once: what would change is shown first, each is told after, and it goes back."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from mscp.cache import versions
from mscp.editing.actions import Confirmation
from mscp.editing.bulk import AS_PROPOSED, PROPOSED
from mscp.models import BulkChange
from mscp.publishing.approvals import approve
from mscp.publishing.gate import ONE_CHANGE, State
from reviews.models import PracticeReview
from tests.admin_forms import fields_of
from tests.factories import (
    make_briefing,
    make_course,
    make_document,
    make_review,
    make_session,
    make_theme,
    make_user,
    make_venue,
    past_the_gate,
)
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db

REVIEWS, SESSIONS = "/admin/reviews/practicereview/", "/admin/training/session/"


def choose(client: Client, of: str, action: str, *records: Any) -> str:
    """Choose an action for records of a list; return the address of its first page."""
    chosen = [record.pk for record in records]
    response = client.post(of, {"action": action, "_selected_action": chosen})
    assert response.status_code == 302
    return str(response.url)


def look(client: Client, address: str, **values: Any) -> Any:
    """Open the page of an action, and ask what would change with these values."""
    opened = client.get(address)
    assert b'value="Show what would change"' in opened.content
    assert_valid(opened)
    return client.post(address, {**fields_of(opened), **values})


def take(client: Client, address: str, **values: Any) -> Any:
    """Look at what would change, and press the button; return the page of what was done."""
    shown = look(client, address, **values)
    assert shown.status_code == 200, text_of(shown)
    return client.post(address, {**fields_of(shown), **values}, follow=True)


def undo(client: Client, **instead: Any) -> Any:
    address = f"/admin/mscp/bulkchange/{BulkChange.objects.latest('pk').pk}/undo/"
    opened = client.get(address)
    assert opened.status_code == 200
    assert_valid(opened)
    return client.post(address, {**fields_of(opened), **instead}, follow=True)


def themes_of(record: Any) -> set[str]:
    return {theme.name for theme in record.themes.all()}


# --- themes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [make_review, make_briefing, make_course])
def test_a_theme_is_added_to_many_and_each_is_named_before_and_after(
    publisher: Client, make: Any
) -> None:
    theme, other = make_theme(name="Neglect"), make_theme(name="Sleep")
    bare, has_it, has_other = make(), make(themes=[theme]), make(themes=[other])
    options = bare._meta
    address = choose(
        publisher,
        f"/admin/{options.app_label}/{options.model_name}/",
        "themes",
        *(bare, has_it, has_other),
    )
    shown = look(publisher, address, do="add", theme=theme.pk)
    assert f"{bare} Theme “Neglect” added" in text_of(shown)
    assert f"{has_it} Stays as it is." in text_of(shown)
    assert themes_of(bare) == set()
    done = publisher.post(address, fields_of(shown) | {"do": "add"}, follow=True)
    page = text_of(done)
    assert_valid(done)
    assert "2 of 3 " in page and f"{bare} : Theme “Neglect” added" in page
    assert f"{has_it} : not done. Stays as it is." in page
    assert themes_of(bare) == {"Neglect"} and themes_of(has_other) == {"Neglect", "Sleep"}


def test_what_is_changed_has_one_entry_in_its_history_with_name_and_reason(
    publisher: Client,
) -> None:
    theme, review, untouched = make_theme(name="Neglect"), make_review(), make_review()
    untouched.themes.add(theme)
    before = {one.pk: (one.history.count(), one.version) for one in (review, untouched)}
    take(
        publisher, choose(publisher, REVIEWS, "themes", review, untouched), do="add", theme=theme.pk
    )
    entry = review.history.first()
    assert review.history.count() == before[review.pk][0] + 1
    assert entry.history_user == publisher.user  # type: ignore[attr-defined]
    assert entry.history_change_reason == "Theme “Neglect” added"
    assert [row.theme for row in entry.themes.all()] == [theme]
    review.refresh_from_db(), untouched.refresh_from_db()
    assert review.updated_by == publisher.user  # type: ignore[attr-defined]
    assert (untouched.history.count(), untouched.version) == before[untouched.pk]


def test_a_theme_is_removed_where_it_was_only_suggested_too_and_comes_back(
    publisher: Client,
) -> None:
    theme, kept = make_theme(name="Neglect"), make_theme(name="Sleep")
    review = make_review(themes=[theme, kept])
    review.suggested_themes.set([theme, kept])
    take(publisher, choose(publisher, REVIEWS, "themes", review), do="remove", theme=theme.pk)
    assert list(review.themes.all()) == list(review.suggested_themes.all()) == [kept]
    assert "Undone: 1 of 1" in text_of(undo(publisher))
    assert set(review.themes.all()) == set(review.suggested_themes.all()) == {theme, kept}
    assert review.history.first().history_change_reason == "Undone: Theme “Neglect” removed"


@pytest.mark.parametrize("two_people", [False, True])
def test_whoever_may_not_change_what_is_live_proposes_it(
    editor: Client, publisher: Client, settings: Any, two_people: bool
) -> None:
    client = publisher if two_people else editor
    theme, draft = make_theme(name="Neglect"), make_review(state=State.DRAFT)
    live, scheduled = make_review(), make_review(state=State.SCHEDULED)
    make_document(live)
    with transaction.atomic():
        approve(scheduled, make_user())
    settings.TWO_PEOPLE = two_people
    address = choose(client, REVIEWS, "themes", draft, live, scheduled)
    assert text_of(client.get(address)).count(PROPOSED) == 2
    done = text_of(take(client, address, do="add", theme=theme.pk))
    assert "3 of 3 practice reviews changed" in done and done.count(AS_PROPOSED) == 2
    assert themes_of(draft) and not themes_of(live) and not themes_of(scheduled)
    for record in (live, scheduled):
        change = PracticeReview.objects.get(revises=record.pk)
        assert themes_of(change) and change.title == record.title
        assert [one.key for one in change.differences()] == ["themes"]
        assert change.history.first().history_change_reason == "Theme “Neglect” added"
    assert "Undone: 3 of 3" in text_of(undo(client))
    assert not themes_of(draft) and not PracticeReview.objects.exclude(revises=None)


def test_a_change_that_there_is_already_is_not_changed_by_many(editor: Client) -> None:
    theme, live, other = make_theme(), make_review(), make_review()
    change = live.propose_change()
    address = choose(editor, REVIEWS, "themes", live, other)
    assert f"{live} : {ONE_CHANGE}" in text_of(editor.get(address))
    assert f"{live} : not done. {ONE_CHANGE}" in text_of(
        take(editor, address, do="add", theme=theme.pk)
    )
    assert not themes_of(change) and themes_of(other.proposed_changes.get())


def test_nothing_is_done_before_it_was_shown(publisher: Client) -> None:
    theme, other, review = make_theme(), make_theme(), make_review()
    address = choose(publisher, REVIEWS, "themes", review)
    for sent in (
        {"do": "add", "theme": theme.pk},
        {"do": "add", "theme": theme.pk, "shown": "1"},
        {**fields_of(look(publisher, address, do="add", theme=theme.pk)), "theme": other.pk},
        {"do": "add"},
        {"do": "burn", "theme": theme.pk},
        {"do": "remove", "theme": theme.pk},
        {"do": "add", "theme": "9" * 30},
    ):
        assert publisher.post(address, sent).status_code == 200
    assert not themes_of(review) and not BulkChange.objects.exists()


def test_what_a_colleague_changed_meanwhile_is_asked_about_again(publisher: Client) -> None:
    theme, review = make_theme(), make_review(title="Oak")
    address = choose(publisher, REVIEWS, "themes", review)
    shown = look(publisher, address, do="add", theme=theme.pk)
    review.save()
    again = publisher.post(address, {**fields_of(shown), "do": "add"})
    assert "Somebody changed this after you had opened this page." in text_of(again)
    assert not themes_of(review)
    publisher.post(address, {**fields_of(again), "do": "add"})
    assert themes_of(review)


def test_a_visitor_reads_the_theme_at_once_and_nothing_of_the_record(publisher: Client) -> None:
    theme, review = make_theme(name="Neglect"), make_review(title="Oak")
    assert "Neglect" not in text_of(Client().get(review.get_absolute_url()))
    take(publisher, choose(publisher, REVIEWS, "themes", review), do="add", theme=theme.pk)
    assert "Neglect" in text_of(Client().get(review.get_absolute_url()))


# --- sessions ---------------------------------------------------------------------------------


def test_venue_places_and_booking_of_sessions_are_set(publisher: Client) -> None:
    hall = make_venue(name="Town hall")
    first, second = make_session(), make_session(booking_email="old@example.org")
    online = make_session(delivery="online")
    address = choose(publisher, SESSIONS, "set", first, second, online)
    values = {
        "venue": hall.pk,
        "places": "open",
        "booking_url": "https://example.org/book",
    }
    shown = text_of(look(publisher, address, **values))
    assert "Venue: none → Town hall" in shown and "Places: Not known → Places available" in shown
    assert "Cannot be changed: An online session has no venue" in shown
    done = text_of(take(publisher, address, **values))
    assert "2 of 3 sessions changed" in done
    for session in (first, second):
        session.refresh_from_db()
        assert (session.venue, session.places) == (hall, "open")
        assert (session.booking_url, session.booking_email) == ("https://example.org/book", "")
        assert session.sequence == 1 and session.history.count() == 2
    online.refresh_from_db()
    assert online.venue is None and online.places == "not_known"
    assert "Undone: 2 of 2" in text_of(undo(publisher))
    second.refresh_from_db()
    assert (second.venue, second.booking_email) == (None, "old@example.org")
    assert (second.places, second.booking_url) == ("not_known", "")


def test_a_session_is_booked_as_its_course_says_again(publisher: Client) -> None:
    session = make_session(booking_url="https://example.org/own", venue=make_venue())
    address = choose(publisher, SESSIONS, "set", session)
    take(publisher, address, booked_as_course="on", venue="none")
    session.refresh_from_db()
    assert (session.booking_url, session.venue) == ("", None)


def test_ways_to_book_that_exclude_each_other_are_named(publisher: Client) -> None:
    address = choose(publisher, SESSIONS, "set", make_session())
    page = look(publisher, address, booking_url="example.org", booking_email="a@example.org")
    assert "Choose one way to book, not several." in text_of(page)
    assert "Choose at least one thing to set." in text_of(look(publisher, address))


# --- publishing -------------------------------------------------------------------------------


def test_those_that_can_be_are_published_and_each_of_the_others_is_named(
    publisher: Client,
) -> None:
    good, other = (make_review(state=State.DRAFT, summary="Words.") for _ in range(2))
    empty = make_review(state=State.DRAFT, title="Empty")
    address = choose(publisher, REVIEWS, "publish", good, other, empty)
    done = publisher.post(address, fields_of(publisher.get(address)), follow=True)
    page = text_of(done)
    assert "2 practice reviews: published." in page
    assert "2 of 3 done" in page and f"{good} : Published." in page
    assert "Empty : not done. There is nothing to read yet" in page
    assert "Undo" not in page
    assert PracticeReview.objects.published().count() == 2
    kept = BulkChange.objects.get()
    assert publisher.get(f"/admin/mscp/bulkchange/{kept.pk}/undo/").status_code == 404


def test_what_the_gate_refuses_of_one_prevents_none_of_the_others(
    publisher: Client, rf: RequestFactory
) -> None:
    """What became unfit since the page was checked is refused by ``publish`` itself."""
    good = make_review(state=State.DRAFT, summary="Words.")
    bad = make_review(state=State.DRAFT)
    request = rf.post("/")
    request.user, request.session = publisher.user, publisher.session  # type: ignore[attr-defined]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    reviews: Any = admin.site._registry[PracticeReview]
    with transaction.atomic():
        records = reviews.lock([good, bad])
        address = reviews.take_action(Confirmation(request, "publish", records, {}))
    page = text_of(publisher.get(address))
    assert "1 of 2 done" in page and f"{bad} : not done. There is nothing to read yet" in page
    assert "1 practice review: published" in page
    good.refresh_from_db(), bad.refresh_from_db()
    assert good.is_published and bad.is_draft and bad.history.count() == 0


# --- undoing ----------------------------------------------------------------------------------


def test_what_was_touched_since_stays_and_is_named(publisher: Client, sign_in: Any) -> None:
    theme = make_theme(name="Neglect")
    mine, theirs, deleted, retold = (
        make_review(title=name) for name in ("Oak", "Elm", "Ash", "Yew")
    )
    take(
        publisher,
        choose(publisher, REVIEWS, "themes", mine, theirs, deleted, retold),
        do="add",
        theme=theme.pk,
    )
    theirs.refresh_from_db()
    theirs.updated_by = sign_in("Publishers", username="robin").user
    theirs.save()
    deleted.delete()
    retold.themes.clear()
    address = f"/admin/mscp/bulkchange/{BulkChange.objects.get().pk}/"
    page = text_of(publisher.get(f"{address}undo/"))
    assert "Elm: Stays: it was changed since by robin." in page
    assert "Ash: It was deleted since." in page and "Yew: Stays: it was changed since." in page
    undo(publisher)
    assert not themes_of(mine) and themes_of(theirs)
    page = text_of(publisher.get(f"{address}change/"))
    assert "Went back." in page and "It was deleted since." in page and "Undone on" in page
    assert "Undo…" not in page
    assert "You undid this already. Nothing more was done." in text_of(undo(publisher, steps=""))


def test_nothing_goes_back_that_was_not_shown(publisher: Client) -> None:
    theme, review, other = make_theme(), make_review(), make_review()
    take(publisher, choose(publisher, REVIEWS, "themes", review, other), do="add", theme=theme.pk)
    address = f"/admin/mscp/bulkchange/{BulkChange.objects.get().pk}/undo/"
    asked = fields_of(publisher.get(address))
    other.refresh_from_db()
    other.save()
    page = publisher.post(address, asked)
    assert "Something changed after you had opened this page. Nothing was done." in text_of(page)
    assert themes_of(review) and BulkChange.objects.get().undone_at is None


def test_a_venue_that_was_deleted_since_does_not_come_back(publisher: Client) -> None:
    old, new = make_venue(), make_venue()
    session = make_session(venue=old)
    take(publisher, choose(publisher, SESSIONS, "set", session), venue=new.pk)
    old.delete()
    assert "Undone: 0 of 1" in text_of(undo(publisher, steps=""))
    session.refresh_from_db()
    assert session.venue == new


def test_an_editor_undoes_only_what_an_editor_may_change(editor: Client, publisher: Client) -> None:
    theme, review = make_theme(), make_review(state=State.DRAFT, summary="Words.")
    take(editor, choose(editor, REVIEWS, "themes", review), do="add", theme=theme.pk)
    past_the_gate(
        PracticeReview.objects.filter(pk=review.pk),
        state="published",
        published_at="2026-11-01T00:00Z",
        first_published_at="2026-11-01T00:00Z",
    )
    address = f"/admin/mscp/bulkchange/{BulkChange.objects.get().pk}/undo/"
    assert "your account may not change it" in text_of(editor.get(address))
    editor.post(address, {"steps": str(review.pk)})
    assert themes_of(review)


def test_who_may_not_change_the_records_learns_nothing_of_a_change(
    publisher: Client, sign_in: Any
) -> None:
    theme, review = make_theme(), make_review(title="Oak", state=State.DRAFT)
    take(publisher, choose(publisher, REVIEWS, "themes", review), do="add", theme=theme.pk)
    address = f"/admin/mscp/bulkchange/{BulkChange.objects.get().pk}"
    nobody = sign_in()
    for tail in ("/change/", "/undo/"):
        assert nobody.get(f"{address}{tail}").status_code == 403
        assert nobody.post(f"{address}{tail}").status_code == 403
        assert Client().get(f"{address}{tail}").status_code == 302
    assert nobody.get("/admin/mscp/bulkchange/").status_code == 403
    for junk in ("x", "9" * 30, "0"):
        assert publisher.get(f"/admin/mscp/bulkchange/{junk}/undo/").status_code == 404
        assert publisher.get(f"/admin/mscp/bulkchange/{junk}/change/").status_code == 404
    assert "Theme" in text_of(publisher.get("/admin/mscp/bulkchange/"))


def test_a_change_of_many_raises_no_content_version_by_itself(publisher: Client) -> None:
    before = versions.current()
    BulkChange.objects.create(what="x", model="reviews.theme", made_at="2026-11-01T00:00Z")
    assert versions.current() == before


@pytest.mark.parametrize("of", [REVIEWS, SESSIONS])
def test_looking_takes_as_many_queries_for_two_as_for_thirty(publisher: Client, of: str) -> None:
    theme, venue = make_theme(), make_venue()
    is_session = of == SESSIONS
    records = [
        make_session(in_days=n + 1, venue=venue)
        if is_session
        else make_review(themes=[make_theme()])
        for n in range(30)
    ]
    values = (
        {"places": "open", "venue": "none"} if is_session else {"do": "add", "theme": str(theme.pk)}
    )
    name = "set" if is_session else "themes"
    counts = []
    for some in (records[:1], records[:2], records):
        keys = urlencode({"id": [record.pk for record in some]}, doseq=True)
        with CaptureQueriesContext(connection) as queries:
            page = publisher.post(f"{of}step/{name}/?{keys}", values)
        assert b'name="shown" value="' in page.content
        counts.append(len(queries))
    # The first also reads what is read once.
    assert counts[1] == counts[2]
