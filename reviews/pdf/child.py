"""The child process: ``read FILE FOLDER`` or ``clean FILE FOLDER TITLE LANGUAGE``.

It answers with files in the folder. A refusal is the file ``refused``, one sentence; anything else
that ends it badly is the same to the site as a crash.
"""

import logging
import sys
from pathlib import Path

from reviews.pdf.limits import end_with_parent, set_limits
from reviews.pdf.told import CannotClean, Refused

TOO_LARGE = (
    "This file needs more memory to be read than any document should. Make its pictures smaller "
    "and save it again as PDF."
)


def main() -> int:
    end_with_parent()
    set_limits()
    # The libraries tell of every oddity of a file; what matters is told in the answer.
    logging.disable(logging.CRITICAL)
    what, source, folder, *more = sys.argv[1:]
    output = Path(folder)
    try:
        if what == "read":
            from reviews.pdf.reading import read_file

            read_file(Path(source), output)
        else:
            from reviews.pdf.cleaning import clean_file

            clean_file(Path(source), output, *more)
    except (Refused, CannotClean) as refused:
        sentence = str(refused)
    except (MemoryError, RecursionError):
        sentence = TOO_LARGE
    else:
        return 0
    (output / "refused").write_text(sentence, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
