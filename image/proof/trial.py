"""A trial of the image: a command with a machine of its own, what it proves there, and what is left when it fails."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

from image.firmware.stages import say
from image.proof.journal import keep_journal
from image.proof.machine import Machine, Ports, ProofFailed
from image.proof.tally import Tally


class Proofs(Protocol):
    """What is proved on a machine, in its order."""

    def carry_out(self) -> None:
        """Prove everything.

        Raises:
            ProofFailed: something does not hold.
        """


def hold_trial(
    command: str, port: int, proofs: Callable[[Machine, Tally], Proofs], more_for_qemu: Sequence[str] = ()
) -> int:
    """Hold the trial that ``command`` asks for; 0 when everything holds. ``port`` is the first of three."""
    parser = argparse.ArgumentParser(prog=command, description=proofs.__doc__)
    parser.add_argument("--port", type=int, default=port, help="the first of three free ports of this machine")
    first = parser.parse_args().port
    if os.geteuid() != 0:
        sys.exit("The tests of the image work in the tools root and have to be root.")
    machine = Machine(Ports(first, first + 1, first + 2), more_for_qemu)
    tally = Tally()
    try:
        proofs(machine, tally).carry_out()
    except (ProofFailed, OSError) as wrong:
        tally.fails(wrong)
        say(keep_journal(machine))
        return 1
    finally:
        machine.cut_power()
    tally.close(machine)
    return 0
