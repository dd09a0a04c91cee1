"""Backups: whole or none, one moment each, only what is new, and nothing unverified restored."""

import json
import os
import shutil
import subprocess
from datetime import timedelta
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from mscp.backup import databases, making, restoring
from mscp.backup.errors import BackupError
from mscp.backup.making import backups, make, prune
from mscp.backup.manifest import FORMAT, Manifest
from mscp.backup.targets import Folder, target_of
from mscp.models import Backup
from tests.factories import MINIMAL_PDF, make_document, make_review

pytestmark = pytest.mark.django_db(transaction=True)

needs_age = pytest.mark.skipif(not shutil.which("age"), reason="age is not installed")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.mkdir()
    return path


def store(name: str, content: bytes) -> None:
    assert default_storage.save(name, ContentFile(content)) == name


def verified(place: Path, work: Path, *, backup: str = "", identity: str = "") -> Path:
    chosen = restoring.choose(Folder(place), backup, work)
    return restoring.verify(chosen, work, identity, lambda _: None)


def files_of(place: Path) -> list[Path]:
    return sorted(path for path in (place / "files").rglob("*") if path.is_file())


def test_a_backup_has_the_database_and_each_stored_file_once(place: Path, work: Path) -> None:
    make_document(make_review(title="Elm"), pdf=MINIMAL_PDF)
    store("one/a.bin", b"the same")
    store("two/b.bin", b"the same")
    made = make(Folder(place))
    assert made.files["one/a.bin"] == made.files["two/b.bin"] and made.missing == []
    assert len({part.sha256 for part in made.files.values()}) == len(files_of(place))
    assert "reviews.0001_initial" in made.migrations and made.vendor == connection.vendor
    assert verified(place, work).exists()
    assert not list(place.glob(".work-*"))


def test_the_next_backup_adds_only_what_is_new(place: Path, clock: Any) -> None:
    store("one/a.bin", b"first")
    make(Folder(place))
    before = {path: path.stat().st_mtime_ns for path in files_of(place)}
    clock.shift(timedelta(days=1))
    store("one/b.bin", b"second")
    said: list[str] = []
    made = make(Folder(place), tell=said.append)
    assert said[-1] == "Files: 2, 1 of them new." and set(made.files) == {"one/a.bin", "one/b.bin"}
    after = {path: path.stat().st_mtime_ns for path in files_of(place)}
    assert before.items() < after.items() and len(backups(Folder(place))) == 2


def test_old_backups_go_with_the_files_that_no_other_has(
    place: Path, work: Path, clock: Any
) -> None:
    for number in range(4):
        store(f"one/{number}.bin", b"%d" % number)
        if number:
            default_storage.delete(f"one/{number - 1}.bin")
        make(Folder(place))
        clock.shift(timedelta(hours=1))
    every = backups(Folder(place))
    assert prune(Folder(place), keep=2) == 2 and backups(Folder(place)) == every[2:]
    assert len(files_of(place)) == 2
    for backup in every[2:]:
        verified(place, work, backup=backup)


def test_a_file_that_a_record_names_and_nobody_has_is_named(place: Path) -> None:
    document: Any = make_document(make_review(), pdf=MINIMAL_PDF)
    default_storage.delete(document.file.content.name)
    made = make(Folder(place))
    assert made.missing == [document.file.content.name]


def test_what_was_broken_off_is_no_backup_and_the_next_one_clears_it(place: Path) -> None:
    left = place / "2026-11-28T030000Z" / "database"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    unfinished = place / ".work-killed"
    unfinished.mkdir()
    (unfinished / "database").write_bytes(b"half")
    with pytest.raises(BackupError, match="There is no whole backup"):
        restoring.choose(Folder(place), "", place)
    made = make(Folder(place))
    assert backups(Folder(place)) == [made.name] and not unfinished.exists()


