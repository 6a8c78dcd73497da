"""The forms of the registers: a book says which fields they have; what lacks is said by cases/registers, not here."""

from collections.abc import Iterable
from secrets import token_urlsafe
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    DateTimeField,
    DateTimeLocalField,
    Field,
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)

from cases.problem import Problem
from cases.registers.authority import AuthorityState
from cases.registers.books import Book
from console.clocks import clocks_of
from console.hidden import visible_lines

_A_LINE = 300  # characters: what is longer gets several lines to be written in
_TIMES = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]  # as browsers send them; the first is what they get
_NO_DAY = "Escriba la fecha, como en el calendario."
_NO_TIME = "Escriba la fecha y la hora, como en el calendario."


class EntryForm(FlaskForm):
    """What every register asks; the fields of its book stand beside them by their names."""

    line = SelectField("Línea", validate_choice=False)
    kind = SelectField("Qué fue", validate_choice=False)
    at: Field = DateTimeLocalField("Cuándo", format=_TIMES)
    ended_at = DateTimeLocalField("Terminó", format=_TIMES)
    case = StringField("Número de caso")
    follow_up_at = DateTimeLocalField("Volver a llamar", format=_TIMES)
    once = HiddenField()  # of this form: sent twice, it is one entry


class StepForm(FlaskForm):
    text = TextAreaField("Qué se hizo o qué contestaron")
    state = SelectField("Queda", validate_choice=False)
    follow_up_at = DateTimeLocalField("Próxima llamada", format=_TIMES)


def form_for(book: Book, kept: dict[str, Any] | None = None) -> EntryForm:
    """The form of a register. ``kept``: what it begins with; without, what the browser sends."""
    made: dict[str, Any] = {each.name: _field(each.label, each.longest) for each in book.fields}
    made["at"] = DateField(book.at_label) if book.is_day else DateTimeLocalField(book.at_label, format=_TIMES)
    begun = {"formdata": None, "data": {**kept, "once": token_urlsafe(12)}} if kept is not None else {}
    form = type("EntryForm", (EntryForm,), made)(**begun)
    form.line.choices = _choices(visible_lines().items())
    form.kind.choices = _choices(book.kinds.items())
    form.kind.label.text = book.kind_label
    form.follow_up_at.label.text = book.follow_up_label
    if not book.ends:
        del form.ended_at
    say_whose_hour(form, visible_lines())
    return form


def step_form(state: AuthorityState | None = None) -> StepForm:
    """``state``: how it stands, to begin with; without, what the browser sends."""
    form = StepForm(formdata=None, data={"state": state}) if state else StepForm()
    form.state.choices = [SelectChoice(each.value, each.label) for each in AuthorityState]
    return form


def say_whose_hour(form: FlaskForm, lines: Iterable[str]) -> None:
    """Beside every hour that is typed: that of the line, or of those that one may choose among."""
    clock = clocks_of(list(lines))
    for field in form:
        if isinstance(field, DateTimeLocalField):
            field.label.text = f"{field.label.text} ({clock})"


def say(form: FlaskForm, problems: Iterable[Problem]) -> bool:
    """Whether something is wrong; each is said beside its field. A time that could not be read is wrong too: not one
    that was left empty, which a browser sends as well."""
    unread = {each.name: _no_time(each) for each in form if isinstance(each, DateTimeField) and _is_unread(each)}
    for field in form:
        field.errors = [unread[field.name]] if field.name in unread else []
    for problem in problems:
        if problem.field not in unread:
            form[problem.field].errors = [*form[problem.field].errors, problem.sentence]
    return any(field.errors for field in form)


def _is_unread(field: DateTimeField) -> bool:
    return bool(field.process_errors) and any(field.raw_data or ())


def _no_time(field: DateTimeField) -> str:
    return _NO_DAY if isinstance(field, DateField) else _NO_TIME


def _choices(named: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice("", "Elija…"), *(SelectChoice(value, label) for value, label in named)]


def _field(label: str, longest: int) -> Field:
    return StringField(label) if longest <= _A_LINE else TextAreaField(label)
