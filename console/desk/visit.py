"""What every screen of the desk does first and last: who is here, whose call it is, and how an action is answered."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.hidden import hidden_lines, is_hidden_attempt
from console.office import office
from core.roles import Role
from desk import board, call_card, presence
from desk.presence import CannotChange, ReasonMissing
from desk.refusal import CannotDo
from desk.wallboard import Picture, Wallboard
from desk.world import Desk

Answer = Response | tuple[str, int]
#: What an operator may say of why they are away (R90).
BREAKS = ("Almuerzo", "Pausa", "Capacitación", "Reunión", "Asistencia técnica")
SUPERVISORS = frozenset({Role.SUPERVISOR, Role.COORDINADOR})
_REFUSALS = (CannotDo, CannotChange, ReasonMissing)


def desk() -> Desk:
    """The desk of this installation; a page of an installation without one is not there."""
    found = office().desk
    if found is None:
        abort(404)
    return found


def me() -> int:
    """The visitor's account."""
    return current_user.account.id


def look_around(*, newest: bool = False) -> Picture:
    """What is going on, read once for all who look from this process; anew for who has just done something."""
    here, shown_for = desk(), office().freshness.look_s
    wallboard = office().keep("wallboard", lambda: Wallboard(here, shown_for))
    return wallboard.picture(newest=newest or "nuevo" in request.args)


def asked_stamps(count: int) -> list[str]:
    """Of each part of the page that asks, in the page's order; empty where it told none."""
    return [*request.args.get("sello", "").split(".")[:count], *[""] * count][:count]


def live_answer(parts: str, go: str | None = None) -> Response:
    """The parts that changed, or 204; ``go``: the page to be on instead. The hour goes with it: the page counts on."""
    headers = {"X-Now": f"{desk().clock.now().timestamp():.0f}"} | ({"X-Go": go} if go else {})
    return Response(parts or None, status=200 if parts else 204, headers=headers, mimetype="text/html")


def say_that_the_page_is_open() -> None:
    """Once in a while a page says so (``visto``): its operator is not away."""
    if request.args.get("visto"):
        with desk().db.begin() as tx:
            presence.seen(tx, me())


def sign_on(tx: Connection, now: datetime) -> None:
    """The visitor is at the desk from now on; their page has just been opened."""
    supervises = current_user.role in SUPERVISORS
    role = current_user.role
    presence.sign_on(tx, now, me(), current_user.email, current_user.name, is_supervisor=supervises, role=role)
    presence.seen(tx, me())


def telephone_of(tx: Connection) -> dict[str, Any]:
    """Where the desk rings the visitor: masked, or a telephone in this browser of one of two kinds."""
    here = office()
    row = presence.of(tx, me())
    number = board.masked_telephone(desk(), row) if row else None
    return {
        "telephone": number,
        "client": presence.browser_telephone(me()),
        "carrier": here.carrier_ws_url if here.is_local_carrier else None,
        "has_voice": here.voice_token is not None and not here.is_local_carrier,
    }


def oversees() -> bool:
    """Whether the visitor may come into the calls of others."""
    return current_user.role in SUPERVISORS


def visible_call(tx: Connection, room_id: int, *, all_legs: bool = False) -> call_card.Call:
    """The call, over or not. Of a line that is not for the visitor's role, or of a reserved campaign of which they may
    not know, it is not told that it exists; whoever is needed on it, for an emergency or support, may see it."""
    here = desk()
    call = call_card.call_of(tx, here, here.clock.now(), room_id, all_legs=all_legs)
    if call is None or call.line.id in hidden_lines():
        abort(404)
    is_needed = call.room.is_emergency or call.room.support_since is not None
    if call.room.attempt_id is not None and not is_needed and is_hidden_attempt(tx, call.room.attempt_id):
        abort(404)
    return call


def act(back: str, what: Callable[[Connection, datetime], object]) -> Answer:
    """Does something in one transaction and goes back to a page; what cannot be done is said, and changes nothing.

    A script of ours gets 204, or 409 with the sentence alone.
    """
    here = desk()
    try:
        with here.db.begin() as tx:
            what(tx, here.clock.now())
    except _REFUSALS as problem:
        if is_script():
            return str(problem), 409
        flash(str(problem), "warning")
        return redirect(back)
    return ("", 204) if is_script() else redirect(back)


def is_script() -> bool:
    """Whether a script of our own page asks."""
    return bool(request.headers.get("X-Part"))


def back_to_where_they_were() -> str:
    """Supervisors who work from the page of the floor go back to it, and whoever writes with people to their list."""
    came_from = request.form.get("desde", "")
    pages = {"supervision": "console.supervision.page", "chats": "console.chat_list.page"}
    return url_for(pages.get(came_from, "console.desk.page"))


def start_of_today(now: datetime) -> datetime:
    """The beginning of the institution's day."""
    zone = office().zone
    return datetime.combine(now.astimezone(zone).date(), time.min, zone)
