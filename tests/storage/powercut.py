"""A disk that remembers what was done to it, and what may be left of that after a power cut.

``CutDisk`` does every operation on the real disk and notes it. ``after_cut`` builds, in another folder, one of the
states that ext4 may come up with if the power went after a given number of operations:

- content that was synced is there; of what was not, some length is, and any of its pages may be zeros;
- names (created, replaced, removed) of a folder are there up to some point after the folder's last sync, in order.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

PAGE = 512


@dataclass
class Inode:
    data: bytearray = field(default_factory=bytearray)
    durable: bytes = b""


@dataclass
class Folder:
    names: dict = field(default_factory=dict)
    pending: list = field(default_factory=list)

    def at(self, count):
        names = dict(self.names)
        for change in self.pending[:count]:
            change(names)
        return names


class CutDisk:
    """The real disk, with a memory. Syncs of names that end in one of ``deaf_to`` do nothing: a test of the test."""

    def __init__(self, deaf_to=()):
        self.operations, self._deaf_to, self._paths = [], tuple(deaf_to), {}

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
        if not (self._deaf_to and self._paths[fd].endswith(self._deaf_to)):
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


class Replay:
    """What page cache and disk hold after the first operations of a ``CutDisk``."""

    def __init__(self, operations):
        self.folders, self._handles = {}, {}
        for operation, *arguments in operations:
            getattr(self, f"_{operation}")(*arguments)

    def left(self, chance):
        """Return path -> content of one state that may be left."""
        found = {}
        for folder, content in self.folders.items():
            for name, inode in content.at(chance.randrange(len(content.pending) + 1)).items():
                found[Path(folder) / name] = self._content(inode, chance)
        return found

    @staticmethod
    def _content(inode, chance):
        kept = bytearray(inode.data[: chance.randint(min(len(inode.durable), len(inode.data)), len(inode.data))])
        for page in range(0, len(kept), PAGE):
            if chance.random() < 0.3:  # this page never reached the disk: what was there before, or zeros
                room = min(PAGE, len(kept) - page)
                kept[page : page + room] = inode.durable[page : page + room].ljust(room, b"\0")
        return bytes(kept)

    def _folder(self, path):
        return self.folders.setdefault(str(Path(path).parent), Folder())

    def _now(self, path):
        folder = self._folder(path)
        return folder.at(len(folder.pending)).get(Path(path).name)

    def _open(self, path, flags, fd):
        if Path(path).is_dir():
            self._handles[fd] = [self.folders.setdefault(path, Folder()), 0]
            return
        inode = self._now(path)
        if inode is None:
            inode = Inode()
            self._folder(path).pending.append(lambda names: names.__setitem__(Path(path).name, inode))
        elif flags & os.O_TRUNC:
            inode.data, inode.durable = bytearray(), b""
        self._handles[fd] = [inode, len(inode.data) if flags & os.O_APPEND else 0]

    def _write(self, fd, data):
        inode, at = self._handles[fd]
        inode.data[at : at + len(data)] = data
        self._handles[fd][1] += len(data)

    def _fsync(self, fd):
        target, _ = self._handles[fd]
        if isinstance(target, Folder):
            target.names, target.pending = target.at(len(target.pending)), []
        else:
            target.durable = bytes(target.data)

    def _close(self, fd):
        del self._handles[fd]

    def _replace(self, src, dst):
        inode = self._now(src)

        def change(names):
            names.pop(Path(src).name, None)
            names[Path(dst).name] = inode

        self._folder(dst).pending.append(change)

    def _unlink(self, path):
        self._folder(path).pending.append(lambda names: names.pop(Path(path).name, None))


def after_cut(operations, chance, old, new):
    """Put into ``new`` what may be left of ``old`` after ``operations``."""
    for path, content in Replay(operations).left(chance).items():
        target = new / path.relative_to(old)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
