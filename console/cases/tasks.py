"""Casos › Tareas: what is to be done by a time, what falls due first before (R74, R80, R87)."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cases import tasks
from cases.attentions import colleagues
from cases.awaited import corrections_of
from cases.consultations.consultations import PendingCase
from cases.consultations.finding import pending_of
from cases.orders.term import is_about_one
from cases.task_words import label_of
from cases.tasks import NoSuchTask, Task, TaskKind, TaskTaken
from console.access import CASES, TASKS, requires
from console.addresses import asked_place, place_of
from console.cases.form_fields import COLLEAGUES
from console.cases.orders import ORDERS
from console.cases.promises import promised_next
from console.cases.seen import subjects_seen
from console.cases.words import TextForm
from console.desk.words import called
from console.hidden import hidden_lines
from console.office import office
from core.roles import Role

screen = Blueprint("tasks", __name__)

_PAGE = 100
#: What is ended on a page of its own, with what that needs: closing a case, deciding a correction, noting what an
#: authority answered.
_ELSEWHERE = frozenset({TaskKind.CLOSE, TaskKind.CORRECTION, TaskKind.AUTHORITY})
_SEE_ALL = frozenset({Role.SUPERVISOR, Role.ADMIN})


@screen.get("/casos/tareas")
@requires(*TASKS)
def page() -> str:
    here = office()
    with here.db.begin() as tx:
        after, asked = asked_place("despues"), {**_theirs(), "hidden_lines": hidden_lines()}
        waiting = tasks.open_tasks(tx, here.vault, **asked, after=after, limit=_PAGE + 1)
        found = waiting[:_PAGE]
        promised, own = (promised_next(tx), _own(tx)) if after is None else ([], [])
        about = subjects_seen(tx, [*(task.case_id for task in found), *(call.case_id for call in promised)])
        closing = [task.case_id for task in found if task.kind is TaskKind.CLOSE and task.case_id is not None]
        awaited = corrections_of(tx, [*closing, *(case.id for case in own)])
    told = {"tasks": found, "now": here.clock.now(), "soon": tasks.SOON, "form": TextForm(formdata=None)}
    told |= {"promised": promised, "own": own, "about": about, "awaited": awaited}
    told |= {"opens_cases": current_user.role in CASES}
    more = place_of(found[-1].due_at, found[-1].id) if len(waiting) > _PAGE else ""
    told |= {"more": more, "is_first": after is None, "place_for": place_for, "label_of": label_of}
    return render_template("console/tasks.html", **told)


@screen.post("/casos/tareas/<id:task_id>/tomar")
@requires(*TASKS)
def take(task_id: int) -> Response:
    """From now on it is the visitor's, and their colleagues know. Whoever supervises may take one of somebody who was
    on the page (``de``)."""
    here, me, instead_of = office(), current_user.email, request.form.get("de") if _sees_all() else None
    try:
        with here.db.begin() as tx:
            _of_role(tx, task_id)
            tasks.hand_to(tx, here.clock.now(), task_id, me, me, instead_of=instead_of)
    except TaskTaken as taken:
        flash(f"Esa tarea ya la tiene {called(taken.by)}.", "warning")
    except NoSuchTask as gone:
        flash(str(gone), "info")
    else:
        flash("La tarea es suya.", "success")
    return redirect(url_for(".page"))


@screen.post("/casos/tareas/<id:task_id>/soltar")
@requires(*TASKS)
def give_back(task_id: int) -> Response:
    here = office()
    with here.db.begin() as tx:
        if _known(tx, task_id).to_person == current_user.email:
            tasks.hand_to(tx, here.clock.now(), task_id, None, current_user.email)
    return redirect(url_for(".page"))


@screen.post("/casos/tareas/<id:task_id>/hecha")
@requires(*TASKS)
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


def place_for(task: Task) -> str:
    """The page on which it is ended, or that of its case; empty where there is none."""
    if task.kind is TaskKind.CORRECTION:
        return url_for("console.corrections.one", number=task.about)
    if task.kind in (TaskKind.AUTHORITY, TaskKind.FOLLOW_UP) and task.about is not None:
        return url_for("console.register_entries.find", number=task.about)
    if is_about_one(task) and current_user.role in ORDERS:
        return url_for("console.orders.one", order_id=task.about)
    if colleagues.is_about_one(task) and current_user.role in COLLEAGUES:
        if task.to_person == current_user.email:
            return url_for("console.case_form.page", draft_id=task.about)
        return url_for("console.drafts.page", despues=(task.about or 1) - 1)
    return url_for("console.tray.history", case_id=task.case_id) if task.case_id is not None else ""


def _theirs() -> dict[str, Any]:
    """Whoever supervises sees everybody's; anybody else what is of their role, and nobody else's own."""
    if _sees_all():
        return {}
    return {"roles": {current_user.role}, "person": current_user.email}


def _own(tx: Connection) -> list[PendingCase]:
    """What an operator left pending: closing it is a task of others, and they know of it all the same."""
    if current_user.role is not Role.OPERADOR:
        return []
    return pending_of(tx, office().vault, current_user.email, hidden_lines=hidden_lines(), limit=_PAGE)


def _known(tx: Connection, task_id: int) -> Task:
    """404 for one that the visitor would not find on the page."""
    found = _of_role(tx, task_id)
    if found.to_person not in (None, current_user.email) and not _sees_all():
        abort(404)
    return found


def _of_role(tx: Connection, task_id: int) -> Task:
    """404 for one that is not of the visitor's role, whoever has it."""
    found = tasks.one_task(tx, office().vault, task_id)
    if found is None or found.ended_at is not None or found.line in hidden_lines():
        abort(404)
    if not _sees_all() and current_user.role not in found.to_roles:
        abort(404)
    return found


def _sees_all() -> bool:
    return current_user.role in _SEE_ALL
