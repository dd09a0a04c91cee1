from collections.abc import Callable
from datetime import date, time
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction
from PIL import Image

from tests.factories import day, make_course, make_session, make_venue
from training.models import Session, Venue

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("first", "last", "printed"),
    [
        ("2025-01-14", None, "14 January 2025"),
        ("2025-06-25", "2025-06-26", "25 to 26 June 2025"),
        ("2025-06-29", "2025-07-02", "29 June to 2 July 2025"),
        ("2025-12-31", "2026-01-01", "31 December 2025 to 1 January 2026"),
    ],
)
def test_its_days_print_as_people_say_them(first: str, last: str | None, printed: str) -> None:
    session = make_session(start_date=day(first), end_date=day(last) if last else None)
    assert session.when == printed


@pytest.mark.parametrize(
    ("start", "end", "printed"),
    [
        (None, None, ""),
        (time(9, 30), time(13), "9:30am to 1pm"),
        (time(12), time(0, 30), "midday to 12:30am"),
        (time(9), None, "from 9am"),
    ],
)
def test_its_times_print_as_people_say_them(start: Any, end: Any, printed: str) -> None:
    assert Session(start_time=start, end_time=end).times == printed


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"end_date": date(2027, 1, 4)}, "must come after the first"),
        ({"end_date": date(2027, 1, 1)}, "must come after the first"),
        ({"end_time": time(12)}, "Give the time it starts"),
        ({"start_time": time(12), "end_time": time(12)}, "end later than it starts"),
        ({"start_time": time(12), "end_time": time(9)}, "end later than it starts"),
    ],
)
def test_days_and_times_stand_in_order(fields: dict[str, Any], sentence: str) -> None:
    session = Session(course=make_course(), start_date=date(2027, 1, 4), **fields)
    with pytest.raises(ValidationError, match=sentence):
        session.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        session.save()


def test_over_several_days_it_may_end_earlier_in_the_day() -> None:
    make_session(
        start_date=date(2027, 1, 4),
        end_date=date(2027, 1, 5),
        start_time=time(13),
        end_time=time(9),
    ).full_clean()


def test_an_online_session_has_no_venue() -> None:
    session = Session(
        course=make_course(), start_date=date(2027, 1, 4), delivery="online", venue=make_venue()
    )
    with pytest.raises(ValidationError, match="An online session has no venue"):
        session.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        session.save()


def test_a_year_of_two_digits_is_caught() -> None:
    with pytest.raises(ValidationError, match="four digits"):
        Session(course=make_course(), start_date=date(27, 1, 4)).full_clean()


def test_a_session_is_to_come_until_its_last_day_is_over(clock: Any) -> None:
    session = make_session(start_date=day("2026-11-22"), end_date=day("2026-11-23"))
    assert list(Session.objects.upcoming()) == [session]
    clock.move_to("2026-11-23T23:59:59Z")
    assert list(Session.objects.upcoming()) == [session]
    clock.move_to("2026-11-24T00:00:00Z")
    assert list(Session.objects.upcoming()) == []
    assert list(Session.objects.past()) == [session] and session.is_past


def test_the_day_is_londons_also_in_summer(clock: Any) -> None:
    make_session(start_date=day("2027-06-30"))
    clock.move_to("2027-06-30T23:30:00Z")
    assert not Session.objects.upcoming().exists()


def test_a_venue_in_use_cannot_be_deleted() -> None:
    session = make_session(venue=make_venue())
    with pytest.raises(models.ProtectedError):
        session.venue.delete()  # type: ignore[union-attr]


def picture(size: tuple[int, int] = (3000, 2000), **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG", **options)
    return out.getvalue()


def test_a_photo_loses_its_place_and_shrinks() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of somebody"
    exif.get_ifd(0x8825)[2] = (51.0, 24.0, 0.0)
    venue = make_venue(
        photo=ContentFile(picture(exif=exif), name="at-home.jpg"), photo_alt="A door"
    )
    assert "home" not in venue.photo.name and venue.photo.name.endswith(".webp")
    raw = venue.photo.open("rb").read()
    venue.photo.close()
    with Image.open(BytesIO(raw)) as kept:
        assert kept.format == "WEBP" and kept.size == (1600, 1067)
        assert not kept.getexif()
    assert b"Camera" not in raw


def test_a_small_photo_is_never_enlarged_and_a_sideways_one_stands_up() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    venue = make_venue(
        photo=ContentFile(picture((300, 200), exif=exif), name="a.jpg"), photo_alt="A door"
    )
    with venue.photo.open("rb") as file, Image.open(file) as kept:
        assert kept.size == (200, 300)


# Made when they are asked for: every worker reads this module.
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: picture()[:5000], "damaged"),
        (lambda: b"no picture", "damaged"),
        (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "damaged"),
        (lambda: picture((8000, 8000)), "50 million points"),
        (lambda: picture((10, 10)) + b"\0" * 11 * 1024 * 1024, "over 10 MB"),
    ],
)
def test_a_bad_photo_is_refused_with_the_reason(make: Callable[[], bytes], sentence: str) -> None:
    content = make()
    venue = Venue(name="V", slug="v", photo=ContentFile(content, name="a.jpg"), photo_alt="A")
    with pytest.raises(ValidationError, match=sentence):
        venue.full_clean()


def test_a_photo_needs_its_words() -> None:
    venue = Venue(name="V", slug="v", photo=ContentFile(picture((9, 9)), name="a.jpg"))
    with pytest.raises(ValidationError, match="belong together"):
        venue.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        venue.save()


def test_words_for_a_photo_that_is_not_there_are_refused() -> None:
    with pytest.raises(ValidationError, match="belong together"):
        Venue(name="V", slug="v", photo_alt="A door").full_clean()
