"""Weeks of a busy house, at random but the same each time: calls, conversations, consultations and campaign calls.

PostgreSQL writes them itself, so that twenty thousand of each take seconds. Moments are even over the days, a clock
change of Tijuana among them; what else there is follows from a draw of each row.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

FIRST, LAST = "2026-10-19", "2026-11-15"  # four weeks in local days; on 1 November a clock was put back
OPERATORS = 12
_LINES = "(array['dgs', 'issemym', 'linea131'])[1 + (n * 7 % 3)]"

_STATEMENTS = (
    "select setseed(0.42)",
    """
    create temporary table drawn on commit drop as
    select n, timestamptz '2026-10-18 12:00:00+00' + random() * :days * interval '1 day' as at,
      random() as a, random() as b, random() as c, random() as d, random() as e from generate_series(1, :many) n
    order by at
    """,
    """
    insert into operator (account_id, email, name, state, since, seen_at)
    select n, 'o' || n || '@ejemplo.gob.sv', 'Operador ' || n, 'DISPONIBLE', now(), now()
    from generate_series(1, :operators) n
    """,
    f"""
    insert into call (sid, line, direction, turn, tries, answer, started_at, ended_at)
    select 'CA' || n, {_LINES}, case when a < 0.9 then 'inbound' else 'outbound' end, 0, 0, '{{}}', at,
      at + interval '5 minutes'
    from drawn
    """,
    f"""
    insert into room (line, queue, kind, state, call_sid, place_since, entered_at, queued_at, answered_at, ended_at,
      ended_as, account_id)
    select {_LINES}, 'general', case when b < 0.8 then 'INBOUND' when b < 0.9 then 'OUTBOUND' when b < 0.95
      then 'CALLBACK' else 'CAMPAIGN' end, case when d < 0.999 then 'ENDED' else 'WAITING' end,
      case when b < 0.8 then 'CA' || n end, at, at, at,
      case when d < 0.7 then at + floor(c * 90) * interval '1 second' end,
      case when d < 0.999 then at + floor(c * 90 + 1 + a * 600 * (d < 0.7)::int) * interval '1 second' end,
      case when d < 0.7 then 'finished' when d < 0.9 then 'abandoned' when d < 0.95 then 'promised a call'
        else 'leaves a message' end, 1 + n % :operators
    from drawn where a < 0.6
    """,
    """
    insert into leg (room_id, role, state, account_id, wanted_at, joined_at, ended_at)
    select id, 'OPERATOR', 'ENDED', account_id, entered_at, answered_at, ended_at from room
    where answered_at is not null
    """,
    """
    insert into leg (room_id, role, state, account_id, wanted_at, joined_at, ended_at)
    select id, (array['OPERATOR', 'CONSULTED'])[1 + id % 2], 'ENDED', 1 + (account_id + 3) % :operators, entered_at,
      answered_at + interval '20 seconds', ended_at from room where answered_at is not null and id % 9 = 0
    """,
    """
    insert into leg (room_id, role, state, wanted_at, asked_at, ended_at)
    select id, 'CALLER', 'ENDED', entered_at, entered_at, ended_at from room
    where kind in ('OUTBOUND', 'CALLBACK') and answered_at is not null
    """,
    """
    insert into room_event (room_id, at, kind, actor, facts)
    select r.id, r.ended_at, k.kind, 'x', '{}' from room r, (values (0, 'call.handed_over'), (1, 'call.to_queue'),
      (2, 'call.transferred'), (3, 'call.to_pin'), (4, 'room.ended'), (0, 'call.to_pin')) k (n, kind)
    where r.id % 11 = k.n and r.ended_at is not null
    """,
    """
    insert into presence_change (account_id, at, state)
    select account_id, ended_at, 'POST_LLAMADA' from room where answered_at is not null
    union all
    select account_id, ended_at + (id % 100) * interval '1 second', 'DISPONIBLE' from room
    where answered_at is not null and id % 5 > 0
    """,
    f"""
    insert into chat (line, queue, state, opened_at, wrote_at, queued_at, answered_at, ended_at, ended_as)
    select {_LINES}, 'general', case when d < 0.9 then 'ENDED' else 'TALKING' end, at, at,
      case when b < 0.6 then at + interval '40 seconds' end,
      case when b < 0.4 then at + floor(40 + c * 90000) * interval '1 second' end,
      case when d < 0.9 then at + interval '26 hours' end, case when d < 0.9 then 'finished' end
    from drawn where e < 0.3
    """,
    """
    insert into room_event (room_id, at, kind, actor, facts)
    select c.id, k.at, k.kind, k.actor, k.facts
    from chat c, lateral (values (c.queued_at, 'chat.waits', 'whatsapp', '{}'::jsonb),
      (c.answered_at, 'chat.taken', 'x', jsonb_build_object('account', 1 + c.id % :operators)),
      (case when c.id % 5 = 0 then c.answered_at + interval '2 hours' end, 'chat.handed_over', 'x',
        jsonb_build_object('account', 1 + (c.id + 3) % :operators)),
      (case when c.id % 7 = 0 then c.answered_at + interval '3 hours' end, 'chat.waits', 'desk', '{}'::jsonb),
      (c.ended_at, 'chat.ended', 'x', '{}'::jsonb)) k (at, kind, actor, facts)
    where k.at is not null
    """,
    """
    insert into audit (at, actor, action, subject, subject_id, reason, facts)
    select at, 'call:CA' || n, case when b < 0.6 then 'pin.set' else 'pin.refused' end, 'call', n::text,
      case when b < 0.6 then (array['ACTIVACION', 'OLVIDO', 'SUSTRACCION'])[1 + n % 3]
        else (array['BLOQUEO', 'SIN_HISTORIAL'])[1 + n % 2] end, '{}'
    from drawn where c < 0.3
    """,
    f"""
    insert into incoming_text (sid, line, said, at)
    select 'SM' || n, {_LINES}, case when c < 0.5 then 'stop' else 'other' end, at from drawn where b < 0.1
    """,
)

#: What is left of them: of the consultations nothing but what a report counts.
_CASES = (
    f"""
    insert into case_ (subject, state, line, channel, opened_by, opened_at, opened_on, due_at, closed_at, detail_sealed,
      call_sid)
    select (array['C01', 'C02', 'C03', 'C10', 'FECHA_NACIMIENTO'])[1 + n % 5],
      case when c < 0.8 then 'CERRADO' else 'PENDIENTE' end, {_LINES}, case when e < 0.8 then 'VOZ' else 'WHATSAPP' end,
      case when b < 0.85 then 'o' || 1 + n % :operators || '@ejemplo.gob.sv' else 'ivr' end, at, at::date,
      at + interval '24 hours', case when b < 0.85 and c < 0.5 then at when c < 0.8
        then at + floor(d * 172800) * interval '1 second' end, '', n::text
    from drawn
    """,
    """
    insert into attention (room_id, line, channel, zone, operator, subject, typed_sealed, outcome, opened_at, saved_at,
      case_id)
    select id, line, channel, 'America/Tijuana', opened_by, subject, '',
      case when closed_at = opened_at then 'CERRADO' else 'PENDIENTE' end, opened_at, opened_at, id
    from case_ where opened_by <> 'ivr'
    """,
    """
    insert into attention (room_id, line, channel, zone, operator, subject, typed_sealed, outcome, opened_at, saved_at,
      case_id, is_concluded)
    select room_id + case when id % 3 = 0 then 0 else 10000000 end, line, channel, zone,
      'o' || 1 + (substring(operator from '[0-9]+')::int + 5) % :operators || '@ejemplo.gob.sv', subject, '',
      (array['CERRADO', 'PENDIENTE'])[1 + id % 2],
      opened_at, saved_at + (id % 60) * interval '1 hour', case_id, id % 7 = 0
    from attention where id % 4 = 0
    """,
    """
    insert into work_order (kind, state, document_print, document_sealed, detail_sealed, opened_by, opened_at)
    select 'PIN_SUSTRACCION', 'CERRADA', '', '', '', 'o' || 1 + n % :operators || '@ejemplo.gob.sv', at
    from drawn where e < 0.2
    """,
)

#: Calls of campaigns that are there, to their people, as many as wanted and with every fate.
_ATTEMPTS = """
insert into attempt (campaign_id, recipient_id, phone, channel, state, due_at, trunk, started_at, ended_at, remote_sid,
  remote_status, progress, segments, outcome)
