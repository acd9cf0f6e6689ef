"""Every error the appliance raises by name.

One tree, named after what happened. The text of an error says what happened and what to do about it, and never
holds a telephone number, a person's name or key material: it may reach a log line or a page.
"""


class LinekeeperError(Exception):
    """The root: something the appliance foresaw. ``exit_code`` is what the command line ends with."""

    exit_code = 1


class UsageWrong(LinekeeperError):
    """The command was called in a way it cannot understand."""

    exit_code = 2


class ConfigWrong(UsageWrong):
    """The configuration file cannot be used; the text names the line or key and the nearest known one."""


class FolderUnusable(LinekeeperError):
    """A folder that must be writable is missing, read-only or somebody else's."""


class AddressInUse(LinekeeperError):
    """Another program already listens where the site should."""


class LineFault(LinekeeperError):
    """A line cannot be heard now: unplugged, stalled, no such card, refused by the driver."""


class NoSuchLine(LinekeeperError):
    """There is no line of that number."""


class LineEnded(LinekeeperError):
    """A line that has an end (a sound file) has reached it. Not a fault."""


class AudioUnreadable(LinekeeperError):
    """A sound file is not one, or is cut short, or has a form that cannot be a line."""


class SealBroken(LinekeeperError):
    """Sealed bytes fail their check: changed, swapped, or opened with the wrong key."""

    exit_code = 3


class SealIncomplete(SealBroken):
    """Sealed bytes are genuine but the authenticated end is missing: a power cut or a truncation."""


class JournalBroken(LinekeeperError):
    """The journal does not add up after the entry the text names."""

    exit_code = 3


class JournalRefused(LinekeeperError):
    """A journal line could not be written, so the act it describes was not done."""


class BackupRefused(LinekeeperError):
    """A backup or a restore cannot be made there or now; nothing that was there before is harmed."""


class UpdateRefused(LinekeeperError):
    """An update cannot be taken here, so or now; the programs that run are as they were."""


class BackupDamaged(LinekeeperError):
    """A backup does not say what was written into it: a failing disk, or somebody has changed it."""

    exit_code = 3


class VaultLocked(LinekeeperError):
    """Nobody entitled is signed in, so the key that would open this is not in memory."""


class NoSuchCall(LinekeeperError):
    """There is no such call, or it is not this person's to see: the two are told apart by nobody."""


class NoSuchAlarm(LinekeeperError):
    """There is no alarm of that number any more: the book keeps the latest only."""


class NoSuchCase(LinekeeperError):
    """There is no such case, or it is not this person's to see: the two are told apart by nobody."""


class NoCallOnLine(LinekeeperError):
    """A pause or an objection was asked for a line on which no call is in progress."""


class PostFailed(LinekeeperError):
    """A message about alarms was not taken by the server that was to bring it on; it is tried again."""


class RecordingHeld(LinekeeperError):
    """A recording on legal hold was about to be destroyed. It was not."""


class HoldTooLate(LinekeeperError):
    """A hold was asked for a recording that has already been destroyed."""


class SignInRefused(LinekeeperError):
    """The name, the password or the code is wrong; which of them is told to nobody."""


class SignInThrottled(SignInRefused):
    """Too many tries. ``wait_s`` is how long until the next one is heard."""

    def __init__(self, text: str, wait_s: int) -> None:
        """Say ``text``; ``wait_s`` in whole seconds."""
        super().__init__(text)
        self.wait_s = wait_s


class ShareRefused(LinekeeperError):
    """A call cannot be shared so: with that person, for that long, or that stretch of it."""


class LabelWrong(LinekeeperError):
    """A tag, note or handler is too long, or there are too many tags."""


class SettingRefused(LinekeeperError):
    """A setting cannot be that, or a second person has not agreed to it."""


class NotSignedIn(LinekeeperError):
    """There is no such session any more: never opened, signed out, idle too long, or the box restarted."""


class NotAllowed(LinekeeperError):
    """The person is signed in, but their role may not do this."""


class FreshSignInNeeded(NotAllowed):
    """The act asks for the password again (10 minutes are remembered)."""


class SetupRefused(LinekeeperError):
    """Set-up cannot go on: a wrong setup code, a weak password, or it has been done already."""


class PersonRefused(SetupRefused):
    """A person cannot be added or changed so: a name taken or ill-formed, the last manager going."""


class PasswordTooWeak(PersonRefused):
    """A new password is too short or too easily guessed; the text says what to do and never holds a part of it."""


class SheetMistyped(LinekeeperError):
    """The recovery sheet's text was typed wrongly; its checksum does not agree."""


class LinkBroken(LinekeeperError):
    """The keeper does not answer on its socket."""


class CaseworkRefused(LinekeeperError):
    """A step of a case cannot be taken so; the text says what is missing, and the case stays as it was."""


class CaseChanged(CaseworkRefused):
    """Somebody else changed the case first; nothing was done."""


class StepMissing(CaseworkRefused):
    """An earlier step of the case has not been done yet."""


class WordsMissing(CaseworkRefused):
    """Something that must be written down, ticked or chosen was left empty."""


class DateWrong(CaseworkRefused):
    """A date lies where it cannot: in the future, or before what it follows."""


class DeadlinePassed(CaseworkRefused):
    """The act was only possible until a date that has gone by."""


class CaseClosed(CaseworkRefused):
    """The case is closed; its record is kept and no longer changed."""


class HoldNeeded(CaseworkRefused):
    """A legal hold was about to be released while a case that is still open needs the recording."""


class RedactionWrong(CaseworkRefused):
    """A redaction lies outside its recording or has no length; nothing is exported until it is put right."""


class ExportRefused(CaseworkRefused):
    """A copy cannot be made so: too long for one, or the recording cannot be read whole."""
