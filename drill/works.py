"""Works of staff and operators, repeated until they are killed.

Each work writes to its journal what it is about to do ("trying") and what was confirmed to it
("done"), with the same facts. A response that nobody should get is written as "failed".
"""

import re
import signal
import time
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db.models.signals import post_migrate, pre_migrate
from django.test import Client

from drill.journal import Journal

HOST = "127.0.0.1"
REVIEWS = "/admin/reviews/practicereview/"
UPLOAD = "/admin/reviews/documentfile/upload/"
IMPORTS = "/admin/training/programmeimport/"
LINES_OF_IMPORT = 500
DATES_OF_COURSE = 10
STEPS = (("publish", "published"), ("withdraw", "withdrawn"), ("to-draft", "draft"))

_stop = False


def _ask_to_stop(*signal_and_frame: object) -> None:
    global _stop
    _stop = True


class RefusedError(Exception):
    """The site did not do what was requested."""


def client_of(username: str) -> Client:
    from django.contrib.auth import get_user_model

    client = Client(SERVER_NAME=HOST, raise_request_exception=False)
    user = get_user_model().objects.get(username=username)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _form(client: Client, address: str) -> dict[str, Any]:
    from tests.admin_forms import fields_of

    answer = client.get(address)
    if answer.status_code != 200:
        raise RefusedError(f"GET {address}: {answer.status_code}")
    return fields_of(answer)


def _post(client: Client, address: str, fields: dict[str, Any]) -> Any:
    answer = client.post(address, fields)
    if answer.status_code != 302:
        from tests.pages import text_of

        raise RefusedError(f"POST {address}: {answer.status_code}: {text_of(answer)[:300]}")
    return answer


# --- the works ------------------------------------------------------------------------------------


def save(journal: Journal, name: str, key: int) -> None:
    """Save the form of one draft again and again."""
    client = client_of("editor")
    address = f"{REVIEWS}{key}/change/"
    for number in count():
        fields = _form(client, address)
        facts = {"key": key, "summary": f"Saved by {name}, number {number}."}
        journal.write("trying", **facts)
        _post(client, address, {**fields, "summary": facts["summary"], "_save": "Save"})
        journal.write("done", **facts)
        if _stop:
            return


def publish(journal: Journal, name: str, key: int) -> None:
    """Publish a draft, withdraw it, take it back to draft, and begin again."""
    from reviews.models import PracticeReview

    client = client_of("publisher")
    at = [state for _, state in STEPS].index(PracticeReview.objects.get(pk=key).state)
    for number in count(at + 1):
        step, state = STEPS[number % len(STEPS)]
        address = f"{REVIEWS}step/{step}/?id={key}"
        fields = _form(client, address)
        reason = {"reason": "A drill"} if step == "withdraw" else {}
        journal.write("trying", key=key, state=state)
        _post(client, address, {**fields, **reason})
        journal.write("done", key=key, state=state)
        if _stop:
            return


def upload(journal: Journal, name: str, key: int) -> None:
    """Send a PDF ahead of the form of a new draft, as the script of the form does, and save it."""
    from tests.pdfs import pdf_saying

    client = client_of("editor")
    for number in count():
        title = f"Upload {name} {number} (fictional)"
        pdf = SimpleUploadedFile("report.pdf", pdf_saying(title), "application/pdf")
        journal.write("trying", title=title)
        answer = client.post(UPLOAD, {"file": pdf})
        if answer.status_code != 200:
            raise RefusedError(f"POST {UPLOAD}: {answer.status_code}: {answer.content[:300]!r}")
        document = {"kind": "report", "title": "Report", "position": "0"}
        document["file_taken"] = answer.json()["taken"]
        fields = _form(client, f"{REVIEWS}add/")
        fields |= {f"documents-0-{field}": value for field, value in document.items()}
        fields |= {"documents-TOTAL_FORMS": "1", "type": "lcspr", "title": title, "_save": "Save"}
        _post(client, f"{REVIEWS}add/", fields)
        journal.write("done", title=title)
        if _stop:
            return


def import_programme(journal: Journal, name: str, key: int) -> None:
    """Paste a programme of 500 new sessions of 50 courses, and confirm it."""
    from tests.training.programme.steps import address, form_of, paste

    client = client_of("publisher")
    for number in count():
        title = f"Course {name} {number}"
        lines = "".join(
            f"- {title} part {one // DATES_OF_COURSE} - {_day(one % DATES_OF_COURSE)}\n"
            for one in range(LINES_OF_IMPORT)
        )
        programme = paste(client, lines)
        fields = {**form_of(client, programme), "_confirm": "1"}
        journal.write("trying", title=title)
        _post(client, address(programme), fields)
        journal.write("done", title=title)
        if _stop:
            return


def _day(number: int) -> str:
    # Ten Mondays, so that none is doubted.
    return (date(2027, 1, 11) + timedelta(weeks=number)).strftime("%d/%m/%Y")


def rebuild(journal: Journal, name: str, key: int) -> None:
    """Rebuild the search indexes, again and again."""
    while not _stop:
        journal.write("trying")
        call_command("rebuild_search", verbosity=0, stdout=_Nowhere())
        journal.write("done")


def migrate(journal: Journal, name: str, key: int) -> None:
    """Upgrade the database; the journal says when each of Django's two signals comes."""

    def say(what: str) -> Callable[..., None]:
        return lambda **kwargs: journal.write(what)

    before, after = say("pre_migrate"), say("post_migrate")
    pre_migrate.connect(before)
    post_migrate.connect(after)
    journal.write("trying")
    call_command("migrate", verbosity=0)
    journal.write("done")


def seed(journal: Journal, name: str, key: int) -> None:
    """Load the catalogue and the samples into an empty site."""
    journal.write("trying")
    call_command("seed", "--samples", stdout=_Nowhere())
    journal.write("done")


def backup(journal: Journal, name: str, key: int) -> None:
    """Make backups, one after the other, each with a file that the one before has not."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    for number in count():
        default_storage.save(f"documents/{name}-{number}.pdf", ContentFile(b"%PDF" * 50_000))
        journal.write("trying", backup="")
        said = StringIO()
        call_command("backup", str(backups_folder()), stdout=said, stderr=said)
        journal.write("done", backup=re.findall(r"Backup (\S+) is whole", said.getvalue())[0])
        # A name is a moment, to the second.
        time.sleep(1)
        if _stop:
            return


def restore(journal: Journal, name: str, key: int) -> None:
    """Put the latest backup in the place of what there is."""
    journal.write("trying")
    call_command(
        "restore", str(backups_folder()), "--overwrite", stdout=_Nowhere(), stderr=_Nowhere()
    )
    journal.write("done")


def backups_folder() -> Path:
    from django.conf import settings

    return Path(settings.DATA_DIR) / "backups"


class _Nowhere:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


WORKS: dict[str, Callable[[Journal, str, int], None]] = {
    "save": save,
    "publish": publish,
    "upload": upload,
    "import": import_programme,
    "rebuild": rebuild,
    "migrate": migrate,
    "seed": seed,
    "backup": backup,
    "restore": restore,
}


def run(work: str, journal: Journal, name: str, key: int) -> None:
    signal.signal(signal.SIGTERM, _ask_to_stop)
    journal.write("started")
    try:
        WORKS[work](journal, name, key)
    except Exception as error:  # noqa: BLE001 - a fault of the site, whatever it is
        journal.write("failed", why=f"{type(error).__name__}: {error}")
