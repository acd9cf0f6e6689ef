"""Runs in the booted box, from the test's own disk: does what the test asks through a virtual serial port."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

PORT = Path("/dev/virtio-ports/proof")


def main() -> None:
    """Answer each line: the exit code and what was said."""
    port = os.open(PORT, os.O_RDWR)
    waiting = b""
    while True:
        data = os.read(port, 65536)
        if not data:
            time.sleep(0.1)  # nobody is connected
            continue
        *lines, waiting = (waiting + data).split(b"\n")
        for line in lines:
            answer = memoryview(json.dumps(answered(line)).encode() + b"\n")
            while answer:
                answer = answer[os.write(port, answer) :]


def answered(line: bytes) -> dict[str, Any]:
    """Do what a line asks; one that a restart has cut is passed over."""
    try:
        wish = json.loads(line)
    except ValueError:
        return {}
    return {"id": wish["id"], **done(wish)}


def done(wish: dict[str, Any]) -> dict[str, Any]:
    """Run the shell command of ``wish``; one that outlives the test's patience is left running."""
    if wish.get("leave"):
        subprocess.Popen(["/bin/sh", "-c", wish["run"]], stdin=subprocess.DEVNULL, start_new_session=True)
        return {"code": 0, "out": ""}
    ended = subprocess.run(
        ["/bin/sh", "-c", wish["run"]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return {"code": ended.returncode, "out": ended.stdout.decode(errors="replace")}


if __name__ == "__main__":
    main()
