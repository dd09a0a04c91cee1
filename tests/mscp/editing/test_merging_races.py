"""A theme merged or renamed while somebody gives it to a record: neither ends the other."""

from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from mscp.records.locking import lock, lock_all
from reviews.models import Theme
from tests.admin_forms import fields_of
from tests.factories import make_course, make_review, make_theme
from tests.mscp.editing.test_races import meanwhile

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor == 'sqlite'",
        reason="SQLite has one writer at a time; its transactions take turns from the start",
    ),
]

# What a record has, and what it is given while the merge of "old" into "new" is confirmed.
CASES = [
    ("", "old"),
    ("", "new"),
    ("", "old new"),
    ("new", "old"),
    ("new", "old other"),
    ("old", "new"),
    ("old new", "other"),
    ("other", "old new"),
]
MAKERS = {"review": make_review, "course": make_course}


def address(source: Theme, target: Theme) -> str:
    return f"/admin/reviews/theme/{source.pk}/merge/?into={target.pk}"


@pytest.mark.parametrize(("has", "is_given"), CASES)
@pytest.mark.parametrize("kind", MAKERS)
def test_a_merge_and_a_theme_given_meanwhile_do_not_deadlock(
    publisher: Client, kind: str, has: str, is_given: str
) -> None:
    themes = {name: make_theme(name=name.title()) for name in ("old", "new", "other")}
    record = MAKERS[kind](themes=[themes[name] for name in has.split()])
    sent = fields_of(publisher.get(address(themes["old"], themes["new"])))
    answers: list[int] = []

    def give() -> None:
        mine: Any = lock(record)
        mine.summary = "Given more themes."
        mine.save()
        mine.themes.add(*(themes[name] for name in is_given.split()))

    def confirm() -> None:
        answer = publisher.post(address(themes["old"], themes["new"]), sent)
        answers.append(answer.status_code)

    try:
        meanwhile(give, confirm, waits=False)
    except IntegrityError:
        # The theme was gone first: refused by its foreign key, not by a deadlock.
        assert not Theme.objects.filter(pk=themes["old"].pk).exists()
    assert answers in ([302], [200]) and connection.vendor == "postgresql"


def test_a_theme_renamed_while_it_is_given_and_taken_away_does_not_deadlock(
    publisher: Client,
) -> None:
    theme, other = make_theme(name="Old"), make_theme(name="Other")
    has, gets = make_review(themes=[theme]), make_review(themes=[other])
    form = f"/admin/reviews/theme/{theme.pk}/change/"
    sent = {**fields_of(publisher.get(form)), "name": "Renamed", "_save": "Save"}
    answers: list[int] = []

    def give() -> None:
        for record in lock_all([has, gets]):
            record.summary = "Given other themes."
            record.save()
            record.themes.set([other] if record == has else [theme, other])

    meanwhile(give, lambda: answers.append(publisher.post(form, sent).status_code))
    assert answers == [302] and Theme.objects.get(pk=theme.pk).name == "Renamed"
    assert list(theme.publications.values_list("pk", flat=True)) == [gets.pk]
