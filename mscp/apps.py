from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class SiteConfig(AppConfig):
    name = "mscp"
    verbose_name = "This site"

    def ready(self) -> None:
        from mscp.groups import ensure_groups

        post_migrate.connect(ensure_groups, dispatch_uid="mscp.groups")


class StaffAdminConfig(AdminConfig):
    default_site = "mscp.staff_site.StaffSite"
