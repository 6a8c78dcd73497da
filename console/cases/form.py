"""The case form of an attended call: kept as it is typed, saved, or handed to a colleague (R8, R12, R13, R17). What is
in it: form_fields.py; what is shown with it: form_shown.py."""

from typing import Any

from flask import Blueprint, abort, request
from flask_login import current_user
from sqlalchemy import Connection

from cases.attentions import alike, attentions
from cases.attentions.attentions import (
    LONGEST_NOTE,
    Draft,
    GiftNotDescribed,
    Keep,
    NoSuchDraft,
    NotTypable,
    NotYours,
    Problem,
    SavedMeanwhile,
)
from cases.attentions.checks import problems_of
from cases.consultations.consultations import CaseState
from cases.orders import of_call
from cases.problem import TextMissing
from console.access import requires
from console.addresses import asked_number
from console.cases.form_fields import (
    TOO_LONG,
    CaseForm,
    labelled,
    not_kept,
    say,
    told_late,
    too_long,
    typed_in,
)
from console.cases.form_shown import colleagues_of, form_of, say_how_it_stands, shown
from console.cases.told_before import tell_open
from console.office import office
from core.roles import Role

screen = Blueprint("case_form", __name__)

#: Who may attend a call and leave its case.
ATTEND = frozenset({Role.OPERADOR, Role.SUPERVISOR, Role.COORDINADOR, Role.PROFESIONAL_LINEA, Role.ADMIN})


@screen.get("/casos/<id:draft_id>/atender")
@requires(*ATTEND)
def page(draft_id: int) -> str:
    """The form on a page of its own, for what was left unsaved."""
    with office().db.begin() as tx:
        draft = _mine(tx, draft_id)
        form = form_of(tx, draft)
    return shown(draft, form)


@screen.post("/casos/<id:draft_id>/escribir")
@requires(*ATTEND)
def type_(draft_id: int) -> tuple[str, int]:
    """Keeps what was typed. A script asks for the form alone with the heading X-Part."""
    with office().db.begin() as tx:
        draft, form = _typed(tx, draft_id)
    return shown(draft, form), _code(form)


@screen.post("/casos/<id:draft_id>/guardar")
@requires(*ATTEND)
def save(draft_id: int) -> tuple[str, int]:
    """Keeps what was typed, and leaves the case unless something lacks: then 422, each thing beside its field.

    409 where a colleague of the same call saved meanwhile, or the person has the same open already and nobody was shown
    it: it is shown, and whoever saves chooses.
    """
    here = office()
    with here.db.begin() as tx:
        draft, form = _typed(tx, draft_id)
        form.asks_alike = bool(form.news_of_open) and asked_number("into") is None and not problems_of(draft)
        if _code(form) == 200 and not (draft.saved_at or draft.moved_at):
            try:
                chosen = _chosen() | {"into": _into(form)}
                saved = attentions.save(tx, here.vault, here.clock.now(), draft_id, current_user.email, **chosen)
                if isinstance(saved, list):
                    say(form, saved)
                else:
                    of_call.take_in(tx, here.vault, here.clock.now(), draft.room_id, current_user.email)
            except SavedMeanwhile as news:
                form.meanwhile = news.words
            draft = attentions.draft(tx, here.vault, draft_id)
            say_how_it_stands(tx, draft, form)
    return shown(draft, form), _code(form)


def _chosen() -> dict[str, Any]:
    """Whose word stands, where the visitor was shown what a colleague saved; nothing that they sent is trusted more."""
    keep, seen = request.form.get("keep", ""), asked_number("seen")
    if keep not in list(Keep) or seen is None:
        return {"seen": 0}
    return {"seen": seen, "keep": Keep(keep)}


def _into(form: CaseForm) -> int | None:
    """The open case to which the visitor adds this one; one that was closed meanwhile is none any more."""
    number = asked_number("into")
    return number if number in form.open_already.same else None


@screen.post("/casos/<id:draft_id>/agregar")
@requires(*ATTEND)
def add(draft_id: int) -> tuple[str, int]:
    """What is said once the case was saved goes into its history; the case may then stand otherwise. 422: no words, or
    a case of a message that may not wait (R22)."""
    here, told, state = office(), request.form.get("nota", ""), request.form.get("estado", "")
    if state and state not in list(CaseState):
        abort(400)
    wrong = TOO_LONG if len(told) > LONGEST_NOTE else ""
    with here.db.begin() as tx:
        _mine(tx, draft_id)
        try:
            if not wrong:
                asked = CaseState(state) if state else None
                attentions.add_note(tx, here.vault, here.clock.now(), draft_id, current_user.email, told, asked)
        except (TextMissing, attentions.OnlyInformation) as why:
            wrong = str(why)
        except NotYours:
            abort(409)
        draft = attentions.draft(tx, here.vault, draft_id)
        form = form_of(tx, draft)
    form.note, form.note_wrong = (told, wrong) if wrong else ("", "")
    return shown(draft, form), 422 if wrong else 200


@screen.post("/casos/<id:draft_id>/trasladar")
@requires(*ATTEND)
def move(draft_id: int) -> tuple[str, int]:
    """Hands it to the colleagues of a role, because of a conflict of interest (R12)."""
    here = office()
    with here.db.begin() as tx:
        draft, form = _typed(tx, draft_id)
        if form.to_role.data not in colleagues_of(draft.line):
            abort(400)
        if _code(form) == 200 and not (draft.saved_at or draft.moved_at):
            to_role = Role(form.to_role.data)
            try:
                attentions.reassign(tx, here.vault, here.clock.now(), draft_id, current_user.email, to_role=to_role)
            except GiftNotDescribed as lacks:
                say(form, lacks.problems)
            draft = attentions.draft(tx, here.vault, draft_id)
    return shown(draft, form), _code(form)


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
        draft = attentions.type_draft(tx, here.vault, here.clock.now(), draft_id, current_user.email, **typed_in(form))
        tell_open(tx, draft, form)
        form.news_of_open = alike.show(tx, here.clock.now(), draft, form.open_already, current_user.email)
    except NotYours:
        draft = _mine(tx, draft_id)
        _keep_late(tx, draft, form)
    except NotTypable:
        say(form, too_long(form) or [Problem("subject", TOO_LONG)])
    return draft, form


def _keep_late(tx: Connection, draft: Draft, form: CaseForm) -> None:
    """What came of a draft that went with a colleague's case meanwhile is added to that case; what is no word of their
    own, or came after they saved it themselves in another tab, is shown."""
    left = not_kept(form, draft)
    told = told_late(form, left) if draft.is_concluded and not draft.is_anonymous else ""
    if told:
        here = office()
        attentions.note_late(tx, here.vault, here.clock.now(), draft.id, current_user.email, told)
        say_how_it_stands(tx, draft, form)
    form.is_noted, form.lost = bool(told), labelled(form, left, but=told)


def _code(form: CaseForm) -> int:
    if form.meanwhile or form.asks_alike:
        return 409
    return 422 if any(field.errors for field in form) else 200
