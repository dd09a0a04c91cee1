"""Walks every address of the site with everything hidden that can be hidden, and finds none of it.

Every hidden record carries a canary word in each of its texts, so a leak of any field shows. What
is new here must be added to ``addresses``; a test below fails when an address is forgotten.
"""

import itertools
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from mscp.publishing.gate import State
from mscp.publishing.preview_links import PreviewLink
from mscp.records.partial_dates import PartialDate
from reviews.models import DocumentFile
from tests.factories import (
    HIDDEN_STAGES,
    MINIMAL_PDF,
    make_audience,
    make_briefing,
    make_correction,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_note,
    make_page,
    make_picture,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
    paragraph,
    picture_address,
)
from tests.pages import body_of

pytestmark = pytest.mark.django_db

CANARY = "Zebrafinch"
# A year and a month with hidden records only.
HIDDEN_YEAR, HIDDEN_MONTH = "1987", "2031-08"
# Ends of the names of the routes that give a list in another format.
FORMATS = ("_atom", "_csv", "_json", "_json_v1")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


# A stage of hiding beside the states: a proposed change to something that is live.
PROPOSED = "proposed change"
STAGES: list[Any] = [*HIDDEN_STAGES, PROPOSED]


def made(make: Any, stage: Any, *, themes: Any = (), **fields: Any) -> Any:
    """Make a record in one of the stages; a proposed change is one to a public record."""
    if stage is not PROPOSED:
        return make(state=stage, themes=themes, **fields) if themes else make(state=stage, **fields)
    live = make(title=f"Open {make.__name__.removeprefix('make_')} with a change")
    if make is make_course:
        make_session(live, in_days=12)
    change = live.propose_change()
    if make is make_course:
        # What stands for the public one.
        change.sessions.update(note=f"{CANARY} note", start_date="2031-08-05")
    for name, value in fields.items():
        setattr(change, name, value)
    change.save()
    if themes:
        change.themes.set(themes)
    return change


def _accepted(file: Any) -> dict[str, Any]:
    return {
        "accepted_reason": "A test",
        "accepted_sha256": file.sha256,
        "accepted_by_name": "Ed",
        "accepted_at": timezone.now(),
    }


@dataclass(frozen=True)
class Hidden:
    """What a world hides in one of the states."""

    review: Any
    report: Any
    learning: Any
    course: Any
    page: Any
    file: Any
    unsettled: Any
    ended_links: list[str]


def ended_links(record: Any) -> list[str]:
    """Return the addresses of links for people outside: one revoked, one whose time has passed."""
    user: Any = AnonymousUser()
    revoked, passed = (PreviewLink.make(record, name=CANARY, days=7, user=user) for _ in range(2))
    revoked[0].revoke()
    long_ago = timezone.now() - timedelta(days=60)
    over = PreviewLink.objects.filter(pk=passed[0].pk)
    over.update(created_at=long_ago, expires_at=long_ago + timedelta(days=7))
    return [revoked[1], passed[1]]


