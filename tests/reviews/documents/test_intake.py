"""What becomes of a PDF that is sent: read by a child process, checked, and kept or refused."""

import hashlib
import io
import json
import os
import random
import re
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from glob import glob
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.db.models.signals import post_save, pre_save
from PIL import Image

from mscp.files.removal import marked
from reviews.documents import intake
from reviews.documents.file_names import revealed_by_name
from reviews.documents.intake import fill_in, keep_findings, take_in
from reviews.documents.work_folders import sweep
from reviews.findings import PRIVACY, explained
from reviews.models import DocumentFile, DocumentPage, Finding, keep_pages
from reviews.pdf.report import Reading
from reviews.uploads import LARGEST_FILE
from tests.conftest import NOW
from tests.factories import make_user
from tests.pdfs import (
    BROKEN,
    FINE,
    HAZARDS,
    REPAIRABLE,
    SECRET,
    Hazard,
    clean_pdf,
    pdf_saying,
    text_pdf,
)
from tests.pdfs.broken import PAGE, raw, stream
from tests.pdfs.builder import edited
from tests.reviews.reading_many import read_many

# One file for each of these goes the whole way; the others are only read.
WHOLE_WAY = {
    "names_in_properties",
    "covered_text",
    "invisible_text",
    "earlier_revision",
    "picture_data",
    "no_tags",
}
ONE_OF_EACH = {h.check: h for h in reversed(HAZARDS) if h.check in WHOLE_WAY}.values()
TOO_LARGE_TO_SEND = "more than fifty megabytes"
HALF = "half a character"
ODD_TITLES = {
    "very long": "A title without an end " * 100,
    "a nought in it": "Before\x00after",
    "control characters": "One\x07\x1btwo\nthree",
    "right to left": "abc\u202edef",
    HALF: "",
}
SENTENCE = re.compile(r"[A-Z][^\n]{15,300}\.")


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading | str]:
    """Everything of the corpus, as the child tells it."""
    files = {hazard.name: hazard.make() for hazard in HAZARDS}
    files |= {name: make() for name, make in FINE + BROKEN + REPAIRABLE}
    del files[TOO_LARGE_TO_SEND]
    return read_many(files)


@pytest.fixture(scope="module")
def oddly_titled() -> dict[str, Reading | str]:
    files = {name: titled(title) for name, title in ODD_TITLES.items()}
    return read_many(files)


def titled(title: str) -> bytes:
    def edit(pdf: pikepdf.Pdf) -> None:
        if title:
            pdf.docinfo.Title = title
            pdf.Root.Lang = pikepdf.String(title)
        else:
            # UTF-16 with one half of a pair: no database takes it.
            half = pikepdf.String(b"\xfe\xff\xd8\x00\x00A")
            pdf.docinfo.Title = pdf.docinfo.Author = half

    return edited(clean_pdf(), edit)


def named(files: Any) -> Any:
    return pytest.mark.parametrize("name", [name for name, _ in files])


def sent(data: bytes, name: str = "report.pdf", **more: Any) -> DocumentFile:
    return take_in(ContentFile(data, name=name), name=name, **more)


def kept_of(reading: Any) -> DocumentFile:
    """Keep in the database what was read, without the way of the file itself."""
    assert isinstance(reading, Reading), reading
    file = DocumentFile(original_name="report.pdf", size=1, sha256="0" * 64)
    fill_in(file, reading)
    file.save()
    keep_pages(file, ((page.text, page.blocks) for page in reading.pages))
    keep_findings(file, reading)
    return DocumentFile.objects.get(pk=file.pk)


@pytest.fixture
def keep(db: None) -> Any:
    return kept_of


def found_in(file: DocumentFile) -> list[tuple[str, int | None]]:
    """Return what was found but for the words beside the pages, which most files have."""
    findings = file.findings.exclude(kind="words_on_no_page")
    return [(finding.kind, finding.page) for finding in findings]


def everything_said(file: DocumentFile) -> str:
    return "".join(p.text + json.dumps(p.blocks) for p in file.text_pages.all())


def stored_files(uploads: Path) -> list[Path]:
    return [path for path in uploads.rglob("*") if path.is_file()]


def nothing_stays(uploads: Path, temporary: Path) -> bool:
    rows = [m.objects.exists() for m in (DocumentFile, DocumentPage, Finding)]
    return not any(rows) and not stored_files(uploads) and not list(temporary.iterdir())


