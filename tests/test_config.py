"""The configuration file: what is accepted, and how a mistake is named."""

import tomllib

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from appliance.config import Config, LampPins, LineConfig, SimulatorConfig, Tap, WebConfig, load, parse, to_toml_values
from appliance.errors import ConfigWrong


def wrong(text: str) -> str:
    with pytest.raises(ConfigWrong) as raised:
        parse(tomllib.loads(text), "box.toml")
    return str(raised.value)


def test_an_empty_file_is_the_defaults():
    assert parse({}) == Config()


def test_a_mistyped_table_names_the_nearest_known_one():
    assert "“lines” is not known. Did you mean “line”?" in wrong("[[lines]]\nname = 'a'")


def test_a_mistyped_key_inside_a_line_names_the_nearest_known_one():
    assert "“line.chanel” is not known. Did you mean “channel”?" in wrong("[[line]]\nname='a'\ncard='c'\nchanel=1")


def test_a_mistyped_pin_is_found_at_any_depth():
    assert "“line.lamp.gren”" in wrong("[[line]]\nname='a'\ncard='c'\nlamp={red=1, gren=2}")


def test_a_key_like_no_other_lists_what_is_known():
    assert "Known here: listen, port, name." in wrong("[web]\nxyzzy = 1")


def test_a_value_of_the_wrong_kind_names_the_place():
    assert "“line 2, channel”" in wrong("[[line]]\nname='a'\ncard='c'\n[[line]]\nname='b'\ncard='c'\nchannel='left'")


def test_a_line_on_a_card_must_name_the_card():
    assert "line 1 (“Reception”) needs “card”" in wrong("[[line]]\nname='Reception'")


def test_two_lines_may_not_share_a_name():
    text = "[[line]]\nname='a'\ntap='simulated'\n[[line]]\nname='a'\ntap='simulated'"
    assert "two lines are called “a”" in wrong(text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigWrong, match=r"nowhere.toml cannot be read"):
        load(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_toml_is_named(tmp_path):
    path = tmp_path / "box.toml"
    path.write_text("[[line]\n")
    with pytest.raises(ConfigWrong, match=r"box.toml is not TOML"):
        load(path)


lines = st.builds(
    LineConfig,
    name=st.text(min_size=1, max_size=20),
    tap=st.just(Tap.SIMULATED),
    channel=st.integers(0, 7),
    hook_pin=st.none() | st.integers(0, 27),
    lamp=st.none() | st.builds(LampPins, st.integers(0, 27), st.integers(0, 27)),
)


@given(
    st.builds(
        Config,
        line=st.lists(lines, max_size=4, unique_by=lambda line: line.name).map(tuple),
        simulator=st.builds(SimulatorConfig, speed=st.floats(0.1, 1000), seed=st.integers(0, 2**31)),
        web=st.builds(WebConfig, port=st.integers(1, 65535)),
    )
)
def test_what_is_written_for_the_processes_is_read_back_the_same(config):
    assert parse(tomllib.loads(tomli_w.dumps(to_toml_values(config)))) == config
