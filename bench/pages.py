"""The pages that are measured, what each must show, and the targets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, product
from urllib.parse import urlencode

from django.utils.text import slugify

from bench.fill.names import (
    COMMON_WORD,
    EVERYWHERE_WORD,
    MIDDLING_WORD,
    RARE_WORD,
    THEMES,
    course_title,
    learning_title,
    report_title,
    review_title,
)

HOME = "home"
LIST = "list"
SEARCH = "search"
AN_ITEM = 'class="item"'
A_SESSION = '<li class="session'
TYPES = ("scr", "lcspr", "partnership_review")
YEARS = range(2006, 2026)
MOST_PATHS = 200
# Phrases of frequent words, each to be without, and words of which none is written so.
_PHRASES = ("family review", "social report", "health risk")
EXCLUDED = urlencode({"q": " ".join(["child", *(f'-"{phrase}"' for phrase in _PHRASES)])})
MISTYPED = urlencode({"q": " ".join(f"saffeguarding{letter}x" for letter in "abcdefghijkl")})

# Times the bare page, of a cached answer.
CACHED = 2
# kB of the list as sent.
LIST_AS_SENT = 12


@dataclass(frozen=True)
class Address:
    name: str
    path: str
    shows: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """A kind of page. The first path is requested repeatedly, all in turn for first times."""

    key: str
    name: str
    paths: tuple[str, ...]
    shows: tuple[str, ...]
    asked: dict[str, float] = field(default_factory=dict)
    """By kind of database: times the bare page, of an address never requested before."""

    def in_turn(self) -> Iterator[str]:
        return cycle(self.paths)


def _asked(sqlite: float, postgresql: float) -> dict[str, float]:
    return {"SQLite": sqlite, "PostgreSQL": postgresql}


def pages(reviews: int) -> list[Page]:
    """Return what is measured at every size."""
    return [
        Page(LIST, "list", ("/reviews/",), (AN_ITEM, "Page 1 of"), _asked(16, 20)),
        Page(
            "type-year",
            "list, type and year",
            tuple(f"/reviews/?type={kind}&year={year}" for kind, year in product(TYPES, YEARS)),
            ("Type: Serious case review", f"Year: {YEARS[0]}"),
            _asked(16, 20),
        ),
        *_details(reviews),
        Page(HOME, "home", ("/",), ("Newest local review", "next-dates"), _asked(16, 20)),
        Page(
            SEARCH,
            "search, a word in every text",
            (f"/search/?q={EVERYWHERE_WORD}",),
            (AN_ITEM, "<mark>", f">{EVERYWHERE_WORD}</span>"),
            _asked(30, 45),
        ),
        Page("training", "training list", ("/training/",), (A_SESSION,)),
    ]


def _details(reviews: int) -> list[Page]:
    first = _review_with_most_themes(reviews)
    of_reviews = [1 + (first - 1 + step) % reviews for step in range(min(MOST_PATHS, reviews))]
    kinds = [
        ("review", "reviews", review_title, of_reviews),
        ("report", "reports", report_title, range(1, 21)),
        ("learning", "learning", learning_title, range(1, 41)),
        ("course", "training", course_title, range(1, 101)),
    ]
    return [
        Page(
            key,
            f"detail of a {key}",
            tuple(f"/{folder}/{slugify(title(number))}/" for number in numbers),
            (f"<h1>{title(numbers[0])}</h1>",),
            _asked(15, 20),
        )
        for key, folder, title, numbers in kinds
    ]


def further_pages() -> list[Page]:
    """Return what is measured at one size only."""
    theme = slugify(THEMES[0])
    return [
        Page("far", "list, page 50", ("/reviews/?page=50",), (AN_ITEM, "Page 50 of")),
        Page("list-theme", "list of a theme", (f"/reviews/?theme={theme}",), (AN_ITEM,)),
        Page(
            "list-rare",
            "list, a rare word",
            (f"/reviews/?q={RARE_WORD}",),
            (AN_ITEM, f"Keyword: “{RARE_WORD}”"),
        ),
        Page("search-rare", "search, a rare word", (f"/search/?q={RARE_WORD}",), ("<mark>",)),
        Page(
            "search-middling",
            "search, a middling word",
            (f"/search/?q={MIDDLING_WORD}",),
            ("<mark>",),
        ),
        Page(
            "search-summaries",
            "search, a word of summaries",
            (f"/search/?q={COMMON_WORD}",),
            (AN_ITEM,),
        ),
        Page("suggestions", "suggestions", ("/search/suggestions/?q=sam",), ("suggestions",)),
        Page("theme", "page of a theme", (f"/themes/{theme}/",), (f"<h1>{THEMES[0]}</h1>",)),
        Page("themes", "themes", ("/themes/",), tuple(THEMES[:3])),
        Page("month", "training, a month", ("/training/?view=month",), ('class="month-grid"',)),
        Page("calendar", "training, calendar", ("/training/calendar.ics",), ("BEGIN:VEVENT",)),
        Page("sitemap", "sitemap of reviews", ("/sitemap-reviews.xml",), ("<urlset",)),
    ]


def _review_with_most_themes(reviews: int) -> int:
    """Return a number in the middle that ``give_themes`` gives four: 4, 9, 14 …"""
    return max(reviews // 2 // 5 * 5 - 1, 1)


def costly(reviews: int) -> list[Address]:
    """Return the public pages whose cost to a worker is reported, and how it grows."""
    review = review_title(_review_with_most_themes(reviews))
    word = f"q={EVERYWHERE_WORD}"
    return [
        Address("Reviews, list", "/reviews/", (AN_ITEM,)),
        Address("Review", f"/reviews/{slugify(review)}/", (f"<h1>{review}</h1>",)),
        Address("Theme", f"/themes/{slugify(THEMES[0])}/", (f"<h1>{THEMES[0]}</h1>",)),
        Address("Sitemap, index", "/sitemap.xml", ("<sitemapindex",)),
        Address("… of reviews, a page", "/sitemap-reviews.xml", ("<urlset",)),
        Address("… of texts, a page", "/sitemap-texts.xml", ("<urlset",)),
        Address("Reviews as CSV", "/reviews/export.csv", ("kind,type,title",)),
        Address("… by relevance", f"/reviews/export.csv?{word}", ("kind,type,title",)),
        Address("Reviews as JSON, a page", "/reviews/export.v1.json", ('"results"',)),
        Address("Reviews as Atom, a page", "/reviews/feed.atom", ("<feed",)),
        Address("Search, word on every page", f"/search/?{word}", (AN_ITEM,)),
        Address("… without three phrases", f"/search/?{EXCLUDED}", ()),
        Address("… of twelve mistyped words", f"/search/?{MISTYPED}", ()),
    ]


def staff_only() -> list[Address]:
    return [
        Address("Admin, home", "/admin/", ()),
        *(
            Address(f"… list of {what}", f"/admin/{path}/", ("result_list",))
            for what, path in {
                "reviews": "reviews/practicereview",
                "documents": "reviews/document",
                "learnings": "reviews/briefing",
                "courses": "training/course",
                "sessions": "training/session",
                "venues": "training/venue",
            }.items()
        ),
    ]
