"""People outside read one draft by a link, and answer about it; the link opens nothing else."""

import re
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.test import Client

from mscp.cache import versions
from mscp.database import clock as site_clock
from mscp.models import PreviewAnswer, PreviewLink, PreviewOpening
from mscp.publishing.gate import Publishable, State
from mscp.site.previews import VIEWS
from reviews.models import Publication
from tests.admin_forms import fields_of, send
from tests.factories import (
    MINIMAL_PDF,
    make_briefing,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_page,
    make_picture,
    make_report,
    make_review,
    make_session,
    make_user,
)
from tests.pages import assert_valid, body_of, text_of

pytestmark = pytest.mark.django_db

WHO = "Jane Sample, author"
SEVEN_DAYS = timedelta(days=7)


def link_to(record: Any, **fields: Any) -> tuple[PreviewLink, str]:
    fields.setdefault("name", WHO)
    fields.setdefault("days", 7)
    return PreviewLink.make(record, user=fields.pop("user", make_user()), **fields)


def draft(**fields: Any) -> Any:
    fields.setdefault("title", "A draft of ours")
    fields.setdefault("summary", "Words.")
    return make_review(state=fields.pop("state", State.DRAFT), **fields)


def with_file(review: Any, **fields: Any) -> Any:
    document = make_document(review, file=make_file(MINIMAL_PDF, pages=["Secret words."]), **fields)
    make_picture(document.file)
    return document


def answer(address: str, said: str = "agreed", comment: str = "", **changes: Any) -> Any:
    """Send the form of the page as a browser without JavaScript does."""
    client = Client(enforce_csrf_checks=True)
    page = client.get(address)
    sent = {**fields_of_answer(page), "answer": said, "comment": comment, **changes}
    return client.post(f"{address}answer/", sent)


def fields_of_answer(page: Any) -> dict[str, str]:
    found = re.search(r'name="read" value="(\w+)"', page.content.decode())
    assert found, text_of(page)
    return {"read": found[1]}


def test_every_kind_of_record_can_be_read_by_a_link() -> None:
    kinds = {m for m in apps.get_models() if issubclass(m, Publishable)} - {Publication}
    assert kinds == set(VIEWS)
    course = make_course(state=State.DRAFT, title="A draft of ours")
    make_session(course)
    kept = {"state": State.DRAFT, "title": "A draft of ours"}
    drafts = [draft(), course, make_report(**kept), make_briefing(**kept), make_page(**kept)]
    for record in drafts:
        response = Client().get(link_to(record)[1])
        assert response.status_code == 200, record
        assert_valid(response)
        said = text_of(response)
        assert "A draft of ours" in said and f"Draft for {WHO} – not public." in said
        assert "only staff" not in said and "Edit" not in said


def test_no_cache_search_engine_cookie_or_other_page_gets_it() -> None:
    document = with_file(draft())
    address = link_to(document.publication)[1]
    token = address.split("/")[2]
    client = Client()
    files = [f"{address}documents/{document.uid}/{tail}" for tail in (document.file_name, "read/")]
    for one in [address, *files]:
        response = client.get(one)
        assert response.status_code == 200, one
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert {"no-store", "private"} <= set(response.headers["Cache-Control"].split(", "))
        assert not response.cookies
        assert "Server-Timing" not in response.headers
        body = body_of(response).decode()
        if one != files[0]:
            assert 'content="noindex, nofollow"' in body
    # The next page is made anew, also while nothing public has changed.
    document.publication.summary = "Other words."
    document.publication.save()
    assert "Other words." in text_of(client.get(address))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM mscp_previewlink")
        assert token not in repr(cursor.fetchall())
        cursor.execute("SELECT * FROM mscp_historicalpreviewlink")
        kept = repr(cursor.fetchall())
        assert token not in kept and PreviewLink.objects.get().token_hash not in kept


