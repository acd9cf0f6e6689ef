"""The snapshot as text for Prometheus (exposition format 0.0.4), for node_exporter's textfile collector."""

from collections.abc import Iterator

from appliance.clock import ClockQuality
from appliance.model.health import HealthSnapshot
from appliance.model.status import LineState

_Sample = tuple[dict[str, str], float | None]


def as_prometheus(snapshot: HealthSnapshot) -> str:
    """Return the text; what is not known has no sample."""
    return "".join(_lines(snapshot))


def _lines(one: HealthSnapshot) -> Iterator[str]:
    board, disk, backup = one.board, one.disk, one.backup
    until = one.certificate_until
    yield from _gauge("snapshot_timestamp_seconds", "When this was written", [({}, one.at.timestamp())])
    yield from _gauge("recorder_contact", "1 while the recorder answers", [({}, one.contact)])
    yield from _gauge("line_state", "1 for the state that the line is in", _states(one))
    yield from _gauge("line_level_dbfs", "Level of the line", _levels(one))
    cards: list[_Sample] = [({"card": card.name}, card.heard) for card in one.cards]
    yield from _gauge("card_heard", "1 while all lines of the card are heard", cards)
    clock: list[_Sample] = [({"quality": str(quality)}, one.clock is quality) for quality in ClockQuality]
    yield from _gauge("clock_quality", "1 for how far the clock is trusted", clock)
    for name, words, value in (
        ("disk_free_bytes", "Free on the disk of the recordings", disk.free_bytes),
        ("disk_size_bytes", "Size of the disk of the recordings", disk.size_bytes),
        ("disk_months_left", "Months of calls there is room for", disk.months_left),
        ("temperature_celsius", "The hottest sensor", board.temperature_c),
        ("under_voltage", "1 while the supply is too weak", board.under_voltage),
        ("memory_bytes", "All memory", board.memory_bytes),
        ("memory_free_bytes", "Memory that can be given out", board.memory_free_bytes),
        ("uptime_seconds", "Since the box was switched on", board.uptime_s),
        ("load_per_processor", "Runnable processes a processor", board.load),
        ("backup_age_days", "Since the last backup", backup.age_days),
        ("certificate_expiry_timestamp_seconds", "When it runs out", until.timestamp() if until else None),
        ("alarms", "Alarms that stand", one.alarms),
        ("alarms_unacknowledged", "Alarms that nobody has seen to", one.unacknowledged),
    ):
        yield from _gauge(name, words, [({}, value)])


def _states(one: HealthSnapshot) -> list[_Sample]:
    return [
        ({**_line(line.line, line.name), "state": str(state)}, line.state is state)
        for line in one.lines
        for state in LineState
    ]


def _levels(one: HealthSnapshot) -> list[_Sample]:
    return [(_line(line.line, line.name), line.level_dbfs) for line in one.lines]


def _line(number: int, name: str) -> dict[str, str]:
    return {"line": str(number), "name": name}


def _gauge(name: str, words: str, samples: list[_Sample]) -> Iterator[str]:
    known = [(labels, value) for labels, value in samples if value is not None]
    if not known:
        return
    yield f"# HELP linekeeper_{name} {words}.\n# TYPE linekeeper_{name} gauge\n"
    for labels, value in known:
        inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"linekeeper_{name}{f'{{{inner}}}' if inner else ''} {float(value):.12g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
