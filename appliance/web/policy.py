"""Browsers' reports that a page broke its content policy: counted in the log, and nothing of them repeated there."""

import logging

from flask import Blueprint, request

log = logging.getLogger(__name__)

blueprint = Blueprint("policy", __name__)


@blueprint.post("/csp")
def report() -> tuple[str, int]:
    """Take one report. Its words are the sender's, so the log gets only that there was one and its length."""
    log.warning("a browser reported a break of the content policy (%d bytes)", request.content_length or 0)
    return "", 204
