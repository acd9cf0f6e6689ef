"""The backup: when the last was made, what was wrong with it, and having one made now."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from appliance.errors import BackupDamaged, BackupRefused
from appliance.link.messages.backup import AskBackup, BackupState, CheckBackup, StartBackup
from appliance.link.messages.base import Done
from appliance.web.forms import PageForm
from appliance.web.parts import ask
from appliance.web.visitor import visitor

blueprint = Blueprint("backup", __name__, url_prefix="/settings/backup")


@blueprint.get("")
def show() -> str:
    """Show how backups stand; the page's script looks again while one runs."""
    return _page("")


@blueprint.post("")
def start() -> Response | tuple[str, int]:
    """Have a backup made."""
    try:
        ask(StartBackup(visitor().token), Done)
    except BackupRefused as refusal:
        return _page(str(refusal)), 409
    flash("The backup has begun. You can leave this page.")
    return redirect(url_for("backup.show"), 303)


@blueprint.post("/check")
def check() -> Response | tuple[str, int]:
    """Have the backup looked through."""
    try:
        ask(CheckBackup(visitor().token), Done)
    except (BackupRefused, BackupDamaged) as refusal:
        return _page(str(refusal)), 409
    flash("The backup is being looked through. You can leave this page.")
    return redirect(url_for("backup.show"), 303)


def _page(refused: str) -> str:
    state = ask(AskBackup(visitor().token), BackupState)
    return render_template("backup.html", state=state, refused=refused, form=PageForm(formdata=None))
