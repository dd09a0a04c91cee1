"""Manifest of a backup: what was copied, when, and the hash of each part.

It is written last, so a folder without one is a backup that was broken off. It holds names of
stored files, which are random, and no word of any record.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from mscp.backup.errors import BackupError

# Raised when an older release could not read what is written.
FORMAT = 1
NAME = "manifest.json"
# The name of a backup: its moment in UTC, so that names sort by age.
MOMENT = "%Y-%m-%dT%H%M%SZ"


@dataclass(frozen=True)
class Part:
    """A file as it is when it is restored: ``sha256`` and ``size`` in bytes are of the content."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    made_at: datetime
    """In UTC, when the copy of the database began."""
    vendor: str
    """``sqlite`` or ``postgresql``."""
    migrations: list[str]
    """Each migration that the database records, as ``app.name``."""
    database: Part
    encrypted: bool
    """Whether the database and the files are encrypted with age."""
    files: dict[str, Part] = field(default_factory=dict)
    """By their names in the storage."""
    missing: list[str] = field(default_factory=list)
    """Names that records gave and the storage did not have."""

    @property
    def name(self) -> str:
        """Return the name of the backup, which is that of its folder."""
        return self.made_at.strftime(MOMENT)

    @property
    def size(self) -> int:
        return self.database.size + sum(part.size for part in self.files.values())

    def write(self, path: Path) -> None:
        data = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raise BackupError if it is none, or of a later format."""
        try:
            data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            number = data.pop("format")
        except (ValueError, KeyError, AttributeError) as error:
            raise BackupError("The manifest of this backup cannot be read.") from error
        if number != FORMAT:
            raise BackupError(
                f"This backup has format {number}, and this release reads {FORMAT}. "
                "Restore it with the release that made it, or a later one."
            )
        try:
            return cls(
                **{
                    **data,
                    "made_at": datetime.fromisoformat(data["made_at"]),
                    "database": Part(**data["database"]),
                    "files": {name: Part(**part) for name, part in data["files"].items()},
                }
            )
        except (TypeError, KeyError, ValueError) as error:
            raise BackupError("The manifest of this backup is incomplete.") from error
