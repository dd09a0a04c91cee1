"""SHA-256 of stored files, read ahead of the transaction that depends on them.

Reading takes long (twelve files of 50 MB, or a bucket), and SQLite has one writer at a time: read
inside a transaction, a hash keeps every other editor waiting. So publishing reads first
(``read_ahead``) and looks up the hashes in the transaction (``condition_of``).
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum, auto

from django.db.models.fields.files import FieldFile


class Condition(Enum):
    """How a stored file compares with the one that was checked."""

    SAME = auto()
    MISSING = auto()
    CHANGED = auto()
    # It replaced another after the files were read.
    NOT_READ = auto()


# By the stored name, which is random and never reused. One mapping for each thread.
_read: ContextVar[dict[str, str | None] | None] = ContextVar("stored_hashes", default=None)


def sha256_of(content: FieldFile) -> str | None:
    """Return the SHA-256 of the stored content now, in hex digits, or None if there is none."""
    try:
        with content.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


@contextmanager
def read_ahead(contents: Iterable[FieldFile]) -> Iterator[None]:
    """Read the hashes of stored files once; ``condition_of`` looks them up inside this block.

    A block inside another reads nothing: the outer one has read ahead of the transaction.
    """
    if _read.get() is not None:
        yield
        return
    token = _read.set({content.name: sha256_of(content) for content in contents if content.name})
    try:
        yield
    finally:
        _read.reset(token)


def condition_of(content: FieldFile, *, sha256: str, size: int) -> Condition:
    """Compare a stored file with the one that was checked, by its hash if that was read.

    Outside ``read_ahead`` only its size in bytes is compared, which shows a page the most likely
    fault and reads nothing.
    """
    read = _read.get()
    if read is None:
        try:
            return Condition.SAME if content.size == size else Condition.CHANGED
        except OSError:
            return Condition.MISSING
    if content.name not in read:
        return Condition.NOT_READ
    stored = read[content.name]
    if stored is None:
        return Condition.MISSING
    return Condition.SAME if stored == sha256 else Condition.CHANGED
