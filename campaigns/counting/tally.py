"""A campaign's kept counts: begun once, added up at each look, gathered into few lines when they have become many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from campaigns.counting.tables import ANSWERED, IS_TEXT, call_tally, counted, people_tally
from campaigns.outcomes import Outcome
from campaigns.states import CampaignState
from campaigns.tables import campaign
from core.database import Database

_GATHERED_AT = 300  # lines of one campaign
_LOCK = 0x74616C6C  # with the campaign's number: one counts or gathers at a time; the number only has to be ours


@dataclass(frozen=True)
class OutcomeCount:
    """``people`` of one campaign with this outcome for now (None: none yet)."""

    outcome: Outcome | None
    is_final: bool
    was_called: bool
    people: int


@dataclass(frozen=True)
class Observed:
    """Observations of the import, by their level."""

    errors: int = 0
    notices: int = 0


@dataclass(frozen=True)
class Made:
    """What a campaign did that is over."""

    calls: int
    texts: int


@dataclass(frozen=True)
class HourOfDay:
    """Calls that began in this hour of the day, on all days together; ``answered``: by a person."""

    hour: int
    calls: int
    answered: int


def people(tx: Connection, campaign_id: int) -> list[OutcomeCount]:
    """Everybody of a campaign, by outcome; none of one whose file is still being read."""
    return people_of(tx, [campaign_id])[campaign_id]


def people_of(tx: Connection, campaign_ids: Iterable[int]) -> dict[int, list[OutcomeCount]]:
    """The same of several campaigns at once."""
    ids = list(campaign_ids)
    found: dict[int, list[OutcomeCount]] = {each: [] for each in ids}
    count_who_was_not(tx, ids)
    names = (people_tally.c.outcome, people_tally.c.is_final, people_tally.c.was_called)
    query = (
        select(people_tally.c.campaign_id, *names, func.sum(people_tally.c.people), func.count())
        .where(people_tally.c.campaign_id.in_(select(counted.c.campaign_id).where(counted.c.campaign_id.in_(ids))))
        .group_by(people_tally.c.campaign_id, *names)
    )
    lines = dict.fromkeys(ids, 0)
    for campaign_id, outcome, is_final, was_called, some, read in tx.execute(query):
        lines[campaign_id] += read
        if some:
            told = Outcome(outcome) if outcome else None
            found[campaign_id].append(OutcomeCount(told, is_final, was_called, some))
    for campaign_id in (each for each, read in lines.items() if read > _GATHERED_AT):
        _gather(tx, campaign_id)
    return found


def count_who_was_not(tx: Connection, ids: Sequence[int]) -> None:
    """Counts those of these campaigns that nobody counted yet, or whose people came after: the lines are then whole."""
    for campaign_id in sorted(_not_counted(tx, ids)):  # two who count several never wait for each other
        _count(tx, campaign_id)


def gather_all(db: Database) -> None:
    """Every campaign, one transaction each: counted where it never was, and its lines gathered."""
    with db.begin() as tx:
        every = select(campaign.c.id).order_by(campaign.c.id)
        due = set(_not_counted(tx, tx.execute(every).scalars().all()))
        lines = select(people_tally.c.campaign_id).group_by(people_tally.c.campaign_id)
        due |= set(tx.execute(lines.having(func.count() > _GATHERED_AT)).scalars())
    for campaign_id in sorted(due):
        with db.begin() as tx:
            people_of(tx, [campaign_id])


def observed(tx: Connection, campaign_id: int) -> Observed:
    """What the import had to say, counted. Asked after ``people``, which counts it."""
    row = tx.execute(select(counted).where(counted.c.campaign_id == campaign_id)).first()
    return Observed(row.errors, row.notices) if row else Observed()


def made(tx: Connection, campaign_id: int) -> Made:
    """Calls and texts that are over."""
    both = (func.coalesce(func.sum(column), 0) for column in (call_tally.c.calls, call_tally.c.texts))
    return Made(*tx.execute(select(*both).where(call_tally.c.campaign_id == campaign_id)).one())


def minutes(tx: Connection, campaign_id: int, last: int, *, of_texts: bool = False) -> list[tuple[datetime, int]]:
    """(minute, calls that began in it and are over) of the last minutes in which there were any, newest first;
    ``of_texts``: the same of texts."""
    column = call_tally.c.texts if of_texts else call_tally.c.calls
    query = (
        select(call_tally.c.minute, func.sum(column))
        .where(call_tally.c.campaign_id == campaign_id, column > 0)
        .group_by(call_tally.c.minute)
        .order_by(call_tally.c.minute.desc())
        .limit(last)
    )
    return [(at, found) for at, found in tx.execute(query)]


def hours(tx: Connection, campaign_id: int, zone: str) -> list[HourOfDay]:
    """By the hour of the day where ``zone`` (IANA) is, in its order: those in which there were calls."""
    hour = func.extract("hour", func.timezone(zone, call_tally.c.minute))
    query = (
        select(hour, func.sum(call_tally.c.calls), func.sum(call_tally.c.answered))
        .where(call_tally.c.campaign_id == campaign_id, call_tally.c.calls > 0)
        .group_by(hour)
        .order_by(hour)
    )
    return [HourOfDay(int(at), found, answered) for at, found, answered in tx.execute(query)]


def _not_counted(tx: Connection, ids: Sequence[int]) -> Sequence[int]:
    """Those that were never counted, or whose people came after. While a file is read there is nothing to count."""
    query = (
        select(campaign.c.id)
        .outerjoin(counted, counted.c.campaign_id == campaign.c.id)
        .where(campaign.c.id.in_(ids), campaign.c.state != CampaignState.SUBMITTED)
        .where(counted.c.recipients.is_distinct_from(campaign.c.recipients))
    )
    return tx.execute(query).scalars().all()


# One statement sees the database at one moment: what it counts, and which lines say the same and are taken away.
_COUNT = f"""
    with begun as (
        insert into counted (campaign_id, recipients, errors, notices)
        select c.id, c.recipients,
            (select count(*) from observation o where o.campaign_id = c.id and o.level = 'error'),
            (select count(*) from observation o where o.campaign_id = c.id and o.level = 'aviso')
        from campaign c where c.id = :campaign
        on conflict (campaign_id) do update set recipients = excluded.recipients,
            errors = excluded.errors, notices = excluded.notices
    ), gone as (
        delete from people_tally where campaign_id = :campaign
    ), gone_calls as (
        delete from call_tally where campaign_id = :campaign
    ), of_calls as (
        insert into call_tally (campaign_id, minute, calls, answered, texts)
        select campaign_id, date_trunc('minute', started_at),
            count(*) filter (where not {IS_TEXT.format("channel")}),
            count(*) filter (where {ANSWERED.format("outcome")}),
            count(*) filter (where {IS_TEXT.format("channel")})
        from attempt where campaign_id = :campaign and state = 'ended' and remote_sid is not null
            and started_at is not null
        group by 1, 2
    )
    insert into people_tally (campaign_id, outcome, is_final, was_called, people)
    select campaign_id, outcome, is_final, attempts > 0, count(*)
    from recipient where campaign_id = :campaign group by 1, 2, 3, 4
