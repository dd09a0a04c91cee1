"""What has no draft: one person asks for a change, and somebody else confirms exactly that."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image

from mscp.models import ConcernContact, PendingChange, SiteIdentity, StatementConfirmation
from mscp.publishing.approvals import approve, approved, shipped_content
from mscp.publishing.gate import State
from mscp.publishing.pending import NEEDED, WithoutDraft, ask
from reviews.models import Kind, ListLink, PageCorrection, Theme
from tests.admin_forms import fields_of, send, ticks_of
from tests.factories import (
    make_audience,
    make_contact,
    make_course,
    make_identity,
    make_review,
    make_session,
    make_theme,
    make_user,
    make_venue,
    put_in_state,
)
from tests.pages import assert_valid, body_of, text_of
from training.models import Audience, Venue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_people(settings: Any) -> None:
    settings.TWO_PEOPLE = True


@pytest.fixture
def second(sign_in: Callable[..., Client]) -> Client:
    return sign_in("Publishers", username="sam")


def form(record: Any) -> str:
    options = record._meta
    return f"/admin/{options.app_label}/{options.model_name}/{record.pk}/change/"


def adding(model: Any) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/add/"


def fill(client: Client, address: str, /, **values: Any) -> Any:
    """Send a form, and say yes to what it asks."""
    response = send(client, address, **values)
    if response.status_code == 200 and (ticks := ticks_of(response)):
        response = client.post(address, {**fields_of(response), **ticks})
    assert response.status_code == 302, text_of(response)
    return response


def waiting() -> Any:
    return PendingChange.objects.open().get()


def page_of(change: PendingChange) -> str:
    return f"/admin/mscp/pendingchange/{change.pk}/change/"


def decide(client: Client, change: PendingChange, press: str = "confirm", **more: str) -> Any:
    sent = {**fields_of(client.get(page_of(change))), **more, press: "pressed"}
    address = f"/admin/mscp/pendingchange/{change.pk}/decide/"
    return client.post(address, sent, follow=True)


def link() -> ListLink:
    with shipped_content():
        return ListLink.objects.create(
            kind=Kind.BRIEFING, text="Others", address="https://example.org/"
        )


# A record that is there, and what somebody types into its form.
CHANGES: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "theme": (lambda: make_theme(name="Babies"), {"description": "Quokka."}),
    "venue": (lambda: make_venue(name="Hall"), {"accessibility": "Quokka.", "step_free": "yes"}),
    "audience": (lambda: make_audience(name="Schools"), {"name": "Quokka"}),
    "link": (link, {"text": "Quokka"}),
    "identity": (make_identity, {"intro": "Quokka."}),
    "notice": (make_identity, {"notice": "Quokka."}),
    "number": (make_contact, {"phone": "020 7946 0999"}),
}
ADDITIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "theme": (Theme, {"name": "Quokka"}),
    "venue": (Venue, {"name": "Quokka hall"}),
    "audience": (Audience, {"name": "Quokka"}),
    "link": (ListLink, {"kind": "briefing", "text": "Quokka", "address": "https://example.org/"}),
    "number": (ConcernContact, {"label": "Quokka", "phone": "020 7946 0999"}),
    "statement": (StatementConfirmation, {"how_tested": "Quokka.", "is_true": "on"}),
}


def test_every_model_without_a_draft_is_tried() -> None:
    makers = {make for make, _ in CHANGES.values()}
    models = {type(make()) for make in makers} | {model for model, _ in ADDITIONS.values()}
    # Corrections of pages have a form of their own: tests/reviews/documents/test_correcting.py.
    assert models == {*WithoutDraft.__subclasses__()} - {PageCorrection}


def current(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


def values_of(record: Any, names: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


@pytest.mark.parametrize("person", ["publisher", "administrator"])
@pytest.mark.parametrize("what", CHANGES)
def test_a_change_waits_until_somebody_else_confirms_it(
    what: str, person: str, second: Client, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(person)
    make, typed = CHANGES[what]
    record = make()
    before = values_of(record, typed)
    fill(client, form(record), **typed)
    change = waiting()
    assert values_of(current(record), typed) == before
    decide(client, change)
    assert "somebody else must confirm it" in text_of(client.get(page_of(change)))
    client.post(f"/admin/mscp/pendingchange/{change.pk}/decide/", {"confirm": "x"})
    assert values_of(current(record), typed) == before and waiting() == change
    shown = second.get(page_of(change))
    assert_valid(shown)
    # What stays is not marked, so of a number that is changed its end stands alone.
    ends = [str(value).split()[-1] for value in typed.values() if value != "yes"]
    assert all(end in text_of(shown) for end in ends)
    assert "confirmed. Readers see it now." in text_of(decide(second, change))
    after = current(record)
    assert values_of(after, typed) == typed
    name = client.user.username  # type: ignore[attr-defined]
    assert str(after.updated_by) == name
    entry = after.history.first()
    assert str(entry.history_user) == name and entry.history_change_reason == "Confirmed by sam"
    decided = PendingChange.objects.get()
    assert (decided.made_by_name, decided.decided_by_name) == (name, "sam")
    assert "Confirmed by sam" in text_of(second.get("/admin/mscp/pendingchange/"))
    assert "sam confirmed it" in text_of(client.get(page_of(change)))


@pytest.mark.parametrize("what", ADDITIONS)
def test_an_addition_waits_too(what: str, publisher: Client, second: Client) -> None:
    model, typed = ADDITIONS[what]
    if what == "statement":
        make_identity()
    fill(publisher, adding(model), **typed)
    assert not model.objects.exists()
    shown = second.get(page_of(waiting()))
    assert_valid(shown)
    assert "uokka" in text_of(shown)
    decide(second, waiting())
    record = model.objects.get()
    assert str(record.created_by) == publisher.user.username  # type: ignore[attr-defined]
    assert record.created_by_id != second.user.pk  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", CHANGES)
def test_no_code_saves_it_alone(what: str) -> None:
    make, typed = CHANGES[what]
    record = make()
    for name, value in typed.items():
        setattr(record, name, value)
    with pytest.raises(ValidationError, match="Two people are needed"), transaction.atomic():
        record.save()


@pytest.mark.parametrize("what", ADDITIONS)
def test_no_code_adds_it_alone(what: str) -> None:
    model, typed = ADDITIONS[what]
    fields = {name: value for name, value in typed.items() if name != "is_true"}
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        model.objects.create(**fields)
    assert caught.value.messages == [NEEDED]


def test_with_one_person_all_is_saved_at_once(publisher: Client, settings: Any) -> None:
    settings.TWO_PEOPLE = False
    theme = make_theme(name="Babies")
    page = publisher.get(form(theme))
    assert "two people" not in text_of(page)
    fill(publisher, form(theme), description="Words.")
    fill(publisher, adding(Audience), name="Schools")
    assert current(theme).description and Audience.objects.exists()
    assert not PendingChange.objects.exists()


def test_what_no_reader_sees_or_only_leaves_is_saved_at_once(publisher: Client) -> None:
    theme, venue, contact = make_theme(), make_venue(), make_contact()
    fill(publisher, form(theme), position="7")
    fill(publisher, form(venue), staff_note="Ring twice.")
    fill(publisher, form(contact), verified_on="01/01/2026")
    identity = make_identity(notice="Phones are down.")
    fill(publisher, form(identity), notice="")
    assert not SiteIdentity.load().notice and current(venue).staff_note
    assert current(theme).position == 7 and current(contact).verified_on
    assert not PendingChange.objects.exists()


def test_a_new_site_begins_with_one_person(administrator: Client) -> None:
    fill(administrator, adding(SiteIdentity), name="Anytown Partnership")
    assert SiteIdentity.objects.exists() and not PendingChange.objects.exists()


def test_another_number_is_not_checked_yet(publisher: Client, second: Client) -> None:
    contact = make_contact(verified_on="2026-01-01")
    fill(publisher, form(contact), phone="020 7946 0999")
    decide(second, waiting())
    assert current(contact).verified_on is None


def test_what_was_changed_meanwhile_voids_it(
    publisher: Client, second: Client, settings: Any
) -> None:
    theme = make_theme(name="Babies", description="Old.")
    fill(publisher, form(theme), description="New.")
    settings.TWO_PEOPLE = False
    fill(second, form(theme), name="Infants")
    settings.TWO_PEOPLE = True
    change = waiting()
    page = second.get(page_of(change))
    assert "cannot be confirmed" in text_of(page) and b'name="confirm"' not in page.content
    second.post(f"/admin/mscp/pendingchange/{change.pk}/decide/", {"confirm": "x"})
    assert current(theme).description == "Old." and waiting()
    # The order is nothing that anybody wrote over.
    decide(second, change, "discard")
    fill(publisher, form(theme), description="New.")
    fill(second, form(theme), position="9")
    decide(second, waiting())
    assert current(theme).description == "New." and current(theme).position == 9


def test_one_change_waits_at_a_time_and_nothing_typed_is_lost(
    publisher: Client, second: Client
) -> None:
    theme = make_theme(name="Babies")
    fill(publisher, form(theme), description="New.")
    page = second.get(form(theme))
    assert "A change to this waits" in text_of(page) and page_of(waiting()) in page.content.decode()
    refused = send(second, form(theme), description="Other words.")
    assert refused.status_code == 200 and "waits already" in text_of(refused)
    assert "Other words." in refused.content.decode()
    fill(second, form(theme), position="3")
    assert PendingChange.objects.count() == 1


@pytest.mark.parametrize("decision", ["confirm", "discard"])
def test_who_can_confirm_it_is_mailed_and_who_asked_is_told_what_became_of_it(
    sign_in: Callable[..., Client],
    settings: Any,
    django_capture_on_commit_callbacks: Any,
    decision: str,
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    make_identity(name="Anytown Partnership")
    sam = sign_in("Publishers", username="sam", email="sam@example.org")
    kim = sign_in("Publishers", username="kim", email="kim@example.org")
    sign_in("Editors", username="ed", email="ed@example.org")
    theme = make_theme(name="Neglect")
    with django_capture_on_commit_callbacks(execute=True):
        fill(sam, form(theme), name="Secret words")
    [asked] = mail.outbox
    assert asked.to == ["kim@example.org"]
    assert asked.subject == ("Anytown Partnership: A change waits for a second person: a theme")
    assert "sam asked for it" in str(asked.body) and page_of(waiting()) in str(asked.body)
    with django_capture_on_commit_callbacks(execute=True):
        decide(kim, waiting(), decision)
    last_mail = mail.outbox[-1]
    assert last_mail.to == ["sam@example.org"] and len(mail.outbox) == 2
    assert f"Your change of a theme was {decision.rstrip('e')}ed" in last_mail.subject
    assert not any(w in str(m.body) for m in mail.outbox for w in ("Neglect", "Secret words"))


def test_a_merge_that_waits_is_mailed_too(
    sign_in: Callable[..., Client], settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    make_identity()
    sam = sign_in("Publishers", username="sam", email="sam@example.org")
    sign_in("Publishers", username="kim", email="kim@example.org")
    one, other = make_theme(name="Babies"), make_theme(name="Infants")
    address = f"/admin/reviews/theme/{one.pk}/merge/?into={other.pk}"
    with django_capture_on_commit_callbacks(execute=True):
        sam.post(address, fields_of(sam.get(address)))
    assert [message.to for message in mail.outbox] == [["kim@example.org"]]


def test_it_can_be_discarded_with_a_reason(publisher: Client, second: Client) -> None:
    theme = make_theme(name="Babies")
    fill(publisher, form(theme), description="New.")
    change = waiting()
    decide(second, change, "discard", note="Not our words")
    assert not current(theme).description
    page = publisher.get(page_of(change))
    assert "sam discarded it" in text_of(page) and "Not our words" in text_of(page)
    assert b"decide_form" not in page.content
    for press in ("confirm", "discard"):
        again = second.post(f"/admin/mscp/pendingchange/{change.pk}/decide/", {press: "x"})
        assert again.status_code == 302
    assert PendingChange.objects.get().note == "Not our words" and not current(theme).description


def test_a_reason_that_cannot_be_kept_is_refused(publisher: Client, second: Client) -> None:
    fill(publisher, form(make_theme(name="Babies")), description="New.")
    for note in ("a\x00b", "x" * 1001):
        decide(second, waiting(), "discard", note=note)
        assert waiting()


def test_a_notice_is_taken_off_though_another_change_waits(
    publisher: Client, second: Client
) -> None:
    identity = make_identity(notice="Phones are down.")
    fill(publisher, form(identity), intro="New.")
    fill(second, form(identity), notice="")
    assert not SiteIdentity.load().notice and waiting()


def test_where_one_is_enough_no_list_waits_in_the_menu(publisher: Client, settings: Any) -> None:
    listed = "/admin/mscp/pendingchange/"
    assert listed in publisher.get("/admin/").content.decode()
    settings.TWO_PEOPLE = False
    assert listed not in publisher.get("/admin/").content.decode()
    assert publisher.get(listed).status_code == 200


def test_whoever_asked_takes_it_back(publisher: Client) -> None:
    theme = make_theme(name="Babies")
    fill(publisher, form(theme), description="New.")
    decide(publisher, waiting(), "discard")
    assert not PendingChange.objects.open().exists() and not current(theme).description


def test_who_may_not_change_the_record_neither_sees_nor_decides(
    publisher: Client, editor: Client, sign_in: Any, client: Client
) -> None:
    fill(publisher, form(make_theme(name="Babies")), description="Quokka.")
    change = waiting()
    trainer = sign_in("Training")
    for person in (editor, trainer, sign_in(username="nobody")):
        assert person.get(page_of(change)).status_code in (403, 404)
        answer = person.post(f"/admin/mscp/pendingchange/{change.pk}/decide/", {"confirm": "x"})
        assert answer.status_code in (403, 404)
        listed = person.get("/admin/mscp/pendingchange/")
        assert listed.status_code == 403 or "Babies" not in text_of(listed)
        assert "Babies" not in text_of(person.get("/admin/"))
    assert client.get(page_of(change)).status_code == 302
    for key in ("x", "9" * 30, "0", str(change.pk + 1)):
        assert publisher.get(f"/admin/mscp/pendingchange/{key}/change/").status_code == 404
        assert publisher.post(f"/admin/mscp/pendingchange/{key}/decide/").status_code == 404
    assert waiting() == change


def test_it_lies_on_the_desk_of_those_who_can_confirm_it(publisher: Client, second: Client) -> None:
    fill(publisher, form(make_theme(name="Babies")), description="New.")
    desk = second.get("/admin/")
    assert "Waiting for you" in text_of(desk) and "Babies (theme)" in text_of(desk)
    assert page_of(waiting()) in desk.content.decode()
    own = text_of(publisher.get("/admin/"))
    assert "Waiting for you" not in own and "Babies (theme)" in own


def photo(name: str = "hall.png") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


def test_a_photo_waits_with_its_words(publisher: Client, second: Client, client: Client) -> None:
    venue = make_venue(name="Hall")
    fill(publisher, form(venue), photo=photo(), photo_alt="A hall")
    change = waiting()
    assert not current(venue).photo and change.file
    address = f"/admin/mscp/pendingchange/{change.pk}/file/"
    assert address in second.get(page_of(change)).content.decode()
    sent = second.get(address)
    assert sent.status_code == 200 and sent["Content-Type"] == "image/webp"
    assert body_of(sent).startswith(b"RIFF")
    assert client.get(address).status_code == 302
    decide(second, change)
    after = current(venue)
    assert after.photo and after.photo_alt == "A hall" and after.photo_width == 60
    assert second.get(address).status_code == 404
    fill(publisher, form(venue), **{"photo-clear": "on", "photo_alt": ""})
    assert current(venue).photo
    decide(second, waiting())
    assert not current(venue).photo


def test_a_logo_waits_too(publisher: Client, second: Client) -> None:
    identity = make_identity()
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>'
    fill(publisher, form(identity), logo=SimpleUploadedFile("logo.svg", svg))
    change = waiting()
    assert not SiteIdentity.load().logo
    sent = second.get(f"/admin/mscp/pendingchange/{change.pk}/file/")
    assert "sandbox" in sent["Content-Security-Policy"] and b"<svg" in body_of(sent)
    decide(second, change)
    assert SiteIdentity.load().logo.name.endswith(".svg")


# --- merges ---------------------------------------------------------------------------------------


def ask_for_merge(client: Client, source: Any, target: Any) -> Any:
    address = f"{form(source).replace('change', 'merge')}?into={target.pk}"
    shown = client.get(address)
    assert "Ask for this merge" in shown.content.decode()
    return client.post(address, fields_of(shown), follow=True)


def test_a_merge_waits_and_keeps_what_was_approved(publisher: Client, second: Client) -> None:
    old, new = make_theme(name="Babies"), make_theme(name="Infants")
    review, draft = make_review(themes=[old]), make_review(state=State.DRAFT, themes=[old])
    approve(draft, make_user("Publishers"))
    other = make_review(state=State.DRAFT, themes=[old])
    assert "waits now for a second person" in text_of(ask_for_merge(publisher, old, new))
    change = waiting()
    assert list(review.themes.all()) == [old]
    decide(publisher, change)
    assert list(review.themes.all()) == [old]
    page = second.get(page_of(change))
    assert_valid(page)
    assert "Practice reviews: 3" in text_of(page)
    assert "Readers see it now" in text_of(decide(second, change))
    assert list(review.themes.all()) == list(draft.themes.all()) == [new]
    assert not Theme.objects.filter(pk=old.pk).exists()
    assert approved(current(draft)) and not approved(current(other))
    assert Client().get("/themes/babies/").status_code == 301


def test_a_merge_is_confirmed_as_it_was_asked_for_and_shown(
    publisher: Client, second: Client
) -> None:
    hall, room = make_venue(name="Hall"), make_venue(name="Room")
    session = make_session(make_course(), venue=hall)
    ask_for_merge(publisher, hall, room)
    change = waiting()
    asked = fields_of(second.get(page_of(change)))
    make_session(session.course, in_days=9, venue=hall)
    address = f"/admin/mscp/pendingchange/{change.pk}/decide/"
    for sent in (asked, fields_of(second.get(page_of(change)))):
        assert "cannot be confirmed" in text_of(
            second.post(address, {**sent, "confirm": "x"}, follow=True)
        )
    assert Venue.objects.count() == 2
    decide(second, change, "discard")
    ask_for_merge(publisher, hall, room)
    decide(second, waiting())
    session.refresh_from_db()
    assert session.venue == room and Venue.objects.count() == 1


def test_what_live_courses_are_for_is_not_deleted_by_one(publisher: Client) -> None:
    audience, unused = make_audience(name="Schools"), make_audience(name="Nobody")
    course = make_course(state=State.DRAFT)
    course.audiences.add(audience)
    put_in_state(course, State.PUBLISHED)
    delete = form(audience).replace("change", "delete")
    assert publisher.post(delete, {"post": "yes"}).status_code == 403
    with pytest.raises(ValidationError), transaction.atomic():
        audience.delete()
    assert publisher.post(form(unused).replace("change", "delete"), {"post": "yes"})
    assert list(Audience.objects.all()) == [audience]


# --- the database ---------------------------------------------------------------------------------


def test_the_database_wants_two_people_and_one_open_change() -> None:
    amy = make_user("Publishers")
    theme = make_theme()
    theme.description = "New."
    change = ask(theme, amy)
    with pytest.raises(ValidationError, match="waits already"), transaction.atomic():
        ask(theme, make_user("Publishers"))
    rows = PendingChange.objects.filter(pk=change.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(decided_at=change.made_at, outcome="confirmed", decided_by_key=amy.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(outcome="confirmed")
    with pytest.raises(ValidationError, match="yourself"):
        change.confirm(amy)


def test_what_breaks_a_rule_by_now_is_refused_with_its_sentence(
    publisher: Client, second: Client
) -> None:
    theme = make_theme(name="Babies")
    fill(publisher, form(theme), name="Infants")
    make_theme(name="infants")
    assert "There is a theme of this name already." in text_of(decide(second, waiting()))
    assert current(theme).name == "Babies" and waiting()


def test_an_author_who_left_is_still_named(publisher: Client, second: Client) -> None:
    theme = make_theme(name="Babies")
    fill(publisher, form(theme), description="New.")
    publisher.user.delete()  # type: ignore[attr-defined]
    decide(second, waiting())
    assert current(theme).description == "New."
    assert PendingChange.objects.get().made_by_name == "pat"


def test_a_file_that_waits_is_no_stray(publisher: Client) -> None:
    change = PendingChange(
        record_type="training.venue",
        name="Hall",
        base_hash="x",
        made_at="2026-01-01T00:00Z",
        made_by_key=1,
        made_by_name="pat",
        file_field="photo",
    )
    change.file.save("x.webp", ContentFile(b"x"))
    assert str(change.file).startswith("pending/")
