"""Reading exports as a program of somebody else would."""

import csv
from io import StringIO
from typing import Any

import feedparser
import jsonschema
from django.test import Client

from tests.pages import body_of

LIBRARY = ["/reviews/", "/reports/", "/learning/", "/search/"]
LISTS = [*LIBRARY, "/training/"]


def feed_of(address: str, **headers: str) -> Any:
    response = Client().get(address, headers=headers)
    assert response.status_code == 200, address
    feed = feedparser.parse(response.content)
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def rows_of(address: str) -> list[dict[str, str]]:
    response = Client().get(address)
    assert response.status_code == 200, address
    text = body_of(response).decode()
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


def page_of(address: str) -> dict[str, Any]:
    """Return a page of JSON that keeps to the schema its answer names."""
    response = Client().get(address)
    assert response.status_code == 200, address
    where = response.headers["Link"].partition("<")[2].partition(">")[0]
    schema = Client().get(where).json()
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.validate(
        response.json(), schema, jsonschema.Draft202012Validator, format_checker=checker
    )
    return response.json()
