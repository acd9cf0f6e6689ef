"""What a process of its own takes to hold the catalogue; a program run by ``catalogue.measure``, prints megabytes."""

import gc
import sys
from pathlib import Path


def main(whose: str, state: str, path: Path) -> None:
    """Open what is at ``path`` as the keeper, or the peer, would, and print the resident memory that takes."""
    kept = _ours(path, signed_in=state == "signed in") if whose == "ours" else _peer(path)
    gc.collect()
    print(_resident_mb())
    del kept


def _ours(path: Path, *, signed_in: bool) -> object:
    import appliance.keeper.service  # noqa: F401, PLC0415 - all that a keeper loads
    from appliance.bench.practice import Practice  # noqa: PLC0415 - the peer's process must not load it
    from appliance.storage.daycolumns import Choice  # noqa: PLC0415

    practice = Practice(path)
    practice.catalogue.warm()
    practice.catalogue.some(Choice(), 0, 50)
    if signed_in:
        practice.load_index()
        practice.search("12345", 50)
    return practice


def _peer(path: Path) -> object:
    import sqlite3  # noqa: PLC0415

    database = sqlite3.connect(path)
    database.execute("select * from calls order by at desc limit 50").fetchall()
    database.execute("select count(*) from calls where number like '%12345%'").fetchall()
    return database


def _resident_mb() -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
