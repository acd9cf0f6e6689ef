"""Sound cards: named so that they stay the same, watched so that none is silently lost, each sample in its place."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import RATE
from appliance.capture.cardline import CardLine
from appliance.capture.cardnames import sound_card
from appliance.capture.cards import Cards, list_cards
from appliance.capture.cardwire import CardBlock, CardForm, CardTrouble, Unpacker, packed
from appliance.errors import LineFault
from crowding import crowding
from sounds import at_rate, lag_and_likeness, speech
from waiting import eventually

pytestmark = pytest.mark.realtime

# --- names ---


@pytest.fixture
def machine(tmp_path):
    """A machine's /proc/asound and /sys/class/sound with three cards: a built-in one and two equal USB ones."""
    proc, sys_sound = tmp_path / "proc", tmp_path / "sys"
    for number, alsa_id, device in [
        (0, "Headphones", "platform/soc/audio"),
        (1, "Device", "usb1/1-1/1-1.2/1-1.2:1.0"),
        (2, "Device_1", "usb1/1-1/1-1.4/1-1.4:1.0"),
    ]:
        (proc / f"card{number}").mkdir(parents=True)
        (proc / f"card{number}" / "id").write_text(f"{alsa_id}\n")
        (tmp_path / "devices" / device).mkdir(parents=True)
        (sys_sound / f"card{number}").mkdir(parents=True)
        (sys_sound / f"card{number}" / "device").symlink_to(tmp_path / "devices" / device)
    return lambda title: sound_card(title, 1, 48000, proc, sys_sound)


def test_two_equal_usb_cards_are_told_apart_by_their_sockets(machine):
    assert machine("USB Audio Device: - (hw:1,0)").name == "usb:1-1.2"
    assert machine("USB Audio Device: - (hw:2,0)").name == "usb:1-1.4"


def test_a_built_in_card_goes_by_its_alsa_id(machine):
    assert machine("bcm2835 Headphones: - (hw:0,0)").name == "hw:CARD=Headphones"


def test_a_usb_card_answers_to_its_alsa_id_too(machine):
    card = machine("USB Audio Device: - (hw:1,0)")
    assert card.answers_to("hw:CARD=Device")
    assert not card.answers_to("hw:CARD=Device_1")


def test_a_second_device_of_a_card_has_a_name_of_its_own(machine):
    assert machine("USB Audio Device: - (hw:1,1)").name == "usb:1-1.2,1"


@pytest.mark.parametrize("title", ["default", "pulse", "sysdefault", "dmix", "null", "surround51:CARD=0"])
def test_what_may_be_any_card_is_none(machine, title):
    assert machine(title) is None


def test_a_device_somebody_configured_keeps_its_name(machine):
    assert machine("reception").name == "reception"


# --- the pipe ---

records = st.one_of(
    st.builds(CardForm, st.integers(1, 400_000), st.integers(1, 8)),
    st.builds(CardBlock, st.floats(allow_nan=False), st.booleans(), st.integers(0, 9600), st.binary(max_size=400)),
    st.builds(CardTrouble, st.text(max_size=60)),
)


@given(st.lists(records, max_size=8), st.lists(st.integers(0, 3000), max_size=12).map(sorted))
def test_records_come_through_a_pipe_in_any_pieces(sent, cuts):
    data = b"".join(packed(record) for record in sent)
    unpacker = Unpacker()
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert [record for piece in pieces for record in unpacker.feed(piece)] == sent


@given(st.binary(max_size=200))
def test_a_pipe_full_of_nonsense_is_refused_or_waited_on(data):
    try:
        got = list(Unpacker().feed(data))
    except ValueError:
        return
    assert all(isinstance(record, CardForm | CardBlock | CardTrouble) for record in got)


# --- time ---


def block(samples, at_s, overflowed=False):
    return CardBlock(at_s, overflowed, len(samples), np.asarray(samples, "<i2").tobytes())


@settings(deadline=None)
@given(
    blocks=st.lists(st.tuples(st.integers(1, 9000), st.integers(0, 30_000)), min_size=1, max_size=12),
    rate=st.sampled_from([8000, 16000, 44100, 48000]),
)
def test_every_lost_sample_is_replaced_so_nothing_moves(blocks, rate):
    line, clock_s, total, frames = CardLine(CardForm(rate, 1), 0), 1e9, 0, []
    for number, (n, jump) in enumerate(blocks):
        lost = jump if number else 0
        frames += line.push(block(np.ones(n), clock_s + (total + lost) / rate, overflowed=lost > 0))
        total += lost + n
    frames += line.finish()
    position = 0
    for frame in frames:
        assert frame.position == position
        assert 0 < len(frame.samples) <= RATE
        assert not (frame.lost and frame.samples.any())
        position = frame.end
    assert abs(position - total / rate * RATE) <= 2


