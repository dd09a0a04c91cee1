"""Make staff accounts for trying the site on one's own machine.

One of each: an administrator, an editor, a publisher, a trainer, with a generated password that is
saved in the data folder. Refused on a site that is served to others.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.utils.crypto import get_random_string

ACCOUNTS = {
    "admin": None,
    "editor": "Editors",
    "publisher": "Publishers",
    "trainer": "Training",
}


class Command(BaseCommand):
    help = __doc__.strip().partition("\n")[0]

    def handle(self, *args: object, **options: Any) -> None:
        if settings.HTTPS:
            raise CommandError("Only for a local run (HTTPS=0). Use createsuperuser instead.")
        password_file = settings.DATA_DIR / "staff-password"
        if not password_file.exists():
            password_file.touch(mode=0o600)
            password_file.write_text(get_random_string(14) + "\n", encoding="ascii")
        password = password_file.read_text(encoding="ascii").strip()
        User = get_user_model()
        for name, group in ACCOUNTS.items():
            user, made = User.objects.get_or_create(
                username=name, defaults={"is_staff": True, "is_superuser": group is None}
            )
            if made:
                user.set_password(password)
                user.save()
                if group:
                    user.groups.add(Group.objects.get(name=group))
        names = ", ".join(ACCOUNTS)
        if not settings.TWO_PEOPLE:
            self.stdout.write(
                "One person alone can publish here (TWO_PEOPLE=0); in production two are needed."
            )
        if not settings.SECOND_FACTOR:
            self.stdout.write(
                "Here a password is enough; in production a second factor is asked for as well."
            )
        self.stdout.write(f"Staff sign-in: /admin/  as {names}  with the password {password}")
