"""Django's classes of the admin with their model in brackets, as its type stubs have them.

At runtime Django's own take none, so these pass over it. django-stubs-ext would patch Django
instead, as one more dependency of the site itself.
"""

from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

__all__ = [
    "AdminMixin",
    "HistoryAdmin",
    "InlineMixin",
    "ModelAdmin",
    "ModelAdminMixin",
    "ModelField",
    "ModelForm",
    "RowsFilter",
    "StackedInline",
]

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, StackedInline
    from django.contrib.admin import ModelAdmin as ModelAdminMixin
    from django.contrib.admin.options import BaseModelAdmin as AdminMixin
    from django.contrib.admin.options import InlineModelAdmin as InlineMixin
    from django.forms import ModelForm
    from simple_history.admin import SimpleHistoryAdmin as HistoryAdmin
else:
    from django import forms
    from simple_history.admin import SimpleHistoryAdmin

    class AdminMixin:
        """For what is added to an admin or an inline; super() is one of these to mypy."""

        def __class_getitem__(cls, models):
            return cls

    InlineMixin = ModelAdminMixin = AdminMixin

    class ModelAdmin(AdminMixin, admin.ModelAdmin):
        pass

    class HistoryAdmin(AdminMixin, SimpleHistoryAdmin):
        pass

    class StackedInline(AdminMixin, admin.StackedInline):
        pass

    class ModelForm(AdminMixin, forms.ModelForm):
        pass


# A field of any model.
ModelField: TypeAlias = "models.Field[Any, Any]"

Rows = TypeVar("Rows", bound=models.QuerySet[Any])


class RowsFilter(admin.SimpleListFilter, Generic[Rows]):
    """A filter of a list of the admin, which knows the querysets of its model."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return self.narrow(queryset, self.value())

    def narrow(self, rows: Rows, value: str | None) -> Rows:
        """Keep of the rows what the chosen value stands for."""
        raise NotImplementedError
