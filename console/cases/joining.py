"""On a case: another open one of the same person about the same, joined to it (R50)."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from cases.joining import CannotJoin, open_besides
from console.access import CASES, requires
from console.cases.seen import case_or_404, seen
from console.office import office
from procedures.joining import join as join_case

screen = Blueprint("joining", __name__)


@screen.post("/casos/<id:case_id>/unir/<id:other_id>")
@requires(*CASES)
def join(case_id: int, other_id: int) -> Response:
    """404 where the other is not one of the same person and matter, or the visitor sees only one of the two."""
    here = office()
    try:
        with here.db.begin() as tx:
            case_or_404(tx, case_id)
            alike = open_besides(tx, here.vault, case_id, **seen())
            if other_id not in [each.id for each in alike]:
                abort(404)
            is_joined = join_case(tx, here.vault, here.clock.now(), case_id, other_id, current_user.email)
    except CannotJoin as why:
        flash(str(why), "warning")
    else:
        joined = f"El caso {other_id} quedó cerrado: se sigue en este."
        flash(joined if is_joined else f"El caso {other_id} ya estaba cerrado.", "success" if is_joined else "info")
    return redirect(url_for("console.tray.history", case_id=case_id))
