"""`check --deploy` names what is missing, each with an id, a hint and a row of the guide."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage
from django.core.checks.registry import registry

from mscp.cache.redis import backend
from mscp.database import clock
from mscp.models import ConcernContact
from mscp.site import checks, health
from tests.servers import ROOT

pytestmark = pytest.mark.django_db


def ids_of(found: list[CheckMessage]) -> set[str]:
    assert all(one.hint and one.msg.endswith(".") for one in found)
    return {str(one.id) for one in found}


def contacts(*days_ago: int | None) -> None:
    ConcernContact.objects.all().delete()
    for days in days_ago:
        day = None if days is None else clock.today() - timedelta(days=days)
        ConcernContact.objects.create(label="Oak", phone="020 7946 0000", verified_on=day)


@pytest.mark.parametrize(
    ("days", "is_named"),
    [((), True), ((None,), True), ((1, None), True), ((366,), True), ((1, 365), False)],
)
def test_numbers_that_nobody_rang_are_named(days: tuple[int | None, ...], is_named: bool) -> None:
    contacts(*days)
    found = checks.check_contacts(None, ["default"])
    assert ids_of(found) == ({"mscp.W007"} if is_named else set())
    # Without the database nothing of it is asked.
    assert checks.check_contacts(None, []) == []


def test_a_folder_that_cannot_be_written_to_is_named(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    assert checks.check_writable(None) == []
    # Not even root writes there.
    settings.DATA_DIR = Path("/proc")
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "nothing"
    found = checks.check_writable(None)
    assert ids_of(found) == {"mscp.W008"} and len(found) == 2
    assert found[0].msg.startswith("/proc is not writable")


SITUATIONS: dict[str, tuple[dict[str, Any], Callable[..., list[CheckMessage]]]] = {
    "mscp.W002": ({"TRUSTED_PROXIES": 0}, checks.check_for_proxy),
    "mscp.W003": ({"TWO_PEOPLE": False}, checks.check_two_people),
    "mscp.W004": ({"SECOND_FACTOR": False}, checks.check_second_factor),
    "mscp.W009": (
        {"CACHES": {"pages": backend("redis://127.0.0.1:1/0")}},
        checks.check_shared_cache,
    ),
    "mscp.W010": (
        {"X_ACCEL_PREFIX": "/protected/", "TRUSTED_PROXIES": 0},
        checks.check_proxy_headers,
    ),
    "mscp.W001": (
        {"X_ACCEL_PREFIX": "/protected/", "NGINX_USER": "no-such-account"},
        checks.check_nginx_access,
    ),
}
RIGHT = {
    "TRUSTED_PROXIES": 1,
    "TWO_PEOPLE": True,
    "SECOND_FACTOR": True,
    "X_ACCEL_PREFIX": "",
    "S3_BUCKET": "",
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_setting_is_named_while_it_is_so(name: str, settings: Any) -> None:
    wrong, check = SITUATIONS[name]
    for key, value in RIGHT.items():
        setattr(settings, key, value)
    assert check(None) == []
    for key, value in wrong.items():
        setattr(settings, key, {**settings.CACHES, **value} if key == "CACHES" else value)
    assert ids_of(check(None)) == {name}


def test_a_disk_that_is_nearly_full_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.check_disk(None) == []
    monkeypatch.setattr(health, "LEAST_FREE", 10**18)
    assert ids_of(checks.check_disk(None)) == {"mscp.W006"}


def test_a_backup_that_is_missing_is_named() -> None:
    assert ids_of(checks.check_backup(None, ["default"])) <= {"mscp.W005", "mscp.I001"}
    assert checks.check_backup(None, ["default"])


def test_every_check_is_registered() -> None:
    every = {function for name, function in vars(checks).items() if name.startswith("check_")}
    assert len(every) > 10 and every <= registry.registered_checks | registry.deployment_checks


def test_the_guide_has_a_row_for_each_id_and_no_other() -> None:
    code = "".join(
        (ROOT / "mscp" / "site" / f"{name}.py").read_text() for name in ("checks", "health")
    )
    guide = (ROOT / "docs" / "deployment.md").read_text()
    rows = re.findall(r"^\| `(mscp\.[EWI]\d{3})` \| .+ \| .+ \|$", guide, re.MULTILINE)
    assert sorted(set(re.findall(r"mscp\.[EWI]\d{3}", code))) == sorted(rows)
