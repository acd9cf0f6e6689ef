"""Push buttons on mock pins: a press is a press, a bounce is not, and one that is stuck is left out and named."""

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from appliance.capture.buttons import LONGEST_PRESS_S, MOST_PRESSES, STUCK_S, WITHIN_S, Button
from appliance.capture.debounce import Change, Debounce
from appliance.capture.gpio import contact
from appliance.clock import FakeClock
from appliance.codec import to_json
from appliance.config import Config, LineConfig, RecorderConfig, Tap
from appliance.files import replace_quickly
from appliance.model.wishes import FILE_NAME, VALID_S, KeeperWord, Wish, WishKind
from appliance.recorder.controls import TEST_S, Controls
from appliance.recorder.withholding import BUTTON, PAGE, Asked

PAUSE, OBJECT, TEST = 6, 13, 19


@pytest.fixture
def factory(monkeypatch):
    factory = MockFactory()
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield factory
    factory.reset()


@pytest.fixture
def clock():
    return FakeClock()


class Desk:
    """A box with buttons on a desk, and fingers."""

    def __init__(self, factory, clock, folder):
        self.factory, self.clock, self.asked = factory, clock, [[], []]
        lines = (
            LineConfig("Reception", Tap.SIMULATED, pause_pin=PAUSE, object_pin=OBJECT),
            LineConfig("Back office", Tap.SIMULATED),
        )
        self.config = Config(folder, lines, RecorderConfig(lamp_test_pin=TEST))
        self.config.folders.intake.mkdir(parents=True)
        self.controls = Controls(self.config, clock, [asked.append for asked in self.asked])

    def push(self, pin):
        self.factory.pin(pin).drive_low()

    def let_go(self, pin):
        self.factory.pin(pin).drive_high()

    def press(self, pin, s=0.2):
        self.push(pin)
        self.wait(s)
        self.let_go(pin)
        self.wait(0.1)

    def wait(self, s):
        self.clock.advance(s)
        self.controls.look()

    def page_asks(self, *wishes, attention=False):
        replace_quickly(self.config.folders.intake / FILE_NAME, to_json(KeeperWord(tuple(wishes), attention)))
        self.controls.look()

    def wish(self, number, kind, line=1, ago_s=0.0, boot_id=None):
        boot_id = boot_id or self.clock.boot_id()
        return Wish(number, kind, line, boot_id, self.clock.monotonic() - ago_s)

    def kinds(self, line=1):
        return [(asked.kind, asked.by) for asked in self.asked[line - 1]]


@pytest.fixture
def desk(factory, clock, tmp_path):
    desk = Desk(factory, clock, tmp_path / "data")
    yield desk
    desk.controls.close()


def test_a_press_is_asked_of_its_own_line_at_the_moment_it_was_let_go(desk):
    desk.push(PAUSE)
    desk.clock.advance(0.2)
    let_go_s = desk.clock.monotonic()
    desk.let_go(PAUSE)
    desk.wait(0.1)
    assert desk.asked == [[Asked(WishKind.PAUSE, let_go_s, BUTTON)], []]


def test_each_button_has_its_own_meaning(desk):
    desk.press(OBJECT)
    desk.press(TEST)
    assert desk.kinds() == [(WishKind.OBJECT, BUTTON)]
    assert desk.controls.test_s() == pytest.approx(0.0, abs=0.2)
    desk.wait(TEST_S)
    assert desk.controls.test_s() is None


def test_a_contact_that_bounces_is_one_press(desk):
    for _ in range(6):
        desk.push(PAUSE)
        desk.clock.advance(0.002)
        desk.let_go(PAUSE)
        desk.clock.advance(0.001)
    desk.push(PAUSE)
    desk.wait(0.2)
    for _ in range(6):
        desk.let_go(PAUSE)
        desk.clock.advance(0.002)
        desk.push(PAUSE)
        desk.clock.advance(0.001)
    desk.let_go(PAUSE)
    desk.wait(0.2)
    assert len(desk.asked[0]) == 1


def test_what_leans_on_a_button_presses_nothing(desk):
    desk.press(PAUSE, LONGEST_PRESS_S + 0.5)
    assert desk.kinds() == []


def test_a_stuck_button_is_left_out_and_named_until_it_is_free(desk):
    desk.push(PAUSE)
    desk.wait(STUCK_S - 1)
    assert desk.controls.troubles() == []
    desk.wait(2)
    (trouble,) = desk.controls.troubles()
    assert (trouble.kind, trouble.line) == (WishKind.PAUSE, 1)
    assert "pause button of Reception is stuck" in trouble.text
    desk.press(OBJECT)
    assert desk.kinds() == [(WishKind.OBJECT, BUTTON)]
    desk.let_go(PAUSE)
    desk.wait(0.2)
    assert desk.controls.troubles() == []
    desk.press(PAUSE)
    assert desk.kinds()[-1] == (WishKind.PAUSE, BUTTON)


