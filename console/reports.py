"""Informes: a period, a line, and the page is the report as it will be printed (R23)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO

from flask import Blueprint, Flask, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from console.access import REPORTERS, requires
from console.addresses import read_day
from console.beside import IS_OLD, Beside, counted_beside
from console.campaigns.found import seen
from console.downloads import XLSX
from console.hidden import hidden_lines, visible_lines
from console.office import Office, office
from console.report_chart import report_chart
from core import audit, jobs
from reports.document import Document, is_number, printed
from reports.pdf import pdf
from reports.period import TITLE, Figures, counted, document, span_for
from reports.periods import LONGEST, Period, Span
from reports.scheduled import waiting_for_the_folder
from reports.workbook import workbook

screen = Blueprint("reports", __name__)

_WAS_WRONG = "Elija un primer día y un último día que no sea anterior, a menos de {} días uno del otro."
_WRITING = "reports.calls"  #: the job that writes to the folder
SPANS = {"dia": Span.DAY, "semana": Span.WEEK, "mes": Span.MONTH}


@dataclass(frozen=True)
class PeriodAsked:
    """What the visitor wants to see. ``span``: a word of SPANS; ``fault``: a sentence, where what they asked for could
    not be read."""

    period: Period
    line: str
    span: str = ""
    fault: str = ""

    @property
    def named(self) -> dict[str, str | None]:
        """The same in an address."""
        days = {"desde": f"{self.period.first}", "hasta": f"{self.period.last}"}
        return {**days, "linea": self.line or None, "por": self.span or None}


@dataclass(frozen=True)
class CountedPeriod:
    """What was counted of a period, and when."""

    at: datetime
    figures: Figures


def periods_of(here: Office) -> Beside[CountedPeriod]:
    """What each visitor is told who reads how some days went."""
    what = "a period could not be counted for its report"
    return here.keep("periods", lambda: counted_beside(here.freshness.count_s, what))


@screen.get("/informes")
@requires(*REPORTERS)
def page() -> str | tuple[str, int]:
    """What takes long to count is counted beside the page, which comes back for it."""
    here, asked = office(), _asked()
    now, whose, count = here.clock.now(), _whose(asked), _counting(asked)
    if request.args.get("contar"):
        periods_of(here).forget(whose)
    found = periods_of(here).of(whose, None, count)
    with here.db.begin() as tx:
        waiting = waiting_for_the_folder(tx)
    shown = render_template(
        "console/reports.html",
        asked=asked,
        title=TITLE,
        document=_document(asked, found) if found else None,
        at=found.at if found else None,
        is_old=found is not None and now - found.at > IS_OLD,
        is_lost=found is None and periods_of(here).is_known(whose, None),
        lines=visible_lines(),
        spans=SPANS,
        span=SPANS.get(asked.span) or span_for(asked.period),
        waiting=[row for row in waiting if row.problem],
        longest=LONGEST,
    )
    return (shown, 422) if asked.fault else shown


@screen.get("/informes/llamadas.<any(xlsx, pdf):kind>")
@requires(*REPORTERS)
def export(kind: str) -> Response:
    """The same report as a file."""
    here, asked = office(), _asked()
    made = _document(asked, periods_of(here).known(_whose(asked), None) or _counting(asked)())
    with here.db.begin() as tx:
        facts = {"kind": kind, "since": f"{asked.period.first}", "until": f"{asked.period.last}"}
        audit.record(tx, here.clock.now(), current_user.email, "reports.downloaded", "report", "calls", **facts)
    return as_file(made, kind, pdf(made) if kind == "pdf" else workbook(made))


@screen.post("/informes/carpeta")
@requires(*REPORTERS)
def write_again() -> Response:
    """What the shared folder did not take is written to it now."""
    with office().db.begin() as tx:
        if not jobs.arguments_waiting(tx, _WRITING):
            jobs.defer(tx, _WRITING, lock=_WRITING, timestamp=0)
    flash("Se intentará de inmediato.", "info")
    return redirect(url_for(".page"))


def as_file(made: Document, kind: str, data: bytes) -> Response:
    """What the browser keeps."""
    type_ = "application/pdf" if kind == "pdf" else XLSX
    return send_file(BytesIO(data), type_, as_attachment=True, download_name=f"{made.name}.{kind}")


def _asked() -> PeriodAsked:
    """This month so far, unless other days are asked for."""
    here = office()
    today = here.clock.now().astimezone(here.zone).date()
    line, span = request.args.get("linea", ""), request.args.get("por", "")
    line = line if line in visible_lines() else ""
    span = span if span in SPANS else ""
    first, last = _day("desde", today.replace(day=1)), _day("hasta", today)
    if first is None or last is None or last < first or last - first >= timedelta(days=LONGEST):
        return PeriodAsked(Period(today.replace(day=1), today, here.zone), line, span, _WAS_WRONG.format(LONGEST))
    return PeriodAsked(Period(first, last, here.zone), line, span)


def _day(name: str, otherwise: date) -> date | None:
    written = request.args.get(name, "")
    return read_day(written) if written else otherwise


def _whose(asked: PeriodAsked) -> tuple[object, ...]:
    """One visitor is shown what another is not (R43, R75)."""
    return current_user.email, current_user.role, asked.period.first, asked.period.last, asked.line


def _counting(asked: PeriodAsked) -> Callable[[], CountedPeriod]:
    """Counts it, for this visitor, from whichever thread."""
    here, may_know, hidden = office(), seen(), hidden_lines()
    assert here.house, "the application is assembled with one (app.py)"
    house = here.house

    def count() -> CountedPeriod:
        now = here.clock.now()
        with here.db.begin() as tx:
            return CountedPeriod(
                now, counted(tx, house, asked.period, seen=may_know, hidden=hidden, line=asked.line, now=now)
            )

    return count


def _document(asked: PeriodAsked, found: CountedPeriod) -> Document:
    house = office().house
    assert house
    name = f"llamadas-{asked.period.first}-{asked.period.last}" + (f"-{asked.line}" if asked.line else "")
    span = SPANS.get(asked.span)
    return document(found.figures, house, made_at=found.at, name=name, span=span)


def add_filters(app: Flask) -> None:
    """How a report's cells and plots are written."""
    app.add_template_filter(printed, "printed")
    app.add_template_test(is_number, "figure")
    app.add_template_global(report_chart)
