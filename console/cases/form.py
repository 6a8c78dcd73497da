"""The case form of an attended call: kept as it is typed, saved, or handed to a colleague (R8, R12, R13, R17)."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, Flask, abort, render_template, request
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from wtforms import BooleanField, Field, RadioField, SelectChoice, SelectField, StringField, TextAreaField

from cases.attentions import attentions
from cases.attentions.attentions import (
    LONGEST,
    LONGEST_NOTE,
    Draft,
    Keep,
    NoSuchDraft,
    NotTypable,
    NotYours,
    Problem,
    SavedMeanwhile,
    Standing,
    Word,
)
from cases.catalogue.catalogue import Caller, Script, Subject, asks_household, callers_for, subjects_for
from cases.consultations.consultations import CaseState, PendingCase, one_case
from cases.corrections.corrections import KIND_OF
from cases.joining import open_besides
from cases.problem import TextMissing
from console.access import CASES, requires
from console.addresses import asked_number
from console.cases.asking import may_ask
from console.hidden import hidden_lines
from console.office import office
from core.roles import Role

screen = Blueprint("case_form", __name__)

#: Who may attend a call and leave its case.
ATTEND = frozenset({Role.OPERADOR, Role.SUPERVISOR, Role.COORDINADOR, Role.PROFESIONAL_LINEA, Role.ADMIN})
#: Whose tray takes an attention that its operator may not save.
COLLEAGUES = {Role.OPERADOR: "Operación", Role.SUPERVISOR: "Supervisión", Role.COORDINADOR: "Coordinación"}

_YES_NO = [SelectChoice("si", "Sí"), SelectChoice("no", "No")]
_ANSWER = {"si": True, "no": False}
_TOO_LONG = "Es demasiado largo o no es una de las opciones."
_TEXTS = tuple(LONGEST)
_ANSWERS = ("has_conflict", "is_gift_offered", "gift_is_accepted")
_TICKS = ("is_anonymous", "is_unattended")


class CaseForm(FlaskForm):
    """Its fields are called as in cases/attentions/drafts.py. What lacks is said by checks.py beside it, not here."""

    subject = SelectField("Motivo de la llamada")
    caller_kind = SelectField("Quién llama")
    contact_name = StringField("Nombre")
    phone = StringField("Otro teléfono")
    document = StringField("Otro documento")
    is_anonymous = BooleanField("La persona prefiere ser anónima")
    detail = TextAreaField("Detalle de la llamada")
    unit = StringField("Unidad a la que corresponde")
    has_conflict = RadioField("¿Tiene usted conflicto de interés con la persona?", choices=_YES_NO)
    is_gift_offered = RadioField("¿Le ofrecieron algún regalo?", choices=_YES_NO)
    gift_offer = TextAreaField("Quién lo ofreció y cómo")
    gift_item = StringField("Qué ofrecieron")
    gift_value = StringField("Valor estimado")
    gift_is_accepted = RadioField("¿Se aceptó?", choices=_YES_NO)
    gift_basis = StringField("Norma que lo permite")
    gift_form = StringField("Número del formulario de control de regalos")
    household = TextAreaField("DUI de las personas del hogar")
    bill = StringField("Recibo de energía eléctrica")
    is_unattended = BooleanField("Dice que no recibió la atención que necesitaba: elevar a Dirección")
    reason = TextAreaField("Qué pasó")
    outcome = RadioField("El caso queda", choices=[SelectChoice(state.value, state.label) for state in CaseState])
    to_role = SelectField("Trasladar a", choices=[SelectChoice(role.value, name) for role, name in COLLEAGUES.items()])
    asks_household = False  # the line's procedure does (R20)
    answers_alone = False  # the call's case is there: what is left is their own to answer (R12, R13)
    opens_case = False  # the visitor's role sees the case that is saved
    begun_by: Sequence[str] = ()  # who had the call before: their e-mails
    lost: Sequence[tuple[str, str]] = ()  # what came too late to be kept: the field's label, and what it says
    standing: Standing | None = None  # the call's case, once somebody of it saved
    meanwhile: Sequence[Word] = ()  # what others saved since this draft was opened: to choose between
    note = ""  # what is to be added to the saved case, where it could not be
    note_wrong = ""
    with_correction = ""  # codes of the subjects that lead to a correction of the padrón, with | between them
    may_correct = False  # the saved case does, and it has what a correction needs
    besides: Sequence[PendingCase] = ()  # other open cases of the same person about the same as the saved one
    with_unit = ""  # codes of the subjects that are sent on to another unit, with | between them
    scripts: Sequence[tuple[str, Script]] = ()  # what is said, and the codes of the subjects that it is for, with |


def form_of(tx: Connection, draft: Draft, *, is_sent: bool = False) -> CaseForm:
    """The form with what is kept, and with what the others of the call wrote. ``is_sent``: with what the browser
    sends."""
    form = form_for(draft, is_sent=is_sent, begun_by=attentions.begun_by(tx, draft))
    _say_how_it_stands(tx, draft, form)
    form.answers_alone = attentions.owes_answers_alone(tx, draft)
    return form


def _say_how_it_stands(tx: Connection, draft: Draft, form: CaseForm) -> None:
    vault, hidden = office().vault, hidden_lines()
    form.standing = attentions.standing(tx, vault, draft.room_id)
    if form.standing is None or not draft.saved_at or not form.opens_case:
        return
    case = one_case(tx, vault, form.standing.case_id, hidden_lines=hidden)
    form.may_correct = case is not None and may_ask(case)
    form.besides = open_besides(tx, vault, form.standing.case_id, hidden_lines=hidden)


def form_for(draft: Draft, *, is_sent: bool = False, begun_by: Sequence[str] = ()) -> CaseForm:
    """The form with what is kept. ``is_sent``: with what the browser sends; ``begun_by``: who had the call before."""
    kept = {name: getattr(draft.typed, name) for name in _TEXTS}
    kept |= {"subject": draft.subject or "", "caller_kind": draft.caller_kind or "", "outcome": draft.outcome}
    answers = {"has_conflict": draft.has_conflict, "is_gift_offered": draft.is_gift_offered}
    for name, answer in (answers | {"gift_is_accepted": draft.typed.gift_is_accepted}).items():
        kept[name] = None if answer is None else ("si" if answer else "no")
    kept |= {"is_anonymous": draft.is_anonymous, "is_unattended": draft.typed.is_unattended}
    form = CaseForm(data=kept) if is_sent else CaseForm(formdata=None, data=kept)
    form.subject.choices = _choices(subjects_for(draft.line))
    form.opens_case = current_user.role in CASES
    _call_it(form, draft)
    form.asks_household = asks_household(draft.line)
    form.begun_by = begun_by
    if form.opens_case:
        codes = (each.code for each in subjects_for(draft.line))
        form.with_correction = "|".join(code for code in codes if code in KIND_OF)
    form.with_unit = "|".join(each.code for each in subjects_for(draft.line) if each.needs_unit)
    form.scripts = _scripts(subjects_for(draft.line))
    form.caller_kind.choices = _choices(callers_for(draft.line))
    return form


def _call_it(form: CaseForm, draft: Draft) -> None:
    """A call or a written conversation, as it was."""
    form.subject.label.text = f"Motivo de la {draft.held}"
    form.detail.label.text = f"Detalle de la {draft.held}"
    form.caller_kind.label.text = "Quién escribe" if draft.is_written else "Quién llama"


def _scripts(subjects: Iterable[Subject]) -> list[tuple[str, Script]]:
    codes: dict[Script, list[str]] = {}
    for subject in subjects:
        if subject.script:
            codes.setdefault(subject.script, []).append(subject.code)
    return [("|".join(each), script) for script, each in codes.items()]


def _choices(each_of: Iterable[Subject | Caller]) -> list[SelectChoice]:
    return [SelectChoice("", "Elija…"), *(SelectChoice(each.code, each.name) for each in each_of)]


@screen.get("/casos/<id:draft_id>/atender")
@requires(*ATTEND)
def page(draft_id: int) -> str:
    """The form on a page of its own, for what was left unsaved."""
    with office().db.begin() as tx:
        draft = _mine(tx, draft_id)
        form = form_of(tx, draft)
    return _shown(draft, form)


@screen.post("/casos/<id:draft_id>/escribir")
@requires(*ATTEND)
def type_(draft_id: int) -> tuple[str, int]:
    """Keeps what was typed. A script asks for the form alone with the heading X-Part."""
    with office().db.begin() as tx:
        draft, form = _typed(tx, draft_id)
    return _shown(draft, form), _code(form)


@screen.post("/casos/<id:draft_id>/guardar")
@requires(*ATTEND)
def save(draft_id: int) -> tuple[str, int]:
    """Keeps what was typed, and leaves the case unless something lacks: then 422, each thing beside its field.

    409 where a colleague of the same call saved meanwhile: what they saved is shown, and whoever saves chooses.
    """
    here = office()
    with here.db.begin() as tx:
        draft, form = _typed(tx, draft_id)
        if _code(form) == 200 and not (draft.saved_at or draft.moved_at):
            try:
                saved = attentions.save(tx, here.vault, here.clock.now(), draft_id, current_user.email, **_chosen())
                if isinstance(saved, list):
                    _say(form, saved)
            except SavedMeanwhile as news:
                form.meanwhile = news.words
            draft = attentions.draft(tx, here.vault, draft_id)
            _say_how_it_stands(tx, draft, form)
    return _shown(draft, form), _code(form)


def _chosen() -> dict[str, Any]:
    """Whose word stands, where the visitor was shown what a colleague saved; nothing that they sent is trusted more."""
    keep, seen = request.form.get("keep", ""), asked_number("seen")
    if keep not in list(Keep) or seen is None:
        return {"seen": 0}
    return {"seen": seen, "keep": Keep(keep)}


@screen.post("/casos/<id:draft_id>/agregar")
@requires(*ATTEND)
def add(draft_id: int) -> tuple[str, int]:
    """What is said once the case was saved goes into its history; the case may then stand otherwise. 422: no words."""
    here, told, state = office(), request.form.get("nota", ""), request.form.get("estado", "")
    if state and state not in list(CaseState):
        abort(400)
    wrong = _TOO_LONG if len(told) > LONGEST_NOTE else ""
    with here.db.begin() as tx:
        _mine(tx, draft_id)
        try:
            if not wrong:
                asked = CaseState(state) if state else None
                attentions.add_note(tx, here.vault, here.clock.now(), draft_id, current_user.email, told, asked)
        except TextMissing as missing:
            wrong = str(missing)
        except NotYours:
            abort(409)
        draft = attentions.draft(tx, here.vault, draft_id)
        form = form_of(tx, draft)
    form.note, form.note_wrong = (told, wrong) if wrong else ("", "")
    return _shown(draft, form), 422 if wrong else 200


@screen.post("/casos/<id:draft_id>/trasladar")
@requires(*ATTEND)
def move(draft_id: int) -> tuple[str, int]:
    """Hands it to the colleagues of a role, because of a conflict of interest (R12)."""
    here = office()
    with here.db.begin() as tx:
        draft, form = _typed(tx, draft_id)
        if form.to_role.data not in COLLEAGUES:
            abort(400)
        if _code(form) == 200 and not (draft.saved_at or draft.moved_at):
            to_role = Role(form.to_role.data)
            attentions.reassign(tx, here.vault, here.clock.now(), draft_id, current_user.email, to_role=to_role)
            draft = attentions.draft(tx, here.vault, draft_id)
    return _shown(draft, form), _code(form)


def _mine(tx: Connection, draft_id: int) -> Draft:
    """The visitor's own; of anybody else's it is not told that it exists."""
    try:
        draft = attentions.draft(tx, office().vault, draft_id)
    except NoSuchDraft:
        abort(404)
    if draft.operator != current_user.email:
        abort(404)
    return draft


def _typed(tx: Connection, draft_id: int) -> tuple[Draft, CaseForm]:
    """What came is kept, unless it does not fit, or the case was saved or moved before it came: then it is shown."""
    draft, here = _mine(tx, draft_id), office()
    form = form_of(tx, draft, is_sent=True)
    try:
        draft = attentions.type_draft(tx, here.vault, here.clock.now(), draft_id, current_user.email, **_fields(form))
    except NotYours:
        draft = _mine(tx, draft_id)
        form.lost = _lost(form, draft)
        return draft, form
    except NotTypable:
        _say(form, [Problem(name, _TOO_LONG) for name in _too_long(form)] or [Problem("subject", _TOO_LONG)])
    return draft, form


def _fields(form: CaseForm) -> dict[str, Any]:
    found: dict[str, Any] = {name: form[name].data or "" for name in (*_TEXTS, "subject", "caller_kind", "outcome")}
    found |= {name: _ANSWER.get(form[name].data) for name in _ANSWERS}
    return found | {name: bool(form[name].data) for name in _TICKS}


def _lost(form: CaseForm, draft: Draft) -> list[tuple[str, str]]:
    """What somebody wrote and nobody keeps. Of whom stays anonymous nothing is left to compare with: they are shown
    all of it where a colleague's case concluded theirs, and nothing where it was they who saved."""
    if draft.is_anonymous and not draft.is_concluded:
        return []
    written = [(name, (form[name].data or "").strip().replace("\r\n", "\n")) for name in _TEXTS]
    return [(form[name].label.text, said) for name, said in written if said and said != _kept(draft, name)]


