"""The catalogue beside SQLite as recordings grow in number: what a practice has after months, and after years."""

import tempfile
from dataclasses import replace
from pathlib import Path

from appliance.bench import Progress, catalogue
from appliance.bench.row import Growth, Row

COUNTS = (1_000, 10_000, 50_000, 200_000)
QUICK_COUNTS = (200,)


def measure(quick: bool, progress: Progress) -> list[Row]:
    """Return every act's row at each size; ten minutes for all."""
    rows = []
    for count in QUICK_COUNTS if quick else COUNTS:
        with tempfile.TemporaryDirectory(prefix="linekeeper-bench-") as folder:
            found = catalogue.measure(Path(folder), count, progress)
        rows += [replace(row, name=f"{row.name}, of {count:,}", growth=Growth(row.name, count)) for row in found]
    return rows
