"""Tools from npm, which tests/node/README.md explains."""

import os
from pathlib import Path

import pytest

NODE = Path(__file__).parent / "node"


def needs(program: Path) -> pytest.MarkDecorator:
    """Skip where the tools are not installed; in CI they must be."""
    missing = not program.exists() and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason="no tools from npm here (make npm-tools)")
