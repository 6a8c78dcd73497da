"""One Monday, every figure of which was worked out by hand (R14, R23, R70, R74); and the same again, after what was
personal is gone."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from campaigns.tables import campaign
from campaigns.texting import delivery
from campaigns.texting.stopping import IncomingText, heed
from cases.catalogue.catalogue import subject_named
from cases.tables import attention
from core.audit import record
from core.privacy import Vault
from core.tariffs import TextTariff
from desk.retention import Retention as DeskRetention
from desk.states import RoomKind
from desk.tables import room
from ivr.housekeeping import purge_before
from ivr.pins import pins_by_day
from ivr.register import calls_by_day
from reports.document import printed
from reports.measures import Standards, Thresholds
from reports.period import House, counted, document
from reports.periods import Period
from reports.retention import Kept, Retention
from tests.campaigns.builders import attempts_of, put_on_the_line, running, set_attempt
from tests.reports.builders import called
from tests.reports.days import SAN_SALVADOR, Days

MONDAY = Period(date(2026, 11, 23), date(2026, 11, 23), SAN_SALVADOR)
NAMES = {"dgs": "DGS", "issemym": "ISSEMyM", "linea131": "Línea 131"}
HIDDEN = frozenset({"linea131"})


@pytest.fixture
def house(vault: Vault) -> House:
    standards = Standards({"dgs": 10, "issemym": 60, "linea131": 20}, Thresholds(20, 5))
    return House(vault, "Una institución", NAMES, lambda: standards, calls_by_day, pins_by_day)


@pytest.fixture
def a_monday(db, vault) -> None:
    with db.begin() as tx:
        day = Days(tx, vault)
        # Nine callers of the DGS want a person: five are attended, after 10, 20, 21, 60 and 5 seconds.
        first = day.asks("23 09:00:00", "23 09:05:10", "23 09:00:10", "Ana")  # talks 300 s
        second = day.asks("23 09:10:00", "23 09:14:20", "23 09:10:20", "Ana")  # 240 s
        third = day.asks("23 09:20:00", "23 09:22:21", "23 09:20:21", "Ana")  # 120 s
        fourth = day.asks("23 09:30:00", "23 09:41:00", "23 09:31:00", "Luis", moved="call.transferred")  # 600 s
        fifth = day.asks("23 10:00:00", "23 10:02:05", "23 10:00:05", "Luis", moved="call.to_pin")  # 120 s
        day.asks("23 10:10:00", "23 10:10:04", ended_as="abandoned")  # hung up after 4 s: short
        day.asks("23 10:20:00", "23 10:20:05", ended_as="abandoned")  # after 5 s: short
        day.asks("23 10:30:00", "23 10:30:06", ended_as="abandoned")  # after 6 s: an abandon like any other
        day.asks("23 10:40:00", "23 10:43:00", ended_as="promised a call")  # abandoned nothing
        # Three stay with the machine.
        alone = [day.rings(f"23 {hour}") for hour in ("11:00:00", "11:05:00", "23:59:59")]
        # One calls the ISSEMyM and waits 15 s; one Línea 131, which is not told of; two are of other days.
        other = day.asks("23 16:00:00", "23 16:01:15", "23 16:00:15", "Luis", "issemym")  # 60 s
        day.asks("23 09:00:00", "23 09:10:30", "23 09:00:30", "Eva", "linea131")
        day.rings("22 23:59:59")
        day.rings("24 00:00:00")
        # The desk calls twice and is answered once; of a campaign's contact its campaign tells.
        day.asks("23 14:00:00", "23 14:03:00", "23 14:00:15", "Ana", kind=RoomKind.OUTBOUND)
        day.asks("23 14:10:00", "23 14:11:00", kind=RoomKind.CALLBACK, ended_as="not reached")
        day.asks("23 15:00:00", "23 15:05:00", "23 15:00:10", "Luis", kind=RoomKind.CAMPAIGN)
        # Luis is handed the first call. After calls that came in Ana writes for 60 s, Luis for 120 and 30.
        day.joins(first, "Luis", "23 09:04:00", "23 09:05:10")
        day.writes("Ana", "23 09:05:10", "23 09:06:10")
        day.writes("Luis", "23 09:41:00", "23 09:43:00")
        day.writes("Luis", "23 16:01:15", "23 16:01:45")
        day.writes("Ana", "23 14:03:00", "23 14:05:00")  # after a call that went out
        day.writes("Eva", "23 09:10:30", "23 09:10:50")  # of a line that is not told of
        # Seven consultations, four of which ended with their conversation.
        day.saves("23 09:06:00", "Ana", "CERRADO", first, script="Precios, versión 2")
        day.saves("23 09:15:00", "Ana", "PENDIENTE", second, "C03", closed="24 09:14:00")
        day.saves("23 09:43:00", "Luis", "CERRADO", fourth, "C03", script="Precios, versión 2")
        both = day.saves("23 10:03:00", "Luis", "PENDIENTE", fifth, "C10", closed="23 10:20:00")
        day.saves("23 10:20:00", "Ana", "CERRADO", fifth, "C10", case_id=both)  # the same conversation closed it
        day.saves("23 11:00:00", "Ana", "PENDIENTE", 901, "C02")
        day.saves("23 16:02:00", "Luis", "CERRADO", other, "M01", line="issemym", channel="WHATSAPP")
        twice = day.saves("23 12:00:00", "Ana", "CERRADO", third, "C06")
        day.saves("23 12:30:00", "Luis", "CERRADO", 902, "C06", case_id=twice)  # but a second one was needed
        hidden = day.saves("23 09:11:00", "Eva", "CERRADO", 903, "D01", line="linea131")
        day.leaves("23 11:01:00", "FECHA_NACIMIENTO")
        # Four waited whose 24 hours run out on Monday: two were closed before, one after, one never.
        sunday = day.saves("22 08:00:00", "Ana", "PENDIENTE", 904, "C04", closed="23 07:59:59")
        day.saves("22 09:00:00", "Ana", "PENDIENTE", 905, "C04", closed="23 10:00:00")
        day.saves("22 10:00:00", "Ana", "PENDIENTE", 906, "C04")
        day.leaves("22 12:00:00", "SIN_HISTORIAL", closed="22 13:00:00")
        day.saves("23 17:00:00", "Luis", "PENDIENTE", 907, "C04", case_id=sunday)  # no new consultation
        # Orders, and what became of the calls for a PIN.
        day.orders("23 09:20:00", "Luis")
        day.orders("23 10:05:00", "Luis", both)
        day.orders("23 12:01:00", "Ana")
        day.orders("23 12:02:00", "Eva", hidden)  # not told of
        to_the_pin = tx.execute(select(room.c.call_sid).where(room.c.id == fifth)).scalar_one()
        day.pin("23 10:05:00", to_the_pin, "pin.set", "OLVIDO")
        day.pin("23 11:02:00", alone[0], "pin.set", "ACTIVACION")
        day.pin("23 11:07:00", alone[1], "pin.set", "OLVIDO")
        day.pin("23 23:59:59", alone[2], "pin.refused", "FECHA_NACIMIENTO")


def told_of(db, house, clock, period=MONDAY, **asked):
    """Every section by its title, with its rows as they are printed."""
    with db.begin() as tx:
        found = counted(tx, house, period, hidden=HIDDEN, **asked)
    made = document(found, house, made_at=clock.now(), name="x")
    return {each.title: [[printed(value) for value in row] for row in each.rows] for each in made.sections}


def test_what_came_in(a_monday, db, house, clock):
    told = told_of(db, house, clock)
    # received, alone, asked, attended, abandoned, another way; of campaigns, of the desk
    assert told["Por línea"] == [
        ["DGS", "12", "3", "9", "5", "3", "1", "0", "2"],
        ["ISSEMyM", "1", "0", "1", "1", "0", "0", "0", "0"],
    ]
    assert told["Entrantes y salientes por día"] == [["23/11/2026", "13", "2", "8"]]
    assert told["Llamadas salientes por línea y día"] == [["23/11/2026", "DGS", "0", "0", "2", "1"]]


def test_every_indicator_with_what_it_divides(a_monday, db, house, clock):
    told = {row[0]: row[1:4] for row in told_of(db, house, clock)["Indicadores de la atención"]}
    assert told == {
        "Nivel de atención": ["60.0 %", "6", "10"],
        "Nivel de servicio, con abandonos cortos": ["40.0 %", "4", "10"],  # 10, 20, 5 and 15 s
        "Nivel de servicio, sin abandonos cortos": ["50.0 %", "4", "8"],
        "Abandono": ["30.0 %", "3", "10"],
        "Tiempo promedio de espera (ASA)": ["0:22", "2:11", "6"],  # 10 + 20 + 21 + 60 + 5 + 15 = 131 s
        "Tiempo medio de operación (AHT)": ["4:35", "27:30", "6"],  # 1,440 s of talk and 210 of writing
        "Resolución en el primer contacto (FCR)": ["57.1 %", "4", "7"],
        "Contención del IVR": ["23.1 %", "3", "13"],
        "Transferencias %": ["33.3 %", "2", "6"],
        "Pendientes cerrados antes de 24 h %": ["50.0 %", "2", "4"],
        # Ana writes for 180 s and is there from 09:05:10 to midnight, Luis for 150 from 09:41.
        "Ocupación": ["0.3 %", "330", "105,230"],
    }


def test_the_same_of_each_line(a_monday, db, house, clock):
    assert told_of(db, house, clock)["Indicadores por línea"] == [
        # attention, service twice, abandons, ASA, AHT (1,560 s ÷ 5), FCR, contained, moved, pendings
        ["DGS", "55.6 %", "33.3 %", "42.9 %", "33.3 %", "0:23", "5:12", "50.0 %", "25.0 %", "40.0 %", "50.0 %"],
        ["ISSEMyM", "100.0 %", "100.0 %", "100.0 %", "0.0 %", "0:15", "1:30", "100.0 %", "0.0 %", "0.0 %", "—"],
    ]


def test_production_against_its_target(a_monday, db, house, clock):
    # Ana: four calls, five consultations, one order; Luis: four and the one that was handed to him, five, two.
    told = told_of(db, house, clock)
    # In, out, of campaigns, written; consultations, orders; target; and of the time at the desk what was writing.
    assert told["Producción por operador"] == [
        ["Ana", "1", "3", "1", "0", "0", "5", "1", "10", "40.0 %", "0.3 %"],
        ["Luis", "1", "4", "0", "1", "0", "5", "2", "60", "8.3 %", "0.3 %"],
    ]
    assert "Producción por operador y día" not in told
    # With Sunday, of which nothing but three consultations of Ana's is known.
    weekend = replace(MONDAY, first=date(2026, 11, 22))
    assert told_of(db, house, clock, weekend)["Producción por operador y día"] == [
        ["22/11/2026", "Ana", "0", "0", "0", "0", "3", "0", "10", "0.0 %"],
        ["23/11/2026", "Ana", "3", "1", "0", "0", "5", "1", "10", "40.0 %"],
        ["23/11/2026", "Luis", "4", "0", "1", "0", "5", "2", "60", "8.3 %"],
    ]
    # Of the DGS alone: not his call of the ISSEMyM and its consultation, nor orders that come from none.
    assert told_of(db, house, clock, line="dgs")["Producción por operador"] == [
        ["Ana", "1", "3", "1", "0", "0", "5", "0", "10", "40.0 %"],
        ["Luis", "1", "3", "0", "1", "0", "4", "1", "10", "40.0 %"],
    ]


@pytest.fixture
def written_to(db, vault) -> None:
    """Five write to the DGS on Monday, one to Línea 131: three ask for a person; one is answered after 30 s and one
    after 90, one never. On Sunday another asked, who is answered on Monday after an hour. Ana has two of them and Luis
    two, one of which she handed him."""
    with db.begin() as tx:
        day = Days(tx, vault, people={"Ana": 1, "Luis": 2, "Eva": 3})
        for hour in ("08:00:00", "08:10:00"):
            day.writes_to(f"23 {hour}", ended=f"23 {hour}")
        day.writes_to("23 09:00:00", "23 09:00:10", [("Ana", "23 09:00:40"), ("Luis", "23 09:20:00")], "23 09:30:00")
        day.writes_to("23 10:00:00", "23 10:00:10", [("Ana", "23 10:01:40")], "24 10:00:00")
        day.writes_to("23 11:00:00", "23 11:00:10", [], "23 23:00:00")
        day.writes_to("22 23:00:00", "22 23:10:00", [("Luis", "23 00:10:00")], "23 00:20:00")
        day.writes_to("23 12:00:00", "23 12:00:10", [("Eva", "23 12:01:00")], "23 12:30:00", line="linea131")


def test_what_came_in_by_each_channel(a_monday, written_to, db, house, clock):
    told = told_of(db, house, clock)
    # received, wanted a person, attended, nobody came; (30 + 90 + 3,600) ÷ 3
    assert told["Entrantes por línea y canal"] == [
        ["DGS", "Voz", "12", "9", "5", "3", "0:23"],
        ["DGS", "WhatsApp", "5", "3", "3", "1", "20:40"],
        ["ISSEMyM", "Voz", "1", "1", "1", "0", "0:15"],
    ]
    assert told["Conversaciones escritas por línea y día"] == [["23/11/2026", "DGS", "5", "3", "3", "1", "20:40"]]
    weekend = told_of(db, house, clock, replace(MONDAY, first=date(2026, 11, 22)))
    assert weekend["Conversaciones escritas por línea y día"][0] == ["22/11/2026", "DGS", "1", "1", "0", "0", "—"]
    assert "Entrantes por línea y canal" not in told_of(db, house, clock, line="issemym")


def test_what_was_written_is_production_too(a_monday, written_to, db, house, clock):
    assert told_of(db, house, clock)["Producción por operador"] == [
        ["Ana", "1", "3", "1", "0", "2", "5", "1", "10", "60.0 %", "0.3 %"],
        ["Luis", "1", "4", "0", "1", "2", "5", "2", "60", "11.7 %", "0.3 %"],
    ]


def test_consultations_by_kind_and_channel(a_monday, db, house, clock):
    told = told_of(db, house, clock)
    codes = ("C03", "C01", "C02", "C06", "C10", "FECHA_NACIMIENTO", "M01")
    assert [row[0] for row in told["Consultas por tipo"]] == [subject_named(code).name for code in codes]
    assert [row[-1] for row in told["Consultas por tipo"]] == ["—"] * 6 + ["ISSEMyM"]  # R97
    assert [row[1:-1] for row in told["Consultas por tipo"]] == [
        ["2", "1", "50.0 %", "0"],
        ["1", "1", "100.0 %", "0"],
        ["1", "0", "0.0 %", "0"],
        ["1", "0", "0.0 %", "0"],
        ["1", "1", "100.0 %", "0"],
        ["0", "0", "—", "1"],
        ["1", "1", "100.0 %", "0"],
    ]
    assert told["Guiones usados"] == [["DGS", "Precios, versión 2", "2"]]
    assert told["Consultas por línea y canal"] == [["DGS", "Voz", "7"], ["ISSEMyM", "WhatsApp", "1"]]


def test_pins_by_reason(a_monday, db, house, clock):
    assert told_of(db, house, clock)["PIN por motivo"] == [
        ["Activado", "Primera vez", "1", "100.0 %"],
        ["Cambiado", "Olvido", "2", "100.0 %"],
        ["Rechazado", "La fecha de nacimiento no coincide", "1", "100.0 %"],
    ]


def test_the_calls_of_campaigns(db, vault, house, clock):
    """Fourteen records, twelve called once, each with another fate (builders.FATES)."""
    called(db, vault, clock)
    told = told_of(db, house, clock)
    assert {row[0]: row[1:4] for row in told["Indicadores de las campañas"]} == {
        "Barrido": ["85.7 %", "12", "14"],
        "Intensidad": ["1.00", "12", "12"],
        "Contactabilidad": ["50.0 %", "6", "12"],
        "Contacto efectivo": ["66.7 %", "4", "6"],
        "Efectividad": ["50.0 %", "2", "4"],
        "Efectividad sobre la base": ["14.3 %", "2", "14"],
        "Tasa de superación de seguridad": ["80.0 %", "4", "5"],
        "Mensaje completo": ["20.0 %", "2", "10"],
        "Números errados %": ["8.3 %", "1", "12"],
        "Buzón %": ["20.0 %", "2", "10"],
        "Opt-out %": ["16.7 %", "1", "6"],
        "Abandono del marcador": ["12.5 %", "1", "8"],
    }
    [row] = told["Campañas que llamaron en el período"]
    assert row[1:] == ["DGS", "12", "12", "85.7 %", "1.00", "50.0 %", "66.7 %", "50.0 %"]
    tuesday = replace(MONDAY, first=date(2026, 11, 24), last=date(2026, 11, 24))
    assert "Indicadores de las campañas" not in told_of(db, house, clock, tuesday)


def test_the_texts_of_campaigns(db, vault, house, clock):
    """Of four people three were written to: to one it came, to one not, of one nobody says; two answered BAJA."""
    fields = {"canal": "VOZ_Y_SMS", "texto_sms": "{primer_nombre}: le llamamos hoy.", "momento_sms": "ANTES"}
    number = running(db, vault, clock, 4, **fields)
    sent = [each for each in attempts_of(db, number)][:3]
    for n, (each, parts) in enumerate(zip(sent, (1, 2, 2), strict=True)):
        put_on_the_line(db, each.id, f"SM{n}", clock.now())
        set_attempt(db, each.id, segments=parts)
    with db.begin() as tx:
        delivery.tell(tx, clock.now(), sent[0].id, "delivered")
        delivery.tell(tx, clock.now(), sent[1].id, "undelivered", 30005)
        delivery.give_up_hearing(tx, clock.now(), sent[2].id, "sent")
        for n, body in enumerate(("BAJA", "alto", "¿quién es?")):
            heed(tx, vault, clock.now(), IncomingText(f"SMx{n}", f"+5037000000{n}", body, "issemym", "MX"))
    prices = {"default": TextTariff("USD", Decimal("0.05"))}
    told = told_of(db, replace(house, standards=lambda: Standards(text_tariffs=prices)), clock)
    figures = ["3", "1", "33.3 %", "1", "1", "5", "0.25 USD"]
    assert told["Mensajes de texto por línea"] == [
        ["DGS", *figures, "0"],
        ["ISSEMyM", "0", "0", "—", "0", "0", "0", "—", "2"],
    ]
    [row] = told["Campañas que escribieron en el período"]
    assert row[1:] == ["DGS", *figures]
    assert "Campañas que llamaron en el período" not in told
    tuesday = replace(MONDAY, first=date(2026, 11, 24), last=date(2026, 11, 24))
    assert "Mensajes de texto por línea" not in told_of(db, house, clock, tuesday)


def test_where_nothing_happened_nothing_is_said(db, house, clock):
    assert told_of(db, house, clock) == {}


def test_where_there_is_nothing_to_divide_by_there_is_a_dash_and_no_nought(db, vault, house, clock):
    with db.begin() as tx:
        Days(tx, vault).rings("23 09:00:00")
    told = {row[0]: row[1] for row in told_of(db, house, clock)["Indicadores de la atención"]}
    assert told.pop("Contención del IVR") == "100.0 %"
    assert set(told.values()) == {"—"}


def test_what_is_done_later_changes_no_figure_of_the_day(a_monday, db, vault, house, clock):
    before = told_of(db, house, clock)
    with db.begin() as tx:
        day = Days(tx, vault, people={"Ana": 1, "Luis": 2})
        case_id = tx.execute(select(func.min(attention.c.case_id))).scalar_one()
        day.saves("24 09:00:00", "Ana", "PENDIENTE", 950, "C01", case_id=case_id)
        day.writes("Luis", "24 00:00:05", "24 00:10:00")
    assert told_of(db, house, clock) == before


def test_the_same_again_after_everything_personal_was_erased(a_monday, written_to, db, vault, house, clock, parts):
    called(db, vault, clock)
    before = told_of(db, house, clock)
    clock.advance(timedelta(days=400))
    day = timedelta(days=1)
    assert DeskRetention(db, clock, 90 * day).purge() > 0
    assert purge_before(parts.world, 90 * day) > 0
    cancel_all(db, clock.now() - 390 * day)
    assert Retention(db, vault, clock, Kept(30 * day, 30 * day, 365 * day)).purge() > 0
    after = told_of(db, house, clock)
    assert after == before
    assert after["Indicadores de las campañas"]


def cancel_all(db, at) -> None:
    """Every campaign, so long ago."""
    with db.begin() as tx:
        for campaign_id in tx.execute(update(campaign).values(state="cancelled").returning(campaign.c.id)).scalars():
            record(tx, at, "x", "campaign.cancelled", "campaign", campaign_id)