def test_a_file_that_a_broken_backup_left_half_written_is_copied_again(
    place: Path, work: Path
) -> None:
    """As after a power cut: it has its name already, and not yet its content."""
    store("one/a.bin", b"content")
    make(Folder(place))
    (file,) = files_of(place)
    shutil.rmtree(next(place.glob("2*")))
    file.write_bytes(b"")
    make(Folder(place))
    assert verified(place, work).exists() and file.read_bytes() == b"content"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each time that somebody waits for the disk, and each file that gets its name."""
    noted: list[str] = []
    for name in ("sync", "fsync"):
        monkeypatch.setattr(os, name, _noting(noted, getattr(os, name), lambda *_, n=name: n))
    monkeypatch.setattr(
        os, "replace", _noting(noted, os.replace, lambda _, place: Path(place).name)
    )
    return noted


def _noting(noted: list[str], do: Any, name: Any) -> Any:
    def noting(*arguments: Any, **more: Any) -> Any:
        noted.append(name(*arguments))
        return do(*arguments, **more)

    return noting


def test_a_backup_waits_for_the_disk_before_and_after_its_manifest_only(
    place: Path, waits: list[str]
) -> None:
    for number in range(5):
        store(f"one/{number}.bin", b"%d" % number)
    waits.clear()
    make(Folder(place))
    assert len([one for one in waits if len(one) == 64]) == 5
    assert waits.count("sync") == 2 and "fsync" not in waits
    assert waits[-3:] == ["sync", "manifest.json", "sync"]


def test_restored_files_are_on_the_disk_before_the_database_names_them(
    place: Path, work: Path, waits: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        store(f"one/{number}.bin", b"%d" % number)
    made = make(Folder(place))
    for number in range(5):
        default_storage.delete(f"one/{number}.bin")
    # The database of the tests is not one that may be replaced.
    monkeypatch.setattr(databases, "replace", lambda path: waits.append("replaced"))
    chosen = restoring.choose(Folder(place), "", work)
    database = restoring.verify(chosen, work, "", lambda _: None)
    waits.clear()
    restoring.restore(chosen, database, work, "", lambda _: None)
    assert waits == ["sync", "replaced"] and made.files
    # Each later file is waited for as before.
    store("one/later.bin", b"later")
    assert waits[2:] == ["fsync", "fsync"]


def test_two_backups_at_once_are_refused(place: Path) -> None:
    place.mkdir()
    held = os.open(place, os.O_RDONLY)
    try:
        flock(held, LOCK_EX)
        with pytest.raises(BackupError, match="Another backup is being made"):
            make(Folder(place))
    finally:
        os.close(held)


def test_others_of_the_machine_cannot_read_a_backup(place: Path) -> None:
    make(Folder(place))
    assert place.stat().st_mode & 0o077 == 0


# --- damage -----------------------------------------------------------------------------------


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


DAMAGES = {
    "a bit of a file": (lambda place: _flip(files_of(place)[0]), "is not what it was"),
    "the end of a file": (lambda place: _cut(files_of(place)[0]), "is not what it was"),
    "a file": (lambda place: files_of(place)[0].unlink(), "is missing from the backup"),
    "a bit of the database": (
        lambda place: _flip(next(place.glob("2*/database"))),
        "is not what it was",
    ),
    "the end of the database": (
        lambda place: _cut(next(place.glob("2*/database"))),
        "is not what it was",
    ),
    "the database": (
        lambda place: next(place.glob("2*/database")).unlink(),
        "is missing from the backup",
    ),
    "the end of the manifest": (
        lambda place: _cut_in_half(next(place.glob("2*/manifest.json"))),
        "cannot be read",
    ),
    "a part of the manifest": (lambda place: _change(place, files=None), "is incomplete"),
    "an older format": (lambda place: _change(place, format=FORMAT + 1), "Restore it with"),
}


def _cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _change(place: Path, **values: Any) -> None:
    path = next(place.glob("2*/manifest.json"))
    data = {**json.loads(path.read_text()), **values}
    path.write_text(json.dumps({name: value for name, value in data.items() if value is not None}))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_by_its_reason(damage: str, place: Path, work: Path) -> None:
    store("one/a.bin", b"content")
    make(Folder(place))
    verified(place, work)
    do, reason = DAMAGES[damage]
    do(place)
    with pytest.raises(BackupError, match=reason):
        verified(place, work)


def test_a_damaged_database_is_not_backed_up_as_whole(tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        # pg_dump reads every row.
        return
    path = tmp_path / "copy"
    databases.copy(path)
    content = bytearray(path.read_bytes())
    content[8192:20_000] = b"x" * (20_000 - 8192)
    path.write_bytes(content)
    with pytest.raises(BackupError, match="The database is damaged"):
        databases.verify(path, "sqlite")


def manifest(**values: Any) -> Manifest:
    made = {
        "made_at": None,
        "vendor": connection.vendor,
        "migrations": ["reviews.0001_initial", "a_package_that_is_gone.0001_initial"],
        "database": None,
        "encrypted": False,
    }
    return Manifest(**{**made, **values})


def test_a_backup_of_this_or_an_earlier_release_is_taken() -> None:
    restoring.refuse_other_release(manifest())


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"vendor": "another"}, "The backup is of another"),
        ({"migrations": ["reviews.9999_later"]}, "newer release .* reviews.9999_later. Install"),
        (
            {"migrations": [f"mscp.99{number}_later" for number in range(10, 15)]},
            "mscp.9912_later and 2 more",
        ),
    ],
)
def test_a_backup_that_this_site_cannot_take_is_refused(
    values: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BackupError, match=reason):
        restoring.refuse_other_release(manifest(**values))


def test_a_database_that_is_not_empty_is_not_replaced() -> None:
    with pytest.raises(BackupError, match="say --overwrite"):
        restoring.refuse_to_overwrite()


# --- encryption -------------------------------------------------------------------------------


@pytest.fixture
def key(tmp_path: Path) -> tuple[str, str]:
    """Return a recipient, and the file of its identity."""
    path = tmp_path / "key.txt"
    made = subprocess.run(
        ["age-keygen", "-o", path],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stderr.split()[-1], str(path)


@needs_age
def test_an_encrypted_backup_needs_its_key(
    place: Path, work: Path, key: tuple[str, str], tmp_path: Path
) -> None:
    make_review(title="Quokka")
    store("one/a.bin", b"Quokka " * 1000)
    recipient, identity = key
    made = make(Folder(place), recipient=recipient)
    assert made.encrypted
    for path in place.rglob("*"):
        assert not path.is_file() or b"Quokka" not in path.read_bytes()
    assert verified(place, work, identity=identity).exists()
    with pytest.raises(BackupError, match="--identity"):
        verified(place, work)
    other = tmp_path / "other.txt"
    subprocess.run(["age-keygen", "-o", other], capture_output=True, check=True)  # noqa: S607
    with pytest.raises(BackupError, match="age could not decrypt"):
        verified(place, work, identity=str(other))


@needs_age
def test_a_key_that_is_none_makes_no_backup(place: Path) -> None:
    with pytest.raises(BackupError, match="age could not encrypt"):
        make(Folder(place), recipient="nonsense")
    assert backups(Folder(place)) == []


def test_without_the_program_nothing_is_written_in_the_clear(
    place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if connection.vendor == "postgresql":
        # pg_dump is found by the same path.
        (tmp_path / "pg_dump").symlink_to(str(shutil.which("pg_dump")))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="apt install age"):
        make(Folder(place), recipient="age1")
    assert not files_of(place) and backups(Folder(place)) == []


# --- the command ------------------------------------------------------------------------------


def test_the_command_records_the_backup_and_says_what_is_missing(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document: Any = make_document(make_review(), pdf=MINIMAL_PDF)
    default_storage.delete(document.file.content.name)
    call_command("backup", str(place))
    said = capsys.readouterr()
    assert "is whole, made in" in said.out
    assert f"A record names {document.file.content.name}" in said.err
    backup = Backup.objects.get()
    assert (backup.target, backup.is_encrypted) == (str(place), False) and backup.size > 0


@pytest.mark.parametrize("bad", ["s3://", "file"])
def test_a_target_that_cannot_be_used_is_refused_in_a_sentence(bad: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    target = bad if "://" in bad else str(tmp_path / bad)
    with pytest.raises(CommandError, match=r"Name a bucket|The backup was not made"):
        call_command("backup", target)
    assert not Backup.objects.exists()


def test_the_records_of_long_ago_are_forgotten(
    monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    monkeypatch.setattr(Backup, "KEPT", 2)
    made = make(target_of(str(place)))
    for _ in range(4):
        Backup.record(made, target="x", seconds=1.2)
    assert Backup.objects.count() == 2
    assert making.backups(Folder(place)) == [made.name]
