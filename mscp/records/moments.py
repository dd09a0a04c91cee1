"""Moments in words, by London's clock."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format


def moment_in_words(moment: datetime | None) -> str:
    """Return a moment for a sentence: "30 November 2026, 14:05"."""
    return date_format(timezone.localtime(moment), "j F Y, H:i")


def moment_in_short(moment: datetime | None) -> str:
    """Return a moment for a row of a list: "30 Nov 2026, 14:05"."""
    return date_format(timezone.localtime(moment), "j M Y, H:i")
