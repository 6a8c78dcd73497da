"""An entry of a register: written, corrected by another, and read with all that came of it (R86, R88)."""

from datetime import datetime, time
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cases.problem import Problem
from cases.registers import authority, entries
from cases.registers.authority import AuthorityState, NotOpen
from cases.registers.books import Book, Register, Told, Written, read
from cases.registers.entries import AlreadyCorrected, NoSuchEntry, RegisterEntry
from cases.registers.follow_up import REGISTER_KEEPERS
from console.access import REGISTERS, requires
from console.addresses import asked_number, read_number
from console.cases.seen import case_seen
from console.clocks import typed_hour, zone_of
from console.hidden import hidden_lines, visible_lines
from console.office import office
from console.registers.forms import EntryForm, StepForm, form_for, say, say_whose_hour, step_form
from console.registers.visit import book_or_404, keeps_registers, may_correct, sees_all_of, slug_of

screen = Blueprint("register_entries", __name__)


@screen.get("/registros/<register>/nueva")
@requires(*REGISTER_KEEPERS)
def new(register: str) -> str:
    book = book_or_404(register)
    case, now = asked_number("caso"), office().clock.now()
    kept: dict[str, Any] = {"case": str(case or ""), "line": next(iter(visible_lines()), "")}
    with office().db.begin() as tx:
        kept |= {"line": line} if (line := _line_of(tx, case)) else {}
    kept["at"] = now.astimezone(office().zone).date() if book.is_day else _local(now, kept["line"])
    return _form(book, form_for(book, kept), None)


@screen.post("/registros/<register>/nueva")
@requires(*REGISTER_KEEPERS)
def add(register: str) -> Response | tuple[str, int]:
    return _written(book_or_404(register), None)


@screen.get("/registros/<register>/<id:number>")
@requires(*REGISTERS)
def page(register: str, number: int) -> str:
    """With what it corrects, what corrects it, and what was noted of it since."""
    return _page(book_or_404(register), number, None)


@screen.get("/registros/anotaciones/<id:number>")
@requires(*REGISTERS)
def find(number: int) -> Response:
    """By its number alone, as a task knows it."""
    with office().db.begin() as tx:
        try:
            entry = _theirs(tx, entries.book_of(tx, number), number)
        except NoSuchEntry:
            abort(404)
    return redirect(url_for(".page", register=slug_of(entry.book), number=number))


@screen.get("/registros/<register>/<id:number>/corregir")
@requires(*REGISTER_KEEPERS)
def correct_page(register: str, number: int) -> str:
    with office().db.begin() as tx:
        entry = _theirs(tx, book_or_404(register), number, to_correct=True)
    return _form(entry.book, form_for(entry.book, _kept(entry)), entry)


@screen.post("/registros/<register>/<id:number>/corregir")
@requires(*REGISTER_KEEPERS)
def correct(register: str, number: int) -> Response | tuple[str, int]:
    """Writes another entry that says which it corrects; the first stays as it was."""
    with office().db.begin() as tx:
        entry = _theirs(tx, book_or_404(register), number, to_correct=True)
    return _written(entry.book, entry)


@screen.post("/registros/gestiones/<id:number>/seguimiento")
@requires(*REGISTER_KEEPERS)
def step(number: int) -> Response | tuple[str, int]:
    """What the authority answered, how it stands now, and when to ask again (R88)."""
    form, here, book = step_form(), office(), book_or_404(Register.GESTIONES.lower())
    now = here.clock.now()
    with here.db.begin() as tx:
        entry = _theirs(tx, book, number)
    follow_up_at = _moment(form.follow_up_at.data, entry.line)
    wrong = authority.read_step(form.text.data or "", form.state.data or "", follow_up_at, now)
    if say(form, wrong):
        return _page(book, number, form), 422
    with here.db.begin() as tx:
        told: dict[str, Any] = {"text": form.text.data or "", "state": AuthorityState(form.state.data)}
        try:
            whose = (number, current_user.email)
            authority.note_step(tx, here.vault, now, *whose, follow_up_at=follow_up_at, **told)
            flash("El seguimiento quedó anotado.", "success")
        except NotOpen as problem:
            flash(str(problem), "warning")
    return redirect(url_for(".page", register=slug_of(book), number=number))


