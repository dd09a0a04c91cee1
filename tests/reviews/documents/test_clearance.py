"""Nothing is public before every finding about privacy in it is settled, whoever asks and how."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mscp.publishing.gate import State
from reviews.documents.report_links import report_address
from reviews.findings import ACCESSIBILITY, KINDS, PRIVACY, Severity
from reviews.models import Document, DocumentFile, Finding, PracticeReview
from reviews.pdf.report import Check
from tests.admin_forms import fields_of, send
from tests.conftest import NOW
from tests.factories import (
    make_document,
    make_file,
    make_finding,
    make_review,
    make_user,
    put_in_state,
)
from tests.pages import assert_valid, body_of, text_of
from tests.pdfs import HAZARDS, clean_pdf, flip_a_byte
from tests.stored import kept_files

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_readings")]

LIST = "/admin/reviews/practicereview/"
MUST = "about privacy must be settled first"
CLEANED_FIRST = "its cleaned copy must be used first"
LIVE = "The publication is live or scheduled, so this must be settled before saving."
OPEN_STAGES = [State.DRAFT, State.WITHDRAWN]
LIVE_STAGES = [State.SCHEDULED, State.PUBLISHED]
AUTHOR = next(hazard for hazard in HAZARDS if hazard.name == "author in info").make
OTHER = clean_pdf(2)


def form(review: Any) -> str:
    return f"{LIST}{review.pk}/change/"


def own_form(document: Document) -> str:
    return f"/admin/reviews/document/{document.pk}/change/"


def step(name: str, *reviews: Any) -> str:
    return f"{LIST}step/{name}/?" + "&".join(f"id={review.pk}" for review in reviews)


def to(file: DocumentFile, what: str, *more: Any) -> str:
    return reverse(f"admin:reviews_documentfile_{what}", args=[file.uid, *more])


def document_of(state: State = State.DRAFT, **fields: Any) -> Document:
    review = make_review(state=state, summary="Words.", title="Oak")
    return make_document(review, pdf=clean_pdf(), title="The report", **fields)


def with_finding(state: State = State.DRAFT, **fields: Any) -> tuple[Document, Finding]:
    document = document_of(state)
    assert document.file
    return document, make_finding(document.file, **fields)


def another_version(document: Document, **fields: Any) -> DocumentFile:
    return make_file(OTHER, document=document, **fields)


def state_of(document: Document) -> State:
    return PracticeReview.objects.get(pk=document.publication_id).current_state


def review_of(document: Document) -> PracticeReview:
    return PracticeReview.objects.get(pk=document.publication_id)


def is_open(finding: Finding) -> bool:
    return Finding.objects.open().filter(pk=finding.pk).exists()


def accept(client: Client, *findings: Finding, reason: str = "It is public anyway.") -> Any:
    address = to(findings[0].file, "accept")
    return client.post(address, {"findings": [f.pk for f in findings], "reason": reason})


def overwrite(file: DocumentFile, data: bytes) -> None:
    storage, name = file.content.storage, file.content.name
    storage.delete(name)
    assert storage.save(name, ContentFile(data)) == name


def ticked(response: Any) -> set[str]:
    page = response.content.decode()
    boxes = [box.partition(">")[0] for box in page.split('<input type="checkbox"')[1:]]
    return {box.split('value="')[1].split('"')[0] for box in boxes if box.endswith(" checked")}


# --- settling ---------------------------------------------------------------------------------


def test_a_finding_is_accepted_with_reason_name_and_time(editor: Client) -> None:
    document, finding = with_finding()
    other = make_finding(finding.file, kind="pale_text", page=1, details=["Ask Jo"])
    report = editor.get(report_address(finding.file))
    assert_valid(report)
    assert "2 findings about privacy to settle before publication." in text_of(report)
    assert "Ask Jo" in text_of(report) and "Alex Sampleperson" in text_of(report)
    response = accept(editor, finding, reason="  She agreed, by letter. ")
    assert response.status_code == 302 and response.url == report_address(finding.file)
    finding.refresh_from_db()
    assert finding.accepted_reason == "She agreed, by letter."
    assert finding.accepted_sha256 == finding.file.sha256
    assert (finding.accepted_by, finding.accepted_by_name) == (editor.user, "ed")  # type: ignore[attr-defined]
    assert finding.accepted_at == NOW
    assert not is_open(finding) and finding.is_accepted
    assert is_open(other)
    text = text_of(editor.get(response.url))
    assert "One finding accepted." in text
    assert "Accepted by ed, 23 November 2026, 10:00: “She agreed, by letter.”" in text
    assert "One finding about privacy to settle before publication." in text
    accept(editor, other)
    assert "All findings about privacy are settled." in text_of(editor.get(response.url))
    history = text_of(editor.get(f"/admin/reviews/document/{document.pk}/history/"))
    assert history
    review_of(document).publish()


def test_what_was_accepted_stands_in_the_log_of_the_document(editor: Client) -> None:
    document, finding = with_finding()
    accept(editor, finding, reason="She agreed.")
    editor.post(to(finding.file, "take_back", finding.pk))
    entries = editor.user.logentry_set.order_by("pk")  # type: ignore[attr-defined]
    messages = [entry.get_change_message() for entry in entries]
    assert len(messages) == 2 and all(entry.object_id == str(document.pk) for entry in entries)
    assert "Accepted: Text under a box or picture (whole file)" in messages[0]
    assert "She agreed." in messages[0] and "Acceptance taken back" in messages[1]


def test_several_are_accepted_for_one_reason(editor: Client) -> None:
    _, finding = with_finding()
    more = [make_finding(finding.file, page=page) for page in (1, 2)]
    response = accept(editor, finding, *more)
    assert "3 findings accepted." in text_of(editor.get(response.url))
    assert not finding.file.open_findings().exists()


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001])
def test_without_a_reason_nothing_is_accepted_and_the_ticks_stay(
    editor: Client, reason: str
) -> None:
    _, finding = with_finding()
    left, ticks = make_finding(finding.file, page=1), make_finding(finding.file, page=2)
    response = accept(editor, finding, ticks, reason=reason)
    assert response.status_code == 400
    text = text_of(response)
    assert ("Give the reason" if not reason.strip() else "at most 1000 are kept") in text
    assert ticked(response) == {str(finding.pk), str(ticks.pk)}
    assert all(is_open(one) for one in (finding, left, ticks))


def test_without_a_tick_nothing_is_accepted_and_the_reason_stays(editor: Client) -> None:
    _, finding = with_finding()
    response = editor.post(to(finding.file, "accept"), {"reason": "A reason that was typed."})
    assert response.status_code == 400
    assert "Tick what the reason is for." in text_of(response)
    assert "A reason that was typed." in response.content.decode()
    assert is_open(finding)


def test_only_what_is_open_in_this_very_file_can_be_accepted(editor: Client) -> None:
    _, finding = with_finding()
    elsewhere = make_finding(make_file(OTHER, taken_in_by=editor.user))  # type: ignore[attr-defined]
    to_improve = make_finding(finding.file, kind="no_tags", details=[])
    for key in (elsewhere.pk, to_improve.pk, 10**12, "x"):
        response = editor.post(to(finding.file, "accept"), {"findings": [key], "reason": "Yes"})
        assert response.status_code == 400, key
        assert "settled meanwhile, or is of another file" in text_of(response) or key == "x"
    assert not Finding.objects.exclude(accepted_sha256="").exists()
    accept(editor, finding, reason="First")
    assert accept(editor, finding, reason="Second").status_code == 400
    finding.refresh_from_db()
    assert finding.accepted_reason == "First"


def test_the_name_stays_when_the_account_goes() -> None:
    _, finding = with_finding()
    user = make_user(first_name="Pat", last_name="Sample")
    finding.accept(reason="Yes", user=user)
    user.delete()
    finding.refresh_from_db()
    assert finding.accepted_by is None and finding.accepted_by_name == "Pat Sample"
    assert finding.is_accepted


@pytest.mark.parametrize("lost", ["accepted_reason", "accepted_by_name", "accepted_at"])
def test_no_finding_is_half_accepted(lost: str) -> None:
    _, finding = with_finding()
    finding.accept(reason="Yes", user=make_user())
    setattr(finding, lost, None if lost == "accepted_at" else "")
    with pytest.raises(IntegrityError), transaction.atomic():
        finding.save()


def test_an_acceptance_counts_for_the_bytes_it_was_given_for() -> None:
    document, finding = with_finding()
    finding.accept(reason="Yes", user=make_user())
    assert not is_open(finding)
    Finding.objects.update(accepted_sha256="0" * 64)
    finding.refresh_from_db()
    assert is_open(finding) and not finding.is_accepted
    with pytest.raises(ValidationError, match=MUST):
        review_of(document).publish()


def test_one_byte_changed_and_it_is_open_again(editor: Client, publisher: Client) -> None:
    document = document_of()
    for number, data in enumerate((AUTHOR(), flip_a_byte(AUTHOR()))):
        upload = SimpleUploadedFile("report.pdf", data, "application/pdf")
        sent = send(editor, own_form(document), file=upload)
        assert sent.status_code == 302, text_of(sent)
        document = Document.objects.get()
        assert document.file and document.versions.count() == number + 2
        finding = document.file.findings.get()
        assert is_open(finding) and finding.kind == "names_in_properties"
        if not number:
            accept(editor, finding)
            assert not is_open(finding)
    publisher.post(step("publish", document.publication))
    assert state_of(document) is State.DRAFT


@pytest.mark.parametrize("changed", [flip_a_byte(clean_pdf()), b"", None])
def test_what_is_changed_in_the_storage_is_not_published(
    publisher: Client, changed: bytes | None
) -> None:
    document, finding = with_finding()
    finding.accept(reason="Yes", user=make_user())
    file: Any = document.file
    if changed is None:
        file.content.storage.delete(file.content.name)
        says = "The file of “The report” is missing. Send it again."
    else:
        overwrite(file, changed)
        says = "The file of “The report” is no longer the one that was checked. Send it again."
    with pytest.raises(ValidationError, match=says):
        review_of(document).publish()
    if changed is None or len(changed) != file.size:
        # To look at a page reads no file: it compares sizes.
        assert says in text_of(publisher.get(form(document.publication)))
    assert says in text_of(publisher.post(step("publish", document.publication)))
    assert state_of(document) is State.DRAFT
    overwrite(file, clean_pdf())
    review_of(document).publish()


@pytest.mark.parametrize("state", list(State))
def test_an_acceptance_is_taken_back_unless_it_is_live(publisher: Client, state: State) -> None:
    document, finding = with_finding()
    finding.accept(reason="Yes", user=make_user())
    put_in_state(review_of(document), state)
    response = publisher.post(to(finding.file, "take_back", finding.pk), follow=True)
    finding.refresh_from_db()
    if state in OPEN_STAGES:
        assert "The acceptance was taken back." in text_of(response)
        assert is_open(finding) and not finding.accepted_reason and not finding.accepted_by
    else:
        assert "The publication is live or scheduled. Withdraw it" in text_of(response)
        assert not is_open(finding)


def test_of_a_version_that_is_not_used_it_is_taken_back_even_then(publisher: Client) -> None:
    document = document_of(State.PUBLISHED)
    finding = make_finding(another_version(document))
    finding.accept(reason="Yes", user=make_user())
    publisher.post(to(finding.file, "take_back", finding.pk))
    assert is_open(finding)


def test_only_what_was_accepted_is_taken_back(editor: Client) -> None:
    _, finding = with_finding()
    elsewhere = make_finding(make_file(OTHER))
    elsewhere.accept(reason="Yes", user=make_user())
    for one in (finding, elsewhere):
        response = editor.post(to(finding.file, "take_back", one.pk), follow=True)
        assert "taken back" not in text_of(response)
    assert not is_open(elsewhere)


# --- what blocks ------------------------------------------------------------------------------


@pytest.mark.parametrize("check", list(Check))
def test_findings_about_privacy_block_and_those_about_access_do_not(check: Check) -> None:
    document, finding = with_finding(kind=check.value, details=[])
    assert finding.blocks is (check.value in PRIVACY)
    if check.value not in PRIVACY:
        assert not review_of(document).publishing_obstacles()
        review_of(document).publish()
        assert Document.objects.published().exists()
        return
    must = f"one finding {MUST}" if check in KINDS[Severity.MUST_SETTLE] else CLEANED_FIRST
    with pytest.raises(ValidationError, match=f"“The report”: {must}"):
        review_of(document).publish()
    assert state_of(document) is State.DRAFT


def test_only_what_keeps_readers_out_is_no_matter_of_privacy() -> None:
    assert "not_checked" in PRIVACY and "telling_file_name" in PRIVACY
    readers = {"no_tags", "no_language", "no_title", "no_text", "no_bookmarks"}
    assert readers | {"copying_forbidden", "repaired"} == ACCESSIBILITY


def test_a_kind_that_is_no_longer_known_is_shown_and_blocks_nothing(editor: Client) -> None:
    document, finding = with_finding(kind="long_gone")
    assert "long_gone" in text_of(editor.get(report_address(finding.file)))
    review_of(document).publish()


# --- publishing is refused in every way -------------------------------------------------------


def publish(review: Any, client: Client) -> Any:
    with pytest.raises(ValidationError, match=MUST):
        review.publish()


def schedule(review: Any, client: Client) -> Any:
    with pytest.raises(ValidationError, match=MUST):
        review.publish(at=timezone.now() + timedelta(days=1))


def by_button(press: str) -> Callable[[Any, Client], Any]:
    def way(review: Any, client: Client) -> Any:
        response = send(client, form(review), press=press)
        if response.status_code == 200:
            # What is scheduled is not even saved with a finding in it.
            return response
        asked = client.get(response.url)
        assert b'type="submit" class="default"' not in asked.content
        return client.post(response.url, {"moment": "2026-12-01T09:00"})

    return way


def by_page(name: str) -> Callable[[Any, Client], Any]:
    def way(review: Any, client: Client) -> Any:
        asked = client.get(step(name, review))
        assert MUST in text_of(asked)
        return client.post(step(name, review), {"moment": "2026-12-01T09:00"})

    return way


def from_list(name: str) -> Callable[[Any, Client], Any]:
    def way(review: Any, client: Client) -> Any:
        chosen = {"action": name, "_selected_action": [review.pk]}
        response = client.post(LIST, chosen)
        return client.post(response.url, {"moment": "2026-12-01T09:00"})

    return way


WAYS = {
    "publish()": publish,
    "publish(at=…)": schedule,
    "the button": by_button("_publish"),
    "the button to schedule": by_button("_schedule"),
    "the page": by_page("publish"),
    "the page to schedule": by_page("schedule"),
    "the list": from_list("publish"),
    "the list to schedule": from_list("schedule"),
}


@pytest.mark.parametrize("state", [State.DRAFT, State.WITHDRAWN, State.SCHEDULED])
@pytest.mark.parametrize("way", WAYS)
def test_with_an_open_finding_there_is_no_way_to_publish(
    publisher: Client, way: str, state: State
) -> None:
    document, finding = with_finding()
    put_in_state(review_of(document), state)
    response = WAYS[way](review_of(document), publisher)
    if response is not None and response.status_code == 200:
        text = text_of(response)
        assert MUST in text and "“The report”: one finding" in text
    assert state_of(document) is state
    assert Client().get(document.get_absolute_url()).status_code == 404
    finding.accept(reason="Yes", user=make_user())
    review_of(document).publish()
    assert body_of(Client().get(document.get_absolute_url())) == clean_pdf()


def test_the_sentence_leads_to_the_report(publisher: Client) -> None:
    document, finding = with_finding()
    link = f'<a href="{report_address(finding.file)}" target="_blank" rel="noopener">Open'
    for address in (form(document.publication), step("publish", document.publication)):
        page = publisher.get(address)
        assert link in page.content.decode()
        assert_valid(page)


def test_every_document_must_be_clear() -> None:
    document = document_of()
    review = review_of(document)
    second = make_document(review, pdf=OTHER, title="The “second” <report>")
    make_finding(second.file)
    make_finding(second.file, page=1)
    (obstacle,) = review.publishing_obstacles()
    assert "“The “second” <report>”: 2 findings" in obstacle.sentence


def test_of_several_in_the_list_the_good_one_goes_and_the_bad_one_stays(
    publisher: Client,
) -> None:
    bad, _ = with_finding()
    good = make_document(make_review(state=State.DRAFT, title="Elm"), pdf=OTHER)
    chosen = [bad.publication_id, good.publication_id]
    response = publisher.post(LIST, {"action": "publish", "_selected_action": chosen})
    asked = text_of(publisher.get(response.url))
    assert "These cannot be dealt with now and stay as they are" in asked
    assert f"one finding {MUST}" in asked
    publisher.post(response.url)
    assert state_of(good) is State.PUBLISHED and state_of(bad) is State.DRAFT


def test_an_older_version_with_findings_keeps_nobody_from_publishing() -> None:
    document = document_of()
    make_finding(another_version(document))
    review_of(document).publish()
    assert Document.objects.published().get() == document


# --- what is live or scheduled takes no file with open findings -------------------------------


def in_the_review(document: Document, client: Client, file: DocumentFile, **more: Any) -> Any:
    typed = {f"documents-0-{name}": value for name, value in more.items()}
    return send(
        client,
        form(document.publication),
        summary="Typed anew.",
        **{"documents-0-file_taken": str(file.uid), **typed},
    )


def in_its_own_form(document: Document, client: Client, file: DocumentFile, **more: Any) -> Any:
    return send(client, own_form(document), file_taken=str(file.uid), **more)


FORMS = pytest.mark.parametrize("save", [in_the_review, in_its_own_form])


@FORMS
@pytest.mark.parametrize("state", LIVE_STAGES)
def test_a_replacement_with_open_findings_is_not_saved_into_what_is_live(
    publisher: Client, state: State, save: Any
) -> None:
    document = document_of(state)
    new = make_file(OTHER, original_name="newer.pdf", taken_in_by=publisher.user)  # type: ignore[attr-defined]
    make_finding(new)
    old = document.file_id
    response = save(document, publisher, new, title="A title typed anew", dated="May 2026")
    assert response.status_code == 200
    text = text_of(response)
    assert LIVE in text and f"“A title typed anew”: one finding {MUST}" in text
    page = response.content.decode()
    for typed in ("A title typed anew", "May 2026", "newer.pdf", str(new.uid)):
        assert typed in page, typed
    if save is in_the_review:
        assert "Typed anew." in page
    assert f'<a href="{report_address(new)}" target="_blank" rel="noopener">Open' in page
    document.refresh_from_db()
    assert document.file_id == old and document.title == "The report"
    assert state_of(document) is state
    # Settled on its report, the same form goes through.
    accept(publisher, new.findings.get())
    assert publisher.post(response.request["PATH_INFO"], fields_of(response)).status_code == 302
    document.refresh_from_db()
    assert document.file == new and document.title == "A title typed anew"


@FORMS
@pytest.mark.parametrize("state", OPEN_STAGES)
def test_into_a_draft_it_is_saved_and_settled_later(
    publisher: Client, state: State, save: Any
) -> None:
    document = document_of(state)
    new = make_file(OTHER, taken_in_by=publisher.user)  # type: ignore[attr-defined]
    make_finding(new)
    assert save(document, publisher, new).status_code == 302
    document.refresh_from_db()
    assert document.file == new and document.versions.count() == 2


@pytest.mark.parametrize("state", LIVE_STAGES)
def test_a_new_document_with_open_findings_is_not_added_to_what_is_live(
    publisher: Client, state: State
) -> None:
    document = document_of(state)
    new = make_file(OTHER, taken_in_by=publisher.user)  # type: ignore[attr-defined]
    make_finding(new)
    typed = {
        "documents-TOTAL_FORMS": "2",
        "documents-1-kind": "response",
        "documents-1-title": "The response",
        "documents-1-file_taken": str(new.uid),
        "documents-1-position": "1",
    }
    response = send(publisher, form(document.publication), **typed)
    assert response.status_code == 200 and LIVE in text_of(response)
    assert 'value="The response"' in response.content.decode()
    assert Document.objects.get() == document
    accept(publisher, new.findings.get())
    assert send(publisher, form(document.publication), **typed).status_code == 302
    assert Document.objects.count() == 2


@pytest.mark.parametrize("is_copy", [False, True], ids=["version", "cleaned copy"])
@pytest.mark.parametrize("state", LIVE_STAGES)
def test_a_version_with_open_findings_is_not_taken_up_in_what_is_live(
    publisher: Client, state: State, is_copy: bool
) -> None:
    document = document_of(state)
    old = document.file
    other = another_version(document, cleaned_from=old if is_copy else None)
    finding = make_finding(other)
    response = publisher.post(to(other, "use"), follow=True)
    text = text_of(response)
    assert LIVE in text and MUST in text
    document.refresh_from_db()
    assert document.file == old
    finding.accept(reason="Yes", user=make_user())
    publisher.post(to(other, "use"))
    document.refresh_from_db()
    assert document.file == other
    reason = document.history.first().history_change_reason
    assert reason == ("Cleaned copy used" if is_copy else "Version taken up")


def test_the_link_in_the_refusal_to_take_up_is_a_link(publisher: Client) -> None:
    document = document_of(State.PUBLISHED)
    other = another_version(document)
    make_finding(other)
    page = publisher.post(to(other, "use"), follow=True).content.decode()
    assert f'<a href="{report_address(other)}" target="_blank" rel="noopener">Open' in page
    assert "&lt;a" not in page


def test_a_scheduled_one_does_not_go_live_with_a_replaced_file(
    publisher: Client, clock: Any
) -> None:
    """Whatever way the file came, the clock publishes nothing that is open."""
    document = document_of(State.SCHEDULED)
    new = another_version(document)
    make_finding(new)
    Document.objects.update(file=new)
    clock.move_to(NOW + timedelta(days=2))
    assert state_of(document) is State.PUBLISHED
    assert_hidden(document)


# --- what came to have a finding while it was public ------------------------------------------


def assert_hidden(document: Document) -> None:
    document = Document.objects.get(pk=document.pk)
    visitor = Client()
    assert not document.is_published
    assert not Document.objects.published().filter(pk=document.pk).exists()
    addresses = [document.get_absolute_url(), document.reading_address, document.download_address]
    addresses += [address for address, _ in document.covers]
    assert len(addresses) == 5
    for address in addresses:
        assert visitor.get(address).status_code == 404, address
    page = visitor.get(document.publication.get_absolute_url())
    assert page.status_code == 200
    assert str(document.uid) not in page.content.decode() and document.title not in text_of(page)


@pytest.mark.parametrize("kind", ["not_checked", "covered_text"])
def test_a_document_with_a_new_finding_is_not_public_from_that_moment(
    publisher: Client, kind: str
) -> None:
    document = document_of(State.PUBLISHED)
    visitor = Client()
    assert document.is_published
    page = visitor.get(document.publication.get_absolute_url())
    assert "The report" in text_of(page)
    for address, _ in document.covers:
        assert body_of(visitor.get(address))[8:12] == b"WEBP"
    assert visitor.get(document.reading_address).status_code == 200
    assert body_of(visitor.get(document.get_absolute_url())) == clean_pdf()
    finding = make_finding(document.file, kind=kind, page=1)  # type: ignore[arg-type]
    assert_hidden(document)
    # Staff still reach it, marked as a preview.
    seen = publisher.get(document.get_absolute_url())
    assert body_of(seen) == clean_pdf() and "no-store" in seen.headers["Cache-Control"]
    shown = publisher.get("/admin/reviews/document/?findings=open")
    assert "The report" in text_of(shown)
    accept(publisher, finding)
    assert body_of(Client().get(document.get_absolute_url())) == clean_pdf()
    gone = publisher.get("/admin/reviews/document/?findings=open").content.decode()
    assert own_form(document) not in gone


def test_its_sibling_stays_public() -> None:
    document = document_of(State.PUBLISHED)
    sibling = make_document(document.publication, pdf=OTHER, title="The response")
    address = make_document(document.publication, title="Elsewhere")
    make_finding(document.file)  # type: ignore[arg-type]
    assert_hidden(document)
    assert set(Document.objects.published()) == {sibling, address}
    assert body_of(Client().get(sibling.get_absolute_url())) == OTHER
    page = text_of(Client().get(document.publication.get_absolute_url()))
    assert "The response" in page and "Elsewhere" in page


def test_one_record_and_the_query_tell_the_same() -> None:
    clear, address = document_of(State.PUBLISHED), None
    opened = make_document(clear.publication, pdf=OTHER)
    make_finding(opened.file)
    improved = make_document(clear.publication, pdf=OTHER)
    make_finding(improved.file, kind="no_tags")
    accepted = make_document(clear.publication, pdf=OTHER)
    make_finding(accepted.file).accept(reason="Yes", user=make_user())
    address = make_document(clear.publication)
    draft = make_document(make_review(state=State.DRAFT), pdf=OTHER)
    published = set(Document.objects.published())
    assert published == {clear, improved, accepted, address}
    for document in (clear, opened, improved, accepted, address, draft):
        assert document.is_published is (document in published)


# --- who may ----------------------------------------------------------------------------------

POSTS = ["accept", "take_back", "clean", "use", "discard"]


def every_address(file: DocumentFile) -> dict[str, str]:
    number = Finding.objects.filter(file=file).values_list("pk", flat=True).first()
    posts = {w: to(file, w, *([number] if w == "take_back" else [])) for w in POSTS}
    gets = {"report": to(file, "report"), "file": to(file, "file")}
    return {**gets, "cover": to(file, "cover", 160), **posts}


def answers(client: Client, file: DocumentFile) -> dict[str, int]:
    statuses = {}
    for what, address in every_address(file).items():
        response = client.post(address) if what in POSTS else client.get(address)
        statuses[what] = response.status_code
        if what not in POSTS:
            body_of(response)
    return statuses


@pytest.mark.parametrize("state", list(State))
def test_an_editor_settles_what_is_a_draft_and_looks_at_the_rest(
    editor: Client, state: State
) -> None:
    document, finding = with_finding(state)
    file: Any = document.file
    finding.accept(reason="Yes", user=make_user())
    statuses = answers(editor, file) if state is not State.DRAFT else {}
    if state is State.DRAFT:
        assert editor.post(to(file, "take_back", finding.pk)).status_code == 302
        assert accept(editor, finding).status_code == 302
        assert b'name="findings"' not in editor.get(report_address(file)).content
        return
    assert statuses == dict.fromkeys(["report", "file", "cover"], 200) | dict.fromkeys(POSTS, 403)
    page = editor.get(report_address(file)).content.decode()
    assert "Take it back" not in page and "Make a cleaned copy" not in page
    finding.refresh_from_db()
    assert finding.is_accepted


@pytest.mark.parametrize("state", list(State))
def test_a_publisher_settles_in_every_state(publisher: Client, state: State) -> None:
    _, finding = with_finding(state)
    assert accept(publisher, finding).status_code == 302
    assert not is_open(finding)


@pytest.mark.parametrize("rights", [(), ("view_document", "view_practicereview")])
def test_for_staff_without_the_right_there_is_no_such_file(sign_in: Any, rights: Any) -> None:
    _, finding = with_finding(State.PUBLISHED)
    client = sign_in()
    client.user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    assert set(answers(client, finding.file).values()) == {404}
    assert is_open(finding)


def test_to_change_documents_is_not_enough_without_their_publication(sign_in: Any) -> None:
    _, finding = with_finding()
    client = sign_in()
    client.user.user_permissions.set(Permission.objects.filter(codename="change_document"))
    assert set(answers(client, finding.file).values()) == {404}


def test_to_change_the_publication_is_not_enough_to_settle(sign_in: Any) -> None:
    _, finding = with_finding()
    client = sign_in()
    client.user.user_permissions.set(Permission.objects.filter(codename="change_practicereview"))
    assert client.get(report_address(finding.file)).status_code == 200
    assert accept(client, finding).status_code == 403


def test_visitors_are_asked_to_sign_in(sign_in: Any) -> None:
    _, finding = with_finding(State.PUBLISHED)
    for client in (Client(), sign_in(is_staff=False)):
        for what, address in every_address(finding.file).items():
            response = client.post(address) if what in POSTS else client.get(address)
            assert response.status_code in (302, 403), what
            asks = ("login", "sign-in")
            assert response.status_code == 403 or any(a in response.url for a in asks), what
    assert is_open(finding)


def test_a_file_that_is_not_saved_yet_is_its_senders(
    editor: Client, administrator: Client, sign_in: Any
) -> None:
    file = make_file(OTHER, taken_in_by=editor.user)  # type: ignore[attr-defined]
    make_finding(file)
    assert set(answers(sign_in("Editors"), file).values()) == {404}
    assert set(answers(sign_in("Publishers"), file).values()) == {404}
    assert editor.get(report_address(file)).status_code == 200
    assert body_of(editor.get(to(file, "file"))) == OTHER
    assert administrator.get(report_address(file)).status_code == 200
    assert accept(editor, file.findings.get()).status_code == 302
    assert not file.open_findings().exists()


def test_one_who_lost_the_right_loses_the_file(editor: Client) -> None:
    file = make_file(OTHER, taken_in_by=editor.user)  # type: ignore[attr-defined]
    editor.user.groups.clear()  # type: ignore[attr-defined]
    assert editor.get(report_address(file)).status_code == 404


def test_what_is_sent_must_be_sent_as_a_form(editor: Client) -> None:
    _, finding = with_finding()
    for what, address in every_address(finding.file).items():
        if what in POSTS:
            assert editor.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor.user, backend="allauth.account.auth_backends.AuthenticationBackend")  # type: ignore[attr-defined]
    assert accept(strict, finding).status_code == 403
    assert is_open(finding)


# --- versions ---------------------------------------------------------------------------------


def test_staff_open_old_versions_from_the_report_and_nobody_else_has_them(
    editor: Client,
) -> None:
    document = document_of(State.PUBLISHED)
    old: Any = document.file
    document.file = new = make_file(OTHER, original_name="newer.pdf")
    document.save()
    report = editor.get(report_address(new))
    assert_valid(report)
    assert to(old, "file") in report.content.decode()
    assert report_address(old) in report.content.decode()
    opened = editor.get(to(old, "file"))
    assert body_of(opened) == clean_pdf()
    assert "noindex" in opened.headers["X-Robots-Tag"]
    assert "no-store" in opened.headers["Cache-Control"]
    assert "sandbox" in opened.headers["Content-Security-Policy"]
    older = editor.get(report_address(old))
    assert "This is not the version that the document has now" in text_of(older)
    visitor = Client()
    assert body_of(visitor.get(document.get_absolute_url())) == OTHER
    for uid in (old.uid, new.uid):
        for end in ("the-report.pdf", "read/", "cover-160.webp", "file.pdf"):
            assert visitor.get(f"/documents/{uid}/{end}").status_code == 404
    for address in (to(old, "file"), to(old, "report"), to(old, "cover", 160)):
        assert "login" in visitor.get(address).url
    page = visitor.get(document.publication.get_absolute_url()).content.decode()
    assert str(old.uid) not in page and old.content.name not in page
    assert visitor.get(f"/media/{old.content.name}").status_code == 404


def test_a_version_is_taken_up_again(editor: Client) -> None:
    document = document_of()
    old: Any = document.file
    document.file = make_file(OTHER)
    document.save()
    assert "Use this version again" in text_of(editor.get(report_address(old)))
    response = editor.post(to(old, "use"), follow=True)
    assert "“The report” now has this file." in text_of(response)
    document.refresh_from_db()
    assert document.file == old and document.versions.count() == 2
    assert document.updated_by == editor.user  # type: ignore[attr-defined]


def test_a_version_of_what_is_now_an_address_is_not_taken_up_beside_it(editor: Client) -> None:
    document = document_of()
    old: Any = document.file
    document.file, document.url = None, "https://example.org/report"
    document.save()
    report = editor.get(report_address(old))
    assert report.status_code == 200 and 'href=""' not in report.content.decode()
    response = editor.post(to(old, "use"), follow=True)
    assert "a file or an address" in text_of(response)
    document.refresh_from_db()
    assert document.file is None and document.url


def test_a_document_and_all_its_versions_go_together(
    publisher: Client, uploads: Any, django_capture_on_commit_callbacks: Any
) -> None:
    document = document_of()
    make_finding(another_version(document))
    assert len(kept_files(uploads)) == 6
    with django_capture_on_commit_callbacks(execute=True):
        address = f"{LIST}{document.publication_id}/delete/"
        assert publisher.post(address, {"post": "yes"}).status_code == 302
    assert not DocumentFile.objects.exists() and not Finding.objects.exists()
    assert not kept_files(uploads)


@pytest.mark.parametrize("width", [1, 161, 999])
def test_there_are_covers_of_two_widths_only(editor: Client, width: int) -> None:
    document = document_of()
    assert editor.get(to(document.file, "cover", width)).status_code == 404  # type: ignore[arg-type]
