"""Promises: what the site does when something fails, under load and in its targets.

One list. Each drill gives figures by these keys, and docs/reliability.md shows all of them, those
that nobody has measured yet too.
"""

from typing import NamedTuple

FAULTS, LOAD, TARGETS = "faults", "load", "targets"


class Promise(NamedTuple):
    part: str
    key: str
    what: str
    promised: str
    databases: tuple[str, ...] = ("SQLite", "PostgreSQL")


_KILLED = "Nothing confirmed is lost, nothing is half done, every index and page is right."
PROMISES = (
    Promise(FAULTS, "kill-save", "SIGKILL while a form is saved", _KILLED),
    Promise(FAULTS, "kill-publish", "SIGKILL while something is published or withdrawn", _KILLED),
    Promise(
        FAULTS,
        "kill-upload",
        "SIGKILL while a PDF is taken in",
        f"{_KILLED} No stray stays that `check_documents` does not delete.",
    ),
    Promise(
        FAULTS, "kill-import", "SIGKILL while a programme is imported", "All of it, or nothing."
    ),
    Promise(
        FAULTS,
        "kill-rebuild",
        "SIGKILL of `rebuild_search` beside two editors",
        "The index in use stays right, and no editor is refused.",
    ),
    Promise(
        FAULTS,
        "kill-backup",
        "SIGKILL of `backup`",
        "Earlier backups stay whole, a broken one is none, the next one clears it away.",
    ),
    Promise(
        FAULTS,
        "kill-restore",
        "SIGKILL of `restore --overwrite`",
        "The database is the old one or the new one; begun again, it ends.",
    ),
    Promise(
        FAULTS,
        "kill-migrate",
        "SIGKILL of an upgrade",
        "The site says so until the next `migrate`, which ends it.",
    ),
    Promise(FAULTS, "kill-seed", "SIGKILL of `seed`", "Begun again, it loads what is missing."),
    Promise(
        FAULTS,
        "full-disk",
        "The disk is full during save, upload, publish, sign-in and backup",
        "Visitors have every page; staff are refused in a sentence and their form comes back; no "
        "backup is broken; with room again all works.",
    ),
    Promise(
        FAULTS,
        "database-gone",
        "PostgreSQL stops at once and comes back; SQLite is locked by another program",
        "Visitors have pages or a 503 with `Retry-After` and 999; what staff typed survives; it "
        "recovers by itself.",
    ),
    Promise(
        FAULTS,
        "redis-gone",
        "Redis is full, stops and comes back",
        "Every page is answered, none is old, and pages are shared again.",
    ),
    Promise(
        FAULTS,
        "slow-storage",
        "The storage of files takes seconds a call",
        "Pages are answered meanwhile, a file or its 503 with `Retry-After`; an upload ends.",
    ),
    Promise(
        FAULTS,
        "missing-upload",
        "A stored file is gone",
        "Its address is 404, its page stays, `check_documents` names it; put back, it is sent.",
    ),
    Promise(
        FAULTS,
        "damaged-database",
        "Pages of the database file are overwritten",
        "Visitors have pages or a 503; a backup of it is refused and earlier ones stay; `restore` "
        "mends it.",
        ("SQLite",),
    ),
    Promise(LOAD, "load-errors", "32 connections, searches and downloads", "No error."),
    Promise(LOAD, "load-stale", "An editor publishes every second", "No page is old."),
    Promise(
        LOAD, "load-p99", "Slow clients and idle connections beside them", "p99 ≤ 5 × the median."
    ),
    Promise(LOAD, "load-memory", "50,000 requests", "Memory of the workers within 10 %."),
    Promise(TARGETS, "start", "From the start of gunicorn to the first page", "under 2 s"),
    Promise(TARGETS, "memory", "Two workers, 10,000 publications", "under 250 MB RSS"),
    Promise(
        TARGETS,
        "backup",
        "Backup of 10,000 publications with 200,000 pages, while serving",
        "under 60 s",
    ),
    Promise(TARGETS, "restore", "Restore of the same", "under 120 s"),
    Promise(TARGETS, "admin-save", "A save in the admin at 10,000 publications", "under 300 ms"),
    Promise(TARGETS, "first-page", "The first page after a save", "at most 3 × a first-time page"),
)
OF_KEY = {one.key: one for one in PROMISES}
