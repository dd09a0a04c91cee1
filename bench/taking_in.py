"""Intake of a PDF of ordinary text, as an upload would: `python -m bench.taking_in 100`.

Run with the settings of a site. Prints one line of JSON: seconds, and the most memory that its
processes held together.
"""

import json
import os
import sys
from io import BytesIO
from random import Random
from threading import Event, Thread
from time import perf_counter

import django

from bench import memory
from bench.fill.prose import sentence

PARAGRAPHS_A_PAGE = 4
SENTENCES_A_PARAGRAPH = 5
BETWEEN_LOOKS = 0.05


def pdf_of_text(pages: int) -> bytes:
    """Return a tagged PDF, each page full of text, the same on every run."""
    import typst

    random = Random(7)
    parts = ['#set document(title: "Bench")', '#set page(numbering: "1")', "#set text(size: 10pt)"]
    for number in range(1, pages + 1):
        parts.append(f"= Section {number}")
        parts += [
            " ".join(sentence(random) for _ in range(SENTENCES_A_PARAGRAPH))
            for _ in range(PARAGRAPHS_A_PAGE)
        ]
        parts.append("#pagebreak(weak: true)")
    return typst.compile("\n\n".join(parts).encode(), ignore_system_fonts=True)


class MostMemory:
    """Samples the memory of this process and its children."""

    def __init__(self) -> None:
        self.bytes = 0
        self._done = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> "MostMemory":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(BETWEEN_LOOKS):
            memory_used = memory.of_family(os.getpid())
            self.bytes = max(self.bytes, memory_used or 0)


def main(pages: int) -> None:
    django.setup()
    from django.core.files import File

    from reviews.documents.intake import take_in

    data = pdf_of_text(pages)
    upload = File(BytesIO(data))
    upload.size = len(data)
    with MostMemory() as most:
        start = perf_counter()
        file = take_in(upload, name="bench.pdf")
        seconds = perf_counter() - start
    if file.pages != pages:
        raise SystemExit(f"{file.pages} pages were read, not {pages}.")
    print(json.dumps({"seconds": seconds, "bytes": most.bytes}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
