"""The emergency: while it lasts the whole page is about it, and nobody ends it before it is over (R76–R78)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from console.access import AT_THE_DESK, requires
from console.cases.form_shown import form_of
from console.desk.case_draft import draft_of, tell_place
from console.desk.emergency_services import kinds_of, named
from console.desk.visit import (
    Answer,
    act,
    asked_stamps,
    desk,
    live_answer,
    look_around,
    me,
    oversees,
    say_that_the_page_is_open,
    sign_on,
    telephone_of,
    visible_call,
)
from desk import board, call_card, emergency, events, returning, transfers
from desk.emergency import Confirmation
from desk.lines import DeskLine
from desk.refusal import CannotDo
from desk.wallboard import Picture

screen = Blueprint("emergency", __name__)

_LOG = 40  # lines of the log that are shown
_NOT_SHOWN = ("carrier.", "leg.changed", "leg.wanted", "leg.ringing", "leg.left_the_room")


class BeginForm(FlaskForm):
    """Location first (R76)."""

    zone = SelectField("Zona")
    place = TextAreaField(
        "Lugar exacto: municipio, calle, número, señas",
        validators=[InputRequired("Escriba el lugar."), Length(max=1000)],
    )
    is_safe = RadioField(
        "Si se corta, ¿es seguro devolverle la llamada?",
        choices=[SelectChoice("no", "No, o no se sabe"), SelectChoice("si", "Sí, lo dijo la persona")],
        default="no",
    )


@screen.get("/emergencia/<id:room_id>")
@requires(*AT_THE_DESK)
def page(room_id: int) -> str | Response:
    """The form that begins it, or, once begun, all of it; number and location are shown whole, and that is audited."""
    here = desk()
    stamp = _stamp(look_around(newest=True), room_id)
    with here.db.begin() as tx:
        call = _for_me(tx, room_id)
        if not call.room.is_open:
            return redirect(url_for("console.desk.page"))
        sign_on(tx, here.clock.now())
        if not call.room.is_emergency:
            return _begin_form(call, _form(call.line), telephone_of(tx))
        shown = _seen(tx, call, stamp)
        shown["phone"], shown["place"] = None, None
        if shown["is_mine"] or oversees():  # whoever has not come in yet sees that it is there, and no more
            shown["phone"], shown["place"] = emergency.reveal(tx, here, here.clock.now(), room_id, current_user.email)
        shown |= telephone_of(tx)
    return render_template("console/emergency.html", **shown)


@screen.get("/emergencia/<id:room_id>/vivo")
@requires(*AT_THE_DESK)
def parts(room_id: int) -> Response:
    """What changes, without number nor location; 204 while nothing has. The case is written in it, as on Puesto."""
    say_that_the_page_is_open()
    stamp = _stamp(look_around(), room_id)
    with desk().db.begin() as tx:
        call = _for_me(tx, room_id)
        if not call.room.is_open:
            return live_answer("", go=url_for("console.desk.page"))
        if asked_stamps(1) == [stamp]:
            return live_answer("")
        shown = _seen(tx, call, stamp)
    return live_answer(render_template("console/emergency_parts.html", **shown))


@screen.post("/emergencia/<id:room_id>")
@requires(*AT_THE_DESK)
def begin(room_id: int) -> Answer | str:
    """One confirmation, and the services of the zone are rung; the place stands in the case."""
    with desk().db.begin() as tx:
        call, telephone = _for_me(tx, room_id), telephone_of(tx)
    form = _form(call.line)
    if not form.validate():
        return _begin_form(call, form, telephone), 422
    told: dict[str, Any] = {
        "zone": form.zone.data,
        "place": form.place.data or "",
        "is_safe": form.is_safe.data == "si",
    }

    def ring(tx: Connection, now: datetime) -> None:
        emergency.begin(tx, desk(), now, room_id, current_user.email, **told)
        tell_place(tx, now, room_id, current_user.email)

    return act(url_for(".page", room_id=room_id), ring)


@screen.post("/emergencia/<id:room_id>/<name>")
@requires(*AT_THE_DESK)
def do(room_id: int, name: str) -> Answer:
    """One action on the emergency."""
    if name not in _ACTIONS:
        abort(404)
    return act(url_for(".page", room_id=room_id), lambda tx, now: _act(tx, now, room_id, name))


def _act(tx: Connection, now: datetime, room_id: int, name: str) -> None:
    """Whoever is not in the emergency may come in, and only then do anything about it; a supervisor may at once."""
    call = _for_me(tx, room_id)
    mine = call.room.leg_of(me())
    if name != "entrar" and not oversees() and (mine is None or not mine.is_in):
        raise CannotDo("Entre primero en la llamada: pulse «Entrar».")
    _ACTIONS[name](tx, now, room_id)


def _correct_place(tx: Connection, now: datetime, room_id: int) -> None:
    place = request.form.get("lugar", "")
    if not place.strip():
        raise CannotDo("Escriba el lugar exacto: es lo que la patrulla necesita.")
    emergency.correct_place(tx, desk(), now, room_id, current_user.email, place)
    tell_place(tx, now, room_id, current_user.email)


def _correct_zone(tx: Connection, now: datetime, room_id: int) -> None:
    emergency.correct_zone(tx, desk(), now, room_id, current_user.email, request.form.get("zona", ""))
    tell_place(tx, now, room_id, current_user.email)


def _take_back(tx: Connection, now: datetime, room_id: int) -> None:
    transfers.take_back(tx, now, room_id, me(), current_user.email)


def _mark_safe(tx: Connection, now: datetime, room_id: int) -> None:
    emergency.mark_safe(tx, now, room_id, current_user.email, request.form.get("seguro") == "si")


def _next_number(tx: Connection, now: datetime, room_id: int) -> None:
    emergency.next_number(tx, desk(), now, room_id, request.form.get("clase", ""), current_user.email)


def _confirm(tx: Connection, now: datetime, room_id: int) -> None:
    what = request.form.get("que", "")
    if what not in list(Confirmation):
        raise CannotDo("Diga qué se confirmó.")
    emergency.confirm(tx, now, room_id, current_user.email, Confirmation(what))


def _override(tx: Connection, now: datetime, room_id: int) -> None:
    if not oversees():
        abort(403)
    emergency.override(tx, desk(), now, room_id, current_user.email, request.form.get("motivo", ""))


def _finish(tx: Connection, now: datetime, room_id: int) -> None:
    emergency.finish(tx, now, room_id, current_user.email)


def _come_in(tx: Connection, now: datetime, room_id: int) -> None:
    returning.come_in(tx, desk(), now, room_id, me(), current_user.email)


def _ask_for_support(tx: Connection, now: datetime, room_id: int) -> None:
    transfers.ask_for_support(tx, now, room_id, me(), current_user.email)


_ACTIONS: dict[str, Callable[[Connection, datetime, int], None]] = {
    "lugar": _correct_place,
    "zona": _correct_zone,
    "soltar": _take_back,
    "seguro": _mark_safe,
    "siguiente": _next_number,
    "confirmar": _confirm,
    "forzar": _override,
    "terminar": _finish,
    "entrar": _come_in,
    "apoyo": _ask_for_support,
}


def _for_me(tx: Connection, room_id: int) -> call_card.Call:
    """The visitor's own call; of others' only those that supervisors look at, and emergencies without an operator."""
    call = visible_call(tx, room_id, all_legs=True)
    is_mine = call.room.leg_of(me()) is not None or call.room.account_id == me()
    if not (is_mine or oversees() or (call.room.is_emergency and call.operator is None)):
        abort(404)
    return call


def _form(line: DeskLine) -> BeginForm:
    form = BeginForm()
    first = SelectChoice("", "No se sabe todavía" if line.zones else "Única")
    form.zone.choices = [first, *(SelectChoice(zone, zone) for zone in line.zones)]
    return form


def _begin_form(call: call_card.Call, form: BeginForm, telephone: dict[str, Any]) -> str:
    return render_template("console/emergency_begin.html", call=call, form=form, **telephone)


def _stamp(picture: Picture, room_id: int) -> str:
    return picture.stamp_of_room(room_id, me())


def _seen(tx: Connection, call: call_card.Call, stamp: str) -> dict[str, Any]:
    """``stamp``: taken before the call was read, so that what changed meanwhile is asked for again."""
    story = [event for event in events.story(tx, call.room.id) if not event["kind"].startswith(_NOT_SHOWN)]
    operator = board.operator_of(tx, desk().clock.now(), me())
    draft = draft_of(tx, desk().clock.now(), operator, call, None) if operator else None
    return {
        "call": call,
        "stamp": stamp,
        "kinds": kinds_of(call),
        "people": [each for each in call.people if not each.is_over],
        "story": named(call, story[: -_LOG - 1 : -1]),
        "is_mine": call.mine(me()) is not None,
        "me": operator,
        "draft": draft,
        "form": form_of(tx, draft) if draft else None,
        "oversees": oversees(),
        "Confirmation": Confirmation,
        "dropped_for": _dropped_for(call),
        "place_changes": sum(1 for event in story if event["kind"] == "emergency.place"),
    }


def _dropped_for(call: call_card.Call) -> int | None:
    """Seconds since the person dropped off; None: they are on the line."""
    if call.caller is not None:
        return None
    gone = [each.seconds for each in call.people if each.role == "CALLER"]
    return min(gone, default=0)
