"""Context of the training list in its month view."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page
from django.http import QueryDict
from django.utils.dates import WEEKDAYS

from mscp.database import clock
from mscp.exports.base import with_query
from training.filters import SessionFilterSet, month_after, month_value
from training.month.weeks import ListedSession, Reach, weeks_of

# A month is shown completely and in the order of its days.
NOT_OF_A_MONTH = ("when", "sort")
# The fragment id of the first page of the list below the table.
LIST_PLACE = "#all-sessions"


@dataclass(frozen=True)
class MonthPage:
    filterset: SessionFilterSet
    month: date
    reach: Reach
    sessions: list[ListedSession]

    def context(self, page: dict[str, Any]) -> dict[str, Any]:
        """Return the part of the context that differs from the list."""
        sessions = self._with_places(page["page_obj"], page["page_query"])
        return {
            "month": self.month,
            "weekdays": list(WEEKDAYS.values()),
            "weeks": weeks_of(self.month, sessions),
            "ways": self._navigation(),
            "facets": [panel for panel in page["facets"] if panel.name != "month"],
            "switches": [self._switch(s) for s in page["switches"] if s["name"] == "view"],
            "sorts": [],
            "held": self._hidden_fields(),
            # The number of months without sessions is infinite.
            "noindex": page["noindex"] or not page["object_list"],
            "page_place": LIST_PLACE,
            "query": self._query(without=("view", *NOT_OF_A_MONTH), when="all"),
            "query_to_subscribe": self._query(without=("view", "month", *NOT_OF_A_MONTH)),
        }

    def _with_places(self, page: "Page[Any]", query: str) -> Iterator[tuple[ListedSession, str]]:
        """Yield every session of the month with where the list below has it, on whichever page."""
        for number, session in enumerate(self.sessions):
            of_page = number // page.paginator.per_page + 1
            address = "" if of_page == page.number else with_query("", query, of_page)
            yield session, f"{address}#{session.anchor}"

    def _navigation(self) -> dict[str, dict[str, object]]:
        this_month = clock.today().replace(day=1)
        months = {
            "previous": self.reach.before(self.month),
            "next": self.reach.after(self.month),
            "this": this_month if this_month != self.month else None,
        }
        return {
            name: {"month": month, "query": self.filterset.query_with("month", month_value(month))}
            for name, month in months.items()
            if month
        }

    def _switch(self, switch: dict[str, Any]) -> dict[str, Any]:
        """Link the switch back to the list to the sessions of this month."""
        if month_after(self.month) > clock.today():
            return switch
        to_list, *others = switch["choices"]
        query = self._query(without=("view", "when"), when="past")
        return {**switch, "choices": [{**to_list, "query": query}, *others]}

    def _hidden_fields(self) -> list[tuple[str, str]]:
        """Return the hidden fields of the form."""
        data = self.filterset.data
        return [(name, data[name]) for name in ("month", *NOT_OF_A_MONTH) if name in data]

    def _query(self, *, without: tuple[str, ...], **more: str) -> str:
        data: QueryDict = self.filterset.data.copy()
        for name in without:
            data.pop(name, None)
        for name, value in more.items():
            data[name] = value
        return data.urlencode()
