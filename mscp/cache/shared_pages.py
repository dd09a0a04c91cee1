"""Shared pages: exchanged by processes and machines through Redis, if CACHE_URL is set.

A page is written by the process that rendered it, with the content version that it read before, and
the release that made it. A Redis that fails is a miss, and is left alone for some seconds.
"""

import json
import logging
from datetime import datetime
from functools import cache
from hashlib import sha256
from time import monotonic
from typing import Any

import django
from django.conf import settings
from django.core.cache import caches

from mscp.cache.page import Page
from mscp.cache.versions import Version
from mscp.database import clock

logger = logging.getLogger(__name__)

ALIAS = "pages"
# Seconds for which Redis is not used after a failure.
REST = 5
# Folders of the site whose files decide how a page looks.
SOURCES = ("mscp", "reviews", "training", "templates", "static")


class AsBytes:
    """Serializer of the cache: ``packed`` makes the bytes, and nothing is ever unpickled."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def dumps(self, value: bytes) -> bytes:
        return value

    def loads(self, value: bytes) -> bytes:
        return value


class SharedPages:
    """Uses Redis and never fails. Threads share it; two that fail at once do no harm."""

    def __init__(self) -> None:
        self._rests_until = 0.0

    @property
    def _is_there(self) -> bool:
        return ALIAS in settings.CACHES and monotonic() >= self._rests_until

    def get(self, version: Version, key: bytes) -> Page | None:
        if not self._is_there:
            return None
        try:
            found = caches[ALIAS].get(_name(version, key))
            return unpacked(found) if found else None
        except Exception as error:  # noqa: BLE001 - of redis, which need not be installed
            self._rest(error)
            return None

    def put(self, version: Version, key: bytes, page: Page) -> None:
        seconds = int((page.until - clock.now()).total_seconds())
        if not self._is_there or seconds <= 0:
            return
        try:
            caches[ALIAS].set(_name(version, key), packed(page), seconds)
        except Exception as error:  # noqa: BLE001 - as above
            self._rest(error)

    def _rest(self, error: Exception) -> None:
        self._rests_until = monotonic() + REST
        logger.warning("Pages are not shared for %s seconds: %s", REST, type(error).__name__)


def _name(version: Version, key: bytes) -> str:
    """Return the key of a page. It holds search words only as a hash."""
    return sha256("\0".join([release(), *version]).encode() + key).hexdigest()


@cache
def release() -> str:
    """Return the hash of all that decides how a page looks besides the content."""
    digest = sha256(django.get_version().encode())
    for folder in SOURCES:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"\0{path.relative_to(settings.BASE_DIR)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def packed(page: Page) -> bytes:
    """Serialise a page: a line of JSON, then its bodies."""
    head = {
        "headers": page.headers,
        "etag": page.etag,
        "until": page.until.isoformat(),
        "is_open": page.is_open_to_all_sites,
        "lengths": {coding: len(body) for coding, body in page.bodies.items()},
    }
    return b"\n".join([json.dumps(head).encode(), b"".join(page.bodies.values())])


def unpacked(written: bytes) -> Page:
    """Deserialise ``packed``. Raises ValueError or KeyError for anything else."""
    line, _, rest = written.partition(b"\n")
    head = json.loads(line)
    bodies = {}
    for coding, length in head["lengths"].items():
        bodies[coding], rest = rest[:length], rest[length:]
    return Page(
        headers=tuple((name, value) for name, value in head["headers"]),
        etag=head["etag"],
        until=datetime.fromisoformat(head["until"]),
        is_open_to_all_sites=head["is_open"],
        bodies=bodies,
    )
