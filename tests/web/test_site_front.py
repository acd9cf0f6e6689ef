"""nginx as it is started on a box: its configuration, and TLS where the site is for more than this machine."""

import http.client
import re
import socket
import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.config import Config, WebConfig
from appliance.errors import ConfigWrong
from appliance.storage.certificate import ensure_certificate
from appliance.web import front
from waiting import eventually, free_port

NAME = "recorder.local"


def config(folder, **web):
    return Config(folder=folder, web=WebConfig(**web))


def with_certificate(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return ensure_certificate(folder, NAME, [], datetime.now(UTC))


def checked(path):
    command = [*front.command(path), "-t"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("folder", ["data", "a folder with spaces", "übrig; }"])
def test_nginx_takes_the_configuration_whatever_the_folder_is_called(tmp_path, folder):
    path = front.write(config(tmp_path / folder))
    answer = checked(path)
    assert answer.returncode == 0, answer.stderr
    assert path.is_relative_to(tmp_path)


def test_every_file_of_nginx_is_in_the_run_folder(tmp_path):
    text = front.write(config(tmp_path)).read_text()
    elsewhere = {path for path in re.findall(r'"(/[^"]+)"', text) if not path.startswith(str(tmp_path))}
    site = Path(front.__file__).parent
    assert elsewhere == {f"{site}/front/pages", f"{site}/static/"}  # which it only reads
    assert "access_log off;" in text
    assert "proxy_max_temp_file_size 0;" in text


def test_an_address_that_is_none_is_refused(tmp_path):
    with pytest.raises(ConfigWrong, match="must be an IP address"):
        front.write(config(tmp_path, listen="everywhere"))


def test_beyond_this_machine_nothing_is_served_without_a_certificate(tmp_path):
    with pytest.raises(ConfigWrong, match="is missing"):
        front.write(config(tmp_path, listen="0.0.0.0"))


@pytest.mark.parametrize(
    ("web", "address", "hosts"),
    [
        ({}, "http://127.0.0.1:8080/", ("127.0.0.1", "localhost", "[::1]")),
        ({"listen": "::1", "port": 80}, "http://[::1]/", ("127.0.0.1", "localhost", "[::1]")),
        ({"listen": "192.168.1.9", "port": 443}, "https://recorder.local/", ("recorder.local", "192.168.1.9")),
        ({"listen": "0.0.0.0", "port": 8443}, "https://recorder.local:8443/", ("recorder.local",)),
    ],
)
def test_the_address_to_type_and_the_names_that_are_answered(tmp_path, web, address, hosts):
    assert front.address(config(tmp_path, **web)) == address
    assert front.hosts(config(tmp_path, **web)) == hosts


def test_on_the_usual_port_plain_http_only_leads_to_tls(tmp_path):
    here = config(tmp_path, listen="0.0.0.0", port=443)
    with_certificate(here.folders.tls)
    text = front.write(here).read_text()
    assert "listen 0.0.0.0:80;" in text
    assert "return 308 https://recorder.local$request_uri;" in text
    assert "listen 0.0.0.0:443" in text


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def tls_front(tmp_path):
    """The front alone, beyond this machine; its site has not started."""
    here = config(tmp_path, listen="0.0.0.0", port=free_port(), name=NAME)
    made = with_certificate(here.folders.tls)
    process = subprocess.Popen(front.command(front.write(here)))
    eventually(lambda: listens(here.web.port), "nginx listens")
    yield here, made
    process.terminate()
    process.wait(timeout=30)


def over_tls(here, made, host=NAME, alpn=("http/1.1",)):
    trusting = ssl.create_default_context(cafile=made.authority)
    trusting.set_alpn_protocols(list(alpn))
    raw = socket.create_connection(("127.0.0.1", here.web.port), timeout=10)
    return trusting.wrap_socket(raw, server_hostname=NAME), f"{host}:{here.web.port}"


def test_over_tls_the_browser_is_told_to_come_back_over_tls_and_what_happens(tls_front):
    sock, host = over_tls(*tls_front)
    with sock:
        assert sock.version() in ("TLSv1.2", "TLSv1.3")
        connection = http.client.HTTPConnection(host)
        connection.sock = sock
        connection.request("GET", "/", headers={"Host": host})
        answer = connection.getresponse()
        body = answer.read().decode()
    assert answer.status == 503
    assert "The pages are starting" in body
    assert "Recording runs on its own" in body
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_http_2_is_spoken(tls_front):
    sock, _ = over_tls(*tls_front, alpn=("h2", "http/1.1"))
    with sock:
        assert sock.selected_alpn_protocol() == "h2"


def test_old_tls_is_refused(tls_front):
    here, made = tls_front
    old = ssl.create_default_context(cafile=made.authority)
    old.set_ciphers("AES128-GCM-SHA256:AES256-SHA")
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", here.web.port), timeout=10) as raw, pytest.raises(ssl.SSLError):
        old.wrap_socket(raw, server_hostname=NAME)


def test_plain_http_on_the_tls_port_gets_no_page(tls_front):
    here, _ = tls_front
    connection = http.client.HTTPConnection("127.0.0.1", here.web.port, timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert answer.status in (400, 421)
    assert "Set-Cookie" not in answer.headers
    answer.read()
    connection.close()


def test_another_name_gets_421_over_tls(tls_front):
    sock, host = over_tls(*tls_front, host="evil.example")
    with sock:
        connection = http.client.HTTPConnection(host)
        connection.sock = sock
        connection.request("GET", "/", headers={"Host": host})
        answer = connection.getresponse()
        assert answer.status == 421
        assert "not the call recorder" in answer.read().decode()
