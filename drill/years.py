"""Years of consultations as the product leaves them: whose they are sealed and fingerprinted, each with its history,
its attention, and where there is one its order, its tasks and its correction.

Beside the calls of drill/busy.py and of three campaigns, from the same draws. People call again: some often, most once
or twice.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, text

from assembly import Parts
from campaigns.submission import submit
from core.clock import FixedClock
from core.privacy import Vault
from demo.invent import citizen, formato
from drill import busy

DAYS = 730
OPERATORS = 40
_FIRST = date.fromisoformat(busy.FIRST)
_HANDED_IN = datetime.fromisoformat("2026-10-05T10:00:00-06:00")
_CAMPAIGNS, _ALIKE = 3, 500
_PER_PERSON = 2.5  # consultations
_WORDS = 2000  # different texts: what is sealed is as long as what people write
_AT_ONCE = 20_000
_FEW = "Pregunta cuándo le llega el subsidio de este mes y en qué tienda lo cobra. Se le explica y queda conforme. "

_PEOPLE = """
insert into recipient (campaign_id, row, data_sealed, phones, person_print)
select campaign_id, 1000 + n, data_sealed, phones, sha256(n::text::bytea)
from (select distinct on (campaign_id) * from recipient) r, generate_series(1, :each) n
"""
_RUNNING = """
update campaign c set starts_at = :first, ends_on = :last, state = 'running',
  recipients = (select count(*) from recipient r where r.campaign_id = c.id)
"""
_WHO = """
create temporary table who (n bigint, document_print bytea, document_sealed bytea, phone_print bytea,
  phone_sealed bytea, name_sealed bytea) on commit drop
