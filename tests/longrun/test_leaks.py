"""The look through a box's files finds what no file may hold, and says so without saying it again."""

import pytest

from longrun import leaks

SECRETS = {"violet harbour 72 lantern": "a password"}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("log", b"signing in with violet harbour 72 lantern", "a password"),
        ("catalogue.json", b'{"number": "01632960846"}', "1 telephone numbers"),
        ("log", b"called +441632960846, then 00441632960846", "2 telephone numbers"),
        ("a.audio", b"\x00OggS\x00", "sound in clear"),
    ],
)
def test_what_no_file_may_hold_is_found_and_not_repeated(tmp_path, name, content, words):
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / name).write_bytes(content)
    (found,) = leaks.of_secrets([tmp_path], SECRETS, {"01632960846"})
    assert name in found
    assert words in found
    assert "violet" not in found
    assert "960846" not in found


def test_what_files_may_hold_is_no_finding(tmp_path):
    (tmp_path / "journal").write_text('{"call":"2026-11-23T163300Z-1-7f3a9c","sum":"1632960846f00"} 1790000000000')
    (tmp_path / "b.audio").write_bytes(bytes(range(256)))
    assert leaks.of_secrets([tmp_path], SECRETS, {"02079460123", "999"}) == []
