"""Faults of what the site stands on: a full disk, a database, Redis or a storage that fails.

Each fault befalls a site that gunicorn serves as in production, on a small disk of its own, with a
Redis and, on PostgreSQL, a cluster of its own. What is looked at is what people get.
"""

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench.filled import collect_static
from bench.own_site import ROOT, Site, own_site
from bench.server import Server, serving
from drill import services
from drill.databases import SQLITE, bring_up_to_date, keep_dump, on_each, parser_of
from drill.figures import Outcome
from drill.kill import Servant
from drill.staff import Answer, Staff, StaffError, visit

# Of the small disk: the site alone, and with a database cluster.
MEGABYTES = {"SQLite": 120, "PostgreSQL": 420}
# Letters that fit into no free space of a page of the database.
LONG = "猫" * 3000
SECONDS_TO_RECOVER = 30
# How long the drill's own lock on SQLite is waited for.
SECONDS_OF_A_LOCK = 2
# From so many seconds a call on, a page that waits for the storage is told from a busy machine.
TOLD_APART = 5
FULL_DATABASE = 507
UNAVAILABLE = 503
GONE_STATUS = (UNAVAILABLE, FULL_DATABASE)
FORM = "/admin/reviews/practicereview/{key}/change/"


@dataclass
class Standing:
    """A site and what it stands on."""

    site: Site
    disk: Path
    why_not: str
    """Why the disk is none that may be filled; else empty."""
    redis: services.Redis
    cluster: services.Cluster | None
    slow: float
    made: dict[str, Any]

    @contextmanager
    def served(self, site: Site | None = None) -> Iterator["Ground"]:
        with serving(site or self.site) as server:
            staff = Staff(server.port, "publisher", self.made["password"])
            yield Ground(*(getattr(self, one.name) for one in fields(Standing)), server, staff)


@dataclass
class Ground(Standing):
    """The site while it is served, and a publisher who uses it."""

    server: Server
    staff: Staff

    @property
    def data(self) -> Path:
        return Path(self.site.environment["DATA_DIR"])

    @property
    def form(self) -> str:
        return FORM.format(key=self.made["key"])

    def visit(self, path: str) -> Answer:
        return visit(self.server.port, path)

    def pages(self) -> list[str]:
        """Return addresses of pages: some that are kept, one that nobody has asked for."""
        return ["/", "/reviews/", self.made["page"], f"/search/?q={services.a_word()}"]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.site.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def save(self, summary: str) -> Answer:
        """Save the draft's form with another summary; return what the editor gets."""
        fields = {**self.staff.form(self.form), "summary": summary, "_save": "Save"}
        return self.send(fields)

    def send(self, fields: dict[str, Any]) -> Answer:
        status, text = self.staff.post(self.form, **fields)
        return Answer(status, text, {})

    def saved(self) -> str:
        return str(self.staff.form(self.form)["summary"])


# --- what is looked at after each fault -----------------------------------------------------------


def all_is_well(ground: Ground, outcome: Outcome) -> None:
    """Wait until every page is answered, without doing anything; then use the site and audit it."""
    deadline = time.monotonic() + SECONDS_TO_RECOVER
    began = time.monotonic()
    while True:
        statuses = {path: _status(ground, path) for path in [*ground.pages(), "/readyz"]}
        if set(statuses.values()) == {200}:
            break
        if time.monotonic() > deadline:
            outcome.faults.append(f"It did not recover within {SECONDS_TO_RECOVER} s: {statuses}.")
            return
        time.sleep(0.2)
    outcome.figure += f", well again after {time.monotonic() - began:.1f} s"
    word = services.a_word()
    try:
        answer = ground.save(f"Saved afterwards: {word}.")
        outcome.expect(answer.status == 302, f"A save afterwards is answered {answer.status}.")
        ground.staff.upload(a_pdf())
        ground.staff.step("practicereview", "publish", ground.made["key"])
        page = f"/reviews/{ground.made['slug']}/"
        shown = ground.visit(page)
        outcome.expect(shown.status == 200 and word in shown.text, f"{page} is not as saved.")
        ground.staff.step("practicereview", "withdraw", ground.made["key"], reason="A drill")
        ground.staff.step("practicereview", "to-draft", ground.made["key"])
        outcome.expect(ground.visit(page).status == 404, f"{page} is still answered.")
    except StaffError as error:
        outcome.faults.append(str(error))
    with Servant(ground.site, "drill.audit") as auditor:
        outcome.faults += auditor.ask(what="audit", work="save", events=[])
        outcome.faults += auditor.ask(what="sweep")


