"""Every figure of a period once more, in plain SQL that knows nothing of the code, over weeks at random."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import text

from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from core.tariffs import TextTariff
from drill.busy import FIRST, LAST, OPERATORS, crowd
from ivr.pins import pins_by_day
from ivr.register import calls_by_day
from reports.indicators import of_a_period, total
from reports.measures import Standards, Thresholds
from reports.period import Figures, House, counted
from reports.periods import Period
from reports.service import inbound, service_of
from tests.campaigns.builders import moment, running, set_campaign
from tests.emptying import empty

MANY = 20_000
TIJUANA = ZoneInfo("America/Tijuana")
LIMITS = Thresholds(30, 6)
PRICES = {"default": TextTariff("USD", Decimal("0.05"))}
_DAY = "(({0} at time zone 'America/Tijuana')::date)"
_IN = "({0} >= timestamptz '2026-10-19 00:00:00-07' and {0} < timestamptz '2026-11-16 00:00:00-08')"
_SHOWN = "line <> 'linea131'"
_SUBJECT = "coalesce((select facts->>'was' from case_event e where e.case_id = case_.id and facts ? 'was'), subject)"


@pytest.fixture(scope="module")
def filled(_connected: Database, _emptier: psycopg.Connection) -> Iterator[tuple[Database, House]]:
    """Made once: everything here only reads."""
    vault = Vault("a key for tests alone, of no use elsewhere")
    empty(_emptier)
    _fill(_connected, vault)
    standards = Standards({"dgs": 3, "issemym": 5}, LIMITS, PRICES)
    yield _connected, House(vault, "x", {}, lambda: standards, calls_by_day, pins_by_day)
    empty(_emptier)


def _fill(db: Database, vault: Vault) -> None:
    clock = FixedClock(moment("2026-11-23 10:00"))
    for first in (0, 1000):
        number = running(db, vault, clock, 300, first, nombre_campana=f"Campaña {first}")
        set_campaign(db, number, starts_at=moment("2026-10-19 08:00"), ends_on=date(2026, 11, 15), texting="before")
    with db.begin() as tx:
        tx.execute(text("delete from attempt"))
        crowd(tx, MANY)
        for statement in (*_TASKS, _TAKEN_UP):
            tx.execute(text(statement))
    with db.at_once() as tx:
        tx.execute(text("analyze"))


#: What waited had a task, but for the oldest; each eleventh that was closed was opened again, and is about something
#: else since the weeks were over.
_TASKS = (
    "delete from task where kind = 'CLOSE'",
    """
    insert into task (kind, line, case_id, to_roles, due_at, made_by, made_at, ended_at)
    select 'CLOSE', line, id, '{}', due_at, opened_by, opened_at, closed_at from case_
    where closed_at is distinct from opened_at and id % 10 > 0
    """,
    """
    insert into task (kind, line, case_id, to_roles, due_at, made_by, made_at)
    select 'CLOSE', line, id, '{}', closed_at + interval '49 hours', opened_by, closed_at + interval '25 hours'
    from case_ where closed_at > opened_at and id % 10 > 0 and id % 11 = 0
    """,
    """
    update case_ set due_at = closed_at + interval '49 hours', closed_at = null, state = 'PENDIENTE'
    where closed_at > opened_at and id % 10 > 0 and id % 11 = 0
    """,
    """
    insert into case_event (case_id, at, actor, kind, facts)
    select id, timestamptz '2026-11-20', 'x', 'COMPLETED', jsonb_build_object('was', subject, 'was_script', script)
    from case_ where id % 11 = 0
    """,
    "update case_ set subject = 'C04' where id % 11 = 0",
)

#: Of what the line left, somebody attended the half within two days; of these, each fifth went with a colleague's case.
_TAKEN_UP = """
insert into attention (room_id, line, channel, zone, operator, subject, typed_sealed, outcome, opened_at, saved_at,
  case_id, is_concluded)
select 20000000 + id, line, channel, 'America/Tijuana', 'o1@ejemplo.gob.sv', subject, '', 'PENDIENTE', opened_at,
  opened_at + (id % 48) * interval '1 hour', id, id % 5 = 0
