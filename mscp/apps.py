from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
from django.db import connection
from django.db.models.signals import post_migrate, pre_migrate


class SiteConfig(AppConfig):
    name = "mscp"
    verbose_name = "This site"

    def ready(self) -> None:
        from mscp.database import planner, schema
        from mscp.editing import account_events  # noqa: F401 - registers receivers
        from mscp.editing.groups import ensure_groups
        from mscp.publishing import schedules  # noqa: F401 - registers what is due
        from mscp.search import maintenance
        from mscp.site import (
            checks,  # noqa: F401 - registers checks
            panels,  # noqa: F401 - registers what training adds to reviews
            unavailable_page,  # noqa: F401 - registers receivers
        )
        from mscp.web import site_context  # noqa: F401 - registers its tables

        if connection.vendor == "postgresql":
            from mscp.database import pools

            pools.forget_in_children()
        # The last app that creates permissions.
        auth = apps.get_app_config("auth")
        post_migrate.connect(ensure_groups, sender=auth, dispatch_uid="mscp.editing.groups")
        # First, so that nothing is changed if it refuses.
        pre_migrate.connect(
            schema.refuse_other_tables, sender=self, dispatch_uid="mscp.database.schema"
        )
        pre_migrate.connect(maintenance.drop_triggers, sender=self, dispatch_uid="mscp.search")
        post_migrate.connect(maintenance.ensure, sender=self, dispatch_uid="mscp.search")
        # After the tables of every app exist and are filled.
        post_migrate.connect(planner.refresh, sender=auth, dispatch_uid="mscp.database.planner")


class StaffAdminConfig(AdminConfig):
    default_site = "mscp.editing.admin_site.StaffSite"
