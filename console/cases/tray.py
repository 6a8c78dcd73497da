"""The tray: consultations that wait and their history, and locks."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from beneficiaries import locks, old_locks
from cases import tasks
from cases.attentions import household
from cases.consultations import consultations, escalations
from cases.corrections import corrections
from cases.events import events_of
from cases.joining import open_besides
from cases.orders import orders
from console.access import CASES, requires
from console.cases.activating import may_activate
from console.cases.asking import may_ask
from console.cases.form import ATTEND
from console.cases.orders import ORDERS, may_link, to_tell
from console.cases.promises import PromiseForm
from console.cases.references import REFER
from console.cases.seen import ONLY_THEIR_TRAY, seen
from console.cases.theft import ClaimForm, is_asked
from console.cases.words import TextForm
from console.desk.visit import oversees
from console.office import office
from desk import promised

screen = Blueprint("tray", __name__)

_PAGE = 200
LOCKS = CASES - ONLY_THEIR_TRAY


@screen.get("/casos")
@requires(*CASES)
def page() -> str:
    here = office()
    with here.db.begin() as tx:
        cases = consultations.pending_cases(tx, here.vault, **seen(), limit=_PAGE)
        told = _told(tx, cases, None)
    return render_template("console/cases.html", **told, is_cut=len(cases) == _PAGE)


@screen.post("/casos/<id:case_id>/mostrar")
@requires(*CASES)
def reveal(case_id: int) -> str | tuple[str, int]:
    """The whole document and telephone, for who works on it; that they were shown is written down."""
    here = office()
    with here.db.begin() as tx:
        case = _theirs(tx, case_id)
        shown = consultations.reveal_case(tx, here.vault, here.clock.now(), case_id, current_user.email)
        told = _told(tx, [case], shown, household.of_case(tx, here.vault, case_id))
    return render_template("console/cases.html", **told)


@screen.get("/casos/<id:case_id>/historia")
@requires(*CASES)
def history(case_id: int) -> str:
    """All that happened to a case, closed or not, and who did it."""
    here = office()
    with here.db.begin() as tx:
        case = consultations.one_case(tx, here.vault, case_id, **seen())
        if case is None:
            abort(404)
        events, asked = events_of(tx, here.vault, case_id), corrections.of_case(tx, here.vault, case_id)
        made = orders.orders_of_case(tx, here.vault, case_id)
        calls = promised.of_case(tx, here.vault, case_id)
        besides = open_besides(tx, here.vault, case_id, **seen())
    told: dict[str, Any] = {"case": case, "events": events, "registers": current_user.role in ATTEND, "asked": asked}
    told |= {"orders": made, "to_tell": {each.id: to_tell(each) for each in made}, "refers": current_user.role in REFER}
    told |= {"links": may_link(case, made)}
    told |= {"may_claim": current_user.role in ORDERS and is_asked(case), "claim_form": ClaimForm(formdata=None)}
    told |= {"promised": calls, "promise_form": PromiseForm(formdata=None)}
    told |= {"closing": TextForm(formdata=None), "activates": may_activate(case)}
    told |= {"may_correct": may_ask(case), "besides": besides}
    return render_template("console/case_history.html", **told)


@screen.post("/casos/<id:case_id>/elevar")
@requires(*LOCKS)
def escalate(case_id: int) -> Response:
    """«No recibió la atención»: the case goes to the Dirección, with the reason (R80)."""
    form, here = TextForm(), office()
    if not form.validate():
        flash("Escriba qué pasó: el caso no se elevó.", "warning")
        return redirect(url_for("console.tray.page"))
    with here.db.begin() as tx:
        _theirs(tx, case_id)
        reason = form.text.data or ""
        escalations.to_director(tx, here.vault, here.clock.now(), case_id, current_user.email, reason)
    flash(f"El caso {case_id} está en la bandeja de Dirección.", "success")
    return redirect(url_for("console.tray.page"))


@screen.post("/casos/<id:case_id>/cerrar")
@requires(*CASES)
def close(case_id: int) -> Response:
    form, here = TextForm(), office()
    if not form.validate():
        flash("Escriba qué se hizo: el caso sigue abierto.", "warning")
        return redirect(url_for("console.tray.page"))
    with here.db.begin() as tx:
        _theirs(tx, case_id)
        resolution = form.text.data or ""
        consultations.close_case(tx, here.vault, here.clock.now(), case_id, current_user.email, resolution)
        besides = open_besides(tx, here.vault, case_id, **seen())
    flash(f"El caso {case_id} quedó cerrado.", "success")
    return redirect(url_for(".history", case_id=case_id) if besides else url_for(".page"))


def _theirs(tx: Connection, case_id: int) -> consultations.PendingCase:
    """The pending case, if it is one of the visitor's tray."""
    found = consultations.one_case(tx, office().vault, case_id, **seen(), only_pending=True)
    if found is None:
        abort(404)
    return found


def _told(
    tx: Connection,
    cases: list[consultations.PendingCase],
    shown: consultations.Revealed | None,
    family: household.Household | None = None,
) -> dict[str, Any]:
    here = office()
    raised = tasks.tasks_of(tx, here.vault, [case.id for case in cases])
    told = {"now": here.clock.now(), "soon": tasks.SOON, "escalates": current_user.role in LOCKS}
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
