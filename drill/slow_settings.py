"""The settings of a site whose storage of files is slow: DRILL_SECONDS a call."""

from mscp.settings import *  # noqa: F403
from mscp.settings import STORAGES

STORAGES["default"] = {"BACKEND": "drill.slow_storage.SlowStorage"}
