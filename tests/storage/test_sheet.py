"""Sheets: what can be read without a key, what only with it, and that no record can be changed, moved or replayed."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealed import AT, DIALLED, NUMBER, a_closing, an_opening

from appliance.errors import SealBroken, SealIncomplete
from appliance.model.calls import Caller, CallerIdentity, CallId, Direction
from appliance.storage.records import (
    CallSoFar,
    CutClear,
    Later,
    LineChain,
    NoteClear,
    OpeningSecret,
    clear_of_closing,
    clear_of_opening,
)
from appliance.storage.sheet import parse, read_sheet, rewrite
from appliance.storage.unsealing import PrivateKey

KEY = PrivateKey(bytes(range(32)))
OPENING = an_opening()
ID = OPENING.call_id
SO_FAR = CallSoFar(Direction.IN, Caller(CallerIdentity.NUMBER, NUMBER, "Reception Desk Example"), DIALLED, True)
CLOSING = a_closing(OPENING, 30_000)


def lines(call=OPENING, key=KEY, salt=1):
    chain = LineChain(call.call_id, key.seal_to)
    return [
        chain.line(clear_of_opening(call, key.seal_to), OpeningSecret(bytes([salt]) * 32, call)),
        chain.line(NoteClear(call.call_id, SO_FAR.direction), SO_FAR),
        chain.line(clear_of_closing(call.call_id, CLOSING), CLOSING),
    ]


def test_a_sheet_comes_back_whole_with_the_key():
    whole = parse(b"".join(lines()), ID).unseal(KEY)
    assert whole.opening == OPENING
    assert whole.data_key == b"\1" * 32
    assert whole.notes == (SO_FAR,)
    assert whole.closing == CLOSING
    assert parse(b"".join(lines()), ID).data_key(KEY) == b"\1" * 32


def test_without_a_key_times_line_direction_and_size_are_known_and_nothing_else():
    data = b"".join(lines())
    sheet = parse(data, ID)
    assert sheet.opening.started_at == AT
    assert (sheet.opening.line, sheet.opening.direction) == (1, Direction.IN)
    assert sheet.closing.audio_bytes == 30_000
    assert sheet.finished
    for secret in (NUMBER, NUMBER[1:], DIALLED, "Reception", "Front desk"):
        assert secret.encode() not in data


def test_a_withheld_number_makes_a_line_as_long_as_a_given_one():
    def note(caller):
        return len(LineChain(ID, KEY.seal_to).line(NoteClear(ID, Direction.IN), CallSoFar(Direction.IN, caller)))

    assert note(Caller(CallerIdentity.NUMBER, NUMBER)) == note(Caller(CallerIdentity.WITHHELD))


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_a_sheet_cut_anywhere_keeps_the_lines_that_are_whole(cut):
    parts = lines()
    data = b"".join(parts)
    cut %= len(data) + 1
    whole = sum(len(b"".join(parts[: n + 1])) <= cut for n in range(3))
    if not whole:
        with pytest.raises(SealIncomplete):
            parse(data[:cut], ID)
        return
    sheet = parse(data[:cut], ID)
    assert len(sheet.lines) == whole
    assert sheet.torn == (cut != len(b"".join(parts[:whole])))
    assert sheet.finished == (whole == 3)
    assert sheet.unseal(KEY).opening == OPENING


def test_zeros_that_a_power_cut_left_at_the_end_count_as_torn():
    parts = lines()
    zeros = bytes(40) + parts[2][40:]
    sheet = parse(parts[0] + parts[1] + zeros, ID)
    assert sheet.torn
    assert not sheet.finished
    assert parse(parts[0] + parts[1] + bytes(500), ID).torn


def test_any_changed_bit_is_named_as_damage_or_leaves_a_torn_end():
    data, chance = b"".join(lines()), random.Random(4)
    last = data.rindex(b"\n", 0, -1) + 1
    for _ in range(5000):
        at = chance.randrange(len(data))
        bad = bytearray(data)
        bad[at] ^= 1 << chance.randrange(8)
        try:
            sheet = parse(bytes(bad), ID)
        except SealBroken:
            continue
        assert at >= last
        assert sheet.torn
        assert not sheet.finished


def forged(clear, sealed, before):
    """Return a line whose sum is right: sums need no key."""
    from appliance.storage.records import line_sum

    return b"\t".join((clear, sealed, line_sum(before, clear, sealed).encode())) + b"\n"


def parts_of(line):
    return line.rstrip(b"\n").split(b"\t")


def resummed(*pairs):
    data, before = b"", "0" * 64
    for clear, sealed in pairs:
        line = forged(clear, sealed, before)
        before = parts_of(line)[2].decode()
        data += line
    return data


def test_records_cannot_be_swapped_replayed_or_given_another_clear_part():
    mine = [tuple(parts_of(line)[:2]) for line in lines()]
    other = [tuple(parts_of(line)[:2]) for line in lines(salt=2)]  # the same call sealed another time
    later = [(clear.replace(b"2026-11-23T16:33:10", b"2026-11-23T16:34:10"), sealed) for clear, sealed in mine]
    assert later != mine
    assert parse(resummed(*mine), ID).unseal(KEY).closing == CLOSING
    for pairs in (
        (mine[0], mine[2], mine[1]),
        (mine[0], mine[2]),
        (mine[0], mine[1], mine[1], mine[2]),
        (mine[0], other[1], mine[2]),
        (mine[0], mine[1], other[2]),
        (other[0], mine[1], mine[2]),
        later,
    ):
        sheet = parse(resummed(*pairs), ID)
        with pytest.raises(SealBroken):
            sheet.unseal(KEY)


def test_a_sheet_under_another_recordings_name_is_refused():
    with pytest.raises(SealBroken, match="another recording"):
        parse(b"".join(lines()), CallId("2026-11-23T163300Z-1-000000"))


def test_a_sheet_that_does_not_begin_with_its_opening_is_refused():
    chain = LineChain(ID, KEY.seal_to)
    with pytest.raises(SealBroken, match="opening"):
        parse(chain.line(NoteClear(ID, SO_FAR.direction), SO_FAR), ID)


def test_a_time_without_an_offset_is_not_understood():
    mine = [tuple(parts_of(line)[:2]) for line in lines()]
    naive = mine[0][0].replace(b'2026-11-23T16:33:00Z"', b'2026-11-23T16:33:00"')
    assert naive != mine[0][0]
    with pytest.raises(SealBroken):
        parse(resummed((naive, mine[0][1])), ID)


def test_another_key_opens_nothing():
    with pytest.raises(SealBroken):
        parse(b"".join(lines()), ID).unseal(PrivateKey.generate())


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(0, 3))
def test_no_bytes_make_the_parser_crash_or_pass_for_a_record(junk, after):
    try:
        sheet = parse(b"".join(lines()[:after]) + junk, ID)
    except SealBroken:
        return
    assert len(sheet.lines) == after
    assert sheet.torn == (junk != b"")


def test_the_keeper_adds_records_with_the_public_key_alone(tmp_path):
    path = tmp_path / f"{ID}.meta"
    path.write_bytes(b"".join(lines()))
    remark = Later(AT + timedelta(days=1), "remark", {"text": "Asked for a copy"})
    rewrite(path, read_sheet(path).with_later(remark, KEY.seal_to))
    rewrite(path, read_sheet(path).with_later(remark, KEY.seal_to))
    sheet = read_sheet(path)
    assert sheet.unseal(KEY).later == (remark, remark)
    assert b"copy" not in path.read_bytes()
    with pytest.raises(SealBroken, match="same key"):
        sheet.with_later(remark, PrivateKey.generate().seal_to)


def test_a_sheet_sealed_to_another_key_says_the_same_and_the_old_key_no_longer_opens_it():
    other, sheet = PrivateKey.generate(), parse(b"".join(lines()), ID)
    again = parse(sheet.resealed(KEY, other.seal_to), ID)
    assert again.unseal(other) == sheet.unseal(KEY)
    assert again.opening.kid == other.kid
    assert [line.clear for line in again.lines[1:]] == [line.clear for line in sheet.lines[1:]]
    with pytest.raises(SealBroken):
        again.unseal(KEY)


def test_a_recording_without_a_closing_is_marked_as_cut_and_its_torn_end_dropped():
    parts = lines()
    sheet = parse(parts[0] + parts[1] + parts[2][:99], ID)
    again = parse(sheet.with_cut(CutClear(ID, AT, 29_000, 9.6), KEY.seal_to), ID)
    assert again.finished
    assert not again.torn
    assert again.closing is None
    assert again.cut.audio_bytes == 29_000
    assert again.unseal(KEY).notes == (SO_FAR,)
