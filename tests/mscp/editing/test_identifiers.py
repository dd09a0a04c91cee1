"""The page on which identifiers are settled, with one press each, by who may change the record."""

from typing import Any

import pytest
from django.test import Client

from mscp.models import SettledIdentifier, SiteIdentity
from mscp.publishing.gate import State
from mscp.publishing.identifiers import key_of, owner_of, settle
from reviews.documents.report_links import identifiers_address
from reviews.models import ListLink, PracticeReview
from reviews.models.publications import Kind
from tests.admin_forms import confirm, send
from tests.factories import (
    MINIMAL_PDF,
    make_audience,
    make_course,
    make_document,
    make_file,
    make_identity,
    make_page,
    make_review,
    make_session,
    make_theme,
    make_user,
)
from tests.pages import text_of
from training.models import Audience

pytestmark = pytest.mark.django_db

NUMBER = "Call Jo on 07700 900123."
PHONE = "telephone", "07700900123"
KEY = key_of(*PHONE)


def form_of(record: Any) -> str:
    options = record._meta
    return f"/admin/{options.app_label}/{options.model_name}/{record.pk}/"


def page_of(record: Any) -> str:
    return f"{form_of(record)}identifiers/"


def draft() -> Any:
    return make_review(state=State.DRAFT, summary=NUMBER)


def test_the_form_says_what_stands_in_plain_sight_and_leads_to_where_it_is_settled(
    editor: Client,
) -> None:
    review = draft()
    shown = editor.get(f"{form_of(review)}change/")
    assert "In plain sight, and to be settled first: a telephone number (summary)." in text_of(
        shown
    )
    assert f'href="{page_of(review)}"' in shown.content.decode()


def test_each_is_shown_with_its_kind_its_place_and_its_words(editor: Client) -> None:
    review = draft()
    file = make_file(MINIMAL_PDF, pages=["Nothing.", "Born on 12 March 2011 in Morden"])
    make_document(review, file=file, title="The report")
    shown = editor.get(page_of(review))
    said = text_of(shown)
    assert "2 to settle before publication" in said
    assert "Telephone number: 07700 900123" in said and "Call Jo on 07700 900123" in said
    assert "Date of birth: 12 March 2011" in said and "“The report”, page 2" in said
    assert f"/{file.uid}/file.pdf#page=2" in shown.content.decode()


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("public", "Of an organisation, and public anyway"),
        ("not_one", "Not what it looks like"),
    ],
)
def test_one_press_settles_it_with_name_moment_and_reason(
    sign_in: Any, why: str, reason: str
) -> None:
    editor = sign_in("Editors", first_name="Jo", last_name="Sample")
    review = draft()
    after = editor.post(page_of(review), {"settle": f"{KEY}:{why}"}, follow=True)
    said = text_of(after)
    assert "All that stands in plain sight is settled" in said
    assert "Jo Sample on " in said and f"“{reason}”" in said
    settled = SettledIdentifier.objects.get()
    assert (settled.kind, settled.value, settled.reason) == (*PHONE, reason)
    assert review.publishing_obstacles() == []


def test_another_reason_is_given_in_words(editor: Client) -> None:
    review = draft()
    sent = {"settle": f"{KEY}:other", f"reason-{KEY}": "The line of the crisis team"}
    editor.post(page_of(review), sent)
    assert SettledIdentifier.objects.get().reason == "The line of the crisis team"


@pytest.mark.parametrize("typed", ["", "   ", "x" * 501])
def test_without_a_good_reason_nothing_is_settled_and_nothing_typed_is_lost(
    editor: Client, typed: str
) -> None:
    review = draft()
    sent = {"settle": f"{KEY}:other", f"reason-{KEY}": typed}
    refused = editor.post(page_of(review), sent)
    assert refused.status_code == 400
    assert not SettledIdentifier.objects.exists()
    assert ("Say why" if len(typed) < 500 else "at most 500") in text_of(refused)
    assert f'value="{typed}"' in refused.content.decode()


