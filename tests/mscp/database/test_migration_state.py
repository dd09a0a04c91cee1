"""A state rendered in part is the one that Django renders whole, after each of the migrations."""

from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from mscp.database.migration_state import Executor, only_what_refers_to_it
from mscp.management.commands.migrate import migrate


def out_of_date(state: ProjectState) -> list[str]:
    """Return each class that is not of the state, or refers to a class that was made anew since."""
    found = []
    for key, wanted in state.models.items():
        model: Any = state.apps.get_model(*key)
        current = {*state.apps.get_models(include_auto_created=True)}
        own = model._meta.local_fields + model._meta.local_many_to_many
        if not model._meta.proxy and {field.name for field in own} != {*wanted.fields}:
            found.append(f"{key} has other fields")
        related = [field.remote_field for field in own if field.is_relation]
        refers = [one.model for one in related]
        refers += [one.through for one in related if getattr(one, "through", None)]
        refers += [base for base in model.__bases__ if hasattr(base, "_meta")]
        found += [
            f"{key} refers to an old {other}"
            for other in refers
            if not other._meta.abstract and other not in current
        ]
        if {*map(repr, model._meta.constraints)} != {*map(repr, wanted.options["constraints"])}:
            found.append(f"{key} has other constraints")
    return found


def test_after_each_migration_no_class_is_out_of_date() -> None:
    loader = MigrationLoader(None)
    plan = [
        migration
        for target in loader.graph.leaf_nodes()
        for migration in loader.graph.forwards_plan(target)
    ]
    state = ProjectState(real_apps=loader.unmigrated_apps)
    assert state.apps
    seen = set()
    with only_what_refers_to_it():
        for one in plan:
            if one not in seen:
                seen.add(one)
                loader.graph.nodes[one].mutate_state(state, preserve=False)
                assert out_of_date(state) == [], one
    assert len(seen) > 60 and len(state.models) > 50


def apply(state: ProjectState, *operations: migrations.operations.base.Operation) -> None:
    for operation in operations:
        operation.state_forwards("some", state)


def model(name: str, *bases: str, **fields: Any) -> migrations.CreateModel:
    own = list(fields.items())
    options = {"proxy": bool(bases and not fields)}
    if not bases:
        own.insert(0, ("id", models.AutoField(primary_key=True)))
    return migrations.CreateModel(name, own, options, bases or (models.Model,))


def test_what_refers_to_a_class_in_any_way_is_made_anew_and_nothing_else() -> None:
    state = ProjectState()
    assert state.apps is not None
    cascade = models.CASCADE
    apply(
        state,
        model("Target"),
        model("Hub"),
        model("Key", to=models.ForeignKey("some.target", cascade)),
        model("Far", to=models.OneToOneField("some.Key", cascade)),
        model("Many", to=models.ManyToManyField("some.Target")),
        model(
            "Child",
            "some.Target",
            target_ptr=models.OneToOneField(
                "some.Target", cascade, parent_link=True, primary_key=True
            ),
        ),
        model("Proxy", "some.Target"),
        model(
            "Between",
            a=models.ForeignKey("some.Hub", cascade),
            b=models.ForeignKey("some.Target", cascade),
        ),
        model("Through", to=models.ManyToManyField("some.Hub", through="some.Between")),
        model("Self", to=models.ForeignKey("self", cascade)),
        model("Beside", hub=models.ForeignKey("some.Hub", cascade)),
        migrations.AddField("Target", "hub", models.ForeignKey("some.Hub", cascade)),
    )
    before = {key: state.apps.get_model(*key) for key in state.models}
    with only_what_refers_to_it():
        apply(state, migrations.AddField("Target", "text", models.TextField()))
    after = {key: state.apps.get_model(*key) for key in state.models}
    same = {name for (_, name), one in before.items() if after["some", name] is one}
    assert same == {"hub", "self", "beside"}
    assert out_of_date(state) == []
    # Of the whole, what is related to it would be made anew too: the hub and all around it.
    apply(state, migrations.AddField("Target", "words", models.TextField()))
    assert state.apps.get_model("some", "hub") is not after["some", "hub"]


def test_all_classes_are_made_anew_before_code_that_may_ask_any_of_them() -> None:
    state = ProjectState()
    assert state.apps is not None
    with only_what_refers_to_it():
        apply(state, model("Target"))
    state.clear_delayed_apps_cache()
    assert "apps" not in vars(state)


TEXT, KEY = models.TextField(), models.ForeignKey("some.hub", models.CASCADE)
UNIQUE = models.SlugField(unique=True)


@pytest.mark.parametrize(
    ("operation", "is_own_way"),
    [
        (migrations.AddField("target", "more", TEXT), True),
        (migrations.AddField("target", "key", KEY), True),
        (migrations.RemoveField("target", "text"), True),
        (migrations.AlterField("target", "text", models.TextField(blank=True)), True),
        (migrations.AlterField("target", "text", UNIQUE), False),
        (migrations.AlterField("target", "slug", TEXT), False),
        (migrations.AlterField("target", "id", models.BigAutoField(primary_key=True)), False),
        (migrations.AlterField("target", "made in the same migration", TEXT), False),
        (migrations.RenameField("target", "text", "words"), False),
        (migrations.RenameModel("target", "aim"), False),
        (migrations.DeleteModel("target"), False),
        (migrations.AlterModelTable("target", "elsewhere"), False),
        (migrations.RunPython(migrations.RunPython.noop), True),
        (migrations.RunSQL("SELECT 1"), False),
        (migrations.SeparateDatabaseAndState(), False),
    ],
    ids=lambda value: type(value).__name__ if value not in (True, False) else str(value),
)
def test_only_what_looks_at_one_table_goes_that_way(
    operation: Any, is_own_way: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operation that follows relations finds the classes as Django makes them."""
    state = ProjectState()
    apply(state, model("Target", text=TEXT, slug=UNIQUE), model("Hub"))
    assert state.apps is not None
    state.is_delayed = True
    whole = ProjectState._find_reload_model  # type: ignore[attr-defined]
    ways = []

    def note(self: Any, state: Any, *_: Any, **__: Any) -> Any:
        ways.append(ProjectState._find_reload_model is not whole)  # type: ignore[attr-defined]
        return state

    monkeypatch.setattr(MigrationExecutor, "apply_migration", note)
    migration = migrations.Migration("one", "some")
    migration.operations = [operation]
    assert migrate.MigrationExecutor is Executor
    Executor(None).apply_migration(state, migration)
    assert ways == [is_own_way]
    # Else all classes are made anew first.
    assert ("apps" in vars(state)) is is_own_way
    assert ProjectState._find_reload_model is whole  # type: ignore[attr-defined]
