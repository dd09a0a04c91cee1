"""The scores that Lighthouse gives five pages on a phone: ``make lighthouse``.

On a site of its own, served by gunicorn alone. Speed depends on what else the machine does, so run
it on a quiet one; nothing is decided by it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from docs.studio import Site, sample_site
from tests.servers import run

FOLDER = Path(__file__).parent.parent / "tests" / "node" / "lighthouse"
PROGRAM = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES = {
    "performance": "speed",
    "accessibility": "accessibility",
    "best-practices": "practices",
    "seo": "search engines",
}
PAGES = {
    "home": "/",
    "list": "/reviews/",
    "review": "/reviews/sample-review-fictional/",
    "training": "/training/",
}
# Samples are kept out of search engines, which costs points; a review of a real case is not.
AS_REAL = """
from reviews.models import Publication
Publication.objects.update(is_sample=False, out_of_search_engines=False)
"""
READING = re.compile(r'href="(/documents/[^"]+/read/)')


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-headless-shell")
    if chromium is None:
        print("Chromium is needed and was not found.", file=sys.stderr)
        return 1
    print(f"load {os.getloadavg()[0]:.1f} of {os.cpu_count()} processors")
    print(f"{'':10}" + "".join(f"{name:>16}" for name in CATEGORIES.values()))
    lost: list[str] = []
    with sample_site(WEB_WORKERS="2") as site:
        run(site.environment, "manage.py", "shell", "--no-imports", "-c", AS_REAL)
        for name, address in {**PAGES, "reading": _reading_page(site)}.items():
            report = _run(f"{site.address}{address}", chromium)
            scores = [round((report["categories"][one]["score"] or 0) * 100) for one in CATEGORIES]
            print(f"{name:10}" + "".join(f"{score:16}" for score in scores), flush=True)
            lost += [f"{name}: {line}" for line in _lost(report)]
    print(*lost, sep="\n")
    return 0


def _reading_page(site: Site) -> str:
    with urlopen(f"{site.address}{PAGES['review']}") as response:  # noqa: S310 - our own site
        found = READING.search(response.read().decode())
    if found is None:
        raise LookupError("The sample review has no document that can be read here.")
    return found[1]


def _run(address: str, chromium: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.json")
        flags = f"--headless=new --no-sandbox --disable-gpu --user-data-dir={folder}/profile"
        subprocess.run(
            [
                *("node", PROGRAM, address, "--quiet", "--output=json"),
                *(f"--output-path={path}", f"--chrome-flags={flags}"),
                f"--only-categories={','.join(CATEGORIES)}",
            ],
            env={**os.environ, "CHROME_PATH": chromium},
            check=True,
        )
        report: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return report


def _lost(report: dict[str, Any]) -> list[str]:
    """Return the audits that cost something, in the words of the report."""
    counted = {
        audit["id"]
        for one in CATEGORIES
        for audit in report["categories"][one]["auditRefs"]
        if audit["weight"]
    }
    audits = [audit for key, audit in report["audits"].items() if key in counted]
    return [
        f"{audit['id']} {round(audit['score'] * 100)} {audit.get('displayValue', '')}".strip()
        for audit in audits
        if audit["score"] is not None and audit["score"] < 0.995
    ]


if __name__ == "__main__":
    sys.exit(main())
