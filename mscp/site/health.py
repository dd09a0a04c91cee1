"""Health: faults that keep this process from serving its pages.

One list of faults, reported in three places: to a probe at /readyz, by the system check
``manage.py check --database default``, and in the log of a worker (mscp.site.readiness). A probe at
/healthz learns only that the process answers. The names are those of Kubernetes' own API server.
"""

import logging
import mmap
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.db import Error as DatabaseFailure
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.http import require_safe

from mscp.database.schema import differences, known_migrations
from mscp.search import maintenance

logger = logging.getLogger(__name__)

MOST_NAMED = 5
NOT_COLLECTED, UNREADABLE = "mscp.E001", "mscp.E002"
# The faults of a database that is not of this release: behind it, otherwise, or ahead of it.
BEHIND, OTHERWISE, AHEAD = "mscp.E003", "mscp.E004", "mscp.E007"
# Triggers or indexes that are missing or otherwise, and those that another release made so.
OUT_OF_STEP, OF_ANOTHER_RELEASE = "mscp.E005", "mscp.E008"
# One byte that the workers of a master share, from its fork on: 1 when one of them has found a
# database of its release. A newer release that migrates it later only adds to it, so that these go
# on until their restart, a worker in place of one that died too.
_was_fit = mmap.mmap(-1, 1)
# Bytes on the disk of DATA_DIR below which a probe and `check --deploy` warn: with less a report of
# 60 MB, its pictures and what the database writes meanwhile may not find room.
LEAST_FREE = 500 * 1024 * 1024


class Fault(NamedTuple):
    """``id`` is that of the system check; the sentence is public and discloses nothing private."""

    id: str
    sentence: str


def faults(using: str = "default") -> list[Fault]:
    """List the faults of the static files and of the database. Five queries if there are none."""
    return [*_static_faults(), *database_faults(using)]


@cache
def _static_faults() -> tuple[Fault, ...]:
    # Cached: the storage reads its manifest once, so only a restart can change the result.
    if settings.DEBUG or not isinstance(staticfiles_storage, ManifestFilesMixin):
        return ()
    try:
        collected = staticfiles_storage.hashed_files
    except (OSError, ValueError, ImproperlyConfigured):
        collected = {}
    ignored = apps.get_app_config("staticfiles").ignore_patterns
    needed = {path for finder in get_finders() for path, _ in finder.list(ignored)}
    missing = len(needed.difference(collected))
    if not missing:
        return ()
    what = f"{missing} static files" if collected else "The static files"
    return (
        Fault(
            NOT_COLLECTED,
            f"{what} have not been collected. Run manage.py collectstatic, then restart.",
        ),
    )


def database_faults(using: str) -> Iterator[Fault]:
    """Yield the faults of migrations, tables, triggers and indexes, or of what cannot be read."""
    try:
        yield from _migration_faults(using) or _upkeep_faults(using)
    except DatabaseFailure:
        # Its own message may name hosts, users and files.
        yield Fault(UNREADABLE, "The database does not answer or cannot be read.")


def _upkeep_faults(using: str) -> list[Fault]:
    """List what is wrong with triggers and indexes; if another release made it so, in one."""
    sentences = maintenance.faults(using)
    if sentences and maintenance.is_of_another_release(using):
        return [
            Fault(
                OF_ANOTHER_RELEASE,
                "Triggers and word indexes are those of another release, whose migrate has run, "
                "runs, or was broken off. Install that release, or run manage.py migrate of this "
                "one.",
            )
        ]
    return [Fault(OUT_OF_STEP, f"{sentence} Run manage.py migrate.") for sentence in sentences]


# By database: the recorded migrations with which nothing was wrong. To compare tables costs a
# query each, and they change only with that record.
_good: dict[str, frozenset[tuple[str, str]]] = {}


