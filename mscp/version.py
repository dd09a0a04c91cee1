"""Version: of this release, as pyproject.toml has it. Staff see it, and visitors do not."""

import tomllib
from functools import cache

from django.conf import settings


@cache
def version() -> str:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text("utf-8"))
    return str(project["project"]["version"])
