"""What the keeper tells of the site's certificate."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509

from appliance.config import WebConfig
from appliance.errors import NotAllowed, NotSignedIn
from appliance.link.messages.network import AskAuthority, AskNetwork, Authority, Network
from appliance.model.people import Role
from appliance.storage.certificate import fingerprint
from vaultbox import Box, UnsyncedDisk


@pytest.fixture
def box(tmp_path):
    with_box = Box(tmp_path, disk=UnsyncedDisk())
    yield with_box
    with_box.close()


def test_a_box_for_itself_alone_has_no_certificate(box):
    box.set_up()
    told = box.ask(AskNetwork(box.sign_in()))
    assert told == Network("recorder.local", True, "", None, None)
    assert box.ask(AskAuthority()) == Authority("")


def test_the_certificate_of_a_box_on_the_network_is_told_and_its_keys_are_not(box):
    box.config = replace(box.config, web=WebConfig(listen="0.0.0.0"))
    box.restart()
    box.set_up()
    box.chores.renew_certificate()
    told, pem = box.ask(AskNetwork(box.sign_in())), box.ask(AskAuthority()).pem
    authority = x509.load_pem_x509_certificate(pem.encode())
    assert told.fingerprint == fingerprint(authority)
    assert not told.local_only
    today = box.clock.now().at.date()
    assert told.renewed_by - today <= timedelta(days=300)
    assert told.good_until - told.renewed_by == timedelta(days=97)
    assert "PRIVATE" not in pem


def test_who_may_not_see_how_the_box_is_does_not_see_its_network(box):
    box.set_up()
    staff = box.add("staff", Role.STAFF, box.sign_in())
    with pytest.raises(NotAllowed):
        box.ask(AskNetwork(staff))
    with pytest.raises(NotSignedIn):
        box.ask(AskNetwork(b"x" * 32))
