"""Kills of each work at random moments, an audit after each, and a table at the end."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from time import perf_counter

from bench.filled import collect_static
from bench.own_site import Site, own_site
from drill.databases import bring_up_to_date, on_each, parser_of
from drill.figures import Outcome
from drill.kill import SECONDS_TO_END, DrillError, Servant, Worker, kill_within, start
from drill.snapshots import Snapshot

# Seconds within which a work is killed: its duration, and some more.
SECONDS = {
    "save": 1.5,
    "publish": 1.5,
    "upload": 2.5,
    "import": 8.0,
    "rebuild": 4.0,
    "migrate": 2.5,
    "seed": 6.0,
    "backup": 2.5,
    "restore": 4.0,
}
# How many of every hundred kills are of each work.
SHARES = {
    "save": 20,
    "publish": 20,
    "upload": 15,
    "import": 10,
    "rebuild": 15,
    "migrate": 12,
    "seed": 8,
    "backup": 15,
    "restore": 10,
}


STRAYS = "strays"
# The event after which a work is killed: what comes before it only reads.
BEGUN = "trying"


@dataclass
class Result:
    work: str
    kills: int = 0
    confirmed: int = 0
    begun: int = 0
    refused: int = 0
    """Kills after which the site reported that it was not in order, and was repaired."""
    faults: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        figure = f"{self.kills} kills, {self.confirmed} of {self.begun} confirmed"
        if self.refused:
            figure += f", {self.refused} times not in order and said so"
        if self.faults:
            figure += f", {len(self.faults)} faults"
        return Outcome(f"kill-{self.work}", figure, self.faults)

    def count(self, worker: Worker) -> None:
        events = [event["event"] for event in worker.events]
        self.kills += 1
        self.confirmed += events.count("done")
        self.begun += events.count(BEGUN)


def main(arguments: list[str]) -> int:
    parser = parser_of("kills", "Kill, and audit.")
    parser.add_argument("--kills", type=int, default=200, help="on each database")
    parser.add_argument("--random", type=int, default=secrets.randbelow(10**6), metavar="SEED")
    parser.add_argument("--only", choices=SECONDS, action="append", help="only this work")
    options = parser.parse_args(arguments)
    works = options.only or list(SECONDS)
    share = sum(SHARES[work] for work in works)
    numbers = {work: max(1, round(options.kills * SHARES[work] / share)) for work in works}
    started = perf_counter()
    print(f"Kills are drawn with --random {options.random}.", flush=True)
    kills = sum(numbers.values())

    def drill(shown: str) -> list[Outcome]:
        outcomes = [one.outcome for one in _on(shown, numbers, Random(options.random))]
        print(f"{kills} kills, {perf_counter() - started:.0f} s so far", flush=True)
        return outcomes

    return on_each(options, drill)


def _on(shown: str, numbers: dict[str, int], random: Random) -> list[Result]:
    """Drill on one database; the strays that are left are faults of the uploads."""
    results = list(_drills(numbers, random, shown))
    strays = [one for one in results if one.work == STRAYS]
    kept = [one for one in results if one.work != STRAYS]
    of_uploads = next((one for one in kept if one.work == "upload"), kept[0])
    for one in strays:
        of_uploads.faults += one.faults
    return kept


def _drills(numbers: dict[str, int], random: Random, shown: str) -> Iterator[Result]:
    steady = [work for work in numbers if work not in FROM_A_SNAPSHOT]
    if steady:
        with (
            _site(shown) as site,
            Servant(site, "drill.forking") as forking,
            Servant(site, "drill.audit") as auditor,
        ):
            keys = auditor.ask(what="prepare")["keys"]
            for work in steady:
                yield _steady(work, numbers[work], forking, auditor, keys, random)
            yield Result(STRAYS, faults=auditor.ask(what="sweep"))
    for work, drill in FROM_A_SNAPSHOT.items():
        if work in numbers:
            yield drill.drill(numbers[work], random, shown)


@contextmanager
def _site(shown: str, *, migrated: bool = True) -> Iterator[Site]:
    with own_site(keep=False, shown=shown) as site:
        if migrated:
            bring_up_to_date(site)
        collect_static(site)
        yield site


# --- works on one site ----------------------------------------------------------------------------


def _steady(
    work: str, number: int, forking: Servant, auditor: Servant, keys: list[int], random: Random
) -> Result:
    result = Result(work)
    for kill in range(number):
        name = f"{work}-{kill}"
        # Editors save during the rebuild; they are not killed and must not be disturbed.
        editors = [
            start(forking, "save", f"{name}-{editor}", keys[editor])
            for editor in ((0, 1) if work == "rebuild" else ())
        ]
        worker = start(forking, work, name, keys[2])
        kill_within(worker, SECONDS[work], random, after=BEGUN)
        for editor in editors:
            editor.stop()
        result.count(worker)
        result.faults += auditor.ask(what="audit", work=work, events=worker.events)
        for editor in editors:
            result.faults += auditor.ask(what="audit", work="save", events=editor.events)
        _progress(result, number)
    return result


# --- works that begin with another state ----------------------------------------------------------


class FromASnapshot:
    """A work that is killed on a site that is put back before, and then begun again until it ends.

    One of the three differs in what the methods say.
    """

    work = ""
    migrated = True
    """Whether the site has tables from the start."""

    def prepare(self, auditor: Servant) -> None:
        """Give the site what the snapshot of it is to have."""

    def choose(self, snapshot: Snapshot) -> None:
        """Let the snapshot be another than that of the site."""

    def watch(self, forking: Servant) -> None:
        """See what the work does when nobody kills it."""

    def after(self, kill: int) -> str:
        """Return the event after which it may be killed."""
        return BEGUN

    def look(self, auditor: Servant, result: Result) -> None:
        """Note the faults of what the kill has left."""

    def check(self, auditor: Servant) -> list[str]:
        """Return the faults of what there is once the work has ended, beside those of an audit."""
        return []

    def drill(self, number: int, random: Random, shown: str) -> Result:
        result = Result(self.work)
        with (
            _site(shown, migrated=self.migrated) as site,
            # Whose auditors have a new process each: the database is another one each time.
            Servant(site, "drill.forking") as forking,
        ):
            self.prepare(forking)
            snapshot = Snapshot(site)
            try:
                self.choose(snapshot)
                self.watch(forking)
                for kill in range(number):
                    snapshot.put_back()
                    self._kill_once(kill, forking, random, result)
                    _progress(result, number)
            finally:
                snapshot.throw_away()
        return result

    def _kill_once(self, kill: int, forking: Servant, random: Random, result: Result) -> None:
        worker = start(forking, self.work, f"{self.work}-{kill}")
        kill_within(worker, SECONDS[self.work], random, after=self.after(kill))
        result.count(worker)
        self.look(forking, result)
        again = start(forking, self.work, f"{self.work}-{kill}-again")
        if not again.wait_for("done", seconds=SECONDS_TO_END):
            why = [event["why"] for event in again.events if "why" in event]
            raise DrillError(f"The work that began again did not end. {' '.join(why)}")
        result.faults += forking.ask(what="audit", work=self.work, events=again.events)
        result.faults += self.check(forking)


class Migrate(FromASnapshot):
    """The upgrade of an earlier release; the site must say that it is not in order, or be so."""

    work = "migrate"
    migrated = False

    def choose(self, snapshot: Snapshot) -> None:
        snapshot.load_earlier_release()

    def after(self, kill: int) -> str:
        # Every second one is killed between Django's two signals.
        return "pre_migrate" if kill % 2 else BEGUN

    def look(self, auditor: Servant, result: Result) -> None:
        half = auditor.ask(what="half")
        result.refused += half["refused"]
        result.faults += half["faults"]


class Seed(FromASnapshot):
    """The loading of catalogue and samples; in the end there is as much as without a kill."""

    work = "seed"

    def watch(self, forking: Servant) -> None:
        start(forking, self.work, "undisturbed").wait_for("done", seconds=SECONDS_TO_END)
        self.wanted = forking.ask(what="counts")

    def check(self, auditor: Servant) -> list[str]:
        faults: list[str] = auditor.ask(what="sweep")
        found = auditor.ask(what="counts")
        if found != self.wanted:
            faults.append(f"Loaded again there are {found}, not {self.wanted}.")
        return faults


class Restore(FromASnapshot):
    """A restore over a site that has changed since; it is the old one or the new one."""

    work = "restore"

    def prepare(self, auditor: Servant) -> None:
        auditor.ask(what="back_up")

    def look(self, auditor: Servant, result: Result) -> None:
        result.faults += auditor.ask(what="is_either")

    def check(self, auditor: Servant) -> list[str]:
        faults: list[str] = auditor.ask(what="is_restored")
        return faults


FROM_A_SNAPSHOT = {one.work: one for one in (Migrate(), Seed(), Restore())}


# --- what is printed ------------------------------------------------------------------------------


def _progress(result: Result, of: int) -> None:
    if result.kills % 10 == 0 or result.kills == of or result.faults:
        found = f", {len(result.faults)} faults" if result.faults else ""
        print(f"{result.work}: {result.kills} of {of} kills{found}", flush=True)
