"""The copy: the campaign and its people, as sealed as they are, and what the rules ask about them."""

from datetime import datetime, timedelta

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Table, select, update

from campaigns.states import CampaignState
from campaigns.tables import attempt, campaign, exclusion, recipient
from campaigns.verification import answer_print
from core.closed_days import closed_day
from core.database import Database
from core.privacy import Vault

_LOOKED_BACK = timedelta(days=31)  # beyond what any limit of contacts looks back
_STEP = 5_000  # people whose answers are written at once

#: Who is rehearsed: all who are to be called, or so many of them.
_EVERYBODY = "select id from recipient where campaign_id = {campaign} and not is_final"
_BY_CHANCE = (
    "select id from recipient where campaign_id = {campaign} and not is_final"
    " order by hashint8extended(id, {seed}) limit {people}"
)
#: Calls of other campaigns to the same people: they count for the limits.
_LATELY = """
    select a.id, a.recipient_id, a.campaign_id from attempt a join recipient other on other.id = a.recipient_id
    where a.campaign_id <> {campaign} and a.started_at > {since} and other.person_print in
      (select person_print from recipient where campaign_id = {campaign} and not is_final)
"""


def copy_campaign(
    real: psycopg.Connection, copy: psycopg.Connection, campaign_id: int, now: datetime, people: int | None, seed: int
) -> None:
    """Carries the rows over, in one snapshot of the real database, from which it only reads."""
    ids = {"campaign": sql.Literal(campaign_id), "since": sql.Literal(now - _LOOKED_BACK)}
    chance = {"seed": sql.Literal(seed), "people": sql.Literal(people)}
    whom = sql.SQL(_EVERYBODY if people is None else _BY_CHANCE).format(**ids, **chance)
    lately = sql.SQL(_LATELY).format(**ids)
    chosen = {
        campaign: sql.SQL("id = {} or id in (select campaign_id from ({}) l)").format(ids["campaign"], lately),
        recipient: sql.SQL("id in ({}) or id in (select recipient_id from ({}) l)").format(whom, lately),
        attempt: sql.SQL("id in (select id from ({}) l)").format(lately),
        exclusion: sql.SQL("removed_at is null and (campaign_id is null or campaign_id = {})").format(ids["campaign"]),
        closed_day: sql.SQL("removed_at is null"),
    }
    with real.transaction(), copy.transaction():
        real.execute("set transaction isolation level repeatable read, read only")
        for table, where in chosen.items():
            _carry(real, copy, table, where)
        others = (
            "update campaign set state = %s where id <> %s"  # of those that only lend their past nothing is dialled
        )
        copy.execute(others, [CampaignState.CLOSED, campaign_id])
    copy.execute("analyze")


def _carry(real: psycopg.Connection, copy: psycopg.Connection, table: Table, where: sql.Composable) -> None:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    name = sql.Identifier(table.name)
    out = sql.SQL("copy (select {} from {} where {}) to stdout (format binary)").format(columns, name, where)
    into = sql.SQL("copy {} ({}) from stdin (format binary)").format(name, columns)
    with real.cursor().copy(out) as rows, copy.cursor().copy(into) as target:
        for block in rows:
            target.write(block)
    # Whatever is added in the copy comes after what was carried over.
    numbers = "select setval(pg_get_serial_sequence(%s, 'id'), (select coalesce(max(id), 0) + 1 from {}))"
    copy.execute(sql.SQL(numbers).format(name), [table.name])


def make_ready(db: Database, vault: Vault, campaign_id: int, trunk: str, right: list[str]) -> int:
    """Puts the copied campaign back to where a person decides on it; returns how many people it would call.

    ``right``: the answer that everybody has to each security question here, for nobody knows theirs.
    """
    with db.begin() as tx:
        people = tx.execute(
            select(recipient.c.id).where(recipient.c.campaign_id == campaign_id, ~recipient.c.is_final)
        ).all()
        values = {"state": CampaignState.UNDER_REVIEW, "trunk": trunk, "share": 1}
        tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(**values))
    if right:
        with db.begin() as tx:
            _give_answers(tx, vault, campaign_id, right)
    return len(people)


def _give_answers(tx: Connection, vault: Vault, campaign_id: int, right: list[str]) -> None:
    rows = tx.execute(
        select(recipient.c.id, recipient.c.row).where(
            recipient.c.campaign_id == campaign_id, ~recipient.c.is_final, recipient.c.answers.is_not(None)
        )
    ).all()
    cursor = tx.connection.driver_connection.cursor()  # type: ignore[union-attr]
    for first in range(0, len(rows), _STEP):
        some = rows[first : first + _STEP]
        prints = [
            [answer_print(vault, campaign_id, row.row, number, answer) for number, answer in enumerate(right)]
            for row in some
        ]
        cursor.executemany(
            "update recipient set answers = %s where id = %s",
            [(answers, row.id) for row, answers in zip(some, prints, strict=True)],
        )