def test_the_partnerships_own_is_settled_everywhere(publisher: Client) -> None:
    make_identity()
    review, page = draft(), make_page(state=State.DRAFT, body="Or 07700-900-123")
    publisher.post(page_of(review), {"settle": f"{KEY}:own"})
    identity = SiteIdentity.objects.get()
    assert identity.own_identifiers == "07700 900123"
    assert identity.history.first().history_change_reason.startswith("Settled as its own by ")
    assert review.publishing_obstacles() == page.publishing_obstacles() == []
    assert "Contact data of the partnership" in text_of(publisher.get(page_of(page)))


def test_what_is_the_partnerships_own_is_for_a_publisher_to_say(editor: Client) -> None:
    make_identity()
    review = draft()
    assert "The partnership’s own" not in text_of(editor.get(page_of(review)))
    assert editor.post(page_of(review), {"settle": f"{KEY}:own"}).status_code == 403
    assert SiteIdentity.objects.get().own_identifiers == ""


def test_two_people_need_no_second_one_for_it(publisher: Client, settings: Any) -> None:
    settings.TWO_PEOPLE = True
    make_identity()
    publisher.post(page_of(draft()), {"settle": f"{KEY}:own"})
    assert SiteIdentity.objects.get().own_identifiers == "07700 900123"


def test_a_date_of_birth_is_nobodys_own(publisher: Client) -> None:
    review = make_review(state=State.DRAFT, summary="Born on 12 March 2011")
    said = publisher.get(page_of(review)).content.decode()
    assert ":own" not in said and ":public" not in said and ":not_one" in said


def test_it_is_taken_back_while_nobody_reads_it(editor: Client) -> None:
    review = draft()
    settle(owner_of(review), *PHONE, reason="The office", user=make_user())
    assert "Take it back" in text_of(editor.get(page_of(review)))
    editor.post(page_of(review), {"take_back": KEY})
    assert not SettledIdentifier.objects.exists()


def test_it_is_not_taken_back_from_what_is_live(publisher: Client) -> None:
    review = make_review(summary=NUMBER)
    settle(owner_of(review), *PHONE, reason="The office", user=make_user())
    after = publisher.post(page_of(review), {"take_back": KEY}, follow=True)
    assert "It is live or scheduled." in text_of(after)
    assert SettledIdentifier.objects.exists()


@pytest.mark.parametrize("stage", [State.PUBLISHED, State.SCHEDULED, State.WITHDRAWN])
def test_of_what_is_no_draft_an_editor_settles_nothing(editor: Client, stage: State) -> None:
    review = make_review(state=stage, summary=NUMBER)
    assert "Only a publisher can settle these now" in text_of(editor.get(page_of(review)))
    assert editor.post(page_of(review), {"settle": f"{KEY}:public"}).status_code == 403
    assert not SettledIdentifier.objects.exists()


def test_nobody_else_sees_the_page(sign_in: Any) -> None:
    review, page = draft(), make_page(state=State.DRAFT, body=NUMBER)
    for client, record in ((sign_in("Training"), review), (sign_in("Training"), page)):
        assert client.get(page_of(record)).status_code == 403
    assert sign_in("Editors").get(f"{form_of(review)[:-2]}999/identifiers/").status_code == 404
    assert Client().get(page_of(review)).status_code == 302


def test_what_does_not_stand_there_is_not_settled(editor: Client) -> None:
    review = draft()
    other = key_of("telephone", "07700900124")
    after = editor.post(page_of(review), {"settle": f"{other}:public"}, follow=True)
    assert "That does not stand there any more." in text_of(after)
    assert not SettledIdentifier.objects.exists()


# --- in the form of what is live ------------------------------------------------------------------


def test_what_readers_would_see_at_once_is_asked_about_before_it_is_saved(
    publisher: Client,
) -> None:
    review = make_review(summary="Harmless.")
    address = f"{form_of(review)}change/"
    asked = send(publisher, address, summary=f"{NUMBER} Or write to jo@example.org")
    assert asked.status_code == 200
    said = text_of(asked)
    assert "Readers see this as soon as it is saved." in said
    assert "Telephone number: 07700 900123, E-mail address: jo@example.org" in said
    assert PracticeReview.objects.get().summary == "Harmless."
    assert confirm(publisher, address, asked).status_code == 302
    assert PracticeReview.objects.get().summary.startswith(NUMBER)
    reasons = SettledIdentifier.objects.values_list("reason", flat=True)
    assert [*reasons] == ["Confirmed in the form when it was saved"] * 2
    # It is not asked again.
    assert send(publisher, address, title="Another title").status_code == 302


