"""The short forms of the drills: real processes, killed or let down, on this database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from drill.promises import FAULTS, PROMISES
from tests.servers import ROOT, keep_for_bench

# `make drill` kills two hundred, and has the seeding too.
KILLS = 8
WORKS = ("save", "publish", "upload", "import", "rebuild", "migrate", "backup", "restore")
SECONDS = 600
# So that what fails once can be made to fail again, as far as processes allow.
RANDOM = 13


def a_drill(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a drill on the kind of database that the tests run on."""
    keep_for_bench(folder)
    more = {"DJANGO_SETTINGS_MODULE": "mscp.settings", "DATA_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "drill", *arguments, "--on", connection.vendor],
        cwd=ROOT,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.django_db
def test_what_is_killed_loses_nothing_confirmed_and_leaves_nothing_half_done(
    tmp_path: Path,
) -> None:
    only = [argument for work in WORKS for argument in ("--only", work)]
    done = a_drill(tmp_path, "kills", "--kills", str(KILLS), "--random", str(RANDOM), *only)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr} on {connection.vendor}"
    assert f"{KILLS} kills" in done.stdout


@pytest.mark.django_db
def test_what_the_site_stands_on_fails_and_people_are_answered(tmp_path: Path) -> None:
    done = a_drill(tmp_path, "faults", "--slow", "1")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr} on {connection.vendor}"
    tried = {one.key for one in PROMISES if one.part == FAULTS and not one.key.startswith("kill-")}
    if connection.vendor != "sqlite":
        tried.remove("damaged-database")
    if "for want of a small disk" in done.stdout:
        assert not os.environ.get("CI"), "CI has the right to mount a small disk."
        tried.remove("full-disk")
    assert {line.split()[1] for line in done.stdout.splitlines() if line[:2] == "| "} >= tried


@pytest.mark.django_db
def test_under_load_no_answer_is_an_error_and_no_page_is_old(tmp_path: Path) -> None:
    done = a_drill(tmp_path, "load", "--answers-only", "--seconds", "4", "--requests", "200")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr} on {connection.vendor}"
    assert "load-errors" in done.stdout and "load-stale" in done.stdout
