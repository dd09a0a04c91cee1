"""Kills of each work at random moments, an audit after each, and a table at the end."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from time import perf_counter

from bench.filled import collect_static, migrated_name
from bench.own_site import Site, own_site
from drill.databases import on_each, parser_of
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
        told = f"{self.kills} kills, {self.confirmed} of {self.begun} confirmed"
        if self.refused:
            told += f", {self.refused} times not in order and said so"
        if self.faults:
            told += f", {len(self.faults)} faults"
        return Outcome(f"kill-{self.work}", told, self.faults)

    def count(self, worker: Worker) -> None:
        events = [event["event"] for event in worker.events]
        self.kills += 1
        self.confirmed += events.count("done")
        self.begun += events.count("trying")


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
            yield drill(numbers[work], random, shown)


@contextmanager
def _site(shown: str, *, migrated: bool = True) -> Iterator[Site]:
    with own_site(keep=False, shown=shown) as site:
        if migrated:
            site.own.restore(migrated_name())
            # Which mends what an earlier state of the code has made of a copy.
            site.run("migrate", "manage.py", "migrate", "--verbosity", "0")
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
        kill_within(worker, SECONDS[work], random)
        for editor in editors:
            editor.stop()
        result.count(worker)
        result.faults += auditor.ask(what="audit", work=work, events=worker.events)
        for editor in editors:
            result.faults += auditor.ask(what="audit", work="save", events=editor.events)
        _progress(result, number)
    return result


# --- works that begin with another state ----------------------------------------------------------


def _again(forking: Servant, work: str, kill: int) -> Worker:
    """Begin a work again after a kill, and wait until it is done."""
    again = start(forking, work, f"{work}-{kill}-again")
    if not again.wait_for("done", seconds=SECONDS_TO_END):
        why = [event["why"] for event in again.events if "why" in event]
        raise DrillError(f"The work that began again did not end. {' '.join(why)}")
    return again


def _migrate(number: int, random: Random, shown: str) -> Result:
    """Kill the upgrade of an earlier release, check what the site reports, upgrade again."""
    result = Result("migrate")
    with _site(shown, migrated=False) as site:
        snapshot = Snapshot(site)
        try:
            snapshot.load_earlier_release()
            with Servant(site, "drill.forking") as forking:
                for kill in range(number):
                    snapshot.put_back()
                    worker = start(forking, "migrate", f"migrate-{kill}")
                    # Every second one is killed between Django's two signals.
                    after = "pre_migrate" if kill % 2 else "started"
                    kill_within(worker, SECONDS["migrate"], random, after=after)
                    result.count(worker)
                    with Servant(site, "drill.audit") as auditor:
                        half = auditor.ask(what="half")
                        result.refused += half["refused"]
                        result.faults += half["faults"]
                    again = _again(forking, "migrate", kill)
                    with Servant(site, "drill.audit") as auditor:
                        result.faults += auditor.ask(
                            what="audit", work="migrate", events=again.events
                        )
                    _progress(result, number)
        finally:
            snapshot.throw_away()
    return result


def _seed(number: int, random: Random, shown: str) -> Result:
    """Kill the loading of the catalogue and the samples, load them again, and compare."""
    result = Result("seed")
    with _site(shown) as site:
        snapshot = Snapshot(site)
        try:
            with Servant(site, "drill.forking") as forking:
                start(forking, "seed", "undisturbed").wait_for("done")
                with Servant(site, "drill.audit") as auditor:
                    wanted = auditor.ask(what="counts")
                for kill in range(number):
                    snapshot.put_back()
                    worker = start(forking, "seed", f"seed-{kill}")
                    kill_within(worker, SECONDS["seed"], random)
                    result.count(worker)
                    again = _again(forking, "seed", kill)
                    with Servant(site, "drill.audit") as auditor:
                        result.faults += auditor.ask(what="audit", work="seed", events=again.events)
                        result.faults += auditor.ask(what="sweep")
                        found = auditor.ask(what="counts")
                    if found != wanted:
                        result.faults.append(f"Loaded again there are {found}, not {wanted}.")
                    _progress(result, number)
        finally:
            snapshot.throw_away()
    return result


def _restore(number: int, random: Random, shown: str) -> Result:
    """Kill a restore over a site that has changed since; it is the old one or the new one."""
    result = Result("restore")
    with _site(shown) as site:
        with Servant(site, "drill.audit") as auditor:
            auditor.ask(what="back_up")
        snapshot = Snapshot(site)
        try:
            with Servant(site, "drill.forking") as forking:
                for kill in range(number):
                    snapshot.put_back()
                    worker = start(forking, "restore", f"restore-{kill}")
                    kill_within(worker, SECONDS["restore"], random)
                    result.count(worker)
                    with Servant(site, "drill.audit") as auditor:
                        result.faults += auditor.ask(what="is_either")
                    again = _again(forking, "restore", kill)
                    with Servant(site, "drill.audit") as auditor:
                        result.faults += auditor.ask(what="is_restored")
                        result.faults += auditor.ask(
                            what="audit", work="restore", events=again.events
                        )
                    _progress(result, number)
        finally:
            snapshot.throw_away()
    return result


FROM_A_SNAPSHOT: dict[str, Callable[[int, Random, str], Result]] = {
    "migrate": _migrate,
    "seed": _seed,
    "restore": _restore,
}


# --- what is printed ------------------------------------------------------------------------------


def _progress(result: Result, of: int) -> None:
    if result.kills % 10 == 0 or result.kills == of or result.faults:
        found = f", {len(result.faults)} faults" if result.faults else ""
        print(f"{result.work}: {result.kills} of {of} kills{found}", flush=True)
