"""A migration that landed is never changed: databases that have run it would not get the change."""

from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LIST = Path(__file__).parent / "migrations.sha256"


def landed() -> dict[str, str]:
    """Return the list in the repository, as `sha256sum --check` reads it: name and hash."""
    lines = (line.split("  ") for line in LIST.read_text().splitlines())
    return {name: digest for digest, name in lines}


def present() -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): sha256(path.read_bytes()).hexdigest()
        for app in ("mscp", "reviews", "training")
        for path in sorted((ROOT / app / "migrations").glob("[0-9]*.py"))
    }


def test_no_migration_that_landed_is_changed_or_removed() -> None:
    now = present()
    for name, digest in landed().items():
        assert name in now, f"{name} landed and is gone. Put it back and write a new migration."
        assert now[name] == digest, f"{name} landed. Put it back and write a new migration instead."


def test_every_migration_is_in_the_list() -> None:
    missing = {name: digest for name, digest in present().items() if name not in landed()}
    lines = "".join(f"{digest}  {name}\n" for name, digest in missing.items())
    assert not missing, f"When it is ready, add to {LIST.relative_to(ROOT)}:\n{lines}"
