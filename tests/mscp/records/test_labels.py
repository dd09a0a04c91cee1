"""Labels of choices, which Django's own method would give."""

from typing import Any

import pytest

from reviews.models import Document, PracticeReview, Publication
from training.models import Session

QUICK = [
    (model, field)
    for model in (Publication, PracticeReview, Document, Session)
    for field in model._meta.concrete_fields
    if field.choices
]


@pytest.mark.parametrize(("model", "field"), QUICK)
def test_a_label_is_what_django_gives(model: Any, field: Any) -> None:
    for value, _ in [*field.flatchoices, ("unknown", ""), ("", "")]:
        record = model(**{field.attname: value})
        label = getattr(record, f"get_{field.name}_display")()
        assert label == record._get_FIELD_display(field)
        assert type(label) is str


def test_every_field_with_choices_that_a_page_shows_is_quick() -> None:
    names = {(model._meta.model_name, field.name) for model, field in QUICK}
    assert {("publication", "kind"), ("publication", "type"), ("document", "kind")} <= names
    assert {("session", "delivery"), ("session", "places")} <= names
