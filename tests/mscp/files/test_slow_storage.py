"""A storage that is slow: few threads wait for it, and whatever else is asked is answered."""

from typing import Any

import pytest
from django.test import Client

from mscp.concurrency.limits import Outside
from mscp.files import sending
from tests.factories import MINIMAL_PDF, make_document, make_review
from tests.pages import body_of

SLOW, QUICK = -1.0, 60.0
"""Seconds after which a call counts as slow: each does, or none."""


def test_while_calls_are_quick_nobody_is_refused() -> None:
    outside = Outside(2, slow=QUICK)
    calls = [outside.acquire() for _ in range(20)]
    assert None not in calls


def test_once_a_call_is_slow_the_next_ones_are_counted() -> None:
    outside = Outside(2, slow=SLOW)
    first, second = outside.acquire(), outside.acquire()
    assert first and second and outside.acquire() is None
    first.release()
    first.release()
    third = outside.acquire()
    assert third and outside.acquire() is None


def test_a_call_that_was_slow_is_remembered_for_some_time() -> None:
    outside = Outside(1, slow=SLOW)
    with outside.acquire() as call:  # type: ignore[union-attr]
        pass
    outside._slow = QUICK
    held = outside.acquire()
    assert held and outside.acquire() is None
    outside._strict_until = 0
    assert outside.acquire() and call is not held


def test_a_slow_reader_is_no_slow_storage() -> None:
    outside = Outside(1, slow=QUICK)
    with outside.acquire() as call:  # type: ignore[union-attr]
        call.keep()  # type: ignore[union-attr]
    outside._slow = SLOW
    assert outside.acquire()


def test_a_call_that_fails_or_is_forgotten_frees_its_place() -> None:
    outside = Outside(1, slow=SLOW)

    def fail() -> None:
        with outside.acquire() as call:  # type: ignore[union-attr]
            call.keep()  # type: ignore[union-attr]
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        fail()
    assert outside._calls == {}
    outside.acquire()
    assert outside._calls == {}


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Outside:
    outside = Outside(1, slow=SLOW)
    monkeypatch.setattr(sending, "_storage", outside)
    return outside


def _close(response: Any) -> Any:
    body_of(response)
    return response


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("file", ["document", "cover"])
def test_a_file_is_refused_while_others_wait_for_it_and_pages_are_not(
    uploads: Any, place: Outside, method: str, file: str
) -> None:
    document = make_document(make_review(), pdf=MINIMAL_PDF)
    address = document.get_absolute_url()
    if file == "cover":
        address = document.covers[0][0]
    ask = getattr(Client(), method)
    held = place.acquire()
    refused = ask(address)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert Client().get(document.publication.get_absolute_url()).status_code == 200
    assert held
    held.release()
    for _ in range(3):
        assert _close(ask(address)).status_code == 200
    assert place._calls == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Range": "bytes=0-3"}, 206),
        ({"Range": "bytes=999999-"}, 416),
        ({"If-None-Match": "*"}, 304),
        ({}, 200),
    ],
)
def test_every_answer_frees_its_place(
    uploads: Any, place: Outside, headers: dict[str, str], status: int
) -> None:
    document = make_document(make_review(), pdf=MINIMAL_PDF)
    for _ in range(2):
        response = _close(Client().get(document.get_absolute_url(), headers=headers))
        assert response.status_code == status and place._calls == {}


@pytest.mark.django_db
def test_a_file_that_is_gone_frees_its_place(uploads: Any, place: Outside) -> None:
    document = make_document(make_review(), pdf=MINIMAL_PDF)
    assert document.file
    (uploads / str(document.file.content.name)).unlink()
    for _ in range(2):
        assert Client().get(document.get_absolute_url()).status_code == 404
