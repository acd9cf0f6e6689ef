"""Which acts of the journal go together on a page."""

from collections.abc import Mapping
from types import MappingProxyType

from appliance.link.messages.records import Kind
from appliance.storage.journalline import Act

KINDS: Mapping[Kind, frozenset[Act]] = MappingProxyType(
    {
        Kind.LISTENING: frozenset(
            {Act.LISTENED, Act.SEARCHED, Act.SHARED, Act.SHARE_WITHDRAWN, Act.LABELLED, Act.MADE_TO_BE_HEARD}
        ),
        Kind.DELETIONS: frozenset(
            {Act.EXPIRED, Act.RESTORED, Act.DESTROYED, Act.DELETIONS_ALLOWED, Act.KEY_DESTROYED, Act.CASE_DESTROYED}
        ),
        Kind.HOLDS: frozenset({Act.HOLD_PLACED, Act.HOLD_RELEASED, Act.RESTORED}),
        Kind.DISCLOSURES: frozenset(
            {Act.CASE_LOGGED, Act.CASE_CHANGED, Act.CASE_SEARCHED, Act.MADE_TO_BE_HEARD, Act.COPY_MADE, Act.COPY_TAKEN}
        ),
        Kind.SETTINGS: frozenset(
            {
                Act.SET_UP,
                Act.PRACTICE_CHANGED,
                Act.RETENTION_PROPOSED,
                Act.RETENTION_CHANGED,
                Act.RETENTION_WITHDRAWN,
                Act.CLOCK_CONFIRMED,
                Act.DELETIONS_ALLOWED,
                Act.KEY_MADE,
                Act.PAUSE_ASKED,
                Act.RECORDING_PAUSED,
                Act.RESUME_ASKED,
                Act.RECORDING_RESUMED,
                Act.OBJECTION_ASKED,
                Act.CALLER_OBJECTED,
                Act.PUT_BACK,
                Act.BACKUP_CHECKED,
                Act.UPDATE_UPLOADED,
            }
        ),
        Kind.PEOPLE: frozenset(
            {
                Act.PERSON_ADDED,
                Act.PERSON_RENAMED,
                Act.ROLE_CHANGED,
                Act.PERSON_DISABLED,
                Act.PERSON_ENABLED,
                Act.PASSWORD_RESET,
                Act.FACTOR_RESET,
                Act.PASSWORD_CHANGED,
                Act.FACTOR_CHANGED,
                Act.CODES_RENEWED,
                Act.RESCUED,
            }
        ),
        Kind.SIGN_INS: frozenset({Act.SIGNED_IN, Act.SIGN_IN_REFUSED, Act.SIGNED_OUT, Act.SESSION_ENDED, Act.REFUSED}),
    }
)
"""The acts of each kind; one may belong to several. What the box does for itself belongs to none."""
