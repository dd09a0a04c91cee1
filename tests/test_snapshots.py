"""When the database of the tests is made anew."""

from pathlib import Path

import pytest

from tests import disk_cache
from tests.snapshots import NOT_IN_MIGRATIONS


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the root of a small repository, of which hashes are made."""
    (tmp_path / "site/pages").mkdir(parents=True)
    (tmp_path / "site/tables.py").write_text("a")
    (tmp_path / "site/pages/home.py").write_text("b")
    monkeypatch.setattr(disk_cache, "ROOT", tmp_path)
    return tmp_path


def key(*without: str) -> str:
    disk_cache.key_of.cache_clear()
    return disk_cache.key_of("site", without=without)


@pytest.mark.parametrize("changed", ["site/tables.py", "site/pages/home.py", "site/pages_of_us.py"])
def test_a_change_makes_another_key(root: Path, changed: str) -> None:
    before = key()
    (root / changed).write_text("another")
    assert key() != before


def test_what_changes_in_a_folder_that_is_left_out_makes_no_other_key(root: Path) -> None:
    before = key("site/pages")
    (root / "site/pages/home.py").write_text("another")
    assert key("site/pages") == before
    (root / "site/pages_of_us.py").write_text("its name only begins like that of the folder")
    assert key("site/pages") != before


@pytest.mark.parametrize("folder", NOT_IN_MIGRATIONS)
def test_no_migration_imports_from_a_folder_that_makes_no_other_database(folder: str) -> None:
    assert (disk_cache.ROOT / folder).is_dir()
    name = folder.replace("/", ".")
    found = [
        file
        for app in ("mscp", "reviews", "training")
        for file in (disk_cache.ROOT / app / "migrations").glob("*.py")
        if f"import {name}" in file.read_text() or f"from {name}" in file.read_text()
    ]
    assert found == []
