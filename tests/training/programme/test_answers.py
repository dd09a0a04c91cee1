"""One answer for one line: no other line is planned anew for it, and it does the same."""

import re
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_course, make_session, make_user, make_venue
from tests.training.programme.steps import address, form_of, upload
from training.models import ProgrammeImport
from training.models.programme_lines import Line
from training.programme.answers import answer_alone, asked, give_answer, mark_of
from training.programme.lines.tidying import tidy
from training.programme.planning.existing import find_existing
from training.programme.planning.matching import plan_all

pytestmark = pytest.mark.django_db

NUMBER = 30


def planned_by(work: Callable[[], Any]) -> int:
    """Count the lines that some work plans: each is compared with what exists once."""
    number = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal number
        number += event == "call" and frame.f_code is find_existing.__code__

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return number


def dreadful() -> list[Line]:
    texts: list[dict[str, str]] = [
        {"date": "5 and 12 November 2027"},
        {"date": "w/c 3 May 2027"},
        {"date": "Mon 9 November 2027"},
        {"start": "all day", "places": "12/20"},
        {"status": "provisional", "audience": "Schools"},
        {"status": "cancelled"},
        {"venue": "Town Hall, Anytown Square", "start": "1.30-5"},
        {"title": "Multi-Agency Voyce", "date": "1/2/2027"},
        # There already, on its day: what only a new session could have is not asked of it.
        {"date": "14/01/2027", "audience": "Nurses", "venue": "Town Hall, Anytown Square"},
        {"date": "14/01/2026"},
    ]
    lines = [
        Line(number, **{"title": "Multi-Agency Voice", "date": f"{2 * number}/6/2027", **each})  # type: ignore[arg-type]
        for number, each in enumerate(texts, start=1)
    ]
    tidy(lines)
    return lines


def test_each_answer_does_alone_what_it_does_among_all_lines() -> None:
    course = make_course(title="Multi-Agency Voice")
    make_session(course, start_date="2027-01-14")
    make_venue(name="Town Hall, Anytown")
    user = make_user("Publishers")
    compared = set()
    for plan in plan_all(dreadful(), user):
        for place, doubt in enumerate(asked(plan)):
            for answer in doubt.answers:
                sent = f"{plan.index}-{place}.{mark_of(doubt)}-{answer.key}"
                alone = answer_alone(dreadful(), sent, [], user)
                if answer.key == "new":
                    # How it is written in other lines counts.
                    assert alone is None
                    continue
                assert alone == give_answer(plan_all(dreadful(), user), sent, [])
                assert alone is not None and alone[plan.index].answered[-1][2] == answer.label
                compared.add((doubt.kind, answer.key))
    assert len(compared) > 20 and len({kind for kind, _ in compared}) > 7


def test_what_is_for_more_lines_or_not_known_is_not_answered_alone() -> None:
    make_course(title="Multi-Agency Voice")
    user = make_user("Publishers")
    [doubt, *_] = asked(plan_all(dreadful(), user)[0])
    name = f"0-0.{mark_of(doubt)}"
    for sent, like in [
        (f"{name}-each", [name]),
        ("0-0-each", []),
        ("0-0.00000000-each", []),
        (f"99{name}-each", []),
        (f"{name}-nothing", []),
    ]:
        assert answer_alone(dreadful(), sent, like, user) is None


def sheet() -> bytes:
    days = "".join(f"Voice,{n % 14 + 1} and {n % 14 + 15} {month} 2027\n" for n, month in DAYS)
    return f"Course,Date\n{days}".encode()


DAYS = [(n, ("March", "May", "July")[n // 14]) for n in range(NUMBER)]


@pytest.mark.parametrize(("like", "lines"), [(False, 1), (True, NUMBER)])
def test_one_answer_plans_one_line_and_not_all(editor: Client, like: bool, lines: int) -> None:
    make_course(title="Voice")
    programme = upload(editor, sheet())
    page = editor.get(address(programme)).content.decode()
    [sent] = re.findall(r'name="_answer" value="(7-[^"]*-each)"', page)
    fields = {**form_of(editor, programme), "_answer": sent}
    if like:
        fields["like"] = sent.removesuffix("-each")
    assert planned_by(lambda: editor.post(address(programme), fields)) == lines
    found = ProgrammeImport.objects.get().get_lines()
    assert len(found) == NUMBER + (NUMBER if like else 1)
    # The page that follows plans each once.
    assert planned_by(lambda: editor.get(address(programme))) == len(found)
