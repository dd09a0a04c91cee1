"""Redis as a cache of Django, from CACHE_URL."""

from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry

# Seconds. Rendering a page takes little longer.
CONNECT, ANSWER = 0.1, 0.2


def backend(address: str) -> dict[str, Any]:
    """Return the entry of CACHES for a Redis."""
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": address,
        "OPTIONS": {
            "serializer": "mscp.cache.shared_pages.AsBytes",
            "socket_connect_timeout": CONNECT,
            "socket_timeout": ANSWER,
            # By default it retries three times, with growing pauses.
            "retry": Retry(NoBackoff(), 0),
        },
    }
