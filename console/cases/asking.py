"""Caso › Pedir una corrección del padrón: before it, whether the person can be called about it (R39, R41)."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from cases.consultations.consultations import CaseState, PendingCase, one_case
from cases.corrections.asking import Asked, CannotAsk
from cases.events import CorrectionAct
from console.access import CASES, requires
from console.cases.corrections import asks_date, loop
from console.hidden import hidden_lines
from console.office import office

screen = Blueprint("asking", __name__)


class AskForm(FlaskForm):
    """What the person says. The date is asked for as it is on the document; that of the padrón is never told."""

    proposed = DateField("Fecha de nacimiento, como está en el documento", validators=[Optional()])
    detail = TextAreaField(
        "Qué pide corregir, y cómo lo explicó",
        validators=[DataRequired("Escriba qué pide corregir."), Length(max=2000)],
    )


@screen.get("/casos/<id:case_id>/correccion")
@requires(*CASES)
def page(case_id: int) -> str:
    case = _case(case_id)
    if not may_ask(case):
        abort(404)
    return _page(case, AskForm(formdata=None))


@screen.post("/casos/<id:case_id>/correccion")
@requires(*CASES)
def ask(case_id: int) -> Response | tuple[str, int]:
    """Asks a coordinator to look into it (R39)."""
    form, case = AskForm(), _case(case_id)
    is_valid = form.validate()
    if form.proposed.process_errors and form.proposed.errors:
        form.proposed.errors = ["Escriba la fecha como en el calendario."]
    if not is_valid:
        return _page(case, form), 422
    try:
        with office().db.begin() as tx:
            asked = loop().ask(tx, case_id, current_user.email, form.detail.data or "", form.proposed.data)
    except CannotAsk as why:
        where = form.proposed if asks_date(case.subject.code) else form.detail
        where.errors = [str(why)]
        return _page(case, form), 422
    flash(*_said_of(asked, case))
    return redirect(url_for("console.tray.history", case_id=case_id))


def may_ask(case: PendingCase) -> bool:
    """Whether the page of the case leads here."""
    is_one = asks_date(case.subject.code) is not None and case.document is not None
    return is_one and case.state is CaseState.PENDIENTE and office().corrections is not None


def _said_of(asked: Asked, case: PendingCase) -> tuple[str, str]:
    """The sentence, and what kind of news it is."""
    if asked.act is CorrectionAct.OTHER_DATE:
        told = f"Ya hay una corrección pedida (n.º {asked.number}) con otra fecha. Dígalo a Coordinación, que la lleva."
        return f"{told} Lo que escribió quedó en la historia.", "warning"
    if not asked.is_new:
        return f"La corrección {asked.number} ya estaba pedida. Lo que escribió quedó en la historia.", "info"
    how_told = loop().reaching.how_told(case.id, case.line)
    return f"Se pidió la corrección {asked.number}: Coordinación la compara con otra fuente. {how_told}", "success"


def _case(case_id: int) -> PendingCase:
    """404 for a case of a line that the visitor may not know of."""
    with office().db.begin() as tx:
        case = one_case(tx, office().vault, case_id, hidden_lines=hidden_lines())
    if case is None:
        abort(404)
    return case


def _page(case: PendingCase, form: AskForm) -> str:
    told = {"how_told": loop().reaching.how_told(case.id, case.line), "asks_date": asks_date(case.subject.code)}
    return render_template("console/correction_ask.html", case=case, form=form, **told)
