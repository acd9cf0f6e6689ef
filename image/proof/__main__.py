"""``image/test``: boots the image, works it from outside, pulls its plug, and says what was proved."""

import sys
from collections.abc import Callable, Iterator

from image.proof import calls
from image.proof.bench import MORE_LINES, SETTINGS, lay_out, write_settings
from image.proof.flashed import compare_with_flashed
from image.proof.inside import CARDS, Box
from image.proof.machine import BENCH, Machine, ProofFailed
from image.proof.person import Manager
from image.proof.tally import Tally
from image.proof.trial import hold_trial
from image.proof.walls import check_walls


def main() -> int:
    """Prove the image; 0 when everything holds."""
    return hold_trial("image/test", 18443, Proof)


class Proof:
    """Boot the image in QEMU, work it from outside, and pull its plug; each step says what it proved."""

    def __init__(self, machine: Machine, tally: Tally) -> None:
        """Count on ``tally``."""
        self._machine, self._box = machine, Box(machine)
        self.holds = tally.holds

    def carry_out(self) -> None:
        """Prove everything.

        Raises:
            ProofFailed: something does not hold.
        """
        self._lay_out()
        self._machine.start()
        self.holds(f"the box is up {self._machine.wait_up():.0f} s of this machine's after it was plugged in")
        for check in (self._box.check_started, self._box.check_root, self._box.check_firewall):
            self._each(check)
        for words in check_walls(self._machine):
            self.holds(words)
        self._record_before_anybody_is_there()
        manager = Manager(self._machine)
        self._each(manager.set_up)
        manager.wait_for_calls(1)
        self.holds("the call from before set-up is in the list: its key is the manager's now")
        self._record(manager)
        self._power_cut(manager)
        self._record_four_lines(manager)
        self._machine.cut_power()
        self._each(compare_with_flashed)

    def _each(self, check: Callable[[], Iterator[str]]) -> None:
        for words in check():
            self.holds(words)

    def _lay_out(self) -> None:
        disk = BENCH / "disk"
        disk.mkdir(parents=True, exist_ok=True)
        for make in (calls.incoming, calls.long_call, calls.nothing):
            calls.write(make(), disk / f"{make.__name__}.wav")
        lay_out()

    def _record_before_anybody_is_there(self) -> None:
        self._box.play("incoming")
        self._box.wait_for_line("recording", 90)
        self._box.wait_for_line("idle", 120)
        self.holds("a call before set-up was recorded, though nobody can hear anything yet")

    def _record(self, manager: Manager) -> None:
        manager.wait_for("idle", 60)
        self.holds("the line on the kernel's sound card is Idle")
        known = len(manager.calls())
        self._box.sleep(25)
        calls, lamp = len(manager.calls()), self._box.lamp()
        if calls != known or lamp.red:
            raise ProofFailed(
                f"Nothing was on the line, but there are {calls} calls instead of {known}, and the lamp is {lamp}."
            )
        self.holds("a line at rest: no call, and the red lamp stays dark")
        before = self._box.lamp()
        self._box.play("incoming")
        manager.wait_for("recording", 60)
        during = self._box.lamp()
        manager.wait_for("idle", 90)
        after = self._box.lamp()
        if [lamp.red for lamp in (before, during, after)] != [False, True, False]:
            raise ProofFailed(f"The red lamp was {before}, {during}, {after} before, during and after the call.")
        self.holds(f"the red lamp went dark, lit, dark with the call; its pin is driven by “{self._box.driver()}”")
        for words in manager.hear_the_call():
            self.holds(words)

    def _power_cut(self, manager: Manager) -> None:
        identity = self._box.identity()
        self._box.play("long_call")
        manager.wait_for("recording", 60)
        self._box.sleep(20)
        self._machine.cut_power()
        self.holds("the plug was pulled 20 s into a call")
        write_settings(SETTINGS + "".join(MORE_LINES))
        self._machine.start()
        self._machine.wait_up()
        for words in self._box.check_started():
            self.holds(words)
        if self._box.identity() != identity:
            raise ProofFailed("The box has another identity after the power cut.")
        for words in (*manager.find_the_cut_call(), *self._box.check_sums()):
            self.holds(words)

    def _record_four_lines(self, manager: Manager) -> None:
        self._box.wait_for_all_lines("idle", 120)
        for card in CARDS:
            self._box.play("incoming", card=card)
        self._box.wait_for_all_lines("recording", 90)
        self._box.sleep(8)
        self._box.wait_for_all_lines("recording", 1)
        self.holds(f"four lines record at once; {self._box.memory()}")
        self._box.wait_for_all_lines("idle", 180)
        manager.wait_for_calls(7)
        self.holds("all four calls are in the list")
        self._each(self._box.check_sums)


if __name__ == "__main__":
    sys.exit(main())