def test_its_documents_are_read_by_the_link_alone() -> None:
    document = with_file(draft())
    address = link_to(document.publication)[1]
    client = Client()
    pages = [address, f"{address}documents/{document.uid}/read/"]
    found: set[str] = set()
    for page in pages:
        body = client.get(page).content.decode()
        found |= set(re.findall(r'(?:href|src|action)="([^"#]*documents/[^"#]+)', body))
    assert found and all(one.startswith(f"{address}documents/") for one in found), found
    kinds = {one.rpartition("/")[2].split("-")[0].split("?")[0] for one in found}
    assert {"cover", "page", "", document.file_name.split("-")[0].split("?")[0]} <= kinds, kinds
    for one in found:
        response = client.get(one)
        assert response.status_code == 200 and body_of(response), one
        # The same without the link is nothing.
        assert client.get(one.replace(address, "/")).status_code == 404, one
    assert "Secret words." in text_of(client.get(pages[1]))
    other_name = client.get(f"{address}documents/{document.uid}/x.pdf")
    assert other_name.status_code == 302
    assert other_name.headers["Location"].startswith(address)


def test_it_opens_no_other_draft_and_no_door_of_staff() -> None:
    document, other = with_file(draft()), with_file(draft(title="Another"))
    address = link_to(document.publication)[1]
    client = Client()
    client.get(address)
    theirs = client.get(f"{address}documents/{other.uid}/read/")
    never = client.get(f"{address}documents/00000000-0000-4000-8000-000000000000/read/")
    assert theirs.status_code == never.status_code == 404 and theirs.content == never.content
    for record in (document.publication, other.publication):
        assert client.get(record.get_absolute_url()).status_code == 404
    assert client.get("/admin/").status_code == 302
    # A page of another kind with the same key is no publication.
    course = make_course(state=State.DRAFT)
    PreviewLink.objects.update(object_id=1)
    by_course = link_to(course)[1]
    assert client.get(f"{by_course}documents/{other.uid}/read/").status_code == 404


def test_links_to_other_drafts_do_not_stand_on_it() -> None:
    hidden = draft(title="Hidden review")
    learning = make_briefing(state=State.DRAFT, review=hidden, title="Learning", background="Words")
    page = Client().get(link_to(learning)[1])
    assert "Hidden review" not in text_of(page)


def test_openings_are_logged_with_their_moment_and_nothing_else(editor: Client) -> None:
    link, address = link_to(draft())
    before = versions.current()
    client = Client()
    client.get(address, headers={"User-Agent": "Scanner"})
    client.get(address)
    # Not what no reader sees, nor staff who try it.
    client.head(address)
    editor.get(address)
    assert link.openings.count() == 2
    assert {field.name for field in PreviewOpening._meta.fields} == {"id", "link", "opened_at"}
    # Nothing that is public has changed.
    assert versions.current() == before


def test_openings_fill_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mscp.publishing.preview_links.MOST_OPENINGS", 2)
    link, address = link_to(draft())
    for _ in range(4):
        assert Client().get(address).status_code == 200
    assert link.openings.count() == 2


@pytest.mark.parametrize(("said", "comment"), [("agreed", ""), ("comment", "Page 4.\n\n<b>")])
def test_a_reader_answers_once(said: str, comment: str) -> None:
    link, address = link_to(draft())
    sent = answer(address, said, comment)
    assert sent.status_code == 302 and sent.url == f"{address}#answer"
    assert not sent.cookies and "no-store" in sent.headers["Cache-Control"]
    kept = link.answers.get()
    assert (kept.agreed, kept.comment) == (said == "agreed", comment)
    page = Client().get(address)
    assert_valid(page)
    assert f"You {'agreed' if kept.agreed else 'commented'} on" in text_of(page)
    assert "<textarea" not in page.content.decode()
    again = Client().post(
        f"{address}answer/", {"answer": "agreed", "comment": "", "read": kept.content_hash}
    )
    assert again.status_code == 409 and "Thank you" in text_of(again)
    assert link.answers.count() == 1
    assert Client().get(f"{address}answer/").url == address


def test_an_answer_that_cannot_be_kept_is_not_lost() -> None:
    link, address = link_to(draft())
    nothing = answer(address, "", "All that I typed")
    assert nothing.status_code == 422 and "Choose one of the two." in text_of(nothing)
    assert "All that I typed</textarea>" in nothing.content.decode()
    assert_valid(nothing)
    empty = answer(address, "comment", "  ")
    assert empty.status_code == 422 and "Write your comment." in text_of(empty)
    long = answer(address, "comment", "ä" * 5001)
    assert "It has 5001 characters" in text_of(long) and "ä" * 5001 in text_of(long)
    assert not link.answers.exists()


