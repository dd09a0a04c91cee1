"""What is called slow exists, and a test that is in none of it is never left out."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import conftest
from tests.conftest import SLOW, TESTS, is_slow
from tests.slow_files import LONGEST, longest_first


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
