"""Routes of a list's export formats. They are public and stable: never change one."""

from typing import Any

from django.urls import URLPattern, path

from mscp.exports.atom import AtomView
from mscp.exports.base import VERSION, Exporter
from mscp.exports.csv import CsvView
from mscp.exports.json import CurrentJsonView, JsonView
from mscp.listing.views import FilteredListView


def other_formats(
    route: str,
    list_name: str,
    list_view: type[FilteredListView],
    exporter: "Exporter[Any]",
    heading: str = "",
) -> list[URLPattern]:
    """Return the routes of the exports of the list at ``route``, whose name is ``list_name``."""
    options = {
        "list_view": list_view,
        "list_name": list_name,
        "exporter": exporter,
        "heading": heading or list_view.extra_context["heading"],  # type: ignore[index]
    }
    name = list_name.rpartition(":")[2]
    return [
        path(f"{route}feed.atom", AtomView.as_view(**options), name=f"{name}_atom"),
        path(f"{route}export.csv", CsvView.as_view(**options), name=f"{name}_csv"),
        path(f"{route}export.json", CurrentJsonView.as_view(**options), name=f"{name}_json"),
        path(
            f"{route}export.v{VERSION}.json",
            JsonView.as_view(**options),
            name=f"{name}_json_v{VERSION}",
        ),
    ]
