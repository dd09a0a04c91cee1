"""`seed --samples`, ended at any moment by SIGKILL and repeated: each sample once, no strays."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from reviews.documents.intake import take_in
from reviews.models import DocumentFile, PracticeReview
from reviews.samples.loading import load_samples
from reviews.samples.pdfs import SAMPLES
from tests.snapshots import migrated
from tests.stored import kept_files

pytest.importorskip("typst")

LOADING = """
import sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
settings.MEDIA_ROOT = Path(sys.argv[1])
settings.FILE_UPLOAD_TEMP_DIR = Path(sys.argv[2])
settings.DATABASES["default"]["NAME"] = sys.argv[3]
from reviews.samples.loading import load_samples
load_samples(lambda line: print(line, flush=True))
from reviews.models import DocumentFile, Publication
from reviews.documents.stored_files import stray_names
from django.utils import timezone
print(Publication.objects.count(), DocumentFile.objects.filter(document=None).count(),
      DocumentFile.objects.count(), len(list(stray_names(before=timezone.now()))), sep=",")
"""


@pytest.mark.one_database
@pytest.mark.skipif(sys.platform != "linux", reason="looks at what a process has written")
def test_samples_whose_loading_was_killed_are_completed_and_never_doubled(tmp_path: Path) -> None:
    uploads, temporary = tmp_path / "uploads", tmp_path / "temporary"
    command = [sys.executable, "-c", LOADING, str(uploads), str(temporary)]
    command.append(str(shutil.copyfile(migrated(), tmp_path / "site.sqlite3")))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    environment.pop("DATABASE_URL", None)

    def documents() -> int:
        return len(list((uploads / "documents").glob("*")))

    # Each attempt is killed when it has stored one file more than there were.
    killed = 0
    for attempt in range(2):
        before = documents()
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL
        )
        while process.poll() is None and documents() == before:
            time.sleep(0.002)
        time.sleep(0.05 * attempt)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True, text=True
    )
    of_samples = sum(len(sample.documents) for sample in SAMPLES)
    assert done.stdout.splitlines()[-1] == f"{len(SAMPLES) + 1},0,{of_samples},0"
    assert not list(temporary.iterdir())


@pytest.mark.django_db
@pytest.mark.usefixtures("kept_readings")
def test_a_file_that_a_broken_off_loading_left_is_used_and_not_taken_in_again(
    uploads: Path,
) -> None:
    make: Callable[[], bytes] = SAMPLES[0].documents[0].make
    data = make()
    left = take_in(ContentFile(data), name=f"{SAMPLES[0].documents[0].title}.pdf")
    assert left.sha256 == sha256(data).hexdigest()
    lines: list[Any] = []
    load_samples(lines.append)
    assert PracticeReview.objects.get(title=SAMPLES[0].title).documents.first().file == left
    files = DocumentFile.objects.all()
    assert all(file.document for file in files)
    assert len(files) == sum(len(sample.documents) for sample in SAMPLES)
    # The file, two covers, and a picture of each page.
    assert len(kept_files(uploads)) == sum(3 + file.pages for file in files)
