"""What we use of django-filter, which has no types of its own."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict

class Filter:
    field_name: str
    lookup_expr: str
    label: str | None
    def __init__(
        self,
        field_name: str | None = None,
        lookup_expr: str | None = None,
        *,
        label: str | None = None,
    ) -> None: ...
    def filter(self, qs: Any, value: Any) -> Any: ...

class CharFilter(Filter): ...

class FilterSet:
    base_filters: ClassVar[dict[str, Filter]]
    filters: dict[str, Filter]
    # A QueryDict, whose values django-stubs takes for lists as well.
    data: Any
    queryset: QuerySet[Any]
    def __init__(
        self, data: QueryDict | None = None, queryset: QuerySet[Any] | None = None
    ) -> None: ...
    @property
    def qs(self) -> QuerySet[Any]: ...
