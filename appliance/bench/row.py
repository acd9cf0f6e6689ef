"""One figure beside its peer's."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """What is claimed of a row: its ratio to the peer, or with ``absolute`` its own figure, is at most ``value``.

    With ``least`` it is at least that.
    """

    value: float
    absolute: bool = False
    least: bool = False


@dataclass(frozen=True, slots=True)
class Growth:
    """Where a row belongs to a plot: ``figure`` names what grows, and ``size`` is how many lines or recordings."""

    figure: str
    size: int


@dataclass(frozen=True, slots=True)
class Row:
    """``ours`` and ``peer`` in ``unit``; ``peer`` is None where it could not be measured, as its name then says."""

    name: str
    ours: float
    unit: str
    peer_name: str
    peer: float | None
    limit: Limit | None = None
    growth: Growth | None = None

    @property
    def ratio(self) -> float | None:
        """Ours as a multiple of the peer's; None where there is nothing to divide by."""
        return self.ours / self.peer if self.peer else None

    @property
    def kept(self) -> bool | None:
        """Whether the limit is kept; None where none is claimed, or nothing can be said."""
        if self.limit is None:
            return None
        figure = self.ours if self.limit.absolute else self.ratio
        if figure is None:
            return None
        return figure >= self.limit.value if self.limit.least else figure <= self.limit.value
