"""Which databases a drill runs on, and the options that all drills have."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bench import report
from bench.databases import POSTGRESQL, Postgresql
from bench.errors import BenchError
from bench.filled import migrated_name
from bench.own_site import KEPT, Site
from drill.figures import Found, Outcome, conclude
from drill.kill import DrillError

ON_THIS_MACHINE = "postgres://postgres@127.0.0.1:5432/postgres"
SQLITE = "sqlite:"


def parser_of(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m drill {name}", description=description)
    parser.add_argument(
        "--on",
        choices=("sqlite", "postgresql", "both"),
        help="the database; by default that of DATABASE_URL, or both without one",
    )
    parser.add_argument(
        "--record", action="store_true", help="write the figures into docs/reliability.md"
    )
    return parser


def chosen(options: argparse.Namespace) -> list[str]:
    """Return the addresses of the databases: of a file of its own, or of a PostgreSQL server."""
    named = os.environ.get("DATABASE_URL", "")
    of_environment = named if urlsplit(named).scheme in POSTGRESQL else ""
    if options.on == "sqlite":
        return [SQLITE]
    if options.on == "postgresql":
        return [of_environment or ON_THIS_MACHINE]
    if of_environment and options.on is None:
        return [of_environment]
    return [SQLITE, *_answering(of_environment or ON_THIS_MACHINE)]


def bring_up_to_date(site: Site) -> None:
    """Bring a new database to this release: from what an earlier run has kept, or by migrating."""
    dump = kept_dump()
    if not site.own.restore(migrated_name()) and isinstance(site.own, Postgresql) and dump.exists():
        _run("pg_restore", "--no-owner", f"--dbname={site.own.url}", str(dump))
    # Which also mends what an earlier state of the code has made of a copy.
    site.run("migrate", "manage.py", "migrate", "--verbosity", "0")


def keep_dump(site: Site) -> None:
    """Keep the database of a cluster that ends with the drill, unless one is kept."""
    if not (dump := kept_dump()).exists():
        dump.parent.mkdir(parents=True, exist_ok=True)
        part = dump.with_suffix(".part")
        _run("pg_dump", "--format=custom", f"--file={part}", f"--dbname={site.own.url}")
        part.replace(dump)


def kept_dump() -> Path:
    return KEPT / f"{migrated_name()}.dump"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DrillError(f"{command[0]}: {done.stderr.strip()[-300:]}")


def on_each(options: argparse.Namespace, drill: Callable[[str], list[Outcome]]) -> int:
    """Drill on each database, and conclude from all of them; return the exit status."""
    # As it is before the drill loads it.
    machine = report.hardware([])
    found: Found = {}
    try:
        for shown in chosen(options):
            found["SQLite" if shown == SQLITE else "PostgreSQL"] = drill(shown)
    except (BenchError, DrillError) as error:
        print(error, file=sys.stderr)
        return 1
    return conclude(found, record=options.record, of=machine)


def _answering(server: str) -> Iterator[str]:
    try:
        Postgresql(server)
    except BenchError:
        print(f"PostgreSQL is left out: none answers at {server}.", flush=True)
    else:
        yield server
