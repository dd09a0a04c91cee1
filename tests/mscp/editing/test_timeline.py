"""One timeline of a publication and of a course: fields, parts, files, hands and clearances."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.publishing.gate import State
from tests.admin_forms import send
from tests.factories import (
    MINIMAL_PDF,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_review,
    make_session,
    make_theme,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db
REVIEWS = "/admin/reviews/practicereview/"
SUMMARY = (
    "A review of what agencies knew, what they did with it, and what changed for the child "
    "afterwards, told in the order in which it happened."
)


def history_of(review: Any) -> str:
    return f"{REVIEWS}{review.pk}/history/"


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


def test_only_those_who_may_change_it_are_offered_earlier_texts(editor: Client) -> None:
    review = make_review(summary=SUMMARY)
    review.summary = "Short"
    review.save()
    page = editor.get(history_of(review))
    assert page.status_code == 200 and "take_back" not in page.content.decode()


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
