"""Let releases go live whose moment has come.

The first request after the moment does it by itself. This is for those who want it done without
one: before a backup, or from a timer.
"""

from django.core.management.base import BaseCommand

from mscp.publishing.releases import Release, do_what_is_due


class Command(BaseCommand):
    help = __doc__.strip().partition("\n")[0]

    def handle(self, *args: object, **options: object) -> None:
        before = Release.objects.scheduled().count()
        do_what_is_due()
        self.stdout.write(f"{before - Release.objects.scheduled().count()} done.")
