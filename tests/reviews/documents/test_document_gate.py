"""One gate before a file, its cover and its text: who gets what, whoever carries the bytes."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen
from urllib.robotparser import RobotFileParser

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from mscp.publishing.gate import State
from reviews.documents.intake import take_in
from reviews.models import Document
from tests.factories import (
    HIDDEN_STAGES,
    make_document,
    make_file,
    make_finding,
    make_identity,
    make_review,
)
from tests.mscp.files.test_sending_from_s3 import (  # noqa: F401 - fixtures
    BUCKET,
    client_of_s3,
    server,
    storages,
)
from tests.pages import body_of
from tests.pdfs import pdf_saying

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_readings")]

PDF = pdf_saying("One heron.", "Two herons.")


def document_at(state: State, **fields: Any) -> Document:
    review = make_review(state=state, **fields)
    return make_document(review, title="Herons ünd more", file=make_file(PDF))


def addresses_of(document: Document) -> list[str]:
    base = f"/documents/{document.uid}"
    return [
        document.get_absolute_url(),
        document.download_address,
        f"{base}/read/",
        f"{base}/cover-160.webp",
        f"{base}/cover-480.webp",
    ]


def test_everybody_gets_the_file_the_cover_and_the_text_of_what_is_published() -> None:
    document = document_at(State.PUBLISHED)
    for address in addresses_of(document):
        response = Client().get(address)
        assert response.status_code == 200, address
        assert "X-Robots-Tag" not in response.headers
        assert response.headers["Cache-Control"] == "no-cache", address
        body_of(response)


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_staff_see_what_is_hidden_and_nothing_keeps_it(state: State, editor: Client) -> None:
    for address in addresses_of(document_at(state)):
        response = editor.get(address)
        assert response.status_code == 200, address
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        body_of(response)


def test_a_file_knows_parts_and_whether_it_changed() -> None:
    document = document_at(State.PUBLISHED)
    address, client = document.get_absolute_url(), Client()
    whole = client.get(address)
    assert body_of(whole) == PDF
    assert whole.headers["ETag"] == f'"{document.file.sha256}"'
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = client.get(address, headers={"Range": "bytes=5-14"})
    assert part.status_code == 206 and body_of(part) == PDF[5:15]
    assert part.headers["Content-Range"] == f"bytes 5-14/{len(PDF)}"
    same = client.get(address, headers={"If-None-Match": whole.headers["ETag"]})
    assert same.status_code == 304 and body_of(same) == b""
    head = client.head(address)
    assert head.headers["Content-Length"] == str(len(PDF))


def test_a_replaced_file_is_another_to_every_cache() -> None:
    document = document_at(State.PUBLISHED)
    address = document.get_absolute_url()
    before = Client().head(address).headers["ETag"]
    document.file = make_file(PDF + b"%")
    document.save()
    after = Client().get(address, headers={"If-None-Match": before})
    assert after.status_code == 200 and body_of(after) == PDF + b"%"


def test_a_download_is_named_after_the_title() -> None:
    document = document_at(State.PUBLISHED)
    response = Client().get(document.download_address)
    assert response.headers["Content-Disposition"] == 'attachment; filename="herons-und-more.pdf"'
    body_of(response)


@pytest.mark.parametrize("by", ["itself", "the partnership"])
def test_what_is_kept_out_of_search_engines_says_so_everywhere(by: str) -> None:
    document = document_at(State.PUBLISHED, out_of_search_engines=by == "itself")
    make_identity(publications_out_of_search_engines=by == "the partnership")
    page = document.publication.get_absolute_url()
    for address in [page, *addresses_of(document)]:
        response = Client().get(address)
        assert response.headers["X-Robots-Tag"] == "noindex", address
        body_of(response)
    for address in (page, document.reading_address):
        assert '<meta name="robots" content="noindex">' in Client().get(address).content.decode()
    for section in ("reviews", "texts"):
        assert "<loc>" not in Client().get(f"/sitemap-{section}.xml").content.decode()
        assert section not in Client().get("/sitemap.xml").content.decode()


def test_what_the_partnership_keeps_out_may_be_crawled_so_that_it_is_seen_to_be() -> None:
    document = document_at(State.PUBLISHED)
    make_identity(publications_out_of_search_engines=True)
    robots = RobotFileParser()
    robots.parse(Client().get("/robots.txt").content.decode().splitlines())
    for address in [document.publication.get_absolute_url(), *addresses_of(document)]:
        assert robots.can_fetch("Googlebot", f"http://testserver{address}"), address
    assert not robots.can_fetch("Googlebot", "http://testserver/admin/")


def test_a_preview_stays_a_preview_where_all_is_kept_out(editor: Client) -> None:
    make_identity(publications_out_of_search_engines=True)
    document = document_at(State.DRAFT)
    for address in [document.publication.get_absolute_url(), *addresses_of(document)]:
        response = editor.get(address)
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow", address
        body_of(response)


def test_a_finding_that_is_open_takes_a_published_document_from_visitors_at_once(
    editor: Client,
) -> None:
    document = document_at(State.PUBLISHED)
    make_finding(document.file)
    for address in addresses_of(document):
        assert Client().get(address).status_code == 404
    page = Client().get(document.publication.get_absolute_url()).content.decode()
    assert "Herons" not in page
    assert editor.head(document.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("width", [0, 1, 159, 161, 99999999999])
def test_other_widths_of_a_cover_do_not_exist(width: int) -> None:
    document = document_at(State.PUBLISHED)
    assert Client().get(f"/documents/{document.uid}/cover-{width}.webp").status_code == 404


def test_a_document_that_is_an_address_has_no_page_of_its_text() -> None:
    document = make_document(make_review())
    assert Client().get(f"/documents/{document.uid}/read/").status_code == 404
    assert not document.reading_address and not document.covers


# --- in S3 --------------------------------------------------------------------------------------


@pytest.fixture
def in_s3(client_of_s3: Any, storages: dict[str, Any], settings: Any) -> Iterator[None]:  # noqa: F811
    client_of_s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"}
    )
    settings.STORAGES = {**settings.STORAGES, "default": storages["default"]}
    yield
    for item in client_of_s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client_of_s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    client_of_s3.delete_bucket(Bucket=BUCKET)
    default_storage.connection.meta.client.close()  # type: ignore[attr-defined]


@pytest.fixture
def in_bucket(in_s3: None) -> Document:
    """Return a draft's document that was taken in for real, with its file in the bucket."""
    file = take_in(ContentFile(PDF), name="herons.pdf")
    return make_document(make_review(state=State.DRAFT), title="Herons", file=file)