def test_a_change_voids_the_answer_and_asks_again(publisher: Client) -> None:
    review = draft()
    link, address = link_to(review)
    first = Client().get(address)
    with_file(review)
    stale = Client().post(
        f"{address}answer/",
        {**fields_of_answer(first), "answer": "comment", "comment": "About the first"},
    )
    assert stale.status_code == 422 and "This was changed after you had opened it" in text_of(stale)
    assert "About the first</textarea>" in stale.content.decode()
    # Sent again, it is about what stands there now.
    again = Client().post(
        f"{address}answer/",
        {**fields_of_answer(stale), "answer": "comment", "comment": "About the second"},
    )
    assert again.status_code == 302
    form = f"/admin/reviews/practicereview/{review.pk}/change/"
    assert "about exactly what is saved now" in text_of(publisher.get(form))
    review.summary = "Third words."
    review.save()
    said = text_of(publisher.get(form))
    assert "about an earlier version: it was changed since" in said and "About the second" in said
    assert "Your earlier answer is kept" in text_of(Client().get(address))
    assert answer(address).status_code == 302
    assert [one.agreed for one in link.answers.order_by("pk")] == [False, True]


def test_staff_do_not_answer_for_the_reader(publisher: Client) -> None:
    link, address = link_to(draft())
    assert "only the person outside can answer" in text_of(publisher.get(address))
    sent = publisher.post(f"{address}answer/", {"answer": "agreed"})
    assert sent.status_code == 302 and not link.answers.exists()


def test_attempts_have_a_limit(no_counted_attempts: None) -> None:
    address = link_to(draft())[1]
    codes = {answer(address, "", "Typed").status_code for _ in range(20)}
    assert codes == {422}
    refused = answer(address, "agreed", "Typed")
    assert refused.status_code == 429 and "Typed</textarea>" in refused.content.decode()
    assert not PreviewAnswer.objects.exists()


def test_two_answers_at_once_are_one() -> None:
    link = link_to(draft())[0]
    assert link.answer("a" * 64, agreed=True, comment="")
    assert not link.answer("a" * 64, agreed=False, comment="No")
    assert link.answers.count() == 1


def test_once_published_it_leads_to_the_page_and_once_withdrawn_it_ends() -> None:
    document = with_file(draft())
    review = document.publication
    link, address = link_to(review)
    page = Client().get(address)
    review.publish()
    for one in (address, f"{address}documents/{document.uid}/read/"):
        response = Client().get(one)
        assert response.status_code == 302 and response.url == review.get_absolute_url()
        assert response.headers["Referrer-Policy"] == "no-referrer"
    # What somebody was typing meanwhile is kept.
    late = Client().post(
        f"{address}answer/", {**fields_of_answer(page), "answer": "comment", "comment": "Late"}
    )
    assert late.status_code == 302 and link.answers.get().comment == "Late"
    review.withdraw(reason="A test")
    assert Client().get(address).status_code == 404
    review.return_to_draft()
    assert Client().get(address).status_code == 404
    assert PreviewLink.objects.get().revoked_at


def test_a_scheduled_record_is_read_until_it_is_public(clock: Any) -> None:
    review = draft(state=State.SCHEDULED)
    address = link_to(review)[1]
    assert Client().get(address).status_code == 200
    clock.shift(timedelta(days=2))
    assert Client().get(address).url == review.get_absolute_url()


def test_it_ends_by_its_moment(clock: Any) -> None:
    address = link_to(draft())[1]
    clock.shift(SEVEN_DAYS - timedelta(seconds=1))
    assert Client().get(address).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert Client().get(address).status_code == 404


def test_it_goes_with_its_record(publisher: Client) -> None:
    for record in (draft(), make_course(state=State.DRAFT)):
        link, address = link_to(record)
        link.answer("a" * 64, agreed=True, comment="")
        Client().get(address)
        options = record._meta
        delete = f"/admin/{options.app_label}/{options.model_name}/{record.pk}/delete/"
        assert publisher.post(delete, {"post": "yes"}).status_code == 302
        assert Client().get(address).status_code == 404
    assert not PreviewLink.objects.exists()


# --- proposed changes ----------------------------------------------------------------------------


