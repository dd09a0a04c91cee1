"""Snapshots of a site's database and files, restored before each drill that starts from one."""

import lzma
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench.own_site import ROOT, Site

# A database of an earlier release, as the tests of upgrades keep it.
OF_BEFORE = ROOT / "tests" / "upgrades"


class Snapshot:
    """The database and the uploads of a site as they are now, or of an earlier release."""

    def __init__(self, site: Site) -> None:
        self._data = Path(site.environment["DATA_DIR"])
        self._url = site.environment.get("DATABASE_URL", "")
        self._file = self._data / "site.sqlite3"
        self._template = f"{urlsplit(self._url).path[1:]}_template"
        self._bytes = b""
        if not self._url:
            self._bytes = self._file.read_bytes() if self._file.exists() else b""
        else:
            self._on_server("CREATE DATABASE {} TEMPLATE {}", self._template, self._name)

    def load_earlier_release(self) -> None:
        """Make the database of an earlier release the state to restore."""
        kind = "sql" if self._url else "sqlite3"
        (packed,) = sorted(OF_BEFORE.glob(f"*.{kind}.xz"))[-1:]
        content = lzma.decompress(packed.read_bytes())
        if not self._url:
            self._bytes = content
            return
        self._on_server("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._template)
        self._on_server("CREATE DATABASE {}", self._template)
        target = urlunsplit(urlsplit(self._url)._replace(path=f"/{self._template}"))
        subprocess.run(
            ["psql", "--quiet", "--set", "ON_ERROR_STOP=1", target],
            input=content,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def put_back(self) -> None:
        shutil.rmtree(self._data / "uploads", ignore_errors=True)
        if not self._url:
            for path in self._data.glob("site.sqlite3*"):
                path.unlink()
            self._file.write_bytes(self._bytes)
            return
        self._on_server("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._name)
        self._on_server("CREATE DATABASE {} TEMPLATE {}", self._name, self._template)

    def throw_away(self) -> None:
        if self._url:
            self._on_server("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._template)

    @property
    def _name(self) -> str:
        return urlsplit(self._url).path[1:]

    def _on_server(self, statement: str, *names: str) -> None:
        server = urlunsplit(urlsplit(self._url)._replace(path="/postgres"))
        with psycopg.connect(server, autocommit=True) as connection:
            identifiers = [sql.Identifier(name) for name in names]
            connection.execute(sql.SQL(statement).format(*identifiers))
