"""Command line of the drills: `python -m drill faults`, `load`, `targets`, `kills` or `paper`.

Without a name it is `kills`. Each prints one table; `--record` writes it into docs/reliability.md.
"""

import signal
import sys

from drill import faults, figures, kills, load, targets

DRILLS = {
    "kills": kills.main,
    "faults": faults.main,
    "load": load.main,
    "targets": targets.main,
    "paper": figures.main,
}


def main(arguments: list[str]) -> int:
    name, rest = (arguments[0], arguments[1:]) if arguments[:1] else ("kills", [])
    if name.startswith("-") and name not in ("-h", "--help"):
        name, rest = "kills", arguments
    if name not in DRILLS:
        print(f"Name one of {', '.join(DRILLS)}, then its options (--help).", file=sys.stderr)
        return 2
    # So that a drill that is ended ends its servers and databases too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    return DRILLS[name](rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
