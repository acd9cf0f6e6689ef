"""What the routes work with: the way to the keeper, and the few things remembered in memory."""

import threading
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, cast

from flask import current_app

from appliance.clock import LONDON, Clock
from appliance.config import Config
from appliance.link.client import Link
from appliance.link.messages import Request
from appliance.link.messages.base import Message
from appliance.link.messages.calls import CallQuery
from appliance.link.messages.people import PersonAdded
from appliance.link.messages.setup import FinishSetup, TotpOffer
from appliance.web.access import Access
from appliance.web.shelf import Shelf

R = TypeVar("R", bound=Message)

_NAME = "linekeeper"


@dataclass(frozen=True, slots=True)
class SetupDraft:
    """The first page of set-up, filled in: ``finish`` lacks only the code of the second factor, which ``uri`` shows."""

    finish: FinishSetup
    uri: str


@dataclass(frozen=True, slots=True)
class Parts:
    """One site's parts. ``stopping`` is set once the process has been told to end."""

    config: Config
    clock: Clock
    link: Link
    access: Access
    stopping: threading.Event
    streams: threading.BoundedSemaphore
    searches: Shelf[CallQuery]
    drafts: Shelf[SetupDraft]
    additions: Shelf[PersonAdded]
    codes: Shelf[tuple[str, ...]]
    phones: Shelf[TotpOffer]

    def put_into(self, extensions: dict[str, object]) -> None:
        """Make these the parts of an application."""
        extensions[_NAME] = self


def parts() -> Parts:
    """Return the parts of the application that answers this request."""
    return cast("Parts", current_app.extensions[_NAME])


def today() -> date:
    """Return the day it is in the practice."""
    return parts().clock.now().at.astimezone(LONDON).date()


def ask(request: Request, kind: type[R]) -> R:
    """Ask the keeper.

    Raises:
        LinkBroken: it does not answer. LinekeeperError: it refuses, by its own class.
    """
    return parts().link.ask(request, kind)
