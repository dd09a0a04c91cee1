"""What a request costs the database does not grow with the library, but with what it shows."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client

from bench.fill import library
from mscp.site import sitemaps
from reviews.models import Publication
from tests.factories import (
    MINIMAL_PDF,
    make_briefing,
    make_course,
    make_document,
    make_identity,
    make_report,
    make_review,
    make_theme,
)
from tests.pages import body_of
from tests.work import counted_work, plan_as_for_many

pytestmark = pytest.mark.django_db

# SQLite still reads tables of two hundred rows from end to end.
FEW, MANY = (40, 200) if connection.vendor == "postgresql" else (100, 500)
# Of five times the records. What is read once for each of them would be nearer to five.
MOST = 2
# Entries of tables and indexes, or steps of SQLite, that a count may read for each publication.
MOST_COUNTED = 12 if connection.vendor == "postgresql" else 26


@pytest.fixture(autouse=True)
def nothing_kept(settings: Any) -> None:
    """Count what a page costs that the page cache has not."""
    settings.PAGE_CACHE_BYTES = 0


class Site:
    """A library that grows, and pages of it that show no more of it when it has grown."""

    def __init__(self) -> None:
        make_identity()
        names = ("Neglect", "Bruising", "Early help", "Homes")
        self.themes = [make_theme(name=name) for name in names]
        self.number = 0
        self.review = make_review(title="Oak", themes=self.themes)
        self.course = make_course(themes=self.themes)
        self.report = make_report(themes=self.themes)
        self.learning = make_briefing(themes=self.themes, review=self.review)
        make_document(self.review, pdf=MINIMAL_PDF)
        self.course.publications.add(self.review)

    def grow(self, number: int) -> None:
        """Have so many reviews with documents, nearly all of them with themes."""
        library.make_reviews(number - self.number, self.themes, first=self.number + 1)
        self.number = number
        # Changed one after the other, as by people: the clock of the tests does not move.
        Publication.objects.update(updated_at=F("published_at"))
        plan_as_for_many()

    def pages(self) -> list[str]:
        records = (self.review, self.report, self.learning, self.course, self.themes[0])
        sitemap = ("/sitemap.xml", "/sitemap-reviews.xml", "/sitemap-reviews.xml?p=2")
        lists = ("/", "/reviews/")
        return [*(record.get_absolute_url() for record in records), *sitemap, *lists]


def work_of(address: str, client: Client | None = None) -> int:
    client = client or Client()
    # What a worker keeps in memory is read by the first request after a change.
    body_of(client.get(address))
    with counted_work() as work:
        response = client.get(address)
        assert response.status_code == 200, address
        body_of(response)
    return work.done


def test_five_times_the_publications_cost_a_page_no_more_work(monkeypatch: Any) -> None:
    monkeypatch.setattr(sitemaps, "PER_PAGE", 20)
    site = Site()
    site.grow(FEW)
    before = {address: work_of(address) for address in site.pages()}
    site.grow(MANY)
    after = {address: work_of(address) for address in site.pages()}
    assert {a: (before[a], n) for a, n in after.items() if n > MOST * before[a]} == {}


def test_a_publication_more_costs_a_feed_no_count_of_it() -> None:
    site = Site()
    site.grow(FEW)
    before = work_of("/reviews/feed.atom")
    site.grow(MANY)
    # PostgreSQL sorts what is live and what was withdrawn together; SQLite merges two indexes.
    most = 4 if connection.vendor == "postgresql" else 2
    assert (work_of("/reviews/feed.atom") - before) / (MANY - FEW) < most


def test_a_publication_more_costs_a_list_of_staff_no_more_than_counting_it(
    administrator: Any,
) -> None:
    addresses = ["/admin/", "/admin/reviews/practicereview/", "/admin/reviews/briefing/"]
    site = Site()
    site.grow(FEW)
    before = {address: work_of(address, administrator) for address in addresses}
    site.grow(MANY)
    after = {address: work_of(address, administrator) for address in addresses}
    more = {a: (n - before[a]) / (MANY - FEW) for a, n in after.items()}
    assert {a: n for a, n in more.items() if n > MOST_COUNTED} == {}
