"""Services of a drill's own, which it may stop and fill: PostgreSQL, Redis, a small disk."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from bench.server import HOST
from drill.kill import DrillError

SECONDS_TO_ANSWER = 30
# The account that runs PostgreSQL where the drill itself is root, which PostgreSQL refuses.
ACCOUNT = "postgres"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _until_it_listens(port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise DrillError(f"Nothing listens at port {port} after {SECONDS_TO_ANSWER} s.")


# --- a small disk ---------------------------------------------------------------------------------


@contextmanager
def small_disk(megabytes: int) -> Iterator[tuple[Path, str]]:
    """Yield a folder on a file system in memory of this size, and "".

    Without the right to mount one it is a folder on the disk of temporary files; then comes why.
    """
    folder = Path(tempfile.mkdtemp(prefix="drill-disk-"))
    # Others must reach what is below: PostgreSQL has an account of its own.
    folder.chmod(0o755)
    options = f"size={megabytes}m,mode=755"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "drill", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        yield folder, mounted.stderr.strip() if mounted.returncode else ""
    finally:
        if not mounted.returncode:
            # A process of a service may end a moment later than its master.
            subprocess.run(["umount", "-l", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Fill a disk to its last block."""
    filler = disk / "filler"
    # Some of what is free goes to what is written meanwhile, so it is filled to the end twice.
    for path in (filler, disk / "filler-2"):
        with path.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"\0" * 65_536)
        with path.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"\0" * 512)
    try:
        yield
    finally:
        for path in (filler, disk / "filler-2"):
            path.unlink()


# --- PostgreSQL -----------------------------------------------------------------------------------


class Cluster:
    """A PostgreSQL of the drill's own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.address = f"postgres://{ACCOUNT}@{HOST}:{self.port}/postgres"
        self._data = folder / "postgresql"
        self._data.mkdir()
        self._account = ACCOUNT if os.geteuid() == 0 else None
        if self._account:
            shutil.chown(self._data, ACCOUNT, ACCOUNT)
        # Small files of the log, so that the database fits the small disk.
        self._run("initdb", "--auth=trust", f"--username={ACCOUNT}", "--wal-segsize=4", "-N")
        (self._data / "postgresql.auto.conf").write_text(
            f"port = {self.port}\nlisten_addresses = '{HOST}'\nunix_socket_directories = ''\n"
            "shared_buffers = 32MB\nmin_wal_size = 32MB\nmax_wal_size = 96MB\n"
        )

    def start(self) -> None:
        self._run("pg_ctl", "--wait", "--log=/dev/null", "start")
        _until_it_listens(self.port)

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "--wait", f"--mode={mode}", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(_program(program)), "-D", str(self._data), *arguments],
            user=self._account,
            group=self._account,
            extra_groups=[] if self._account else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DrillError(f"{program}: {done.stderr.strip()[-300:]}")


def _program(name: str) -> Path:
    """Return a program of the newest PostgreSQL; Debian does not put these on the PATH."""
    if found := shutil.which(name):
        return Path(found)
    # By version, of which the newest comes last.
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4])
    )
    if not installed:
        raise DrillError(f"{name} is not installed (Debian: apt install postgresql).")
    return installed[-1]


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    made = Cluster(folder)
    made.start()
    try:
        yield made
    finally:
        with suppress(DrillError):
            made.stop()


def answers(address: str) -> bool:
    try:
        psycopg.connect(address.replace("postgres://", "postgresql://"), connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


# --- Redis ----------------------------------------------------------------------------------------


class Redis:
    """A Redis of the drill's own, which keeps nothing on a disk."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.address = f"redis://{HOST}:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("redis-server")
        if not program:
            raise DrillError("redis-server is not installed (Debian: apt install redis-server).")
        self._process = subprocess.Popen(
            [
                program,
                "--port",
                str(self.port),
                "--bind",
                HOST,
                "--save",
                "",
                "--dir",
                self._folder,
            ],
            stdout=subprocess.DEVNULL,
        )
        _until_it_listens(self.port)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def ask(self, *words: str) -> str:
        """Send one command, as redis-cli does, and return the first line of the answer."""
        with socket.create_connection((HOST, self.port), timeout=5) as connected:
            lines = [f"*{len(words)}", *(f"${len(word)}\r\n{word}" for word in words)]
            connected.sendall(("\r\n".join(lines) + "\r\n").encode())
            return connected.recv(200).decode().partition("\r\n")[0]

    @property
    def pages(self) -> int:
        return int(self.ask("DBSIZE").removeprefix(":"))


@contextmanager
def redis(folder: Path) -> Iterator[Redis]:
    made = Redis(folder)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def a_word() -> str:
    """Return a word that nobody has searched for."""
    return f"kestrel{secrets.token_hex(4)}"
