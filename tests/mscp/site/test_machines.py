"""The head of a page, the sitemap and robots.txt: what engines and shared links are told."""

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mscp.cache.versions import Kept
from mscp.publishing.gate import State
from mscp.site import sitemaps
from tests.factories import (
    ALL_STATES,
    MINIMAL_PDF,
    make_briefing,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_identity,
    make_page,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from tests.pages import body_of
from tests.test_public_surfaces import World

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def head_of(address: str, **options: Any) -> dict[str, str]:
    """Return what the head of a page says, each by its name; nothing may be said twice."""
    page = Client().get(address, **options).content.decode()
    metadata = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', page)
    metadata += re.findall(r'<link rel="(canonical)" href="([^"]*)"', page)
    assert len({name for name, _ in metadata}) == len(metadata)
    return {name: html.unescape(value) for name, value in metadata}


# --- canonical addresses ------------------------------------------------------------------------


def test_every_public_page_says_its_one_address_and_what_it_is_called() -> None:
    world = World(State.DRAFT)
    pages = 0
    for name, addresses in world.addresses().items():
        for address in addresses:
            response = Client().get(address)
            body = body_of(response)
            if "text/html" not in response.headers["Content-Type"]:
                continue
            if response.status_code != 200:
                assert b"canonical" not in body and b"og:" not in body, address
                continue
            head = head_of(address)
            pages += 1
            assert head["canonical"].partition("?")[0] == f"{SITE}{address.partition('?')[0]}"
            assert head["og:url"] == head["canonical"]
            assert head["og:title"] and head["og:type"] in ("website", "article"), name
            assert head["og:locale"] == "en_GB"
            assert Client().get(head["canonical"]).status_code == 200
    assert pages > 40


@pytest.mark.parametrize("address", ["/nothing/", "/staff/sign-in/", "/search/nothing/"])
def test_what_is_no_public_page_has_no_such_address(address: str) -> None:
    assert not {"canonical", "og:url"} & set(head_of(address))


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("/reviews/?", "/reviews/"),
        ("/reviews/?page=1", "/reviews/"),
        ("/reviews/?page=2", "/reviews/?page=2"),
        ("/reviews/?page=99", "/reviews/?page=2"),
        ("/reviews/?page=x&nothing=1&utm_source=mail", "/reviews/"),
        ("/reviews/?sort=newest", "/reviews/"),
        ("/reviews/?theme=b&theme=a&theme=b&theme=none", "/reviews/?theme=a&theme=b"),
        ("/reviews/?theme=a&type=lcspr&sort=title", "/reviews/?theme=a&type=lcspr&sort=title"),
        ("/reviews/?sort=title&type=lcspr&theme=a", "/reviews/?theme=a&type=lcspr&sort=title"),
        ("/reviews/?year=nineteen", "/reviews/"),
        ("/training/?when=upcoming&sort=", "/training/"),
        ("/training/?month=2027-01&when=past", "/training/?when=past&month=2027-01"),
        ("/search/?q=a+%26+b", "/search/?q=a+%26+b"),
        ("/themes/?page=2", "/themes/"),
        ("/about/?print=1", "/about/"),
    ],
)
def test_addresses_of_one_list_have_one_canonical_address(given: str, canonical: str) -> None:
    for name in ("a", "b"):
        make_theme(name=name)
    for _ in range(21):
        make_review()
    assert head_of(given)["canonical"] == f"{SITE}{canonical}"


