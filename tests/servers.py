"""Servers as people run them, each a child of the test on a free port of this machine."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from django.db import connection

from bench.filled import migrated_name, static_name
from tests import disk_cache
from tests.snapshots import create_migrated, dump_of_migrated, migrated

ROOT = Path(__file__).parent.parent
GUNICORN = Path(sys.executable).parent / "gunicorn"
HOST = "127.0.0.1"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 10


def free_port() -> int:
    """Return a port that nobody listens on, and that no connection is given before a server is.

    Those that the system itself gives begin at 32,768.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port


def site_environment(folder: Path, **more: str) -> dict[str, str]:
    """Return what a whole site on SQLite needs, all of whose files are under ``folder``."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "mscp.settings",
        "DATA_DIR": str(folder),
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": HOST,
        "HTTPS": "0",
        "TWO_PEOPLE": "0",
        "SECOND_FACTOR": "0",
        "WEB_WORKERS": "1",
        "MALLOC_ARENA_MAX": "2",
        "LOG_FORMAT": "text",
        **more,
    }


def run(environment: Mapping[str, str], *arguments: str, root: Path = ROOT) -> str:
    """Run Python with these arguments and return what it prints."""
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=root, env=dict(environment), check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip()


def set_up(environment: Mapping[str, str]) -> None:
    """Make the database and the static files of a site, by copying what was made once."""
    folder = Path(environment["DATA_DIR"])
    address = environment.get("DATABASE_URL", f"sqlite:///{folder / 'site.sqlite3'}")
    if address.startswith("sqlite:///"):
        shutil.copyfile(migrated(), address.removeprefix("sqlite:///").partition("?")[0])
    elif urlsplit(address).username == connection.settings_dict["USER"]:
        create_migrated(urlsplit(address).path[1:])
    else:
        # What another role is to own, it makes.
        run(environment, "manage.py", "migrate", "--verbosity", "0")
    shutil.copytree(static_files(), folder / "static", copy_function=os.link)


def static_files() -> Path:
    """Return the folder of the static files as production has them, which nobody may write to."""

    def make(folder: Path) -> None:
        folder.mkdir()
        environment = site_environment(folder)
        run(environment, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")

    key = disk_cache.key_of("static", "mscp/settings.py", "mscp/files")
    return disk_cache.made("static", key, make) / "static"


def keep_for_bench(folder: Path) -> None:
    """Put where bench and drill look for them a migrated database and collected static files.

    They do so with ``folder`` as DATA_DIR, and save up to a minute of processor time.
    """
    set_up(site_environment(folder))
    kept = folder / "bench"
    kept.mkdir()
    (folder / "site.sqlite3").rename(kept / f"{migrated_name()}.sqlite3")
    (folder / "static").rename(kept / static_name())
    if connection.vendor == "postgresql":
        shutil.copyfile(dump_of_migrated(), kept / f"{migrated_name()}.dump")


@contextmanager
def gunicorn(
    environment: Mapping[str, str],
    *arguments: str,
    stderr: IO[str] | None = None,
    root: Path = ROOT,
) -> Iterator[tuple[int, int]]:
    """Yield the port and the master's process id of gunicorn, as gunicorn.conf.py has it.

    ``root`` is where the code is that it serves.
    """
    port = free_port()
    with _running(
        # Not -m: gunicorn runs itself again by the name of its script, for deploy/restart.
        [sys.executable, str(GUNICORN), "--log-level", "warning", *arguments],
        {**environment, "HOST": HOST, "PORT": str(port)},
        port,
        stderr,
        root,
    ) as process:
        yield port, process.pid


@contextmanager
def nginx(program: str, folder: Path, site: str, port: int) -> Iterator[None]:
    """Run nginx with these server blocks, which listen on ``port``."""
    temporary = "\n".join(
        f"{kind}_temp_path {folder / kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # As root it would give itself up for somebody who may not look into a test's folder.
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off;\nerror_log stderr;\npid {folder / 'pid'};\n{user}\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}\n{site}\n}}\n"
    )
    command = [program, "-p", str(folder), "-e", "stderr", "-c", str(configuration)]
    with _running(command, os.environ, port):
        yield


@contextmanager
def _running(
    command: list[str],
    environment: Mapping[str, str],
    port: int,
    stderr: IO[str] | None = None,
    root: Path = ROOT,
) -> Iterator[subprocess.Popen[bytes]]:
    # A group of its own, so that no worker is left where the master had to be killed.
    process = subprocess.Popen(
        command, cwd=root, env=dict(environment), stderr=stderr, start_new_session=True
    )
    try:
        _wait_until_it_listens(process, port)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def listens(port: int) -> bool:
    """Tell whether something on this machine takes connections at a port."""
    try:
        socket.create_connection((HOST, port)).close()
    except OSError:
        return False
    return True


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(SECONDS_TO_START * 10):
        assert process.poll() is None, f"It ended with {process.returncode} before it listened."
        if listens(port):
            return
        time.sleep(0.1)
    raise AssertionError(f"Nothing listened within {SECONDS_TO_START} seconds.")
