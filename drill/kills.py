"""Command line of the drill: kills of each work, an audit after each, and a table at the end."""

import argparse
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from time import perf_counter
from typing import Any

from bench.errors import BenchError
from bench.filled import collect_static, migrated_name
from bench.own_site import Site, own_site
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
}


@dataclass
class Result:
    work: str
    kills: int = 0
    confirmed: int = 0
    begun: int = 0
    refused: int = 0
    """Kills after which the site reported that it was not in order, and was repaired."""
    faults: list[str] = field(default_factory=list)

    def count(self, worker: Worker) -> None:
        events = [event["event"] for event in worker.events]
        self.kills += 1
        self.confirmed += events.count("done")
        self.begun += events.count("trying")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m drill", description="Kill, and audit.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--random", type=int, default=secrets.randbelow(10**6), metavar="SEED")
    parser.add_argument("--only", choices=SECONDS, action="append", help="only this work")
    options = parser.parse_args()
    works = options.only or list(SECONDS)
    share = sum(SHARES[work] for work in works)
    numbers = {work: max(1, round(options.kills * SHARES[work] / share)) for work in works}
    random = Random(options.random)
    started = perf_counter()
    print(f"Kills are drawn with --random {options.random}.", flush=True)
    try:
        results = list(_drills(numbers, random))
    except (BenchError, DrillError) as error:
        print(error, file=sys.stderr)
        return 1
    _print(results, perf_counter() - started)
    return 1 if any(result.faults for result in results) else 0


def _drills(numbers: dict[str, int], random: Random) -> Iterator[Result]:
    steady = [work for work in numbers if work not in FROM_A_SNAPSHOT]
    if steady:
        with (
            _site() as site,
            Servant(site, "drill.forking") as forking,
            Servant(site, "drill.audit") as auditor,
        ):
            keys = auditor.ask(what="prepare")["keys"]
            for work in steady:
                yield _steady(work, numbers[work], forking, auditor, keys, random)
            yield Result("strays", faults=auditor.ask(what="sweep"))
    for work, drill in FROM_A_SNAPSHOT.items():
        if work in numbers:
            yield drill(numbers[work], random)


@contextmanager
def _site(*, migrated: bool = True) -> Iterator[Site]:
    with own_site(keep=False) as site:
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


def _migrate(number: int, random: Random) -> Result:
    """Kill the upgrade of an earlier release, check what the site reports, upgrade again."""
    result = Result("migrate")
    with _site(migrated=False) as site:
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
                    again = start(forking, "migrate", f"migrate-{kill}-again")
                    if not again.wait_for("done", seconds=SECONDS_TO_END):
                        raise DrillError("The work that began again did not end.")
                    with Servant(site, "drill.audit") as auditor:
                        result.faults += auditor.ask(
                            what="audit", work="migrate", events=again.events
                        )
                    _progress(result, number)
        finally:
            snapshot.throw_away()
    return result


def _seed(number: int, random: Random) -> Result:
    """Kill the loading of the catalogue and the samples, load them again, and compare."""
    result = Result("seed")
    with _site() as site:
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
                    again = start(forking, "seed", f"seed-{kill}-again")
                    if not again.wait_for("done", seconds=SECONDS_TO_END):
                        raise DrillError("The work that began again did not end.")
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


FROM_A_SNAPSHOT: dict[str, Callable[[int, Random], Result]] = {"migrate": _migrate, "seed": _seed}


# --- what is printed ------------------------------------------------------------------------------


def _progress(result: Result, of: int) -> None:
    if result.kills % 10 == 0 or result.kills == of or result.faults:
        found = f", {len(result.faults)} faults" if result.faults else ""
        print(f"{result.work}: {result.kills} of {of} kills{found}", flush=True)


def _print(results: list[Any], seconds: float) -> None:
    print(f"\n{'work':10} {'kills':>6} {'begun':>6} {'confirmed':>10} {'refused':>8} {'faults':>7}")
    for one in results:
        numbers = f"{one.kills:6} {one.begun:6} {one.confirmed:10} {one.refused:8}"
        print(f"{one.work:10} {numbers} {len(one.faults):7}")
    print(f"{sum(one.kills for one in results)} kills in {seconds:.0f} s")
    for one in results:
        for fault in one.faults:
            print(f"{one.work}: {fault}")


if __name__ == "__main__":
    sys.exit(main())
