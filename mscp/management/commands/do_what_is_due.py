"""Let releases go live whose moment has come, and take back schedules that nobody approved.

The first request after the moment does it by itself. This is for those who want it done without
one: before a backup, or from a timer.
"""

from django.core.management.base import BaseCommand

from mscp.publishing import schedules
from mscp.publishing.releases import Release, do_what_is_due


class Command(BaseCommand):
    help = __doc__.strip().partition("\n")[0]

    def handle(self, *args: object, **options: object) -> None:
        schedules.take_back()
        before = Release.objects.scheduled().count()
        do_what_is_due()
        self.stdout.write(f"{before - Release.objects.scheduled().count()} done.")
