"""docs/nginx.conf in the real nginx: it sends what the site allows, with the site's headers."""

import gzip
import os
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.utils.http import http_date

from mscp.files.sending import FILE_POLICY
from tests.mscp.files.sending_site import LAST_MODIFIED, MODIFIED, etag_of, lines, store
from tests.pages import body_of
from tests.servers import HOST, ROOT, free_port, gunicorn, nginx

# Debian keeps it where only root looks.
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")

pytestmark = [
    pytest.mark.urls("tests.mscp.files.sending_site"),
    pytest.mark.skipif(
        "NGINX is None and not os.environ.get('CI')", reason="no nginx is installed on this machine"
    ),
]

SIZE = 300_000
CONTENT = lines(SIZE)

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture
def stored(folder: Path, settings: Any) -> Iterator[str]:
    settings.MEDIA_ROOT = folder
    name = str(store(CONTENT, "documents/a b%ü.pdf").name)
    yield name
    FileSystemStorage().delete(name)


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def plain_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def get(
    folder: Path, port: int, plain_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Answer]]:
    """Return a function that asks nginx, which stands in front of gunicorn."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "SENT_FILES": str(folder),
        "X_ACCEL_PREFIX": "/protected/",
        "WEB_WORKERS": "1",
    }

    def ask(
        address: str, method: str = "GET", *, at: int = port, body: bytes = b"", **headers: str
    ) -> Answer:
        connection = HTTPConnection(HOST, at, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, address, body or None, headers=named)
            response = connection.getresponse()
            # A list may be in two lines: what the site says, and what nginx adds.
            names = [name for name, _ in response.getheaders() if name != "Vary"]
            assert len(names) == len(set(names)), names
            headers = {**dict(response.getheaders()), "Vary": response.getheader("Vary", "")}
            return response.status, headers, response.read()
        finally:
            connection.close()

    with ExitStack() as stack:
        behind, _ = stack.enter_context(gunicorn(environment, "tests.mscp.files.sending_wsgi"))
        site = example(port, plain_port, behind, folder)
        stack.enter_context(nginx(str(NGINX), tmp_path_factory.mktemp("nginx"), site, port))
        yield ask


def example(port: int, plain_port: int, behind: int, folder: Path) -> str:
    """Return docs/nginx.conf with ports and folders of this machine, and no certificate."""
    site = (ROOT / "docs" / "nginx.conf").read_text()
    for theirs, ours in [
        ("listen 80;", f"listen {HOST}:{plain_port};"),
        ("    listen 443 ssl http2;", f"listen {HOST}:{port};"),
        ("server 127.0.0.1:8000;", f"server {HOST}:{behind};"),
        ("/srv/learning-data/uploads/", f"{folder}/"),
        ("root /srv/learning-data;", f"root {folder};"),
    ]:
        assert theirs in site, theirs
        site = site.replace(theirs, ours)
    return re.sub(r"^ *ssl_certificate.*\n", "", site, flags=re.MULTILINE)


def address_of(stored: str, gate: str = "open") -> str:
    return quote(f"/sent/{gate}/{stored}")


@pytest.mark.django_db
@pytest.mark.parametrize("gate", ["open", "preview"])
def test_an_allowed_file_has_every_header_of_the_site(
    get: Callable[..., Answer], stored: str, gate: str
) -> None:
    status, headers, body = get(address_of(stored, gate))
    assert (status, body) == (200, CONTENT)
    assert headers["Server"].startswith("nginx")
    own = Client().get(address_of(stored, gate))
    assert body_of(own) == CONTENT
    expected = dict(own.headers)
    # The moment it expired, seconds ago.
    assert ("Expires" in headers) is ("Expires" in expected)
    different = {"Server", "Date", "Connection", "Expires"}
    assert {k: v for k, v in headers.items() if k not in different} == {
        k: v for k, v in expected.items() if k not in different
    }
    assert headers["Content-Security-Policy"] == FILE_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["ETag"] == f'"{etag_of(stored.encode())}"'
    assert headers.get("X-Robots-Tag") == ("noindex, nofollow" if gate == "preview" else None)


def test_nginx_sends_the_bytes_and_not_the_site(get: Callable[..., Answer], stored: str) -> None:
    Path(FileSystemStorage().path(stored)).write_bytes(b"changed on disk")
    assert get(address_of(stored))[2] == b"changed on disk"


@pytest.mark.parametrize(
    ("asked", "status", "part", "content_range"),
    [
        ("bytes=0-99", 206, CONTENT[:100], f"bytes 0-99/{SIZE}"),
        ("bytes=299990-", 206, CONTENT[-10:], f"bytes 299990-299999/{SIZE}"),
        ("bytes=-200", 206, CONTENT[-200:], f"bytes 299800-299999/{SIZE}"),
        ("bytes=0-1,5-9", 200, CONTENT, None),
    ],
)
def test_nginx_sends_one_range(
    get: Callable[..., Answer],
    stored: str,
    asked: str,
    status: int,
    part: bytes,
    content_range: str | None,
) -> None:
    answer = get(address_of(stored, "preview"), Range=asked)
    assert (answer[0], answer[2]) == (status, part)
    assert answer[1].get("Content-Range") == content_range
    assert answer[1]["Content-Length"] == str(len(part))
    assert answer[1]["Content-Security-Policy"] == FILE_POLICY
    assert answer[1]["X-Robots-Tag"] == "noindex, nofollow"


def test_nginx_refuses_a_range_beyond_the_end(get: Callable[..., Answer], stored: str) -> None:
    status, headers, _ = get(address_of(stored), Range=f"bytes={SIZE}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"If_None_Match": "ETAG"}, 304),
        ({"If_None_Match": '"other"'}, 206),
        ({"If_Modified_Since": LAST_MODIFIED}, 304),
        ({"If_Modified_Since": "ON DISK"}, 206),
        ({"If_Match": "ETAG"}, 206),
        ({"If_Match": '"other"'}, 412),
        ({"If_Unmodified_Since": LAST_MODIFIED}, 206),
        ({"If_Range": "ETAG"}, 206),
        ({"If_Range": LAST_MODIFIED}, 206),
        ({"If_Range": '"other"'}, 200),
        ({"If_Range": "ON DISK"}, 200),
    ],
)
def test_a_condition_is_judged_by_the_site_and_not_by_the_disk(
    get: Callable[..., Answer], stored: str, condition: dict[str, str], status: int
) -> None:
    path = FileSystemStorage().path(stored)
    # Before the site's own date, so that to ask whether it changed since then is no 304 of ours.
    before = MODIFIED.timestamp() - 1000
    os.utime(path, (before, before))
    meant = {"ETAG": f'"{etag_of(stored.encode())}"', "ON DISK": http_date(before)}
    headers = {name: meant.get(value, value) for name, value in condition.items()}
    answer = get(address_of(stored), Range="bytes=0-9", **headers)
    assert answer[0] == status
    assert answer[1]["ETag"] == meant["ETAG"]
    if status in (200, 206):
        assert answer[2] == (CONTENT if status == 200 else CONTENT[:10])


def test_head_is_told_the_size(get: Callable[..., Answer], stored: str) -> None:
    status, headers, body = get(address_of(stored), "HEAD")
    assert (status, headers["Content-Length"], body) == (200, str(SIZE), b"")


def test_what_is_not_allowed_has_no_way_round(get: Callable[..., Answer], stored: str) -> None:
    for address in (
        address_of(stored, "closed"),
        quote(f"/protected/{stored}"),
        quote(f"/open/../protected/{stored}"),
        quote(f"//protected/{stored}"),
        quote(f"/uploads/{stored}"),
        quote(f"/-/{stored}"),
        quote(f"/{stored}"),
        "/protected/",
        "/protected/../uploads/",
    ):
        status, _, body = get(address, X_Accel_Redirect=f"/protected/{quote(stored)}")
        assert (status, CONTENT[:50] in body) == (404, False), address


def test_pages_are_compressed_and_files_are_not(get: Callable[..., Answer], stored: str) -> None:
    status, headers, body = get("/page/", Accept_Encoding="gzip")
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(body).startswith(b"<!doctype html>")
    assert "Accept-Encoding" in headers["Vary"]
    assert "Content-Encoding" not in get("/page/")[1]
    again = get("/page/", Accept_Encoding="gzip", If_None_Match=headers["ETag"])
    assert again[0] == 304
    status, headers, body = get(address_of(stored), Accept_Encoding="gzip")
    assert (status, body) == (200, CONTENT) and "Content-Encoding" not in headers


@pytest.mark.parametrize(
    ("address", "burst"),
    [
        ("/reviews/export.csv?year=2020", 10),
        ("/search/export.v1.json", 10),
        ("/sitemap-texts.xml", 10),
        ("/reviews/?sort=title&q=a", 50),
        ("/training/feed.atom", 50),
    ],
)
def test_what_is_costly_is_limited_for_one_address(
    get: Callable[..., Answer], stored: str, address: str, burst: int
) -> None:
    # At once: one after another, a slow machine stays under the limit.
    with ThreadPoolExecutor(burst + 40) as threads:
        answers = list(threads.map(lambda _: get(address, "HEAD"), range(burst + 40)))
    statuses = [status for status, _, _ in answers]
    assert 429 in statuses
    last = answers[statuses.index(429)]
    assert last[1]["Retry-After"] == "60" and last[1]["Content-Type"] == "text/plain"
    # Nothing else is kept from this address.
    assert get("/page/")[0] == 200
    assert get(address_of(stored))[0] == 200


def test_suggestions_are_not_limited(get: Callable[..., Answer]) -> None:
    assert 429 not in {get("/search/suggestions/?q=a", "HEAD")[0] for _ in range(120)}


@pytest.mark.parametrize(
    ("address", "size", "by_nginx"),
    [
        ("/staff/sign-in/", 103_000, "too large, so nothing was saved. Go back"),
        ("/reviews/", 103_000, "too large, so nothing was saved. Go back"),
        ("/reviews/", 1000, ""),
        ("/admin/reviews/documentfile/upload/", 2_000_000, ""),
        ("/admin/reviews/documentfile/upload/", 61 * 1024 * 1024, "more than 60 MB, so nothing"),
    ],
)
def test_a_body_is_limited_by_its_place(
    get: Callable[..., Answer], address: str, size: int, by_nginx: str
) -> None:
    # By what is announced: nginx refuses before it reads.
    announced = {"Content_Length": str(size)} if by_nginx else {}
    # As a browser in which a form of ours was open.
    sent = {"Cookie": f"csrftoken={'a' * 32}", **announced}
    status, _, body = get(address, "POST", body=b"" if by_nginx else b"x" * size, **sent)
    if by_nginx:
        assert status == 413 and by_nginx.encode() in body
    else:
        assert status in (302, 405)


def test_plain_http_leads_to_the_name_of_the_site_alone(
    get: Callable[..., Answer], plain_port: int
) -> None:
    for host in ("forged.example", "learning.example.org:666"):
        status, headers, _ = get("/reviews/?year=2020", at=plain_port, Host=host)
        assert status == 301
        assert headers["Location"] == "https://learning.example.org/reviews/?year=2020"
