"""Informes: a period, a line, and the page is the report as it will be printed (R23)."""

from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO

from flask import Blueprint, Flask, render_template, request, send_file
from flask_login import current_user
from werkzeug.wrappers import Response

from console.access import REPORTERS, requires
from console.campaigns.found import seen
from console.downloads import XLSX
from console.hidden import hidden_lines
from console.office import office
from console.report_chart import report_chart
from core import audit
from reports import calls
from reports.calls import LONGEST, Period
from reports.document import Document, is_number, printed
from reports.pdf import pdf
from reports.workbook import workbook

screen = Blueprint("reports", __name__)

_WAS_WRONG = "Elija un primer día y un último día que no sea anterior, a menos de {} días uno del otro."


@dataclass(frozen=True)
class Asked:
    """What the visitor wants to see. ``fault``: a sentence, where what they asked for could not be read."""

    period: Period
    line: str
    fault: str = ""


@screen.get("/informes")
@requires(*REPORTERS)
def page() -> str | tuple[str, int]:
    asked = _asked()
    shown = render_template(
        "console/reports.html",
        asked=asked,
        document=_document(asked),
        lines={name: told for name, told in _names().items() if name not in hidden_lines()},
        longest=LONGEST,
    )
    return (shown, 422) if asked.fault else shown


@screen.get("/informes/llamadas.<any(xlsx, pdf):kind>")
@requires(*REPORTERS)
def export(kind: str) -> Response:
    """The same report as a file."""
    here, asked = office(), _asked()
    made = _document(asked)
    with here.db.begin() as tx:
        facts = {"kind": kind, "since": f"{asked.period.first}", "until": f"{asked.period.last}"}
        audit.record(tx, here.clock.now(), current_user.email, "reports.downloaded", "report", "calls", **facts)
    return as_file(made, kind, pdf(made) if kind == "pdf" else workbook(made))


def as_file(made: Document, kind: str, data: bytes) -> Response:
    """What the browser keeps."""
    type_ = "application/pdf" if kind == "pdf" else XLSX
    return send_file(BytesIO(data), type_, as_attachment=True, download_name=f"{made.name}.{kind}")


def _asked() -> Asked:
    """This month so far, unless other days are asked for."""
    here = office()
    today = here.clock.now().astimezone(here.zone).date()
    line = request.args.get("linea", "")
    line = line if line in _names() and line not in hidden_lines() else ""
    first, last = _day("desde", today.replace(day=1)), _day("hasta", today)
    if first is None or last is None or last < first or last - first >= timedelta(days=LONGEST):
        return Asked(Period(today.replace(day=1), today, here.zone), line, _WAS_WRONG.format(LONGEST))
    return Asked(Period(first, last, here.zone), line)


def _day(name: str, otherwise: date) -> date | None:
    written = request.args.get(name, "")
    try:
        found = date.fromisoformat(written) if written else otherwise
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None


def _names() -> dict[str, str]:
    return {line.known.id: line.known.entity for line in office().lines}


def _document(asked: Asked) -> Document:
    here = office()
    with here.db.begin() as tx:
        days = calls.days_of(tx, asked.period, here.calls_by_day, hidden_lines())
        closed = calls.closed_in(tx, asked.period, seen(), asked.line)
    return calls.document(
        asked.period,
        days,
        [row for row in closed if row.line not in hidden_lines()],
        _names(),
        made_at=here.clock.now(),
        institution=here.institution,
        name=f"llamadas-{asked.period.first}-{asked.period.last}" + (f"-{asked.line}" if asked.line else ""),
        line=asked.line,
    )


def add_filters(app: Flask) -> None:
    """How a report's cells and plots are written."""
    app.add_template_filter(printed, "printed")
    app.add_template_test(is_number, "figure")
    app.add_template_global(report_chart)
