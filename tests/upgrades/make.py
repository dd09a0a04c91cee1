"""Make the database of a release, to be upgraded by the tests of every later one.

    python -m tests.upgrades.make NAME

writes NAME.sqlite3.xz, or NAME.sql.xz where DATABASE_URL names an empty PostgreSQL database,
beside this file: the catalogue, the fictional samples, a record at each state, an account that
no one can sign in to, and the history of all. Run it on the code of the release, before any
migration is added, and never again for the same NAME.
"""

import lzma
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import time_machine

FOLDER = Path(__file__).parent
# Before the clock of the tests, so that what is published is public under it.
MADE_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
# So far ahead that it is scheduled whenever the tests are run.
SCHEDULED_FOR = datetime(2099, 1, 1, 9, 0, tzinfo=UTC)


def fill() -> None:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.core.management import call_command

    from mscp.records.history import because
    from mscp.records.partial_dates import PartialDate
    from reviews.models import Briefing, NationalReport, PracticeReview
    from training.models import Course, Session

    call_command("migrate", verbosity=0)
    call_command("seed", "--shift-training", "--samples")
    user = get_user_model().objects.create_user(
        "sam", first_name="Sam", last_name="Sampleperson", email="sam@example.org", is_staff=True
    )
    user.groups.set(Group.objects.filter(name="Publishers"))

    def save(record, reason):  # type: ignore[no-untyped-def]
        record._history_user = user
        because(record, reason).save()
        return record

    save(PracticeReview(type="lcspr", title="Sample draft (fictional)"), "Begun")
    scheduled = save(
        Briefing(title="Sample scheduled learning (fictional)", summary="Words."), "Begun"
    )
    scheduled.publishing_obstacles = lambda: []
    scheduled.publish(at=SCHEDULED_FOR)
    withdrawn = save(
        NationalReport(
            type="thematic_report",
            title="Sample withdrawn report (fictional)",
            report_date=PartialDate.parse("July 2024"),
        ),
        "Begun",
    )
    withdrawn.publishing_obstacles = lambda: []
    withdrawn.publish()
    withdrawn.withdraw(reason="A sample of withdrawal", name="A sample report")
    course = save(Course(title="Sample course (fictional)", cost="Free"), "Begun")
    course.publishing_obstacles = lambda: []
    course.publish()
    for day in ("2026-12-07", "2098-06-03"):
        session = Session(course=course, start_date=datetime.fromisoformat(day).date())
        save(session, "Added")
    save(session, "Looked at").cancel(note="A sample of cancellation")


def main(name: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.db import connection

    with time_machine.travel(MADE_AT):
        fill()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        target = FOLDER / f"{name}.sqlite3.xz"
        made = Path(connection.settings_dict["NAME"]).read_bytes()
    else:
        target = FOLDER / f"{name}.sql.xz"
        dumped = subprocess.run(
            ["pg_dump", "--no-owner", "--no-privileges", os.environ["DATABASE_URL"]],  # noqa: S607
            check=True,
            capture_output=True,
        )
        # Commands that psql knows only since August 2025, against servers that are not ours.
        made = re.sub(rb"^\\(un)?restrict .*\n", b"", dumped.stdout, flags=re.MULTILINE)
    target.write_bytes(lzma.compress(made, preset=9 | lzma.PRESET_EXTREME))
    sys.stdout.write(f"{target.name}: {target.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1])
