"""The tray: consultations that wait and their history, orders for theft of the subsidy, and locks."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from beneficiaries import locks, old_locks
from cases import claims, consultations, escalations, household, orders, tasks
from cases.events import events_of
from cases.orders import NoSuchOrder
from console.access import CASES, requires
from console.cases.form import ATTEND
from console.desk.visit import oversees
from console.hidden import hidden_lines
from console.office import office
from core.documents import Document, check_document
from core.roles import Role

screen = Blueprint("tray", __name__)

#: A technician and a director see what lands in their tray; everyone else here sees all.
_ONLY_THEIR_TRAY = frozenset({Role.TECNICO, Role.DIRECTOR})
ORDERS = CASES - _ONLY_THEIR_TRAY


class TextForm(FlaskForm):
    """What was done, or why: always written (R8)."""

    text = TextAreaField("Motivo", validators=[DataRequired("Escriba el detalle."), Length(max=2000)])


class OrderForm(FlaskForm):
    document = StringField("DUI de la persona", validators=[DataRequired("Escriba el DUI."), Length(max=20)])
    detail = TextAreaField("Qué pasó", validators=[DataRequired("Escriba el detalle."), Length(max=2000)])


@screen.get("/casos")
@requires(*CASES)
def page() -> str:
    here = office()
    with here.db.begin() as tx:
        cases = consultations.pending_cases(tx, here.vault, **_seen())
        return _cases(tx, cases, None)


@screen.post("/casos/<int:case_id>/mostrar")
@requires(*CASES)
def reveal(case_id: int) -> str | tuple[str, int]:
    """The whole document and telephone, for who works on it; that they were shown is written down."""
    here = office()
    with here.db.begin() as tx:
        case = _theirs(tx, case_id)
        shown = consultations.reveal_case(tx, here.vault, here.clock.now(), case_id, current_user.email)
        return _cases(tx, [case], shown, household.of_case(tx, here.vault, case_id))


@screen.get("/casos/<int:case_id>/historia")
@requires(*CASES)
def history(case_id: int) -> str:
    """All that happened to a case, closed or not, and who did it."""
    here = office()
    with here.db.begin() as tx:
        case = consultations.one_case(tx, here.vault, case_id, **_seen())
        if case is None:
            abort(404)
        events = events_of(tx, here.vault, case_id)
    told = {"case": case, "events": events, "registers": current_user.role in ATTEND}
    return render_template("console/case_history.html", **told)


@screen.post("/casos/<int:case_id>/elevar")
@requires(*ORDERS)
def escalate(case_id: int) -> Response:
    """«No recibió la atención»: the case goes to the Dirección, with the reason (R80)."""
    form, here = TextForm(), office()
    if not form.validate():
        flash("Escriba qué pasó: el caso no se elevó.", "warning")
        return redirect(url_for("console.tray.page"))
    with here.db.begin() as tx:
        _theirs(tx, case_id)
        reason = form.text.data or ""
        escalations.to_director(tx, here.vault, here.clock.now(), case_id, current_user.email, reason)
    flash(f"El caso {case_id} está en la bandeja de Dirección.", "success")
    return redirect(url_for("console.tray.page"))


@screen.post("/casos/<int:case_id>/cerrar")
@requires(*CASES)
def close(case_id: int) -> Response:
    form, here = TextForm(), office()
    if not form.validate():
        flash("Escriba qué se hizo: el caso sigue abierto.", "warning")
        return redirect(url_for("console.tray.page"))
    with here.db.begin() as tx:
        _theirs(tx, case_id)
        resolution = form.text.data or ""
        consultations.close_case(tx, here.vault, here.clock.now(), case_id, current_user.email, resolution)
    flash(f"El caso {case_id} quedó cerrado.", "success")
    return redirect(url_for("console.tray.page"))


def _theirs(tx: Connection, case_id: int) -> consultations.PendingCase:
    """The pending case, if it is one of the visitor's tray."""
    found = consultations.one_case(tx, office().vault, case_id, **_seen(), only_pending=True)
    if found is None:
        abort(404)
    return found


