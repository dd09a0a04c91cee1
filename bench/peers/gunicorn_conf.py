"""The site's own gunicorn.conf.py, without the start-up checks of its workers."""

import runpy
from pathlib import Path
from typing import Any

_OURS = Path(__file__).resolve().parents[2] / "gunicorn.conf.py"
globals().update(
    {name: value for name, value in runpy.run_path(str(_OURS)).items() if name[0] != "_"}
)


def post_worker_init(worker: Any) -> None:
    pass
