"""Verification of redemption by the system (R46): which answers lead the call where, and who it is that claims.

Of a campaign VERIFICACION_COBRO in mode AUTOMATICA, ``recolectar_1`` asks whether they redeemed the subsidy and
``recolectar_2`` whether they claim. No order comes of it by itself: a person confirms each claim
(cases/orders/claims.py).
"""

import json
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from campaigns.columns import document_of
from campaigns.tables import attempt, campaign, recipient
from core.privacy import Vault


@dataclass(frozen=True)
class Claimant:
    """Who claims. ``document``: in normal form, None where the upload's cell cannot be read."""

    campaign_id: int
    document: str | None = field(repr=False)
    phone: str = field(repr=False)  #: E.164, on which they were called


def claimant_of(tx: Connection, vault: Vault, attempt_id: int) -> Claimant | None:
    """The person of an attempt; None where there is no such attempt."""
    row = tx.execute(
        select(
            *(recipient.c.data_sealed, recipient.c.person_print, campaign.c.headings),
            *(attempt.c.campaign_id, attempt.c.phone),
        )
        .join(recipient, recipient.c.id == attempt.c.recipient_id)
        .join(campaign, campaign.c.id == attempt.c.campaign_id)
        .where(attempt.c.id == attempt_id)
    ).first()
    if row is None:
        return None
    phones = json.loads(vault.open(row.data_sealed))["contact"]["phones"]
    return Claimant(row.campaign_id, document_of(vault, row), phones[row.phone])