def test_the_host_and_scheme_are_those_the_reader_came_by(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["learning.example.org"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    headers = {"X-Forwarded-Proto": "https", "Host": "learning.example.org"}
    review = make_review(title="Oak")
    page = head_of(review.get_absolute_url(), headers=headers)
    assert page["canonical"] == "https://learning.example.org/reviews/oak/"
    index = Client().get("/sitemap.xml", headers=headers).content.decode()
    assert "https://learning.example.org/sitemap-reviews.xml" in index and "http://l" not in index


def test_searches_are_followed_but_not_listed() -> None:
    make_review(title="Oak")
    for address in ("/search/?q=oak", "/reviews/?q=oak", "/training/?q=nothing"):
        assert head_of(address)["robots"] == "noindex"
    for address in ("/", "/search/", "/reviews/?type=lcspr", "/reviews/?q=+"):
        assert "robots" not in head_of(address)


# --- shared links -------------------------------------------------------------------------------


def test_a_shared_publication_shows_its_summary_and_cover_where_it_has_them() -> None:
    make_identity()
    review = make_review(title="Oak & ash", summary="One.\n\n“Two” <three>. " + "More words. " * 40)
    hidden = make_document(review, file=make_file(MINIMAL_PDF + b"%"))
    make_finding(hidden.file)
    make_document(review)
    document = make_document(review, pdf=MINIMAL_PDF)
    head = head_of(review.get_absolute_url())
    assert head["og:title"] == "Oak & ash" and head["og:type"] == "article"
    assert head["og:site_name"] == "Anytown Safeguarding Children Partnership"
    assert head["og:description"] == head["description"]
    assert head["description"].startswith("One. “Two” <three>. More words.")
    assert head["description"].endswith("…")
    assert head["og:image"] == f"{SITE}/documents/{document.uid}/cover-480.webp"
    assert head["og:image:alt"] == "First page of “Oak & ash”"
    assert body_of(Client().get(head["og:image"]))
    assert head_of(document.reading_address)["og:image"] == head["og:image"]


@pytest.mark.parametrize("make", [make_review, make_report, make_briefing, make_course])
def test_no_summary_is_made_up_and_the_picture_is_that_of_the_site(make: Any) -> None:
    make_identity()
    record = make()
    head = head_of(record.get_absolute_url())
    assert not {"description", "og:description"} & set(head)
    assert re.fullmatch(rf"{SITE}/static/img/share[.a-z0-9]*png", head["og:image"])
    assert head["og:image:alt"] == "Anytown Safeguarding Children Partnership"


def test_a_page_without_a_lead_has_no_empty_description() -> None:
    assert "description" not in head_of("/search/")
    assert head_of("/reviews/")["description"].startswith("What was learnt when")


# --- the sitemap --------------------------------------------------------------------------------


def sections() -> dict[str, dict[str, date | None]]:
    """Return the sitemap by section: addresses with their dates, held to the protocol's rules."""
    index = ElementTree.fromstring(Client().get("/sitemap.xml").content)  # noqa: S314 - ours
    assert index.tag == f"{SPACE}sitemapindex"
    found = {}
    for entry in _entries(index, "sitemap"):
        name = re.fullmatch(rf"{SITE}/sitemap-(\w+)\.xml", str(entry["loc"]))
        assert name, entry
        root = ElementTree.fromstring(Client().get(str(entry["loc"])).content)  # noqa: S314
        assert root.tag == f"{SPACE}urlset"
        urls = _entries(root, "url")
        dates = [url["lastmod"] for url in urls if url["lastmod"]]
        assert entry["lastmod"] == (max(dates) if dates else None)
        found[name[1]] = {str(url["loc"]).removeprefix(SITE): url["lastmod"] for url in urls}
        assert len(found[name[1]]) == len(urls) <= 50_000
    return found


def _entries(root: Any, tag: str) -> list[dict[str, Any]]:
    """Read entries as the schema of sitemaps.org allows them: at least one, a loc each."""
    assert len(root) and {child.tag for child in root} == {f"{SPACE}{tag}"}
    entries = []
    for child in root:
        parts = {part.tag.removeprefix(SPACE): part.text for part in child}
        assert len(parts) == len(child) and "loc" in parts
        assert set(parts) <= {"loc", "lastmod"} | ({"changefreq", "priority"} & {tag})
        assert parts["loc"].startswith(f"{SITE}/") and 12 <= len(parts["loc"]) <= 2048
        dated = parts.get("lastmod")
        moment = date.fromisoformat(dated[:10]) if dated else None
        entries.append({"loc": parts["loc"], "lastmod": moment})
    return entries


def test_the_sitemap_of_an_empty_site_is_valid_and_has_no_empty_section() -> None:
    assert set(sections()) == {"lists", "pages"}


def test_the_sitemap_holds_what_is_public_with_the_texts_of_documents() -> None:
    world = World(State.SCHEDULED)
    noindex = make_review(out_of_search_engines=True)
    make_document(noindex, pdf=MINIMAL_PDF)
    silent = make_document(world.review, file=make_file(MINIMAL_PDF + b"%1", has_text=False))
    found = sections()
    with_text = (world.open_file, world.old_file)
    assert set(found["texts"]) == {document.reading_address for document in with_text}
    assert silent.reading_address == ""
    assert set(found["reviews"]) == {world.review.get_absolute_url()}
    assert set(found["courses"]) == {world.course.get_absolute_url()}
    assert set(found["venues"]) == {world.venue.get_absolute_url()}
    for section in found.values():
        for address in section:
            response = Client().get(address)
            assert response.status_code == 200, address
            assert "noindex" not in response.headers.get("X-Robots-Tag", "")
            assert "robots" not in head_of(address)
            assert head_of(address)["canonical"] == f"{SITE}{address}"


def test_the_partnership_may_take_all_publications_out_of_the_sitemap() -> None:
    make_document(make_review(), pdf=MINIMAL_PDF)
    make_report(), make_briefing(), make_course()
    identity = make_identity(publications_out_of_search_engines=True)
    assert set(sections()) == {"lists", "pages", "courses"}
    identity.publications_out_of_search_engines = False
    identity.save()
    assert {"reviews", "reports", "learning", "texts"} < set(sections())


def test_the_date_of_a_page_is_that_of_its_last_change_to_a_visitor(clock: Any) -> None:
    def days_later(days: int) -> date:
        return start + timedelta(days=days)

    start = timezone.localdate()
    review, course = make_review(), make_course()
    scheduled = make_page(state=State.SCHEDULED)
    clock.shift(timedelta(days=2))
    assert sections()["pages"][scheduled.get_absolute_url()] == days_later(1)
    hidden = make_document(review, file=make_file(MINIMAL_PDF))
    make_finding(hidden.file)
    assert sections()["reviews"] == {review.get_absolute_url(): start}
    clock.shift(timedelta(days=1))
    make_document(review), make_session(course)
    assert sections()["reviews"] == {review.get_absolute_url(): days_later(3)}
    assert sections()["courses"] == {course.get_absolute_url(): days_later(3)}
    clock.shift(timedelta(days=1))
    review.save()
    assert sections()["reviews"] == {review.get_absolute_url(): days_later(4)}


def test_no_engine_keeps_a_sitemap_from_which_something_was_withdrawn(clock: Any) -> None:
    gone, _ = make_review(), make_review()
    clock.shift(timedelta(hours=1))
    for address in ("/sitemap.xml", "/sitemap-reviews.xml"):
        response = Client().get(address)
        since = {"If-Modified-Since": "Mon, 23 Nov 2026 12:00:00 GMT"}
        assert "Last-Modified" not in response.headers
        assert Client().get(address, headers=since).status_code == 200
        etag = {"If-None-Match": response.headers["ETag"]}
        assert Client().get(address, headers=etag).status_code == 304
    gone.withdraw(reason="A name")
    assert Client().get("/sitemap-reviews.xml", headers=etag).status_code == 200


def test_a_venue_and_a_theme_have_no_date_that_could_be_wrong() -> None:
    venue, theme = make_venue(), make_theme()
    make_review(themes=[theme])
    found = sections()
    assert found["venues"] == {venue.get_absolute_url(): None}
    assert found["themes"] == {theme.get_absolute_url(): None}


# --- a large sitemap ----------------------------------------------------------------------------


def pages_of(section: str) -> list[list[str]]:
    """Return the addresses of a section, page by page, as the index leads to them."""
    index = Client().get("/sitemap.xml").content.decode()
    found = []
    for page in re.findall(rf"<loc>{SITE}(/sitemap-{section}\.xml[^<]*)</loc>", index):
        root = ElementTree.fromstring(Client().get(page).content)  # noqa: S314 - ours
        found.append([str(url["loc"]).removeprefix(SITE) for url in _entries(root, "url")])
    return found


def test_every_page_of_the_sitemap_is_short_and_they_hold_each_address_once(
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr(sitemaps, "PER_PAGE", 3)
    reviews = [make_review(state=state) for state in [*ALL_STATES, *[State.PUBLISHED] * 6]]
    texts = [make_document(review, pdf=MINIMAL_PDF + b"%%%d" % review.pk) for review in reviews]
    public = [review.get_absolute_url() for review in reviews if review.is_published]
    read = [text.reading_address for text in texts if text.is_published]
    assert len(public) == len(read) == 7
    assert pages_of("reviews") == [public[:3], public[3:6], public[6:]]
    assert pages_of("texts") == [read[:3], read[3:6], read[6:]]
    assert Client().get("/sitemap-reviews.xml?p=4").status_code == 404


def test_a_large_sitemap_follows_every_change_and_the_clock(monkeypatch: Any, clock: Any) -> None:
    monkeypatch.setattr(sitemaps, "PER_PAGE", 2)
    reviews = [make_review() for _ in range(4)]
    scheduled = make_review(state=State.SCHEDULED)
    addresses = [review.get_absolute_url() for review in reviews]
    assert pages_of("reviews") == [addresses[:2], addresses[2:]]
    # It begins a page: the next takes its place.
    reviews[2].withdraw(reason="A name")
    assert pages_of("reviews") == [addresses[:2], addresses[3:]]
    reviews[0].out_of_search_engines = True
    reviews[0].save()
    assert pages_of("reviews") == [[addresses[1], addresses[3]]]
    clock.shift(timedelta(days=2))
    assert pages_of("reviews") == [[addresses[1], addresses[3]], [scheduled.get_absolute_url()]]


def test_the_outline_of_the_sitemap_is_read_once_until_something_changes() -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert Client().get(address).status_code == 200
        return len(captured)

    review = make_review()
    make_document(review, pdf=MINIMAL_PDF)
    first = queries("/sitemap.xml")
    kept = queries("/sitemap.xml")
    assert kept < first and queries("/sitemap.xml") == kept
    review.save()
    assert queries("/sitemap.xml") > kept


CHANGES: dict[str, Callable[[World], object]] = {
    "a page": lambda world: make_page(title="Another"),
    "a page that is saved": lambda world: world.page.save(),
    "a page that is withdrawn": lambda world: world.page.withdraw(reason="A test"),
    "a course": lambda world: make_course(),
    "a course that is saved": lambda world: world.course.save(),
    "a course that is withdrawn": lambda world: world.course.withdraw(reason="A test"),
    "a session": lambda world: make_session(world.course),
    "a session that is gone": lambda world: world.course.sessions.all().delete(),
    "a venue": lambda world: make_venue(name="Another"),
    "a venue that is gone": lambda world: make_venue(name="Another").delete(),
    "a review": lambda world: make_review(),
    "a file": lambda world: make_document(world.review, pdf=MINIMAL_PDF),
    "a question about a file": lambda world: make_finding(world.old_file.file, kind="no_tags"),
    "the partnership": lambda world: make_identity(publications_out_of_search_engines=True),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_kept_of_a_section_is_what_would_be_read(
    change: Callable[[World], object], monkeypatch: Any, clock: Any
) -> None:
    def read() -> tuple[bytes, dict[str, Any]]:
        made = {name: make() for name, make in sitemaps.SITEMAPS.items()}
        kept = {name: one for name, one in made.items() if isinstance(one, sitemaps.ModelSitemap)}
        index = sitemaps.index(RequestFactory().get("/sitemap.xml")).render().content  # type: ignore[attr-defined]
        return index, {name: section.outline for name, section in kept.items()}

    world = World()
    read()
    clock.shift(timedelta(days=1))
    change(world)
    kept = read()
    monkeypatch.setattr(sitemaps, "_outlines", Kept())
    assert kept == read()


def test_a_change_of_something_else_reads_no_section_of_training_again() -> None:
    world = World()
    Client().get("/sitemap.xml")
    world.review.save()
    with CaptureQueriesContext(connection) as captured:
        sitemaps.SITEMAPS["courses"]().outline  # noqa: B018 - what it asks
    assert not any("training_course" in query["sql"] for query in captured)
