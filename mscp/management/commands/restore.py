"""Restore a backup into an empty site, after every part of it was verified.

Stop the site first. It ends with the migrations of this release, and with the files, triggers and
indexes checked.
"""

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mscp.backup import restoring
from mscp.backup.errors import BackupError, BrokenOffError
from mscp.backup.targets import target_of
from mscp.site import health


class Command(BaseCommand):
    help = __doc__.strip().partition("\n")[0]
    # The tables are not there yet.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", help="the folder or s3://bucket/prefix of the backups")
        parser.add_argument(
            "--backup", default="", help="its name, as 2026-11-30T030000Z; the latest without it"
        )
        parser.add_argument(
            "--identity", default="", help="the file of the key of an encrypted one"
        )
        parser.add_argument(
            "--overwrite",
            action="store_true",
            help="replace a database that is not empty; all that is in it is lost",
        )
        parser.add_argument(
            "--verify",
            action="store_true",
            help="read and verify every part, and change nothing",
        )

    def handle(self, *args: object, **options: Any) -> None:
        with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
            try:
                restored = self._restore(Path(folder), options)
            except BrokenOffError as error:
                raise CommandError(str(error)) from error
            except BackupError as error:
                raise CommandError(f"{error} Nothing was changed.") from error
            except OSError as error:
                what = error.strerror or str(error)
                raise CommandError(
                    f"The backup was not restored. {what}. Nothing was changed."
                ) from error
        if restored:
            self._check()

    def _restore(self, work: Path, options: dict[str, Any]) -> bool:
        target, identity = target_of(options["target"]), options["identity"]
        chosen = restoring.choose(target, options["backup"], work)
        self.stdout.write(f"Backup {chosen.backup}.")
        if not options["verify"]:
            restoring.refuse_other_release(chosen.manifest)
            if not options["overwrite"]:
                restoring.refuse_to_overwrite()
        database = restoring.verify(chosen, work, identity, self.stdout.write)
        if not options["verify"]:
            restoring.restore(chosen, database, work, identity, self.stdout.write)
        return not options["verify"]

    def _check(self) -> None:
        """Bring the database to this release, and check what a page needs."""
        call_command("migrate", verbosity=0)
        faults = [fault.sentence for fault in health.database_faults("default")]
        try:
            call_command("check_documents", stdout=self.stdout)
        except SystemExit:
            faults.append("Some files are not as their records say; check_documents names them.")
        if faults:
            raise CommandError(f"The backup was restored, but: {' '.join(faults)}")
        self.stdout.write(self.style.SUCCESS("Restored and checked. The site can be started."))
