"""The campaigns that were closed in a period, with what their final report says."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, Text, and_, cast, select, true

from campaigns.states import CampaignState
from campaigns.tables import campaign
from core.audit import audit
from reports.kinds import FINAL
from reports.periods import Period
from reports.tables import report


@dataclass(frozen=True)
class Closed:
    """A campaign (its row). ``figures``: of its final report (indicators.Counts); None: it was not kept."""

    campaign: Row
    figures: dict[str, int] | None


def closed_in(
    tx: Connection,
    period: Period,
    seen: ColumnElement[bool] | None = None,
    hidden: Collection[str] = (),
    line: str = "",
) -> list[Closed]:
    """In the order in which they were closed. ``seen``: the condition under which whoever reads may know of one
    (campaigns/readers.py)."""
    when = and_(
        audit.c.subject == "campaign",
        audit.c.subject_id == cast(campaign.c.id, Text),
        audit.c.action == f"campaign.{CampaignState.CLOSED}",
    )
    final = and_(report.c.campaign_id == campaign.c.id, report.c.kind == FINAL)
    query = (
        select(campaign, report.c.figures)
        .join(audit, when)
        .outerjoin(report, final)
        .where(campaign.c.state == CampaignState.CLOSED, audit.c.at >= period.since, audit.c.at < period.until)
        .where(seen if seen is not None else true(), campaign.c.line.not_in(list(hidden)))
        .where(campaign.c.line == line if line else true())
    )
    return [Closed(row, row.figures) for row in tx.execute(query.order_by(audit.c.at, campaign.c.id))]
