"""Who is on the lines while the desk is measured: callers and operators of the local carrier, and calls long over."""

import asyncio
from datetime import datetime

import aiohttp
from sqlalchemy import Connection, text

from assembly import Parts
from console.accounts import add_account
from core.roles import Role
from desk import presence
from desk.states import Presence

LINE = "dgs"
PASSWORD = "un ensayo de la carga 1"  # noqa: S105  of accounts that live as long as the measurement
SUPERVISOR = "supervisora@carga.example"
_ACTOR = "carga"
#: Callers who stay, callers whose talk is over after a while, and operators who press 1 (carrier/local/README.md).
PEOPLE = """
speed = 1
[[person]]
number = "+50371*"
keys = [{ hears = "marque cero", presses = "0" }]
[[person]]
number = "+50372*"
hangs_up_after_s = 75
keys = [{ hears = "marque cero", presses = "0" }]
[[person]]
number = "+50376*"
ring_s = 1
keys = [{ hears = "marque uno", presses = "1" }]
"""
#: Calls of the last sixty days, each with its caller's and its operator's telephone: no desk begins empty.
_HISTORY = """
with past as (
    insert into room (line, queue, kind, state, place_since, entered_at, queued_at, answered_at, ended_at, ended_as,
                      account_id)
    select :line, 'general', 'INBOUND', 'ENDED', at, at, at, at + interval '20 s', at + interval '4 min',
           case when n % 7 = 0 then 'abandoned' else 'finished' end, :first + n % :operators
    from (select n, cast(:now as timestamptz) - interval '60 days' * n / :calls as at
          from generate_series(1, :calls) n) moments
    returning id, entered_at, account_id
)
insert into leg (room_id, role, state, result, account_id, wanted_at, joined_at, ended_at)
select id, role, 'ENDED', 'completed', case when role = 'OPERATOR' then account_id end,
       entered_at, entered_at + interval '20 s', entered_at + interval '4 min'
from past cross join (values ('CALLER'), ('OPERATOR')) roles(role)
"""


def email_of(number: int) -> str:
    """Of the operator of this number, from 0."""
    return f"operadora{number}@carga.example"


def hire(tx: Connection, now: datetime, made: Parts, operators: int) -> list[int]:
    """A supervisor and so many operators who can take any call of the line; the operators' accounts, in order."""
    add_account(tx, now, SUPERVISOR, Role.SUPERVISOR, PASSWORD, actor=_ACTOR)
    queues = made.world.desk.lines[LINE].queues.values()
    skills = sorted({skill for queue in queues for skill in queue.skills})
    accounts = []
    for number in range(operators):
        email = email_of(number)
        account_id = add_account(tx, now, email, Role.OPERADOR, PASSWORD, actor=_ACTOR)
        presence.sign_on(tx, now, account_id, email, f"Operadora {number}", is_supervisor=False)
        presence.set_telephone(tx, made.vault, account_id, f"+5037600{number:04}")
        presence.set_skills(tx, account_id, skills)
        presence.seen(tx, account_id)
        accounts.append(account_id)
    return accounts


def remember_calls(tx: Connection, now: datetime, accounts: list[int], calls: int) -> None:
    """So many calls of the past that these operators took."""
    known = {"line": LINE, "now": now, "calls": calls, "first": min(accounts), "operators": len(accounts)}
    tx.execute(text(_HISTORY), known)
    tx.execute(text("analyze room, leg"))


async def bring_callers(api_url: str, number: str, pairs: int, waiting: int, per_second: float) -> None:
    """A quarter of those who talk do so for a while only, so that operators take others when it is fullest."""
    async with aiohttp.ClientSession(api_url) as carrier:
        for n in range(pairs + waiting):
            prefix = "72" if n % 4 == 0 and n < pairs else "71"
            given = {"From": f"+503{prefix}{n:06}", "To": number}
            async with carrier.post("/local/incoming", json=given) as answer:
                answer.raise_for_status()
            await asyncio.sleep(1 / per_second)


def end_wrap_up(tx: Connection, now: datetime) -> None:
    """Who has written down a call takes the next one."""
    for row in sorted(presence.everyone(tx), key=lambda row: row.account_id):  # as the desk locks several
        presence.seen(tx, row.account_id)
        if not row.is_supervisor and row.state in (Presence.POST_LLAMADA, Presence.FUERA, Presence.DESCANSO):
            presence.choose(tx, now, row.account_id, Presence.DISPONIBLE)
