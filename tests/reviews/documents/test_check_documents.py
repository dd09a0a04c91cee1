"""manage.py check_documents: files and records tell the same, or the command says what does not."""

import os
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.utils import ConnectionHandler
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mscp.files.removal import remove_later
from mscp.publishing.gate import State
from reviews.documents import stored_files
from reviews.documents.intake import take_in
from reviews.models import Document, DocumentFile
from tests.factories import (
    MINIMAL_PDF,
    make_document,
    make_file,
    make_finding,
    make_picture,
    make_review,
)
from tests.pdfs import pdf_saying

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_readings")]


@pytest.fixture
def document() -> Document:
    file = take_in(ContentFile(pdf_saying("One heron.", "Two herons.")), name="herons.pdf")
    return make_document(make_review(state=State.DRAFT, title="Oak"), title="Herons", file=file)


def check(*options: str) -> tuple[int, str]:
    """Return the exit status and what was printed."""
    printed = StringIO()
    try:
        call_command("check_documents", *options, stdout=printed, stderr=StringIO())
    except SystemExit as end:
        return int(end.code or 0), printed.getvalue()
    return 0, printed.getvalue()


def path_of(field: Any, uploads: Path) -> Path:
    return uploads / field.name


def test_all_is_well(document: Document) -> None:
    assert check() == (0, "All files are as their records say.\n")


def test_a_check_of_many_files_asks_no_more_queries_than_of_one(uploads: Path) -> None:
    """10,000 files were 30,000 queries, which a restore waits for."""
    counts = []
    for number in (1, 9):
        for _ in range(number):
            file = make_file(MINIMAL_PDF)
            make_picture(file)
            make_document(make_review(), file=file)
        with CaptureQueriesContext(connection) as queries:
            assert check()[0] == 0
        counts.append(len(queries))
    assert counts[0] == counts[1], counts


def test_what_was_derived_from_a_file_is_not_that_of_another(uploads: Path) -> None:
    whole, without_text, without_pictures = (make_file(MINIMAL_PDF) for _ in range(3))
    for file in (whole, without_text, without_pictures):
        make_document(make_review(title=f"Of {file.pk}"), file=file)
        make_picture(file)
    without_text.text_pages.all().delete()
    picture = without_pictures.pictures.get()
    path_of(picture.content, uploads).unlink()
    code, printed = check()
    assert code == 1 and "2 problems are left" in printed
    lines = printed.splitlines()
    assert "the text of some pages is missing" in lines[0] and f"Of {without_text.pk} " in lines[0]
    assert "the pictures of some pages" in lines[1] and f"Of {without_pictures.pk} " in lines[1]


def test_a_site_without_files_is_well(db: None) -> None:
    assert check()[0] == 0


def test_a_missing_file_is_named_and_cannot_be_repaired(document: Document, uploads: Path) -> None:
    path_of(document.file.content, uploads).unlink()
    for options in ((), ("--repair",)):
        code, printed = check(*options)
        assert code == 1
        assert "Oak / Herons" in printed and "the file is missing" in printed


def test_a_changed_file_is_named_and_not_taken_for_repaired(
    document: Document, uploads: Path
) -> None:
    with path_of(document.file.content, uploads).open("ab") as file:
        file.write(b"%")
    for options in ((), ("--repair",)):
        code, printed = check(*options)
        assert code == 1 and "not the one that was taken in" in printed


def test_all_files_are_read_again_where_asked(document: Document, uploads: Path) -> None:
    page = document.file.text_pages.get(number=1)
    read = page.blocks
    page.blocks = []
    page.save()
    assert check() == (0, "All files are as their records say.\n")
    make_finding(document.file, kind="earlier_revision")
    found = set(document.file.findings.values_list("kind")) - {("earlier_revision",)}
    code, printed = check("--read-again")
    assert code == 0 and "text and pictures rebuilt" in printed
    assert set(document.file.findings.values_list("kind")) == found
    page = document.file.text_pages.get(number=1)
    assert page.blocks == read


def lose_text(file: DocumentFile, uploads: Path) -> None:
    file.text_pages.filter(number=2).delete()


def lose_cover(file: DocumentFile, uploads: Path) -> None:
    path_of(file.cover, uploads).unlink()


def lose_large_cover(file: DocumentFile, uploads: Path) -> None:
    path_of(file.large_cover, uploads).unlink()
    DocumentFile.objects.update(large_cover="")


@pytest.mark.parametrize("lose", [lose_text, lose_cover, lose_large_cover])
def test_what_was_made_of_a_file_is_rebuilt(
    document: Document, uploads: Path, lose: Callable[..., None]
) -> None:
    finding = make_finding(document.file)
    lose(document.file, uploads)
    code, printed = check()
    assert code == 1 and "missing" in printed
    assert check()[0] == 1, "Looking repairs nothing."
    code, printed = check("--repair")
    assert (code, "rebuilt" in printed) == (0, True), printed
    assert check()[0] == 0
    file = DocumentFile.objects.get()
    one, two = (page.text for page in file.text_pages.all())
    assert "One heron." in one and "Two herons." in two
    assert default_storage.exists(file.cover.name) and default_storage.exists(file.large_cover.name)
    assert list(file.findings.all()) == [finding]
    make_marks_old(uploads)
    assert check()[0] == 0
    assert len(list((uploads / "covers").iterdir())) == 2, "No old cover stays behind."


