"""Django's migrate; --check also refuses tables that the migrations did not make."""

from typing import Any

from django.apps import apps
from django.core.management.commands import migrate

from mscp.database.schema import refuse_other_tables


class Command(migrate.Command):
    def get_check_kwargs(self, options: Any) -> Any:
        """Skip the checks of a database's state (mscp.site.health), which migrating repairs."""
        return {**super().get_check_kwargs(options), "databases": None}

    def handle(self, *args: object, **options: Any) -> None:
        super().handle(*args, **options)
        if options["check_unapplied"]:
            # It exits with 1 if any is unapplied, so the models are those of the migrations.
            refuse_other_tables(apps, options["database"])
