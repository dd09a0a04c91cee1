"""Files in forms that could take nothing: held for their author alone, and taken with the form."""

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import OperationalError, connection
from django.test import Client
from PIL import Image

from mscp.files import held_files, removal
from mscp.files.held_files import HeldFile, HeldFileQuerySet
from mscp.models import SiteIdentity
from mscp.publishing.gate import State
from mscp.records.autosave import Autosave, AutosaveToken
from mscp.web.holding import hold
from reviews.documents import intake
from reviews.documents.stored_files import stray_names, sweep
from reviews.models import DocumentFile, PracticeReview
from tests.admin_forms import fields_of
from tests.factories import make_document, make_identity, make_review, make_user, make_venue
from tests.logos import REAL_SVG
from tests.pages import assert_valid, text_of
from tests.pdfs import clean_pdf
from tests.threads import in_threads
from training.models import ProgrammeImport, Venue

pytestmark = pytest.mark.django_db

ADD = "/admin/reviews/practicereview/add/"
UPLOAD = "/admin/reviews/documentfile/upload/"
WORDS = "An afternoon of typing."
STILL_HERE = "oak.pdf ({}) that you sent is still here"


def form(review: Any) -> str:
    return f"/admin/reviews/practicereview/{review.pk}/change/"


def pdf(data: bytes | None = None, name: str = "oak.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or clean_pdf(), "application/pdf")


def photo(name: str = "door.png") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (400, 300), "red").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def row(**fields: Any) -> dict[str, Any]:
    fields = {"kind": "report", "title": "The report", "position": "0"} | fields
    return {"documents-TOTAL_FORMS": "1"} | {f"documents-0-{k}": v for k, v in fields.items()}


