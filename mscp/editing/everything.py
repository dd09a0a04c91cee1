"""One search over everything that staff keep and this person may view."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst

from mscp.editing.admin_site import ORDER
from mscp.editing.searching import names_first

MOST_READ = 50
MOST_SHOWN = 6
LONGEST = 200


class Found(NamedTuple):
    name: str
    address: str
    beside: str
    state: str


class Group(NamedTuple):
    """What was found among the records of one model."""

    heading: str
    found: list[Found]
    more: str
    """The address of the list with all of them; "" if these are all."""


def everything_view(request: HttpRequest) -> HttpResponse:
    """Search every list that this person may view: a query for each, whatever it holds."""
    typed = " ".join(request.GET.get("q", "").split())[:LONGEST]
    groups = _search(request, typed) if typed else []
    context = {
        **admin.site.each_context(request),
        "title": f"Search: {typed}" if typed else "Search",
        "searched_for": typed,
        "groups": groups,
        "number": sum(len(group.found) for group in groups),
    }
    return TemplateResponse(request, "admin/search.html", context)


def _search(request: HttpRequest, typed: str) -> list[Group]:
    groups = []
    for model, model_admin in sorted(admin.site._registry.items(), key=_place):
        may = model_admin.has_module_permission(request) and model_admin.has_view_permission(
            request
        )
        if not (may and model_admin.get_search_fields(request)):
            continue
        rows = model_admin.get_queryset(request)
        if isinstance(model_admin.list_select_related, list | tuple):
            rows = rows.select_related(*model_admin.list_select_related)
        rows, _ = model_admin.get_search_results(request, rows, typed)
        records = list(rows[:MOST_READ])
        if records:
            groups.append(_group(model, model_admin, records, typed))
    return groups


def _place(item: tuple[Any, Any]) -> tuple[int, int, str]:
    options = item[0]._meta
    apps, models = list(ORDER), ORDER.get(options.app_label, [])
    return (
        apps.index(options.app_label) if options.app_label in apps else len(apps),
        models.index(options.object_name) if options.object_name in models else len(models),
        options.label,
    )


def _group(model: Any, model_admin: Any, records: list[Any], typed: str) -> Group:
    base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    best = list(names_first(records, typed))[:MOST_SHOWN]
    # A list that opens on a part of its records is asked for all of them.
    query = urlencode({"q": typed, **getattr(model_admin, "search_query", {})})
    more = f"{reverse(f'{base}_changelist')}?{query}" if len(records) > MOST_SHOWN else ""
    return Group(
        heading=capfirst(str(model._meta.verbose_name_plural)),
        found=[_found(model_admin, base, record) for record in best],
        more=more,
    )


def _found(model_admin: Any, base: str, record: Any) -> Found:
    parent = getattr(model_admin, "parent_field", "")
    beside = str(getattr(record, parent)) if parent else ""
    state = getattr(model_admin, "current_state", None)
    try:
        address = reverse(f"{base}_change", args=[record.pk])
    except NoReverseMatch:
        address = reverse(f"{base}_changelist")
    return Found(
        name=str(record),
        address=address,
        beside="" if beside and beside in str(record) else beside,
        state=state(record) if state else "",
    )
