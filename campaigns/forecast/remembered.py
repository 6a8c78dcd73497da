"""What people of a campaign said in calls of others: that a telephone is not theirs, that they want no more calls."""

from sqlalchemy import Connection, Row, func, select

from campaigns.forecast.excused import on_a_list
from campaigns.outcomes import Outcome
from campaigns.readers import is_open
from campaigns.rules.exclusions import Kind, wrong_number_in
from campaigns.tables import attempt, campaign, exclusion, recipient


def wrong_numbers(tx: Connection, row: Row) -> int:
    """People of a campaign (its row) of whom it was said, in a call of another, that a telephone is not theirs: where
    the list brings that one, they are not looked for there. Which they bring is only known when each is dialled."""
    earlier = recipient.alias("earlier")
    pair = wrong_number_in(attempt.c.to_print, earlier.c.person_print)
    query = (
        select(func.count(recipient.c.id.distinct()))
        .join(earlier, earlier.c.person_print == recipient.c.person_print)
        .join(attempt, attempt.c.recipient_id == earlier.c.id)
        .join(exclusion, exclusion.c.print == pair)
        .where(recipient.c.campaign_id == row.id, ~recipient.c.is_final, earlier.c.campaign_id != row.id)
        .where(attempt.c.outcome == Outcome.WRONG_NUMBER)
        .where(exclusion.c.kind == Kind.WRONG_NUMBER.value, exclusion.c.removed_at.is_(None))
    )
    return tx.execute(query).scalar_one()


def said_eight_elsewhere(tx: Connection, row: Row) -> int:
    """People of a campaign (its row) who pressed 8 in another: that holds there (formato-v1 §7), until a supervisor
    widens it. Of reserved campaigns nothing is told."""
    others = select(campaign.c.id).where(campaign.c.id != row.id, is_open())
    pressed = (
        select(exclusion.c.print)
        .where(exclusion.c.kind == Kind.PERSON.value, exclusion.c.removed_at.is_(None))
        .where(exclusion.c.added_by == "ivr", exclusion.c.campaign_id.in_(others))
    )
    mine = (recipient.c.campaign_id == row.id, ~recipient.c.is_final, recipient.c.person_print.in_(pressed))
    return tx.execute(select(func.count()).where(*mine, ~on_a_list(row))).scalar_one()
