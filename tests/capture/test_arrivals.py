"""Calls that ring one after another: which ring and which number belong to which."""

from types import SimpleNamespace

from appliance.audio import positions
from appliance.capture.detector.announcements import Announced
from appliance.capture.detector.arrivals import Arrivals
from appliance.capture.runs import Span
from appliance.capture.tones import plan_for
from appliance.model.calls import Caller, CallerIdentity

FIRST, SECOND = "02079460637", "01914980081"


def rung(arrivals, *starts_s):
    """Let it ring for a second at each of these times."""
    bursts = [Span(positions(start), positions(start + 1.0)) for start in starts_s]
    return [missed for burst in bursts for missed in arrivals.hear(SimpleNamespace(announced=[], rings=[burst]))]


def told(arrivals, at_s, number):
    """Tell who calls."""
    caller = Caller(CallerIdentity.NUMBER, number)
    announced = Announced(caller, positions(at_s), positions(at_s + 0.6))
    return arrivals.hear(SimpleNamespace(announced=[announced], rings=[]))


def test_another_number_is_another_call_though_it_rings_nearly_in_time():
    arrivals = Arrivals(plan_for("pl"), rings=True)
    assert rung(arrivals, 0.0) == told(arrivals, 1.5, FIRST) == rung(arrivals, 5.0, 10.0) == []
    assert rung(arrivals, 17.1) == []  # 6.1 s of quiet: one pause of 4 s, and not two
    (missed,) = told(arrivals, 18.6, SECOND)
    facts = missed.facts
    assert (facts.caller.number, facts.rings, facts.end) == (FIRST, 3, positions(11.0))
    pending = arrivals.take()
    assert (pending.caller.number, pending.rings, pending.start) == (SECOND, 1, positions(17.1))


def test_a_number_told_again_is_the_same_call():
    arrivals = Arrivals(plan_for("pl"), rings=True)
    assert told(arrivals, 0.0, FIRST) == rung(arrivals, 1.0) == told(arrivals, 2.5, FIRST) == rung(arrivals, 6.0) == []
    assert arrivals.take().rings == 2
