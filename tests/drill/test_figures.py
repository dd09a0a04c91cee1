"""The figures of the drills, and the paper that shows them."""

import json
from pathlib import Path

import pytest

from drill import figures
from drill.figures import MISSED, NEVER, NOTHING, Outcome, conclude, filled, keep, remarks
from drill.promises import PROMISES

FOUND = {
    "SQLite": [Outcome("start", "1.2 s"), Outcome("restore", "130 s", ["It took 130 s."])],
    "PostgreSQL": [Outcome("start", "1.4 s")],
}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "figures.json"
    monkeypatch.setattr(figures, "KEPT", path)
    return path


@pytest.fixture
def paper() -> str:
    return figures.PAPER.read_text()


def row(paper: str, what: str) -> list[str]:
    (found,) = [line for line in filled(paper).splitlines() if line.startswith(f"| {what}")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_the_paper_is_what_the_figures_say(paper: str) -> None:
    assert filled(paper) == paper, "Write it anew: python -m drill paper."


def test_every_promise_has_a_key_of_its_own_and_a_row(paper: str) -> None:
    keys = [one.key for one in PROMISES]
    assert len(set(keys)) == len(keys)
    for one in PROMISES:
        assert f"| {one.what} | {one.promised} |" in paper, one.key


def test_a_figure_is_shown_with_its_day_and_one_that_is_missing_is_said(
    kept: Path, paper: str
) -> None:
    assert set(row(paper, "Restore of the same")[2:]) == {NEVER}
    keep(FOUND, of="A machine")
    start = row(paper, "From the start of gunicorn")
    assert start[2].startswith("1.2 s; 20") and start[3].startswith("1.4 s; 20")
    restored = row(paper, "Restore of the same")
    assert restored[2].startswith(f"130 s {MISSED}; 20") and restored[3] == NEVER
    assert row(paper, "Pages of the database file")[3] == NOTHING
    assert "- A machine" in filled(paper)
    assert "restore on PostgreSQL: not tried yet." in list(remarks())
    assert any(one.startswith("restore on SQLite: not as promised") for one in remarks())


def test_a_figure_of_an_earlier_state_of_the_site_is_said(kept: Path) -> None:
    keep(FOUND, of="A machine")
    data = json.loads(kept.read_text())
    data["start"]["SQLite"]["commit"] = "0" * 40
    kept.write_text(json.dumps(data))
    said = [one for one in remarks() if one.startswith("start on SQLite: measured")]
    assert said and "unknown commit" in said[0]


def test_a_new_figure_replaces_only_its_own(kept: Path) -> None:
    keep(FOUND, of="A machine")
    keep({"SQLite": [Outcome("start", "0.9 s")]}, of="A machine")
    data = json.loads(kept.read_text())
    assert data["start"]["SQLite"]["figure"] == "0.9 s"
    assert data["start"]["PostgreSQL"]["figure"] == "1.4 s" and "restore" in data


def test_the_exit_status_says_whether_all_is_as_promised(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert conclude({"SQLite": FOUND["SQLite"][:1]}, record=False, of="") == 0
    assert conclude(FOUND, record=False, of="") == 1
    printed = capsys.readouterr().out
    assert "SQLite, restore: It took 130 s." in printed and not kept.exists()
