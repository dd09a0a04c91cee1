"""The partnership's logo: chosen in the admin, shown in the bar, sent with a strict policy."""

import json
import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from mscp.files import removal
from mscp.models import SiteIdentity
from tests.factories import make_identity
from tests.logos import PNG, REAL_SVG
from tests.pages import body_of, get, text_of

pytestmark = pytest.mark.django_db
FORM = "/admin/mscp/siteidentity/1/change/"


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def save(client: Client, logo: bytes | None = None, file: str = "logo.svg", **typed: str) -> Any:
    identity = SiteIdentity.load()
    fields = "name abbreviation website email phone intro notice_level exit_address palette"
    data: dict[str, Any] = {name: getattr(identity, name) for name in fields.split()} | typed
    data["opened_version"] = identity.version
    if logo is not None:
        data["logo"] = SimpleUploadedFile(file, logo)
    return client.post(FORM, data, follow=True)


def brand() -> str:
    (found,) = re.findall(r'<a class="brand".*?</a>', get("/").content.decode(), re.DOTALL)
    return " ".join(found.split())


def test_a_logo_is_cleaned_stored_and_shown_beside_the_name(publisher: Client) -> None:
    make_identity()
    hostile = REAL_SVG.replace("<metadata>", '<script>evil()</script><metadata onload="evil()">')
    assert "Left out of it: script." in text_of(save(publisher, hostile.encode()))
    shown = brand()
    assert 'width="176" height="44" alt=""' in shown and "brand-name" in shown
    address = SiteIdentity.load().logo_address
    assert re.fullmatch(r"/logo/[0-9a-f]{20}\.svg", address) and f'src="{address}"' in shown
    response = Client().get(address)
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert b"evil" not in body_of(response) and b"safeguarding" in body_of(response)
    again = Client().get(address, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_a_logo_that_has_the_name_stands_in_its_place(publisher: Client) -> None:
    make_identity()
    save(publisher, PNG, "logo.png", logo_has_name="on")
    assert "brand-name" not in brand()
    assert 'alt="Anytown Safeguarding Children Partnership"' in brand()
    save(publisher, logo_has_name="on", logo_alt="Anytown, for its children")
    assert 'alt="Anytown, for its children"' in brand()


def test_a_png_is_the_picture_of_shared_links(publisher: Client) -> None:
    make_identity()
    save(publisher, PNG, "logo.png")
    page = get("/about/").content.decode()
    (shared,) = re.findall(r'"og:image" content="http://testserver(/logo/shared-[^"]+)"', page)
    with Image.open(BytesIO(body_of(Client().get(shared)))) as picture:
        assert picture.size == (1200, 630)
    (data,) = re.findall(r'ld\+json">(.*?)</script>', get("/").content.decode())
    address = f"http://testserver{SiteIdentity.load().logo_address}"
    assert json.loads(data)["@graph"][0]["logo"] == address


def test_a_refused_logo_loses_nothing_that_was_typed(publisher: Client) -> None:
    make_identity()
    response = save(publisher, b"%PDF-1.7", "logo.pdf", name="Nordmoor", intro="Words.\nMore.")
    page = text_of(response)
    assert "Choose an SVG or a PNG." in page and "Words. More." in page
    assert 'value="Nordmoor"' in response.content.decode()
    assert SiteIdentity.load().logo_address == ""


def test_the_files_of_an_old_logo_are_swept(
    publisher: Client, django_capture_on_commit_callbacks: Any
) -> None:
    make_identity()
    save(publisher, PNG, "logo.png")
    old = SiteIdentity.load()
    stored = [str(old.logo.name), str(old.shared_picture.name)]
    with django_capture_on_commit_callbacks(execute=True):
        save(publisher, REAL_SVG.encode())
    assert sorted(removal.marked()) == sorted(stored)
    assert Client().get(old.logo_address).status_code == 404
    assert 'src="/logo/' in brand() and old.logo_address not in brand()
    with time_machine.travel(datetime.now(UTC) + 400 * removal.GRACE):
        assert sorted(removal.sweep()) == sorted(stored)
    assert default_storage.listdir("logos")[1] == [
        str(SiteIdentity.load().logo.name).rpartition("/")[2]
    ]
    with django_capture_on_commit_callbacks(execute=True):
        save(publisher, **{"logo-clear": "on"})
    assert "brand-mark" in brand()


def test_a_logo_whose_file_is_lost_is_not_found() -> None:
    identity = make_identity(logo=ContentFile(PNG, name="logo.png"))
    default_storage.delete(str(identity.logo.name))
    assert Client().get(identity.logo_address).status_code == 404
    assert Client().get("/logo/other.png").status_code == 404
    assert Client().post(identity.logo_address).status_code == 405
