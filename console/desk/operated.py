"""The next contact at the desk: its card, the call, what is asked, what is said, and the outcome (R44, R46, R87).

A part of Puesto (``next_contact.html``) whose forms a script sends, so that the telephone in the page goes on; without
it each is a plain post that goes back to the desk.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from campaigns.operated import concluding, taking
from campaigns.operated.card import Contact, Redeemed, contact_of
from campaigns.operated.concluding import Incomplete, Kept, Said
from campaigns.operated.taking import CannotCall, NotYours, Operator
from campaigns.operated.whom import whom
from campaigns.outcomes import Outcome
from cases.attentions import attentions, conversation
from cases.orders import of_call, orders
from console.access import AT_THE_DESK, requires
from console.addresses import MOST_ROW, asked_number
from console.desk.visit import desk, is_script, me
from console.hidden import hidden_lines, visible_lines
from core.countries import COUNTRIES
from desk import calling
from desk.refusal import CannotDo

screen = Blueprint("operated", __name__)

_REFUSALS = (CannotDo, CannotCall, NotYours)
Answer = Response | str | tuple[str, int]


@dataclass(frozen=True)
class Card:
    """What the part shows. ``problem``: one sentence; ``lacking``: what the outcome form still needs, by field."""

    contact: Contact | None
    zone: ZoneInfo
    waiting: list[tuple[Any, int]] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""
    lacking: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict, repr=False)
    may_call_at_any_hour: bool = False
    most_counted: int = taking.MOST_COUNTED  #: of ``waiting``

    @property
    def ways(self) -> list[Redeemed]:
        """What a person may say of the subsidy (R46)."""
        return list(Redeemed)

    @property
    def stamp(self) -> str:
        """Changes with everything that the part shows of a call."""
        each = self.contact
        if each is None:
            return "none-" + "-".join(f"{row.id}.{count}" for row, count in self.waiting)
        told = [(question.entries_left, question.right) for question in each.questions]
        stands = (each.taken_id, each.room_id, each.answered_at is not None, each.remote_status, told)
        return "-".join(str(part) for part in stands)


def add_globals(app: Flask) -> None:
    """Puesto includes the part by name; it asks for its card itself."""
    app.add_template_global(card_now, "operated_card")


def card_now() -> Card:
    """The visitor's card, as it stands now."""
    with desk().db.begin() as tx:
        return _card(tx)


@screen.get("/puesto/contacto")
@requires(*AT_THE_DESK)
def parts() -> Answer:
    """The part alone; 204 while it is as the page has it."""
    card = card_now()
    if card.stamp == request.args.get("sello"):
        return "", 204
    return _shown(card)


@screen.post("/puesto/contacto/siguiente")
@requires(*AT_THE_DESK)
def next_one() -> Answer:
    here, wanted = desk(), asked_number("campana")

    def take(tx: Connection, now: datetime) -> None:
        if taking.take_next(tx, here.vault, now, _operator(), wanted) is None:
            raise CannotCall("No hay ningún contacto por llamar en este momento.")

    return _act(take)


@screen.post("/puesto/contacto/devolver")
@requires(*AT_THE_DESK)
def put_back() -> Answer:
    reason = request.form.get("motivo", "")[:300]
    return _act(lambda tx, now: taking.put_back(tx, desk().vault, now, _operator(), reason))


@screen.post("/puesto/contacto/llamar")
@requires(*AT_THE_DESK)
def call() -> Answer:
    """Rings the visitor's own telephone; the contact's follows. A second press changes nothing."""
    wanted = asked_number("intento") or 0

    def ring(tx: Connection, now: datetime) -> None:
        calling.call_contact(tx, desk(), now, me(), wanted, actor=current_user.email, role=current_user.role)

    return _act(ring)


@screen.post("/puesto/contacto/verificar")
@requires(*AT_THE_DESK)
def verify() -> Answer:
    """One entry of a security question, as the person said it: it is told right or wrong, never the answer."""
    number, given = asked_number("pregunta", MOST_ROW), request.form.get("respuesta", "")[:20]

    def answer(tx: Connection, now: datetime) -> None:
        calling.refresh(tx, desk(), now, me())
        concluding.answer(tx, desk().vault, now, _operator(), -1 if number is None else number, given)

    return _act(answer)


