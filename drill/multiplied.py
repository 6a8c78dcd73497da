"""A database as it is after weeks: a list of so many people under way, one and a half calls each, and one to review.

Two short lists are handed in as any other; the database then writes the people out as often as wanted, with the fates
of their calls and without its triggers, so that a million takes a minute or two and not an afternoon.
"""

from datetime import datetime

from sqlalchemy import Connection, select, text

from assembly import Parts
from campaigns import life
from campaigns.approval import approve
from campaigns.states import CampaignState
from campaigns.submission import submit
from campaigns.tables import campaign
from core.clock import FixedClock
from core.roles import Role
from demo.invent import citizen, formato

NOW = datetime.fromisoformat("2026-12-16T10:00:00-06:00")  # in the third week of the period
HANDED_IN = datetime.fromisoformat("2026-11-23T10:00:00-06:00")
_BEGAN = datetime.fromisoformat("2026-12-01T08:00:00-06:00")
_WHO = "drill"
_ALIKE = 500  # people that are written out again and again
_LIVE = 20  # calls on the line


def filled(made: Parts, people: int) -> tuple[int, int]:
    """(campaign under way, campaign to review), each of so many ``people``; those of an earlier run, if there are."""
    with made.db.begin() as tx:
        there = tx.execute(
            select(campaign.c.id).where(campaign.c.recipients == people).order_by(campaign.c.id)
        ).scalars()
        found = there.all()
    return (found[0], found[1]) if len(found) == 2 else _fill(made, people)


def _fill(made: Parts, people: int) -> tuple[int, int]:
    under_way, to_review = (_handed_in(made, name) for name in ("Con llamadas", "Por revisar"))
    with made.db.begin() as tx:
        approve(tx, HANDED_IN, under_way, _WHO, Role.SUPERVISOR, at_once=True, reason="simulacro")
        life.move(tx, _BEGAN, under_way, CampaignState.RUNNING, _WHO)
        tx.execute(text("set local session_replication_role = replica"))  # neither triggers nor references
        told = {"called": under_way, "review": to_review, "people": people, "began": _BEGAN, "now": NOW, "live": _LIVE}
        indexes = tx.execute(text(_INDEXES)).all()
        for name, _ in indexes:
            tx.execute(text(f"drop index {name}"))
        for statement in (_FATES, _PEOPLE, "analyze crowd", *_CALLED, *_REVIEWED, *_LINES):
            _do(tx, statement, told)
        for _, definition in indexes:  # sooner made at the end than kept row by row
            tx.execute(text(definition))
    with made.db.at_once() as tx:
        tx.execute(text("vacuum analyze"))  # as the server does by itself, sooner or later
    return under_way, to_review


def _handed_in(made: Parts, name: str) -> int:
    data = formato([citizen(number) for number in range(_ALIKE)], nombre_campana=name)
    clock = FixedClock(HANDED_IN)
    return submit(made.db, made.vault, clock, made.campaign_lines, _WHO, f"{name}.csv", data).id


def _do(tx: Connection, statement: str, told: dict[str, object]) -> None:
    tx.execute(text(statement), {name: value for name, value in told.items() if f":{name}" in statement})


_INDEXES = """
select indexname, indexdef from pg_indexes where tablename in ('recipient', 'attempt', 'call')
  and not exists (select from pg_constraint where conname = indexname)
"""

#: Of a call: the first eight end it, after the others the person is called again.
_FATES = """
create temporary table fate (n, status, answered_by, progress, outcome) on commit drop as values
  (0, 'completed', 'human', 'collected', 'contacto_titular.dato_recolectado'),
  (1, 'completed', 'human', 'message_heard', 'contacto_titular.mensaje_completo'),
  (2, 'completed', 'human', 'message_heard', 'contacto_titular.mensaje_completo'),
  (3, 'completed', 'human', 'message_started', 'contacto_titular.mensaje_parcial'),
  (4, 'completed', 'human', 'failed_security', 'contacto_titular.no_supera_seguridad'),
  (5, 'completed', 'human', 'wrong_number', 'contacto_tercero.numero_equivocado'),
  (6, 'completed', 'human', 'opted_out', 'contacto_titular.no_llamar'),
  (7, 'completed', 'human', 'not_here', 'contacto_tercero.no_es_la_persona'),
  (8, 'no-answer', null, null, 'no_contacto.no_contesta'), (9, 'busy', null, null, 'no_contacto.ocupado'),
  (10, 'completed', 'machine_end_beep', null, 'no_contacto.buzon_sin_mensaje'),
  (11, 'completed', 'machine_end_beep', 'voicemail_left', 'no_contacto.buzon_con_mensaje'),
  (12, 'completed', 'human', 'answered', 'no_contacto.colgo'), (13, 'failed', null, null, 'no_contacto.fallida'),
  (14, 'no-answer', null, null, 'no_contacto.no_contesta'), (15, 'no-answer', null, null, 'no_contacto.no_contesta')
"""

