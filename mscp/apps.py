from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SiteConfig(AppConfig):
    name = "mscp"
    verbose_name = "This site"

    def ready(self) -> None:
        from django.contrib import admin
        from allauth.account.decorators import secure_admin_login

        from mscp.groups import ensure_groups

        post_migrate.connect(ensure_groups, dispatch_uid="mscp.groups")
        # The admin's own form has no limit on attempts; allauth's has.
        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