class World:
    """Something of everything, public and hidden, under the same theme, audience and venue.

    Of the hidden there is one in each of the states; those of the last have names of their own.
    """

    def __init__(self, *states: Any) -> None:
        self.hidden: list[Any] = []
        self.hidden_in: dict[Any, Hidden] = {}
        self.hidden_courses: list[Any] = []
        self.files: list[Any] = []
        self.ended_links: list[str] = []
        self.theme = make_theme(name="Shared theme")
        self.hidden_theme = make_theme(name="Otherwise unused theme")
        self.audience = make_audience(name="Everybody")
        self.venue = make_venue(name="Town hall")
        themes = [self.theme]
        self.review = make_review(title="Open review", themes=themes, summary="Words.")
        self.public = [
            self.review,
            make_report(title="Open report", themes=themes),
            make_briefing(title="Open learning", themes=themes),
        ]
        for publication in self.public:
            make_document(publication, title="Open document")
        exempt = {"is_exempt": True, "exemption_reason": "Old."}
        old = make_document(self.review, title="Open old file", pdf=MINIMAL_PDF, **exempt)
        self.old_file = old
        make_finding(old.file, kind="no_tags", details=[])  # type: ignore[arg-type]
        self.course = make_course(title="Open course", themes=themes)
        make_session(self.course, venue=self.venue)
        self.page = make_page(title="Open page")
        for state in states:
            self._hide(state)

    def _hide(self, state: Any) -> None:
        themes = [self.theme, self.hidden_theme]
        texts = {
            "title": f"{CANARY} title",
            "summary": f"{CANARY} summary",
            "publisher": f"{CANARY} press",
            "listed_as": f"{CANARY} list",
            "report_date": PartialDate(int(HIDDEN_YEAR)),
        }
        self.hidden_review = made(
            make_review, state, themes=themes, pseudonym=CANARY, aliases=CANARY, **texts
        )
        self.hidden_report = made(make_report, state, themes=themes, **texts)
        self.hidden_learning = made(
            make_briefing, state, themes=themes, review=self.review, background=CANARY, **texts
        )
        for publication in (self.hidden_review, self.hidden_report, self.hidden_learning):
            make_document(publication, title=f"{CANARY} document", url="https://zebrafinch.org/")
        self.file = make_document(
            self.hidden_review,
            title=f"{CANARY} file",
            is_exempt=True,
            exemption_reason=f"{CANARY} reason",
            file=make_file(
                MINIMAL_PDF + b"%Zebrafinch",
                pages=[f"{CANARY} words"],
                title=f"{CANARY} properties",
                original_name=f"{CANARY}.pdf",
            ),
        )
        make_finding(self.file.file, details=[CANARY], **_accepted(self.file.file))
        # An earlier version of a published document, and one that nobody may have yet.
        self.open_file = make_document(
            self.review, title="Open file", pdf=MINIMAL_PDF + b"%Zebrafinch first"
        )
        replaced = self.open_file.file
        self.open_file.file = make_file(MINIMAL_PDF, pages=["Open words."])
        self.open_file.save()
        make_finding(self.open_file.file, kind="no_tags", details=[])
        self.unsettled = make_document(
            self.review,
            title=f"{CANARY} unsettled",
            file=make_file(MINIMAL_PDF + b"%Zebrafinch", pages=[CANARY]),
        )
        make_finding(self.unsettled.file, details=[CANARY])
        # What staff corrected of a hidden file, and of one that is served no more.
        for file in (self.file.file, replaced):
            make_correction(file, 1, [paragraph(f"{CANARY} corrected")], picture_alt=CANARY)
        for file in DocumentFile.objects.filter(pictures=None):
            make_picture(file)
        for document in (self.file, self.unsettled):
            make_finding(document.file, kind="no_tags", details=[CANARY])
        self.hidden_course = made(
            make_course,
            state,
            themes=themes,
            title=f"{CANARY} course",
            summary=CANARY,
            description=CANARY,
            provider=CANARY,
        )
        self.hidden_course.audiences.add(self.audience)
        make_session(
            self.hidden_course, venue=self.venue, note=f"{CANARY} note", start_date="2031-08-04"
        )
        make_session(self.hidden_course, in_days=-9, note=f"{CANARY} note")
        # What is public leads to nothing hidden, however closely the two belong together.
        learning: Any = self.public[2]
        learning.review = self.hidden_review
        learning.save()
        self.hidden_course.publications.add(*self.public)
        self.course.publications.add(self.hidden_review, self.hidden_report, self.hidden_learning)
        self.hidden_page = made(make_page, state, title=f"{CANARY} page", body=CANARY)
        self.hidden_in[state] = Hidden(
            review=self.hidden_review,
            report=self.hidden_report,
            learning=self.hidden_learning,
            course=self.hidden_course,
            page=self.hidden_page,
            file=self.file,
            unsettled=self.unsettled,
            ended_links=ended_links(self.hidden_review),
        )
        self.ended_links += self.hidden_in[state].ended_links
        self.hidden_courses.append(self.hidden_course)
        self.files += [self.file, self.open_file, self.unsettled]
        hidden = [
            self.hidden_review,
            self.hidden_report,
            self.hidden_learning,
            self.hidden_course,
            self.hidden_page,
        ]
        for record in hidden:
            make_note(record, f"{CANARY} change")
            # Told when its change is applied, or when what was withdrawn is put back.
            make_note(record, f"{CANARY} change to come", noted_at=None)
        for record in (self.review, self.course, self.page):
            make_note(record, f"{CANARY} change to come", noted_at=None)
        self.hidden += hidden

    def addresses(self) -> dict[str, list[str]]:
        """Return every public address by the name of its route."""
        lists = ["", "?sort=oldest", "?sort=title", f"?theme={self.theme.slug}", f"?q={CANARY}"]
        lists += [f"?theme={self.hidden_theme.slug}", f"?year={HIDDEN_YEAR}", "?page=2"]
        training = ["", "?when=all", "?when=past", f"?month={HIDDEN_MONTH}&when=all"]
        training += [f"?course={one.slug}&when=all" for one in self.hidden_courses]
        training += [f"?q={CANARY}&when=all"]
        training += [f"?audience={self.audience.slug}&when=all", "?venue=town-hall&when=all"]
        training += ["?access=step-free&when=all", "?view=month&page=2"]
        training += [
            "?view=month",
            f"?view=month&month={HIDDEN_MONTH}",
            "?view=month&month=2026-11",
        ]
        return self._other_formats(lists, training) | {
            "home": ["/"],
            "search": [f"/search/{query}" for query in [*lists, "?q=open"]],
            "suggestions": [
                f"/search/suggestions/?q={words}"
                for words in (CANARY, "zebra", "open", "otherwise")
            ],
            "new": ["/new/"],
            "new_atom": ["/new/feed.atom"],
            "themes:list": ["/themes/"],
            "themes:detail": [
                self.theme.get_absolute_url(),
                self.hidden_theme.get_absolute_url(),
            ],
            "training:sessions": [f"/training/{query}" for query in training],
            "training:course": [self.course.get_absolute_url()],
            "training:calendar": [f"/training/calendar.ics{query}" for query in training],
            "training:course_calendar": [
                course.calendar_address for course in (self.course, *self.hidden_courses)
            ],
            "training:session_calendar": [
                session.calendar_address
                for course in (self.course, *self.hidden_courses)
                for session in course.sessions.all()
            ],
            "training:session_qr": [
                session.qr_address
                for course in (self.course, *self.hidden_courses)
                for session in course.sessions.all()
            ],
            "training:venue": [self.venue.get_absolute_url()],
            "training:venues": ["/training/venues/", "/training/venues/?access=step-free"],
            "training:venue_photo": [f"{self.venue.get_absolute_url()}photo.webp"],
            "training:venue_photo_jpeg": [f"{self.venue.get_absolute_url()}photo.jpg"],
            "reviews:practice_reviews": [f"/reviews/{query}" for query in lists],
            "reviews:national_reports": [f"/reports/{query}" for query in lists],
            "reviews:briefings": [f"/learning/{query}" for query in lists],
            "reviews:practice_review": [self.public[0].get_absolute_url()],
            "reviews:national_report": [self.public[1].get_absolute_url()],
            "reviews:briefing": [self.public[2].get_absolute_url()],
            **{
                f"reviews:{publication.kind}_{ending}": [
                    f"{publication.get_absolute_url()}cite.{ending}"
                ]
                for publication in self.public
                for ending in ("ris", "bib")
            },
            "reviews:document": [
                *(document.get_absolute_url() for document in self.files),
                *(document.download_address for document in self.files),
                *(f"/documents/{document.uid}/x" for document in self.files),
            ],
            "reviews:read": [
                f"/documents/{document.uid}/read/{query}"
                for document in self.files
                for query in ("", "?q=words")
            ],
            "reviews:page_picture": [
                picture_address(document, number)
                for document in self.files
                for number in (1, 2, 10**20)
            ],
            "reviews:cover": [
                f"/documents/{document.uid}/cover-{width}.webp"
                for document in self.files
                for width in (160, 480, 481)
            ],
            "preview:page": self.ended_links,
            "preview:answer": [f"{link}answer/" for link in self.ended_links],
            **{
                f"preview:{name}": [f"{link}documents/{self.file.uid}/{tail}" for tail in tails]
                for link in self.ended_links[:1]
                for name, tails in {
                    "document": [self.file.file_name, "x"],
                    "read": ["read/"],
                    "cover": ["cover-160.webp"],
                    "page_picture": [picture_address(self.file).rpartition("/")[2]],
                }.items()
            },
            "page": ["/open-page/", "/about/", "/privacy/"],
            "accessibility": [
                f"/accessibility/{query}" for query in ("", "?page=2&old=2", f"?page={CANARY}")
            ],
            "sitemap": ["/sitemap.xml"],
            "sitemap_section": [
                f"/sitemap-{section}.xml"
                for section in ("lists", "pages", "reviews", "reports", "learning", "texts")
            ]
            + ["/sitemap-courses.xml", "/sitemap-themes.xml", "/sitemap-venues.xml"],
            "numbers_to_call": ["/numbers-to-call/"],
            "favicon": ["/favicon.ico"],
            "logo": ["/logo/0.svg"],
            "touch_icon": ["/apple-touch-icon.png"],
            "robots": ["/robots.txt"],
            "security": ["/.well-known/security.txt"],
            "healthz": ["/healthz"],
            "readyz": ["/readyz"],
            "developers": ["/developers/"],
            "styleguide": ["/styleguide/"],
            "publications_schema": ["/developers/publications.v1.schema.json"],
            "sessions_schema": ["/developers/sessions.v1.schema.json"],
        }

    def _other_formats(self, lists: list[str], training: list[str]) -> dict[str, list[str]]:
        files = {
            "atom": "feed.atom",
            "csv": "export.csv",
            "json": "export.json",
            "json_v1": "export.v1.json",
        }
        routes = {
            "search": ("/search/", lists),
            "reviews:practice_reviews": ("/reviews/", lists),
            "reviews:national_reports": ("/reports/", lists),
            "reviews:briefings": ("/learning/", lists),
            "training:sessions": ("/training/", training),
        }
        return {
            f"{route}_{name}": [f"{path}{file}{query}" for query in queries]
            for route, (path, queries) in routes.items()
            for name, file in files.items()
        }