# --- what is found ----------------------------------------------------------------------------


@pytest.mark.one_database
@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.name)
def test_a_hazard_is_found_once_and_its_secret_is_not_kept(
    hazard: Hazard, readings: dict[str, Any], keep: Any
) -> None:
    file = keep(readings[hazard.name])
    assert found_in(file) == [(hazard.check, hazard.page)]
    assert file.pages == file.text_pages.count() == hazard.pages
    assert file.open_findings().exists() is (hazard.check in PRIVACY)
    if hazard.secret:
        said = " ".join(everything_said(file).split())
        assert hazard.secret not in said and hazard.secret.replace(" ", "") not in said
    if hazard.check != "no_text":
        assert "Page two speaks of a heron." in file.text_pages.get(number=2).text


@pytest.mark.django_db
@pytest.mark.parametrize("hazard", ONE_OF_EACH, ids=lambda hazard: hazard.check)
def test_a_hazard_is_found_the_whole_way_through(hazard: Hazard, temporary: Path) -> None:
    file = sent(hazard.make())
    assert found_in(file) == [(hazard.check, hazard.page)]
    assert SECRET not in everything_said(file)
    finding = file.findings.exclude(kind="words_on_no_page").get()
    assert finding.blocks is (hazard.check in PRIVACY)
    assert not finding.accepted_sha256 and finding.explanation.advice
    # A download is still the very file that was sent.
    with file.content.open() as stored:
        assert stored.read() == hazard.make()
    assert not list(temporary.iterdir())


def test_every_check_has_its_words_and_its_weight() -> None:
    for hazard in HAZARDS:
        assert explained(hazard.check).title != hazard.check
    for_readers = {"no_tags", "no_language", "no_title", "no_bookmarks", "no_text"}
    assert {h.check for h in HAZARDS} - PRIVACY == for_readers
    assert {"telling_file_name", "not_checked"} <= PRIVACY
    assert not {"copying_forbidden", "repaired"} & PRIVACY


@pytest.mark.one_database
@named(FINE)
def test_nothing_about_privacy_is_found_in_a_harmless_file(
    name: str, readings: dict[str, Any], keep: Any
) -> None:
    file = keep(readings[name])
    assert not file.findings.filter(kind__in=PRIVACY).exists()
    assert file.verdict["kind"] == "clean"


# --- what is refused --------------------------------------------------------------------------


@named([(name, make) for name, make in BROKEN if name != TOO_LARGE_TO_SEND])
def test_a_broken_file_is_refused_in_a_sentence(name: str, readings: dict[str, Any]) -> None:
    refusal = readings[name]
    assert isinstance(refusal, str) and SENTENCE.fullmatch(refusal), refusal
    assert "Error" not in refusal and "/" not in refusal


REFUSED_THE_WHOLE_WAY = [
    "nothing",
    "photo renamed",
    "upload cut off at 60 percent",
    "password needed aes",
    "form that draws itself twice",
    "content that unpacks to a gigabyte",
    "five thousand pages",
    TOO_LARGE_TO_SEND,
]


@pytest.mark.django_db
@pytest.mark.parametrize("name", REFUSED_THE_WHOLE_WAY)
def test_nothing_stays_of_what_is_refused(name: str, uploads: Path, temporary: Path) -> None:
    with pytest.raises(ValidationError) as refused:
        sent(dict(BROKEN)[name]())
    (sentence,) = refused.value.messages
    assert SENTENCE.match(sentence)
    assert nothing_stays(uploads, temporary)


@pytest.mark.django_db
def test_the_size_is_looked_at_before_the_file_is(uploads: Path, temporary: Path) -> None:
    class Untouched(File):
        size = LARGEST_FILE + 1

    with pytest.raises(ValidationError, match="50 MB"):
        take_in(Untouched(None), name="report.pdf")
    assert nothing_stays(uploads, temporary)


# --- what is repaired -------------------------------------------------------------------------


@pytest.mark.one_database
@named(REPAIRABLE)
def test_what_lost_its_way_is_read_and_called_repaired(
    name: str, readings: dict[str, Any], keep: Any
) -> None:
    assert found_in(keep(readings[name])) == [("repaired", None)]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["all places wrong", "blank lines before the start"])
