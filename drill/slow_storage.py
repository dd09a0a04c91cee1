"""A storage of files that takes seconds a call, as a bucket far away or a disk that fails."""

import os
import time
from typing import Any

from mscp.files.storage import DurableStorage

SECONDS = float(os.environ.get("DRILL_SECONDS", "5"))


class SlowStorage(DurableStorage):
    def _open(self, *arguments: Any, **more: Any) -> Any:
        time.sleep(SECONDS)
        return super()._open(*arguments, **more)

    def _save(self, name: str, content: Any) -> str:
        time.sleep(SECONDS)
        return super()._save(name, content)

    def delete(self, name: str) -> None:
        time.sleep(SECONDS)
        super().delete(name)

    def size(self, name: str) -> int:
        time.sleep(SECONDS)
        return super().size(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        time.sleep(SECONDS)
        return super().listdir(path)
