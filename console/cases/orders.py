"""Casos › Órdenes: what is open, its suborders, what leads to one, and the claims that wait (R25–R29, R46)."""

from collections.abc import Iterable

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from beneficiaries.registry import BillTaken, RegistryDown, UnknownBeneficiary
from cases.attentions import household
from cases.attentions.household import Household
from cases.catalogue.order_kinds import OrderKind, SuborderKind
from cases.consultations.consultations import CaseState, PendingCase, close_case
from cases.orders import claims, order_links, orders, whose
from cases.orders.enlace import Finding
from cases.orders.order_links import Link
from cases.orders.orders import NoSuchOrder, Order, OrderState, OtherBillOpen
from cases.orders.suborders import Registering, StepsLeft
from console.access import CASES, requires
from console.addresses import asked_number
from console.cases.seen import case_or_404, case_seen
from console.cases.words import TextForm
from console.desk.visit import oversees
from console.hidden import hidden_lines
from console.office import office
from core import audit
from core.documents import Document, check_document
from core.privacy import mask_document
from core.roles import Role
from procedures.linking import CANNOT_REGISTER, CannotOpen, Linking, told_at_the_end

screen = Blueprint("orders", __name__)

ORDERS = CASES - {Role.TECNICO, Role.DIRECTOR}
_PAGE = 100
_DOWN = "El padrón no contesta ahora. Inténtelo en unos minutos."
_UNKNOWN_WHETHER = (
    "El padrón no contestó, y no se sabe si ya enlazó el recibo: se intenta otra vez cada minuto. Cuando conteste, la "
    "suborden se cierra con lo que usted escribió; mientras tanto la orden no se anula."
)


class OrderForm(FlaskForm):
    document = StringField("DUI de la persona", validators=[DataRequired("Escriba el DUI."), Length(max=20)])
    detail = TextAreaField("Qué pasó", validators=[DataRequired("Escriba el detalle."), Length(max=2000)])


class PersonForm(FlaskForm):
    document = StringField(
        "DUI de la persona del trámite", validators=[DataRequired("Escriba el DUI."), Length(max=20)]
    )


@screen.get("/casos/ordenes")
@requires(*ORDERS)
def page() -> str:
    return _page(OrderForm(formdata=None))


@screen.post("/casos/ordenes")
@requires(*ORDERS)
def open_order() -> Response | tuple[str, int]:
    """Opens the order that a new PIN after a theft needs (R29)."""
    form, here = OrderForm(), office()
    if not form.validate():
        return _page(form), 422
    document = check_document("DUI", form.document.data or "", "SV")
    if not isinstance(document, Document):
        form.document.errors = [f"Revise el DUI: {document.reason}."]
        return _page(form), 422
    with here.db.begin() as tx:
        now, detail = here.clock.now(), form.detail.data or ""
        order = orders.open_order(tx, here.vault, now, document.number, current_user.email, detail)
    flash(f"La orden {order} está abierta: la persona ya puede pedir su nuevo PIN en la línea.", "success")
    return redirect(url_for(".page"))


@screen.get("/casos/ordenes/<id:order_id>")
@requires(*ORDERS)
def one(order_id: int) -> str:
    return _one(_known(order_id))


@screen.post("/casos/ordenes/<id:order_id>/mostrar")
@requires(*ORDERS)
def reveal(order_id: int) -> str:
    """The documents and the bill whole, for whoever registers them; that they were shown is written down."""
    order, here = _known(order_id), office()
    with here.db.begin() as tx:
        audit.record(tx, here.clock.now(), current_user.email, "order.revealed", "order", order_id)
    return _one(order, is_revealed=True)


@screen.post("/casos/ordenes/<id:order_id>/subordenes/<code>")
@requires(*ORDERS)
def close_step(order_id: int, code: str) -> Response:
    """Closes a suborder; with the last one, the order, and says what the citizen is told (R26, R27)."""
    order, form = _known(order_id), TextForm()
    if code not in [each.step for each in order.steps]:
        abort(404)
    if not form.validate():
        flash("Escriba qué se hizo: la suborden sigue abierta.", "warning")
        return redirect(url_for(".one", order_id=order_id))
    try:
        is_closed = _linking().close_step(order_id, SuborderKind(code), current_user.email, form.text.data or "")
    except (RegistryDown, BillTaken, UnknownBeneficiary) as why:
        flash(_UNKNOWN_WHETHER if isinstance(why, RegistryDown) else CANNOT_REGISTER[type(why)], "warning")
    except (StepsLeft, NoSuchOrder) as why:
        flash(str(why), "warning")
    else:
        said = f"La orden {order_id} quedó cerrada. Falta decírselo a la persona: abajo está qué decirle."
        flash(said if is_closed else "La suborden quedó cerrada.", "success")
    return redirect(url_for(".one", order_id=order_id))


@screen.post("/casos/ordenes/<id:order_id>/cerrar")
@requires(*ORDERS)
def close(order_id: int) -> Response:
    _known(order_id)
    form, here = TextForm(), office()
    if not form.validate():
        flash("Escriba el motivo: la orden sigue abierta.", "warning")
        return redirect(url_for(".page"))
    try:
        with here.db.begin() as tx:
            orders.close_order(tx, here.vault, here.clock.now(), order_id, current_user.email, form.text.data or "")
            state = orders.one_order(tx, here.vault, order_id).state
    except Registering as why:
        flash(str(why), "warning")
        return redirect(url_for(".one", order_id=order_id))
    flash(f"La orden {order_id} quedó {state.label.lower()}.", "success")
    return redirect(url_for(".page"))


@screen.get("/casos/<id:case_id>/enlace")
@requires(*ORDERS)
def enlace(case_id: int) -> str:
    """What the household and the bill of a consultation lead to (R24)."""
    return _enlace(_of_enlace(case_id))


