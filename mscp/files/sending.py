"""File responses: a stored file in full, in part, or as 304, to somebody who may have it.

The caller is the gate and has decided already. Responses follow RFC 9110: conditional requests
(section 13) and one range of bytes (section 14). Who sends the bytes depends on where they are
stored: this process, nginx (X_ACCEL_PREFIX), or the S3 server (S3_BUCKET).
"""

import logging
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage
from django.db.models.fields.files import FieldFile
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    StreamingHttpResponse,
)
from django.utils.cache import add_never_cache_headers, get_conditional_response
from django.utils.http import (
    content_disposition_header,
    http_date,
    parse_http_date_safe,
    quote_etag,
)

from mscp.concurrency.limits import (
    Call,
    Limit,
    Outside,
    Place,
    come_again,
    release_connection,
)

logger = logging.getLogger(__name__)

# What a PDF may do when the browser shows it: nothing.
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; sandbox"

BLOCK_SIZE = 64 * 1024

Headers = dict[str, str]
Delivery = Callable[[HttpRequest, FieldFile, int, Headers, Call], HttpResponseBase]


def send_file(
    request: HttpRequest,
    file: FieldFile,
    *,
    name: str,
    content_type: str,
    etag: str,
    modified: datetime,
    attachment: bool = False,
    expected_size: int | None = None,
) -> HttpResponseBase:
    """Answer a GET or HEAD for ``file``, which this person may have.

    ``name`` is the file name of a download, ``etag`` the hash of the content (a strong validator)
    and ``modified`` the moment since which it has been this content. The caller may add headers to
    the response. Raises Http404 if the file is missing, or not of the expected size.
    """
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if (call := _storage.acquire()) is None:
        return come_again("Files are slow to be read at this moment.", SECONDS_TO_RETRY)
    # A 304 updates the stored headers in the browser (RFC 9111, 4.3.4), so it has these too.
    validators = {
        "ETag": quote_etag(etag),
        "Last-Modified": http_date(modified.timestamp()),
        "X-Content-Type-Options": "nosniff",
    }
    if content_type == "application/pdf":
        validators["Content-Security-Policy"] = FILE_POLICY
    try:
        with call:
            size = file.storage.size(_stored_name(file))
            if expected_size not in (None, size):
                raise FileNotFoundError("It is another file than it was.")
            conditional = get_conditional_response(
                request, etag=validators["ETag"], last_modified=int(modified.timestamp())
            )
            if conditional is not None:
                for header, value in validators.items():
                    conditional.headers[header] = value
                return conditional
            headers = {
                **validators,
                "Content-Type": content_type,
                "Content-Disposition": content_disposition_header(attachment, name) or "inline",
                "Accept-Ranges": "bytes",
            }
            if request.method == "HEAD":
                # Range has no meaning here (14.2), and a signed URL would be valid for GET alone.
                return HttpResponse(headers={**headers, "Content-Length": str(size)})
            return _delivery(file.storage, content_type)(request, file, size, headers, call)
    except OSError:
        # The stored name says nothing about the document, so it may be logged.
        logger.error("The file %s cannot be read.", file.name)
        raise Http404 from None


def _stored_name(file: FieldFile) -> str:
    """Return the name in the storage. Raises FileNotFoundError if there is none."""
    if not file.name:
        raise FileNotFoundError
    return file.name


def _delivery(storage: Storage, content_type: str) -> Delivery:
    """Choose who sends the bytes."""
    if getattr(storage, "querystring_auth", False):
        # Pictures are part of our pages, whose policy (img-src 'self') forbids other origins.
        return _by_us if content_type.startswith("image/") else _by_signed_address
    if settings.X_ACCEL_PREFIX and isinstance(storage, FileSystemStorage):
        return _by_nginx
    return _by_us


# --- byte ranges ------------------------------------------------------------------------------

_ONE_RANGE = re.compile(r"bytes=(?P<first>[0-9]*)-(?P<last>[0-9]*)", re.IGNORECASE)


class _UnsatisfiableError(Exception):
    """Raised when no byte of the file lies in the range (14.1.2)."""


def _wanted_range(request: HttpRequest, size: int, headers: Headers) -> tuple[int, int] | None:
    """Return the first and last byte, or None if the complete file is the response.

    Other units, several ranges and malformed ranges are ignored, as a server may (14.2).
    """
    match = _ONE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or not _is_unchanged(request.headers.get("If-Range"), headers):
        return None
    if not match["first"]:
        return _last_bytes(match["last"], size)
    first = _number(match["first"])
    last = _number(match["last"]) if match["last"] else max(first, size - 1)
    if last < first:
        return None
    if first >= size:
        raise _UnsatisfiableError
    return first, min(last, size - 1)


