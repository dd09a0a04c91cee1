"""Limits of the child: of processor time, so that a busy machine reads and draws as an idle one."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from reviews.documents import intake
from reviews.documents.intake import Ended, reason, run_at_once
from reviews.pdf.report import ANSWER
from tests.pdfs import pdf_saying, text_pdf

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")

# A clock on the wall that goes ten thousand times as fast for the child as for everybody else: it
# gets next to no processor. What it has used of it, the system counts as always.
ON_A_BUSY_MACHINE = """
import time
for name in ("monotonic", "perf_counter", "time"):
    setattr(time, name, lambda told=getattr(time, name): 10_000 * told())
"""


@pytest.fixture(scope="module")
def pages() -> bytes:
    """Enough pages for two processes."""
    return text_pdf(8)


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Path]:
    """Yield new folders of a work folder."""
    return (_made(tmp_path / str(number)) for number in range(9))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def made_of(what: str, data: bytes, folder: Path) -> dict[str, bytes]:
    """Return all that the child makes of a file, by name."""
    source = folder / "source.pdf"
    source.write_bytes(data)
    assert run_at_once(what, source, folder).code == 0
    source.unlink()
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "pages"}


@pytest.mark.parametrize("what", ["intake", "clean"])
def test_a_busy_machine_makes_of_a_file_what_an_idle_one_does(
    what: str, pages: bytes, folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = made_of(what, pages, next(folders))
    monkeypatch.setattr(intake, "_START", ON_A_BUSY_MACHINE + intake._START)
    busy = made_of(what, pages, next(folders))
    assert len(idle) == {"intake": 8 + 3, "clean": 1}[what]
    assert busy == idle and b"not_checked" not in busy.get(ANSWER, b"")


@on_linux
def test_what_was_read_is_kept_if_the_machine_is_too_busy_to_draw(
    pages: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def halt_once_read() -> None:
        while not (tmp_path / ANSWER).exists():
            time.sleep(0.001)
        (child,) = Path(f"/proc/self/task/{main_thread}/children").read_text().split()[-1:]
        os.killpg(int(child), signal.SIGSTOP)
        monkeypatch.setattr(intake, "WALL_SECONDS", 0)

    main_thread = os.getpid()
    with ThreadPoolExecutor(1) as pool:
        halted = pool.submit(halt_once_read)
        reading = intake.read(ContentFile(pages), tmp_path)
        halted.result()
    assert len(reading.pages) == 8
    assert len(list(tmp_path.glob("page-*.webp"))) < 8


def test_the_end_of_a_child_tells_how_much_of_the_processor_it_used(tmp_path: Path) -> None:
    (tmp_path / "file.pdf").write_bytes(pdf_saying("One heron."))
    before = os.times()
    ended = run_at_once("read", tmp_path / "file.pdf", tmp_path)
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    assert ended == Ended(0, seconds=pytest.approx(used, abs=0.03)) and used > 0.1


@pytest.mark.parametrize(
    ("code", "left", "sentence"),
    [
        (0, [], ""),
        (0, [ANSWER], ""),
        (0, ["refused"], "Refused."),
        (None, [ANSWER], ""),
        (None, [], intake.TOO_BUSY),
        (None, [f"{ANSWER}.part"], intake.TOO_BUSY),
        (-signal.SIGXCPU, [], intake.TOO_SLOW),
        (-signal.SIGKILL, [ANSWER], intake.BROKEN_OFF),
        (-signal.SIGSEGV, [], intake.UNREADABLE),
        (1, [], intake.UNREADABLE),
    ],
)
def test_each_end_of_a_child_has_its_sentence(
    code: int | None, left: list[str], sentence: str, tmp_path: Path
) -> None:
    for name in left:
        (tmp_path / name).write_text("Refused.")
    assert reason(Ended(code, seconds=1), tmp_path) == sentence


def test_only_processor_time_is_said_to_be_too_long() -> None:
    """By the clock nothing takes too long: the computer is busy, and the file may come again."""
    assert "processor time" in intake.TOO_SLOW
    for word in ("too long", "took", "parts"):
        assert word not in intake.TOO_BUSY
    assert "busy" in intake.TOO_BUSY and "again" in intake.TOO_BUSY
