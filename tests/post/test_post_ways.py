"""The ways out of the box, against real servers under TLS on loopback: what arrives, and each way in which it fails."""

import hashlib
import hmac
import socket
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from servers import PASSWORD, USER, Authority, HookServer, MailBox, MailServer, free_port

from appliance.clock import FakeClock
from appliance.config import AlarmsConfig, MailSecurity
from appliance.errors import PostFailed
from appliance.model.health import AlarmRecord
from appliance.post.letter import Letter
from appliance.post.mail import Mail
from appliance.post.webhook import SIGNATURE, Webhook

# Of aiosmtpd, which does not see that its port speaks TLS from the first byte.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

AT = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)
LETTER = Letter(began=(AlarmRecord(7, "line", "Reception is not being recorded – the card is gone.", AT, 1),))
SECRET = "a shared secret of the webhook"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(params=[MailSecurity.TLS, MailSecurity.STARTTLS])
def mail_server(request, authority):
    server = MailServer(MailBox(), authority.context(), tls=request.param is MailSecurity.TLS)
    server.start()
    server.security = request.param
    yield server
    server.stop()


@pytest.fixture
def hook_server(authority):
    server = HookServer(authority.context())
    yield server
    server.close()


@pytest.fixture
def mail_settings(tmp_path, authority, mail_server):
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    return AlarmsConfig(
        mail_to=("manager@example.org", "support@example.org"),
        mail_from="recorder@example.org",
        mail_host="127.0.0.1",
        mail_port=mail_server.port,
        mail_security=mail_server.security,
        mail_user=USER,
        mail_password_file=str(password),
        authority_file=str(authority.file),
    )


@pytest.fixture
def hook_settings(tmp_path, authority, hook_server):
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    return AlarmsConfig(
        webhook=f"https://127.0.0.1:{hook_server.port}/hooks/recorder?room=desk",
        webhook_secret_file=str(secret),
        authority_file=str(authority.file),
    )


def mail(settings, timeout_s=5.0):
    return Mail(settings, "recorder.local", FakeClock(), timeout_s)


def test_a_letter_arrives_under_tls_and_says_what_it_is(mail_settings, mail_server):
    mail(mail_settings).send(LETTER)
    ((sender, to, content, encrypted),) = mail_server.mailbox.letters
    assert encrypted
    assert (sender, to) == ("recorder@example.org", ["manager@example.org", "support@example.org"])
    message = message_from_bytes(content, policy=default)
    assert message["Subject"] == "Call recorder recorder.local: Reception is not being recorded – the card is gone"
    assert message["Date"] == "Mon, 23 Nov 2026 16:33:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@recorder.local>")
    assert "the card is gone." in message.get_content()


def test_a_certificate_of_another_authority_is_not_trusted_and_nothing_is_sent(mail_settings, mail_server, tmp_path):
    other = Authority(tmp_path, "other")
    with pytest.raises(PostFailed, match="certificate is not trusted"):
        mail(replace(mail_settings, authority_file=str(other.file))).send(LETTER)
    assert mail_server.mailbox.letters == []


def test_a_certificate_for_another_name_is_not_trusted(mail_settings, mail_server):
    with pytest.raises(PostFailed, match="certificate is not trusted"):
        mail(replace(mail_settings, mail_host="localhost")).send(LETTER)


def test_a_wrong_password_is_said_without_being_repeated(mail_settings, tmp_path):
    (tmp_path / "password").write_text("something else entirely")
    with pytest.raises(PostFailed, match="user name or password") as failed:
        mail(mail_settings).send(LETTER)
    assert "entirely" not in str(failed.value)


def test_a_refusal_of_the_server_is_said_with_its_code(mail_settings, mail_server):
    mail_server.mailbox.refuse = "452 insufficient storage"
    with pytest.raises(PostFailed, match="code 452"):
        mail(mail_settings).send(LETTER)
    mail_server.mailbox.refuse = ""
    mail(mail_settings).send(LETTER)
    assert len(mail_server.mailbox.letters) == 1


