"""Schema check: the tables of the database against the models of its recorded migrations."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.core.management.base import CommandError
from django.db import connections
from django.db.migrations.loader import MigrationLoader

MOST_NAMED = 5


class Difference(NamedTuple):
    table: str
    missing: list[str]  # columns of the model that the table lacks
    unknown: list[str]  # columns of the table that the model lacks
    exists: bool = True

    def __str__(self) -> str:
        if not self.exists:
            return f"{self.table} is missing"
        parts = [f"has no {column}" for column in self.missing]
        parts += [f"has an unknown {column}" for column in self.unknown]
        return f"{self.table} {', '.join(parts)}"


def differences(apps: Apps, using: str) -> Iterator[Difference]:
    """Compare the columns of every managed model, many-to-many tables too, with its table."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            options = model._meta
            if not options.managed or options.proxy:
                continue
            expected = [str(field.column) for field in options.local_concrete_fields]
            if options.db_table not in tables:
                yield Difference(options.db_table, expected, [], exists=False)
                continue
            # Not get_table_description, which on SQLite stumbles over a CHECK with a list.
            table = connection.ops.quote_name(options.db_table)
            cursor.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608 - a name of ours
            present = [column[0] for column in cursor.description]
            missing = [column for column in expected if column not in present]
            unknown = [column for column in present if column not in expected]
            if missing or unknown:
                yield Difference(options.db_table, missing, unknown)


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """List the migrations of the code of this process, by app and name.

    Cached: an upgrade puts files of its own into the same folder while this process serves, and
    they are none of its own. What serves asks when it is loaded.
    """
    found: set[tuple[str, str]] = set()
    for app in installed_apps.get_app_configs():
        module, _ = MigrationLoader.migrations_module(app.label)
        if module and app.module:
            try:
                folder = import_module(module).__path__
            except ModuleNotFoundError:
                # An app without tables.
                continue
            names = (one.name for one in iter_modules(folder) if not one.ispkg)
            found.update((app.label, name) for name in names if name[0] not in "_~")
    return frozenset(found)


def refuse_other_tables(apps: Apps, using: str, **kwargs: object) -> None:
    """Stop ``migrate`` if the tables differ from the migrations; a pre_migrate receiver.

    A migration that has run is not run again, so one that was rewritten afterwards, or a table
    changed by hand, would leave a database that counts as migrated and serves no page. ``apps``
    are the models as the recorded migrations describe them. Raises CommandError.
    """
    found = list(differences(apps, using))
    if not found:
        return
    named = "; ".join(str(difference) for difference in found[:MOST_NAMED])
    if len(found) > MOST_NAMED:
        named += f"; and {len(found) - MOST_NAMED} more tables"
    raise CommandError(
        f"The tables of this database are not those that its recorded migrations make: {named}. "
        f"{_why(using)} Nothing was changed."
    )


def _why(using: str) -> str:
    loader = MigrationLoader(connections[using])
    newer = sorted(set(loader.applied_migrations) - known_migrations())
    if newer:
        return (
            f"A newer release has migrated it ({'.'.join(newer[-1])}): install that, or restore a "
            "backup of this one."
        )
    return (
        "A version of this site from before 29 November 2026 made it, or it was changed by other "
        "means; it cannot be upgraded. Restore a backup or begin with an empty database."
    )
