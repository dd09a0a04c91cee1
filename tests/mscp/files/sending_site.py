"""The site with one more address, which sends what lies in the default storage; /sent/<gate>/….

It replaces the views that send files, so that their tests are about their gates alone.
"""

from datetime import UTC, datetime
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import FileField
from django.db.models.fields.files import FieldFile
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotFound,
)
from django.urls import include, path
from django.utils.cache import add_never_cache_headers

from mscp.files.sending import send_file

MODIFIED = datetime(2026, 3, 2, 9, 30, 15, 500_000, tzinfo=UTC)
LAST_MODIFIED = "Mon, 02 Mar 2026 09:30:15 GMT"
NAME = "Überblick.pdf"


def lines(size: int) -> bytes:
    """Return so many bytes that differ from place to place, so that no part is like another."""
    numbered = b"".join(b"%%%09d\n" % number for number in range(size // 11 + 1))
    return (b"%PDF-1.4\n" + numbered)[:size]


def store(content: bytes, name: str = "documents/0a1b.pdf") -> FieldFile:
    return FieldFile(None, FileField(), default_storage.save(name, ContentFile(content)))  # type: ignore[arg-type]


def etag_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def send(request: HttpRequest, gate: str, stored: str) -> HttpResponseBase:
    """Send to anybody (open), as a preview (preview), or to nobody (closed)."""
    if gate == "closed":
        raise Http404
    response = send_file(
        request,
        FieldFile(None, FileField(), stored),  # type: ignore[arg-type]
        name=NAME,
        content_type="image/webp" if stored.endswith(".webp") else "application/pdf",
        etag=etag_of(stored.encode()),
        modified=MODIFIED,
        attachment="download" in request.GET,
    )
    if gate == "preview":
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        add_never_cache_headers(response)
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say so without a page, and so without the database."""
    return HttpResponseNotFound()


handler404 = not_found


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html>" + "<p>Some words.</p>" * 100)


urlpatterns = [
    path("sent/<slug:gate>/<path:stored>", send),
    path("page/", page),
    path("", include("mscp.urls")),
]
