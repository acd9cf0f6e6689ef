"""A disk that the power may be cut from in the middle of a life, as ``powercut`` says of one that is over.

What is settled (content and name durable) is the folder's own and costs nothing; of the rest the model remembers what
was synced, or is so old that the kernel has written it unasked. ``cut`` turns the real folder into one of the states
that may be left. Each service writes through a ``Hand`` of its own: one that is killed loses its open files, and
nothing that it wrote.
"""

import errno
import os
import random
import shutil
import threading
from pathlib import Path

from storage.powercut import FOLDER, Replay, _apply


class PowerLost(BaseException):
    """The power went: nothing that runs may go on, so that nothing may catch it."""


class Content:
    """A file that is not settled: all that was written, and how much of it was synced. Files here only grow."""

    def __init__(self, data=b""):
        self.data, self.synced = bytearray(data), len(data)

    @property
    def durable(self):
        return bytes(self.data[: self.synced])


class Unsettled(Replay):
    """``Replay`` as the life goes on: it meets files that were there before, and forgets those that are settled."""

    def __init__(self):
        super().__init__(())
        self._aged, self._lengths = [], []

    def meet(self, path):
        if path not in self.now and Path(path).is_file():
            self.now[path] = self.durable[path] = Content(Path(path).read_bytes())

    def settle(self):
        moving = {path for change in self.pending for path, _ in change.names}
        held = {id(target) for target, _ in self._handles.values()}
        for path, one in list(self.now.items()):
            written = one is not FOLDER and (id(one) in held or one.synced != len(one.data))
            if path not in moving and not written and self.durable.get(path) is one:
                del self.now[path], self.durable[path]

    def commit(self):
        """Some seconds have gone by: names that were changed before the last time are durable, synced or not."""
        aged = {id(change) for change in self._aged}
        for change in [change for change in self.pending if id(change) in aged]:
            _apply(self.durable, change)
        self.pending = [change for change in self.pending if id(change) not in aged]
        self._aged = list(self.pending)
        self.settle()

    def write_back(self):
        """Half a minute has gone by: of every file is durable what there was of it the last time, synced or not."""
        for content, length in self._lengths:
            content.synced = max(content.synced, min(length, len(content.data)))
        self._lengths = [(one, len(one.data)) for one in self.now.values() if isinstance(one, Content)]

    def cut(self, chance):
        """Make the real folder one of the states that may be left."""
        left = self.left(chance)
        moved = {path for change in self.pending for path, _ in change.names}
        for path in sorted({*self.now, *self.durable, *moved}):
            _put(Path(path), left.get(path))
        self.__init__()

    def _open(self, path, flags, fd):
        if flags & (os.O_WRONLY | os.O_RDWR) == 0:
            self._handles[fd] = [path, 0]
            return
        content = self.now.get(path)
        if content is None:
            content = Content()
            self._change((path, content))
        elif flags & os.O_TRUNC:
            content.data, content.synced = bytearray(), 0
        self._handles[fd] = [content, len(content.data) if flags & os.O_APPEND else 0]

    def _replace(self, src, dst):
        if dst in self.now:  # ext4 writes what replaces another file before it renames it (auto_da_alloc)
            self.now[src].synced = len(self.now[src].data)
        super()._replace(src, dst)

    def _fsync(self, fd):
        target, _ = self._handles[fd]
        if isinstance(target, Content):
            target.synced = len(target.data)
        else:
            super()._fsync(fd)


def _put(path, content):
    if content is FOLDER:
        path.mkdir(exist_ok=True)
    elif content is not None:
        path.write_bytes(content)
    elif path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class Machine:
    """The box's disk and its power. ``dies_in`` is after how many more operations the power goes, None for never."""

    def __init__(self):
        self.unsettled, self.lock = Unsettled(), threading.RLock()
        self.dies_in, self.off = None, False

    def hand(self):
        return Hand(self)

    def tick(self):
        """One more operation begins."""
        if self.dies_in is not None:
            self.dies_in -= 1
            self.off = self.off or self.dies_in < 0
        if self.off:
            raise PowerLost

    def commit(self):
        """Some seconds have gone by: ext4 commits its journal."""
        with self.lock:
            self.unsettled.commit()

    def write_back(self):
        """Half a minute has gone by: the kernel writes back."""
        with self.lock:
            self.unsettled.write_back()

    def cut(self, seed):
        """The power has gone; whoever wrote must have let go. Afterwards it is back."""
        self.unsettled.cut(random.Random(seed))
        self.dies_in, self.off = None, False


class Hand:
    """What one service writes with: the real disk's operations, each told to the machine."""

    def __init__(self, machine):
        self._machine, self._held, self.full = machine, set(), False

    def open(self, path, flags, mode=0o777):
        with self._machine.lock:
            self._machine.tick()
            if self.full and flags & os.O_CREAT:
                raise OSError(errno.ENOSPC, "no space left on the device")
            self._machine.unsettled.meet(path)
            fd = os.open(path, flags, mode)
            self._held.add(fd)
            self._machine.unsettled._open(path, flags, fd)
            return fd

    def write(self, fd, data):
        with self._machine.lock:
            self._machine.tick()
            if self.full:
                raise OSError(errno.ENOSPC, "no space left on the device")
            written = os.write(fd, data)
            self._machine.unsettled._write(fd, bytes(data[:written]))
            return written

    def fsync(self, fd):
        with self._machine.lock:
            self._machine.tick()
            self._machine.unsettled._fsync(fd)

    def close(self, fd):
        with self._machine.lock:
            os.close(fd)
            self._held.discard(fd)
            self._machine.unsettled._close(fd)

    def replace(self, src, dst):
        with self._machine.lock:
            self._machine.tick()
            self._machine.unsettled.meet(src)
            self._machine.unsettled.meet(dst)
            Path(src).replace(dst)
            self._machine.unsettled._replace(src, dst)

    def unlink(self, path):
        with self._machine.lock:
            self._machine.tick()
            self._machine.unsettled.meet(path)
            Path(path).unlink()
            self._machine.unsettled._unlink(path)

    def mkdir(self, path, mode=0o777):
        with self._machine.lock:
            self._machine.tick()
            Path(path).mkdir(mode)
            self._machine.unsettled._mkdir(path)

    def let_go(self):
        """The process has ended, however it did: its files are closed."""
        for fd in sorted(self._held):
            self.close(fd)
