"""Recursos: what operators of a line read from while they attend, in its order, and who approved each (R71)."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectChoice, SelectField, StringField, TextAreaField

from cases.problem import Problem
from cases.registers import resources
from cases.registers.resources import LONGEST, ChangedMeanwhile, Facts, Resource
from console.access import REGISTERS, requires
from console.hidden import hidden_lines, visible_lines
from console.office import office
from console.registers.forms import say
from core.roles import Role

screen = Blueprint("resources", __name__)

CURATE = frozenset({Role.COORDINADOR})


class ResourceForm(FlaskForm):
    """What lacks is said by cases/registers/resources.py, not here."""

    line = SelectField("Línea", validate_choice=False)
    title = StringField("Título")
    purpose = StringField("Para qué sirve")
    text = TextAreaField("Texto que se lee")
    link = StringField("Enlace")
    approved_by = StringField("Quién lo aprobó")
    position = IntegerField("Orden en la lista")


@screen.get("/registros/recursos")
@requires(*REGISTERS)
def page() -> str:
    """Of one line or of all that the visitor may see. What is looked for are titles and advice: nobody's own."""
    here, known = office(), visible_lines()
    line, text = request.args.get("linea", ""), request.args.get("buscar", "").strip()[:200]
    chosen = line if line in known else ""
    with here.db.begin() as tx:
        found = resources.found(tx, [chosen] if chosen else list(known), text)
    in_files = {name: told for name, told in _of_files().items() if name in ([chosen] if chosen else known)}
    told = {"found": found, "lines": known, "chosen": chosen, "text": text, "in_files": {} if text else in_files}
    return render_template("console/resources.html", curates=current_user.role in CURATE, **told)


@screen.get("/registros/recursos/nuevo")
@requires(*CURATE)
def new() -> str:
    line = request.args.get("linea", "")
    return _form(_filled({"line": line if line in visible_lines() else "", "position": 1}), None)


@screen.post("/registros/recursos/nuevo")
@requires(*CURATE)
def add() -> Response | tuple[str, int]:
    return _kept(None)


@screen.get("/registros/recursos/<id:number>")
@requires(*CURATE)
def edit(number: int) -> str:
    with office().db.begin() as tx:
        found = _standing(tx, number)
    return _form(_filled({"line": found.line, **vars(found.facts)}), found)


@screen.post("/registros/recursos/<id:number>")
@requires(*CURATE)
def change(number: int) -> Response | tuple[str, int]:
    """Another one stands for it from now on; the former can still be looked up."""
    with office().db.begin() as tx:
        found = resources.one(tx, number, hidden_lines=hidden_lines())
    return _kept(found or abort(404))


@screen.post("/registros/recursos/<id:number>/retirar")
@requires(*CURATE)
def retire(number: int) -> Response:
    here = office()
    with here.db.begin() as tx:
        found = resources.one(tx, number, hidden_lines=hidden_lines()) or abort(404)
        try:
            resources.retire(tx, here.clock.now(), current_user.email, number)
            flash(f"«{found.facts.title}» ya no se muestra en el puesto.", "success")
        except ChangedMeanwhile as problem:
            flash(str(problem), "warning")
    return redirect(url_for(".page", linea=found.line))


def _kept(before: Resource | None) -> Response | tuple[str, int]:
    """What the form tells is shown from now on; 422 with what lacks beside its field."""
    form, here = _filled(None), office()
    typed = {name: form[name].data or "" for name in LONGEST}
    read = resources.read(**typed, position=request.form.get("position", ""))
    line = before.line if before else form.line.data
    wrong = [] if isinstance(read, Facts) else read
    if line not in visible_lines():
        wrong.append(Problem("line", "Elija la línea."))
    if say(form, wrong) or not isinstance(read, Facts):
        return _form(form, before), 422
    try:
        with here.db.begin() as tx:
            told: dict[str, Any] = {"replaces": before.id if before else None}
            resources.add(tx, here.clock.now(), current_user.email, line, read, **told)
        flash(f"«{read.title}» se muestra en el puesto desde ahora.", "success")
    except ChangedMeanwhile as problem:
        flash(f"{problem} Lo que usted escribió no se guardó.", "warning")
    return redirect(url_for(".page", linea=line))


def _filled(kept: dict[str, Any] | None) -> ResourceForm:
    """``kept``: what it begins with; None: what the browser sends."""
    form = ResourceForm() if kept is None else ResourceForm(formdata=None, data=kept)
    form.line.choices = [SelectChoice("", "Elija…"), *(SelectChoice(*each) for each in visible_lines().items())]
    return form


def _form(form: ResourceForm, before: Resource | None) -> str:
    with office().db.begin() as tx:
        former = resources.former(tx, before.id) if before else []
    return render_template("console/resource_form.html", form=form, before=before, former=former, longest=LONGEST)


def _standing(tx: Connection, number: int) -> Resource:
    """One that is still shown."""
    found = resources.one(tx, number, hidden_lines=hidden_lines())
    return found if found is not None and found.retired_at is None else abort(404)


def _of_files() -> dict[str, tuple[tuple[str, str], ...]]:
    """What the lines' own files have: (title, text) of each, by line."""
    return {line.id: line.resources for line in office().desk_lines.values() if line.resources}
