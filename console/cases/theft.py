"""On a case of a redemption or of a PIN: whether the person claims it, and the way to their new PIN (R29, R30, R35)."""

from flask import Blueprint, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from cases.attentions.conversation import room_of
from cases.consultations.consultations import PendingCase, contact_of
from cases.orders import theft
from cases.orders.theft import CannotClaim
from cases.problem import TextMissing
from console.access import requires
from console.cases.case_forms import ClaimForm
from console.cases.case_page import case_page
from console.cases.orders import ORDERS
from console.cases.seen import case_or_404
from console.desk.visit import me
from console.office import office
from core.documents import Document, check_document
from desk import transfers
from desk.refusal import CannotDo
from prompts.speech import phone_figures

screen = Blueprint("theft", __name__)

_CHANGE = "change"  # 2 and then 2, on the line of the PIN


@screen.post("/casos/<id:case_id>/reclamo")
@requires(*ORDERS)
def decide(case_id: int) -> Response | tuple[str, int]:
    """With a claim, the order; without one, a consultation of the redemption that is over. Then the PIN, if wanted.
    422: why not, beside what was typed."""
    form, here = ClaimForm(), office()
    if not form.validate():
        return case_page(case_id, claim_form=form), 422
    try:
        with here.db.begin() as tx:
            case = case_or_404(tx, case_id)
            about = (tx, here.vault, here.clock.now(), case_id, current_user.email, form.words.data or "")
            if form.claims.data:
                order = theft.claim(*about, document=_document(form))
                said = f"La orden {order} está abierta: la persona ya puede pedir su nuevo PIN en la línea."
            else:
                theft.decline(*about)
                said = "Quedó como consulta de cobro, cerrada. Ofrezca a la persona el cambio de su PIN."
    except _WrongDui as why:
        form.dui.errors = [str(why)]
        return case_page(case_id, claim_form=form), 422
    except (CannotClaim, TextMissing) as why:
        form.words.errors = [f"{why} No se guardó nada."]
        return case_page(case_id, claim_form=form), 422
    flash(f"{said} {_to_the_pin(case) if form.passes.data else ''}".strip(), "success")
    return redirect(url_for("console.tray.history", case_id=case_id))


class _WrongDui(CannotClaim):
    """What is said of it is shown beside it."""


def _document(form: ClaimForm) -> str | None:
    """As it was typed, for a case that has none. Raises _WrongDui."""
    typed = (form.dui.data or "").strip()
    found = check_document("DUI", typed, "SV") if typed else None
    if typed and not isinstance(found, Document):
        raise _WrongDui("Revise el DUI: no es válido.")
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