def test_a_proposed_change_is_read_as_the_page_that_it_will_make() -> None:
    review = make_review(title="Live review", summary="Old words.")
    with_file(review, title="Old paper")
    change = review.propose_change()
    change.summary = "New words."
    change.save()
    added = with_file(change, title="New paper")
    link, address = link_to(change)
    page = Client().get(address)
    said = text_of(page)
    assert page.status_code == 200 and f"Draft for {WHO} – not public." in said
    assert "New words." in said and "Old words." not in said and "only staff" not in said
    assert_valid(page)
    found = set(re.findall(r'(?:href|src)="([^"#]*documents/[^"#]+)', page.content.decode()))
    assert any(str(added.uid) in one for one in found)
    for one in found:
        assert one.startswith(address), one
        response = Client().get(one)
        assert response.status_code == 200 and body_of(response), one
    # Readers still have what is live.
    assert "Old words." in text_of(Client().get(review.get_absolute_url()))
    assert "New paper" not in text_of(Client().get(review.get_absolute_url()))
    assert answer(address).status_code == 302
    change.refresh_from_db()
    live = change.apply_change()
    response = Client().get(address)
    assert response.status_code == 302 and response.url == review.get_absolute_url()
    link.refresh_from_db()
    assert link.record == live and link.answers.get().agreed


def test_a_change_of_what_is_withdrawn_is_read_by_nobody() -> None:
    review = make_review(summary="Old words.")
    address = link_to(review.propose_change())[1]
    assert Client().get(address).status_code == 200
    review.refresh_from_db()
    review.withdraw(reason="A test")
    assert Client().get(address).status_code == 404


def test_a_publisher_makes_a_link_to_a_change(publisher: Client) -> None:
    change = make_review(summary="Words.").propose_change()
    form = publisher.get(f"/admin/reviews/practicereview/{change.pk}/change/")
    assert share(change) in form.content.decode()
    asked = publisher.get(share(change))
    sent = publisher.post(share(change), {**fields_of(asked), "name": WHO, "days": "7"})
    assert sent.status_code == 302 and PreviewLink.objects.get().record == change


def test_a_discarded_change_ends_its_links() -> None:
    change = make_review().propose_change()
    address = link_to(change)[1]
    change.delete()
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("make", [make_briefing, make_report, make_course, make_page])
def test_a_change_of_every_kind_can_be_read(make: Any) -> None:
    change = make(title="Live").propose_change()
    change.title = "Will be"
    change.save()
    page = Client().get(link_to(change)[1])
    assert page.status_code == 200 and "Will be" in text_of(page)


# --- staff ---------------------------------------------------------------------------------------


def share(review: Any) -> str:
    return f"/admin/reviews/practicereview/step/share/?id={review.pk}"


