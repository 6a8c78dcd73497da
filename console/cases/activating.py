"""A consultation of somebody who is not active in the padrón: how they stand, and making them active (C12, R18)."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from beneficiaries.registry import RegistryDown, UnknownBeneficiary
from cases.consultations.consultations import CaseState, PendingCase
from console.access import requires
from console.cases.seen import case_or_404
from console.desk.padron import STANDINGS
from console.office import office
from core.roles import Role
from procedures.activating import ASKED_IN, Activating, CannotActivate

screen = Blueprint("activating", __name__)

ACTIVATE = frozenset({Role.COORDINADOR, Role.SUPERVISOR})
_DOWN = "El padrón no contesta ahora: no se cambió nada. Inténtelo en unos minutos."
_UNKNOWN = "La persona no está en el padrón: la inscribe Ventanilla."


class ActivateForm(FlaskForm):
    text = TextAreaField(
        "Con qué lo comprobó", validators=[DataRequired("Escriba con qué lo comprobó."), Length(max=2000)]
    )


@screen.get("/casos/<id:case_id>/activar")
@requires(*ACTIVATE)
def page(case_id: int) -> str:
    return _page(_case(case_id), ActivateForm(formdata=None))


@screen.post("/casos/<id:case_id>/activar")
@requires(*ACTIVATE)
def activate(case_id: int) -> Response | tuple[str, int]:
    """From now on the person may have their PIN; the case is closed with it."""
    case, form = _case(case_id), ActivateForm()
    if not form.validate():
        return _page(case, form), 422
    try:
        _activating().activate(case_id, current_user.email, form.text.data or "")
    except (CannotActivate, RegistryDown, UnknownBeneficiary) as why:
        told = {RegistryDown: _DOWN, UnknownBeneficiary: _UNKNOWN}
        flash(told.get(type(why)) or str(why), "warning")
        return redirect(url_for(".page", case_id=case_id))
    flash(f"La persona quedó activa en el padrón y el caso {case_id}, cerrado. Ya puede pedir su PIN.", "success")
    return redirect(url_for("console.tray.history", case_id=case_id))


def may_activate(case: PendingCase) -> bool:
    """Whether the page of the case leads here."""
    is_one = case.subject.code in ASKED_IN and case.state is CaseState.PENDIENTE
    return is_one and current_user.role in ACTIVATE and office().padron is not None


def _page(case: PendingCase, form: ActivateForm) -> str:
    """With a sentence in the place of the form where nothing can be done."""
    standing, why_not = None, ""
    try:
        standing = _activating().look(case.id, current_user.email)
        why_not = "" if standing else _UNKNOWN
    except CannotActivate as problem:
        why_not = str(problem)
    except RegistryDown:
        why_not = _DOWN
    told = {"standing": STANDINGS[standing] if standing else "", "why_not": why_not}
    return render_template("console/activating.html", case=case, form=form, **told)


def _case(case_id: int) -> PendingCase:
    """404 too for one that is about something else."""
    with office().db.begin() as tx:
        case = case_or_404(tx, case_id)
    if case.subject.code not in ASKED_IN:
        abort(404)
    return case


def _activating() -> Activating:
    here = office()
    if here.padron is None:
        abort(404)
    return Activating(here.db, here.vault, here.clock, here.padron)
