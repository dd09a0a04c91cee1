"""Style guide: every component of the pages in its variants, for staff and for those who build it.

For anybody else its address is one at which nothing is.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.views.generic import TemplateView

from mscp.cache.pages import reads
from mscp.database import clock
from mscp.listing.facets import Chip, Choice, Panel
from mscp.listing.offers import Offer, Offers
from mscp.listing.params import Unsearchable
from mscp.models import SiteIdentity
from mscp.publishing.gate import State
from mscp.publishing.views import Reader
from mscp.records.partial_dates import PartialDate
from mscp.search.explanation import explain
from mscp.search.query import read
from mscp.site.pages import PageView
from mscp.site.previews import AnswerForm
from mscp.web.site_context import Contact
from reviews.citations import Citation
from reviews.documents.note_links import Mark
from reviews.documents.reading_page import Cut, Page, Part, Picture, Piece, corrected_of
from reviews.documents.table_cells import Cells, cells_of
from reviews.items import Cover
from reviews.models import (
    Document,
    DocumentFile,
    Kind,
    NationalReport,
    PracticeReview,
    Publication,
    PublicationChangeNote,
    Theme,
    WordsFrom,
)
from training.access import access_facts
from training.models import Course, Session, Venue
from training.month.weeks import Day, Entry

_SLUG = "styleguide"


@reads()
def styleguide(request: HttpRequest) -> HttpResponseBase:
    if settings.DEBUG or _is_staff(request):
        return StyleguideView.as_view()(request)
    # As every other single word of which staff have written no page.
    return PageView.as_view()(request, slug=_SLUG)


def _is_staff(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_staff


class StyleguideView(TemplateView):
    query_parameters: ClassVar[tuple[str, ...]] = ()
    template_name = "pages/styleguide.html"
    # So that the menu shows how the section of a page is marked.
    section = "training"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(noindex=True, **_examples(), **kwargs)


class _Covered:
    """A document whose cover is a picture of ours, since that of an example is stored nowhere."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.covers = [(static("img/apple-touch-icon.png"), 160)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._document, name)


class _ExampleForm(forms.Form):
    name = forms.CharField(label="Your name", help_text="As it shall stand in the list.")
    place = forms.CharField(label="Place")
    agreed = forms.BooleanField(label="I have read the terms")


def _examples() -> dict[str, Any]:
    """Return one of everything that a component shows. All is invented and nothing is stored."""
    themes = [Theme(name=name, slug=slug) for name, slug in _THEMES.items()]
    return {
        "themes": themes,
        "anytown": SiteIdentity(
            name="Anytown Safeguarding Children Partnership",
            email="ask@example.org",
            phone="020 7946 0000",
            website="https://example.org/",
            source_title="Working well together (an example)",
            source_address="https://example.org/guidance",
        ),
        "brands": _brands(),
        "example_contacts": [
            Contact("Children’s desk", "tel:02079460000", "020 7946 0000", "All day", None),
            Contact("Out of hours", "tel:02079460001", "020 7946 0001", "", None),
        ],
        "ignored": [SimpleNamespace(label="Year", value="19x9")],
        **_search_examples(),
        "links": [SimpleNamespace(text="The panel’s own page", address="https://example.org/")],
        "form": _ExampleForm({"example-name": "Robin Sample"}, prefix="example"),
        **_list_examples(),
        **_publication_examples(themes),
        **_reading_examples(),
        **_training_examples(),
    }


def _search_examples() -> dict[str, Any]:
    marked = ["<mark>Bruises</mark> of a <mark>baby</mark>", "<mark>general practitioner</mark>"]
    return {
        "noun": "publication,publications",
        "no_offers": Offers(),
        "offers": Offers(
            respelt=(Offer("neglect", "q=neglect", 4), Offer("reject", "", 1)),
            fewer_filters=(Offer("Year", "", 3),),
            parts=(Offer("baby bruise", "q=baby+bruise", 1, ("zebra",)),),
        ),
        "unsearchable": Unsearchable("who was there", "are", "too common to search for"),
        "explanation": explain(read("bruise baby"), marked),
        "longer_explanation": explain(
            read('the GP "not seen" bruis* multi-agency -dog ' + "word " * 60), marked
        ),
    }


