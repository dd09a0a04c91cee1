"""Conditions for CHECK constraints that every program which opens the database can evaluate."""

from django.db.models import Expression, Func, TextField, Value
from django.db.models.lookups import Exact


def has_only(characters: str, text: Expression | str) -> Exact:
    """Build the condition that a text, of a field or an expression, has no other characters.

    LTRIM with a set of characters is built into SQLite and PostgreSQL alike. REGEXP is not: SQLite
    calls a function of the process for it, so that no other program could write to the table, and
    ``PRAGMA integrity_check`` fails.
    """
    rest = Func(text, Value(characters), function="LTRIM", output_field=TextField())
    return Exact(rest, "")