def test_of_what_is_repaired_the_repaired_copy_is_kept(name: str) -> None:
    data = dict(REPAIRABLE)[name]()
    file = sent(data)
    assert found_in(file) == [("repaired", None)]
    with file.content.open() as stored:
        kept = stored.read()
    assert kept != data and kept.startswith(b"%PDF-")
    assert file.sha256 == hashlib.sha256(kept).hexdigest() == file.stored_sha256()
    assert file.size == len(kept)
    with pikepdf.open(io.BytesIO(kept)) as pdf:
        assert len(pdf.pages) == 3 and not pdf.check_pdf_syntax() and not pdf.get_warnings()
    assert "Page two speaks of a heron." in file.text_pages.get(number=2).text


# --- what is kept -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_all_that_is_known_of_a_file_is_kept(uploads: Path, temporary: Path) -> None:
    data, user = clean_pdf(), make_user()
    file = DocumentFile.objects.get(pk=sent(data, "Learning.pdf", user=user).pk)
    assert (file.pages, file.size) == (3, len(data))
    assert file.sha256 == hashlib.sha256(data).hexdigest() == file.stored_sha256()
    assert (file.title, file.language) == ("Learning from Elm House", "en-GB")
    assert file.is_tagged and file.has_text
    assert file.original_name == "Learning.pdf"
    assert (file.taken_in_by, file.taken_in_at) == (user, NOW)
    assert file.document is None and file.cleaned_from is None and not file.is_current
    pages = list(file.text_pages.all())
    assert [page.number for page in pages] == [1, 2, 3]
    assert "Page one speaks of a lapwing." in pages[0].text
    assert "Page three speaks of a kestrel." in pages[2].text
    assert pages[1].blocks[0]["kind"] == "heading" and pages[1].blocks[0]["text"] == "Part two"
    assert not file.findings.exists() and file.verdict["kind"] == "clean"
    with file.content.open() as stored:
        assert stored.read() == data
    assert len(stored_files(uploads)) == 6
    assert not list(temporary.iterdir())


@pytest.mark.django_db
def test_the_covers_show_the_first_page_and_tell_nothing_else() -> None:
    file = sent(clean_pdf())
    with pypdfium2.PdfDocument(clean_pdf()) as pdf:
        width, height = pdf[0].get_size()
    for field, wide in ((file.cover, 160), (file.large_cover, 480)):
        with field.open() as stored, Image.open(stored) as cover:
            assert cover.format == "WEBP"
            assert cover.size == (wide, round(wide * height / width))
            assert not cover.getexif() and not {"exif", "xmp"} & set(cover.info)
            darkest, lightest = cover.convert("L").getextrema()
            assert darkest < 128 and lightest > 240
    assert file.cover_height == round(160 * height / width)


@pytest.mark.django_db
def test_the_names_in_the_storage_are_random(uploads: Path) -> None:
    names = set()
    for _ in range(2):
        file = sent(clean_pdf(), "Sampleperson.pdf")
        names |= {file.content.name, file.cover.name, file.large_cover.name}
        names |= {picture.content.name for picture in file.pictures.all()}
    assert len(names) == 12
    for name in names:
        assert re.fullmatch(
            r"(documents/[0-9a-f]{32}\.pdf|(covers|pages)/[0-9a-f]{32}\.webp)", name
        )
    assert {path.relative_to(uploads).as_posix() for path in stored_files(uploads)} == names


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("C:\\Users\\jo\\Desktop\\draft \x00\nr\u202e 报告.pdf", "draft r 报告.pdf"),
        ("x" * 300 + "-end.pdf", "x" * 240 + "…" + "x-end.pdf"),
        ("", ""),
    ],
)
def test_a_file_keeps_the_plain_name_it_was_sent_under(name: str, kept: str) -> None:
    file = DocumentFile.objects.get(pk=take_in(ContentFile(clean_pdf()), name=name).pk)
    assert file.original_name == kept
    file.full_clean(exclude=["original_name"])


@pytest.mark.django_db
def test_a_telling_name_is_a_finding_and_one_in_the_text_is_none() -> None:
    name = "Report - Tamsin Sampleperson DRAFT.pdf"
    finding = sent(clean_pdf(), name).findings.get()
    assert (finding.kind, finding.page, finding.blocks) == (
        "telling_file_name",
        None,
        True,
    )
    all_details = " ".join(finding.details)
    assert "a draft" in all_details and "Tamsin Sampleperson" in all_details
    said = pdf_saying("Tamsin Sampleperson wrote this.")
    assert not sent(said, "Report - Tamsin Sampleperson.pdf").findings.exists()


