"""What the campaigns that called in a period did in it: the counts of a campaign's report (counting.py)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, func, or_, select, text, true

from campaigns.counting import tally
from campaigns.outcomes import ANSWERED, BY_MACHINE, BY_PERSON, MET, REJECTED, Outcome
from campaigns.tables import attempt, campaign
from campaigns.upload.vocabulary import Mode
from core.privacy import Vault
from reports.calls import day_in
from reports.campaign import about_of
from reports.facts import IS_A_CALL, Fact, brought
from reports.indicators import Counts
from reports.periods import Period

_A_DAY = timedelta(days=1)  # a campaign's last day, and the period's first, may be those of different zones
_FACTS = {
    **{"contacted": Fact.CONTACT, "confirmed": Fact.CONFIRMED, "met": Fact.MET},
    **{"with_bad_number": Fact.BAD_NUMBER, "opted_out": Fact.OPTED_OUT},
}


@dataclass(frozen=True)
class Called:
    """A campaign (its row) that called in the period, and what came of those calls."""

    campaign: Row
    counts: Counts


def dialled_in(tx: Connection, period: Period) -> Sequence[Row]:
    """(campaign_id, line, day, outcome, progress, calls): each combination that there is, of all campaigns."""
    day = day_in(period.zone, attempt.c.started_at)
    columns = (attempt.c.campaign_id, campaign.c.line, day, attempt.c.outcome, attempt.c.progress)
    query = (
        select(*columns, func.count().label("calls"))
        .join(campaign, campaign.c.id == attempt.c.campaign_id)
        .where(*_began_in(period, may_have_called(tx, period)), attempt.c.remote_sid.is_not(None))
    )
    return tx.execute(query.group_by(*columns)).all()


def called_in(
    tx: Connection,
    vault: Vault,
    period: Period,
    dialled: Iterable[Row],
    seen: ColumnElement[bool] | None = None,
    hidden: Collection[str] = (),
    line: str = "",
) -> list[Called]:
    """By line and name. ``dialled``: of ``dialled_in``; ``seen``: the condition under which whoever reads may know of
    a campaign (campaigns/readers.py); what only a whole campaign has is nought. Loaded: those that it has now."""
    which = (seen if seen is not None else true(), campaign.c.line.not_in(list(hidden)))
    query = select(campaign).where(campaign.c.id.in_(may_have_called(tx, period)), *which)
    rows = {row.id: row for row in tx.execute(query.where(campaign.c.line == line if line else true()))}
    counts = _counts(tx, vault, rows, period, dialled)
    found = [Called(rows[campaign_id], counted) for campaign_id, counted in counts.items()]
    return sorted(found, key=lambda each: (each.campaign.line, each.campaign.name, each.campaign.id))


def _counts(
    tx: Connection, vault: Vault, rows: Mapping[int, Row], period: Period, dialled: Iterable[Row]
) -> dict[int, Counts]:
    found: dict[int, dict[str, Any]] = defaultdict(lambda: dict.fromkeys(Counts.__slots__, 0))
    for each in dialled:
        if each.campaign_id in rows:
            is_by_operators = rows[each.campaign_id].mode == Mode.OPERADOR
            _add_calls(found[each.campaign_id], each, is_by_operators)
    asks = {campaign_id: about_of(vault, rows[campaign_id]).asks for campaign_id in found}
    tx.execute(text("set local work_mem = '128MB'"))  # records are grouped in memory, not on the disk
    for each in tx.execute(_records(*_began_in(period, list(found)))):
        _add_records(found[each.campaign_id], each, asks[each.campaign_id])
    for campaign_id, people in tally.people_of(tx, list(found)).items():
        found[campaign_id]["received"] = sum(each.people for each in people if each.outcome not in REJECTED)
    return {campaign_id: Counts(**counts) for campaign_id, counts in found.items()}


def may_have_called(tx: Connection, period: Period) -> Sequence[int]:
    """Ids of the campaigns some of whose calls may have begun in the period."""
    first = (period.since - _A_DAY).date()
    within = (campaign.c.starts_at < period.until, campaign.c.ends_on >= first)
    return tx.execute(select(campaign.c.id).where(*within)).scalars().all()


def _began_in(period: Period, ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    """The conditions on ``attempt``: calls of these campaigns that began in the period."""
    began = attempt.c.started_at
    return attempt.c.campaign_id.in_(ids), began >= period.since, began < period.until, IS_A_CALL


def _records(*mine: ColumnElement[bool]) -> Any:
    """(campaign, facts, was_called, was_tried, records): each combination that there is."""
    was_called = attempt.c.remote_sid.is_not(None)
    columns = (attempt.c.campaign_id, attempt.c.recipient_id)
    facts = func.bit_or(brought(), type_=Integer).label("facts")
    was_tried = func.bool_or(or_(was_called, attempt.c.outcome == Outcome.FAILED)).label("was_tried")
    record = (
        select(*columns, facts, func.bool_or(was_called).label("was_called"), was_tried)
        .where(*mine)
        .group_by(*columns)
        .subquery()
    )
    groups = (record.c.campaign_id, record.c.facts, record.c.was_called, record.c.was_tried)
    return select(*groups, func.count().label("records")).group_by(*groups)


def _add_calls(counts: dict[str, Any], row: Row, by_operators: bool) -> None:
    is_person = row.outcome in BY_PERSON
    counts["calls"] += row.calls
    counts["answered"] += row.calls if row.outcome in ANSWERED else 0
    counts["by_machine"] += row.calls if row.outcome in BY_MACHINE else 0
    counts["by_person"] += row.calls if is_person else 0
    counts["heard_whole"] += row.calls if row.outcome in MET else 0
    counts["unspoken"] += row.calls if is_person and not row.progress and not by_operators else 0


def _add_records(counts: dict[str, Any], row: Row, asks: bool) -> None:
    facts = Fact(row.facts)
    counts["called"] += row.records if row.was_called else 0
    counts["tried"] += row.records if row.was_tried else 0
    for name, fact in _FACTS.items():
        counts[name] += row.records if fact in facts else 0
    counts["passed"] += row.records if asks and Fact.PASSED in facts else 0
    counts["failed"] += row.records if asks and Fact.FAILED in facts and Fact.PASSED not in facts else 0
