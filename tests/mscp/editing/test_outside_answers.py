"""What somebody outside answered reaches who made the link, and waits until it is dealt with."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.models import PreviewAnswer, PreviewLink
from mscp.publishing.gate import State
from tests.admin_forms import fields_of
from tests.factories import make_briefing, make_course, make_identity, make_review, make_user
from tests.mscp.site.test_previews import answer
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db
WHO = "Jane Sample, author"
SETTLE = "/admin/mscp/previewlink/settle/"


@pytest.fixture
def maker(sign_in: Any) -> Client:
    client: Client = sign_in("Publishers", username="sam", email="sam@example.org")
    return client


@pytest.fixture
def other(sign_in: Any) -> Client:
    client: Client = sign_in("Publishers", username="kim", email="kim@example.org")
    return client


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """Return a function that answers as in a request of its own, whose mails then go out."""

    def answer_and_commit(*args: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return answer(*args)

    return answer_and_commit


def shared_by(client: Client, **fields: Any) -> tuple[Any, str]:
    """Return a draft, and the address at which somebody outside reads it."""
    review = make_review(state=State.DRAFT, title="About Aspen", summary="Words.", **fields)
    return review, link_to(client, review)


def link_to(client: Client, record: Any) -> str:
    user = client.user  # type: ignore[attr-defined]
    return PreviewLink.make(record, name=WHO, days=7, user=user)[1]


def desk(client: Client) -> str:
    return text_of(client.get("/admin/"))


def form_of(review: Any) -> str:
    return f"/admin/reviews/practicereview/{review.pk}/change/"


@pytest.mark.parametrize(
    ("said", "comment", "what", "line"),
    [
        ("agreed", "", "agreed to", f"Agreed by {WHO}"),
        ("comment", "Aspen is named on page 4.", "commented on", f"Comment by {WHO}"),
    ],
)
def test_who_made_the_link_is_told_by_mail_and_on_the_first_page(
    said: str,
    comment: str,
    what: str,
    line: str,
    maker: Client,
    other: Client,
    settings: Any,
    committed: Any,
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    settings.ALLOWED_HOSTS = ["reviews.example.org", "testserver"]
    make_identity(name="Anytown Partnership")
    review, address = shared_by(maker)
    assert "Waiting for you" not in desk(maker)
    assert committed(address, said, comment).status_code == 302
    [message] = mail.outbox
    assert message.to == ["sam@example.org"]
    assert (
        message.subject == f"Anytown Partnership: A practice review was {what} by somebody outside"
    )
    assert message.from_email.startswith("Anytown Partnership")
    assert f"http://reviews.example.org{form_of(review)}#people-outside-title" in message.body
    words = message.body + message.subject
    assert not {"Aspen", "Jane", "page 4", "testserver"} & set(words.replace(".", " ").split())
    assert f"About Aspen Practice review. {line}, 23 November" in desk(maker)
    assert f"{form_of(review)}#people-outside-title" in maker.get("/admin/").content.decode()
    # Others have the form of the record, and nothing on their first page.
    assert WHO not in desk(other)


def test_it_waits_until_somebody_deals_with_it(
    maker: Client, other: Client, editor: Client
) -> None:
    review, address = shared_by(maker)
    answer(address, "comment", "Not yet.")
    kept = PreviewAnswer.objects.get()
    form = maker.get(form_of(review))
    assert_valid(form)
    assert "Mark as dealt with" in text_of(form) and 'id="settle_form"' in form.content.decode()
    # Reading it is not dealing with it; only a form deals with it, and only of those who publish.
    assert WHO in desk(maker)
    assert maker.get(SETTLE).status_code == 405
    assert editor.post(SETTLE, {"answer": kept.pk}).status_code == 403
    for wrong in ("", "x", "0", "9" * 30):
        assert maker.post(SETTLE, {"answer": wrong}).status_code == 404
    done = other.post(SETTLE, {"answer": kept.pk})
    assert done.url == f"{form_of(review)}#people-outside-title"
    said = text_of(other.get(form_of(review)))
    assert f"The comment of {WHO} is dealt with." in said
    assert "Dealt with by kim on 23 November 2026" in said and "Mark as dealt with" not in said
    assert WHO not in desk(maker)
    # A second time is told, and takes nothing from the first.
    maker.post(SETTLE, {"answer": kept.pk})
    assert "Kim dealt with it already" in text_of(maker.get(form_of(review)))
    kept.refresh_from_db()
    assert kept.settled_by == other.user  # type: ignore[attr-defined]


def test_a_change_after_the_answer_says_so_on_the_first_page(maker: Client) -> None:
    review, address = shared_by(maker)
    answer(address)
    assert "earlier version" not in desk(maker)
    review.summary = "Other words."
    review.save()
    assert f"Agreed by {WHO}, 23 November, about an earlier version" in desk(maker)
    assert answer(address).status_code == 302
    assert desk(maker).count(f"Agreed by {WHO}") == 2
    assert desk(maker).count("about an earlier version") == 1


def test_where_the_maker_publishes_no_more_all_who_do_are_told(
    maker: Client, other: Client, editor: Client, settings: Any, committed: Any
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    _, address = shared_by(maker)
    user = maker.user  # type: ignore[attr-defined]
    user.is_active = False
    user.save()
    committed(address)
    assert [message.to for message in mail.outbox] == [["kim@example.org"]]
    assert WHO in desk(other) and WHO not in desk(editor)
    user.delete()
    assert WHO in desk(other)


@pytest.mark.parametrize("host", ["", "mail.example.org"])
def test_nothing_is_lost_where_no_mail_goes_out(
    host: str, maker: Client, settings: Any, committed: Any
) -> None:
    settings.EMAIL_HOST = host
    settings.EMAIL_BACKEND = "tests.mscp.editing.test_handover.Broken"
    _, address = shared_by(maker)
    assert committed(address).status_code == 302
    assert not mail.outbox and f"Agreed by {WHO}" in desk(maker)


def test_once_it_is_public_an_agreement_waits_for_nobody_and_a_comment_does(maker: Client) -> None:
    agreed, address = shared_by(maker)
    answer(address)
    commented, address = shared_by(maker)
    answer(address, "comment", "A name on page 3.")
    agreed.publish(), commented.publish()
    assert "Agreed by" not in desk(maker) and f"Comment by {WHO}" in desk(maker)
    assert "A name on page 3." in text_of(maker.get(form_of(commented)))


def test_it_goes_on_with_the_change_that_was_applied(maker: Client) -> None:
    change = make_review(title="Live", summary="Words.").propose_change()
    change.summary = "Other words."
    change.save()
    answer(link_to(maker, change), "comment", "Not so.")
    assert "Proposed change to a practice review. Comment by" in desk(maker)
    live = change.apply_change()
    said = maker.get("/admin/").content.decode()
    assert f"{form_of(live)}#people-outside-title" in said


def test_links_with_an_answer_are_listed(maker: Client) -> None:
    _, address = shared_by(maker)
    answer(address)
    shared_by(maker)
    address = "/admin/mscp/previewlink/"
    assert "1 link for people outside" in text_of(maker.get(f"{address}?status=answered"))
    PreviewAnswer.objects.all().settle(maker.user)  # type: ignore[attr-defined]
    assert "0 links for people outside" in text_of(maker.get(f"{address}?status=answered"))


def test_what_waits_is_as_many_queries_for_few_records_as_for_answers_of_each(
    maker: Client,
) -> None:
    review, address = shared_by(maker)
    answer(address)
    maker.get("/admin/")

    def ask() -> int:
        with CaptureQueriesContext(connection) as captured:
            maker.get("/admin/")
        return len(captured)

    few = ask()
    for _ in range(4):
        answer(link_to(maker, review))
    assert ask() == few


def test_a_trainer_is_told_of_courses_only(sign_in: Any) -> None:
    trainer = sign_in("Training")
    for record in (make_course(state=State.DRAFT), make_briefing(state=State.DRAFT)):
        answer(link_to(trainer, record))
    assert desk(trainer).count(f"Agreed by {WHO}") == 1


def test_the_database_keeps_the_moment_of_who_dealt_with_it(maker: Client) -> None:
    _, address = shared_by(maker)
    answer(address)
    kept = PreviewAnswer.objects.get()
    kept.settled_by = make_user()
    with pytest.raises(ValidationError, match="has a moment"):
        kept.validate_constraints()


def test_the_page_that_makes_a_link_says_that_the_answer_waits(maker: Client) -> None:
    review, _ = shared_by(maker)
    page = maker.get(f"/admin/reviews/practicereview/step/share/?id={review.pk}")
    assert "waits on your first page" in text_of(page) and fields_of(page)
