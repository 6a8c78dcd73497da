"""Casos › Órdenes: what is done with a claim that a call of the system took (R29, R46). The list is in tray.py."""

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cases.orders import claims, theft
from cases.orders.claims import NoSuchClaim, ToCall
from cases.problem import TextMissing
from console.access import requires
from console.cases.orders import ORDERS
from console.hidden import hidden_lines
from console.office import office
from core import audit
from desk import promises

screen = Blueprint("claims", __name__)

_PATH = "Reclama el cobro"  # as the card of the call shows it
LONGEST = 2000  # characters of what the person claims


@screen.post("/casos/reclamos/<id:claim_id>/confirmar")
@requires(*ORDERS)
def confirm(claim_id: int) -> Response:
    """A person spoke with whoever claims: now there is an order."""
    here = office()
    try:
        with here.db.begin() as tx:
            whose = (here.clock.now(), claim_id, current_user.email)
            order = theft.confirm(tx, here.vault, *whose, _text(), hidden_lines=hidden_lines())
        flash(f"La orden {order} está abierta: la persona ya puede pedir su nuevo PIN en la línea.", "success")
    except (NoSuchClaim, TextMissing) as problem:
        flash(str(problem), "warning")
    return redirect(url_for("console.orders.page"))


@screen.post("/casos/reclamos/<id:claim_id>/llamar")
@requires(*ORDERS)
def call(claim_id: int) -> Response:
    """Promises them a call: the next free operator is rung for it, with the document on their card."""
    here = office()
    try:
        with here.db.begin() as tx:
            _promise(tx, claims.to_call(tx, here.vault, claim_id, hidden_lines=hidden_lines()))
        flash("Se le llamará en cuanto haya alguien libre en el puesto.", "success")
    except NoSuchClaim as problem:
        flash(str(problem), "warning")
    return redirect(url_for("console.orders.page"))


def _promise(tx: Connection, asked: ToCall) -> None:
    now, desk = office().clock.now(), office().desk
    if desk is None or asked.line not in desk.lines:
        raise NoSuchClaim
    learnt = {"document": asked.document, "path": [_PATH]} if asked.document else {"path": [_PATH]}
    queue = desk.lines[asked.line].queue(None).name
    promises.make(tx, desk, now, line_id=asked.line, queue=queue, phone=asked.phone, place_since=now, learnt=learnt)
    audit.record(tx, now, current_user.email, "claim.call_promised", "line", asked.line)


@screen.post("/casos/reclamos/<id:claim_id>/descartar")
@requires(*ORDERS)
def discard(claim_id: int) -> Response:
    here = office()
    try:
        with here.db.begin() as tx:
            whose = (here.clock.now(), claim_id, current_user.email)
            claims.discard(tx, here.vault, *whose, _text(), hidden_lines=hidden_lines())
        flash("El reclamo quedó descartado.", "success")
    except (NoSuchClaim, TextMissing) as problem:
        flash(str(problem), "warning")
    return redirect(url_for("console.orders.page"))


def _text() -> str:
    return request.form.get("text", "")[:LONGEST]
