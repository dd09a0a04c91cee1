"""Backups in the admin: a record of those that were made, for administrators."""

from django.contrib import admin
from django.template.defaultfilters import filesizeformat

from mscp.editing.generic import ModelAdmin
from mscp.editing.people import LogAdmin
from mscp.models import Backup
from mscp.records.moments import moment_in_short


class BackupAdmin(LogAdmin, ModelAdmin[Backup]):
    """What `manage.py backup` has made."""

    title = "Backups that were made whole"
    list_display = ["when", "target", "how_much", "how_many", "how_long", "encrypted"]

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