@pytest.mark.one_database
def test_a_scan_is_kept_without_text(readings: dict[str, Any], keep: Any) -> None:
    file = keep(readings["nothing but scanned pages"])
    assert not file.has_text and file.pages == 3
    assert not any(page.text or page.blocks for page in file.text_pages.all())
    assert found_in(file) == [("no_text", None)]
    mixed = keep(readings["one scanned page among others"])
    assert mixed.has_text and found_in(mixed) == [("no_text", 2)]


@pytest.mark.one_database
@pytest.mark.parametrize("name", ["printed to pdf without tags", "language not given"])
def test_what_is_missing_for_readers_is_kept_as_missing(
    name: str, readings: dict[str, Any], keep: Any
) -> None:
    file = keep(readings[name])
    assert file.is_tagged is (name != "printed to pdf without tags")
    assert bool(file.language) is (name != "language not given")


@pytest.mark.parametrize("name", ODD_TITLES)
def test_no_title_or_language_is_too_odd_to_be_kept(
    name: str, oddly_titled: dict[str, Any], keep: Any
) -> None:
    file = keep(oddly_titled[name])
    file.refresh_from_db()
    assert len(file.title) <= 250 and len(file.language) <= 35
    assert "\x00" not in file.title + file.language
    if name == HALF:
        assert found_in(file) == [("names_in_properties", None)]


# --- limits -----------------------------------------------------------------------------------

PROC = Path("/proc/self/environ")
on_linux = pytest.mark.skipif(not PROC.exists(), reason="looks at processes in /proc")


class Watch(threading.Thread):
    """Looks, again and again, at the processes that work in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder = str(folder).encode()
        self.most = 0
        self.environments: set[bytes] = set()
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.03):
            running = self.running()
            self.most = max(self.most, len(set(groups_of(running))))
            for process in running:
                try:
                    environment = (process / "environ").read_bytes()
                except OSError:
                    continue
                self.environments.add(environment)

    def running(self) -> list[Path]:
        found = []
        for process in descendants(os.getpid()):
            try:
                command = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if self.folder in command and b"reviews.pdf.child" in command:
                found.append(process)
        return found


def groups_of(processes: list[Path]) -> Iterator[int]:
    """Yield the process group of each that still runs: one for each reading."""
    for process in processes:
        with suppress(ProcessLookupError):
            yield os.getpgid(int(process.name))


def descendants(process: int) -> Iterator[Path]:
    """Yield the processes that a process started, and those that these started.

    To look at every process of the machine would take most of the time of a test.
    """
    for thread in glob(f"/proc/{process}/task/*/children"):
        try:
            children = Path(thread).read_text().split()
        except OSError:
            continue
        for child in children:
            yield Path(f"/proc/{child}")
            yield from descendants(int(child))


@pytest.fixture
def watch(temporary: Path) -> Iterator[Watch]:
    watch = Watch(temporary)
    watch.start()
    yield watch
    watch.over.set()
    watch.join()


# Enough for two processes that both read when they are looked for.
PAGES_FOR_A_WHILE = 20


def at_work(watch: Watch) -> list[int]:
    """Wait until a child and its helper are reading; return their process ids, child first."""
    end = time.perf_counter() + 20
    while time.perf_counter() < end:
        processes = sorted(int(process.name) for process in watch.running())
        if len(processes) == 2:
            return processes
        time.sleep(0.01)
    raise AssertionError("Nobody began to read.")


def wait_until_nobody_reads(watch: Watch) -> None:
    end = time.perf_counter() + 5
    while watch.running() and time.perf_counter() < end:
        time.sleep(0.02)
    assert not watch.running()


@contextmanager
def while_reading(watch: Watch, act: Callable[[list[int]], None]) -> Iterator[None]:
    with ThreadPoolExecutor(1) as pool:
        acted = pool.submit(lambda: act(at_work(watch)))
        yield
        acted.result()


def kill_child(processes: list[int]) -> None:
    os.kill(processes[0], signal.SIGKILL)


def kill_helper(processes: list[int]) -> None:
    os.kill(processes[1], signal.SIGKILL)


def use_up_time_of_child(processes: list[int]) -> None:
    resource.prlimit(processes[0], resource.RLIMIT_CPU, (0, 60))


def use_up_time_of_helper(processes: list[int]) -> None:
    resource.prlimit(processes[1], resource.RLIMIT_CPU, (0, 60))


def halt(processes: list[int]) -> None:
    for process in processes:
        os.kill(process, signal.SIGSTOP)


@on_linux
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (kill_child, intake.BROKEN_OFF),
        (kill_helper, intake.BROKEN_OFF),
        (use_up_time_of_child, intake.TOO_SLOW),
        (use_up_time_of_helper, intake.TOO_SLOW),
        (halt, intake.TOO_BUSY),
    ],
)
def test_what_ended_a_reading_is_named_and_nothing_stays(
    act: Callable[[list[int]], None],
    sentence: str,
    watch: Watch,
    uploads: Path,
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if act is halt:
        monkeypatch.setattr(intake, "WALL_SECONDS", 5)
    with while_reading(watch, act), pytest.raises(ValidationError) as refused:
        sent(text_pdf(PAGES_FOR_A_WHILE))
    assert refused.value.messages == [sentence]
    wait_until_nobody_reads(watch)
    assert nothing_stays(uploads, temporary)


@on_linux
@pytest.mark.django_db
def test_a_reading_that_gets_no_processor_for_a_while_is_waited_for(watch: Watch) -> None:
    def pause(processes: list[int]) -> None:
        halt(processes)
        time.sleep(1)
        for process in processes:
            os.kill(process, signal.SIGCONT)

    with while_reading(watch, pause):
        assert sent(text_pdf(PAGES_FOR_A_WHILE)).pages == PAGES_FOR_A_WHILE


READING = """
import sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.core.files import File
from reviews.documents import intake