def _status(ground: Ground, path: str) -> int:
    try:
        return ground.visit(path).status
    except OSError:
        return 0


def a_pdf() -> bytes:
    from tests.pdfs import pdf_saying

    return pdf_saying("Words of a report that is sent.")


def fields_in(answer: Answer) -> dict[str, Any]:
    from tests.admin_forms import fields_of

    return fields_of(SimpleNamespace(content=answer.text.encode()))


def politely(ground: Ground, outcome: Outcome, *, pages: bool = False) -> int:
    """Ask for pages as visitors; each is given or politely refused. Return how many were given."""
    given = 0
    for path in ground.pages():
        answer = ground.visit(path)
        given += answer.status == 200
        good = answer.status == 200 if pages else answer.is_polite
        outcome.expect(good, f"{path} is answered {answer.status} to a visitor.")
    alive = ground.visit("/healthz").status
    outcome.expect(alive == 200, f"/healthz is answered {alive}.")
    return given


def typing_survives(outcome: Outcome, answer: Answer, typed: str) -> None:
    """Expect a refusal that has what was typed: in the form again, or in the browser (F5)."""
    if answer.status not in GONE_STATUS:
        outcome.faults.append(f"A save is answered {answer.status}.")
    elif "has what you typed" not in answer.text:
        with suppress(KeyError, AssertionError, IndexError):
            if fields_in(answer)["summary"] == typed:
                return
        outcome.faults.append("A form that was refused does not come back filled in.")


# --- the faults -----------------------------------------------------------------------------------


def redis_gone(ground: Ground) -> Outcome:
    outcome = Outcome("redis-gone", "")
    politely(ground, outcome, pages=True)
    outcome.expect(ground.redis.pages, "No page is shared at the start.")
    ground.redis.ask("CONFIG", "SET", "maxmemory", "1")
    politely(ground, outcome, pages=True)
    ground.redis.stop()
    politely(ground, outcome, pages=True)
    word = services.a_word()
    ground.save(f"Changed meanwhile: {word}.")
    ground.staff.step("practicereview", "publish", ground.made["key"])
    page = ground.visit(f"/reviews/{ground.made['slug']}/")
    outcome.expect(word in page.text, "A page is old while Redis is gone.")
    ground.staff.step("practicereview", "withdraw", ground.made["key"], reason="A drill")
    ground.staff.step("practicereview", "to-draft", ground.made["key"])
    ground.redis.start()
    deadline = time.monotonic() + SECONDS_TO_RECOVER
    while not ground.redis.pages and time.monotonic() < deadline:
        ground.visit(f"/search/?q={services.a_word()}")
        time.sleep(0.2)
    outcome.expect(ground.redis.pages, "Pages are not shared again.")
    outcome.figure = "every page answered while it was full and gone"
    all_is_well(ground, outcome)
    return outcome


def missing_upload(ground: Ground) -> Outcome:
    outcome = Outcome("missing-upload", "")
    stored = ground.data / "uploads" / ground.made["stored"]
    aside = stored.with_suffix(".aside")
    stored.rename(aside)
    status = ground.visit(ground.made["document"]).status
    outcome.expect(status == 404, f"The file that is gone is answered {status}.")
    politely(ground, outcome, pages=True)
    checked = ground.manage("check_documents")
    named = ground.made["stored"] in checked.stdout or "the file is missing" in checked.stdout
    outcome.expect(checked.returncode and named, "check_documents does not name it.")
    aside.rename(stored)
    status = ground.visit(ground.made["document"]).status
    outcome.expect(status == 200, f"The file that was put back is answered {status}.")
    checked = ground.manage("check_documents")
    outcome.expect(checked.returncode == 0, f"check_documents: {checked.stdout[-200:]}")
    outcome.figure = "404 for the file, pages answered, named by `check_documents`"
    return outcome


