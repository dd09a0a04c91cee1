from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from reviews.models import Briefing, Kind, ListLink, Publication
from reviews.views import MOST_RELATED
from tests.factories import (
    ALL_STATES,
    HIDDEN_STAGES,
    MINIMAL_PDF,
    make_briefing,
    make_course,
    make_document,
    make_file,
    make_identity,
    make_note,
    make_report,
    make_review,
    make_session,
    make_theme,
)
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db


def page_of(record: object) -> str:
    response = Client().get(record.get_absolute_url())  # type: ignore[attr-defined]
    assert response.status_code == 200
    assert_valid(response)
    return text_of(response)


def test_a_review_shows_what_is_known_and_no_more() -> None:
    review = make_review(
        pseudonym="Oak",
        child_reference="Child Z",
        aliases="Acorn",
        title="Sample review (fictional)",
        summary="First.\n\nSecond.",
        report_date=PartialDate(2024, 7),
        completed=PartialDate(2023),
        reviewer="A. Reviewer",
        publisher="Anytown partnership",
    )
    page = page_of(review)
    for words in (
        "Local child safeguarding practice review (LCSPR) Also known as Oak, Child Z, Acorn "
        "Reviewer: A. Reviewer Published by Anytown partnership Added here 23 November 2026 "
        "2023 Review completed July 2024 Date of the report First. Second.",
        "No document is published with this review.",
    ):
        assert words in page, words
    # Both dates are milestones, and said once.
    assert page.count("July 2024") == page.count("Review completed") == 1


def test_an_unknown_date_is_said_to_be_unknown() -> None:
    assert "Date of the report not known" in page_of(make_review())
    assert "Date not known" in page_of(make_briefing())
    assert "date not known" in text_of(Client().get("/reviews/"))


def test_names_in_the_title_are_not_said_twice() -> None:
    assert "Also known as" not in page_of(make_review(pseudonym="Oak", child_reference="Child Z"))


def test_documents_stand_in_their_order_with_kind_date_pages_and_where_they_lead() -> None:
    report = make_report()
    make_document(report, title="Second", position=2, kind="phase_2", pages=1)
    make_document(
        report,
        title="First",
        position=1,
        kind="phase_1",
        dated=PartialDate(2022, 10),
        pages=58,
        url="https://www.example.org/a/b.pdf",
        leads_to_file=True,
    )
    page = page_of(report)
    assert "First Phase 1 , · October 2022 , · 58 pages Open it on www.example.org : First" in page
    assert "Second Phase 2 , · 1 page Find it on example.org : Second" in page
    assert page.index("First") < page.index("Second")


def test_an_address_says_where_it_leads_and_whether_anybody_looked() -> None:
    make_identity(website="https://www.example.org/")
    review = make_review()
    make_document(review, url="https://www.example.org/reviews/", leads_to_list=True)
    make_document(review, url="https://else.example/", leads_to_list=True, url_checked=True)
    page = page_of(review)
    assert "Find it on the partnership’s page of reviews" in page
    assert "Find it in the list on else.example" in page
    assert page.count("link not checked yet") == 1
    learning = make_briefing()
    make_document(learning, url="https://www.example.org/brief/", leads_to_list=True)
    assert "Find it on the partnership’s page of learnings" in page_of(learning)


def test_a_file_can_be_read_online_and_had_with_its_pages_and_size() -> None:
    review = make_review()
    make_document(review, title="The report", file=make_file(MINIMAL_PDF + b"%" * 172_800))
    make_document(review, title="The rest", file=make_file(MINIMAL_PDF, has_text=False))
    page = page_of(review)
    assert (
        "Read online of “The report” PDF, 1 page, 169 KB of “The report” Download “The report”"
        in page
    )
    assert "PDF, 1 page, 1 KB of “The rest”" in page and "Read online of “The rest”" not in page
    assert "not checked" not in page


