"""Casos › Correcciones: what somebody says is wrong in the padrón, looked into and decided (R36–R41)."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from werkzeug.wrappers import Response
from wtforms import DateField, RadioField, SelectChoice, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from beneficiaries.registry import RegistryDown, UnknownBeneficiary
from cases import corrections
from cases.consultations import NoSuchCase, one_case
from cases.corrections import (
    KIND_OF,
    SOURCES,
    CannotAsk,
    Correction,
    CorrectionKind,
    NoSuchCorrection,
)
from cases.deciding import AlreadyDecided, OwnRequest
from cases.problem import TextMissing
from console.access import CASES, requires
from console.hidden import hidden_lines
from console.office import office
from core import audit
from core.roles import Role
from procedures.correcting import Corrections

screen = Blueprint("corrections", __name__)

DECIDE = frozenset({Role.COORDINADOR, Role.SUPERVISOR, Role.TECNICO})
_DOWN = (
    "Quedó decidida. El padrón no contestó, y no se sabe si ya la tiene: el sistema se la vuelve a decir cada minuto, "
    "y aunque la reciba dos veces, la hace una sola."
)
_UNKNOWN = "Esa persona no está en el padrón: no hay qué corregir. Rechácela, con el motivo."


class AskForm(FlaskForm):
    """What the person says. The date is asked for as it is on the document; that of the padrón is never told."""

    proposed = DateField("Fecha de nacimiento, como está en el documento", validators=[Optional()])
    detail = TextAreaField(
        "Qué pide corregir, y cómo lo explicó",
        validators=[DataRequired("Escriba qué pide corregir."), Length(max=2000)],
    )


class DecideForm(FlaskForm):
    source = RadioField("Con qué la comparó", choices=[SelectChoice(*each) for each in SOURCES.items()])
    reason = TextAreaField("Qué encontró", validators=[DataRequired("Escriba qué encontró."), Length(max=2000)])


class RefuseForm(FlaskForm):
    refusal = TextAreaField("Por qué no se corrige", validators=[DataRequired("Escriba por qué."), Length(max=2000)])


@screen.get("/casos/correcciones")
@requires(*CASES)
def page() -> str:
    with office().db.begin() as tx:
        found = corrections.waiting(tx, office().vault, hidden_lines=frozenset(hidden_lines()))
    mine = [each for each in found if current_user.role in DECIDE or each.asked_by == current_user.email]
    return render_template("console/corrections.html", corrections=mine)


@screen.get("/casos/correcciones/<id:number>")
@requires(*CASES)
def one(number: int) -> str:
    return _shown(_known(number), DecideForm(formdata=None), RefuseForm(formdata=None))


@screen.post("/casos/correcciones/<id:number>/ver")
@requires(*DECIDE)
def reveal(number: int) -> str:
    """The whole document and the date that the caller told, for whoever compares them: that they were shown is written
    down."""
    here, found = office(), _known(number)
    with here.db.begin() as tx:
        audit.record(tx, here.clock.now(), current_user.email, "correction.revealed", "correction", number)
    return _shown(found, DecideForm(formdata=None), RefuseForm(formdata=None), is_revealed=True)


@screen.post("/casos/<id:case_id>/correccion")
@requires(*CASES)
def ask(case_id: int) -> Response:
    """Asks a coordinator to look into it (R39)."""
    form, history = AskForm(), redirect(url_for("console.tray.history", case_id=case_id))
    if not form.validate():
        flash("Escriba qué pide corregir, y la fecha si es la de nacimiento: no se pidió nada.", "warning")
        return history
    with office().db.begin() as tx:
        _see(tx, case_id)
        try:
            number = _loop().ask(tx, case_id, current_user.email, form.detail.data or "", form.proposed.data)
        except (CannotAsk, TextMissing) as why:
            flash(str(why), "warning")
            return history
        except NoSuchCase:
            abort(404)
    flash(
        f"Se pidió la corrección {number}: Coordinación la compara con otra fuente. Cuando se decida, se llama a la "
        "persona al teléfono del padrón.",
        "success",
    )
    return history


@screen.post("/casos/correcciones/<id:number>/corregir")
@requires(*DECIDE)
def correct(number: int) -> Response | str | tuple[str, int]:
    """Puts it right in the padrón (R40)."""
    form, found = DecideForm(), _known(number)
    _may_decide(found)
    if not form.validate():
        return _shown(found, form, RefuseForm(formdata=None)), 422
    try:
        _loop().correct(number, current_user.email, form.source.data, form.reason.data or "")
    except (AlreadyDecided, OwnRequest) as why:
        flash(str(why), "warning")
    except RegistryDown:
        flash(_DOWN, "warning")
    except UnknownBeneficiary:
        form.source.errors = [_UNKNOWN]
        return _shown(_known(number), form, RefuseForm(formdata=None)), 409
    else:
        flash("Quedó corregida. Se llama a la persona en horas hábiles, y al saberlo se cierra el caso.", "success")
    return redirect(url_for(".one", number=number))


@screen.post("/casos/correcciones/<id:number>/rechazar")
@requires(*DECIDE)
def refuse(number: int) -> Response | tuple[str, int]:
    form, found = RefuseForm(), _known(number)
    _may_decide(found)
    if not form.validate():
        return _shown(found, DecideForm(formdata=None), form), 422
    try:
        _loop().refuse(number, current_user.email, form.refusal.data or "")
    except (AlreadyDecided, OwnRequest) as why:
        flash(str(why), "warning")
    else:
        flash("Quedó rechazada. Se avisa a quien la pidió, y a la persona por teléfono.", "success")
    return redirect(url_for(".one", number=number))


def asks_date(subject: str) -> bool | None:
    """Whether a correction that a consultation of this kind leads to needs a date of birth; None: it leads to none."""
    kind = KIND_OF.get(subject)
    return None if kind is None else kind is CorrectionKind.BIRTH_DATE


def _loop() -> Corrections:
    found = office().corrections
    if found is None:
        abort(404)
    return found


def _known(number: int) -> Correction:
    here = office()
    try:
        with here.db.begin() as tx:
            found = corrections.one(tx, here.vault, number, hidden_lines=frozenset(hidden_lines()))
    except NoSuchCorrection:
        abort(404)
    if current_user.role not in DECIDE and found.asked_by != current_user.email:
        abort(404)
    return found


def _see(tx: Connection, case_id: int) -> None:
    """404 for a case of a line that the visitor may not know of."""
    if one_case(tx, office().vault, case_id, hidden_lines=hidden_lines()) is None:
        abort(404)


def _may_decide(found: Correction) -> None:
    """A technician decides only about who has no history (R37)."""
    if current_user.role is Role.TECNICO and Role.TECNICO not in found.kind.roles:
        abort(403)


def _shown(found: Correction, form: DecideForm, refusal: RefuseForm, *, is_revealed: bool = False) -> str:
    is_theirs = current_user.role in DECIDE and not (
        current_user.role is Role.TECNICO and Role.TECNICO not in found.kind.roles
    )
    told = {"correction": found, "form": form, "refusal": refusal, "shown": is_revealed, "sources": SOURCES}
    told |= {"decides": is_theirs and found.asked_by != current_user.email}
    return render_template("console/correction.html", **told)
