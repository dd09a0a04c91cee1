"""Files in an S3 bucket: the site's gate comes first, then a link that soon expires.

The server is moto's, spoken to over HTTP by the real boto3. It refuses an unsigned address of a
private bucket, but compares no signature and knows no expiry: what stands in a link is told from
its words.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from mscp.files.sending import FILE_POLICY
from tests.buckets import KEYS, REGION, serving_buckets
from tests.factories import make_identity
from tests.logos import PNG
from tests.mscp.files.sending_site import LAST_MODIFIED, etag_of, lines, store
from tests.pages import body_of
from tests.servers import ROOT

# The middleware asks the database for the content version.
pytestmark = [
    pytest.mark.urls("tests.mscp.files.sending_site"),
    pytest.mark.django_db,
    pytest.mark.one_database,
]

BUCKET = "learning-files"
CONTENT = lines(300_000)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving_buckets() as address:
        yield address


@pytest.fixture
def client_of_s3(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import boto3

    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=server, region_name=REGION)
    yield client
    client.close()


@pytest.fixture(scope="module")
def storages(server: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the settings of the site make of the environment."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "example.org",
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT_URL": server,
        "S3_REGION": REGION,
    }
    program = "import json; from mscp.settings import STORAGES; print(json.dumps(STORAGES))"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    return json.loads(run.stdout)


@pytest.fixture
def stored(client_of_s3: Any, storages: dict[str, Any], settings: Any) -> Iterator[str]:
    """Return the name of a file that lies in the bucket."""
    client_of_s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    settings.STORAGES = {**settings.STORAGES, "default": storages["default"]}
    name = str(store(CONTENT, "documents/a b%ü.pdf").name)
    yield name
    default_storage.delete(name)
    client_of_s3.delete_bucket(Bucket=BUCKET)
    default_storage.connection.meta.client.close()  # type: ignore[attr-defined]


def follow(address: str, **headers: str) -> tuple[int, Any, bytes]:
    with urlopen(Request(address, headers=headers), timeout=20) as answer:  # noqa: S310 - http
        return answer.status, answer.headers, answer.read()


def test_a_reader_is_led_to_a_link_that_soon_expires(stored: str) -> None:
    response = Client().get(f"/sent/open/{stored}")
    assert response.status_code == 302 and response.content == b""
    asked = parse_qs(urlsplit(response.headers["Location"]).query)
    assert asked["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert asked["X-Amz-Expires"] == ["60"]
    assert asked["X-Amz-SignedHeaders"] == ["host"]
    assert len(asked["X-Amz-Signature"][0]) == 64
    # The link is good for a minute and for whoever has it, so nobody keeps it.
    for directive in ("no-store", "no-cache", "private"):
        assert directive in response.headers["Cache-Control"]
    assert "X-Accel-Redirect" not in response.headers


def test_the_link_gives_the_same_bytes_with_type_and_name(stored: str) -> None:
    for query, how in [("", "inline"), ("?download", "attachment")]:
        address = Client().get(f"/sent/open/{stored}{query}").headers["Location"]
        status, headers, body = follow(address)
        assert (status, body) == (200, CONTENT)
        assert headers["Content-Type"] == "application/pdf"
        assert headers["Content-Disposition"] == f"{how}; filename*=utf-8''%C3%9Cberblick.pdf"


def test_the_link_gives_a_range(stored: str) -> None:
    response = Client().get(f"/sent/open/{stored}", headers={"Range": "bytes=100-199"})
    status, headers, body = follow(response.headers["Location"], Range="bytes=100-199")
    assert (status, body) == (206, CONTENT[100:200])
    assert headers["Content-Range"] == f"bytes 100-199/{len(CONTENT)}"


def test_the_bucket_is_private(stored: str, client_of_s3: Any) -> None:
    grants = client_of_s3.get_object_acl(Bucket=BUCKET, Key=stored)["Grants"]
    assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]
    address = Client().get(f"/sent/open/{stored}").headers["Location"]
    with pytest.raises(HTTPError) as refused:
        follow(address.partition("?")[0])
    refused.value.close()
    assert refused.value.code == 403


def test_nobody_gets_a_link_who_may_not_have_the_file(stored: str) -> None:
    response = Client().get(f"/sent/closed/{stored}")
    assert response.status_code == 404
    assert "Location" not in response.headers and b"X-Amz" not in response.content


def test_a_preview_is_led_on_as_a_preview(stored: str) -> None:
    response = Client().get(f"/sent/preview/{stored}")
    assert response.status_code == 302
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_picture_of_our_pages_is_sent_by_us(stored: str) -> None:
    picture = store(CONTENT, "photos/a.webp")
    for headers, status, part in [
        ({}, 200, CONTENT),
        ({"Range": "bytes=100-199"}, 206, CONTENT[100:200]),
    ]:
        response = Client().get(f"/sent/open/{picture.name}", headers=headers)
        assert (response.status_code, body_of(response)) == (status, part)
    default_storage.delete(str(picture.name))


def test_head_is_answered_here(stored: str) -> None:
    # A link is signed for one method.
    response = Client().head(f"/sent/open/{stored}")
    assert response.status_code == 200
    assert response.headers["Content-Length"] == str(len(CONTENT))
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Last-Modified"] == LAST_MODIFIED
    assert response.headers["Content-Security-Policy"] == FILE_POLICY


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_condition_is_answered_here(stored: str, method: str) -> None:
    etag = f'"{etag_of(stored.encode())}"'
    ask = getattr(Client(), method)
    for header, status in [("If-None-Match", 304), ("If-Match", 302 if method == "get" else 200)]:
        assert ask(f"/sent/open/{stored}", headers={header: etag}).status_code == status
    assert ask(f"/sent/open/{stored}", headers={"If-Match": '"other"'}).status_code == 412


def test_a_missing_file_is_not_found(stored: str) -> None:
    default_storage.delete(stored)
    for method in ("get", "head"):
        assert getattr(Client(), method)(f"/sent/open/{stored}").status_code == 404


def test_a_long_token_makes_no_link_too_long(
    stored: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "t" * 3000)
    default_storage.connection.meta.client.close()  # type: ignore[attr-defined]
    settings.STORAGES = {**settings.STORAGES}
    response = Client().get(f"/sent/open/{stored}")
    assert response.status_code == 302 and "t" * 3000 in response.headers["Location"]


def test_a_second_file_of_the_same_name_does_not_replace_the_first(stored: str) -> None:
    second = store(b"another", stored)
    assert second.name != stored
    with default_storage.open(stored) as first:
        assert first.read() == CONTENT
    default_storage.delete(str(second.name))


@pytest.mark.urls("mscp.urls")
def test_a_logo_lies_in_the_bucket_and_comes_from_the_site(stored: str) -> None:
    identity = make_identity(logo=ContentFile(PNG, name="logo.png"))
    address = identity.logo_address
    response = Client().get(address)
    assert response.status_code == 200 and body_of(response).startswith(b"\x89PNG")
    for file in (identity.logo, identity.shared_picture):
        assert default_storage.exists(str(file.name))
        file.storage.delete(file.name)
    assert Client().get(address).status_code == 404
