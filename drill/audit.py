"""Audit of a site after a kill: nothing confirmed is lost or half done, all is consistent.

Run with the settings of a site: `python -m drill.audit`. It keeps running, as another worker of the
site does, so that its caches are audited too. It reads one line of JSON for each audit (its name,
the events of the journal) and answers with the faults, each a sentence.
"""

import json
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import django

from drill.journal import Event

CONFIRMED, BEGUN = "done", "trying"
STATUS = {"published": 200, "draft": 404, "withdrawn": 410}
# More of the same fault would say nothing more.
MOST_FAULTS = 5


def _events(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event["event"] == kind]


def last_of(events: list[Event], fact: str) -> dict[int, set[Any]]:
    """Return the possible values of each record's fact: confirmed last, or attempted since."""
    possible: dict[int, set[Any]] = {}
    for event in events:
        if event["event"] == CONFIRMED:
            possible[event["key"]] = {event[fact]}
        elif event["event"] == BEGUN:
            possible.setdefault(event["key"], set()).add(event[fact])
    return possible


# --- what each work left --------------------------------------------------------------------------


def as_confirmed(events: list[Event], fact: str) -> Iterator[str]:
    from reviews.models import PracticeReview

    confirmed = {event["key"] for event in _events(events, CONFIRMED)}
    for key, possible in last_of(events, fact).items():
        now = getattr(PracticeReview.objects.get(pk=key), fact)
        if key in confirmed and now not in possible:
            yield f"The {fact} of review {key} is “{now}”, and none of {sorted(possible)}."


def saved(events: list[Event]) -> Iterator[str]:
    yield from as_confirmed(events, "summary")


def published(events: list[Event]) -> Iterator[str]:
    yield from as_confirmed(events, "state")


def uploaded(events: list[Event]) -> Iterator[str]:
    from reviews.models import PracticeReview

    for event in _events(events, CONFIRMED):
        review = PracticeReview.objects.filter(title=event["title"]).first()
        if review is None:
            yield f"“{event['title']}” was saved and is gone."
        elif review.documents.filter(file__isnull=False).count() != 1:
            yield f"“{event['title']}” has lost its document."


def imported(events: list[Event]) -> Iterator[str]:
    from drill.works import LINES_OF_IMPORT
    from training.models import Session

    confirmed = {event["title"] for event in _events(events, CONFIRMED)}
    for event in _events(events, BEGUN):
        number = Session.objects.filter(course__title__startswith=f"{event['title']} part").count()
        if event["title"] in confirmed and number != LINES_OF_IMPORT:
            yield f"{number} sessions of “{event['title']}” are left of {LINES_OF_IMPORT}."
        elif number not in (0, LINES_OF_IMPORT):
            yield f"“{event['title']}” was imported by half: {number} sessions."


def backed_up(events: list[Event]) -> Iterator[str]:
    """Read every backup whole, those of before the kill too; none is broken."""
    import tempfile

    from drill.works import backups_folder
    from mscp.backup import making, restoring
    from mscp.backup.errors import BackupError
    from mscp.backup.targets import target_of

    target = target_of(str(backups_folder()))
    there = making.backups(target)
    yield from (
        f"The backup {event['backup']} was made and is gone."
        for event in _events(events, CONFIRMED)
        if event["backup"] not in there
    )
    # The earlier ones have been read by the audits before this one.
    for name in there[-2:]:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            try:
                chosen = restoring.choose(target, name, work)
                restoring.verify(chosen, work, "", lambda _: None)
            except BackupError as error:
                yield f"The backup {name}: {error}"


def nothing_more(events: list[Event]) -> Iterator[str]:
    yield from ()


OF_WORK = {
    "save": saved,
    "publish": published,
    "upload": uploaded,
    "import": imported,
    "rebuild": nothing_more,
    "migrate": nothing_more,
    "seed": nothing_more,
    "backup": backed_up,
    "restore": nothing_more,
}


# --- the whole site -------------------------------------------------------------------------------