def test_a_button_that_is_pushed_when_the_box_starts_presses_nothing_when_it_is_let_go(factory, clock, tmp_path):
    factory.pin(PAUSE).drive_low()
    desk = Desk(factory, clock, tmp_path / "data")
    desk.wait(1.0)
    desk.let_go(PAUSE)
    desk.wait(0.2)
    assert desk.kinds() == []
    desk.press(PAUSE)
    assert desk.kinds() == [(WishKind.PAUSE, BUTTON)]
    desk.controls.close()


def test_a_chattering_button_is_left_out_named_and_believed_again_once_it_is_quiet(desk):
    for _ in range(30):
        desk.press(PAUSE, 0.1)
    assert len(desk.asked[0]) == MOST_PRESSES
    assert "too often" in desk.controls.troubles()[0].text
    desk.wait(WITHIN_S + 1)
    assert desk.controls.troubles() == []
    desk.press(PAUSE)
    assert len(desk.asked[0]) == MOST_PRESSES + 1


def test_a_box_without_gpio_does_without_buttons_and_says_so(monkeypatch, tmp_path, clock, caplog):
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "native")
    desk = Desk(None, clock, tmp_path / "data")
    desk.wait(1.0)
    assert "the button on pin 6 cannot be used" in caplog.text
    assert desk.controls.troubles() == []


def test_a_pin_taken_by_another_is_no_button(factory, clock):
    first = contact(PAUSE, clock)
    assert contact(PAUSE, clock) is None
    first.close()


@given(
    holds=st.lists(st.tuples(st.floats(0.03, 20.0), st.floats(0.03, 40.0)), max_size=30),
    look_every_s=st.floats(0.05, 3.0),
)
def test_no_series_of_pushes_is_more_presses_than_pushes_or_more_than_may_be_meant(holds, look_every_s):
    clock, debounce = FakeClock(), Debounce(active=False)

    class Finger:
        def changes(self):
            return debounce.settled(clock.monotonic())

        def close(self):
            pass

    button, presses = Button("button", Finger(), clock.monotonic), []
    for pushed_s, free_s in holds:
        debounce.raw(clock.monotonic(), active=True)
        clock.advance(pushed_s)
        debounce.raw(clock.monotonic(), active=False)
        until_s = clock.monotonic() + free_s
        while clock.monotonic() < until_s:
            clock.advance(min(look_every_s, free_s))
            presses += button.presses()
    clock.advance(60.0)
    presses += button.presses()
    assert len(presses) <= sum(pushed_s <= LONGEST_PRESS_S + 0.001 for pushed_s, _ in holds)
    assert presses == sorted(presses)
    for at_s in presses:
        assert sum(at_s <= other < at_s + WITHIN_S for other in presses) <= MOST_PRESSES + 1
    assert button.trouble == ""
    assert isinstance(Change(0.0, active=True), Change)


# --- what the page asks for, through the keeper's note ---------------------------------------------------------------


def test_a_wish_from_the_page_reaches_its_line_once(desk):
    desk.page_asks(desk.wish(1, WishKind.PAUSE, line=2))
    desk.page_asks(desk.wish(1, WishKind.PAUSE, line=2), desk.wish(2, WishKind.RESUME, line=2))
    assert desk.kinds(2) == [(WishKind.PAUSE, PAGE), (WishKind.RESUME, PAGE)]
    assert desk.kinds(1) == []


def test_a_wish_that_is_too_old_of_another_boot_or_of_the_future_is_nobodys(desk):
    desk.page_asks(
        desk.wish(1, WishKind.PAUSE, ago_s=VALID_S + 0.1),
        desk.wish(2, WishKind.OBJECT, boot_id="another"),
        desk.wish(3, WishKind.OBJECT, ago_s=-60.0),
    )
    assert desk.kinds() == []


@pytest.mark.parametrize("line", [0, 3, -1, 10**9])
def test_a_wish_for_a_line_that_is_not_there_is_left_out(desk, line, caplog):
    desk.page_asks(desk.wish(1, WishKind.PAUSE, line=line))
    assert desk.asked == [[], []]
    assert "there is no line" in caplog.text


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\0" * 10,
        b"[]",
        b'{"wishes":[{"number":1}]}',
        b'{"wishes":[{"number":"1","kind":"pause","line":1,"boot_id":"boot-1","boottime_s":1000.0}]}',
        b'{"wishes":[{"number":1,"kind":"stop","line":1,"boot_id":"boot-1","boottime_s":1000.0}]}',
    ],
)
def test_a_note_that_is_not_understood_changes_nothing_and_is_said_once(desk, note, caplog):
    for extra in (b"", b" "):
        replace_quickly(desk.config.folders.intake / FILE_NAME, note + extra)
        desk.controls.look()
    assert desk.asked == [[], []]
    assert caplog.text.count("cannot be read") == 1
    desk.page_asks(desk.wish(9, WishKind.PAUSE))
    assert desk.kinds() == [(WishKind.PAUSE, PAGE)]


def test_the_keepers_alarms_reach_the_boxs_lamp(desk):
    assert not desk.controls.attention
    desk.page_asks(attention=True)
    assert desk.controls.attention
    desk.page_asks(attention=False)
    assert not desk.controls.attention
