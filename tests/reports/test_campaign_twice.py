"""A campaign's own report once more, in plain SQL that goes record by record and knows nothing of the code: one that
calls, one that texts, one that does both, of a thousand people each and every fate at random."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from reports import texts
from reports.campaign import campaign_row, contacts, counted_of
from reports.counting import ReportFigures
from reports.document import printed
from reports.indicators import outbound
from tests.campaigns.builders import moment, running
from tests.dialer.test_text_rounds import ONLY
from tests.emptying import empty
from tests.reports.test_both_by_hand import FIRST_TEXT

PEOPLE = 1000
KINDS: dict[str, dict[str, str]] = {"voice": {}, "texts": ONLY, "both": FIRST_TEXT}

#: Up to five attempts each; one in thirty the network refused, one in forty of the last ones is still on its way.
_FILL = (
    "select setseed(0.42)",
    "delete from attempt",
    """
    create temporary table made on commit drop as
    select r.id as recipient_id, r.campaign_id, c.texting, t, a, b, floor(random() * 18)::int as fate,
      case when c.texting = 'only' then true when c.texting is null then false else random() < 0.4 end as is_text,
      timestamptz '2026-11-23 08:00-06' + (t * 300 + random() * 200) * interval '1 minute' as at
    from recipient r join campaign c on c.id = r.campaign_id,
      lateral (select random() as a, random() as b, t from generate_series(1, (random() * 10 - 4 + 0 * r.id)::int) t) d
    """,
    """
    insert into attempt (campaign_id, recipient_id, phone, channel, state, due_at, trunk, started_at, ended_at,
      remote_sid, progress, outcome)
    select campaign_id, recipient_id, 0, case when texting is null then null when is_text then 'SMS' else 'VOZ' end,
      case when is_live then 'placed' else 'ended' end, at, 'default', at, case when not is_live then at end,
      case when a > 0.03 then 'C' || row_number() over (order by recipient_id, t) end,
      case when a <= 0.03 then null when is_text then case when b < 0.2 then 'phone_opted_out' end
        when is_live then case when b < 0.5 then 'verified' end else f.progress end,
      case when is_live then null when is_text and a <= 0.03 then 'sms.no_entregado'
        when is_text then (array['sms.entregado', 'sms.no_entregado', 'sms.sin_confirmar'])[1 + fate % 3]
        when a <= 0.03 then 'no_contacto.fallida' else f.outcome end
    from (select *, a > 0.975 and t = max(t) over (partition by recipient_id) as is_live from made) m
    join (values (0, 'collected', 'contacto_titular.dato_recolectado'), (1, 'message_heard',
      'contacto_titular.mensaje_completo'), (2, 'message_started', 'contacto_titular.mensaje_parcial'), (3,
      'failed_security', 'contacto_titular.no_supera_seguridad'), (4, 'wrong_number',
      'contacto_tercero.numero_equivocado'), (5, 'opted_out', 'contacto_titular.no_llamar'), (6, 'voicemail_left',
      'no_contacto.buzon_con_mensaje'), (7, 'answered', 'no_contacto.colgo'), (8, null, 'no_contacto.colgo'), (9, null,
      'no_contacto.no_contesta'), (10, null, 'no_contacto.ocupado'), (11, 'verified', 'no_contacto.colgo'), (12,
      'phone_opted_out', 'contacto_tercero.numero_equivocado'), (13, 'not_here', 'contacto_tercero.no_es_la_persona'),
      (14, 'answered', 'contacto_titular.solicita_llamada'), (15, null, 'no_contacto.buzon_sin_mensaje'), (16,
      'failed_security', 'contacto_titular.no_supera_seguridad'), (17, null, 'no_contacto.fallida')) f (k, progress,
      outcome) on f.k = fate
    """,
    """
    update recipient r set outcome = last.outcome, is_final = r.id % 2 = 0 and last.is_over, attempts = made.many
    from (select recipient_id, count(*) filter (where remote_sid is not null and state = 'ended') as many from attempt
      group by 1) made,
      lateral (select (select outcome from attempt a where a.recipient_id = made.recipient_id and state = 'ended'
        order by id desc limit 1) as outcome, not exists (select from attempt a where a.recipient_id =
        made.recipient_id and state <> 'ended') as is_over) last
    where r.id = made.recipient_id
    """,
    "update recipient set outcome = 'no_marcable.excluido', is_final = true where id % 29 = 0",
    """
    update recipient set outcome = 'no_marcable.registro_con_error', is_final = true
    where id % 13 = 0 and id not in (select recipient_id from attempt)
    """,
)


@pytest.fixture(scope="module")
def filled(_connected: Database, _emptier: psycopg.Connection) -> Iterator[tuple[Database, Vault, dict[str, int]]]:
    """Made once: everything here only reads."""
    vault, clock = Vault("a key for tests alone, of no use elsewhere"), FixedClock(moment("2026-11-23 07:00"))
    empty(_emptier)
    found = {
        name: running(_connected, vault, clock, PEOPLE, n * 5000, nombre_campana=name, **fields)
        for n, (name, fields) in enumerate(KINDS.items())
    }
    with _connected.begin() as tx:
        tx.execute(text("set local session_replication_role = replica"))
        for statement in _FILL:
            tx.execute(text(statement))
    yield _connected, vault, found
    empty(_emptier)


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def found(filled, kind: str) -> ReportFigures:
    db, vault, numbers = filled
    with db.begin() as tx:
        return counted_of(tx, vault, campaign_row(tx, numbers[kind]))


@pytest.fixture
def each(filled, kind: str):
    """How many records of the campaign there are of which all of these are true, one record after the other."""
    db, _, numbers = filled

    def count(*conditions: str, what: str = "count(*)") -> Any:
        where = " and ".join(f"({each})" for each in ("true", *conditions))
        for name, told in _WORDS.items():
            where = where.replace(name, told)
        query = f"select {what} from recipient r where r.campaign_id = {numbers[kind]} and {where}"
        with db.begin() as tx:
            return tx.execute(text(query)).scalar_one()

    return count


_CALL = "from attempt a where a.recipient_id = r.id and a.channel is distinct from 'SMS' and a.state = 'ended'"
_TEXT = "from attempt a where a.recipient_id = r.id and a.channel = 'SMS'"
_OWN = "a.outcome ~ '(dato_recolectado|mensaje_completo|mensaje_parcial|no_llamar|solicita_llamada)$'"
#: Of a record: what is asked of it, in as many words as it takes.
_WORDS = {
    "CALLED": f"exists (select {_CALL} and a.remote_sid is not null)",
    "TRIED": f"exists (select {_CALL} and (a.remote_sid is not null or a.outcome like '%fallida'))",
    "CONTACTED": f"exists (select {_CALL} and (a.outcome like 'contacto%' or a.progress = 'verified'))",
    "CONFIRMED": f"exists (select {_CALL} and {_OWN})",
    "MET": f"exists (select {_CALL} and a.outcome ~ '(recolectado|completo)$')",
    "PASSED": f"exists (select {_CALL} and ({_OWN} or a.progress = 'verified'))",
    "FAILED": f"exists (select {_CALL} and a.outcome like '%seguridad')",
    "WRONG": f"exists (select {_CALL} and a.outcome ~ '(equivocado|fallida)$')",
    "OPTED": f"exists (select {_CALL} and (a.outcome like '%no_llamar' or a.progress = 'phone_opted_out'))",
    "LOADED": "r.outcome is distinct from 'no_marcable.registro_con_error'",
    "TEXTED": f"exists (select {_TEXT} and a.remote_sid is not null)",
    "DELIVERED": f"exists (select {_TEXT} and a.remote_sid is not null and a.outcome = 'sms.entregado')",
    "UNSURE": f"exists (select {_TEXT} and a.remote_sid is not null and a.outcome = 'sms.sin_confirmar')",
    "LOST": f"exists (select {_TEXT} and a.remote_sid is not null and a.outcome = 'sms.no_entregado')",
    "BAJA": f"exists (select {_TEXT} and a.remote_sid is not null and a.progress = 'phone_opted_out')",
    "TOOK_NONE": f"not exists (select {_TEXT} and a.remote_sid is not null) and exists (select {_TEXT} and a.outcome ="
    " 'sms.no_entregado')",
}


def calls(each, condition: str = "true") -> int:
    """Calls of all records together."""
    return each(what=f"coalesce(sum((select count(*) {_CALL} and a.remote_sid is not null and {condition})), 0)")


@pytest.mark.parametrize("kind", ["voice", "both"], indirect=True)
def test_every_indicator_of_a_campaign_that_calls(found, each):
    """By each record in turn; Ilocalizados among them, while half of the records may still be called."""
    mine = {one.name: (one.part, one.whole) for one in outbound(found.counts)}
    called, contacted, confirmed, loaded = each("CALLED"), each("CONTACTED"), each("CONFIRMED"), each("LOADED")
    answered = calls(each, "a.outcome ~ '^(contacto|no_contacto.(buzon|colgo))'")
    person = calls(each, "a.outcome ~ '^(contacto_|no_contacto.colgo)'")
    assert mine == {
        "Barrido": (called, loaded),
        "Intensidad": (calls(each), called),
        "Contactabilidad": (contacted, called),
        "Contacto efectivo": (confirmed, contacted),
        "Efectividad": (each("MET"), confirmed),
        "Efectividad sobre la base": (each("MET"), loaded),
        "Tasa de superación de seguridad": (each("PASSED"), each("PASSED") + each("FAILED", "not PASSED")),
        "Mensaje completo": (calls(each, "a.outcome ~ '(recolectado|completo)$'"), answered),
        "Ilocalizados": (each("CALLED", "r.is_final", "not CONTACTED"), called),
        "Números errados %": (each("WRONG"), each("TRIED")),
        "Buzón %": (calls(each, "a.outcome like '%buzon%'"), answered),
        "Opt-out %": (each("OPTED"), contacted),
        "Abandono del marcador": (calls(each, "a.outcome like '%colgo' and a.progress is null"), person),
    }
    assert all(0 < part < whole for name, (part, whole) in mine.items() if name != "Intensidad"), mine
    assert each("CALLED", "not r.is_final", "CONTACTED") > 50
    assert each("CALLED", "not r.is_final", "not CONTACTED") > 20


@pytest.mark.parametrize("kind", ["voice", "both"], indirect=True)
def test_the_curve_of_attempts_and_the_hours(found, each):
    for told in found.tries:
        so_often = f"(select count(*) {_CALL} and a.remote_sid is not null) = {told.number}"
        assert (told.records, told.contacted) == (each(so_often), each(so_often, "r.outcome like 'contacto%'"))
    assert sum(told.records for told in found.tries) == each("CALLED")
    of_the_hour = "extract(hour from a.started_at at time zone 'America/El_Salvador') = {}"
    assert {told.hour: told.calls for told in found.hours} == {
        hour: many for hour in range(24) if (many := calls(each, of_the_hour.format(hour)))
    }


@pytest.mark.parametrize("kind", ["both"], indirect=True)
def test_the_texts_of_a_campaign_that_calls_too(found, each):
    told = found.texted
    assert told is not None
    assert told.people == each("TEXTED")
    assert told.texts == each(what=f"sum((select count(*) {_TEXT} and a.remote_sid is not null))")
    assert told.delivered == found.counts.delivered == each("DELIVERED")
    assert told.unconfirmed == each("UNSURE", "not DELIVERED")
    assert told.undelivered == each("LOST", "not UNSURE", "not DELIVERED")
    assert told.opted_out == each("BAJA")
    assert told.refused == each("TOOK_NONE")
    assert min(told.delivered, told.unconfirmed, told.undelivered, told.opted_out, told.refused) > 0
    assert each("TEXTED", "not CALLED") > 20


@pytest.mark.parametrize("kind", ["texts"], indirect=True)
def test_every_indicator_of_a_campaign_that_texts_alone(found, each):
    """What a person's text came to is their record's last outcome, once nothing more follows."""
    sent = each(f"exists (select {_TEXT} and a.remote_sid is not null and a.state = 'ended')")
    ended = {code: each("r.is_final", f"r.outcome = 'sms.{code}'") for code in
             ("entregado", "sin_confirmar", "no_entregado")}  # fmt: skip
    told = {str(row[0]): [printed(value) for value in row[2:4]] for row in texts.indicators(found).rows}
    assert told == {
        "Cobertura": [f"{sent}", f"{each('LOADED')}"],
        "Entrega": [f"{ended['entregado']}", f"{sent}"],
        "Sin confirmar %": [f"{ended['sin_confirmar']}", f"{sent}"],
        "No entregados %": [f"{ended['no_entregado']}", f"{sent}"],
        "Opt-out %": [f"{each('BAJA')}", f"{sent}"],
    }
    assert min(ended.values()) > 20 and found.texted is None


def test_each_record_has_its_own_attempts_in_the_workbook(filled, found, each, kind):
    db, vault, numbers = filled
    with db.begin() as tx:
        rows = list(contacts(tx, vault, campaign_row(tx, numbers[kind])))
    assert len(rows) == found.counts.received == PEOPLE
    totals = [sum(int(row[n]) for row in rows) for n in range(2, len(rows[0]))]
    of_texts = each(what=f"coalesce(sum((select count(*) {_TEXT} and a.remote_sid is not null)), 0)")
    ended = each(what=f"coalesce(sum((select count(*) {_TEXT} and a.remote_sid is not null and a.state = 'ended')), 0)")
    made = {"voice": [calls(each)], "texts": [ended], "both": [calls(each), of_texts]}
    assert totals == made[kind]