def _reading_examples() -> dict[str, Any]:
    found = [Piece("The nurse saw a "), Piece("bruise", 1, 1), Piece(" and asked about it.")]
    pages = [Page(number, [Part("paragraph", texts=[found])]) for number in (1, 2, 3, 4)]
    noted = Piece(
        "He was not seen 4.", runs=("He was not seen", Mark("4", 15, 17, "m4", "n4"), ".")
    )
    note = Part(
        "note", texts=[[Piece("Minutes of the meeting.")]], label="4", anchor="n4", mark="m4"
    )
    pages[1].matches = [1, 2, 3]
    pages[1].picture = Picture(static("img/apple-touch-icon.png"), 180, 180)
    table = Part("table", text="Table 1: Who saw a bruise", caption_of="Table 1")
    table.texts = [[Piece("Table 1: Who saw a "), Piece("bruise", 2)]]
    table.head, table.body, _ = _cells([["Agency", "Saw"], ["School", "3"], ["Health", "12"]])
    overleaf = Part("table", texts=[[Piece("")]], continues=True, repeats_head=True)
    overleaf.head, overleaf.body, _ = _cells([["Agency", "Saw"], ["Police", "1"]])
    caption = Part("paragraph", texts=[[Piece("Figure 2: Who knew")]], caption_of="Figure 2")
    figure = Part("figure", text="Figure 1: Who saw it", texts=[[Piece("Figure 1: Who saw it")]])
    figure.caption_of, figure.parts = "Figure 1", [Part("paragraph", texts=[[Piece("Seen")]])]
    figure.cut = Cut(pages[1].picture, 20, 40, 140, 90)
    sources = {0: WordsFrom.STAFF, 2: WordsFrom.WORD, 3: WordsFrom.TYPED}
    for place, source in sources.items():
        page = pages[place]
        page.words_from, page.corrected_at = source, clock.now()
        page.correct_address = "#reading"
    unnamed = replace(figure, text="", texts=[[Piece("")]], caption_of="")
    return {
        "read_corrected": corrected_of(pages),
        "read_notes": [Part("paragraph", texts=[[noted]]), note],
        "read_parts": [
            Part("list", texts=[[Piece("A bruise")], [Piece("A visit")]]),
            Part("list", texts=[[Piece("1. A bruise")]], without_bullet=[0]),
            caption,
        ],
        "read_figures": [figure, unnamed],
        "read_pages": pages,
        "read_tables": [table, overleaf],
        "read_query": read("bruise"),
        "nothing_read": read("of the"),
    }


def _cells(rows: list[list[str]]) -> Cells:
    block = {"rows": [[[words] for words in row] for row in rows], "has_heading": True}
    return cells_of(block, lambda text: [Piece(text)])


def _brands() -> list[tuple[str, Any]]:
    """Return partnerships with and without a logo, each with what is special about it."""
    named = {"name": "Anytown Safeguarding Children Partnership", "abbreviation": "ASCP"}
    long = "Anytown, Othertown and Thirdtown Safeguarding Children Partnership"
    logo = {
        "logo": True,
        "logo_size": (40, 40),
        "logo_address": static("img/mark.svg"),
        "logo_text": "",
        "logo_has_name": False,
    }
    return [
        ("Brand with a logo", SimpleNamespace(**named, **logo)),
        ("Brand without one", SiteIdentity(**named)),
        ("Brand with a long name", SiteIdentity(**named | {"name": long})),
    ]


_THEMES = {
    "Neglect": "neglect",
    "Bruising in babies": "bruising-in-babies",
    "Domestic abuse": "domestic-abuse",
}


def _list_examples() -> dict[str, Any]:
    chips = [Chip("Type", "Serious case review", ""), Chip("Keyword", "“baby”", "")]
    kinds = (
        Choice("one", "Serious case review", 7, True, 100),
        Choice("other", "Partnership review", 1, False, 14),
        Choice("none", "One that nothing fits", 0, False, 0, "3 not checked yet"),
    )
    rest = (Choice("more", "Another choice", 2, False, 28),)
    years = tuple(
        Choice(str(2018 + number), str(2018 + number), reviews, number == 3, reviews * 20)
        for number, reviews in enumerate((1, 0, 3, 5, 2, 4))
    )
    pages = Paginator(range(400), 20)
    counted = [("open", "Upcoming", 27), ("past", "Past", 1), ("all", "All", 28)]
    return {
        "chips": chips,
        "filterset": SimpleNamespace(chips=chips, data={"q": "baby"}),
        "facets": [
            Panel("kind", "Type", "All that you choose must fit.", False, False, kinds, rest),
            Panel("place", "Place", "", False, True, kinds[1:2], ()),
        ],
        "timeline_facet": Panel("year", "Year", "", True, False, years, ()),
        "page_of_many": pages.page(5),
        "page_numbers": pages.get_elided_page_range(5),
        "sorts": [("", "Newest first"), ("oldest", "Oldest first")],
        "switches": [
            _switch("when", "When", counted),
            _switch("view", "View", [("list", "List", None), ("month", "Month", None)]),
        ],
    }


