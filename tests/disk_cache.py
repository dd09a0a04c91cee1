"""Disk cache: what tests make from the repository's own files, kept between runs.

Everything lies in the folder of pytest's own cache, under a key that is the hash of all it was made
from: another byte in any of that and it is made again. An empty folder is always right.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".pytest_cache" / "d" / "made-by-tests"
FONTS = Path("/usr/share/fonts")
# How many keys of one name are kept: those used last, as of two branches of the code.
KEYS = 3


@cache
def key_of(*parts: str, without: tuple[str, ...] = ()) -> str:
    """Return the hash of files and folders of the repository, the locked libraries and Python.

    Folders named in ``without`` are left out of those that hold them.
    """
    left_out = tuple(f"{folder}/" for folder in without)
    found = hashlib.sha256(f"{sys.version} {platform.platform()}".encode())
    for part in (*parts, *(path.name for path in ROOT.glob("requirements*.txt"))):
        place = ROOT / part
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            name = file.relative_to(ROOT).as_posix()
            if name.startswith(left_out) or "__pycache__" in file.parts:
                continue
            if file.is_file():
                found.update(f"\0{name}\0".encode())
                found.update(file.read_bytes())
    return found.hexdigest()


@cache
def key_of_fonts() -> str:
    """Return a hash of the fonts of this machine, which pages without their own are drawn with."""
    files = sorted(f"{path} {path.stat().st_size}" for path in FONTS.rglob("*") if path.is_file())
    return hashlib.sha256("\n".join(files).encode()).hexdigest()


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Let other processes of this machine wait that ask for the same name."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def folder(name: str, key: str) -> Path:
    """Return the folder of this name and key; those of other keys go that were used long ago."""
    place = FOLDER / name / key[:32]
    place.mkdir(parents=True, exist_ok=True)
    os.utime(place)
    for old in sorted(place.parent.iterdir(), key=lambda path: -path.stat().st_mtime)[KEYS:]:
        shutil.rmtree(old, ignore_errors=True)
    return place


def made(name: str, key: str, make: Callable[[Path], None]) -> Path:
    """Return a file or folder, made by ``make`` where there is none of this name under this key.

    Of several processes one makes it and the others wait.
    """
    with one_at_a_time(name):
        place = folder(name, key) / "made"
        if not place.exists():
            begun = place.with_suffix(".begun")
            # Of a process that was killed.
            begun.unlink(missing_ok=True) if begun.is_file() else shutil.rmtree(begun, True)
            make(begun)
            begun.rename(place)
    return place