"""
_SAID = "create temporary table said (n bigint, words bytea, typed bytea, born bytea) on commit drop"
_KEYED = ("create index on who (n)", "create index on said (n)", "analyze who", "analyze said", "analyze drawn")

#: Of the last two days half is open, and of the rest one in two thousand that was forgotten.
_UNTIL = "timestamptz '2026-10-18 12:00:00+00' + :days * interval '1 day'"

_CASES = (
    """
    insert into operator (account_id, email, name, state, since, seen_at)
    select n, 'o' || n || '@ejemplo.gob.sv', 'Operador ' || n, 'DESCONECTADO', now(), now()
    from generate_series(:operators + 1, :seats) n
    """,
    f"""
    insert into case_ (subject, state, line, channel, caller_kind, is_anonymous, opened_by, opened_at, opened_on,
      due_at, closed_at, closed_by, call_sid, detail_sealed, resolution_sealed, document_print, document_sealed,
      phone_print, phone_sealed, contact_name_sealed)
    select k.subject, case when k.closed_at is null then 'PENDIENTE' else 'CERRADO' end, k.line,
      case when e < 0.8 then 'VOZ' else 'WHATSAPP' end, 'BENEFICIARIO', e < 0.03, k.operator, at, at::date,
      at + interval '24 hours', k.closed_at, case when k.closed_at is not null then k.operator end, 'CA' || drawn.n,
      words, case when k.closed_at is not null then words end, case when e >= 0.2 then document_print end,
      case when e >= 0.2 then document_sealed end, case when e >= 0.03 then phone_print end,
      case when e >= 0.03 then phone_sealed end, case when e >= 0.2 then name_sealed end
    from drawn
    cross join lateral (select (array['dgs', 'issemym', 'linea131'])[1 + drawn.n * 7 % 3] as line,
      case when drawn.n % 25 = 0 and e >= 0.2 then 'FECHA_NACIMIENTO'
        else (array['C01', 'C02', 'C03', 'C08', 'C10', 'C99'])[1 + drawn.n % 6] end as subject,
      case when b < 0.85 then 'o' || 1 + drawn.n * 7 % :seats || '@ejemplo.gob.sv' else 'ivr' end as operator,
      case when c < 0.5 then at when at < {_UNTIL} - interval '2 days' and d >= 0.0005
        then at + floor(d * 172800) * interval '1 second' end as closed_at,
      case when drawn.n % 25 = 0 then drawn.n / 25
        else floor(power(a, 1.5) * (select count(*) from who))::bigint end as person) k
    left join who on who.n = k.person
    left join said on said.n = drawn.n % :words
    order by drawn.at
    """,
    """
    insert into attention (room_id, line, channel, zone, operator, subject, caller_kind, phone_sealed, document_sealed,
      typed_sealed, prints, has_conflict, is_gift_offered, outcome, opened_at, had_at, typed_at, saved_at, call_sid,
      case_id)
    select c.id, line, channel, 'America/El_Salvador', opened_by, subject, caller_kind, phone_sealed, document_sealed,
      said.typed, array_remove(array[document_print, phone_print], null), false, false,
      case when closed_at = opened_at then 'CERRADO' else 'PENDIENTE' end, opened_at, opened_at, opened_at, opened_at,
      call_sid, c.id
    from case_ c left join said on said.n = c.id % :words where opened_by <> 'ivr' order by c.id
    """,
    """
    insert into attention (room_id, line, channel, zone, operator, subject, typed_sealed, prints, outcome, opened_at,
      had_at, saved_at, call_sid, case_id, is_concluded)
    select room_id, line, channel, zone, 'o' || 1 + (substring(operator from '[0-9]+')::int + 5) % :seats ||
      '@ejemplo.gob.sv', subject, typed_sealed, prints, outcome, opened_at, had_at - interval '1 minute', saved_at,
      call_sid, case_id, id % 7 = 0
    from attention where id % 4 = 0
    """,
    """
    insert into work_order (kind, state, document_print, document_sealed, detail_sealed, opened_by, opened_at,
      closed_at, closed_by, case_id)
    select kind, case when is_open then 'ABIERTA' else 'CERRADA' end, document_print, document_sealed, detail_sealed,
      opened_by, opened_at, case when not is_open then opened_at + interval '3 days' end,
      case when not is_open then opened_by end, id
    from (select *, opened_at > timestamptz '2026-10-18 12:00:00+00' + (:days - 3) * interval '1 day'
        and 1 = row_number() over (partition by kind, document_print order by opened_at desc) as is_open
      from (select *, case when id % 4 = 0 then 'ENLACE' else 'PIN_SUSTRACCION' end as kind from case_
        where id % 5 < 2 and document_print is not null and opened_by <> 'ivr') c) o
    order by opened_at
    """,
    """
    insert into order_step (order_id, step, place, filled_sealed, closed_at, closed_by)
    select id, step, place, case when closed_at is not null then detail_sealed end, closed_at, closed_by
    from work_order, (values ('RECEPCION', 0), ('REGISTRO', 1)) s (step, place) where kind = 'ENLACE' order by id
    """,
    """
    insert into task (kind, line, case_id, to_roles, words_sealed, due_at, made_by, made_at, ended_by, ended_at)
    select k.kind, line, id, array[k.role], detail_sealed, due_at, opened_by, opened_at,
      case when closed_at is not null then opened_by end, closed_at
    from case_ c join (values (1, 'CLOSE', 'COORDINADOR'), (20, 'UNIT', 'COORDINADOR'),
      (50, 'FOLLOW_UP', 'COORDINADOR'), (100, 'UNATTENDED', 'DIRECTOR')) k (each, kind, role) on c.id % k.each = 0
    where closed_at is null or closed_at > opened_at order by id
    """,
    """
    insert into correction (kind, state, case_id, line, document_print, document_sealed, proposed_sealed, asked_by,
      asked_at, source, reason_sealed, decided_by, decided_at, told_at)
    select 'BIRTH_DATE', case when closed_at is null then 'SOLICITADA' when c.id % 3 = 0 then 'RECHAZADA'
      else 'ACTUALIZADA' end, c.id, line, document_print, document_sealed, said.born, opened_by, opened_at,
      case when closed_at is not null then 'VENTANILLA' end, case when closed_at is not null then detail_sealed end,
      case when closed_at is not null then 'coordinacion@ejemplo.gob.sv' end, closed_at, closed_at
    from case_ c left join said on said.n = c.id % :words
    where subject = 'FECHA_NACIMIENTO' and document_print is not null order by c.id
    """,
    """
    insert into audit (at, actor, action, subject, subject_id, facts)
    select opened_at, opened_by, 'case.opened', 'case', id::text, '{}' from case_ order by id
    """,
)

#: Four to sixteen of each, ten on the average: those of a day's consultations among each other, as they are noted.
_HISTORY = (
    """
    insert into case_event (case_id, at, actor, kind, text_sealed, facts)
    select c.id, least(c.opened_at + (o.i - 1) * interval '90 minutes', coalesce(c.closed_at, 'infinity')), c.opened_by,
      case when o.i = 1 then 'OPENED' when o.i = c.many and c.closed_at is not null then 'CLOSED'
        else (array['WROTE', 'ADDED', 'REPEATED', 'ESCALATED', 'REOPENED', 'COMPLETED'])[1 + (c.id + o.i) % 6] end,
      said.words,
      case when o.i = 1 then jsonb_build_object('topic', c.subject, 'outcome', c.state) else '{}' end
    from (select day, i from generate_series(0, (select max(id) from case_) / :a_day) day, generate_series(1, 16) i
      order by day, i) o
    cross join lateral (select *, 4 + id * 7 % 13 as many from case_ where id > o.day * :a_day
      and id <= (o.day + 1) * :a_day and 4 + id * 7 % 13 >= o.i) c
    left join said on said.n = (c.id * 31 + o.i) % :words
    """,
    """
    insert into case_event (attention_id, at, actor, kind, facts)
    select id, opened_at, operator, 'HANDED_OVER', '{}' from attention where is_concluded order by id
    """,
)


def filled(made: Parts, cases: int) -> None:
    """So many consultations of two years, unless they are there."""
    with made.db.begin() as tx:
        if tx.execute(text("select exists (select from case_)")).scalar_one():
            return
    for number in range(_CAMPAIGNS):
        people = [citizen(number * _ALIKE + each) for each in range(_ALIKE)]
        data = formato(people, nombre_campana=f"Campaña {number}")
        clock = FixedClock(_HANDED_IN)
        submit(made.db, made.vault, clock, made.campaign_lines, "drill", f"{number}.csv", data)
    with made.db.begin() as tx:
        tx.execute(text("set local session_replication_role = replica"))
        tx.execute(text("set local maintenance_work_mem = '512MB'"))
        tx.execute(text(_PEOPLE), {"each": cases // (2 * _CAMPAIGNS)})
        tx.execute(text(_RUNNING), {"first": _FIRST, "last": _FIRST + timedelta(days=DAYS)})
        crowd(tx, made.vault, cases, days=DAYS)
    with made.db.at_once() as tx:
        tx.execute(text("vacuum analyze"))  # as the server does by itself, sooner or later


def crowd(tx: Connection, vault: Vault, many: int, *, days: int) -> None:
    """``busy.crowd`` with everything that is noted, and so many consultations of ``many`` / 2.5 people with ten events
    each, as many days back."""
    people = max(int(many / _PER_PERSON), many // 25 + 1)
    told = {"seats": OPERATORS, "words": _WORDS, "a_day": max(many // days, 1)}
    busy.crowd(tx, many, days=days, is_whole=True, cases=(*_of_people(tx, vault, people), *_CASES, *_HISTORY), **told)


def _of_people(tx: Connection, vault: Vault, many: int) -> tuple[str, ...]:
    """Those who call, and what is said of them, in tables of this transaction; what is to be done before they are
    asked for."""
    for statement in (_WHO, _SAID):
        tx.execute(text(statement))
    cursor = tx.connection.cursor()
    with cursor.copy("copy who from stdin") as copy:
        for row in _people(vault, many):
            copy.write_row(row)
    with cursor.copy("copy said from stdin") as copy:
        said = [(_FEW * (1 + n % 3))[: 40 + n * 37 % 260] for n in range(_WORDS)]
        typed = [json.dumps({"detail": each}) for each in said]
        born = [f"{citizen(n).born}" for n in range(_WORDS)]
        for row in zip(range(_WORDS), *(vault.seal_each(each) for each in (said, typed, born)), strict=True):
            copy.write_row(row)
    return _KEYED


def _people(vault: Vault, many: int) -> Iterator[tuple[object, ...]]:
    for first in range(0, many, _AT_ONCE):
        each = [citizen(number) for number in range(first, min(first + _AT_ONCE, many))]
        documents = [who.document.replace("-", "") for who in each]
        phones = [citizen(who.number * 4 // 5).phones[0] for who in each]  # of five people two have the same one
        yield from zip(
            (who.number for who in each),
            vault.fingerprint_each("document", documents),
            vault.seal_each(documents),
            vault.fingerprint_each("phone", phones),
            vault.seal_each(phones),
            vault.seal_each([f"{who.name} {who.surname}" for who in each]),
            strict=True,
        )