def _switch(
    name: str, label: str, choices: Sequence[tuple[str, str, int | None]]
) -> dict[str, Any]:
    keys = ("value", "label", "number", "query")
    return {
        "name": name,
        "label": f"{label}, an example",
        "value": choices[0][0],
        "choices": [dict(zip(keys, (*choice, ""), strict=True)) for choice in choices],
    }


def _publication_examples(themes: list[Theme]) -> dict[str, Any]:
    live = {
        "state": State.PUBLISHED,
        "published_at": clock.now(),
        "first_published_at": clock.now(),
    }
    review = PracticeReview(
        kind=Kind.PRACTICE_REVIEW,
        type="lcspr",
        title="Robin (Child X, an example)",
        slug="an-example",
        pseudonym="Robin",
        aliases="Child Y",
        summary="An invented review. It shows how a summary of some length stands in a list.",
        report_date=PartialDate(2026, 1),
        **live,
    )
    report = NationalReport(
        kind=Kind.NATIONAL_REPORT,
        type="thematic_report",
        title="A national report that has no date (an example)",
        slug="an-example",
        publisher="Child Safeguarding Practice Review Panel",
        **live,
    )
    draft = PracticeReview(
        kind=Kind.PRACTICE_REVIEW, type="scr", title="A draft", updated_at=clock.now()
    )
    found = PracticeReview(
        kind=Kind.PRACTICE_REVIEW, type="scr", title="What a search found", slug="found", **live
    )
    found.hits = [
        SimpleNamespace(
            place=SimpleNamespace(
                number=number, pages=13, title="Report", reading_address="#", file_address="#"
            ),
            text="… a baby of three months with a bruise four weeks old …",
        )
        for number in (8, 2, 11)
    ]
    for publication in (review, report, found):
        publication.theme_names = ", ".join(theme.name for theme in themes[:2])
    covered = PracticeReview(
        kind=Kind.PRACTICE_REVIEW, type="scr", title="One with a cover", slug="covered", **live
    )
    covered.theme_names = ""
    covered.cover = Cover(static("img/apple-touch-icon.png"), 160)
    return {
        "review": review,
        "publications": [review, report, covered],
        "found": [found, report],
        "change_notes": [
            PublicationChangeNote(text=f"Page {number} corrected.", dated=date(2026, 11, number))
            for number in range(12, 5, -1)
        ],
        "draft": draft,
        "outside": _reader(),
        "outside_answered": _reader(
            answer=SimpleNamespace(
                agreed=False, comment="Page 4 is wrong.", answered_at=clock.now()
            )
        ),
        "documents": _documents(review),
        "scan": _document(review, title="A scan", has_text=False),
        "citation": Citation(
            key="an-example",
            title=review.title,
            type="Practice review",
            authors=["A. Sample", "B. Sample"],
            publisher="Anytown Safeguarding Children Partnership",
            dated=review.report_date,
            themes=[theme.name for theme in themes],
            address="https://example.org/reviews/an-example/",
            accessed=clock.today(),
        ),
        "chain_of_gaps": [_step("7-minute learning", "", ""), _step("Course", "", "")],
        "chain": [
            _step("7-minute learning", "Robin in seven minutes", "Of this review"),
            _step("Course", "Seeing bruises", "Shares a theme", ("3 more", "#")),
            _step("Next date", "", "None is set at present"),
        ],
    }


def _reader(**more: Any) -> Reader:
    return Reader(
        name="Alex Sample, author of the review",
        address="#",
        expires_at=clock.now() + timedelta(days=7),
        noun="practice review",
        form=AnswerForm(digest="an example"),
        digest="an example",
        **more,
    )


