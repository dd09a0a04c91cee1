"""The guide from an empty Debian to https, typed line by line as far as a machine of tests allows.

What installs packages, makes an account or starts a service is left to whoever sets up a server.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT, set_up, site_environment
from tests.test_nginx_conf import assert_taken_by_nginx, needs_nginx

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]

GUIDE = (ROOT / "docs" / "deployment.md").read_text()
NAME = "learning.elmshire.example"
# Words with which a line begins that changes the machine, or asks somebody.
OF_THE_MACHINE = {
    *("apt-get", "git", "python3", ".venv/bin/", "useradd", "usermod", "systemctl", "cd"),
    *("curl", "certbot", "cp", "rm", "deploy/manage createsuperuser"),
    # As tests.servers has done it.
    "deploy/manage collectstatic",
}


def lines(section: str) -> list[str]:
    (text,) = re.findall(rf"^## {section}\n(.*?)^## ", GUIDE, re.DOTALL | re.MULTILINE)
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return "".join(blocks).splitlines()


def typed(machine: Path) -> str:
    """Return the lines that this machine can run, with its folders in a folder of the test."""
    left = [line for line in lines("On one machine") if not line.startswith(tuple(OF_THE_MACHINE))]
    script = "\n".join(["set -eu", *left])
    for theirs, ours in [
        ("learning.example.org\n", f"{NAME}\n"),
        ("-o learning -g learning ", ""),
        ("/etc/", f"{machine}/etc/"),
        ("/srv/", f"{machine}/srv/"),
        ("nginx -t && systemctl restart nginx", ""),
        # As the unit reads its environment: no value has a blank.
        ("deploy/manage ", f"env $(grep '^[A-Z]' {machine}/here.env) {sys.executable} manage.py "),
    ]:
        assert theirs in script, theirs
        script = script.replace(theirs, ours)
    example = f"{machine}/etc/learning.env"
    here = f"sed 's#=/srv/#={machine}/srv/#' {example} > {machine}/here.env"
    return script.replace("\nenv $(", f"\n{here}\nenv $(", 1)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("machine")
    for place in ("etc/nginx/sites-available", "etc/nginx/sites-enabled", "srv/learning-data"):
        (folder / place).mkdir(parents=True)
    # To make it anew takes half a minute of a processor.
    set_up(site_environment(folder / "srv" / "learning-data"))
    done = subprocess.run(
        ["bash", "-c", typed(folder)],  # noqa: S607
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_environment_is_private_and_whole(machine: Path) -> None:
    path = machine / "etc" / "learning.env"
    assert path.stat().st_mode & 0o777 == 0o600
    assert re.search(r"^SECRET_KEY=[0-9a-f]{96}$", path.read_text(), re.MULTILINE)
    assert f"ALLOWED_HOSTS={NAME}\n" in path.read_text()


def test_the_data_is_for_the_site_and_nginx_and_the_backup_for_the_site(machine: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in (machine / "srv").iterdir()}
    assert modes == {"learning-data": 0o750, "backup": 0o700}
    made = {path.name for path in (machine / "srv" / "learning-data").iterdir()}
    assert {"site.sqlite3", "static"} <= made


@needs_nginx
def test_nginx_takes_the_site_that_the_guide_writes(machine: Path) -> None:
    nginx = machine / "etc" / "nginx"
    whole = nginx / "nginx.conf"
    whole.write_text(f"pid {machine}/pid;\nevents {{}}\nhttp {{\ninclude sites-enabled/*;\n}}\n")
    assert_taken_by_nginx(whole)
    site = (nginx / "sites-enabled" / "learning").read_text()
    assert site.count(f"server_name {NAME};") == 2 and "example.org" not in site


def test_every_account_and_folder_of_the_guide_is_that_of_the_units() -> None:
    units = "".join(
        path.read_text() for path in (ROOT / "deploy").rglob("learning-*") if path.is_file()
    )
    units += (ROOT / "deploy" / "learning-.service.d" / "sandbox.conf").read_text()
    script = "\n".join(lines("On one machine"))
    for word in ("/srv/learning", "/srv/learning-data", "/srv/backup", "/etc/learning.env"):
        assert word in units and word in script, word
    assert "User=learning\n" in units and "useradd --system" in script
