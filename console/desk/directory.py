"""Directorio: whom a caller is put through to or referred to; found, kept, verified (R85, R92, R95)."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from campaigns.upload.lines_known import LineKnown
from console.access import DESK, DIRECTORY_KEEPERS, requires
from console.addresses import page_number
from console.hidden import hidden_lines, visible_lines
from console.office import office
from core.countries import COUNTRIES
from desk.directory import keeping, queries
from desk.directory.facts import COLUMNS, LONGEST, Category, Facts, Fault, check_facts
from desk.directory.keeping import ChangedMeanwhile
from desk.directory.queries import DirectoryEntry, Filter
from desk.directory.sheet import written
from prompts.speech import phone_figures

screen = Blueprint("directory", __name__)

A_PAGE = 50
_TYPED = COLUMNS[:-1]  # the day of verifying is not typed: somebody verifies today, or nobody does


@screen.get("/directorio")
@requires(*DESK)
def page() -> str:
    here, wanted = office(), _wanted()
    number = page_number()
    with here.db.begin() as tx:
        entries = queries.found(tx, wanted, A_PAGE + 1, (number - 1) * A_PAGE)
        count = queries.count(tx, wanted)
        stale = queries.count(tx, Filter(wanted.line, stale_on=_today_here(), without=wanted.without))
        is_empty = not count and not queries.count(tx, Filter(without=wanted.without))
    return render_template(
        "console/directory.html",
        entries=entries[:A_PAGE],
        has_more=len(entries) > A_PAGE,
        number=number,
        count=count,
        stale=stale,
        is_empty=is_empty,
        wanted=wanted,
        asked={name: value for name, value in request.args.items() if name in _ASKED and value},
        **_known(),
    )


@screen.get("/directorio/nueva")
@requires(*DIRECTORY_KEEPERS)
def blank() -> str:
    return _form(None, {"linea": next(iter(known_lines()), "")}, [])


@screen.post("/directorio/nueva")
@requires(*DIRECTORY_KEEPERS)
def add() -> Response | tuple[str, int]:
    line = known_lines().get(request.form.get("linea", ""))
    if line is None:
        return _form(None, request.form, [Fault("linea", "Elija la línea.")]), 422
    facts = _checked(line, None)
    if not isinstance(facts, Facts):
        return _form(None, request.form, facts), 422
    here = office()
    with here.db.begin() as tx:
        keeping.add(tx, here.clock.now(), current_user.email, line.id, facts)
    flash(f"{facts.name} quedó en el directorio.", "success")
    return redirect(url_for(".page", linea=line.id))


@screen.get("/directorio/<id:entry_id>")
@requires(*DIRECTORY_KEEPERS)
def edit(entry_id: int) -> str:
    with office().db.begin() as tx:
        found = _entry_or_404(tx, entry_id)
    return _form(found, written(found), [])


@screen.post("/directorio/<id:entry_id>")
@requires(*DIRECTORY_KEEPERS)
def change(entry_id: int) -> Response | tuple[str, int]:
    here = office()
    with here.db.begin() as tx:
        found = _entry_or_404(tx, entry_id)
    facts = _checked(_line_of(found), found)
    if not isinstance(facts, Facts):
        return _form(found, request.form, facts), 422
    try:
        with here.db.begin() as tx:
            if not keeping.change(tx, here.clock.now(), current_user.email, entry_id, facts, _seen_at()):
                abort(404)
    except ChangedMeanwhile as problem:
        flash(f"{problem} Lo que usted escribió no se guardó.", "warning")
        return redirect(url_for(".edit", entry_id=entry_id))
    flash(f"Se guardó la entrada de {facts.name}.", "success")
    return redirect(url_for(".page", linea=found.line))


@screen.post("/directorio/<id:entry_id>/verificar")
@requires(*DIRECTORY_KEEPERS)
def verify(entry_id: int) -> Response:
    """«Verificado hoy»; the list comes back as it was."""
    here = office()
    with here.db.begin() as tx:
        found = _entry_or_404(tx, entry_id)
        keeping.mark_verified(tx, here.clock.now(), current_user.email, entry_id, _today(_line_of(found)))
    flash(f"{found.name}: verificado hoy.", "success")
    back: dict[str, Any] = {name: request.args.get(name) for name in _ASKED}
    return redirect(url_for(".page", **back))


@screen.post("/directorio/<id:entry_id>/quitar")
@requires(*DIRECTORY_KEEPERS)
def remove(entry_id: int) -> Response:
    here = office()
    with here.db.begin() as tx:
        found = _entry_or_404(tx, entry_id)
        keeping.remove(tx, here.clock.now(), current_user.email, entry_id)
    flash(f"{found.name} ya no está en el directorio.", "success")
    return redirect(url_for(".page", linea=found.line))


_ASKED = ("linea", "buscar", "categoria", "vencidas", "pagina")


def _wanted() -> Filter:
    """What the address asks for; what it does not know is not asked."""
    line, category = request.args.get("linea", ""), request.args.get("categoria", "")
    return Filter(
        line=line if line in known_lines() else None,
        text=request.args.get("buscar", "")[:200],
        category=Category(category) if category in list(Category) else None,
        stale_on=_today_here() if request.args.get("vencidas") else None,
        without=hidden_lines(),
    )


def _checked(line: LineKnown, before: DirectoryEntry | None) -> Facts | list[Fault]:
    """What the form says; verified today if it says so, else when it was."""
    today = _today(line)
    typed = {column: request.form.get(column, "") for column in _TYPED}
    was = written(before)["verificado"] if before else ""
    typed["verificado"] = f"{today:%d/%m/%Y}" if request.form.get("verificado_hoy") else was
    return check_facts(typed, line.country, today)


def _seen_at() -> datetime | None:
    try:
        return datetime.fromisoformat(request.form.get("visto", ""))
    except ValueError:
        return None


def _form(found: DirectoryEntry | None, values: Any, faults: list[Fault]) -> str:
    told = {fault.column: fault.sentence for fault in reversed(faults)}
    # A form without a token of its own fields: only the one against forged posts.
    return render_template(
        "console/directory_entry.html", entry=found, values=values, faults=told, form=FlaskForm(), **_known()
    )


def _entry_or_404(tx: Connection, entry_id: int) -> DirectoryEntry:
    found = queries.entry(tx, entry_id)
    if found is None or found.line in hidden_lines():
        abort(404)
    return found


def known_lines() -> dict[str, LineKnown]:
    """The lines that the visitor may see, by id."""
    visible = visible_lines()
    return {line.known.id: line.known for line in office().lines if line.known.id in visible}


def _line_of(entry: DirectoryEntry) -> LineKnown:
    """Its line; one that is no longer there had the country of the others."""
    return known_lines().get(entry.line) or LineKnown(entry.line, office().country, entry.line, frozenset())


def _today(line: LineKnown) -> date:
    return office().clock.now().astimezone(COUNTRIES[line.country].zone).date()


def _today_here() -> date:
    """Where the institution is: for lists of several lines."""
    return office().clock.now().astimezone(office().zone).date()


def _figures(entry: DirectoryEntry) -> str:
    """Its telephone as people write it there."""
    try:
        return phone_figures(entry.telephone, _line_of(entry).country)
    except ValueError:
        return entry.telephone or ""


def _known() -> dict[str, Any]:
    """What every page of the directory needs."""
    return {
        "lines": known_lines(),
        "categories": list(Category),
        "longest": LONGEST,
        "is_keeper": current_user.role in DIRECTORY_KEEPERS,
        "today_of": lambda entry: _today(_line_of(entry)),
        "figures": _figures,
    }
