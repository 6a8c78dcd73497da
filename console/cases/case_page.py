"""A case's own page: what it is about, all that happened to it, and what may be done next."""

from typing import Any

from flask import render_template
from flask_login import current_user

from cases.corrections import corrections
from cases.events import events_of
from cases.joining import open_besides
from cases.orders import orders, theft
from console.cases.activating import may_activate
from console.cases.asking import may_ask
from console.cases.case_forms import ClaimForm, PromiseForm
from console.cases.form import ATTEND
from console.cases.orders import ORDERS, may_link, to_tell
from console.cases.references import REFER
from console.cases.seen import case_or_404, seen
from console.cases.words import TextForm
from console.clocks import clock_of
from console.office import office
from desk import promised


def case_page(case_id: int, *, promise_form: PromiseForm | None = None, claim_form: ClaimForm | None = None) -> str:
    """Closed or not; 404 where it is not for the visitor. A form that is given was refused: it is shown open, with what
    was typed and what is wrong."""
    here = office()
    with here.db.begin() as tx:
        case = case_or_404(tx, case_id)
        events, asked = events_of(tx, here.vault, case_id), corrections.of_case(tx, here.vault, case_id)
        made = orders.orders_of_case(tx, here.vault, case_id)
        calls = promised.of_case(tx, here.vault, case_id)
        besides = open_besides(tx, here.vault, case_id, **seen())
    told: dict[str, Any] = {"case": case, "events": events, "registers": current_user.role in ATTEND, "asked": asked}
    told |= {"orders": made, "to_tell": {each.id: to_tell(each) for each in made}, "refers": current_user.role in REFER}
    told |= {"links": may_link(case, made), "promised": calls, "closing": TextForm(formdata=None)}
    told |= {"may_claim": current_user.role in ORDERS and case.subject.code in theft.ASKED_IN}
    told |= {"claim_form": claim_form or ClaimForm(formdata=None), "is_claim_refused": claim_form is not None}
    told |= {"promise_form": promise_form or PromiseForm(formdata=None), "is_promise_refused": promise_form is not None}
    told["promise_form"].when.label.text = f"Día y hora ({clock_of(case.line)})"
    told |= {"activates": may_activate(case), "may_correct": may_ask(case), "besides": besides}
    return render_template("console/case_history.html", **told)
