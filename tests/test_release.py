"""`make release` in a repository of its own: all of a release, or nothing changed and why."""

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from mscp.version import version
from tests.servers import ROOT

MAKES = """
import sys
from pathlib import Path
(Path(__file__).parent / f"{sys.argv[1]}.sqlite3.xz").write_text("a database")
"""
CHANGES = "# Changelog\n\n## Unreleased\n\n### Added\n\n- Oaks.\n\n## 2026-11-29\n\n- Elms.\n"


class Repository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("deploy/release", "pyproject.toml", "mscp/site/accessibility.py"):
            self.write(name, (ROOT / name).read_text("utf-8"))
        self.write("CHANGELOG.md", CHANGES)
        # What fills a database takes a minute, and is a program of its own.
        self.write("tests/__init__.py", "")
        self.write("tests/upgrades/__init__.py", "")
        self.write("tests/upgrades/make.py", MAKES)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def read(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")

    def git(self, *arguments: str) -> str:
        return self._run("git", *arguments).stdout.strip()

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Begun")

    def release(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run(sys.executable, "-B", "deploy/release", *arguments, check=False)

    def _run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        people = {
            f"GIT_{who}_{what}": "Sam"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **people}
        return subprocess.run(
            command, cwd=self.folder, env=environment, check=check, capture_output=True, text=True
        )


@pytest.fixture
def clock() -> None:
    """A release goes by the day of its machine."""


@pytest.fixture
def repository(tmp_path: Path, clock: None) -> Repository:
    return Repository(tmp_path)


def test_a_release_is_committed_and_tagged_whole(repository: Repository) -> None:
    made = repository.release("0.2.0")
    assert made.returncode == 0, made.stderr
    day = repository.git("log", "-1", "--format=%ad", "--date=format:%Y-%m-%d")
    year, month, of_month = map(int, day.split("-"))
    assert '\nversion = "0.2.0"\n' in repository.read("pyproject.toml")
    assert repository.read("CHANGELOG.md") == CHANGES.replace(
        "## Unreleased\n", f"## Unreleased\n\n## {day}\n\nVersion 0.2.0.\n"
    )
    statement = repository.read("mscp/site/accessibility.py")
    assert f"PAGES_TESTED_ON = date({year}, {month}, {of_month})" in statement
    assert repository.read(f"tests/upgrades/{day}.sqlite3.xz") == "a database"
    assert repository.git("status", "--porcelain") == ""
    assert repository.git("cat-file", "-t", "v0.2.0") == "tag"
    message = repository.git("tag", "--list", "--format=%(contents)", "v0.2.0")
    assert message == "Version 0.2.0.\n\n### Added\n\n- Oaks."
    again = repository.release("0.3.0")
    assert again.returncode == 1 and "Nothing stands under Unreleased" in again.stderr


@pytest.mark.parametrize(
    "asked", ["0.1.0", "0.1.2", "0.3.0", "1.1.0", "2.0.0", "v0.2.0", "0.2", "", "0.02.0"]
)
def test_only_the_next_version_is_taken(repository: Repository, asked: str) -> None:
    assert repository.release(asked).returncode == 1
    assert repository.git("log", "--format=%s") == "Begun" and not repository.git("tag")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("loose", "", "not clean"),
        ("CHANGELOG.md", CHANGES.replace("### Added\n\n- Oaks.\n", ""), "Nothing stands under"),
        ("CHANGELOG.md", CHANGES.replace("2026-11-29", str(date.today())), "already"),  # noqa: DTZ011
    ],
)
def test_what_is_not_ready_is_refused(
    repository: Repository, name: str, text: str, said: str
) -> None:
    repository.write(name, text)
    if name != "loose":
        repository.commit()
    refused = repository.release("0.2.0")
    assert refused.returncode == 1 and said in refused.stderr
    assert not repository.git("tag")


def test_what_fails_half_way_leaves_nothing(repository: Repository) -> None:
    repository.write("tests/upgrades/make.py", MAKES + "sys.exit(3)")
    repository.commit()
    assert repository.release("0.2.0").returncode != 0
    assert repository.git("status", "--porcelain", "--ignored") == ""
    assert '\nversion = "0.1.0"\n' in repository.read("pyproject.toml")
    assert not repository.git("tag")


@pytest.mark.django_db
def test_staff_see_the_version_and_visitors_do_not(admin_client: Client) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", version())
    shown = f"Version {version()}".encode()
    assert shown in admin_client.get("/admin/").content
    for address in ("/", "/about/", "/staff/sign-in/", "/healthz", "/readyz", "/nothing-here/"):
        answer = Client().get(address)
        assert shown not in answer.content and version() not in str(answer.headers)
