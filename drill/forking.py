"""Forks works as gunicorn forks workers with ``preload_app``: each from one loaded site.

Run with the settings of a site: `python -m drill.forking`. It reads one line of JSON for each work
(its name, the path of its journal) and answers with the process id. An order of an audit (`what`)
goes to a process of its own too, which has seen no database before, and which answers itself.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import django


def main() -> None:
    django.setup()
    from django.test.utils import setup_test_environment

    # So that a test client keeps the contexts of its responses; mail goes nowhere.
    setup_test_environment(debug=False)
    from drill import audit, works
    from drill.journal import Journal

    # A killed child must not wait for its parent.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # The output of commands is not an answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps({"ready": True}), flush=True, file=answers)
    for line in sys.stdin:
        order = json.loads(line)
        if "what" in order:
            _answer_in_a_child(lambda order=order: audit.obey(order), answers)
            continue
        process = os.fork()
        if process == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            works.run(order["work"], Journal(Path(order["journal"])), order["name"], order["key"])
            os._exit(0)
        print(json.dumps({"process": process}), flush=True, file=answers)


def _answer_in_a_child(ask: Callable[[], Any], answers: IO[str]) -> None:
    """Ends this process too where the child ends without an answer, so that nobody waits for it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    process = os.fork()
    if process == 0:
        code = 1
        try:
            print(json.dumps(ask()), flush=True, file=answers)
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, the child must not go on here
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(process, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    if status:
        sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
