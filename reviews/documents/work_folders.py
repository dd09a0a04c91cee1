"""Work folders of single readings: private, locked while in use, swept when their process is gone.

A file that is being read may be an unredacted draft. Its folder is deleted after the reading; if
the process was killed, by the next reading, the next start of the site or ``check_documents``.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

PREFIX = "learning-pdf-"
# The names of Django's TemporaryFileUploadHandler. They have no lock, but none is in use so many
# seconds after its last byte came.
UPLOADS = "*.upload*"
UPLOAD_IN_USE = 3600


def _parent() -> Path:
    parent = Path(settings.FILE_UPLOAD_TEMP_DIR)
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return parent


@contextmanager
def locked_folder() -> Iterator[Path]:
    """Make a folder that is locked until the block ends, then removed. Raises OSError: no room."""
    sweep()
    descriptor, path = _make()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def _make() -> tuple[int, Path]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_parent()))
        with suppress(FileNotFoundError):
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            # flock(2) is released by the kernel when the process ends, however it ends.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.exists(path):
                return descriptor, path
            # Swept between its creation and its locking.
            os.close(descriptor)


def sweep() -> list[str]:
    """Remove what killed processes left, never what a running one uses; return the names."""
    removed = []
    for path in _parent().glob(f"{PREFIX}*"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
            removed.append(path.name)
        except OSError:
            # In use, or removed by another process at this moment.
            pass
        finally:
            os.close(descriptor)
    for path in _parent().glob(UPLOADS):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - UPLOAD_IN_USE:
                path.unlink()
                removed.append(path.name)
    return removed
