"""The training list as a calendar of one month."""

import re
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client

from mscp.publishing.gate import State
from tests.factories import day, make_course, make_session, make_theme
from tests.pages import body_of, get, text_of

pytestmark = pytest.mark.django_db

MONTH = "/training/?view=month"


def month_page(query: str = "") -> Any:
    return get(f"{MONTH}{query}")


def days_of(response: Any) -> dict[date, list[str]]:
    """Return the titles that stand in the cells of a month, by day."""
    days = [day for week in response.context["weeks"] for day in week if day]
    return {d.date: [e.title for e in d.entries] for d in days if d.entries}


def listed_in(response: Any) -> list[str]:
    """Return the places of the sessions that are listed below the table."""
    return re.findall(r'<li class="session[^"]*"\s+id="([^"]+)"', response.content.decode())


def links_of(response: Any, rel: str) -> list[dict[str, list[str]]]:
    found = re.findall(rf'rel="{rel}" href="\?([^"]*)"', response.content.decode())
    return [parse_qs(query.replace("&amp;", "&")) for query in found]


def test_a_month_is_a_table_of_weeks_from_monday() -> None:
    make_session(make_course(title="Neglect"), start_date=day("2027-02-10"))
    page = month_page("&month=2027-02")
    html = page.content.decode()
    assert "<caption" in html and html.count('<th scope="col">') == 7
    assert re.findall(r'<th scope="col"><span class="visually-hidden">(\w+)', html)[0] == "Monday"
    assert "role=" not in html[html.index("<table") : html.index("</table>")]
    # The first of February 2027 is a Monday, and it has four weeks.
    weeks = page.context["weeks"]
    assert [week[0].date.day for week in weeks] == [1, 8, 15, 22]
    assert days_of(page) == {day("2027-02-10"): ["Neglect"]}
    assert "February 2027: 1 session" in text_of(page)


def test_what_is_outside_the_month_is_left_empty() -> None:
    weeks = month_page("&month=2027-01").context["weeks"]
    assert weeks[0][:5] == [None] * 4 + [weeks[0][4]] and weeks[0][4].date == day("2027-01-01")
    assert weeks[-1][-1].date == day("2027-01-31")


def test_today_is_marked_and_nothing_else() -> None:
    html = month_page("&month=2026-11").content.decode()
    (cell,) = re.findall(r'aria-current="date">.*?</td>', html, re.DOTALL)
    assert 'datetime="2026-11-23"' in cell
    assert 'aria-current="date"' not in month_page("&month=2026-12").content.decode()


def test_a_session_of_several_days_stands_on_each_of_them() -> None:
    make_session(
        make_course(title="Long"), start_date=day("2026-12-30"), end_date=day("2027-01-02")
    )
    assert list(days_of(month_page("&month=2026-12"))) == [day("2026-12-30"), day("2026-12-31")]
    january = month_page("&month=2027-01")
    assert list(days_of(january)) == [day("2027-01-01"), day("2027-01-02")]
    assert "day 3 of 4" in text_of(january) and january.context["total"] == 1
    assert days_of(month_page("&month=2027-02")) == {}


def test_a_month_shows_what_is_over_and_what_is_to_come() -> None:
    course = make_course(title="Neglect")
    for when in ("2026-11-03", "2026-11-29"):
        make_session(course, start_date=day(when))
    assert list(days_of(month_page("&month=2026-11"))) == [day("2026-11-03"), day("2026-11-29")]


def test_the_month_to_begin_with_is_this_one_or_that_of_the_next_session() -> None:
    assert month_page().context["month"] == day("2026-11-01")
    later = make_session(start_date=day("2027-03-09"))
    make_session(start_date=day("2026-11-02"))
    assert month_page().context["month"] == day("2027-03-01")
    make_session(start_date=day("2026-10-30"), end_date=day("2026-12-01"))
    assert month_page().context["month"] == day("2026-11-01")
    assert month_page(f"&course={later.course.slug}").context["month"] == day("2027-03-01")


