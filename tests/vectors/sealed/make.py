"""Makes the vectors beside it anew; only for a new format, as they are meant to stay.

Streams marked ``tink`` were written by Google's library. Every vector states what a reader must make of it.
"""

import base64
import hashlib
import json
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "storage"))

from sealed import KeptBytes, a_closing, an_opening, sealed_stream, tink_stream  # noqa: E402

from appliance.model.calls import Direction  # noqa: E402
from appliance.storage.records import (  # noqa: E402
    CallSoFar,
    LineChain,
    NoteClear,
    OpeningSecret,
    clear_of_closing,
    clear_of_opening,
)
from appliance.storage.recovery import sheet_text  # noqa: E402
from appliance.storage.sealing import SealTo  # noqa: E402
from appliance.storage.unsealing import PrivateKey  # noqa: E402

CALL = "2026-11-23T163300Z-1-7f3a9c"
KEY = bytes(range(32))


def stream(name, blob, outcome, plain=b"", damaged=(), segment=64, by="linekeeper"):
    return {
        "name": name,
        "by": by,
        "key": KEY.hex(),
        "associated": CALL,
        "segment": segment,
        "stream": blob.hex(),
        "outcome": outcome,
        "plain": plain.hex(),
        "damaged": list(damaged),
    }


def flipped(blob, at):
    bad = bytearray(blob)
    bad[at] ^= 1
    return bytes(bad)


def by_tink(plain, segment=64):
    sink = KeptBytes()
    with tink_stream(KEY, segment).new_encrypting_stream(sink, CALL.encode()) as target:
        target.write(plain)
    return sink.kept


def streams():
    chance = random.Random(1)
    aad = CALL.encode()
    long = chance.randbytes(150)  # segments of 64: 8 in the first, 48 in each one after
    blob = sealed_stream(long, KEY, aad, 64)
    cut = sealed_stream(long, KEY, aad, 64, end=False)
    yield stream("the worked example of docs/recording-format.md", sealed_stream(b"OggS", KEY, aad), "whole", b"OggS",
                 segment=1024)  # fmt: skip
    for size in (0, 1, 8, 9, 56, 57, 150):
        yield stream(f"{size} bytes", sealed_stream(long[:size], KEY, aad, 64), "whole", long[:size])
        yield stream(f"{size} bytes by tink", by_tink(long[:size]), "whole", long[:size], by="tink")
    yield stream("1 KiB segments by tink", by_tink(long * 15, 1024), "whole", long * 15, segment=1024, by="tink")
    yield stream("never ended", cut, "incomplete", long[: 8 + 2 * 48])
    yield stream("cut inside the last segment", blob[:-1], "incomplete", long[: 8 + 2 * 48])
    yield stream("cut between two segments", blob[:128], "incomplete", long[: 8 + 48])
    yield stream("cut inside the first segment", blob[:60], "incomplete", b"")
    yield stream("the header alone", blob[:40], "incomplete", b"")
    yield stream("one byte after the end of a full last segment", sealed_stream(long[:56], KEY, aad, 64) + b"\0",
                 "incomplete", long[:56])  # fmt: skip
    yield stream("one bit of the middle segment", flipped(blob, 70), "damaged", long[:8] + long[56:], [1])
    yield stream("one bit of the first segment", flipped(blob, 41), "damaged", long[8:], [0])
    yield stream("one bit of the last segment", flipped(blob, -1), "incomplete", long[: 8 + 2 * 48])
    yield stream("two segments swapped", blob[:64] + blob[128:192] + blob[64:128] + blob[192:], "damaged",
                 long[:8] + long[104:], [1, 2])  # fmt: skip
    yield stream("the last segment dropped and its flag lost", blob[:192], "incomplete", long[: 8 + 2 * 48])
    yield stream("half a header", blob[:39], "refused")
    yield stream("another first byte", b"\x29" + blob[1:], "refused")
    yield stream("one bit of the salt", flipped(blob, 5), "refused")
    yield stream("one bit of the nonce prefix", flipped(blob, 35), "refused")
    yield stream("nothing", b"", "refused")
    yield {**stream("another recording's id", blob, "refused"), "associated": CALL[:-1] + "d"}
    yield {**stream("another key", blob, "refused"), "key": bytes(32).hex()}


