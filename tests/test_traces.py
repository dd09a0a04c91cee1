"""Where a word of a file is found once the file is replaced, refused, deleted or withdrawn."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client

from mscp.files import removal
from mscp.listing import filterset
from mscp.publishing.gate import State
from mscp.search.query import read
from reviews import search
from reviews.documents.intake import take_in
from reviews.models import DocumentFile
from tests.factories import MINIMAL_PDF, make_document, make_file, make_review
from tests.pages import text_of

pytestmark = pytest.mark.django_db(transaction=True)

# A made-up name that is its own term, and the beginning of no other word.
CANARY = "zqkestrel"
# An older version of a file is kept for staff (docs/editing.md), with its text.
OF_OLDER_VERSION = {"reviews_documentpage", "reviews_filewords"}


def tables_with_canary() -> set[str]:
    """Look through every column of every table, those behind the search index included."""
    quote = connection.ops.quote_name
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = "one::text" if connection.vendor == "postgresql" else "*"
            cursor.execute(f"SELECT {columns} FROM {quote(table)} AS one")  # noqa: S608
            values = (value for row in cursor.fetchall() for value in row)
            if any(CANARY.encode() in as_bytes(value).lower() for value in values):
                found.add(table)
    return found


def as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def files_with_canary(folder: Path) -> list[Path]:
    """Look at all files, but for those that wait to be deleted so that a copy is whole."""
    # The storage dates its files by the clock of the machine.
    with time_machine.travel(datetime.now(UTC) + 400 * removal.GRACE):
        removal.sweep()
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if CANARY.encode() in path.read_bytes().lower()]


def is_in_database_file(folder: Path) -> bool:
    """Copy the database page by page, free ones too, and look at its bytes."""
    copy = folder / "copy.sqlite3"
    with sqlite3.connect(copy) as target:
        connection.connection.backup(target)
    target.close()
    return CANARY.encode() in copy.read_bytes().lower()


def make_file_with_canary() -> DocumentFile:
    return make_file(
        MINIMAL_PDF + f"% {CANARY}\n".encode(), pages=["A page.", f"{CANARY.title()} was seen."]
    )


def is_offered() -> bool:
    return f"Did you mean {CANARY}" in text_of(Client().get("/search/?q=zqkestrle"))


def test_a_replaced_file_leaves_its_words_only_in_the_version_that_staff_keep() -> None:
    document = make_document(make_review(), file=make_file_with_canary())
    assert {"reviews_filewords"} <= tables_with_canary() and is_offered()
    document.file = make_file(MINIMAL_PDF, pages=["Without a name."])
    document.save()
    assert tables_with_canary() == OF_OLDER_VERSION
    assert not is_offered()
    assert search.publications.find(read(CANARY)) == []


def test_an_older_version_that_is_deleted_leaves_nothing(uploads: Path, tmp_path: Path) -> None:
    document = make_document(make_review(), file=make_file_with_canary())
    old = document.file
    document.file = make_file(MINIMAL_PDF, pages=["Without a name."])
    document.save()
    assert files_with_canary(uploads)
    old.delete()
    assert tables_with_canary() == set()
    assert files_with_canary(uploads) == []
    if connection.vendor == "sqlite":
        assert not is_in_database_file(tmp_path)


def test_a_refused_upload_leaves_nothing(uploads: Path, tmp_path: Path) -> None:
    sent = ContentFile(b"%PDF-1.7\n" + f"({CANARY}) Tj\n".encode() * 500, name="sent.pdf")
    with pytest.raises(ValidationError):
        take_in(sent, name="sent.pdf")
    assert tables_with_canary() == set()
    assert files_with_canary(uploads) == []
    if connection.vendor == "sqlite":
        assert not is_in_database_file(tmp_path)


def test_a_deleted_draft_leaves_its_names_in_the_history_alone(
    uploads: Path, tmp_path: Path
) -> None:
    draft = make_review(state=State.DRAFT, title="A draft", summary=f"{CANARY} was seen.")
    make_document(draft, file=make_file_with_canary())
    assert {"reviews_publication", *OF_OLDER_VERSION} == tables_with_canary()
    assert not is_offered()
    draft.delete()
    # Who deleted what and when, with every field, stays for staff.
    assert tables_with_canary() == {"reviews_historicalpracticereview"}
    assert files_with_canary(uploads) == []
    assert not is_offered()


def test_a_deleted_draft_leaves_nothing_of_its_files(uploads: Path, tmp_path: Path) -> None:
    draft = make_review(state=State.DRAFT, title="A draft")
    make_document(draft, file=make_file_with_canary())
    draft.delete()
    assert tables_with_canary() == set()
    assert files_with_canary(uploads) == []
    if connection.vendor == "sqlite":
        assert not is_in_database_file(tmp_path)


@pytest.mark.parametrize("state", [State.DRAFT, State.SCHEDULED, State.WITHDRAWN])
def test_what_is_not_public_offers_no_word(state: State) -> None:
    make_document(make_review(state=state, title="Oak"), file=make_file_with_canary())
    assert not is_offered()


def test_a_withdrawal_takes_its_words_out_of_the_index_and_the_suggestions() -> None:
    review = make_review(title="Oak")
    make_document(review, file=make_file_with_canary())
    assert is_offered()
    review.withdraw(reason="A name")
    assert not is_offered()
    assert not {table for table in tables_with_canary() if table.startswith("search_")}
    lexicons = filterset._lexicons._kept.values()
    assert all(CANARY not in lexicon.known for _, _, lexicon in lexicons)
