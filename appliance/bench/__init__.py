"""Every figure of speed and accuracy that the project claims, each beside a peer or a floor measured in the same run.

A group is a module here with ``measure(quick, progress)``, which returns rows. Time is processor time, of this process
or of the peer's, so that a busy machine disturbs it little; ours and the peer's take turns, and the least is kept.
"""

from collections.abc import Callable

GROUPS = {
    "capture": "capture",
    "lines": "lines",
    "detector": "detector",
    "accuracy": "accuracy",
    "decoders": "decoders",
    "catalogue": "growth",
    "pages": "pages",
}
"""Names and modules below ``appliance.bench``, in the order they are measured."""

Progress = Callable[[str], None]
"""Told what is being measured now."""
