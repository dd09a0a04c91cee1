"""ListView of a filter set."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Model
from django.views.generic import ListView

from mscp.database.pks import ordered_by_pks
from mscp.listing.facets import EveryFacet, Panel, Switch
from mscp.listing.filterset import ListFilterSet
from mscp.listing.offers import Offers
from mscp.listing.params import nearest_page
from mscp.search.explanation import explain

# Visible choices of a long facet; the rest are collapsed.
SHOWN_CHOICES = 5
NOTHING_PUBLISHED = "pages/nothing_published.html"


if TYPE_CHECKING:
    _ListView = ListView[Model]
else:
    _ListView = ListView


class FilteredListView(_ListView):
    """A page of published records, filtered by ``filterset_class``.

    Keys are filtered, sorted and cut to the page first, and only then are the page's rows read:
    sorting ten thousand complete rows would cost more than all the rest.
    """

    filterset_class: type[ListFilterSet]
    paginate_by: int | None = 20
    query_parameters: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if hasattr(cls, "filterset_class"):
            cls.query_parameters = (*cls.filterset_class.base_filters, "sort", "page")

    def get_template_names(self) -> list[str]:
        """Use a page of its own while nothing of the list is published, whatever it is asked."""
        return [NOTHING_PUBLISHED] if self.holds_nothing else super().get_template_names()

    @property
    def holds_nothing(self) -> bool:
        return not (self.filterset.mask() or self.filterset.ignored)

    def read_rows(self, keys: list[int]) -> Iterable[Any]:
        """Read the rows of one page, in any order, with what the template needs.

        Through the gate again: what is withdrawn between the two queries is not shown.
        """
        raise NotImplementedError

    def complete(self, rows: list[Any]) -> None:
        """Add to the rows of one page what their query cannot."""

    def passages(self, rows: Iterable[Any]) -> Iterable[str]:
        """Return the passages shown beneath the rows of a page, with the words found marked."""
        return ()

    def read_filter(self) -> Any:
        return self.filterset_class(self.request.GET)

    def get_queryset(self) -> Any:
        self.filterset = self.read_filter()
        self.total, self.choices, self.switches = self.filterset.count()
        return self.filterset.keys

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        paginator = self.get_paginator(queryset, page_size)
        # Counted already, together with the facets.
        paginator.count = self.total
        page = nearest_page(paginator, self.request.GET, self.filterset.ignored)
        page.object_list = self._rows(list(page.object_list))
        return paginator, page, page.object_list, page.has_other_pages()

    def _rows(self, keys: list[int]) -> list[Any]:
        """Read the rows of a page, in the order of their keys."""
        found = ordered_by_pks(keys, self.read_rows(keys)) if keys else []
        self.complete(found)
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filterset = self.filterset
        query = filterset.data.urlencode()
        unsearchable = filterset.reading.unsearchable
        context = super().get_context_data(
            filterset=filterset,
            facets=[
                panel
                for name in filterset.facets
                if self._is_shown(name) and (panel := self._panel(name)).first
            ],
            switches=[
                self._switch(name, spec)
                for name, spec in filterset.filters.items()
                if isinstance(spec, Switch)
            ],
            sorts=list(filterset.sort_labels.items()),
            total=self.total,
            query=query,
            # Other formats may need another query than the other pages of this list.
            page_query=query,
            typed=unsearchable.words if unsearchable else filterset.data.get("q", ""),
            unsearchable=unsearchable,
            offers=self._offers(),
            # The number of possible searches is infinite.
            noindex="q" in filterset.data or unsearchable is not None,
            **kwargs,
        )
        page = context["page_obj"]
        context["explanation"] = explain(filterset.query, self.passages(page.object_list))
        context["canonical_query"] = filterset.canonical(page.number)
        context["pages"] = page.paginator.get_elided_page_range(page.number, on_each_side=1)
        return context

    def _offers(self) -> Offers:
        """Return what to ask instead, if nothing is found."""
        return Offers() if self.total else self.filterset.offers()

    def _is_shown(self, name: str) -> bool:
        choices = self.choices[name]
        # Bars are there to be compared.
        fewest = 2 if self.filterset.facets[name].timeline else 1
        return len(choices) >= fewest or any(choice.chosen for choice in choices)

    def _panel(self, name: str) -> Panel:
        spec, choices = self.filterset.facets[name], self.choices[name]
        # Above what was searched for, bars would take the room of a result.
        timeline = spec.timeline and not self.filterset.query
        hint = spec.hint
        if len(notes := {choice.note for choice in choices}) == 1 and (note := notes.pop()):
            # What is said of all is said once.
            hint = f"{hint} {note}."
            choices = [choice._replace(note="") for choice in choices]
        if timeline:
            first = choices
        elif spec.timeline:
            # The newest first; those that found nothing are there only to be compared.
            choices = [c for c in reversed(choices) if c.number or c.chosen]
            first = choices[:SHOWN_CHOICES]
        elif isinstance(spec, EveryFacet):
            # The first is what most people ask for.
            first = [c for c in choices if c.number or c.chosen or c is choices[0]]
        else:
            first = choices[:SHOWN_CHOICES]
        rest = [choice for choice in choices if choice not in first]
        if len(rest) == 1:
            # It takes no more room than the line "1 more".
            first, rest = choices, []
        return Panel(
            name=name,
            label=str(spec.label),
            hint=hint,
            timeline=timeline,
            folded=spec.folded,
            first=tuple(first),
            rest=tuple(rest),
        )

    def _switch(self, name: str, spec: Switch) -> dict[str, object]:
        choices = []
        for value, label in spec.choices.items():
            data = self.filterset.data.copy()
            data[name] = value
            if value == spec.default:
                del data[name]
            count = self.switches.get(name, {}).get(value, 0) if spec.narrows else None
            choices.append(
                {"value": value, "label": label, "number": count, "query": data.urlencode()}
            )
        return {
            "name": name,
            "label": spec.label,
            "value": self.filterset.value_of(name),
            "choices": choices,
        }
