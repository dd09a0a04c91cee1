"""The content version is another after every change that visitors may see, and after no other."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, connections, transaction
from django.utils import timezone

from mscp.cache import versions
from mscp.database import clock as database_clock
from mscp.models import ConcernContact, SearchSynonym, SiteIdentity, StatementConfirmation
from mscp.publishing.gate import Publishable, State
from mscp.publishing.releases import Release
from mscp.search import maintenance
from reviews.models import (
    Document,
    DocumentPage,
    FileWords,
    Finding,
    PagePicture,
    PracticeReview,
    Publication,
    Theme,
    keep_pages,
)
from tests.factories import (
    MINIMAL_PDF,
    make_audience,
    make_briefing,
    make_contact,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_identity,
    make_page,
    make_picture,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
    past_the_gate,
)
from training.models import Audience, Course, Session, Venue

pytestmark = pytest.mark.django_db

Change = Callable[[], Any]


class World:
    """A record of each kind at a state, with all that hangs on it."""

    def __init__(self, state: State) -> None:
        self.theme, self.audience, self.venue = make_theme(), make_audience(), make_venue()
        self.other_theme, self.other_audience = make_theme(), make_audience()
        themes = [self.theme]
        self.open_review = make_review(title="Open")
        self.review = make_review(state=state, themes=themes)
        self.report = make_report(state=state, themes=themes)
        self.briefing = make_briefing(state=state, themes=themes)
        self.file = make_file(MINIMAL_PDF, pages=["One", "Two"])
        make_picture(self.file)
        self.document = make_document(self.review, file=self.file)
        self.link = make_document(self.report)
        self.finding = make_finding(self.file)
        self.course = make_course(state=state, themes=themes)
        self.course.audiences.add(self.audience)
        self.course.publications.add(self.open_review)
        self.session = make_session(self.course, venue=self.venue)
        self.page = make_page(state=state)

    def changes(self) -> dict[str, Change]:
        """Return every way to change one of them, those that delete last."""
        found: dict[str, Change] = {}
        for record in (self.review, self.report, self.briefing, self.course, self.page):
            kind = type(record)
            name = kind.__name__
            found[f"{name} saved"] = record.save
            found[f"{name} updated"] = partial(self._of(record).update, slug=f"other-{name}")
        found |= {
            "kind's own table": partial(self._of(self.review).update, pseudonym="Vamp"),
            "part of a learning": partial(self._of(self.briefing).update, background="Words."),
            "theme added": partial(self.review.themes.add, self.other_theme),
            "theme removed": partial(self.review.themes.remove, self.other_theme),
            "document added": partial(make_document, self.review),
            "document saved": self.document.save,
            "document updated": partial(self._of(self.link).update, title="Other"),
            "file updated": partial(self._of(self.file).update, has_text=False),
            "pages updated": partial(DocumentPage.objects.filter(number=1).update, text="Other"),
            "pages written again": partial(keep_pages, self.file, [("Three", [])]),
            "pictures updated": partial(PagePicture.objects.update, width=1),
            "words updated": partial(FileWords.objects.update, words=" other "),
            "finding added": partial(make_finding, self.file),
            "finding updated": partial(Finding.objects.update, page=2),
            "finding deleted": partial(self._delete, Finding.objects),
            "session added": partial(make_session, self.course),
            "session saved": self.session.save,
            "session updated": partial(self._of(self.session).update, note="Other"),
            "audience added": partial(self.course.audiences.add, self.other_audience),
            "audience removed": partial(self.course.audiences.remove, self.other_audience),
            "theme of the course": partial(self.course.themes.add, self.other_theme),
            "publication taught": partial(self.course.publications.clear),
            "session deleted": partial(self._delete, self._of(self.session)),
            "document deleted": partial(self._delete, self._of(self.link)),
            "review deleted": partial(self._delete, self._of(self.review)),
            "report deleted": partial(self._delete, self._of(self.report)),
            "learning deleted": partial(self._delete, self._of(self.briefing)),
            "course deleted": partial(self._delete, self._of(self.course)),
            "page deleted": partial(self._delete, self._of(self.page)),
        }
        return found

    @staticmethod
    def _of(record: Any) -> Any:
        return type(record)._base_manager.filter(pk=record.pk)

    @staticmethod
    def _delete(rows: Any) -> None:
        deleted, _ = rows.all().delete()
        assert deleted


def raising(changes: dict[str, Change]) -> dict[str, bool]:
    """Make each change, and return of each whether it raised the version."""
    found = {}
    before = versions.current()
    for name, change in changes.items():
        change()
        after = versions.current()
        assert after
        found[name] = after != before
        before = after
    return found


def test_no_change_of_a_draft_or_of_what_hangs_on_it_raises_the_version() -> None:
    found = raising(World(State.DRAFT).changes())
    assert {name for name, raised in found.items() if raised} == set()


@pytest.mark.parametrize("state", [State.PUBLISHED, State.SCHEDULED, State.WITHDRAWN])
def test_every_change_of_what_is_public_or_was_or_will_be_raises_it(state: State) -> None:
    found = raising(World(state).changes())
    assert {name for name, raised in found.items() if not raised} == set()


def test_what_has_no_state_always_raises_it() -> None:
    identity, contact, theme = make_identity(), make_contact(), make_theme()
    venue, audience = make_venue(), make_audience()
    confirmation = StatementConfirmation.objects.create()
    synonym = SearchSynonym.objects.create(terms="CE, child exploitation")
    records = [identity, contact, theme, venue, audience, confirmation, synonym]
    makers = [make_contact, make_theme, make_venue, make_audience]
    kinds = (SiteIdentity, ConcernContact, StatementConfirmation, SearchSynonym)
    deletable = (*kinds, Theme, Venue, Audience)
    changes = {f"{type(record).__name__} saved": record.save for record in records}
    changes |= {maker.__name__: maker for maker in makers}
    changes |= {
        f"{model.__name__} deleted": partial(World._delete, model.objects) for model in deletable
    }
    assert all(raising(changes).values())


def test_every_step_between_the_stages_raises_it() -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    later = timezone.now() + timedelta(days=1)
    steps = {
        "schedule": partial(review.publish, at=later),
        "back to draft": review.return_to_draft,
        "publish": review.publish,
        "withdraw": partial(review.withdraw, reason="A test"),
        "take up again": review.return_to_draft,
    }
    assert all(raising(steps).values())


def test_a_part_that_moves_from_a_draft_to_what_is_public_raises_it_and_back() -> None:
    draft, public = make_course(state=State.DRAFT), make_course()
    session = make_session(draft)
    of_session = Session.objects.filter(pk=session.pk)
    file = make_file(MINIMAL_PDF, pages=["Words"])
    document = make_document(make_review(state=State.DRAFT), file=file)
    of_document = Document.objects.filter(pk=document.pk)
    changes = {
        "to the public course": partial(of_session.update, course=public),
        "to the draft again": partial(of_session.update, course=draft),
        "to the public review": partial(of_document.update, publication=make_review()),
        "a page of its file": partial(DocumentPage.objects.update, text="Other"),
        "a file for it": partial(of_document.update, file=make_file(MINIMAL_PDF + b"%")),
    }
    assert all(raising(changes).values())
    assert not any(raising({"its old file": partial(file.text_pages.update, text="x")}).values())


def test_what_visitors_see_nothing_of_leaves_it() -> None:
    make_file(MINIMAL_PDF, pages=["Of nobody yet"])
    changes = {
        "upload": partial(make_file, MINIMAL_PDF + b"%1", pages=["Words"]),
        "pages": partial(DocumentPage.objects.update, text="Other"),
        "nothing": partial(PracticeReview.objects.filter(pk=-1).update, title="x"),
    }
    assert not any(raising(changes).values())


def test_plain_sql_raises_it_too() -> None:
    review = make_review(themes=[make_theme()])

    def run(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, [review.pk])

    seen = {
        "of all": "UPDATE reviews_theme SET name = name || '!' WHERE id <> -%s",
        "to draft": "UPDATE reviews_publication SET state = 'draft', published_at = NULL "
        "WHERE id = %s",
    }
    assert all(raising({name: partial(run, sql) for name, sql in seen.items()}).values())
    unseen = "UPDATE reviews_publication SET title = 'x' WHERE id = %s"
    assert not any(raising({"draft": partial(run, unseen)}).values())


def test_every_table_of_what_is_published_is_followed() -> None:
    """A table that is new here must be registered, or be known to be seen by nobody."""
    unseen = {
        "mscp_stamp",
        "mscp_contentchange",
        "mscp_wordindexstate",
        "mscp_seededrecord",
        "mscp_dismissedstep",
        "mscp_handover",
        "mscp_autosave",
        "mscp_heldfile",
        # What people outside are shown is never kept.
        "mscp_previewlink",
        "mscp_previewopening",
        "mscp_previewanswer",
        "mscp_accountevent",
        "mscp_backup",
        "mscp_passwordlink",
        "mscp_bulkchange",
        "mscp_pendingchange",
        # What staff looked at before it was public.
        "mscp_settledidentifier",
        "mscp_absencecheck",
        "reviews_fileidentifiers",
        # Readers see the page on which a correction was laid.
        "reviews_pagecorrection",
        # Asked at each 404, of which none is kept; nor is a redirect.
        "mscp_redirect",
        "mscp_knownword",
        "training_programmeimport",
        "training_programmesource",
        # Which themes nobody has confirmed; readers see no difference.
        "reviews_publication_suggested_themes",
        "training_course_suggested_themes",
    }
    ours = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ("mscp", "reviews", "training")
        and not hasattr(model, "history_object")
        and not model._meta.model_name.startswith("historical")
    }
    assert ours - unseen == versions.table_names()
    with_a_moment = {m._meta.db_table for m in [*Publishable.__subclasses__(), Release]}
    assert with_a_moment == {table.name for table in versions.TABLES if table.next_moment}


def test_a_change_that_is_taken_back_brings_back_the_version() -> None:
    before = versions.current()
    with transaction.atomic():
        make_session()
        assert versions.current() != before
        transaction.set_rollback(True)
    assert versions.current() == before


def test_a_change_of_many_leaves_as_many_tokens_as_a_change_of_one() -> None:
    make_review()
    seen = [versions.current()]
    for _ in range(3):
        make_review()
        seen.append(versions.current())
    assert len(set(seen)) == 4
    assert {len(version) for version in seen} == {len(seen[0])}


def test_a_pinned_version_costs_no_query_and_ends_with_its_answer(
    django_assert_num_queries: Any,
) -> None:
    version = versions.current()
    with django_assert_num_queries(0), versions.pinned(version):
        assert versions.current() == version
    with django_assert_num_queries(1):
        assert versions.current() == version


# --- the clock -----------------------------------------------------------------------------------


def london(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-11-23 10:00", "2026-11-24"),
        ("2026-12-01 00:00", "2026-12-02"),
        ("2026-11-23 23:59:59", "2026-11-24"),
        # The days on which the clocks change: of 25 and of 23 hours.
        ("2026-10-25 00:30", "2026-10-26"),
        ("2027-03-28 00:30", "2027-03-29"),
        ("2026-07-01 23:30", "2026-07-02"),
    ],
)
def test_the_horizon_is_londons_midnight(clock: Any, now: str, midnight: str) -> None:
    clock.move_to(london(now))
    assert versions.horizon(versions.current()) == london(midnight)


@pytest.mark.parametrize("make", [make_review, make_report, make_briefing, make_course, make_page])
def test_the_horizon_is_the_next_schedule_and_after_it_the_one_behind(
    clock: Any, make: Callable[..., Any]
) -> None:
    first, second = (make(state=State.SCHEDULED) for _ in range(2))
    start = database_clock.now()
    for record, minutes in ((first, 5), (second, 9)):
        rows = Publication if isinstance(record, Publication) else type(record)
        moment = start + timedelta(minutes=minutes)
        moments = {"published_at": moment, "first_published_at": moment}
        past_the_gate(rows._base_manager.filter(pk=record.pk), **moments)
    assert versions.horizon(versions.current()) == start + timedelta(minutes=5)
    clock.shift(timedelta(minutes=5))
    assert versions.horizon(versions.current()) == start + timedelta(minutes=9)
    clock.shift(timedelta(minutes=4))
    tomorrow = database_clock.today() + timedelta(days=1)
    assert versions.horizon(versions.current()) == database_clock.start_of_day(tomorrow)


def test_the_horizon_is_read_once_for_a_version(django_assert_num_queries: Any) -> None:
    version = versions.current()
    versions.horizon(version)
    with django_assert_num_queries(0):
        versions.horizon(version)
    make_review()
    version = versions.current()
    # What changed, and the moments of the one table.
    with django_assert_num_queries(2):
        versions.horizon(version)


# --- two at once ---------------------------------------------------------------------------------


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["document", "session", "theme", "finding", "page", "attach"])
def test_what_is_added_to_a_draft_while_another_publishes_it_is_seen(what: str) -> None:
    """Neither sees what the other does; whichever ends last must raise the version."""
    review = make_review(state=State.DRAFT, summary="Words.")
    course = make_course(state=State.DRAFT, summary="Words.")
    theme = make_theme()
    file = make_file(MINIMAL_PDF, pages=["Words"])
    public = make_review()
    document = make_document(review, file=file) if what != "attach" else make_document(public)
    add: dict[str, Change] = {
        "document": partial(make_document, review),
        "session": partial(make_session, course),
        "theme": partial(review.themes.add, theme),
        "finding": partial(make_finding, file),
        "page": partial(file.text_pages.update, text="Other"),
        "attach": partial(file.text_pages.update, text="Other"),
    }
    publish: dict[str, Change] = {
        "session": partial(
            past_the_gate,
            Course.objects.filter(pk=course.pk),
            state="published",
            published_at=timezone.now(),
            first_published_at=timezone.now(),
        ),
        "attach": partial(Document.objects.filter(pk=document.pk).update, file=file, url=""),
    }
    publish_it = publish.get(
        what,
        partial(
            past_the_gate,
            Publication.objects.filter(pk=review.pk),
            state="published",
            published_at=timezone.now(),
            first_published_at=timezone.now(),
        ),
    )
    for first, second in ((publish_it, add[what]), (add[what], publish_it)):
        _in_two_transactions(first, second)
        if first is publish_it:
            # Back to where it was.
            Document.objects.filter(pk=document.pk).update(
                **({"file": None, "url": "https://x.org/"} if what == "attach" else {"pages": 3})
            )
            for rows in (Publication.objects.filter(pk=review.pk), Course.objects.all()):
                past_the_gate(rows, state="draft", published_at=None)
            review.themes.clear()


def _in_two_transactions(first: Change, second: Change) -> None:
    """Make one change, then the other, and end them so: the last end must raise the version."""
    seen = [versions.current()]
    begun, done, may_end = Event(), Event(), Event()

    def other() -> None:
        try:
            with transaction.atomic():
                begun.set()
                second()
                done.set()
                may_end.wait(10)
        finally:
            connections.close_all()

    thread = Thread(target=other)
    with transaction.atomic():
        first()
        thread.start()
        begun.wait(10)
        # It waits for this one, or does not need to.
        done.wait(0.3)
    assert done.wait(10)
    seen.append(versions.current())
    may_end.set()
    thread.join(10)
    assert versions.current() not in seen


# --- triggers of earlier releases ----------------------------------------------------------------


def test_the_triggers_of_earlier_releases_go_and_their_processes_keep_nothing() -> None:
    def run(*statements: str) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    if connection.vendor == "sqlite":
        run(
            "CREATE TRIGGER stamp_site_mscp_page_insert AFTER INSERT ON mscp_page "
            "BEGIN SELECT 1; END"
        )
    else:
        run(
            "CREATE FUNCTION stamp_site() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NULL; END $$",
            "CREATE TRIGGER stamp_site_mscp_page AFTER INSERT ON mscp_page "
            "FOR EACH STATEMENT EXECUTE FUNCTION stamp_site()",
        )
    before = versions.current()
    maintenance.ensure()
    assert maintenance.faults() == [] and versions.current() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM mscp_stamp WHERE name = 'site'")
        assert cursor.fetchall() == [(versions.SUSPENDED,)]
    maintenance.ensure()
    make_page()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mscp_stamp WHERE name = 'site'")
        assert cursor.fetchone() == (1,)