def sheet_lines(key, opening):
    chain, so_far = LineChain(opening.call_id, key), CallSoFar(Direction.IN, opening.caller, None, True)
    closing = a_closing(opening, 4, 1.0)
    return [
        chain.line(clear_of_opening(opening, key), OpeningSecret(KEY, opening)),
        chain.line(NoteClear(opening.call_id, so_far.direction), so_far),
        chain.line(clear_of_closing(opening.call_id, closing), closing),
    ]


def sheets():
    private = PrivateKey(hashlib.sha256(b"linekeeper test vectors").digest())
    opening, other = an_opening(), an_opening(at=datetime(2026, 11, 23, 16, 33, tzinfo=UTC) + timedelta(days=1))
    one, two, three = sheet_lines(private.seal_to, opening)

    def sheet(name, data, outcome, records=0, call=CALL):
        return {"name": name, "private": private.raw().hex(), "id": call, "outcome": outcome, "records": records,
                "sheet": base64.b64encode(data).decode()}  # fmt: skip

    swapped = one.replace(b'"line":1', b'"line":2')
    yield sheet("the worked example of docs/recording-format.md", one + two + three, "whole", 3)
    yield sheet("a call going on", one + two, "whole", 2)
    yield sheet("the last line torn", one + two + three[:200], "torn", 2)
    yield sheet("the last line zeros", one + two + bytes(300), "torn", 2)
    yield sheet("a last line of which a page is zeros", one + two + bytes(512) + three[512:], "torn", 2)
    yield sheet("one bit of a middle line", one + flipped(two, 30) + three, "damaged")
    yield sheet("a line left out", one + three, "damaged")
    yield sheet("two lines swapped", one + three + two, "damaged")
    yield sheet("a line twice", one + two + two + three, "damaged")
    yield sheet("the clear part changed and the sum left", swapped + two + three, "damaged")
    yield sheet("the opening torn", one[:100], "damaged")
    yield sheet("nothing", b"", "damaged")
    yield sheet("another recording's name", one + two + three, "damaged", call=other.call_id)
    yield sheet("the clear part changed and every sum made to fit", fitted(swapped, two, three), "forged", 3)
    stranger = SealTo(PrivateKey(bytes(range(1, 33))).seal_to.public)
    yield sheet("sealed to another key", b"".join(sheet_lines(stranger, opening)), "forged", 3)


def fitted(*lines):
    total, data = "0" * 64, b""
    for line in lines:
        clear, sealed, _ = line.rstrip(b"\n").split(b"\t")
        total = hashlib.sha256(total.encode() + b"\n" + clear + b"\t" + sealed).hexdigest()
        data += b"\t".join((clear, sealed, total.encode())) + b"\n"
    return data


def recovery_sheets():
    key = bytes(range(32))
    text = sheet_text(PrivateKey(key))
    for name, typed, outcome in (
        ("as printed", text, "key"),
        ("in small letters with spaces", text.lower().replace("-", " "), "key"),
        ("in one piece", text.replace("-", ""), "key"),
        ("zero for O, one for I, eight for B", text.replace("O", "0").replace("I", "1").replace("B", "8"), "key"),
        ("one character changed", text[:-1] + ("A" if text[-1] != "A" else "C"), "group 18"),
        ("a nine, which is never there", "9" + text[1:], "group 1"),
        ("the first two groups swapped", text[5:10] + text[:5] + text[10:], "group 1"),
        ("the last group missing", text[:-5], "17"),
    ):
        yield {"name": name, "typed": typed, "outcome": outcome, "key": key.hex() if outcome == "key" else ""}


def main():
    for name, made in (("streams", streams()), ("sheets", sheets()), ("recovery-sheets", recovery_sheets())):
        (HERE / f"{name}.json").write_text(json.dumps(list(made), indent=1) + "\n")


if __name__ == "__main__":
    main()
