"""On a case: another open one of the same person about the same, joined to it (R50)."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from cases.joining import join as join_case
from cases.joining import open_besides
from console.access import CASES, requires
from console.cases.seen import seen, subjects_seen
from console.office import office

screen = Blueprint("joining", __name__)


@screen.post("/casos/<id:case_id>/unir/<id:other_id>")
@requires(*CASES)
def join(case_id: int, other_id: int) -> Response:
    """404 where the other is not one of the same person and matter, or the visitor sees only one of the two."""
    here = office()
    with here.db.begin() as tx:
        if case_id not in subjects_seen(tx, [case_id]):
            abort(404)
        alike = open_besides(tx, here.vault, case_id, **seen())
        if other_id not in [each.id for each in alike]:
            abort(404)
        join_case(tx, here.vault, here.clock.now(), case_id, other_id, current_user.email)
    flash(f"El caso {other_id} quedó cerrado: se sigue en este.", "success")
    return redirect(url_for("console.tray.history", case_id=case_id))
