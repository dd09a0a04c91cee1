"""Abstract model of records that are found by their words."""

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar, Unpack

from django.db import connection, models

from mscp.records.saving import SaveOptions
from mscp.search import analysis, maintenance

BATCH = 500
COLUMNS = ["name_words", "start_words", "words"]


class Searchable(models.Model):
    """Abstract model with a record's terms in columns, from which triggers fill its index."""

    # Made from other fields (mscp.publishing.content_hash).
    NOT_CONTENT: ClassVar[tuple[str, ...]] = tuple(COLUMNS)

    # Streams (mscp.search.analysis): of its names alone, and of all its texts.
    name_words = models.TextField(editable=False, default="")
    words = models.TextField(editable=False, default="")
    # The unstemmed words of its names, for suggestions during typing.
    start_words = models.TextField(editable=False, default="")

    class Meta:
        abstract = True

    def searchable_names(self) -> list[str]:
        """Return its names. A word in these weighs more than one in its texts."""
        raise NotImplementedError

    def searchable_texts(self) -> list[str]:
        """Return all other texts that a search covers; never a note for staff."""
        return []

    def set_words(self) -> None:
        names = self.searchable_names()
        self.name_words = analysis.stream(*names)
        self.words = analysis.stream(*names, *self.searchable_texts())
        self.start_words = f" {' '.join(analysis.plain_words(*names))} "

    def save(self, **options: Unpack[SaveOptions]) -> None:
        self.set_words()
        if fields := options.get("update_fields"):
            options["update_fields"] = {*fields, *COLUMNS}
        super().save(**options)


def rewrite_records(model: Any) -> None:
    """Rewrite the streams of all records of a model, and no other column.

    Records that are up to date are not written: PostgreSQL would keep the old row versions too.
    """
    for records in _batches(model):
        stale = [record.pk for record in records if _has_other_words(record)]
        maintenance.rewrite_in_turns(stale, partial(_rewrite, model))


def _has_other_words(record: Searchable) -> bool:
    """Set the words of a record, and return whether they changed."""
    before = [getattr(record, name) for name in COLUMNS]
    record.set_words()
    return before != [getattr(record, name) for name in COLUMNS]


def _rewrite(model: type[Searchable], keys: list[int]) -> list[int]:
    """Write the streams of some records; return the keys of those that are locked elsewhere."""
    owner = model._meta.get_field("words").model
    columns = ", ".join(f"{name} = %s" for name in COLUMNS)
    rows = model._base_manager.filter(pk__in=keys).order_by("pk")
    # SQLite has one writer at a time and no row locks, so there it is left out.
    locked = list(rows.select_for_update(skip_locked=True))
    changed = [record for record in locked if _has_other_words(record)]
    # One statement for all: ``bulk_update`` builds a case for each column of each record.
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {owner._meta.db_table} SET {columns} WHERE {owner._meta.pk.column} = %s",
            [(*(getattr(one, name) for name in COLUMNS), one.pk) for one in changed],
        )
    return list(rows.exclude(pk__in=[record.pk for record in locked]).values_list("pk", flat=True))


def _batches(model: type[Searchable]) -> Iterator[list[Searchable]]:
    last = 0
    while batch := list(model._base_manager.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk
