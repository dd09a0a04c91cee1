"""What is hidden costs a request no query more than what never was, with the very same SQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client

from mscp.cache import pages, versions
from mscp.cache.versions import Kept
from mscp.listing import filterset
from mscp.publishing.gate import State
from mscp.search import declared_synonyms
from mscp.site import examples
from mscp.web import site_context
from reviews import links
from tests.factories import (
    MINIMAL_PDF,
    make_briefing,
    make_course,
    make_document,
    make_file,
    make_identity,
    make_note,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from tests.pages import body_of

pytestmark = pytest.mark.django_db

# Only what is hidden has words that begin with "zq"; "open" and "sample" are everywhere.
TYPED = [
    "zqalpha",
    "open zqalpha",
    '"zqalpha zqbeta"',
    '"zqalpha zqbeta" -other',
    '"open zqalpha"',
    "open -zqalpha",
    'open -"zqalpha zqbeta"',
    "-zqalpha",
    '-"zqalpha zqbeta"',
    "zqal*",
    "zqalph",
    "zqalhpa",
    "open zqalhpa zqbtea",
    '"zqpage zqtext"',
    "zqpaeg",
    "„zqalpha zqbeta“",
    '"was it" zqalpha',
    '"was it" "zqalpha zqbeta" open',
    # The end of a page divides it.
    "zqdivided",
]
OTHER_LISTS = ["/reviews/", "/reports/", "/learning/"]
FORMATS = ["feed.atom", "export.csv", "export.v1.json"]


def addresses() -> list[str]:
    """Return all words on the lists that hold every kind, and the hardest ones everywhere else."""
    found = []
    for typed in TYPED:
        query = urlencode({"q": typed})
        found += [f"{path}?{query}" for path in ("/search/", "/search/suggestions/", "/training/")]
    for typed in ['"zqalpha zqbeta" -other', "zqalhpa"]:
        query = urlencode({"q": typed})
        found += [f"{path}?{query}" for path in OTHER_LISTS]
        found += [
            f"{path}{name}?{query}" for path in ("/search/", "/training/") for name in FORMATS
        ]
        found += [f"{path}feed.atom?{query}" for path in OTHER_LISTS]
        found.append(f"/training/calendar.ics?{query}&when=all")
    return found


def make_open() -> None:
    make_identity()
    theme = make_theme(name="Open theme")
    venue = make_venue(name="Open hall")
    for number in range(2):
        review = make_review(title=f"Open sample review {number}", themes=[theme], summary="Open.")
        file = make_file(MINIMAL_PDF, pages=["An open page of words.", "Another open page."])
        make_document(review, file=file, title=f"Open document {number}")
        make_report(title=f"Open sample report {number}", themes=[theme])
        make_briefing(title=f"Open sample learning {number}", background="Open background.")
        make_session(make_course(title=f"Open sample course {number}"), venue=venue)


def make_hidden(state: State) -> None:
    title = "Open zqalpha zqbeta"
    records = [
        make_review(state=state, title=title, pseudonym="Zqalpha"),
        make_report(state=state, title=title, summary="Zqalpha zqbeta."),
        make_briefing(state=state, title=title, background="Zqalpha zqbeta."),
        make_course(state=state, title=title, summary="Zqalpha zqbeta."),
    ]
    file = make_file(MINIMAL_PDF, pages=["Zqpage zqtext. A zqdi-", "vided zqalpha zqbeta."])
    make_document(records[0], file=file, title="Open zqalpha zqbeta")
    for record in records:
        make_note(record, "Zqalpha zqbeta.")
    make_session(records[3])


@contextmanager
def queries() -> Iterator[list[str]]:
    """Collect the statements, without their parameters."""
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def forget_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave nothing in memory of what earlier requests have read, as in a worker that starts."""
    monkeypatch.setattr(filterset, "_indexes", Kept())
    monkeypatch.setattr(filterset, "_lexicons", Kept())
    monkeypatch.setattr(site_context, "_kept", Kept())
    monkeypatch.setattr(links, "_kept", Kept())
    monkeypatch.setattr(declared_synonyms, "_kept", Kept())
    monkeypatch.setattr(examples, "_kept", Kept())
    monkeypatch.setattr(versions, "_next_moments", Kept())
    monkeypatch.setattr(versions, "_journals", Kept())
    pages.forget()


def asked(address: str) -> tuple[list[str], bytes]:
    with queries() as found:
        response = Client().get(address)
        body = body_of(response)
    assert response.status_code == 200, address
    return found, body


def test_a_search_for_what_is_hidden_asks_the_same_as_for_what_never_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def spend() -> dict[tuple[str, str], tuple[list[str], bytes]]:
        found = {}
        forget_all(monkeypatch)
        for address in addresses():
            found[address, "warm"] = asked(address)
        for address in addresses():
            forget_all(monkeypatch)
            found[address, "fresh"] = asked(address)
        return found

    make_open()
    never = spend()
    # What is withdrawn comes last: a feed lists it, whatever it is filtered by.
    for states in ([State.DRAFT, State.SCHEDULED], [State.WITHDRAWN]):
        for state in states:
            make_hidden(state)
        hidden = spend()
        for one, (statements, body) in never.items():
            assert hidden[one][0] == statements, (states, one)
            if not (State.WITHDRAWN in states and "feed.atom" in one[0]):
                assert hidden[one][1] == body, (states, one)
