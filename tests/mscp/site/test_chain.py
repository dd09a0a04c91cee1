"""The learning chain: walked both ways from every page, and its gaps told to staff."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mscp.publishing.gate import State
from mscp.site.dashboard import gaps_for
from reviews.panels import registered_groups
from tests.factories import (
    ALL_STATES,
    HIDDEN_STAGES,
    make_briefing,
    make_course,
    make_report,
    make_review,
    make_session,
    make_theme,
)
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db


class Chain:
    """One of each link, joined as closely as the links can be."""

    def __init__(self) -> None:
        self.theme = make_theme(name="Neglect")
        themes = [self.theme]
        self.review = make_review(title="The review", themes=themes)
        self.report = make_report(title="The report", themes=themes)
        self.learning = make_briefing(title="The learning", themes=themes, review=self.review)
        self.course = make_course(title="The course", themes=themes)
        self.course.publications.add(self.review)
        self.session = make_session(self.course, in_days=8)
        self.links = [self.review, self.report, self.learning, self.course]


def page_of(record: Any) -> Any:
    response = Client().get(record.get_absolute_url())
    assert response.status_code == 200
    assert_valid(response)
    return response


def main_of(record: Any) -> str:
    return page_of(record).content.decode().partition("<main")[2].partition("</main>")[0]


def groups_of(record: Any) -> dict[str, list[str]]:
    """Return the groups of what belongs with a record, each with the titles in it."""
    belongs = main_of(record).partition('id="belongs"')[2]
    parts = re.split(r"<h3[^>]*>([^<]*)</h3>", belongs)[1:]
    return {
        heading: re.findall(r'<h4 class="item-title"><a[^>]*>([^<]*)<', part)
        for heading, part in zip(parts[::2], parts[1::2], strict=True)
    }


def badges_of(record: Any) -> dict[str, str]:
    """Return the titles that are marked as belonging directly, each with its mark."""
    pattern = r'item-title"><a [^>]*>([^<]*)</a></h4>\s*<p class="item-meta"><span[^>]*>([^<]*)<'
    return dict(re.findall(pattern, main_of(record)))


def steps_of(record: Any) -> list[tuple[str, str, str]]:
    """Return the drawn steps of a publication: name, title, and what is said of each."""
    drawing = main_of(record).partition('<ol class="steps">')[2].partition("</ol>")[0]
    steps = re.findall(r'<li class="step( step-gap)?">(.*?)</li>', drawing, re.DOTALL)
    found = []
    for gap, step in steps:
        parts = [
            (re.search(rf'<p class="step-{part}">(.*?)</p>', step, re.DOTALL) or ["", ""])[1]
            for part in ("name", "title", "note")
        ]
        name, title, note = (" ".join(re.sub("<[^>]+>", " ", part).split()) for part in parts)
        assert bool(gap) is (title == "")
        found.append((name, title, note))
    return found


# --- each page links to its neighbours --------------------------------------------------------


def test_each_page_leads_to_every_other_link_of_its_chain() -> None:
    chain = Chain()
    for page in [*chain.links, chain.theme]:
        body = main_of(page)
        for other in [*chain.links, chain.theme]:
            if other is not page:
                assert f'href="{other.get_absolute_url()}"' in body, (page, other)
        words = text_of(page_of(page))
        days = ("1 December 2026", "1 Dec 2026 Tue")
        assert any(day in words for day in days), page


def test_the_steps_of_a_publication_lead_to_learning_course_and_next_date() -> None:
    chain = Chain()
    course = ("Course", "The course", "Teaches this practice review")
    date = ("Next date", "1 December 2026", "Add to calendar , 1 December 2026")
    assert steps_of(chain.review) == [
        ("7-minute learning", "The learning", "About this review"),
        course,
        date,
    ]
    shared = ("Course", "The course", "Shares a theme")
    assert steps_of(chain.report) == [
        ("7-minute learning", "The learning", "Shares a theme"),
        shared,
        date,
    ]
    assert steps_of(chain.learning) == [
        ("Review", "The review", "The review it is about"),
        shared,
        date,
    ]


def test_a_missing_step_is_drawn_as_a_gap_and_says_so() -> None:
    theme = make_theme()
    crying = make_course(title="Crying", themes=[theme])
    found = [("Course", "Crying", "Shares a theme"), ("Next date", "", "None is set at present")]
    review = make_review()
    review.themes.add(theme)
    assert steps_of(review) == [("7-minute learning", "", "Not written yet"), *found]
    learning = make_briefing(themes=[make_theme()])
    crying.publications.add(learning)
    course = ("Course", "Crying", "Teaches this 7-minute learning")
    assert steps_of(learning) == [("Review", "", "None on its themes yet"), course, found[1]]


def test_where_every_step_is_missing_a_sentence_says_so() -> None:
    for record, first in ((make_review(), "7-minute learning"), (make_briefing(), "review")):
        assert steps_of(record) == []
        sentence = f"No {first}, course or next date goes with it yet."
        assert sentence in text_of(Client().get(record.get_absolute_url()))


def test_a_real_review_leads_to_no_sample_and_a_sample_does() -> None:
    theme = make_theme()
    make_briefing(title="Fictional", themes=[theme], is_sample=True)
    real, sample = make_review(themes=[theme]), make_review(themes=[theme], is_sample=True)
    assert steps_of(real) == []
    assert groups_of(real)["7-minute learnings"] == ["Fictional"]
    assert steps_of(sample)[0] == ("7-minute learning", "Fictional", "Shares a theme")


def test_the_next_date_is_of_another_course_where_the_first_has_none() -> None:
    review = make_review()
    first, other = make_course(title="Direct"), make_course(title="Other")
    first.publications.add(review), other.publications.add(review)
    make_session(other, in_days=8)
    assert steps_of(review)[1:] == [
        ("Course", "Other", "Teaches this practice review"),
        ("Next date", "1 December 2026", "Add to calendar , 1 December 2026"),
    ]
    theme = make_theme()
    near = make_review(themes=[theme])
    make_course(title="Without a date").publications.add(near)
    make_session(make_course(title="Shares", themes=[theme]), in_days=8)
    assert steps_of(near)[1:] == [
        ("Course", "Without a date", "Teaches this practice review"),
        ("Next date", "1 December 2026", "Shares , · Add to calendar , 1 December 2026"),
    ]


@pytest.mark.parametrize("days", [(5, 3, 8), (None, 8, 3), (None, 3, 3), (None, None, None), ()])
def test_the_steps_alone_are_those_of_the_page(days: tuple[int | None, ...]) -> None:
    theme = make_theme()
    review = make_review(themes=[theme])
    # The first stands first, since it teaches the review itself.
    for number, ahead in enumerate(days):
        course = make_course(title=f"Course {number}", themes=[theme])
        if number == 0:
            course.publications.add(review)
        if ahead:
            make_session(course, in_days=ahead, start_time=time(15 - number))
    steps, alone = (
        [group.step for group in registered_groups(review, steps_only=steps_only)]
        for steps_only in (False, True)
    )
    assert steps == alone


def test_the_groups_stand_in_the_order_of_the_chain_without_what_it_shows() -> None:
    chain = Chain()
    themes = [chain.theme]
    make_review(title="Another review", themes=themes)
    assert list(groups_of(chain.review)) == ["Practice reviews", "National reports"]
    make_briefing(themes=themes)
    make_session(make_course(themes=themes), in_days=20)
    assert list(groups_of(chain.review)) == [
        *("Practice reviews", "National reports", "7-minute learnings", "Courses", "Next dates")
    ]
    assert list(groups_of(chain.course)) == [
        "It passes on",
        "Practice reviews that share a theme",
        "National reports that share a theme",
        "7-minute learnings that share a theme",
    ]


def test_what_belongs_directly_comes_first_and_is_marked() -> None:
    theme = make_theme()
    review = make_review(title="The review", themes=[theme])
    for number in range(6):
        make_briefing(title=f"Newer learning {number}", themes=[theme], report_date="2026")
        course = make_course(title=f"Sooner course {number}", themes=[theme])
        make_session(course, in_days=1)
    learning = make_briefing(title="The learning", review=review, report_date="2001")
    make_briefing(title="Second learning", review=review, report_date="2000")
    course, second = make_course(title="The course"), make_course(title="Second course")
    course.publications.add(review, learning), second.publications.add(review, learning)
    make_session(course, in_days=99), make_session(second, in_days=100)
    groups = groups_of(review)
    # The first of each stands in the chain.
    assert [title for _, title, _ in steps_of(review)[:2]] == ["The learning", "The course"]
    for heading, first in (("7-minute learnings", "Second learning"), ("Courses", "Second course")):
        assert groups[heading][0] == first and len(groups[heading]) == 4
    assert badges_of(review) == {
        "Second learning": "About this review",
        "Second course": "Teaches this practice review",
    }
    assert badges_of(learning) == {"Second course": "Teaches this 7-minute learning"}
    assert groups_of(course)["It passes on"] == ["The review", "The learning"]
    assert badges_of(make_report(themes=[theme])) == {}


def test_a_course_passes_on_in_the_order_of_the_chain() -> None:
    course = make_course()
    course.publications.add(
        make_briefing(title="Learning", report_date="2026"),
        make_report(title="Report", report_date="2025"),
        make_review(title="Old review", report_date="2001"),
        make_review(title="New review", report_date="2002"),
    )
    assert groups_of(course) == {"It passes on": ["New review", "Old review", "Report", "Learning"]}


def test_a_publication_shows_the_next_date_of_each_of_its_courses() -> None:
    review = make_review()
    for title, days in (("Later", 9), ("Sooner", 3), ("Gone", -3)):
        course = make_course(title=title)
        course.publications.add(review)
        make_session(course, in_days=days, note=f"{title} next")
        make_session(course, in_days=days + 30 if days > 0 else days, note="Not the next")
    assert steps_of(review)[1][1] == "Sooner"
    assert steps_of(review)[2][1] == "26 November 2026"
    assert groups_of(review)["Next dates"] == ["Later"]
    page = text_of(page_of(review))
    assert "Later next" in page and "Not the next" not in page


def test_a_learning_names_the_review_it_is_about_only_while_that_is_public() -> None:
    review = make_review(title="The review")
    learning = make_briefing(review=review, background="Words.")
    assert "About the review The review" in text_of(page_of(learning))
    review.withdraw(reason="A name")
    assert "The review" not in text_of(page_of(learning))


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_no_neighbour_is_shown_that_is_not_public(state: State) -> None:
    theme = make_theme()
    review = make_review(themes=[theme])
    make_briefing(title="Hidden learning", state=state, themes=[theme], review=review)
    course = make_course(title="Hidden course", state=state, themes=[theme])
    course.publications.add(review)
    make_session(course, note="Hidden date")
    assert "Hidden" not in text_of(page_of(review))
    assert "belongs" not in main_of(review)
    assert all(title == "" for _, title, _ in steps_of(review))
    assert "Hidden" not in text_of(page_of(theme))


# --- the chain of a theme is drawn --------------------------------------------------------------


def links_of(theme: Any) -> list[tuple[bool, str]]:
    """Return the drawn links of a theme: whether one is a gap, and its heading or sentence."""
    links = re.findall(
        r'<li class="chain-link( chain-link-empty)?">\s*<(?:h2 id="[a-z_]+"|p class="chain-gap")>'
        r"(.*?)</(?:h2|p)>",
        main_of(theme),
        re.DOTALL,
    )
    return [(bool(gap), " ".join(re.sub("<[^>]+>", "", words).split())) for gap, words in links]


def test_the_chain_is_drawn_once_with_five_links_that_say_how_many_they_hold() -> None:
    chain = Chain()
    make_report(themes=[chain.theme])
    make_session(chain.course, in_days=10), make_session(chain.course, in_days=-10)
    assert links_of(chain.theme) == [
        (False, "Practice reviews"),
        (False, "National reports 2 in all"),
        (False, "7-minute learnings"),
        (False, "Courses"),
        (False, "Next dates 2 in all"),
    ]


def test_an_empty_link_is_drawn_as_a_gap_and_says_so() -> None:
    chain = Chain()
    for learning in HIDDEN_STAGES:
        make_briefing(state=learning, themes=[chain.theme])
    chain.learning.delete()
    chain.session.delete()
    links = links_of(chain.theme)
    assert [gap for gap, _ in links] == [False, False, True, False, True]
    assert links[2][1] == "No 7-minute learning is written on this theme yet."
    assert links[4][1] == "No date is set at present."


def test_the_number_of_dates_is_that_of_all_of_them() -> None:
    chain = Chain()
    for days in range(20, 27):
        make_session(chain.course, in_days=days)
    assert links_of(chain.theme)[4][1] == "Next dates 8 in all"


# --- the gaps, as staff see them --------------------------------------------------------------

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
THEMES = "/admin/reviews/theme/?gap=no-learning"
LEARNINGS = "/admin/reviews/briefing/?gap=no-course&state=published"
COURSES = "/admin/training/course/?dates=none-ahead&state=published"


def gaps(client: Client) -> dict[str, int]:
    """Return the report of gaps, each number proved against the list that it leads to."""
    found = {}
    for gap in gaps_for(client.user):  # type: ignore[attr-defined]
        listed = client.get(gap.address)
        assert listed.context["cl"].result_count == gap.number, gap
        found[gap.address] = gap.number
    return found


def test_a_whole_chain_has_no_gap(publisher: Client) -> None:
    Chain()
    assert gaps(publisher) == {}
    assert "Gaps in the chain" not in text_of(publisher.get("/admin/"))


def test_without_its_last_date_ahead_a_course_is_the_one_gap(publisher: Client) -> None:
    chain = Chain()
    earlier = make_session(chain.course, in_days=-3)
    chain.session.delete()
    assert gaps(publisher) == {COURSES: 1}
    page = publisher.get("/admin/")
    assert "Gaps in the chain 1 published course with no date ahead" in text_of(page)
    assert f'href="{COURSES.replace("&", "&amp;")}"' in page.content.decode()
    assert earlier.is_past


def test_one_more_course_without_a_date_is_one_row_more(publisher: Client) -> None:
    chain = Chain()
    make_course(), make_course()
    before = gaps(publisher)
    chain.session.delete()
    assert before == {COURSES: 2}
    assert gaps(publisher) == {COURSES: 3}


def test_a_date_is_ahead_to_the_end_of_its_last_day(publisher: Client, clock: Any) -> None:
    make_session(make_course(), in_days=0)
    clock.shift(timedelta(hours=13, minutes=59))
    assert gaps(publisher) == {}
    clock.shift(timedelta(minutes=1))
    publisher.force_login(publisher.user, backend=BACKEND)  # type: ignore[attr-defined]
    assert gaps(publisher) == {COURSES: 1}


def test_a_theme_with_reviews_and_no_learning_is_a_gap(publisher: Client) -> None:
    chain = Chain()
    make_review(themes=[chain.theme])
    chain.learning.delete()
    make_theme(name="Empty")
    make_report(themes=[make_theme(name="Reports only")])
    assert gaps(publisher) == {THEMES: 1}
    assert "Neglect" in text_of(publisher.get(THEMES))


def test_a_learning_that_no_course_goes_with_is_a_gap(publisher: Client) -> None:
    chain = Chain()
    alone = make_briefing(title="Alone", themes=[make_theme()], review=chain.review)
    assert gaps(publisher) == {LEARNINGS: 1}
    assert "Alone" in text_of(publisher.get(LEARNINGS))
    chain.course.publications.add(alone)
    assert gaps(publisher) == {}
    chain.course.publications.remove(alone)
    alone.themes.add(chain.theme)
    assert gaps(publisher) == {}


@pytest.mark.parametrize("state", ALL_STATES)
def test_only_what_is_published_makes_or_closes_a_gap(state: State, publisher: Client) -> None:
    public = state is State.PUBLISHED
    bare, closed = make_theme(), make_theme()
    make_review(state=state, themes=[bare])
    make_review(themes=[closed])
    make_briefing(state=state, themes=[closed])
    make_briefing(themes=[bare])
    make_course(state=state, themes=[bare])
    found = gaps(publisher)
    assert found.get(THEMES, 0) == (0 if public else 1)
    assert found.get(LEARNINGS, 0) == 1
    assert found.get(COURSES, 0) == (1 if public else 0)


def test_a_scheduled_learning_closes_the_gap_by_the_clock(publisher: Client, clock: Any) -> None:
    theme = make_theme()
    make_review(themes=[theme])
    make_session(make_course(themes=[theme]), in_days=9)
    make_briefing(state=State.SCHEDULED, themes=[theme])
    assert gaps(publisher) == {THEMES: 1}
    clock.shift(timedelta(days=2))
    assert gaps(publisher) == {}


def test_an_editor_is_told_the_gaps_an_editor_can_begin_to_close(editor: Client) -> None:
    make_review(themes=[make_theme()])
    make_briefing(), make_course()
    assert list(gaps(editor)) == [THEMES, LEARNINGS]


def test_the_filters_offer_themselves_in_their_lists(publisher: Client) -> None:
    make_theme(), make_briefing(), make_course()
    for model, words in (
        ("reviews_theme", "Reviews, but no learning"),
        ("reviews_briefing", "No published course"),
        ("training_course", "No date ahead"),
    ):
        page = publisher.get(reverse(f"admin:{model}_changelist"))
        assert words in text_of(page), model
