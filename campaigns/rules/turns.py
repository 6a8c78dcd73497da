"""Whose turn on a trunk it is: a campaign's priority, and its share beside its equals."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, select, update

from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.states import CampaignState
from campaigns.tables import campaign
from core import audit
from core.trunks import OPERATED, Trunk

PRIORITIES = range(1, 10)
SHARES = range(1, 101)
_BEFORE_ITS_END = frozenset(
    {
        *(CampaignState.UNDER_REVIEW, CampaignState.APPROVED, CampaignState.SCHEDULED),
        *(CampaignState.RUNNING, CampaignState.PAUSED),
    }
)


def under_way(tx: Connection, seen: ColumnElement[bool]) -> list[Row]:
    """The automatic campaigns that share the trunks now or soon, in their order, of those that the reader may know of
    (campaigns/readers.py)."""
    states = (CampaignState.SCHEDULED, CampaignState.RUNNING, CampaignState.PAUSED)
    query = (
        select(campaign)
        .where(campaign.c.state.in_(states), campaign.c.trunk != OPERATED, seen)
        .order_by(campaign.c.is_urgent.desc(), campaign.c.priority, campaign.c.id)
    )
    return list(tx.execute(query))


def set_turn(
    tx: Connection,
    now: datetime,
    actor: str,
    campaign_id: int,
    priority: int,
    share: int,
    trunk: Trunk | str | None = None,
) -> None:
    """``priority`` 1 (first) to 9; ``share`` 1 to 100, of the calls of its priority; ``trunk``: which one is to call;
    DEFAULT: its country's, None: as before. Heeded at the dialer's next look.

    Raises NoSuchCampaign, NotAllowed: the state, a number outside its limits, a trunk that may not call there.
    """
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id).with_for_update(key_share=True)).first()
    if row is None:
        raise NoSuchCampaign
    if row.state not in _BEFORE_ITS_END:
        raise NotAllowed("La campaña ya no se llama: su turno no se puede cambiar.")
    if priority not in PRIORITIES or share not in SHARES:
        raise NotAllowed("La prioridad va de 1 a 9, y la parte de 1 a 100.")
    if isinstance(trunk, Trunk) and not trunk.may_carry(row.country, row.caller_ids or (row.caller_id,)):
        raise NotAllowed(f"La troncal «{trunk.name}» no llama a ese país, o no puede mostrar el número de la campaña.")
    name = trunk.name if isinstance(trunk, Trunk) else trunk or row.trunk
    tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(priority=priority, share=share, trunk=name))
    found = ("campaign.turn_set", "campaign", campaign_id)
    audit.record(
        tx, now, actor, *found, priority=priority, share=share, trunk=name, before=[row.priority, row.share, row.trunk]
    )
