"""``linekeeper run`` with somebody to tell of alarms: the post is a child of its own, and is kept running."""

import pytest
from living import LivingAppliance

from post.servers import Authority, HookServer
from waiting import eventually

pytestmark = [pytest.mark.realtime, pytest.mark.slow]

LINE = '[[line]]\nname = "Reception"\ncard = "usb:1-1.3"\n'


@pytest.fixture
def told(tmp_path):
    """A running appliance whose only card is not plugged in, and the server that is told of its alarms."""
    authority = Authority(tmp_path)
    server = HookServer(authority.context())
    alarms = f'[alarms]\nwebhook = "https://127.0.0.1:{server.port}/hook"\nauthority_file = "{authority.file}"\n'
    appliance = LivingAppliance(tmp_path, LINE + alarms, recording=False)
    appliance.start()
    yield appliance, server
    appliance.stop()
    server.close()


def test_an_alarm_of_a_line_reaches_a_real_webhook_and_the_post_is_started_again(told):
    appliance, server = told
    begun = eventually(
        lambda: [one for post in server.said() for one in post["began"] if one["key"] == "line"],
        "the line's alarm is posted",
        60.0,
    )
    assert "Reception is not being recorded" in begun[0]["text"]
    assert appliance.kill("post") < 10
    assert appliance.stop() == 0
    assert "post did not end" not in appliance.words.read_text()
