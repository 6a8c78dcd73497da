"""Casos › Correcciones: what somebody says is wrong in the padrón, looked into and decided (R36–R41)."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectChoice, TextAreaField
from wtforms.validators import DataRequired, Length

from beneficiaries.registry import RegistryDown, UnknownBeneficiary
from cases.corrections import corrections, deciding, telling
from cases.corrections.corrections import KIND_OF, SOURCES, Correction, CorrectionKind, NoSuchCorrection
from cases.corrections.deciding import AlreadyDecided, NothingToCorrect, NotSeen, OwnRequest
from cases.events import CaseEvent, CorrectionAct, EventKind, events_of
from cases.tasks import NoSuchTask, Task
from console.access import CASES, requires
from console.addresses import asked_number
from console.cases.seen import subjects_seen
from console.cases.words import TextForm
from console.hidden import hidden_lines
from console.office import office
from core.roles import Role
from procedures.correcting import Corrections

screen = Blueprint("corrections", __name__)

DECIDE = frozenset({Role.COORDINADOR, Role.SUPERVISOR, Role.TECNICO})
_PAGE = 100
_DOWN = (
    "Quedó decidida. El padrón no contestó, y no se sabe si ya la tiene: el sistema se la vuelve a decir cada minuto, "
    "y aunque la reciba dos veces, la hace una sola."
)
_UNKNOWN = "Esa persona no está en el padrón: no hay qué corregir. Rechácela, con el motivo."


class DecideForm(FlaskForm):
    source = RadioField("Con qué la comparó", choices=[SelectChoice(*each) for each in SOURCES.items()])
    reason = TextAreaField("Qué encontró", validators=[DataRequired("Escriba qué encontró."), Length(max=2000)])


class RefuseForm(FlaskForm):
    refusal = TextAreaField("Por qué no se corrige", validators=[DataRequired("Escriba por qué."), Length(max=2000)])


@screen.get("/casos/correcciones")
@requires(*CASES)
def page() -> str:
    hidden, kinds, me = hidden_lines(), _decided_here(), current_user.email
    after = asked_number("despues") or 0
    with office().db.begin() as tx:
        theirs = {"hidden_lines": hidden, "kinds": kinds, "person": me}
        waiting = corrections.waiting(tx, office().vault, **theirs, after=after, limit=_PAGE + 1)
        others = corrections.count_others(tx, **theirs)
        about = subjects_seen(tx, [each.case_id for each in waiting])
    told = {"corrections": waiting[:_PAGE], "about": about, "others": others, "decides": bool(kinds)}
    told |= {"more": waiting[_PAGE - 1].id if len(waiting) > _PAGE else 0, "is_first": not after}
    return render_template("console/corrections.html", **told)


@screen.get("/casos/correcciones/<id:number>")
@requires(*CASES)
def one(number: int) -> str:
    return _shown(_known(number))


@screen.post("/casos/correcciones/<id:number>/ver")
@requires(*DECIDE)
def reveal(number: int) -> str:
    """The whole document, what the caller told and what the padrón has, for whoever compares them: that they were
    shown is written down."""
    found = _known(number)
    _may_decide(found)
    return _revealed(found)


@screen.post("/casos/correcciones/<id:number>/corregir")
@requires(*DECIDE)
def correct(number: int) -> Response | str | tuple[str, int]:
    """Puts it right in the padrón (R40)."""
    form, found = DecideForm(), _known(number)
    _may_decide(found)
    try:
        if not form.validate():
            return _again(found, form=form), 422
        loop().correct(number, current_user.email, form.source.data, form.reason.data or "")
    except (AlreadyDecided, OwnRequest, NotSeen) as why:
        flash(str(why), "warning")
    except RegistryDown:
        flash(_DOWN, "warning")
    except (UnknownBeneficiary, NothingToCorrect) as why:
        form.source.errors = [_UNKNOWN if isinstance(why, UnknownBeneficiary) else str(why)]
        return _revealed(_known(number), form=form), 409
    else:
        flash(f"Quedó corregida. {loop().reaching.how_told(found.case_id, found.line, is_decided=True)}", "success")
    return redirect(url_for(".one", number=number))


@screen.post("/casos/correcciones/<id:number>/rechazar")
@requires(*DECIDE)
def refuse(number: int) -> Response | tuple[str, int]:
    form, found = RefuseForm(), _known(number)
    _may_decide(found)
    try:
        if not form.validate():
            return _again(found, refusal=form), 422
        loop().refuse(number, current_user.email, form.refusal.data or "")
    except (AlreadyDecided, OwnRequest, NotSeen) as why:
        flash(str(why), "warning")
    else:
        how_told = loop().reaching.how_told(found.case_id, found.line, is_decided=True)
        flash(f"Quedó rechazada. Se avisa a quien la pidió. {how_told}", "success")
    return redirect(url_for(".one", number=number))


@screen.post("/casos/correcciones/<id:number>/avisada")
@requires(*CASES)
def told(number: int) -> Response:
    """The person was told by somebody, whom no call of ours reached."""
    form, here, found = TextForm(), office(), _known(number)
    if not form.validate():
        flash("Escriba cómo se le avisó: la tarea sigue abierta.", "warning")
        return redirect(url_for(".one", number=number))
    try:
        with here.db.begin() as tx:
            telling.done(tx, here.vault, here.clock.now(), found, current_user.email, form.text.data or "")
    except NoSuchTask as gone:
        flash(str(gone), "info")
    else:
        flash("Quedó en la historia del caso. Si no falta nada más, ciérrelo.", "success")
    return redirect(url_for(".one", number=number))


def asks_identity(subject: str) -> bool | None:
    """Whether a correction that a consultation of this kind leads to needs a date of birth or a name; None: it leads to
    none."""
    kind = KIND_OF.get(subject)
    return None if kind is None else kind is CorrectionKind.IDENTITY


def loop() -> Corrections:
    """404 where there is none: of an institution without a padrón."""
    found = office().corrections
    if found is None:
        abort(404)
    return found


def _known(number: int) -> Correction:
    """404 for one of a hidden line, or that the visitor neither decides nor asked for, nor is to tell anybody of."""
    here = office()
    try:
        with here.db.begin() as tx:
            found = corrections.one(tx, here.vault, number, hidden_lines=frozenset(hidden_lines()))
            owed = telling.left(tx, here.vault, number)
    except NoSuchCorrection:
        abort(404)
    if found.kind not in _decided_here() and found.asked_by != current_user.email and not _tells(owed):
        abort(404)
    return found


def _tells(owed: Task | None) -> bool:
    return owed is not None and current_user.role in owed.to_roles and owed.to_person in (None, current_user.email)


def _decided_here() -> list[CorrectionKind]:
    """What the visitor's role decides: a technician, only about who has no history (R37)."""
    if current_user.role not in DECIDE:
        return []
    return [each for each in CorrectionKind if current_user.role is not Role.TECNICO or Role.TECNICO in each.roles]


