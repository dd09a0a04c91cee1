"""The steps of an import as a browser takes them."""

import re
from html import unescape
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.admin_forms import fields_of
from tests.pages import text_of
from training.models import Course, ProgrammeImport, Session, Venue

PAGE = (Path(__file__).parent.parent / "training-page.txt").read_text(encoding="utf-8")
LIST = "/admin/training/programmeimport/"
ADD = f"{LIST}add/"


def counts() -> list[int]:
    return [model.objects.count() for model in (Course, Session, Venue, ProgrammeImport)]


def paste(client: Client, text: str = PAGE, *, ticked: bool = True) -> ProgrammeImport:
    """Paste a programme; what is new in it is ticked, unless it is not to be."""
    response = client.post(ADD, {"text": text})
    assert response.status_code == 302, text_of(response)
    programme = ProgrammeImport.objects.latest("pk")
    return tick(client, programme) if ticked else programme


def tick(client: Client, programme: ProgrammeImport) -> ProgrammeImport:
    """Tick what is new, as a person who may make it does."""
    if "_new" in client.get(address(programme)).content.decode():
        for what in ("courses", "venues"):
            press(client, programme, "_new", value=what)
    tick_each(client, programme)
    return programme


def tick_each(client: Client, programme: ProgrammeImport) -> None:
    """Tick each box of what is new, also of what is like something known."""
    page = client.get(address(programme)).content.decode()
    if boxes := [unescape(value) for value in re.findall(r'name="new"[^>]* value="([^"]*)"', page)]:
        press(client, programme, "_page", value="1", new=boxes)
    programme.refresh_from_db()


def upload(client: Client, content: bytes, name: str = "programme.csv") -> ProgrammeImport:
    response = client.post(ADD, {"text": "", "file": SimpleUploadedFile(name, content)})
    assert response.status_code == 302, text_of(response)
    return tick(client, ProgrammeImport.objects.latest("pk"))


def address(programme: ProgrammeImport) -> str:
    return f"{LIST}{programme.pk}/change/"


def form_of(client: Client, programme: ProgrammeImport, query: str = "") -> dict[str, Any]:
    """Return what a browser would send of the preview."""
    response = client.get(f"{address(programme)}{query}")
    assert response.status_code == 200
    shown = [line for group in response.context["preview"].groups for line in group[3]]
    lines = [str(line.plan.index) for line in shown]
    return {**fields_of(response), "lines": lines}


def press(client: Client, programme: ProgrammeImport, button: str, **changes: Any) -> Any:
    """Send the preview back with a button pressed and some fields changed: ``line_0_title``."""
    fields = form_of(client, programme)
    value = changes.pop("value", "1")
    changed = {
        "-".join(name.split("_", 2)) if name.startswith("line_") else name: text
        for name, text in changes.items()
    }
    return client.post(address(programme), {**fields, **changed, button: value}, follow=True)
