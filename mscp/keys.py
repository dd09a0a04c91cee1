"""Many keys as one parameter of a query.

Of an export Django would prepare every key of every query for itself, which takes longer than all
the database does.
"""

from collections.abc import Iterable
from json import dumps

from django.db import connection
from django.db.models.expressions import RawSQL

_AS_ROWS = {
    "sqlite": "SELECT value FROM json_each(%s)",
    "postgresql": "SELECT value::bigint FROM json_array_elements_text(%s::json)",
}


def these(keys: Iterable[int]) -> RawSQL:
    """Return a subquery of these keys, to be given to ``pk__in``."""
    return RawSQL(_AS_ROWS[connection.vendor], [dumps(list(keys))])  # noqa: S611
