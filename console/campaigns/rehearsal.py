"""Ensayo: the whole campaign played in a copy before anyone's telephone rings, and what came of it."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Row
from werkzeug.wrappers import Response

from campaigns.approval import APPROVERS
from campaigns.life import NotAllowed
from campaigns.rehearsals import book
from campaigns.rehearsals.report import Report
from console.access import CAMPAIGNS, requires
from console.campaigns.found import campaign_or_404
from console.chart import hours_chart
from console.office import office
from console.words import moment, number

screen = Blueprint("rehearsal", __name__)

MOST_PEOPLE = 1_000_000


@screen.get("/campanas/<id:campaign_id>/ensayo")
@requires(*CAMPAIGNS)
def page(campaign_id: int) -> Response | str:
    here = office()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        kept = book.latest(tx, campaign_id)
        going = book.going(tx)
        why_not = book.why_not(tx, here.clock.now(), row) if row.country else "Todavía no se ha revisado."
    if _is_script():
        return jsonify(_progress(kept, campaign_id))
    report = Report.from_json(kept.report) if kept is not None and kept.report else None
    return render_template(
        "console/rehearsal.html",
        campaign=row,
        kept=kept,
        state=book.State(kept.state) if kept is not None else None,
        report=report,
        chart=hours_chart([(hour.at, hour.calls) for hour in report.hours]) if report else "",
        progress=_progress(kept, campaign_id),
        is_elsewhere=going is not None and going.campaign_id != campaign_id,
        why_not=why_not,
        may=current_user.role in APPROVERS,
        most=MOST_PEOPLE,
    )


@screen.post("/campanas/<id:campaign_id>/ensayo")
@requires(*APPROVERS)
def ask(campaign_id: int) -> Response:
    here = office()
    with here.db.begin() as tx:
        campaign_or_404(tx, campaign_id)
        book.ask(tx, here.clock.now(), campaign_id, current_user.email, _people())
    return redirect(url_for(".page", campaign_id=campaign_id))


@screen.post("/campanas/<id:campaign_id>/ensayo/<id:rehearsal_id>/detener")
@requires(*APPROVERS)
def stop(campaign_id: int, rehearsal_id: int) -> Response:
    here = office()
    with here.db.begin() as tx:
        campaign_or_404(tx, campaign_id)
        known = book.stop(tx, here.clock.now(), rehearsal_id, campaign_id, current_user.email)
    flash("El ensayo se está deteniendo." if known else "Ese ensayo ya había terminado.", "success")
    return redirect(url_for(".page", campaign_id=campaign_id))


def _people() -> int | None:
    """How many the form asks for; None: everybody. Raises NotAllowed."""
    written = request.form.get("personas", "").strip().replace(",", "")
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and 0 < int(written[:8]) <= MOST_PEOPLE):
        raise NotAllowed(f"Escriba cuántas personas se ensayan, de 1 a {number(MOST_PEOPLE)}, o déjelo vacío.")
    return int(written)


def _progress(kept: Row | None, campaign_id: int) -> dict[str, Any]:
    """What console/static/checking.js shows; with ``url`` once there is nothing more to wait for."""
    if kept is None or not kept.is_going:
        return {"url": url_for(".page", campaign_id=campaign_id)}
    label = "Espera su turno" if kept.state == book.State.WAITING else "Preparando la copia"
    if kept.reached_at is not None:
        label = "Ensayando"
    told = f"{number(kept.done)} de {number(kept.total)} personas, {number(kept.calls)} llamadas" if kept.total else ""
    if kept.reached_at is not None:
        told += f"; el ensayo va por el {moment(kept.reached_at)}"
    return {"label": label, "rows": told, "percent": 100 * kept.done // kept.total if kept.total else None}


def _is_script() -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
