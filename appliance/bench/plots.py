"""Cost as lines and recordings grow, drawn from the rows that know their size. Needs matplotlib, which no box has."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.bench.row import Row
from appliance.errors import UsageWrong

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS, PEER, INK = "#0b5759", "#c2641a", "#212b32"
_PANEL_IN = (3.6, 2.9)
_MOST_IN_A_ROW = 3
_DPI = 110


def draw(rows: Sequence[tuple[str, Row]], folder: Path) -> list[Path]:
    """Draw one picture for each group that has rows of several sizes into ``folder``; return the files.

    Raises:
        UsageWrong: matplotlib is missing, or no row has a size.
    """
    figures = _figures(rows)
    if not figures:
        raise UsageWrong("None of these figures grows with anything. Choose “lines” or “catalogue”.")
    folder.mkdir(parents=True, exist_ok=True)
    return [_picture(group, panels, folder / f"growth-{group}.png") for group, panels in figures.items()]


Panel = list[Row]
"""Rows of one figure, smallest first."""


def _figures(rows: Sequence[tuple[str, Row]]) -> dict[str, dict[str, Panel]]:
    figures: dict[str, dict[str, Panel]] = defaultdict(lambda: defaultdict(list))
    for group, row in rows:
        if row.growth is not None:
            figures[group][row.growth.figure].append(row)
    return figures


def _picture(group: str, panels: dict[str, Panel], path: Path) -> Path:
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - a tool of the bench, not of the box
    except ImportError as missing:
        raise UsageWrong("Plots need matplotlib: pip install matplotlib, or leave out --plots.") from missing
    across = min(_MOST_IN_A_ROW, len(panels))
    down = -(-len(panels) // across)
    figure = Figure(figsize=(_PANEL_IN[0] * across, _PANEL_IN[1] * down), layout="constrained")
    for place, (name, panel) in enumerate(panels.items(), start=1):
        _panel(figure.add_subplot(down, across, place), name, panel, "lines" if group == "lines" else "recordings")
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})
    return path


def _panel(axes: "Axes", name: str, panel: Panel, what: str) -> None:
    """Draw one figure: ours and the peer's at each size, both scales logarithmic, and the claim where there is one."""
    rows = sorted(panel, key=_size)
    sizes = [_size(row) for row in rows]
    axes.loglog(sizes, [row.ours for row in rows], "o-", color=OURS, label="ours")
    beside = [(size, row.peer) for size, row in zip(sizes, rows, strict=True) if row.peer]
    if beside:
        axes.loglog(*zip(*beside, strict=True), "s--", color=PEER, markersize=4, label=rows[0].peer_name)
    limit = rows[-1].limit
    if limit is not None and limit.absolute:
        axes.axhline(limit.value, color=INK, linestyle=":", linewidth=1, label=f"claimed: {limit.value:g} at most")
    axes.set_title(name, fontsize=9, color=INK)
    axes.set_xlabel(what, fontsize=8)
    axes.set_ylabel(rows[0].unit, fontsize=8)
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes], fontsize=7)
    axes.minorticks_off()
    axes.tick_params(axis="y", labelsize=7)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(alpha=0.25, linewidth=0.6)
    axes.set_ylim(*_scale([figure for row in rows for figure in (row.ours, row.peer) if figure], limit))
    axes.legend(fontsize=6, frameon=False)


def _scale(figures: list[float], limit: object) -> tuple[float, float]:
    return min(figures) / 2, max(figures) * (4 if limit else 3)


def _size(row: Row) -> int:
    return row.growth.size if row.growth else 0
