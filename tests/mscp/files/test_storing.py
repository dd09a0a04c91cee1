"""An upload asks as little as it can of the storage, which may be slow; nothing is lost by that."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from mscp.files import removal
from mscp.files.storage import DurableStorage
from mscp.files.storing import ToStore, storing
from reviews.documents.intake import take_in
from reviews.models import DocumentFile
from tests.factories import make_document, make_review, make_user
from tests.pdfs.builder import clean_pdf
from tests.stored import kept_files

pytestmark = pytest.mark.django_db

UPLOAD = "/admin/reviews/documentfile/upload/"
calls: Counter[str] = Counter()


class CountedStorage(DurableStorage):
    """A storage of the disk, of which each call that would reach a bucket is counted."""

    def save(self, name: Any, *more: Any, **other: Any) -> str:
        calls["save"] += 1
        return super().save(name, *more, **other)

    def open(self, name: str, *more: Any) -> Any:
        calls["open"] += 1
        return super().open(name, *more)

    def delete(self, name: str) -> None:
        calls["delete"] += 1
        super().delete(name)

    def size(self, name: str) -> int:
        calls["size"] += 1
        return super().size(name)

    def listdir(self, path: str) -> Any:
        calls["listdir"] += 1
        return super().listdir(path)


@pytest.fixture
def counted(settings: Any, uploads: Path) -> Path:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": f"{__name__}.{CountedStorage.__name__}"},
    }
    calls.clear()
    return uploads


PAGES = 7
# The file, two covers and a picture of each page; and one mark for all of them.
STORED = 3 + PAGES


def test_an_upload_stores_each_file_once_and_is_marked_once(client: Client, counted: Path) -> None:
    client.force_login(make_user("Editors"))
    answer = client.post(UPLOAD, {"file": ContentFile(clean_pdf(PAGES), "report.pdf")})
    assert answer.status_code == 200, answer.content
    assert calls == {"save": STORED + 1, "delete": 1}
    assert len(kept_files(counted)) == STORED and not list(removal.marked())


def test_a_deleted_document_is_marked_in_two_calls_however_many_pages_it_has(
    counted: Path, django_capture_on_commit_callbacks: Any
) -> None:
    file = take_in(ContentFile(clean_pdf(PAGES)), name="report.pdf")
    review = make_review(title="Oak (fictional)")
    make_document(review, file=file)
    calls.clear()
    with django_capture_on_commit_callbacks(execute=True):
        review.delete()
    # The pictures, and the file with its covers.
    assert calls == {"save": 2}
    assert len(set(removal.marked())) == STORED and not kept_files(counted)


# --- whatever happens on the way ------------------------------------------------------------------


def to_store(folder: Path, number: int) -> list[ToStore]:
    """Return so many files to store, of fields that are not saved."""
    source = folder / "source"
    source.write_bytes(b"%PDF")
    return [
        ToStore(DocumentFile().content, f"documents/{each}.pdf", source) for each in range(number)
    ]


def test_all_are_marked_before_the_first_is_stored_and_until_the_records_are_saved(
    uploads: Path, tmp_path: Path
) -> None:
    files = to_store(tmp_path, 3)
    with storing(files):
        assert set(removal.marked()) == {each.name for each in files}
        assert not kept_files(uploads)
    assert kept_files(uploads) == {each.name for each in files}
    assert [each.field.name for each in files] == [each.name for each in files]


def test_if_the_records_cannot_be_saved_nothing_stays(uploads: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyError), storing(to_store(tmp_path, 3)):
        raise KeyError
    assert not [path for path in uploads.rglob("*") if path.is_file()]


def test_if_one_cannot_be_stored_nothing_stays(uploads: Path, tmp_path: Path) -> None:
    first, second, third = to_store(tmp_path, 3)
    gone = ToStore(second.field, second.name, tmp_path / "gone")
    with pytest.raises(FileNotFoundError), storing([first, gone, third]):
        raise AssertionError("It must not come so far.")
    assert not [path for path in uploads.rglob("*") if path.is_file()]


# --- marks ----------------------------------------------------------------------------------------


def make_old(mark: Path) -> None:
    os.utime(mark, (0, 0))


def store(*names: str) -> None:
    for name in names:
        default_storage.save(name, ContentFile(b"%PDF"))


def test_a_file_that_was_marked_again_keeps_the_whole_of_its_grace(uploads: Path) -> None:
    store("documents/a.pdf", "documents/b.pdf")
    make_old(uploads / removal.mark(default_storage, ["documents/a.pdf", "documents/b.pdf"]))
    later = removal.mark(default_storage, ["documents/b.pdf"])
    assert removal.sweep() == ["documents/a.pdf"]
    assert default_storage.exists("documents/b.pdf")
    make_old(uploads / later)
    assert removal.sweep() == ["documents/b.pdf"]


def test_a_mark_of_an_earlier_release_still_counts(uploads: Path) -> None:
    store("documents/a.pdf")
    earlier = uploads / default_storage.save("removed/documents--a.pdf", ContentFile(b""))
    assert list(removal.marked()) == ["documents/a.pdf"]
    make_old(earlier)
    assert removal.sweep() == ["documents/a.pdf"]
    assert not list((uploads / removal.FOLDER).iterdir())


@pytest.mark.parametrize(
    "written", [b"", b"documents", b"documents/a.pd", b"documents/b.pdf\ndocuments/"]
)
def test_a_mark_that_was_broken_off_marks_nothing_that_it_does_not_name(
    uploads: Path, written: bytes
) -> None:
    store("documents/a.pdf")
    make_old(uploads / default_storage.save("removed/0123456789abcdef", ContentFile(written)))
    assert "documents/a.pdf" not in removal.sweep()
    assert default_storage.exists("documents/a.pdf")
