"""A person looks at collected answers: accepts, corrects or rejects each, or accepts a page at once (R65)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from campaigns.approval import APPROVERS, VERIFIERS
from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from campaigns.upload.request import Collected, Request
from campaigns.validation.keeping import DECIDED, Verdict, counted_print
from campaigns.validation.tables import collected_answer
from core import audit
from core.privacy import Vault
from core.roles import Role

VALIDATORS = APPROVERS | VERIFIERS
_OPEN = (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.CANCELLED)


@dataclass(frozen=True)
class Which:
    """One answer as it was shown: ``token`` changes when the person answers something else, ``was`` when somebody
    decides."""

    recipient_id: int
    number: int
    token: str
    was: Verdict = Verdict.WAITING


def decide(
    tx: Connection,
    vault: Vault,
    now: datetime,
    actor: str,
    role: Role,
    campaign_id: int,
    which: Which,
    to: Verdict,
    value: str = "",
) -> None:
    """Accepts, corrects (with ``value``) or rejects one answer; until the campaign finishes it may be changed again.

    Raises NoSuchCampaign; NotAllowed: the role, the state, the value, or it is no longer as it was shown.
    """
    row = _open_campaign(tx, campaign_id, role)
    if to not in DECIDED:
        raise NotAllowed("Elija qué hacer: aceptar, corregir o rechazar.")
    _check_shown(tx, campaign_id, which)
    is_corrected = to is Verdict.CORRECTED
    holds = _fitting(vault, row, which.number, value) if is_corrected else _said(tx, vault, which)
    stands = counted_print(vault, campaign_id, which.number, holds)
    corrected = vault.seal(holds) if is_corrected else None
    _store(tx, now, actor, which, to, {"stands_print": stands, "corrected_sealed": corrected})


def accept_all(tx: Connection, now: datetime, actor: str, role: Role, campaign_id: int, shown: Sequence[Which]) -> int:
    """Accepts a page of answers as they were shown; how many. Those that somebody else decided meanwhile, or that
    changed, are left as they are. Raises NoSuchCampaign, NotAllowed."""
    _open_campaign(tx, campaign_id, role)
    accepted = 0
    for which in sorted(set(shown), key=lambda each: (each.recipient_id, each.number)):
        answer = _locked(tx, campaign_id, which)
        if answer is not None and answer.state == Verdict.WAITING == which.was and token_of(answer) == which.token:
            _store(tx, now, actor, which, Verdict.ACCEPTED, {})
            accepted += 1
    return accepted


def token_of(answer: Row) -> str:
    """What a page hands back to say which answer it showed."""
    return bytes(answer.given_print).hex()[:16]


def _open_campaign(tx: Connection, campaign_id: int, role: Role) -> Row:
    """The campaign, kept from finishing until this transaction ends."""
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id).with_for_update(read=True)).first()
    if row is None:
        raise NoSuchCampaign
    if role not in VALIDATORS:
        raise NotAllowed("Su rol no valida datos.")
    if not row.must_validate:
        raise NotAllowed("Esta campaña no pide validar lo que se recoge.")
    if row.state not in _OPEN:
        raise NotAllowed(f"La campaña está {CampaignState(row.state).label.lower()}: ya no se validan sus datos.")
    return row


def _locked(tx: Connection, campaign_id: int, which: Which) -> Row | None:
    mine = (collected_answer.c.recipient_id == which.recipient_id, collected_answer.c.number == which.number)
    query = select(collected_answer).where(*mine, collected_answer.c.campaign_id == campaign_id)
    return tx.execute(query.with_for_update()).first()


def _check_shown(tx: Connection, campaign_id: int, which: Which) -> None:
    """Locks it. Raises NotAllowed where it is no longer as it was shown."""
    answer = _locked(tx, campaign_id, which)
    if answer is None:
        raise NotAllowed("Ese dato ya no está.")
    if token_of(answer) != which.token:
        raise NotAllowed("La persona respondió otra cosa mientras tanto: vea el dato nuevo.")
    if answer.state != which.was:
        raise NotAllowed(f"Ya lo decidió {answer.decided_by}: {Verdict(answer.state).label.lower()}.")


def _said(tx: Connection, vault: Vault, which: Which) -> str:
    """What the person answered."""
    sealed = tx.execute(select(recipient.c.collected_sealed).where(recipient.c.id == which.recipient_id)).scalar()
    return str(json.loads(vault.open(sealed)).get(str(which.number), "")) if sealed else ""


def _fitting(vault: Vault, row: Row, number: int, value: str) -> str:
    """The correction, if it is an answer to that question. Raises NotAllowed."""
    asked = next((each for each in collected_of(vault, row) if each.number == number), None)
    plain = value.strip()
    if asked is None or not asked.fits(plain):
        expected = f"{asked.digits} cifras" if asked and asked.digits else "una de las opciones"
        raise NotAllowed(f"El dato corregido no se puede guardar: debe ser {expected}.")
    return plain


def collected_of(vault: Vault, row: Row) -> tuple[Collected, ...]:
    """What a campaign asks after its message; nothing of a request that could not be made out."""
    kept = json.loads(vault.open(row.request_sealed))["request"]
    return Request.from_json(kept).recolectar if kept else ()


def _store(tx: Connection, now: datetime, actor: str, which: Which, to: Verdict, values: dict[str, object]) -> None:
    mine = (collected_answer.c.recipient_id == which.recipient_id, collected_answer.c.number == which.number)
    decided = {"state": to, "decided_by": actor, "decided_at": now, **values}
    tx.execute(update(collected_answer).where(*mine).values(**decided))
    found = ("answer.decided", "recipient", which.recipient_id)
    audit.record(tx, now, actor, *found, number=which.number, to=to.value, before=which.was.value)