select r.campaign_id, r.id, 0, case when n % 10 = 0 then 'SMS' when n % 2 = 0 then 'VOZ' end, 'ended', at, 'default',
  at, at, case when e < 0.97 then 'CX' || n end, 'completed', f.progress,
  case when n % 10 = 0 then 1 + n % 3 end,
  case when n % 10 = 0 then (array['sms.entregado', 'sms.no_entregado', 'sms.sin_confirmar'])[1 + n / 10 % 3]
    else f.outcome end
from drawn join (select id, campaign_id, row_number() over (order by id) - 1 as k from recipient) r on r.k = n % :people
join (values (0, 'collected', 'contacto_titular.dato_recolectado'), (1, 'message_heard',
  'contacto_titular.mensaje_completo'), (2, 'message_started', 'contacto_titular.mensaje_parcial'), (3,
  'failed_security', 'contacto_titular.no_supera_seguridad'), (4, 'wrong_number', 'contacto_tercero.numero_equivocado'),
  (5, 'opted_out', 'contacto_titular.no_llamar'), (6, null, 'no_contacto.buzon_sin_mensaje'), (7, 'answered',
  'no_contacto.colgo'), (8, null, 'no_contacto.colgo'), (9, null, 'no_contacto.no_contesta'), (10, null,
  'no_contacto.fallida'), (11, 'verified', 'no_contacto.colgo'), (12, 'phone_opted_out',
  'contacto_tercero.numero_equivocado')) f (k, progress, outcome) on f.k = floor(d * 13)