def _migration_faults(using: str) -> list[Fault]:
    connection = connections[using]
    recorded = frozenset(MigrationRecorder(connection).applied_migrations())
    if recorded and _good.get(using) == recorded:
        return []
    ahead = sorted(recorded - known_migrations())
    loader = MigrationLoader(connection)
    missing = sorted(
        (set(loader.graph.nodes) & known_migrations()) - set(loader.applied_migrations)
    )
    # Columns that the models do not know are of no harm.
    lacking = [] if missing else [one.table for one in differences(apps, using) if one.missing]
    found = []
    if ahead:
        found.append(
            Fault(
                AHEAD,
                "A newer release has migrated the database: "
                f"{_named('.'.join(one) for one in ahead)}. Install that release, or restore a "
                "backup of this one.",
            )
        )
    if missing:
        found.append(
            Fault(
                BEHIND,
                f"Migrations are not applied: {_named('.'.join(one) for one in missing)}. "
                "Run manage.py migrate.",
            )
        )
    if lacking:
        found.append(
            Fault(
                OTHERWISE,
                f"Tables are not those of this release: {_named(lacking)}. Run manage.py migrate; "
                "where it refuses, it says why.",
            )
        )
    if not found:
        _good[using] = recorded
    return found


def _named(names: Iterable[str]) -> str:
    """Join the first names, with the number of the rest."""
    every = list(names)
    more = f" and {len(every) - MOST_NAMED} more" if len(every) > MOST_NAMED else ""
    return ", ".join(every[:MOST_NAMED]) + more


def warnings() -> list[str]:
    """Return what does not keep pages from being served, but will, or makes them slow."""
    return [sentence for sentence in (disk_warning(), cache_warning()) if sentence]


def _storage_faults() -> Iterator[Fault]:
    # Readers of the pages need it for every file, and staff to send one.
    try:
        default_storage.listdir("")
    except FileNotFoundError:
        # Its folder is made by the first file.
        return
    except Exception as error:  # noqa: BLE001 - each storage has its own
        logger.error("The storage of files does not answer: %s.", type(error).__name__)
        yield Fault("mscp.E006", "The storage of files does not answer.")


def disk_warning() -> str:
    try:
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError:
        return "The folder of the site's data cannot be looked at."
    left = f"{free // 1024 // 1024:,} MB"
    return f"The disk of the site's data has only {left} left." if free < LEAST_FREE else ""


def cache_warning() -> str:
    if "pages" not in settings.CACHES:
        return ""
    try:
        caches["pages"].get("readyz")
    except Exception as error:  # noqa: BLE001 - of whichever program answers there
        logger.warning("The shared cache does not answer: %s.", type(error).__name__)
        return "The shared cache does not answer; pages are made without it."
    return ""


@require_safe
@xframe_options_deny
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer a probe for liveness, which restarts a process that is stuck: 200 and "ok"."""
    return _answer(["ok"], 200)


@require_safe
@xframe_options_deny
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer a probe for readiness: 200 and "ok", or 503 and each fault; then the warnings."""
    found = [*faults(), *_storage_faults()]
    said = [fault.sentence for fault in found if is_keeping_from_serving(fault)]
    borne = [fault.sentence for fault in found if not is_keeping_from_serving(fault)]
    return _answer([*(said or ["ok"]), *borne, *warnings()], 503 if said else 200)


def is_keeping_from_serving(fault: Fault) -> bool:
    """Return whether a fault does so: a newer release may migrate while this one serves."""
    return fault.id not in (AHEAD, OF_ANOTHER_RELEASE) or not was_fit()


def was_fit() -> bool:
    return _was_fit[0] == 1


def note_fit() -> None:
    _was_fit[0] = 1


def _answer(lines: list[str], status: int) -> HttpResponse:
    return HttpResponse(
        "\n".join(lines) + "\n",
        status=status,
        content_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


PROBES = {"/healthz": healthz, "/readyz": readyz}


class HealthMiddleware:
    """Answers a probe before any middleware checks its host: probes come by IP address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return PROBES.get(request.path_info, self.get_response)(request)
