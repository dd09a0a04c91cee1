"""Rebuild the search indexes.

Triggers keep them up to date; this is for a database that was restored, or written to by other
means. Visitors can read and search, and editors save, while it runs.
"""

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mscp.search import maintenance
from mscp.search.building import OvertakenError
from mscp.search.index import INDEXES, Progress

WIDTH = 30
# Output that is not a terminal gets a line for each tenth instead of a bar.
LINES = 10


class Command(BaseCommand):
    help = __doc__.strip().partition("\n")[0]

    def handle(self, *args: object, **options: Any) -> None:
        # All before any is built: a course has the words of its themes, of another index.
        for index in INDEXES:
            index.rewrite(self._bar(monotonic()))
        for index in INDEXES:
            started = monotonic()
            try:
                maintenance.make(index, rewrite=False)
            except OvertakenError as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{index.name}: built in {monotonic() - started:.1f} s")

    def _bar(self, started: float) -> Progress:
        moves = self.stdout.isatty()
        last = -1

        def report(done: int, of: int) -> None:
            nonlocal last
            share = done / of if of else 1.0
            step = int(share * (WIDTH if moves else LINES))
            if step == last:
                return
            last = step
            speed = done / max(monotonic() - started, 0.001)
            line = f"{share:4.0%}  {done:,} of {of:,} pages, {speed:,.0f} a second"
            if moves:
                bar = "█" * step + "·" * (WIDTH - step)
                self.stdout.write(f"\r{bar} {line}", ending="\n" if done == of else "")
                self.stdout.flush()
            else:
                self.stdout.write(line)

        return report