def test_a_publisher_makes_a_link_and_sees_it_once(publisher: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    review = draft()
    form = f"/admin/reviews/practicereview/{review.pk}/change/"
    opened = publisher.get(form)
    assert share(review) in opened.content.decode()
    asked = publisher.get(share(review))
    assert "They see no other draft" in text_of(asked) and "Send it to" not in text_of(asked)
    sent = publisher.post(share(review), {**fields_of(asked), "name": WHO, "days": "30"})
    assert sent.status_code == 302 and sent.url == form
    shown = text_of(publisher.get(form))
    found = re.search(r"http://testserver(/preview/[\w-]{43}/)", shown)
    assert found and "It is shown this once" in shown
    assert WHO in shown and "Opened: not yet. No answer yet." in shown
    assert Client().get(found[1]).status_code == 200
    again = text_of(publisher.get(form))
    assert "/preview/" not in again and "Opened: once, last on 23 November 2026" in again
    link = PreviewLink.objects.get()
    assert link.expires_at == site_clock.now() + timedelta(days=30)
    assert link.created_by == publisher.user  # type: ignore[attr-defined]
    assert not mail.outbox


@pytest.mark.parametrize("days", ["0", "31", "x", ""])
def test_it_ends_after_a_month_at_the_latest(publisher: Client, days: str) -> None:
    review = draft()
    response = publisher.post(share(review), {"name": WHO, "days": days})
    assert response.status_code == 200 and WHO in response.content.decode()
    assert not PreviewLink.objects.exists()


@pytest.mark.parametrize("state", [State.PUBLISHED, State.WITHDRAWN])
def test_links_are_for_what_is_not_public_yet(publisher: Client, state: State) -> None:
    review = draft(state=state)
    assert "a link is for what is not public yet" in text_of(publisher.get(share(review)))
    publisher.post(share(review), {"name": WHO, "days": "7"})
    assert not PreviewLink.objects.exists()


def test_what_is_not_settled_is_said_before(publisher: Client) -> None:
    document = with_file(draft(), title="The report")
    make_finding(document.file)
    asked = text_of(publisher.get(share(document.publication)))
    assert "They will read it as it is. “The report”: one finding about privacy" in asked


def test_editors_make_see_and_revoke_none(editor: Client) -> None:
    review = draft()
    link, _ = link_to(review)
    assert editor.get(share(review)).status_code == 403
    assert editor.post(share(review), {"name": WHO, "days": "7"}).status_code == 403
    form = editor.get(f"/admin/reviews/practicereview/{review.pk}/change/")
    assert "People outside" not in text_of(form)
    revoke = f"/admin/mscp/previewlink/step/revoke/?id={link.pk}"
    for address in ("/admin/mscp/previewlink/", f"/admin/mscp/previewlink/{link.pk}/change/"):
        assert editor.get(address).status_code == 403
    assert editor.post(revoke).status_code == 403
    assert PreviewLink.objects.get().is_valid


def test_who_publishes_courses_only_sees_no_link_of_a_review(sign_in: Any) -> None:
    from django.contrib.auth.models import Permission

    client = sign_in("Editors")
    client.user.user_permissions.add(Permission.objects.get(codename="publish_course"))
    of_review, of_course = link_to(draft())[0], link_to(make_course(state=State.DRAFT))[0]
    listed = client.get("/admin/mscp/previewlink/").content.decode()
    assert f"/previewlink/{of_course.pk}/" in listed
    assert f"/previewlink/{of_review.pk}/" not in listed
    revoke = "/admin/mscp/previewlink/step/revoke/?id="
    assert client.post(f"{revoke}{of_review.pk}").status_code == 404
    assert client.post(f"{revoke}{of_course.pk}").status_code == 302
    assert [one.is_valid for one in PreviewLink.objects.order_by("pk")] == [True, False]


def test_a_publisher_revokes_a_link(publisher: Client) -> None:
    review = draft()
    link, address = link_to(review)
    form = f"/admin/reviews/practicereview/{review.pk}/change/"
    revoke = f"/admin/mscp/previewlink/step/revoke/?id={link.pk}"
    assert revoke in publisher.get(form).content.decode()
    assert send(publisher, revoke).status_code == 302
    assert Client().get(address).status_code == 404
    said = text_of(publisher.get(form))
    assert f"{WHO} : revoked 23 November 2026" in said and revoke not in said
    assert "It is revoked already." in text_of(publisher.get(revoke))
    entry = link.history.first()
    assert entry and entry.history_change_reason == "Revoked"


def test_the_list_of_links_is_constant_in_queries(
    publisher: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        link, address = link_to(draft(title=f"Draft {number}"))
        Client().get(address)
        link.answer("a" * 64, agreed=True, comment="")
    publisher.get("/admin/mscp/previewlink/")
    with django_assert_max_num_queries(14):
        page = publisher.get("/admin/mscp/previewlink/?status=open")
    said = text_of(page)
    assert "Draft 2" in said and "once, last on" in said and "Agreed" in said


def test_a_mail_goes_out_where_mail_is_set(
    publisher: Client, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "other.example.org"]
    review = draft(title="Quinn")
    asked = publisher.get(share(review))
    assert "Send it to" in text_of(asked)
    with django_capture_on_commit_callbacks(execute=True):
        publisher.post(
            share(review),
            {**fields_of(asked), "name": WHO, "days": "7", "email": "jane@example.org"},
            headers={"Host": "other.example.org"},
        )
    (sent,) = mail.outbox
    assert sent.to == ["jane@example.org"] and "Quinn" not in sent.body + sent.subject
    # No header of a request decides the host of a link that opens a draft.
    address = re.findall(r"http://testserver(/preview/\S+)", sent.body)[0]
    assert Client().get(address).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM mscp_previewlink")
        assert "jane@example.org" not in repr(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_fails_is_said(publisher: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise SMTPException("no")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    review = draft()
    publisher.post(share(review), {"name": WHO, "days": "7", "email": "jane@example.org"})
    shown = text_of(publisher.get(f"/admin/reviews/practicereview/{review.pk}/change/"))
    assert "The mail could not be sent. Pass the link on yourself." in shown
    assert "/preview/" in shown
