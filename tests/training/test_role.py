"""What somebody may do and see who keeps the training and no reviews."""

import json
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mscp.models import BulkChange, PendingChange
from mscp.publishing.gate import State
from mscp.publishing.preview_links import PreviewLink
from reviews.models import DocumentFile, PageCorrection, Publication, Theme
from tests.admin_forms import send
from tests.factories import (
    HIDDEN_STAGES,
    make_briefing,
    make_course,
    make_document,
    make_report,
    make_review,
    make_session,
    make_user,
)
from tests.pages import text_of
from training.models import Course, Session, Venue

pytestmark = pytest.mark.django_db

HIDDEN = {"summary": "Zebrafinch"}


@pytest.fixture
def trainer(sign_in: Any) -> Client:
    return sign_in("Training", username="tess")


def found(
    client: Client, *, term: str = "", of: str = "course", field: str = "publications"
) -> Any:
    """Return what the picker of a field offers."""
    app = {"app_label": "training", "model_name": of, "field_name": field, "term": term}
    answer = client.get("/admin/autocomplete/", app)
    assert answer.status_code == 200
    return [one["text"] for one in json.loads(answer.content)["results"]]


def hidden_reviews() -> list[Any]:
    made = [make_review, make_report, make_briefing]
    return [
        make(state=state, title=f"Zebrafinch {state.label}", **HIDDEN)
        for make in made
        for state in HIDDEN_STAGES
    ]


def test_a_trainer_writes_publishes_and_withdraws_a_course_with_its_sessions(
    trainer: Client,
) -> None:
    added = send(trainer, "/admin/training/course/add/", title="Neglect", summary="One day.")
    assert added.status_code == 302
    course = Course.objects.get()
    step = "/admin/training/course/step/{}/?id=" + str(course.pk)
    assert trainer.post(step.format("publish")).status_code == 302
    assert Client().get(course.get_absolute_url()).status_code == 200
    send(trainer, "/admin/training/session/add/", course=str(course.pk), start_date="14/01/2027")
    session = Session.objects.get()
    session_step = f"/admin/training/session/step/cancel/?id={session.pk}"
    assert trainer.post(session_step).status_code == 302
    session.refresh_from_db()
    assert session.is_cancelled
    assert trainer.post(step.format("withdraw"), {"reason": "Over"}).status_code == 302
    assert Client().get(course.get_absolute_url()).status_code == 410


def test_a_trainer_keeps_venues_audiences_and_imports(trainer: Client) -> None:
    send(trainer, "/admin/training/venue/add/", name="Town Hall")
    assert Venue.objects.get().name == "Town Hall"
    for address in ("audience/add/", "programmeimport/add/", "programmeimport/"):
        assert trainer.get(f"/admin/training/{address}").status_code == 200


def test_no_page_about_reviews_opens_for_a_trainer(trainer: Client) -> None:
    records = hidden_reviews() + [make_review()]
    documents = [make_document(record) for record in records]
    others = [
        model
        for model in admin.site._registry
        if model._meta.app_label != "training"
        # The second is seen as far as it is public, the next two have no list, and of the last
        # three only what is about courses.
        and model
        not in (
            *(Theme, Publication, DocumentFile, PageCorrection),
            *(PreviewLink, BulkChange, PendingChange),
        )
    ]
    assert len(others) > 8
    for model in others:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        page = trainer.get(reverse(f"{base}_changelist"), follow=True)
        assert page.status_code == 403, model
    for record in records:
        name = f"admin:reviews_{record._meta.model_name}_change"
        assert trainer.get(reverse(name, args=[record.pk])).status_code == 403
        public = Client().get(record.get_absolute_url())
        assert trainer.get(record.get_absolute_url()).status_code == public.status_code
    for document in documents:
        form = reverse("admin:reviews_document_change", args=[document.pk])
        assert trainer.get(form).status_code == 403
    draft = records[0]
    PreviewLink.make(draft, name="Zebrafinch reader", days=7, user=make_user("Publishers"))
    lines = [{"pk": draft.pk, "text": "Zebrafinch", "done": True}]
    BulkChange.objects.create(
        what="Zebrafinch", model="reviews.practicereview", lines=lines, made_at=timezone.now()
    )
    PendingChange.objects.create(
        record_type="reviews.theme",
        name="Zebrafinch",
        base_hash="x",
        made_at=timezone.now(),
        made_by_key=0,
        made_by_name="pat",
    )
    lists = ("previewlink", "bulkchange", "pendingchange")
    for page in ("/admin/", *(f"/admin/mscp/{name}/" for name in lists)):
        assert "Zebrafinch" not in text_of(trainer.get(page)), page


