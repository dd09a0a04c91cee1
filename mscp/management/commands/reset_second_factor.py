"""Reset the second factor of an account whose owner can sign in no more.

For the only administrator of a site, who has lost telephone and recovery codes: any other colleague
is helped in the admin. All sessions of the account end, and the next sign-in sets up a new one.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mscp.editing.account_events import record
from mscp.editing.second_factor import end_sessions, remove_all
from mscp.models import AccountEventKind


class Command(BaseCommand):
    help = __doc__.strip().partition("\n")[0]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user_name")

    def handle(self, *args: object, **options: Any) -> None:
        name = options["user_name"]
        account = get_user_model().objects.filter(username__iexact=name).first()
        if account is None:
            raise CommandError(f"There is no account {name}. Nothing was changed.")
        number = remove_all(account)
        end_sessions(account)
        record(AccountEventKind.FACTOR_RESET, None, account, detail="on the server")
        what = "1 second factor" if number == 1 else f"{number} second factors"
        self.stdout.write(f"{what} of {account} removed. The next sign-in sets up a new one.")
