"""What an operator does with the call that they have: each button is one post, and each refusal a sentence."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, request, url_for
from flask_login import current_user
from sqlalchemy import Connection

from console.access import AT_THE_DESK, requires
from console.addresses import read_number
from console.desk.visit import Answer, act, desk, me, oversees, visible_call
from core import audit
from desk import promised, promises, rooms, transfers
from desk.refusal import CannotDo

screen = Blueprint("desk_actions", __name__)

Act = Callable[[Connection, datetime, int, int, str], None]


def _mark_crisis(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    room = visible_call(tx, room_id).room
    if room.leg_of(account_id) is None and room.account_id != account_id and not oversees():
        raise CannotDo("Esa llamada ya no es suya.")
    transfers.mark_crisis(tx, now, room_id, actor)


def _spoken_of(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    """What was promised to the same telephone was said in this call: nobody is rung for it."""
    call = visible_call(tx, room_id)
    if call.room.leg_of(account_id) is None and call.room.account_id != account_id:
        raise CannotDo("Esa llamada ya no es suya.")
    number = read_number(request.form.get("promesa"))
    owed = promised.at_this_telephone(tx, desk().vault, now, call.line.id, call.phone_print or b"")
    if number not in [each.id for each in owed] or not promises.take_back(tx, now, number or 0, actor):
        raise CannotDo("Esa llamada ya se está haciendo, o ya no hace falta.")
    audit.record(tx, now, actor, "desk.promise_spoken_of", "promise", number or 0)
    rooms.change(tx, room_id, account_id=call.room.account_id)  # written anew, so that its page is drawn again


ACTIONS: dict[str, Act] = {
    "retener": transfers.hold,
    "retomar": transfers.unhold,
    "unir": transfers.merge,
    "recuperar": transfers.take_back,
    "dejar": transfers.leave,
    "apoyo": transfers.ask_for_support,
    "colgar": transfers.hang_up,
    "crisis": _mark_crisis,
    "hablado": _spoken_of,
}


@screen.post("/puesto/llamada/<id:room_id>/<name>")
@requires(*AT_THE_DESK)
def do(room_id: int, name: str) -> Answer:
    """One action on the visitor's call."""
    if name not in ACTIONS:
        abort(404)
    with desk().db.begin() as tx:
        visible_call(tx, room_id)
    actor = current_user.email
    return act(url_for("console.desk.page"), lambda tx, now: ACTIONS[name](tx, now, room_id, me(), actor))
