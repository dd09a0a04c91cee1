"""Look at an upgraded database with the code of now, and print what was found as JSON.

It is a program of its own, since a process has one database: DATABASE_URL.
"""
# ruff: noqa: E402 - Django is set up before what needs it is imported

import json
import os
import re
import sys
from io import StringIO
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from mscp.search.index import INDEXES
from mscp.site import health
from reviews.models import NationalReport, PracticeReview
from tests.admin_forms import send

ADDRESSES = ["/", "/about/", "/reviews/", "/training/", "/themes/"]
ADDRESSES += ["/search/?q=child", "/readyz", "/sitemap.xml", "/training/venues/"]
ADMIN = ["", "reviews/practicereview/", "reviews/nationalreport/", "reviews/briefing/"]
ADMIN += ["training/course/", "training/session/", "training/venue/", "mscp/page/"]


def index_contents() -> dict[str, list[str]]:
    """Read every row of every word index."""
    columns = "rowid, *" if connection.vendor == "sqlite" else "*"
    contents = {}
    with connection.cursor() as cursor:
        for index in INDEXES:
            cursor.execute(f"SELECT {columns} FROM {index.name}")  # noqa: S608 - our own name
            contents[index.name] = sorted(repr(row) for row in cursor.fetchall())
    return contents


def statuses(client: Client, addresses: list[str]) -> dict[str, int]:
    return {address: client.get(address).status_code for address in addresses}


def edit(client: Client) -> dict[str, Any]:
    """Change a record that was there and make a new one, through the forms of the admin."""
    old = PracticeReview.objects.get(title="Sample review (fictional)")
    address = f"/admin/reviews/practicereview/{old.pk}/change/"
    answers = [send(client, address, summary="A walrus was here.").status_code]
    new = {"type": "annual_report", "title": "Report of a pangolin", "summary": "Words."}
    answers.append(send(client, "/admin/reviews/nationalreport/add/", **new).status_code)
    NationalReport.objects.get(title="Report of a pangolin").publish()
    walrus, pangolin = (
        re.sub(r"</?mark>", "", client.get(f"/search/?q={word}").content.decode())
        for word in ("walrus", "pangolin")
    )
    return {
        "answers": answers,
        "history": old.history.count(),
        "old found": "Sample review (fictional)" in walrus,
        "new found": "Report of a pangolin" in pangolin,
        "index": index_contents(),
    }


def refusal_of(command: str, **options: Any) -> str:
    """Run a command; return why it ended with an error, or nothing."""
    try:
        call_command(command, stdout=StringIO(), stderr=StringIO(), **options)
    except (CommandError, SystemExit) as error:
        return repr(error)
    return ""


def main() -> None:
    result: dict[str, Any] = {"faults": [str(fault) for fault in health.faults()]}
    result["check"] = refusal_of("check", databases=["default"])
    result["index"] = index_contents()
    call_command("rebuild_search", stdout=StringIO())
    result["rebuilt"] = index_contents()
    sitemap = Client().get("/sitemap.xml").content.decode()
    pages = [
        address
        for section in re.findall(r"<loc>http://testserver([^<]+)</loc>", sitemap)
        for address in re.findall(
            r"<loc>http://testserver([^<]+)</loc>", Client().get(section).content.decode()
        )
    ]
    result["pages"] = statuses(Client(), ADDRESSES + pages)
    user = get_user_model().objects.get(username="sam")
    user.is_superuser = True
    user.save()
    staff = Client()
    staff.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    result["admin"] = statuses(staff, [f"/admin/{one}" for one in ADMIN])
    result["edit"] = edit(staff)
    call_command("rebuild_search", stdout=StringIO())
    result["edit"]["rebuilt"] = index_contents()
    result["migrate --check"] = refusal_of("migrate", check_unapplied=True)
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
