"""Caso › Pedir una corrección del padrón: before it, whether the person can be called about it (R39, R41)."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length, Optional

from cases.consultations.consultations import CaseState, PendingCase
from cases.corrections.asking import Asked, CannotAsk
from cases.corrections.proposed import LONGEST_NAME, Proposed, tidied, wrong_with_name
from cases.events import CorrectionAct
from console.access import CASES, requires
from console.cases.corrections import asks_identity, loop
from console.cases.seen import case_or_404
from console.office import office

screen = Blueprint("asking", __name__)


class AskForm(FlaskForm):
    """What the person says. It is asked for as it is on the document; what the padrón has is never told."""

    proposed = DateField("Fecha de nacimiento, como está en el documento", validators=[Optional()])
    name = StringField("Nombre completo, como está en el documento", filters=[lambda said: tidied(said or "")])
    detail = TextAreaField(
        "Qué pide corregir, y cómo lo explicó",
        validators=[DataRequired("Escriba qué pide corregir."), Length(max=2000)],
    )

    def validate_name(self, control: StringField) -> None:
        if control.data and (wrong := wrong_with_name(control.data)):
            raise ValidationError(wrong)

    @property
    def told(self) -> Proposed:
        return Proposed(self.proposed.data, self.name.data or "")


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
            asked = loop().ask(tx, case_id, current_user.email, form.detail.data or "", form.told)
    except CannotAsk as why:
        where = form.proposed if asks_identity(case.subject.code) else form.detail
        where.errors = [str(why)]
        return _page(case, form), 422
    flash(*_said_of(asked, case))
    return redirect(url_for("console.tray.history", case_id=case_id))


def may_ask(case: PendingCase) -> bool:
    """Whether the page of the case leads here."""
    is_one = asks_identity(case.subject.code) is not None and case.document is not None
    return is_one and case.state is CaseState.PENDIENTE and office().corrections is not None


def _said_of(asked: Asked, case: PendingCase) -> tuple[str, str]:
    """The sentence, and what kind of news it is."""
    if asked.act is CorrectionAct.OTHER_DATA:
        told = (
            f"Ya hay una corrección pedida (n.º {asked.number}) con otros datos. Dígalo a Coordinación, que la lleva."
        )
        return f"{told} Lo que escribió quedó en la historia.", "warning"
    if not asked.is_new:
        return f"La corrección {asked.number} ya estaba pedida. Lo que escribió quedó en la historia.", "info"
    how_told = loop().reaching.how_told(case.id, case.line)
    return f"Se pidió la corrección {asked.number}: Coordinación la compara con otra fuente. {how_told}", "success"


def _case(case_id: int) -> PendingCase:
    with office().db.begin() as tx:
        return case_or_404(tx, case_id)


def _page(case: PendingCase, form: AskForm) -> str:
    told = {"how_told": loop().reaching.how_told(case.id, case.line), "longest_name": LONGEST_NAME}
    told["asks_identity"] = asks_identity(case.subject.code)
    return render_template("console/correction_ask.html", case=case, form=form, **told)
