"""Who of a campaign may still be called, as crowds that are alike for the rules, each with the moment it is due."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, and_, func, literal, select

from campaigns.forecast.followed import Stage
from campaigns.forecast.slots import Hours
from campaigns.outcomes import Outcome
from campaigns.states import AttemptState
from campaigns.tables import attempt, recipient
from core.countries import COUNTRIES

_BUCKET = timedelta(minutes=5)  # as fine as the finest slots (slots.py)
_LONG_AGO = datetime.fromisoformat("2020-01-01T00:00:00+00:00")  # any moment before there were campaigns
MOST_HOURS = 12  # kinds of hours that are told apart; each costs a run of its own

Crowds = Mapping[datetime | None, Mapping[Stage, float]]  #: by when they are due; None: at once


def crowds(tx: Connection, now: datetime, row: Row, without: ColumnElement[bool] | None = None) -> Crowds:
    """Of a campaign (its row) at ``now``; ``without``: a condition on ``recipient`` under which somebody is left out.

    Whoever is on the line is as somebody about to be called: what their call will bring is not known yet.
    """
    midnight = now.astimezone(COUNTRIES[row.country].zone).replace(hour=0, minute=0, second=0, microsecond=0)
    alike = (
        *(recipient.c.attempts, recipient.c.phones, recipient.c.spent, recipient.c.zone, recipient.c.preferred),
        func.coalesce(recipient.c.outcome == Outcome.BUSY, False).label("was_busy"),
        func.coalesce(recipient.c.last_attempt_at >= midnight, False).label("today"),
        func.date_bin(_BUCKET, func.nullif(func.greatest(attempt.c.due_at, now), now), literal(_LONG_AGO)).label("due"),
    )
    due = and_(attempt.c.recipient_id == recipient.c.id, attempt.c.state == AttemptState.DUE)
    own_due = and_(due, attempt.c.campaign_id == row.id)
    left = [recipient.c.campaign_id == row.id, ~recipient.c.is_final, recipient.c.phones > 0]
    left += [~func.coalesce(without, False)] if without is not None else []  # who has no fingerprint is on no list
    query = select(*alike, func.count().label("people")).select_from(recipient.outerjoin(attempt, own_due))
    rows = tx.execute(query.where(*left).group_by(*alike)).all()
    return _few_kinds(rows, tomorrow=midnight + timedelta(days=1))


def people_in(found: Crowds) -> float:
    """How many there are in all."""
    return sum(people for crowd in found.values() for people in crowd.values())


def _few_kinds(rows: Sequence[Row], tomorrow: datetime) -> Crowds:
    """Of more than so many kinds of hours the rarest are taken to prefer none; of who is due on a later day no call of
    today counts."""
    kinds: Counter[Hours] = Counter()
    for each in rows:
        kinds[Hours(each.zone, each.preferred)] += each.people
    kept = {hours for hours, _ in kinds.most_common(MOST_HOURS)}
    found: dict[datetime | None, dict[Stage, float]] = {}
    for each in rows:
        hours = Hours(each.zone, each.preferred)
        hours = hours if hours in kept else Hours(each.zone)
        today = int(each.today and (each.due is None or each.due < tomorrow))
        stage = Stage(each.attempts, each.phones - each.spent.bit_count(), each.was_busy, today, hours)
        crowd = found.setdefault(each.due, {})
        crowd[stage] = crowd.get(stage, 0.0) + each.people
    return found
