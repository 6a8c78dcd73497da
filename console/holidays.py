"""Ajustes › Feriados: the days on which nobody is called, beside the hours that the law leaves (requirements §6)."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from campaigns.approval import APPROVERS, SUPERVISORS
from campaigns.rules import closed_days
from campaigns.rules.closed_days import DayKind
from campaigns.rules.hours import COUNTRIES, holidays_between
from console.access import requires
from console.office import office

screen = Blueprint("holidays", __name__)

_AHEAD = 370  # days of the country's own holidays that are shown


@screen.get("/ajustes/feriados")
@requires(*APPROVERS)
def page() -> str:
    return _page()


@screen.post("/ajustes/feriados")
@requires(*SUPERVISORS)
def close() -> Response | tuple[str, int]:
    here, country = office(), _country()
    try:
        first, last = _day("desde"), _day("hasta", "desde")
        kind = DayKind(request.form.get("clase", ""))
        name = request.form.get("nombre", "")
        with here.db.begin() as tx:
            new = closed_days.close(tx, here.clock.now(), current_user.email, country, first, last, name, kind)
    except ValueError as problem:
        told = str(problem) if str(problem).endswith(".") else "Elija la clase de día."
        return _page(f"{told} No se guardó nada."), 422
    flash(
        "Ese día ya estaba." if not new else f"{new} {'día' if new == 1 else 'días'} sin llamadas, desde ya.", "success"
    )
    return redirect(url_for(".page", pais=country))


@screen.post("/ajustes/feriados/<int:day_id>/quitar")
@requires(*SUPERVISORS)
def reopen(day_id: int) -> Response:
    here = office()
    with here.db.begin() as tx:
        done = day_id < 2**63 and closed_days.reopen(tx, here.clock.now(), current_user.email, day_id)
    flash("Ese día vuelve a ser como los demás." if done else "Ese día ya no estaba.", "success")
    return redirect(url_for(".page", pais=_country()))


def _page(problem: str = "") -> str:
    here, country = office(), _country()
    today = here.clock.now().astimezone(COUNTRIES[country].zone).date()
    with here.db.begin() as tx:
        closed = closed_days.listed(tx, country, today)
    return render_template(
        "console/holidays.html",
        country=country,
        countries=_countries(),
        closed=closed,
        kinds=list(DayKind),
        holidays=holidays_between(country, today, _AHEAD),
        problem=problem,
        values=_typed(),
        is_keeper=current_user.role in SUPERVISORS,
        form=FlaskForm(),
    )


def _typed() -> dict[str, Any]:
    return {name: request.form.get(name, "") for name in ("desde", "hasta", "nombre", "clase")}


def _countries() -> list[str]:
    return sorted({line.known.country for line in office().lines}) or [office().country]


def _country() -> str:
    wanted = request.values.get("pais", "")
    return wanted if wanted in _countries() else office().country


def _day(name: str, otherwise: str = "") -> date:
    written = request.form.get(name, "") or request.form.get(otherwise, "")
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ValueError("Escriba el día, como 16/09/2026.") from None
