"""What the screens ask the database, each question by its name."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, select

from campaigns.counting import tally
from campaigns.outcomes import MET, REJECTED, Outcome
from campaigns.states import CampaignState
from campaigns.tables import attempt, campaign, observation, recipient
from campaigns.upload.observations import CONTACTS_SHEET, REQUEST_SHEET, Level, Observation
from core.audit import audit

PENDING = "pendiente"  #: as an outcome: nobody was called yet


@dataclass(frozen=True)
class CampaignListed:
    """A campaign as a row of the list: of those who were to be called, how many met its aim (``reports``: objetivo
    cumplido), how many will not, and how many are left."""

    campaign: Row
    done: int
    failed: int
    left: int


@dataclass(frozen=True)
class Reviewed:
    """The three figures of a review."""

    called: int
    with_aviso: int
    not_called: int

    @property
    def total(self) -> int:
        return self.called + self.not_called


def campaigns_listed(
    tx: Connection, seen: ColumnElement[bool], state: str | None, limit: int = 200
) -> list[CampaignListed]:
    """Campaigns, newest first; ``seen``: which the reader may know of (campaigns/readers.py)."""
    query = select(campaign).where(seen).order_by(campaign.c.id.desc()).limit(limit)
    found = tx.execute(query.where(campaign.c.state == state) if state else query).all()
    counted = _counted(tx, [row.id for row in found])
    listed = []
    for row in found:
        done, final, rejected = counted.get(row.id, (0, 0, 0))
        listed.append(CampaignListed(row, done, final - rejected - done, max(row.recipients - final, 0)))
    return listed


def _counted(tx: Connection, campaign_ids: list[int]) -> dict[int, tuple[int, int, int]]:
    """(done, final, rejected) of these campaigns."""
    return {
        campaign_id: (
            sum(each.people for each in people if each.is_final and each.outcome in MET),
            sum(each.people for each in people if each.is_final),
            sum(each.people for each in people if each.is_final and each.outcome in REJECTED),
        )
        for campaign_id, people in tally.people_of(tx, campaign_ids).items()
    }


def campaigns_by_state(tx: Connection, seen: ColumnElement[bool]) -> dict[CampaignState, int]:
    """How many there are in each state that has any, in the order of a campaign's life."""
    query = select(campaign.c.state, func.count()).where(seen).group_by(campaign.c.state)
    found = {state: count for state, count in tx.execute(query)}
    return {state: found[state.value] for state in CampaignState if state.value in found}


def campaign_row(tx: Connection, campaign_id: int) -> Row | None:
    return tx.execute(select(campaign).where(campaign.c.id == campaign_id)).first()


def replaced_by(tx: Connection, campaign_id: int, seen: ColumnElement[bool]) -> Row | None:
    """The campaign that corrects this one: its id and filing_number."""
    query = select(campaign.c.id, campaign.c.filing_number).where(campaign.c.replaces == campaign_id, seen)
    return tx.execute(query.order_by(campaign.c.id.desc()).limit(1)).first()


def reviewed(tx: Connection, campaign_id: int) -> Reviewed:
    """How many will be called, how many of these with something to look at, and how many will not; of people who are
    counted already, only those of whom something is said are looked at."""
    never = (Outcome.ROW_IN_ERROR, Outcome.EXCLUDED)
    people = tally.people(tx, campaign_id)
    not_called = sum(each.people for each in people if each.outcome in never)
    noted = (
        select(observation.c.row)
        .where(observation.c.campaign_id == campaign_id, observation.c.sheet == CONTACTS_SHEET)
        .where(observation.c.level == Level.AVISO)
        .distinct()
        .subquery()
    )
    is_called = recipient.c.outcome.is_(None) | recipient.c.outcome.not_in(never)
    with_aviso = (
        select(func.count())
        .select_from(noted)
        .join(recipient, and_(recipient.c.campaign_id == campaign_id, recipient.c.row == noted.c.row))
        .where(is_called)
    )
    called = sum(each.people for each in people) - not_called
    return Reviewed(called, tx.execute(with_aviso).scalar_one(), not_called)


def observation_groups(tx: Connection, campaign_id: int) -> list[Row]:
    """(code, level, count) of what is said of the rows, errors first."""
    query = (
        select(observation.c.code, observation.c.level, func.count().label("found"))
        .where(observation.c.campaign_id == campaign_id, observation.c.sheet == CONTACTS_SHEET)
        .group_by(observation.c.code, observation.c.level)
    )
    errors_first = case((observation.c.level == Level.ERROR, 0), else_=1)
    return list(tx.execute(query.order_by(errors_first, observation.c.code)))