settings.FILE_UPLOAD_TEMP_DIR = Path(sys.argv[1])
with open(sys.argv[2], "rb") as file, intake.work_folder() as folder:
    print("begun", flush=True)
    intake.read(File(file), folder)
print("read", flush=True)
"""


@contextmanager
def another_server(temporary: Path, source: Path, **more: Any) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", READING, str(temporary), str(source)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True, **more
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@on_linux
def test_a_folder_of_a_killed_server_is_swept_and_one_in_use_is_not(
    watch: Watch, temporary: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source.pdf"
    source.write_bytes(text_pdf(PAGES_FOR_A_WHILE))
    with another_server(temporary, source) as server:
        at_work(watch)
        (folder,) = temporary.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert sweep() == [] and (folder / "file.pdf").exists()
        server.send_signal(signal.SIGKILL)
        server.wait()
    wait_until_nobody_reads(watch)
    assert (folder / "file.pdf").exists()
    assert sweep() == [folder.name]
    assert not list(temporary.iterdir())


@pytest.mark.django_db
def test_the_next_reading_sweeps_what_a_killed_one_left(temporary: Path) -> None:
    left = temporary / "learning-pdf-left"
    left.mkdir()
    (left / "file.pdf").write_bytes(b"%PDF-1.4")
    sent(clean_pdf())
    assert not list(temporary.iterdir())


def test_an_upload_that_a_killed_server_left_is_swept_by_age(temporary: Path) -> None:
    old, new = temporary / "tmpa.upload.pdf", temporary / "tmpb.upload.pdf"
    for upload in (old, new):
        upload.write_bytes(b"%PDF-1.4")
    for upload, hours in ((old, 2), (new, 0)):
        moment = NOW.timestamp() - hours * 3600
        os.utime(upload, (moment, moment))
    assert sweep() == [old.name]
    assert new.exists()


READING_WITHOUT_ROOM = """
import json
import resource
import sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from reviews.documents import intake

