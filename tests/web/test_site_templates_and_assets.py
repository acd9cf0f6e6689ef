"""The templates use no name that nobody gives them, and the files under static are what their sources make."""

import hashlib
import json
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from jinja2 import meta, nodes

import appliance.web
from appliance.config import Config
from appliance.link.client import Link
from appliance.web.app import make_app

WEB = Path(appliance.web.__file__).parent
ROOT = WEB.parents[1]
STATIC = WEB / "static"
TEMPLATES = sorted((WEB / "templates").iterdir())

GIVEN_BY_FLASK = {"csrf_token", "get_flashed_messages", "request", "url_for"}
GIVEN_BY_VIEWS = {
    "updates.html": {"form", "outcomes", "under_way", "updates"},
    "wordings.html": {"details", "own", "titles"},
    "training.html": {"counts", "form", "last", "page", "pages", "rows"},
    "sheet.html": {"back", "confirming", "pdf_href", "sheet", "sign_off"},
    "sample.html": {"drawn", "mistakes"},
    "reports.html": {"months"},
    "report.html": {"month", "report"},
    "policy_check.html": {"form", "given", "mistakes", "shown"},
    "policy.html": {"case", "policy", "shown", "where"},
    "plain_form.html": {"back", "button", "form", "lead", "mistakes", "title"},
    "papers.html": {"confirmed", "titles", "to_confirm"},
    "my_training.html": {"mine", "reviews"},
    "letter.html": {"back", "case", "form", "mistakes", "note", "title"},
    "due.html": {"agenda"},
    "custody.html": {"reference", "sheet"},
    "copy.html": {"back", "case", "state"},
    "cases.html": {"found", "last", "page", "pages", "rows"},
    "hearing.html": {"call_id", "case", "form", "row", "state", "wrong"},
    "hearings.html": {"case", "shown"},
    "case_form.html": {"after", "ask_password", "back", "case", "form", "mistakes", "page"},
    "case_cuts.html": {"case", "shown"},
    "case_cut.html": {"form"},
    "case_choose.html": {"mistakes", "row", "shown"},
    "case_assess.html": {"form"},
    "case.html": {"case", "kept_until", "pages", "view"},
    "announcements.html": {"checks", "lines", "message", "named", "names", "rows"},
    "account.html": {"form", "sessions"},
    "account_codes.html": {"form"},
    "account_new_codes.html": {"codes"},
    "account_password.html": {"form", "mistakes"},
    "account_phone.html": {"form", "mistakes", "qr", "secret"},
    "attention.html": {
        "advice",
        "alarms",
        "contact_problem",
        "clock_keys",
        "deletions_key",
        "today",
        "form",
        "mistakes",
    },
    "backup.html": {"form", "refused", "state"},
    "base.html": {"bare", "mistakes"},
    "call.html": {"call", "form", "heard", "moments", "row"},
    "calls.html": {"forgotten", "form", "found", "mistakes", "page", "pages", "search", "searched", "show"},
    "expiring.html": {"days", "found", "page", "pages", "trash"},
    "certificate.html": {"network"},
    "first_keeping.html": {"policy", "settings"},
    "first_lines.html": {"newest"},
    "first_trust.html": {"address"},
    "health.html": {"clocks", "ended", "health", "standing_alarms"},
    "help.html": {"topics"},
    "hold.html": {"form", "mistakes", "row"},
    "home.html": {"backup_at", "figures", "latest", "search", "shared", "today"},
    "label.html": {"form", "in_use", "mistakes", "row"},
    "lamps.html": {"lamps"},
    "line.html": {"damaged", "days", "form", "told"},
    "lines.html": {"form"},
    "my_call.html": {"call", "row"},
    "my_calls.html": {"shown"},
    "network.html": {"address"},
    "people.html": {"left", "people", "ref"},
    "person.html": {"form", "left", "person", "ref", "sessions"},
    "person_leave.html": {"form", "mistakes", "person", "ref", "refused"},
    "person_name.html": {"form", "mistakes", "person", "ref"},
    "person_password.html": {"form", "mistakes", "person", "ref"},
    "person_phone.html": {"form", "mistakes", "person", "ref"},
    "person_role.html": {"form", "mistakes", "person", "ref"},
    "person_add.html": {"form", "mistakes"},
    "person_added.html": {"new", "qr"},
    "pausing.html": {"fields", "form", "pausing"},
    "player.html": {"call", "form", "peaks", "purposes", "row", "speech", "stripes"},
    "practice.html": {"form", "mistakes", "settings"},
    "prove.html": {"form", "mistakes"},
    "records.html": {"found", "kind", "of_call", "page", "pages", "tabs"},
    "records_print.html": {"agrees", "form", "mistakes", "proof"},
    "refusal.html": {"bare", "reference", "text", "title"},
    "release.html": {"ask_password", "call", "form", "hold", "mistakes", "row"},
    "rescue.html": {"form", "mistakes"},
    "rescued.html": {"new", "qr"},
    "retention.html": {"form", "mistakes", "policy", "settings"},
    "retention_change.html": {"form", "mistakes", "policy", "settings"},
    "settings.html": {"settings_parts"},
    "setup_code.html": {"form", "mistakes"},
    "setup_done.html": {"draft", "finished"},
    "setup_factor.html": {"form", "mistakes", "qr", "secret"},
    "setup_practice.html": {"clock_says", "form", "mistakes", "sure"},
    "setup_you.html": {"form", "mistakes"},
    "share.html": {"colleagues", "form", "mistakes", "row"},
    "sounds.html": {"proved", "sounds"},
    "signin.html": {"ended", "form", "mistakes", "out"},
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    app = make_app(Config(), Link(tmp_path_factory.mktemp("none") / "keeper.sock"), threading.Event())
    return app.jinja_env


def own_names(parsed):
    """Yield what a template itself imports or sets: inside a block Jinja counts that as undeclared."""
    for node in parsed.find_all((nodes.Import, nodes.FromImport, nodes.Assign)):
        if isinstance(node, nodes.Import):
            yield node.target
        elif isinstance(node, nodes.FromImport):
            yield from (name if isinstance(name, str) else name[1] for name in node.names)
        else:
            yield from (name.name for name in node.find_all(nodes.Name) if name.ctx == "store")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_names_only_what_it_is_given(environment, path):
    parsed = environment.parse(path.read_text())
    used = meta.find_undeclared_variables(parsed) - set(own_names(parsed))
    given = GIVEN_BY_FLASK | GIVEN_BY_VIEWS.get(path.name, set()) | set(environment.globals)
    assert used - given == set()
    assert GIVEN_BY_VIEWS.get(path.name, set()) - used == set()


def test_no_view_gives_a_name_that_the_frame_uses_for_itself(environment):
    frame = environment.parse((WEB / "templates" / "base.html").read_text())
    own = {name.name for node in frame.find_all(nodes.Assign) for name in node.find_all(nodes.Name)} & {
        name for node in frame.find_all(nodes.Assign) for name in [getattr(node.target, "name", "")]
    }
    assert {"known", "now"} <= own
    assert not own & set().union(*GIVEN_BY_VIEWS.values())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_never_marks_anything_as_safe(path):
    text = path.read_text()
    assert "|safe" not in text.replace(" ", "")
    assert "autoescape" not in text
    assert '"html":' not in text


def test_no_template_is_made_from_a_string():
    for path in WEB.rglob("*.py"):
        assert not re.search(r"render_template_string|from_string|Markup\(", path.read_text()), path


def manifest():
    return json.loads((STATIC / "manifest.json").read_text())


def test_the_manifest_names_every_file_and_its_content():
    rows = {row["file"]: row for row in manifest()}
    assert set(rows) | {"manifest.json"} == {path.name for path in STATIC.iterdir()}
    for name, row in rows.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == row["sha256"], name


def test_every_package_has_the_locked_version_and_a_licence():
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for row in manifest():
        if row["package"] not in ("linekeeper", ""):
            assert row["version"] == locked[f"node_modules/{row['package']}"]["version"]
            assert row["licence"]
            assert row["package"] in (STATIC / "licences.txt").read_text()


def test_the_lock_names_no_host():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert not any("resolved" in package for package in lock["packages"].values())


def test_no_file_asks_another_host():
    for path in STATIC.iterdir():
        if path.suffix in (".css", ".js"):
            asked = re.findall(r"(?:url\(|import |from |fetch\(|src=)\s*[\"']?(?:https?:)?//[^\"')]+", path.read_text())
            assert asked == [], path.name


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("npm"), reason="npm builds the pages' files; a box has none and needs none")
def test_the_files_are_what_the_sources_make():
    built = subprocess.run([ROOT / "script" / "build-assets", "--check"], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
