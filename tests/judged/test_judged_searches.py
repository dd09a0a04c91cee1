"""Searches are judged: what a question must find first, among the first five, and not at all."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.test import RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext

from mscp.records.partial_dates import PartialDate
from mscp.site.search import SearchView
from tests.factories import (
    MINIMAL_PDF,
    make_briefing,
    make_course,
    make_document,
    make_file,
    make_report,
    make_review,
    make_theme,
    make_venue,
)
from tests.judged.questions import (
    Answer,
    Figures,
    Question,
    faults,
    figures,
    read_known_misses,
    read_questions,
    read_records,
)

QUESTIONS = read_questions()
KEPT = Figures(first=1, recall=1, reciprocal_rank=1, with_absent=0, wrong=0)
KINDS = {"review": make_review, "report": make_report, "learning": make_briefing}


def make_library() -> dict[tuple[str, int], str]:
    """Make the records of the library; return the key of each by its kind and primary key."""
    records = read_records()
    every = [fields for of_kind in records.values() for fields in of_kind.values()]
    names = {name for fields in every for name in fields.get("themes", ())}
    themes = {name: make_theme(name=name) for name in sorted(names)}
    keys: dict[tuple[str, int], str] = {}
    made: dict[str, Any] = {}
    for kind, make in KINDS.items():
        for key, fields in records[kind].items():
            pages, year = fields.pop("pages", ()), fields.pop("year")
            some = [themes[name] for name in fields.pop("themes", ())]
            if "review" in fields:
                fields["review"] = made[fields["review"]]
            made[key] = make(themes=some, report_date=PartialDate(year), **fields)
            if pages:
                file = make_file(MINIMAL_PDF + key.encode(), pages=pages)
                make_document(made[key], file=file, title="Report")
            keys["publication", made[key].pk] = key
    for key, fields in records["course"].items():
        some = [themes[name] for name in fields.pop("themes", ())]
        keys["course", make_course(themes=some, **fields).pk] = key
    for key, fields in records["venue"].items():
        keys["venue", make_venue(**fields).pk] = key
    return keys


def ask(typed: str, keys: dict[tuple[str, int], str]) -> Answer:
    """Ask the search page, which is not written."""
    view = SearchView()
    view.setup(RequestFactory().get("/search/", {"q": typed}))
    with CaptureQueriesContext(connection) as captured:
        context = view.get(view.request).context_data
    lists = [
        [keys["publication", row.pk] for row in context["object_list"]],
        [keys["course", course.pk] for course, _ in context["courses"]],
        [keys["venue", venue.pk] for venue, _ in context["venues"]],
    ]
    answer = Answer(lists, queries=len(captured))
    answer.is_common = context["unsearchable"] is not None
    answer.is_whole = not (answer.is_common or context["filterset"].query)
    offers = context["offers"]
    if not answer.found and (offered := [*offers.respelt, *offers.parts]):
        answer.offered = ask(parse_qs(offered[0].query)["q"][0], keys)
    return answer


@pytest.fixture(scope="module")
def answers(module_database: None, tmp_path_factory: Any) -> Iterator[dict[Question, Answer]]:
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("judged")):
        keys = make_library()
        yield {question: ask(question.typed, keys) for question in QUESTIONS}


def test_the_set_is_sound() -> None:
    known = {key for of_kind in read_records().values() for key in of_kind}
    named = {key for one in QUESTIONS for key in (*one.first, *one.five, *one.absent)}
    typed = [question.typed for question in QUESTIONS]
    assert named <= known
    assert len(set(typed)) == len(typed) >= 120
    assert read_known_misses().keys() <= set(typed)
    for question in QUESTIONS:
        judged = question.is_ranked, question.nothing, question.common, question.whole
        assert sum(judged) == 1, question.typed
        assert not {*question.first, *question.five} & {*question.absent}, question.typed


@pytest.mark.django_db
def test_what_is_answered_wrongly_is_known(answers: dict[Question, Answer]) -> None:
    """Whoever mends one takes it out of misses.toml, and then nobody may lose it again."""
    wrong = {one.typed: said for one, answer in answers.items() if (said := faults(one, answer))}
    known = read_known_misses()
    assert {typed: said for typed, said in wrong.items() if typed not in known} == {}
    assert known.keys() - wrong.keys() == set(), "These are answered now: known no longer."


@pytest.mark.django_db
def test_the_figures_are_those_that_were_reached(
    answers: dict[Question, Answer], capsys: Any
) -> None:
    """No change may lower one. Whoever raises one writes the higher figure down here."""
    reached = figures(answers)
    with capsys.disabled():
        print(f"\n{len(answers)} questions on {connection.vendor}: {reached}")
    assert reached == KEPT