def routes(resolver: URLResolver, prefix: str = "") -> list[str]:
    found = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{entry.namespace}:" if entry.namespace else prefix
            found += routes(entry, inner)
        elif isinstance(entry, URLPattern):
            found.append(f"{prefix}{entry.name}")
    return found


def test_the_walk_knows_every_public_route() -> None:
    public = {
        name
        for name in routes(get_resolver())
        if not name.startswith(("admin:", "account_", "mfa_"))
    }
    assert public == set(World(State.DRAFT).addresses())


@pytest.mark.parametrize("who", ["visitor", "staff without permission"])
def test_nothing_hidden_stands_on_any_page(who: str, sign_in: Any) -> None:
    world = World(*STAGES)
    client = Client() if who == "visitor" else sign_in()
    for name, addresses in world.addresses().items():
        if who != "visitor" and name.endswith(FORMATS):
            # Filtered as the page, whoever asks: of these the plain one and what is searched for.
            addresses = [one for one in addresses if "?" not in one or CANARY in one]
        for address in addresses:
            body = body_of(client.get(address)).decode(errors="replace")
            # Lines of a calendar are folded anywhere.
            body = body.replace("\r\n ", "")
            # What the visitor typed may be repeated to them; nothing else may hold the word.
            body = body.replace(f"“{CANARY}”", "").replace(f'value="{CANARY}"', "")
            body = body.replace(f"q={CANARY}", "").replace(f"<title>{CANARY} – ", "<title>")
            body = body.replace(f'<span class="given">{CANARY}</span>', "")
            for typed in self_typed(world):
                body = body.replace(typed, "")
            # Any number may be in an id.
            body = UUID.sub("", body)
            assert CANARY.lower() not in body.lower(), address
            assert HIDDEN_YEAR not in body.replace(f"year={HIDDEN_YEAR}", "").replace(
                f"Year: {HIDDEN_YEAR}", ""
            ).replace(f'value="{HIDDEN_YEAR}" checked', "").replace(
                f'choice-label">{HIDDEN_YEAR}', ""
            ), address


