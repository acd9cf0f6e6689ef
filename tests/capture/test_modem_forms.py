"""Which of a modem's forms of sound is taken, and that each becomes the samples it stands for (ITU-T G.711, V.253)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.capture.modem.forms import Coding, Form, offered
from appliance.capture.simulator.modem import CONEXANT, LINEAR, coded


@pytest.mark.parametrize(
    ("line", "coding"),
    [
        ('128,"8-BIT LINEAR",8,0,(7200,8000,11025)(0)(0)', Coding.UNSIGNED_8),
        ('129,"16-BIT LINEAR",16,0,(7200,8000,11025)(0)(0)', Coding.LINEAR_16),
        ('130,"8-BIT ALAW",8,0,(8000)(0)(0)', Coding.A_LAW),
        ('131,"8-BIT ULAW",8,0,(8000)(0)(0)', Coding.MU_LAW),
        ('4,"G.711U",8,0,8000,0,0', Coding.MU_LAW),
        ('5,"G.711A",8,0,8000,0,0', Coding.A_LAW),
        ('0,"SIGNED PCM",8,0,8000,0,0', Coding.SIGNED_8),
        ('1,"UNSIGNED PCM",8,0,4800-11025,0,0', Coding.UNSIGNED_8),
        ('9,"\u00b5-LAW",8,0,8000', Coding.MU_LAW),
    ],
)
def test_makers_names_are_understood(line, coding):
    number = int(line.split(",")[0])
    assert offered([line]) == [Form(number, coding)]


@pytest.mark.parametrize(
    "line",
    [
        '129,"IMA ADPCM",4,0,(7200,8000,11025),0,0',
        '140,"2 Bit ADPCM",8,0,8000',
        '128,"8-BIT LINEAR",8,0,(7200,11025)(0)(0)',
        '1,"UNSIGNED PCM",8,0,9600-11025,0,0',
        '7,"SOMETHING ELSE",8,0,8000',
        "OK",
        "",
    ],
)
def test_what_cannot_be_read_is_not_taken(line):
    assert offered([line]) == []


def test_the_best_form_comes_first():
    assert [form.coding for form in offered([*CONEXANT, *LINEAR])] == [
        Coding.LINEAR_16,
        Coding.MU_LAW,
        Coding.UNSIGNED_8,
        Coding.UNSIGNED_8,
        Coding.SIGNED_8,
    ]


@given(st.text(max_size=80))
def test_no_answer_breaks_the_reader(line):
    assert isinstance(offered([line]), list)


@pytest.mark.parametrize(
    ("coding", "wire", "value"),
    [
        (Coding.LINEAR_16, b"\x00\x80", -1.0),
        (Coding.LINEAR_16, b"\xff\x7f", 32767 / 32768),
        (Coding.UNSIGNED_8, b"\x80", 0.0),
        (Coding.UNSIGNED_8, b"\x00", -1.0),
        (Coding.SIGNED_8, b"\x80", -1.0),
        (Coding.MU_LAW, b"\xff", 0.0),
        (Coding.MU_LAW, b"\x80", 32124 / 32768),
        (Coding.MU_LAW, b"\x00", -32124 / 32768),
        (Coding.A_LAW, b"\xd5", 8 / 32768),
        (Coding.A_LAW, b"\xaa", 32256 / 32768),
        (Coding.A_LAW, b"\x2a", -32256 / 32768),
    ],
)
def test_a_code_is_the_value_that_the_standard_gives_it(coding, wire, value):
    assert Form(1, coding).samples(wire).tolist() == pytest.approx([value])


@pytest.mark.parametrize(
    ("coding", "snr_db"),
    [(Coding.LINEAR_16, 80), (Coding.MU_LAW, 33), (Coding.A_LAW, 33), (Coding.UNSIGNED_8, 35), (Coding.SIGNED_8, 35)],
)
def test_a_tone_survives_each_form_as_well_as_the_form_allows(coding, snr_db):
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)).astype(np.float32)
    again = Form(1, coding).samples(coded(tone, coding))
    noise = np.mean((again - tone) ** 2)
    assert 10 * np.log10(np.mean(tone**2) / noise) > snr_db
    assert again.dtype == np.float32
