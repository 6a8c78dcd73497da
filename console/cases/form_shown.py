"""The case form as it is shown: what it may be about, how the call's case stands, what may be done next (R17, R34)."""

from collections.abc import Iterable, Sequence

from flask import Flask, render_template, request
from flask_login import current_user
from sqlalchemy import Connection
from wtforms import SelectChoice

from cases.attentions import attentions
from cases.attentions.attentions import Draft
from cases.catalogue.catalogue import Caller, Script, Subject, asks_household, callers_for, subjects_for
from cases.corrections.corrections import KIND_OF
from cases.joining import open_besides
from console.access import AT_THE_DESK, CASES
from console.cases.asking import may_ask
from console.cases.form_fields import COLLEAGUES, CaseForm, held_of
from console.cases.seen import case_seen
from console.cases.told_before import not_told_on, tell_open
from console.hidden import hidden_lines
from console.office import office
from core.roles import Role


def form_of(tx: Connection, draft: Draft, *, is_sent: bool = False) -> CaseForm:
    """The form with what is kept, and with what the others of the call wrote. ``is_sent``: with what the browser
    sends."""
    form = form_for(draft, is_sent=is_sent, begun_by=attentions.begun_by(tx, draft))
    say_how_it_stands(tx, draft, form)
    form.answers_alone = attentions.owes_answers_alone(tx, draft)
    form.left_by_line = attentions.left_by_line(tx, draft)
    tell_open(tx, draft, form)
    return form


def say_how_it_stands(tx: Connection, draft: Draft, form: CaseForm) -> None:
    """The call's case as it is by now, and what its saved form leads to."""
    vault, hidden = office().vault, hidden_lines()
    form.standing = attentions.standing(tx, vault, draft.room_id)
    if form.standing is None or not draft.saved_at or not form.opens_case:
        return
    case = case_seen(tx, form.standing.case_id)
    form.may_correct = case is not None and may_ask(case)
    form.besides = open_besides(tx, vault, form.standing.case_id, hidden_lines=hidden)


def form_for(draft: Draft, *, is_sent: bool = False, begun_by: Sequence[str] = ()) -> CaseForm:
    """The form with what is kept. ``is_sent``: with what the browser sends; ``begun_by``: who had the call before."""
    held = held_of(draft)
    form = CaseForm(data=held) if is_sent else CaseForm(formdata=None, data=held)
    subjects = subjects_for(draft.line)
    form.subject.choices = _choices(subjects)
    form.opens_case = current_user.role in CASES
    form.to_role.choices = [SelectChoice(role.value, name) for role, name in colleagues_of(draft.line).items()]
    _call_it(form, draft)
    form.asks_household = asks_household(draft.line)
    form.begun_by = begun_by
    if form.opens_case:
        form.with_correction = "|".join(each.code for each in subjects if each.code in KIND_OF)
    form.with_unit = "|".join(each.code for each in subjects if each.needs_unit)
    form.scripts = _scripts(subjects)
    form.owners = _owners(subjects)
    form.caller_kind.choices = _choices(callers_for(draft.line))
    return form


def colleagues_of(line_id: str) -> dict[Role, str]:
    """Whose tray takes an attention of this line: of roles that it is for (R75, R81), and what people call them."""
    line = office().desk_lines.get(line_id)
    its_own = line.restricted_roles if line else frozenset()
    return {role: name for role, name in COLLEAGUES.items() if (role in its_own if its_own else role in AT_THE_DESK)}


def _call_it(form: CaseForm, draft: Draft) -> None:
    """A call or a written conversation, as it was."""
    form.subject.label.text = f"Motivo de la {draft.held}"
    form.detail.label.text = f"Detalle de la {draft.held}"
    form.caller_kind.label.text = f"Quién {draft.does}"


def _scripts(subjects: Iterable[Subject]) -> list[tuple[str, Script]]:
    codes: dict[Script, list[str]] = {}
    for subject in subjects:
        if subject.script:
            codes.setdefault(subject.script, []).append(subject.code)
    return [("|".join(each), script) for script, each in codes.items()]


def _owners(subjects: Iterable[Subject]) -> list[tuple[str, str]]:
    codes: dict[str, list[str]] = {}
    for subject in subjects:
        if subject.owner:
            codes.setdefault(subject.owner, []).append(subject.code)
    return [("|".join(each), owner) for owner, each in codes.items()]


def _choices(each_of: Iterable[Subject | Caller]) -> list[SelectChoice]:
    return [SelectChoice("", "Elija…"), *(SelectChoice(each.code, each.name) for each in each_of)]


def shown(draft: Draft, form: CaseForm) -> str:
    """The form alone for a script that asks with the heading X-Part; else on a page of its own."""
    if request.headers.get("X-Part"):
        return render_template("console/case_form.html", draft=draft, form=form)
    here = office()
    with here.db.begin() as tx:
        past = attentions.history_of(tx, here.vault, draft.id, hidden_lines=not_told_on(draft.line))
    return render_template("console/attend.html", draft=draft, form=form, past=past)


def shown_as(draft: Draft, form: CaseForm) -> str:
    """Changes when the form is to be shown anew in a page that stands open: once it is saved, with each word after."""
    if draft.saved_at:
        return f"{draft.id}-saved-{form.standing.newest if form.standing else 0}"
    return f"{draft.id}-moved" if draft.moved_at else f"{draft.id}"


def add_filters(app: Flask) -> None:
    """Makes this known to the templates."""
    app.add_template_filter(shown_as)