settings.FILE_UPLOAD_TEMP_DIR = Path(sys.argv[1])
said = []
for largest in json.loads(sys.argv[3]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    try:
        with open(sys.argv[2], "rb") as file, intake.work_folder() as folder:
            intake.read(File(file), folder)
    except ValidationError as error:
        said.append(error.messages)
print(json.dumps(said))
"""


@on_linux
def test_a_full_temporary_folder_is_explained(temporary: Path, tmp_path: Path) -> None:
    """Each file may have so many bytes only: what a process sees of a full disk, for any user."""
    source = tmp_path / "source.pdf"
    source.write_bytes(text_pdf(20))
    # No file, a part of the file, and the file without the answer of the child.
    sizes = [0, 1000, source.stat().st_size + 1]
    done = subprocess.run(
        [
            *(sys.executable, "-c", READING_WITHOUT_ROOM),
            *(str(temporary), str(source), json.dumps(sizes)),
        ],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[intake.NO_ROOM]] * len(sizes)
    assert not list(temporary.iterdir())


@on_linux
@pytest.mark.django_db
def test_the_child_sees_no_secret_of_the_server(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://someone:word@127.0.0.1/site")
    assert os.environ["SECRET_KEY"]
    sent(text_pdf(10))
    assert watch.environments
    for environment in watch.environments:
        names = {item.partition(b"=")[0] for item in environment.split(b"\0") if item}
        assert names <= {b"LANG", b"MALLOC_ARENA_MAX", b"TMPDIR", b"LC_CTYPE"}


def limited(program: str) -> subprocess.CompletedProcess[str]:
    command = f"import sys; sys.path.insert(0, {str(settings.BASE_DIR)!r})\n"
    command += f"from reviews.pdf.limits import set_limits\nset_limits()\n{program}"
    return subprocess.run(
        [sys.executable, "-I", "-c", command], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("bytearray(1 << 30)", "MemoryError"),
        ("files = [open('/dev/null') for _ in range(80)]", "Too many open files"),
        ("import resource as r; r.setrlimit(r.RLIMIT_AS, (1 << 32, 1 << 32))", "ValueError"),
    ],
)
def test_a_limit_holds_and_is_not_lifted(program: str, says: str) -> None:
    done = limited(program)
    assert done.returncode == 1 and says in done.stderr


def test_the_limits_leave_room_for_ordinary_work() -> None:
    assert limited("bytearray(1 << 28)").returncode == 0


@pytest.mark.django_db
def test_a_picture_of_a_thousand_million_dots_swells_nothing(
    uploads: Path, temporary: Path
) -> None:
    """16 GB if it were unpacked; it may be refused or left out, but the site goes on."""
    dots = stream(
        b"x\x9c" + bytes(100),
        b"/Type /XObject /Subtype /Image /Width 65000 /Height 65000 /ColorSpace /DeviceRGB"
        b" /BitsPerComponent 8 /Filter /FlateDecode",
    )
    try:
        file = sent(raw({3: PAGE, 4: stream(b"q 500 0 0 500 40 200 cm /X Do Q"), 5: dots}))
    except ValidationError:
        assert nothing_stays(uploads, temporary)
    else:
        assert file.pages == 1


@pytest.mark.django_db
def test_a_child_that_crashes_is_a_refusal_and_tells_only_its_code(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, temporary: Path
) -> None:
    source = temporary / "file.pdf"
    source.write_bytes(clean_pdf())
    with pytest.raises(ValidationError, match="could not be read"):
        intake.run_child("read", temporary / "missing.pdf", temporary)
    assert [r.getMessage() for r in caplog.records] == ["The reader of a PDF ended with 1."]


@pytest.mark.django_db
def test_two_files_at_a_time_are_read_one_after_the_other(watch: Watch, temporary: Path) -> None:
    done: list[Any] = []

    def read() -> None:
        with tempfile.TemporaryDirectory(dir=temporary) as folder:
            reading = intake.read(ContentFile(clean_pdf()), Path(folder))
            done.append(len(reading.pages))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [3, 3]
    assert watch.most == 1


# --- nothing is left behind -------------------------------------------------------------------


@pytest.mark.django_db
def test_what_the_database_refuses_leaves_no_file(uploads: Path, temporary: Path) -> None:
    nobody = make_user()
    nobody.delete()
    with pytest.raises(ValueError, match="unsaved"):
        sent(clean_pdf(), user=nobody)
    assert nothing_stays(uploads, temporary)


@pytest.mark.django_db
@pytest.mark.parametrize("sender", [pre_save, post_save])
def test_a_failure_on_the_way_leaves_no_file_and_no_row(
    sender: Any, uploads: Path, temporary: Path
) -> None:
    def fail(**kwargs: Any) -> None:
        # Everything was written by now.
        stored = [path for path in stored_files(uploads) if path.parent.name != "removed"]
        # The file, two covers, and a picture of each page.
        assert len(stored) == len(set(marked())) == 6
        raise RuntimeError("the database is gone")

    sender.connect(fail, sender=DocumentFile)
    try:
        with pytest.raises(RuntimeError, match="the database is gone"):
            sent(clean_pdf())
    finally:
        sender.disconnect(fail, sender=DocumentFile)
    assert nothing_stays(uploads, temporary)


@pytest.mark.django_db
def test_a_file_of_noise_is_refused_and_leaves_nothing(uploads: Path, temporary: Path) -> None:
    noise = random.Random(7).randbytes(20_000)
    with pytest.raises(ValidationError):
        sent(b"%PDF-1.7\n" + noise + b"\n%%EOF\n")
    assert nothing_stays(uploads, temporary)


# --- what a name tells ------------------------------------------------------------------------

TELLING = [
    ("LCSPR Child M DRAFT v3.pdf", "a draft"),
    ("report_draft.pdf", "a draft"),
    ("Report (tracked changes).pdf", "with tracked changes"),
    ("Report - CONFIDENTIAL.pdf", "confidential"),
    ("report-unredacted.pdf", "not redacted"),
    ("Annotated report.PDF", "annotated"),
    ("report.with.comments.pdf", "with comments"),
    ("embargoed_report.pdf", "under embargo"),
    ("Internal version.pdf", "internal"),
    ("Report DOB 12.03.2014.pdf", "a date of birth"),
    ("Child born 2014.pdf", "a date of birth"),
    ("Review 943 476 5919.pdf", "a number of a person"),
    ("Review 943-476-5919.pdf", "a number of a person"),
    ("review jo@example.org.pdf", "an e-mail address"),
    ("Tamsin Sampleperson.pdf", "Tamsin Sampleperson"),
    ("SCR Tamsin Sampleperson final.pdf", "Tamsin Sampleperson"),
    ("review_Tamsin_Sampleperson.pdf", "Tamsin Sampleperson"),
    ("Tamsin O'Sample report.pdf", "Tamsin O'Sample"),
    ("TAMSIN SAMPLEPERSON.pdf", "TAMSIN SAMPLEPERSON"),
    ("C:\\Users\\x\\Tamsin Sampleperson.pdf", "Tamsin Sampleperson"),
    ("Zoë Łukasz.pdf.pdf", "Zoë Łukasz"),
]
PLAIN = [
    "report.pdf",
    "",
    ".pdf",
    "LCSPR Vamp.pdf",
    "Vamp (Child M).pdf",
    "Child M - Local Child Safeguarding Practice Review - Final Report.pdf",
    "MSCP Annual Report 2024-25.pdf",
    "Serious Case Review Overview Report July 2021.pdf",
    "Executive Summary v2.0 FINAL.pdf",
    "7_minute_briefing_neglect.pdf",
    "Response of the Safeguarding Partnership.pdf",
    "National Review - Child Protection in England.pdf",
    "2024-05-16.pdf",
    "Redacted version for publication.pdf",
    "20140312-report.pdf",
    "reborn and draughty.pdf",
]


@pytest.mark.parametrize(("name", "tells"), TELLING)
def test_a_name_that_tells(name: str, tells: str) -> None:
    (revealed,) = revealed_by_name(name, "Nothing of the kind.")
    assert tells in revealed and revealed.startswith("“")
    assert "Users" not in revealed and not revealed.lower().endswith(".pdf”")


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_name_tells_nothing(name: str) -> None:
    assert revealed_by_name(name, "") == []


def test_a_name_the_document_gives_itself_tells_nothing_new() -> None:
    name = "Tamsin Sampleperson and Alex Otherperson.pdf"
    (both,) = revealed_by_name(name, "")
    assert "Tamsin Sampleperson, Alex Otherperson" in both
    (one,) = revealed_by_name(name, "By Alex\nOtherperson, reviewer")
    assert "Tamsin" in one and "Otherperson," not in one
    assert revealed_by_name(name, "SAMPLEPERSON, Tamsin; Otherperson, Alex") == []


def test_the_partnership_is_no_person() -> None:
    name = "Nordmoor Fells Review.pdf"
    assert revealed_by_name(name, "", "Nordmoor Fells Safeguarding Partnership") == []
    assert revealed_by_name(name, "", "Anytown Safeguarding Partnership") != []


def test_a_draft_is_named_whatever_the_document_says() -> None:
    assert revealed_by_name("draft.pdf", "This is a draft.") != []


def test_all_that_a_name_tells_is_named() -> None:
    revealed = revealed_by_name("DRAFT Tamsin Sampleperson born 2014 943 476 5919.pdf", "")
    assert len(revealed) == 4