def test_a_trainer_links_published_publications_and_learns_of_no_other(
    trainer: Client, editor: Client
) -> None:
    hidden_reviews()
    make_review(title="Oak")
    assert found(trainer) == ["Oak"]
    assert len(found(editor)) == 10
    page = trainer.get("/admin/reviews/publication/")
    assert "Oak" in text_of(page) and "Zebrafinch" not in text_of(page)


def test_a_link_to_a_draft_stays_and_its_title_is_not_named(trainer: Client) -> None:
    draft, public = make_review(state=State.DRAFT, title="Zebrafinch"), make_review(title="Oak")
    other = make_review(title="Elm")
    course = make_course(state=State.DRAFT)
    course.publications.set([draft, public])
    address = f"/admin/training/course/{course.pk}/change/"
    page = trainer.get(address)
    assert "Oak" in page.content.decode() and "Zebrafinch" not in page.content.decode()
    sent = send(trainer, address, title="Another", publications=[str(other.pk)])
    assert sent.status_code == 302
    assert set(course.publications.all()) == {draft.publication_ptr, other.publication_ptr}
    # Nor may it be guessed.
    assert send(trainer, address, publications=[str(draft.pk)]).status_code == 200
    for look in (address.replace("change", "history"), course.get_absolute_url()):
        assert "Zebrafinch" not in trainer.get(look).content.decode()
    assert "one that is not public" in text_of(trainer.get(address.replace("change", "history")))


def test_a_colleague_with_reviews_sees_every_name_in_the_history(editor: Client) -> None:
    draft = make_review(state=State.DRAFT, title="Zebrafinch")
    course = make_course(state=State.DRAFT)
    send(editor, f"/admin/training/course/{course.pk}/change/", publications=[str(draft.pk)])
    assert list(course.publications.all()) == [draft.publication_ptr]
    page = editor.get(f"/admin/training/course/{course.pk}/history/")
    assert "Zebrafinch" in text_of(page)


def test_the_picker_offers_an_editor_no_course_that_would_be_refused(
    editor: Client, publisher: Client, trainer: Client, settings: Any
) -> None:
    make_course(title="Live"), make_course(state=State.DRAFT, title="Draft")
    make_course(state=State.WITHDRAWN, title="Gone")
    make_course(title="Of a change").propose_change()
    picker = {"of": "session", "field": "course"}
    assert sorted(found(editor, **picker)) == ["Draft", "Live", "Of a change"]
    for client in (publisher, trainer):
        assert sorted(found(client, **picker)) == ["Draft", "Gone", "Live", "Of a change"]
    address = "/admin/training/session/add/"
    assert "waits in a proposed change" in text_of(editor.get(address))
    assert "waits in a proposed change" not in text_of(publisher.get(address))
    settings.TWO_PEOPLE = True
    assert "waits in a proposed change" in text_of(publisher.get(address))


def test_an_editor_who_sends_a_withdrawn_course_all_the_same_is_told_whom_to_ask(
    editor: Client,
) -> None:
    session = make_session(make_course(state=State.DRAFT))
    gone = make_course(state=State.WITHDRAWN)
    address = f"/admin/training/session/{session.pk}/change/"
    page = send(editor, address, course=str(gone.pk))
    assert "whoever looks after training" in text_of(page)