def test_filters_apply_and_stay_on_every_way_out() -> None:
    theme = make_theme(name="Neglect")
    make_session(make_course(title="Kept", themes=[theme]), start_date=day("2027-01-14"))
    make_session(make_course(title="Other"), start_date=day("2027-01-15"))
    make_session(make_course(title="Later", themes=[theme]), start_date=day("2027-04-15"))
    page = month_page("&month=2027-01&theme=neglect&when=past&sort=title")
    assert days_of(page) == {day("2027-01-14"): ["Kept"]}
    (before,), (after,) = links_of(page, "prev"), links_of(page, "next")
    assert before["month"] == ["2026-12"] and after["month"] == ["2027-02"]
    (switch,) = page.context["switches"]
    to_list = parse_qs(switch["choices"][0]["query"])
    for query in (before, after, to_list):
        assert query["theme"] == ["neglect"] and query["when"] == ["past"]
        assert query["sort"] == ["title"]
    assert "view" not in to_list and to_list["month"] == ["2027-01"]
    (chip,) = page.context["filterset"].chips
    assert chip.label == "Neglect" and parse_qs(chip.query)["month"] == ["2027-01"]
    assert page.context["held"] == [("month", "2027-01"), ("when", "past"), ("sort", "title")]
    as_list = Client().get("/training/?theme=neglect&month=2027-01")
    view = as_list.context["switches"][1]
    assert parse_qs(view["choices"][1]["query"]) == {
        "theme": ["neglect"],
        "month": ["2027-01"],
        "view": ["month"],
    }


def test_from_a_month_gone_by_the_list_shows_what_was_held() -> None:
    make_session(make_course(title="Held"), start_date=day("2026-09-14"))
    (switch,) = month_page("&month=2026-09").context["switches"]
    page = Client().get(f"/training/?{switch['choices'][0]['query']}")
    assert "Held" in text_of(page)


def test_the_ways_to_other_months_end_where_sessions_do() -> None:
    make_session(start_date=day("2026-09-14"))
    make_session(start_date=day("2026-12-30"), end_date=day("2027-01-02"))
    for month, before, after in (
        ("2026-09", None, "2026-10"),
        ("2026-11", "2026-10", "2026-12"),
        ("2027-01", "2026-12", None),
        ("1999-05", None, "2026-09"),
        ("2150-05", "2027-01", None),
        ("2199-12", "2027-01", None),
    ):
        page = month_page(f"&month={month}")
        assert [query["month"][0] for query in links_of(page, "prev")] == [before] * bool(before)
        assert [query["month"][0] for query in links_of(page, "next")] == [after] * bool(after)


def test_engines_are_kept_out_of_months_without_sessions() -> None:
    make_session(start_date=day("2027-01-14"))
    assert 'name="robots"' not in month_page("&month=2027-01").content.decode()
    empty = month_page("&month=2026-12")
    assert '<meta name="robots" content="noindex">' in empty.content.decode()
    assert "There is no session in December 2026." in text_of(empty)
    assert "<table" in empty.content.decode()


def test_a_month_has_one_address_whatever_was_typed() -> None:
    make_session(start_date=day("2026-12-14"))
    for query in ("", "&month=2026-12", "&when=past&month=2026-12&sort=title"):
        assert (
            '<link rel="canonical" href="http://testserver/training/?view=month&amp;month=2026-12">'
            in month_page(query).content.decode()
        ) or (
            '<link rel="canonical" href="http://testserver/training/?month=2026-12&amp;view=month">'
            in month_page(query).content.decode()
        ), query
    assert 'canonical" href="http://testserver/training/"' in (
        Client().get("/training/?view=list").content.decode()
    )


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("view=month&month=2027-13", "Month: 2027-13"),
        ("view=month&month=2027-00", "Month: 2027-00"),
        ("view=month&month=0001-01", "Month: 0001-01"),
        ("view=month&month=9999-12", "Month: 9999-12"),
        ("view=month&month=2027-01&month=2027-02", "Month: February 2027"),
        ("view=month&when=never", "When: never"),
        ("view=month&page=2", "Page: 2"),
        ("view=grid", "View: grid"),
    ],
)
def test_what_is_wrong_is_named_and_left_out(query: str, named: str) -> None:
    page = Client().get(f"/training/?{query}")
    assert page.status_code == 200 and named in text_of(page)


