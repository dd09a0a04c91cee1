"""The database is free while a file is read.

These tests empty the database, so they stand apart: the runner takes such modules last.
"""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from reviews.documents import intake
from reviews.models import Document, DocumentFile
from tests.admin_forms import send
from tests.reviews.documents.test_uploads import AUTHOR, UPLOAD, add, form, own_form, pdf, row


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Note, whenever the child is started, whether that is outside every transaction."""
    noted: list[bool] = []
    run = intake.run_child

    def noting(*args: Any, **kwargs: Any) -> None:
        noted.append(not connection.in_atomic_block)
        run(*args, **kwargs)

    monkeypatch.setattr(intake, "run_child", noting)
    monkeypatch.setattr("reviews.documents.cleaning.run_child", noting)
    return noted


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_the_database_while_a_file_is_read(
    editor: Client, outside: list[bool]
) -> None:
    assert editor.post(UPLOAD, {"file": pdf(AUTHOR())}).status_code == 200
    assert add(editor, row(file=pdf(AUTHOR()))).status_code == 302
    document = Document.objects.get()
    assert send(editor, form(document), **{"documents-0-file": pdf()}).status_code == 302
    assert send(editor, own_form(document), file=pdf(AUTHOR())).status_code == 302
    document.refresh_from_db()
    clean = f"/admin/reviews/documentfile/{document.file.uid}/clean/"  # type: ignore[union-attr]
    assert editor.post(clean).status_code == 302
    assert DocumentFile.objects.filter(cleaned_from=document.file).exists()
    # Cleaning starts one to clean and one to read the copy.
    assert outside == [True] * 6
