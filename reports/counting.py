"""What happened in a campaign, counted by the database in three short questions: of a million records too.

The database only groups; what a group means is told here. A fact of a record may have happened in any of its calls, so
the calls that carry one are grouped by record; everything else is read off the records and the calls as they are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntFlag
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Integer, Row, case, func, literal, or_, select, text

from campaigns.outcomes import ANSWERED, BY_MACHINE, BY_PERSON, MET, REJECTED, Outcome
from campaigns.states import Channel, Progress
from campaigns.tables import attempt, observation, recipient
from campaigns.upload.observations import CONTACTS_SHEET, Level
from reports.indicators import Counts


class Fact(IntFlag):
    """What a call may bring about for its record."""

    CONTACT = 1
    CONFIRMED = 2  #: the holder was confirmed
    MET = 4  #: heard the message to its end, or left what was asked
    PASSED = 8  #: the security questions
    FAILED = 16
    BAD_NUMBER = 32
    OPTED_OUT = 64


_OWN = Fact.CONTACT | Fact.CONFIRMED | Fact.PASSED
_BROUGHT: dict[Outcome, Fact] = {
    Outcome.MESSAGE_COMPLETE: _OWN | Fact.MET,
    Outcome.COLLECTED: _OWN | Fact.MET,
    Outcome.MESSAGE_PARTIAL: _OWN,
    Outcome.NO_MORE_CALLS: _OWN | Fact.OPTED_OUT,
    Outcome.REFUSES: _OWN,
    Outcome.CALL_LATER: _OWN,
    Outcome.FAILED_SECURITY: Fact.CONTACT | Fact.FAILED,
    Outcome.WRONG_NUMBER: Fact.CONTACT | Fact.BAD_NUMBER,
    Outcome.NOT_HERE: Fact.CONTACT,
    Outcome.DECEASED: Fact.CONTACT,
    Outcome.MINOR: Fact.CONTACT,
    Outcome.FAILED: Fact.BAD_NUMBER,
}
#: Key 8 before anybody was confirmed, and whoever hung up between the questions and the message.
_ON_THE_WAY = {Progress.PHONE_OPTED_OUT: Fact.OPTED_OUT, Progress.VERIFIED: Fact.CONTACT | Fact.PASSED}
#: The condition on ``attempt`` under which it rings somebody: a text is none of the calls that are told of.
IS_A_CALL = or_(attempt.c.channel.is_(None), attempt.c.channel == Channel.VOICE)
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
    ``ended``: the outcomes of those that are over, which with ``pending`` (or ``left``) are everybody."""

    counts: Counts
    outcomes: dict[str | None, int]
    tries: list[Try]
    hours: list[ReportedHour]
    left: int = 0
    ended: Mapping[str, int] = field(default_factory=dict)


def counted(
    tx: Connection, campaign_id: int, zone: ZoneInfo, *, requested: int, asks: bool = True, by_operators: bool = False
) -> ReportFigures:
    """Everything that a report says in numbers, as it is now. ``requested``: the records that the request announced;
    ``asks``: whether it has security questions; ``by_operators``: mode OPERADOR, where a person is on the line before
    the telephone rings, and nobody who answers is left waiting."""
    tx.execute(text("set local work_mem = '128MB'"))  # records are grouped in memory, not on the disk
    tx.execute(text("set local parallel_tuple_cost = 0.001"))  # few groups come of many calls: PostgreSQL cannot know
    records = _records(tx, campaign_id)
    facts = _facts(tx, campaign_id)
    calls = _calls(tx, campaign_id)
    outcomes: Counter[str | None] = Counter()
    ended: Counter[str] = Counter()
    for row in records:
        outcomes[row.outcome] += row.people
        ended[row.outcome] += row.people if row.is_final else 0
    hours = _hours(calls, zone)
    contacted = _having(facts, Fact.CONTACT)
    unspoken = sum(row.calls for row in calls if row.outcome in BY_PERSON and not row.progress)
    counts = Counts(
        requested=requested,
        received=outcomes.total(),
        rejected=sum(outcomes[code] for code in REJECTED),
        bad_numbers_at_load=_bad_numbers_at_load(tx, campaign_id),
        excluded=outcomes[Outcome.EXCLUDED],
        pending=_sum(row for row in records if not row.is_final),
        called=_sum(row for row in records if row.attempts),
        contacted=contacted,
        confirmed=_having(facts, Fact.CONFIRMED),
        met=_having(facts, Fact.MET),
        passed=_having(facts, Fact.PASSED) if asks else 0,
        failed=_having(facts, Fact.FAILED, without=Fact.PASSED) if asks else 0,
        unreached=max(_done_with(records) - contacted, 0),
        tried=_sum(row for row in records if row.attempts or row.outcome == Outcome.FAILED),
        with_bad_number=_having(facts, Fact.BAD_NUMBER),
        opted_out=_having(facts, Fact.OPTED_OUT),
        calls=sum(hour.calls for hour in hours),
        answered=sum(hour.answered for hour in hours),
        by_person=sum(hour.by_person for hour in hours),
        by_machine=sum(row.calls for row in calls if row.outcome in BY_MACHINE),
        heard_whole=sum(row.calls for row in calls if row.outcome in MET),
        unspoken=0 if by_operators else unspoken,
        delivered=ended[Outcome.TEXT_DELIVERED],
    )
    return ReportFigures(counts, dict(outcomes), _tries(records), hours, ended=ended)