def full_disk(ground: Ground) -> Outcome:
    outcome = Outcome("full-disk", "")
    target = ground.disk / "backups"
    earlier = ground.manage("backup", str(target))
    outcome.expect(earlier.returncode == 0, f"backup: {earlier.stderr[-200:]}")
    fields = {**ground.staff.form(ground.form), "summary": LONG, "_save": "Save"}
    before = fields["summary"] and ground.saved()
    refused = 0
    with services.full(ground.disk):
        given = politely(ground, outcome, pages=True)
        answer = ground.send(fields)
        if answer.status == 302:
            outcome.expect(ground.saved() == LONG, "What was confirmed is not there.")
        else:
            refused += 1
            typing_survives(outcome, answer, LONG)
            outcome.expect(ground.saved() == before, "What was refused was saved by half.")
        status, text = ground.staff.send(a_pdf())
        refused += _is_refused_upload(outcome, status, text)
        try:
            ground.staff.step("practicereview", "publish", ground.made["key"])
        except StaffError as error:
            refused += 1
            sentence = str(error)
            outcome.expect(any(f" {code}:" in sentence for code in GONE_STATUS), sentence)
        signing_in = _sign_in_status(ground)
        outcome.expect(signing_in in (302, *GONE_STATUS), f"Signing in is answered {signing_in}.")
        backup = ground.manage("backup", str(target))
        outcome.expect(backup.returncode, "A backup is made on a full disk.")
        outcome.expect(
            "Traceback" not in backup.stderr, f"A backup on a full disk: {backup.stderr[-300:]}"
        )
    verified = ground.manage("restore", str(target), "--verify")
    outcome.expect(verified.returncode == 0, f"The earlier backup: {verified.stderr[-200:]}")
    _back_to_draft(ground)
    again = ground.manage("backup", str(target))
    outcome.expect(again.returncode == 0, f"A backup afterwards: {again.stderr[-200:]}")
    left = list(target.glob(".work-*"))
    outcome.expect(not left, f"A broken backup has left {left}.")
    outcome.figure = f"{given} pages given, {refused} of 3 steps of staff refused in a sentence"
    all_is_well(ground, outcome)
    return outcome


def _is_refused_upload(outcome: Outcome, status: int, text: str) -> bool:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = {}
    outcome.expect(
        answer.get("taken") or answer.get("refused"), f"An upload: {status} {text[:200]}"
    )
    return "refused" in answer


def _sign_in_status(ground: Ground) -> int:
    try:
        Staff(ground.server.port, "publisher", ground.made["password"])
    except StaffError as error:
        return int("".join(filter(str.isdigit, str(error))) or 0)
    return 302


def _back_to_draft(ground: Ground) -> None:
    """Take the review back to what it was, whether it could be published or not."""
    for step, reason in (("withdraw", {"reason": "A drill"}), ("to-draft", {})):
        with suppress(StaffError):
            ground.staff.step("practicereview", step, ground.made["key"], **reason)


def database_gone(ground: Ground) -> Outcome:
    outcome = Outcome("database-gone", "")
    typed = f"Typed while it was gone: {services.a_word()}."
    fields = {**ground.staff.form(ground.form), "summary": typed, "_save": "Save"}
    if ground.cluster:
        ground.cluster.stop()
        given = politely(ground, outcome)
        answer = ground.send(fields)
        typing_survives(outcome, answer, typed)
        ready = ground.visit("/readyz").status
        outcome.expect(ready == UNAVAILABLE, f"/readyz is answered {ready}.")
        ground.cluster.start()
        figure = f"{given} pages and {4 - given} times 503 while it was gone"
    else:
        with closing(sqlite3.connect(ground.data / "site.sqlite3")) as other:
            other.execute("BEGIN IMMEDIATE")
            given = politely(ground, outcome, pages=True)
            answer = ground.send(fields)
            typing_survives(outcome, answer, typed)
        figure = f"{given} pages given while it was locked"
    outcome.expect(ground.saved() != typed, "What was refused was saved.")
    resent = ground.send(fields)
    outcome.expect(resent.status == 302 and ground.saved() == typed, "Sent again it is not saved.")
    outcome.figure = figure
    all_is_well(ground, outcome)
    return outcome


