"""Duplicate: a new draft with the texts and links of a record, and without its files and dates."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from mscp.editing.actions import (
    Confirmation,
    ConfirmedAction,
    ConfirmedActionsAdmin,
)
from mscp.editing.admin import Record
from mscp.publishing.gate import Publishable
from mscp.records.audit import set_author
from mscp.records.history import because

# What belongs to one record alone, beside what no form has: its state, and whether it was public
# before. Notes on its changes are records of their own.
NOT_COPIED = {
    *("state", "published_at", "withdrawn_at", "withdrawn_reason", "withdrawn_name"),
    *("taken_over", "revises", "release"),
}
# Which themes a program suggested is known of the original alone.
LINKS_NOT_COPIED = {"suggested_themes"}
SUFFIX = " (copy)"


def duplicate(record: Any) -> Any:
    """Return an unsaved draft with the texts of a record, marked in its title as a copy."""
    copied = {
        field.attname: field.value_from_object(record)
        for field in record._meta.concrete_fields
        if field.editable and field.name not in NOT_COPIED and not field.primary_key
    }
    copy: Any = type(record)(**copied)
    longest = record._meta.get_field("title").max_length or 200
    copy.title = f"{copy.title[: longest - len(SUFFIX)].rstrip()}{SUFFIX}"
    return copy


def copy_links(record: Publishable, copy: Publishable) -> None:
    for field in record._meta.many_to_many:
        if field.name not in LINKS_NOT_COPIED:
            getattr(copy, field.name).set(getattr(record, field.name).all())


def duplicating(copied: str, not_copied: str) -> ConfirmedAction[Any]:
    """Return the action for a kind of record, with what the copy has and what it has not."""
    return ConfirmedAction(
        label="Duplicate",
        done="duplicated",
        explanation=(
            "A new draft with “(copy)” in its title; nothing is public. "
            f"Copied: {copied}. Not copied: {not_copied}."
        ),
        apply=lambda record, data: None,
    )


class DuplicatesAdmin(ConfirmedActionsAdmin[Record]):
    """Mixin of the admin of records that can be duplicated, before that of its other actions."""

    duplicate_action: ClassVar[str] = "duplicate"
    # What stands in the form of the original and not in that of its copy.
    not_duplicated: ClassVar[str]

    def more_tools(self, request: HttpRequest, obj: Record) -> list[tuple[str, str]]:
        tools = super().more_tools(request, obj)
        if not self.has_add_permission(request) or getattr(obj, "is_proposed_change", False):
            return tools
        return [*tools, ("Duplicate…", self.confirmation_address(self.duplicate_action, obj.pk))]

    def may_confirm(self, request: HttpRequest, name: str) -> bool:
        if name == self.duplicate_action:
            return self.has_add_permission(request) and self.has_view_permission(request)
        return super().may_confirm(request, name)

    def reasons_against(self, request: HttpRequest, name: str, record: Record) -> list[str]:
        if name == self.duplicate_action:
            is_change = getattr(record, "is_proposed_change", False)
            return ["It is a proposed change: duplicate what it is to change."] if is_change else []
        return super().reasons_against(request, name, record)

    def take_action(self, confirmation: Confirmation[Record]) -> str:
        request, name, records, _, _ = confirmation
        if name != self.duplicate_action:
            return super().take_action(confirmation)
        originals: list[Any] = list(records)
        for original in originals:
            copy = duplicate(original)
            set_author(copy, request.user)
            with transaction.atomic():
                because(copy, f"Copied from {original}"[:100]).save()
                copy_links(original, copy)
            self.log_addition(request, copy, f"Copied from {original}.")
        if len(records) > 1:
            what = f"{self.counted(len(records))} duplicated, as drafts"
            messages.success(request, f"{what} without {self.not_duplicated} of their own.")
            return ""
        messages.success(
            request,
            f"This is the copy, a draft, without {self.not_duplicated} of its own. "
            "Change what differs and save.",
        )
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[copy.pk])
