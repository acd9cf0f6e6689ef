"""The journal's acts in words that a practice manager reads."""

from appliance.model.holds import HoldReason
from appliance.model.people import Purpose
from appliance.storage.journalline import Act, JournalLine

_PURPOSES: dict[str, str] = {
    Purpose.TRAINING: "staff training",
    Purpose.PROTECT_STAFF: "protecting staff from abuse or nuisance",
    Purpose.BOTH_PARTIES: "protecting both parties",
    Purpose.FACTS: "establishing facts",
    Purpose.PROCESSES: "improving how the practice works",
}

_REASONS: dict[str, str] = {
    HoldReason.COMPLAINT: "a complaint",
    HoldReason.REQUEST: "a request for access",
    HoldReason.POLICE: "the police or a court",
    HoldReason.CLAIM: "a claim",
    HoldReason.OTHER: "another reason",
}

_WORDS: dict[str, str] = {
    Act.SET_UP_BEGUN: "Set-up was begun from {address}",
    Act.SET_UP: "The box was set up",
    Act.SIGNED_IN: "Signed in from {address}",
    Act.SIGN_IN_REFUSED: "A sign-in was refused for {account}, from {address}",
    Act.SIGNED_OUT: "Signed out",
    Act.SESSION_ENDED: "The session of {account} was ended",
    Act.LISTENED: "Listened, for {purpose}",
    Act.SEARCHED: "Searched: {found} calls found",
    Act.HOLD_PLACED: "Placed a legal hold because of {reason}",
    Act.HOLD_RELEASED: "Released a legal hold that was placed because of {reason}",
    Act.EXPIRED: "Kept for {rule}: put in the trash for 7 days",
    Act.RESTORED: "Brought back from the trash: it is on legal hold",
    Act.DESTROYED: "Destroyed: it was kept for {rule}, and no hold stood on it",
    Act.REFUSED: "Was refused: {request}",
    Act.PERSON_ADDED: "Added {account} as {role}",
    Act.PERSON_RENAMED: "Gave {account} another name",
    Act.ROLE_CHANGED: "Changed the role of {account} from {before} to {role}",
    Act.PERSON_DISABLED: "Lets {account} sign in no more",
    Act.PERSON_ENABLED: "Lets {account} sign in again",
    Act.PASSWORD_RESET: "Gave {account} a new password",
    Act.FACTOR_RESET: "Gave {account} a new second factor",
    Act.PASSWORD_CHANGED: "Changed their own password",
    Act.FACTOR_CHANGED: "Changed their own second factor",
    Act.CODES_RENEWED: "Made their own recovery codes anew",
    Act.RESCUED: "{account} was let in again with the recovery sheet, from {address}",
    Act.SHARED: "Shared with {account} until {until}",
    Act.SHARE_WITHDRAWN: "Took back what was shared with {account}",
    Act.LABELLED: "Changed the tags, the note or who took the call",
    Act.CASE_LOGGED: "Logged {case}",
    Act.CASE_CHANGED: "{case}: {did}",
    Act.CASE_SEARCHED: "{case}: looked for calls, {found} found and held",
    Act.CASE_DESTROYED: "The record of {case} was destroyed, {years} years after it was closed",
    Act.MADE_TO_BE_HEARD: "{case}: this call was made ready to be played to the requester, {cuts} parts cut",
    Act.COPY_MADE: "{case}: a copy of this call was made ({sha256})",
    Act.COPY_TAKEN: "{case}: the copy was taken out of the box ({sha256})",
    Act.PRACTICE_CHANGED: "Changed the practice's name or contact",
    Act.RETENTION_PROPOSED: "Proposed that recordings be kept {months} months instead of {before}, because: {reason}",
    Act.RETENTION_CHANGED: "Agreed that recordings be kept {months} months instead of {before}",
    Act.RETENTION_WITHDRAWN: "Dropped the proposal that recordings be kept {months} months",
    Act.KEY_DESTROYED: "The key of {month} was destroyed: nothing sealed to it is left",
    Act.CLOCK_CONFIRMED: "Said that the box's date is right: {date}",
    Act.DELETIONS_ALLOWED: "Let up to {count} recordings be deleted at once",
    Act.KEY_MADE: "A new recording key was made for the month",
    Act.BACKUP_BEGUN: "A backup was begun",
    Act.BACKUP_CHECKED: "Had the backup looked through: {recordings} recordings seen, {faults} at fault",
    Act.BACKED_UP: "Backed up: {recordings} recordings there, {removed} destroyed ones removed from it",
    Act.UPDATE_UPLOADED: "Uploaded an update ({bytes} bytes); the box checks whether its maker has signed it",
    Act.PAUSE_ASKED: "Asked for recording to be paused on line {line}",
    Act.RESUME_ASKED: "Asked for recording to go on on line {line}",
    Act.OBJECTION_ASKED: "Said that the caller on line {line} objects to being recorded",
    Act.RECORDING_PAUSED: "Recording was paused on line {line}, by {by}",
    Act.RECORDING_RESUMED: "Recording is no longer paused on line {line}",
    Act.CALLER_OBJECTED: "The rest of the call on line {line} is not recorded: the caller objected, told by {by}",
    Act.ALARM_ACKNOWLEDGED: "Saw to the alarm “{alarm}” of {since}",
    Act.PUT_BACK: "Everything was put back from the backup of {made_at}",
    Act.STARTED: "The keeper started",
    Act.STOPPED: "The keeper stopped",
    Act.REPAIRED: "A line torn by a power cut was removed ({bytes} bytes)",
    Act.RESUMED: "The journal does not add up after entry {after}; it goes on in a new file",
    Act.LISTENING_KEPT: "Kept the record of when each line was listened to: {gaps} gaps, {seconds} s ({sum})",
    Act.CHECKPOINT: "Checkpoint: the records up to here were signed",
}


class _Facts(dict[str, str]):
    """What a line holds; a fact that an older release did not write is left open."""

    def __missing__(self, _name: str) -> str:
        return "(not recorded)"


def in_words(line: JournalLine) -> str:
    """Return what a line says."""
    facts = _Facts(line.more)
    facts["purpose"] = _PURPOSES.get(facts["purpose"], facts["purpose"])
    facts["reason"] = _REASONS.get(facts["reason"], facts["reason"])
    words = _WORDS.get(line.act)
    return words.format_map(facts) if words else line.act
