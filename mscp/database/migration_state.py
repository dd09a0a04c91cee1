"""Rendering of the models of a migration's state: only those that refer to what was changed.

After each operation Django makes the classes of the changed model anew, and of every model that is
related to it in any way. Here all are, since each knows who changed it: of 17 seconds that all
migrations took, 15 went into classes that stayed the same. A class is out of date only where what
it refers to has become another class, so those that refer to the changed model are made anew, and
those that refer to these.

What the changed model itself refers to stays, and then knows the tables around it as they were. So
this is the way of operations that look at one table alone. Before code that may ask any model for
its rows (RunPython) Django makes all classes anew. A migration with any other operation goes
Django's own way, and so does every way back.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations import operations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.migrations.utils import resolve_relation

_Key = tuple[str, str]
# Its method has no type elsewhere: it is Django's own business.
_State: Any = ProjectState

OF_ONE_TABLE = (
    *(operations.CreateModel, operations.AlterModelOptions),
    *(operations.AddField, operations.RemoveField),
    *(operations.AddIndex, operations.RemoveIndex),
    *(operations.AddConstraint, operations.RemoveConstraint),
    operations.RunPython,
)


class Executor(MigrationExecutor):
    def apply_migration(self, state: Any, migration: Migration, *args: Any, **how: Any) -> Any:
        """Apply a migration, with no more classes made anew than it can tell apart."""
        if all(_is_of_one_table(one, state, migration.app_label) for one in migration.operations):
            with only_what_refers_to_it():
                return super().apply_migration(state, migration, *args, **how)
        state.clear_delayed_apps_cache()
        return super().apply_migration(state, migration, *args, **how)


def _is_of_one_table(operation: Operation, state: Any, app_label: str) -> bool:
    if not isinstance(operation, operations.AlterField):
        return isinstance(operation, OF_ONE_TABLE)
    model = state.models.get((app_label, operation.model_name_lower))
    before = model and model.fields.get(operation.name)
    # Others may refer to what is unique, and their columns change with it.
    return bool(before) and not (before.unique or operation.field.unique)


@contextmanager
def only_what_refers_to_it() -> Iterator[None]:
    """Let states of migrations be rendered so."""
    whole = _State._find_reload_model
    _State._find_reload_model = _find_reload_model
    try:
        yield
    finally:
        _State._find_reload_model = whole


def _find_reload_model(
    state: Any, app_label: str, model_name: str, delay: bool = False
) -> set[_Key]:
    state.is_delayed = True
    found = {(app_label, model_name.lower())}
    new = list(found)
    # Not ``state.relations``: from when it is asked for, Django puts an altered column last.
    referring = _referring(state)
    while new:
        more = referring[new.pop()] - found
        found |= more
        new += more
    return found


def _referring(state: Any) -> dict[_Key, set[_Key]]:
    """Return which models have a field that refers to a model, or inherit from it."""
    found: dict[_Key, set[_Key]] = defaultdict(set)
    for key, model in state.models.items():
        named = [base for base in model.bases if isinstance(base, str)]
        for field in model.fields.values():
            if field.is_relation:
                through = getattr(field.remote_field, "through", None)
                named += [one for one in (field.remote_field.model, through) if one]
        for one in named:
            found[resolve_relation(one, *key)].add(key)
    return found
