"""Copies that leave the box: asked for, watched while they are made, and taken with their passphrase."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.casework.cases import MANAGER_ALONE
from appliance.errors import FreshSignInNeeded, NoSuchCase
from appliance.link.messages.base import Done
from appliance.link.messages.cases import CaseKind
from appliance.link.messages.packs import AskPack, DropPack, Fill, MakePack, PackPiece, PackStage, PackState, ReadPack
from appliance.model.calls import CallId
from appliance.web.casework import REFUSALS, ActPage, SortPages, case_of, form_page, proved, refuse_others
from appliance.web.copyforms import CopyForm, copy_form
from appliance.web.parts import Parts, ask, parts
from appliance.web.visitor import visitor

_PIECE = 256 * 1024

blueprint = Blueprint("copies", __name__, url_prefix="/copies")


_LEAD = (
    "The box puts the calls, cut as marked, into one locked file. Whoever gets it opens it with 7-Zip or WinZip and "
    "the passphrase. The copy is entered in the case before you can take it."
)

MAKE = ActPage("Make a copy", _LEAD, CopyForm, "Make the copy", "", fresh=True, what="give a copy")

HAND_OVER = replace(
    MAKE,
    title="Hand over a copy",
    lead=_LEAD.replace("cut as marked", "or the part of each that you choose"),
    who=MANAGER_ALONE,
    what="hand recordings to the police or another body",
)


def ask_for(pages: SortPages, reference: str) -> AnyResponse | str | tuple[str, int]:
    """Ask for a copy, or look at the one that is being made."""
    case, page = case_of(reference, pages.kind), HAND_OVER if pages.kind is CaseKind.DISCLOSURE else MAKE
    refuse_others(page)
    state = ask(AskPack(visitor().token, reference), PackState)
    if state.stage in (PackStage.MAKING, PackStage.READY) and request.method != "POST":
        return redirect(url_for("copies.watch", reference=reference), 303)
    form = copy_form(case)
    back = url_for(f"{pages.name}.case", reference=reference)
    if request.method != "POST" or not (form.validate() and proved(form)):
        return form_page(pages, page, form, back=back, case=case)
    try:
        ask(_asked(form, reference), Done)
    except FreshSignInNeeded:
        raise
    except REFUSALS as wrong:
        return form_page(pages, page, form, back=back, case=case, wrong=wrong)
    return redirect(url_for("copies.watch", reference=reference), 303)


@blueprint.get("/<reference>")
def watch(reference: str) -> str:
    """Show how far the copy is, and once it is ready its passphrase and its file."""
    case = case_of(reference)
    state = ask(AskPack(visitor().token, reference), PackState)
    back = "police.case" if case.kind is CaseKind.DISCLOSURE else "requests.case"
    return render_template("copy.html", case=case, state=state, back=url_for(back, reference=reference))


@blueprint.get("/<reference>/file")
def take(reference: str) -> Response:
    """Send the archive."""
    token = visitor().token
    total = ask(ReadPack(token, reference, 0, 1), PackPiece).total
    response = Response(_pieces(parts(), token, reference, total), content_type="application/zip")
    response.content_length = total
    response.headers["Content-Disposition"] = f'attachment; filename="{reference}.zip"'
    return response


@blueprint.get("/<reference>/custody")
def custody(reference: str) -> str:
    """Show the custody sheet, to be printed.

    Raises:
        NoSuchCase: no copy is ready.
    """
    state = ask(AskPack(visitor().token, reference), PackState)
    if state.stage is not PackStage.READY:
        raise NoSuchCase("There is no finished copy. Make it again.")
    return render_template("custody.html", reference=reference, sheet=state.custody)


@blueprint.post("/<reference>/drop")
def drop(reference: str) -> AnyResponse:
    """Let go of the copy in the box's memory."""
    ask(DropPack(visitor().token, reference), Done)
    back = "police.case" if reference.startswith("PB-") else "requests.case"
    return redirect(url_for(back, reference=reference), 303)


def _asked(form: CopyForm, reference: str) -> MakePack:
    told: dict[str, Any] = form.told()
    return MakePack(
        visitor().token,
        reference,
        tuple(CallId(one) for one in told["calls"]),
        told["to"],
        told["means"],
        told["passphrase_by"],
        Fill(told.get("fill", Fill.SILENCE)),
        form.parts(),
    )


def _pieces(those: Parts, token: bytes, reference: str, total: int) -> Iterator[bytes]:
    at = 0
    while at < total:
        data = those.link.ask(ReadPack(token, reference, at, _PIECE), PackPiece).data
        if not data:
            return
        at += len(data)
        yield data
