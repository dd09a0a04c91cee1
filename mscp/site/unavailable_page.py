"""The page that nginx shows in place of a site that does not answer (502 Bad Gateway).

It names the partnership and its numbers to call, so it is written anew when a worker starts and
when one of them changes, into the folder of static files, which nginx can read (docs/nginx.conf).
"""

import logging
import tempfile
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from django.template.loader import render_to_string

from mscp.models import ConcernContact, SiteIdentity
from mscp.web import site_context
from mscp.web.unavailable import Fault

logger = logging.getLogger(__name__)

NAME = "unavailable.html"
DOWN = Fault(
    "site down",
    HTTPStatus.BAD_GATEWAY,
    "This site cannot be reached at the moment",
    "It is being restarted or mended. Try again in a few minutes.",
)


def write() -> None:
    """Write the page, whole or not at all; where static files were not collected, nothing."""
    folder = Path(settings.STATIC_ROOT)
    if not folder.is_dir():
        return
    try:
        known = site_context.current()
        page = render_to_string(
            "unavailable.html",
            {
                "fault": DOWN,
                "was_sent": False,
                "partnership": known.partnership,
                "contacts": known.contacts,
            },
        )
        with tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8", delete=False) as new:
            new.write(page)
        path = Path(new.name)
        path.chmod(settings.FILE_UPLOAD_PERMISSIONS)
        path.replace(folder / NAME)
    except (OSError, DatabaseError) as error:
        logger.warning("The page for when the site is down was not written: %s.", error)


def write_when_a_worker_starts() -> None:
    """Write the page in a thread of its own, which leaves no connection open."""
    try:
        write()
    finally:
        connections.close_all()


def _changed(sender: type[Model], **kwargs: object) -> None:
    transaction.on_commit(write)


for _model in (SiteIdentity, ConcernContact):
    for _signal in (post_save, post_delete):
        _signal.connect(_changed, sender=_model, dispatch_uid=f"unavailable {_model.__name__}")
