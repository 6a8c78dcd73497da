"""Ajustes › Feriados: the days on which nobody is called, beside the hours that the law leaves (requirements §6)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection, Row
from werkzeug.wrappers import Response

from campaigns.approval import APPROVERS, SUPERVISORS
from campaigns.readers import RESERVED_NAME, is_reserved
from campaigns.rules.calendar import with_days_left
from console.access import requires
from console.office import office
from core import closed_days
from core.closed_days import DayKind
from core.countries import COUNTRIES, holidays_between

screen = Blueprint("holidays", __name__)

_AHEAD = 370  # days of the country's own holidays that are shown


class _LeavesNoDay(Exception):
    """These campaigns would have no day left, and whoever closes the days has not said that they know."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.names = [RESERVED_NAME if is_reserved(row) else row.name for row in rows]


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
            had = with_days_left(tx, here.clock.now(), country)
            new = closed_days.close(tx, here.clock.now(), current_user.email, country, first, last, name, kind)
            _must_be_known(tx, had, country)
    except _LeavesNoDay as asked:
        return _page(without_days=asked.names), 409
    except ValueError as problem:
        told = str(problem) if str(problem).endswith(".") else "Elija la clase de día."
        return _page(f"{told} No se guardó nada."), 422
    flash(
        "Ese día ya estaba." if not new else f"{new} {'día' if new == 1 else 'días'} sin llamadas, desde ya.", "success"
    )
    return redirect(url_for(".page", pais=country))


@screen.post("/ajustes/feriados/<id:day_id>/quitar")
@requires(*SUPERVISORS)
def reopen(day_id: int) -> Response:
    here = office()
    with here.db.begin() as tx:
        done = closed_days.reopen(tx, here.clock.now(), current_user.email, day_id)
    flash("Ese día vuelve a ser como los demás." if done else "Ese día ya no estaba.", "success")
    return redirect(url_for(".page", pais=_country()))


def _must_be_known(tx: Connection, had: Sequence[Row], country: str) -> None:
    """Raises _LeavesNoDay, which undoes it, where campaigns that had days have none any more, unnoticed."""
    have = {row.id for row in with_days_left(tx, office().clock.now(), country)}
    ended = [row for row in had if row.id not in have]
    if ended and "sabido" not in request.form:
        raise _LeavesNoDay(ended)


def _page(problem: str = "", without_days: Sequence[str] = ()) -> str:
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
        without_days=without_days,
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
