"""Intake of a PDF: a child process reads and checks it, then it is stored with its findings."""

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from PIL import Image

from mscp.files import removal
from mscp.files.storing import ToStore, storing
from mscp.models import SiteIdentity
from mscp.observing import metrics
from mscp.web.unavailable import fault_of
from reviews.documents.file_names import revealed_by_name, without_own_name
from reviews.documents.work_folders import locked_folder
from reviews.models import DocumentFile, Finding, PagePicture, keep_pages
from reviews.pdf.limits import NO_ROOM_STATUS, SECONDS
from reviews.pdf.report import (
    ALL_TEXTS,
    ANSWER,
    ASKED,
    COVER_WIDTHS,
    LARGEST_PICTURES,
    Check,
    Found,
    Reading,
    picture_name,
)
from reviews.uploads import check_size, cover_path, document_path, picture_path

logger = logging.getLogger(__name__)


class TextInside(NamedTuple):
    """A text of a file; of a page, or with page 0 of the whole file."""

    place: str
    page: int
    text: str


class AllTexts(NamedTuple):
    texts: list[TextInside]
    is_whole: bool
    """Whether all of it was read, and not only the first of too much."""


# The one limit by the clock: all others are of processor time, and the same under load. It is the
# last resort for a reading that hangs or gets no processor; with LONGEST_WAIT it is less than the
# 240 seconds of docs/nginx.conf.
WALL_SECONDS = 3 * SECONDS
SOURCE = "file.pdf"
# The child prints nothing but its answer; more than this is not an answer.
LARGEST_ANSWER = 150 * 1024 * 1024

UNREADABLE = (
    "This file could not be read: it is damaged, or too much for the reader. Save it again as PDF "
    "from the program it was made with."
)
TOO_SLOW = (
    f"This file took more than {SECONDS} seconds of processor time to read. Save it again as PDF, "
    "in parts if it is very long."
)
TOO_BUSY = (
    "The computer is busy with other work: it could not finish this file within "
    f"{WALL_SECONDS // 60} minutes. Nothing is wrong with the file. Try again later."
)
BROKEN_OFF = (
    "The reading of this file was broken off by the server, which may have run out of memory. Send "
    "the file again. If that happens twice, tell whoever runs the site."
)

BUSY = "Other files are being read at the moment. Send this one again in a minute."

# The code of a refusal that is not of the file: the same one may be taken in later.
LATER = "later"

# One file at a time in each server process: reading uses both cores and much memory. Few requests
# may wait for it, since each occupies a thread that pages need.
_one_at_a_time = threading.Lock()
_waiting = threading.BoundedSemaphore(4)
LONGEST_WAIT = 50

NO_ROOM = (
    "The server could not keep this file; its disk may be full. Tell whoever runs the site, and "
    "send the file again later."
)

# Isolated from the folder of the server, and without its variables, which hold secrets.
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from reviews.pdf.child import main; sys.exit(main())"
)


def take_in(
    upload: "File[bytes]", *, name: str, user: Any = None, cleaned_from: DocumentFile | None = None
) -> DocumentFile:
    """Read, check and store a PDF. Raises ValidationError with one sentence for the editor.

    The file belongs to no document yet. Call it outside a transaction: reading may take a minute,
    and nobody else could write meanwhile.
    """
    outcome = "failed"
    try:
        check_size(upload.size)
        with work_folder() as folder:
            reading = read(upload, folder)
            repaired = folder / "repaired.pdf"
            kept = repaired if repaired.exists() else folder / SOURCE
            taken = _keep(kept, folder, reading, name, user, cleaned_from)
        outcome = "taken"
        return taken
    except ValidationError as error:
        outcome = "put_off" if error.code == LATER else "refused"
        raise
    finally:
        metrics.note_intake(outcome)


@contextmanager
def work_folder() -> Iterator[Path]:
    """Make a folder for one reading. Raises ValidationError if the disk is full."""
    try:
        with locked_folder() as path:
            yield path
    except OSError as error:
        logger.error("A PDF could not be kept: %s.", error.strerror)
        raise ValidationError(NO_ROOM, LATER) from error


def read(file: "File[bytes]", folder: Path) -> Reading:
    """Read a file in the child; its output is in the folder. Raises ValidationError."""
    copy_to(file, folder / SOURCE)
    run_child("intake", folder / SOURCE, folder)
    return answer_in(folder)


def draw(file: "File[bytes]", folder: Path) -> None:
    """Draw the pages of a file in the child, into the folder. Raises ValidationError."""
    copy_to(file, folder / SOURCE)
    run_child("draw", folder / SOURCE, folder)


