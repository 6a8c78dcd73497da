"""What a person decides over a campaign: each asks once more, and says first what will happen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection, Row
from werkzeug.wrappers import Response
from wtforms import BooleanField, TextAreaField
from wtforms.validators import Length

from campaigns import life
from campaigns.approval import (
    APPROVERS,
    SUPERVISORS,
    approve,
    give_back,
    needs_supervisor,
    not_any_longer,
    too_late,
    why_supervisor,
)
from campaigns.intake import reception
from campaigns.life import NotAllowed
from campaigns.states import NEXT, CampaignState
from campaigns.status import Status, status_of
from console.access import CAMPAIGNS, requires
from console.campaigns import what_happens
from console.campaigns.found import campaign_or_404, is_own
from console.campaigns.what_happens import first_calls
from console.office import office
from console.words import told_of
from core.roles import Role

screen = Blueprint("decisions", __name__)


class DecisionForm(FlaskForm):
    reason = TextAreaField("Motivo", validators=[Length(max=1000)])
    at_once = BooleanField("Empezar ya, sin esperar la fecha de inicio (siempre dentro del horario legal)")


Do = Callable[[Connection, datetime, Row, DecisionForm], None]


@dataclass(frozen=True)
class Decision:
    """``happens``: what will happen, one sentence each; ``needs_reason``: whether a motivo must be written."""

    verb: str
    to: CampaignState
    done: str
    happens: Callable[[Row, Status], list[str]]
    do: Do
    needs_reason: Callable[[Row, bool], bool] = lambda row, at_once: False
    asks_reason: bool = False
    colour: str = "primary"


def _takes_a_supervisor(row: Row, at_once: bool) -> bool:
    return needs_supervisor(row, office().clock.now(), at_once)


def _approve(tx: Connection, now: datetime, row: Row, form: DecisionForm) -> None:
    role: Role = current_user.role
    at_once, reason = bool(form.at_once.data), form.reason.data or ""
    approve(tx, now, row.id, current_user.email, role, at_once=at_once, reason=reason)


def _return(tx: Connection, now: datetime, row: Row, form: DecisionForm) -> None:
    give_back(tx, now, row.id, current_user.email, current_user.role, form.reason.data or "")


def _move(to: CampaignState) -> Do:
    return lambda tx, now, row, form: life.move(tx, now, row.id, to, current_user.email, form.reason.data or None)


def _cancel(tx: Connection, now: datetime, row: Row, form: DecisionForm) -> None:
    life.cancel(tx, now, row.id, current_user.email, form.reason.data or None)


def _refuse(tx: Connection, now: datetime, row: Row, form: DecisionForm) -> None:
    reception.refuse(tx, now, row.id, current_user.email, (form.reason.data or "").strip())


def _resume(tx: Connection, now: datetime, row: Row, form: DecisionForm) -> None:
    life.resume(tx, now, row.id, current_user.email)


DECISIONS = {
    "aprobar": Decision(
        "Aprobar",
        CampaignState.APPROVED,
        "La campaña quedó aprobada.",
        what_happens.on_approval,
        _approve,
        needs_reason=_takes_a_supervisor,
        asks_reason=True,
    ),
    "devolver": Decision(
        "Devolver",
        CampaignState.RETURNED,
        "La campaña fue devuelta con su motivo.",
        what_happens.on_return,
        _return,
        needs_reason=lambda row, at_once: True,
        asks_reason=True,
    ),
    "cancelar": Decision(
        "Cancelar",
        CampaignState.CANCELLED,
        "La campaña quedó cancelada.",
        what_happens.on_cancel,
        _cancel,
        asks_reason=True,
        colour="danger",
    ),
    "rechazar": Decision(
        "No aceptar la devolución",
        CampaignState.CANCELLED,
        "La solicitud terminó: no se aceptó la devolución.",
        what_happens.on_refusal,
        _refuse,
        needs_reason=lambda row, at_once: True,
        asks_reason=True,
        colour="danger",
    ),
    "pausar": Decision(
        "Pausar",
        CampaignState.PAUSED,
        "La campaña está en pausa.",
        what_happens.on_pause,
        _move(CampaignState.PAUSED),
        asks_reason=True,
        colour="warning",
    ),
    "reanudar": Decision("Reanudar", CampaignState.RUNNING, "La campaña sigue.", what_happens.on_resume, _resume),
}


_INFINITIVE = {"rechazar": "rechazar la devolución"}
#: What may be asked only in one state, though the table of states allows it in others.
_ONLY_IN = {
    "reanudar": CampaignState.PAUSED,
    "rechazar": CampaignState.RETURNED,
    "devolver": CampaignState.UNDER_REVIEW,
}
#: What whoever asked for a campaign may decide over it before it is dialled.
_OF_THE_AREA = {
    "cancelar": (CampaignState.UNDER_REVIEW, CampaignState.RETURNED),
    "rechazar": (CampaignState.RETURNED,),
}


def possible(row: Row) -> list[str]:
    """Which decisions the visitor may take over it now, by their name in the address."""
    own = row.submitted_by == current_user.email
    return [name for name, decision in DECISIONS.items() if _is_possible(row, name, decision) and _may(row, name, own)]


def _is_possible(row: Row, name: str, decision: Decision) -> bool:
    state = CampaignState(row.state)
    return decision.to in NEXT[state] and _ONLY_IN.get(name, state) == state


def _may(row: Row, name: str, is_own: bool) -> bool:
    return current_user.role in APPROVERS or (is_own and row.state in _OF_THE_AREA.get(name, ()))


@screen.route(
    "/campanas/<id:campaign_id>/<any(aprobar, devolver, cancelar, rechazar, pausar, reanudar):name>", methods=["GET"]
)
@requires(*CAMPAIGNS)
def ask(campaign_id: int, name: str) -> str:
    with office().db.begin() as tx:
        row, status = _seen(tx, campaign_id, name)
    return _page(row, status, name, DecisionForm())


@screen.post("/campanas/<id:campaign_id>/<any(aprobar, devolver, cancelar, rechazar, pausar, reanudar):name>")
@requires(*CAMPAIGNS)
def decide(campaign_id: int, name: str) -> str | Response | tuple[str, int]:
    decision, form, here = DECISIONS[name], DecisionForm(), office()
    with here.db.begin() as tx:
        row, status = _seen(tx, campaign_id, name)
    needs = decision.needs_reason(row, bool(form.at_once.data))
    if not form.validate() or (needs and not (form.reason.data or "").strip()):
        form.reason.errors = [*form.reason.errors, "Escriba el motivo."] if needs else form.reason.errors
        return _page(row, status, name, form), 422
    try:
        with here.db.begin() as tx:
            decision.do(tx, here.clock.now(), _still(tx, campaign_id, name), form)
    except NotAllowed as problem:
        form.reason.errors = [str(problem)]
        return _page(row, status, name, form), 409
    flash(decision.done, "success")
    return redirect(_home(campaign_id))


def _seen(tx: Connection, campaign_id: int, name: str) -> tuple[Row, Status]:
    row = campaign_or_404(tx, campaign_id)
    if not _is_possible(row, name, DECISIONS[name]) and current_user.role in APPROVERS:
        raise NotAllowed(not_any_longer(tx, campaign_id, _INFINITIVE.get(name, name)))
    if not _may(row, name, is_own(tx, row)):
        abort(403)
    if name == "aprobar" and (late := too_late(tx, row, office().clock.now())):
        raise NotAllowed(late)
    return row, status_of(tx, office().clock.now(), campaign_id)


def _still(tx: Connection, campaign_id: int, name: str) -> Row:
    """Its row as it is now, which nobody changes before this transaction ends. Raises NotAllowed where somebody did
    since it was looked at: what an area may do to a request it may not do to a campaign that was approved meanwhile."""
    life.state_of(tx, campaign_id, lock=True)
    row = campaign_or_404(tx, campaign_id)
    if not (_is_possible(row, name, DECISIONS[name]) and _may(row, name, is_own(tx, row))):
        raise NotAllowed(not_any_longer(tx, campaign_id, _INFINITIVE.get(name, name)))
    return row


def _page(row: Row, status: Status, name: str, form: DecisionForm) -> str:
    decision = DECISIONS[name]
    is_short = why_supervisor(row, office().clock.now(), at_once=False) if name == "aprobar" else ""
    happens = decision.happens(row, status) if row.country else [told_of("No se [llamará|escribirá] a nadie.", row)]
    asks_when = bool(row.country) and name == "aprobar"
    return render_template(
        "console/decision.html",
        campaign=row,
        name=name,
        decision=decision,
        happens=happens,
        form=form,
        is_short=is_short,
        begins=[(first_calls(row, status, at_once=each), each) for each in (False, True)] if asks_when else [],
        may_at_once=asks_when and _may_at_once(row),
        back=_home(row.id),
    )


def _may_at_once(row: Row) -> bool:
    return current_user.role in SUPERVISORS or not _takes_a_supervisor(row, at_once=True)


def _home(campaign_id: int) -> str:
    """Where whoever decided goes on: an area looks at its request, everybody else at the campaign."""
    where = "console.campaign_list.one" if current_user.sees_all_campaigns else "console.requests.one"
    return url_for(where, campaign_id=campaign_id)
