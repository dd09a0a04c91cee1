"""A full disk, a killed server, a crowd, a file changed behind the site's back."""

import errno
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.test import Client

from mscp.publishing.gate import State
from reviews.documents import intake
from reviews.documents.intake import BUSY, NO_ROOM, take_in
from reviews.models import DocumentFile
from tests.factories import make_document, make_file, make_finding, make_review
from tests.pages import text_of
from tests.pdfs import pdf_saying, text_pdf
from tests.reviews.documents.test_check_documents import check

pytestmark = pytest.mark.django_db


# Before the file, its covers and the picture of its page stands their mark, which is a file too.
@pytest.mark.parametrize("room_for", [0, 1, 2, 3, 4])
def test_a_full_disk_is_named_and_nothing_half_written_stays(
    room_for: int, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, saved = FileSystemStorage._save, []

    def full(storage: Any, name: str, content: Any) -> str:
        if len(saved) < room_for:
            saved.append(name)
            return save(storage, name, content)
        path = Path(storage.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    with pytest.raises(ValidationError, match="its disk may be full") as refusal:
        take_in(ContentFile(pdf_saying("A heron.")), name="a.pdf")
    assert refusal.value.messages == [NO_ROOM]
    assert not DocumentFile.objects.exists() and not list(uploads.rglob("*.*"))


def test_where_nothing_can_be_written_a_file_is_refused_with_the_reason(
    settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "file"
    with pytest.raises(ValidationError, match="its disk may be full"):
        take_in(ContentFile(pdf_saying("A heron.")), name="a.pdf")


def test_few_may_wait_for_a_reading_and_the_others_are_told_at_once(editor: Client) -> None:
    taken = 0
    while intake._waiting.acquire(blocking=False):
        taken += 1
    try:
        response = editor.post(
            "/admin/reviews/documentfile/upload/", {"file": ContentFile(pdf_saying("A"), "a.pdf")}
        )
        assert response.json() == {"refused": BUSY}
    finally:
        intake._waiting.release(taken)
    assert taken == 4


def test_a_child_ends_with_whoever_started_it(tmp_path: Path) -> None:
    source = tmp_path / "file.pdf"
    source.write_bytes(text_pdf(300))
    start = (
        "import os, subprocess, sys; *command, what, source, folder = sys.argv[1:]; "
        "command += [str(os.getpid()), what, source, folder]; "
        "child = subprocess.Popen(command, start_new_session=True); "
        "print(child.pid, flush=True); child.wait()"
    )
    command = [sys.executable, "-I", "-c", intake._START, str(settings.BASE_DIR)]
    command += ["read", str(source), str(tmp_path)]
    parent = subprocess.Popen(
        [sys.executable, "-c", start, *command], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.5)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(50):
        if not _runs(child):
            break
        time.sleep(0.1)
    assert not _runs(child)
    assert not (tmp_path / "reading.json").exists()


def _runs(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False


def test_what_a_killed_server_left_is_deleted_and_named(temporary: Path) -> None:
    left = temporary / "learning-pdf-abc"
    left.mkdir()
    (left / "file.pdf").write_bytes(b"%PDF-1.4")
    (temporary / "somebody-elses").mkdir()
    code, printed = check()
    assert code == 0 and "learning-pdf-abc: left by a reading that was broken off" in printed
    assert [folder.name for folder in temporary.iterdir()] == ["somebody-elses"]


def test_a_file_of_another_size_than_the_one_checked_is_not_served(uploads: Path) -> None:
    document = make_document(make_review(), pdf=pdf_saying("A heron."))
    with (uploads / document.file.content.name).open("ab") as stored:
        stored.write(b"%")
    assert Client().get(document.get_absolute_url()).status_code == 404


def test_a_folder_in_the_place_of_a_file_is_not_found(uploads: Path) -> None:
    document = make_document(make_review(), pdf=pdf_saying("A heron."))
    path = uploads / document.file.content.name
    path.unlink()
    path.mkdir()
    assert Client().get(document.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("key", ["9" * 30, "x", "", "-1", "1e3"])
def test_a_forged_finding_is_named_and_accepts_nothing(editor: Client, key: str) -> None:
    document = make_document(make_review(state=State.DRAFT), file=make_file(b"%PDF-1.4"))
    finding = make_finding(document.file)
    address = f"/admin/reviews/documentfile/{document.file.uid}/accept/"
    response = editor.post(address, {"findings": key, "reason": "r"})
    assert response.status_code == 400
    assert "Tick what the reason is for." in text_of(response)
    finding.refresh_from_db()
    assert not finding.accepted_reason


def test_an_old_name_leads_on_and_stays_a_download() -> None:
    document = make_document(make_review(), title="Herons", pdf=pdf_saying("A heron."))
    response = Client().get(f"/documents/{document.uid}/old.pdf?download")
    assert response.headers["Location"] == document.download_address
