"""The tray: consultations that wait and their history, and locks."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from beneficiaries import locks, old_locks
from cases import tasks
from cases.attentions import household
from cases.awaited import corrections_of
from cases.consultations import consultations, escalations
from cases.events import EventKind, note
from cases.joining import open_besides
from cases.tasks import TaskKind
from console.access import CASES, requires
from console.addresses import asked_place, place_of
from console.cases.case_page import case_page
from console.cases.seen import ONLY_THEIR_TRAY, case_or_404, seen
from console.cases.words import TextForm
from console.desk.visit import oversees
from console.office import office

screen = Blueprint("tray", __name__)

_PAGE = 200
LOCKS = CASES - ONLY_THEIR_TRAY


@screen.get("/casos")
@requires(*CASES)
def page() -> str:
    here = office()
    with here.db.begin() as tx:
        after = asked_place("despues")
        waiting = consultations.pending_cases(tx, here.vault, **seen(), after=after, limit=_PAGE + 1)
        cases = waiting[:_PAGE]
        told = _told(tx, cases, None)
    more = place_of(cases[-1].due_at, cases[-1].id) if len(waiting) > _PAGE else ""
    return render_template("console/cases.html", **told, more=more, is_first=after is None)


@screen.post("/casos/<id:case_id>/mostrar")
@requires(*CASES)
def reveal(case_id: int) -> str | tuple[str, int]:
    """The whole document and telephone, for who works on it; that they were shown is written down."""
    here = office()
    with here.db.begin() as tx:
        case = case_or_404(tx, case_id, pending=True)
        shown = consultations.reveal_case(tx, here.vault, here.clock.now(), case_id, current_user.email)
        told = _told(tx, [case], shown, household.of_case(tx, here.vault, case_id))
    return render_template("console/cases.html", **told)


@screen.get("/casos/<id:case_id>/historia")
@requires(*CASES)
def history(case_id: int) -> str:
    """All that happened to a case, closed or not, and who did it."""
    return case_page(case_id)


@screen.post("/casos/<id:case_id>/elevar")
@requires(*LOCKS)
def escalate(case_id: int) -> Response:
    """«No recibió la atención»: the case goes to the Dirección, with the reason (R80)."""
    form, here = TextForm(), office()
    if not form.validate():
        flash("Escriba qué pasó: el caso no se elevó.", "warning")
        return redirect(url_for("console.tray.page"))
    with here.db.begin() as tx:
        case_or_404(tx, case_id, pending=True)
        reason = form.text.data or ""
        escalations.to_director(tx, here.vault, here.clock.now(), case_id, current_user.email, reason)
    flash(f"El caso {case_id} está en la bandeja de Dirección.", "success")
    return redirect(url_for("console.tray.page"))


@screen.post("/casos/<id:case_id>/cerrar")
@requires(*CASES)
def close(case_id: int) -> Response:
    """With what was done; of one that somebody else closed meanwhile, into its history."""
    form, here = TextForm(), office()
    if not form.validate():
        flash("Escriba qué se hizo: el caso sigue abierto.", "warning")
        return redirect(url_for("console.tray.page"))
    with here.db.begin() as tx:
        case_or_404(tx, case_id)
        told = (tx, here.vault, here.clock.now())
        is_closed = consultations.close_case(*told, case_id, current_user.email, form.text.data or "")
        if not is_closed:
            note(*told, current_user.email, EventKind.ADDED, case_id=case_id, text=form.text.data)
        if current_user.role in TaskKind.UNATTENDED.roles:
            tasks.end_those_of(tx, here.clock.now(), case_id, current_user.email, (TaskKind.UNATTENDED,))
        besides = open_besides(tx, here.vault, case_id, **seen())
    if not is_closed:
        flash(f"El caso {case_id} ya estaba cerrado: lo que escribió quedó en su historia.", "info")
        return redirect(url_for(".history", case_id=case_id))
    flash(f"El caso {case_id} quedó cerrado.", "success")
    return redirect(url_for(".history", case_id=case_id) if besides else url_for(".page"))


def _told(
    tx: Connection,
    cases: list[consultations.PendingCase],
    shown: consultations.Revealed | None,
    family: household.Household | None = None,
) -> dict[str, Any]:
    here = office()
    raised = tasks.tasks_of(tx, here.vault, [case.id for case in cases])
    told = {"now": here.clock.now(), "soon": tasks.SOON, "escalates": current_user.role in LOCKS}
    told |= {"awaited": corrections_of(tx, [case.id for case in cases])}
    return told | {"cases": cases, "raised": raised, "shown": shown, "family": family, "form": TextForm()}


@screen.get("/casos/bloqueos")
@requires(*LOCKS)
def locks_page() -> str:
    here = office()
    with here.db.begin() as tx:
        found = locks.list_locks(tx, here.clock.now())
        lifted = old_locks.lifted_locks(tx, here.vault) if oversees() else []
    return render_template("console/locks.html", locks=found, lifted=lifted, form=TextForm())


@screen.post("/casos/bloqueos/<id:lock_id>/levantar")
@requires(*LOCKS)
def lift(lock_id: int) -> Response:
    form, here = TextForm(), office()
    if not form.validate():
        flash("Escriba el motivo: el bloqueo sigue.", "warning")
        return redirect(url_for("console.tray.locks_page"))
    with here.db.begin() as tx:
        reason = form.text.data or ""
        was_lifted = locks.lift(tx, here.vault, here.clock.now(), lock_id, current_user.email, reason)
    told = "El bloqueo quedó levantado." if was_lifted else "Ese bloqueo ya no estaba."
    flash(told, "success" if was_lifted else "info")
    return redirect(url_for("console.tray.locks_page"))
