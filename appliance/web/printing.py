"""Sheets to print, as a page and as PDF alike."""

from flask import Response, render_template

from appliance.casework.papers.paper import Sheet
from appliance.web.gate import practice_name


def sheet_page(sheet: Sheet, *, back: str, pdf_href: str) -> str:
    """Return a sheet as a page that prints on A4."""
    return render_template("sheet.html", sheet=sheet, back=back, pdf_href=pdf_href)


def sheet_pdf(sheet: Sheet, name: str) -> Response:
    """Return a sheet as a PDF to be opened or kept."""
    from appliance.web.sheets import pdf  # noqa: PLC0415 - with fonts and pictures it is twenty megabytes

    response = Response(pdf(sheet, f"{sheet.title}, {practice_name()}"), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
