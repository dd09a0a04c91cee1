"""A stored file is sent whole, in part or not again, as RFC 9110 has it."""

import logging
import os
import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from django.db.models import FileField
from django.db.models.fields.files import FieldFile
from django.http import Http404
from django.test import Client, RequestFactory

from mscp.files.sending import BLOCK_SIZE, FILE_POLICY, send_file
from tests.mscp.files.sending_site import LAST_MODIFIED, MODIFIED, etag_of, lines, store
from tests.pages import body_of
from tests.servers import HOST, gunicorn

pytestmark = pytest.mark.urls("tests.mscp.files.sending_site")

SIZE = BLOCK_SIZE * 2 + 1000
CONTENT = lines(SIZE)
HASH = etag_of(CONTENT)
ETAG = f'"{HASH}"'


@pytest.fixture(params=["on disk", "in memory"])
def file(request: Any, tmp_path: Path) -> FieldFile:
    storage = FileSystemStorage(tmp_path) if request.param == "on disk" else InMemoryStorage()
    name = storage.save("documents/0a1b.pdf", ContentFile(CONTENT))
    return FieldFile(None, FileField(storage=storage), name)  # type: ignore[arg-type]


def ask(file: FieldFile, method: str = "GET", *, sent: Any = None, **headers: str) -> Any:
    """Send the file to a request with these headers, underscores for their dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = RequestFactory().generic(method, "/", headers=named)
    described = {"name": "a.pdf", "content_type": "application/pdf", "etag": HASH}
    return send_file(request, file, **{**described, "modified": MODIFIED, **(sent or {})})


# --- the whole file --------------------------------------------------------------------------


def test_it_is_sent_whole_and_described(file: FieldFile) -> None:
    response = ask(file)
    assert response.status_code == 200 and response.streaming
    assert dict(response.headers) == {
        "Accept-Ranges": "bytes",
        "Content-Disposition": 'inline; filename="a.pdf"',
        "Content-Length": str(SIZE),
        "Content-Security-Policy": FILE_POLICY,
        "Content-Type": "application/pdf",
        "ETag": ETAG,
        "Last-Modified": LAST_MODIFIED,
        "X-Content-Type-Options": "nosniff",
    }
    assert body_of(response) == CONTENT


def test_it_is_never_in_memory_whole(file: FieldFile) -> None:
    response = ask(file)
    sizes = [len(next(response.streaming_content)) for _ in range(3)]
    assert sizes == [BLOCK_SIZE, BLOCK_SIZE, 1000]
    assert body_of(response) == b""


def test_head_has_the_headers_and_no_body(file: FieldFile) -> None:
    head, get = ask(file, "HEAD"), ask(file)
    assert head.status_code == 200 and head.content == b""
    assert dict(head.headers) == dict(get.headers)
    assert body_of(get) == CONTENT


def test_an_empty_file_is_sent_empty(file: FieldFile) -> None:
    file.storage.delete(file.name)
    file.storage.save(file.name, ContentFile(b""))
    response = ask(file, Range="bytes=-5")
    assert (response.status_code, response.headers["Content-Length"]) == (200, "0")
    assert body_of(response) == b""


def test_only_get_and_head_are_answered(file: FieldFile) -> None:
    response = ask(file, "POST")
    assert response.status_code == 405 and response.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Child M.pdf", 'filename="Child M.pdf"'),
        ('a "b" c.pdf', r'filename="a \"b\" c.pdf"'),
        ("Überblick.pdf", "filename*=utf-8''%C3%9Cberblick.pdf"),
        ("a\r\nSet-Cookie: b.pdf", "filename*=utf-8''a%0D%0ASet-Cookie%3A%20b.pdf"),
    ],
)
def test_a_download_has_its_name_whatever_letters_are_in_it(
    file: FieldFile, name: str, says: str
) -> None:
    for attachment, how in [(False, "inline"), (True, "attachment")]:
        response = ask(file, "HEAD", sent={"name": name, "attachment": attachment})
        assert response.headers["Content-Disposition"] == f"{how}; {says}"


def test_a_picture_has_no_policy_of_its_own(file: FieldFile) -> None:
    response = ask(file, "HEAD", sent={"content_type": "image/webp"})
    assert response.headers["Content-Type"] == "image/webp"
    assert "Content-Security-Policy" not in response.headers


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_missing_file_is_not_found_and_only_the_log_names_it(
    file: FieldFile, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    file.storage.delete(file.name)
    with caplog.at_level(logging.ERROR), pytest.raises(Http404) as raised:
        ask(file, method, If_None_Match=ETAG)
    assert not str(raised.value)
    assert [record.getMessage() for record in caplog.records] == [
        "The file documents/0a1b.pdf cannot be read."
    ]


def test_a_record_without_a_file_is_not_found() -> None:
    with pytest.raises(Http404):
        ask(FieldFile(None, FileField(), None))  # type: ignore[arg-type]


def test_a_file_that_shrank_meanwhile_breaks_off(tmp_path: Path) -> None:
    storage = FileSystemStorage(tmp_path)
    name = storage.save("a.pdf", ContentFile(CONTENT))
    response = ask(FieldFile(None, FileField(storage=storage), name))  # type: ignore[arg-type]
    os.truncate(tmp_path / "a.pdf", 10)
    assert len(next(response.streaming_content)) == 10
    with pytest.raises(EOFError):
        next(response.streaming_content)
    response.streaming_content = []
    body_of(response)


# --- conditional requests --------------------------------------------------------------------

EARLIER, LATER = "Mon, 02 Mar 2026 09:30:14 GMT", "Mon, 02 Mar 2026 09:30:16 GMT"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": ETAG}, 304),
        ({"If_None_Match": f'"other", W/{ETAG}'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_Modified_Since": LAST_MODIFIED}, 304),
        ({"If_Modified_Since": LATER}, 304),
        ({"If_Modified_Since": EARLIER}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        # The hash counts more than the date (13.2.2).
        ({"If_None_Match": '"other"', "If_Modified_Since": LATER}, 200),
        ({"If_None_Match": ETAG, "If_Modified_Since": EARLIER}, 304),
        ({"If_Match": ETAG}, 200),
        ({"If_Match": "*"}, 200),
        ({"If_Match": f"W/{ETAG}"}, 412),
        ({"If_Match": '"other"'}, 412),
        ({"If_Unmodified_Since": LAST_MODIFIED}, 200),
        ({"If_Unmodified_Since": EARLIER}, 412),
        ({"If_Match": ETAG, "If_Unmodified_Since": EARLIER}, 200),
        # A condition comes before the range (13.2.2).
        ({"If_None_Match": ETAG, "Range": "bytes=0-9"}, 304),
        ({"If_Match": '"other"', "Range": "bytes=0-9"}, 412),
    ],
)
def test_a_condition_is_kept(
    file: FieldFile, method: str, headers: dict[str, str], status: int
) -> None:
    response = ask(file, method, **headers)
    assert response.status_code == status
    assert response.headers["ETag"] == ETAG
    if status == 200:
        assert response.headers["Content-Length"] == str(SIZE)
    assert body_of(response) == (CONTENT if (status, method) == (200, "GET") else b"")


@pytest.mark.django_db
@pytest.mark.parametrize("gate", ["open", "preview"])
def test_what_a_browser_kept_stays_under_the_policy_of_files(gate: str) -> None:
    stored = store(CONTENT).name
    etag = f'"{etag_of(stored.encode())}"'
    response = Client().get(f"/sent/{gate}/{stored}", headers={"If-None-Match": etag})
    assert response.status_code == 304
    assert response.headers["Content-Security-Policy"] == FILE_POLICY
    assert response.headers["ETag"] == etag and response.headers["Vary"] == "Cookie"
    assert ("no-store" in response.headers["Cache-Control"]) is (gate == "preview")


# --- one range of bytes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=0-0", 0, 0),
        ("Bytes=7-7", 7, 7),
        ("bytes=500-", 500, SIZE - 1),
        ("bytes=-200", SIZE - 200, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
        (f"bytes={BLOCK_SIZE - 1}-{BLOCK_SIZE}", BLOCK_SIZE - 1, BLOCK_SIZE),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        (f"bytes=10-{SIZE * 9}", 10, SIZE - 1),
        ("bytes=0000000000000000000000000000010-19", 10, 19),
        ("bytes=10-" + "9" * 6000, 10, SIZE - 1),
        ("bytes=-" + "9" * 6000, 0, SIZE - 1),
    ],
)
def test_a_range_is_sent_exactly(file: FieldFile, asked: str, first: int, last: int) -> None:
    response = ask(file, Range=asked)
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert response.headers["Content-Length"] == str(last - first + 1)
    assert response.headers["ETag"] == ETAG
    assert response.headers["Content-Security-Policy"] == FILE_POLICY
    assert body_of(response) == CONTENT[first : last + 1]


@pytest.mark.parametrize(
    "asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0", "bytes=" + "9" * 6000 + "-"]
)
def test_a_range_beyond_the_end_is_refused_with_the_size(file: FieldFile, asked: str) -> None:
    response = ask(file, Range=asked)
    assert response.status_code == 416 and response.content == b""
    assert response.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=9-3",
        "bytes=a-b",
        "bytes=1-2-3",
        "bytes=+1-5",
        "bytes=\u0661-5",
        "bytes=0-1,5-9",
        "lines=0-9",
    ],
)
def test_another_kind_of_range_is_passed_over(file: FieldFile, asked: str) -> None:
    response = ask(file, Range=asked)
    assert response.status_code == 200 and "Content-Range" not in response.headers
    assert body_of(response) == CONTENT


def test_a_range_means_nothing_to_head(file: FieldFile) -> None:
    for asked in ("bytes=0-9", f"bytes={SIZE}-"):
        response = ask(file, "HEAD", Range=asked)
        assert response.status_code == 200 and response.headers["Content-Length"] == str(SIZE)


@pytest.mark.parametrize(
    ("if_range", "status"),
    [
        (ETAG, 206),
        (LAST_MODIFIED, 206),
        (f"W/{ETAG}", 200),
        ('"other"', 200),
        (EARLIER, 200),
        (LATER, 200),
        ("yesterday", 200),
    ],
)
def test_the_rest_is_sent_only_of_the_same_content(
    file: FieldFile, if_range: str, status: int
) -> None:
    response = ask(file, Range="bytes=0-9", If_Range=if_range)
    assert response.status_code == status
    assert body_of(response) == (CONTENT[:10] if status == 206 else CONTENT)


# --- real servers ----------------------------------------------------------------------------


def fetch(connection: HTTPConnection, method: str, address: str, **headers: str) -> HTTPResponse:
    connection.request(method, address, headers=headers)
    return connection.getresponse()


def assert_ranges_are_exact(port: int, stored: str) -> None:
    """Ask several times on one connection: a byte too many or too few would spoil the next."""
    address = f"/sent/open/{stored}"
    connection = HTTPConnection(HOST, port, timeout=20)
    try:
        for first, last in [(0, 99), (BLOCK_SIZE - 5, BLOCK_SIZE + 5), (SIZE - 7, SIZE - 1)]:
            response = fetch(
                connection, "GET", f"/sent/open/{stored}", Range=f"bytes={first}-{last}"
            )
            assert (response.status, response.read()) == (206, CONTENT[first : last + 1])
            assert response.getheader("Content-Length") == str(last - first + 1)
            assert not response.will_close
            local = connection.sock.getsockname()
            response = fetch(connection, "HEAD", address)
            assert (response.status, response.read()) == (200, b"")
            assert response.getheader("Content-Length") == str(SIZE)
            response = fetch(connection, "GET", address, Range=f"bytes={SIZE}-")
            assert (response.status, response.read()) == (416, b"")
            assert connection.sock.getsockname() == local
        response = fetch(connection, "GET", address)
        assert (response.status, response.read()) == (200, CONTENT)
    finally:
        connection.close()


def test_ranges_are_exact_on_the_server_of_the_standard_library(live_server: Any) -> None:
    assert_ranges_are_exact(live_server.thread.port, str(store(CONTENT).name))


@pytest.fixture
def on_gunicorn(uploads: Path) -> Iterator[int]:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "SENT_FILES": str(uploads),
        "WEB_WORKERS": "1",
    }
    with gunicorn(environment, "tests.mscp.files.sending_wsgi") as (port, _):
        yield port


def test_ranges_are_exact_on_gunicorn(on_gunicorn: int) -> None:
    assert_ranges_are_exact(on_gunicorn, str(store(CONTENT).name))


def test_an_address_may_hold_ten_thousand_letters_but_has_an_end(on_gunicorn: int) -> None:
    address = f"/sent/open/{store(CONTENT).name}?q="
    for letters, status in (("x" * 10_000, 200), ("%C3%A9" * 10_000, 200), ("x" * 70_000, 414)):
        connection = HTTPConnection(HOST, on_gunicorn, timeout=20)
        connection.request("HEAD", f"{address}{letters}")
        assert connection.getresponse().status == status
        connection.close()


# --- nginx, as far as it is ours -------------------------------------------------------------


@pytest.fixture
def handed_over(settings: Any, db: None) -> str:
    settings.X_ACCEL_PREFIX = "/protected/"
    return str(store(CONTENT, "documents/a b%ü.pdf").name)


def test_nginx_is_told_the_place_and_all_else(handed_over: str) -> None:
    response = Client().get(f"/sent/preview/{handed_over}")
    place = response.headers["X-Accel-Redirect"]
    assert re.fullmatch(r"/protected/documents/[\w%]+\.pdf", place, re.ASCII)
    assert response.status_code == 200 and response.content == b""
    assert response.headers["Content-Security-Policy"] == FILE_POLICY
    assert response.headers["Content-Type"] == "application/pdf"
    assert "%C3%9Cberblick.pdf" in response.headers["Content-Disposition"]
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert response.headers["Last-Modified"] == LAST_MODIFIED


@pytest.mark.parametrize("header", ["If-Match", "If-Range", "If-Unmodified-Since"])
def test_what_nginx_cannot_judge_is_sent_by_us(handed_over: str, header: str) -> None:
    etag = f'"{etag_of(handed_over.encode())}"'
    value = LAST_MODIFIED if header == "If-Unmodified-Since" else etag
    headers = {header: value, "Range": "bytes=0-9"}
    response = Client().get(f"/sent/open/{handed_over}", headers=headers)
    assert response.status_code == 206 and "X-Accel-Redirect" not in response.headers
    assert body_of(response) == CONTENT[:10]


def test_nobody_is_told_a_place_who_may_not_have_the_file(handed_over: str) -> None:
    os.remove(FileSystemStorage().path(handed_over))
    for gate in ("closed", "open"):
        response = Client().get(f"/sent/{gate}/{handed_over}")
        assert response.status_code == 404 and "X-Accel-Redirect" not in response.headers


def test_head_and_conditions_are_answered_without_nginx(handed_over: str) -> None:
    etag = f'"{etag_of(handed_over.encode())}"'
    head = Client().head(f"/sent/open/{handed_over}")
    assert head.status_code == 200 and head.headers["Content-Length"] == str(SIZE)
    unchanged = Client().get(f"/sent/open/{handed_over}", headers={"If-None-Match": etag})
    assert unchanged.status_code == 304
    for response in (head, unchanged):
        assert "X-Accel-Redirect" not in response.headers
