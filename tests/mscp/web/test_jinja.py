"""The environment of the site's own pages, and the form of all templates."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings
from django.template import engines
from django.utils.functional import lazystr
from django.utils.safestring import SafeString, mark_safe
from jinja2 import UndefinedError

LONGEST_LINE = 120
TEMPLATES = settings.BASE_DIR / "templates"


def rendered(source: str, **context: Any) -> str:
    return engines["jinja2"].env.from_string(source).render(context)


@pytest.mark.parametrize(
    "source",
    [
        "{{ nothing }}",
        "{% if nothing %}{% endif %}",
        "{{ record.nothing }}",
        "{% for one in nothing %}{% endfor %}",
    ],
)
def test_a_name_that_is_not_defined_is_an_error(source: str) -> None:
    with pytest.raises(UndefinedError):
        rendered(source, record=date(2026, 1, 1))


def test_what_only_some_pages_have_is_asked_for_or_has_a_default() -> None:
    assert rendered('{{ nothing|default("x") }}{{ nothing is defined }}') == "xFalse"
    assert rendered("{% if preview or noindex %}x{% endif %}") == ""
    assert rendered("{% if preview %}x{% endif %}", preview=True) == "x"


@pytest.mark.parametrize(
    "source",
    [
        "{{ text }}",
        '{{ text ~ "" }}',
        '{{ [text]|join(", ") }}',
        "{{ text|truncatewords(3) }}",
        "{{ text|linebreaks }}",
        "{{ text|linebreaksbr }}",
        "{{ text|urlize|linebreaksbr }}",
        "{{ text|formatted }}",
        "{{ text|capfirst }}",
        "{{ text|string }}",
        '<a href="{{ join_query(text, q=text) }}">',
        "{% macro m(one) %}{{ one }}{% endmacro %}{{ m(text) }}",
        "{% macro m(one) %}{{ caller() }}{% endmacro %}{% call m(text) %}{{ text }}{% endcall %}",
        "{{ json_ld({'name': text}) }}",
    ],
)
def test_text_is_escaped_whatever_it_passes_through(source: str) -> None:
    text = '<img src=x onerror="alert(1)">'
    page = rendered(source, text=text)
    assert "<img" not in page and 'onerror="' not in page
    assert rendered("{{ text }}", text=lazystr(text)) == rendered("{{ text }}", text=text)


def test_what_is_marked_as_safe_is_not_escaped_again() -> None:
    assert rendered("{{ text }}", text=mark_safe("<b>x</b>")) == "<b>x</b>"


def test_links_of_a_text_do_not_make_the_same_text_safe_elsewhere() -> None:
    text = "See <b>us</b> at mscp.example.org."
    safe = rendered("{{ text|urlize }}", text=SafeString(text))
    assert "<b>us</b>" in safe and "<b>" not in rendered("{{ text|urlize }}", text=text)


def test_days_and_moments_are_written_by_the_clock_of_london() -> None:
    moment = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert rendered('{{ day|date("D j F Y") }}', day=date(2026, 7, 1)) == "Wed 1 July 2026"
    assert rendered('{{ at|date("j F Y, H:i") }}', at=moment) == "1 July 2026, 00:30"


def test_counts_have_their_noun() -> None:
    shown = [rendered('{{ n|many("page,pages") }}', n=number) for number in (0, 1, 1234)]
    assert shown == ["0 pages", "1 page", "1,234 pages"]


def test_a_query_string_is_joined_without_what_is_empty() -> None:
    source = '{{ join_query(query, page=page, q="") }}'
    assert rendered(source, query="a=1", page=2) == "?a=1&amp;page=2"
    assert rendered(source, query="", page=None) == "?"


def test_a_line_of_a_template_of_the_site_fits_on_a_screen() -> None:
    paths = [*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.xml")]
    long = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in paths
        # Those of the admin are Django's, whose tags cannot be wrapped.
        if path.relative_to(TEMPLATES).parts[0] != "django"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert long == []


def test_a_component_has_a_macro_and_reads_nothing_but_its_arguments() -> None:
    """Rendered without the context of a page, as every page imports it."""
    for path in (TEMPLATES / "components").glob("*.html"):
        source = path.read_text()
        if "{% extends" not in source:
            assert "{% macro " in source, path.name
        assert "with context" not in source, path.name


def test_templates_of_the_library_name_nothing_of_training() -> None:
    for path in (TEMPLATES / "reviews").glob("*.html"):
        assert "training" not in path.read_text(), path.name


def test_what_parts_facts_is_seen_as_a_dot_and_heard_as_a_pause() -> None:
    """A bare dot between two links is read out as "middle dot"."""
    bare = [path for path in TEMPLATES.rglob("*.html") if re.search("·|middot", path.read_text())]
    assert bare == []
    facts = rendered('{{ facts|join(dot ~ " ") }}', facts=["<i", "b"])
    heard = re.sub('<span aria-hidden="true">.*?</span>', "", facts)
    assert "·" in facts and heard == '&lt;i<span class="visually-hidden">,</span> b'
