"""System checks of the deployment, beside Django's checks of the code."""

import os
from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register

from mscp.files import nginx_access
from mscp.models import Backup
from mscp.records.moments import moment_in_words
from mscp.site import health


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


@register(Tags.files, deploy=True)
def check_surroundings(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[CheckMessage]:
    """Warn if the disk of DATA_DIR is nearly full or not writable, or the shared cache is gone."""
    said = health.warnings()
    if not os.access(settings.DATA_DIR, os.W_OK):
        said.append(f"{settings.DATA_DIR} is not writable for this account.")
    return [Warning(sentence, id="mscp.W006") for sentence in said]


@register(Tags.files, deploy=True)
def check_nginx_access(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[CheckMessage]:
    sentence = nginx_access.unreadable()
    return [Warning(sentence, id="mscp.W001")] if sentence else []


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