def self_typed(world: World) -> list[str]:
    """Return the slug that the walk itself puts into an address and gets back as left out."""
    ways = ('<span class="given">{}</span>', '"value": "{}"', "left out: Course: {}")
    return [way.format(course.slug) for course in world.hidden_courses for way in ways]


@pytest.mark.parametrize("state", STAGES)
def test_lists_and_counts_are_those_of_a_site_without_the_hidden(state: Any) -> None:
    world = World(state)
    client = Client()
    pages = [
        "/",
        "/reviews/",
        "/reports/",
        "/learning/",
        "/training/?when=all",
        "/themes/",
        "/new/",
        "/accessibility/",
    ]
    pages += ["/search/?q=open", world.theme.get_absolute_url(), "/sitemap.xml"]
    pages += [publication.get_absolute_url() for publication in world.public]
    pages += [f"/training/calendar.ics{query}" for query in ("", "?when=all")]
    pages += [world.course.calendar_address]
    pages += [world.course.get_absolute_url(), world.venue.get_absolute_url(), "/developers/"]
    for path in ("/reviews/", "/reports/", "/learning/", "/search/", "/training/"):
        pages += [f"{path}export.csv", f"{path}export.v1.json", f"{path}feed.atom?sort=title"]
        pages.append(f"{path}feed.atom?theme={world.theme.slug}")
        # Withdrawals are entries of the plain feed, and the others name the id.
        pages += [f"{path}feed.atom"] if state is not State.WITHDRAWN else []
    notice = rb"<at:deleted-entry [^>]+/>|<updated>[^<]+</updated>"

    def visible(page: str) -> bytes:
        return re.sub(notice, b"", body_of(client.get(page)))

    with_hidden = {page: visible(page) for page in pages}
    for record in world.hidden:
        record.delete()
    for page in pages:
        assert visible(page) == with_hidden[page], page