def _seen() -> dict[str, Any]:
    """What the visitor's role sees of the cases."""
    role = current_user.role
    return {"roles": {role} if role in _ONLY_THEIR_TRAY else None, "hidden_lines": hidden_lines()}


def _cases(
    tx: Connection,
    cases: list[consultations.PendingCase],
    shown: consultations.Revealed | None,
    family: household.Household | None = None,
) -> str:
    here = office()
    raised = tasks.tasks_of(tx, here.vault, [case.id for case in cases])
    told = {"now": here.clock.now(), "soon": tasks.SOON, "escalates": current_user.role in ORDERS}
    told |= {"cases": cases, "raised": raised, "shown": shown, "family": family}
    return render_template("console/cases.html", form=TextForm(), **told)


@screen.get("/casos/ordenes")
@requires(*ORDERS)
def orders_page() -> str:
    return _orders(OrderForm(formdata=None))


@screen.post("/casos/ordenes")
@requires(*ORDERS)
def open_order() -> Response | tuple[str, int]:
    """Opens the order that a new PIN after a theft needs (R29)."""
    form, here = OrderForm(), office()
    if not form.validate():
        return _orders(form), 422
    document = check_document("DUI", form.document.data or "", "SV")
    if not isinstance(document, Document):
        form.document.errors = [f"Revise el DUI: {document.reason}."]
        return _orders(form), 422
    with here.db.begin() as tx:
        now, detail = here.clock.now(), form.detail.data or ""
        order = orders.open_order(tx, here.vault, now, document.number, current_user.email, detail)
    flash(f"La orden {order} está abierta: la persona ya puede pedir su nuevo PIN en la línea.", "success")
    return redirect(url_for("console.tray.orders_page"))


@screen.post("/casos/ordenes/<int:order_id>/cerrar")
@requires(*ORDERS)
def close_order(order_id: int) -> Response:
    form, here = TextForm(), office()
    if not form.validate():
        flash("Escriba el motivo: la orden sigue abierta.", "warning")
        return redirect(url_for("console.tray.orders_page"))
    try:
        with here.db.begin() as tx:
            orders.close_order(tx, here.vault, here.clock.now(), order_id, current_user.email, form.text.data or "")
    except NoSuchOrder:
        abort(404)
    flash(f"La orden {order_id} quedó cerrada.", "success")
    return redirect(url_for("console.tray.orders_page"))


def _orders(form: OrderForm) -> str:
    here = office()
    with here.db.begin() as tx:
        found = orders.list_orders(tx, here.vault)
        waiting = claims.waiting_claims(tx, here.vault, hidden_lines())
        discarded = claims.discarded_claims(tx, here.vault, hidden_lines()) if oversees() else []
    told = {"orders": found, "claims": waiting, "discarded": discarded, "closing": TextForm(formdata=None)}
    return render_template("console/orders.html", form=form, **told)


@screen.get("/casos/bloqueos")
@requires(*ORDERS)
def locks_page() -> str:
    here = office()
    with here.db.begin() as tx:
        found = locks.list_locks(tx, here.clock.now())
        lifted = old_locks.lifted_locks(tx, here.vault) if oversees() else []
    return render_template("console/locks.html", locks=found, lifted=lifted, form=TextForm())


@screen.post("/casos/bloqueos/<int:lock_id>/levantar")
@requires(*ORDERS)
def lift(lock_id: int) -> Response:
    form, here = TextForm(), office()
    if not form.validate():
        flash("Escriba el motivo: el bloqueo sigue.", "warning")
        return redirect(url_for("console.tray.locks_page"))
    with here.db.begin() as tx:
        reason = form.text.data or ""
        was_lifted = locks.lift(tx, here.vault, here.clock.now(), lock_id, current_user.email, reason)
    told = "El bloqueo quedó levantado." if was_lifted else "Ese bloqueo ya no estaba."
    flash(told, "success" if was_lifted else "info")
    return redirect(url_for("console.tray.locks_page"))
