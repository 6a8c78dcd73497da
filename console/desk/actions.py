"""What an operator does with the call that they have: each button is one post, and each refusal a sentence."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, url_for
from flask_login import current_user
from sqlalchemy import Connection

from console.access import AT_THE_DESK, requires
from console.desk.visit import Answer, act, desk, me, oversees, visible_call
from desk import transfers
from desk.refusal import CannotDo

screen = Blueprint("desk_actions", __name__)

Act = Callable[[Connection, datetime, int, int, str], None]


def _mark_crisis(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    room = visible_call(tx, room_id).room
    if room.leg_of(account_id) is None and room.account_id != account_id and not oversees():
        raise CannotDo("Esa llamada ya no es suya.")
    transfers.mark_crisis(tx, now, room_id, actor)


ACTIONS: dict[str, Act] = {
    "retener": transfers.hold,
    "retomar": transfers.unhold,
    "unir": transfers.merge,
    "recuperar": transfers.take_back,
    "dejar": transfers.leave,
    "apoyo": transfers.ask_for_support,
    "colgar": transfers.hang_up,
    "crisis": _mark_crisis,
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
