"""System checks of what the machine has, beside Django's own of the code."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register

from mscp import health


@register(Tags.database)
def check_health(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Report the faults that /healthz reports, of each database that is asked for."""
    found = {fault: None for using in databases or [] for fault in health.faults(using)}
    return [Error(fault.sentence, id=fault.id) for fault in found]
