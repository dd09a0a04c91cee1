"""The bare WSGI application: one page of 26 KB, made once, to which every page is a ratio."""

from collections.abc import Callable
from typing import Any

PAGE = b"<!doctype html><html lang=en><title>Bare</title><p>".ljust(26_000, b".")
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(PAGE)))]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", HEADERS)
    return [PAGE]