def signed_in(user: Any, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def without_session(address: str, fields: dict[str, Any], **extra: Any) -> Any:
    """Send a form as a browser does whose session has ended."""
    client = Client()
    client.cookies["csrftoken"] = "a" * 32
    return client.post(address, fields, **extra)


def after_signing_in(response: Any) -> str:
    assert response.status_code == 302, response.status_code
    assert response.headers["Location"].startswith("/staff/sign-in/")
    (address,) = parse_qs(urlsplit(response.headers["Location"]).query)["next"]
    return address


def stored(uploads: Path) -> list[Path]:
    return [path for path in (uploads / held_files.FOLDER).glob("*") if path.is_file()]


# --- the session has ended, or the token of CSRF is an old one ------------------------------------


def test_a_pdf_sent_without_a_session_comes_back_chosen_and_is_saved(
    editor: Client, uploads: Path, temporary: Path
) -> None:
    review = make_review(state=State.DRAFT, summary="As it was.")
    mine = fields_of(editor.get(form(review)))
    sent = without_session(
        form(review), {**mine, **row(file=pdf()), "summary": WORDS, "_save": "Save"}
    )
    after = after_signing_in(sent)
    assert not list(temporary.iterdir())
    (held,) = HeldFile.objects.all()
    assert held.user == editor.user and held.name == "oak.pdf"  # type: ignore[attr-defined]
    assert [path.read_bytes() for path in stored(uploads)] == [clean_pdf()]
    # Nobody has read it, and it is no version of anything.
    assert not DocumentFile.objects.exists()
    filled = editor.get(after)
    assert_valid(filled)
    page = text_of(filled)
    assert STILL_HERE.format(held.size_text.replace("\xa0", " ")) in page
    assert "did not come along" not in page and "Choose the file again" not in page
    assert "Give a file" not in page and not filled.context["errors"]
    back = fields_of(filled)
    assert back["documents-0-file_held"] == str(held.uid) and back["summary"] == WORDS
    # Looking at it takes nothing in.
    assert not DocumentFile.objects.exists() and HeldFile.objects.exists()
    assert editor.post(after, {**back, "_save": "Save"}).status_code == 302
    (document,) = review.documents.all()
    assert document.file.original_name == "oak.pdf"
    assert document.file.taken_in_by == editor.user  # type: ignore[attr-defined]
    review.refresh_from_db()
    assert review.summary == WORDS


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_in_is_held_no_longer(editor: Client, uploads: Path) -> None:
    after = after_signing_in(without_session(ADD, _new(editor, file=pdf())))
    assert len(stored(uploads)) == 1
    assert editor.post(ADD, {**fields_of(editor.get(after)), "_save": "Save"}).status_code == 302
    assert PracticeReview.objects.get().documents.get().file
    assert not HeldFile.objects.exists() and not stored(uploads)


def _new(client: Client, **fields: Any) -> dict[str, Any]:
    mine = fields_of(client.get(ADD))
    return {**mine, **row(**fields), "type": "lcspr", "title": "Oak", "summary": WORDS}


def test_a_form_with_the_token_of_an_earlier_sign_in_comes_back_with_its_file() -> None:
    user = make_user("Editors")
    client = signed_in(user, enforce_csrf_checks=True)
    mine = _new(client, file=pdf())
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    sent = client.post(ADD, {**mine, "csrfmiddlewaretoken": "b" * 64})
    assert sent.status_code == 302 and not PracticeReview.objects.exists()
    filled = client.get(sent.headers["Location"])
    assert "oak.pdf" in text_of(filled) and "still here" in text_of(filled)
    client.cookies["csrftoken"] = filled.cookies["csrftoken"].value
    saved = client.post(ADD, {**fields_of(filled), "_save": "Save"})
    assert saved.status_code == 302
    assert PracticeReview.objects.get().documents.get().file.original_name == "oak.pdf"


def test_a_form_of_one_account_sent_by_another_holds_the_file_for_the_first() -> None:
    first, second = make_user("Editors"), make_user("Editors")
    mine = _new(signed_in(first), file=pdf())
    other = signed_in(second, enforce_csrf_checks=True)
    sent = other.post(ADD, mine)
    assert sent.status_code == 403 and "oak.pdf" not in sent.content.decode()
    assert HeldFile.objects.get().user == first


def test_a_photo_and_a_logo_come_back_too(publisher: Client, sign_in: Any) -> None:
    trainer = sign_in("Training")
    add = "/admin/training/venue/add/"
    mine = fields_of(trainer.get(add))
    typed = {"name": "Town Hall", "photo": photo(), "photo_alt": "A red door"}
    after = after_signing_in(without_session(add, {**mine, **typed}))
    filled = trainer.get(after)
    assert_valid(filled)
    assert "door.png" in text_of(filled) and "still here" in text_of(filled)
    assert trainer.post(add, {**fields_of(filled), "_save": "Save"}).status_code == 302
    venue = Venue.objects.get()
    assert venue.photo.name.endswith(".webp")
    identity = make_identity()
    address = f"/admin/mscp/siteidentity/{identity.pk}/change/"
    mine = fields_of(publisher.get(address))
    logo = SimpleUploadedFile("logo.svg", REAL_SVG.encode())
    after = after_signing_in(without_session(address, {**mine, "logo": logo}))
    filled = publisher.get(after)
    assert "logo.svg" in text_of(filled)
    assert publisher.post(address, {**fields_of(filled), "_save": "Save"}).status_code == 302
    assert SiteIdentity.load().logo


def test_a_spreadsheet_comes_back_too(publisher: Client) -> None:
    add = "/admin/training/programmeimport/add/"
    sheet = SimpleUploadedFile("autumn.csv", b"Course,Date\nAttachment,05/11/2027\n", "text/csv")
    mine = fields_of(publisher.get(add))
    page = publisher.get(after_signing_in(without_session(add, {**mine, "file": sheet})))
    assert "The file autumn.csv that you sent is still here." in text_of(page)
    assert str(HeldFile.objects.get().uid) not in text_of(page)
    kept = Autosave.objects.get()
    assert kept.way_back.replace("&", "&amp;") in page.content.decode()
    filled = publisher.get(kept.way_back)
    assert_valid(filled)
    assert "autumn.csv" in text_of(filled)
    read = publisher.post(add, fields_of(filled))
    assert read.status_code == 302 and ProgrammeImport.objects.get().source == "autumn.csv"


# --- who may ----------------------------------------------------------------------------------


def test_nobody_else_can_take_what_is_held(editor: Client) -> None:
    after = after_signing_in(without_session(ADD, _new(editor, file=pdf())))
    held = HeldFile.objects.get()
    for user in (make_user("Editors"), make_user(is_superuser=True)):
        other = signed_in(user)
        assert "oak.pdf" not in text_of(other.get(after))
        refused = other.post(ADD, _new(other, file_held=str(held.uid)))
        assert "is gone. Choose it again" in text_of(refused)
        assert "oak.pdf" not in text_of(refused)
    assert HeldFile.objects.get() == held and not DocumentFile.objects.exists()


def test_without_a_token_of_ours_no_file_is_stored_even_for_a_moment(
    editor: Client, uploads: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: list[object] = []
    monkeypatch.setattr(
        TemporaryFileUploadHandler, "new_file", lambda *args, **kwargs: received.append(args)
    )
    mine = _new(editor)
    for token in ("", "x", mine["_autosave"][:-1], mine["_autosave"].replace(":", ";")):
        sent = without_session(ADD, {**mine, "_autosave": token, "documents-0-file": pdf()})
        assert sent.status_code == 302 and "_take_back" not in sent.headers["Location"]
        answer = without_session(UPLOAD, {"_autosave_file": token, "file": pdf()})
        assert answer.status_code == 302
    assert not received and not HeldFile.objects.exists() and not Autosave.objects.exists()
    assert not stored(uploads) and not list(temporary.iterdir())


def test_a_token_behind_much_text_is_not_looked_for(editor: Client) -> None:
    token = fields_of(editor.get(ADD))["_autosave"]
    late = {"summary": "x" * 70_000, "documents-0-file": pdf(), "_autosave": token}
    without_session(ADD, late)
    assert not HeldFile.objects.exists() and not Autosave.objects.exists()


@pytest.mark.parametrize("address", ["/admin/training/programmeimport/add/", ADD])
def test_each_form_with_a_file_has_its_token_before_all_that_is_typed(
    address: str, publisher: Client
) -> None:
    page = publisher.get(address).content.decode()
    inside = page[page.index('enctype="multipart/form-data"') :]
    first = inside.index('name="_autosave"')
    assert first < inside.index("<textarea") and first < inside.index('type="file"')


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_nothing_is_held_for_somebody_whose_account_was_closed(
    change: dict[str, bool], editor: Client, uploads: Path
) -> None:
    mine = _new(editor, file=pdf())
    user = editor.user  # type: ignore[attr-defined]
    type(user).objects.filter(pk=user.pk).update(**change)
    assert "_take_back" not in without_session(ADD, mine).headers["Location"]
    assert hold(user.pk, pdf()) is None
    assert not HeldFile.objects.exists() and not stored(uploads)


def test_a_token_of_a_week_ago_holds_nothing(editor: Client, clock: Any, uploads: Path) -> None:
    mine = _new(editor, file=pdf())
    clock.shift(timedelta(days=7, seconds=1))
    without_session(ADD, mine)
    assert not HeldFile.objects.exists() and not stored(uploads)


# --- what becomes of it -----------------------------------------------------------------------


def test_it_can_be_left_out_or_another_be_chosen(editor: Client) -> None:
    for changes in (
        {"documents-0-file_held_left_out": "on", "documents-0-url": "https://example.org/a"},
        {"documents-0-file": pdf(name="elm.pdf")},
    ):
        PracticeReview.objects.all().delete()
        after = after_signing_in(without_session(ADD, _new(editor, file=pdf())))
        back = fields_of(editor.get(after))
        assert editor.post(ADD, {**back, **changes, "_save": "Save"}).status_code == 302
        file = PracticeReview.objects.get().documents.get().file
        chosen = "elm.pdf" if "documents-0-file" in changes else None
        assert (file and file.original_name) == chosen
        assert not HeldFile.objects.exists()


def test_a_mistake_elsewhere_keeps_it(editor: Client) -> None:
    after = after_signing_in(without_session(ADD, _new(editor, file=pdf())))
    refused = editor.post(ADD, {**fields_of(editor.get(after)), "type": ""})
    assert refused.status_code == 200 and "Choose it again" not in text_of(refused)
    back = fields_of(refused)
    assert editor.post(ADD, {**back, "type": "lcspr", "_save": "Save"}).status_code == 302
    assert PracticeReview.objects.get().documents.get().file.original_name == "oak.pdf"


def test_a_photo_in_a_form_with_a_mistake_need_not_be_chosen_again(sign_in: Any) -> None:
    trainer = sign_in("Training")
    add = "/admin/training/venue/add/"
    typed = {**fields_of(trainer.get(add)), "photo_alt": "A red door"}
    refused = trainer.post(add, {**typed, "photo": photo(), "name": ""})
    assert refused.status_code == 200 and "Choose the file again" not in text_of(refused)
    assert "door.png" in text_of(refused) and "still here" in text_of(refused)
    assert_valid(refused)
    again = trainer.post(add, {**fields_of(refused), "name": "Town Hall", "_save": "Save"})
    assert again.status_code == 302 and Venue.objects.get().photo
    assert not HeldFile.objects.exists()


def test_a_file_that_is_no_pdf_is_refused_as_any_other(editor: Client) -> None:
    bad = pdf(b"<html>no PDF</html>", "page.pdf")
    after = after_signing_in(without_session(ADD, _new(editor, file=bad)))
    refused = editor.post(ADD, {**fields_of(editor.get(after)), "_save": "Save"})
    assert "This is not a PDF" in text_of(refused)
    assert "still here" not in text_of(refused)
    assert not fields_of(refused)["documents-0-file_held"]


def test_while_others_are_read_it_stays_held(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = after_signing_in(without_session(ADD, _new(editor, file=pdf())))
    back = fields_of(editor.get(after))
    monkeypatch.setattr(intake, "LONGEST_WAIT", 0.01)
    with intake._one_at_a_time:
        refused = editor.post(ADD, {**back, "_save": "Save"})
    page = text_of(refused)
    assert "Other files are being read" in page and "still here" in page
    assert editor.post(ADD, {**fields_of(refused), "_save": "Save"}).status_code == 302
    assert PracticeReview.objects.get().documents.get().file


def test_one_that_is_gone_is_named_and_nothing_is_saved_without_it(sign_in: Any) -> None:
    trainer = sign_in("Training")
    venue = make_venue(name="Town Hall")
    address = f"/admin/training/venue/{venue.pk}/change/"
    mine = {**fields_of(trainer.get(address)), "name": "New name", "photo_alt": "A red door"}
    after = after_signing_in(without_session(address, {**mine, "photo": photo()}))
    back = fields_of(trainer.get(after))
    HeldFile.objects.all().delete()
    refused = trainer.post(address, {**back, "_save": "Save"})
    assert "The file that was sent before is gone. Choose it again." in text_of(refused)
    venue.refresh_from_db()
    assert venue.name == "Town Hall"
    chosen = {**fields_of(refused), "photo": photo(), "_save": "Save"}
    assert trainer.post(address, chosen).status_code == 302


def test_a_replacement_comes_back_for_its_own_document(publisher: Client) -> None:
    document = make_document(make_review(state=State.DRAFT), pdf=clean_pdf(), title="The report")
    before = document.file
    address = form(document.publication)
    mine = fields_of(publisher.get(address))
    after = after_signing_in(
        without_session(address, {**mine, "documents-0-file": pdf(clean_pdf() + b"\n")})
    )
    back = fields_of(publisher.get(after))
    assert publisher.post(address, {**back, "_save": "Save"}).status_code == 302
    document.refresh_from_db()
    assert document.file != before and document.file.original_name == "oak.pdf"


@pytest.mark.django_db(transaction=True)
def test_it_goes_with_what_is_thrown_away_and_with_the_account(
    editor: Client, uploads: Path
) -> None:
    without_session(ADD, _new(editor, file=pdf()))
    assert len(stored(uploads)) == 1
    editor.post(f"/admin/typed/{Autosave.objects.get().uid}/throw-away/")
    assert not HeldFile.objects.exists() and not stored(uploads)
    without_session(ADD, _new(editor, file=pdf()))
    assert len(stored(uploads)) == 1
    editor.user.delete()  # type: ignore[attr-defined]
    assert not HeldFile.objects.exists() and not stored(uploads)


@pytest.mark.django_db(transaction=True)
def test_the_sweep_deletes_what_no_form_names_and_all_after_seven_days(
    editor: Client, clock: Any, uploads: Path
) -> None:
    user = editor.user  # type: ignore[attr-defined]
    without_session(ADD, _new(editor, file=pdf()))
    unnamed = hold(user.pk, pdf(name="alone.pdf"))
    assert unnamed is not None
    assert list(stray_names(before=datetime.now(UTC) + timedelta(days=999))) == []
    clock.shift(timedelta(days=1, seconds=1))
    sweep()
    assert [held.name for held in HeldFile.objects.all()] == ["oak.pdf"]
    clock.shift(timedelta(days=6))
    sweep()
    assert not HeldFile.objects.exists() and not stored(uploads)


# --- sent ahead of the form -----------------------------------------------------------------------


def ahead(token: str, file: Any, client: Client | None = None) -> Any:
    sent = {"_autosave_file": token, "file": file}
    if client:
        return client.post(UPLOAD, sent, HTTP_ACCEPT="application/json")
    return without_session(UPLOAD, sent, HTTP_ACCEPT="application/json")


def test_a_file_sent_ahead_without_a_session_is_held_and_its_text_left_alone(
    editor: Client,
) -> None:
    mine = _new(editor)
    editor.post("/admin/typed/", mine)
    answer = ahead(mine["_autosave"], pdf())
    assert answer.status_code == 401
    assert answer.json()["held"] == str(HeldFile.objects.get().uid)
    assert Autosave.objects.get().typed["summary"] == WORDS
    # The script names it in the form, which is sent after signing in again.
    saved = editor.post(ADD, {**mine, "documents-0-file_held": answer.json()["held"], "_save": "S"})
    assert saved.status_code == 302
    assert PracticeReview.objects.get().documents.get().file.original_name == "oak.pdf"


def test_a_file_sent_ahead_with_the_token_of_an_earlier_sign_in_is_held() -> None:
    client = signed_in(make_user("Editors"), enforce_csrf_checks=True)
    token = fields_of(client.get(ADD))["_autosave"]
    answer = ahead(token, pdf(), client)
    assert answer.status_code == 403
    assert answer.json()["held"] == str(HeldFile.objects.get().uid)
    assert not Autosave.objects.exists()


# --- limits ---------------------------------------------------------------------------------------


def test_what_is_empty_or_too_large_is_named_as_lost(
    editor: Client, settings: Any, uploads: Path, temporary: Path
) -> None:
    settings.LARGEST_FILE = 100_000
    for data in (b"", b"x" * 100_001, b"x" * 300_000):
        file = SimpleUploadedFile("oak.pdf", data)
        after = after_signing_in(without_session(ADD, _new(editor, file=file)))
        page = editor.get(after)
        assert "The file oak.pdf did not come along: choose it again" in text_of(page)
        assert fields_of(page)["summary"] == WORDS
    assert not HeldFile.objects.exists() and not stored(uploads)
    assert not list(temporary.iterdir())


@pytest.mark.django_db(transaction=True)
def test_one_person_holds_so_much_and_no_more(
    monkeypatch: pytest.MonkeyPatch, uploads: Path
) -> None:
    monkeypatch.setattr(held_files, "MOST_BYTES", 1_000)
    monkeypatch.setattr(held_files, "MOST_FILES", 4)
    user, other = make_user("Editors"), make_user("Editors")
    hold(other.pk, pdf(b"x" * 900))
    for number in range(6):
        assert hold(user.pk, pdf(b"x" * 200, f"{number}.pdf"))
    assert [held.name for held in HeldFile.objects.filter(user=user).order_by("pk")] == [
        *("2.pdf", "3.pdf", "4.pdf", "5.pdf")
    ]
    # The newest is wanted: it takes the place of all the others.
    hold(user.pk, pdf(b"x" * 900, "large.pdf"))
    assert HeldFile.objects.get(user=user).name == "large.pdf"
    assert HeldFile.objects.filter(user=other).count() == 1 and len(stored(uploads)) == 2


@pytest.mark.django_db(transaction=True)
def test_posts_at_once_do_not_pass_the_quota(
    monkeypatch: pytest.MonkeyPatch, uploads: Path
) -> None:
    monkeypatch.setattr(held_files, "MOST_BYTES", 2_500)
    user = make_user("Editors")
    inside: list[int] = []
    at_once: list[int] = []
    counts = HeldFileQuerySet.beyond_quota

    def slowly(self: HeldFileQuerySet, person: int) -> list[HeldFile]:
        inside.append(person)
        at_once.append(len(inside))
        sleep(0.1)
        inside.pop()
        return counts(self, person)

    monkeypatch.setattr(HeldFileQuerySet, "beyond_quota", slowly)

    def hold_one(number: int) -> HeldFile | None:
        while True:
            try:
                return hold(user.pk, pdf(b"x" * 1_000, f"{number}.pdf"))
            except OperationalError:
                # Threads share a database in memory, which does not wait for another writer.
                assert connection.vendor == "sqlite"

    assert all(in_threads(4, hold_one))
    # Each counted with the files of those before it.
    assert at_once == [1, 1, 1, 1]
    assert HeldFile.objects.count() == 2 and len(stored(uploads)) == 2


def test_where_a_file_cannot_be_stored_the_text_is_kept(
    editor: Client, monkeypatch: pytest.MonkeyPatch, uploads: Path, temporary: Path
) -> None:
    """The disk is full at each step on the way of the file."""

    def full(*args: object, **kwargs: object) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    steps: list[tuple[Any, str]] = [
        (FileSystemStorage, "_save"),
        (TemporaryUploadedFile, "__init__"),
        (TemporaryFileUploadHandler, "receive_data_chunk"),
        (TemporaryFileUploadHandler, "file_complete"),
    ]
    for owner, name in steps:
        mine = _new(editor, file=pdf())
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, full)
            after = after_signing_in(without_session(ADD, mine))
        page = editor.get(after)
        assert fields_of(page)["summary"] == WORDS, name
        assert "The file oak.pdf did not come along" in text_of(page), name
        assert not HeldFile.objects.exists() and not stored(uploads)
        assert not list(temporary.iterdir()), name


def test_a_file_without_a_row_is_swept(
    editor: Client, monkeypatch: pytest.MonkeyPatch, uploads: Path
) -> None:
    """The process was killed between the file and its row."""
    user = editor.user  # type: ignore[attr-defined]

    class KilledError(BaseException):
        pass

    def killed(*args: object, **kwargs: object) -> Any:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("mscp.web.holding.lock", killed)
        patch.setattr("mscp.web.holding._drop", lambda *args: None)
        with pytest.raises(KilledError):
            hold(user.pk, pdf())
    assert len(stored(uploads)) == 1
    for mark in (uploads / removal.FOLDER).iterdir():
        os.utime(mark, (0, 0))
    sweep()
    assert not stored(uploads)


def test_every_upload_is_closed(
    editor: Client, monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    made: list[Any] = []
    before: Callable[..., None] = TemporaryUploadedFile.__init__

    def noting(self: Any, *args: Any, **kwargs: Any) -> None:
        before(self, *args, **kwargs)
        made.append(self)

    monkeypatch.setattr(TemporaryUploadedFile, "__init__", noting)
    mine = _new(editor, file=pdf())
    after = after_signing_in(without_session(ADD, mine))
    opened: list[Any] = []
    opens = FileSystemStorage._open  # type: ignore[attr-defined]

    def open_and_note(self: Any, *args: Any, **kwargs: Any) -> Any:
        opened.append(opens(self, *args, **kwargs))
        return opened[-1]

    monkeypatch.setattr(FileSystemStorage, "_open", open_and_note)
    back = fields_of(editor.get(after))
    editor.post(ADD, {**back, "_save": "Save"})
    assert made and opened
    assert all(one.file.closed for one in made) and all(one.closed for one in opened)
    assert not list(temporary.iterdir())


def test_it_is_in_no_log(editor: Client, caplog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device", "oak.pdf")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    without_session(ADD, _new(editor, file=pdf()))
    assert "oak.pdf" not in caplog.text and "could not be held: OSError" in caplog.text
    held = HeldFile(name="oak.pdf", size=2048)
    assert "oak" not in str(held)


def test_a_token_names_one_person_and_no_other_way_leads_to_a_file(editor: Client) -> None:
    without_session(ADD, _new(editor, file=pdf()))
    held = HeldFile.objects.get()
    for address in (
        f"/{held.content.name}",
        f"/-/{held.content.name}",
        f"/admin/reviews/documentfile/{held.uid}/file.pdf",
        f"/admin/typed/{held.uid}/",
    ):
        for client in (editor, Client()):
            assert client.get(address).status_code in (302, 404)
    token = AutosaveToken(held.user_id, "", "", held.uid)
    assert AutosaveToken.read(token.signed()) == token
