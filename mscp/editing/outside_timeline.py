"""People outside in the timeline of a record: their links and answers, and who dealt with them."""

from collections.abc import Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F

from mscp.editing.timeline import Entry, Source
from mscp.models import PreviewAnswer, PreviewLink
from mscp.records.moments import moment_in_words


def outside_sources(model: type[models.Model], keys: Sequence[int]) -> list[Source]:
    """Return the sources about a record and its proposed changes."""
    kind = ContentType.objects.get_for_model(model)
    return [LinkSource(kind, keys), AnswerSource(kind, keys), SettledSource(kind, keys)]


class LinkSource:
    """Links made and revoked."""

    def __init__(self, kind: ContentType, keys: Sequence[int]) -> None:
        history: Any = PreviewLink.history
        links = history.filter(content_type=kind, object_id__in=keys).order_by().values("id")
        made_or_ended = models.Q(history_type="+") | models.Q(history_change_reason="Revoked")
        self.rows = history.filter(made_or_ended, id__in=links)

    def names(self) -> "models.QuerySet[Any, Any]":
        named: models.QuerySet[Any, Any] = self.rows.annotate(
            entry_moment=F("history_date"), entry_row=F("history_id")
        )
        return named

    def entries(self, keys: Sequence[int]) -> dict[int, Entry]:
        rows = self.rows.filter(history_id__in=keys).select_related("history_user")
        return {row.pk: self._entry(row) for row in rows}

    def _entry(self, row: Any) -> Entry:
        what = f"Link for {row.name}"
        what += (
            f" made, until {moment_in_words(row.expires_at)}"
            if row.history_type == "+"
            else " revoked"
        )
        return Entry(row.history_date, row.history_user or "The system", what)


class AnswerSource:
    """What people outside answered."""

    moment = "answered_at"

    def __init__(self, kind: ContentType, keys: Sequence[int]) -> None:
        rows = PreviewAnswer.objects.filter(link__content_type=kind, link__object_id__in=keys)
        self.rows = rows.exclude(**{self.moment: None})

    def names(self) -> "models.QuerySet[Any, Any]":
        return self.rows.annotate(entry_moment=F(self.moment), entry_row=F("pk"))

    def entries(self, keys: Sequence[int]) -> dict[int, Entry]:
        rows = self.rows.filter(pk__in=keys).select_related("link", "settled_by")
        return {row.pk: self._entry(row) for row in rows}

    def _entry(self, row: PreviewAnswer) -> Entry:
        what = "Agreed, from outside" if row.agreed else "Commented, from outside"
        return Entry(row.answered_at, row.link.name, what, note=row.comment)


class SettledSource(AnswerSource):
    """Who dealt with an answer."""

    moment = "settled_at"

    def _entry(self, row: PreviewAnswer) -> Entry:
        said = "agreement" if row.agreed else "comment"
        what = f"Dealt with the {said} of {row.link.name}"
        return Entry(row.settled_at, row.settled_by or "Somebody", what)  # type: ignore[arg-type]