def test_a_cancelled_session_is_marked_in_its_cell() -> None:
    make_session(make_course(title="Neglect"), start_date=day("2027-01-14")).cancel()
    page = text_of(month_page("&month=2027-01"))
    assert "Cancelled Neglect" in page
    assert "14 : 1 session, 1 cancelled" in page


def test_of_a_busy_day_the_cell_shows_some_and_unfolds_the_rest() -> None:
    made = [make_session(start_date=day("2027-01-14")) for _ in range(9)]
    html = month_page("&month=2027-01").content.decode()
    assert '<summary>5 more<span class="visually-hidden"> on 14 January' in html
    cell, rest = html[html.index("<table") :].split("<summary>5 more")
    address = made[4].get_absolute_url()
    assert f'href="{made[3].get_absolute_url()}"' in cell and f'href="{address}"' not in cell
    assert f'href="{address}"' in rest.partition("</td>")[0]
    for session in made:
        assert f'id="session-{session.pk}"' in html
    made[0].delete(), made[1].delete(), made[2].delete(), made[3].delete()
    assert "5 more" not in month_page("&month=2027-01").content.decode()


def test_of_a_full_month_the_table_has_all_and_the_list_below_it_comes_in_pages() -> None:
    course = make_course(title="Neglect")
    made = [make_session(course, start_date=day(f"2027-01-{1 + n // 2:02}")) for n in range(53)]
    first, second = month_page("&month=2027-01"), month_page("&month=2027-01&page=2")
    for page in (first, second):
        assert page.context["total"] == 53
        assert sum(map(len, days_of(page).values())) == 53
    assert "January 2027: 53 sessions , 1 to 50 in the list below" in text_of(first)
    assert listed_in(first) == [session.anchor for session in made[:50]]
    assert listed_in(second) == [session.anchor for session in made[50:]]
    (further,) = links_of(first, "next")
    assert further == {"view": ["month"], "month": ["2027-01"], "page": ["2#all-sessions"]}
    assert parse_qs(second.context["canonical_query"])["page"] == ["2"]


def test_a_day_leads_to_the_page_of_the_list_that_has_it() -> None:
    course = make_course(title="Neglect")
    made = [make_session(course, start_date=day("2027-01-14")) for _ in range(52)]
    last = make_session(course, start_date=day("2027-01-20"))
    here = month_page("&month=2027-01").content.decode()
    assert f'href="?view=month&amp;month=2027-01&amp;page=2#{last.anchor}"' in here
    assert f'href="#{made[0].anchor}"' in here
    there = month_page("&month=2027-01&page=2").content.decode()
    assert f'href="#{last.anchor}"' in there
    assert f'href="?view=month&amp;month=2027-01#{made[0].anchor}"' in there


def test_what_is_hidden_stands_in_no_cell_and_opens_no_month() -> None:
    make_session(make_course(title="Secret", state=State.DRAFT), start_date=day("2028-01-14"))
    page = month_page("&month=2028-01")
    assert "Secret" not in page.content.decode() and page.context["total"] == 0
    assert links_of(page, "prev")[0]["month"] == ["2026-11"]


def test_other_formats_of_a_month_hold_what_it_shows_and_the_calendar_all_months() -> None:
    make_session(make_course(title="Over"), start_date=day("2026-11-03"))
    html = month_page("&month=2026-11").content.decode()
    (csv,) = set(re.findall(r'href="(/training/export\.csv[^"]*bom=1)"', html))
    assert "Over" in body_of(Client().get(csv.replace("&amp;", "&"))).decode()
    assert 'href="/training/calendar.ics"' in html
    with_view = Client().get("/training/calendar.ics?view=month").content
    assert with_view.count(b"UID:") == Client().get("/training/calendar.ics").content.count(b"UID:")
