"""Staff groups, created by ``migrate``: Editors, Publishers and Training.

Editors write drafts. What is live at once (themes, numbers, the partnership's name) or changes
what is live is for Publishers, who also publish, schedule and withdraw. Training does both for
courses, sessions and venues, and sees nothing of a publication that visitors do not. Permissions
are only ever added here: a group with another name is never touched.
"""

from django.apps.registry import Apps
from django.apps.registry import apps as installed_apps

WRITE = ("view", "add", "change", "delete")

EDITORS = {
    "reviews.practicereview": WRITE,
    "reviews.nationalreport": WRITE,
    "reviews.briefing": WRITE,
    "reviews.document": WRITE,
    "reviews.publication": ("view",),
    "reviews.listlink": ("view",),
    "reviews.theme": ("view",),
    "training.course": WRITE,
    "training.session": WRITE,
    "training.venue": ("view",),
    "training.audience": ("view",),
    "mscp.page": WRITE,
    "mscp.siteidentity": ("view",),
    "mscp.concerncontact": ("view",),
    "mscp.statementconfirmation": ("view",),
    "mscp.release": ("view",),
    "mscp.redirect": ("view",),
    "mscp.searchsynonym": ("view",),
}
PUBLISH = (*WRITE, "publish")

PUBLISHERS = {
    **EDITORS,
    "reviews.practicereview": PUBLISH,
    "reviews.nationalreport": PUBLISH,
    "reviews.briefing": PUBLISH,
    "training.course": PUBLISH,
    "mscp.page": PUBLISH,
    "reviews.listlink": WRITE,
    "reviews.theme": WRITE,
    "training.venue": WRITE,
    "training.audience": WRITE,
    "mscp.siteidentity": ("view", "add", "change"),
    "mscp.concerncontact": WRITE,
    "mscp.statementconfirmation": ("view", "add"),
    "mscp.release": WRITE,
    "mscp.redirect": WRITE,
    "mscp.searchsynonym": WRITE,
}
TRAINING = {
    "training.course": PUBLISH,
    "training.session": WRITE,
    "training.venue": WRITE,
    "training.audience": WRITE,
    "reviews.theme": ("view",),
    # The published ones only, to link a course to them (reviews.visibility).
    "reviews.publication": ("view",),
}
GROUPS = {"Editors": EDITORS, "Publishers": PUBLISHERS, "Training": TRAINING}


def ensure_groups(*, using: str, apps: Apps = installed_apps, **kwargs: object) -> None:
    """Give each group its permissions; a receiver of ``post_migrate``, after all are created."""
    try:
        Group = apps.get_model("auth", "Group")
        Permission = apps.get_model("auth", "Permission")
    except LookupError:
        return
    rows = Permission.objects.using(using)
    existing = list(rows.values_list("content_type__app_label", "codename", "pk"))
    for group_name, models in GROUPS.items():
        group, _ = Group.objects.using(using).get_or_create(name=group_name)
        names = _names(models)
        group.permissions.add(*(pk for app, name, pk in existing if (app, name) in names))


def _names(models: dict[str, tuple[str, ...]]) -> set[tuple[str, str]]:
    """Return the permissions of a group: app label and codename of each."""
    return {
        (app, f"{action}_{name}")
        for model, actions in models.items()
        for app, name in [model.split(".")]
        for action in actions
    }