def test_in_s3_a_hidden_file_gives_nobody_a_link(in_bucket: Document) -> None:
    never = "/documents/00000000-0000-4000-8000-000000000000/herons.pdf"
    for address in addresses_of(in_bucket):
        hidden, missing = Client().get(address), Client().get(never)
        assert hidden.status_code == 404 and "Location" not in hidden.headers
        assert hidden.content == missing.content
        assert dict(hidden.headers) == dict(missing.headers)


def test_in_s3_a_published_file_is_a_short_lived_link_and_its_cover_and_text_are_ours(
    in_bucket: Document,
) -> None:
    in_bucket.publication.kind_model.objects.get().publish()
    response = Client().get(in_bucket.get_absolute_url())
    assert response.status_code == 302
    asked = parse_qs(urlsplit(response.headers["Location"]).query)
    assert asked["X-Amz-Expires"] == ["60"] and asked["X-Amz-Signature"]
    with urlopen(response.headers["Location"], timeout=20) as answer:  # noqa: S310 - http
        assert answer.read() == PDF
        assert answer.headers["Content-Disposition"] == 'inline; filename="herons.pdf"'
    cover, text = (Client().get(in_bucket.covers[0][0]), Client().get(in_bucket.reading_address))
    assert cover.status_code == 200 and body_of(cover)[8:12] == b"WEBP"
    assert "Two herons." in text.content.decode()


def test_in_s3_a_changed_file_is_not_published(in_bucket: Document, client_of_s3: Any) -> None:  # noqa: F811
    client_of_s3.put_object(Bucket=BUCKET, Key=in_bucket.file.content.name, Body=PDF + b"%")
    (obstacle,) = in_bucket.publication.kind_model.objects.get().publishing_obstacles()
    assert "no longer the one that was checked" in obstacle.sentence
