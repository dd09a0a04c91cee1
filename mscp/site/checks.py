"""System checks of the deployment, beside Django's checks of the code."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register

from mscp.database import clock
from mscp.files import nginx_access
from mscp.models import Backup, ConcernContact
from mscp.records.moments import moment_in_words
from mscp.site import health

DAYS_A_NUMBER_IS_GOOD = 365


@register(Tags.database)
def check_health(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **kwargs: object
) -> list[CheckMessage]:
    """Report the faults that /readyz reports, of each database requested."""
    found = {fault: None for using in databases or [] for fault in health.faults(using)}
    return [Error(fault.sentence, id=fault.id) for fault in found]


@register(Tags.database, deploy=True)
def check_backup(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **kwargs: object
) -> list[CheckMessage]:
    """Say how old the last backup is, as a warning if it is older than two days."""
    if "default" not in (databases or []) or health.faults():
        return []
    hint = "Run manage.py backup every night (docs/deployment.md, Backup and restore)."
    if said := Backup.overdue():
        return [Warning(f"{said}.", hint=hint, id="mscp.W005")]
    last = Backup.last_made_at()
    said = "The last backup is of " + moment_in_words(last) if last else "No backup was made yet"
    return [Info(f"{said}.", hint=None if last else hint, id="mscp.I001")]


@register(Tags.database, deploy=True)
def check_contacts(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **kwargs: object
) -> list[CheckMessage]:
    """Warn if there is no number to call about a child, or one that nobody rang for a year."""
    if "default" not in (databases or []) or health.faults():
        return []
    hint = "Ring each number, then set the day under Numbers to call about a child in the admin."
    contacts = list(ConcernContact.objects.all())
    if not contacts:
        said = "There is no number to call about a child, so pages name 999 alone."
        return [Warning(said, hint=hint, id="mscp.W007")]
    year_ago = clock.today() - timedelta(days=DAYS_A_NUMBER_IS_GOOD)
    if any(one.verified_on is None or one.verified_on < year_ago for one in contacts):
        said = "A number to call about a child was not checked within the last 12 months."
        return [Warning(said, hint=hint, id="mscp.W007")]
    return []


@register(Tags.files, deploy=True)
def check_disk(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Warn if the disk of DATA_DIR is nearly full."""
    hint = "Make room, or move DATA_DIR to a larger disk: a full disk refuses every save."
    sentence = health.disk_warning()
    return [Warning(sentence, hint=hint, id="mscp.W006")] if sentence else []


@register(Tags.files, deploy=True)
def check_writable(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Warn if this account cannot write below DATA_DIR."""
    folders = [settings.DATA_DIR, settings.FILE_UPLOAD_TEMP_DIR]
    if not settings.S3_BUCKET and Path(settings.MEDIA_ROOT).exists():
        folders.append(settings.MEDIA_ROOT)
    hint = "Give it to the account of the site, and run this as that account."
    return [
        Warning(f"{folder} is not writable for this account.", hint=hint, id="mscp.W008")
        for folder in folders
        if not _is_writable(Path(folder))
    ]


def _is_writable(folder: Path) -> bool:
    # The system's own answer (access(2)) knows of no disk that is full or of another machine.
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(b"1")
    except OSError:
        return False
    return True


@register(Tags.files, deploy=True)
def check_shared_cache(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[CheckMessage]:
    """Warn if the Redis of CACHE_URL does not answer."""
    hint = "Start it, or correct CACHE_URL; without it each process makes its own pages."
    sentence = health.cache_warning()
    return [Warning(sentence, hint=hint, id="mscp.W009")] if sentence else []


@register(Tags.files, deploy=True)
def check_nginx_access(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[CheckMessage]:
    """Warn if nginx, which is to send the files, cannot read them."""
    hint = "usermod -aG <group of the site> www-data, then restart nginx."
    sentence = nginx_access.unreadable()
    return [Warning(sentence, hint=hint, id="mscp.W001")] if sentence else []


@register(Tags.security, deploy=True)
def check_proxy_headers(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[CheckMessage]:
    """Warn if files are left to a proxy that is said not to be there."""
    if not settings.X_ACCEL_PREFIX or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "X_ACCEL_PREFIX is set and TRUSTED_PROXIES is 0: without nginx each file is empty.",
            hint="Behind nginx set TRUSTED_PROXIES=1; without it leave X_ACCEL_PREFIX out.",
            id="mscp.W010",
        )
    ]


@register(Tags.security, deploy=True)
def check_for_proxy(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[CheckMessage]:
    """Warn if there is no proxy between the site and the internet."""
    if settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "TRUSTED_PROXIES is 0: nothing stands between this site and the internet.",
            hint=(
                "Put nginx in front as in docs/nginx.conf and set TRUSTED_PROXIES=1. It waits for "
                "slow clients in place of the site's threads, and limits how often one address may "
                "ask for what is costly and how many connections it may hold."
            ),
            id="mscp.W002",
        )
    ]


@register(Tags.security, deploy=True)
def check_two_people(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[CheckMessage]:
    """Warn if one person alone can publish."""
    if settings.TWO_PEOPLE:
        return []
    return [
        Warning(
            "TWO_PEOPLE is 0: whoever may publish can publish what nobody else has read.",
            hint=(
                "Leave it out, and invite a second publisher: then something goes live only when "
                "somebody other than its author approved exactly this content."
            ),
            id="mscp.W003",
        )
    ]


@register(Tags.security, deploy=True)
def check_second_factor(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[CheckMessage]:
    """Warn if a password alone opens the admin."""
    if settings.SECOND_FACTOR:
        return []
    return [
        Warning(
            "SECOND_FACTOR is 0: a password alone opens drafts about real children.",
            hint="Take it out of the environment, so that staff need a code or a passkey as well.",
            id="mscp.W004",
        )
    ]
