"""What every record has that is found by its words."""

from collections.abc import Iterator
from typing import Any

from django.db import connection, models

from mscp.search import analysis, spelling

BATCH = 500
COLUMNS = ["name_words", "start_words", "words"]


class Searchable(models.Model):
    """Keeps the terms of a record beside it; the triggers of its index take them from there."""

    # Streams (mscp.search.analysis): of its names alone, and of all its texts.
    name_words = models.TextField(editable=False, default="")
    words = models.TextField(editable=False, default="")
    # The words of its names as they are written, for suggestions while somebody types.
    start_words = models.TextField(editable=False, default="")

    class Meta:
        abstract = True

    def searchable_names(self) -> list[str]:
        """Return what it is called. A word among these weighs more than one in its texts."""
        raise NotImplementedError

    def searchable_texts(self) -> list[str]:
        """Return everything else that a search looks at; never a note for staff."""
        return []

    def set_words(self) -> None:
        names = self.searchable_names()
        self.name_words = analysis.stream(*names)
        self.words = analysis.stream(*names, *self.searchable_texts())
        self.start_words = f" {' '.join(analysis.plain_words(*names))} "

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_words()
        if fields := kwargs.get("update_fields"):
            kwargs["update_fields"] = {*fields, *COLUMNS}
        super().save(*args, **kwargs)
        spelling.remember(*self.searchable_names(), *self.searchable_texts())


def rewrite_records(model: Any) -> None:
    """Write the streams of all records of a model anew, leaving all else of them as it is.

    Those that are as they should be are not written: PostgreSQL would keep the old row beside.
    """
    owner = model._meta.get_field("words").model
    columns = ", ".join(f"{name} = %s" for name in COLUMNS)
    for records in _batches(model):
        changed = []
        for record in records:
            before = [getattr(record, name) for name in COLUMNS]
            record.set_words()
            after = [getattr(record, name) for name in COLUMNS]
            if after != before:
                changed.append((*after, record.pk))
        # As one statement for all: ``bulk_update`` builds a case for each column of each record.
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {owner._meta.db_table} SET {columns} WHERE {owner._meta.pk.column} = %s",
                changed,
            )


def _batches(model: Any) -> Iterator[list[Any]]:
    last = 0
    while batch := list(model._base_manager.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk
