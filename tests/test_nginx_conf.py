"""docs/nginx.conf as it stands, in the real nginx, with a site behind it that does not answer."""

import os
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client

from mscp.site import unavailable_page
from tests.factories import make_contact, make_identity
from tests.mscp.files.test_sending_by_nginx import NGINX
from tests.servers import HOST, ROOT, free_port, nginx

needs_nginx = pytest.mark.skipif(
    NGINX is None and not os.environ.get("CI"), reason="no nginx is installed on this machine"
)
pytestmark = [pytest.mark.one_database, needs_nginx]

FILE = ROOT / "docs" / "nginx.conf"
DATA = "/srv/learning-data"
HASHED = "css/base.0123456789ab.css"


def certify(folder: Path) -> None:
    """Write a certificate for the name in the file where the file looks for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "learning.example.org")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=3650))
        .not_valid_after(today + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    place = folder / "learning"
    place.mkdir()
    (place / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (place / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def assert_taken_by_nginx(configuration: Path) -> None:
    """Let nginx read a whole configuration; relative names are beside it."""
    done = subprocess.run(
        [str(NGINX), "-t", "-p", configuration.parent, "-e", "stderr", "-c", configuration],
        capture_output=True,
        text=True,
        check=False,
    )
    if "(13: Permission denied)" in done.stderr:
        pytest.skip("only root may listen at port 80 of this machine")
    assert done.returncode == 0 and "warn" not in done.stderr, done.stderr


def test_nginx_takes_the_file_as_it_stands(tmp_path: Path) -> None:
    certify(tmp_path)
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path / 'pid'};\nevents {{}}\nhttp {{\ninclude {FILE};\n}}\n")
    assert_taken_by_nginx(whole)


class Site(NamedTuple):
    port: int
    plain_port: int
    data: Path
    log: Path

    def ask(
        self, address: str, method: str = "GET", body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        context = ssl._create_unverified_context()  # noqa: S323 - a certificate of this test
        connection = HTTPSConnection(HOST, self.port, timeout=60, context=context)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, address, body or None, headers=named)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run nginx before a port at which nobody listens."""
    folder = tmp_path_factory.mktemp("nginx")
    certify(folder)
    found = Site(free_port(), free_port(), folder / "data", folder / "log")
    (found.data / "static" / "css").mkdir(parents=True)
    text = FILE.read_text()
    for theirs, ours in [
        ("listen 80;", f"listen {HOST}:{found.plain_port};"),
        ("    listen 443 ssl", f"    listen {HOST}:{found.port} ssl"),
        ("server 127.0.0.1:8000;", f"server {HOST}:{free_port()};"),
        (DATA, str(found.data)),
        ("error_log stderr", f"error_log {found.log}"),
        ("/var/www/html", str(folder / "html")),
    ]:
        assert theirs in text, theirs
        text = text.replace(theirs, ours)
    with nginx(str(NGINX), folder, text, found.port):
        yield found


@pytest.fixture
def page(site: Site, db: None, settings: Any) -> Iterator[str]:
    """Yield the page that the site writes for nginx."""
    settings.STATIC_ROOT = site.data / "static"
    make_identity(name="Elmshire Partnership")
    make_contact(label="Elmshire front door", phone="01632 960 123")
    unavailable_page.write()
    written = site.data / "static" / unavailable_page.NAME
    yield written.read_text()
    written.unlink()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("address", ["/", "/reviews/?q=neglect", "/admin/", "/static/css/none.css"])
def test_a_site_that_is_down_has_its_page_with_its_numbers(
    site: Site, page: str, address: str, method: str
) -> None:
    status, headers, shown = site.ask(address, method)
    assert (status, shown) == (502, page)
    assert headers["Retry-After"] == "30" and headers["Cache-Control"] == "no-store"
    assert "Elmshire Partnership" in shown and "01632 960 123" in shown and "999" in shown
    assert "cannot be reached at the moment" in shown and "nginx/" not in str(headers) + shown


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("address", ["/", "/admin/", "/static/css/none.css"])
def test_before_the_page_was_written_there_are_words_that_name_999(
    site: Site, address: str, method: str
) -> None:
    status, headers, shown = site.ask(address, method)
    assert status == 502 and headers["Content-Type"] == "text/plain"
    assert headers["Retry-After"] == "30" and headers["Cache-Control"] == "no-store"
    assert "call 999" in shown and "few minutes" in shown


def test_the_page_has_no_address_of_its_own(site: Site, page: str) -> None:
    assert site.ask("/static/unavailable.html")[0] == 404


@pytest.mark.parametrize("address", ["/reviews/", "/staff/sign-in/"])
def test_what_is_too_large_is_refused_in_plain_words(site: Site, address: str) -> None:
    status, headers, shown = site.ask(address, "POST", Content_Length="200000")
    assert status == 413 and "nothing was saved" in shown
    assert "Strict-Transport-Security" not in headers


def test_nothing_of_a_reader_is_written_anywhere(site: Site) -> None:
    assert site.ask("/reviews/?q=QUOKKA")[0] == 502
    assert site.ask("/search/export.csv?q=QUOKKA")[0] == 502
    for path in site.log.parent.rglob("*"):
        if path.is_file() and path.suffix != ".html":
            written = path.read_bytes()
            assert b"QUOKKA" not in written and f"client: {HOST}".encode() not in written, path


def test_a_file_with_a_hash_is_sent_from_the_disk_and_kept(site: Site) -> None:
    (site.data / "static" / HASHED).write_text("body {}")
    (site.data / "static" / "css" / "base.css").write_text("body {}")
    status, headers, shown = site.ask(f"/static/{HASHED}")
    assert (status, shown) == (200, "body {}")
    assert headers["Cache-Control"] == "max-age=315360000, public, immutable"
    plain = site.ask("/static/css/base.css")
    assert plain[0] == 200 and plain[1]["Cache-Control"] == "max-age=60, public"


@pytest.mark.django_db
def test_a_static_file_has_the_headers_of_the_site(site: Site) -> None:
    (site.data / "static" / HASHED).write_text("body {}")
    _, headers, _ = site.ask(f"/static/{HASHED}")
    own = Client().get("/robots.txt").headers
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
        assert headers[name] == own[name], name
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_browsers_are_offered_http_2(site: Site) -> None:
    context = ssl._create_unverified_context()  # noqa: S323 - a certificate of this test
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection((HOST, site.port)) as plain, context.wrap_socket(plain) as found:
        assert found.selected_alpn_protocol() == "h2"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_encryption_is_refused(site: Site, version: ssl.TLSVersion) -> None:
    context = ssl._create_unverified_context()  # noqa: S323 - a certificate of this test
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    with (
        socket.create_connection((HOST, site.port)) as plain,
        pytest.raises(ssl.SSLError),
        context.wrap_socket(plain),
    ):
        pass


def test_certificates_are_proved_without_encryption(site: Site) -> None:
    challenge = site.data.parent / "html" / ".well-known" / "acme-challenge"
    challenge.mkdir(parents=True)
    (challenge / "token").write_text("proof")
    for address, expected in (("/.well-known/acme-challenge/token", 200), ("/reviews/", 301)):
        connection = HTTPConnection(HOST, site.plain_port, timeout=60)
        connection.request("GET", address, headers={"Host": "forged.example"})
        answer = connection.getresponse()
        assert answer.status == expected, address
        if expected == 301:
            assert answer.getheader("Location") == "https://learning.example.org/reviews/"
            assert not answer.getheader("Strict-Transport-Security")
        connection.close()


def test_the_largest_body_is_that_of_the_settings() -> None:
    sizes = re.findall(r"client_max_body_size (\d+)m;", FILE.read_text())
    assert sizes == [str(settings.LARGEST_REQUEST // 1024**2)]


# --- the page itself --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_number_that_changes_is_changed_on_the_page(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    contact = make_contact(label="Front door", phone="01632 960 001")
    page = settings.STATIC_ROOT / unavailable_page.NAME
    assert "01632 960 001" in page.read_text()
    contact.phone = "01632 960 002"
    contact.save()
    assert "01632 960 002" in page.read_text() and "960 001" not in page.read_text()
    contact.delete()
    assert "960 002" not in page.read_text() and "999" in page.read_text()
    assert page.stat().st_mode & 0o777 == settings.FILE_UPLOAD_PERMISSIONS
    assert list(settings.STATIC_ROOT.iterdir()) == [page]


@pytest.mark.django_db(transaction=True)
def test_without_collected_files_or_room_nothing_is_written_and_nothing_fails(
    tmp_path: Path, settings: Any
) -> None:
    settings.STATIC_ROOT = tmp_path / "none"
    unavailable_page.write()
    settings.STATIC_ROOT = tmp_path / "file"
    settings.STATIC_ROOT.touch()
    make_contact(label="Front door", phone="01632 960 001")
    assert not (tmp_path / "none").exists() and settings.STATIC_ROOT.read_text() == ""
