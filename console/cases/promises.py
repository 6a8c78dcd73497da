"""On a case: a call promised to its citizen for an hour, and one that is not needed any more (R79, R87)."""

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from werkzeug.wrappers import Response
from wtforms import DateTimeLocalField, TextAreaField
from wtforms.validators import DataRequired, Length

from cases.consultations.consultations import one_case
from cases.problem import TextMissing
from console.access import CASES, requires
from console.hidden import hidden_lines
from console.office import office
from core import audit
from core.roles import Role
from desk import promised, promises
from desk.promised import Promised
from desk.world import Desk
from procedures.promising import CannotPromise, promise_call

screen = Blueprint("promises", __name__)

MOST_AHEAD = timedelta(days=60)
_PAGE = 50


class PromiseForm(FlaskForm):
    when = DateTimeLocalField("Día y hora", validators=[DataRequired("Escriba el día y la hora.")])
    words = TextAreaField("Para qué se le llama", validators=[DataRequired("Escriba para qué."), Length(max=2000)])


@screen.post("/casos/<id:case_id>/seguimiento")
@requires(*CASES)
def make(case_id: int) -> Response:
    """Somebody is called again at an hour that they agreed to."""
    form, here, history = PromiseForm(), office(), redirect(url_for("console.tray.history", case_id=case_id))
    desk, now, who = _desk(), here.clock.now(), current_user.email
    if not form.validate() or form.when.data is None:
        flash("Escriba el día y la hora, y para qué se le llama: no se prometió nada.", "warning")
        return history
    at = form.when.data.replace(second=0, microsecond=0, tzinfo=here.zone)
    if not now < at <= now + MOST_AHEAD:
        flash("La llamada se promete para después de ahora, y en 60 días como máximo.", "warning")
        return history
    try:
        with here.db.begin() as tx:
            case = one_case(tx, here.vault, case_id, hidden_lines=hidden_lines())
            if case is None:
                abort(404)
            promise_call(tx, desk, now, case_id, case.line, at, words=form.words.data or "", actor=who)
    except (CannotPromise, TextMissing) as why:
        flash(str(why), "warning")
        return history
    flash("Quedó prometida: a esa hora suena en un puesto, y después en el teléfono del caso.", "success")
    return history


@screen.post("/casos/promesas/<id:promise_id>/retirar")
@requires(*CASES)
def take_back(promise_id: int) -> Response:
    """It is not needed any more: nobody is rung for it."""
    here, now = office(), office().clock.now()
    with here.db.begin() as tx:
        found = promised.one(tx, here.vault, promise_id)
        if found is None or found.case_id is None or found.line in hidden_lines():
            abort(404)
        is_over = promises.take_back(tx, now, promise_id, current_user.email)
        if is_over:
            audit.record(tx, now, current_user.email, "case.promise_taken_back", "case", found.case_id)
    flash("Ya no se le llamará." if is_over else "Esa llamada ya se está haciendo, o ya se hizo.", "info")
    return redirect(url_for("console.tray.history", case_id=found.case_id))


def promised_next(tx: Connection) -> list[Promised]:
    """What comes next of the lines that the visitor may know of; nothing for whoever does not see all cases."""
    if current_user.role not in CASES - {Role.TECNICO, Role.DIRECTOR}:
        return []
    return promised.next_ones(tx, office().vault, hidden_lines=hidden_lines(), limit=_PAGE)


def _desk() -> Desk:
    found = office().desk
    if found is None:
        abort(404)
    return found