@screen.post("/casos/<id:case_id>/enlace")
@requires(*ORDERS)
def open_enlace(case_id: int) -> Response | tuple[str, int]:
    """Opens the order that was found, if it still is what is found (R25)."""
    case, form = _of_enlace(case_id), TextForm()
    if not form.validate():
        return _enlace(case, form), 422
    try:
        order_id = _linking().open(case_id, current_user.email, form.text.data or "")
    except (CannotOpen, OtherBillOpen, RegistryDown) as why:
        flash(_DOWN if isinstance(why, RegistryDown) else str(why), "warning")
        return redirect(url_for(".enlace", case_id=case_id))
    flash(f"La orden {order_id} está abierta. Complete y cierre sus subórdenes.", "success")
    return redirect(url_for(".one", order_id=order_id))


@screen.post("/casos/<id:case_id>/enlace/persona")
@requires(*ORDERS)
def name_person(case_id: int) -> Response | tuple[str, int]:
    """Whose procedure it is, of a case that was saved without saying so. 422: somebody not of its household."""
    case, form, here = _of_enlace(case_id), PersonForm(), office()
    try:
        if not form.validate():
            return _enlace(case, person=form), 422
        with here.db.begin() as tx:
            whose.name_person(tx, here.vault, here.clock.now(), case_id, form.document.data or "", current_user.email)
    except whose.NotOfHousehold as why:
        form.document.errors = [str(why)]
        return _enlace(case, person=form), 422
    return redirect(url_for(".enlace", case_id=case_id))


@screen.post("/casos/<id:case_id>/enlace/terminar")
@requires(*ORDERS)
def end_enlace(case_id: int) -> Response:
    """Without documents, or with somebody else on the bill, the consultation ends here, and says which (R10, R24)."""
    case, here = _of_enlace(case_id), office()
    try:
        finding = _linking().look(case.id).finding
    except RegistryDown:
        flash(_DOWN, "warning")
        return redirect(url_for(".enlace", case_id=case_id))
    if finding.order is not None or finding is Finding.NO_PERSON:
        abort(400)
    why = (
        "Sin documentos: se le dieron los requisitos." if finding is Finding.NO_DOCUMENTS else "Remitida a Ventanilla."
    )
    with here.db.begin() as tx:
        close_case(tx, here.vault, here.clock.now(), case_id, current_user.email, f"{why} {finding.sentence}")
    flash(f"El caso {case_id} quedó cerrado: {why}", "success")
    return redirect(url_for("console.tray.history", case_id=case_id))


def to_tell(order: Order) -> str:
    """What the person is told once a household has its bill by this order (R26, R27); "" before."""
    if not order.has_linked or order.closed_at is None:
        return ""
    return told_at_the_end(order.closed_at, office().country)


def may_link(case: PendingCase, made: Iterable[Order]) -> bool:
    """Whether the visitor may begin the enlace that a consultation leads to: it waits, and has no order for it yet."""
    leads = case.state is CaseState.PENDIENTE and case.subject.order == OrderKind.ENLACE
    has_one = any(each.kind.links and each.state is not OrderState.ANULADA for each in made)
    return leads and not has_one and current_user.role in ORDERS


def _one(order: Order, *, is_revealed: bool = False) -> str:
    here = office()
    with here.db.begin() as tx:
        link = order_links.link_of(tx, here.vault, order.id)
        family, waits = Household(), False
        if order.case_id is not None:
            family = household.of_case(tx, here.vault, order.case_id)
            waits = case_seen(tx, order.case_id, pending=True) is not None
    if link is not None and not is_revealed:
        link = Link(order.document, mask_document(link.bill))
        family = Household(tuple(mask_document(each) for each in family.documents))
    told = {"link": link, "family": family, "shown": is_revealed, "to_tell": to_tell(order), "waits": waits}
    return render_template("console/order.html", order=order, form=TextForm(formdata=None), **told)


def _page(form: OrderForm) -> str:
    here = office()
    with here.db.begin() as tx:
        hidden = hidden_lines()
        before = asked_number("antes")
        found = orders.list_orders(tx, here.vault, hidden_lines=hidden, before=before, limit=_PAGE + 1)
        waiting = claims.waiting_claims(tx, here.vault, hidden)
        discarded = claims.discarded_claims(tx, here.vault, hidden) if oversees() else []
    told = {"orders": found[:_PAGE], "claims": waiting, "discarded": discarded, "closing": TextForm(formdata=None)}
    return render_template("console/orders.html", form=form, **told, is_cut=len(found) > _PAGE)


def _enlace(case: PendingCase, form: TextForm | None = None, person: PersonForm | None = None) -> str:
    try:
        looked = _linking().look(case.id)
    except RegistryDown:
        looked = None
    told = {"case": case, "looked": looked, "form": form or TextForm(formdata=None), "down": _DOWN}
    told["person"] = (person or PersonForm(formdata=None)).document
    return render_template("console/enlace.html", **told)


def _of_enlace(case_id: int) -> PendingCase:
    """A case that waits and leads to such an order; 404 for any other."""
    with office().db.begin() as tx:
        case = case_or_404(tx, case_id, pending=True)
    if case.subject.order != OrderKind.ENLACE:
        abort(404)
    return case


def _known(order_id: int) -> Order:
    """404 too for one of a case that the visitor may not know of."""
    here = office()
    try:
        with here.db.begin() as tx:
            order = orders.one_order(tx, here.vault, order_id)
            if order.case_id is not None:
                case_or_404(tx, order.case_id)
    except NoSuchOrder:
        abort(404)
    return order


def _linking() -> Linking:
    here = office()
    if here.padron is None:
        abort(404)
    return Linking(here.db, here.vault, here.clock, here.padron, here.country)
