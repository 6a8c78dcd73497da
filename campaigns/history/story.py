"""One contact's story, newest first: rules, calls, what was asked and what came of it. Never an answer or a name, but
for what an operator wrote when they gave it back."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from campaigns.history.asked import asked_in
from campaigns.history.noting import OTHER_PHONE
from campaigns.history.tables import rule_decision
from campaigns.outcomes import LABELS, Outcome
from campaigns.rules.calendar import window_for
from campaigns.rules.deciding import NotNow, Reason
from campaigns.rules.exclusion_causes import cause_of
from campaigns.rules.exclusions import Kind as Excluded
from campaigns.rules.exclusions import holds_in, wrong_number_print
from campaigns.rules.hours import Window
from campaigns.rules.why import why_not_this_one
from campaigns.states import AttemptState, Channel
from campaigns.tables import attempt, exclusion, operated_contact
from campaigns.texting.sentences import Say, of_calls, of_texts
from campaigns.upload.request import Request
from core.privacy import Vault
from core.text_errors import why_not_delivered


class Kind(StrEnum):
    """What a step is about."""

    LOADED = "loaded"
    PLANNED = "planned"
    RULE = "rule"
    CALL = "call"
    OPERATOR = "operator"
    EXCLUSION = "exclusion"


@dataclass(frozen=True)
class StoryEvent:
    """One thing that happened (or, ``PLANNED``, is to happen). ``phone``: which of the person's telephones, from 0."""

    at: datetime
    kind: Kind
    told: str
    phone: int | None = None
    details: tuple[str, ...] = ()
    duration_s: int | None = None


def story_of(
    tx: Connection, vault: Vault, now: datetime, row: Row, person: Row, *, with_reasons: bool = False
) -> list[StoryEvent]:
    """Everything of one person (their recipient's row) in a campaign (its row). ``with_reasons``: also why operators
    put it back, in their own words, until the campaign's people are erased."""
    attempts = list(tx.execute(select(attempt).where(attempt.c.recipient_id == person.id).order_by(attempt.c.id)))
    window = window_for(tx, row, person) if row.country else None
    request = _request(vault, row)
    steps = [StoryEvent(row.submitted_at, Kind.LOADED, f"Llegó en la fila {person.row} del archivo.")]
    steps += [_of_attempt(each, now, request, _why_withdrawn(each, attempts)) for each in attempts]
    steps += _rules(tx, window, attempts) if window else []
    steps += _operators(tx, attempts, vault if with_reasons else None)
    steps += _exclusions(tx, vault, row, person, attempts)
    return sorted(steps, key=lambda step: step.at)[::-1]  # of one moment, what was written later stands above


def _request(vault: Vault, row: Row) -> Request | None:
    kept = json.loads(vault.open(row.request_sealed)).get("request")
    return Request.from_json(kept) if kept else None


def _of_attempt(each: Row, now: datetime, request: Request | None, why: str) -> StoryEvent:
    at = each.started_at or each.ended_at or each.due_at
    if each.channel == Channel.TEXT:
        return _of_text(each, at, now, why)
    match AttemptState(each.state):
        case AttemptState.DUE:
            told = "Se le llamará." if each.due_at > now else "Se le puede llamar: espera su turno."
            return StoryEvent(each.due_at, Kind.PLANNED, told, each.phone)
        case AttemptState.ASKING | AttemptState.PLACED:
            return StoryEvent(
                at, Kind.CALL, "Se le está llamando.", each.phone, tuple(asked_in(request, each.progress))
            )
        case AttemptState.UNKNOWN:
            return StoryEvent(at, Kind.CALL, "Se pidió la llamada y la red no ha confirmado si salió.", each.phone)
        case AttemptState.NOT_PLACED if each.remote_sid:
            return StoryEvent(at, Kind.CALL, _TOO_LATE, each.phone, tuple(_carrier(each)), each.duration_s)
        case AttemptState.NOT_PLACED:
            return StoryEvent(at, Kind.CALL, "La red nunca tuvo esta llamada: se planeó otra.", each.phone)
        case AttemptState.WITHDRAWN:
            return StoryEvent(each.ended_at or at, Kind.RULE, f"Se retiró la llamada prevista: {why}.", each.phone)
        case AttemptState.ENDED:
            details = (*_carrier(each), *asked_in(request, each.progress))
            told = f"Se le llamó: {LABELS[Outcome(each.outcome)].lower()}."
            return StoryEvent(at, Kind.CALL, told, each.phone, details, each.duration_s)


def _of_text(each: Row, at: datetime, now: datetime, why: str) -> StoryEvent:
    match AttemptState(each.state):
        case AttemptState.DUE:
            told = "Se le escribirá." if each.due_at > now else "Se le puede escribir: espera su turno."
            return StoryEvent(each.due_at, Kind.PLANNED, told, each.phone)
        case AttemptState.ASKING | AttemptState.PLACED:
            return StoryEvent(at, Kind.CALL, "Su mensaje está en camino.", each.phone)
        case AttemptState.UNKNOWN:
            return StoryEvent(at, Kind.CALL, "Se pidió el mensaje y la red no ha confirmado si salió.", each.phone)
        case AttemptState.NOT_PLACED:
            told = (
                "Salió tarde, cuando ya se daba por no enviado."
                if each.remote_sid
                else "La red nunca lo tuvo: va otro."
            )
            return StoryEvent(at, Kind.CALL, told, each.phone)
        case AttemptState.WITHDRAWN:
            return StoryEvent(each.ended_at or at, Kind.RULE, f"Se retiró el mensaje previsto: {why}.", each.phone)
        case AttemptState.ENDED:
            answered = ("Respondió que no quiere más mensajes.",) if each.progress else ()
            lost = (why_not_delivered(each.refused_code),) if each.refused_code else ()
            told = f"Se le escribió: {LABELS[Outcome(each.outcome)].lower()}."
            return StoryEvent(at, Kind.CALL, told, each.phone, (*lost, *answered))


