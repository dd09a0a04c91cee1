"""Schedules without a second person: what nobody else approved goes back to draft in time.

Scheduling asks for the approval. What was scheduled while one person was enough, or past the gate,
has none when two people are needed from then on. So before any request is answered, once for each
content version, every process looks at what goes live by the clock, and at what went live since it
looked last, or since it was started.
"""

import logging
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.db.models import F, OuterRef, Subquery

from mscp.cache import versions
from mscp.database import clock
from mscp.publishing import approvals
from mscp.publishing.gate import StoredState
from mscp.publishing.releases import member_models, table_of
from mscp.records.history import because
from mscp.records.locking import lock

logger = logging.getLogger(__name__)

# What the history says of it, and what it says where a person did the same.
TAKEN_BACK = "Back to draft: two people are needed, and nobody else had approved it"
BY_A_PERSON = "Returned to draft"

Rows = TypeVar("Rows", bound="models.QuerySet[Any]")

_STARTED = monotonic()


class _Looked:
    """When this process looked last."""

    at: datetime | None = None


def _since() -> datetime:
    now = clock.now()
    # The clock may have been put back.
    return min(_Looked.at or now - timedelta(seconds=monotonic() - _STARTED), now)


def unapproved() -> list[Any]:
    """Return what goes live by the clock, or did since the last look, and nobody else approved.

    What was published at once was saved after its moment; it is none of these.
    """
    if not settings.TWO_PEOPLE:
        return []
    by_clock = {"state": StoredState.PUBLISHED, "published_at__gt": _since()}
    found = []
    for table in {table_of(model): None for model in member_models()}:
        rows = table._default_manager.filter(**by_clock, updated_at__lt=F("published_at"))
        keys = list(rows.values_list("pk", flat=True))
        for model in member_models() if keys else ():
            if issubclass(model, table):
                records = model._default_manager.filter(pk__in=keys).order_by("pk")
                found += [record for record in records if not _is_approved(record)]
    return found


def _is_approved(record: Any) -> bool:
    # Of what is live a term may have another name since, which a second person confirmed.
    return approvals.was_approved(record) if record.is_published else approvals.approved(record)


def take_back() -> None:
    """Return to draft what goes live by the clock and nobody else approved."""
    now = clock.now()
    for record in unapproved():
        try:
            _take_back(record)
        except DatabaseError as error:
            if record.is_published:
                raise
            logger.warning("A schedule that nobody approved is not taken back yet.", exc_info=error)
            return
    _Looked.at = now


def _take_back(record: Any) -> None:
    with transaction.atomic():
        locked: Any = lock(record)
        is_same = locked is not None and locked.published_at == record.published_at
        if is_same and locked.state == StoredState.PUBLISHED and not _is_approved(locked):
            # The clock did it, in nobody's request.
            locked._history_user = None
            logger.warning("A schedule that nobody approved was taken back: %s.", locked.pk)
            because(locked, TAKEN_BACK).take_back_schedule()


def taken_back(rows: Rows) -> Rows:
    """Filter by drafts whose moment was taken away, and to which nobody gave another since."""
    model: Any = rows.model
    of_row = model.history.filter(**{model._meta.pk.attname: OuterRef("pk")})
    # Each step of a state has a reason; other saves may come between.
    steps = of_row.filter(history_change_reason__in=[TAKEN_BACK, BY_A_PERSON])
    last = steps.order_by("-history_date", "-history_id").values("history_change_reason")[:1]
    drafts = rows.filter(state=StoredState.DRAFT, revises=None)
    found: Any = drafts.annotate(last_return=Subquery(last)).filter(last_return=TAKEN_BACK)
    return found  # type: ignore[no-any-return]


def _next_moment() -> datetime | None:
    if not settings.TWO_PEOPLE:
        return None
    now = clock.now()
    if unapproved():
        return now
    _Looked.at = now
    return None


versions.register_due(versions.Due(_next_moment, take_back))