from case_ where opened_by = 'ivr' and id % 2 = 0
"""


@pytest.fixture(scope="module")
def found(filled) -> Figures:
    db, house = filled
    period = Period(date.fromisoformat(FIRST), date.fromisoformat(LAST), TIJUANA)
    with db.begin() as tx:
        return counted(tx, house, period, hidden={"linea131"})


@pytest.fixture
def plain(filled):
    """Rows of a statement, in which ⟦x⟧ asks whether x is in the period, and ⟪x⟫ for its day there."""
    db, _ = filled

    def plain(statement: str) -> list[tuple]:
        for left, right, form in (("⟦", "⟧", _IN), ("⟪", "⟫", _DAY)):
            while left in statement:
                before, _, rest = statement.partition(left)
                inside, _, after = rest.partition(right)
                statement = before + form.format(inside) + after
        with db.begin() as tx:
            return [tuple(row) for row in tx.execute(text(statement))]

    return plain


def test_there_is_enough_of_everything(found):
    assert sum(day.received for day in found.days) > 10_000
    assert sum(day.asked for day in found.days) > 5_000
    assert sum(each.all for each in found.consultations) > 10_000
    assert len(found.days) == 2 * 28  # both lines on each of the four weeks' days


def test_the_calls_of_each_line_and_day(found, plain):
    """Each column of its own, by line and day: nothing is joined that the report joins."""
    asked = {
        "received": f"select line, ⟪started_at⟫, count(*) from call where direction = 'inbound' and ⟦started_at⟧"
        f" and {_SHOWN} group by 1, 2",
        "alone": "select line, ⟪started_at⟫, count(*) from call where direction = 'inbound' and ⟦started_at⟧ and"
        f" sid not in (select call_sid from room where call_sid is not null) and {_SHOWN} group by 1, 2",
        "asked": _rooms("count(*)"),
        "attended": _rooms("count(answered_at)"),
        "abandoned": _rooms("count(*)", "answered_at is null and state = 'ENDED' and ended_as = 'abandoned'"),
        "otherwise": _rooms("count(*)", "answered_at is null and state = 'ENDED' and ended_as <> 'abandoned'"),
        "in_time": _rooms("count(*)", "answered_at <= entered_at + interval '30 seconds'"),
        "short": _rooms(
            "count(*)",
            "answered_at is null and state = 'ENDED' and ended_as = 'abandoned'"
            " and ended_at <= entered_at + interval '6 seconds'",
        ),
        "moved": _rooms(
            "count(*)",
            "answered_at is not null and exists (select from room_event e where e.room_id = room.id and e.kind like"
            " 'call.%')",
        ),
        "waited": _rooms("extract(epoch from sum(answered_at - entered_at))", "answered_at is not null"),
        "talked": _rooms("extract(epoch from sum(ended_at - answered_at))", "answered_at is not null"),
        "of_desk": _rooms("count(*)", _DIALLED, kinds="('OUTBOUND', 'CALLBACK')"),
        "desk_answered": _rooms("count(answered_at)", _DIALLED, kinds="('OUTBOUND', 'CALLBACK')"),
        "wrote": _WROTE,
    }
    for name, statement in asked.items():
        counts = {(line, day): float(count or 0) for line, day, count in plain(statement) if count}
        mine = {(each.line, each.day): float(getattr(each, name)) for each in found.days if getattr(each, name)}
        assert counts == pytest.approx(mine), name
        assert counts, name


_DIALLED = "id in (select room_id from leg where role = 'CALLER' and asked_at is not null)"


def _rooms(what: str, where: str = "true", kinds: str = "('INBOUND')") -> str:
    return (
        f"select line, ⟪entered_at⟫, {what} from room where kind in {kinds} and ⟦entered_at⟧ and {_SHOWN} and {where}"
        " group by 1, 2"
    )


#: Each spell by looking for what came after it, and for the call before it, one by one.
_WROTE = f"""
select line, ⟪entered_at⟫, extract(epoch from sum(least(until, timestamptz '2026-11-16 00:00:00-08') - at)) from (
  select p.at, (select min(n.at) from presence_change n where n.account_id = p.account_id and (n.at, n.id) > (p.at,
      p.id) and n.at < timestamptz '2026-11-17 00:00:00-08') as until,
    (select l.room_id from leg l where l.account_id = p.account_id and l.joined_at <= p.at
      and l.role in ('OPERATOR', 'CONSULTED') order by l.joined_at desc, l.id desc limit 1) as room_id
  from presence_change p where p.state = 'POST_LLAMADA' and ⟦p.at⟧) spell
