"""A simulated pair of wires: what each verb does to the sound agrees with what the truth says of it."""

import time

import numpy as np
import pytest

from appliance.audio import RATE, level_dbfs, positions
from appliance.capture.simulator import speech
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import ODDITIES, Profile
from appliance.capture.simulator.signals import COUNTRIES

NUMBER = "01632960123"


def incoming(pair, talk_s=4.0):
    pair.idle(2.0)
    pair.ring(2.1, caller=NUMBER)
    pair.lift()
    pair.talk(talk_s)
    return pair


def high_band_dbfs(samples):
    """The level from 1 to 3.4 kHz, where floors are told apart."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum[(hz < 1000) | (hz > 3400)] = 0
    return level_dbfs(np.fft.irfft(spectrum, len(samples)).astype(np.float32))


def test_samples_are_float32_within_full_scale_and_as_many_as_the_truth_says():
    pair = incoming(SimulatedPair(Profile(gain_db=14.0)))
    audio = pair.audio()
    assert audio.dtype == np.float32
    assert np.abs(audio).max() <= 1.0
    assert len(audio) == pair.position == pair.truth().duration


def test_the_same_seed_gives_the_same_line_and_another_seed_another():
    first, again, other = (incoming(SimulatedPair(seed=seed)) for seed in (7, 7, 8))
    assert np.array_equal(first.audio(), again.audio())
    assert first.truth() == again.truth()
    assert not np.array_equal(first.audio()[:RATE], other.audio()[:RATE])


def test_taking_piece_by_piece_gives_the_same_sound_as_all_at_once():
    whole, piecewise = SimulatedPair(seed=3), SimulatedPair(seed=3)
    pieces = []
    for pair in (whole, piecewise):
        for verb in (
            lambda p: p.ring(1.2, caller=NUMBER),
            SimulatedPair.lift,
            lambda p: p.talk(3),
            SimulatedPair.hang_up,
        ):
            verb(pair)
            if pair is piecewise:
                pieces.append(pair.take())
    np.testing.assert_array_equal(np.concatenate(pieces), whole.audio())


def test_every_hook_edge_is_a_step_in_the_sound_at_that_very_sample():
    pair = incoming(SimulatedPair(Profile(ringing="none")))
    pair.flash()
    pair.talk(2.0)
    pair.hang_up()
    audio = pair.audio()
    edges = pair.truth().hook
    assert [off for _, off in edges] == [True, False, True, False]
    for at, _ in edges:
        assert abs(audio[at] - audio[at - 1]) > 0.08


def test_the_floor_rises_when_lifted_and_falls_when_hung_up():
    pair = SimulatedPair()
    pair.idle(2.0)
    pair.lift()
    pair.silence(2.0)
    pair.hang_up()
    pair.idle(2.0)
    audio, ((lifted, _), (dropped, _)) = pair.audio(), pair.truth().hook
    idle, after = high_band_dbfs(audio[: lifted - 80]), high_band_dbfs(audio[dropped + positions(0.3) :])
    assert high_band_dbfs(audio[lifted + positions(0.6) : lifted + positions(1.9)]) > idle + 6
    assert after == pytest.approx(idle, abs=0.5)


def test_floors_add_up_in_power_as_independent_noises_do():
    profile = Profile(idle_dbfs=-60.0, line_dbfs=-60.0, room_dbfs=-60.0, hum_dbfs=-110.0)
    pair = SimulatedPair(profile)
    pair.lift()
    pair.silence(8.0)
    assert level_dbfs(pair.audio()[-positions(7.5) :]) == pytest.approx(-60 + 10 * np.log10(3), abs=0.6)


def test_a_muted_line_lies_between_idle_and_open_microphone():
    pair = SimulatedPair()
    pair.idle(2.0)
    pair.lift()
    pair.answer()
    pair.hold(2.0, music=False)
    pair.silence(2.0)
    audio, [call] = pair.audio(), pair.truth().calls
    (start, end), (opened, closed) = call.holds[0], call.silences[0]
    idle = high_band_dbfs(audio[: positions(1.9)])
    assert idle + 1 < high_band_dbfs(audio[start:end]) < high_band_dbfs(audio[opened:closed]) - 1


def test_contacts_bounce_but_the_hook_moves_once():
    pair = SimulatedPair(Profile(bounces=8), seed=2)
    pair.lift()
    pair.hang_up()
    truth = pair.truth()
    assert len(truth.hook) == 2
    assert len(truth.contacts) > len(truth.hook)
    assert [off for _, off in truth.contacts][-1] is False
    assert all(a != b for (_, a), (_, b) in zip(truth.contacts, truth.contacts[1:], strict=False))


def test_a_sensor_of_the_loop_s_current_sees_a_break_of_the_line_but_the_hook_does_not_move():
    pair = SimulatedPair(Profile(bounces=0))
    pair.lift()
    start = pair.position
    pair.glitch(40.0)
    end = pair.position
    assert pair.truth().contacts[1:] == [(start, False), (end, True)]
    assert len(pair.truth().hook) == 1


def test_ringing_sounds_in_its_cadence_and_stops_soon_after_the_line_is_lifted():
    pair = SimulatedPair(Profile(ringing="strong"))
    pair.idle(1.0)
    pair.ring(2.07)
    pair.lift()
    pair.silence(1.0)
    audio, truth = pair.audio(), pair.truth()
    bursts = truth.rings
    assert [(b - a) / RATE for a, b in bursts[:4]] == [0.4] * 4
    assert [(bursts[i + 1][0] - bursts[i][0]) / RATE for i in range(3)] == pytest.approx([0.6, 2.4, 0.6], abs=0.001)
    for start, end in bursts[:4]:
        assert level_dbfs(audio[start:end]) > -10
        assert level_dbfs(audio[end + 80 : end + positions(0.19)]) < -60
    lifted = truth.hook[0][0]
    assert level_dbfs(audio[lifted + positions(0.16) : lifted + positions(0.3)]) < -40
    assert truth.calls[0].rings == 3


def test_a_call_in_is_told_from_first_ring_to_hang_up():
    pair = incoming(SimulatedPair())
    pair.hang_up()
    [call] = pair.truth().calls
    assert (call.direction, call.caller, call.answered, call.missed, call.ending) == (
        "in",
        NUMBER,
        True,
        False,
        "local",
    )
    assert call.seize < call.clip[0] < call.first_ring < call.off_hook == call.answer < call.talk_end < call.on_hook


def test_nobody_lifting_makes_a_missed_call():
    pair = SimulatedPair()
    pair.ring(3.0, withheld=True)
    pair.idle(5.0)
    [call] = pair.truth().calls
    assert call.missed
    assert call.withheld
    assert call.seize_end == pair.truth().rings[-1][1]
    assert (call.off_hook, call.on_hook, call.caller) == (None, None, None)


def test_a_call_out_is_told_with_its_digits():
    pair = SimulatedPair()
    pair.lift()
    pair.dial(NUMBER)
    pair.ringback(2)
    pair.answer()
    pair.talk(3.0)
    pair.key("42")
    pair.hang_up()
    [call] = pair.truth().calls
    assert (call.direction, call.dialled, call.keyed, call.answered) == ("out", NUMBER, "42", True)
    assert [name for _, _, name in pair.truth().tones] == ["dial", "ringback"]


@pytest.mark.parametrize(
    ("verb", "ending"),
    [
        (lambda pair: pair.busy(3), "busy"),
        (lambda pair: pair.ringback(3), "no answer"),
        (lambda pair: pair.number_unobtainable(3), "unobtainable"),
        (lambda pair: None, "abandoned"),
    ],
)
def test_a_call_out_that_nobody_answers_ends_as_it_met(verb, ending):
    pair = SimulatedPair()
    pair.lift()
    pair.dial(NUMBER)
    verb(pair)
    pair.hang_up()
    [call] = pair.truth().calls
    assert (call.answered, call.missed, call.ending, call.talk_end) == (False, False, ending, call.on_hook)


def test_the_last_word_is_before_the_far_end_s_clearing():
    pair = incoming(SimulatedPair())
    cleared = pair.position
    pair.remote_clear("busy", 4.0)
    pair.hang_up()
    [call] = pair.truth().calls
    assert call.talk_end <= cleared
    assert call.tail_tone[2] == "busy"
    assert call.ending == "remote+busy+break"


def test_a_line_break_takes_every_sound_away_but_the_card_s_own():
    pair = incoming(SimulatedPair(Profile(break_ms=400.0)))
    start = pair.position
    pair.remote_clear("silent", 2.0)
    gone = pair.audio()[start + positions(0.1) : start + positions(0.4)]
    assert level_dbfs(gone) == pytest.approx(pair.profile.idle_dbfs, abs=1.0)


def test_a_transfer_stays_one_call_with_two_flashes_inside():
    pair = incoming(SimulatedPair())
    pair.transfer("201", consult_s=3.0)
    pair.talk(3.0)
    pair.hang_up()
    [call] = pair.truth().calls
    assert len(call.flashes) == 2
    assert all(0.08 <= (end - start) / RATE <= 0.12 for start, end in call.flashes)
    assert call.transfers[0][1] == "201"
    assert call.dialled is None


def test_speech_is_where_the_truth_says_and_the_near_party_is_louder():
    pair = incoming(SimulatedPair(Profile(hum_dbfs=-100.0)), talk_s=40.0)
    audio, truth = pair.audio(), pair.truth()
    levels = {who: [level_dbfs(audio[a:b]) for a, b, w in truth.speech if w == who] for who in "nf"}
    assert np.median(levels["n"]) == pytest.approx(-18.0, abs=1.0)
    assert np.median(levels["f"]) == pytest.approx(-25.0, abs=1.0)
    quiet = np.ones(len(audio), bool)
    quiet[: truth.hook[0][0] + positions(0.5)] = False
    for start, end, _ in truth.speech:
        quiet[start:end] = False
    assert level_dbfs(audio[quiet]) < -48


def test_a_call_waiting_beep_comes_over_the_talk():
    pair = incoming(SimulatedPair())
    pair.call_waiting(9.0)
    assert [name for _, _, name in pair.truth().tones] == ["waiting"]
    assert len(pair.truth().calls) == 1


def test_machines_begin_with_their_answer_tone():
    pair = SimulatedPair()
    pair.lift()
    pair.dial(NUMBER)
    pair.answer()
    pair.modem(8.0)
    [(start, _, _)] = [tone for tone in pair.truth().tones if tone[2] == "modem"]
    phase = pair.audio()[start + 1000 : start + 3400]
    assert np.argmax(np.abs(np.fft.rfft(phase * np.hanning(2400)))) * RATE / 2400 == pytest.approx(2100, abs=4)


def test_what_cannot_be_done_to_a_telephone_is_refused():
    pair = SimulatedPair()
    with pytest.raises(ValueError, match="no call"):
        pair.talk(1.0)
    pair.lift()
    for verb in (pair.lift, lambda: pair.idle(1.0), lambda: pair.ring(1.0)):
        with pytest.raises(ValueError, match="off-hook"):
            verb()


def test_a_line_forgets_calls_that_are_over_and_goes_on():
    pair = incoming(SimulatedPair())
    pair.forget()
    assert len(pair.truth().calls) == 1, "a call going on is kept"
    pair.hang_up()
    pair.forget()
    assert (pair.truth().calls, pair.truth().speech, pair.truth().hook) == ([], [], [])
    incoming(pair).hang_up()
    assert len(pair.truth().calls) == 1


def both_ways(profile):
    """A call in which the far end clears, and a call out that is answered."""
    pair = incoming(SimulatedPair(profile, seed=1), talk_s=20.0)
    pair.remote_clear("unobtainable", 3.0)
    pair.hang_up()
    pair.lift()
    pair.dial(NUMBER)
    pair.ringback(2)
    pair.answer()
    pair.hang_up()
    return pair


@pytest.mark.parametrize("oddity", sorted(set(ODDITIES) - {"clean"}))
def test_every_oddity_can_be_heard_and_both_calls_still_take_place(oddity):
    odd, plain = both_ways(Profile().with_(**ODDITIES[oddity])), both_ways(Profile())
    assert np.isfinite(odd.audio()).all()
    assert not np.array_equal(odd.audio(), plain.audio())
    assert [call.answered for call in odd.truth().calls] == [True, True]


def idle_dbfs(oddity, low_hz, high_hz):
    pair = SimulatedPair(Profile().with_(**ODDITIES[oddity]))
    pair.idle(4.0)
    spectrum = np.fft.rfft(pair.audio())
    hz = np.fft.rfftfreq(pair.position, 1 / RATE)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0
    return level_dbfs(np.fft.irfft(spectrum, pair.position).astype(np.float32))


def test_mains_hum_is_low_and_a_neighbour_s_talk_is_in_the_speech_band():
    assert idle_dbfs("hum", 40, 360) == pytest.approx(-40, abs=0.5)
    assert idle_dbfs("hum", 1000, 3400) < -70
    assert idle_dbfs("crosstalk", 300, 3400) == pytest.approx(-60, abs=3)


def test_where_floors_are_close_lifting_hardly_shows():
    pair = SimulatedPair(Profile().with_(**ODDITIES["close_floors"]))
    pair.idle(2.0)
    pair.lift()
    pair.silence(2.0)
    audio = pair.audio()
    assert 0.8 < high_band_dbfs(audio[-positions(1.4) :]) - high_band_dbfs(audio[: positions(1.9)]) < 3


def test_a_line_reversed_on_answer_steps_without_a_hook_edge():
    pair = SimulatedPair(Profile(reverses_on_answer=True))
    pair.lift()
    pair.dial(NUMBER)
    pair.answer()
    audio, [call] = pair.audio(), pair.truth().calls
    assert abs(audio[call.answer] - audio[call.answer - 1]) > 0.2
    assert len(pair.truth().hook) == 1


def test_low_level_leaves_the_card_s_own_noise_where_it_is():
    pair = incoming(SimulatedPair(Profile().with_(**ODDITIES["low_level"])))
    audio, truth = pair.audio(), pair.truth()
    start, end, _ = next(span for span in truth.speech if span[2] == "n")
    assert level_dbfs(audio[start:end]) == pytest.approx(-36.0, abs=1.5)
    assert level_dbfs(audio[: positions(1.9)]) == pytest.approx(-71.0, abs=1.0)


def test_direct_voltage_and_clipping_are_the_card_s():
    dc = SimulatedPair(Profile(dc=0.06))
    dc.idle(1.0)
    assert float(dc.audio().mean()) == pytest.approx(0.06, abs=0.002)
    clipped = incoming(SimulatedPair(Profile(gain_db=14.0)), talk_s=10.0).audio()
    assert (np.abs(clipped) > 0.999).sum() > 200


def test_lost_packets_are_20_ms_of_nothing_in_the_far_voice_only():
    kept = incoming(SimulatedPair(Profile(ringing="none"), seed=4), talk_s=30.0)
    far = [span for span in kept.truth().speech if span[2] == "f"]
    lossy = incoming(SimulatedPair(Profile(ringing="none", packet_loss=0.5), seed=4), talk_s=30.0)
    near_line = lossy.truth().speech[0]
    assert near_line[2] == "n"
    a, b = near_line[:2]
    np.testing.assert_array_equal(lossy.audio()[a:b], kept.audio()[a:b])
    start, end, _ = next(span for span in lossy.truth().speech if span[2] == "f")
    packets = lossy.audio()[start : end - (end - start) % 160].reshape(-1, 160)
    silent = sum(level_dbfs(packet) < -48 for packet in packets)
    assert far
    assert 0.3 < silent / len(packets) < 0.75


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_a_random_line_of_every_country_carries_a_call(country):
    profile = Profile.random(np.random.default_rng(len(country) + ord(country[0])), country)
    pair = incoming(SimulatedPair(profile))
    pair.hang_up()
    assert pair.truth().calls[0].answered
    assert profile.far_dbfs < profile.near_dbfs
    assert profile.idle_dbfs < profile.line_dbfs < profile.room_dbfs + 8


def test_an_hour_is_made_a_thousand_times_faster_than_life():
    for name in speech.dialogues():
        speech.turns(name)
    pair = incoming(SimulatedPair())
    pair.take()
    started = time.process_time()
    for _ in range(10):
        pair.talk(60.0)
    heard = pair.take()
    took = time.process_time() - started
    assert len(heard) / RATE / took > 1000