def test_a_file_that_cannot_be_read_again_stays_a_problem(uploads: Path) -> None:
    file = make_file(b"%PDF-1.4 that no reader opens")
    make_document(make_review(), file=file)
    file.text_pages.all().delete()
    code, printed = check("--repair")
    assert code == 1 and "not repaired. This file" in printed


def test_files_that_no_record_knows_are_named_and_deleted_on_request(
    document: Document, uploads: Path, clock: Any
) -> None:
    default_storage.save("documents/stray.pdf", ContentFile(b"%PDF-1.4"))
    default_storage.save("covers/stray.webp", ContentFile(b"RIFF"))
    for stray in uploads.rglob("stray.*"):
        _make_old(stray)
    code, printed = check("--repair")
    assert code == 1
    assert "documents/stray.pdf: no record knows it" in printed and "covers/stray.webp" in printed
    assert check("--delete-strays")[0] == 0
    assert not list(uploads.rglob("stray.*"))
    assert check()[0] == 0 and default_storage.exists(document.file.content.name)


def test_a_file_that_is_being_saved_is_no_stray(db: None, uploads: Path) -> None:
    default_storage.save("documents/new.pdf", ContentFile(b"%PDF-1.4"))
    path = next(uploads.rglob("new.pdf"))
    _make_old(path, minutes=1)
    assert check()[0] == 0


def make_marks_old(uploads: Path) -> None:
    """Let a day and an hour have passed since files were marked for deletion."""
    for mark in (uploads / "removed").glob("*"):
        _make_old(mark, minutes=25 * 60)


def _make_old(path: Path, *, minutes: int = 120) -> None:
    moment = (timezone.now() - timedelta(minutes=minutes)).timestamp()
    os.utime(path, (moment, moment))


def test_an_upload_whose_form_was_never_saved_is_deleted_after_a_day(
    db: None, uploads: Path, clock: Any, django_capture_on_commit_callbacks: Any
) -> None:
    make_file(b"%PDF-1.4")
    assert check()[0] == 0 and DocumentFile.objects.exists()
    clock.shift(timedelta(days=1, hours=1))
    with django_capture_on_commit_callbacks(execute=True):
        code, printed = check()
    assert code == 0 and "its form was never saved; deleted" in printed
    # At once: it was never part of a document and may be an unredacted draft.
    assert not DocumentFile.objects.exists() and not any(uploads.rglob("*.*"))


def delete(document: Document, run: Any) -> list[Callable[[], None]]:
    with run(execute=False) as callbacks:
        document.publication.delete()
    return callbacks


def test_a_deleted_document_takes_its_files_along_after_a_day(
    document: Document, uploads: Path, django_capture_on_commit_callbacks: Any
) -> None:
    address = document.get_absolute_url()
    callbacks = delete(document, django_capture_on_commit_callbacks)
    assert not list((uploads / "removed").iterdir()), "A deletion may be rolled back."
    for callback in callbacks:
        callback()
    assert not DocumentFile.objects.exists() and Client().get(address).status_code == 404
    folders = ("documents", "covers", "pages")
    stored = {path for folder in folders for path in (uploads / folder).iterdir()}
    assert len(stored) == 5 and all(file.stat().st_size for file in stored)
    assert check("--delete-strays")[0] == 0
    assert all(file.exists() for file in stored), "A copy of the site may name them still."
    make_marks_old(uploads)
    code, printed = check()
    assert code == 0 and printed.count("its record was deleted; deleted") == 5
    assert not any(uploads.rglob("*.*"))


def test_the_day_begins_with_the_deletion_although_a_killed_upload_left_a_mark(
    document: Document, uploads: Path, django_capture_on_commit_callbacks: Any
) -> None:
    remove_later(default_storage, document.file.content.name)
    make_marks_old(uploads)
    stored = path_of(document.file.content, uploads)
    for callback in delete(document, django_capture_on_commit_callbacks):
        callback()
    check()
    assert stored.exists()


def test_a_file_that_a_restored_database_names_again_is_not_deleted(
    document: Document, uploads: Path
) -> None:
    remove_later(default_storage, document.file.content.name)
    make_marks_old(uploads)
    assert check()[0] == 0
    assert document.file.stored_sha256() == document.file.sha256
    assert not any((uploads / "removed").iterdir())


def test_the_start_of_the_site_sweeps_what_is_due_and_no_file_that_nothing_marked(
    document: Document, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = uploads / default_storage.save("documents/unknown.pdf", ContentFile(b"%PDF-1.4"))
    marked = uploads / default_storage.save("documents/marked.pdf", ContentFile(b"%PDF-1.4"))
    remove_later(default_storage, "documents/marked.pdf")
    make_marks_old(uploads)
    _make_old(unknown, minutes=60 * 24 * 90)
    # It ends with closing the connection, which a test is still in.
    monkeypatch.setattr(stored_files, "connections", ConnectionHandler({}))
    stored_files.sweep_at_start()
    assert not marked.exists() and unknown.exists()
    assert default_storage.exists(document.file.content.name)
