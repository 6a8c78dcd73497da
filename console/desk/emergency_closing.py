"""Cierre: how an emergency that is over was confirmed; where nobody did, a supervisor says what is known (R77)."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectChoice, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from console.access import requires
from console.desk.visit import SUPERVISORS, desk, visible_call
from desk import call_card, emergency
from desk.emergency import Confirmation
from desk.refusal import CannotDo

screen = Blueprint("emergency_closing", __name__)

_UNKNOWN = "DESCONOCIDO"


class ClosingForm(FlaskForm):
    """What was learnt since the call was over, and from whom."""

    what = RadioField(
        "Qué se supo después",
        choices=[
            SelectChoice(Confirmation.PATRULLA_LOCALIZO, "La patrulla localizó a la persona"),
            SelectChoice(Confirmation.SITUACION_CONTROLADA, "La situación está controlada"),
            SelectChoice(_UNKNOWN, "No se supo, y ya no hay a quién preguntar"),
        ],
        validators=[AnyOf([*Confirmation, _UNKNOWN], "Elija una respuesta.")],
        validate_choice=False,
    )
    reason = TextAreaField(
        "Cómo se supo, o por qué se cierra sin saberlo",
        validators=[InputRequired("Escríbalo, con al menos una frase."), Length(max=500)],
    )


@screen.get("/emergencia/<id:room_id>/cierre")
@requires(*SUPERVISORS)
def page(room_id: int) -> str:
    """The form, or what was said; that somebody read it is audited: people write names."""
    with desk().db.begin() as tx:
        call = _over(tx, room_id)
        told = emergency.how_it_ended(tx, desk(), desk().clock.now(), room_id, current_user.email)
    return _drawn(call, ClosingForm(formdata=None), told)


@screen.post("/emergencia/<id:room_id>/cierre")
@requires(*SUPERVISORS)
def close(room_id: int) -> Response | tuple[str, int]:
    filled, here = ClosingForm(), desk()
    with here.db.begin() as tx:
        call = _over(tx, room_id)
    if not filled.validate():
        return _drawn(call, filled), 422
    what = None if filled.what.data == _UNKNOWN else Confirmation(filled.what.data)
    try:
        with here.db.begin() as tx:
            now, reason = here.clock.now(), filled.reason.data or ""
            emergency.close_afterwards(tx, here, now, room_id, current_user.email, what, reason)
    except CannotDo as problem:
        flash(str(problem), "warning")
        return _drawn(call, filled), 422
    flash("La emergencia quedó cerrada.", "success")
    return redirect(url_for("console.call_list.page", emergencia=1))


def _over(tx: Connection, room_id: int) -> call_card.Call:
    call = visible_call(tx, room_id)
    if not call.room.is_emergency or call.room.is_open:
        abort(404)
    return call


def _drawn(call: call_card.Call, form: ClosingForm, told: str | None = None) -> str:
    return render_template("console/emergency_closing.html", call=call, form=form, told=told)
