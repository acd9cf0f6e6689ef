"""The talk with a modem, without a port: each way in which one can fail ends, and is tried again, in bounded time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.capture.modem.dialogue import (
    QUIET_S,
    REPLY_S,
    SILENT_S,
    TRIES,
    WAKE_S,
    CallerRead,
    Dialogue,
)
from appliance.capture.modem.dle import ABORT, Code, Sound, Told
from appliance.capture.modem.forms import Coding, Form
from appliance.errors import LineFault
from appliance.model.calls import Caller, CallerIdentity

OFFER = b'\r\n128,"8-BIT LINEAR",8,0,(7200,8000)(0)(0)\r\n\r\nOK\r\n'


class Talk:
    """A dialogue and the time; ``answer`` says what the modem says to a command, None for nothing."""

    def __init__(self, answer=None, source=0):
        self.now_s, self.sent, self.heard = 100.0, [], []
        self.answer = answer or obliging
        self.dialogue = Dialogue(source, self.now_s)

    def step(self, s=0.1):
        self.now_s += s
        out = self.dialogue.to_send()
        if out:
            self.sent.append(out)
            if reply := self.answer(out):
                self.heard += self.dialogue.feed(reply, self.now_s)
        self.dialogue.tick(self.now_s)

    def until_sound(self, within_s=60.0):
        end_s = self.now_s + within_s
        while self.dialogue.form is None:
            assert self.now_s < end_s, "no sound in time"
            self.step()
        return self

    def commands(self):
        text = b"".join(self.sent).replace(ABORT, b"")
        return [line.decode() for line in text.split(b"\r") if line]


def obliging(out):
    if b"AT+VSM=?" in out:
        return OFFER
    if b"AT+VRX" in out:
        return b"\r\nCONNECT\r\n"
    return b"\r\nOK\r\n" if b"AT" in out else None


def but(wanted, reply):
    """Answer ``reply`` to what holds ``wanted``, and oblige otherwise."""
    return lambda out: reply if wanted in out else obliging(out)


def test_a_modem_is_brought_from_anywhere_to_sound_and_callers_are_asked_for_each_time():
    talk = Talk(source=3).until_sound()
    assert talk.commands() == [
        "ATZ",
        "ATE0Q0V1",
        "AT+FCLASS=8",
        "AT+VCID=1",
        "AT+VIT=0",
        "AT+VSD=128,0",
        "AT+VSM=?",
        "AT+VSM=128,8000",
        "AT+VLS=3",
        "AT+VRX",
    ]
    assert talk.dialogue.form == Form(128, Coding.UNSIGNED_8)
    assert talk.sent[0].startswith(ABORT)
    assert talk.dialogue.knows_callers


def test_it_never_goes_off_hook_unless_a_source_that_does_is_configured():
    talk = Talk().until_sound()
    assert "AT+VLS=0" in talk.commands()
    assert not any(word in command for command in talk.commands() for word in ("ATA", "ATH1", "ATD"))


def test_sound_in_the_same_breath_as_connect_is_not_lost():
    talk = Talk(but(b"AT+VRX", b"\r\nCONNECT\r\nabc\x10Rdef"))
    talk.until_sound()
    assert talk.heard == [Sound(b"abc"), Told(Code.RING), Sound(b"def")]


@pytest.mark.parametrize("refused", [b"AT+VCID=1", b"AT+VIT=0", b"AT+VSD=128,0"])
def test_what_can_be_done_without_may_be_refused(refused):
    talk = Talk(but(refused, b"\r\nERROR\r\n")).until_sound()
    assert talk.dialogue.knows_callers is (refused != b"AT+VCID=1")


@pytest.mark.parametrize("refused", [b"AT+FCLASS=8", b"AT+VLS", b"AT+VRX", b"AT+VSM=128"])
def test_what_cannot_be_done_without_is_a_fault_that_names_it(refused):
    talk = Talk(but(refused, b"\r\nERROR\r\n"))
    with pytest.raises(LineFault, match=refused.decode().replace("+", r"\+")):
        talk.until_sound()


def test_a_modem_that_offers_no_sound_we_can_read_is_a_fault():
    talk = Talk(but(b"AT+VSM=?", b'\r\n129,"IMA ADPCM",4,0,(8000)\r\nOK\r\n'))
    with pytest.raises(LineFault, match="8 kHz"):
        talk.until_sound()


def test_a_modem_that_never_answers_is_given_up_in_bounded_time():
    talk = Talk(lambda _out: None)
    with pytest.raises(LineFault, match="does not answer"):
        talk.until_sound()
    assert talk.now_s - 100.0 < WAKE_S + TRIES * REPLY_S + 1.0
    assert talk.commands() == ["ATZ"] * TRIES


def test_an_answer_that_is_lost_once_is_asked_for_again():
    lost = []

    def forgetful(out):
        if b"AT+FCLASS" in out and not lost:
            lost.append(out)
            return None
        return obliging(out)

    assert Talk(forgetful).until_sound().commands().count("AT+FCLASS=8") == 2


def test_a_modem_left_in_voice_receive_is_stopped_and_its_sound_is_taken_for_no_answer():
    talk = Talk()
    talk.step(0.01)
    assert talk.sent[0].startswith(ABORT)
    for _ in range(5):
        talk.now_s += 0.1
        assert talk.dialogue.feed(b"\r\nERROR\r\nOK\r\n" * 20, talk.now_s) == []
        talk.dialogue.tick(talk.now_s)
    assert talk.commands() == []
    talk.until_sound()


def test_a_modem_that_does_not_stop_is_asked_all_the_same():
    talk = Talk()
    end_s = talk.now_s + WAKE_S
    while talk.now_s <= end_s + 0.2:
        talk.now_s += 0.1
        talk.dialogue.feed(b"\x55" * 100, talk.now_s)
        talk.dialogue.tick(talk.now_s)
    assert b"ATZ" in talk.dialogue.to_send()


def test_sound_that_stops_is_a_fault():
    talk = Talk().until_sound()
    talk.dialogue.feed(b"abc", talk.now_s)
    talk.dialogue.tick(talk.now_s + SILENT_S - 0.1)
    with pytest.raises(LineFault, match="stopped giving sound"):
        talk.dialogue.tick(talk.now_s + SILENT_S)


def test_sound_that_the_modem_ends_by_itself_is_begun_again_at_once():
    talk = Talk().until_sound()
    talk.dialogue.feed(b"abc\x10\x03\r\nVCON\r\n", talk.now_s)
    assert talk.dialogue.form is None
    talk.dialogue.feed(b"\r\nOK\r\n", talk.now_s)
    talk.until_sound(within_s=1.0)
    assert talk.commands().count("AT+VRX") == 2
    assert talk.commands().count("ATZ") == 1


def test_ringing_and_a_caller_between_commands_are_heard_too():
    reply = b"\r\nRING\r\nDATE = 1123\r\nNMBR = 01632960123\r\nOK\r\n"
    talk = Talk(but(b"AT+VIT", reply)).until_sound()
    assert talk.heard == [Told(Code.RING), CallerRead(Caller(CallerIdentity.NUMBER, "01632960123"))]


def test_a_report_in_the_sound_names_the_caller():
    talk = Talk().until_sound()
    heard = talk.dialogue.feed(b"ab\x10XNMBR = P\r\n\x10.cd", talk.now_s)
    assert heard == [Sound(b"ab"), CallerRead(Caller(CallerIdentity.WITHHELD)), Sound(b"cd")]


def test_no_number_stands_in_the_words_of_a_fault():
    talk = Talk(but(b"AT+VSM=?", b"\r\nNMBR = 01632960123\r\nERROR\r\n"))
    with pytest.raises(LineFault) as fault:
        talk.until_sound()
    assert "960123" not in str(fault.value)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60), st.sampled_from([b"\r\nOK\r\n", b"\r\nERROR\r\n", b"\r\nCONNECT\r\n", OFFER, None])
        ),
        max_size=60,
    )
)
def test_whatever_a_modem_says_it_ends_in_sound_or_in_a_fault_and_never_hangs(replies):
    answers = iter(replies)
    talk = Talk(lambda out: next(answers, None))
    longest_s = WAKE_S + 10 * TRIES * REPLY_S + QUIET_S
    try:
        while talk.now_s - 100.0 < longest_s + SILENT_S + 5.0:
            talk.step()
    except LineFault:
        return
    pytest.fail("it neither listens nor gives up")


def test_a_flood_without_a_line_end_takes_no_memory():
    talk = Talk(lambda _out: b"x" * 400)
    with pytest.raises(LineFault):
        talk.until_sound()
    assert len(talk.dialogue._text) <= 1000
