"""What came of the texts of a campaign that calls too: they are counted apart, and are none of its calls (R49)."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from campaigns.outcomes import Outcome
from campaigns.states import Channel, Progress
from campaigns.tables import attempt


@dataclass(frozen=True)
class TextedPeople:
    """``people`` to whom the network took a text, ``texts`` in all; of the people: who got one (``delivered``), of whom
    nobody knows (``unconfirmed``), to whom none came (``undelivered``), and who answered that they want no more.
    ``refused``: people of whom the network took none."""

    people: int
    texts: int
    delivered: int
    unconfirmed: int
    undelivered: int
    opted_out: int
    refused: int


def texted_people(tx: Connection, campaign_id: int) -> TextedPeople:
    """As it is now; a person is in one of the three fates, or their text is on its way."""
    sent, outcome = attempt.c.remote_sid.is_not(None), attempt.c.outcome
    each = (
        select(
            func.count().filter(sent).label("texts"),
            func.bool_or(outcome == Outcome.TEXT_DELIVERED).label("delivered"),
            func.bool_or(outcome == Outcome.TEXT_UNCONFIRMED).label("unconfirmed"),
            func.bool_or(outcome == Outcome.TEXT_UNDELIVERED).label("undelivered"),
            func.bool_or(attempt.c.progress == Progress.PHONE_OPTED_OUT).label("opted_out"),
        )
        .where(attempt.c.campaign_id == campaign_id, attempt.c.channel == Channel.TEXT)
        .group_by(attempt.c.recipient_id)
        .subquery()
    )
    was_sent, told = each.c.texts > 0, each.c
    counts = select(
        func.count().filter(was_sent),
        func.coalesce(func.sum(told.texts), 0),
        func.count().filter(was_sent, told.delivered),
        func.count().filter(was_sent, told.unconfirmed, ~func.coalesce(told.delivered, False)),
        func.count().filter(was_sent, told.undelivered, ~func.coalesce(told.delivered | told.unconfirmed, False)),
        func.count().filter(was_sent, told.opted_out),
        func.count().filter(~was_sent, told.undelivered),
    )
    return TextedPeople(*map(int, tx.execute(counts).one()))
