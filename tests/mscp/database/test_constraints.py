"""The CHECKs: the same rule on both databases, and one that any program can evaluate."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction

from mscp.records.partial_dates import PartialDate
from reviews.models import Document, DocumentFile, PracticeReview, Publication
from tests.factories import MINIMAL_PDF, make_document, make_file, make_review

pytestmark = pytest.mark.django_db

DATES = [
    ("2020", True),
    ("0001", True),
    ("2020-01", True),
    ("2020-12", True),
    ("2020-01-01", True),
    ("2020-12-31", True),
    # What no calendar has is refused where the date is read; the form of the text is all right.
    ("2021-02-31", True),
    ("", False),
    ("202", False),
    ("20201", False),
    ("2020-", False),
    ("2020-1", False),
    ("2020-00", False),
    ("2020-13", False),
    ("2020-1a", False),
    ("2020/01", False),
    ("2020-01-", False),
    ("2020-01-1", False),
    ("2020-01-00", False),
    ("2020-01-32", False),
    ("2020-01/01", False),
    ("2020 01 01", False),
    ("20200101", False),
    ("2020\n", False),
    (" 2020", False),
    ("202a", False),
    ("-202", False),
    ("２０２０", False),
    ("soon", False),
]


def takes(model: Any, pk: int, field: str, value: str) -> bool:
    """Tell whether the database itself takes a value, whatever the model says of it."""
    statement = f"UPDATE {model._meta.db_table} SET {field} = %s WHERE {model._meta.pk.column} = %s"  # noqa: S608
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [value, pk])
    except (IntegrityError, DataError):
        return False
    return True


@pytest.mark.parametrize(
    ("model", "field"),
    [(Publication, "report_date"), (PracticeReview, "completed"), (Document, "dated")],
)
def test_a_partial_date_is_a_year_a_month_or_a_day(model: Any, field: str) -> None:
    review = make_review()
    pk = make_document(review).pk if model is Document else review.pk
    taken = {value: takes(model, pk, field, value) for value, _ in DATES}
    assert taken == dict(DATES)


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("0123456789abcdef" * 4, True),
        ("0123456789abcdef" * 4 + "0", False),
        ("0123456789abcdef" * 3, False),
        ("0123456789ABCDEF" * 4, False),
        ("0123456789abcdeg" * 4, False),
        ("0123456789abcde " * 4, False),
        ("", False),
    ],
)
def test_a_hash_is_64_hexadecimal_digits(value: str, taken: bool) -> None:
    file = make_file(MINIMAL_PDF)
    assert takes(DocumentFile, file.pk, "sha256", value) is taken


def test_a_form_is_explained_in_the_words_of_the_constraint() -> None:
    file = make_file(MINIMAL_PDF)
    file.sha256 = "no hash"
    with pytest.raises(ValidationError, match="reviews_file_has_hash"):
        file.validate_constraints()
    make_review(report_date=PartialDate(2020, 7)).validate_constraints()
    make_document(make_review(), file=make_file(MINIMAL_PDF + b"%")).validate_constraints()


def test_any_program_can_write_to_a_table_of_sqlite() -> None:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master "
            "WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' AND name NOT LIKE 'sqlite_%'"
        )
        tables = dict(cursor.fetchall())
    assert "reviews_document" in tables
    # Without the functions that Django gives its own connections, as REGEXP.
    with closing(sqlite3.connect(":memory:")) as plain:
        for name, statement in tables.items():
            plain.execute(statement)
            try:
                plain.execute(f'INSERT INTO "{name}" DEFAULT VALUES')
            except sqlite3.IntegrityError:
                continue
