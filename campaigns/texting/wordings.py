"""The texts of the campaigns that run, for whoever sends them one after the other."""

import json
from datetime import datetime

from sqlalchemy import Connection, Row, select

from campaigns.rules.candidates import Candidate
from campaigns.tables import campaign
from campaigns.texting.wording import wording_of
from core.privacy import Vault

_MOST_KEPT = 100  # campaigns


class Wordings:
    """What each is asked to say does not change once it is approved: it is read once."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._rows: dict[int, Row] = {}

    def body_for(self, tx: Connection, now: datetime, each: Candidate) -> str:
        """What somebody is sent at ``now``. Raises ValueError: their campaign sends no texts."""
        told = wording_of(self._vault, now, self._row(tx, each.campaign_id))
        if told is None:
            raise ValueError("a campaign without a text")
        return told.to(json.loads(self._vault.open(each.data_sealed))["contact"]["values"])

    def _row(self, tx: Connection, campaign_id: int) -> Row:
        if campaign_id not in self._rows:
            if len(self._rows) >= _MOST_KEPT:
                self._rows.clear()
            asked = (campaign.c.request_sealed, campaign.c.country, campaign.c.is_plain_text)
            self._rows[campaign_id] = tx.execute(select(*asked).where(campaign.c.id == campaign_id)).one()
        return self._rows[campaign_id]
