"""A copy made as the guide to deployment says, while the site is written to, can be restored."""

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from tests.databases import Database, empty_database
from tests.servers import ROOT
from tests.snapshots import create_migrated, migrated

pytestmark = pytest.mark.django_db

COPIES = 3
VENDORS = {"SQLite": "sqlite", "PostgreSQL": "postgresql"}
SECTION = re.compile(r"## Backup and restore\n(.*?)\n## ", re.DOTALL)


def commands(number: int, **replaced: str) -> str:
    """Return a block of commands of the guide, for this kind of database."""
    section = SECTION.search((ROOT / "docs" / "deployment.md").read_text())
    assert section
    block = re.findall(r"^```\n(.*?)^```$", section[1], re.DOTALL | re.MULTILINE)[number]
    chosen, lines = True, []
    for line in block.splitlines():
        if line.startswith("# "):
            vendor = VENDORS.get(line[2:].partition(",")[0])
            chosen = vendor in (None, connection.vendor)
        elif chosen:
            lines.append(line)
    script = "\n".join(lines).replace(".venv/bin/python", shlex.quote(sys.executable))
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


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[tuple[Database, Path]]:
    """Yield a database that another process writes to, and the list of what it has confirmed."""
    data = tmp_path / "data"
    data.mkdir()
    notes = tmp_path / "confirmed"
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
            yield database, notes
            assert editor.poll() is None
        finally:
            editor.kill()
            editor.wait()


def confirmed(notes: Path) -> list[str]:
    """Return what was noted whole, the last line being written perhaps."""
    return notes.read_text().split("\n")[:-1] if notes.exists() else []


def test_a_copy_while_documents_are_saved_is_whole_and_can_be_restored(
    busy: tuple[Database, Path], tmp_path: Path
) -> None:
    database, notes = busy
    before = []
    for number in range(COPIES):
        before.append(set(confirmed(notes)))
        to = str(tmp_path / str(number))
        copied = shell(commands(0, **{"/srv/backup/$(date +%F-%H%M)": to}), database)
        warnings = [line for line in copied.stderr.splitlines() if "No such file" not in line]
        assert warnings == [], "Only a file that was deleted meanwhile may not be copied."
    assert len(before[-1]) > len(before[0])
    if connection.vendor == "sqlite":
        for number in range(COPIES):
            # As any program may look at it, not only this site.
            with closing(sqlite3.connect(tmp_path / str(number) / "site.sqlite3")) as plain:
                assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                titles = plain.execute("SELECT title FROM reviews_document").fetchall()
            assert before[number] <= {title for (title,) in titles}
    place = tmp_path / "restored"
    place.mkdir()
    with empty_database(place / "site.sqlite3", **surroundings(place)) as restored:
        replaced = {
            "/srv/backup/2026-11-29-0300": str(tmp_path / str(COPIES - 1)),
            "learning:learning": f"{os.getuid()}:{os.getgid()}",
        }
        # Its last commands fail where a document lacks its file or the database its triggers.
        done = shell(f"set -e\n{commands(1, **replaced)}", restored)
        assert done.returncode == 0, done.stdout + done.stderr
        rows = restored.rows()["reviews_document"]
    assert before[-1] <= {row["title"].strip("'") for row in rows}