"""

_GATHER = (
    """
    with gone as (delete from people_tally where campaign_id = :campaign returning *)
    insert into people_tally (campaign_id, outcome, is_final, was_called, people)
    select campaign_id, outcome, is_final, was_called, sum(people) from gone group by 1, 2, 3, 4 having sum(people) <> 0
    """,
    """
    with crowded as (
        select minute from call_tally where campaign_id = :campaign group by minute having count(*) > 1
    ), gone as (
        delete from call_tally where campaign_id = :campaign and minute in (select minute from crowded) returning *
    )
    insert into call_tally (campaign_id, minute, calls, answered, texts)
    select campaign_id, minute, sum(calls), sum(answered), sum(texts) from gone group by 1, 2
    """,
)


def _count(tx: Connection, campaign_id: int) -> None:
    """Looks at everybody, once. Whoever comes at the same time waits, and then finds it done."""
    tx.execute(
        text("select pg_advisory_xact_lock(cast(:lock as int), cast(:campaign as int))"),
        {"lock": _LOCK, "campaign": campaign_id},
    )
    if _not_counted(tx, [campaign_id]):
        tx.execute(text(_COUNT), {"campaign": campaign_id})


def _gather(tx: Connection, campaign_id: int) -> None:
    """Many lines into few that say the same; nothing where somebody else is at it."""
    taken = text("select pg_try_advisory_xact_lock(cast(:lock as int), cast(:campaign as int))")
    if tx.execute(taken, {"lock": _LOCK, "campaign": campaign_id}).scalar_one():
        for statement in _GATHER:
            tx.execute(text(statement), {"campaign": campaign_id})