def _last_bytes(length: str, size: int) -> tuple[int, int] | None:
    if not length or not size:
        return None
    if not _number(length):
        raise _UnsatisfiableError
    return max(size - _number(length), 0), size - 1


def _number(digits: str) -> int:
    """Parse a number; an absurdly long one to as many digits as exceed the size of any file."""
    return int(digits.lstrip("0")[:19] or "0")


def _is_unchanged(if_range: str | None, headers: Headers) -> bool:
    """Return whether the part that the browser has already is of this content (13.1.5)."""
    if if_range is None:
        return True
    if if_range.startswith(('"', "W/")):
        return if_range == headers["ETag"]
    moment = parse_http_date_safe(if_range)
    return moment is not None and moment == parse_http_date_safe(headers["Last-Modified"])


# --- who sends the bytes ----------------------------------------------------------------------


def _by_us(
    request: HttpRequest, file: FieldFile, size: int, headers: Headers, call: Call
) -> HttpResponseBase:
    try:
        wanted = _wanted_range(request, size, headers)
    except _UnsatisfiableError:
        return HttpResponse(
            status=416, headers={"Accept-Ranges": "bytes", "Content-Range": f"bytes */{size}"}
        )
    first, last = wanted or (0, size - 1)
    length = last - first + 1
    place = None
    if length > MOST_UNCOUNTED and (place := _downloads.acquire()) is None:
        return come_again("Many files are being sent at this moment.", SECONDS_TO_RETRY)
    opened = file.storage.open(_stored_name(file), "rb")
    # A bucket is read from only while the response is sent.
    part = _Part(opened, first, length, place, call.keep())
    release_connection()
    response = StreamingHttpResponse(part, headers=headers)
    response.headers["Content-Length"] = str(part.left)
    if wanted:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


# A file that the site sends itself occupies a thread for as long as its reader takes. A quarter
# of the threads stays free for pages, however slow readers are.
_downloads = Limit(max(1, settings.WEB_THREADS * 3 // 4))
# The same of threads that wait for the storage itself, once that is slow: of covers too.
_storage = Outside(max(1, settings.WEB_THREADS * 3 // 4))
# Bytes. A response no longer than a large page, such as a cover, is not counted.
MOST_UNCOUNTED = 256 * 1024
SECONDS_TO_RETRY = 30


class _Part:
    """An iterator over a range of a file, in blocks. It holds its place until it is closed.

    Not Django's FileResponse: it hands the file to the server, and servers differ in whether they
    stop at the end of a range or at the end of the file.
    """

    def __init__(
        self,
        file: IO[bytes] | Any,
        first: int,
        length: int,
        place: Place | None,
        call: Call,
    ) -> None:
        self.file = file
        self.left = length
        self.place = place
        self.call = call
        file.seek(first, os.SEEK_SET)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self.left:
            raise StopIteration
        block = self.file.read(min(BLOCK_SIZE, self.left))
        if not block:
            # The server then hangs up. Ending quietly would leave the browser waiting for the rest.
            raise EOFError(f"A file is {self.left} bytes shorter than it was.")
        self.left -= len(block)
        return block

    def close(self) -> None:
        self.file.close()
        self.call.release()
        if self.place:
            self.place.release()


# nginx knows neither our hash nor our date, and would evaluate these itself (docs/nginx.conf).
_NOT_FOR_NGINX = ("If-Match", "If-Unmodified-Since", "If-Range")


def _by_nginx(
    request: HttpRequest, file: FieldFile, size: int, headers: Headers, call: Call
) -> HttpResponseBase:
    if any(header in request.headers for header in _NOT_FOR_NGINX):
        return _by_us(request, file, size, headers, call)
    internal_url = settings.X_ACCEL_PREFIX + quote(_stored_name(file))
    response = HttpResponse(headers={**headers, "X-Accel-Redirect": internal_url})
    # nginx sets it itself, and would send it twice.
    del response.headers["Accept-Ranges"]
    return response


def _by_signed_address(
    request: HttpRequest, file: FieldFile, size: int, headers: Headers, call: Call
) -> HttpResponseBase:
    storage: Any = file.storage
    address = storage.url(
        file.name,
        parameters={
            "ResponseContentType": headers["Content-Type"],
            "ResponseContentDisposition": headers["Content-Disposition"],
        },
    )
    # Not Django's redirect, which refuses 2048 characters: a token of AWS alone may have as many.
    response = HttpResponse(status=302, headers={"Location": address})
    add_never_cache_headers(response)
    return response
