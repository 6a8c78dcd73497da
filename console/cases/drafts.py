"""What is still to be saved: the visitor's own attentions, and those that a colleague may not save (R12)."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cases.attentions import attentions
from cases.attentions.attentions import Draft
from console.access import requires
from console.addresses import asked_number
from console.cases import apart
from console.cases.form import ATTEND
from console.cases.form_fields import COLLEAGUES
from console.hidden import hidden_lines
from console.office import office
from core.roles import Role
from procedures import unsaved
from procedures.unsaved import Left

screen = Blueprint("drafts", __name__)

_PAGE = 50
_OVERSEE = frozenset({Role.SUPERVISOR, Role.ADMIN})


@screen.get("/casos/por-guardar")
@requires(*ATTEND)
def page() -> str:
    here, after = office(), asked_number("despues") or 0
    told: dict[str, Any] = {"takes": current_user.role in COLLEAGUES, "oversees": _oversees(), "is_first": not after}
    with here.db.begin() as tx:
        told["mine"] = attentions.drafts_of(tx, here.vault, current_user.email) if not after else []
        told["left"] = _left(tx, _PAGE) if _oversees() and not after else []
        waiting = _waiting(tx, after, _PAGE + 1)
    told["waiting"] = waiting[:_PAGE]
    told["apart"] = apart.offered() if not after else []
    more = waiting[_PAGE - 1].id if len(waiting) > _PAGE else 0
    return render_template("console/drafts.html", **told, more=more)


@screen.post("/casos/por-guardar/<id:draft_id>/tomar")
@requires(*COLLEAGUES)
def take(draft_id: int) -> Response:
    here, who = office(), current_user
    with here.db.begin() as tx:
        is_theirs = any(draft.id == draft_id for draft in _waiting(tx, draft_id - 1, 1))
        is_taken = is_theirs and attentions.take(tx, here.vault, here.clock.now(), draft_id, who.email)
    if is_taken:
        return redirect(url_for("console.case_form.page", draft_id=draft_id))
    flash("Esa atención ya la tomó otra persona.", "info")
    return redirect(url_for(".page"))


@screen.post("/casos/por-guardar/<id:draft_id>/relevar")
@requires(*_OVERSEE)
def take_over(draft_id: int) -> Response:
    """What its operator left unsaved is the visitor's to save."""
    here, who = office(), current_user
    with here.db.begin() as tx:
        is_left = any(each.id == draft_id for each in _left(tx, None))
        new = attentions.take_over(tx, here.vault, here.clock.now(), draft_id, who.email) if is_left else None
    if new is not None:
        return redirect(url_for("console.case_form.page", draft_id=new))
    flash("Esa atención ya se guardó, o la tomó otra persona.", "info")
    return redirect(url_for(".page"))


def _left(tx: Connection, limit: int | None) -> list[Left]:
    return unsaved.left_by_others(tx, office().clock.now(), current_user.email, hidden_lines(), limit)


def _oversees() -> bool:
    return current_user.role in _OVERSEE


def _waiting(tx: Connection, after: int, limit: int) -> list[Draft]:
    """Those that the visitor may take, from the number after this one on."""
    asked: dict[str, Any] = {"hidden_lines": hidden_lines(), "after": after, "limit": limit}
    return attentions.colleagues_drafts(tx, office().vault, current_user.email, current_user.role, **asked)