def read_all(file: "File[bytes]") -> AllTexts:
    """Return all texts of a file, seen or not. Raises ValidationError."""
    with work_folder() as folder:
        copy_to(file, folder / SOURCE)
        run_child("texts", folder / SOURCE, folder)
        answer = folder / ALL_TEXTS
        if not answer.exists() or answer.stat().st_size > LARGEST_ANSWER:
            raise ValidationError(UNREADABLE)
        read = json.loads(answer.read_text(encoding="utf-8"))
    return AllTexts([TextInside(*one) for one in read["texts"]], read["is_whole"])


def copy_to(file: "File[bytes]", target: Path) -> None:
    with target.open("wb") as output:
        file.seek(0)
        for chunk in file.chunks():
            output.write(chunk)


def run_child(what: str, source: Path, folder: Path, *more: str) -> None:
    """Run the child process on a file when it is its turn.

    Raises ValidationError with the reason: refused, crashed, too slow, killed by the system.
    """
    if not _waiting.acquire(blocking=False):
        raise ValidationError(BUSY, LATER)
    try:
        if not _one_at_a_time.acquire(timeout=LONGEST_WAIT):
            raise ValidationError(BUSY, LATER)
        try:
            ended = run_at_once(what, source, folder, *more)
        finally:
            _one_at_a_time.release()
    finally:
        _waiting.release()
    if sentence := reason(ended, folder):
        raise ValidationError(sentence, LATER if sentence in _LATER else None)


@dataclass(frozen=True)
class Ended:
    """The end of a child process."""

    # Its exit code, that of a signal negative; or None if it was ended by WALL_SECONDS.
    code: int | None
    # Processor time, its own and that of the processes that it started.
    seconds: float


def reason(ended: Ended, folder: Path) -> str:
    """Return the sentence that says why a child gave no answer, or "" if it gave one."""
    refused = folder / "refused"
    if ended.code is None and (folder / ANSWER).exists():
        # Read and checked; only the pictures of some pages are missing.
        logger.warning("Not all pages of a PDF could be drawn: the computer is busy.")
        return ""
    if ended.code == 0 and not refused.exists():
        return ""
    sentence = refused.read_text(encoding="utf-8")[:1000] if refused.exists() else ""
    if ended.code != 0 or not sentence:
        # The child's output could quote the document, so only the exit code is logged.
        logger.warning("The reader of a PDF ended with %s.", ended.code)
        sentence = _SENTENCES.get(ended.code, UNREADABLE)
    return sentence


OUT_OF_TIME = -signal.SIGXCPU
# By the exit code of the child; 0 is an answer that stayed empty.
_SENTENCES = {
    None: TOO_BUSY,
    0: NO_ROOM,
    NO_ROOM_STATUS: NO_ROOM,
    OUT_OF_TIME: TOO_SLOW,
    -signal.SIGKILL: BROKEN_OFF,
    -signal.SIGTERM: BROKEN_OFF,
}
_LATER = (NO_ROOM, BROKEN_OFF, TOO_BUSY)


