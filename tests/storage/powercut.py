"""The power cut: what ext4 may come up with, moves between folders and new folders among it.

``CutDisk`` does each operation on the real disk and notes it. ``after_cut`` builds one of the states that may be
left after the first so many operations:

- content that was synced is there; of what was not, some length is, and any of its pages may be zeros;
- names change in order within a folder, and a rename between two folders happens in both or in neither; what was
  done before the last sync of a folder has happened, with everything that had to come before it; the rest has or
  has not.

``forgets`` names the one kind of sync that is left out, to show that the model would notice.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

PAGE = 512
FOLDER = "a folder"


@dataclass
class Inode:
    data: bytearray = field(default_factory=bytearray)
    durable: bytes = b""


@dataclass
class Change:
    folders: frozenset
    names: tuple  # (path, inode, FOLDER or None)


class CutDisk:
    """The real disk, with a memory."""

    def __init__(self, forgets=lambda _path: False):
        self.operations, self._paths, self._forgets = [], {}, forgets

    def open(self, path, flags, mode=0o777):
        fd = os.open(path, flags, mode)
        self._paths[fd] = path
        self.operations.append(("open", path, flags, fd))
        return fd

    def write(self, fd, data):
        written = os.write(fd, data)
        self.operations.append(("write", fd, bytes(data[:written])))
        return written

    def fsync(self, fd):
        if not self._forgets(Path(self._paths[fd])):
            self.operations.append(("fsync", fd))

    def close(self, fd):
        os.close(fd)
        self.operations.append(("close", fd))

    def replace(self, src, dst):
        Path(src).replace(dst)
        self.operations.append(("replace", src, dst))

    def unlink(self, path):
        Path(path).unlink()
        self.operations.append(("unlink", path))

    def mkdir(self, path, mode=0o777):
        Path(path).mkdir(mode)
        self.operations.append(("mkdir", path))


class Replay:
    """What page cache and disk hold after some operations."""

    def __init__(self, operations):
        self.now, self.durable, self.pending, self._handles = {}, {}, [], {}
        for operation, *arguments in operations:
            getattr(self, f"_{operation}")(*arguments)

    def left(self, chance):
        """Return path -> content of one state that may be left."""
        names, blocked = dict(self.durable), set()
        for change in self.pending:
            if change.folders & blocked or chance.random() < 0.25:
                blocked |= change.folders
            else:
                _apply(names, change)
        return {path: inode if inode is FOLDER else _content(inode, chance) for path, inode in names.items()}

    def _change(self, *names):
        change = Change(frozenset(str(Path(path).parent) for path, _ in names), names)
        _apply(self.now, change)
        self.pending.append(change)

    def _open(self, path, flags, fd):
        if flags & (os.O_WRONLY | os.O_RDWR) == 0:
            self._handles[fd] = [path, 0]
            return
        inode = self.now.get(path)
        if inode is None:
            inode = Inode()
            self._change((path, inode))
        elif flags & os.O_TRUNC:
            inode.data, inode.durable = bytearray(), b""
        self._handles[fd] = [inode, len(inode.data) if flags & os.O_APPEND else 0]

    def _write(self, fd, data):
        inode, at = self._handles[fd]
        inode.data[at : at + len(data)] = data
        self._handles[fd][1] += len(data)

    def _fsync(self, fd):
        target, _ = self._handles[fd]
        if isinstance(target, Inode):
            target.durable = bytes(target.data)
            return
        needed, kept, done = {target}, [], []
        for change in reversed(self.pending):
            if change.folders & needed:
                needed |= change.folders
                done.append(change)
            else:
                kept.append(change)
        self.pending = kept[::-1]
        for change in reversed(done):
            _apply(self.durable, change)

    def _close(self, fd):
        del self._handles[fd]

    def _replace(self, src, dst):
        self._change((src, None), (dst, self.now[src]))

    def _unlink(self, path):
        self._change((path, None))

    def _mkdir(self, path):
        # A folder that is lost takes with it all that was done in it: so it counts as a change of both.
        change = Change(frozenset({str(Path(path).parent), path}), ((path, FOLDER),))
        _apply(self.now, change)
        self.pending.append(change)


def _apply(names, change):
    for path, inode in change.names:
        if inode is None:
            names.pop(path, None)
        else:
            names[path] = inode


def _content(inode, chance):
    kept = bytearray(inode.data[: chance.randint(min(len(inode.durable), len(inode.data)), len(inode.data))])
    for page in range(0, len(kept), PAGE):
        if chance.random() < 0.3:  # this page never reached the disk: what was there before, or zeros
            room = min(PAGE, len(kept) - page)
            kept[page : page + room] = inode.durable[page : page + room].ljust(room, b"\0")
    return bytes(kept)


def after_cut(operations, chance, old, new):
    """Put into ``new`` what may be left of ``old`` after ``operations``."""
    for path, content in Replay(operations).left(chance).items():
        target = new / Path(path).relative_to(old)
        (target if content is FOLDER else target.parent).mkdir(parents=True, exist_ok=True)
        if content is not FOLDER:
            target.write_bytes(content)
