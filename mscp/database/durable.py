"""Durability: what was written is on the disk before anybody is told so."""

import os
from pathlib import Path


def sync(path: Path | str) -> None:
    """Write a file, or the names in a folder, through to the disk (fsync(2))."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
