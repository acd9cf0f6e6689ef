"""Sheets to print, as a page and as PDF alike."""

from dataclasses import dataclass
from datetime import date

from flask import Response, render_template

from appliance.casework.papers.paper import SIGN_OFF, Sheet
from appliance.web.gate import practice_name


@dataclass(frozen=True, slots=True)
class Confirming:
    """When the data protection officer confirmed a sheet, and where that is said; ``href`` is empty for who may not."""

    confirmed_on: date | None
    href: str


def sheet_page(sheet: Sheet, *, back: str, pdf_href: str, confirming: Confirming | None = None) -> str:
    """Return a sheet as a page that prints on A4."""
    return render_template(
        "sheet.html", sheet=sheet, back=back, pdf_href=pdf_href, confirming=confirming, sign_off=SIGN_OFF
    )


def sheet_pdf(sheet: Sheet, name: str) -> Response:
    """Return a sheet as a PDF to be opened or kept."""
    from appliance.web.sheets import pdf  # noqa: PLC0415 - with fonts and pictures it is twenty megabytes

    response = Response(pdf(sheet, f"{sheet.title}, {practice_name()}"), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
