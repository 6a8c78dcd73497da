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
from desk import board, events, own_targets, presence, returning, rooms, supervision
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
        "waits": "_".join([picture.waiting.stamp, *map("-".join, sorted(_unattended(picture)))]),
        "calls": picture.calls_stamp,
        "people": picture.people_stamp,
    }
    return stamps[part]


def _unattended(picture: Picture) -> set[tuple[str, str]]:
    return board.unattended(picture, desk(), hidden_lines())


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
        "skill_labels": board.skill_labels(here),
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
        own_target = own_targets.own_target(tx, account_id)
    labels = board.skill_labels(here)
    labels |= {skill: skill for skill in found.skills if skill not in labels}
    may_act = current_user.role in SUPERVISORS
    return render_template(
        "console/supervision_person.html",
        person=found,
        history=history,
        skills=labels,
        may_act=may_act,
        now=now,
        own_target=own_target,
        of_lines=board.target_of(here, found),
        most=own_targets.MOST,
    )


@screen.post("/supervision/persona/<id:account_id>/meta")
@requires(*SUPERVISORS)
def set_target(account_id: int) -> Response:
    """How many conversations a day are asked of them from today on (R14); nothing: what their lines ask."""
    here, written = desk(), request.form.get("meta", "").strip()
    now, back = here.clock.now(), redirect(url_for(".person", account_id=account_id))
    if written and not (written.isascii() and written.isdigit() and int(written) <= own_targets.MOST):
        flash(f"La meta es un número de 0 a {own_targets.MOST}, o nada: la de sus líneas.", "danger")
        return back
    target = int(written) if written else None
    with here.db.begin() as tx:
        found = board.operator_of(tx, now, account_id) or abort(404)
        if own_targets.set_own_target(tx, now, account_id, target):
            audit.record(tx, now, current_user.email, "operator.target", "operator", account_id, target=target)
    flash(f"Meta de {found.name}: {'la de sus líneas' if target is None else target}.", "success")
    return back


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
    labels = board.skill_labels(here)
    told = ", ".join(labels.get(skill, skill) for skill in skills) or "ninguna en especial"
    flash(f"Habilidades de {found.name}: {told}.", "success")
    return redirect(url_for(".person", account_id=account_id))
