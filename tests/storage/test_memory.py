"""Locking memory: what it forbids, and that it is harmless where it is refused."""

import subprocess
import sys

import pytest

CHILD = """
import ctypes, resource, sys, threading
if "unlimited" in sys.argv:
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
else:
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (8 << 20, 8 << 20))
from appliance.storage.memory import lock_memory
from appliance.storage.people.slots import Hardness, argon2id
locked = lock_memory()
argon2id(b"x" * 12, bytes(16), Hardness(64 * 1024, 1, 1))
threads = [threading.Thread(target=lambda: None) for _ in range(20)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
in_swap_proof = int(next(l for l in open("/proc/self/status") if l.startswith("VmLck")).split()[1])
print(locked, in_swap_proof > 0, *resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def child(*arguments):
    done = subprocess.run([sys.executable, "-c", CHILD, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def limit_can_go():
    """Return whether a child of ours may have the limit off; asked of a child, since it could not be put back."""
    off = "import resource as r; r.setrlimit(r.RLIMIT_MEMLOCK, (r.RLIM_INFINITY, r.RLIM_INFINITY))"
    return subprocess.run([sys.executable, "-c", off], capture_output=True, check=False).returncode == 0


def test_below_a_limit_memory_is_not_locked_and_all_goes_on():
    assert child() == ["False", "False", "0", "0", "0"]


@pytest.mark.skipif(not limit_can_go(), reason="this machine lets nobody take the limit on locked memory off")
def test_without_a_limit_memory_is_locked_and_nothing_can_be_dumped():
    assert child("unlimited") == ["True", "True", "0", "0", "0"]
