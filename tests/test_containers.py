"""The Dockerfile and compose.yaml as data: what is in the image, and what a container may do."""

import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers import ROOT
from tests.test_docs import variables_of_the_table
from tests.test_nginx_conf import assert_taken_by_nginx, certify, needs_nginx

pytestmark = pytest.mark.one_database

ONCE = "prepare"
CONTAINER = ROOT / "deploy" / "container"


@cache
def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


@cache
def dockerfile() -> list[tuple[str, str]]:
    """Return each instruction and what it says, in its order."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines if line.strip()]


def said(instruction: str) -> list[str]:
    return [text for name, text in dockerfile() if name == instruction]


def copied() -> set[str]:
    """Return what comes from this folder into the image."""
    sources = [text.split()[:-1] for text in said("COPY") if not text.startswith("--from")]
    return {word for words in sources for word in words}


def test_only_what_the_image_has_is_sent_to_its_build() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*" and {"**/__pycache__", "**/*.pyc"} < set(rules)
    assert {line[1:] for line in rules if line.startswith("!")} == copied()
    # No data, no environment, no history, no test.
    assert not copied() & {".", ".git", ".env", "var", "tests", "certificate"}
    for source in copied():
        assert (ROOT / source).exists(), source


def test_the_image_has_all_that_the_site_runs_with() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"mscp"}
    assert packages | {"templates", "static", "data", "manage.py", "gunicorn.conf.py"} <= copied()
    code = (path.read_text("utf-8") for name in packages for path in (ROOT / name).rglob("*.py"))
    read = {name for text in code for name in re.findall(r'BASE_DIR / "([^"]+)"', text)}
    assert "pyproject.toml" in read
    # Where data is kept unless DATA_DIR says another folder, which the image does.
    assert read - {"var"} <= copied()
    programs = " ".join(said("RUN"))
    # What mscp.backup runs.
    for program in ("age", "postgresql-client"):
        assert f" {program} " in programs, program


def test_every_package_of_the_image_is_locked() -> None:
    installs = [text for text in said("RUN") if "pip install" in text]
    assert installs and all("--require-hashes" in text for text in installs)
    assert not said("ADD") and "http" not in "".join(said("RUN"))
    assert all(":latest" not in text for text in said("FROM"))


def test_the_image_runs_without_root_and_says_whether_it_lives() -> None:
    assert said("USER")[-1] == "10001:10001"
    names = [name for name, _ in dockerfile()]
    assert "RUN" not in names[names.index("USER") :]
    (check,) = said("HEALTHCHECK")
    assert "/healthz" in check
    assert said("CMD") == ['["gunicorn"]']


@pytest.mark.parametrize("name", sorted(compose()["services"]))
def test_a_container_may_do_nothing_but_its_work(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service and "cap_add" not in service
    # The account of the image "learning" is in its Dockerfile.
    assert service.get("image") == "learning" or service["user"] not in ("root", "0")
    assert service["image"] == "learning" or re.search(r":\d", service["image"])
    mounts = [str(mount) for mount in service.get("volumes", [])]
    for mount in mounts:
        source = mount.partition(":")[0]
        assert "docker.sock" not in mount
        if source.startswith("./"):
            assert mount.endswith(":ro") and ((ROOT / source).exists() or source == "./certificate")
        else:
            assert source in compose()["volumes"]


@pytest.mark.parametrize("name", sorted(set(compose()["services"]) - {ONCE}))
def test_a_container_says_whether_it_works_and_comes_back(name: str) -> None:
    service = compose()["services"][name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


def test_only_nginx_can_be_reached_and_the_database_reaches_nothing() -> None:
    services, networks = compose()["services"], compose()["networks"]
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert networks["behind"] == {"internal": True}
    for name in ("database", "cache"):
        assert services[name]["networks"] == ["behind"]
    assert services["nginx"]["networks"] == ["front"]


def test_tables_are_changed_once_and_before_the_site_starts() -> None:
    services = compose()["services"]
    assert services[ONCE]["restart"] == "no" and "migrate" in services[ONCE]["command"][-1]
    migrating = [name for name, each in services.items() if "migrate" in str(each.get("command"))]
    assert migrating == [ONCE]
    waits = {name: each["condition"] for name, each in services["site"]["depends_on"].items()}
    assert waits == {ONCE: "service_completed_successfully", "cache": "service_healthy"}
    assert "/readyz" in str(services["site"]["healthcheck"])
    assert services["nginx"]["depends_on"] == {"site": {"condition": "service_healthy"}}


def test_versions_are_those_that_the_guide_asks_for() -> None:
    images = {name: each["image"] for name, each in compose()["services"].items()}
    assert re.match(r"postgres:(1[5-9]|2\d)-", images["database"])
    assert re.match(r"redis:7\.", images["cache"])
    # pg_dump must not be older than the server: Debian 12 has that of 15.
    assert (
        said("FROM")[0].startswith("debian:bookworm-slim") and "postgres:15" in images["database"]
    )
    # From 1.27.3 nginx asks for an address again.
    assert re.match(r"nginx:1\.(2[89]|[3-9]\d)", images["nginx"])


def test_no_secret_has_a_value_and_none_may_be_left_out() -> None:
    text = (ROOT / "compose.yaml").read_text()
    assert set(re.findall(r"\$\{(\w+)", text)) == {"SITE_NAME", "SECRET_KEY", "POSTGRES_PASSWORD"}
    assert "${" not in re.sub(r"\$\{\w+:\?[^}]+\}", "", text)
    example = (CONTAINER / "example.env").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert f"\n{name}=\n" in example
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"/.env", "/certificate/"} <= set(ignored)


@pytest.mark.parametrize("path", ["deploy/example.env", "deploy/container/example.env"])
def test_every_variable_of_an_example_is_in_the_guide(path: str) -> None:
    names = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / path).read_text(), re.MULTILINE))
    assert names <= variables_of_the_table() | {"SITE_NAME", "POSTGRES_PASSWORD"}


def test_the_site_is_given_only_variables_that_it_reads() -> None:
    for name in (ONCE, "site"):
        assert set(compose()["services"][name]["environment"]) <= variables_of_the_table()


@needs_nginx
def test_nginx_starts_with_the_site_of_the_guide(tmp_path: Path) -> None:
    """All but the address that is asked for again, which the nginx of Debian 12 cannot do."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "nginx").write_text('#!/bin/sh\necho started with "$@"\n')
    (programs / "nginx").chmod(0o755)
    script = (CONTAINER / "start-nginx").read_text()
    site = tmp_path / "site.conf"
    script = script.replace("/etc/learning/site.conf", str(ROOT / "docs" / "nginx.conf"))
    script = script.replace("/tmp/site.conf", str(site))  # noqa: S108 - that of the container
    done = subprocess.run(
        ["sh", "-c", script],  # noqa: S607
        env={"PATH": f"{programs}:{os.environ['PATH']}", "SITE_NAME": "elmshire.example"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "started with -g daemon off;\n"
    text = site.read_text()
    assert text.count("server_name elmshire.example;") == 2 and "127.0.0.1:8000" not in text
    asked_again = "zone site 64k; resolver 127.0.0.11 valid=5s; server site:8000 resolve;"
    assert text.count(asked_again) == 1
    site.write_text(text.replace(asked_again, "server 127.0.0.1:8000;"))
    certify(tmp_path)
    whole = tmp_path / "nginx.conf"
    around = (CONTAINER / "nginx.conf").read_text().replace("include mime.types;", "")
    whole.write_text(around.replace("/tmp/", f"{tmp_path}/"))  # noqa: S108 - that of the container
    assert_taken_by_nginx(whole)
