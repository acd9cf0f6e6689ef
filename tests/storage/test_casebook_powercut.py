"""The power is cut between any two steps of the casebook: what was said to be kept is there, whole and its own."""

import random
from datetime import UTC, datetime

import pytest
from powercut import CutDisk, after_cut

from appliance.codec import from_json, to_json
from appliance.errors import CaseChanged, NoSuchCase, SealBroken
from appliance.storage.backup.source import Source
from appliance.storage.casebook import Casebook, CaseHead, _File, _read
from appliance.storage.checkedfile import write_checked
from appliance.storage.unsealing import PrivateKey

AT = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)
KEY, OTHER = PrivateKey.generate(), PrivateKey.generate()


def head(reference, version, **more):
    return CaseHead(reference, "complaint", version, AT, is_open=True, **more)


def opener(*keys):
    return lambda kid: next((key for key in keys if key.kid == kid), None)


class Life:
    """Cases kept and changed on a disk that remembers, with what was acknowledged after each step."""

    def __init__(self, folder, seed, forgets=lambda _path: False):
        self.folder, self.disk, chance = folder, CutDisk(forgets), random.Random(seed)
        folder.mkdir()
        book = Casebook(folder / "cases", self.disk)
        self.said, versions = [(0, {})], {}
        for step in range(40):
            reference = f"CO-2026-{chance.randint(1, 6):03}"
            versions[reference] = versions.get(reference, 0) + 1
            plain = to_json({"step": step, "text": "words " * chance.randint(1, 300)})
            book.keep(head(reference, versions[reference]), plain, [KEY.seal_to])
            known = {**self.said[-1][1], reference: (versions[reference], plain)}
            self.said.append((len(self.disk.operations), known))


def look(life, new, count, seed):
    """Cut the power after ``count`` operations and compare with what was acknowledged."""
    known = [told for operations, told in life.said if operations <= count][-1]
    after_cut(life.disk.operations[:count], random.Random(seed), life.folder, new)
    new.mkdir(exist_ok=True)
    book = Casebook(new / "cases")
    assert not book.damaged
    assert set(known) <= book.references()
    for reference, (version, plain) in known.items():
        found = book.head(reference).version
        assert found in (version, version + 1)
        opened = book.opened(reference, opener(KEY))
        assert from_json(opened, dict)["step"] >= 0
        if found == version:
            assert opened == plain


def look_often(life, folder):
    for trial in range(200):
        look(life, folder / f"cut-{trial}", len(life.disk.operations), trial)


@pytest.mark.parametrize("seed", range(4))
def test_what_was_kept_survives_a_power_cut_at_any_step(tmp_path, seed):
    life = Life(tmp_path / "life", seed)
    chance = random.Random(seed + 100)
    for trial in range(60):
        look(life, tmp_path / f"cut-{trial}", chance.randint(0, len(life.disk.operations)), trial)


def test_the_model_notices_a_casebook_that_does_not_sync(tmp_path):
    life = Life(tmp_path / "life", 1, forgets=lambda path: path.suffix == ".new")
    with pytest.raises((AssertionError, SealBroken, NoSuchCase)):
        look_often(life, tmp_path)


def test_no_case_passes_for_another_an_older_version_or_another_head(tmp_path):
    book = Casebook(tmp_path / "cases")
    book.keep(head("CO-2026-001", 1), b"{}", [KEY.seal_to])
    old = (tmp_path / "cases" / "CO-2026-001.json").read_bytes()
    (tmp_path / "cases" / "CO-2026-002.json").write_bytes(old)
    again = Casebook(tmp_path / "cases")
    assert again.damaged == {"CO-2026-002"}
    file = _read(tmp_path / "cases" / "CO-2026-001.json")
    forged = _File(CaseHead("CO-2026-001", "complaint", 1, AT, is_open=False), file.sealed)
    write_checked(tmp_path / "cases" / "CO-2026-001.json", forged)
    with pytest.raises(SealBroken):
        Casebook(tmp_path / "cases").opened("CO-2026-001", opener(KEY))


def test_a_case_opens_for_its_keys_alone_and_is_written_by_one_at_a_time(tmp_path):
    book = Casebook(tmp_path / "cases")
    book.keep(head("CO-2026-001", 1, calls=("2026-01-01T000000Z-1-000001",)), b'{"a":1}', [KEY.seal_to, OTHER.seal_to])
    for key in (KEY, OTHER):
        assert book.opened("CO-2026-001", opener(key)) == b'{"a":1}'
    with pytest.raises(NoSuchCase):
        book.opened("CO-2026-001", opener())
    for version in (1, 3):
        with pytest.raises(CaseChanged):
            book.keep(head("CO-2026-001", version), b"{}", [KEY.seal_to])
    assert book.kids() == {KEY.kid, OTHER.kid}
    assert [one.reference for one in book.needing("2026-01-01T000000Z-1-000001")] == ["CO-2026-001"]
    assert book.needing("2026-01-01T000000Z-1-000002") == ()


def test_a_backup_has_the_cases(tmp_path):
    for name in ("recordings", "journal", "cases"):
        (tmp_path / name).mkdir()
    (tmp_path / "people.json").write_text("{}")
    Casebook(tmp_path / "cases").keep(head("CO-2026-001", 1), b"{}", [KEY.seal_to])
    assert "cases/CO-2026-001.json" in [name for name, _ in Source(tmp_path).rest()]