def surfaces() -> Iterator[str]:
    """Compare the state of every review with its page, the list, a search and the feed."""
    from django.test import Client

    from reviews.models import PracticeReview

    client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
    reviews = list(PracticeReview.objects.all())
    public = {review.title for review in reviews if review.is_published}
    for review in reviews:
        status = client.get(review.get_absolute_url()).status_code
        if status != STATUS[review.current_state.value]:
            yield f"“{review}” is {review.current_state.value}, and its page answers {status}."
    for address in ("/reviews/export.v1.json", "/reviews/export.v1.json?q=fictional"):
        answer = client.get(address)
        if answer.status_code != 200:
            yield f"{address} answers {answer.status_code}."
            continue
        text = answer.content.decode()
        wanted = {title for title in public if "q=" not in address or "fictional" in title.lower()}
        for title in {review.title for review in reviews}:
            if (title in text) != (title in wanted):
                yield f"“{title}” is {'not ' if title in wanted else ''}in {address}."


def files() -> Iterator[str]:
    """Compare every file with its record."""
    from reviews.documents.checking import problems_of
    from reviews.models import DocumentFile

    for file in DocumentFile.objects.all():
        for problem in problems_of(file):
            yield f"{file.content.name}: {problem.sentence}"


def accepts_a_save() -> Iterator[str]:
    """Save a record, which must not wait for a lock that the killed process has left."""
    from django.db import DatabaseError

    from mscp.models import ConcernContact

    try:
        ConcernContact.objects.create(label="Drill", phone="020 7946 0000").delete()
    except DatabaseError as error:
        yield f"Nothing can be saved: {error}"


def health() -> Iterator[str]:
    from mscp.site import health as site

    yield from (fault.sentence for fault in site.faults())


CHECKS = (health, accepts_a_save, surfaces, files)


def index_differences() -> Iterator[str]:
    """Compare the terms of every record in each word index with what its source gives."""
    from django.db import connection

    from mscp.search.index import INDEXES

    is_sqlite = connection.vendor == "sqlite"
    columns = ("names", "starts", "words")
    expressions = columns if is_sqlite else [f"tsvector_to_array({column})" for column in columns]
    with connection.cursor() as cursor:
        for index in INDEXES:
            source = index.source.format(concat="group_concat" if is_sqlite else "string_agg")
            cursor.execute(f"SELECT id, {', '.join(columns)} FROM ({source}) AS source")
            wanted = {key: [_terms(text) for text in texts] for key, *texts in cursor.fetchall()}
            # FTS5 has no content; the different terms stand beside it.
            table = f"{index.name}_kept" if is_sqlite else index.name
            cursor.execute(f"SELECT id, {', '.join(expressions)} FROM {table}")
            found = {key: [_terms(text) for text in texts] for key, *texts in cursor.fetchall()}
            for one in sorted(wanted.keys() | found.keys()):
                if wanted.get(one) != found.get(one):
                    yield f"{index.name} does not hold what record {one} says."
            if is_sqlite:
                # FTS5 compares its own structures, and raises if they differ.
                cursor.execute(
                    f"INSERT INTO {index.name} ({index.name}) VALUES ('integrity-check')"
                )


def _terms(text: str | list[str]) -> set[str]:
    from mscp.search.analysis import BAR, FORMS, PAGE

    some = text.replace(",", " ").split() if isinstance(text, str) else text
    # A sign that stands alone, as "&" in a title, is no term of either database.
    return {one for one in some if any(map(str.isalnum, one))} - {BAR, PAGE, FORMS}


def audit(work: str, events: list[Event]) -> list[str]:
    faults = [event["why"] for event in _events(events, "failed")]
    faults += list(OF_WORK[work](events))
    # The database of an earlier release comes without its files.
    checks = [check for check in CHECKS if not (work == "migrate" and check is files)]
    for check in (*checks, index_differences):
        faults += list(check())[:MOST_FAULTS]
    return faults


# --- orders ---------------------------------------------------------------------------------------


