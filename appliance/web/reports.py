"""The monthly report for the data controller: one page, on screen and as PDF."""

import re
from datetime import date

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from appliance.casework.assurance import MonthCounts, Report, monthly_report
from appliance.casework.deadlines import corresponding_date
from appliance.casework.papers.paper import Block, BlockKind, Sheet
from appliance.codec import from_json
from appliance.link.messages.cases import AskMonth, Month
from appliance.web.parts import ask, today
from appliance.web.printing import sheet_pdf
from appliance.web.visitor import visitor

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_BACK = 12

blueprint = Blueprint("reports", __name__, url_prefix="/reports")


@blueprint.get("")
def show() -> str:
    """List the months that can be reported on."""
    first = today().replace(day=1)
    return render_template("reports.html", months=[corresponding_date(first, -back) for back in range(_BACK + 1)])


@blueprint.get("/<month>")
def month(month: str) -> str:
    """Show the report of one month."""
    return render_template("report.html", report=_report(month), month=month)


@blueprint.get("/<month>/pdf")
def month_pdf(month: str) -> Response:
    """Send the report of one month as PDF."""
    return sheet_pdf(as_sheet(_report(month)), f"call-recording-{month}")


def as_sheet(report: Report) -> Sheet:
    """Return a report as a sheet of one page."""
    blocks = [Block(BlockKind.PARAGRAPH, (report.verdict,))]
    blocks += [Block(BlockKind.ITEM, (advice,)) for advice in report.attention]
    for name, rows in report.groups:
        blocks.append(Block(BlockKind.HEAD_ROW, (name, "")))
        blocks += [Block(BlockKind.ROW, (row.label, f"{row.value}{_mark(row.good)}")) for row in rows]
    blocks.append(Block(BlockKind.PARAGRAPH, (f"Anchor of the records: {report.anchor}",)))
    return Sheet(report.title, tuple(blocks), dense=True)


def _mark(good: bool | None) -> str:
    return "  – look at this" if good is False else ""


def _report(month: str) -> Report:
    found = _MONTH.fullmatch(month)
    if found is None or date(int(found[1]), int(found[2]), 1) > today():
        raise NotFound
    told = ask(AskMonth(visitor().token, date(int(found[1]), int(found[2]), 1)), Month)
    return monthly_report(told.practice, from_json(told.body, MonthCounts))
