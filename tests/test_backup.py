"""A copy made as the guide to deployment says, while the site is written to, can be restored."""

import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.databases import Database, Row, empty_database
from tests.servers import ROOT
from tests.snapshots import create_migrated, migrated

pytestmark = pytest.mark.django_db

COPIES = 3
# Of each database itself: the record of its backups, and what SQLite counts for its planner.
OF_EACH = ("mscp_backup", "sqlite_")
SECTION = re.compile(r"## Backup and restore\n(.*?)\n## ", re.DOTALL)


def commands(number: int, **replaced: str) -> str:
    """Return a block of commands of the guide."""
    section = SECTION.search((ROOT / "docs" / "deployment.md").read_text())
    assert section
    block = re.findall(r"^```\n(.*?)^```$", section[1], re.DOTALL | re.MULTILINE)[number]
    script = block.replace(".venv/bin/python", shlex.quote(sys.executable))
    for theirs, ours in replaced.items():
        assert theirs in script
        script = script.replace(theirs, ours)
    return script


def shell(script: str, database: Database) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script],  # noqa: S607
        cwd=ROOT,
        env=database.surroundings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def surroundings(folder: Path) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "mscp.settings",
        "SECRET_KEY": "k" * 60,
        "DATA_DIR": str(folder),
        # No static files are collected here, and with DEBUG none are asked for.
        "DEBUG": "1",
    }


@contextmanager
def written_to(folder: Path) -> Iterator[tuple[Database, Path, subprocess.Popen[bytes]]]:
    """Yield a database that another process writes to, the list of what it confirmed, and it."""
    data = folder / "data"
    data.mkdir()
    notes = folder / "confirmed"
    with empty_database(data / "site.sqlite3", **surroundings(data)) as database:
        if connection.vendor == "sqlite":
            shutil.copyfile(migrated(), database.place)
        else:
            create_migrated(database.address.rpartition("/")[2])
        editor = subprocess.Popen(
            [sys.executable, "-m", "tests.saving", str(notes)], cwd=ROOT, env=database.surroundings
        )
        try:
            deadline = time.monotonic() + 60
            while len(confirmed(notes)) < 10:
                assert editor.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
            yield database, notes, editor
        finally:
            editor.kill()
            editor.wait()


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[tuple[Database, Path]]:
    with written_to(tmp_path) as (database, notes, editor):
        yield database, notes
        assert editor.poll() is None


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[tuple[Database, Path]]:
    """Yield a database whose writer was killed, and the folder of its data."""
    with written_to(tmp_path) as (database, _, editor):
        editor.kill()
        editor.wait()
        yield database, tmp_path / "data"


def confirmed(notes: Path) -> list[str]:
    """Return what was noted whole, the last line being written perhaps."""
    return notes.read_text().split("\n")[:-1] if notes.exists() else []


def test_a_copy_while_documents_are_saved_is_whole_and_can_be_restored(
    busy: tuple[Database, Path], tmp_path: Path
) -> None:
    database, notes = busy
    target = tmp_path / "backups"
    before = []
    for _ in range(COPIES):
        before.append(set(confirmed(notes)))
        _back_up(database, target)
    assert len(before[-1]) > len(before[0])
    restored, _ = _restored(tmp_path / "busy", target)
    assert before[-1] <= {row["title"].strip("'") for row in restored["reviews_document"]}


def test_what_is_restored_is_the_same_in_every_row_and_file(
    quiet: tuple[Database, Path], tmp_path: Path
) -> None:
    database, data = quiet
    rows, files = database.rows(), _files(data)
    assert len(files) > 10
    _back_up(database, tmp_path / "backups")
    restored, same = _restored(tmp_path / "restored", tmp_path / "backups")
    assert same == files
    for table, before in rows.items():
        if not table.startswith(OF_EACH):
            assert restored[table] == before, table


def test_a_restore_into_a_database_in_use_changes_no_file_and_says_so(
    quiet: tuple[Database, Path], tmp_path: Path
) -> None:
    database, data = quiet
    _back_up(database, tmp_path / "backups")
    damaged = max((data / "uploads").rglob("*.pdf"), key=str)
    damaged.write_bytes(b"damaged")
    rows, files = database.rows(), _files(data)
    command = commands(1, **{"/srv/backup": f"{tmp_path / 'backups'} --overwrite"})
    with database.connect() as site:
        site.execute("BEGIN")
        # As a request does: it has read, and is not done.
        site.execute("SELECT count(*) FROM reviews_document").fetchall()
        refused = shell(command, database)
        site.execute("ROLLBACK")
    assert refused.returncode == 1
    assert refused.stderr.strip().endswith("Stop the site first. Nothing was changed.")
    assert (database.rows(), _files(data)) == (rows, files)
    done = shell(command, database)
    assert done.returncode == 0, done.stderr
    assert damaged.read_bytes() != b"damaged"


def _back_up(database: Database, target: Path) -> None:
    made = shell(commands(0, **{"/srv/backup": str(target)}), database)
    assert (made.returncode, made.stderr) == (0, ""), made.stdout


def _restored(place: Path, target: Path) -> tuple[dict[str, list[Row]], dict[str, bytes]]:
    """Restore the latest backup into an empty place; return the rows and files that are there."""
    place.mkdir()
    with empty_database(place / "site.sqlite3", **surroundings(place)) as restored:
        # It fails where a document lacks its file or the database its triggers.
        done = shell(commands(1, **{"/srv/backup": str(target)}), restored)
        assert done.returncode == 0, done.stdout + done.stderr
        return restored.rows(), _files(place)


def _files(data: Path) -> dict[str, bytes]:
    uploads = data / "uploads"
    return {
        path.relative_to(uploads).as_posix(): path.read_bytes()
        for path in uploads.rglob("*")
        if path.is_file()
    }
