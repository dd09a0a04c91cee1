"""A real Redis on a free port of this machine, which keeps nothing on disk."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import HOST, free_port, listens


@contextmanager
def redis_server(folder: Path, port: int | None = None) -> Iterator[int]:
    """Run a Redis; yield its port. Skips the test where none is installed, but never in CI."""
    program = shutil.which("redis-server")
    if program is None:
        assert not os.environ.get("CI"), "CI runs with Redis: .ci/run installs it."
        pytest.skip("redis-server is not installed.")
    port = port or free_port()
    command = [program, "--port", str(port), "--bind", HOST, "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            if listens(port):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def redis_address(tmp_path: Path) -> Iterator[str]:
    """Yield what CACHE_URL says of a Redis of this test: a fixture."""
    with redis_server(tmp_path) as port:
        yield f"redis://{HOST}:{port}/0"
