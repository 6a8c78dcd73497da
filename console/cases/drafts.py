"""What is still to be saved: the visitor's own attentions, and those that a colleague may not save (R12)."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from cases.attentions import attentions
from console.access import requires
from console.cases.form import ATTEND, COLLEAGUES
from console.hidden import hidden_lines
from console.office import office

screen = Blueprint("drafts", __name__)


@screen.get("/casos/por-guardar")
@requires(*ATTEND)
def page() -> str:
    here, who = office(), current_user
    with here.db.begin() as tx:
        mine = attentions.drafts_of(tx, here.vault, who.email)
        waiting = attentions.colleagues_drafts(tx, here.vault, who.email, who.role, hidden_lines=hidden_lines())
    return render_template("console/drafts.html", mine=mine, waiting=waiting, takes=who.role in COLLEAGUES)


@screen.post("/casos/por-guardar/<id:draft_id>/tomar")
@requires(*COLLEAGUES)
def take(draft_id: int) -> Response:
    here, who = office(), current_user
    with here.db.begin() as tx:
        waiting = attentions.colleagues_drafts(tx, here.vault, who.email, who.role, hidden_lines=hidden_lines())
        is_taken = any(draft.id == draft_id for draft in waiting) and attentions.take(
            tx, here.vault, here.clock.now(), draft_id, who.email
        )
    if is_taken:
        return redirect(url_for("console.case_form.page", draft_id=draft_id))
    flash("Esa atención ya la tomó otra persona.", "info")
    return redirect(url_for(".page"))
