"""Where a backup may stand: not where the site would copy, show or clear it."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from mscp.backup import restoring
from mscp.backup.errors import BackupError, BrokenOffError
from mscp.backup.making import backups, make
from mscp.backup.targets import Folder, target_of
from mscp.models import Backup

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("below", ["", "backups", "deep/er"])
@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("MEDIA_ROOT", "would be part of the next one"),
        ("STATIC_ROOT", "whoever asks"),
        ("FILE_UPLOAD_TEMP_DIR", "is cleared"),
    ],
)
def test_no_backup_is_made_inside_a_folder_of_the_site(
    setting: str, why: str, below: str, tmp_path: Path, settings: Any
) -> None:
    folder = tmp_path / "of the site"
    setattr(settings, setting, folder)
    place = folder / below
    with pytest.raises(CommandError, match=why):
        call_command("backup", str(place))
    assert not list(folder.rglob("*")) and not Backup.objects.exists()


def test_a_link_into_the_uploads_is_no_way_round(tmp_path: Path) -> None:
    uploads = Path(django_settings.MEDIA_ROOT)
    uploads.mkdir(exist_ok=True)
    (tmp_path / "link").symlink_to(uploads)
    with pytest.raises(BackupError, match="would be part of the next one"):
        make(target_of(str(tmp_path / "link" / "backups")))


def test_a_folder_beside_the_uploads_whose_name_begins_alike_is_taken() -> None:
    place = Path(f"{django_settings.MEDIA_ROOT}-backups")
    made = make(Folder(place))
    assert backups(Folder(place)) == [made.name]


def test_a_backup_that_stands_in_the_uploads_already_can_be_restored_from(tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    made = make(Folder(place))
    inside = Path(django_settings.MEDIA_ROOT) / "backups"
    inside.parent.mkdir(exist_ok=True)
    place.rename(inside)
    assert restoring.choose(target_of(str(inside)), "", tmp_path).backup == made.name


def test_a_restore_that_ends_half_way_says_what_it_changed(tmp_path: Path, settings: Any) -> None:
    for number in range(3):
        default_storage.save(f"one/{number}.bin", ContentFile(b"%d" % number))
    make(Folder(tmp_path / "backups"))
    settings.MEDIA_ROOT = tmp_path / "another place"
    # The last file cannot be written, as on a disk that is full: a file stands where its folder is.
    settings.MEDIA_ROOT.mkdir()
    manifest = tmp_path / "backups" / backups(Folder(tmp_path / "backups"))[0] / "manifest.json"
    manifest_of_it = json.loads(manifest.read_text())
    manifest_of_it["files"]["two/deeper/x.bin"] = manifest_of_it["files"]["one/0.bin"]
    manifest.write_text(json.dumps(manifest_of_it))
    (settings.MEDIA_ROOT / "two").write_bytes(b"")
    chosen = restoring.choose(Folder(tmp_path / "backups"), "", tmp_path)
    (database,) = (tmp_path / "backups").glob("2*/database")
    with pytest.raises(
        BrokenOffError, match=r"database is as it was\. Of the files 3 were written"
    ):
        restoring.restore(chosen, database, tmp_path, "", lambda _: None)
