"""Which databases a drill runs on, and the options that all drills have."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from bench import report
from bench.databases import POSTGRESQL, Postgresql
from bench.errors import BenchError
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
