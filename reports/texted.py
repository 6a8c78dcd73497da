"""What the texts of campaigns came to in a period: how far they got, what they cost, and who wants no more (R49)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, Row, func, select, true

from campaigns.outcomes import Outcome
from campaigns.states import Channel
from campaigns.tables import attempt, campaign
from campaigns.texting.stopping import Said
from campaigns.texting.tables import incoming_text
from reports.calls import day_in
from reports.measures import Measures
from reports.outbound import may_have_called
from reports.periods import Period


@dataclass(frozen=True)
class Sent:
    """Texts that the network took. ``failed``: did not arrive; ``unconfirmed``: it never said; ``segments``: what they
    travelled as and are paid by; ``costs`` by currency, of the trunks that have a price."""

    texts: int
    delivered: int
    failed: int
    unconfirmed: int
    segments: int
    costs: Mapping[str, Decimal]


@dataclass(frozen=True)
class Texted:
    """``campaigns``: those that texted (their rows), with what they sent; by line: ``lines``, and in ``stops`` the
    replies that asked for no more, whichever campaign they answer."""

    campaigns: Sequence[tuple[Row, Sent]]
    lines: Mapping[str, Sent]
    stops: Mapping[str, int]


def texted_in(
    tx: Connection,
    period: Period,
    measures: Measures,
    seen: ColumnElement[bool] | None = None,
    hidden: Collection[str] = (),
    line: str = "",
) -> Texted:
    """By line and name. ``seen``: the condition under which whoever reads may know of a campaign; of one that they may
    not know of, its texts are among those of its line."""
    mine = (campaign.c.line.not_in(list(hidden)), campaign.c.line == line if line else true())
    which = (campaign.c.id.in_(may_have_called(tx, period)), campaign.c.texting.is_not(None), *mine)
    lines = {row.id: row.line for row in tx.execute(select(campaign.c.id, campaign.c.line).where(*which))}
    groups = _groups(tx, period, list(lines))
    told = {each.campaign_id for each in groups}
    query = select(campaign).where(campaign.c.id.in_(told), seen if seen is not None else true())
    return Texted(
        campaigns=[
            (row, _together((each for each in groups if each.campaign_id == row.id), measures))
            for row in tx.execute(query.order_by(campaign.c.line, campaign.c.name, campaign.c.id))
        ],
        lines={
            name: _together((each for each in groups if lines[each.campaign_id] == name), measures)
            for name in sorted({lines[campaign_id] for campaign_id in told})
        },
        stops=_stops(tx, period, hidden, line),
    )


def _groups(tx: Connection, period: Period, ids: Sequence[int]) -> Sequence[Row]:
    """(campaign_id, trunk, day, outcome, texts, segments): each combination that there is. What was sent before
    segments were kept travelled as one at least."""
    day = day_in(period.zone, attempt.c.started_at)
    columns = (attempt.c.campaign_id, attempt.c.trunk, day, attempt.c.outcome)
    counts = (func.count().label("texts"), func.sum(func.coalesce(attempt.c.segments, 1)).label("segments"))
    began = (attempt.c.started_at >= period.since, attempt.c.started_at < period.until)
    mine = (attempt.c.campaign_id.in_(ids), attempt.c.channel == Channel.TEXT, attempt.c.remote_sid.is_not(None))
    return tx.execute(select(*columns, *counts).where(*mine, *began).group_by(*columns)).all()


def _together(groups: Iterable[Row], measures: Measures) -> Sent:
    found = list(groups)
    costs: dict[str, Decimal] = {}
    for each in found:
        if tariff := measures.text_tariff_on(each.day, each.trunk):
            costs[tariff.currency] = costs.get(tariff.currency, Decimal()) + tariff.cost(each.segments)
    return Sent(
        texts=sum(each.texts for each in found),
        **{name: sum(each.texts for each in found if each.outcome == outcome) for name, outcome in _BECAME.items()},
        segments=sum(each.segments for each in found),
        costs=costs,
    )


_BECAME = {
    "delivered": Outcome.TEXT_DELIVERED,
    "failed": Outcome.TEXT_UNDELIVERED,
    "unconfirmed": Outcome.TEXT_UNCONFIRMED,
}


def _stops(tx: Connection, period: Period, hidden: Collection[str], line: str) -> dict[str, int]:
    at = (incoming_text.c.at >= period.since, incoming_text.c.at < period.until)
    mine = (incoming_text.c.line.not_in(list(hidden)), incoming_text.c.line == line if line else true())
    query = select(incoming_text.c.line, func.count()).where(incoming_text.c.said == Said.STOP, *at, *mine)
    return {name: count for name, count in tx.execute(query.group_by(incoming_text.c.line))}
