"""The picture of each page: drawn at intake within bounds, gated as its file, deleted with it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from mscp.publishing.gate import State
from reviews.documents import intake
from reviews.documents.intake import take_in
from reviews.models import Document, DocumentFile, PagePicture
from tests.factories import (
    HIDDEN_STAGES,
    make_document,
    make_file,
    make_finding,
    make_picture,
    make_review,
    picture_address,
)
from tests.pages import body_of
from tests.pdfs import pdf_saying
from tests.pdfs.builder import edited
from tests.reviews.documents.test_check_documents import check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_readings")]

PDF = pdf_saying("One heron.", "Two herons.", "Three herons.")


def taken_in() -> DocumentFile:
    return take_in(ContentFile(PDF), name="herons.pdf")


def published(*, state: State = State.PUBLISHED) -> Document:
    file = make_file(PDF, pages=["One.", "Two.", "Three."])
    for number in (1, 2, 3):
        make_picture(file, number)
    return make_document(make_review(state=state), title="Herons", file=file)


# --- drawn --------------------------------------------------------------------------------------


def test_each_page_is_drawn_and_its_picture_tells_nothing_else() -> None:
    pictures = list(taken_in().pictures.all())
    assert [one.number for one in pictures] == [1, 2, 3]
    shown = []
    for one in pictures:
        assert one.content.size < 60 * 1024
        with one.content.open() as stored, Image.open(stored) as drawn:
            assert drawn.format == "WEBP" and drawn.size == (one.width, one.height)
            assert one.width == 900 and one.height <= 1800
            assert not drawn.getexif() and not {"exif", "xmp", "icc_profile"} & set(drawn.info)
            grey = drawn.convert("L")
            darkest, lightest = grey.getextrema()
            assert darkest < 128 and lightest > 240
            shown.append(grey.tobytes())
    assert len(set(shown)) == 3, "Each is of its own page."


def drawn_with(folder: Path, data: bytes = PDF, **constants: object) -> list[str]:
    """Draw the pages in a process with other limits; return the names of the pictures."""
    (folder / "file.pdf").write_bytes(data)
    changes = "".join(f"drawer.{name} = {value!r}\n" for name, value in constants.items())
    program = (
        "from pathlib import Path\nfrom reviews.pdf import page_pictures as drawer\n"
        f"{changes}folder = Path({str(folder)!r})\n"
        "drawer.draw_pages((folder / 'file.pdf').read_bytes(), folder)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=settings.BASE_DIR)
    return sorted(path.name for path in folder.glob("page-*"))


def test_a_file_has_no_more_pictures_than_the_bound(tmp_path: Path) -> None:
    assert drawn_with(tmp_path, MOST_PICTURES=2) == ["page-1.webp", "page-2.webp"]


def test_a_picture_that_would_be_too_large_is_left_out(tmp_path: Path) -> None:
    assert drawn_with(tmp_path, LARGEST_PICTURE=100) == []


def test_what_takes_too_long_is_left_out_and_fails_nothing(tmp_path: Path) -> None:
    def fill_the_second_page(pdf: pikepdf.Pdf) -> None:
        curves = b"".join(b"0 %d m 900 0 0 900 600 %d c S\n" % (n % 800, n) for n in range(40_000))
        pdf.pages[1].contents_add(pdf.make_stream(curves))

    slow = edited(PDF, fill_the_second_page)
    assert drawn_with(tmp_path, slow, SECONDS=1) == ["page-1.webp"]


def test_all_pictures_of_a_file_have_a_bound_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = [one.content.size for one in taken_in().pictures.all()]
    monkeypatch.setattr(intake, "LARGEST_PICTURES", sizes[0] + sizes[1])
    assert [one.number for one in taken_in().pictures.all()] == [1, 2]


# --- sent ---------------------------------------------------------------------------------------


def test_a_public_picture_is_kept_by_the_browser_alone_and_for_a_day() -> None:
    address = picture_address(published(), 2)
    response = Client().get(address)
    assert response.status_code == 200 and response.headers["Content-Type"] == "image/webp"
    assert body_of(response)[8:12] == b"WEBP"
    kept = {one.strip() for one in response.headers["Cache-Control"].split(",")}
    assert kept == {"private", "max-age=86400", "immutable"}
    again = Client().get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304 and again.headers["Cache-Control"]
    head = Client().head(address)
    assert head.status_code == 200 and int(head.headers["Content-Length"]) > 0


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_staff_see_the_pictures_of_what_is_hidden_and_nothing_keeps_them(
    state: State, editor: Client
) -> None:
    document = published(state=state)
    assert Client().get(picture_address(document)).status_code == 404
    response = editor.get(picture_address(document))
    assert response.status_code == 200 and body_of(response)
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_only_the_file_that_visitors_get_has_pictures_for_them(editor: Client) -> None:
    document = published()
    earlier = picture_address(document)
    document.file = make_file(PDF + b"%", pages=["One."])
    make_picture(document.file)
    document.save()
    for client in (Client(), editor):
        assert client.get(earlier).status_code == 404
    now = Client().get(picture_address(document))
    assert now.status_code == 200 and body_of(now)
    make_finding(document.file)
    assert Client().get(picture_address(document)).status_code == 404


@pytest.mark.parametrize("number", [0, 4, 10**18, 10**30])
def test_a_page_that_is_not_there_has_no_picture(number: int) -> None:
    assert Client().get(picture_address(published(), number)).status_code == 404


# --- kept and deleted ---------------------------------------------------------------------------


def test_a_file_of_an_earlier_release_is_drawn_on_request() -> None:
    document = make_document(make_review(), file=taken_in())
    document.file.pictures.all().delete()
    for path in default_storage.listdir("pages")[1]:
        default_storage.delete(f"pages/{path}")
    code, printed = check()
    assert code == 0 and "One file has no pictures of the pages" in printed
    assert not PagePicture.objects.exists(), "Looking repairs nothing."
    code, printed = check("--repair")
    assert code == 0 and "3 pages drawn." in printed
    assert document.file.pictures.count() == 3
    assert check() == (0, "All files are as their records say.\n")


def test_a_picture_that_is_lost_is_named_and_drawn_again(uploads: Path) -> None:
    make_document(make_review(), file=taken_in())
    (uploads / PagePicture.objects.get(number=2).content.name).unlink()
    code, printed = check()
    assert code == 1 and "the pictures of some pages are missing" in printed
    code, printed = check("--repair")
    assert code == 0 and "pictures rebuilt" in printed
    assert all(default_storage.exists(one.content.name) for one in PagePicture.objects.all())
    assert PagePicture.objects.count() == 3


def test_an_upload_that_is_discarded_takes_its_pictures_along(
    uploads: Path, django_capture_on_commit_callbacks: Any
) -> None:
    file = taken_in()
    with django_capture_on_commit_callbacks(execute=True):
        file.delete()
    assert not [path for path in uploads.rglob("*") if path.is_file()]
