"""Forks works as gunicorn forks workers with ``preload_app``: each from one loaded site.

Run with the settings of a site: `python -m drill.forking`. It reads one line of JSON for each work
(its name, the path of its journal) and answers with the process id.
"""

import json
import os
import signal
import sys
from pathlib import Path

import django


def main() -> None:
    django.setup()
    from django.test.utils import setup_test_environment

    # So that a test client keeps the contexts of its responses; mail goes nowhere.
    setup_test_environment(debug=False)
    from drill import works
    from drill.journal import Journal

    # A killed child must not wait for its parent.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # The output of commands is not an answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps({"ready": True}), flush=True, file=answers)
    for line in sys.stdin:
        order = json.loads(line)
        process = os.fork()
        if process == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            works.run(order["work"], Journal(Path(order["journal"])), order["name"], order["key"])
            os._exit(0)
        print(json.dumps({"process": process}), flush=True, file=answers)


if __name__ == "__main__":
    main()
