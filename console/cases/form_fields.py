"""The fields of the case form: what they hold of a draft, and what was typed into them (R8, R12, R13, R17).

A new one is written in ``Typed`` (cases/typed.py), in ``CaseForm`` and in its template; where it may lack, in
cases/attentions/checks.py.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, SelectChoice, SelectField, StringField, TextAreaField

from cases.attentions.alike import OpenAlready
from cases.attentions.attentions import LONGEST, Draft, Problem, Standing, Word
from cases.catalogue.catalogue import Script, Subject
from cases.consultations.consultations import CaseState, PendingCase
from core.roles import Role

#: Whose tray takes an attention that its operator may not save; the last, of a line that is for them alone.
COLLEAGUES = {
    **{Role.OPERADOR: "Operación", Role.SUPERVISOR: "Supervisión", Role.COORDINADOR: "Coordinación"},
    Role.PROFESIONAL_LINEA: "Profesional de línea",
}
TOO_LONG = "Es demasiado largo o no es una de las opciones."

_YES_NO = [SelectChoice("si", "Sí"), SelectChoice("no", "No")]
_ANSWER = {"si": True, "no": False}
_ANSWERS = ("has_conflict", "is_gift_offered", "gift_is_accepted")
_TICKS = ("is_anonymous", "is_unattended")
_CODES = ("subject", "caller_kind", "outcome")
_NOTED = ("detail", "reason")  #: what is a word of their own in a case, whoever saved it


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
    to_role = SelectField("Trasladar a")

    longest = LONGEST
    asks_household = False  # the line's procedure does (R20)
    answers_alone = False  # the call's case is there: what is left is their own to answer (R12, R13)
    opens_case = False  # the visitor's role sees the case that is saved
    begun_by: Sequence[str] = ()  # who had the call before: their e-mails
    left_by_line: Subject | None = None  # what the case is about that the line itself left of this call
    lost: Sequence[tuple[str, str]] = ()  # what came too late to be kept: the field's label, and what it says
    is_noted = False  # what came too late stands in the history of the case
    standing: Standing | None = None  # the call's case, once somebody of it saved
    meanwhile: Sequence[Word] = ()  # what others saved since this draft was opened: to choose between
    open_already = OpenAlready()  # what the person has open, of this and of other matters
    news_of_open: frozenset[int] = frozenset()  # the numbers of those of this matter that were not shown before
    asks_alike = False  # one of the same was not seen before: whoever saves chooses
    note = ""  # what is to be added to the saved case, where it could not be
    note_wrong = ""
    with_correction = ""  # codes of the subjects that lead to a correction of the padrón, with | between them
    may_correct = False  # the saved case does, and it has what a correction needs
    besides: Sequence[PendingCase] = ()  # other open cases of the same person about the same as the saved one
    with_unit = ""  # codes of the subjects that are sent on to another unit, with | between them
    owners: Sequence[tuple[str, str]] = ()  # whom other matters are for, after the codes of the subjects, with |
    scripts: Sequence[tuple[str, Script]] = ()  # what is said, and the codes of the subjects that it is for, with |


def held_of(draft: Draft) -> dict[str, Any]:
    """What the fields hold of a draft, by their names."""
    held: dict[str, Any] = {name: getattr(draft.typed, name) for name in LONGEST}
    held |= {name: getattr(draft, name) or "" for name in _CODES}
    for name in _ANSWERS:
        answer = _of(draft, name)
        held[name] = None if answer is None else ("si" if answer else "no")
    return held | {name: _of(draft, name) for name in _TICKS}


def typed_in(form: CaseForm) -> dict[str, Any]:
    """What was typed, as ``attentions.type_draft`` takes it."""
    found: dict[str, Any] = {name: form[name].data or "" for name in (*LONGEST, *_CODES)}
    found |= {name: _ANSWER.get(form[name].data) for name in _ANSWERS}
    return found | {name: bool(form[name].data) for name in _TICKS}


def not_kept(form: CaseForm, draft: Draft) -> dict[str, str]:
    """What somebody wrote and nobody keeps, by the names of the fields. Of whom stays anonymous nothing is left to
    compare with: it is all of it where a colleague's case concluded theirs, and nothing where it was they who saved."""
    if draft.is_anonymous and not draft.is_concluded:
        return {}
    written = {name: _plain(form[name].data or "") for name in LONGEST}
    return {name: said for name, said in written.items() if said and said != _plain(getattr(draft.typed, name))}


def told_late(form: CaseForm, left: dict[str, str]) -> str:
    """What of it is theirs to add to a case that is saved, as one text; empty: nothing is. Whoever has a conflict of
    interest adds nothing (R12)."""
    if _ANSWER.get(form.has_conflict.data):
        return ""
    return "\n".join(left[name] for name in _NOTED if name in left)


def labelled(form: CaseForm, left: dict[str, str], but: str = "") -> list[tuple[str, str]]:
    """(the field's label, what it says) of what nobody keeps. ``but``: what was noted all the same."""
    return [(form[name].label.text, said) for name, said in left.items() if not (but and name in _NOTED)]


def too_long(form: CaseForm) -> list[Problem]:
    """Those that say more than they may."""
    return [Problem(name, TOO_LONG) for name, most in LONGEST.items() if len(form[name].data or "") > most]


def say(form: CaseForm, problems: Iterable[Problem]) -> None:
    """Puts each beside its field."""
    for problem in problems:
        field: Field = form[problem.field]
        field.errors = [*field.errors, problem.sentence]


def _of(draft: Draft, name: str) -> Any:
    return getattr(draft, name) if hasattr(draft, name) else getattr(draft.typed, name)


def _plain(said: str) -> str:
    return said.strip().replace("\r\n", "\n")