def test_what_a_filter_and_half_a_second_hold_back_comes_at_the_end():
    source = speech(1.3)
    line, frames = CardLine(CardForm(48000, 1), 0), []
    pcm = at_rate(source, 48000)
    for at in range(0, len(pcm), 4800):
        frames += line.push(block(pcm[at : at + 4800], at / 48000))
    assert frames[-1].end < 1.2 * RATE
    heard = np.concatenate([frame.samples for frame in frames + line.finish()])
    assert abs(len(heard) - len(source)) <= 2
    assert np.corrcoef(heard[-RATE // 5 :], source[len(heard) - RATE // 5 : len(heard)])[0, 1] > 0.99


def test_a_loss_is_marked_where_it_was():
    line = CardLine(CardForm(RATE, 1), 0)
    frames = line.push(block(np.ones(800), 5.0)) + line.push(block(np.ones(800), 5.3, overflowed=True))
    assert [(f.position, f.end, f.lost) for f in frames + line.finish()] == [
        (0, 800, False),
        (800, 1600, True),
        (1600, 2400, True),
        (2400, 3200, False),
    ]


def test_a_box_that_stood_still_for_a_quarter_of_a_minute_has_lost_as_much():
    line = CardLine(CardForm(RATE, 1), 0)
    frames = line.push(block(np.ones(800), 5.0)) + line.push(block(np.ones(800), 20.1, overflowed=True))
    frames += line.finish()
    assert sum(len(frame.samples) for frame in frames if frame.lost) == 15 * RATE
    assert frames[-1].end == 2 * 800 + 15 * RATE


def test_a_wall_clock_that_is_set_loses_nothing():
    line, frames = CardLine(CardForm(RATE, 1), 0), []
    for at_s, overflowed in [(5.0, False), (3605.1, False), (7205.2, True), (2.0, True)]:
        frames += line.push(block(np.ones(800), at_s, overflowed))
    frames += line.finish()
    assert not any(frame.lost for frame in frames)
    assert frames[-1].end == 4 * 800


# --- real PortAudio on cards without hardware ---


@contextmanager
def opened(cards=None):
    cards = cards or Cards()
    try:
        yield cards
    finally:
        cards.close()


def read_until(tap, enough, within_s=8.0):
    frames, until = [], time.monotonic() + within_s * crowding()
    while not enough(frames):
        assert time.monotonic() < until, "the card gave too little"
        if (frame := tap.read(0.5)) is not None:
            frames.append(frame)
    return frames


def seconds_read(s):
    return lambda frames: sum(len(frame.samples) for frame in frames) >= s * RATE


def wait_for_fault(tap, within_s=6.0):
    """Read until the line is lost; return how long that took and what was said."""
    started = time.monotonic()
    while time.monotonic() - started < within_s * crowding():
        try:
            tap.read(0.1)
        except LineFault as fault:
            return time.monotonic() - started, str(fault)
    raise AssertionError("the line was lost and nobody said so")


def sound_again(cards, name, within_s=6.0):
    """Open taps until one hears; return how long that took."""
    started = time.monotonic()
    tap = cards.tap(name)
    while time.monotonic() - started < within_s * crowding():
        try:
            if tap.read(0.5) is not None:
                return time.monotonic() - started
        except LineFault:
            tap.close()
            tap = cards.tap(name)
    raise AssertionError("the card is back and nobody heard it")


def test_the_cards_there_are_are_listed_with_names_for_the_configuration(sound_cards):
    sound_cards.add("reception", np.zeros(100), 44100)
    sound_cards.add("surgery", np.zeros((100, 2)), 48000)
    listed = {card.name: (card.channels, card.rate) for card in list_cards()}
    assert listed == {"reception": (1, 44100), "surgery": (2, 48000)}


def test_two_lines_on_one_stereo_card_hear_their_own_channel(sound_cards):
    left, right = speech(2.0, seed=1), speech(2.0, seed=2)
    sound_cards.add("stereo", np.stack([at_rate(left, 44100), at_rate(right, 44100)], axis=1), 44100)
    with opened() as cards:
        taps = [cards.tap("stereo", 0), cards.tap("stereo", 1)]
        heard = [np.concatenate([f.samples for f in read_until(tap, seconds_read(1.5))]) for tap in taps]
        assert len(cards.children()) == 1
    for sound, source in zip(heard, (left, right), strict=True):
        lag, likeness = lag_and_likeness(sound, source)
        assert abs(lag) <= 2
        assert likeness > 0.999


def test_a_tap_that_gives_each_side_of_a_call_a_channel_is_one_line_with_both(sound_cards):
    near, far = 0.5 * speech(2.0, seed=1), 0.5 * speech(2.0, seed=2)
    sound_cards.add("tap", np.stack([at_rate(near, 44100), at_rate(far, 44100)], axis=1), 44100)
    with opened() as cards:
        heard = np.concatenate([frame.samples for frame in read_until(cards.tap("tap", -1), seconds_read(1.5))])
    lag, likeness = lag_and_likeness(heard, near + far)
    assert abs(lag) <= 2
    assert likeness > 0.999


def test_a_channel_the_card_has_not_is_a_fault_in_words(sound_cards):
    sound_cards.add("mono", np.zeros(48000))
    with opened() as cards:
        _, words = wait_for_fault(cards.tap("mono", 1))
    assert words == "The sound card has 1 channel(s), so none numbered 1, from 0."


def test_a_card_that_was_never_there_is_a_fault_in_words(sound_cards):
    sound_cards.add("card1", np.zeros(48000))
    with opened() as cards:
        _, words = wait_for_fault(cards.tap("usb:1-1.3"))
    assert words == "The sound card “usb:1-1.3” is not there. Plug it in, or choose one that is listed."


@pytest.mark.parametrize(("fail", "mend"), [("unplug", "plug_in"), ("stall", "resume")])
def test_a_card_that_goes_silent_is_noticed_and_heard_again_by_itself(sound_cards, fail, mend):
    card = sound_cards.add("card1", np.zeros(48000 * 20))
    with opened() as cards:
        tap = cards.tap("card1")
        read_until(tap, seconds_read(0.5))
        getattr(card, fail)()
        took_s, words = wait_for_fault(tap)
        assert took_s < 1.6 * crowding()
        assert words == "The sound card “card1” gives no sound. Is it plugged in?"
        getattr(card, mend)()
        assert sound_again(cards, "card1") < 3.0 * crowding()


def test_losing_one_card_leaves_the_line_on_another_alone(sound_cards):
    card1, _ = (sound_cards.add(name, np.zeros(48000 * 20)) for name in ("card1", "card2"))
    with opened() as cards:
        taps = [cards.tap("card1"), cards.tap("card2")]
        for tap in taps:
            read_until(tap, seconds_read(0.3))
        card1.unplug()
        wait_for_fault(taps[0])
        frames = read_until(taps[1], seconds_read(1.0))
        assert not any(frame.lost for frame in frames)


def test_samples_the_driver_threw_away_come_as_lost_ones_of_the_same_length(sound_cards):
    source = speech(6.0)
    sound_cards.add("card1", at_rate(source, 48000))
    with opened() as cards:
        tap = cards.tap("card1")
        read_until(tap, seconds_read(1.0))
        child = cards.children()["card1"]
        stopped = time.monotonic()
        os.kill(child, signal.SIGSTOP)
        time.sleep(0.7)  # the driver's buffer overflows in life's own time; nothing can hurry it
        os.kill(child, signal.SIGCONT)
        stood_s = time.monotonic() - stopped
        frames = read_until(tap, seconds_read(3.5))
    lost = sum(len(frame.samples) for frame in frames if frame.lost)
    assert 0.3 * RATE < lost < (stood_s + 0.05) * RATE
    after = np.concatenate([frame.samples for frame in frames if frame.position > frames[0].position + 1.5 * RATE])
    start = next(frame.position for frame in frames if frame.position > frames[0].position + 1.5 * RATE)
    lag, likeness = lag_and_likeness(after, source[start:])
    assert abs(lag) <= 0.002 * RATE
    assert likeness > 0.99


def test_a_recorder_killed_outright_leaves_no_child_behind(sound_cards):
    card = sound_cards.add("card1", np.zeros(48000 * 20))
    program = (
        "import sys, time\nfrom appliance.capture.cards import Cards\n"
        "cards = Cards()\ntap = cards.tap('card1')\n"
        "while tap.read(1.0) is None: pass\n"
        "print(cards.children()['card1'], flush=True)\ntime.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    with parent:
        child = int(parent.stdout.readline())
        card.unplug()  # the worst case: PortAudio spins and would never end by itself
        parent.kill()
    eventually(lambda: not _runs(child), "the child is gone")


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_closing_ends_every_child_at_once(sound_cards):
    sound_cards.add("card1", np.zeros(48000 * 20))
    cards = Cards()
    tap = cards.tap("card1")
    read_until(tap, seconds_read(0.3))
    (child,) = cards.children().values()
    started = time.monotonic()
    cards.close()
    assert time.monotonic() - started < 0.5 * crowding()
    assert not _runs(child)
