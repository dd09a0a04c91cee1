"""A process of the site whose clock is wrong by so many seconds; it does what is written to it.

``python -m tests.mscp.other_process DATABASE SECONDS``: each line of input is a JSON object, each
line of output its answer. The site asks its database for the time, as in earnest.
"""

import json
import sys
from datetime import UTC, datetime, timedelta

import django
import time_machine

from tests import settings
from tests.pages import body_of


def main(database: str, seconds: str) -> None:
    settings.CLOCK = "database"
    settings.DATABASES["default"]["NAME"] = database
    machine = time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(seconds)), tick=True)
    with machine as clock:
        django.setup()
        from django.contrib.auth import get_user_model
        from django.test import Client

        visitor, staff = Client(), Client()
        staff.force_login(
            get_user_model().objects.get(is_superuser=True),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        for line in sys.stdin:
            asked = json.loads(line)
            if "shift" in asked:
                clock.shift(timedelta(seconds=asked["shift"]))
                response = visitor.get("/healthz")
            elif "post" in asked:
                response = staff.post(asked["post"], asked["data"])
            else:
                response = (staff if asked["get"].startswith("/admin/") else visitor).get(
                    asked["get"]
                )
            answer = {"status": response.status_code, "body": body_of(response).decode()}
            print(json.dumps(answer), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(*sys.argv[1:])