def test_a_session_and_a_document_of_what_is_live_are_asked_about_too(publisher: Client) -> None:
    review = make_review()
    make_document(review, title="The report")
    asked = send(publisher, f"{form_of(review)}change/", **{"documents-0-title": NUMBER})
    assert "Readers see this as soon as it is saved." in text_of(asked)
    assert confirm(publisher, f"{form_of(review)}change/", asked).status_code == 302
    assert review.documents.get().title == NUMBER
    session = make_session(make_course())
    asked = send(publisher, f"{form_of(session)}change/", note=NUMBER)
    assert "Readers see this as soon as it is saved." in text_of(asked)
    assert confirm(publisher, f"{form_of(session)}change/", asked).status_code == 302


def make_link() -> ListLink:
    address = "https://example.org/"
    return ListLink.objects.create(kind=Kind.BRIEFING, text="Others", address=address)


WITHOUT_DRAFT = {
    "the name of a theme": (make_theme, "name"),
    "the sentence about a theme": (make_theme, "description"),
    "an audience": (make_audience, "name"),
    "a link above a list": (make_link, "text"),
}


@pytest.mark.parametrize("case", WITHOUT_DRAFT)
def test_what_has_no_draft_is_asked_about_as_what_is_live(administrator: Client, case: str) -> None:
    make, name = WITHOUT_DRAFT[case]
    record = make()
    address = f"{form_of(record)}change/"
    asked = send(administrator, address, **{name: NUMBER})
    assert "Readers see this as soon as it is saved." in text_of(asked)
    assert not SettledIdentifier.objects.exists()
    assert confirm(administrator, address, asked).status_code == 302
    assert getattr(type(record).objects.get(pk=record.pk), name) == NUMBER
    assert SettledIdentifier.objects.get().record_id == record.pk
    assert send(administrator, address, **{name: f"{NUMBER} Now."}).status_code == 302


def test_what_has_no_draft_and_is_new_is_asked_about_and_then_saved(administrator: Client) -> None:
    address = "/admin/training/audience/add/"
    asked = send(administrator, address, name=NUMBER)
    assert "Readers see this as soon as it is saved." in text_of(asked)
    assert confirm(administrator, address, asked).status_code == 302
    assert Audience.objects.get().name == NUMBER


def test_the_note_that_readers_are_told_is_asked_about_too(publisher: Client) -> None:
    review = make_review()
    with_note = {"tell_readers": "note", "change_note": NUMBER}
    address = f"{form_of(review)}change/"
    asked = send(publisher, address, title="Another title", **with_note)
    assert "Readers see this as soon as it is saved." in text_of(asked)
    assert confirm(publisher, address, asked).status_code == 302
    assert review.change_notes.get().text == NUMBER


def test_a_draft_is_saved_without_a_question(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    assert send(editor, f"{form_of(review)}change/", summary=NUMBER).status_code == 302
    assert not SettledIdentifier.objects.exists()


# --- a file ---------------------------------------------------------------------------------------


def test_a_file_that_is_not_saved_yet_is_settled_on_its_own_page(sign_in: Any) -> None:
    user = make_user("Publishers")
    publisher = Client()
    publisher.force_login(user)
    file = make_file(MINIMAL_PDF, pages=[NUMBER], taken_in_by=user)
    report = publisher.get(f"/admin/reviews/documentfile/{file.uid}/report/")
    assert "Its pages hold 1 number, address or date of birth" in text_of(report)
    publisher.post(identifiers_address(file), {"settle": f"{KEY}:public"})
    assert SettledIdentifier.objects.of([owner_of(file)]).exists()
    assert sign_in("Editors").get(identifiers_address(file)).status_code == 404


def test_the_file_of_a_document_is_settled_with_its_publication(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    file = make_file(MINIMAL_PDF, pages=[NUMBER])
    make_document(review, file=file)
    assert editor.get(identifiers_address(file)).headers["Location"] == page_of(review)
