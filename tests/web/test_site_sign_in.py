"""Signing in, giving the password again, and being told no."""

from box import PASSWORD


def test_one_message_for_everything_that_may_be_wrong(box):
    said = set()
    for username, password, code in (("manager", "wrong words here", "123456"), ("nobody", PASSWORD, "123456")):
        client = box.client()
        answer = client.post_form("/sign-in", username=username, password=password, code=code)
        assert answer.status == 403
        assert "Check your username, password and code" in answer.text
        assert "<title>Error: Sign in" in answer.text
        assert password not in answer.text
        said.add(answer.text.replace(username, "").split("<main")[1].split("csrf_token")[0])
    assert len(said) == 1


def test_too_many_tries_are_told_to_wait_in_minutes(new_box):
    box = new_box()
    box.set_up()
    client = box.client()
    for _ in range(6):
        client.post_form("/sign-in", username="manager", password="wrong words here", code="123456")
    assert client.last.status == 429
    assert "Wait 5 minutes before you try again" in client.last.text


def test_an_empty_form_is_told_what_is_missing_at_each_field(box):
    answer = box.client().post_form("/sign-in")
    assert answer.status == 422
    for words in ("Enter your username", "Enter your password", "Enter the 6-digit code"):
        assert answer.text.count(words) == 2


def test_a_password_given_again_leads_on_and_a_wrong_one_does_not(manager):
    assert manager.post_form("/confirm?back=/people/add", password="wrong words here").status == 403
    assert "Check your password" in manager.last.text
    manager.post("/confirm", {"csrf_token": manager.token("/confirm"), "password": PASSWORD, "back": "/people/add"})
    assert (manager.last.status, manager.last.headers["Location"]) == (303, "/people/add")


def test_set_up_once_done_leads_nowhere(box, manager):
    for client in (box.client(), manager):
        assert client.get("/setup").headers["Location"] == "/"
        assert client.get("/setup/second-factor").headers["Location"] == "/"


def test_no_secret_of_a_sign_in_reaches_a_log(box):
    client = box.client()
    client.post_form("/sign-in", username="canary-user", password="canary-password", code="765432")
    for service in ("keeper", "web", "front"):
        log = box.log(service)
        for secret in ("canary-password", "765432", PASSWORD, "canary-user", "01632"):
            assert secret not in log, service
