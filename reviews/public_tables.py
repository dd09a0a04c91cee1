"""Tables of the library that raise the content version, and which of their rows count."""

from mscp.cache.versions import PublicTable, every_row, part_of, register, with_state
from reviews.models import Publication

_PUBLICATION = "reviews_publication"


def _of_file(column: str, *names: str) -> list[PublicTable]:
    """Describe tables of parts of a file: they count if a document has that file."""
    condition = (
        f"EXISTS (SELECT 1 FROM reviews_document JOIN {_PUBLICATION} "
        f"ON {_PUBLICATION}.id = reviews_document.publication_id "
        f"WHERE reviews_document.file_id = {{row}}.{column} AND {_PUBLICATION}.state <> 'draft')"
    )
    locks = (
        f"SELECT 1 FROM reviews_documentfile WHERE id IN (SELECT {column} FROM {{rows}}) "
        "ORDER BY id FOR KEY SHARE",
        f"SELECT 1 FROM {_PUBLICATION} WHERE id IN (SELECT publication_id FROM reviews_document "
        f"WHERE file_id IN (SELECT {column} FROM {{rows}})) ORDER BY id FOR KEY SHARE",
    )
    return [PublicTable(name, condition, locks) for name in names]


def _documents() -> PublicTable:
    (document,) = part_of(_PUBLICATION, "publication_id", "reviews_document")
    # A writer to the file of a draft must have ended before the file is used elsewhere.
    file = "SELECT 1 FROM reviews_documentfile WHERE id IN ({files}) ORDER BY id FOR UPDATE"
    moved = (
        "SELECT new_rows.file_id FROM new_rows JOIN old_rows ON old_rows.id = new_rows.id WHERE "
        "(new_rows.file_id, new_rows.publication_id) "
        "IS DISTINCT FROM (old_rows.file_id, old_rows.publication_id)"
    )
    return PublicTable(
        document.name,
        document.condition,
        document.locks,
        update_locks=(file.format(files=moved),),
        insert_locks=(file.format(files="SELECT file_id FROM new_rows"),),
    )


register(
    *every_row("reviews_theme", "reviews_listlink"),
    with_state(_PUBLICATION, Publication.objects.next_moment),
    *part_of(
        _PUBLICATION,
        "publication_ptr_id",
        *(model._meta.db_table for model in Publication.__subclasses__()),
    ),
    *part_of(_PUBLICATION, "publication_id", "reviews_publication_themes"),
    *part_of(_PUBLICATION, "record_id", "reviews_publicationchangenote"),
    _documents(),
    *_of_file("id", "reviews_documentfile"),
    *_of_file(
        "file_id",
        "reviews_documentpage",
        "reviews_pagepicture",
        "reviews_filewords",
        "reviews_finding",
    ),
)
