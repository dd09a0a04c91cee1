"""Text that would be a tag or run a script if a template let it: in every field, on every page."""

import json
from typing import Any

import html5lib
import pytest
from django.conf import settings
from django.template import engines
from django.test import Client
from django.utils import timezone

from mscp.models import Page, StatementConfirmation
from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
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
    paragraph,
)
from training.models import Venue

pytestmark = pytest.mark.django_db

# Ends an attribute in either quote, a tag, a script, a comment and an expression of a template.
HOSTILE = (
    """'"></title></script></textarea>--><hostile onx=1><script>hostile()</script>{{ 7*191 }}"""
)


def make_all() -> list[Any]:
    """Make one of everything, hostile in every text, and return what has a page of its own."""
    make_identity(
        name=HOSTILE,
        abbreviation="H",
        notice=HOSTILE,
        intro=HOSTILE,
        licence_name=HOSTILE,
        licence_address="https://example.org/?a='%22><hostile>",
    )
    make_contact(label=HOSTILE[:80], phone="1", hours=HOSTILE[:80])
    theme = make_theme(name=HOSTILE[:80], description=HOSTILE)
    number = PartialDate(2020, 3)
    review = make_review(
        title=HOSTILE,
        pseudonym=HOSTILE[:80],
        child_reference=HOSTILE[:40],
        aliases=HOSTILE,
        summary=f"{HOSTILE} kestrel",
        publisher=HOSTILE,
        reviewer=HOSTILE,
        completed=number,
        report_date=PartialDate(2021),
        themes=[theme],
    )
    text = f"{HOSTILE} kestrel"
    blocks = [
        {**paragraph(text), "kind": kind, "level": 2} for kind in ("heading", "paragraph", "item")
    ]
    blocks.append(
        {**blocks[1], "kind": "figure", "parts": blocks[1:], "area": [0.1, 0.1, 0.9, 0.4]}
    )
    file = make_file(MINIMAL_PDF, pages=[text] * 5)
    for page in file.text_pages.all():
        page.blocks = blocks
        page.save()
    make_picture(file, 1)
    read = make_document(review, title=HOSTILE, file=file, dated=number)
    silent = make_file(MINIMAL_PDF, has_text=False)
    old = {"is_exempt": True, "exemption_reason": HOSTILE}
    picture = make_document(review, title=HOSTILE, file=silent, **old)
    for hard_to_read in (file, silent):
        make_finding(hard_to_read, kind="no_tags", details=[HOSTILE])
    Page.objects.filter(slug="accessibility").update(body=HOSTILE)
    StatementConfirmation.objects.create(how_tested=HOSTILE)
    make_document(review, title=HOSTILE, url="https://example.org/a'%22><hostile>.pdf")
    report = make_report(title=HOSTILE, publisher=HOSTILE, summary=HOSTILE, themes=[theme])
    for _ in range(21):
        make_report(title=f"{HOSTILE} many", publisher=HOSTILE, themes=[theme])
    parts = dict.fromkeys(("background", "what_happened", "questions"), HOSTILE)
    learning = make_briefing(title=HOSTILE, review=review, themes=[theme], **parts)
    venue = make_venue(
        name=HOSTILE,
        street=HOSTILE,
        town=HOSTILE[:80],
        postcode=HOSTILE[:10],
        directions=HOSTILE,
        accessibility=HOSTILE,
        access_checked_on=timezone.localdate(),
    )
    # As stored: to save it would look into a file.
    Venue.objects.filter(pk=venue.pk).update(
        photo="venues/x.webp", photo_alt=HOSTILE, photo_width=1, photo_height=1
    )
    course = make_course(
        title=HOSTILE,
        summary=f"{HOSTILE} kestrel",
        description=HOSTILE,
        outcomes=HOSTILE,
        prerequisites=HOSTILE,
        cost=HOSTILE[:100],
        level=HOSTILE[:40],
        length=HOSTILE[:40],
        provider=HOSTILE,
        booking_url="https://example.org/?a='%22><hostile>",
        themes=[theme],
    )
    course.audiences.add(make_audience(name=HOSTILE[:60]))
    course.publications.add(review)
    for days in (3, 4, 5, 6, 7, 8):
        make_session(course, venue=venue, in_days=days, note=HOSTILE, places="full")
        make_session(course, in_days=4, note=HOSTILE)
    make_session(course, in_days=-4, note=HOSTILE)
    course.sessions.first().cancel(note=HOSTILE)
    page = make_page(title=HOSTILE, body=HOSTILE)
    gone = make_review(title=HOSTILE, state=State.WITHDRAWN)
    draft = make_review(title=HOSTILE, state=State.DRAFT)
    return [theme, review, report, learning, venue, course, page, gone, draft, read, picture]


def addresses(records: list[Any]) -> list[str]:
    *others, read, picture = records
    details = [record.get_absolute_url() for record in others]
    details += [f"/documents/{one.uid}/read/" for one in (read, picture)]
    return [
        "/",
        "/search/",
        "/search/?q=kestrel",
        "/reviews/",
        "/reports/",
        "/reports/?page=2",
        "/learning/",
        "/training/",
        "/training/?view=month",
        "/training/?when=past",
        "/training/venues/",
        "/themes/",
        "/developers/",
        "/accessibility/",
        "/nothing-here/",
        "/staff/sign-in/",
        *details,
    ]


QUERIES = [
    ("/reviews/", {"q": HOSTILE}),
    ("/reviews/", {"q": "kestral", "type": HOSTILE, "year": HOSTILE, "sort": HOSTILE}),
    ("/search/", {"q": f"{HOSTILE} kestrel"}),
    ("/reports/", {"publisher": HOSTILE}),
    ("/training/", {"q": HOSTILE, "venue": HOSTILE, "view": "month", "month": HOSTILE}),
    ("/training/venues/", {"access": HOSTILE}),
    ("/staff/sign-in/", {"next": HOSTILE}),
]


def assert_harmless(response: Any, about: Any) -> None:
    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    assert page.findall(".//hostile") == [], about
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        assert not any(name.startswith("on") for name in element.attrib), about
        text = element.text or ""
        if element.tag == "script" and element.get("type") == "application/ld+json":
            json.loads(text)
        elif element.tag == "script":
            assert text == "" and element.get("src", "").startswith("/static/"), about
        assert "1337" not in text, about
    for element in page.findall(".//*[@href]"):
        assert not element.get("href", "").startswith("javascript:"), about


def test_no_page_takes_text_for_a_tag_or_a_script(administrator: Client) -> None:
    components = {path.name for path in (settings.BASE_DIR / "templates/components").glob("*.html")}
    engines["jinja2"].env.cache.clear()
    records = make_all()
    for client in (Client(), administrator):
        for address in addresses(records):
            response = client.get(address)
            assert response.status_code in (200, 302, 404, 410), address
            assert_harmless(response, address)
        for address, query in QUERIES:
            response = client.get(address, query)
            assert response.status_code in (200, 302), address
            assert_harmless(response, (address, query))
    rendered = {name.rpartition("/")[2] for _, name in engines["jinja2"].env.cache}
    assert components - rendered == set()
