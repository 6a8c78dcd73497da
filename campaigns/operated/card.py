"""The card of a contact: who, masked; what is said, what is asked, how it stands, and which outcomes it may have."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select

from campaigns.columns import document_of
from campaigns.conversation import script_of
from campaigns.operated.verifying import Asked, Verified, asked_of, verified_of
from campaigns.outcomes import Outcome, outcome_of
from campaigns.readers import is_reserved
from campaigns.states import AttemptState
from campaigns.tables import attempt, campaign, operated_contact, recipient
from campaigns.upload.request import Collected, Request
from campaigns.upload.vocabulary import CampaignType
from core.privacy import Vault, mask_document, mask_phone


class Redeemed(StrEnum):
    """What a person says of the subsidy in a verification of cobro (R46)."""

    COBRO = "COBRO"
    RECLAMA = "RECLAMA"
    NO_RECLAMA = "NO_RECLAMA"

    @property
    def label(self) -> str:
        return _REDEEMED[self]


_REDEEMED = {
    Redeemed.COBRO: "Sí lo cobró",
    Redeemed.RECLAMA: "No lo cobró y quiere reclamar",
    Redeemed.NO_RECLAMA: "No lo cobró y no quiere reclamar",
}


@dataclass(frozen=True)
class Contact:
    """Everything that the desk shows of a contact."""

    taken_id: int
    attempt_id: int
    campaign_id: int
    campaign: str
    area: str
    line: str
    is_cobro: bool
    is_reserved: bool
    row: int
    name: str = field(repr=False)
    document: str  #: masked
    phones: tuple[str, ...]  #: masked, in order
    phone: int  #: which of them is called
    spent: int  #: a bit for each that is not called again
    script: dict[str, Any] = field(repr=False)
    collects: tuple[Collected, ...]
    questions: tuple[Asked, ...]
    verified: Verified
    taken_until: datetime
    room_id: int | None
    answered_at: datetime | None
    remote_status: str | None  #: the citizen's telephone is off the line
    attempts: int
    last_outcome: str | None
    outcomes: tuple[Outcome, ...]  #: those that may be chosen now; none before a call
    suggested: Outcome | None

    @property
    def may_tell(self) -> bool:
        """Whether the message may be told."""
        return self.verified in (Verified.YES, Verified.NOT_NEEDED)

    @property
    def is_on_the_line(self) -> bool:
        return self.answered_at is not None and self.remote_status is None


def row_of(tx: Connection, taken_id: int) -> Row:
    """A contact that was taken, with its attempt, its person and its campaign."""
    told = operated_contact.c
    return tx.execute(
        select(
            *(told.id.label("taken_id"), told.account_id, told.operator, told.taken_until, told.room_id),
            *(told.answered_at, told.remote_status, told.duration_s, told.entries),
            *(attempt.c.id.label("attempt_id"), attempt.c.phone, attempt.c.state, attempt.c.progress),
            *(recipient.c.id.label("recipient_id"), recipient.c.row, recipient.c.data_sealed, recipient.c.answers),
            *(recipient.c.person_print, recipient.c.phones, recipient.c.spent, recipient.c.attempts),
            *(recipient.c.outcome.label("last_outcome"), recipient.c.zone, recipient.c.preferred),
            *(campaign.c.id.label("campaign_id"), campaign.c.name, campaign.c.area, campaign.c.kind),
            *(campaign.c.line, campaign.c.country, campaign.c.is_sensitive, campaign.c.request_sealed),
            *(campaign.c.headings, campaign.c.state.label("campaign_state"), campaign.c.max_attempts),
            *(campaign.c.submitted_by, campaign.c.named_readers),
            *(campaign.c.hours_from, campaign.c.hours_to, campaign.c.weekdays, campaign.c.ends_on),
        )
        .join(attempt, attempt.c.id == told.attempt_id)
        .join(recipient, recipient.c.id == attempt.c.recipient_id)
        .join(campaign, campaign.c.id == attempt.c.campaign_id)
        .where(told.id == taken_id)
    ).one()


def contact_of(tx: Connection, vault: Vault, now: datetime, taken_id: int) -> Contact:
    """Its card."""
    row = row_of(tx, taken_id)
    script = script_of(vault, now, row, is_read=True)
    data = json.loads(vault.open(row.data_sealed))
    verified = verified_of(script, row.entries)
    collects = collected_of(vault, row)
    outcomes = outcomes_for(row, script, verified, has_collected=bool(collects))
    return Contact(
        taken_id=row.taken_id,
        attempt_id=row.attempt_id,
        campaign_id=row.campaign_id,
        campaign=row.name,
        area=row.area,
        line=row.line,
        is_cobro=row.kind == CampaignType.VERIFICACION_COBRO,
        is_reserved=is_reserved(row),
        row=row.row,
        name=data["contact"]["values"]["nombre_completo"],
        document=mask_document(document_of(vault, row) or ""),
        phones=tuple(mask_phone(phone) for phone in data["contact"]["phones"]),
        phone=row.phone,
        spent=row.spent,
        script=script,
        collects=collects,
        questions=tuple(asked_of(script, row.entries)),
        verified=verified,
        taken_until=row.taken_until,
        room_id=row.room_id,
        answered_at=row.answered_at,
        remote_status=row.remote_status,
        attempts=row.attempts,
        last_outcome=row.last_outcome,
        outcomes=outcomes,
        suggested=_suggested(row, outcomes),
    )


def outcomes_for(row: Row, script: dict[str, Any], verified: Verified, *, has_collected: bool) -> tuple[Outcome, ...]:
    """What an operator may say came of the call (formato-v1 §7); nothing before one was placed."""
    if row.room_id is None or row.state not in (AttemptState.ASKING, AttemptState.PLACED):
        return ()
    if row.answered_at is None:
        not_reached = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.FAILED)
        return not_reached if row.remote_status is not None else ()
    third = (Outcome.NOT_HERE, Outcome.WRONG_NUMBER, Outcome.DECEASED, Outcome.MINOR)
    if verified is Verified.NO:
        return (Outcome.FAILED_SECURITY,)
    if verified is Verified.PENDING:
        machine = (Outcome.MACHINE, *((Outcome.MACHINE_WITH_MESSAGE,) if script["mensaje_buzon"] else ()))
        return (*third, Outcome.HUNG_UP, *machine, Outcome.CALL_LATER, Outcome.REFUSES, Outcome.FAILED_SECURITY)
    told = (Outcome.COLLECTED, Outcome.MESSAGE_COMPLETE) if has_collected else (Outcome.MESSAGE_COMPLETE,)
    owner = (*told, Outcome.MESSAGE_PARTIAL, Outcome.HUNG_UP, Outcome.CALL_LATER, Outcome.REFUSES)
    owner += (Outcome.NO_MORE_CALLS,)
    if verified is Verified.YES:
        return owner
    return (*owner, *third, Outcome.MACHINE)


def _suggested(row: Row, outcomes: tuple[Outcome, ...]) -> Outcome | None:
    """What the carrier's word alone says, where it is one of them."""
    if not outcomes or row.remote_status is None and len(outcomes) > 1:
        return None
    known = outcome_of(row.remote_status or "", None, row.progress) if row.remote_status else outcomes[0]
    return known if known in outcomes and (row.answered_at is None or len(outcomes) == 1) else None


def collected_of(vault: Vault, row: Row) -> tuple[Collected, ...]:
    """What the campaign asks after its message, as the request has it."""
    return Request.from_json(json.loads(vault.open(row.request_sealed))["request"]).recolectar