@screen.post("/puesto/contacto/tipificar")
@requires(*AT_THE_DESK)
def outcome() -> Answer:
    """What came of the call (R66); a claim opens its order (R29, R46). The case of the call is written beside it, and
    neither waits for the other; a result that says that they were not attended leaves none (R8)."""

    def keep(tx: Connection, now: datetime) -> None:
        here = desk()
        calling.refresh(tx, here, now, me())
        mine = taking.in_hand(tx, me())
        kept = concluding.set_outcome(tx, here.vault, now, _operator(), _said(tx))
        assert mine is not None and mine.room_id is not None, "set_outcome saw to it"
        conversation.held(tx, mine.room_id)  # before its order, as whoever saves its case
        if kept.redeemed is Redeemed.RECLAMA:
            _open_order(tx, now, kept)
            of_call.take_in(tx, here.vault, now, mine.room_id, current_user.email)
        if not whom(tx, here.vault, kept.attempt_id).leaves_case:
            attentions.drop_untouched(tx, now, mine.room_id, current_user.email)

    return _act(keep)


@screen.post("/puesto/llamar")
@requires(*AT_THE_DESK)
def call_number() -> Answer:
    """A call of the visitor's own (R87)."""
    form = request.form
    line = form.get("linea", "")
    if line in hidden_lines():
        abort(404)
    asked = {"actor": current_user.email, "role": current_user.role, "outside_hours": bool(form.get("fuera_de_hora"))}
    number, reason = form.get("numero", "")[:40], form.get("motivo", "")[:300]
    return _act(lambda tx, now: calling.call_number(tx, desk(), now, me(), line, number, reason, **asked))


def _act(what: Callable[[Connection, datetime], object]) -> Answer:
    """Does one thing in one transaction, and shows how it stands then; what cannot be done is said."""
    here, problem, lacking = desk(), "", {}
    try:
        with here.db.begin() as tx:
            what(tx, here.clock.now())
    except _REFUSALS as refusal:
        problem = str(refusal)
    except Incomplete as refusal:
        problem = "Falta algo antes de guardar el resultado."
        lacking = {each.field: each.sentence for each in refusal.lacking}
    if not is_script():
        if problem:
            flash(" ".join([problem, *lacking.values()]), "warning")
        return redirect(url_for("console.desk.page"))
    with here.db.begin() as tx:
        return _shown(_card(tx, problem, lacking)), 422 if problem else 200


def _shown(card: Card) -> str:
    return render_template("console/next_contact.html", card=card)


def _card(tx: Connection, problem: str = "", lacking: dict[str, str] | None = None) -> Card:
    here = desk()
    now, who = here.clock.now(), _operator()
    calling.refresh(tx, here, now, me())
    mine = taking.in_hand(tx, me())
    is_shown = mine is not None and not taking.is_hidden_from(tx, who, mine)
    contact = contact_of(tx, here.vault, now, mine.id) if mine and is_shown else None
    lines = list(visible_lines().items())
    country = here.lines[contact.line].country if contact else next(iter(here.lines.values())).country
    return Card(
        contact,
        COUNTRIES[country].zone,
        waiting=[] if contact else [(row, count) for row, count in taking.waiting(tx, now, who) if count],
        lines=lines,
        problem=problem,
        lacking=lacking or {},
        given=dict(request.form) if problem else {},
        may_call_at_any_hour=current_user.role in calling.SUPERVISORS,
    )


def _operator() -> Operator:
    return Operator(me(), current_user.email, hidden_lines())


def _said(tx: Connection) -> Said:
    """The outcome form. A code that is none of ours is a page that is not ours either."""
    form = request.form
    if form.get("resultado") not in set(Outcome):
        raise CannotCall("Elija el resultado de la llamada.")
    redeemed = form.get("cobro", "")
    collected = {name.removeprefix("recolectar_"): value.strip() for name, value in form.items() if _is_collected(name)}
    return Said(
        Outcome(form["resultado"]),
        call_at=_moment(form.get("hora", ""), _card(tx).zone),
        collected=collected,
        redeemed=Redeemed(redeemed) if redeemed in set(Redeemed) else None,
    )


def _is_collected(name: str) -> bool:
    return name.startswith("recolectar_")


def _moment(written: str, zone: ZoneInfo) -> datetime | None:
    """``2026-11-24T09:30`` where the campaign is."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _open_order(tx: Connection, now: datetime, kept: Kept) -> None:
    detail = request.form.get("detalle", "").strip()
    if not detail:
        raise CannotCall("Escriba qué reclama la persona: va en la orden de trabajo.")
    if kept.document is None:
        raise CannotCall("El documento de esta fila no se puede leer: abra la orden desde Casos.")
    orders.open_order(tx, desk().vault, now, kept.document, current_user.email, detail)
