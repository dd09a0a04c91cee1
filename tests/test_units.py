"""The units of systemd in deploy/, as systemd itself reads them."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from reviews.pdf import limits
from tests.servers import ROOT

pytestmark = pytest.mark.one_database

DEPLOY = ROOT / "deploy"
UNITS = ["learning-site.service", "learning-backup.service", "learning-backup.timer"]
SERVICES = UNITS[:2]
# "OK" is what systemd calls a service up to 4.9; one without any line of a sandbox has 9.2.
MOST_EXPOSED = 2.0

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="this machine has no systemd-analyze"
)


def option(unit: str, name: str) -> list[str]:
    """Return every value of an option, in the unit and in what is for all units."""
    found = []
    for path in (DEPLOY / unit, DEPLOY / "learning-.service.d" / "sandbox.conf"):
        found += re.findall(rf"^{name}=(.*)$", path.read_text(), re.MULTILINE)
    return found


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return the units as on a server whose /srv/learning is in a folder of the test."""
    site = tmp_path / "srv" / "learning"
    for program in (".venv/bin/gunicorn", ".venv/bin/python", "deploy/restart"):
        (site / program).parent.mkdir(parents=True, exist_ok=True)
        (site / program).write_text("#!/bin/sh\n")
        (site / program).chmod(0o755)
    units = tmp_path / "units"
    shutil.copytree(DEPLOY, units)
    for path in units.rglob("learning-*.*"):
        if path.is_file():
            path.write_text(path.read_text().replace("/srv/learning/", f"{site}/"))
    return units


def analyze(*arguments: str) -> str:
    done = subprocess.run(
        ["systemd-analyze", *arguments],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_no_mistake_in_a_unit(installed: Path, unit: str) -> None:
    assert analyze("verify", "--man=no", str(installed / unit)).strip() == ""


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_is_hardly_exposed(installed: Path, unit: str) -> None:
    said = analyze("security", "--offline=yes", "--no-pager", str(installed / unit))
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert exposure and float(exposure[1]) <= MOST_EXPOSED, said


@needs_systemd
def test_a_mistake_would_be_found(installed: Path) -> None:
    unit = installed / "learning-site.service"
    unit.write_text(unit.read_text().replace("KillMode=mixed", "KillMode=mix"))
    with pytest.raises(AssertionError, match="kill mode"):
        assert analyze("verify", "--man=no", str(unit)).strip() == ""


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_well_formed_for_every_reader(unit: str) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / unit)
    assert {"Unit"} < set(parser.sections()) <= {"Unit", "Service", "Timer", "Install"}


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_runs_as_nobody_special_and_writes_to_its_own_folders(unit: str) -> None:
    assert option(unit, "User") == ["learning"] and option(unit, "NoNewPrivileges") == ["yes"]
    assert option(unit, "ProtectSystem") == ["strict"] and option(unit, "PrivateTmp") == ["yes"]
    assert set(option(unit, "ReadWritePaths")) <= {"/srv/learning-data", "/srv/backup"}
    assert option(unit, "CapabilityBoundingSet") == [""]


def test_the_site_is_never_told_to_hang_up() -> None:
    text = "".join(path.read_text() for path in DEPLOY.glob("learning-*.service"))
    assert "$MAINPID" not in text and not re.search(r"^[^#]*HUP", text, re.MULTILINE)
    (pidfile,) = re.findall(r"PIDFILE=(\S+)", text)
    assert option("learning-site.service", "ExecReload") == [
        f"/srv/learning/deploy/restart {pidfile}"
    ]
    # deploy/restart looks at processes of its own account, which another namespace would hide.
    assert option("learning-site.service", "PrivateUsers") == []


def test_a_pdf_that_takes_all_its_memory_does_not_end_the_site() -> None:
    (most,) = option("learning-site.service", "MemoryMax")
    assert most.endswith("G") and int(most[:-1]) * 1024**3 >= 2 * limits.MEMORY + 1024**3
    assert option("learning-site.service", "OOMPolicy") == ["continue"]
    # The child sets its own limits before it reads.
    assert "~@resources" not in " ".join(option("learning-site.service", "SystemCallFilter"))
