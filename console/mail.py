"""Correos: every letter that was written, and the ones that did not leave, with a button to try again; and the texts to
citizens that nobody was sent."""

from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, Connection, Row, case, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from console.access import requires
from console.campaigns.found import seen_ids
from console.hidden import hidden_lines
from console.office import office
from core import audit
from core.mail import ERASED, HOPELESS, mail, mask_address, send_again
from core.outbox import failed_texts
from core.roles import Role

screen = Blueprint("mail", __name__)

#: Who answers for what is written to the areas.
KEEPERS = frozenset({Role.COORDINADOR, Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN})
MOST = 200
KINDS = {
    "receipt": "Acuse de recibo",
    "returned": "Devolución",
    "reminder": "Recordatorio del plazo",
    "cancelled": "Cancelación",
    "approved": "Aprobación",
    "report": "Informe de campaña",
    "calls_report": "Informe de llamadas",
    "erasing": "Aviso de borrado",
}
TEXTS = {"sms.pin_changed": "Aviso de que cambió un PIN"}  #: the others are data that a caller asked for
_STATES = {"queued": "Por enviar", "sent": "Enviado", "failed": "No se pudo enviar"}


@screen.get("/ajustes/correos")
@requires(*KEEPERS)
def page() -> str:
    """The newest first; those that did not leave before all others."""
    only_unsent = request.args.get("estado") == "pendientes"
    with office().db.begin() as tx:
        texts = failed_texts(tx, hidden_lines())
        rows = [(row, mask_address(office().vault.open(row.to_sealed))) for row in _listed(tx, only_unsent)]
    return render_template(
        "console/mail.html",
        rows=rows,
        kinds=KINDS,
        states=_STATES,
        only_unsent=only_unsent,
        hopeless=HOPELESS,
        texts=texts,
        what_texts=TEXTS,
    )


@screen.post("/ajustes/correos/<int:mail_id>/otra-vez")
@requires(*KEEPERS)
def again(mail_id: int) -> Response:
    """Has one letter tried at once."""
    here = office()
    with here.db.begin() as tx:
        mine = select(mail.c.id).where(mail.c.id == mail_id, _is_theirs_to_see())
        is_queued = tx.execute(mine).first() is not None and send_again(tx, here.clock.now(), mail_id)
        if is_queued:
            audit.record(tx, here.clock.now(), current_user.email, "mail.tried_again", "mail", mail_id)
    flash("Se intentará de inmediato." if is_queued else "Ese correo ya salió, o su dirección no es válida.", "info")
    return redirect(url_for(".page"))


def unsent() -> int:
    """How many letters are not leaving, for whoever answers for them; 0 for anybody else, and where nobody knows."""
    if not current_user.is_authenticated or current_user.role not in KEEPERS:
        return 0
    with suppress(SQLAlchemyError), office().db.begin() as tx:
        return _failing(tx)
    return 0


def _failing(tx: Connection) -> int:
    is_in_trouble = (mail.c.state != "sent", mail.c.problem != ERASED, _is_theirs_to_see())
    return tx.execute(select(func.count()).select_from(mail).where(*is_in_trouble)).scalar_one()


def _is_theirs_to_see() -> ColumnElement[bool]:
    """What is about no campaign, or about one that the visitor may know of (R43)."""
    return or_(mail.c.campaign_id.is_(None), mail.c.campaign_id.in_(seen_ids()))


def _listed(tx: Connection, only_unsent: bool) -> list[Row]:
    unsent_first = case((mail.c.state == "sent", 1), else_=0)
    query = select(mail).where(_is_theirs_to_see()).order_by(unsent_first, mail.c.id.desc()).limit(MOST)
    return list(tx.execute(query.where(mail.c.state != "sent") if only_unsent else query))
