"""What is called slow exists, and a test that is in none of it is never left out."""

from pathlib import Path

import pytest

from tests import conftest
from tests.conftest import SLOW, TESTS, is_slow
from tests.shares import SECONDS


def test_each_name_is_that_of_one_file_or_of_folders() -> None:
    files = [path.as_posix() for path in TESTS.rglob("test_*.py")]
    found = {name: sum(f"/{name}" in file for file in files) for name in SLOW | {*SECONDS}}
    assert {name for name, number in found.items() if not number} == set()
    assert {name for name, number in found.items() if number > 1 and name.endswith(".py")} == set()


def test_folders_around_the_repository_make_nothing_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "TESTS", Path("/home/browser/documents/tests"))
    assert not is_slow(conftest.TESTS / "mscp" / "text" / "test_markdown.py")
    assert is_slow(conftest.TESTS / "reviews" / "documents" / "test_intake.py")
    assert is_slow(conftest.TESTS / "test_bench.py")
