"""What a contact's call tells the consultation that it leaves: whose it is, and whether there is one (R8, R43, R46)."""

import json
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from campaigns.outcomes import Outcome
from campaigns.readers import is_reserved
from campaigns.tables import attempt, campaign, recipient
from campaigns.upload.vocabulary import CampaignType
from core.privacy import Vault

#: What says that the person themselves was attended.
_ATTENDED = frozenset(
    {
        *(Outcome.MESSAGE_PARTIAL, Outcome.MESSAGE_COMPLETE, Outcome.COLLECTED, Outcome.NO_MORE_CALLS),
        *(Outcome.REFUSES, Outcome.CALL_LATER),
    }
)


@dataclass(frozen=True)
class Whom:
    """``leaves_case``: False of a reserved campaign, of whose people nobody else may know (R43), and once the result
    says that it was a machine, somebody else, or nobody known to be them: there is nothing more to tell."""

    name: str = field(repr=False)
    is_cobro: bool
    leaves_case: bool


def whom(tx: Connection, vault: Vault, attempt_id: int) -> Whom:
    """Of the person of an attempt."""
    told = (campaign.c.kind, campaign.c.named_readers, recipient.c.data_sealed, attempt.c.outcome)
    joined = attempt.join(recipient, recipient.c.id == attempt.c.recipient_id)
    joined = joined.join(campaign, campaign.c.id == attempt.c.campaign_id)
    row = tx.execute(select(*told).select_from(joined).where(attempt.c.id == attempt_id)).one()
    data = json.loads(vault.open(row.data_sealed))
    return Whom(
        name=data["contact"]["values"].get("nombre_completo", ""),
        is_cobro=row.kind == CampaignType.VERIFICACION_COBRO,
        leaves_case=not is_reserved(row) and (row.outcome is None or row.outcome in _ATTENDED),
    )
