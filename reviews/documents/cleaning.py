"""Cleaned copies: made once for a file, checked to look the same, stored beside the original."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction

from reviews.documents.intake import LATER, SOURCE, copy_to, run_child, take_in, work_folder
from reviews.models import DocumentFile
from reviews.pdf.titles import is_no_title


def clean(file: DocumentFile, *, user: Any) -> DocumentFile:
    """Make a cleaned copy of a file and take it in. Raises ValidationError with the reason.

    The copy is not in use yet. If none can be made, the file keeps the reason. Of two that are made
    at the same time, such as by a form and by its report, one stays. Call it outside a transaction.
    """
    earlier = set(file.cleaned_copies.values_list("pk", flat=True))
    with work_folder() as folder:
        source = folder / SOURCE
        with file.content.open("rb") as stored:
            copy_to(stored, source)
        try:
            run_child("clean", source, folder, _title_of(file), "en-GB")
        except ValidationError as error:
            if getattr(error, "code", None) != LATER:
                _keep_reason(file, " ".join(error.messages))
            raise
        with (folder / "cleaned.pdf").open("rb") as cleaned:
            copy = take_in(File(cleaned), name=_name_of_copy(file), user=user, cleaned_from=file)
    _keep_reason(file, "")
    return _with_document_of(file, _only_one(file, copy, earlier))


def _title_of(file: DocumentFile) -> str:
    """Return the title for the copy's properties: that which readers see."""
    title = file.document.title if file.document else ""
    return "" if is_no_title(title) else title


def _name_of_copy(file: DocumentFile) -> str:
    """Return a neutral name: the original's may be what reveals something."""
    return file.document.file_name if file.document else "cleaned-copy.pdf"


def _only_one(file: DocumentFile, copy: DocumentFile, earlier: set[int]) -> DocumentFile:
    """Return the copy that somebody else made since, and delete this one; else this one."""
    with transaction.atomic():
        DocumentFile.objects.select_for_update().filter(pk=file.pk).first()
        other = file.cleaned_copies.exclude(pk__in={*earlier, copy.pk}).first()
        if other:
            copy.delete()
    return other or copy


def _keep_reason(file: DocumentFile, why: str) -> None:
    file.not_cleaned = why
    DocumentFile.objects.filter(pk=file.pk).exclude(not_cleaned=why).update(not_cleaned=why)


def _with_document_of(file: DocumentFile, copy: DocumentFile) -> DocumentFile:
    """Give a copy the document of its original, whose form was perhaps saved meanwhile."""
    document = DocumentFile.objects.filter(pk=file.pk).values_list("document", flat=True).first()
    if document and copy.document_id is None:
        DocumentFile.objects.filter(pk=copy.pk).update(document=document)
        copy.refresh_from_db()
    return copy
