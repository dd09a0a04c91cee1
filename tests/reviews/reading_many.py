"""Has many PDFs read at once: the child process of the site, started once and forked per file.

Starting Python and loading the libraries takes most of the time that a small file needs.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from reviews.documents import intake
from reviews.pdf.report import ASKED, Reading
from tests import disk_cache

# Two at a time, each with the limits and the answers of the real child.
PROGRAM = """
import os, sys
from pathlib import Path
base, folder, what = sys.argv[1:]
sys.path.insert(0, base)
from reviews.pdf import cleaning, reading
from reviews.pdf.child import main
from PIL import Image
Image.init()
running = 0
for place in sorted(Path(folder).iterdir()):
    if running == 2:
        os.wait()
        running -= 1
    parent = os.getpid()
    if os.fork() == 0:
        code = 9
        try:
            sys.argv = ["child", str(parent), what, str(place / "file.pdf"), str(place)]
            code = main()
        finally:
            os._exit(code)
    running += 1
while running:
    os.wait()
    running -= 1
"""


def run_many(what: str, files: dict[str, bytes], *more: str) -> dict[str, Path]:
    """Return the folder of each file, with all that the child put into it; nobody may change it.

    What the child put there before is taken from the disk cache.
    """
    code = disk_cache.key_of("reviews/pdf", "tests/reviews/reading_many.py")
    folder = disk_cache.folder("readings", f"{code}-{disk_cache.key_of_fonts()}")
    places = {name: folder / _key(data, what, *more) for name, data in files.items()}
    with disk_cache.one_at_a_time("readings"), TemporaryDirectory(dir=folder.parent) as work:
        missing = {place: files[name] for name, place in places.items() if not place.exists()}
        for place, data in missing.items():
            (Path(work) / place.name).mkdir()
            (Path(work) / place.name / "file.pdf").write_bytes(data)
            (Path(work) / place.name / ASKED).write_text(json.dumps(more))
        if missing:
            command = [sys.executable, "-I", "-c", PROGRAM, str(settings.BASE_DIR), work, what]
            subprocess.run(command, check=True, capture_output=True)
        for place in missing:
            (Path(work) / place.name / "file.pdf").unlink()
            (Path(work) / place.name / ASKED).unlink()
            (Path(work) / place.name).rename(place)
    return places


def _key(data: bytes, *asked: str) -> str:
    return hashlib.sha256(repr(asked).encode() + data).hexdigest()


def read_many(files: dict[str, bytes]) -> dict[str, Reading | str]:
    """Return, by name, what the child reports of each file: its reading, or why it was refused.

    Of a child that crashed: an empty string.
    """
    results: dict[str, Reading | str] = {}
    for name, place in run_many("read", files).items():
        answer, refused = place / "reading.json", place / "refused"
        if refused.exists():
            results[name] = refused.read_text(encoding="utf-8")
        else:
            results[name] = Reading.from_json(answer.read_text()) if answer.exists() else ""
    return results


_run_at_once = intake.run_at_once


def run_kept(what: str, source: Path, folder: Path, *more: str) -> intake.Ended:
    """Do what the child would do, in place of ``run_at_once``: put what it made into the folder.

    It made that of the same bytes by the same code, once. Where it made nothing, since it crashed
    or was killed, it is run.
    """
    if not source.exists():
        return _run_at_once(what, source, folder, *more)
    [place] = run_many(what, {"": source.read_bytes()}, *more).values()
    made = list(place.iterdir())
    if not made:
        return _run_at_once(what, source, folder, *more)
    for one in made:
        shutil.copyfile(one, folder / one.name)
    return intake.Ended(0, seconds=0)