#: Of twenty the last one was not called yet; of twenty of the others ten once, eight twice, two three times.
_PEOPLE = """
create temporary table crowd on commit drop as
select n, calls, n / 20 % 8 + case when calls = 1 or n % 2 = 0 then 0 else 8 end as last,
  :began + n * 15 / :people * interval '1 day' + (n * 15 % :people) * 36000.0 / :people * interval '1 second' as at
from (select n, case when n > :people * 0.95 then 0 when n % 20 < 10 then 1 when n % 20 < 18 then 2 else 3 end as calls
      from generate_series(1::bigint, :people) n) as counted
"""

_CALLED = (
    "create temporary table kept on commit drop as select row_number() over () - 1 as n, * from recipient"
    " where campaign_id = :called and not is_final",
    "delete from attempt where campaign_id = :called",
    "delete from recipient where campaign_id in (:called, :review)",
    "update campaign set recipients = :people where id in (:called, :review)",
    """
    insert into recipient (campaign_id, row, person_print, data_sealed, phones, answers, outcome, is_final, attempts,
      first_attempt_at, last_attempt_at, last_phone, last_duration_s, preferred)
    select :called, c.n + 1, sha256(c.n::text::bytea), k.data_sealed, k.phones, k.answers,
      case when c.calls > 0 then f.outcome end, c.calls > 0 and c.last < 8, c.calls,
      case when c.calls > 0 then c.at end,
      case when c.calls > 0 then c.at + (c.calls - 1) * interval '2 hours' end, 0, 40,
      case when c.n % 20 = 7 then '08:00-12:00' end
    from crowd c join fate f on f.n = c.last join kept k on k.n = c.n % (select count(*) from kept) order by c.n
    """,
    """
    insert into attempt (campaign_id, recipient_id, phone, state, due_at, trunk, asked_at, started_at, ended_at,
      remote_sid, remote_status, answered_by, progress, outcome, duration_s, to_print)
    select :called, r.id, 0, 'ended', begun, 'default', begun, begun, begun + interval '40 seconds',
      'CA' || md5(r.id || '/' || t), f.status, f.answered_by, f.progress, f.outcome, 40, sha256(r.id::text::bytea)
    from recipient r join crowd c on c.n = r.row - 1, generate_series(1, c.calls) t,
      lateral (select c.at + (t - 1) * interval '2 hours' as begun) b
      join fate f on true
    where r.campaign_id = :called and f.n = case when t = c.calls then c.last else 8 + (c.n / 20 + t) % 8 end
    order by r.row, t
    """,
    """
    insert into attempt (campaign_id, recipient_id, phone, state, due_at, trunk, started_at, asked_at, remote_sid)
    select :called, id, 0, case when n <= :live then 'placed' else 'due' end, :now, 'default',
      case when n <= :live then cast(:now as timestamptz) end, case when n <= :live then now() end,
      case when n <= :live then 'CAlive' || n end
    from (select id, row_number() over (order by row) as n from recipient where campaign_id = :called and not is_final)
    """,
)

#: Half of them are in the other list too; one in two hundred is in error, of one in a hundred something is said.
_REVIEWED = (
    """
    insert into recipient (campaign_id, row, person_print, data_sealed, phones, answers, outcome, is_final, preferred)
    select :review, c.n + 1, sha256((c.n + case when c.n % 2 = 0 then 0 else :people end)::text::bytea), k.data_sealed,
      case when c.n % 200 = 9 then 0 else k.phones end, k.answers,
      case when c.n % 200 = 9 then 'no_marcable.registro_con_error' end, c.n % 200 = 9,
      case when c.n % 20 = 7 then '08:00-12:00' end
    from crowd c join kept k on k.n = c.n % (select count(*) from kept) order by c.n
    """,
    """
    insert into observation (campaign_id, code, level, sheet, row, "column", cell, value, message)
    select :review, case when n % 200 = 9 then 'E06' else 'E07' end,
      case when n % 200 = 9 then 'error' else 'aviso' end, 'Contactos',
      n + 1, 'telefono_1', 'G' || n, '••••12', 'El teléfono no se puede llamar.'
    from crowd where n % 200 = 9 or n % 100 = 3
    """,
)

#: What the lines know of the calls that were answered, and as many of citizens' own as one in ten.
_LINES = (
    """
    insert into call (sid, line, direction, attempt_id, turn, tries, answer, started_at, ended_at, remote_status)
    select remote_sid, 'dgs', 'outbound', id, 3, 0, '{}', started_at, ended_at, remote_status
    from attempt where campaign_id = :called and remote_status = 'completed' order by id
    """,
    """
    insert into call (sid, line, direction, turn, tries, answer, started_at, ended_at, remote_status)
    select 'CAin' || n, 'dgs', 'inbound', 3, 0, '{}', at, at + interval '2 minutes', 'completed'
    from crowd where n % 10 = 0
    """,
)
