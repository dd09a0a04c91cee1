"""Backups in the admin: a record of those that were made, for administrators."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat

from mscp.editing.generic import ModelAdmin
from mscp.editing.people import AdministratorsOnly
from mscp.models import Backup
from mscp.records.moments import moment_in_short


class BackupAdmin(AdministratorsOnly, ModelAdmin[Backup]):
    """What `manage.py backup` has made, which nobody changes."""

    list_display = ["when", "target", "how_much", "how_many", "how_long", "encrypted"]
    list_display_links = None
    show_full_result_count = False
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = "Backups that were made whole"
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    @admin.display(description="when", ordering="made_at")
    def when(self, obj: Backup) -> str:
        return moment_in_short(obj.made_at)

    @admin.display(description="size", ordering="size")
    def how_much(self, obj: Backup) -> str:
        return filesizeformat(obj.size)

    @admin.display(description="files", ordering="files")
    def how_many(self, obj: Backup) -> str:
        return f"{obj.files:,}"

    @admin.display(description="took", ordering="seconds")
    def how_long(self, obj: Backup) -> str:
        minutes, seconds = divmod(max(obj.seconds, 1), 60)
        return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"

    @admin.display(description="encrypted", ordering="is_encrypted")
    def encrypted(self, obj: Backup) -> str:
        return "yes" if obj.is_encrypted else "no"