def _bad_numbers_at_load(tx: Connection, campaign_id: int) -> int:
    """Rows that were rejected for having no usable telephone: the error E06 is of those alone (formato-v1 §5)."""
    wrong = (observation.c.campaign_id == campaign_id, observation.c.sheet == CONTACTS_SHEET)
    no_phone = (observation.c.code == "E06", observation.c.level == Level.ERROR)
    query = select(func.count(observation.c.row.distinct())).where(*wrong, *no_phone)
    return tx.execute(query).scalar_one()


def _records(tx: Connection, campaign_id: int) -> Sequence[Row]:
    """(outcome, is_final, attempts, people): each combination that there is."""
    columns = (recipient.c.outcome, recipient.c.is_final, recipient.c.attempts)
    query = select(*columns, func.count().label("people")).where(recipient.c.campaign_id == campaign_id)
    return tx.execute(query.group_by(*columns)).all()


def _facts(tx: Connection, campaign_id: int) -> dict[Fact, int]:
    """How many records have each combination of facts. Calls that brought none are not grouped at all."""
    brings_any = or_(attempt.c.outcome.in_(list(_BROUGHT)), attempt.c.progress.in_(list(_ON_THE_WAY)))
    record = (
        select(func.bit_or(brought(), type_=Integer).label("facts"))
        .where(attempt.c.campaign_id == campaign_id, brings_any)
        .group_by(attempt.c.recipient_id)
        .subquery()
    )
    query = select(record.c.facts, func.count()).group_by(record.c.facts)
    return {Fact(facts): count for facts, count in tx.execute(query)}


def brought() -> ColumnElement[int]:
    """The facts that a call (a row of ``attempt``) brought about for its record, added up; 0: none."""
    outcomes = {code.value: fact.value for code, fact in _BROUGHT.items()}
    on_the_way = {code.value: fact.value for code, fact in _ON_THE_WAY.items()}
    by_outcome = case(outcomes, value=attempt.c.outcome, else_=0)
    return by_outcome.op("|")(case(on_the_way, value=attempt.c.progress, else_=0))


def _calls(tx: Connection, campaign_id: int) -> Sequence[Row]:
    """(hour in UTC, outcome, progress, calls): each combination that there is."""
    hour = func.date_bin(literal(_HOUR), attempt.c.started_at, literal(datetime(2000, 1, 1, tzinfo=UTC))).label("hour")
    columns = (attempt.c.outcome, attempt.c.progress)
    query = select(hour, *columns, func.count().label("calls"))
    mine = (attempt.c.campaign_id == campaign_id, attempt.c.remote_sid.is_not(None), IS_A_CALL)
    return tx.execute(query.where(*mine).group_by(hour, *columns)).all()


def _having(facts: dict[Fact, int], wanted: Fact, without: Fact = Fact(0)) -> int:  # noqa: B008 - a constant
    return sum(count for found, count in facts.items() if wanted in found and not found & without)


def _done_with(records: Sequence[Row]) -> int:
    """Records that were called, and are not to be called again or had a contact the last time."""
    called = [row for row in records if row.attempts]
    return _sum(row for row in called if row.is_final or _is_contact(row.outcome))


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
        number = min(row.attempts, _MOST_TRIES)
        called[number] += row.people
        contacted[number] += row.people if _is_contact(row.outcome) else 0
    return [Try(number, called[number], contacted[number]) for number in sorted(called) if number]
