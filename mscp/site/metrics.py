"""Metrics of the site as a whole, read when somebody asks for them (mscp.observing.metrics)."""

import shutil
from collections.abc import Iterator

from django.conf import settings
from django.db import Error, connections
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from mscp.cache import versions
from mscp.database import clock
from mscp.models import Backup, ContentVersion
from mscp.publishing.releases import Release
from mscp.site import health


def collect() -> Iterator[Metric]:
    """Yield what the database and the disk say now; without a database only that it is gone."""
    try:
        is_ready = not any(map(health.is_keeping_from_serving, health.faults()))
        yield GaugeMetricFamily(
            "site_ready", "1 if nothing keeps the site from serving its pages.", int(is_ready)
        )
        if (free := _free_bytes()) is not None:
            yield GaugeMetricFamily("site_disk_free_bytes", "Room on the disk of DATA_DIR.", free)
        yield from _of_the_database()
    except Error:
        return
    finally:
        connections.close_all()


def _of_the_database() -> Iterator[Metric]:
    if last := Backup.last_made_at():
        yield GaugeMetricFamily(
            "site_last_backup_timestamp_seconds", "When the last backup was made.", last.timestamp()
        )
    changed = ContentVersion.objects.filter(name=versions.NAME).order_by("made_at").last()
    if changed and changed.token != versions.SUSPENDED:
        yield GaugeMetricFamily(
            "site_content_changed_timestamp_seconds",
            "When what visitors see was last changed: the age of the content version.",
            changed.made_at.timestamp(),
        )
    scheduled = Release.objects.scheduled()
    yield GaugeMetricFamily(
        "site_releases_scheduled", "Releases that wait for their moment.", scheduled.count()
    )
    yield GaugeMetricFamily(
        "site_releases_due",
        "Releases whose moment has come, and which no request has carried out yet.",
        scheduled.filter(moment__lte=clock.now()).count(),
    )


def _free_bytes() -> int | None:
    try:
        return shutil.disk_usage(settings.DATA_DIR).free
    except OSError:
        return None
