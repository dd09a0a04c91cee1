"""Without the right to read, nginx answers 403 and the site knows nothing of it: so it looks."""

import grp
import os
import pwd
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from mscp.files.nginx_access import unreadable

# Any account but ours, whose groups we are not in.
OTHER = next(
    one for one in pwd.getpwall() if one.pw_uid not in (0, os.getuid()) and one.pw_gid != 0
)


@pytest.fixture
def uploads(settings: Any) -> Iterator[Path]:
    """Yield a folder of uploads with one file, as the storage makes both."""
    # Not the folder that pytest gives, into which nobody else may look.
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        settings.MEDIA_ROOT = Path(folder) / "uploads"
        settings.X_ACCEL_PREFIX = "/protected/"
        settings.NGINX_USER = OTHER.pw_name
        default_storage.save("documents/a.pdf", ContentFile(b"%PDF"))
        yield settings.MEDIA_ROOT


def steps(uploads: Path) -> list[Path]:
    return [uploads, uploads / "documents", uploads / "documents" / "a.pdf"]


def put_into_group(uploads: Path, gid: int) -> None:
    for path in steps(uploads):
        try:
            os.chown(path, -1, gid)
        except PermissionError:
            pytest.skip("only root may give a file to a group that it is not in")


def is_read_by_nginx(uploads: Path) -> bool:
    """Read the file as that account, which only root may try."""
    done = subprocess.run(
        ["/bin/cat", steps(uploads)[-1]],
        user=OTHER.pw_uid,
        group=OTHER.pw_gid,
        extra_groups=os.getgrouplist(OTHER.pw_name, OTHER.pw_gid),
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def test_files_of_a_group_that_nginx_is_not_in_are_told_with_the_command(uploads: Path) -> None:
    group = next(
        one
        for one in grp.getgrall()
        if one.gr_gid not in (0, *os.getgrouplist(OTHER.pw_name, OTHER.pw_gid))
    )
    put_into_group(uploads, group.gr_gid)
    assert not is_read_by_nginx(uploads)
    assert unreadable() == (
        f"nginx ({OTHER.pw_name}) cannot read {uploads}, so it answers 403 for the files below "
        f"it. Run: usermod -aG {group.gr_name} {OTHER.pw_name} && systemctl restart nginx"
    )


def test_files_of_its_own_group_are_fine_and_each_step_to_them_counts(uploads: Path) -> None:
    put_into_group(uploads, OTHER.pw_gid)
    assert unreadable() is None and is_read_by_nginx(uploads)
    (uploads / "documents" / "a.pdf").chmod(0o600)
    assert not is_read_by_nginx(uploads)
    assert str(unreadable()).endswith(f"chmod g+r {uploads}/documents/a.pdf")
    (uploads / "documents").chmod(0o700)
    assert str(unreadable()).endswith(f"chmod g+x {uploads}/documents")
    uploads.parent.chmod(0o700)
    assert str(unreadable()).endswith(f"x {uploads.parent}")


def test_what_anybody_may_read_is_fine(uploads: Path) -> None:
    for path in steps(uploads):
        path.chmod(0o755)
    assert unreadable() is None


def test_files_of_root_are_no_reason_to_let_nginx_into_the_group_of_root(uploads: Path) -> None:
    put_into_group(uploads, 0)
    assert "usermod" not in str(unreadable()) and "account of its own" in str(unreadable())


def test_an_account_that_is_not_there_is_named(uploads: Path, settings: Any) -> None:
    settings.NGINX_USER = "no-such-account"
    assert "no account named no-such-account. Set NGINX_USER" in str(unreadable())


def test_nothing_is_looked_at_where_nginx_sends_no_files(uploads: Path, settings: Any) -> None:
    settings.NGINX_USER = "no-such-account"
    settings.X_ACCEL_PREFIX = ""
    assert unreadable() is None


def test_the_check_for_deployment_says_it(uploads: Path, settings: Any, capsys: Any) -> None:
    settings.NGINX_USER = "no-such-account"
    call_command("check", deploy=True, tags=["files"])
    assert "(mscp.W001) There is no account named no-such-account" in capsys.readouterr().err
    call_command("check", tags=["files"])
    assert "W001" not in capsys.readouterr().err