METHODS = ["get", "head", "options", "post"]


def test_a_hidden_page_answers_as_one_that_never_existed() -> None:
    world = World(State.DRAFT, State.SCHEDULED, PROPOSED)
    client = Client()
    for record, method in itertools.product(world.hidden, METHODS):
        address = record.get_absolute_url()
        never = address.replace(record.slug, "never-existed")
        hidden, missing = getattr(client, method)(address), getattr(client, method)(never)
        assert hidden.status_code == missing.status_code, (method, address)
        assert hidden.content == missing.content, (method, address)
        assert dict(hidden.headers) == dict(missing.headers), (method, address)
        if method in ("get", "head"):
            assert hidden.status_code == 404, (method, address)


def test_nobody_can_cite_what_is_hidden(editor: Client) -> None:
    records = [
        (state, make(state=state, title=f"{CANARY} title"))
        for state in HIDDEN_STAGES
        for make in (make_review, make_report, make_briefing)
    ]
    for client, ending in itertools.product((Client(), editor), ("ris", "bib")):
        for state, record in records:
            address = f"{record.get_absolute_url()}cite.{ending}"
            hidden = client.get(address)
            missing = client.get(address.replace(record.slug, "never-existed"))
            assert CANARY not in hidden.content.decode(), address
            if state is State.WITHDRAWN:
                assert hidden.status_code == 410, address
            else:
                assert hidden.status_code == missing.status_code == 404, address
                assert hidden.content == missing.content, address
                assert dict(hidden.headers) == dict(missing.headers), address


def test_no_upload_is_reached_by_its_storage_path() -> None:
    world = World(State.PUBLISHED)
    file = world.open_file.file
    for stored in (file.content.name, file.cover.name, file.large_cover.name):
        for prefix in ("/", "/-/", "/media/", "/static/", "/uploads/", "/static/../uploads/"):
            assert Client().get(f"{prefix}{stored}").status_code == 404


def test_a_withdrawn_page_says_so_and_no_more() -> None:
    world = World(State.WITHDRAWN)
    client = Client()
    for record in world.hidden:
        response = client.get(record.get_absolute_url())
        body = response.content.decode()
        assert response.status_code == 410
        assert "23 November 2026" in body and "withdrawn" in body
        assert CANARY not in body and "A test of withdrawal" not in body
        assert response.headers["X-Robots-Tag"] == "noindex"


def test_staff_see_the_hidden_at_its_own_address_and_no_cache_keeps_it(editor: Client) -> None:
    world = World(*STAGES)
    for record in world.hidden:
        response = editor.get(record.get_absolute_url())
        body = response.content.decode()
        assert response.status_code == 200, record
        assert CANARY in body, record
        assert f"{record.state_label}: only staff can see this page." in body, record
        assert 'name="robots" content="noindex, nofollow"' in body, record
        for machine in ('property="og:', 'rel="canonical"', 'name="description"', "ld+json"):
            assert machine not in body, (machine, record)
        assert "Cite this" not in body, record
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in response.headers["Cache-Control"]
        assert "private" in response.headers["Cache-Control"]
    for state, hidden in world.hidden_in.items():
        file = editor.get(hidden.file.get_absolute_url())
        assert file.status_code == 200 and CANARY.encode() in body_of(file), state
        assert "no-store" in file.headers["Cache-Control"], state
        assert file.headers["X-Robots-Tag"] == "noindex, nofollow", state


def test_even_staff_find_the_hidden_in_no_list(publisher: Client) -> None:
    world = World(*STAGES)
    for name, addresses in world.addresses().items():
        if name in ("reviews:document", "reviews:read", "reviews:cover", "reviews:page_picture"):
            continue
        if name == "reviews:practice_review":
            # Its own page, which shows editors what is not settled.
            continue
        if name in ("training:venue_photo", "training:venue_photo_jpeg", "favicon", "touch_icon"):
            continue
        if name.endswith(FORMATS):
            addresses = [one for one in addresses if "?" not in one or CANARY in one]
        for address in addresses:
            body = body_of(publisher.get(address)).decode()
            body = body.replace("\r\n ", "")
            assert f"{CANARY} title" not in body, address
            assert f"{CANARY} course" not in body, address
