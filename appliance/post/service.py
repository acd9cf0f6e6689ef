"""The post as a process: looks at the alarms, sends what is due, and says how that goes."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from appliance.clock import Clock
from appliance.codec import read_json, to_json
from appliance.config import Config
from appliance.errors import PostFailed, SealBroken
from appliance.files import replace_durably, replace_quickly, usable_folder
from appliance.model.health import ALARMS_FILE, POST_FILE, AlarmRecord, PostTrouble
from appliance.post.letter import Letter
from appliance.post.mail import Mail
from appliance.post.outgoing import Outgoing, Sent
from appliance.post.webhook import Webhook
from appliance.service import Stopping, tell_systemd

log = logging.getLogger(__name__)

LOOK_S = 5.0
_KEPT = "sent.json"

TROUBLE_AFTER = 3
"""Failures in a row, two minutes, after which staff are told that alarms do not leave the box."""


class Way(Protocol):
    """A way out of the box."""

    name: str

    def send(self, letter: Letter) -> None:
        """Send a letter.

        Raises:
            PostFailed: it was not taken.
        """
        ...


@dataclass(slots=True)
class _Lane:
    way: Way
    outgoing: Outgoing
    trouble: str = ""


class PostService:
    """Every way out. ``look`` is one turn: it never waits for longer than a server takes to answer or to time out."""

    def __init__(self, alarms: Path, folder: Path, ways: Sequence[Way], clock: Clock) -> None:
        """Read the alarms at ``alarms``; keep what was sent in ``folder``.

        Raises:
            FolderUnusable: it cannot be written.
        """
        self._alarms, self._folder, self._clock = alarms, usable_folder(folder), clock
        kept = _kept(folder / _KEPT)
        self._lanes = [_Lane(way, Outgoing(kept.get(way.name, Sent()))) for way in ways]
        self._said: object = None

    def run(self, stopping: Stopping) -> None:
        """Look again and again until asked to stop."""
        tell_systemd("READY=1")
        while not stopping.asked():
            self.look()
            tell_systemd("WATCHDOG=1")
            stopping.wait(LOOK_S)

    def look(self) -> None:
        """Send what is due on every way."""
        records = self._records()
        for lane in self._lanes if records is not None else ():
            self._serve(lane, records or ())
        self._say()

    def _serve(self, lane: _Lane, records: Sequence[AlarmRecord]) -> None:
        before, now_s = lane.outgoing.sent, self._clock.monotonic()
        letter = lane.outgoing.due(records, self._clock.now().at, now_s)
        if letter:
            self._send(lane, letter)
        if lane.outgoing.sent != before:
            self._keep()

    def _send(self, lane: _Lane, letter: Letter) -> None:
        try:
            lane.way.send(letter)
        except PostFailed as wrong:
            if str(wrong) != lane.trouble:
                log.warning("%s: %s It is tried again.", lane.way.name, wrong)
            lane.trouble = str(wrong)
            lane.outgoing.failed(self._clock.monotonic())
        else:
            log.info("%s: a letter about %d alarms was sent", lane.way.name, len(letter.records))
            lane.trouble = ""
            lane.outgoing.went(letter, self._clock.now().at, self._clock.monotonic())

    def _records(self) -> tuple[AlarmRecord, ...] | None:
        """Return the alarms; None where they cannot be read: then nothing is sent, and nothing is taken for over."""
        try:
            return read_json(self._alarms, tuple[AlarmRecord, ...])
        except (SealBroken, OSError):
            log.warning("the list of alarms cannot be read")
            return None

    def _keep(self) -> None:
        """Keep what was sent; without, a restart would send it again, which is better than not at all."""
        kept = {lane.way.name: lane.outgoing.sent for lane in self._lanes}
        try:
            replace_durably(self._folder / _KEPT, to_json(kept))
        except OSError as wrong:
            log.error("what was sent cannot be kept: %s", wrong.strerror)

    def _say(self) -> None:
        """Tell the keeper what does not leave the box."""
        troubles = tuple(
            PostTrouble(lane.way.name, lane.trouble)
            for lane in self._lanes
            if lane.trouble and lane.outgoing.failures >= TROUBLE_AFTER
        )
        if troubles == self._said:
            return
        try:
            replace_quickly(self._folder / POST_FILE, to_json(troubles))
            self._said = troubles
        except OSError as wrong:
            log.error("the post's state cannot be written: %s", wrong.strerror)


def ways(config: Config, clock: Clock) -> list[Way]:
    """Return the ways that the settings name."""
    settings, box, found = config.alarms, config.web.name, list[Way]()
    if settings.mail_to:
        found.append(Mail(settings, box, clock))
    if settings.webhook:
        found.append(Webhook(settings, box))
    return found


def post_service(config: Config, clock: Clock) -> PostService:
    """Return the post of a box.

    Raises:
        FolderUnusable: its folder cannot be written.
    """
    folders = config.folders
    return PostService(folders.health / ALARMS_FILE, folders.post, ways(config, clock), clock)


def _kept(path: Path) -> dict[str, Sent]:
    try:
        return read_json(path, dict[str, Sent]) or {}
    except (SealBroken, OSError):
        log.warning("what was sent before is not known: alarms that stand are told again")
        return {}
