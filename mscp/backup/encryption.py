"""Encryption with age (https://age-encryption.org), a program of its own.

What is encrypted to a recipient's public key can be read with the identity alone, which need not be
on the site's machine. Content is hashed in clear while it passes.
"""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from mscp.backup.errors import BackupError
from mscp.backup.manifest import Part

SUFFIX = ".age"
CHUNK = 1024 * 1024


def write(chunks: Iterable[bytes], path: Path, recipient: str) -> Part:
    """Write content to a path, encrypted unless the recipient is empty; return what it was."""
    counted = _Counted(chunks)
    if not recipient:
        with path.open("wb") as out:
            for chunk in counted:
                out.write(chunk)
        return counted.part
    command = [_program(), "--encrypt", "--recipient", recipient, "--output", str(path)]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said) as age,  # noqa: S603
    ):
        # It ends at once where it refuses the recipient.
        with suppress(BrokenPipeError), cast("IO[bytes]", age.stdin) as clear:
            for chunk in counted:
                clear.write(chunk)
        age.wait()
        if age.returncode:
            said.seek(0)
            raise BackupError(f"age could not encrypt: {_first_line(said.read())}")
    return counted.part


def decrypt(path: Path, to: Path, identity: str) -> None:
    """Write the content of an encrypted file to another path. Raises BackupError."""
    if not identity:
        raise BackupError("This backup is encrypted: name the file of the key with --identity.")
    command = [_program(), "--decrypt", "--identity", identity, "--output", str(to), str(path)]
    ended = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - as above
    if ended.returncode:
        raise BackupError(f"age could not decrypt: {_first_line(ended.stderr)}")


def part_of(path: Path) -> Part:
    """Return the size and hash of a file."""
    with path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return Part(sha256, path.stat().st_size)


def hash_of(chunks: Iterable[bytes]) -> Part:
    """Return the size and hash of content that is read once."""
    counted = _Counted(chunks)
    for _ in counted:
        pass
    return counted.part


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as content:
        while chunk := content.read(CHUNK):
            yield chunk


class _Counted:
    """Passes chunks on, and counts and hashes them."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._hash, self._size = chunks, hashlib.sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._hash.update(chunk)
            self._size += len(chunk)
            yield chunk

    @property
    def part(self) -> Part:
        return Part(self._hash.hexdigest(), self._size)


def _program() -> str:
    found = shutil.which("age")
    if not found:
        raise BackupError("The program age is not installed (Debian: apt install age).")
    return found


def _first_line(said: bytes) -> str:
    return said.decode(errors="replace").strip().partition("\n")[0]
