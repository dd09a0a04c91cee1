"""Loader of the first catalogue: the lists on the partnership's own pages, unchanged.

Nothing is invented: what the file does not say stays empty. Every entry has a key that is saved
when it is loaded, so a second run skips it, whatever an editor has changed since.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils.dateformat import format as format_date

from mscp.database import clock
from mscp.exports.base import Json
from mscp.models import ConcernContact, SeededRecord, SiteIdentity
from mscp.publishing.approvals import may_change_live, shipped_content
from mscp.records.audit import Tracked
from mscp.records.history import because
from mscp.records.partial_dates import PartialDate
from reviews.models import (
    Briefing,
    Document,
    ListLink,
    NationalReport,
    PracticeReview,
    Publication,
    Theme,
)
from training.models import Course, Session, Venue

CATALOGUE = settings.BASE_DIR / "data" / "catalogue.json"

# Our own words. The duty they describe is in chapter 5 of the guidance named as their source.
INTRO = (
    "When a child is seriously harmed or dies, and abuse or neglect is known or suspected, we look "
    "at what happened and what can be done better. Here is what was learnt, and the training that "
    "passes it on."
)
NOTICE = (
    "Demonstration: the training dates are those published for {first} to {last}, all moved "
    "forward by {weeks} weeks."
)
REASON = "First catalogue"
# Of what readers see as soon as it is there: it has no draft.
READ_AT_ONCE = ("contact:", "theme:", "link:", "venue:")
SHIFTED = "shift-training"
GROUPED = "theme-groups"
SUGGESTED = "suggested-themes"

Report = Callable[[str], None]


Record = TypeVar("Record", bound=Tracked)


class CatalogueError(Exception):
    """The catalogue cannot be loaded; the message says why."""


def read(path: Path = CATALOGUE) -> Json:
    try:
        catalogue: Json = json.loads(path.read_text(encoding="utf-8"))
        return catalogue
    except FileNotFoundError:
        raise CatalogueError(f"There is no file {path}.") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CatalogueError(f"{path} is not JSON: {error}.") from None


def session_key(entry: Json) -> str:
    return f"session:{entry['course']}:{entry['date']}"


class Loader:
    """Loads a catalogue in one transaction, completely or not at all."""

    def __init__(self, catalogue: Json, report: Report) -> None:
        self.catalogue = catalogue
        self.report = report
        self.is_shipped = CATALOGUE.is_file() and catalogue == read(CATALOGUE)
        self.known = set(SeededRecord.objects.values_list("key", flat=True))

    @transaction.atomic
    def load(self) -> None:
        with shipped_content() if self.is_shipped else nullcontext():
            self._load()

    def _load(self) -> None:
        try:
            self._identity()
            self._suggest_themes()
            self._section("Numbers to call", self._contacts())
            self._section("Themes", self._themes())
            self._section("Practice reviews", self._publications("reviews", self._review))
            self._section("National reports", self._publications("reports", self._report))
            self._section("7-minute learnings", self._publications("learning", self._briefing))
            self._section("Links above lists", self._links())
            self._section("Venues", self._venues())
            self._section("Courses", self._courses())
            self._section("Sessions", self._sessions())
        except (KeyError, TypeError, ValueError) as error:
            raise CatalogueError(f"The catalogue is not as expected: {error!r}.") from error

    # --- keys ---------------------------------------------------------------------------------

    def _section(self, name: str, loaded: Iterator[bool]) -> None:
        new = existing = 0
        for is_new in loaded:
            new, existing = new + is_new, existing + (not is_new)
        self.report(f"{name:<20} {new:>3} new, {existing:>3} already loaded")

    def _once(self, key: str, make: Callable[..., Model], *args: object) -> bool:
        """Make a record unless its key was loaded before; return whether it is new."""
        if key in self.known:
            return False
        if key.startswith(READ_AT_ONCE) and settings.TWO_PEOPLE and not self.is_shipped:
            self.report(f"  {key}: two people are needed, so it is left out: add it by hand")
            return False
        SeededRecord.objects.create(key=key, object_id=make(*args).pk)
        self.known.add(key)
        return True

    # --- sections -----------------------------------------------------------------------------

    def _identity(self) -> None:
        self._once("identity", self._make_identity, self.catalogue["organisation"])

    def _make_identity(self, about: Json) -> SiteIdentity:
        return SiteIdentity.objects.first() or _saved(
            SiteIdentity(
                name=about["name"],
                abbreviation=about["abbreviation"],
                website=about["website"],
                intro=INTRO,
                source_title=about["statutory_guidance"]["title"],
                source_address=about["statutory_guidance"]["url"],
            )
        )

    def _contacts(self) -> Iterator[bool]:
        for position, entry in enumerate(self.catalogue["organisation"]["contacts"], start=1):
            yield self._once(f"contact:{entry['label']}", self._contact, entry, position)

    def _contact(self, entry: Json, position: int) -> ConcernContact:
        # The day of their last check is unknown, so it stays empty.
        return _saved(
            ConcernContact(
                label=entry["label"],
                phone=entry["phone"],
                hours=entry.get("hours") or "",
                position=position,
            )
        )

    def _themes(self) -> Iterator[bool]:
        for position, entry in enumerate(self.catalogue["themes"], start=1):
            yield self._once(f"theme:{entry['slug']}", self._theme, entry, position)
        self._group_themes()

    def _theme(self, entry: Json, position: int) -> Theme:
        return _saved(
            Theme(
                slug=entry["slug"],
                name=entry["name"],
                group=entry.get("group", ""),
                position=position,
            )
        )

    def _group_themes(self) -> None:
        """Group, once, the themes that an earlier release loaded without groups."""
        if GROUPED in self.known or (settings.TWO_PEOPLE and not self.is_shipped):
            return
        loaded = self._loaded("theme:", Theme)
        for entry in self.catalogue["themes"]:
            theme = loaded.get(entry["slug"])
            if theme and not theme.group and entry.get("group"):
                theme.group = entry["group"]
                _saved(theme)
        SeededRecord.objects.create(key=GROUPED)
        self.known.add(GROUPED)

    def _publications(self, section: str, build: Callable[[Json], Publication]) -> Iterator[bool]:
        for entry in self.catalogue[section]:
            yield self._once(f"{section}:{entry['slug']}", self._publication, build, entry)

    def _publication(self, build: Callable[[Json], Publication], entry: Json) -> Publication:
        publication = build(entry)
        publication.slug = entry["slug"]
        publication.title = entry.get("title") or ""
        publication.publisher = entry.get("publisher") or ""
        publication.listed_as = entry.get("listed_as") or ""
        publication.report_date = _partial(entry.get("published"))
        publication.staff_note = entry.get("note") or ""
        publication.taken_over = True
        _saved(publication)
        self._give_themes(publication, entry)
        for position, document in enumerate(entry["documents"], start=1):
            self._document(publication, document, position)
        self._go_live(publication)
        return publication

    def _document(self, publication: Publication, entry: Json, position: int) -> None:
        _saved(
            Document(
                publication=publication,
                kind=entry["kind"],
                title=entry["title"],
                url=entry["url"],
                leads_to_file=entry["is_file"],
                leads_to_list=entry.get("is_list", False),
                url_checked=entry["url_verified"],
                pages=entry.get("pages"),
                dated=_partial(entry.get("dated")),
                position=position,
            )
        )

    def _review(self, entry: Json) -> Publication:
        return PracticeReview(
            type=entry["kind"],
            pseudonym=entry["pseudonym"] or "",
            child_reference=entry["child_reference"] or "",
            completed=_partial(entry["completed"]),
        )

    def _report(self, entry: Json) -> Publication:
        first, _, last = (entry["covers"] or "").partition(" to ")
        return NationalReport(
            type=entry["kind"],
            covers_from=int(first) if first else None,
            covers_to=int(last) if last else None,
        )

    def _briefing(self, entry: Json) -> Publication:
        return Briefing()

    def _links(self) -> Iterator[bool]:
        for position, entry in enumerate(self.catalogue.get("links", []), start=1):
            yield self._once(f"link:{entry['list']}:{entry['text']}", self._link, entry, position)

    def _link(self, entry: Json, position: int) -> ListLink:
        return _saved(
            ListLink(
                kind=entry["list"], text=entry["text"], address=entry["url"], position=position
            )
        )

    def _venues(self) -> Iterator[bool]:
        for entry in self.catalogue["venues"]:
            yield self._once(f"venue:{entry['slug']}", self._venue, entry)

    def _venue(self, entry: Json) -> Venue:
        known = entry["accessibility"] != "not known"
        return _saved(
            Venue(
                slug=entry["slug"],
                name=entry["name"],
                street=entry["street"],
                town=entry["town"],
                postcode=entry["postcode"],
                accessibility=entry["accessibility"] if known else "",
                staff_note=entry.get("note") or "",
            )
        )

    def _courses(self) -> Iterator[bool]:
        for entry in self.catalogue["courses"]:
            yield self._once(f"course:{entry['slug']}", self._course, entry)

    def _course(self, entry: Json) -> Course:
        course = _saved(Course(slug=entry.get("address") or entry["slug"], title=entry["title"]))
        self._give_themes(course, entry)
        self._go_live(course)
        return course

    def _go_live(self, record: Publication | Course) -> None:
        """Publish a record of the catalogue that is shipped; of another, two people see to it."""
        if self.is_shipped or not settings.TWO_PEOPLE:
            record.publish()

    def _sessions(self) -> Iterator[bool]:
        # Found by the loaded keys, not by slug or title: an editor may have changed those.
        courses, venues = self._loaded("course:", Course), self._loaded("venue:", Venue)
        for entry in self.catalogue["sessions"]:
            course = courses.get(entry["course"])
            key = session_key(entry)
            if course is None and key not in self.known:
                self.report(f"  {key}: its course was deleted here, so it is left out")
                continue
            with shipped_content() if self.is_shipped else nullcontext():
                may = may_change_live() or course is None or course.may_have_gaps
                if not may and key not in self.known:
                    self.report(f"  {key}: its course is live, so two people see to it")
                    continue
                yield self._once(key, self._session, entry, course, venues.get(entry["venue"]))

    def _session(self, entry: Json, course: Course, venue: Venue | None) -> Session:
        return _saved(
            Session(
                course=course,
                start_date=date.fromisoformat(entry["date"]),
                delivery=entry["delivery"],
                venue=venue,
                note=entry["note"] or "",
                bulk_loaded=True,
            )
        )

    def _give_themes(self, record: Publication | Course, entry: Json) -> None:
        """Give a record the themes that were inferred from its title, as suggested ones."""
        themes = self._themes_of(entry)
        record.themes.set(themes)
        record.suggested_themes.set(themes)

    def _suggest_themes(self) -> None:
        """Mark, once, the themes that an earlier release loaded without saying they are inferred.

        Only those that a record still has; of what editors chose nobody knows better.
        """
        if SUGGESTED in self.known:
            return
        models = {"reviews": Publication, "reports": Publication, "learning": Publication}
        for section, model in {**models, "courses": Course}.items():
            prefix = "course:" if model is Course else f"{section}:"
            loaded: dict[str, Any] = self._loaded(prefix, model)
            for entry in self.catalogue[section]:
                if record := loaded.get(entry["slug"]):
                    themes = self._themes_of(entry)
                    still = record.themes.filter(pk__in=[theme.pk for theme in themes])
                    record.suggested_themes.set(still)
        SeededRecord.objects.create(key=SUGGESTED)
        self.known.add(SUGGESTED)

    def _themes_of(self, entry: Json) -> list[Theme]:
        themes = self._loaded("theme:", Theme)
        return [themes[slug] for slug in entry["themes"] if slug in themes]

    def _loaded(self, prefix: str, model: type[Record]) -> dict[str, Record]:
        rows = SeededRecord.objects.filter(key__startswith=prefix)
        records = model._default_manager.in_bulk([row.object_id for row in rows])
        found = {row.key.removeprefix(prefix): records.get(row.object_id) for row in rows}
        return {slug: record for slug, record in found.items() if record}


@transaction.atomic
def shift_training(catalogue: Json, report: Report) -> None:
    """Move the loaded sessions by full weeks so that the first is in the future; only once.

    A session to which an editor has given another day stays on it.
    """
    if SeededRecord.objects.filter(key=SHIFTED).exists():
        report("Training was moved before; its dates stay as they are.")
        return
    keys = {
        session_key(entry): date.fromisoformat(entry["date"]) for entry in catalogue["sessions"]
    }
    rows = {
        row.object_id: keys[row.key]
        for row in SeededRecord.objects.filter(key__in=list(keys))
        if row.object_id
    }
    sessions = [
        session
        for session in Session.objects.filter(pk__in=list(rows))
        if session.start_date == rows[session.pk]
    ]
    weeks = _weeks_until_ahead(min(keys.values()))
    for session in sessions:
        session.start_date += timedelta(weeks=weeks)
        if session.end_date:
            session.end_date += timedelta(weeks=weeks)
        because(session, f"Moved {weeks} weeks for the demonstration").save()
    # No attendee needs to be notified.
    Session.objects.filter(pk__in=[session.pk for session in sessions]).update(revised_at=None)
    identity = SiteIdentity.load()
    if weeks and not identity.notice:
        first, last = (format_date(day, "F Y") for day in (min(keys.values()), max(keys.values())))
        identity.notice = NOTICE.format(first=first, last=last, weeks=weeks)
        with shipped_content():
            identity.save()
    SeededRecord.objects.create(key=SHIFTED)
    report(f"{len(sessions)} sessions moved forward by {weeks} weeks.")


def _weeks_until_ahead(first: date) -> int:
    """Return the fewest weeks that put a day after today."""
    behind = (clock.today() - first).days
    return max(0, behind // 7 + 1)


def _partial(text: str | None) -> PartialDate | None:
    return PartialDate.from_iso(text) if text else None


def _saved(record: Record) -> Record:
    because(record, REASON).save()
    return record
