"""Correos: every letter that was written, and the ones that did not leave, with a button to try again; and the texts to
citizens that did not arrive."""

from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from cases.tables import case_
from console.access import requires
from console.campaigns.found import seen_ids
from console.hidden import hidden_lines
from console.office import office
from core import audit, post_book
from core.mail_address import mask_address
from core.post import post, send_again
from core.roles import Role

screen = Blueprint("mail", __name__)

#: Who answers for what is written to the areas.
LETTER_KEEPERS = frozenset({Role.COORDINADOR, Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN})
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
    "correction_asked": "Corrección por decidir",
    "correction_decided": "Corrección decidida",
    "correction_untold": "Corrección que no se pudo decir",
    "correction_given_back": "Corrección que no se pudo hacer",
    "task": "Aviso de una tarea",
    "chat": "Aviso de conversaciones sin respuesta",
    "unsaved": "Aviso de casos sin guardar",
}
TEXTS = {
    "pin_changed": "Aviso de que cambió un PIN",
    "menu_data": "Datos que pidió quien llamó",
    "birth_date_corrected": "Aviso de que se corrigió una fecha",
    "name_corrected": "Aviso de que se corrigió un nombre",
    "name_and_birth_date_corrected": "Aviso de que se corrigieron un nombre y una fecha",
}
_STATES = {
    **{"queued": "Por enviar", "unknown": "Saliendo", "sent": "Enviado"},
    **{"refused": "No se puede enviar", "failed": "No se pudo enviar"},
}
_LOST = {"failed": "No se pudo enviar", "refused": "Rechazado", "undelivered": "No llegó"}


@screen.get("/ajustes/correos")
@requires(*LETTER_KEEPERS)
def page() -> str:
    """The newest first; those that did not leave before all others."""
    only_unsent = request.args.get("estado") == "pendientes"
    with office().db.begin() as tx:
        texts = post_book.lost_texts(tx, hidden_lines())
        found = post_book.letters(tx, _is_theirs_to_see(), MOST, only_unsent=only_unsent)
        rows = [(row, _masked(row.to_sealed)) for row in found]
    return render_template(
        "console/mail.html",
        rows=rows,
        kinds=KINDS,
        states=_STATES,
        only_unsent=only_unsent,
        texts=texts,
        what_texts=TEXTS,
        lost=_LOST,
    )


@screen.post("/ajustes/correos/<id:post_id>/otra-vez")
@requires(*LETTER_KEEPERS)
def again(post_id: int) -> Response:
    """Has one letter tried at once."""
    here = office()
    with here.db.begin() as tx:
        mine = select(post.c.id).where(post.c.id == post_id, _is_theirs_to_see())
        is_queued = tx.execute(mine).first() is not None and send_again(tx, here.clock.now(), post_id)
        if is_queued:
            audit.record(tx, here.clock.now(), current_user.email, "mail.tried_again", "mail", post_id)
    flash("Se intentará de inmediato." if is_queued else "Ese correo ya salió, o su dirección no es válida.", "info")
    return redirect(url_for(".page"))


def unsent() -> int:
    """How many letters are not leaving, for whoever answers for them; 0 for anybody else, and where nobody knows."""
    if not current_user.is_authenticated or current_user.role not in LETTER_KEEPERS:
        return 0
    with suppress(SQLAlchemyError), office().db.begin() as tx:
        return post_book.letters_in_trouble(tx, _is_theirs_to_see())
    return 0


def _is_theirs_to_see() -> ColumnElement[bool]:
    """What is about no campaign, or about one that the visitor may know of (R43); and of no line hidden from them."""
    of_campaign = or_(post.c.campaign_id.is_(None), post.c.campaign_id.in_(seen_ids()))
    hidden = list(hidden_lines())
    # What a version before this one wrote of a task says its case, and no line.
    of_hidden = select(case_.c.id).where(case_.c.id == post.c.case_id, case_.c.line.in_(hidden))
    return and_(of_campaign, or_(post.c.line.is_(None), post.c.line.not_in(hidden)), ~of_hidden.exists())


def _masked(to_sealed: bytes) -> str:
    return mask_address(office().vault.open(to_sealed)) if to_sealed else "—"
