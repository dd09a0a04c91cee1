"""How gunicorn serves the site.

HOST, PORT, WEB_WORKERS and WEB_THREADS change what differs between machines.
"""

import gc
import os
from typing import Any

from gunicorn.http import message

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
wsgi_app = "mscp.wsgi:application"

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
# A slow reader of a file keeps a thread until the end, and ten of them may come to one worker.
threads = int(os.environ.get("WEB_THREADS", "16"))
timeout = 60
# Whatever is typed into an address is answered by a page, be it ten thousand letters, each written
# as six. By itself gunicorn takes 8190 and no more.
message.MAX_REQUEST_LINE = limit_request_line = 65_536
max_requests = 1000
max_requests_jitter = 100
# Workers share the memory of the loaded application.
preload_app = True
# Heartbeats go to memory, so a slow disk never looks like a hung worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - only heartbeats
# On by default, and it writes to the home folder, which a container may not have.
control_socket_disable = True
# Search words and page addresses of readers are not kept.
accesslog = None


def when_ready(server: Any) -> None:
    """Keep what is loaded from the garbage collector, so that workers go on sharing it."""
    gc.collect()
    gc.freeze()
