"""Gives every document of a filled database a file and covers: `python -m drill.stocking PLACE`.

bench.fill leaves them out, since no page needs them. A backup and a restore do. PLACE is a folder
to make them in, which later runs link from.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

import django
from django.conf import settings

BYTES = 20_000
BYTES_OF_A_COVER = 3_000
BATCH = 500


def main(place: Path) -> None:
    django.setup()
    from django.db import connection

    from mscp.search import maintenance
    from reviews.models import DocumentFile

    files = list(DocumentFile.objects.order_by("pk"))
    uploads = Path(settings.MEDIA_ROOT)
    for file in files:
        content = f"%PDF-1.4 {file.pk} ".encode().ljust(BYTES, b"%")
        file.size, file.sha256 = len(content), hashlib.sha256(content).hexdigest()
        file.cover = f"covers/bench-{file.pk}-160.webp"
        file.large_cover = f"covers/bench-{file.pk}-480.webp"
        covers = f"RIFF {file.pk} ".encode().ljust(BYTES_OF_A_COVER, b"%")
        _put(uploads, place, str(file.content.name), content)
        _put(uploads, place, str(file.cover.name), covers)
        _put(uploads, place, str(file.large_cover.name), covers + b"480")
    with maintenance.triggers_disabled():
        DocumentFile.objects.bulk_update(
            files, ["size", "sha256", "cover", "large_cover"], batch_size=BATCH
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE reviews_documentfile")


def _put(uploads: Path, place: Path, name: str, content: bytes) -> None:
    kept, target = place / name, uploads / name
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(content)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(kept, target)
    except OSError:
        # On another file system.
        shutil.copyfile(kept, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
