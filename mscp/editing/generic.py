"""Generic variants of Django's admin classes, as django-stubs declares them.

At runtime Django's own accept no type argument, so these ignore it. django-stubs-ext would patch
Django instead, as one more dependency of the site itself.
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
    "OnlyReadAdmin",
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
        """Base of mixins of an admin or an inline; to mypy super() is one of these."""

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


class OnlyReadAdmin(ModelAdminMixin[Any]):
    """Mixin of the admin of what comes about elsewhere: no form adds, changes or deletes it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# A field of any model.
ModelField: TypeAlias = "models.Field[Any, Any]"

Filtered = TypeVar("Filtered", bound=models.QuerySet[Any])


class RowsFilter(admin.SimpleListFilter, Generic[Filtered]):
    """A list filter of the admin, typed by the queryset of its model."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return self.narrow(queryset, self.value())

    def narrow(self, rows: Filtered, value: str | None) -> Filtered:
        """Filter the rows by the chosen value."""
        raise NotImplementedError
