"""What the child process may use; set before it looks at the file, which cannot lift them."""

import ctypes
import errno
import os
import resource
import signal

MEMORY = 1024**3
# Of processor time, in each of the two processes: how busy the machine is does not matter.
SECONDS = 60
LARGEST_OUTPUT = 200 * 1024 * 1024
# The exit status of a child that found no room for its answer: EX_CANTCREAT of <sysexits.h>.
NO_ROOM_STATUS = 73
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def set_limits() -> None:
    """Bound memory, processor time, files written and files open of this process and its own."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # At the first SIGXCPU ends it, which tells the site why; the second is for who ignores that.
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    files, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = LARGEST_OUTPUT if files == resource.RLIM_INFINITY else min(files, LARGEST_OUTPUT)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# <sys/prctl.h>; other systems have no such call, and let an orphan read on to its limits.
PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """See to it that this process ends when the process that started it is gone."""
    call = getattr(ctypes.CDLL(None), "prctl", None)
    if call is not None:
        call(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It had gone before.
        os._exit(1)


def is_no_room(error: OSError) -> bool:
    """Tell whether a file could not be written because the disk, or what it may hold, is full."""
    return error.errno in _NO_ROOM