def test_a_password_file_that_is_gone_is_a_failure_with_words(mail_settings, tmp_path):
    (tmp_path / "password").unlink()
    with pytest.raises(PostFailed, match="password file"):
        mail(mail_settings).send(LETTER)


def test_an_authority_file_that_is_none_is_a_failure_with_words(mail_settings, tmp_path):
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("no certificate")
    with pytest.raises(PostFailed, match="authority file"):
        mail(replace(mail_settings, authority_file=str(nothing))).send(LETTER)


def test_a_mail_server_that_is_not_there_is_a_failure_with_words(mail_settings):
    with pytest.raises(PostFailed, match="cannot be reached"):
        mail(replace(mail_settings, mail_port=free_port())).send(LETTER)


@pytest.mark.parametrize("security", list(MailSecurity))
def test_a_server_that_says_nothing_is_given_up_in_time(authority, security):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings = AlarmsConfig(("a@example.org",), "b@example.org", "127.0.0.1", port, security)
        settings = replace(settings, authority_file=str(authority.file))
        with pytest.raises(PostFailed, match="cannot be reached"):
            mail(settings, timeout_s=0.3).send(LETTER)


def test_a_server_without_encryption_is_sent_nothing(authority):
    server = MailServer(MailBox(), None, tls=False)
    server.start()
    try:
        settings = AlarmsConfig(
            ("a@example.org",), "b@example.org", "127.0.0.1", server.port, MailSecurity.STARTTLS,
            authority_file=str(authority.file),
        )  # fmt: skip
        with pytest.raises(PostFailed, match="no encryption"):
            mail(settings).send(LETTER)
        assert server.mailbox.letters == []
    finally:
        server.stop()


def test_a_webhook_is_posted_json_that_its_secret_signs(hook_settings, hook_server):
    Webhook(hook_settings, "recorder.local").send(LETTER)
    ((path, headers, body),) = hook_server.posts
    assert path == "/hooks/recorder?room=desk"
    assert headers["Content-Type"] == "application/json"
    assert headers[SIGNATURE] == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    (said,) = hook_server.said()
    assert said["box"] == "recorder.local"
    assert said["began"][0]["line"] == 1
    assert said["began"][0]["text"].startswith("Reception is not being recorded")


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500, 503])
def test_any_answer_but_yes_is_a_failure_and_no_redirection_is_followed(hook_settings, hook_server, status):
    hook_server.status, hook_server.location = status, f"https://127.0.0.1:{hook_server.port}/elsewhere"
    with pytest.raises(PostFailed, match=f"status {status}"):
        Webhook(hook_settings, "box").send(LETTER)
    assert [path for path, _, _ in hook_server.posts] == ["/hooks/recorder?room=desk"]


def test_a_webhook_of_another_authority_is_posted_nothing(hook_settings, hook_server, tmp_path):
    other = Authority(tmp_path, "other")
    with pytest.raises(PostFailed, match="certificate is not trusted") as failed:
        Webhook(replace(hook_settings, authority_file=str(other.file)), "box").send(LETTER)
    assert hook_server.posts == []
    assert "127.0.0.1" not in str(failed.value)


def test_a_webhook_that_is_not_there_or_says_nothing_is_given_up_in_time(hook_settings):
    with pytest.raises(PostFailed, match="cannot be reached"):
        Webhook(replace(hook_settings, webhook=f"https://127.0.0.1:{free_port()}/"), "box").send(LETTER)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(PostFailed, match="cannot be reached"):
            Webhook(replace(hook_settings, webhook=address), "box", timeout_s=0.3).send(LETTER)


def test_a_server_that_speaks_no_tls_is_sent_nothing(hook_settings):
    plain = HookServer(None)
    try:
        with pytest.raises(PostFailed):
            Webhook(replace(hook_settings, webhook=f"https://127.0.0.1:{plain.port}/"), "box").send(LETTER)
        assert plain.posts == []
    finally:
        plain.close()
