"""What is called slow exists, nothing else is left out, and no quick test spends as much."""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from tests import budgets, conftest
from tests.conftest import SLOW, TESTS, is_slow
from tests.slow_files import LONGEST, longest_first, name_of


def test_each_name_is_that_of_one_file_or_of_folders() -> None:
    files = [path.as_posix() for path in TESTS.rglob("test_*.py")]
    found = {name: sum(f"/{name}" in file for file in files) for name in SLOW | {*LONGEST}}
    assert {name for name, number in found.items() if not number} == set()
    assert {name for name, number in found.items() if number > 1 and name.endswith(".py")} == set()


def test_folders_around_the_repository_make_nothing_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "TESTS", Path("/home/browser/documents/tests"))
    assert not is_slow(conftest.TESTS / "mscp" / "text" / "test_markdown.py")
    assert is_slow(conftest.TESTS / "reviews" / "documents" / "test_intake.py")
    assert is_slow(conftest.TESTS / "test_bench.py")


def test_the_longest_come_first_and_each_file_stays_whole() -> None:
    longest, second = (TESTS.parent / "tests" / name for name in LONGEST[:2])
    others = [TESTS / "mscp" / name for name in ("test_b.py", "test_a.py")]
    found: list[Any] = [
        SimpleNamespace(path=path, number=number)
        for number, path in enumerate([others[0], others[1], second, second, longest, others[1]])
    ]
    ordered = [(one.path, one.number) for one in longest_first(found)]
    assert ordered[:3] == [(longest, 4), (second, 2), (second, 3)]
    # Tests of files that are not long keep the order in which they were found.
    assert [number for _, number in ordered[3:]] == [0, 1, 5]


@pytest.mark.django_db
def test_a_quick_test_has_a_budget_of_pages_and_of_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = budgets.counted()
    assert budgets.beyond(before) == ""
    Client().get("/healthz")
    subprocess.run([sys.executable, "-S", "-c", ""], check=True)
    assert budgets.beyond(before) == ""
    with monkeypatch.context() as patch:
        patch.setattr(budgets, "MOST", {"pages": 0, "processes": 0})
        assert budgets.beyond(before) == "1 pages (at most 0) and 1 processes (at most 0)"


def test_who_spends_more_fails_unless_its_file_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(path: Path) -> None:
        item: Any = SimpleNamespace(path=path)
        called = conftest.pytest_runtest_call(item)
        next(called)
        with pytest.raises(StopIteration):
            called.send(None)

    with monkeypatch.context() as patch:
        patch.setattr(budgets, "MOST", {"pages": -1, "processes": 1})
        call(TESTS / "browser" / "test_header.py")
        spent = r"quick test spent 0 pages \(at most -1\)\."
        with pytest.raises(pytest.fail.Exception, match=spent):
            call(TESTS / "mscp" / "text" / "test_markdown.py")


# Each starts a browser for every worker, and a password is hashed and two pages more are loaded.
BROWSERS = {"browser/conftest.py": 1}
SIGNED_IN_BY_FORM = {"browser/test_journeys.py": 1}


def test_a_browser_is_started_once_and_people_are_signed_in_without_the_form() -> None:
    sources = {path: path.read_text() for path in TESTS.rglob("*.py") if path != Path(__file__)}

    def counted(pattern: str) -> dict[str, int]:
        found = {
            name_of(path): len(re.findall(pattern, text, re.MULTILINE))
            for path, text in sources.items()
        }
        return {name: number for name, number in found.items() if number}

    assert counted(r"\.launch\(") == BROWSERS
    assert counted(r"^def test_.*\bsign_in_by_form\b|^    sign_in_by_form: ") == SIGNED_IN_BY_FORM
