"""The same calls in SQLite, as anybody would keep them who need not seal a number: the peer of the catalogue."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from appliance.bench.practice import Call

_INSERT = "insert into calls values (?, ?, ?, ?, ?, 0)"


class Peer:
    """A database in WAL mode; every commit is synced, as a hold or a deletion must be."""

    def __init__(self, path: Path) -> None:
        """Open it at ``path``, made if it is missing."""
        self._database = sqlite3.connect(path)
        self._database.execute("pragma journal_mode=wal")
        self._database.execute("pragma synchronous=full")
        self._database.execute(
            "create table if not exists calls"
            " (id text primary key, at real, line integer, number text, length real, held integer)"
        )
        self._database.execute("create index if not exists by_at on calls (at)")

    def insert_all(self, calls: Iterable[Call]) -> None:
        """Insert calls in one transaction."""
        with self._database:
            self._database.executemany(_INSERT, map(_values, calls))

    def insert(self, call: Call) -> None:
        """Insert a call, durably."""
        with self._database:
            self._database.execute(_INSERT, _values(call))

    def newest(self, most: int) -> list[tuple[object, ...]]:
        """Return the newest calls."""
        return self._database.execute("select * from calls order by at desc limit ?", (most,)).fetchall()

    def search(self, part: str, most: int) -> list[tuple[object, ...]]:
        """Return the newest calls whose number holds ``part``, having counted all."""
        like = f"%{part}%"
        self._database.execute("select count(*) from calls where number like ?", (like,)).fetchone()
        found = "select * from calls where number like ? order by at desc limit ?"
        return self._database.execute(found, (like, most)).fetchall()

    def hold(self, call_id: str) -> None:
        """Mark a call as held, durably."""
        with self._database:
            self._database.execute("update calls set held = 1 where id = ?", (call_id,))

    def close(self) -> None:
        """Let go."""
        self._database.close()


def _values(call: Call) -> tuple[str, float, int, str, float]:
    return call.call_id, call.at.timestamp(), call.line, call.number, call.length_s
