"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mscp.settings")

django_application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402 - needs the settings

from mscp.cache.fast_path import FastPath  # noqa: E402 - needs the settings
from mscp.observing.requests import Observing  # noqa: E402 - needs the settings

application = Observing(FastPath(django_application))

# Django loads the addresses, and with them every view, at the first request. Here they are loaded
# once, by the master, and shared by the workers: some 15 MB of each, and a third of a second of the
# first page that each of them makes.
_ = get_resolver().reverse_dict
