"""Read-only requests keep no writer waiting: no GET opens a transaction that may write.

On SQLite every transaction takes the one write lock when it begins (BEGIN IMMEDIATE).
"""

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, get_resolver, resolve

from mscp.editing.merging import MergesAdmin
from mscp.editing.publishing import PublishableAdmin
from mscp.models import (
    AccountEvent,
    AccountEventKind,
    Autosave,
    BulkChange,
    PreviewLink,
    Redirect,
    Release,
    SearchSynonym,
    StatementConfirmation,
)
from mscp.publishing.gate import State
from reviews.absence_admin import AsksWhatMustNotAppear
from reviews.models import Document, Kind, ListLink
from tests.factories import (
    make_audience,
    make_backup,
    make_briefing,
    make_contact,
    make_course,
    make_identity,
    make_page,
    make_pending_change,
    make_report,
    make_review,
    make_user,
)
from tests.pages import body_of
from tests.snapshots import NOW
from tests.test_public_surfaces import World, routes
from tests.training.programme.steps import paste

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parent.parent.parent.parent
# PostgreSQL declares a cursor for what is read in parts.
READS = ("SELECT", "WITH", "DECLARE")
# A GET of these is refused, or never comes so far.
ONLY_POST = {
    "admin:logout",
    "admin:setting-up",
    "admin:view_on_site",
    "admin:autosave",
    "admin:autosave_throw_away",
    "admin:formatted",
    "admin:mscp_previewlink_settle",
    "admin:mscp_pendingchange_decide",
    "admin:pasted",
    *(
        f"admin:{name}_propose"
        for name in (
            *("reviews_practicereview", "reviews_nationalreport", "reviews_briefing"),
            *("training_course", "mscp_page"),
        )
    ),
    *(
        f"admin:reviews_documentfile_{name}"
        for name in ("upload", "accept", "take_back", "clean", "use", "discard", "restore")
    ),
}


def public_addresses(world: World) -> list[str]:
    return [addresses[0] for addresses in world.addresses().values()] + ["/nothing/"]


def staff_addresses(world: World) -> list[str]:
    previews: list[str] = []
    found = ["", "login/", "password_change/", "password_change/done/", "jsi18n/", "r/1/1/"]
    found += ["reviews/theme/common/"]
    found += ["autocomplete/?term=o&app_label=training&model_name=session&field_name=course"]
    found += [f"{app}/" for app in ("mscp", "reviews", "training", "auth")]
    kept = Autosave.objects.get()
    found += ["search/?q=elm", "mscp/release/gather/", f"typed/{kept.uid}/"]
    for model, its_admin in admin.site._registry.items():
        base = f"{model._meta.app_label}/{model._meta.model_name}/"
        found += [base, f"{base}add/"]
        record: Any = model._base_manager.order_by("-pk").first()
        assert record is not None, model
        found += [f"{base}{record.pk}/{page}/" for page in ("change", "delete", "history")]
        found += [f"{base}{record.pk}/history/1/"]
        for name in getattr(its_admin, "confirmed_actions", ()):
            keys = model._base_manager.order_by("pk").values_list("pk", flat=True)
            found.append(f"{base}step/{name}/?" + "&".join(f"id={key}" for key in keys))
        if model._meta.model_name == "documentfile":
            files = ("report/", "now/", "file.pdf", "cover-160.webp", "identifiers/")
            files += ("pages/1/", "corrections-before/", "word/")
            record = Document.objects.exclude(file=None).order_by("-pk")[0].file
            found += [f"{base}{record.uid}/{page}" for page in files]
        if model._meta.model_name == "programmeimport":
            found += [f"{base}{record.pk}/throw-away/", f"{base}export.csv"]
        if model._meta.model_name == "user":
            found.append(f"{base}{record.pk}/step/new-link/")
        if model._meta.model_name == "pendingchange":
            found.append(f"{base}{record.pk}/file/")
        if model._meta.model_name == "bulkchange":
            found.append(f"{base}{record.pk}/undo/")
        if isinstance(its_admin, MergesAdmin):
            found.append(f"{base}{record.pk}/merge/")
        if isinstance(its_admin, AsksWhatMustNotAppear):
            found.append(f"{base}{record.pk}/must-not-appear/")
        if isinstance(its_admin, PublishableAdmin):
            found.append(f"{base}{record.pk}/identifiers/")
            change = model._base_manager.exclude(revises=None).get()
            found += [f"{base}{change.pk}/{page}/" for page in ("compare", "look")]
            previews.append(change.get_absolute_url())
    return [*previews, *(f"/admin/{address}" for address in found)]


