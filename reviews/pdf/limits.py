"""Resource limits of the child process; set before it reads the file, which cannot lift them."""

import ctypes
import errno
import os
import resource
import signal

MEMORY = 1024**3
# Of processor time, in each of the two processes: the load of the machine does not matter.
SECONDS = 60
MOST_PAGES = 2000
LARGEST_OUTPUT = 200 * 1024 * 1024
# The exit status of a child without room for its answer: EX_CANTCREAT of <sysexits.h>.
NO_ROOM_STATUS = 73
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def set_limits() -> None:
    """Limit memory, processor time, file size and open files of this process and its children."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # The first limit ends it by SIGXCPU, which tells the site why; the second if that is ignored.
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    files, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = LARGEST_OUTPUT if files == resource.RLIM_INFINITY else min(files, LARGEST_OUTPUT)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# <malloc.h> of glibc; other libraries have no such call, and go on as they do.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
# The largest that is taken.
KEPT_MEMORY = 32 * 1024 * 1024


def keep_memory() -> None:
    """Make this process keep what it frees for what it asks for next, up to the memory limit.

    A page makes a dozen pictures of a megabyte or two. To ask the system for new memory each time,
    and have it cleared, takes longer than what is done with them.
    """
    call = getattr(ctypes.CDLL(None), "mallopt", None)
    if call is not None:
        call(M_MMAP_THRESHOLD, KEPT_MEMORY)
        call(M_TRIM_THRESHOLD, 2 * KEPT_MEMORY)


# <sys/prctl.h>; other systems have no such call, and let an orphan read on to its limits.
PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Make this process end when the process that started it has ended."""
    call = getattr(ctypes.CDLL(None), "prctl", None)
    if call is not None:
        call(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It had ended before the call.
        os._exit(1)


def is_no_room(error: OSError) -> bool:
    """Return whether a file could not be written because a disk or file size limit was reached."""
    return error.errno in _NO_ROOM
