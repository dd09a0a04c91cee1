"""manage.py pdf_survey: what becomes of many PDFs, in figures, with nothing stored or quoted."""

import json
import signal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from reviews.documents.intake import Ended
from reviews.documents.survey import (
    ACCEPTED,
    BUSY,
    CRASHED,
    FAILED,
    REFUSED,
    TOO_SLOW,
    Spread,
    Surveyed,
    outcome_of,
    spread_of,
    summary_of,
    survey,
)
from reviews.models import DocumentFile, DocumentPage, Finding
from reviews.pdf.report import Check, Found
from tests.pdfs import BROKEN, HAZARDS, SECRET, clean_pdf, pdf_saying

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_readings")]

HIDDEN = next(hazard for hazard in HAZARDS if hazard.check == Check.COVERED_TEXT)
NAME = "Draft for Fiona Applewhite.pdf"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four PDFs, of which two are refused and one cannot be read, and something else."""
    (tmp_path / "more").mkdir()
    (tmp_path / "clean.pdf").write_bytes(clean_pdf())
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "gone.pdf").symlink_to(tmp_path / "nowhere")
    (tmp_path / "more" / "HIDDEN.PDF").write_bytes(HIDDEN.make())
    (tmp_path / "more" / "page.pdf").write_bytes(dict(BROKEN)["web page renamed"]())
    (tmp_path / "more" / "notes.txt").write_text("No PDF.")
    return tmp_path


def printed(folder: Path, *options: str) -> str:
    output = StringIO()
    call_command("pdf_survey", str(folder), *options, stdout=output, stderr=StringIO())
    return output.getvalue()


def test_every_pdf_below_a_folder_has_its_outcome_and_none_ends_the_survey(folder: Path) -> None:
    files = list(survey(folder, partnership=""))
    assert [(one.name, one.outcome, one.pages) for one in files] == [
        ("clean.pdf", ACCEPTED, 3),
        ("empty.pdf", REFUSED, 0),
        ("gone.pdf", FAILED, 0),
        ("more/HIDDEN.PDF", ACCEPTED, files[3].pages),
        ("more/page.pdf", REFUSED, 0),
    ]
    assert files[3].kinds()[Check.COVERED_TEXT] and not files[0].found
    assert "empty" in files[1].reason and files[2].reason == "FileNotFoundError"
    assert files[4].reason.startswith("This is not a PDF")


def test_what_is_printed_is_a_line_for_each_file_and_a_table_for_all(folder: Path) -> None:
    lines = printed(folder).splitlines()
    assert lines[0].startswith("clean.pdf: 3 pages, ")
    assert "0 to settle, 0 cleaned, 0 to know" in lines[0]
    assert "1 to settle" in lines[3] and "covered_text 1" in lines[3]
    assert lines[4].startswith("more/page.pdf: refused, ")
    assert lines[6].startswith("5 files (accepted 2, refused 2, failed 1), ")
    table = [[cell.strip() for cell in line.split("|")] for line in lines]
    assert ["", "findings to settle", "0.5", "1", "1", ""] in table
    assert ["", "covered_text", "to settle", "1", "1", ""] in table


def test_nothing_is_stored(folder: Path, uploads: Path, temporary: Path) -> None:
    printed(folder)
    assert not any(model.objects.exists() for model in (DocumentFile, DocumentPage, Finding))
    assert not [path for path in uploads.rglob("*") if path.is_file()]
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("options", [[], ["--quote"]])
def test_words_of_a_file_are_printed_only_if_asked_for(folder: Path, options: list[str]) -> None:
    written = folder / "figures.json"
    output = printed(folder, "--json", str(written), *options)
    assert (SECRET in output) == (SECRET in written.read_text()) == bool(options)
    assert "lapwing" not in output + written.read_text(), "What can be seen is never printed."


def test_the_figures_are_written_for_programs_too(folder: Path) -> None:
    written = folder / "figures.json"
    printed(folder, "--json", str(written))
    figures = json.loads(written.read_text())
    assert figures["summary"]["outcomes"] == {ACCEPTED: 2, REFUSED: 2, FAILED: 1}
    assert figures["summary"]["kinds"]["covered_text"] == [1, 1]
    hidden = figures["files"][3]
    assert (hidden["name"], hidden["kinds"]["covered_text"]) == ("more/HIDDEN.PDF", 1)
    assert hidden["severities"]["must_settle"] == 1 and "findings" not in hidden


def test_several_at_once_give_the_same(folder: Path) -> None:
    def figures_of(processes: int) -> list[Any]:
        files = survey(folder, partnership="", processes=processes)
        return [(one.name, one.outcome, one.reason, one.found) for one in files]

    assert figures_of(3) == figures_of(1)


def test_the_name_of_a_file_is_looked_at_as_at_intake(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(pdf_saying("One heron."))
    (one,) = survey(tmp_path, partnership="")
    assert one.kinds()[Check.TELLING_FILE_NAME] == 1
    (own,) = survey(tmp_path, partnership="Fiona Applewhite")
    assert own.found != one.found


@pytest.mark.parametrize(
    ("code", "refused", "outcome"),
    [
        (0, True, REFUSED),
        (None, False, BUSY),
        (-signal.SIGXCPU, False, TOO_SLOW),
        (-signal.SIGSEGV, False, CRASHED),
        (-signal.SIGKILL, False, CRASHED),
        (1, False, CRASHED),
    ],
)
def test_a_child_without_an_answer_has_an_outcome(
    code: int | None, refused: bool, outcome: str
) -> None:
    assert outcome_of(Ended(code, 1).code, refused=refused) == outcome


@pytest.mark.parametrize(
    ("numbers", "spread"),
    [
        ([], (0, 0, 0)),
        ([3], (3, 3, 3)),
        ([1, 2], (1.5, 2, 2)),
        (range(1, 11), (5.5, 9, 10)),
        (range(1, 12), (6, 10, 11)),
        ([0] * 9 + [100], (0, 0, 100)),
        ([0] * 8 + [7, 100], (0, 7, 100)),
        ([5, 1, 3], (3, 5, 5)),
    ],
)
def test_a_spread_is_the_median_nine_of_ten_and_the_most(
    numbers: Any, spread: tuple[float, float, float]
) -> None:
    assert spread_of(numbers) == Spread(*spread)


def test_a_refused_file_has_no_findings_that_would_count_as_none() -> None:
    two = [Found(Check.COVERED_TEXT, 1), Found(Check.COVERED_TEXT, 2)]
    files = [Surveyed("a", ACCEPTED, pages=4, found=two), Surveyed("b", REFUSED)]
    summary = summary_of(files)
    assert summary.by_severity["must_settle"] == Spread(2, 2, 2)
    assert (summary.files, summary.pages) == (2, 4)
    assert summary.kinds == {"covered_text": (1, 2)}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["nowhere"], "is no folder"),
        (["."], "there is no PDF"),
        ([".", "--processes", "0"], "from 1"),
        ([".", "--processes", "-2"], "from 1"),
        ([".", "--processes", "two"], "from 1"),
        ([], "folder"),
    ],
)
def test_what_cannot_be_done_is_said(
    options: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=words):
        call_command("pdf_survey", *options, stdout=StringIO(), stderr=StringIO())
