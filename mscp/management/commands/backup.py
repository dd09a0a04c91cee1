"""Make a backup of the database and of every stored file, while the site is in use.

TARGET is a folder or s3://bucket/prefix. It holds many backups; each adds only files that are new.
"""

from argparse import ArgumentTypeError
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mscp.backup import making
from mscp.backup.errors import BackupError
from mscp.backup.targets import target_of
from mscp.models import Backup


def at_least_one(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError("it must be a number from 1 on.")
    return int(text)


class Command(BaseCommand):
    help = __doc__.strip().partition("\n")[0]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", help="a folder, or s3://bucket/prefix")
        parser.add_argument(
            "--recipient",
            default="",
            help="encrypt with age to this public key (age1…); the program age must be installed",
        )
        parser.add_argument(
            "--keep",
            type=at_least_one,
            help="afterwards delete all but so many of the latest backups",
        )

    def handle(self, *args: object, **options: Any) -> None:
        started = monotonic()
        try:
            target = target_of(options["target"])
            made = making.make(target, recipient=options["recipient"], tell=self.stdout.write)
            took = monotonic() - started
            Backup.record(made, target=options["target"], seconds=took)
            for name in made.missing:
                self.stderr.write(
                    self.style.WARNING(f"A record names {name}, which is not in the storage.")
                )
            self.stdout.write(
                self.style.SUCCESS(f"Backup {made.name} is whole, made in {took:.1f} s.")
            )
            if options["keep"] and (gone := making.prune(target, keep=options["keep"])):
                self.stdout.write(
                    "One old backup deleted." if gone == 1 else f"{gone} old backups deleted."
                )
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            what = f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
            raise CommandError(f"The backup was not made. {what}.") from error
