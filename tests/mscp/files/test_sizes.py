"""The most bytes of a file: one limit and one sentence, for the script as for the server."""

import json
import re
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mscp.files.logos import MOST_PNG, MOST_SVG
from mscp.files.sizes import MostBytes, attributes
from reviews.uploads import MOST as MOST_OF_DOCUMENT
from tests.logos import PNG
from tests.pages import text_of
from training.models import Venue
from training.photos import MOST as MOST_OF_PHOTO
from training.programme.files.sheets import MOST as MOST_OF_SHEET

FIELDS = [
    ("/admin/reviews/practicereview/add/", "documents-__prefix__-file", [MOST_OF_DOCUMENT]),
    ("/admin/training/venue/add/", "photo", [MOST_OF_PHOTO]),
    ("/admin/mscp/siteidentity/add/", "logo", [MOST_SVG, MOST_PNG]),
    ("/admin/training/programmeimport/add/", "file", [MOST_OF_SHEET]),
]


@pytest.mark.parametrize("more", [-1, 0])
def test_a_file_of_the_most_bytes_is_taken(more: int) -> None:
    MostBytes(100, "Too large.").check(100 + more)


@pytest.mark.parametrize("more", [1, 10**12])
def test_one_of_more_is_refused_in_the_sentence(more: int) -> None:
    with pytest.raises(ValidationError, match="Too large"):
        MostBytes(100, "Too large.").check(100 + more)


@pytest.mark.parametrize("limit", [limit for *_, limits in FIELDS for limit in limits])
def test_each_sentence_says_how_many_bytes_that_are(limit: MostBytes) -> None:
    number, unit = re.findall(r"(\d+) (MB|kB)", limit.sentence)[0]
    assert limit.most == int(number) * {"MB": 1024**2, "kB": 1024}[unit]


def test_the_first_limit_that_fits_the_name_is_the_one_of_the_script() -> None:
    written = json.loads(attributes(MOST_SVG, MOST_PNG)["data-most-bytes"])
    assert [limit["ending"] for limit in written] == [".svg", ""]


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "name", "limits"), FIELDS)
def test_every_field_for_a_file_tells_the_script_its_limit(
    address: str, name: str, limits: list[MostBytes], administrator: Client
) -> None:
    page = administrator.get(address, follow=True).content.decode()
    fields = re.findall(r'<input type="file"[^>]*>', page)
    assert fields and all("data-most-bytes" in field for field in fields), fields
    (field,) = [one for one in fields if f'name="{name}"' in one]
    (written,) = re.findall(r'data-most-bytes="([^"]*)"', field)
    assert json.loads(unescape(written)) == [vars(limit) for limit in limits]
    assert "js/file-sizes" in page


@pytest.mark.django_db
def test_without_the_script_the_server_says_it_and_keeps_what_was_typed(
    administrator: Client,
) -> None:
    large = PNG + bytes(MOST_OF_PHOTO.most)
    response = administrator.post(
        "/admin/training/venue/add/",
        {"name": "The Old Mill", "photo": SimpleUploadedFile("mill.png", large, "image/png")},
    )
    assert MOST_OF_PHOTO.sentence in text_of(response)
    assert "The Old Mill" in response.content.decode() and not Venue.objects.exists()

    sheet = SimpleUploadedFile("programme.csv", b"x" * (MOST_OF_SHEET.most + 1), "text/csv")
    response = administrator.post("/admin/training/programmeimport/add/", {"file": sheet})
    assert MOST_OF_SHEET.sentence in text_of(response)
