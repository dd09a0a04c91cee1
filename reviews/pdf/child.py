"""The child process: ``PARENT WHAT FILE FOLDER``, with the process id of its parent, without which
it exits. WHAT is ``read``, ``draw`` (the pages), ``intake``, which does both, ``texts`` (all of
them, seen or not), ``clean``, with TITLE and LANGUAGE, or ``word``, which reads a Word document.

What follows WHAT is in the file ``asked.json`` of the folder, if anything does: whoever lists the
processes of a machine sees their arguments, and a title may be that of a draft.

It answers with files in the folder. A refusal is the file ``refused``, one sentence. A full disk is
an exit status of its own, since no sentence could be written; any other failure is treated as a
crash by the site.
"""

import gc
import json
import logging
import sys
from pathlib import Path

from reviews.pdf.limits import NO_ROOM_STATUS, end_with_parent, is_no_room, keep_memory, set_limits
from reviews.pdf.report import ASKED, CannotClean, Refused

TOO_LARGE = (
    "This file needs more memory to be read than any document should. Make its pictures smaller "
    "and save it again as PDF."
)

# New objects until garbage is looked for: as many as some pages make. It saves a tenth of the time.
SELDOM = (50_000, 20, 50)


def main() -> int:
    parent, what, source, folder = sys.argv[1:]
    end_with_parent(int(parent))
    set_limits()
    keep_memory()
    gc.set_threshold(*SELDOM)
    # The libraries log every oddity of a file; what matters is in the answer.
    logging.disable(logging.CRITICAL)
    try:
        asked = Path(folder) / ASKED
        more = json.loads(asked.read_text(encoding="utf-8")) if asked.exists() else []
        refusal = _refusal(what, Path(source), Path(folder), more)
        if refusal:
            (Path(folder) / "refused").write_text(refusal, encoding="utf-8")
    except OSError as error:
        if not is_no_room(error):
            raise
        return NO_ROOM_STATUS
    return 0


def _refusal(what: str, source: Path, output: Path, more: list[str]) -> str:
    """Read, draw or clean a file; return the sentence that refuses it, or ""."""
    try:
        if what in ("read", "intake"):
            from reviews.pdf.reading import read_file

            read_file(source, output)
        if what in ("draw", "intake"):
            from reviews.pdf.page_pictures import draw_pages

            repaired = output / "repaired.pdf"
            draw_pages((repaired if repaired.exists() else source).read_bytes(), output)
        if what == "texts":
            from reviews.pdf.all_texts import read_all_texts

            read_all_texts(source, output)
        if what == "word":
            from reviews.pdf.word_document import read_word

            read_word(source, output)
        if what == "clean":
            from reviews.pdf.cleaning import clean_file

            clean_file(source, output, *more)
    except (Refused, CannotClean) as refused:
        return str(refused)
    except (MemoryError, RecursionError):
        return TOO_LARGE
    return ""


if __name__ == "__main__":
    sys.exit(main())
