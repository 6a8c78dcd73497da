"""Supervisión: everybody at work and everybody who waits on one page, and the ways into a call (R74, R90)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.access import OVERSEES, requires
from console.desk.part import timed
from console.desk.visit import (
    BREAKS,
    SUPERVISORS,
    Answer,
    act,
    asked_stamps,
    desk,
    live_answer,
    look_around,
    me,
    say_that_the_page_is_open,
    sign_on,
    telephone_of,
    visible_call,
)
from console.hidden import hidden_lines
from core import audit
from desk import board, events, presence, returning, rooms, supervision
from desk.refusal import still_open
from desk.states import Presence
from desk.wallboard import Picture

screen = Blueprint("supervision", __name__)

_HISTORY = timedelta(days=7)
_PARTS = ("fires", "waits", "calls", "people")  #: of the page, in its order; each is fetched when it has changed
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
    if current_user.role in SUPERVISORS:
        with here.db.begin() as tx:
            sign_on(tx, here.clock.now())
    return render_template("console/supervision.html", **_seen(look_around(newest=True), with_telephone=True))


@screen.get("/supervision/vivo")
@requires(*OVERSEES)
def parts() -> Response:
    """The parts that changed; 204 while none has."""
    if current_user.role in SUPERVISORS:
        say_that_the_page_is_open()
    picture = look_around()
    had = asked_stamps(len(_PARTS))
    changed = [part for part, stamp in zip(_PARTS, had, strict=True) if stamp != _stamp(picture, part)]
    if not changed:
        return live_answer("")
    shown = _seen(picture)
    return live_answer("".join(render_template(f"console/supervision_{part}.html", **shown) for part in changed))


def _stamp(picture: Picture, part: str) -> str:
    stamps = {
        "fires": picture.fires_stamp,
        "waits": picture.waiting.stamp,
        "calls": picture.calls_stamp,
        "people": picture.people_stamp,
    }
    return stamps[part]


def _seen(picture: Picture, *, with_telephone: bool = False) -> dict[str, Any]:
    here = desk()
    now = here.clock.now()
    floor = board.floor(picture, here, now, hidden_lines())
    with here.db.begin() as tx:
        floor = replace(floor, calls=[timed(tx, now, call) for call in floor.calls])
    shown = {
        "stamps": {part: _stamp(picture, part) for part in _PARTS},
        "floor": floor,
        "operators": sorted(floor.operators, key=lambda each: (_ORDER.index(each.state), -each.seconds)),
        "calls_by_id": {call.room.id: call for call in floor.calls},
        "me": next((each for each in floor.operators if each.account_id == me()), None),
        "may_act": current_user.role in SUPERVISORS,
        "breaks": BREAKS,
        "account_id": me(),
    }
    if with_telephone:
        with here.db.begin() as tx:
            shown |= telephone_of(tx)
    return shown


def _listen(tx: Connection, now: datetime, room_id: int) -> None:
    supervision.listen(tx, desk(), now, room_id, me(), current_user.email)


def _come_in(tx: Connection, now: datetime, room_id: int) -> None:
    """Heard by everybody: by whom they listened to, or at once where there is no operator to listen to."""
    room = still_open(tx, room_id)
    if room.leg_of(me()) is not None:
        supervision.join(tx, now, room_id, me(), current_user.email)
    elif room.is_emergency:
        returning.come_in(tx, desk(), now, room_id, me(), current_user.email)
    else:
        leg_id = supervision.listen(tx, desk(), now, room_id, me(), current_user.email)
        rooms.change_leg(tx, leg_id, wants_mute=False, is_muted=False)
        events.note(tx, now, room_id, "supervisor.joins", current_user.email, leg_id)


_ACTIONS: dict[str, Act] = {
    "escuchar": _listen,
    "susurrar": lambda tx, now, room_id: supervision.whisper(tx, now, room_id, me(), current_user.email),
    "entrar": _come_in,
    "tomar": lambda tx, now, room_id: supervision.take_over(tx, now, room_id, me(), current_user.email),
    "salir": lambda tx, now, room_id: supervision.stop(tx, now, room_id, me(), current_user.email),
}


@screen.post("/supervision/llamada/<id:room_id>/<name>")
@requires(*SUPERVISORS)
def do(room_id: int, name: str) -> Answer:
    """Listens, whispers, comes in, takes over, or leaves."""
    if name not in _ACTIONS:
        abort(404)
    with desk().db.begin() as tx:
        visible_call(tx, room_id)
    back = url_for("console.desk.page" if name == "tomar" else ".page")
    return act(back, lambda tx, now: _ACTIONS[name](tx, now, room_id))


@screen.get("/supervision/persona/<id:account_id>")
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


@screen.post("/supervision/persona/<id:account_id>/habilidades")
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
