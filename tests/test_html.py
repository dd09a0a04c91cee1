"""The HTML of every page keeps the rules of html-validate, which knows more than a parser."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from mscp.publishing.gate import State
from tests.npm import NODE, needs
from tests.test_public_surfaces import World

PROGRAM = NODE / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
LOCKS = [NODE / "package-lock.json", NODE / "lighthouse" / "package-lock.json"]
# Of each address so many forms: plain, and some with filters.
FORMS = 3
OTHERS = ["/no-such-page/", "/reviews/?year=19x9&q=nothing", "/staff/sign-in/", "/staff/password/"]

pytestmark = pytest.mark.one_database


@needs(PROGRAM)
@pytest.mark.django_db
def test_every_page_keeps_the_rules(tmp_path: Path, sign_in: Callable[..., Client]) -> None:
    world = World(State.WITHDRAWN)
    pages = [
        # What does not end so is a file.
        one
        for forms in world.addresses().values()
        for one in forms[:FORMS]
        if one.partition("?")[0].endswith("/")
    ]
    addresses = pages + OTHERS
    addresses.append(world.hidden_review.get_absolute_url())
    client = Client()
    saved: dict[str, str] = {}
    for number, address in enumerate(addresses):
        saved |= save(client.get(address), tmp_path / f"{number}.html", address)
    saved |= save(sign_in().get("/styleguide/"), tmp_path / "styleguide.html", "/styleguide/")
    assert len(saved) > 40
    output = tmp_path / "pages.json"
    with output.open("w") as file:
        # Into a pipe it would not have written all when it ends.
        done = subprocess.run(
            ["node", PROGRAM, "--config", NODE / "html-validate.config.mjs", "--formatter", "json"]
            + sorted(map(str, saved)),
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    found = [
        f"{saved[page['filePath']]}:{message['line']} {message['ruleId']}: {message['message']}"
        for page in json.loads(output.read_text())
        for message in page["messages"]
    ]
    assert found == [] and done.returncode == 0, done.stderr


def save(response: Any, path: Path, address: str) -> dict[str, str]:
    """Keep an answer that is a page, and return its file with its address."""
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return {}
    path.write_bytes(response.content)
    return {str(path): address}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.parent.name)
def test_what_npm_installs_is_free_locked_and_explained(lock: Path) -> None:
    packages = json.loads(lock.read_text("utf-8"))["packages"]
    asked = packages.pop("")
    for name, package in packages.items():
        assert "resolved" not in package and package["integrity"].startswith("sha512-"), name
        assert "GPL" not in package.get("license", "unknown, so look"), name
    explained = (NODE / "README.md").read_text("utf-8")
    for name in asked["dependencies"]:
        assert f"| {name} |" in explained, name