def test_a_page_says_when_it_was_added_and_when_it_last_changed(clock: Any) -> None:
    review = make_review()
    assert "Added here 23 November 2026" in page_of(review)
    assert "Added here" not in page_of(make_review(taken_over=True))
    assert "changed" not in page_of(review)
    clock.shift(timedelta(days=2))
    make_document(review)
    assert "Last changed 25 November 2026" in page_of(review)
    clock.shift(timedelta(days=1))
    note = make_note(review, "The plan is complete.")
    clock.shift(timedelta(days=1))
    # Another save says nothing new.
    review.save()
    page = page_of(review)
    assert "Changed 26 November 2026" in page and "The plan is complete." in page
    assert "Last changed" not in page
    note.delete()
    assert "Last changed 27 November 2026" in page_of(review)


def test_the_links_of_a_kind_stand_above_its_list_and_beside_its_pages(publisher: Client) -> None:
    ListLink.objects.create(kind=Kind.BRIEFING, text="More of them", address="https://e.org/")
    for address in ("/learning/", make_briefing().get_absolute_url()):
        response = Client().get(address)
        assert '<a href="https://e.org/">More of them</a>' in response.content.decode()
        assert_valid(response)
    assert "More of them" not in page_of(make_report())
    ListLink.objects.get().delete()
    assert "More of them" not in text_of(Client().get("/learning/"))


def test_a_learning_shows_the_parts_that_are_written_under_their_headings() -> None:
    learning = make_briefing(background="Some *words*.", questions="- One\n- Two\n\n# Loud")
    response = Client().get(learning.get_absolute_url())
    body = response.content.decode()
    assert "<h2>1. Background</h2>" in body and "<em>words</em>" in body
    assert "<li>One</li>" in body and "<h3>Loud</h3>" in body
    assert "3. What happened" not in body
    assert body.count("<h1") == 1
    assert_valid(response)


def test_a_learning_tells_how_long_it_takes_only_where_it_has_parts() -> None:
    written = make_briefing(background=" ".join(["word"] * 201), questions="Why?")
    assert "About 2 minutes to read" in page_of(written)
    brief = make_briefing(summary="Words.")
    assert "to read" not in page_of(brief).partition("Exit")[2]


def test_the_questions_of_a_learning_stand_apart_each_an_item() -> None:
    learning = make_briefing(what_to_do="Ring.", questions="Who saw it?\nWho *knew*?")
    body = Client().get(learning.get_absolute_url()).content.decode()
    questions = body.partition('<section class="part questions">')[2].partition("</section>")[0]
    assert "<h2>2. Questions for your team</h2>" in questions
    assert "<li>Who saw it?</li>" in questions and "<li>Who <em>knew</em>?</li>" in questions
    assert "Ring." not in questions
    only = make_briefing(what_to_do="Ring.")
    assert "questions" not in Client().get(only.get_absolute_url()).content.decode()


def test_a_learning_that_is_a_document_only_has_no_empty_parts() -> None:
    learning = make_briefing()
    make_document(learning, title="The brief")
    page = page_of(learning)
    assert "The brief" in page and "1. Background" not in page and "minutes to read" not in page


def test_a_learning_with_parts_and_a_document_shows_both() -> None:
    learning = make_briefing(background="Some words.")
    make_document(learning, title="The brief")
    page = page_of(learning)
    assert page.index("Some words.") < page.index("The brief")


def test_a_learning_of_a_summary_only_shows_it_and_asks_for_no_document() -> None:
    page = page_of(make_briefing(summary="In short."))
    assert "In short." in page and "Documents" not in page and "No document" not in page


def test_a_printed_learning_names_its_address() -> None:
    learning = make_briefing(background="Words.", report_date=PartialDate(2024, 7))
    assert f"July 2024 , · http://testserver{learning.get_absolute_url()}" in page_of(learning)


