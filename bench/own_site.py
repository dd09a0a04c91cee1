"""A data folder, a database and settings for this run alone."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.databases import Database, own_database
from bench.errors import BenchError

ROOT = Path(__file__).resolve().parent.parent
# What is kept between runs: filled databases and collected static files.
KEPT = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve() / "bench"
# All names that end so are the site's.
HOSTS = "bench.test"

# What a caller may have set for another site, and would make this one different from production.
NOT_INHERITED = {
    "CACHE_URL",
    "DATABASE_URL",
    "DEBUG",
    "GUNICORN_CMD_ARGS",
    "S3_BUCKET",
    "TRUSTED_PROXIES",
    "WEB_CONCURRENCY",
    "WEB_THREADS",
    "WEB_WORKERS",
    "X_ACCEL_PREFIX",
}


@dataclass(frozen=True)
class Site:
    environment: dict[str, str]
    database: str
    """What kind of database it runs on, for people."""
    own: Database

    def run(self, what: str, *arguments: str) -> None:
        """Run Python with the site's settings. Raises BenchError naming ``what`` failed."""
        command = [sys.executable, *arguments]
        if subprocess.run(command, cwd=ROOT, env=self.environment, check=False).returncode:
            raise BenchError(f"{what} failed.")

    def answer(self, what: str, *arguments: str) -> str:
        """Run Python with the site's settings and return what it prints. Raises BenchError."""
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise BenchError(f"{what} failed: {done.stderr.strip()[-500:]}")
        return done.stdout


@contextmanager
def own_site(*, keep: bool, shown: str | None = None, within: Path | None = None) -> Iterator[Site]:
    """Yield a site without tables, on SQLite or a PostgreSQL: that of DATABASE_URL by default.

    Its files are in a folder of their own, within the given one or that of temporary files.
    """
    shown = os.environ.get("DATABASE_URL", "") if shown is None else shown
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=within))
    try:
        with own_database(shown, folder, KEPT, keep=keep) as database:
            yield Site(
                _environment(folder, database), f"{database.kind} {database.version}", database
            )
    finally:
        if keep:
            print(f"Kept in the folder of temporary files: {folder.name}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path, database: Database) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return {
        **inherited,
        **({} if database.kind == "SQLite" else {"DATABASE_URL": database.url}),
        "DJANGO_SETTINGS_MODULE": "mscp.settings",
        "MALLOC_ARENA_MAX": "2",
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(64),
        "HTTPS": "0",
        "TWO_PEOPLE": "0",
        "SECOND_FACTOR": "0",
        "ALLOWED_HOSTS": f"127.0.0.1 .{HOSTS}",
    }
