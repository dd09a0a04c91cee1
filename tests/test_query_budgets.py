"""Queries per page are constant in the number of records, and few."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.records.partial_dates import PartialDate
from tests.factories import (
    MINIMAL_PDF,
    make_audience,
    make_briefing,
    make_contact,
    make_course,
    make_document,
    make_finding,
    make_identity,
    make_note,
    make_page,
    make_picture,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
    picture_address,
)
from tests.pages import body_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept(settings: Any) -> None:
    """Count what a page costs that the page cache has not."""
    settings.PAGE_CACHE_BYTES = 0


LIST, DETAIL = 8, 8
# The newest review with all that leads on from it; what is new, of which notes on changes stand in
# three tables, each asked only if it has any; the next dates and the themes.
HOME = 15
# With words, a list also ranks what it found and shows the pages they are on.
SEARCH = 13
# Whatever is typed: also where nothing is found, and the nearest that finds something is offered.
SEARCH_AT_MOST = 20
# More than a page: a list of all publications reads reviews, for their names, and the rest; a
# feed with words looks for them again among what it tells, and names what was withdrawn.
EXPORT = 13
# A stamp or two of every section, and the section itself.
SITEMAP_INDEX, SITEMAP = 18, 6
FILES = ("feed.atom", "export.csv", "export.v1.json")


class Site:
    """So many of everything, all hanging together."""

    def __init__(self, number: int) -> None:
        make_identity()
        self.theme = make_theme(name="Shared")
        themes = [self.theme, *(make_theme() for _ in range(min(number, 30)))]
        for _ in range(3):
            make_contact()
        self.page = make_page()
        self.venue, audience = make_venue(name="Town hall"), make_audience(name="Schools")
        for index in range(number):
            some = [self.theme, themes[index % len(themes)]]
            year = PartialDate(2000 + index % 25)
            self.review = make_review(themes=some, report_date=year, summary="Words.")
            for _ in range(3):
                make_document(self.review, dated=year)
            self.report = make_report(themes=some, report_date=year)
            make_document(self.report)
            self.learning = make_briefing(themes=some, review=self.review, background="Words.")
            self.course = make_course(themes=some)
            self.course.audiences.add(audience)
            self.course.publications.add(self.review)
            for record in (self.review, self.report, self.learning, self.course, self.page):
                make_note(record)
            make_session(self.course, venue=self.venue, in_days=index + 1)
            make_session(self.course, in_days=-index - 1)
        for _ in range(min(number, 12)):
            self.file = make_document(self.review, pdf=MINIMAL_PDF)
            make_finding(self.file.file, kind="no_tags")
        make_picture(self.file.file)

    def lists(self) -> list[str]:
        return [
            "/reviews/",
            "/reviews/?page=2",
            "/reviews/?theme=shared&type=lcspr&year=2001&q=sample&sort=title",
            "/reviews/?theme=none&type=none",
            "/reports/",
            "/learning/",
            "/training/",
            "/training/?when=past",
            "/training/?view=month",
            "/training/?view=month&month=2026-11&theme=shared&venue=town-hall&audience=schools"
            f"&q=sample&course={self.course.slug}",
            "/training/?when=all&theme=shared&venue=town-hall&audience=schools&q=sample"
            f"&delivery=not_stated&course={self.course.slug}&month=2026-11",
            "/training/?access=step-free&access=lift",
            "/training/venues/",
            "/search/",
            "/search/?q=sample",
            "/themes/",
            "/new/",
            "/new/feed.atom",
        ]

    def exports(self) -> list[str]:
        library = [f"{path}{file}" for path in ("/reviews/", "/search/") for file in FILES]
        queries = ["", "?theme=shared&q=sample&sort=title"]
        training = "?when=all&theme=shared&venue=town-hall&audience=schools&q=sample"
        return [
            *(f"{address}{query}" for address in library for query in queries),
            *(f"/training/{file}{query}" for file in FILES for query in ("", training)),
            *(f"/training/calendar.ics{query}" for query in ("", training, "?when=all")),
            self.course.calendar_address,
            self.course.sessions.first().calendar_address,
            self.course.sessions.first().qr_address,
        ]

    def details(self) -> list[str]:
        records = (self.review, self.report, self.learning, self.course, self.venue, self.theme)
        files = [f"/documents/{self.file.uid}/{what}" for what in ("read/", "cover-160.webp")]
        files += [f"/documents/{self.file.uid}/read/?q=text", picture_address(self.file)]
        files.append(self.file.get_absolute_url())
        files += [f"{self.review.get_absolute_url()}cite.{ending}" for ending in ("ris", "bib")]
        return [
            "/",
            "/about/",
            "/accessibility/",
            "/numbers-to-call/",
            *files,
            *(record.get_absolute_url() for record in records),
        ]


def queries_of(address: str) -> int:
    warm_up(address)
    return asked_for(address)


def warm_up(*addresses: str) -> None:
    """Read what a worker keeps in memory, as the first request after a change does."""
    for address in addresses:
        body_of(Client().get(address))


def asked_for(address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = Client().get(address)
    assert response.status_code == 200, address
    body_of(response)
    return len(captured)


def spent_on(site: Site) -> dict[str, int]:
    """Count the queries of each page.

    What a worker keeps in memory belongs to lists and to the home page; whatever else there was
    would be counted as queries of the first page that reads it.
    """
    warm_up("/", *site.lists())
    addresses = site.lists() + site.details() + site.exports()
    return {address: asked_for(address) for address in addresses}


# More than a page of a list holds.
MANY = 25


def assert_within_budget(site: Site, spent: dict[str, int]) -> None:
    most = {address: SEARCH if "q=" in address else LIST for address in site.lists()}
    most |= dict.fromkeys(site.details(), DETAIL) | dict.fromkeys(site.exports(), EXPORT)
    most["/"] = HOME
    assert {a: n for a, n in spent.items() if n > most[a]} == {}


def test_lists_and_details_of_many_records_stay_within_their_budget() -> None:
    site = Site(MANY)
    assert_within_budget(site, spent_on(site))


TWELVE_MISTYPED = " ".join(f"{letter}mistypedd" for letter in "abcdefghijkl")


FOUND_NOTHING = [
    "zzzzzzzz",
    "neglectt",
    "neglectt bruisess",
    "neglectt bruisess kestrell",
    TWELVE_MISTYPED,
    "neglectt bruisess kestrell fracturess",
    f"{TWELVE_MISTYPED} -neglect",
    "neglect bruisesa kestrelb zzzzzzzz -neglectc",
    "neglect bruises kestrel sample neglecta bruisesb kestrelc a b c d neglectd bruisese -kestrelf",
    '"neglect bruises" "bruises kestrel" "kestrel neglect"',
    '"neglect bruises kestrel" "bruises kestrel" "kestrel neglect"',
    'neglectt "neglect bruises" "bruises kestrel"',
    'neglectt "neglect bruises" "bruises kestrel" "kestrel bruises" -sample',
    'sample -"neglect bruises" -"bruises kestrel" -"kestrel neglect"',
    'neglecta neglectb -"neglect bruises" -"bruises kestrel" -"kestrel neglect"',
    '"who was there"',
    "the",
    # Phrases of small words alone, with each other and with words.
    '"who was there" "it was" "were they"',
    '"who was there" neglectt -"it was"',
    '"who was there" "neglect kestrel bruises sample" kestrell',
    '-"who was there"',
    '"the of" -neglect -bruises -kestrel -sample',
    # Other marks, left open or of nothing.
    "„kestrel neglect“ «bruises neglect» “sample kestrel",
    '"" "" "" "kestrel neglect',
    '"neglect" "bruises" "kestrell"',
    "'neglectt' `bruisess´",
    "-neglect",
    "- - -- neglectt",
    "neglectt* bruisesz* kestrelz*",
    "ne* br* ke* zz*",
    # Spellings of one term, which are several terms each.
    "A&E s47 section 47 s.17 C.S.E. G.P. well-being £1,200 zebra",
    "section 17, 20 and 47 zebra",
    "multi-agencyy co-ordinatorr pre-birthh zebra",
    "o'neill O Neill D'Arcy d arcy zebra",
    "child a child b child m kestrell",
    # Long ones, of few letters and of many, and what is no word.
    "neglectt " * 40,
    f"{'neglecta bruisesb kestrelc ' * 8}zebra",
    '"' + "neglect " * 30,
    "z" * 500,
    "علی کی رپورٹ neglectt",
    "neglect\u00adt bruises\u200bz kestrel¹²",
    "ﬁnancial neglectt ½ ² ⅷ",
    "neglect) OR (kestrell NEAR words : zebra",
]


@pytest.mark.parametrize("path", ["/search/", "/reviews/", "/training/"])
def test_a_search_that_finds_nothing_stays_within_its_budget(path: str) -> None:
    for ending in "abcdefghijklmnopqrstuvwxyz":
        # Many words that are as close to what is typed, each in a record.
        some = f"neglect{ending} bruises{ending} kestrel{ending} neglect bruises kestrel"
        make_review(title=f"Sample {ending}", summary=some)
        make_session(make_course(title=f"Sample {ending}", summary=some))
    client = Client()
    client.get(f"{path}?q=nobodywrotethis")
    spent = {}
    for words in FOUND_NOTHING:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path, {"q": words}).status_code == 200
        spent[words] = len(captured)
    assert {words: number for words, number in spent.items() if number > SEARCH_AT_MOST} == {}


@pytest.mark.parametrize("number", [3, MANY])
def test_the_first_answer_after_a_change_costs_ten_queries_more(number: int) -> None:
    site = Site(number)
    for address in ("/reviews/", "/search/", "/training/"):
        warm = queries_of(address)
        (site.course if address == "/training/" else site.review).save()
        with CaptureQueriesContext(connection) as captured:
            Client().get(address)
        # Five to count, four to read the site context, one to know what goes live by the clock.
        assert warm < len(captured) <= warm + 10, address


def test_ten_times_the_records_cost_not_one_query_more() -> None:
    small = Site(3)
    before = spent_on(small)
    assert_within_budget(small, before)
    # Another site beside it: pages of the first must not notice.
    for _ in range(27):
        review = make_review(themes=[small.theme])
        make_document(review)
        make_document(review, pdf=MINIMAL_PDF)
        hard_to_read = make_document(small.review, pdf=MINIMAL_PDF)
        make_finding(hard_to_read.file, kind="no_tags")
        make_session(make_course(themes=[small.theme]), venue=small.venue)
    assert spent_on(small) == before


def test_machine_pages_and_calendars_are_constant_too() -> None:
    Site(3)
    sections = ("lists", "pages", "reviews", "reports", "learning", "texts", "courses", "themes")
    addresses = ["/sitemap.xml", *(f"/sitemap-{section}.xml" for section in sections)]
    addresses += ["/sitemap-venues.xml", "/robots.txt", "/healthz"]
    calendar = "/training/calendar.ics?when=all"
    before = [queries_of(address) for address in (calendar, *addresses)]
    for _ in range(30):
        make_document(make_review(), pdf=MINIMAL_PDF)
        course = make_course(themes=[make_theme()])
        course.audiences.add(make_audience())
        make_session(course, venue=make_venue())
    assert [queries_of(address) for address in (calendar, *addresses)] == before
    assert before[0] <= EXPORT
    assert before[1] <= SITEMAP_INDEX and max(before[2:]) <= SITEMAP


LISTS_OF_STAFF = [
    "/admin/reviews/practicereview/",
    "/admin/reviews/nationalreport/",
    "/admin/reviews/briefing/",
    "/admin/reviews/document/",
    "/admin/training/course/",
    "/admin/training/session/",
    "/admin/training/venue/",
    "/admin/",
]


def test_the_lists_of_staff_are_constant(administrator: Any) -> None:
    def spent() -> dict[str, int]:
        found = {}
        # The first one reads the site context again.
        administrator.get(LISTS_OF_STAFF[-1])
        for address in LISTS_OF_STAFF:
            with CaptureQueriesContext(connection) as captured:
                assert administrator.get(address).status_code == 200
            found[address] = len(captured)
        return found

    Site(3)
    before = spent()
    for _ in range(20):
        review = make_review(themes=[])
        make_document(review)
        make_report(), make_briefing(review=review)
        make_session(make_course(), venue=make_venue())
    assert spent() == before
