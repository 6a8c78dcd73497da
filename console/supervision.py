"""Supervisión: everybody at work and everybody who waits on one page, and the ways into a call (R74, R90)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.access import OVERSEES, requires
from console.desk import BREAKS, telephone_of
from console.desk_visit import SUPERVISORS, Answer, act, desk, me, sign_on, visible_call
from console.hidden import hidden_lines
from core import audit
from desk import board, events, presence, stamps, supervision
from desk.states import Presence

screen = Blueprint("supervision", __name__)

_HISTORY = timedelta(days=7)
#: The order in which a supervisor looks for people: those who are busy with somebody first.
_ORDER = (
    *(Presence.EN_LLAMADA, Presence.TIMBRANDO, Presence.POST_LLAMADA),
    *(Presence.DISPONIBLE, Presence.DESCANSO, Presence.FUERA),
)

Act = Callable[[Connection, datetime, int], object]


@screen.get("/supervision")
@requires(*OVERSEES)
def page() -> str:
    here = desk()
    with here.db.begin() as tx:
        if current_user.role in SUPERVISORS:
            sign_on(tx, here.clock.now())
        shown = _seen(tx)
    return render_template("console/supervision.html", **shown)


@screen.get("/supervision/vivo")
@requires(*OVERSEES)
def parts() -> str | tuple[str, int]:
    """The parts that change; 204 while nothing has."""
    with desk().db.begin() as tx:
        if request.args.get("visto") and current_user.role in SUPERVISORS:
            presence.seen(tx, me())
        if stamps.of_floor(tx) == request.args.get("sello"):
            return "", 204
        shown = _seen(tx)
    return render_template("console/supervision_parts.html", **shown)


def _seen(tx: Connection) -> dict[str, Any]:
    here = desk()
    now = here.clock.now()
    stamp = stamps.of_floor(tx)  # first: what changes meanwhile is asked for again
    floor = board.floor(tx, here, now, hidden_lines())
    rooms = {call.room.id: call for call in floor.calls}
    return {
        "stamp": stamp,
        "floor": floor,
        "operators": sorted(floor.operators, key=lambda each: (_ORDER.index(each.state), -each.seconds)),
        "calls_by_id": rooms,
        "me": board.operator_of(tx, now, me()),
        "may_act": current_user.role in SUPERVISORS,
        "breaks": BREAKS,
        "account_id": me(),
        **telephone_of(tx),
    }


def _listen(tx: Connection, now: datetime, room_id: int) -> None:
    supervision.listen(tx, desk(), now, room_id, me(), current_user.email)


_ACTIONS: dict[str, Act] = {
    "escuchar": _listen,
    "susurrar": lambda tx, now, room_id: supervision.whisper(tx, now, room_id, me(), current_user.email),
    "entrar": lambda tx, now, room_id: supervision.join(tx, now, room_id, me(), current_user.email),
    "tomar": lambda tx, now, room_id: supervision.take_over(tx, now, room_id, me(), current_user.email),
    "salir": lambda tx, now, room_id: supervision.stop(tx, now, room_id, me(), current_user.email),
}


@screen.post("/supervision/llamada/<int:room_id>/<name>")
@requires(*SUPERVISORS)
def do(room_id: int, name: str) -> Answer:
    """Listens, whispers, comes in, takes over, or leaves."""
    if name not in _ACTIONS:
        abort(404)
    with desk().db.begin() as tx:
        visible_call(tx, room_id)
    back = url_for("console.desk.page" if name == "tomar" else ".page")
    return act(back, lambda tx, now: _ACTIONS[name](tx, now, room_id))


@screen.get("/supervision/persona/<int:account_id>")
@requires(*OVERSEES)
def person(account_id: int) -> str:
    """What somebody of the desk was doing this week, and which calls they may be given."""
    here = desk()
    now = here.clock.now()
    with here.db.begin() as tx:
        found = board.operator_of(tx, now, account_id) or abort(404)
        history = board.presence_history(tx, account_id, now - _HISTORY)
    known = sorted({*board.skills_known(here), *found.skills})
    may_act = current_user.role in SUPERVISORS
    return render_template(
        "console/supervision_person.html", person=found, history=history, skills=known, may_act=may_act, now=now
    )


@screen.post("/supervision/persona/<int:account_id>/habilidades")
@requires(*SUPERVISORS)
def set_skills(account_id: int) -> Response:
    """Which calls they may be given from now on (R83, R91)."""
    here = desk()
    now = here.clock.now()
    with here.db.begin() as tx:
        found = board.operator_of(tx, now, account_id) or abort(404)
        known = {*board.skills_known(here), *found.skills}
        skills = sorted(known & set(request.form.getlist("habilidad")))
        presence.set_skills(tx, account_id, skills)
        audit.record(tx, now, current_user.email, "operator.skills", "operator", account_id, skills=skills)
        events.wake(tx)
    flash(f"Habilidades de {found.name}: {', '.join(skills) or 'ninguna en especial'}.", "success")
    return redirect(url_for(".person", account_id=account_id))