def prepare() -> dict[str, Any]:
    """Make the users and the drafts that works need, and return the keys of the drafts."""
    from mscp.publishing.gate import State
    from tests.factories import make_review, make_user

    make_user("Editors", username="editor")
    make_user("Publishers", username="publisher")
    drafts = [
        make_review(state=State.DRAFT, title=f"Drill {number} (fictional)", summary="Words.")
        for number in range(3)
    ]
    return {"keys": [draft.pk for draft in drafts]}


def sweep() -> list[str]:
    """Remove what kills have left in the storage and in the work folder; name what remains."""
    from django.conf import settings
    from django.core.files.storage import default_storage
    from django.utils import timezone

    from reviews.documents import stored_files, work_folders

    stored_files.sweep()
    # `check_documents --delete-strays` does the same with what is older than an hour.
    for name in list(stored_files.stray_names(before=timezone.now())):
        default_storage.delete(name)
    strays = stored_files.stray_names(before=timezone.now())
    folders = Path(settings.FILE_UPLOAD_TEMP_DIR).glob(f"{work_folders.PREFIX}*")
    return [f"{name} is left behind." for name in (*strays, *folders)]


def half() -> dict[str, Any]:
    """Return whether a half-upgraded site reports it. If it does not, all must be in order."""
    from django.core.management import CommandError, call_command
    from django.test import Client

    answer = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False).get("/readyz")
    refused = answer.status_code == 503
    try:
        call_command("check", databases=["default"], stdout=StringIO(), stderr=StringIO())
        checked = False
    except CommandError:
        checked = True
    if refused != checked:
        fault = (
            f"/readyz answers {answer.status_code}, and check {'fails' if checked else 'passes'}."
        )
        return {"refused": refused, "faults": [fault]}
    if refused:
        return {"refused": True, "faults": []}
    return {"refused": False, "faults": audit("migrate", [])}


BEFORE, AFTER = "As it was backed up (fictional)", "Changed since (fictional)"


def back_up() -> list[str]:
    """Make a backup of a site with a review, and then change that."""
    from django.core.management import call_command

    from drill.works import backups_folder
    from reviews.models import PracticeReview
    from tests.factories import MINIMAL_PDF, make_document, make_review

    review = make_review(title=BEFORE)
    make_document(review, pdf=MINIMAL_PDF)
    call_command("backup", str(backups_folder()), stdout=StringIO(), stderr=StringIO())
    PracticeReview.objects.filter(pk=review.pk).update(title=AFTER)
    return []


def is_either() -> list[str]:
    """Return a fault unless the database is the one of before a restore, or the one of after."""
    from reviews.models import PracticeReview

    titles = list(PracticeReview.objects.values_list("title", flat=True))
    return [] if titles in ([BEFORE], [AFTER]) else [f"Half restored, it has {titles}."]


def is_restored() -> list[str]:
    from reviews.models import PracticeReview

    titles = list(PracticeReview.objects.values_list("title", flat=True))
    return [] if titles == [BEFORE] else [f"Restored again, it has {titles}."]


def counts() -> dict[str, int]:
    from django.apps import apps

    models = [
        model for app in ("reviews", "training") for model in apps.get_app_config(app).get_models()
    ]
    return {model.__name__: model._default_manager.count() for model in models}


def obey(order: dict[str, Any]) -> Any:
    match order["what"]:
        case "audit":
            return audit(order["work"], order["events"])
        case "prepare":
            return prepare()
        case "sweep":
            return sweep()
        case "half":
            return half()
        case "back_up":
            return back_up()
        case "is_either":
            return is_either()
        case "is_restored":
            return is_restored()
        case "counts":
            return counts()
    raise ValueError(order["what"])


def main() -> None:
    django.setup()
    from django.db import connections
    from django.test.utils import setup_test_environment

    setup_test_environment(debug=False)
    # The output of commands is not an answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps("ready"), flush=True, file=answers)
    for line in sys.stdin:
        answer = obey(json.loads(line))
        # The next drill may put another database in the place of this one.
        connections.close_all()
        print(json.dumps(answer), flush=True, file=answers)


if __name__ == "__main__":
    main()
