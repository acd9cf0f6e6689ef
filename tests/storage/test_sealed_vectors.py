"""The vectors of the format: what a reader must make of each, held against both readers here; the page's example."""

import base64
import io
import json
import re
from pathlib import Path

import pytest

from appliance.errors import SealBroken, SheetMistyped
from appliance.storage import recover
from appliance.storage.recovery import parse_sheet
from appliance.storage.sheet import parse
from appliance.storage.streamreader import StreamReader
from appliance.storage.unsealing import PrivateKey

VECTORS = Path(__file__).parents[1] / "vectors" / "sealed"
PAGE = Path(__file__).parents[2] / "docs" / "recording-format.md"


def vectors(name):
    return [pytest.param(vector, id=vector["name"]) for vector in json.loads((VECTORS / f"{name}.json").read_text())]


def genuine(reader, check):
    """Return the plaintext of every segment that opens."""
    got, step = b"", reader._segment - 16
    for index in range(reader._count):
        if index not in check.damaged:
            start = reader._starts(index)
            reader.seek(start)
            got += reader.read(min((step - 40 if index == 0 else step), reader.size - start))
    return got


@pytest.mark.parametrize("vector", vectors("streams"))
def test_a_stream_is_what_its_vector_says(vector):
    blob, key = io.BytesIO(bytes.fromhex(vector["stream"])), bytes.fromhex(vector["key"])
    associated = vector["associated"].encode()
    if vector["outcome"] == "refused":
        with pytest.raises(SealBroken):
            StreamReader(blob, key, associated, vector["segment"])
        return
    reader = StreamReader(blob, key, associated, vector["segment"])
    check = reader.check()
    assert list(check.damaged) == vector["damaged"]
    assert check.complete == (vector["outcome"] in ("whole", "damaged"))
    assert genuine(reader, check) == bytes.fromhex(vector["plain"])
    if vector["outcome"] == "whole":
        reader.seek(0)
        assert reader.read() == bytes.fromhex(vector["plain"])


@pytest.mark.parametrize("vector", vectors("sheets"))
def test_a_sheet_is_what_its_vector_says(vector):
    data, key = base64.b64decode(vector["sheet"]), PrivateKey(bytes.fromhex(vector["private"]))
    if vector["outcome"] == "damaged":
        with pytest.raises(SealBroken):
            parse(data, vector["id"])
        return
    sheet = parse(data, vector["id"])
    assert len(sheet.lines) == vector["records"]
    assert sheet.torn == (vector["outcome"] == "torn")
    if vector["outcome"] == "forged":
        with pytest.raises(SealBroken):
            sheet.unseal(key)
    else:
        assert sheet.unseal(key).opening.call_id == vector["id"]


@pytest.mark.parametrize("vector", [each for each in vectors("streams") if each.values[0]["segment"] == 1024])
def test_the_standalone_reader_makes_the_same_of_a_stream(vector, tmp_path):
    path = tmp_path / "stream"
    path.write_bytes(bytes.fromhex(vector["stream"]))
    stream = recover.Stream(path, bytes.fromhex(vector["key"]), vector["associated"].encode())
    assert b"".join(plain for _, plain in stream.plain()) == bytes.fromhex(vector["plain"])
    assert stream.complete
    assert stream.damaged == []


@pytest.mark.parametrize("vector", vectors("sheets"))
def test_the_standalone_reader_makes_the_same_of_a_sheet(vector, tmp_path):
    path, key = tmp_path / f"{vector['id']}.meta", PrivateKey(bytes.fromhex(vector["private"]))
    path.write_bytes(base64.b64decode(vector["sheet"]))
    try:
        records, whole = recover.read_sheet(path, {key.kid: key._key})
    except recover.Unrecoverable:
        assert vector["outcome"] in ("damaged", "forged")
        return
    assert whole == (vector["outcome"] == "whole")
    if vector["outcome"] in ("whole", "torn"):
        assert len(records) == vector["records"]


@pytest.mark.parametrize("vector", vectors("recovery-sheets"))
def test_a_recovery_sheet_is_what_its_vector_says(vector):
    if vector["outcome"] == "key":
        assert parse_sheet(vector["typed"]).raw().hex() == vector["key"]
        return
    with pytest.raises(SheetMistyped) as told:
        parse_sheet(vector["typed"])
    assert vector["outcome"] in str(told.value).lower()


def test_the_page_shows_the_vectors_it_speaks_of():
    page = re.sub(r"\s", "", PAGE.read_text())
    stream = json.loads((VECTORS / "streams.json").read_text())[0]
    sheet = json.loads((VECTORS / "sheets.json").read_text())[0]
    typed = json.loads((VECTORS / "recovery-sheets.json").read_text())[0]
    lines = base64.b64decode(sheet["sheet"]).decode().split("\n")
    for shown in (stream["stream"], stream["key"], sheet["private"], *lines[1].split("\t"), typed["typed"]):
        assert re.sub(r"\s", "", shown) in page
