"""Which pages are measured, and what each must show to be the page that is meant."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.text import slugify

from bench.fill.names import (
    COMMON_WORD,
    EVERYWHERE_WORD,
    MIDDLING_WORD,
    RARE_WORD,
    THEMES,
    course_title,
    review_title,
)

PER_PAGE = 20
FAR_PAGE = 250
LIST = "Reviews, list"
FILTERED = "… by type and year"
SEARCHES = {
    "Search, rare word": RARE_WORD,
    "Search, middling word": MIDDLING_WORD,
    "Search, word on every page": EVERYWHERE_WORD,
}
SUGGESTIONS = {"Suggestions, few begin so": RARE_WORD[:3], "Suggestions, all begin so": "sam"}
EXPORT = "Export of all publications"
TRAINING = "Training, to come"
MONTH = "Training, a month"
CALENDAR = "Training, calendar"
HOME = "Home"
AN_ITEM = 'class="item"'
A_SESSION = 'class="session"'
# Phrases of frequent words, each to be without, and words of which none is written so.
_PHRASES = ("family review", "social report", "health risk")
EXCLUDED = urlencode({"q": " ".join(["child", *(f'-"{phrase}"' for phrase in _PHRASES)])})
MISTYPED = urlencode({"q": " ".join(f"saffeguarding{letter}x" for letter in "abcdefghijkl")})


@dataclass(frozen=True)
class Address:
    name: str
    path: str
    shows: tuple[str, ...]


def addresses(reviews: int) -> list[Address]:
    return [*_library(reviews), *_training(), *_site()]


def _library(reviews: int) -> list[Address]:
    theme = THEMES[0]
    far = min(FAR_PAGE, -(-reviews // PER_PAGE))
    review = review_title(_review_with_most_themes(reviews))
    return [
        Address(LIST, "/reviews/", (AN_ITEM, "Page 1 of")),
        Address(f"… page {far}", f"/reviews/?page={far}", (AN_ITEM, f"Page {far} of")),
        Address(
            FILTERED,
            "/reviews/?type=scr&year=2021",
            (AN_ITEM, "Type: Serious case review", "Year: 2021"),
        ),
        Address("… by theme", f"/reviews/?theme={slugify(theme)}", (AN_ITEM, f"Theme: {theme}")),
        Address("… by a rare word", f"/reviews/?q={RARE_WORD}", (AN_ITEM, f"Words: “{RARE_WORD}”")),
        Address(
            "… by a common word", f"/reviews/?q={COMMON_WORD}", (AN_ITEM, f"Words: “{COMMON_WORD}”")
        ),
        Address("… by title", "/reviews/?sort=title", (AN_ITEM, 'value="title" selected')),
        Address("Review", f"/reviews/{slugify(review)}/", (f"<h1>{review}</h1>", "Documents")),
    ]


def _review_with_most_themes(reviews: int) -> int:
    """Return a number in the middle that ``give_themes`` gives four: 4, 9, 14 …"""
    return reviews // 2 // 5 * 5 - 1


def _training() -> list[Address]:
    course = course_title(7)
    return [
        Address(TRAINING, "/training/", (A_SESSION,)),
        Address(MONTH, "/training/?view=month", (A_SESSION, 'class="month-grid"')),
        Address("Training, all", "/training/?when=all", (A_SESSION,)),
        Address(
            "Training, filtered",
            f"/training/?delivery=online&theme={slugify(THEMES[0])}",
            (A_SESSION, "How it is taught: Online", f"Theme: {THEMES[0]}"),
        ),
        Address(CALENDAR, "/training/calendar.ics", ("BEGIN:VEVENT", "END:VCALENDAR")),
        Address("Course", f"/training/{slugify(course)}/", (f"<h1>{course}</h1>", A_SESSION)),
    ]


def _site() -> list[Address]:
    return [
        Address(HOME, "/", ("Newest practice reviews", AN_ITEM, A_SESSION)),
        Address(
            "Theme", f"/themes/{slugify(THEMES[0])}/", (f"<h1>{THEMES[0]}</h1>", AN_ITEM, A_SESSION)
        ),
        Address("Themes", "/themes/", tuple(THEMES[:3])),
        Address(
            "Search, word of summaries",
            f"/search/?q={COMMON_WORD}",
            (AN_ITEM, f"Words: “{COMMON_WORD}”"),
        ),
        *searches(),
        *(
            Address(name, f"/search/suggestions/?q={letters}", ("suggestions",))
            for name, letters in SUGGESTIONS.items()
        ),
        Address("Sitemap of reviews", "/sitemap-reviews.xml", ("<urlset",)),
    ]


def searches() -> list[Address]:
    """Return the whole searches: ranked, counted by every facet, with the pages that matched."""
    return [
        Address(name, f"/search/?q={word}", (AN_ITEM, 'class="hit"', "<mark>", f"Words: “{word}”"))
        for name, word in SEARCHES.items()
    ]


def export() -> Address:
    return Address(EXPORT, "/search/export.csv", ("kind,type,title", review_title(1)))


def costly(reviews: int) -> list[Address]:
    """Return the public pages whose cost to a worker is told, and how it grows."""
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