def _step(
    name: str, title: str, note: str, more: tuple[str, str] | None = None
) -> dict[str, object]:
    return {"name": name, "title": title, "address": "#", "note": note, "more": more}


def _document(publication: Publication, *, title: str, has_text: bool = True) -> Document:
    file = DocumentFile(
        size=169_000, pages=13, has_text=has_text, is_tagged=has_text, cover_height=160
    )
    return Document(
        publication=publication, title=title, kind="report", file=file, dated=PartialDate(2026, 1)
    )


def _documents(publication: Publication) -> list[tuple[str, Any]]:
    """Return documents with what is special about each."""
    elsewhere = {
        "publication": publication,
        "kind": "report",
        "url": "https://example.org/reports",
        "pages": 28,
    }
    return [
        ("With a cover", _Covered(_document(publication, title="Report with a cover"))),
        ("Without a cover", _document(publication, title="Executive summary")),
        ("A picture of its pages", _document(publication, title="A scan", has_text=False)),
        (
            "On a list elsewhere, which nobody has checked",
            Document(title="Report in a list", leads_to_list=True, **elsewhere),
        ),
        (
            "A file elsewhere",
            Document(title="Report elsewhere", leads_to_file=True, url_checked=True, **elsewhere),
        ),
    ]


def _training_examples() -> dict[str, Any]:
    today, now = clock.today(), clock.now()
    long_ago = now - timedelta(days=300)
    course = Course(
        title="Seeing bruises (an example)",
        slug="an-example",
        state=State.PUBLISHED,
        published_at=long_ago,
        first_published_at=long_ago,
        booking_email="book@example.org",
    )
    dateless = Course(title="A course without a date", slug="dateless", state=State.PUBLISHED)
    for one, day in ((course, today + timedelta(days=20)), (dateless, None)):
        one.next_date = day
    hall = Venue(
        pk=-1, name="Town hall", slug="town-hall", town="Anytown", step_free="yes", lift="no"
    )
    known = {"start_time": time(9, 30), "end_time": time(16), "venue": hall}
    variants: list[tuple[str, dict[str, Any]]] = [
        ("All is known", {**known, "places": "open"}),
        ("Nothing is known but the day", {}),
        ("New", {**known, "created_at": now}),
        ("Changed", {**known, "revised_at": now, "change_note": "Moved to the town hall."}),
        ("Cancelled", {**known, "cancelled_at": now, "change_note": "The trainer is ill."}),
        ("Full", {**known, "places": "full"}),
        ("Last places, to be booked by a day", {**known, "places": "last_places"}),
        ("Several days, online", {"delivery": "online", "end_date": today + timedelta(days=29)}),
        ("Past", {**known, "start_date": today - timedelta(days=30)}),
    ]
    sessions = [
        (name, _session(course, number, fields)) for number, (name, fields) in enumerate(variants)
    ]
    sessions[6][1].booking_closes = today + timedelta(days=10)
    entries = tuple(
        Entry(f"Course {number} (an example)", "#", "#", "9.30am", number == 2, 1, 1)
        for number in range(1, 8)
    )
    second = Entry("The second of two days (an example)", "#", "#", "9.30am", False, 2, 2)
    of_days = [
        ((), False),
        (entries[:1], True),
        (entries[:3], False),
        (entries, False),
        ((second,), False),
        ((), False),
        (entries[:1], False),
    ]
    monday = today - timedelta(days=today.weekday())
    return {
        "courses": [course, dateless],
        "bare": [_session(course, number, {}) for number in range(20, 24)],
        "sessions": sessions,
        "days": [
            Day(monday + timedelta(days=number), its_entries, is_today)
            for number, (its_entries, is_today) in enumerate(of_days)
        ],
        "known_access": access_facts(hall),
        "unknown_access": access_facts(Venue()),
        "access_checked_on": date(2026, 9, 1),
    }


def _session(course: Course, number: int, fields: dict[str, Any]) -> Session:
    values = {
        "start_date": clock.today() + timedelta(days=20 + number),
        "created_at": clock.now() - timedelta(days=200),
        **fields,
    }
    # No key of a real session, since the address of its place on the page has it.
    return Session(pk=-1 - number, course=course, **values)
