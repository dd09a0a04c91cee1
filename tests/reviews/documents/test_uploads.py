"""How a file gets from an editor's screen to a document, with a script and without."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mscp.publishing.gate import State
from reviews.documents.report_links import report_address
from reviews.models import Document, DocumentFile, PracticeReview
from tests.admin_forms import fields_of, send
from tests.factories import make_document, make_file, make_finding, make_review
from tests.pages import assert_valid, body_of, text_of
from tests.pdfs import HAZARDS, clean_pdf, pdf_saying
from tests.stored import kept_files

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_readings")]

LIST = "/admin/reviews/practicereview/"
ADD = f"{LIST}add/"
UPLOAD = "/admin/reviews/documentfile/upload/"
NOT_A_PDF = b"Dear Jo, here is the report."
REFUSAL = "This is not a PDF, whatever its name says. Save it as PDF first."
GONE = "The file that was sent before is gone. Choose it again."
AUTHOR = next(hazard for hazard in HAZARDS if hazard.name == "author in info").make


def pdf(data: bytes | None = None, name: str = "report.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or clean_pdf(), "application/pdf")


def waiting(user: Any, data: bytes | None = None, **fields: Any) -> DocumentFile:
    """A file that was sent and whose form is not saved yet."""
    return make_file(data or clean_pdf(), taken_in_by=user, **fields)


def row(number: int = 0, **fields: Any) -> dict[str, Any]:
    fields = {"kind": "report", "title": f"Document {number}", "position": "0"} | fields
    return {f"documents-{number}-{name}": value for name, value in fields.items()}


def add(client: Client, *rows: dict[str, Any], **fields: Any) -> Any:
    fields = {"type": "lcspr", "title": "Oak"} | fields
    for one in rows:
        fields |= one
    return send(client, ADD, **fields, **{"documents-TOTAL_FORMS": str(len(rows))})


def again(client: Client, response: Any, **changes: Any) -> Any:
    """Send back the page that refused a form, as it stands, with some fields mended."""
    return client.post(ADD, {**fields_of(response), **changes, "_save": "pressed"})


def document_of(state: State = State.DRAFT, **fields: Any) -> Document:
    review = make_review(state=state, title="Oak", summary="Words.")
    return make_document(review, **({"pdf": clean_pdf(), "title": "The report"} | fields))


def form(document: Document) -> str:
    return f"{LIST}{document.publication_id}/change/"


def own_form(document: Document) -> str:
    return f"/admin/reviews/document/{document.pk}/change/"


# --- sent ahead of the form -------------------------------------------------------------------


def test_a_file_sent_ahead_is_kept_and_told_about(editor: Client) -> None:
    response = editor.post(UPLOAD, {"file": pdf(AUTHOR(), 'a"><img src=x onerror=alert(1)>.pdf')})
    assert response.status_code == 200
    answer = response.json()
    file = DocumentFile.objects.get()
    assert set(answer) == {"taken", "title", "now"}
    assert answer["taken"] == str(file.uid) and answer["title"] == "Learning from Elm House"
    assert file.taken_in_by == editor.user and file.document is None  # type: ignore[attr-defined]
    now = answer["now"]
    assert report_address(file) in now and "(not saved yet)" in now
    assert "Its cleaned copy is to be used before publication." in now
    assert "Names or notes in the file&#x27;s properties" in now and "Jo Sampleperson" in now
    assert "<img src=x" not in now and "&lt;img src=x onerror" in now
    assert re.search(r"3\xa0?\s?pages, 15", now)
    assert editor.get(report_address(file)).status_code == 200


def test_a_clean_file_is_told_to_be_clean(editor: Client) -> None:
    answer = editor.post(UPLOAD, {"file": pdf()}).json()
    assert "Nothing was found about privacy." in answer["now"]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"file": SimpleUploadedFile("report.pdf", NOT_A_PDF)}, REFUSAL),
        (
            {"file": SimpleUploadedFile("report.pdf", b"")},
            "This file is empty. Save the PDF again and choose the new file.",
        ),
        ({}, "No file arrived. Choose it again."),
        ({"file": "no file but words"}, "No file arrived. Choose it again."),
    ],
)
def test_what_is_refused_is_explained_in_a_sentence(
    editor: Client, sent: Any, says: str, uploads: Path
) -> None:
    response = editor.post(UPLOAD, sent)
    assert response.status_code == 400
    assert response.json() == {"refused": says}
    assert not DocumentFile.objects.exists() and not kept_files(uploads)


@pytest.mark.parametrize("rights", [(), ("view_document",), ("change_practicereview",)])
def test_only_those_who_write_documents_may_send_files(sign_in: Any, rights: Any) -> None:
    client = sign_in()
    client.user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    assert client.post(UPLOAD, {"file": pdf()}).status_code == 403
    assert not DocumentFile.objects.exists()


def test_visitors_send_nothing(sign_in: Any) -> None:
    for client in (Client(), sign_in(is_staff=False)):
        assert "sign-in" in client.post(UPLOAD, {"file": pdf()}).url
    assert not DocumentFile.objects.exists()


def test_files_are_posted_and_with_a_token_against_forgery(editor: Client) -> None:
    assert editor.get(UPLOAD).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor.user, backend="allauth.account.auth_backends.AuthenticationBackend")  # type: ignore[attr-defined]
    assert strict.post(UPLOAD, {"file": pdf()}).status_code == 403
    assert not DocumentFile.objects.exists()


def test_files_have_no_list_and_no_form_of_their_own(administrator: Client) -> None:
    file = waiting(administrator.user)  # type: ignore[attr-defined]
    for address in ("", "add/", f"{file.pk}/change/", f"{file.pk}/delete/", f"{file.pk}/history/"):
        assert administrator.get(f"/admin/reviews/documentfile/{address}").status_code == 404
    assert "documentfile" not in administrator.get("/admin/").content.decode()


# --- saved with the form ----------------------------------------------------------------------


def test_the_form_that_is_saved_gets_the_file_sent_ahead(editor: Client) -> None:
    token = editor.post(UPLOAD, {"file": pdf()}).json()["taken"]
    assert add(editor, row(file_taken=token)).status_code == 302
    document = Document.objects.get()
    assert document.file and str(document.file.uid) == token
    assert document.file.document == document and document.file.is_current
    page = editor.get(form(document))
    assert_valid(page)
    assert "(not saved yet)" not in text_of(page)
    assert fields_of(page)["documents-0-file_taken"] == ""
    assert body_of(editor.get(document.get_absolute_url())) == clean_pdf()


def test_without_a_script_the_file_goes_with_the_form(editor: Client) -> None:
    assert add(editor, row(file=pdf(AUTHOR()))).status_code == 302
    document = Document.objects.get()
    file: Any = document.file
    assert file.original_name == "report.pdf" and file.taken_in_by == editor.user  # type: ignore[attr-defined]
    assert file.findings.get().kind == "names_in_properties"
    answer = text_of(editor.get(form(document)))
    assert "Its cleaned copy is to be used before publication." in answer
    assert "“Document 0”: its cleaned copy must be used first, or a reason given" in answer


def test_where_another_field_is_wrong_the_file_stays_and_nothing_typed_is_lost(
    editor: Client,
) -> None:
    response = add(
        editor,
        row(file=pdf(), title="The report", dated="some day"),
        summary="A summary that was typed.",
        report_date="never",
    )
    assert response.status_code == 200
    assert_valid(response)
    file = DocumentFile.objects.get()
    fields = fields_of(response)
    assert fields["documents-0-file_taken"] == str(file.uid)
    assert fields["documents-0-title"] == "The report" and fields["documents-0-dated"] == "some day"
    assert fields["summary"] == "A summary that was typed." and fields["report_date"] == "never"
    answer = text_of(response)
    assert "(not saved yet)" in answer and "Choose the file again" not in answer
    assert file.document is None and not Document.objects.exists()
    done = again(editor, response, report_date="May 2026", **{"documents-0-dated": ""})
    assert done.status_code == 302
    document = Document.objects.get()
    assert document.file == file == DocumentFile.objects.get() and document.title == "The report"


def test_a_refused_file_is_named_at_its_field_and_the_rest_stays(editor: Client) -> None:
    response = add(
        editor,
        row(file=SimpleUploadedFile("letter.pdf", NOT_A_PDF), title="The report"),
        summary="A summary that was typed.",
    )
    assert response.status_code == 200
    page = response.content.decode()
    assert REFUSAL in text_of(response) and "Choose the file again" not in text_of(response)
    assert re.search(r'errorlist" id="id_documents-0-file_error"|errors[^>]*field-file', page)
    fields = fields_of(response)
    assert fields["documents-0-title"] == "The report" and fields["documents-0-file_taken"] == ""
    assert fields["summary"] == "A summary that was typed."
    assert not PracticeReview.objects.exists() and not DocumentFile.objects.exists()
    assert again(editor, response, **{"documents-0-file": pdf()}).status_code == 302
    assert Document.objects.get().file


def test_the_reason_of_a_refused_file_stays_until_there_is_another_or_an_address(
    editor: Client,
) -> None:
    upload = SimpleUploadedFile("letter.pdf", NOT_A_PDF)
    response = add(editor, row(file=upload, title="The report"))
    for _ in range(2):
        response = again(editor, response)
        assert response.status_code == 200
        assert f"letter.pdf: {REFUSAL}" in text_of(response)
        assert "not both" not in text_of(response)
    # Another that is refused has a reason of its own.
    other = SimpleUploadedFile("empty.pdf", b"")
    response = again(editor, response, **{"documents-0-file": other})
    response = again(editor, response)
    assert "empty.pdf: This file is empty." in text_of(response)
    assert "letter.pdf" not in text_of(response)
    saved = again(editor, response, **{"documents-0-url": "https://example.org/report"})
    assert saved.status_code == 302 and Document.objects.get().url == "https://example.org/report"


def test_what_a_form_says_of_a_refusal_is_text(editor: Client) -> None:
    response = add(editor, row(file_refused="<script>alert(1)</script>" * 100))
    assert response.status_code == 200 and b"<script>alert" not in response.content


def test_a_refused_replacement_is_named_once_more_when_the_rest_is_saved(editor: Client) -> None:
    document = document_of()
    upload = SimpleUploadedFile("letter.pdf", NOT_A_PDF)
    response = send(editor, form(document), **{"documents-0-file": upload})
    address = form(document)
    saved = editor.post(address, {**fields_of(response), "_continue": "1"}, follow=True)
    warning = f"“The report” keeps the file that it had. letter.pdf: {REFUSAL}"
    assert saved.redirect_chain and warning in text_of(saved)
    assert Document.objects.get().file == document.file


def test_a_form_that_stayed_open_asks_what_was_settled_meanwhile(
    editor: Client, publisher: Client
) -> None:
    file = waiting(editor.user)  # type: ignore[attr-defined]
    finding = make_finding(file)
    now = f"/admin/reviews/documentfile/{file.uid}/now/"
    before = editor.get(f"{now}?findings")
    assert "One finding about privacy to settle" in text_of(before)
    assert "Alex Sampleperson" in text_of(before)
    finding.accept(reason="It may stand there.", user=editor.user)  # type: ignore[attr-defined]
    assert "to settle" not in text_of(editor.get(now))
    assert publisher.get(now).status_code == 404
    nothing = "/admin/reviews/documentfile/6a1f8f5e-0d0c-4a57-9d55-0c3f6f1d2b7a/now/"
    assert publisher.get(nothing).status_code == 404
    assert Client().get(now).status_code == 302


def test_a_refused_replacement_leaves_the_file_that_is_there(editor: Client) -> None:
    document = document_of()
    for address, name in ((form(document), "documents-0-file"), (own_form(document), "file")):
        upload = SimpleUploadedFile("letter.pdf", NOT_A_PDF)
        response = send(editor, address, **{name: upload})
        assert response.status_code == 200 and REFUSAL in text_of(response)
        assert "sent.pdf 1 page, " in text_of(response)
    assert Document.objects.get().file == document.file


# --- tokens -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forged",
    ["6a1f8f5e-0d0c-4a57-9d55-0c3f6f1d2b7a", "x", "1", "' OR 1=1", "\x00", "0" * 5000],
    ids=["unknown", "x", "1", "quote", "nought", "long"],
)
def test_a_forged_token_names_no_file(editor: Client, forged: str) -> None:
    response = add(editor, row(file_taken=forged, title="The report"))
    assert response.status_code == 200 and GONE in text_of(response)
    assert fields_of(response)["documents-0-title"] == "The report"
    assert not Document.objects.exists()


def test_a_file_belongs_to_one_document_only(editor: Client) -> None:
    file = waiting(editor.user)  # type: ignore[attr-defined]
    assert add(editor, row(file_taken=str(file.uid))).status_code == 302
    response = add(editor, row(file_taken=str(file.uid)), title="Elm")
    assert response.status_code == 200 and GONE in text_of(response)
    assert Document.objects.get().file == file


def test_two_documents_of_one_form_do_not_share_a_file(editor: Client) -> None:
    file = waiting(editor.user)  # type: ignore[attr-defined]
    token = str(file.uid)
    response = add(editor, row(0, file_taken=token), row(1, file_taken=token))
    assert response.status_code == 200 or Document.objects.count() == 1
    assert Document.objects.filter(file=file).count() <= 1


def test_the_file_of_another_document_cannot_be_named(editor: Client) -> None:
    document, other = document_of(), document_of()
    old: Any = other.file
    for address, name in (
        (form(document), "documents-0-file_taken"),
        (own_form(document), "file_taken"),
    ):
        response = send(editor, address, **{name: str(old.uid)})
        assert response.status_code == 200 and GONE in text_of(response)
    assert Document.objects.get(pk=document.pk).file == document.file
    old.refresh_from_db()
    assert old.document == other


def test_a_file_that_somebody_else_sent_cannot_be_named(editor: Client, publisher: Client) -> None:
    file = waiting(publisher.user)  # type: ignore[attr-defined]
    response = add(editor, row(file_taken=str(file.uid)))
    assert response.status_code == 200 and GONE in text_of(response)
    # Nor is anything of it shown.
    assert file.original_name not in text_of(response)
    assert str(file.uid) not in response.content.decode()
    file.refresh_from_db()
    assert file.document is None


def test_an_older_version_may_be_named_for_its_own_document(editor: Client) -> None:
    document = document_of()
    old: Any = document.file
    send(editor, own_form(document), file_taken=str(waiting(editor.user, pdf_saying("New")).uid))  # type: ignore[attr-defined]
    assert send(editor, own_form(document), file_taken=str(old.uid)).status_code == 302
    assert Document.objects.get().file == old


# --- replacing, clearing ----------------------------------------------------------------------


@pytest.mark.parametrize("where", ["the review", "its own form"])
def test_a_new_file_takes_the_place_and_the_old_one_stays_for_staff(
    editor: Client, where: str
) -> None:
    document = document_of()
    old: Any = document.file
    address = document.get_absolute_url()
    new = pdf_saying("The second version.")
    if where == "the review":
        response = send(editor, form(document), **{"documents-0-file": pdf(new)})
    else:
        response = send(editor, own_form(document), file=pdf(new))
    assert response.status_code == 302
    document.refresh_from_db()
    assert document.get_absolute_url() == address and document.file != old
    assert body_of(editor.get(address)) == new
    assert [version.pk for version in document.versions.all()] == [document.file_id, old.pk]
    old.refresh_from_db()
    assert old.stored_sha256() == old.sha256 and not old.is_current
    assert document.updated_by == editor.user  # type: ignore[attr-defined]
    assert document.history.first().file_id == document.file_id
    assert document.history.last().file_id == old.pk


def test_saving_without_a_file_changes_none(editor: Client) -> None:
    document = document_of()
    for address in (form(document), own_form(document)):
        assert send(editor, address).status_code == 302
    document.refresh_from_db()
    assert document.file and document.versions.count() == 1
    assert {record.file_id for record in document.history.all()} == {document.file_id}


def test_a_file_is_taken_away_for_an_address(editor: Client) -> None:
    document = document_of()
    old: Any = document.file
    refused = send(editor, form(document), **{"documents-0-file-clear": "on"})
    assert refused.status_code == 200 and "give one of the two, not both" in text_of(refused)
    assert Document.objects.get().file == old
    typed = {"documents-0-file-clear": "on", "documents-0-url": "https://example.org/report"}
    assert send(editor, form(document), **typed).status_code == 302
    document.refresh_from_db()
    assert document.file is None and document.url == "https://example.org/report"
    # Kept for staff.
    assert document.versions.get() == old and old.stored_sha256() == old.sha256
    assert editor.get(report_address(old)).status_code == 200


def test_a_new_file_wins_over_taking_away(editor: Client) -> None:
    document = document_of()
    token = str(waiting(editor.user, pdf_saying("New")).uid)  # type: ignore[attr-defined]
    typed = {"file-clear": "on", "file_taken": token}
    assert send(editor, own_form(document), **typed).status_code == 302
    document.refresh_from_db()
    assert str(document.file.uid) == token  # type: ignore[union-attr]


@pytest.mark.parametrize("sent", [{"file": True}, {"file_taken": True}])
def test_a_file_and_an_address_are_one_too_many(editor: Client, sent: Any) -> None:
    typed: dict[str, Any] = {"url": "https://example.org/report"}
    if "file" in sent:
        typed["file"] = pdf()
    else:
        typed["file_taken"] = str(waiting(editor.user).uid)  # type: ignore[attr-defined]
    response = add(editor, row(**typed))
    assert response.status_code == 200
    assert "A document is a file or an address: give one of the two, not both." in text_of(response)
    file = DocumentFile.objects.get()
    fields = fields_of(response)
    assert fields["documents-0-file_taken"] == str(file.uid)
    assert fields["documents-0-url"] == "https://example.org/report"
    assert again(editor, response, **{"documents-0-url": ""}).status_code == 302
    assert Document.objects.get().file == file


def test_neither_file_nor_address_is_refused(editor: Client) -> None:
    response = add(editor, row(title="The report"))
    assert response.status_code == 200
    assert "A document is a file or an address" in text_of(response)


def test_several_documents_come_in_one_form(editor: Client) -> None:
    one, two = pdf_saying("The first."), pdf_saying("The second.")
    token = str(waiting(editor.user, two).uid)  # type: ignore[attr-defined]
    response = add(
        editor,
        row(0, file=pdf(one)),
        row(1, file_taken=token),
        row(2, url="https://example.org/elsewhere"),
        row(3, file=SimpleUploadedFile("letter.pdf", NOT_A_PDF)),
    )
    assert response.status_code == 200
    assert text_of(response).count(REFUSAL) == 1
    fields = fields_of(response)
    assert fields["documents-0-file_taken"] and fields["documents-1-file_taken"] == token
    assert not fields["documents-2-file_taken"] and not fields["documents-3-file_taken"]
    done = again(editor, response, **{"documents-3-file": pdf()})
    assert done.status_code == 302
    documents = list(Document.objects.order_by("title"))
    sent = []
    for document in documents:
        if document.file:
            assert document.file.document == document
            with document.file.content.open() as content:
                sent.append(content.read())
    assert sent == [one, two, clean_pdf()] and documents[2].url


def test_a_document_is_deleted_in_the_form_with_all_its_versions(
    editor: Client, uploads: Path, django_capture_on_commit_callbacks: Any
) -> None:
    document = document_of()
    make_finding(make_file(pdf_saying("Older"), document=document))
    with django_capture_on_commit_callbacks(execute=True):
        response = send(editor, form(document), **{"documents-0-DELETE": "on"})
    assert response.status_code == 302, text_of(response)
    assert not Document.objects.exists() and not DocumentFile.objects.exists()
    assert not kept_files(uploads)


def test_a_document_is_deleted_on_its_own_page(editor: Client) -> None:
    document = document_of()
    address = f"/admin/reviews/document/{document.pk}/delete/"
    assert editor.get(address).status_code == 200
    assert editor.post(address, {"post": "yes"}).status_code == 302
    assert not DocumentFile.objects.exists()


# --- who may ----------------------------------------------------------------------------------


def test_an_editor_replaces_no_file_of_what_is_live(editor: Client) -> None:
    document = document_of(State.PUBLISHED)
    old = document.file
    for address, name in (
        (form(document), "documents-0-file_taken"),
        (own_form(document), "file_taken"),
    ):
        page = editor.get(address)
        assert page.status_code == 200 and b'type="file"' not in page.content
        posted = editor.post(address, {**fields_of(page), name: str(waiting(editor.user).uid)})  # type: ignore[attr-defined]
        assert posted.status_code == 403
    assert Document.objects.get().file == old


def test_what_one_without_rights_sends_is_not_even_read(sign_in: Any, uploads: Path) -> None:
    document = document_of()
    before = kept_files(uploads)
    client = sign_in()
    client.user.user_permissions.set(Permission.objects.filter(codename="view_practicereview"))
    for address in (ADD, form(document)):
        typed = {"documents-0-file_taken": "", "documents-0-file": pdf()}
        assert client.post(address, typed).status_code == 403
    assert DocumentFile.objects.count() == 1 and kept_files(uploads) == before