def slow_storage(ground: Ground) -> Outcome:
    """Serve the same site from a storage that is slow; many readers ask for files meanwhile."""
    outcome = Outcome("slow-storage", "")
    environment = {
        **ground.site.environment,
        "DJANGO_SETTINGS_MODULE": "drill.slow_settings",
        "DRILL_SECONDS": str(ground.slow),
    }
    with ground.served(replace(ground.site, environment=environment)) as slow:
        until = time.monotonic() + max(3 * ground.slow, 5)
        asked: list[Answer] = []
        waits: list[float] = []
        files = [ground.made["document"], ground.made["document"] + "?download"]
        readers = [
            threading.Thread(target=_read_files, args=(slow, files, until, asked))
            for _ in range(40)
        ]
        uploading = threading.Thread(
            target=_guarded, args=(outcome, lambda: slow.staff.upload(a_pdf()))
        )
        for thread in (*readers, uploading):
            thread.start()
        editor = Staff(slow.server.port, "editor", ground.made["password"])
        while time.monotonic() < until:
            for path in slow.pages():
                began = time.monotonic()
                answer = slow.visit(path)
                waits.append(time.monotonic() - began)
                outcome.expect(answer.status == 200, f"{path} is answered {answer.status}.")
            form = editor.form(ground.form)
            editor.save(ground.form, summary=f"Saved beside: {services.a_word()}.")
            outcome.expect(form, "No form was given.")
        for thread in (*readers, uploading):
            thread.join()
    rude = {answer.status for answer in asked if not _is_polite_file(answer)}
    outcome.expect(not rude, f"Files are answered {rude}.")
    # A page may take a second by itself where other programs take the processors.
    waited = max(waits) if ground.slow >= TOLD_APART else min(waits)
    outcome.expect(waited < ground.slow, f"A page waited {waited:.1f} s for the storage.")
    sent = sum(answer.status == 200 for answer in asked)
    outcome.figure = (
        f"{ground.slow:.0f} s a call: {len(waits)} pages in at most {max(waits):.1f} s, "
        f"{sent} files sent, {len(asked) - sent} told to come again, an upload taken"
    )
    all_is_well(ground, outcome)
    return outcome


def _read_files(ground: Ground, files: list[str], until: float, asked: list[Answer]) -> None:
    number = 0
    while time.monotonic() < until:
        number += 1
        with suppress(OSError):
            answer = ground.visit(files[number % 2])
            asked.append(answer)
            if answer.status != 200:
                # As a reader does who is told to come again.
                time.sleep(0.5)


def _is_polite_file(answer: Answer) -> bool:
    return answer.status == 200 or (answer.status == 503 and "Retry-After" in answer.headers)


def _guarded(outcome: Outcome, work: Callable[[], None]) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
        outcome.faults.append(f"{type(error).__name__}: {error}")


