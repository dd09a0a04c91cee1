"""What the child process may use; set before it looks at the file, which cannot lift them."""

import ctypes
import resource
import signal

MEMORY = 1024**3
SECONDS = 60
LARGEST_OUTPUT = 200 * 1024 * 1024


def set_limits() -> None:
    """Bound memory, processor time, files written and files open of this process and its own."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_OUTPUT, LARGEST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# <sys/prctl.h>; other systems have no such call, and let an orphan read on to its limits.
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """See to it that this process ends when whoever started it is gone."""
    call = getattr(ctypes.CDLL(None), "prctl", None)
    if call is not None:
        call(PR_SET_PDEATHSIG, signal.SIGKILL)
