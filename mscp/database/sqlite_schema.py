"""The schema editor of migrations on SQLite, which keeps triggers when it remakes a table."""

from typing import Any

from django.db import transaction
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor
from django.db.models import Model


class TriggerKeepingSchemaEditor(DatabaseSchemaEditor):
    """Django's editor with the steps for triggers of https://www.sqlite.org/lang_altertable.html.

    Django copies a table, drops the old one and renames the copy. Its triggers are dropped with
    the old table, and the renaming fails if a trigger of another table names it.
    """

    # The one place where Django remakes tables; it is private, so the tests watch it.
    def _remake_table(self, model: type[Model], *args: Any, **kwargs: Any) -> None:
        table = model._meta.db_table
        # Its own transaction if the migration has none: the triggers are restored or never dropped.
        with transaction.atomic(using=self.connection.alias):
            triggers = self._triggers_naming(table)
            for name, _ in triggers:
                self.execute(f"DROP TRIGGER {self.quote_name(name)}", None)
            super()._remake_table(model, *args, **kwargs)  # type: ignore[misc]
            for _, create in triggers:
                self.execute(create, None)

    def _triggers_naming(self, table: str) -> list[tuple[str, str]]:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND instr(sql, %s)",
                [table],
            )
            triggers: list[tuple[str, str]] = cursor.fetchall()
            return triggers