def _written(book: Book, corrected: RegisterEntry | None) -> Response | tuple[str, int]:
    """The entry that the form tells; 422 with what lacks beside its field."""
    form, here = form_for(book), office()
    now = here.clock.now()
    read_ = read(book, _typed(book, form), now)
    wrong = [] if isinstance(read_, Told) else read_
    with here.db.begin() as tx:
        case_id = _case(tx, form, wrong)
        if form.line.data not in visible_lines():
            wrong.append(Problem("line", "Elija la línea."))
        if say(form, wrong) or not isinstance(read_, Told):
            return _form(book, form, corrected), 422
        whose = {"person": corrected.person if corrected else current_user.email, "actor": current_user.email}
        told: dict[str, Any] = {"line": form.line.data, "case_id": case_id, **whose}
        told |= {"corrects": corrected.id if corrected else None, "once": form.once.data}
        try:
            number = entries.write(tx, here.vault, now, book, read_, **told)
        except AlreadyCorrected as problem:
            flash(str(problem), "warning")
            return redirect(url_for(".page", register=slug_of(book), number=corrected.id if corrected else 0))
    flash(f"Quedó anotado con el número {number}.", "success")
    if corrected is None and book.register is not Register.GESTIONES:
        return redirect(url_for("console.registers.page", register=slug_of(book)))
    return redirect(url_for(".page", register=slug_of(book), number=number))


def _typed(book: Book, form: EntryForm) -> Written:
    """The hours are those of the entry's line; a day is one of the institution's, as every list counts them."""
    line, typed = form.line.data, form.at.data
    if book.is_day:
        at = datetime.combine(typed, time.min, office().zone) if typed is not None else None
    else:
        at = _moment(typed, line)
    ended_at = _moment(form.ended_at.data, line) if book.ends else None
    texts = {each.name: form[each.name].data or "" for each in book.fields}
    return Written(form.kind.data or "", at, ended_at, _moment(form.follow_up_at.data, line), texts)


def _moment(local: datetime | None, line: str | None) -> datetime | None:
    return typed_hour(line, local) if local is not None else None


def _local(moment: datetime, line: str) -> datetime:
    """As a field of that line says it."""
    return moment.astimezone(zone_of(line)).replace(tzinfo=None)


def _case(tx: Connection, form: EntryForm, wrong: list[Problem]) -> int | None:
    """The case that it is about. It must be of the entry's own line: on no other is it told that there is one (R81)."""
    written = (form.case.data or "").strip()
    if not written:
        return None
    number = read_number(written)
    if _line_of(tx, number) != form.line.data:
        wrong.append(Problem("case", "No hay un caso de esa línea con ese número."))
        return None
    return number


def _line_of(tx: Connection, case_id: int | None) -> str | None:
    if case_id is None:
        return None
    found = case_seen(tx, case_id)
    return found.line if found else None


def _theirs(tx: Connection, book: Book, number: int, *, to_correct: bool = False) -> RegisterEntry:
    """The entry, if it is one that the visitor reads; of any other it is not told that it exists."""
    try:
        entry = entries.one(tx, office().vault, book, number, hidden_lines=hidden_lines())
    except NoSuchEntry:
        abort(404)
    if not sees_all_of(book) and entry.person != current_user.email:
        abort(404)
    if to_correct and not may_correct(entry):
        abort(409 if entry.corrected_by else 403)
    return entry


def _kept(entry: RegisterEntry) -> dict[str, Any]:
    """What the form begins with, where an entry is corrected."""
    day, promised = entry.at.astimezone(office().zone).date(), entry.follow_up_at
    is_ahead = promised is not None and promised > office().clock.now()
    follow_up = _local(promised, entry.line) if is_ahead and promised else None
    kept = {"line": entry.line, "kind": entry.kind, "case": str(entry.case_id or ""), "follow_up_at": follow_up}
    ended_at = _local(entry.ended_at, entry.line) if entry.ended_at else None
    return {
        **kept,
        "at": day if entry.book.is_day else _local(entry.at, entry.line),
        "ended_at": ended_at,
        **entry.texts,
    }


def _form(book: Book, form: EntryForm, corrected: RegisterEntry | None) -> str:
    told = {"book": book, "slug": slug_of(book), "corrected": corrected}
    return render_template("console/register_form.html", form=form, **told)


def _page(book: Book, number: int, form: StepForm | None) -> str:
    here, hidden = office(), hidden_lines()
    with here.db.begin() as tx:
        entry = _theirs(tx, book, number)
        chain = entries.chain_of(tx, here.vault, entry, hidden_lines=hidden)
        steps = authority.steps_of(tx, here.vault, [each.id for each in chain])
    is_open = entry.state not in (None, AuthorityState.CERRADA) and keeps_registers()
    told = {"book": book, "slug": slug_of(book), "entry": entry, "chain": chain, "lines": visible_lines()}
    told |= {"steps": sorted(sum(steps.values(), []), key=lambda each: each.at), "may_correct": may_correct}
    told["form"] = (form or step_form(entry.state)) if is_open else None
    if told["form"] is not None:
        say_whose_hour(told["form"], [entry.line])
    return render_template("console/register_entry.html", **told)
