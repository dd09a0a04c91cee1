"""Budgets of quick tests: how many pages one may ask for and how many processes it may start.

They are counted, never timed, while the test itself runs: what its fixtures make once for many is
theirs. A test beyond a budget fails. It asks for less, or its file stands among the slow ones.
"""

import sys
from collections import Counter
from typing import Any

from django.core.signals import request_started

# A page of staff takes a processor 15 to 45 milliseconds, a process of the site a second, and one
# that encrypts a file a few milliseconds.
MOST = {"pages": 100, "processes": 8}

_counted: Counter[str] = Counter()


def _count_page(**_: Any) -> None:
    _counted["pages"] += 1


def _count_process(event: str, _: Any) -> None:
    if event in ("subprocess.Popen", "os.fork", "os.posix_spawn"):
        _counted["processes"] += 1


def begin_to_count() -> None:
    """Count in this process from now on; an audit hook stays until its end."""
    request_started.connect(_count_page)
    sys.addaudithook(_count_process)


def counted() -> Counter[str]:
    """Return what was asked for and started until now."""
    return _counted.copy()


def beyond(before: Counter[str]) -> str:
    """Return in words what was spent since then that no quick test may spend; "" if nothing."""
    spent = {what: _counted[what] - before[what] for what in MOST}
    return " and ".join(
        f"{number} {what} (at most {MOST[what]})"
        for what, number in spent.items()
        if number > MOST[what]
    )
