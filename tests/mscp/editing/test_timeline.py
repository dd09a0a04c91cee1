"""One timeline of a publication and of a course: fields, parts, files, hands and clearances."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.publishing.gate import State
from reviews.models import PracticeReview
from tests.admin_forms import send
from tests.factories import (
    MINIMAL_PDF,
    make_audience,
    make_contact,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db
REVIEWS = "/admin/reviews/practicereview/"
SUMMARY = (
    "A review of what agencies knew, what they did with it, and what changed for the child "
    "afterwards, told in the order in which it happened."
)


def history_of(review: Any) -> str:
    return f"{REVIEWS}{review.pk}/history/"


@pytest.mark.parametrize(
    "make", [make_theme, make_venue, make_audience, make_contact, make_session]
)
def test_what_has_no_state_has_a_history_when_it_is_deleted(
    make: Callable[[], Any], administrator: Client
) -> None:
    record = make()
    options, key = record._meta, record.pk
    record.delete()
    page = administrator.get(f"/admin/{options.app_label}/{options.model_name}/{key}/history/")
    assert page.status_code == 200 and "This was deleted." in text_of(page)


def test_documents_and_their_files_stand_in_the_timeline(publisher: Client) -> None:
    review = make_review(state=State.DRAFT)
    document = make_document(review, title="The report", pdf=MINIMAL_PDF)
    document.save()
    old, new = document.file, make_file(MINIMAL_PDF)
    document.title, document.file = "The final report", new
    document.save()
    gone = make_document(review, title="Annex")
    gone.save()
    gone.delete()
    page = publisher.get(history_of(review))
    text = text_of(page)
    assert "Document “The final report” Changed" in text
    assert "Title : The report → The final report" in text
    # Both versions side by side.
    for file in (old, new):
        assert f"/admin/reviews/documentfile/{file.uid}/file.pdf" in page.content.decode()
    assert text.index("Before") < text.index("After")
    assert "Document “Annex” Deleted" in text


def test_what_was_settled_in_a_file_stands_there_with_who(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    document = make_document(review, pdf=MINIMAL_PDF)
    finding = make_finding(document.file)  # type: ignore[arg-type]
    address = f"/admin/reviews/documentfile/{document.file.uid}/"  # type: ignore[union-attr]
    editor.post(f"{address}accept/", {"findings": [finding.pk], "reason": "She agreed, by letter."})
    editor.post(f"{address}take-back/{finding.pk}/")
    text = text_of(editor.get(history_of(review)))
    assert "ed Document" in text and "Accepted:" in text and "She agreed, by letter." in text
    assert "Acceptance taken back" in text
    assert "Accepted:" in text_of(editor.get(f"/admin/reviews/document/{document.pk}/history/"))


def test_sessions_stand_in_the_timeline_of_their_course(publisher: Client) -> None:
    session = make_session(make_course())
    session.save()
    session.note = "Bring lunch"
    session.save()
    text = text_of(publisher.get(f"/admin/training/course/{session.course.pk}/history/"))
    assert "Session of" in text and "Note : empty → Bring lunch" in text


def test_a_longer_text_is_compared_by_word(publisher: Client) -> None:
    review = make_review(state=State.DRAFT, summary=SUMMARY)
    review.save()
    send(publisher, f"{REVIEWS}{review.pk}/change/", summary=SUMMARY.replace("knew", "had known"))
    page = publisher.get(history_of(review)).content.decode()
    assert "[removed: </span>knew" in page and "[added: </span>had known" in page


def test_an_earlier_text_is_taken_into_the_form_and_not_saved(editor: Client) -> None:
    review = make_review(state=State.DRAFT, summary=SUMMARY)
    review.save()
    form = f"{REVIEWS}{review.pk}/change/"
    send(editor, form, summary="Lost")
    earlier = review.history.earliest()
    page = editor.get(history_of(review)).content.decode()
    address = f"{form}?take_back=summary&amp;from={earlier.pk}"
    assert address in page
    opened = editor.get(f"{form}?take_back=summary&from={earlier.pk}")
    assert opened.context["adminform"].form["summary"].value() == SUMMARY
    assert "stands below as it was before" in text_of(opened)
    review.refresh_from_db()
    assert review.summary == "Lost"
    # Of another record, of no field or of none at all: the form as it is.
    other = make_review(state=State.DRAFT, summary="Of another")
    other.save()
    for query in (
        f"take_back=summary&from={other.history.earliest().pk}",
        f"take_back=state&from={earlier.pk}",
        f"take_back=nothing&from={earlier.pk}",
        "take_back=summary&from=x",
        "take_back=summary",
    ):
        opened = editor.get(f"{form}?{query}")
        assert opened.context["adminform"].form["summary"].value() == "Lost", query


def way_back(client: Client, record: Any, field: str) -> Any:
    """Return the page to which the timeline leads to take back a field, from its latest change."""
    page = client.get(history_of(record))
    assert_valid(page)
    body = page.content.decode()
    if link := re.search(rf'<a class="take-back" href="([^"]*take_back={field}&[^"]*)"', body):
        return client.get(unescape(link[1]))
    form = re.search(
        rf'<form method="post" action="([^"]+)" class="take-back">(.*?value="{field}".*?)</form>',
        body,
        re.DOTALL,
    )
    assert form, text_of(page)
    values = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[2]))
    return client.post(form[1], values, follow=True)


def shown_in(page: Any, field: str) -> Any:
    return page.context["adminform"].form[field].value()


def changed_themes(**fields: Any) -> tuple[Any, list[Any]]:
    """Return a review whose two themes were replaced by another, and the two."""
    before = [make_theme(name="Babies"), make_theme(name="Neglect, long")]
    review = make_review(summary="Words.", **fields)
    for themes in (before, [make_theme(name="Schools")]):
        review.themes.set(themes)
    review.save()
    return review, before


def test_earlier_themes_are_taken_into_the_form_and_not_saved(editor: Client) -> None:
    review, before = changed_themes(state=State.DRAFT)
    opened = way_back(editor, review, "themes")
    assert sorted(shown_in(opened, "themes")) == sorted(theme.pk for theme in before)
    assert "“Themes” stands below as it was before. Nothing is saved yet." in text_of(opened)
    assert [theme.name for theme in review.themes.all()] == ["Schools"]
    send(editor, f"{REVIEWS}{review.pk}/change/", themes=shown_in(opened, "themes"))
    assert set(review.themes.all()) == set(before)


def test_themes_that_take_the_place_of_others_are_one_entry_and_nothing_else_is_lost() -> None:
    one, two, three = make_theme(), make_theme(), make_theme()
    review = make_review(state=State.DRAFT, themes=[one])
    review.save()
    review.themes.set([two])
    # Apart, each is an entry.
    review.themes.remove(two)
    review.save()
    review.themes.add(three)
    kept = [[row.theme for row in entry.themes.all()] for entry in review.history.all()]
    assert kept == [[three], [], [], [two], [one]]


def test_a_theme_that_was_deleted_since_is_named_as_missing(editor: Client) -> None:
    review, before = changed_themes(state=State.DRAFT)
    before[0].delete()
    opened = way_back(editor, review, "themes")
    assert shown_in(opened, "themes") == [before[1].pk]
    assert "What was deleted since" in text_of(opened)


def test_earlier_choices_and_dates_are_taken_back_too(editor: Client) -> None:
    review = make_review(state=State.DRAFT, type="lcspr", report_date="2024-07", summary="Words.")
    review.save()
    form = f"{REVIEWS}{review.pk}/change/"
    send(editor, form, type="scr", report_date="2020")
    assert shown_in(way_back(editor, review, "type"), "type") == "lcspr"
    assert str(shown_in(way_back(editor, review, "report_date"), "report_date")) == "July 2024"


def test_what_no_form_has_is_not_offered_to_be_taken_back(publisher: Client) -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    review.save()
    review.publish()
    page = publisher.get(history_of(review))
    assert "State" in text_of(page) and "take-back" not in page.content.decode()


def renamed_document(review: Any) -> Any:
    document = make_document(review, title="The report", url="https://example.org/")
    document.save()
    document.title = "Rport"
    document.save()
    return document


def test_an_earlier_text_of_a_document_is_taken_into_its_form(editor: Client) -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    document = renamed_document(review)
    opened = way_back(editor, review, "title")
    assert opened.request["PATH_INFO"] == f"/admin/reviews/document/{document.pk}/change/"
    assert shown_in(opened, "title") == "The report"
    document.delete()
    assert "take_back=title" not in editor.get(history_of(review)).content.decode()


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("field", ["summary", "themes", "title"])
def test_what_may_not_be_changed_itself_is_taken_into_a_proposed_change(
    begun: bool, field: str, editor: Client
) -> None:
    review, before = changed_themes()
    document = renamed_document(review)
    review.summary = "Shorter."
    review.save()
    if begun:
        change = review.propose_change()
    opened = way_back(editor, review, field)
    change = PracticeReview.objects.get(revises=review)
    part = change.documents.get()
    is_part = field == "title"
    where = f"document/{part.pk}" if is_part else f"practicereview/{change.pk}"
    assert opened.request["PATH_INFO"] == f"/admin/reviews/{where}/change/"
    if field == "themes":
        assert sorted(shown_in(opened, field)) == sorted(theme.pk for theme in before)
    else:
        assert shown_in(opened, field) == ("The report" if is_part else "Words.")
    assert "Nothing is saved yet." in text_of(opened)
    review.refresh_from_db(), document.refresh_from_db()
    assert (review.summary, document.title) == ("Shorter.", "Rport")
    assert "into the proposed change" in text_of(editor.get(history_of(review)))


def test_who_may_neither_change_nor_propose_is_offered_nothing(sign_in: Any) -> None:
    review, _ = changed_themes()
    onlooker = sign_in()
    onlooker.user.user_permissions.set(Permission.objects.filter(codename="view_practicereview"))
    page = onlooker.get(history_of(review))
    assert page.status_code == 200 and "take-back" not in page.content.decode()


def test_the_timeline_of_what_is_gone_stays(administrator: Client) -> None:
    review = make_review(state=State.DRAFT, title="Oak")
    address = history_of(review)
    review.delete()
    assert "This was deleted." in text_of(administrator.get(address))
    assert administrator.get(f"{REVIEWS}987654/history/").status_code == 404


def test_it_is_for_those_who_may_see_the_record(sign_in: Callable[..., Client]) -> None:
    address = history_of(make_review(state=State.DRAFT))
    assert sign_in("Training").get(address).status_code in (403, 404)
    assert Client().get(address).status_code == 302


def test_its_queries_are_as_many_however_much_happened(publisher: Client) -> None:
    review = make_review(state=State.DRAFT, themes=[make_theme()])
    busy = make_review(state=State.DRAFT, themes=[make_theme()])
    for target, times in ((review, 2), (busy, 12)):
        for number in range(times):
            document = make_document(target, title=f"Document {number}", pdf=MINIMAL_PDF)
            document.file = make_file(MINIMAL_PDF)
            document.save()
            target.themes.set([make_theme()])
            target.title = f"Title {number}"
            target.save()
    counts = []
    for target in (review, review, busy):
        with CaptureQueriesContext(connection) as queries:
            assert publisher.get(history_of(target)).status_code == 200
        counts.append(len(queries))
    assert counts[1] == counts[2] < 40


def test_it_is_paged_the_latest_first(publisher: Client, clock: Any) -> None:
    review = make_review(state=State.DRAFT)
    for number in range(60):
        review.title = f"Title {number}"
        review.save()
        clock.shift(60)
    first = text_of(publisher.get(history_of(review)))
    second = text_of(publisher.get(f"{history_of(review)}?p=2"))
    assert "→ Title 59" in first and "→ Title 59" not in second
    assert "Title 0 → Title 1" in second and "Title 0 → Title 1" not in first
    assert text_of(publisher.get(f"{history_of(review)}?p=x")) == first
