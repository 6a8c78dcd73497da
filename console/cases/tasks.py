"""Casos › Tareas: what is to be done by a time, what falls due first before (R74, R80, R87)."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from werkzeug.wrappers import Response
from wtforms import DateTimeLocalField, TextAreaField
from wtforms.validators import DataRequired, Length

from cases import tasks
from cases.consultations import one_case
from cases.tasks import NoSuchTask, Task, TaskKind
from console.access import CASES, requires
from console.cases.words import TextForm
from console.hidden import hidden_lines
from console.office import office
from core.roles import Role

screen = Blueprint("tasks", __name__)

_PAGE = 100
MOST_AHEAD = timedelta(days=60)
#: What is ended on a page of its own, with what that needs: closing a case, deciding a correction, noting what an
#: authority answered.
_ELSEWHERE = frozenset({TaskKind.CLOSE, TaskKind.CORRECTION, TaskKind.AUTHORITY})
_SEE_ALL = frozenset({Role.SUPERVISOR, Role.ADMIN})


class PromiseForm(FlaskForm):
    when = DateTimeLocalField("Día y hora", validators=[DataRequired("Escriba el día y la hora.")])
    words = TextAreaField("Para qué se le llama", validators=[DataRequired("Escriba para qué."), Length(max=2000)])


@screen.get("/casos/tareas")
@requires(*CASES)
def page() -> str:
    here = office()
    with here.db.begin() as tx:
        found = tasks.open_tasks(tx, here.vault, **_theirs(), hidden_lines=hidden_lines(), limit=_PAGE)
    told = {"tasks": found, "now": here.clock.now(), "soon": tasks.SOON, "form": TextForm(formdata=None)}
    return render_template("console/tasks.html", **told, is_cut=len(found) == _PAGE, place_of=place_of)


@screen.post("/casos/<int:case_id>/seguimiento")
@requires(*CASES)
def promise(case_id: int) -> Response:
    """Somebody is called again at an hour that they agreed to (R79, R87)."""
    form, here, history = PromiseForm(), office(), redirect(url_for("console.tray.history", case_id=case_id))
    now = here.clock.now()
    if not form.validate() or form.when.data is None:
        flash("Escriba el día y la hora, y para qué se le llama: no se prometió nada.", "warning")
        return history
    at = form.when.data.replace(tzinfo=here.zone)
    if not now < at <= now + MOST_AHEAD:
        flash("La llamada se promete para después de ahora, y en 60 días como máximo.", "warning")
        return history
    with here.db.begin() as tx:
        case = one_case(tx, here.vault, case_id, hidden_lines=hidden_lines())
        if case is None:
            abort(404)
        about = {"line": case.line, "case_id": case_id, "due_at": at, "words": form.words.data or ""}
        roles = (Role.OPERADOR, Role.COORDINADOR)
        tasks.open_task(tx, here.vault, now, TaskKind.FOLLOW_UP, **about, to_roles=roles, actor=current_user.email)
    flash("Quedó prometida: a esa hora suena en un puesto, y después en el teléfono del caso.", "success")
    return history


@screen.post("/casos/tareas/<int:task_id>/tomar")
@requires(*CASES)
def take(task_id: int) -> Response:
    """From now on it is the visitor's, and their colleagues know."""
    here = office()
    with here.db.begin() as tx:
        _known(tx, task_id)
        tasks.hand_to(tx, here.clock.now(), task_id, current_user.email, current_user.email)
    flash("La tarea es suya.", "success")
    return redirect(url_for(".page"))


@screen.post("/casos/tareas/<int:task_id>/soltar")
@requires(*CASES)
def give_back(task_id: int) -> Response:
    here = office()
    with here.db.begin() as tx:
        if _known(tx, task_id).to_person == current_user.email:
            tasks.hand_to(tx, here.clock.now(), task_id, None, current_user.email)
    return redirect(url_for(".page"))


@screen.post("/casos/tareas/<int:task_id>/hecha")
@requires(*CASES)
def end(task_id: int) -> Response:
    form, here = TextForm(), office()
    if not form.validate():
        flash("Escriba qué se hizo: la tarea sigue abierta.", "warning")
        return redirect(url_for(".page"))
    with here.db.begin() as tx:
        if _known(tx, task_id).kind in _ELSEWHERE:
            abort(400)
        try:
            tasks.end_task(tx, here.vault, here.clock.now(), task_id, current_user.email, form.text.data or "")
        except NoSuchTask as gone:
            flash(str(gone), "info")
        else:
            flash("La tarea quedó hecha.", "success")
    return redirect(url_for(".page"))


def place_of(task: Task) -> str:
    """The page on which it is ended, or that of its case; empty where there is none."""
    if task.kind is TaskKind.CORRECTION:
        return url_for("console.corrections.one", number=task.about)
    if task.kind in (TaskKind.AUTHORITY, TaskKind.FOLLOW_UP) and task.about is not None:
        return url_for("console.register_entries.find", number=task.about)
    return url_for("console.tray.history", case_id=task.case_id) if task.case_id is not None else ""


def _theirs() -> dict[str, Any]:
    """Whoever supervises sees everybody's; anybody else what is of their role, and nobody else's own."""
    if current_user.role in _SEE_ALL:
        return {}
    return {"roles": {current_user.role}, "person": current_user.email}


def _known(tx: Connection, task_id: int) -> Task:
    """404 for one that the visitor would not find on the page."""
    found = tasks.one_task(tx, office().vault, task_id)
    is_seen = found is not None and found.ended_at is None and found.line not in hidden_lines()
    if found is None or not is_seen:
        abort(404)
    if current_user.role not in _SEE_ALL and current_user.role not in found.to_roles:
        abort(404)
    if found.to_person not in (None, current_user.email) and current_user.role not in _SEE_ALL:
        abort(404)
    return found