def _why_withdrawn(each: Row, attempts: Sequence[Row]) -> str:
    """Another one waits only once the one before it is over: if that was under way when this was withdrawn, it was the
    call that this one was planned for."""
    if each.outcome:
        return f"una regla lo impide: {LABELS[Outcome(each.outcome)].lower()}"
    before = [one for one in attempts if one.id < each.id and one.remote_sid and one.state != AttemptState.NOT_PLACED]
    if each.ended_at and any(one.ended_at is None or one.ended_at >= each.ended_at for one in before):
        return "la llamada que se daba por no hecha sí se hizo"
    return "la campaña terminó o se canceló"


_TOO_LATE = "La red la hizo tarde, cuando ya se daba por no hecha: no se le dijo nada de la campaña."


def _carrier(each: Row) -> Iterator[str]:
    if each.refused_code:
        yield f"La red rechazó el número (código {each.refused_code}): ningún teléfono sonó."
    elif each.outcome == Outcome.TECHNICAL:
        yield "No se pudo saber qué fue de la llamada; no se repite a ciegas."


def _rules(tx: Connection, window: Window, attempts: Sequence[Row]) -> list[StoryEvent]:
    ways = {each.id: of_texts if each.channel == Channel.TEXT else of_calls for each in attempts}
    query = select(rule_decision).where(rule_decision.c.attempt_id.in_(list(ways))).order_by(rule_decision.c.id)
    return [
        StoryEvent(row.at, Kind.RULE, _ruled(window, row, ways[row.attempt_id]), row.phone) for row in tx.execute(query)
    ]


def _ruled(window: Window, row: Row, say: Say) -> str:
    if row.reason == OTHER_PHONE:
        return say("Ese teléfono pidió que no se le [llame|busque] más, o no es de la persona: se pasó al siguiente.")
    decision = NotNow(Reason(row.reason), row.until, row.is_the_phones)
    (why,) = why_not_this_one(
        window, row.at, is_final=False, outcome=None, attempt=AttemptState.DUE, due_at=None, decision=decision, say=say
    )
    return f"{say('No se le [llamó|escribió].')} {why.sentence}"


_PUT_BACK = {
    "put_back": "lo devolvió",
    "expired": "lo tuvo sin llamar, y pasó a otra persona",
    "outcome": "dijo qué pasó en la llamada",
}


def _operators(tx: Connection, attempts: Sequence[Row], vault: Vault | None) -> Iterator[StoryEvent]:
    phones = {each.id: each.phone for each in attempts}
    taken = select(operated_contact).where(operated_contact.c.attempt_id.in_(list(phones)))
    for contact in tx.execute(taken.order_by(operated_contact.c.id)):
        phone = phones[contact.attempt_id]
        yield StoryEvent(contact.taken_at, Kind.OPERATOR, f"{contact.operator} lo tomó para llamarle.", phone)
        if contact.ended_at and contact.ended_as in _PUT_BACK:
            why = f": {vault.open(contact.reason_sealed)}" if vault and contact.reason_sealed else ""
            told = f"{contact.operator} {_PUT_BACK[contact.ended_as]}{why.rstrip('.')}."
            yield StoryEvent(contact.ended_at, Kind.OPERATOR, told, phone)


def _exclusions(tx: Connection, vault: Vault, row: Row, person: Row, attempts: Sequence[Row]) -> Iterator[StoryEvent]:
    """That hold in this campaign: its own, its entity's, and those for everything."""
    prints = {bytes(each.to_print): each.phone for each in attempts if each.to_print is not None}
    whom: list[ColumnElement[bool]] = [and_(exclusion.c.kind == "phone", exclusion.c.print.in_(list(prints)))]
    if person.person_print is not None:
        own = bytes(person.person_print)
        whom.append(and_(exclusion.c.kind == "person", exclusion.c.print == own))
        wrong = {wrong_number_print(each, own): phone for each, phone in prints.items()}
        whom.append(and_(exclusion.c.kind == Excluded.WRONG_NUMBER.value, exclusion.c.print.in_(list(wrong))))
        prints |= wrong
    for each in tx.execute(select(exclusion).where(or_(*whom), holds_in(row)).order_by(exclusion.c.id)):
        if each.kind == Excluded.WRONG_NUMBER:
            yield from _not_theirs(each, prints[bytes(each.print)])
            continue
        phone = prints.get(bytes(each.print)) if each.kind == "phone" else None
        who = "Ese teléfono" if each.kind == "phone" else "La persona"
        why = _cause(cause_of(vault, each))
        yield StoryEvent(each.since, Kind.EXCLUSION, f"{who} quedó en la lista de no llamar: {why}.", phone)
        if each.removed_at:
            yield StoryEvent(each.removed_at, Kind.EXCLUSION, f"{who} salió de la lista de no llamar.", phone)


def _not_theirs(each: Row, phone: int) -> Iterator[StoryEvent]:
    told = "Dijeron que ese teléfono no es de la persona: ninguna campaña la busca ahí."
    yield StoryEvent(each.since, Kind.EXCLUSION, told, phone)
    if each.removed_at:
        yield StoryEvent(each.removed_at, Kind.EXCLUSION, "Se le puede volver a buscar en ese teléfono.", phone)


def _cause(cause: str) -> str:
    return "lo pidió en la llamada" if cause == "tecla 8" else cause.strip().rstrip(".")
