"""Which uploads a test has left in the storage."""

from pathlib import Path

from mscp.files.removal import FOLDER, marked


def kept_files(uploads: Path) -> set[str]:
    """Return the names of the stored files, without those that are marked for deletion."""
    names = {path.relative_to(uploads).as_posix() for path in uploads.rglob("*") if path.is_file()}
    return {name for name in names if not name.startswith(FOLDER)} - set(marked())