def damaged_database(ground: Ground) -> Outcome:
    """Overwrite the pages of a table at a time; the last time the head of the file."""
    outcome = Outcome("damaged-database", "")
    target = ground.disk / "backups"
    made = ground.manage("backup", str(target))
    outcome.expect(made.returncode == 0, f"backup: {made.stderr[-200:]}")
    path = ground.data / "site.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = database.execute("PRAGMA page_size").fetchone()
        roots = dict(
            database.execute(
                "SELECT name, rootpage FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
            )
        )
    whole = path.read_bytes()
    given = refused = 0
    tables = ("reviews_publication", "mscp_stamp", "reviews_theme", "django_session", "")
    for table in tables:
        with path.open("r+b") as file:
            file.seek((roots[table] - 1) * size if table else 0)
            file.write(b"\xa5" * size)
        for address in ground.pages():
            answer = ground.visit(address)
            given += answer.status == 200
            refused += answer.status == 503
            where = f"With {table or 'the head of the file'} damaged"
            outcome.expect(answer.is_polite, f"{where} {address} is answered {answer.status}.")
        backup = ground.manage("backup", str(target))
        outcome.expect(backup.returncode, f"With {table} damaged a backup is made.")
        if table != tables[-1]:
            path.write_bytes(whole)
    verified = ground.manage("restore", str(target), "--verify")
    outcome.expect(verified.returncode == 0, f"The earlier backup: {verified.stderr[-200:]}")
    outcome.figure = f"{given} pages given and {refused} times 503, 5 backups refused"
    return outcome


# --- the site -------------------------------------------------------------------------------------


@contextmanager
def _on(shown: str, slow: float) -> Iterator[Standing]:
    kind = "SQLite" if shown == SQLITE else "PostgreSQL"
    with ExitStack() as stack:
        disk, why_not = stack.enter_context(services.small_disk(MEGABYTES[kind]))
        redis = stack.enter_context(services.redis(disk))
        cluster = stack.enter_context(services.cluster(disk)) if shown != SQLITE else None
        address = cluster.address if cluster else SQLITE
        site = stack.enter_context(own_site(keep=False, shown=address, within=disk))
        site.environment["CACHE_URL"] = redis.address
        if not cluster:
            path = Path(site.environment["DATA_DIR"]) / "site.sqlite3"
            site.environment["DATABASE_URL"] = f"sqlite:///{path}?timeout={SECONDS_OF_A_LOCK}"
        bring_up_to_date(site)
        if cluster:
            keep_dump(site)
        collect_static(site)
        made = json.loads(site.answer("Making staff", "-m", "drill.staff"))
        yield Standing(site, disk, why_not, redis, cluster, slow, made)


FAULTS: dict[str, Callable[[Ground], Outcome]] = {
    "missing-upload": missing_upload,
    "redis-gone": redis_gone,
    "full-disk": full_disk,
    "database-gone": database_gone,
    "slow-storage": slow_storage,
}
DAMAGED, FULL = "damaged-database", "full-disk"


def main(arguments: list[str]) -> int:
    from django.conf import settings

    parser = parser_of("faults", "Let what the site stands on fail, and look at what people get.")
    parser.add_argument("--only", choices=[*FAULTS, DAMAGED], action="append")
    parser.add_argument("--slow", type=float, default=5.0, help="seconds of a call to the storage")
    options = parser.parse_args(arguments)
    # Django only renders and reads forms here; the site has settings of its own.
    settings.configure()
    names = options.only or [*FAULTS, DAMAGED]
    return on_each(options, lambda shown: list(_outcomes(shown, names, options.slow)))


def _outcomes(shown: str, names: list[str], slow: float) -> Iterator[Outcome]:
    with _on(shown, slow) as standing:
        with standing.served() as ground:
            for name in names:
                if name == FULL and standing.why_not:
                    print(f"{FULL} is left out, for want of a small disk: {standing.why_not}")
                elif name in FAULTS:
                    began = time.monotonic()
                    yield _printed(FAULTS[name](ground), began)
            if DAMAGED not in names or standing.cluster:
                return
            began = time.monotonic()
            outcome = damaged_database(ground)
        done = ground.manage("restore", str(standing.disk / "backups"), "--overwrite")
        outcome.expect(done.returncode == 0, f"restore: {done.stderr[-300:]}")
        with standing.served() as ground:
            all_is_well(ground, outcome)
        yield _printed(outcome, began)


def _printed(outcome: Outcome, began: float) -> Outcome:
    print(
        f"{outcome.key}: {len(outcome.faults)} faults, {time.monotonic() - began:.0f} s", flush=True
    )
    return outcome
