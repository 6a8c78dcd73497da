"""Quién puede verla: the people who alone may know of a reserved campaign (R43), named by those who already do."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection, Row, select
from werkzeug.wrappers import Response

from campaigns import readers
from campaigns.approval import APPROVERS, SUPERVISORS
from campaigns.life import NotAllowed
from console.access import CAMPAIGNS, requires
from console.campaigns.found import campaign_or_404
from console.office import office
from console.tables import account
from core.roles import Role

screen = Blueprint("readers", __name__)

#: Who may be named: they look at campaigns, or call for them.
_NAMEABLE = CAMPAIGNS | {Role.OPERADOR}
_NOBODY = "No hay ninguna cuenta con ese correo que pueda ver campañas o atenderlas."


@screen.get("/campanas/<id:campaign_id>/personas")
@requires(*CAMPAIGNS)
def page(campaign_id: int) -> str:
    return _page(campaign_id)


@screen.post("/campanas/<id:campaign_id>/personas")
@requires(*CAMPAIGNS)
def name(campaign_id: int) -> Response | tuple[str, int]:
    here, email = office(), request.form.get("correo", "").strip().lower()[:254]
    try:
        with here.db.begin() as tx:
            _reserved(tx, campaign_id, to_change=True)
            if _role_of(tx, email) not in _NAMEABLE:
                raise NotAllowed(_NOBODY)
            is_new = readers.name_reader(tx, here.clock.now(), campaign_id, current_user.email, email)
    except NotAllowed as problem:
        return _page(campaign_id, str(problem)), 422
    flash("Desde ahora puede verla." if is_new else "Ya podía verla.", "success")
    return redirect(url_for(".page", campaign_id=campaign_id))


@screen.post("/campanas/<id:campaign_id>/personas/quitar")
@requires(*CAMPAIGNS)
def unname(campaign_id: int) -> Response | tuple[str, int]:
    here, email = office(), request.form.get("correo", "").strip().lower()[:254]
    try:
        with here.db.begin() as tx:
            _reserved(tx, campaign_id, to_change=True)
            readers.unname_reader(tx, here.clock.now(), campaign_id, current_user.email, email)
    except NotAllowed as problem:
        return _page(campaign_id, str(problem)), 422
    flash("Ya no puede verla.", "success")
    is_gone = email == current_user.email
    return redirect(url_for("console.campaign_list.page") if is_gone else url_for(".page", campaign_id=campaign_id))


def _page(campaign_id: int, problem: str = "") -> str:
    with office().db.begin() as tx:
        row = _reserved(tx, campaign_id)
        emails = list(dict.fromkeys([row.submitted_by.lower(), *(row.named_readers or ())]))
        known = {each.email: each for each in tx.execute(select(account).where(account.c.email.in_(emails)))}
        approvers = SUPERVISORS if row.is_sensitive or row.is_urgent else APPROVERS
        may_approve = any(each.role in approvers and each.is_active for each in known.values())
    return render_template(
        "console/readers.html",
        campaign=row,
        people=[(email, known.get(email)) for email in emails],
        may_name=readers.may_name(row, current_user.email, current_user.role),
        may_approve=may_approve,
        problem=problem,
        given=request.form.get("correo", "") if problem else "",
    )


def _reserved(tx: Connection, campaign_id: int, *, to_change: bool = False) -> Row:
    """The row of a reserved campaign that the visitor knows of, and ``to_change``: whose people they may name."""
    row = campaign_or_404(tx, campaign_id)
    if not readers.is_reserved(row):
        abort(404)
    if to_change and not readers.may_name(row, current_user.email, current_user.role):
        abort(403)
    return row


def _role_of(tx: Connection, email: str) -> Role | None:
    found = tx.execute(select(account.c.role).where(account.c.email == email, account.c.is_active)).scalar()
    return Role(found) if found else None


screen.add_app_template_global(readers.is_reserved, "is_reserved")
