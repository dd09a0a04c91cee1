"""Memory and processor time of the server's processes, from Linux's /proc."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
KIB = 1024


@dataclass(frozen=True)
class Memory:
    processes: int
    resident: int
    """Bytes. What the workers share with their master is counted in each of them."""
    proportional: int | None
    """Bytes. What is shared is counted once; None if the kernel does not report it."""


def of_server(master: int) -> Memory | None:
    """Return the memory of a master and its workers, or None on a system without /proc."""
    if not (PROC / str(master) / "status").exists():
        return None
    processes = [master, *children(master)]
    shares = [_kib(process, "smaps_rollup", "Pss") for process in processes]
    return Memory(
        processes=len(processes),
        resident=KIB * sum(_kib(process, "status", "VmRSS") or 0 for process in processes),
        proportional=None if None in shares else KIB * sum(share or 0 for share in shares),
    )


def processor_seconds(processes: list[int]) -> float:
    """Return the processor time that these processes have had, user and system; 0 where unknown."""
    if sys.platform != "linux":
        return 0.0
    return sum(map(_clock_of, processes))


def _clock_of(process: int) -> float:
    try:
        # The clock of another process, as clock_getcpuclockid(3) of the C library makes it.
        return time.clock_gettime((~process << 3) | 2)
    except OSError:
        # It has ended.
        return 0.0


def of_family(process: int) -> int | None:
    """Return the bytes of a process and its descendants, with shared memory counted once."""
    waiting, total = [process], 0
    while waiting:
        one = waiting.pop()
        share = _kib(one, "smaps_rollup", "Pss")
        if share is None and one == process:
            return None
        total += KIB * (share or 0)
        waiting += children(one)
    return total


def children(parent: int) -> list[int]:
    found = [int(folder.name) for folder in PROC.iterdir() if folder.name.isdecimal()]
    return [process for process in found if _kib(process, "status", "PPid") == parent]


def _kib(process: int, file: str, name: str) -> int | None:
    """Return the first number beside ``name``, or None if the file or the name is missing."""
    try:
        lines = (PROC / str(process) / file).read_text().splitlines()
    except OSError:
        return None
    values = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    return int(values[0]) if values else None
