"""gunicorn's configuration.

HOST, PORT, WEB_WORKERS, WEB_THREADS, PIDFILE, METRICS_PORT, METRICS_HOST and LOG_FORMAT set what
differs between machines.
"""

import gc
import logging
import os
import shutil
import socket
import struct
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import Any

from gunicorn import glogging, util
from gunicorn.http import message

# gunicorn itself looks here only after it has read this file.
sys.path.insert(0, str(Path(__file__).parent))

from mscp.observing import logs

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
wsgi_app = "mscp.wsgi:application"

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
# Three of four may be sending files at once (mscp.files.sending): slow readers never have them all.
threads = int(os.environ.get("WEB_THREADS", "16"))
# A worker without free threads accepts no more connections than twice as many, and leaves others to
# the next worker; gunicorn's default is 1,000, which then wait although another is free. With four
# more than there are threads the others waited for seconds, while connections that stayed open were
# served again and again (make drill ARGS="load").
worker_connections = 2 * threads
# Seconds without any byte of a request, or without a client reading any of a response, after which
# its connection is closed. gunicorn's own timeout is about workers, and closes no connection.
SECONDS_TO_RECEIVE = 10
SECONDS_TO_SEND = 30
# Seconds for which a client may leave its end open after the response. gunicorn waits in the one
# loop of a worker, by default 2 seconds, and meanwhile the worker does nothing else.
SECONDS_TO_CLOSE = 0.2
# New objects after which the youngest are looked through for garbage. At Python's 700 that takes a
# twentieth of the time of a page (0.3 to 0.5 ms), since a page makes tens of thousands.
GARBAGE_AFTER = 10_000
util.close_graceful = partial(util.close_graceful, timeout=SECONDS_TO_CLOSE)
timeout = 60
# No header of a request changes the site's links: SCRIPT_NAME and PATH_INFO are not taken from one.
# Whether X-Forwarded-Proto is trusted is decided in one place, TRUSTED_PROXIES.
forwarder_headers = ""
forwarded_allow_ips = ""
# Any URL is answered with a page, even ten thousand letters, each encoded as six. gunicorn's
# default limit is 8190.
message.MAX_REQUEST_LINE = limit_request_line = 65_536
# Workers are not replaced by count: a new one begins with empty caches and interrupts the downloads
# of the old one. No leak requires it: 42 to 80 MB after 9,000 requests, and 80 MB after 23,578
# (proportional set size of two workers on SQLite).
max_requests = 0
# Seconds that a download may take to end when the site is restarted.
graceful_timeout = 60
# What deploy/restart looks for. None by default: a file that was left where nobody clears it, as in
# the volume of a container, keeps the next master from starting.
pidfile = os.environ.get("PIDFILE") or None
# Workers share the memory of the loaded application.
preload_app = True
# Heartbeats go to memory, so a slow disk never looks like a hung worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - only heartbeats
# On by default, and it writes to the home folder, which a container may not have.
control_socket_disable = True
# Search words and page addresses of readers are not kept. Each request has a line without
# them in the log of the site (mscp.observing.requests).
accesslog = None

LOG_FORMAT = os.environ.get("LOG_FORMAT", "").strip()
# Whether it is a number is for the settings to say.
METRICS_PORT = os.environ.get("METRICS_PORT", "").strip() not in ("", "0")
METRICS_PREFIX = "learning-metrics-"
if METRICS_PORT:
    # What the workers of this master count. A new one counts from nothing, as Prometheus expects.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(
        prefix=f"{METRICS_PREFIX}{os.getpid()}-", dir=worker_tmp_dir
    )


class logger_class(glogging.Logger):  # noqa: N801 - gunicorn's name of the setting
    """gunicorn's own log, in the form of the site's, and without what a visitor sent."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        # As in mscp.settings, which is not to be read before gunicorn loads the site.
        is_text = LOG_FORMAT == "text" or os.environ.get("DEBUG", "").strip() == "1"
        for handler in self.error_log.handlers:
            handler.addFilter(logs.NothingTyped())
            if not is_text:
                handler.setFormatter(logs.JSONLines())


def on_starting(server: Any) -> None:
    """Delete the counts of masters that were killed."""
    for folder in Path(worker_tmp_dir or tempfile.gettempdir()).glob(f"{METRICS_PREFIX}*-*"):
        master = folder.name.removeprefix(METRICS_PREFIX).partition("-")[0]
        if not Path(f"/proc/{master}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def on_exit(server: Any) -> None:
    if METRICS_PORT:
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def child_exit(server: Any, worker: Any) -> None:
    if METRICS_PORT:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


def end_unless_ready(server: Any) -> None:
    """End a master that was started beside another, unless its workers can serve.

    They would take half of the connections from those of the other, to answer each with 503.
    """
    from mscp.site import readiness

    # Nothing that a look opens, as connections and their threads, is to be there when workers are
    # forked.
    child = os.fork()
    if child == 0:
        found = True
        try:
            found = readiness.look_once()
        finally:
            logging.shutdown()
            os._exit(1 if found else 0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        if server.pidfile:
            server.pidfile.unlink()
        on_exit(server)
        sys.exit(1)


def when_ready(server: Any) -> None:
    """Limit how long a connection may be idle, and keep loaded memory shared by workers."""
    if server.master_pid:
        end_unless_ready(server)
    # Accepted connections inherit both (socket(7), Linux).
    receive, send = (struct.pack("ll", each, 0) for each in (SECONDS_TO_RECEIVE, SECONDS_TO_SEND))
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, receive)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, send)
    if METRICS_PORT:
        from mscp.observing import metrics

        metrics.begin()
    # What the garbage collector does not scan is not written to, and stays one copy.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER)


def is_no_slow_client(record: logging.LogRecord) -> bool:
    """Filter idle connections that were closed out of the log: anybody can make many."""
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))


def tell_ready(master: int) -> None:
    """Tell deploy/restart that a worker of this master can serve.

    Then write the page that nginx shows in its place.
    """
    from mscp.site import unavailable_page

    if pidfile:
        ready = Path(f"{pidfile}.ready-{os.getpid()}")
        ready.write_text(f"{master}\n")
        ready.replace(f"{pidfile}.ready")
    unavailable_page.write_when_a_worker_starts()


def post_worker_init(worker: Any) -> None:
    """Let a worker serve when its database is of its release."""
    from mscp.site import readiness

    worker.log.error_log.addFilter(is_no_slow_client)
    readiness.begin()
    # In a thread: a database that does not answer may take minutes to fail, and a storage that is
    # slow as long to be swept.
    threading.Thread(target=after_start, args=(worker.ppid, worker.age == 1), daemon=True).start()
    if METRICS_PORT:
        from django.conf import settings

        from mscp.observing import metrics
        from mscp.site.metrics import collect

        metrics.serve(settings.METRICS_HOST, settings.METRICS_PORT, collect)


def after_start(master: int, is_first: bool) -> None:
    """Wait until a worker can serve; the first one then deletes what is due."""
    from mscp.site import readiness
    from reviews.documents.stored_files import sweep_at_start

    readiness.watch(partial(tell_ready, master))
    if is_first:
        sweep_at_start()
