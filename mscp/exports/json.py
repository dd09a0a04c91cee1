"""JSON export of a list, paged, with its schema (JSON Schema 2020-12)."""

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.views.generic import View

from mscp.exports.base import VERSION, ExportContext, Exporter, ExportView, Json, with_query
from mscp.listing.params import nearest_page
from mscp.web.middleware import open_to_all_sites

PER_PAGE = 100

ADDRESS = {"type": "string", "format": "uri"}
ADDRESS_OR_NULL = {"type": ["string", "null"], "format": "uri"}
TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"], "minLength": 1}
NUMBER = {"type": "integer", "minimum": 0}
MOMENT = {"type": "string", "format": "date-time"}
MOMENT_OR_NULL = {"type": ["string", "null"], "format": "date-time"}
DAY = {"type": "string", "format": "date"}
DAY_OR_NULL = {"type": ["string", "null"], "format": "date"}
ID = {
    "type": "string",
    "pattern": "^urn:uuid:[0-9a-f-]{36}$",
    "description": "The same for good, and in the Atom feed too.",
}


def described(description: str, schema: Json) -> Json:
    return {**schema, "description": description}


def record_of(fields: Json) -> Json:
    """Return the schema of an object that always has all of these fields."""
    return {"type": "object", "required": list(fields), "properties": fields}


def list_of(schema: Json) -> Json:
    return {"type": "array", "items": schema}


ENVELOPE = {
    "version": described("Of this format; it stands in the address too.", {"const": VERSION}),
    "licence": described(
        "Under which the texts may be used. Name and address are null where none has been set.",
        record_of({"name": TEXT_OR_NULL, "address": ADDRESS_OR_NULL, "statement": TEXT}),
    ),
    "attribution": described("The partnership whose list this is.", TEXT),
    "total": described("How many results the whole list has.", NUMBER),
    "page": described("The number of this page, from 1.", NUMBER),
    "pages": described("How many pages there are.", NUMBER),
    "next": described("The address of the next page, null on the last.", ADDRESS_OR_NULL),
    "previous": described("The address of the page before, null on the first.", ADDRESS_OR_NULL),
    "left_out": described(
        "What of the address is not known here and was not applied.",
        list_of(record_of({"label": TEXT, "value": TEXT})),
    ),
}


class JsonView(ExportView):
    def get(self, request: HttpRequest) -> HttpResponse:
        context = ExportContext(request)
        filterset = self.read_filter()
        paginator = Paginator(filterset.keys, PER_PAGE)
        page = nearest_page(paginator, request.GET, filterset.ignored)
        partnership = context.partnership

        def neighbour(exists: bool, number: int) -> str | None:
            query = filterset.data.urlencode()
            return context.absolute(with_query(request.path, query, number)) if exists else None

        answer = {
            "version": VERSION,
            "licence": {
                "name": partnership.licence_name or None,
                "address": partnership.licence_address or None,
                "statement": partnership.licence_statement,
            },
            "attribution": partnership.name,
            "total": paginator.count,
            "page": page.number,
            "pages": paginator.num_pages,
            "next": neighbour(page.has_next(), page.number + 1),
            "previous": neighbour(page.has_previous(), page.number - 1),
            "left_out": [part._asdict() for part in filterset.ignored],
            "results": [
                {
                    "id": self.exporter.id_of(record.pk, context),
                    **self.exporter.result(record, context),
                }
                for record in self.exporter.in_order(list(page.object_list))
            ],
        }
        response = as_json(answer)
        schema = context.absolute(schema_address(self.exporter))
        response.headers["Link"] = f'<{schema}>; rel="describedby"'
        return response


class CurrentJsonView(ExportView):
    """Redirect to the current version; the address without one is for people."""

    def get(self, request: HttpRequest) -> HttpResponse:
        address = f"{self.list_address}export.v{VERSION}.json"
        query = request.META.get("QUERY_STRING", "")
        # Not Django's redirect, which refuses 2048 characters; and temporary, or a client would
        # keep to this version when another is current (RFC 9110, section 15.4.3).
        location = iri_to_uri(with_query(address, query))
        return HttpResponse(status=302, headers={"Location": location})


class SchemaView(View):
    query_parameters: ClassVar[tuple[str, ...]] = ()
    http_method_names = ["get", "head", "options"]
    exporter: "Exporter[Any]" = Exporter()

    def get(self, request: HttpRequest) -> HttpResponse:
        schema = schema_of(self.exporter, request.build_absolute_uri(request.path))
        open_to_all_sites(request)
        return as_json(schema, content_type="application/schema+json")


def schema_of(exporter: "Exporter[Any]", address: str) -> Json:
    results = list_of(record_of({"id": ID, **exporter.fields}))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "title": f"A page of {exporter.schema_name}, version {VERSION}",
        **record_of({**ENVELOPE, "results": results}),
    }


def schema_file(exporter: "Exporter[Any]") -> str:
    return f"{exporter.schema_name}.v{VERSION}.schema.json"


def schema_address(exporter: "Exporter[Any]") -> str:
    return reverse(f"{exporter.schema_name}_schema")


def as_json(content: Json, content_type: str = "application/json") -> JsonResponse:
    return JsonResponse(
        content, json_dumps_params={"ensure_ascii": False}, content_type=content_type
    )
