"""Vulnerability audit: asks PyPI about the packages that the site runs with.

    python .ci/audit.py FOLDER

FOLDER is where pip-audit is installed, apart from the site's packages. Exits with 1 only if PyPI
names a vulnerability and a version without it. What cannot be asked, and what has no such version
yet, is a warning: neither a network that is down nor a package that nobody has fixed may stop the
tests.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LOCKED = [ROOT / f"requirements{group}.txt" for group in ("", "-s3", "-redis", "-samples")]
TOOL = ROOT / "requirements-audit.txt"
SECONDS = 60


def judge(report: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Read the JSON of pip-audit; return errors, which can be fixed, and warnings."""
    errors, warnings, not_asked = [], [], []
    for package in report["dependencies"]:
        if "skip_reason" in package:
            not_asked.append(package["name"])
        for found in package.get("vulns", []):
            names = ", ".join([found["id"], *found.get("aliases", [])])
            vulnerability = f"{package['name']} {package['version']}: {names}"
            if found["fix_versions"]:
                errors.append(
                    f"{vulnerability}; without it from {', '.join(found['fix_versions'])}"
                )
            else:
                warnings.append(f"{vulnerability}; there is no version without it yet")
    if not_asked:
        warnings.append(
            f"PyPI says nothing about {len(not_asked)} packages: {', '.join(not_asked)}"
        )
    return errors, warnings


def audit(folder: Path) -> tuple[list[str], list[str]]:
    deadline = time.monotonic() + SECONDS

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own arguments
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=max(deadline - time.monotonic(), 0.1),
        )

    install = ["pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]
    ask = ["pip_audit", "--format=json", "--vulnerability-service=pypi", "--progress-spinner=off"]
    ask += ["--disable-pip", "--require-hashes", *(f"--requirement={one}" for one in LOCKED)]
    try:
        installed = run(*install, f"--target={folder}", "--require-hashes", f"-r{TOOL}")
        if installed.returncode:
            return [], [f"pip-audit could not be installed: {installed.stderr.strip()}"]
        asked = run(*ask)
    except subprocess.TimeoutExpired:
        return [], [f"It was not done within {SECONDS} seconds."]
    try:
        return judge(json.loads(asked.stdout))
    except ValueError:
        # It also exits with 1 if it could not ask, and then writes no JSON.
        return [], [f"PyPI could not be asked: {asked.stderr.strip()[-500:]}"]


def main(folder: str) -> int:
    errors, warnings = audit(Path(folder).absolute())
    for line in warnings:
        sys.stderr.write(f"Warning (audit): {line}\n")
    for line in errors:
        sys.stderr.write(f"Vulnerable: {line}\n")
    if not errors and not warnings:
        sys.stdout.write("No known vulnerabilities.\n")
    return bool(errors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
