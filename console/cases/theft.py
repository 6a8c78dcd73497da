"""On a case of a redemption or of a PIN: whether the person claims it, and the way to their new PIN (R29, R30, R35)."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField, SubmitField, TextAreaField
from wtforms.validators import DataRequired, Length

from cases.attentions.conversation import room_of
from cases.consultations.consultations import PendingCase, contact_of, one_case
from cases.orders import theft
from cases.orders.theft import CannotClaim
from cases.problem import TextMissing
from console.access import requires
from console.cases.orders import ORDERS
from console.desk.visit import me
from console.hidden import hidden_lines
from console.office import office
from core.documents import Document, check_document
from desk import transfers
from desk.refusal import CannotDo
from prompts.speech import phone_figures

screen = Blueprint("theft", __name__)

_CHANGE = "change"  # 2 and then 2, on the line of the PIN


class ClaimForm(FlaskForm):
    """``passes``: from a call that goes on, to the line of the PIN."""

    words = TextAreaField(
        "Qué dice la persona", validators=[DataRequired("Escriba qué dice la persona."), Length(max=2000)]
    )
    dui = StringField("DUI de la persona", validators=[Length(max=20)])
    passes = BooleanField("Quiere su PIN nuevo ahora: pasarla a la línea del PIN", default=True)
    claims = SubmitField("Sí reclama: abrir la orden")
    declines = SubmitField("No reclama")


@screen.post("/casos/<id:case_id>/reclamo")
@requires(*ORDERS)
def decide(case_id: int) -> Response:
    """With a claim, the order; without one, a consultation of the redemption that is over. Then the PIN, if wanted."""
    form, here = ClaimForm(), office()
    if not form.validate():
        flash("Escriba qué dice la persona: no se guardó nada.", "warning")
        return _back(case_id)
    try:
        with here.db.begin() as tx:
            case = _seen(tx, case_id)
            about = (tx, here.vault, here.clock.now(), case_id, current_user.email, form.words.data or "")
            if form.claims.data:
                order = theft.claim(*about, document=_document(form))
                said = f"La orden {order} está abierta: la persona ya puede pedir su nuevo PIN en la línea."
            else:
                theft.decline(*about)
                said = "Quedó como consulta de cobro, cerrada. Ofrezca a la persona el cambio de su PIN."
    except (CannotClaim, TextMissing) as why:
        flash(str(why), "warning")
        return _back(case_id)
    flash(f"{said} {_to_the_pin(case) if form.passes.data else ''}".strip(), "success")
    return _back(case_id)


def is_asked(case: PendingCase) -> bool:
    """Whether a claim is asked about in a consultation of this kind."""
    return case.subject.code in theft.ASKED_IN


def _document(form: ClaimForm) -> str | None:
    """As it was typed, for a case that has none. Raises CannotClaim for what is no DUI."""
    typed = (form.dui.data or "").strip()
    found = check_document("DUI", typed, "SV") if typed else None
    if typed and not isinstance(found, Document):
        raise CannotClaim("Revise el DUI: no es válido.")
    return found.number if isinstance(found, Document) else None


def _to_the_pin(case: PendingCase) -> str:
    """Passes on the visitor's own call, where the case is of one that goes on; else says what the person is told."""
    here = office()
    desk = here.desk
    if desk is None or case.line not in desk.lines:
        return ""
    try:
        with here.db.begin() as tx:
            room_id = room_of(tx, case.id, current_user.email)
            if room_id is None:
                raise CannotDo("")
            document = contact_of(tx, here.vault, case.id).document or ""
            transfers.to_pin(tx, desk, here.clock.now(), room_id, me(), document, _CHANGE, current_user.email)
    except CannotDo:
        line = desk.lines[case.line]
        number = phone_figures(line.caller_id, line.country)
        return f"Dígale que llame al {number}, y que marque 2 y después 2."
    return "La llamada pasó a la línea del PIN: opción 2, y después 2."


def _seen(tx: Connection, case_id: int) -> PendingCase:
    """404 for a case of a line that the visitor may not know of."""
    found = one_case(tx, office().vault, case_id, hidden_lines=hidden_lines())
    if found is None:
        abort(404)
    return found


def _back(case_id: int) -> Response:
    return redirect(url_for("console.tray.history", case_id=case_id))
