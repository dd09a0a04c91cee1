"""Home, themes, search, the pages of staff, errors, and pages for machines."""

import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from mscp.text.markdown import to_html
from mscp.web.errors import plain_error
from tests.factories import (
    make_briefing,
    make_contact,
    make_course,
    make_identity,
    make_page,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from tests.pages import assert_valid, get, text_of, titles

pytestmark = pytest.mark.django_db


EMPTY_PAGES = {
    "/": "Nothing is published here yet. This is where a safeguarding children partnership will",
    "/search/": "Nothing is published here yet. Once there are reviews",
    "/search/?q=neglect": "Nothing is published here yet.",
    "/reviews/": "Nothing is published here yet. A review looks at what happened",
    "/reviews/?theme=&sort=title": "Nothing is published here yet.",
    "/reports/": "Nothing is published here yet. Reports that concern every area of England",
    "/learning/": "Nothing is published here yet. Each will take seven minutes",
    "/training/": "Nothing is published here yet. Courses will stand here",
    "/training/?when=past": "Nothing is published here yet. Courses will stand here",
    "/training/venues/": "No venue is listed yet.",
    "/themes/": "Nothing is published under a theme yet.",
    "/new/": "No review, report or learning is published here yet.",
    "/numbers-to-call/": "If a child is in danger now, call 999",
}


def test_every_page_of_an_empty_site_says_what_is_true() -> None:
    for address, words in EMPTY_PAGES.items():
        page = text_of(get(address))
        assert words in page, address
        # Nothing is counted, filtered or shown as planned where nothing is.
        for idle in (" 0 ", "Filter", "Sort by", "CSV"):
            assert idle not in page, (address, idle)
    for address in ("/new/feed.atom", "/reviews/feed.atom", "/sitemap.xml", "/sitemap-lists.xml"):
        assert Client().get(address).status_code == 200
    make_course()
    assert "Nothing is published here yet." not in text_of(get("/"))


def test_training_without_a_date_ahead_says_so() -> None:
    make_session(in_days=-3)
    assert "No session is planned at present." in text_of(get("/training/"))
    assert "No session is planned at present." not in text_of(get("/training/?when=past"))


def test_a_scheduled_page_joins_the_foot_of_all_pages_by_the_clock(clock: Any) -> None:
    page = make_page(title="How we review", state=State.DRAFT)
    page.publish(at=timezone.now() + timedelta(hours=1))
    assert "How we review" not in text_of(get("/"))
    clock.shift(timedelta(hours=1))
    assert "How we review" in text_of(get("/"))


def test_home_shows_the_next_dates_the_newest_review_and_the_themes() -> None:
    neglect = make_theme(name="Neglect", group="Harm at home")
    for year in range(2010, 2020):
        make_review(title=f"Review of {year}", report_date=PartialDate(year), themes=[neglect])
    for days in range(-2, 9):
        make_session(make_course(title=f"Course in {days}"), in_days=days)
    make_theme(name="Unused")
    page = text_of(get("/"))
    assert "Newest local review Review of 2019" in page
    assert [d for d in range(-2, 9) if f"Course in {d} " in page] == [0, 1, 2]
    assert "Harm at home Neglect" in page and "Unused" not in page


def test_home_shows_the_next_sessions_behind_many_cancelled_ones() -> None:
    for days in range(1, 31):
        make_session(in_days=days, cancelled_at=timezone.now())
    for days in range(40, 46):
        make_session(make_course(title=f"Course in {days}"), in_days=days)
    page = text_of(get("/"))
    assert [d for d in range(40, 46) if f"Course in {d} " in page] == [40, 41, 42]


def test_home_leads_from_the_newest_review_to_its_learning_course_and_next_date() -> None:
    review = make_review(title="Oak", summary="What happened.")
    make_briefing(title="Oak in brief", review=review)
    course = make_course(title="Passes it on")
    course.publications.add(review)
    make_session(course, in_days=8)
    page = text_of(get("/"))
    assert "Oak Local child safeguarding practice review What happened." in page
    assert (
        "From this review 7-minute learning Oak in brief About this review "
        "Course Passes it on Teaches this practice review Next date 1 December 2026"
    ) in page


def test_home_says_where_the_chain_of_the_newest_review_has_gaps() -> None:
    theme = make_theme()
    make_review(themes=[theme])
    # Three gaps would be louder than the review itself.
    assert "No 7-minute learning, course or next date goes with it yet." in text_of(get("/"))
    make_course(title="Crying", themes=[theme])
    page = text_of(get("/"))
    assert "7-minute learning Not written yet Course Crying Shares a theme" in page
    assert "Next date None is set at present" in page


def test_a_sample_leads_nothing_while_something_real_is_there() -> None:
    make_review(title="Real", report_date="2001")
    make_review(title="Fictional", report_date="2026", is_sample=True)
    assert "Newest local review Real" in text_of(get("/"))
    for order in ("", "?sort=oldest", "?sort=added"):
        assert titles(get(f"/reviews/{order}")) == ["Real", "Fictional"]


def test_a_sample_leads_where_there_is_nothing_else() -> None:
    make_review(title="Fictional", is_sample=True)
    assert "A sample review Fictional" in text_of(get("/"))


def examples_of() -> list[str]:
    part = get("/").content.decode().partition('class="examples"')[2].partition("</p>")[0]
    return re.findall(r">([^<]+)</a>", part)


def test_each_example_of_a_search_finds_something() -> None:
    assert examples_of() == []
    make_report(title="On bruising and neglect")
    make_theme(name="Kestrels"), make_theme(name="Unused")
    make_review(title="Kestrels seen")
    assert examples_of() == ["bruising", "neglect", "Kestrels"]
    for words in examples_of():
        assert titles(get(f"/search/?q={words}"))


def test_words_of_drafts_and_samples_are_no_examples() -> None:
    make_review(title="Bruising", state=State.DRAFT), make_review()
    make_review(title="Neglect", is_sample=True)
    assert examples_of() == []


def test_identity_and_numbers_stand_on_every_page() -> None:
    make_identity(notice="Our office moves.\nNew number soon.")
    make_contact(label="Children's desk", phone="020 7946 0001", hours="9am to 5pm", position=2)
    make_contact(label="Emergency", phone="999", position=1)
    review, course = make_review(), make_course()
    for address in (
        "/",
        "/reviews/",
        review.get_absolute_url(),
        course.get_absolute_url(),
        "/training/",
        "/themes/",
        "/search/",
        "/about/",
    ):
        page = get(address)
        text, body = text_of(page), page.content.decode()
        assert "Anytown Safeguarding Children Partnership" in text
        assert "Our office moves. New number soon." in text
        assert text.index("Emergency 999") < text.index("Children's desk 020 7946 0001 9am to 5pm")
        assert 'href="tel:02079460001"' in body
        assert "Exit this page" in text
        assert body.count("<h1") == 1


def test_no_partnership_is_named_in_a_template() -> None:
    from django.conf import settings

    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        text = path.read_text().lower()
        # A module, a template tag, or the name of an address of staff.
        named = text.replace("mscp.", "").replace("admin:mscp_", "")
        assert "merton" not in text and "mscp" not in named, path


def test_a_theme_is_a_chain_from_review_to_next_date() -> None:
    theme = make_theme(name="Neglect", description="What it is.")
    make_review(title="The review", themes=[theme])
    make_report(title="The report", themes=[theme])
    make_briefing(title="The learning", themes=[theme])
    course = make_course(title="The course", themes=[theme])
    make_session(course, in_days=8, note="the date")
    page = text_of(get(theme.get_absolute_url()))
    order = ["What it is.", "The review", "The report", "The learning", "The course", "the date"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)


def test_a_chain_shows_its_gaps() -> None:
    page = text_of(get(make_theme().get_absolute_url()))
    for sentence in (
        "No local review is published under this theme yet.",
        "No national report is listed under this theme yet.",
        "No 7-minute learning is written on this theme yet.",
        "No course teaches this theme yet.",
        "No date is set at present.",
    ):
        assert page.count(sentence) == 1


def test_a_long_chain_leads_on_to_the_list() -> None:
    theme = make_theme(name="Neglect")
    for _ in range(13):
        make_review(themes=[theme])
    page = get(theme.get_absolute_url())
    assert len(titles(page)) == 10 and "All 13" in text_of(page)
    assert 'href="/reviews/?theme=neglect"' in page.content.decode()


def test_themes_in_use_are_listed_with_what_they_hold() -> None:
    neglect, draft_only, _ = (make_theme(name=n) for n in ("Neglect", "Drafts", "Unused"))
    make_review(themes=[neglect]), make_course(themes=[neglect])
    make_review(themes=[draft_only], state=State.DRAFT)
    page = get("/themes/")
    assert "Neglect review or report, no 7-minute learning, course" in text_of(page)
    assert "Drafts" not in text_of(page) and "Unused" not in text_of(page)
    assert page.content.decode().count("dot-full") == 2 + 2


def test_themes_stand_in_groups_by_name_the_ungrouped_last() -> None:
    themes = [
        make_theme(name="Zeal", position=2),
        make_theme(name="Sleep", group="Babies", position=3),
        make_theme(name="bruises", group="Babies", position=9),
        make_theme(name="Neglect", group="At home", position=5),
    ]
    make_review(themes=themes)
    found = re.findall(
        r'<h2 id="group-\d">([^<]*)<|<a href="/themes/[a-z]+/">([^<]*)<',
        get("/themes/").content.decode(),
    )
    assert [heading or name for heading, name in found] == [
        *("Babies", "bruises", "Sleep", "At home", "Neglect", "Other themes", "Zeal")
    ]


def test_themes_without_any_group_have_no_heading() -> None:
    make_review(themes=[make_theme(name="Neglect")])
    assert "Other themes" not in text_of(get("/themes/")) + text_of(get("/"))


def test_one_search_finds_publications_of_every_kind_and_courses() -> None:
    make_review(title="Bruising in babies"), make_report(title="On bruising")
    make_briefing(title="Bruising in brief"), make_course(title="Bruising for beginners")
    make_review(title="Other")
    page = get("/search/?q=bruis")
    assert set(titles(page)) == {
        "Bruising in babies",
        "On bruising",
        "Bruising in brief",
        "Bruising for beginners",
    }
    assert "3 publications" in text_of(page)
    assert titles(get("/search/?q=bruis&type=seven_minute"))[-1] == "Bruising in brief"


def test_a_search_that_finds_nothing_says_so() -> None:
    make_review()
    assert "Nothing was found. Try other words" in text_of(get("/search/?q=nonsuch"))


def test_a_search_that_finds_a_course_only_does_not_say_nothing() -> None:
    make_course(title="Bruising")
    page = get("/search/?q=bruising")
    assert "No publication was found." in text_of(page)
    assert "Nothing was found" not in text_of(page)
    assert "bruising – search – 1 result" in page.content.decode().partition("</title>")[0]


def test_many_courses_lead_on_to_training() -> None:
    for _ in range(7):
        make_course(title="Bruising")
    page = get("/search/?q=bruising")
    assert len(titles(page)) == 5
    assert 'href="/training/?q=bruising&amp;when=all"' in page.content.decode()


def test_the_pages_every_site_must_have_are_there_and_name_nobody() -> None:
    for address, title in (
        ("/about/", "About this site"),
        ("/accessibility/", "Accessibility"),
        ("/privacy/", "Privacy"),
    ):
        page = get(address)
        assert title in text_of(page) and "Merton" not in text_of(page)
        assert address in Client().get("/").content.decode()


def test_a_page_of_staff_is_formatted_and_can_carry_nothing_else() -> None:
    make_page(
        title="Newsletter",
        body="# Loud\n\n## Quiet\n\n<script>x</script> [bad](javascript:alert(1)) "
        "![pixel](https://example.org/p.png) [good](https://example.org)",
    )
    body = get("/newsletter/").content.decode()
    main = body.partition("<main")[2].partition("</main>")[0]
    assert "<h2>Loud</h2>" in main and "<h2>Quiet</h2>" in main
    assert "<script" not in main and "&lt;script&gt;" in main
    assert 'href="javascript' not in main and "<img" not in main
    assert '<a href="https://example.org">good</a>' in main


def test_formatted_text_never_takes_long() -> None:
    for hostile in ("[" * 5000, "*" * 5000, "> " * 2000, "`" * 5000, "![" * 5000):
        assert to_html(hostile) is not None


def test_a_page_cannot_take_the_address_of_another() -> None:
    page = make_page(title="Reviews")
    assert page.slug == "reviews-2"
    assert Client().get(page.get_absolute_url()).status_code == 200


# --- machines ---------------------------------------------------------------------------------


def test_the_sitemap_holds_every_public_page_once() -> None:
    theme = make_theme()
    public = [
        make_review(themes=[theme]),
        make_report(),
        make_briefing(),
        make_course(),
        make_venue(),
        make_page(),
        theme,
    ]
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    index = ElementTree.fromstring(Client().get("/sitemap.xml").content)  # noqa: S314
    found = []
    for section in index.iter(f"{space}loc"):
        path = str(section.text).removeprefix("http://testserver")
        root = ElementTree.fromstring(Client().get(path).content)  # noqa: S314
        found += [
            str(loc.text).removeprefix("http://testserver") for loc in root.iter(f"{space}loc")
        ]
    assert {record.get_absolute_url() for record in public} < set(found)
    assert {"/", "/reviews/", "/training/", "/about/"} < set(found)
    assert len(found) == len(set(found))
    for address in found:
        assert Client().get(address).status_code == 200, address


def test_robots_may_crawl_all_but_the_staffs_pages() -> None:
    text = Client().get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in text and "Sitemap: http://testserver/sitemap.xml" in text


def test_security_txt_names_a_contact_or_is_not_there() -> None:
    assert Client().get("/.well-known/security.txt").status_code == 404
    make_identity(email="ask@example.org")
    text = Client().get("/.well-known/security.txt").content.decode()
    assert "Contact: mailto:ask@example.org" in text
    assert "Expires: 2027-05-22T00:00:00+01:00" in text


def test_healthz_answers() -> None:
    response = Client().get("/healthz")
    assert response.content == b"ok\n" and "no-store" in response.headers["Cache-Control"]


# --- errors -----------------------------------------------------------------------------------


def test_a_failure_of_ours_is_named_without_the_database(monkeypatch: Any) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("mscp.site.home.themes_in_use", fail)
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    text = text_of(response)
    assert "It is our mistake, not yours." in text and "secret" not in text and "999" in text
    assert_valid(response)


def test_a_page_of_what_failed_knows_the_numbers_without_asking_for_them(
    django_assert_num_queries: Any,
) -> None:
    make_contact(phone="020 7946 0001")
    Client().get("/about/")
    with django_assert_num_queries(0):
        response = plain_error("500.html", status=500)
    assert "Worried about a child? 020 7946 0001" in text_of(response)
    assert_valid(response)
