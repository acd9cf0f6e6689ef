"""Every request the site may make of the keeper, and what comes back.

A request that needs somebody signed in carries their session ``token``; the keeper checks the role at each one, so a
site that was broken into can do no more than the people who are signed in at that moment. Refusals come back as a
``Refused`` with the name of the error and its words; the client raises it again.
"""

from appliance.link.messages import (
    announcing,
    backup,
    base,
    call,
    calls,
    cases,
    health,
    hearings,
    holds,
    lines,
    network,
    packs,
    people,
    records,
    sessions,
    settings,
    setup,
    shares,
    updates,
    wishes,
)

VERSION = 1
"""Of this protocol; both ends are of one release, so a difference is an error, not a negotiation."""

Request = (
    setup.Request
    | sessions.Request
    | people.Request
    | lines.Request
    | calls.Request
    | call.Request
    | holds.Request
    | records.Request
    | shares.Request
    | settings.Request
    | backup.Request
    | updates.Request
    | health.Request
    | announcing.Request
    | wishes.Request
    | network.Request
    | cases.Request
    | packs.Request
    | hearings.Request
)

Reply = (
    base.Reply
    | setup.Reply
    | sessions.Reply
    | people.Reply
    | lines.Reply
    | calls.Reply
    | call.Reply
    | holds.Reply
    | records.Reply
    | shares.Reply
    | settings.Reply
    | backup.Reply
    | updates.Reply
    | health.Reply
    | announcing.Reply
    | network.Reply
    | cases.Reply
    | packs.Reply
    | hearings.Reply
)
