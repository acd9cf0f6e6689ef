"""The image's own test, as far as it can be tested without a machine."""

import re

import pytest

from image.proof import flashed, journal, trial
from image.proof.machine import Machine, Ports, ProofFailed

MIB = 1 << 20


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "BENCH", tmp_path)
    monkeypatch.setattr(journal, "JOURNAL", tmp_path / "journal.txt")
    monkeypatch.setattr("image.proof.machine.BENCH", tmp_path)
    return Machine(Ports(1, 2, 3))


def test_one_changed_byte_of_the_root_is_found_and_the_rest_of_the_card_is_not_looked_at(tmp_path):
    image, card = tmp_path / "image", tmp_path / "card"
    image.write_bytes(bytes(9 * MIB))
    changed = bytearray(9 * MIB)
    changed[10], changed[8 * MIB] = 1, 1
    card.write_bytes(changed)
    assert flashed.first_difference(image, card, MIB, 6 * MIB) is None
    assert flashed.first_difference(image, card, MIB, 8 * MIB) == 7 * MIB
    assert flashed.first_difference(image, card, 0, 6 * MIB) == 10


def test_a_card_that_ends_too_early_differs_where_it_ends(tmp_path):
    (tmp_path / "image").write_bytes(bytes(100))
    (tmp_path / "card").write_bytes(bytes(60))
    assert flashed.first_difference(tmp_path / "image", tmp_path / "card", 0, 100) == 60


def test_files_that_differ_are_named_whether_changed_new_or_gone(tmp_path):
    for side, names in (("one", {"same": "1", "sub/changed": "2", "gone": "3"}), ("two", {"same": "1", "new": "4"})):
        for name, text in names.items():
            path = tmp_path / side / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    (tmp_path / "two" / "sub").mkdir()
    (tmp_path / "two" / "sub" / "changed").write_text("5")
    assert flashed.different_files(tmp_path / "one", tmp_path / "two") == {"sub/changed", "gone", "new"}


def test_a_box_that_answers_no_more_has_its_journal_read_from_the_card(machine, tmp_path, monkeypatch):
    (tmp_path / "console.log").write_text("\n".join(f"line {number}" for number in range(50)))

    def read_card(command, _log):
        assert "rdump log/journal" in command[-1]
        (tmp_path / "warnings.txt").write_text("the site did not start")

    monkeypatch.setattr(journal, "in_tools", read_card)
    shown = journal.keep_journal(machine)
    assert "the site did not start" in shown
    assert re.findall(r"^line (\d+)$", shown, re.MULTILINE) == [str(number) for number in range(35, 50)]


def test_a_trial_that_fails_shows_the_journal_and_ends_with_one(machine, monkeypatch, capsys):
    class Fails:
        """Proves nothing."""

        def __init__(self, _machine, _tally):
            pass

        def carry_out(self):
            raise ProofFailed("The line is deaf.")

    monkeypatch.setattr("sys.argv", ["image/test"])
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(journal, "in_tools", lambda *_: (_ for _ in ()).throw(SystemExit("no tools")))
    assert trial.hold_trial("image/test", 18443, Fails) == 1
    said = capsys.readouterr().err
    assert "✗ The line is deaf." in said
    assert "There is no journal on the card." in said
