"""What an operator finds out on a contact's call: whether it is the person, what they say, the outcome (R63–R67)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, select

from campaigns import attempts, conversation
from campaigns.columns import document_of
from campaigns.conversation import script_of
from campaigns.operated import taking
from campaigns.operated.card import Redeemed, collected_of, outcomes_for, row_of
from campaigns.operated.taking import CannotCall, Ended, NotYours, Operator
from campaigns.operated.verifying import Verified, asked_of, verified_of
from campaigns.outcomes import Outcome, outcome_of
from campaigns.rules.calendar import window_for
from campaigns.states import CampaignState, Progress
from campaigns.tables import attempt, operated_contact
from campaigns.upload.request import Collected
from campaigns.upload.vocabulary import CampaignType
from core import audit
from core.privacy import Vault

_HEARD = (Outcome.MESSAGE_COMPLETE, Outcome.COLLECTED)  #: R46: then it is known whether they redeemed it


@dataclass(frozen=True)
class Lacking:
    """One thing that the form still needs: which field, and a sentence."""

    field: str
    sentence: str


class Incomplete(Exception):
    """The outcome cannot be kept yet: ``lacking`` says what is missing, field by field."""

    def __init__(self, lacking: list[Lacking]) -> None:
        super().__init__(" ".join(each.sentence for each in lacking))
        self.lacking = lacking


@dataclass(frozen=True)
class Said:
    """The outcome form as the operator filled it in. ``collected``: by number of question, ``{"1": "2"}``."""

    outcome: Outcome
    call_at: datetime | None = None
    collected: Mapping[str, str] | None = None
    redeemed: Redeemed | None = None


@dataclass(frozen=True)
class Kept:
    """What was kept of a contact, for what follows elsewhere: an order (R29), a consultation."""

    attempt_id: int
    line: str
    outcome: Outcome
    redeemed: Redeemed | None
    document: str | None
    remote_sid: str | None


def answer(tx: Connection, vault: Vault, now: datetime, who: Operator, number: int, given: str) -> Verified:
    """One entry of a security question (0 is the first), as the person said it. What was said is not kept.

    Raises NotYours; CannotCall where nobody is on the line, or the question has no entry left.
    """
    mine = taking.in_hand(tx, who.account_id, lock=True)
    if mine is None:
        raise NotYours
    if mine.answered_at is None or mine.remote_status is not None:
        raise CannotCall("Las preguntas se hacen con la persona en la línea.")
    row = row_of(tx, mine.id)
    script = script_of(vault, now, row)
    asked = next((each for each in asked_of(script, row.entries) if each.number == number), None)
    if asked is None or asked.right is not None or verified_of(script, row.entries) is not Verified.PENDING:
        raise CannotCall("Esa pregunta ya no tiene más intentos.")
    digits = "".join(sign for sign in given if sign.isdigit())
    if not digits:
        raise CannotCall("Escriba las cifras que dijo la persona.")
    right = conversation.is_right(tx, vault, row.attempt_id, number, digits)
    entries = {**row.entries, str(number): [*row.entries.get(str(number), []), right]}
    taking.change(tx, mine.id, entries=entries)
    verdict = verified_of(script, entries)
    if verdict in _PROGRESS:
        conversation.mark(tx, row.attempt_id, _PROGRESS[verdict])
    return verdict


_PROGRESS = {Verified.YES: Progress.VERIFIED, Verified.NO: Progress.FAILED_SECURITY}


def set_outcome(tx: Connection, vault: Vault, now: datetime, who: Operator, said: Said) -> Kept:
    """What came of the call, said by a person; whether it is tried again is the same rule as everywhere (§7).

    Raises NotYours, CannotCall while the call goes on, Incomplete where something is missing.
    """
    mine = taking.in_hand(tx, who.account_id, lock=True)
    if mine is None:
        raise NotYours
    row = row_of(tx, mine.id)
    if row.remote_status is None:
        raise CannotCall("Termine primero la llamada.")
    script = script_of(vault, now, row)
    asked = collected_of(vault, row)
    lacking = _lacking(tx, now, row, said, asked, verified_of(script, row.entries), script)
    if lacking:
        raise Incomplete(lacking)
    if said.outcome is Outcome.COLLECTED:
        conversation.keep_collected(tx, vault, row.attempt_id, dict(said.collected or {}))
    if said.outcome is Outcome.NO_MORE_CALLS:
        conversation.exclude_person(tx, vault, now, row.attempt_id)
    if said.outcome is Outcome.WRONG_NUMBER:
        conversation.note_wrong_number(tx, vault, now, row.attempt_id, who.email)
    sid = tx.execute(select(attempt.c.remote_sid).where(attempt.c.id == row.attempt_id)).scalar()
    attempts.end_by_a_person(
        tx,
        now,
        row.attempt_id,
        said.outcome,
        remote_status=row.remote_status,
        duration_s=row.duration_s,
        call_at=said.call_at if said.outcome is Outcome.CALL_LATER else None,
    )
    redeemed = said.redeemed if _asks_about_cobro(row, said.outcome) else None
    taking.change(tx, mine.id, redeemed=redeemed)
    taking.finish(tx, now, mine.id, Ended.OUTCOME)
    audit.record(tx, now, who.email, "contact.outcome", "attempt", row.attempt_id, outcome=said.outcome)
    return Kept(row.attempt_id, row.line, said.outcome, redeemed, document_of(vault, row), sid)


def abandoned(tx: Connection, now: datetime) -> list[int]:
    """Those whose call is over, and whose operator had a while to say what came of it and did not."""
    query = select(operated_contact.c.id).where(*_is_abandoned(now)).order_by(operated_contact.c.id)
    return list(tx.execute(query).scalars())


def conclude_abandoned(tx: Connection, now: datetime, taken_id: int) -> bool:
    """Of one of them, the furthest point that is certain says what came of it. False where somebody says so now."""
    query = select(operated_contact).where(operated_contact.c.id == taken_id, *_is_abandoned(now))
    row = tx.execute(query.with_for_update(skip_locked=True)).first()
    if row is None:
        return False
    how_far = tx.execute(select(attempt.c.progress).where(attempt.c.id == row.attempt_id)).scalar()
    outcome = outcome_of(row.remote_status, None, how_far)
    facts = {"remote_status": row.remote_status, "duration_s": row.duration_s}
    attempts.end_by_a_person(tx, now, row.attempt_id, outcome, **facts)
    taking.finish(tx, now, row.id, Ended.CONCLUDED)
    return True


def _is_abandoned(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        operated_contact.c.ended_at.is_(None),
        operated_contact.c.remote_status.is_not(None),
        operated_contact.c.taken_until <= now,
    )


def _asks_about_cobro(row: Row, outcome: Outcome) -> bool:
    return row.kind == CampaignType.VERIFICACION_COBRO and outcome in _HEARD


def _lacking(
    tx: Connection, now: datetime, row: Row, said: Said, asked: tuple[Collected, ...], verified: Verified, script: dict
) -> list[Lacking]:
    if said.outcome not in outcomes_for(row, script, verified, has_collected=bool(asked)):
        return [Lacking("outcome", "Ese resultado no corresponde a lo que pasó en la llamada.")]
    lacking = []
    if said.outcome is Outcome.CALL_LATER:
        lacking += _wrong_hour(tx, now, row, said.call_at)
    if said.outcome is Outcome.COLLECTED:
        given = said.collected or {}
        lacking += [
            Lacking(f"collected_{each.number}", "Falta la respuesta, o no es una de las que se esperan.")
            for each in asked
            if not each.fits(given.get(str(each.number), ""))
        ]
    if _asks_about_cobro(row, said.outcome) and said.redeemed is None:
        lacking.append(Lacking("redeemed", "Diga si la persona cobró el subsidio."))
    return lacking


def _wrong_hour(tx: Connection, now: datetime, row: Row, call_at: datetime | None) -> list[Lacking]:
    if call_at is None:
        return [Lacking("call_at", "Escriba el día y la hora en que pide que le llamen.")]
    if call_at <= now:
        return [Lacking("call_at", "Esa hora ya pasó.")]
    if row.campaign_state != CampaignState.CANCELLED and not _is_open(tx, row, call_at):
        return [Lacking("call_at", "A esa hora no se puede llamar: está fuera del horario legal o de la campaña.")]
    return []


def _is_open(tx: Connection, row: Row, moment: datetime) -> bool:
    """Whether the person may be called then, where they are; an hour that they name may be one they did not prefer."""
    return replace(window_for(tx, row, row), preferred=None).is_open(moment)