def test_what_belongs_with_a_review_is_of_its_theme_or_about_it() -> None:
    theme = make_theme(name="Neglect")
    review = make_review(title="Oak", themes=[theme])
    make_briefing(title="About Oak", review=review)
    make_briefing(title="Same theme", themes=[theme])
    make_report(title="National", themes=[theme])
    make_review(title="Elsewhere", themes=[make_theme()])
    course = make_course(title="Teaching neglect", themes=[theme])
    make_session(course, in_days=8)
    make_course(title="Passes it on").publications.add(review)
    make_course(title="Hidden", themes=[theme], state=State.DRAFT)
    page = page_of(review)
    for words in ("About Oak", "Same theme", "National", "Teaching neglect", "Passes it on"):
        assert words in page, words
    assert "Next date 1 December 2026" in page
    assert "Elsewhere" not in page and "Hidden" not in page


def test_a_learning_leads_back_to_its_review() -> None:
    review = make_review(title="Oak")
    assert "Oak" in page_of(make_briefing(review=review))


def test_related_ones_are_few_and_newest() -> None:
    theme = make_theme()
    for year in range(2000, 2020):
        make_report(title=f"Report of {year}", report_date=PartialDate(year), themes=[theme])
    page = page_of(make_review(themes=[theme]))
    assert [y for y in range(2000, 2020) if f"Report of {y}" in page] == list(range(2015, 2020))


def test_related_ones_are_those_of_a_theme_the_direct_ones_first_and_the_newest_first() -> None:
    themes = [make_theme() for _ in range(3)]
    review, other = make_review(themes=themes[:2]), make_review()
    makers = (make_review, make_report, make_briefing)
    for number in range(72):
        makers[number % 3](
            themes=themes[number % 4 : number % 4 + 2],
            report_date=PartialDate(2000 + number * 7 % 13) if number % 5 else None,
            state=ALL_STATES[number * 5 % 4] if number % 2 else State.PUBLISHED,
        )
    for number in range(3):
        make_briefing(review=review, report_date=PartialDate(1990 + number))
        make_briefing(review=other, state=HIDDEN_STAGES[number], themes=themes)
    make_briefing(review=review, state=State.DRAFT)
    direct = set(Briefing.objects.filter(review=review).values_list("pk", flat=True))
    near = direct | set(
        Publication.objects.with_themes([t.slug for t in themes[:2]]).values_list("pk", flat=True)
    )
    expected = []
    for kind in Kind:
        rows = Publication.objects.published().filter(kind=kind).newest_first()
        keys = [row.pk for row in rows if row.pk in near and row.pk != review.pk]
        expected += sorted(keys, key=lambda key: key not in direct)[:MOST_RELATED]
    context = Client().get(review.get_absolute_url()).context
    groups = [group for group in context["related"] if group.name in Kind.values]
    shown = [item for group in groups for item in group.items]
    # The first learning stands in the chain.
    first = context["chain"][0].item
    shown.insert(2 * MOST_RELATED, first)
    assert [item.pk for item in shown] == expected and len(expected) == 3 * MOST_RELATED
    assert {item.pk for item in shown if item.is_direct} == direct & set(expected)
    assert [item.pk for item in context["direct"]] == [key for key in expected if key in direct]


def test_the_page_of_a_withdrawn_review_tells_whom_to_ask() -> None:
    make_identity(email="ask@example.org")
    review = make_review(title="Oak")
    review.withdraw(reason="A name", name="Child Z")
    response = Client().get(review.get_absolute_url())
    page = text_of(response)
    assert response.status_code == 410
    assert "Child Z This practice review was withdrawn" in page and "ask@example.org" in page
    assert "This practice review was withdrawn on 23 November 2026" in page
    assert "Oak" not in page
    assert_valid(response)


def test_a_withdrawn_review_without_a_name_stays_nameless() -> None:
    review = make_review(title="Oak")
    review.withdraw(reason="A name")
    assert "This practice review" in text_of(Client().get(review.get_absolute_url()))


def test_staff_find_the_way_to_editing_and_visitors_do_not(editor: Client) -> None:
    review = make_review()
    address = f"/admin/reviews/practicereview/{review.pk}/change/"
    assert address in editor.get(review.get_absolute_url()).content.decode()
    assert "/admin/reviews" not in Client().get(review.get_absolute_url()).content.decode()
