"""The audit of locked packages fails for what can be mended, and only tells the rest."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / ".ci" / "audit.py"


@pytest.fixture(scope="module")
def audit() -> Any:
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def package(name: str, **found: Any) -> dict[str, Any]:
    vulnerability = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "description": "", **found}
    return {"name": name, "version": "1.0", "vulns": [vulnerability] if found else []}


def test_what_has_a_version_without_it_is_an_error_and_the_rest_a_warning(audit: Any) -> None:
    report = {
        "dependencies": [
            package("fine"),
            package("mended", fix_versions=["1.1", "2.0"]),
            package("open", fix_versions=[]),
            {"name": "unknown", "skip_reason": "Dependency not found on PyPI"},
        ]
    }
    assert audit.judge(report) == (
        ["mended 1.0: PYSEC-2026-1, CVE-2026-1; without it from 1.1, 2.0"],
        [
            "open 1.0: PYSEC-2026-1, CVE-2026-1; there is no version without it yet",
            "PyPI says nothing about 1 packages: unknown",
        ],
    )
    assert audit.judge({"dependencies": [package("fine")]}) == ([], [])


def test_without_a_network_it_warns_and_ends_well(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:1"
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "venv")],
        env={
            "PATH": "/usr/bin:/bin",
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_INDEX_URL": f"{nowhere}/simple",
            "PIP_RETRIES": "0",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0 and "pip-audit could not be installed" in done.stderr
