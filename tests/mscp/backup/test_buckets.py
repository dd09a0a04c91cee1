"""A backup in a bucket: another than that of the site's files, and as good as one in a folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from mscp.backup import restoring
from mscp.backup.making import backups, make, prune
from mscp.backup.targets import Bucket, target_of
from mscp.models import Backup
from tests.buckets import KEYS, REGION, serving_buckets
from tests.servers import HOST

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

OF_THE_SITE, ELSEWHERE = "learning-files", "learning-backups"
# A restore looks first whether it may.
FORCED: dict[str, Any] = {"restore": {"overwrite": True}}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving_buckets() as address:
        yield address


@pytest.fixture
def buckets(server: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Make a bucket that the site has its files in, and one beside it."""
    import boto3

    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    settings.S3_BUCKET = OF_THE_SITE
    settings.S3_ENDPOINT_URL = server
    settings.S3_REGION = REGION
    s3 = boto3.resource("s3", endpoint_url=server, region_name=REGION)
    made = [
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        for name in (OF_THE_SITE, ELSEWHERE)
    ]
    yield s3
    for bucket in made:
        bucket.objects.delete()
        bucket.delete()
    s3.meta.client.close()


@pytest.mark.parametrize("prefix", ["", "/", "/backups", "/documents/deep/er/"])
def test_no_backup_is_made_in_the_bucket_of_the_site(buckets: Any, prefix: str) -> None:
    with pytest.raises(CommandError, match=r"would be part of the next one\. Name another bucket"):
        call_command("backup", f"s3://{OF_THE_SITE}{prefix}")
    assert not list(buckets.Bucket(OF_THE_SITE).objects.all()) and not Backup.objects.exists()


@pytest.mark.parametrize("command", ["backup", "restore"])
@pytest.mark.parametrize(
    ("setting", "value", "bucket", "why"),
    [
        ("S3_REGION", REGION, "no-such-bucket", "NoSuchBucket"),
        ("S3_ENDPOINT_URL", f"http://{HOST}:1", ELSEWHERE, "EndpointConnectionError"),
    ],
)
def test_a_bucket_that_does_not_answer_is_named_in_a_sentence(
    buckets: Any, settings: Any, command: str, setting: str, value: str, bucket: str, why: str
) -> None:
    setattr(settings, setting, value)
    with pytest.raises(CommandError, match=rf"The bucket {bucket} does not answer .*\({why}\)"):
        call_command(command, f"s3://{bucket}/learning", **FORCED.get(command, {}))
    assert not Backup.objects.exists()


@pytest.mark.usefixtures("buckets")
def test_a_backup_in_another_bucket_is_whole_and_the_next_adds_what_is_new(
    clock: Any, tmp_path: Path
) -> None:
    target = target_of(f"s3://{ELSEWHERE}/learning/")
    assert isinstance(target, Bucket)
    default_storage.save("one/a.bin", ContentFile(b"the first"))
    first = make(target)
    files = target.names("files")
    clock.shift(60)
    default_storage.save("one/b.bin", ContentFile(b"the second"))
    second = make(target)
    assert backups(target) == [first.name, second.name]
    assert files < target.names("files") and len(target.names("files")) == len(second.files)
    chosen = restoring.choose(target, "", tmp_path)
    assert restoring.verify(chosen, tmp_path, "", lambda _: None).stat().st_size > 0
    assert prune(target, keep=1) == 1 and backups(target) == [second.name]


def test_what_is_missing_in_a_bucket_is_named(buckets: Any, tmp_path: Path) -> None:
    target = target_of(f"s3://{ELSEWHERE}")
    default_storage.save("one/a.bin", ContentFile(b"the first"))
    make(target)
    (name,) = target.names("files")
    buckets.Object(ELSEWHERE, name).delete()
    with pytest.raises(restoring.BackupError, match=f"{name} is missing from the backup"):
        restoring.verify(restoring.choose(target, "", tmp_path), tmp_path, "", lambda _: None)
