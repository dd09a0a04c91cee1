"""Absolute URLs of the site's own addresses."""

from django.http import HttpRequest


def absolute_url(request: HttpRequest, address: str) -> str:
    """Return the absolute URL of an address that ``reverse`` gave.

    ``request.build_absolute_uri`` gives the same, and checks the host each time: the page of a
    publication has a dozen.
    """
    return f"{origin_of(request)}{address}"


def origin_of(request: HttpRequest) -> str:
    """Return scheme, host and port of a request (RFC 6454), which is asked for once."""
    origin: str | None = getattr(request, "origin", None)
    if origin is None:
        origin = request.build_absolute_uri("/").removesuffix("/")
        request.origin = origin  # type: ignore[attr-defined]
    return origin
