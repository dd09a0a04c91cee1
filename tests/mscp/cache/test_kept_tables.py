"""What a process keeps through changes of other tables is read again after one of its own."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mscp.cache import changes, versions
from mscp.database.objects import execute
from mscp.models import SearchSynonym
from mscp.publishing.gate import State
from mscp.publishing.releases import Release
from mscp.search import declared_synonyms
from mscp.web import site_context
from reviews import links
from reviews.models import Kind, ListLink
from tests.factories import (
    make_contact,
    make_course,
    make_identity,
    make_page,
    make_review,
)

pytestmark = pytest.mark.django_db

# Whatever a process keeps is read under these.
OF_VERSIONS = {"mscp_stamp", changes.TABLE}
KEPT: dict[str, Callable[[], Any]] = {
    "site context": site_context.current,
    "synonyms": declared_synonyms.current,
    "links": lambda: links.links_above(Kind.PRACTICE_REVIEW),
    "next moments": lambda: versions.horizon(versions.current()),
}


def tables_read(work: Callable[[], Any]) -> set[str]:
    with CaptureQueriesContext(connection) as captured:
        work()
    found = (re.findall(r'(?:FROM|JOIN) "?(\w+)', query["sql"]) for query in captured)
    return {name for names in found for name in names} - OF_VERSIONS


@pytest.mark.parametrize("name", KEPT)
def test_a_change_of_any_table_that_it_is_read_from_has_it_read_again(name: str) -> None:
    make_identity()
    make_contact()
    make_page()
    make_review(state=State.SCHEDULED, summary="Words.")
    make_course(state=State.SCHEDULED, summary="Words.")
    SearchSynonym.objects.create(terms="CE, child exploitation")
    ListLink.objects.create(kind=Kind.PRACTICE_REVIEW, text="More", address="/more/", position=1)
    Release.objects.create(title="Monday", moment=timezone.now() + timedelta(days=1))
    read = KEPT[name]
    # With the journal begun anew, what was read before counts for nothing.
    execute("default", [*changes.beginning("default"), *versions.raising("default")])
    tables = tables_read(read)
    assert tables and not tables_read(read)
    for table in sorted(tables):
        execute("default", [f"UPDATE {table} SET id = id"])  # noqa: S608 - a name of ours
        assert table in tables_read(read), table
