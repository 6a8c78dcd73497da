"""What happened in a campaign, counted by the database in three short questions: of a million records too.

The database only groups; what a group means is told here. A fact of a record may have happened in any of its calls, so
the calls that carry one are grouped by record; everything else is read off the records and the calls as they are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, FromClause, Integer, Row, func, literal, select, text, true

from campaigns.outcomes import ANSWERED, BY_MACHINE, BY_PERSON, MET, REJECTED, Outcome
from campaigns.states import Texting
from campaigns.tables import attempt, observation, recipient
from campaigns.upload.observations import CONTACTS_SHEET, Level
from reports.facts import IS_A_CALL_OVER, Fact, brings_any, brought
from reports.indicators import Counts
from reports.texted_people import TextedPeople, texted_people

_MOST_TRIES = 12  # bars of the curve; who was called more often is in the last
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class ReportedHour:
    """An hour of the day, all days together."""

    hour: int
    calls: int
    answered: int
    by_person: int


@dataclass(frozen=True)
class Try:
    """Records called ``number`` times, and those of them whose last outcome is a contact."""

    number: int
    records: int
    contacted: int


@dataclass(frozen=True)
class ReportFigures:
    """``outcomes``: the last one of each record, by code; None: not called yet. ``tries`` by number, ``hours`` by hour,
    those that have any; ``left``: of a campaign that was cancelled, records that would have been called (again);
    ``ended``: the outcomes of those that are over, which with ``pending`` (or ``left``) are everybody; ``texted``: of a
    campaign that calls and texts, what came of its texts, which are none of the calls."""

    counts: Counts
    outcomes: dict[str | None, int]
    tries: list[Try]
    hours: list[ReportedHour]
    left: int = 0
    ended: Mapping[str, int] = field(default_factory=dict)
    texted: TextedPeople | None = None


def counted(
    tx: Connection,
    campaign_id: int,
    zone: ZoneInfo,
    *,
    requested: int,
    asks: bool = True,
    by_operators: bool = False,
    texting: str | None = None,
) -> ReportFigures:
    """Everything that a report says in numbers, as it is now. ``requested``: the records that the request announced;
    ``asks``: whether it has security questions; ``by_operators``: mode OPERADOR, where a person is on the line before
    the telephone rings, and nobody who answers is left waiting; ``texting``: ``campaign.texting``. Of one that texts
    alone, «called» is who was written to."""
    tx.execute(text("set local work_mem = '128MB'"))  # records are grouped in memory, not on the disk
    tx.execute(text("set local parallel_tuple_cost = 0.001"))  # few groups come of many calls: PostgreSQL cannot know
    does_both = texting not in (None, Texting.ONLY)
    what = true() if texting == Texting.ONLY else IS_A_CALL_OVER
    records = _records(tx, campaign_id, does_both=does_both)
    facts = _facts(tx, campaign_id, what)
    calls = _calls(tx, campaign_id)
    texted = texted_people(tx, campaign_id) if does_both else None
    outcomes: Counter[str | None] = Counter()
    ended: Counter[str] = Counter()
    for row in records:
        outcomes[row.outcome] += row.people
        ended[row.outcome] += row.people if row.is_final else 0
    hours = _hours(calls, zone)
    contacted = _having(facts, Fact.CONTACT)
    pending = _sum(row for row in records if not row.is_final)
    still_to_call = _contacted_and_open(tx, campaign_id, what) if pending else 0
    unspoken = sum(row.calls for row in calls if row.outcome in BY_PERSON and not row.progress)
    counts = Counts(
        requested=requested,
        received=outcomes.total(),
        rejected=sum(outcomes[code] for code in REJECTED),
        bad_numbers_at_load=_bad_numbers_at_load(tx, campaign_id),
        excluded=outcomes[Outcome.EXCLUDED],
        pending=pending,
        called=_sum(row for row in records if row.calls),
        contacted=contacted,
        confirmed=_having(facts, Fact.CONFIRMED),
        met=_having(facts, Fact.MET),
        passed=_having(facts, Fact.PASSED) if asks else 0,
        failed=_having(facts, Fact.FAILED, without=Fact.PASSED) if asks else 0,
        unreached=_sum(row for row in records if row.calls and row.is_final) - (contacted - still_to_call),
        tried=_sum(row for row in records if row.calls) + _only_refused(tx, campaign_id),
        with_bad_number=_having(facts, Fact.BAD_NUMBER),
        opted_out=_having(facts, Fact.OPTED_OUT),
        calls=sum(hour.calls for hour in hours),
        answered=sum(hour.answered for hour in hours),
        by_person=sum(hour.by_person for hour in hours),
        by_machine=sum(row.calls for row in calls if row.outcome in BY_MACHINE),
        heard_whole=sum(row.calls for row in calls if row.outcome in MET),
        unspoken=0 if by_operators else unspoken,
        delivered=texted.delivered if texted else ended[Outcome.TEXT_DELIVERED],
    )
    return ReportFigures(counts, dict(outcomes), _tries(records), hours, ended=ended, texted=texted)


def _bad_numbers_at_load(tx: Connection, campaign_id: int) -> int:
    """Rows that were rejected for having no usable telephone: the error E06 is of those alone (formato-v1 §5)."""
    wrong = (observation.c.campaign_id == campaign_id, observation.c.sheet == CONTACTS_SHEET)
    no_phone = (observation.c.code == "E06", observation.c.level == Level.ERROR)
    query = select(func.count(observation.c.row.distinct())).where(*wrong, *no_phone)
    return tx.execute(query).scalar_one()


def _records(tx: Connection, campaign_id: int, *, does_both: bool) -> Sequence[Row]:
    """(outcome, is_final, calls, people): each combination that there is. A record counts its attempts itself; only of
    a campaign that calls and texts the calls among them have to be looked for."""
    calls: ColumnElement[int] = recipient.c.attempts
    source: FromClause = recipient
    if does_both:
        mine = (attempt.c.campaign_id == campaign_id, IS_A_CALL_OVER, attempt.c.remote_sid.is_not(None))
        each = select(attempt.c.recipient_id, func.count().label("calls")).where(*mine)
        rung = each.group_by(attempt.c.recipient_id).subquery()
        source = recipient.outerjoin(rung, rung.c.recipient_id == recipient.c.id)
        calls = func.coalesce(rung.c.calls, 0)
    columns = (recipient.c.outcome, recipient.c.is_final, calls.label("calls"))
    query = select(*columns, func.count().label("people")).select_from(source)
    return tx.execute(query.where(recipient.c.campaign_id == campaign_id).group_by(*columns)).all()


def _facts(tx: Connection, campaign_id: int, what: ColumnElement[bool]) -> dict[Fact, int]:
    """How many records have each combination of facts. Calls that brought none are not grouped at all."""
    record = (
        select(func.bit_or(brought(), type_=Integer).label("facts"))
        .where(attempt.c.campaign_id == campaign_id, brings_any(), what)
        .group_by(attempt.c.recipient_id)
        .subquery()
    )
    query = select(record.c.facts, func.count()).group_by(record.c.facts)
    return {Fact(facts): count for facts, count in tx.execute(query)}


def _contacted_and_open(tx: Connection, campaign_id: int, what: ColumnElement[bool]) -> int:
    """Records that had a contact and may be called again: whoever asked to be called later, say."""
    is_contact = brought().op("&")(Fact.CONTACT.value) != 0
    mine = (attempt.c.campaign_id == campaign_id, brings_any(), is_contact, what)
    query = select(func.count(recipient.c.id.distinct())).join(attempt, attempt.c.recipient_id == recipient.c.id)
    return tx.execute(query.where(*mine, ~recipient.c.is_final)).scalar_one()


def _only_refused(tx: Connection, campaign_id: int) -> int:
    """Records of which a telephone was tried, and that were never called: the network took none of their numbers."""
    theirs = (attempt.c.recipient_id == recipient.c.id, IS_A_CALL_OVER)
    refused = select(attempt.c.id).where(*theirs, attempt.c.outcome == Outcome.FAILED).exists()
    rung = select(attempt.c.id).where(*theirs, attempt.c.remote_sid.is_not(None)).exists()
    mine = (recipient.c.campaign_id == campaign_id, recipient.c.outcome.is_not(None))
    return tx.execute(select(func.count()).select_from(recipient).where(*mine, refused, ~rung)).scalar_one()


def _calls(tx: Connection, campaign_id: int) -> Sequence[Row]:
    """(hour in UTC, outcome, progress, calls): each combination that there is."""
    hour = func.date_bin(literal(_HOUR), attempt.c.started_at, literal(datetime(2000, 1, 1, tzinfo=UTC))).label("hour")
    columns = (attempt.c.outcome, attempt.c.progress)
    query = select(hour, *columns, func.count().label("calls"))
    mine = (attempt.c.campaign_id == campaign_id, attempt.c.remote_sid.is_not(None), IS_A_CALL_OVER)
    return tx.execute(query.where(*mine).group_by(hour, *columns)).all()


def _having(facts: dict[Fact, int], wanted: Fact, without: Fact = Fact(0)) -> int:  # noqa: B008 - a constant
    return sum(count for found, count in facts.items() if wanted in found and not found & without)


def _is_contact(outcome: str | None) -> bool:
    return (outcome or "").startswith("contacto")


def _sum(rows: Iterable[Row]) -> int:
    return sum(row.people for row in rows)


def _hours(calls: Sequence[Row], zone: ZoneInfo) -> list[ReportedHour]:
    """By the hour of the day where the campaign is."""
    made: Counter[int] = Counter()
    answered: Counter[int] = Counter()
    by_person: Counter[int] = Counter()
    for row in calls:
        hour = row.hour.astimezone(zone).hour
        made[hour] += row.calls
        answered[hour] += row.calls if row.outcome in ANSWERED else 0
        by_person[hour] += row.calls if row.outcome in BY_PERSON else 0
    return [ReportedHour(hour, made[hour], answered[hour], by_person[hour]) for hour in sorted(made)]


def _tries(records: Sequence[Row]) -> list[Try]:
    called: Counter[int] = Counter()
    contacted: Counter[int] = Counter()
    for row in records:
        number = min(row.calls, _MOST_TRIES)
        called[number] += row.people
        contacted[number] += row.people if _is_contact(row.outcome) else 0
    return [Try(number, called[number], contacted[number]) for number in sorted(called) if number]
