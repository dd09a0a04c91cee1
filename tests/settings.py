"""The settings of the site, with a known key, a data folder of its own and cheap passwords."""

import os
import tempfile

os.environ.update(
    SECRET_KEY="only-for-the-tests-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789",
    ALLOWED_HOSTS="testserver localhost 127.0.0.1",
    DEBUG="0",
    TWO_PEOPLE="0",
    HTTPS="0",
    TRUSTED_PROXIES="0",
    X_ACCEL_PREFIX="",
    S3_BUCKET="",
    CACHE_URL="",
    SECOND_FACTOR="0",
    LOG_FORMAT="text",
    METRICS_PORT="0",
)
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="tests-")

from mscp.settings import *  # noqa: F403

STORAGES = {
    "default": {"BACKEND": "mscp.files.storage.DurableStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The tests stop the clock of their own process.
CLOCK = "process"
# One query more in a minute, which no test expects.
TRIGGERS_CHECKED_EVERY = 0
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":  # noqa: F405
    # A test's database is thrown away, so no commit need wait for the disk: emptying its tables
    # takes a tenth of the time.
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"  # noqa: F405
    # Tests change the database under a connection, and end threads without a request.
    del DATABASES["default"]["OPTIONS"]["pool"]  # noqa: F405
