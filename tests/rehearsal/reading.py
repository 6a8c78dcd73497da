"""What a rehearsal reads of a campaign before it begins, for tests."""

import json

from sqlalchemy import select

from campaigns.sample import Sample, sample_calls
from campaigns.tables import campaign
from campaigns.upload.request import Request
from core.clock import Clock
from core.database import Database
from core.privacy import Vault
from prompts.catalog import Catalog
from tests.campaigns.builders import NUMBER

VALUES = {"entidad": "Dirección General de Subsidios", "numero": NUMBER, "operador": NUMBER}


def request_and_sample(db: Database, vault: Vault, clock: Clock, campaign_id: int) -> tuple[Request, Sample]:
    with db.begin() as tx:
        sealed = tx.execute(select(campaign.c.request_sealed).where(campaign.c.id == campaign_id)).scalar_one()
        first = sample_calls(tx, vault, clock.now(), campaign_id, Catalog.load("dgs"), VALUES)[0]
    return Request.from_json(json.loads(vault.open(sealed))["request"]), first
