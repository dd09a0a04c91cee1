"""Photos of venues: what is kept of them, what is refused, and that no file is left behind."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from PIL import Image

from tests.admin_forms import fields_of, send
from tests.factories import make_venue
from tests.pages import text_of
from tests.stored import kept_files
from training.models import Venue
from training.photos import LARGEST_SIDE, validate_photo

RED, WHITE = (200, 30, 30), (255, 255, 255)


def picture(
    kind: str = "JPEG", *, mode: str = "RGB", colour: Any = RED, size: Any = (30, 20)
) -> Any:
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind)
    return out.getvalue()


def moving(kind: str) -> bytes:
    out = BytesIO()
    first, second = Image.new("RGB", (9, 9), RED), Image.new("RGB", (9, 9), WHITE)
    first.save(out, kind, save_all=True, append_images=[second], duration=99, loop=0)
    return out.getvalue()


def with_photo(content: bytes, **fields: Any) -> Venue:
    return make_venue(photo=ContentFile(content, name="a.jpg"), photo_alt="A door", **fields)


def stored() -> set[str]:
    return kept_files(Path(settings.MEDIA_ROOT))


def near(one: Any, other: Any) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(one, other, strict=True))


# --- what is kept ---------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (picture(), RED),
        (picture("PNG"), RED),
        (picture("WEBP"), RED),
        (picture(mode="CMYK", colour=(0, 255, 255, 0)), (255, 0, 0)),
        (picture(mode="L", colour=77), (77, 77, 77)),
        (picture("PNG", mode="RGBA", colour=(*RED, 0)), WHITE),
        (picture("PNG", mode="LA", colour=(0, 0)), WHITE),
    ],
    ids=["jpeg", "png", "webp", "for print", "grey", "see-through", "grey and see-through"],
)
def test_it_is_kept_as_webp_and_as_jpeg_with_the_same_colours(
    content: bytes, expected: tuple[int, int, int]
) -> None:
    venue = with_photo(content)
    for file, kind in ((venue.photo, "WEBP"), (venue.photo_jpeg, "JPEG")):
        with file.open("rb") as opened, Image.open(opened) as kept:
            assert (kept.format, kept.mode, kept.size) == (kind, "RGB", (30, 20))
            assert near(kept.getpixel((15, 10)), expected)
    assert (venue.photo_width, venue.photo_height) == (30, 20)


@pytest.mark.django_db
def test_a_page_asks_for_the_room_the_photo_takes_and_for_either_format() -> None:
    venue = with_photo(picture(size=(2 * LARGEST_SIDE, LARGEST_SIDE)))
    page = Client().get(venue.get_absolute_url()).content.decode()
    assert f'width="{LARGEST_SIDE}" height="{LARGEST_SIDE // 2}" alt="A door"' in page
    for name, kind in (("photo.webp", "image/webp"), ("photo.jpg", "image/jpeg")):
        address = f"{venue.get_absolute_url()}{name}"
        assert address in page
        answer = Client().get(address)
        assert answer.headers["Content-Type"] == kind
        b"".join(answer)  # type: ignore[call-overload]
        asked_again = {"If-None-Match": answer.headers["ETag"]}
        again = Client().get(address, headers=asked_again)
        assert again.status_code == 304
    # At once, also within the second in which it was replaced.
    venue.photo = ContentFile(picture(colour=WHITE), name="b.jpg")
    venue.save()
    replaced = Client().get(address, headers=asked_again)
    assert replaced.status_code == 200
    b"".join(replaced)  # type: ignore[call-overload]


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (moving("WEBP"), "moves"),
        (moving("PNG"), "moves"),
        (picture("GIF"), "is damaged"),
        (picture()[:200], "valid image"),
        (b"%PDF-1.7 no picture", "valid image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "valid image"),
    ],
    ids=["a moving webp", "a moving png", "gif", "half a file", "pdf", "svg"],
)
def test_a_refused_photo_says_why_keeps_what_was_typed_and_leaves_no_file(
    publisher: Client, content: bytes, sentence: str
) -> None:
    before = stored()
    response = send(
        publisher,
        "/admin/training/venue/add/",
        name="Sample hall",
        directions="Past the library",
        photo_alt="A door",
        photo=SimpleUploadedFile("a.jpg", content),
    )
    assert response.status_code == 200 and sentence in text_of(response)
    assert fields_of(response)["directions"] == "Past the library"
    assert fields_of(response)["photo_alt"] == "A door"
    assert not Venue.objects.exists() and stored() == before


@pytest.mark.django_db
def test_a_photo_without_words_is_refused_with_a_sentence(publisher: Client) -> None:
    photo = SimpleUploadedFile("a.jpg", picture())
    response = send(publisher, "/admin/training/venue/add/", name="Sample hall", photo=photo)
    assert "the words that say what it shows belong together" in text_of(response)
    assert not Venue.objects.exists()


def test_a_picture_that_would_fill_the_memory_is_refused_unopened() -> None:
    header = (
        b"\x89PNG\r\n\x1a\n"
        + b"\0\0\0\rIHDR"
        + struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    )
    bomb = header + struct.pack(">I", zlib.crc32(header[12:])) + b"\0\0\0\0IEND\xaeB`\x82"
    with pytest.raises(ValidationError, match="50 million points"):
        validate_photo(ContentFile(bomb, name="a.png"))


@pytest.mark.django_db(transaction=True)
def test_a_photo_is_prepared_once_and_outside_the_transaction(
    publisher: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[bool] = []
    make_smaller = Image.Image.thumbnail

    def noting(*args: Any, **kwargs: Any) -> None:
        inside.append(connection.in_atomic_block)
        make_smaller(*args, **kwargs)

    monkeypatch.setattr(Image.Image, "thumbnail", noting)
    page = "/admin/training/venue/add/"
    for number in (1, 2):
        photo = SimpleUploadedFile("a.jpg", picture())
        sent = send(publisher, page, name="Sample hall", photo_alt="A door", photo=photo)
        assert sent.status_code == 302 and inside == [False] * number
        page = f"/admin/training/venue/{Venue.objects.get().pk}/change/"


# --- no file is left behind -----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_is_replaced_or_taken_off_leaves_no_file(publisher: Client) -> None:
    before = stored()
    venue = with_photo(picture())
    first = stored() - before
    assert first == {venue.photo.name, venue.photo_jpeg.name}
    form = f"/admin/training/venue/{venue.pk}/change/"
    send(publisher, form, photo=SimpleUploadedFile("b.jpg", picture(colour=WHITE)))
    second = stored() - before
    assert len(second) == 2 and not first & second
    done = send(publisher, form, **{"photo-clear": "on", "photo_alt": ""})
    assert done.status_code == 302 and stored() == before
    venue.refresh_from_db()
    assert not venue.photo and not venue.photo_jpeg and venue.photo_width is None


@pytest.mark.django_db(transaction=True)
def test_a_deleted_venue_takes_its_photo_along() -> None:
    before = stored()
    with_photo(picture()).delete()
    assert stored() == before


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_undone_keeps_the_photo_there_is() -> None:
    venue = with_photo(picture())
    there = {venue.photo.name, venue.photo_jpeg.name}
    with transaction.atomic():
        venue.photo = ContentFile(picture(colour=WHITE), name="b.jpg")
        venue.save()
        transaction.set_rollback(True)
    assert there <= stored()
    kept = Venue.objects.get()
    assert {kept.photo.name, kept.photo_jpeg.name} == there
