"""The style guide: it shows every component, to staff, and is nothing to anybody else."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.pages import assert_valid

pytestmark = pytest.mark.django_db

ADDRESS = "/styleguide/"
TEMPLATES = settings.BASE_DIR / "templates"
# The layout of a list, which every list shows; and what stands around the style guide itself.
SHOWN_ELSEWHERE = {"brand", "list_page", "nav", "site_footer"}


def test_every_component_is_shown() -> None:
    source = (TEMPLATES / "pages" / "styleguide.html").read_text()
    shown = source.partition("{% block main %}")[2]
    missing = []
    for path in sorted((TEMPLATES / "components").glob("*.html")):
        if path.stem in SHOWN_ELSEWHERE:
            continue
        macros = re.findall(r"{%-? macro ([a-z]\w*)\(", path.read_text())
        assert macros, path
        missing += [f"{path.stem}: {name}" for name in macros if f"{name}(" not in shown]
    assert missing == []


def test_staff_see_it(sign_in: Callable[..., Client]) -> None:
    response = sign_in().get(ADDRESS)
    assert response.status_code == 200
    assert_valid(response)
    page = response.content.decode()
    assert 'name="robots" content="noindex"' in page
    # Each component was rendered, with what it shows.
    for shown in ("Book by", "Cancelled", "link not checked yet", "citation_author"):
        assert shown in page, shown


def test_so_does_everybody_where_it_is_built(settings: Any) -> None:
    settings.DEBUG = True
    assert Client().get(ADDRESS).status_code == 200


@pytest.mark.parametrize("who", ["visitor", "somebody who is not staff"])
def test_to_others_it_is_nothing(who: str, sign_in: Callable[..., Client]) -> None:
    client = Client() if who == "visitor" else sign_in(is_staff=False)
    # Reads what is around every page.
    client.get("/nothing/")
    answers = []
    for address in ("/nostyleguide/", ADDRESS):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        answers.append((response.status_code, response.content, response.items(), len(queries)))
    nothing, answer = answers
    assert answer[0] == 404
    assert (answer[1], dict(answer[2]), answer[3]) == (nothing[1], dict(nothing[2]), nothing[3])