"""


#: What is noted of a conversation meanwhile, eight times each.
_EVENTS = """
insert into room_event (room_id, at, kind, actor, facts)
select id, entered_at + n * interval '10 seconds', 'leg.changed', 'desk', '{}' from room, generate_series(1, 8) n
"""

_INDEXES = """
select indexname, indexdef from pg_indexes where tablename in ('call', 'room', 'leg', 'room_event', 'presence_change',
  'case_', 'attention', 'work_order', 'attempt', 'audit', 'case_event', 'task', 'correction')
  and not exists (select from pg_constraint where conname = indexname)
"""


def crowd(
    tx: Connection,
    many: int,
    *,
    days: int = 30,
    is_whole: bool = False,
    cases: Sequence[str] = _CASES,
    **more: int,
) -> None:
    """So many draws; of calls as many, of conversations six in ten, of consultations as many. The calls of campaigns
    are shared out among the people that are there already. ``days``: over which it is spread; ``is_whole``:
    with everything that is noted of each conversation too, some nine events a consultation; ``cases``: the statements
    that write out the consultations, of the rows of ``drawn``, and ``more`` that they name."""
    people = tx.execute(text("select count(*) from recipient")).scalar_one()
    told = {"many": many, "days": days, "operators": OPERATORS, "people": people, **more}
    indexes = tx.execute(text(_INDEXES)).all()
    for name, _ in indexes:
        tx.execute(text(f"drop index {name}"))
    tx.execute(text("set local session_replication_role = replica"))  # no triggers: of nobody's calls are counts kept
    for statement in (*_STATEMENTS, *cases, *([_ATTEMPTS] if people else []), *([_EVENTS] if is_whole else [])):
        tx.execute(text(statement), {name: value for name, value in told.items() if f":{name}" in statement})
    tx.execute(text("set local session_replication_role = origin"))
    for _, definition in indexes:  # sooner made at the end than kept row by row
        tx.execute(text(definition))
