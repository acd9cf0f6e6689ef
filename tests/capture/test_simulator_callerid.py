"""The caller's number as sent: read back by a small decoder of the test's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.audio import RATE, positions
from appliance.capture.simulator import callerid
from appliance.capture.simulator.callerid import BELL_202, V23_ETSI, Caller
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import Profile

BAUD = 1200


def received(samples, mark_hz, space_hz):
    """The bytes of one burst: correlation with mark and space over one bit, sampled in the middle of each bit."""
    t = np.arange(len(samples)) / RATE
    window = np.ones(round(RATE / BAUD))
    power = [
        np.abs(np.convolve(samples * np.exp(-2j * np.pi * hz * t), window, mode="same")) for hz in (mark_hz, space_hz)
    ]
    level, loud = power[0] > power[1], power[0] + power[1]
    at = last_long_mark(level & (loud > 0.3 * loud.max()))
    octets = bytearray()
    while at + 10 * RATE / BAUD < len(level):
        bits = [level[round(at + (bit + 0.5) * RATE / BAUD)] for bit in range(10)]
        if bits[0] or not bits[9]:
            break
        octets.append(sum(int(bit) << place for place, bit in enumerate(bits[1:9])))
        at += 10 * RATE / BAUD
        while at < len(level) and level[int(at)] and loud[int(at)] > 0.3 * loud.max():
            at += 1
    return bytes(octets)


def last_long_mark(level):
    """Where the first byte's start bit begins: after the one run of mark which is longer than 40 bits."""
    edges = np.flatnonzero(np.diff(level.astype(int), prepend=0, append=0)).reshape(-1, 2)
    return next(int(end) for start, end in edges if end - start > 40 * RATE / BAUD)


def fields(message):
    assert sum(message) % 256 == 0, "checksum"
    assert message[1] == len(message) - 3, "length"
    body, found = message[2:-1], {}
    while body:
        found[body[0]] = body[2 : 2 + body[1]]
        body = body[2 + body[1] :]
    return found


def british(seed):
    return callerid.british_exchange(np.random.default_rng(seed))


@given(
    number=st.text("0123456789", min_size=3, max_size=18),
    name=st.none() | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ -", min_size=1, max_size=20),
    modem=st.sampled_from([V23_ETSI, BELL_202]) | st.integers(0, 99).map(british),
)
def test_any_number_and_name_can_be_read_back(number, name, modem):
    sent = callerid.message(Caller(number, name), "02291159")
    read = received(callerid.keyed(sent, modem, -20.0), modem.mark_hz, modem.space_hz)
    assert read == sent
    assert fields(read) == {1: b"02291159", 2: number.encode()} | ({7: name.encode()} if name else {})


def clip_of(country, **said):
    pair = SimulatedPair(Profile(country=country), seed=5)
    pair.idle(1.0)
    pair.ring(2.5, **said)
    pair.idle(1.0)
    [call] = pair.truth().calls
    return pair.audio()[call.clip[0] : call.clip[1]], call


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"caller": "01632960123"}, {0x02: b"01632960123"}),
        ({"caller": "01632960123", "name": "CALLER"}, {0x02: b"01632960123", 0x07: b"CALLER"}),
        ({"withheld": True}, {0x04: b"P"}),
        ({}, {0x04: b"O"}),
    ],
)
def test_a_british_line_tells_the_caller_before_it_rings_as_sin_242_says(said, expected):
    heard, call = clip_of("uk", **said)
    message = received(heard[positions(0.16) :], 1300, 2100)
    assert message[0] == 0x80
    assert fields(message) == {0x11: b"\x01", 0x01: b"11231633"} | expected
    assert call.caller == said.get("caller")
    assert call.withheld == bool(said.get("withheld"))


@pytest.mark.parametrize("seed", range(8))
def test_a_british_exchange_keeps_within_sin_227(seed):
    modem = british(seed)
    assert 96 <= modem.seizure_bits <= 315
    assert 55 <= modem.mark_bits <= 90
    pair = SimulatedPair(seed=seed)
    pair.ring(1.1, caller="02079460123")
    [call] = pair.truth().calls
    heard = pair.audio()[call.clip[0] : call.clip[1]]
    loud = np.abs(np.convolve(np.abs(heard), np.ones(16) / 16, mode="same")) > 0.02
    alert = int(np.argmin(loud[400:])) + 400
    assert 0.086 <= alert / RATE <= 0.112
    t = np.arange(640)
    spectrum = np.abs(np.fft.rfft(heard[40:680] * np.hanning(len(t)), 8 * RATE))
    for low, high, hz in ((2000, 2300, 2130), (2600, 2900, 2750)):
        assert np.argmax(spectrum[low * 8 : high * 8]) / 8 + low == pytest.approx(hz, rel=0.012)
    assert call.first_ring - call.clip[1] >= positions(0.2)
    assert call.clip[0] - call.seize >= positions(0.1)


@pytest.mark.parametrize(("country", "mark", "space"), [("us", 1200, 2200), ("au", 1200, 2200), ("de", 1300, 2100)])
def test_others_tell_the_caller_between_the_first_two_rings(country, mark, space):
    heard, call = clip_of(country, caller="02079460123")
    assert fields(received(heard, mark, space))[0x02] == b"02079460123"
    assert call.first_ring < call.clip[0]


def test_the_older_american_form_has_date_and_number_only():
    message = callerid.single_message(Caller("2125550123"), "11231633")
    assert (message[0], message[2:-1]) == (0x04, b"112316332125550123")
    assert sum(message) % 256 == 0
    assert callerid.single_message(Caller(withheld=True), "11231633")[2:-1] == b"11231633P"


@pytest.mark.parametrize(
    ("country", "said", "keys"),
    [
        ("nl", {"caller": "0201234567"}, "D0201234567C"),
        ("dk", {"caller": "33123456"}, "A33123456#"),
        ("se", {"withheld": True}, "B10C"),
        ("se", {}, "B00C"),
        ("dk", {"withheld": True}, "D1#"),
    ],
)
def test_some_countries_key_the_caller_s_number(country, said, keys):
    heard, call = clip_of(country, **said)
    assert keyed(heard) == keys
    assert call.clip[1] < call.first_ring


def keyed(samples):
    """The DTMF keys in ``samples``, each 70 ms and as much apart: the strongest row and column of each."""
    n, found = positions(0.07), ""
    for start in range(0, len(samples) - n + 1, 2 * n):
        power = np.abs(np.fft.rfft(samples[start : start + n], RATE))
        row = max(range(4), key=lambda i: power[[697, 770, 852, 941][i]])
        column = max(range(4), key=lambda i: power[[1209, 1336, 1477, 1633][i]])
        found += "123A456B789C*0#D"[4 * row + column]
    return found


def test_a_line_without_the_service_says_nothing_and_the_truth_knows():
    pair = SimulatedPair(Profile(caller_id=False))
    pair.ring(2.0, caller="01632960123")
    pair.idle(1.0)
    [call] = pair.truth().calls
    assert (call.clip, call.caller) == (None, None)
    assert call.missed
