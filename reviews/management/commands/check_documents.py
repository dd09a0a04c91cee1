"""Compare the files of all documents with their records, and repair what can be rebuilt.

Also deletes what is due by its age. Exits with 0 if everything is right, and with 1 if problems
are left.
"""

import sys
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from reviews.documents.checking import Problem, problems_of, rebuild, with_derived
from reviews.documents.intake import draw_again
from reviews.documents.stored_files import stray_names, sweep
from reviews.models import DocumentFile

# Newer files may belong to an upload that is being saved at this moment.
BEING_WRITTEN = timedelta(hours=1)
BAR = 30
NOT_READ_AGAIN = Problem("text and pictures", "it was not read again.", can_be_rebuilt=True)


class Command(BaseCommand):
    help = __doc__.strip().partition("\n")[0]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--repair",
            action="store_true",
            help="read files again whose text, cover or pictures are missing",
        )
        parser.add_argument(
            "--read-again",
            action="store_true",
            help="read all files again, for what this release shows of them and finds in them",
        )
        parser.add_argument(
            "--delete-strays",
            action="store_true",
            help="delete files that no record knows and nothing marked for deletion",
        )

    def handle(self, *args: object, **options: Any) -> None:
        self._sweep()
        left = self._check_files(repair=options["repair"], read_again=options["read_again"])
        left += self._check_strays(delete=options["delete_strays"])
        if left:
            count = "One problem is" if left == 1 else f"{left} problems are"
            self.stdout.write(self.style.ERROR(f"{count} left."))
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("All files are as their records say."))

    def _check_files(self, *, repair: bool, read_again: bool) -> int:
        """Check every version of every file; return how many problems remain."""
        left = undrawn = 0
        total = DocumentFile.objects.count()
        files = DocumentFile.objects.select_related("document__publication").order_by("pk")
        for number, (file, derived) in enumerate(with_derived(files.iterator(chunk_size=100)), 1):
            problems = problems_of(file, derived)
            is_drawn = bool(derived.pictures)
            if repair if problems else read_again:
                problems = self._repaired(file, problems or [NOT_READ_AGAIN])
                is_drawn = file.pictures.exists()
            for problem in problems:
                self.stdout.write(f"{self._named(file)}: {problem.sentence}")
            left += bool(problems)
            if not problems and not is_drawn:
                undrawn += not (repair and self._is_drawn(file))
            self._show_progress(number, total)
        if self._has_bar:
            self.stderr.write("")
        if undrawn:
            # No fault: taken in by an earlier release, or none of its pages could be drawn.
            count = "One file has" if undrawn == 1 else f"{undrawn} files have"
            self.stdout.write(f"{count} no pictures of the pages. --repair draws them.")
        return left

    def _is_drawn(self, file: DocumentFile) -> bool:
        """Draw the pages of a file; return whether any has a picture now."""
        try:
            drawn = draw_again(file)
        except ValidationError as error:
            self.stdout.write(f"{self._named(file)}: not drawn. {' '.join(error.messages)}")
            return False
        pages = "1 page" if drawn == 1 else f"{drawn} pages"
        self.stdout.write(f"{self._named(file)}: {pages} drawn.")
        return drawn > 0

    def _repaired(self, file: DocumentFile, problems: list[Problem]) -> list[Problem]:
        if not all(problem.can_be_rebuilt for problem in problems):
            return problems
        with_findings = problems == [NOT_READ_AGAIN]
        try:
            new = rebuild(file, with_findings=with_findings)
        except ValidationError as error:
            self.stdout.write(f"{self._named(file)}: not repaired. {' '.join(error.messages)}")
            return problems
        what = ", ".join(problem.part for problem in problems)
        found = f" {new} of its findings {'is' if new == 1 else 'are'} new." if new else ""
        self.stdout.write(f"{self._named(file)}: {what} rebuilt.{found}")
        return []

    def _check_strays(self, *, delete: bool) -> int:
        strays = list(stray_names(before=timezone.now() - BEING_WRITTEN))
        for name in strays:
            if delete:
                default_storage.delete(name)
            self.stdout.write(f"{name}: no record knows it{'; deleted' if delete else ''}.")
        return 0 if delete else len(strays)

    def _sweep(self) -> None:
        for what, names in sweep().items():
            for name in names:
                self.stdout.write(f"{name}: {what}; deleted.")

    def _named(self, file: DocumentFile) -> str:
        if file.document is None:
            return file.content.name or "an upload"
        return f"{file.document.publication} / {file.document} ({file.content.name})"

    @property
    def _has_bar(self) -> bool:
        return bool(getattr(self.stderr, "isatty", lambda: False)())

    def _show_progress(self, number: int, total: int) -> None:
        if self._has_bar:
            done = BAR * number // total
            bar = "█" * done + "·" * (BAR - done)
            self.stderr.write(f"\r{bar} {number} of {total}", ending="")
            self.stderr.flush()