join room on room.id = spell.room_id
where until is not null and kind = 'INBOUND' and ⟦entered_at⟧ and {_SHOWN} group by 1, 2
"""


def test_every_indicator_of_what_came_in(found, plain):
    service = service_of(found.days, found.consultations, found.pendings, [LIMITS])
    mine = {each.name: (each.part, each.whole) for each in inbound(service)}
    [(saved, at_once)] = plain(f"""
        select count(*), count(*) filter (where conversations = 1 and last = 'CERRADO') from (
          select a.case_id, min(saved_at) as first, count(distinct room_id) as conversations,
            (select outcome from attention l where l.case_id = a.case_id and not is_concluded and saved_at <
              timestamptz '2026-11-16 00:00:00-08' order by saved_at desc, id desc limit 1) as last
          from attention a where not is_concluded and saved_at < timestamptz '2026-11-16 00:00:00-08'
          group by a.case_id) each
        join case_ c on c.id = each.case_id where ⟦first⟧ and {_SHOWN}""")
    [(due, closed)] = plain(f"""
        select count(*), count(*) filter (where ended < due) from (
          select line, due_at as due, ended_at as ended from task where kind = 'CLOSE'
          union all
          select line, due_at, closed_at from case_ where id % 10 = 0 and closed_at is distinct from opened_at) waited
        where ⟦due⟧ and {_SHOWN}""")
    assert mine["Resolución en el primer contacto (FCR)"] == (at_once, saved)
    assert mine["Pendientes cerrados antes de 24 h %"] == (closed, due)
    [(asked, attended, abandoned, in_time, waited)] = plain(f"""
        select count(*), count(answered_at), count(*) filter (where answered_at is null and ended_as = 'abandoned'
            and state = 'ENDED'), count(*) filter (where answered_at - entered_at <= interval '30 seconds'),
          extract(epoch from sum(answered_at - entered_at)) from room
        where kind = 'INBOUND' and ⟦entered_at⟧ and {_SHOWN}""")
    assert mine["Nivel de atención"] == (attended, asked)
    assert mine["Nivel de servicio, con abandonos cortos"] == (in_time, asked)
    assert mine["Abandono"] == (abandoned, asked)
    assert mine["Tiempo promedio de espera (ASA)"] == (round(waited), attended)
    assert min(saved, at_once, due, closed, abandoned, in_time) > 100


def test_consultations_by_kind_line_channel_and_day(found, plain):
    rows = plain(f"""
        select {_SUBJECT}, line, channel, ⟪first⟫, count(*) from case_ join (select case_id, min(saved_at) as first
          from attention where not is_concluded group by 1) a on a.case_id = case_.id
        where ⟦first⟧ and {_SHOWN} group by 1, 2, 3, 4""")
    mine = {(e.subject, e.line, e.channel, e.day): e.by_people for e in found.consultations if e.by_people}
    assert {row[:4]: row[4] for row in rows} == mine
    rows = plain(f"""
        select {_SUBJECT}, line, channel, ⟪opened_at⟫, count(*) from case_ where opened_by = 'ivr' and ⟦opened_at⟧
          and id not in (select case_id from attention where not is_concluded and saved_at < timestamptz '2026-11-16
            00:00:00-08') and {_SHOWN} group by 1, 2, 3, 4""")
    assert {row[:4]: row[4] for row in rows} == {
        (e.subject, e.line, e.channel, e.day): e.by_line for e in found.consultations if e.by_line
    }


def test_a_case_that_the_line_left_and_somebody_attended_is_one(found, plain):
    [(cases, both)] = plain(f"""
        with left_by_line as (select id from case_ where opened_by = 'ivr' and ⟦opened_at⟧ and {_SHOWN}), saved as (
          select case_id as id from attention where not is_concluded and case_id in (select id from case_ where
            {_SHOWN})
          group by 1 having ⟦min(saved_at)⟧)
        select (select count(*) from (select id from left_by_line union select id from saved) each),
          (select count(*) from left_by_line join saved using (id))""")
    assert sum(each.all for each in found.consultations) == cases
    assert both > 100


def test_what_each_operator_did_on_each_day(found, plain):
    calls = f"""
        select email, ⟪joined_at⟫, count(distinct l.room_id) from leg l join operator using (account_id)
          join room on room.id = l.room_id where l.role = 'OPERATOR' and ⟦joined_at⟧ and {_SHOWN} and %s
        group by 1, 2"""
    by_kind = {
        "incoming": plain(calls % "room.kind = 'INBOUND'"),
        "outgoing": plain(calls % "room.kind in ('OUTBOUND', 'CALLBACK')"),
        "of_campaigns": plain(calls % "room.kind = 'CAMPAIGN'"),
        "calls": plain(calls % "true"),
    }
    cases = plain(f"""
        select operator, ⟪saved_at⟫, count(*) from attention where not is_concluded and ⟦saved_at⟧ and {_SHOWN}
        group by 1, 2""")
    orders = plain("select opened_by, ⟪opened_at⟫, count(*) from work_order where ⟦opened_at⟧ group by 1, 2")
    chats = plain(f"""
        select email, ⟪e.at⟫, count(distinct e.room_id) from room_event e join chat on chat.id = e.room_id
          join operator o on o.account_id = (e.facts ->> 'account')::bigint
        where e.kind in ('chat.taken', 'chat.handed_over') and ⟦e.at⟧ and {_SHOWN} group by 1, 2""")
    for name, rows in {**by_kind, "chats": chats, "cases": cases, "orders": orders}.items():
        mine = {(each.operator, each.day): getattr(each, name) for each in found.worked if getattr(each, name)}
        assert {row[:2]: row[2] for row in rows} == mine, name
    assert len({each.operator for each in found.worked}) == OPERATORS
    assert {each.target for each in found.worked} <= {0, 3, 5}


def test_the_occupation_of_each_operator(found, plain):
    """Spell by spell, each by looking for what came after it."""
    first, last = "timestamptz '2026-10-19 00:00:00-07'", "timestamptz '2026-11-16 00:00:00-08'"
    rows = plain(f"""
        select email, sum(seconds) filter (where spell.state <> 'DISPONIBLE'), sum(seconds) from (
          select account_id, state, extract(epoch from least(until, {last}) - greatest(at, {first})) as seconds from (
            select p.*, coalesce((select min(n.at) from presence_change n where n.account_id = p.account_id and
              (n.at, n.id) > (p.at, p.id)), {last}) as until
            from presence_change p where p.at >= {first} - interval '1 day' and p.at < {last}) each
          where until > {first}) spell join operator using (account_id) group by 1""")
    told = {row[0]: (float(row[1]), float(row[2])) for row in rows}
    assert told.keys() == found.occupied.keys()
    for email, each in found.occupied.items():
        assert told[email] == pytest.approx((each.busy, each.at_work))
    assert len(told) == OPERATORS and min(busy for busy, _ in told.values()) > 10_000


def test_what_was_written_to_each_line(found, plain):
    waits = "select line, e.at, e.room_id from room_event e join chat on chat.id = e.room_id where kind = 'chat.waits'"
    asked = {
        "opened": f"select line, ⟪opened_at⟫, count(*) from chat where ⟦opened_at⟧ and {_SHOWN} group by 1, 2",
        "asked": f"select line, ⟪at⟫, count(distinct room_id) from ({waits} and actor = 'whatsapp') w where ⟦at⟧ and"
        f" {_SHOWN} group by 1, 2",
        "attended": f"select line, ⟪answered_at⟫, count(*) from chat where ⟦answered_at⟧ and {_SHOWN} group by 1, 2",
        "waited": "select line, ⟪answered_at⟫, extract(epoch from sum(answered_at - opened_at) - count(*) * interval"
        f" '40 seconds') from chat where ⟦answered_at⟧ and {_SHOWN} group by 1, 2",
        "unattended": "select line, ⟪ended_at⟫, count(*) from chat where answered_at is null and queued_at is not null"
        f" and ⟦ended_at⟧ and {_SHOWN} group by 1, 2",
    }
    for name, statement in asked.items():
        counts = {(line, day): float(count) for line, day, count in plain(statement) if count}
        mine = {(each.line, each.day): float(getattr(each, name)) for each in found.chats if getattr(each, name)}
        assert counts == pytest.approx(mine), name
        assert sum(counts.values()) > 100, name


def test_pins_by_reason(found, plain):
    rows = plain(f"""
        select case when action = 'pin.refused' then 'Rechazado' when reason = 'ACTIVACION' then 'Activado'
          else 'Cambiado' end, reason, count(*) from audit join call on 'call:' || sid = actor
        where action like 'pin.%' and ⟦at⟧ and {_SHOWN} group by 1, 2""")
    assert {row[:2]: row[2] for row in rows} == dict(found.pins)


def test_every_indicator_of_the_campaigns(found, plain):
    """A record by what any of its calls in the period brought about; of texts and of calls that nobody took nothing."""
    call = "channel is distinct from 'SMS' and remote_sid is not null and ⟦started_at⟧"
    [(calls, answered, machine, person, whole, unspoken, called)] = plain(f"""
        select count(*), count(*) filter (where outcome like 'contacto%' or outcome like '%buzon%' or outcome like
          '%colgo'), count(*) filter (where outcome like '%buzon%'), count(*) filter (where outcome like 'contacto%' or
          outcome like '%colgo'), count(*) filter (where outcome like '%completo' or outcome like '%recolectado'),
          count(*) filter (where outcome like '%colgo' and progress is null), count(distinct recipient_id)
        from attempt where {call}""")
    own = "like any (array['%.mensaje_%', '%.dato_%', '%.no_llamar'])"
    brought = {
        "contacted": "outcome like 'contacto%' or progress = 'verified'",
        "confirmed": f"outcome {own}",
        "met": "outcome like '%completo' or outcome like '%recolectado'",
        "passed": f"outcome {own} or progress = 'verified'",
        "failed": "outcome like '%seguridad' and recipient_id not in (select recipient_id from attempt where channel is"
        f" distinct from 'SMS' and ⟦started_at⟧ and (outcome {own} or progress = 'verified'))",
        "bad": "outcome like '%equivocado' or outcome like '%fallida'",
        "opted": "outcome like '%no_llamar' or progress = 'phone_opted_out'",
        "tried": "remote_sid is not null or outcome like '%fallida'",
    }
    counts = {
        name: plain(f"""
            select count(distinct recipient_id) from attempt
            where channel is distinct from 'SMS' and ⟦started_at⟧ and ({what})""")[0][0]
        for name, what in brought.items()
    }
    [(loaded,)] = plain(
        "select count(*) from recipient where outcome is distinct from 'no_marcable.registro_con_error'"
    )
    mine = {each.name: (each.part, each.whole) for each in of_a_period(total(one.counts for one in found.called))}
    assert mine == {
        "Barrido": (called, loaded),
        "Intensidad": (calls, called),
        "Contactabilidad": (counts["contacted"], called),
        "Contacto efectivo": (counts["confirmed"], counts["contacted"]),
        "Efectividad": (counts["met"], counts["confirmed"]),
        "Efectividad sobre la base": (counts["met"], loaded),
        "Tasa de superación de seguridad": (counts["passed"], counts["passed"] + counts["failed"]),
        "Mensaje completo": (whole, answered),
        "Números errados %": (counts["bad"], counts["tried"]),
        "Buzón %": (machine, answered),
        "Opt-out %": (counts["opted"], counts["contacted"]),
        "Abandono del marcador": (unspoken, person),
    }
    assert len(found.called) == 2


def test_the_texts_of_each_campaign_and_line(found, plain):
    text = "channel = 'SMS' and remote_sid is not null and ⟦started_at⟧"
    sums = """count(*), count(*) filter (where outcome = 'sms.entregado'), count(*) filter (where outcome =
      'sms.no_entregado'), count(*) filter (where outcome like '%sin_confirmar'), sum(segments)"""
    for what, mine in (
        ("campaign_id", {row.id: sent for row, sent in found.texted.campaigns}),
        ("(select line from campaign where id = campaign_id)", found.texted.lines),
    ):
        rows = plain(f"select {what}, {sums}, 0.05 * sum(segments) from attempt where {text} group by 1")
        assert {row[0]: row[1:] for row in rows} == {
            key: (one.texts, one.delivered, one.failed, one.unconfirmed, one.segments, one.costs["USD"])
            for key, one in mine.items()
        }
        assert min(rows[0][1:]) > 10
    stops = plain(f"select line, count(*) from incoming_text where said = 'stop' and ⟦at⟧ and {_SHOWN} group by 1")
    assert dict(stops) == found.texted.stops
    assert len(stops) == 2
