"""The site's workers on a board that is slow or busy."""

import os
import signal
import socket
import subprocess
import sys

SLOW = """
import sys, time
from pathlib import Path
from appliance.config import Config
from appliance.web import serving

make, folder = serving.make_app, Path(sys.argv[1])

def slowly(*arguments):
    time.sleep(2)
    (folder / "made").touch()
    return make(*arguments)

serving.make_app = slowly
(folder / "run").mkdir()
serving.Serving(Config(folder=folder)).run()
"""


def test_systemd_is_told_that_the_site_serves_once_it_has_been_made(tmp_path):
    """Told before, whoever asks waits for nginx to lose its patience, and the check after an update looks too early."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(tmp_path / "notify"))
        notify.settimeout(60)
        process = subprocess.Popen(
            [sys.executable, "-c", SLOW, str(tmp_path)],
            env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")},
            stderr=subprocess.DEVNULL,
        )
        try:
            assert b"READY=1" in notify.recv(1000)
            assert (tmp_path / "made").exists()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
