"""Copies that leave the box: asked for, watched while they are made, and taken with their passphrase."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.casework.access_requests.record import AccessRequest
from appliance.casework.disclosures.record import Disclosure
from appliance.codec import from_json
from appliance.errors import FreshSignInNeeded, NoSuchCase
from appliance.link.messages.base import Done
from appliance.link.messages.cases import Case, CaseKind
from appliance.link.messages.packs import AskPack, DropPack, Fill, MakePack, PackPiece, PackStage, PackState, ReadPack
from appliance.model.calls import CallId
from appliance.web import words
from appliance.web.casework import REFUSALS, ActPage, SortPages, case_of, form_page, proved
from appliance.web.casework_fields import ActForm, choice, line, several
from appliance.web.parts import Parts, ask, parts
from appliance.web.visitor import visitor

_PIECE = 256 * 1024
_FILLS = ((Fill.TONE, "A tone, so that everybody hears that something was cut"), (Fill.SILENCE, "Silence"))

blueprint = Blueprint("copies", __name__, url_prefix="/copies")


class CopyForm(ActForm):
    """Which calls, for whom, and how the copy and its passphrase go out."""

    calls = several("Which calls?", "Select at least one call", "At most 90 minutes in one copy")
    to = line("Who gets it?", "Enter who gets the copy")
    means = line("How does the copy go out?", "Enter how the copy goes out", "Such as a stick, by hand; or email")
    passphrase_by = line("How do you tell them the passphrase?", "Enter how the passphrase goes",
                         "Another way than the copy: by telephone, to a number you know")  # fmt: skip
    fill = choice("What stands where something was cut?", [(str(value), text) for value, text in _FILLS], "Select one")

    def prepare(self, case: Case | None) -> None:
        """Offer the calls that may leave."""
        may_leave = _may_leave(case) if case else ()
        rows = [one for one in (case.calls if case else ()) if one.row is not None and one.call_id in may_leave]
        self.calls.choices = [(one.call_id, _call_words(one.row)) for one in rows]


_PAGE = ActPage(
    "Make a copy",
    "The calls are decoded, cut as marked, and put into an archive that 7-Zip or WinZip opens with the passphrase. "
    "The copy is written down before you can take it.",
    CopyForm, "Make the copy", "", fresh=True,
)  # fmt: skip


def ask_for(pages: SortPages, reference: str) -> AnyResponse | str | tuple[str, int]:
    """Ask for a copy, or look at the one that is being made."""
    case = case_of(reference, pages.kind)
    state = ask(AskPack(visitor().token, reference), PackState)
    if state.stage in (PackStage.MAKING, PackStage.READY) and request.method != "POST":
        return redirect(url_for("copies.watch", reference=reference), 303)
    form = CopyForm(data={"calls": list(_may_leave(case)), "fill": str(Fill.TONE), "passphrase_by": "telephone"})
    form.prepare(case)
    back = url_for(f"{pages.name}.case", reference=reference)
    if request.method != "POST" or not (form.validate() and proved(form)):
        return form_page(pages, _PAGE, form, back=back, case=case)
    try:
        ask(_asked(form, reference), Done)
    except FreshSignInNeeded:
        raise
    except REFUSALS as wrong:
        return form_page(pages, _PAGE, form, back=back, case=case, wrong=wrong)
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
        Fill(told["fill"]),
    )


def _may_leave(case: Case) -> tuple[CallId, ...]:
    if case.kind is CaseKind.DISCLOSURE:
        decision = from_json(case.body, Disclosure).decision
        return decision.calls if decision else ()
    return from_json(case.body, AccessRequest).given_calls


def _call_words(row: Any) -> str:
    return f"{words.call_title(row)}, {words.day_time(row.started_at)}, {words.length(row.duration_s)}"


def _pieces(those: Parts, token: bytes, reference: str, total: int) -> Iterator[bytes]:
    at = 0
    while at < total:
        data = those.link.ask(ReadPack(token, reference, at, _PIECE), PackPiece).data
        if not data:
            return
        at += len(data)
        yield data
