"""`make bench` at a tiny size: what it prints are tables of the pages that it was asked for.

Each page must show what it is known by, or the bench ends: a page of today that says it otherwise
is found here and not after an hour.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.servers import ROOT, keep_for_bench

PAGES = {
    "list": "list",
    "review": "detail of a review",
    "report": "detail of a report",
    "learning": "detail of a learning",
    "course": "detail of a course",
    "home": "home",
    "search": "search, a word in every text",
    "training": "training list",
    "suggestions": "suggestions",
    "theme": "page of a theme",
    "themes": "themes",
    "month": "training, a month",
    "calendar": "training, calendar",
    "sitemap": "sitemap of reviews",
}


def bench(folder: Path, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def cells_of(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_it_prints_each_page_as_a_ratio_to_the_bare_page(tmp_path: Path) -> None:
    keep_for_bench(tmp_path)
    size = ("--size", "60", "--sessions", "200", "--text", "1")
    few = ("--requests", "2", "--seconds", "0.05", "--no-postgresql")
    lines = bench(tmp_path, *size, *few, "--pages", ",".join(PAGES))

    head, _, *rows = [cells_of(line) for line in lines if line.startswith("|")]
    assert head[:4] == ["page", "cached", "asked", "first time"]
    assert [row[0] for row in rows] == list(PAGES.values())
    for row in rows:
        cached, first = (float(row[column].split("×")[0]) for column in (1, 3))
        assert cached > 0
        assert first > 0
    asked = [row[0] for row in rows if row[2].startswith("≤ 2×")]
    assert asked == list(PAGES.values())[:7]
    assert any(line.startswith("### SQLite") and "60 reviews" in line for line in lines)
    assert list((tmp_path / "bench").glob("filled_60_200_1_*.sqlite3"))
