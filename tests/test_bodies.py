"""A body is refused before any of it is read, where nobody may send one or so much."""

from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.test import Client
from django.test.client import FakePayload, encode_multipart

from mscp.concurrency.limits import Limit
from mscp.publishing.gate import State
from mscp.site.health import PROBES
from mscp.web.middleware import BodyMiddleware
from tests.pages import assert_valid, text_of
from tests.test_public_surfaces import World

pytestmark = pytest.mark.django_db

OTHER_METHODS = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"]
FORM = "multipart/form-data; boundary=x"


class Unreadable(FakePayload):
    """A body of which nothing may be read."""

    def read(self, *args: Any, **kwargs: Any) -> bytes:
        raise AssertionError("The body is read.")

    readline = read


def send(client: Client, method: str, address: str, length: int = 5_000_000, **extra: Any) -> Any:
    return client.generic(
        method,
        address,
        CONTENT_TYPE=FORM,
        CONTENT_LENGTH=str(length),
        **{
            "HTTP_COOKIE": client.cookies.output(header="", sep=";") or f"csrftoken={'a' * 32}",
            "wsgi.input": Unreadable(),
            **extra,
        },
    )


@pytest.mark.parametrize("method", OTHER_METHODS)
def test_no_public_address_reads_a_body(method: str) -> None:
    world = World(State.DRAFT)
    addresses = [found[0] for found in world.addresses().values()]
    # Answers probes before all else, and takes even less.
    addresses = [one for one in addresses if one not in PROBES]
    # Where people outside answer; refused by its length (below).
    addresses = [one for one in addresses if not one.endswith("/answer/")]
    addresses += [record.get_absolute_url() for record in world.hidden]
    addresses += ["/nothing/", "/nothing/at/all", "/reviews", "/static/site.css", "/admin-x/"]
    client = Client(enforce_csrf_checks=True)
    for address in addresses:
        response = send(client, method, address)
        assert response.status_code == 405, address
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


class NoFiles(FileUploadHandler):
    """Takes no file: nobody may have parsed the body."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise AssertionError("A file is kept.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


STAFF_ADDRESSES = ["/admin/", "/admin/reviews/documentfile/upload/", "/admin/x"]


@pytest.mark.parametrize("address", STAFF_ADDRESSES)
def test_nobody_but_staff_may_send_a_file(address: str) -> None:
    response = send(Client(enforce_csrf_checks=True), "POST", address, HTTP_COOKIE="")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/staff/sign-in/?next=/admin/")


@pytest.mark.parametrize("address", STAFF_ADDRESSES)
def test_what_staff_send_whose_session_has_ended_is_read_and_dropped(
    address: str, sign_in: Any, settings: Any
) -> None:
    """A browser that is cut off while it sends shows no answer."""
    settings.FILE_UPLOAD_HANDLERS = [f"{__name__}.NoFiles"]
    ended, reader = Client(), sign_in(is_staff=False)
    form = encode_multipart("x", {"file": SimpleUploadedFile("a.pdf", b"x" * 3_000_000)})
    for client in (ended, reader):
        client.cookies["csrftoken"] = "a" * 32
        body = FakePayload(form)
        response = send(client, "POST", address, len(form), **{"wsgi.input": body})
        assert response.status_code == 302 and not body.read()
        assert response.headers["Location"].startswith("/staff/sign-in/?next=/admin/")


def test_few_bodies_are_dropped_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BodyMiddleware, "DROPPED_AT_ONCE", Limit(1))
    place = BodyMiddleware.DROPPED_AT_ONCE.acquire()
    assert send(Client(), "POST", "/admin/").status_code == 302
    place.release()
    with pytest.raises(AssertionError, match="The body is read"):
        send(Client(), "POST", "/admin/")
    assert BodyMiddleware.DROPPED_AT_ONCE.acquire()


@pytest.mark.parametrize(
    "address", ["/staff/sign-in/", "/staff/password/", "/staff/x/", "/preview/x/answer/"]
)
def test_a_form_around_signing_in_is_small(address: str) -> None:
    response = send(Client(enforce_csrf_checks=True), "POST", address, 100_001)
    assert response.status_code == 413 and "files" not in text_of(response)
    assert_valid(response)


def test_all_files_of_a_form_together_have_a_limit(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/admin/reviews/practicereview/add/"
    # What is more than ten times too much is not read.
    response = send(editor, "POST", address, BodyMiddleware.MOST_READ + 1)
    assert response.status_code == 413
    assert "more than 60 MB" in text_of(response)
    assert_valid(response)
    # Of a little more the text is, if it is of a form of ours; the rest is dropped.
    monkeypatch.setattr(settings, "LARGEST_REQUEST", 2_000_000)
    form = encode_multipart("x", {"file": SimpleUploadedFile("a.pdf", b"x" * 2_000_000)})
    body = FakePayload(form)
    response = send(editor, "POST", address, len(form), **{"wsgi.input": body})
    assert response.status_code == 413 and not body.read()


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "٣", "9" * 400])
def test_an_odd_length_is_refused(length: str) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.generic("POST", "/staff/sign-in/", CONTENT_LENGTH=length, CONTENT_TYPE=FORM)
    assert response.status_code == 413
