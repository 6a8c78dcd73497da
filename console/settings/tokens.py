"""Ajustes › Accesos de sistemas: the tokens with which other programs use the API (docs/api.md)."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response

from api import tokens
from api.tokens import CannotMake, Scope
from campaigns.approval import SUPERVISORS
from campaigns.readers import is_open
from campaigns.tables import campaign
from console.access import requires
from console.office import office

screen = Blueprint("tokens", __name__)

_GOOD_FOR = timedelta(days=90)  # what the form proposes
_MOST_AREAS = 200
#: What a program that only hands in lists and follows them needs.
_PROPOSED = (Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_SUBMIT)


@screen.get("/ajustes/accesos")
@requires(*SUPERVISORS)
def page() -> str:
    return _page()


@screen.post("/ajustes/accesos")
@requires(*SUPERVISORS)
def make() -> str | tuple[str, int]:
    """The token is in this answer and nowhere else: whoever reloads the page is told that its name is taken."""
    here, form = office(), request.form
    try:
        last_day = date.fromisoformat(form.get("vence", ""))
        with here.db.begin() as tx:
            given = (form.get("nombre", ""), form.get("area"), form.getlist("permisos"), _end_of(last_day))
            written = tokens.make(tx, here.vault, here.clock.now(), current_user.email, *given)
    except CannotMake as problem:
        return _page(problem=f"{problem} No se creó nada."), 422
    except (ValueError, OverflowError):
        return _page(problem="Escriba hasta qué día vale. No se creó nada."), 422
    return _page(written=written)


@screen.post("/ajustes/accesos/<id:token_id>/retirar")
@requires(*SUPERVISORS)
def revoke(token_id: int) -> Response:
    here = office()
    with here.db.begin() as tx:
        done = tokens.revoke(tx, here.clock.now(), current_user.email, token_id)
    flash("Desde este momento ese acceso no sirve." if done else "Ese acceso ya estaba retirado.", "success")
    return redirect(url_for(".page"))


def _page(problem: str = "", written: str = "") -> str:
    here, form = office(), request.form
    today = here.clock.now().astimezone(here.zone).date()
    with here.db.begin() as tx:
        rows, areas = tokens.listed(tx), _areas(tx)
    is_kept = bool(problem)  # what was typed comes back only where it has to be corrected
    return render_template(
        "console/tokens.html",
        rows=rows,
        now=here.clock.now(),
        a_minute=timedelta(minutes=1),  # «until the 21st at 23:59», not «the 22nd at 00:00»
        areas=areas,
        scopes=list(Scope),
        problem=problem,
        written=written,
        name=form.get("nombre", "") if is_kept else "",
        area=form.get("area", "") if is_kept else "",
        chosen=form.getlist("permisos") if is_kept else list(_PROPOSED),
        last_day=form.get("vence", "") if is_kept else (today + _GOOD_FOR).isoformat(),
        longest_name=tokens.LONGEST_NAME,
        earliest=today.isoformat(),
        latest=(today + tokens.LONGEST - timedelta(days=1)).isoformat(),
    )


def _end_of(day: date) -> datetime:
    """The last moment of a day where the institution is."""
    return datetime.combine(day + timedelta(days=1), time.min, office().zone)


def _areas(tx: Connection) -> list[str]:
    """Those that have asked for a campaign: so that they are written alike."""
    query = select(campaign.c.area).where(is_open(), campaign.c.area != "").distinct().order_by(campaign.c.area)
    return list(tx.execute(query.limit(_MOST_AREAS)).scalars())
