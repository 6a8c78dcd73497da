"""Campaigns of as many people as wanted, due now: a short list is handed in, and PostgreSQL writes the people out."""

import secrets
from datetime import datetime

from sqlalchemy import select, text

from assembly import Parts
from campaigns import life
from campaigns.approval import approve, plan_more
from campaigns.states import CampaignState
from campaigns.submission import submit
from campaigns.tables import campaign
from core.clock import FixedClock
from core.roles import Role
from demo.invent import citizen, formato
from drill.multiplied import HANDED_IN

_WHO = "bench"
#: People who are written out again and again, each time with another document. Those of one round of them have a
#: telephone of their own, which may be called once in three hours: more are not called in one measurement.
ALIKE = 40_000


def due(made: Parts, people: int, now: datetime = HANDED_IN) -> int:
    """A running campaign of so many people who are all due since ``now``; that of an earlier run, where it is."""
    with made.db.begin() as tx:
        this = (campaign.c.recipients == people, campaign.c.state == CampaignState.RUNNING)
        known = tx.execute(select(campaign.c.id).where(*this)).scalar()
    if known is not None:
        return known
    number = _handed_in(made, min(people, ALIKE), now)
    with made.db.begin() as tx:
        life.move(tx, now, number, CampaignState.RUNNING, _WHO)
        tx.execute(text("set local session_replication_role = replica"))  # neither triggers nor references
        indexes = tx.execute(text(_INDEXES)).all()
        for name, _ in indexes:
            tx.execute(text(f"drop index {name}"))
        for statement in _PEOPLE if people > ALIKE else ():
            known_ones = {"campaign": number, "people": people, "now": now, "alike": min(people, ALIKE)}
            told = {name: value for name, value in known_ones.items() if f":{name}" in statement}
            tx.execute(text(statement), told)
        for _, definition in indexes:  # sooner made at the end than kept row by row
            tx.execute(text(definition))
    with made.db.at_once() as tx:
        tx.execute(text("vacuum analyze"))
    return number


def _handed_in(made: Parts, people: int, now: datetime) -> int:
    """Approved, and planned to its end."""
    data = formato([citizen(number) for number in range(people)], nombre_campana=f"Medición {secrets.token_hex(4)}")
    number = submit(made.db, made.vault, FixedClock(now), made.campaign_lines, _WHO, "lista.csv", data).id
    with made.db.begin() as tx:
        approve(tx, now, number, _WHO, Role.SUPERVISOR, at_once=True, reason="medición")
    is_planned = False
    while not is_planned:
        with made.db.begin() as tx:
            plan_more(tx, now, number)
            is_planned = life.state_of(tx, number) == CampaignState.SCHEDULED
    return number


_INDEXES = """
select indexname, indexdef from pg_indexes where tablename in ('recipient', 'attempt')
  and not exists (select from pg_constraint where conname = indexname)
"""
_PEOPLE = (
    "delete from attempt where campaign_id = :campaign",
    "create temporary table kept on commit drop as select row_number() over () - 1 as n, * from recipient"
    " where campaign_id = :campaign and not is_final",
    "delete from recipient where campaign_id = :campaign",
    "update campaign set recipients = :people where id = :campaign",
    """
    insert into recipient (campaign_id, row, person_print, data_sealed, phones, answers)
    select cast(:campaign as bigint), at + 1, sha256(at::text::bytea), k.data_sealed, k.phones, k.answers
    from generate_series(0, :people - 1) at join kept k on k.n = at % cast(:alike as bigint)
    order by at
    """,
    """
    insert into attempt (campaign_id, recipient_id, phone, due_at, trunk)
    select campaign_id, id, 0, :now, 'default' from recipient where campaign_id = :campaign order by id
    """,
)
