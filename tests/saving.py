"""Save documents with their files, some twenty a second, and note each once it is confirmed.

    python -m tests.saving NOTES

It is a program of its own: a busy editor beside what a test does. The database is DATABASE_URL.
"""
# ruff: noqa: E402 - Django is set up before what needs it is imported

import random
import sys
import time

import django

django.setup()

from django.db import transaction

from reviews.models import Document, DocumentFile, Publication
from tests.factories import MINIMAL_PDF, make_document, make_review

PADDED = 40
PADDING = 100_000
# Seconds: without a pause most of the work of a test would be this.
PAUSE = 0.03


def main(notes: str) -> None:
    choice = random.Random(0)
    # Many pages that change all the time: a copy that is not of one moment is no database.
    padded = [make_review(title=f"Padded {number}").pk for number in range(PADDED)]
    review = make_review(title="Review that grows")
    old = [_document(review, f"Old {number}") for number in range(PADDED)]
    number = 0
    with open(notes, "a", encoding="utf-8", buffering=1) as noted:
        while True:
            noted.write(_document(review, f"Confirmed {number}").title + "\n")
            Publication.objects.filter(pk=choice.choice(padded)).update(
                staff_note=choice.randbytes(PADDING // 2).hex()
            )
            # One that was there before any copy began is deleted with its file.
            if old and number % 5 == 0:
                _delete(old.pop())
            number += 1
            time.sleep(PAUSE)


@transaction.atomic
def _document(review: Publication, title: str) -> Document:
    return make_document(review, title=title, pdf=MINIMAL_PDF + title.encode())


@transaction.atomic
def _delete(document: Document) -> None:
    document.delete()
    DocumentFile.objects.filter(pk=document.file_id).delete()


if __name__ == "__main__":
    main(sys.argv[1])
