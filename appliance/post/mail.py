"""A letter by e-mail: SMTP (RFC 5321) under TLS from the first byte, or from STARTTLS on (RFC 3207); never without."""

import smtplib
import ssl
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from appliance.clock import Clock
from appliance.config import AlarmsConfig, MailSecurity
from appliance.errors import PostFailed
from appliance.post import letter as words
from appliance.post.letter import Letter
from appliance.post.trust import secret, trusted

TIMEOUT_S = 20.0

_UNFOLDED = policy.SMTP.clone(max_line_length=900)  # within RFC 5322's 998; folding makes two spaces of some


class Mail:
    """The way to the mail server that the settings name."""

    name = "e-mail"

    def __init__(self, settings: AlarmsConfig, box: str, clock: Clock, timeout_s: float = TIMEOUT_S) -> None:
        """Send as the settings say; ``box`` is what the box is called on the network."""
        self._settings, self._box, self._clock, self._timeout_s = settings, box, clock, timeout_s

    def send(self, letter: Letter) -> None:
        """Hand a letter to the mail server.

        Raises:
            PostFailed: it was not taken; the words say why, and hold no password.
        """
        try:
            with self._connected() as server:
                if self._settings.mail_user:
                    server.login(self._settings.mail_user, secret(Path(self._settings.mail_password_file)))
                server.send_message(self._message(letter))
        except ssl.SSLCertVerificationError as wrong:
            raise PostFailed("The mail server’s certificate is not trusted. Check its name in the settings.") from wrong
        except smtplib.SMTPAuthenticationError as wrong:
            raise PostFailed("The mail server refuses the user name or password in the settings.") from wrong
        except smtplib.SMTPNotSupportedError as wrong:
            raise PostFailed("The mail server offers no encryption, or no sign-in. Nothing is sent without.") from wrong
        except smtplib.SMTPResponseException as wrong:
            raise PostFailed(f"The mail server refuses the message (code {wrong.smtp_code}).") from wrong
        except (smtplib.SMTPException, OSError) as wrong:
            raise PostFailed(f"The mail server cannot be reached ({type(wrong).__name__}).") from wrong

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        context = trusted(settings)
        if settings.mail_security is MailSecurity.TLS:
            return smtplib.SMTP_SSL(settings.mail_host, settings.mail_port, timeout=self._timeout_s, context=context)
        server = smtplib.SMTP(settings.mail_host, settings.mail_port, timeout=self._timeout_s)
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
        return server

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage(_UNFOLDED)
        message["From"], message["To"] = self._settings.mail_from, ", ".join(self._settings.mail_to)
        message["Subject"] = words.subject(letter, self._box)
        message["Date"] = format_datetime(self._clock.now().at)
        message["Message-ID"] = make_msgid(domain=self._box)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday reply is wanted
        message.set_content(words.text(letter, self._box))
        return message
