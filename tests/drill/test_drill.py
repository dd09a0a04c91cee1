"""The short form of `make drill`: real processes, killed at random moments, on this database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.servers import ROOT, keep_for_bench

# `make drill` kills two hundred, and the seeding too.
KILLS = 6
WORKS = ("save", "publish", "upload", "import", "rebuild", "migrate")
SECONDS = 600
# So that what fails once can be made to fail again, as far as processes allow.
RANDOM = 13


def a_drill(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    keep_for_bench(folder)
    more = {"DJANGO_SETTINGS_MODULE": "mscp.settings", "DATA_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "drill", *arguments],
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
    done = a_drill(tmp_path, "--kills", str(KILLS), "--random", str(RANDOM), *only)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr} on {connection.vendor}"
    assert f"{KILLS} kills" in done.stdout