def observations_of_rows(
    tx: Connection, campaign_id: int, code: str | None, level: str | None, limit: int, offset: int = 0
) -> list[Row]:
    """What is said of the rows, in the upload's order."""
    query = select(observation).where(observation.c.campaign_id == campaign_id, observation.c.sheet == CONTACTS_SHEET)
    if code:
        query = query.where(observation.c.code == code)
    if level:
        query = query.where(observation.c.level == level)
    return list(tx.execute(query.order_by(observation.c.row, observation.c.id).limit(limit).offset(offset)))


def observations_of_request(tx: Connection, campaign_id: int) -> list[Row]:
    """What is said of the request, errors first."""
    query = select(observation).where(observation.c.campaign_id == campaign_id, observation.c.sheet == REQUEST_SHEET)
    errors_first = case((observation.c.level == Level.ERROR, 0), else_=1)
    return list(tx.execute(query.order_by(errors_first, observation.c.id)))


def every_observation(tx: Connection, campaign_id: int) -> Iterator[Observation]:
    """As the check said them, the request's first and then by row (``campaigns.annotating.in_order``); read as they
    are asked for, since there may be millions."""
    names = ("code", "sheet", "row", "column", "cell", "value", "message", "suggestion")
    of_rows = func.coalesce(observation.c.sheet == CONTACTS_SHEET, False)
    query = select(observation).where(observation.c.campaign_id == campaign_id)
    query = query.order_by(of_rows, observation.c.row.nulls_first(), observation.c.id)
    for row in tx.execute(query.execution_options(yield_per=1000)):
        yield Observation(level=Level(row.level), **{name: getattr(row, name) for name in names})


def observations_of_row(tx: Connection, campaign_id: int, row: int) -> list[Row]:
    """What is said of one person's row."""
    query = select(observation).where(
        observation.c.campaign_id == campaign_id, observation.c.sheet == CONTACTS_SHEET, observation.c.row == row
    )
    return list(tx.execute(query.order_by(observation.c.id)))


def last_attempts(tx: Connection, campaign_id: int, limit: int = 8) -> list[Row]:
    """The calls of which something was heard last, newest first, each with its person's sealed data."""
    moment = func.coalesce(attempt.c.ended_at, attempt.c.started_at).label("moment")
    query = (
        select(attempt, moment, recipient.c.data_sealed, recipient.c.row)
        .join(recipient, recipient.c.id == attempt.c.recipient_id)
        .where(attempt.c.campaign_id == campaign_id, attempt.c.started_at.is_not(None))
        .order_by(attempt.c.started_at.desc(), attempt.c.id.desc())
        .limit(limit)
    )
    return list(tx.execute(query))


def people(
    tx: Connection, campaign_id: int, outcome: str | None, limit: int, *, after: int = 0, before: int | None = None
) -> list[Row]:
    """People of a campaign in the upload's order, the first ones after the row ``after`` or, with ``before``, the last
    ones before that row. ``outcome``: a code, or ``pendiente`` for who was not called yet."""
    query = select(recipient).where(recipient.c.campaign_id == campaign_id)
    if outcome:
        query = query.where(recipient.c.outcome == (None if outcome == PENDING else outcome))
    if before is not None:
        found = tx.execute(query.where(recipient.c.row < before).order_by(recipient.c.row.desc()).limit(limit))
        return list(found)[::-1]
    return list(tx.execute(query.where(recipient.c.row > after).order_by(recipient.c.row).limit(limit)))


def outcomes_found(tx: Connection, campaign_id: int) -> dict[str | None, int]:
    """How many people have each outcome for now, the most frequent first; None: not called yet."""
    found: Counter[str | None] = Counter()
    for each in tally.people(tx, campaign_id):
        found[each.outcome.value if each.outcome else None] += each.people
    return dict(found.most_common())


def trail(tx: Connection, campaign_id: int, without: Collection[str], limit: int) -> list[Row]:
    """The newest lines of a campaign's audit trail, but for some actions."""
    about = (audit.c.subject == "campaign", audit.c.subject_id == str(campaign_id))
    query = select(audit).where(*about, audit.c.action.not_in(without)).order_by(audit.c.id.desc())
    return list(tx.execute(query.limit(limit)))


def person(tx: Connection, campaign_id: int, recipient_id: int) -> Row | None:
    query = select(recipient).where(recipient.c.campaign_id == campaign_id, recipient.c.id == recipient_id)
    return tx.execute(query).first()
