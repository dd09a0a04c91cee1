"""Conditions for CHECK constraints that every program that opens the database can evaluate."""

from django.db.models import Expression, Func, TextField, Value
from django.db.models.lookups import Exact


def has_only(characters: str, text: Expression | str) -> Exact:
    """Return the condition that a text, a field or an expression, consists of these characters.

    LTRIM with a set of characters is built into both SQLite and PostgreSQL. REGEXP is not: SQLite
    calls a function of the process for it, so no other program could write to the table, and
    ``PRAGMA integrity_check`` would fail.
    """
    rest = Func(text, Value(characters), function="LTRIM", output_field=TextField())
    return Exact(rest, "")