def make_everything(staff: Client) -> World:
    world = World(State.DRAFT)
    for make in (make_review, make_report, make_briefing, make_course, make_page):
        make().propose_change()
    make_identity()
    make_contact()
    StatementConfirmation.objects.create()
    make_page(state=State.DRAFT)
    make_audience()
    ListLink.objects.create(kind=Kind.BRIEFING, text="Others", address="https://example.org/")
    make_review(state=State.DRAFT, title="Elm", summary="Words.")
    paste(staff, "- Neglect - 14/01/2027\n", ticked=False)
    Release.objects.create(title="Monday")
    Redirect.objects.create(old_path="/old/", new_path="/reviews/")
    SearchSynonym.objects.create(terms="CE, child exploitation")
    draft = make_review(state=State.DRAFT, title="Ash")
    PreviewLink.make(draft, name="Robin", days=7, user=make_user())
    BulkChange.objects.create(what="themes", model="reviews.practicereview", made_at=NOW)
    AccountEvent.objects.create(kind=AccountEventKind.SIGNED_IN, at=NOW)
    make_backup()
    user = get_user_model()._default_manager.get(pk=staff.session["_auth_user_id"])
    make_pending_change(by=user)
    Autosave.objects.create(user=user, model="reviews.practicereview", data="title=Elm")
    return world


def test_the_walk_knows_every_page_of_the_admin(administrator: Client) -> None:
    walked = {
        match.view_name
        for address in staff_addresses(make_everything(administrator))
        if (match := resolve(address.partition("?")[0])).url_name
    }
    known = {name for name in routes(get_resolver()) if name.startswith("admin:")}
    assert known - ONLY_POST - {"admin:None"} <= walked


READER = """
import json, sqlite3, sys, time_machine
from tests import settings
database, uploads, cookie = sys.argv[1:]
settings.DATABASES["default"]["NAME"] = database
settings.DATABASES["default"]["OPTIONS"]["timeout"] = 0.1
settings.MEDIA_ROOT = uploads
import django
django.setup()
from tests.conftest import NOW
from django.test import Client
writer = sqlite3.connect(database, isolation_level=None)
writer.execute("PRAGMA journal_mode=WAL")
writer.execute("BEGIN IMMEDIATE")
time_machine.travel(NOW, tick=False).start()
client = Client(raise_request_exception=False)
client.cookies["sessionid"] = cookie
answers = {}
for address in json.load(sys.stdin):
    response = client.get(address)
    # An export is written while it is read, and keeps its place until it is closed.
    b"".join(response)
    response.close()
    answers[address] = response.status_code
json.dump(answers, sys.stdout, indent=0)
"""


def answers_while_the_write_lock_is_held(
    addresses: list[str], signed_in: Client, database: Path
) -> dict[str, int]:
    """Return what a process answers, on a copy of the database whose write lock it holds."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(database)])
    cookie = signed_in.cookies["sessionid"].value
    done = subprocess.run(
        [sys.executable, "-c", READER, str(database), str(settings.MEDIA_ROOT), cookie],
        input=json.dumps(addresses),
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": ""},
        text=True,
        check=True,
        timeout=120,
    )
    answers: dict[str, int] = json.loads(done.stdout)
    return answers


def one_of_each_view(addresses: Iterable[str]) -> list[str]:
    """Return an address for each view: one page of a kind waits as those of other records do.

    What each of them asks the database was seen before; a lock is taken by the code of its view.
    """
    by_view: dict[Any, str] = {}
    for address in addresses:
        try:
            view = inspect.unwrap(resolve(address.partition("?")[0]).func)
        except Resolver404:
            by_view.setdefault(None, address)
            continue
        # Pages of each model share a method of its admin, unless that has one of its own.
        by_view.setdefault(getattr(view, "__func__", view), address)
    return [*by_view.values()]


def test_no_get_begins_a_transaction_or_waits_for_the_write_lock(
    administrator: Client, tmp_path: Path
) -> None:
    world = make_everything(administrator)
    public, staff = public_addresses(world), staff_addresses(world)
    began = {}
    for client, addresses in ((Client(), public), (administrator, [*public, *staff])):
        answers = {}
        for address in addresses:
            with CaptureQueriesContext(connection) as captured:
                response = client.get(address)
                body_of(response)
            answers[address] = response.status_code
            asked = [query["sql"] for query in captured]
            writes = [sql for sql in asked if not sql.lstrip("( \n").startswith(READS)]
            if writes or any("FOR UPDATE" in sql for sql in asked):
                began[address] = writes or asked
    assert began == {}
    assert set(answers.values()) <= {200, 302, 403, 404, 405}
    # PostgreSQL has no lock that all writers share.
    if connection.vendor == "sqlite":
        database = tmp_path / "site.sqlite3"
        some = one_of_each_view(answers)
        assert len(some) > 100
        found = answers_while_the_write_lock_is_held(some, administrator, database)
        assert found == {address: answers[address] for address in some}
