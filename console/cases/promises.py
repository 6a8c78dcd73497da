"""On a case: a call promised to its citizen for an hour, and one that is not needed any more (R79, R87)."""

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from beneficiaries.registry import RegistryDown
from cases.problem import TextMissing
from console.access import CASES, requires
from console.cases.case_forms import PromiseForm
from console.cases.case_page import case_page
from console.cases.seen import case_or_404
from console.clocks import typed_hour
from console.hidden import hidden_lines
from console.office import office
from core import audit
from core.roles import Role
from desk import promised, promises
from desk.promised import Promised
from desk.world import Desk
from procedures.promising import AlreadyPromised, CannotPromise, padron_phone, promise_call

screen = Blueprint("promises", __name__)

MOST_AHEAD = timedelta(days=60)
_PAGE = 50
_DOWN = "El padrón no contesta, y de una corrección solo se llama a su teléfono: no se prometió nada. Inténtelo luego."
_NOT_THEN = "La llamada se promete para después de ahora, y en 60 días como máximo."


@screen.post("/casos/<id:case_id>/seguimiento")
@requires(*CASES)
def make(case_id: int) -> Response | tuple[str, int]:
    """Somebody is called again at an hour that they agreed to. 422: why not, beside what was typed."""
    form, here = PromiseForm(), office()
    desk, now, who = _desk(), here.clock.now(), current_user.email
    is_valid = form.validate()
    if form.when.process_errors:
        form.when.errors = ["Escriba el día y la hora, como en el calendario."]
    if not is_valid or form.when.data is None:
        return case_page(case_id, promise_form=form), 422
    with here.db.begin() as tx:
        case_or_404(tx, case_id)
    try:
        phone = padron_phone(here.db, here.vault, here.padron, case_id) if here.padron is not None else None
        with here.db.begin() as tx:
            case = case_or_404(tx, case_id)
            at = typed_hour(case.line, form.when.data)
            if not now < at <= now + MOST_AHEAD:
                raise CannotPromise(_NOT_THEN)
            told = {"words": form.words.data or "", "actor": who, "besides": form.besides.data}
            told |= {"padron_phone": phone}
            promise_call(tx, desk, now, case_id, case.line, at, **told)
    except AlreadyPromised as why:
        form.besides.errors = [str(why)]
        return case_page(case_id, promise_form=form), 422
    except RegistryDown:
        form.when.errors = [_DOWN]
        return case_page(case_id, promise_form=form), 422
    except (CannotPromise, TextMissing) as why:
        (form.when if isinstance(why, CannotPromise) else form.words).errors = [str(why)]
        return case_page(case_id, promise_form=form), 422
    which = "del padrón" if phone else "del caso"
    flash(f"Quedó prometida: a esa hora suena en un puesto, y después en el teléfono {which}.", "success")
    return redirect(url_for("console.tray.history", case_id=case_id))


@screen.post("/casos/promesas/<id:promise_id>/retirar")
@requires(*CASES)
def take_back(promise_id: int) -> Response:
    """It is not needed any more: nobody is rung for it."""
    here, now = office(), office().clock.now()
    with here.db.begin() as tx:
        found = promised.one(tx, here.vault, promise_id)
        if found is None or found.case_id is None:
            abort(404)
        case_or_404(tx, found.case_id)
        is_over = promises.take_back(tx, now, promise_id, current_user.email)
        if is_over:
            audit.record(tx, now, current_user.email, "case.promise_taken_back", "case", found.case_id)
    flash("Ya no se le llamará." if is_over else "Esa llamada ya se está haciendo, o ya se hizo.", "info")
    return redirect(url_for("console.tray.history", case_id=found.case_id))


def promised_next(tx: Connection) -> list[Promised]:
    """What comes next of the lines that the visitor may know of; nothing for whoever does not see all cases."""
    if current_user.role not in CASES - {Role.TECNICO, Role.DIRECTOR}:
        return []
    return promised.next_ones(tx, office().vault, hidden_lines=hidden_lines(), limit=_PAGE)


def _desk() -> Desk:
    found = office().desk
    if found is None:
        abort(404)
    return found
