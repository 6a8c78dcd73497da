"""A file becomes a campaign, here and now: received and imported, and told as the command line prints it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from campaigns.campaign_line import CampaignLine
from campaigns.importing import import_campaign
from campaigns.outcomes import Outcome
from campaigns.receiving import receive
from campaigns.states import CampaignState
from campaigns.tables import campaign, observation, recipient
from campaigns.upload.observations import CONTACTS_SHEET, Level, Observation
from core.clock import Clock
from core.database import Database
from core.privacy import Vault

_TOLD: tuple[str, ...] = ("code", "sheet", "row", "column", "cell", "value", "message", "suggestion")


@dataclass(frozen=True)
class Submitted:
    """What became of a file. ``observations`` as ``submit --json`` prints them."""

    id: int
    state: CampaignState
    sha256: str
    recipients: int
    dialled: int
    observations: list[Observation] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "state": self.state.value,
            "sha256": self.sha256,
            "recipients": self.recipients,
            "observations": [each.as_json() for each in self.observations],
        }


def submit(
    db: Database,
    vault: Vault,
    clock: Clock,
    lines: Sequence[CampaignLine],
    actor: str,
    filename: str,
    data: bytes,
    replaces: int | None = None,
) -> Submitted:
    """Receives and imports a file, both here and now. Raises what ``receive`` raises, and ImportBroken."""
    campaign_id = receive(db, vault, clock, lines, actor, filename, data, replaces, by_job=False)
    import_campaign(db, vault, clock, lines, campaign_id)
    with db.begin() as tx:
        return submitted(tx, campaign_id)


def submitted(tx: Connection, campaign_id: int) -> Submitted:
    """What became of a file, with every observation: the request's, then each row's."""
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
    mine = select(observation).where(observation.c.campaign_id == campaign_id)
    ordered = mine.order_by(observation.c.sheet == CONTACTS_SHEET, observation.c.row, observation.c.id)
    told = [
        Observation(level=Level(each.level), **{name: getattr(each, name) for name in _TOLD})
        for each in tx.execute(ordered)
    ]
    wrong = (recipient.c.campaign_id == campaign_id, recipient.c.outcome == Outcome.ROW_IN_ERROR)
    in_error = tx.execute(select(func.count()).select_from(recipient).where(*wrong)).scalar_one()
    return Submitted(row.id, CampaignState(row.state), row.sha256, row.recipients, row.recipients - in_error, told)
