"""Keeping the process's memory off the disk: no swap, no core dumps, no looking in from outside."""

import ctypes
import resource

_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4  # <linux/mman.h>
_PR_SET_DUMPABLE = 4  # <linux/prctl.h>


def lock_memory() -> bool:
    """Forbid core dumps and attaching, and lock memory from swap; return whether it is locked.

    Harmless where refused. Memory is locked only when the limit on it is off (``LimitMEMLOCK=infinity`` in the
    unit): below a limit, locking would succeed now and a later allocation fail. Pages are locked as they are touched,
    so that a thread's untouched stack costs nothing.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    _, most = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if most != resource.RLIM_INFINITY:
        return False
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (most, most))
    return bool(libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT) == 0)