def _kept(draft: Draft, name: str) -> str:
    kept: str = getattr(draft.typed, name)
    return kept.strip().replace("\r\n", "\n")


def _too_long(form: CaseForm) -> list[str]:
    return [name for name, most in LONGEST.items() if len(form[name].data or "") > most]


def _say(form: CaseForm, problems: list[Problem]) -> None:
    for problem in problems:
        field: Field = form[problem.field]
        field.errors = [*field.errors, problem.sentence]


def _code(form: CaseForm) -> int:
    if form.meanwhile:
        return 409
    return 422 if any(field.errors for field in form) else 200


def shown_as(draft: Draft, form: CaseForm) -> str:
    """Changes when the form is to be shown anew in a page that stands open: once it is saved, with each word after."""
    if draft.saved_at:
        return f"{draft.id}-saved-{form.standing.newest if form.standing else 0}"
    return f"{draft.id}-moved" if draft.moved_at else f"{draft.id}"


def add_filters(app: Flask) -> None:
    """Makes this known to the templates."""
    app.add_template_filter(shown_as)


def _shown(draft: Draft, form: CaseForm) -> str:
    if request.headers.get("X-Part"):
        return render_template("console/case_form.html", draft=draft, form=form)
    here = office()
    with here.db.begin() as tx:
        past = attentions.history_of(tx, here.vault, draft.id, hidden_lines=hidden_lines())
    return render_template("console/attend.html", draft=draft, form=form, past=past)
