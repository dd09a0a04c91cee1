"""The site of sending_site.py for gunicorn; where its files are is in the environment."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

# It has no database, of which the page cache asks the content version and which would have to be of
# this release. Read when it is made.
settings.MIDDLEWARE = [
    "django.middleware.http.ConditionalGetMiddleware" if "PageCache" in name else name
    for name in settings.MIDDLEWARE
    if "Readiness" not in name
]
application = get_wsgi_application()
settings.ROOT_URLCONF = "tests.mscp.files.sending_site"
settings.MEDIA_ROOT = os.environ["SENT_FILES"]
settings.X_ACCEL_PREFIX = os.environ.get("X_ACCEL_PREFIX", "")
