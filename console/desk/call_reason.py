"""Por qué se llamó: what an operator wrote when they placed a call of their own (R87)."""

from flask import Blueprint, abort, render_template
from flask_login import current_user

from console.access import requires
from console.desk.visit import SUPERVISORS, desk, visible_call
from desk import call_reason

screen = Blueprint("call_reason", __name__)


@screen.get("/llamadas/<id:room_id>/motivo")
@requires(*SUPERVISORS)
def page(room_id: int) -> str:
    """That they read it is audited."""
    here = desk()
    with here.db.begin() as tx:
        call = visible_call(tx, room_id, all_legs=True)
        told = call_reason.reason_of(tx, here, here.clock.now(), room_id, current_user.email)
    if told is None:
        abort(404)
    return render_template("console/call_reason.html", call=call, told=told)