def run_at_once(what: str, source: Path, folder: Path, *more: str) -> Ended:
    """Run the child process to its end, whatever else runs."""
    command = [sys.executable, "-I", "-c", _START, str(settings.BASE_DIR)]
    command += [str(os.getpid()), what, str(source), str(folder)]
    if more:
        (folder / ASKED).write_text(json.dumps(more), encoding="utf-8")
    process = subprocess.Popen(  # noqa: S603 - our own program with our own arguments
        command,
        cwd=folder,
        env={"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1", "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return _ended(process)
    finally:
        _end(process)


def _ended(process: subprocess.Popen[bytes]) -> Ended:
    """Wait for the end of a process, or end it after WALL_SECONDS.

    subprocess would not tell its processor time.
    """
    began = time.monotonic()
    is_late, pause = False, 0.001
    while True:
        done, status, usage = os.wait4(process.pid, os.WNOHANG)
        if done:
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds = usage.ru_utime + usage.ru_stime
            return Ended(None if is_late else process.returncode, seconds)
        if not is_late and time.monotonic() - began > WALL_SECONDS:
            is_late = True
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(pause)
        pause = min(2 * pause, 0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the child and its descendants; the process group has the child's id."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def answer_in(folder: Path) -> Reading:
    """Return what a child read into its folder. Raises ValidationError."""
    answer = folder / ANSWER
    if not answer.exists() or answer.stat().st_size > LARGEST_ANSWER:
        raise ValidationError(UNREADABLE)
    return Reading.from_json(answer.read_text(encoding="utf-8"))


def _keep(
    source: Path,
    folder: Path,
    reading: Reading,
    name: str,
    user: Any,
    cleaned_from: DocumentFile | None,
) -> DocumentFile:
    with source.open("rb") as data:
        sha256 = hashlib.file_digest(data, "sha256").hexdigest()
    kept = DocumentFile(
        original_name=_shortened(name),
        size=source.stat().st_size,
        sha256=sha256,
        taken_in_by=user,
        cleaned_from=cleaned_from,
        document=cleaned_from.document if cleaned_from else None,
    )
    fill_in(kept, reading)
    pictures, drawn = pictures_in(folder, kept)
    content = ToStore(kept.content, document_path(kept, name), source)
    try:
        with storing([content, *covers_in(folder, kept), *drawn]), transaction.atomic():
            kept.save()
            keep_pages(kept, ((page.text, page.blocks) for page in reading.pages))
            PagePicture.objects.bulk_create(pictures)
            keep_findings(kept, reading)
    except DatabaseError as error:
        fault = fault_of(error)
        if fault is None:
            raise
        logger.error("A PDF could not be kept: %s: %s.", fault.name, error)
        raise ValidationError(f"{fault.sentence} Send the file again.", LATER) from error
    return kept


def fill_in(file: DocumentFile, reading: Reading) -> None:
    file.pages = len(reading.pages)
    file.title = reading.title
    file.language = "".join(letter for letter in reading.language if letter.isprintable())
    file.is_tagged = reading.is_tagged
    file.has_text = reading.has_text


def covers_in(folder: Path, file: DocumentFile) -> list[ToStore]:
    """Return the pictures that the child drew of the first page; note their height."""
    small, large = (folder / f"cover-{width}.webp" for width in COVER_WIDTHS)
    with Image.open(small) as picture:
        file.cover_height = picture.height
    return [
        ToStore(field, cover_path(file, path.name), path)
        for field, path in ((file.cover, small), (file.large_cover, large))
    ]


def pictures_in(folder: Path, file: DocumentFile) -> tuple[list[PagePicture], list[ToStore]]:
    """Return a record, which is not saved yet, of each page that the child drew, and its picture.

    The first pages, until all pictures would have more bytes than a file may have of them.
    """
    pictures: list[PagePicture] = []
    drawn: list[ToStore] = []
    size = 0
    for number in range(1, file.pages + 1):
        path = folder / picture_name(number)
        if not path.exists():
            continue
        size += path.stat().st_size
        if size > LARGEST_PICTURES:
            break
        with Image.open(path) as opened:
            width, height = opened.size
        picture = PagePicture(file=file, number=number, width=width, height=height)
        pictures.append(picture)
        drawn.append(ToStore(picture.content, picture_path(picture, path.name), path))
    return pictures, drawn


def draw_again(file: DocumentFile) -> int:
    """Replace the pictures of the pages of a file; return how many it has now.

    Raises ValidationError.
    """
    with work_folder() as folder:
        with file.content.open("rb") as stored:
            draw(stored, folder)
        return replace_pictures(file, folder)


def replace_pictures(file: DocumentFile, folder: Path) -> int:
    """Keep what the child drew in place of what it drew before; return the number of pictures."""
    pictures, drawn = pictures_in(folder, file)
    with storing(drawn), transaction.atomic():
        old = list(file.pictures.values_list("content", flat=True))
        file.pictures.all().delete()
        PagePicture.objects.bulk_create(pictures)
    removal.remove_later(default_storage, *old)
    return len(pictures)


def all_found(reading: Reading, name: str, partnership: str, abbreviation: str = "") -> list[Found]:
    """Return what was found in a file and in the name it was sent under, for this partnership."""
    found = without_own_name(reading.found, partnership, abbreviation)
    visible_text = "\n".join([reading.title, *(page.text for page in reading.pages)])
    if sentences := revealed_by_name(name, visible_text, partnership):
        found.append(Found(Check.TELLING_FILE_NAME, None, sentences))
    return found


def found_in(file: DocumentFile, reading: Reading) -> list[Found]:
    """Return what was found in a file that is kept."""
    identity = SiteIdentity.load()
    # A copy is named by us. What the name of its original says, it says of the copy's words too.
    name = file.cleaned_from.original_name if file.cleaned_from else file.original_name
    return all_found(reading, name, identity.name, identity.abbreviation)


def keep_findings(file: DocumentFile, reading: Reading) -> None:
    found = found_in(file, reading)
    Finding.objects.bulk_create(
        [
            Finding(
                file=file,
                kind=one.check.value,
                page=one.page,
                pages=one.pages,
                details=one.details,
            )
            for one in found
        ],
        batch_size=500,
    )


def _shortened(name: str) -> str:
    """Return the name without folders, cut in the middle to the stored length."""
    plain = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable())
    return plain if len(plain) <= 250 else f"{plain[:240]}…{plain[-9:]}"