def _may_decide(found: Correction) -> None:
    if found.kind not in _decided_here():
        abort(403)


def _decides(found: Correction) -> bool:
    return found.kind in _decided_here() and found.asked_by != current_user.email


def _again(found: Correction, **forms: FlaskForm) -> str:
    """With what was typed. Raises NotSeen: to whom it was not shown yet, it is not shown so."""
    with office().db.begin() as tx:
        if not deciding.has_seen(tx, found.id, current_user.email):
            raise NotSeen
    return _revealed(found, **forms)


def _revealed(found: Correction, **forms: FlaskForm) -> str:
    here = office()
    with here.db.begin() as tx:
        deciding.reveal(tx, here.clock.now(), found.id, current_user.email)
    holder, no_holder, how_told = None, "", loop().reaching.how_told(found.case_id, found.line)
    if found.kind is CorrectionKind.IDENTITY:
        try:
            holder = loop().padron.find(found.document)
            no_holder = "" if holder else "Esa persona no está en el padrón."
        except RegistryDown:
            no_holder = "No contesta ahora."
    return _shown(found, shown=True, holder=holder, no_holder=no_holder, how_told=how_told, **forms)


def _shown(found: Correction, **more: Any) -> str:
    here = office()
    with here.db.begin() as tx:
        said = [each for each in events_of(tx, here.vault, found.case_id) if _is_about(each, found)]
        owed = telling.left(tx, here.vault, found.id)
        opens_case = bool(subjects_seen(tx, [found.case_id]))
    told = {"correction": found, "sources": SOURCES, "decides": _decides(found), "events": said, "telling": owed}
    told |= {"form": DecideForm(formdata=None), "refusal": RefuseForm(formdata=None)}
    told |= {"telling_form": TextForm(formdata=None), "opens_case": opens_case}
    told |= {"other_data": any(each.facts.get("act") == CorrectionAct.OTHER_DATA for each in said)}
    return render_template("console/correction.html", **(told | more))


def _is_about(event: CaseEvent, found: Correction) -> bool:
    """Those of the version before this one do not say of which correction they are."""
    return event.kind is EventKind.CORRECTION and event.facts.get("correction", found.id) == found.id
