"""Sites full of records. A database that was filled once is kept and copied by the next run.

It is kept under a hash of what makes it: the filler, the migrations, the numbers and the month,
since half of the sessions lie ahead.
"""

import hashlib
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

from bench.databases import Postgresql
from bench.errors import BenchError
from bench.own_site import KEPT, ROOT, Site, own_site

# Mending that takes longer has built an index, and is kept for the next run.
SECONDS_TO_MEND = 20


@dataclass(frozen=True)
class Filling:
    reviews: int
    sessions: int
    pages: int
    """Of the document of each review; 0: titles and summaries only."""

    @property
    def name(self) -> str:
        month = date.today().strftime("%Y%m")  # noqa: DTZ011 - of this machine, as the filler's
        made_by = [*sorted((ROOT / "bench" / "fill").glob("*.py")), *_migrations()]
        return f"filled_{'_'.join(map(str, astuple(self)))}_{month}_{_hash(made_by)}"


@contextmanager
def filled_site(filling: Filling, shown: str) -> Iterator[Site]:
    """Yield a site with static files and records, on SQLite or on the given PostgreSQL."""
    start = perf_counter()
    with own_site(keep=False, shown=shown) as site:
        print(f"Setting up {filling.reviews:,} reviews on {site.database} …", flush=True)
        collect_static(site)
        if site.own.restore(filling.name):
            mended = perf_counter()
            # Mends what is defined otherwise since: triggers and word indexes.
            _migrate(site)
            if perf_counter() - mended > SECONDS_TO_MEND:
                site.own.keep(filling.name)
        else:
            if not site.own.restore(migrated_name()):
                _migrate(site)
                site.own.keep(migrated_name())
            site.run("Filling the database", "-m", "bench.fill", *map(str, astuple(filling)))
            site.own.keep(filling.name)
        print(f"  ready after {perf_counter() - start:.1f} s", flush=True)
        yield site


def forget(server: str | None) -> None:
    """Delete all saved copies: files, and databases of a PostgreSQL."""
    shutil.rmtree(KEPT, ignore_errors=True)
    if server:
        Postgresql(server).forget()


def _migrate(site: Site) -> None:
    site.run("migrate", "manage.py", "migrate", "--verbosity", "0")


def collect_static(site: Site) -> None:
    """Copy the static files that an earlier run has collected, or collect and keep them."""
    kept = KEPT / static_name()
    collected = Path(site.environment["DATA_DIR"]) / "static"
    if kept.exists():
        shutil.copytree(kept, collected)
        return
    site.run("collectstatic", "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    part = KEPT / f"{kept.name}.{secrets.token_hex(4)}.part"
    shutil.copytree(collected, part)
    part.replace(kept)


def migrated_name() -> str:
    return f"migrated_{_hash(_migrations())}"


def static_name() -> str:
    made_of = [*sorted((ROOT / "static").rglob("*")), ROOT / "requirements.txt"]
    return f"static_{_hash(path for path in made_of if path.is_file())}"


def _migrations() -> list[Path]:
    found = sorted(ROOT.glob("*/migrations/*.py"))
    if not found:
        raise BenchError("No migrations were found.")
    return found


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
