"""Load the first catalogue.

Safe to repeat: what was loaded once is skipped, so nothing an editor changed or deleted comes back.
A catalogue that cannot be read changes nothing.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mscp.site.catalogue import CATALOGUE, CatalogueError, Loader, read, shift_training
from reviews.samples.loading import load_samples
from reviews.samples.pdfs import SamplesError


class Command(BaseCommand):
    help = __doc__.strip().partition("\n")[0]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--shift-training",
            action="store_true",
            help="move all sessions by the same whole weeks so that the first lies ahead, and say "
            "so in the notice banner",
        )
        parser.add_argument(
            "--samples",
            action="store_true",
            help="add fictional publications whose PDFs are made here, to try documents with",
        )
        parser.add_argument(
            "--catalogue", type=Path, default=CATALOGUE, help="another file of the same form"
        )

    def handle(self, *args: object, **options: Any) -> None:
        try:
            catalogue = read(options["catalogue"])
            Loader(catalogue, self.stdout.write).load()
            if options["shift_training"]:
                shift_training(catalogue, self.stdout.write)
        except CatalogueError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        if options["samples"]:
            try:
                load_samples(self.stdout.write)
            except SamplesError as error:
                raise CommandError(str(error)) from error
