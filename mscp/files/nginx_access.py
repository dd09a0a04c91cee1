"""File permissions: whether nginx, which runs as another user, can read the uploads it sends."""

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

# Debian and Ubuntu; Fedora, Alpine and the packages of nginx.org; Arch.
USUAL_NAMES = ("www-data", "nginx", "http")


def unreadable() -> str | None:
    """Return a sentence about the first folder or file that nginx cannot read, or None.

    By the mode bits (POSIX.1, file access permissions) of MEDIA_ROOT, the folders above it, and
    the newest file of each folder in it. Access control lists are not read.
    """
    if not settings.X_ACCEL_PREFIX or settings.S3_BUCKET:
        return None
    user = _user()
    if user is None:
        return (
            f"There is no account named {settings.NGINX_USER or ', '.join(USUAL_NAMES)}. Set "
            "NGINX_USER to the account that nginx runs as."
        )
    try:
        for path, needed in _needed(Path(settings.MEDIA_ROOT)):
            found = path.stat()
            if not _may(user, found, needed):
                return _sentence(user, path, found, needed)
    except PermissionError as error:
        return f"{error.filename} cannot be looked at. Run this as the account of the site."
    except FileNotFoundError:
        # A file was deleted at this moment; those before it can be read.
        return None
    return None


def _user() -> pwd.struct_passwd | None:
    for name in [settings.NGINX_USER] if settings.NGINX_USER else USUAL_NAMES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def _needed(root: Path) -> Iterator[tuple[Path, int]]:
    """Yield what nginx opens to send a file, from the root down, each with the right it needs."""
    for folder in [*reversed(root.parents), root]:
        if not folder.exists():
            return
        yield folder, stat.S_IXOTH
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        yield folder, stat.S_IXOTH
        # All files are written alike, so the newest shows how they are written now.
        with os.scandir(folder) as entries:
            files = [entry for entry in entries if entry.is_file()]
        if files:
            yield Path(max(files, key=lambda entry: entry.stat().st_mtime)), stat.S_IROTH


def _may(user: pwd.struct_passwd, found: os.stat_result, needed: int) -> bool:
    """Apply the mode bits for this user: the owner's, the group's or the others'."""
    if user.pw_uid == 0:
        return True
    if found.st_uid == user.pw_uid:
        return bool(found.st_mode & needed << 6)
    if _is_in_group(user, found.st_gid):
        return bool(found.st_mode & needed << 3)
    return bool(found.st_mode & needed)


def _is_in_group(user: pwd.struct_passwd, gid: int) -> bool:
    return gid in os.getgrouplist(user.pw_name, user.pw_gid)


def _sentence(user: pwd.struct_passwd, path: Path, found: os.stat_result, needed: int) -> str:
    problem = (
        f"nginx ({user.pw_name}) cannot read {path}, so it answers 403 for the files below it."
    )
    in_group = _is_in_group(user, found.st_gid)
    if found.st_mode & needed << 3 and not in_group:
        if found.st_gid == 0:
            return f"{problem} It belongs to root: let an account of its own run the site."
        group = _group(found.st_gid)
        return f"{problem} Run: usermod -aG {group} {user.pw_name} && systemctl restart nginx"
    class_, right = "g" if in_group else "o", "r" if needed == stat.S_IROTH else "x"
    return f"{problem} Run: chmod {class_}+{right} {path}"


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
