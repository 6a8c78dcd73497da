"""A campaign that calls and texts, counted by hand: a text is no call, and what people answer to one is no call's."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from campaigns import life
from campaigns.states import AttemptState, Channel, Progress
from campaigns.tables import attempt, recipient
from campaigns.texting import delivery
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from reports.campaign import campaign_row, contacts, counted_of, report_of
from reports.counting import Try
from reports.document import Document, printed
from reports.period import House, counted, document
from reports.periods import Period
from tests.campaigns.builders import attempts_of, end, put_on_the_line, running
from tests.reports.days import SAN_SALVADOR

FIRST_TEXT = {"canal": "VOZ_Y_SMS", "texto_sms": "{primer_nombre}: le llamamos hoy.", "momento_sms": "ANTES"}


@pytest.fixture
def both(db: Database, vault: Vault, clock: FixedClock) -> int:
    """Six people. Five are written to: to three it comes, to one not, of one nobody says; three of them answer BAJA.
    The first is then called, and hears the message to its end. The sixth nobody came to yet."""
    number = running(db, vault, clock, 6, **FIRST_TEXT)
    sent = attempts_of(db, number)[:5]
    for n, each in enumerate(sent):
        put_on_the_line(db, each.id, f"SM{n}", clock.now())
    with db.begin() as tx:
        for each in sent[:3]:
            delivery.tell(tx, clock.now(), each.id, "delivered")
        delivery.tell(tx, clock.now(), sent[3].id, "undelivered", 30005)
        delivery.give_up_hearing(tx, clock.now(), sent[4].id, "sent")
        answered = attempt.c.id.in_([each.id for each in sent[1:4]])
        tx.execute(update(attempt).where(answered).values(progress=Progress.PHONE_OPTED_OUT))
    clock.advance(timedelta(hours=4))
    call = next(each for each in attempts_of(db, number) if each.recipient_id == sent[0].recipient_id
                and each.state == AttemptState.DUE)  # fmt: skip
    assert call.channel == Channel.VOICE
    put_on_the_line(db, call.id, "CA0", clock.now())
    end(db, vault, clock.now(), call.id, "completed", progress="message_heard", answered_by="human", duration_s=40)
    return number


def report(db: Database, vault: Vault, clock: FixedClock, number: int) -> Document:
    with db.begin() as tx:
        row = campaign_row(tx, number)
        return report_of(tx, vault, clock.now(), row, "Prueba", counted_of(tx, vault, row))


def rows(told: Document, title: str) -> dict[str, list[str]]:
    [section] = (each for each in told.sections if each.title == title)
    return {str(row[0]): [printed(value) for value in row[1:]] for row in section.rows}


def test_the_indicators_are_of_its_calls(db, vault, clock, both):
    told = {name: row[:3] for name, row in rows(report(db, vault, clock, both), "Indicadores").items()}
    assert told["Barrido"] == ["16.7 %", "1", "6"]
    assert told["Intensidad"] == ["1.00", "1", "1"]
    assert told["Contactabilidad"] == ["100.0 %", "1", "1"]
    assert told["Contacto efectivo"] == ["100.0 %", "1", "1"]
    assert told["Ilocalizados"] == ["0.0 %", "0", "1"]
    assert told["Números errados %"] == ["0.0 %", "0", "1"]
    assert told["Opt-out %"] == ["0.0 %", "0", "1"]  # the three answered a text


def test_its_texts_have_a_part_of_their_own(db, vault, clock, both):
    told = report(db, vault, clock, both)
    assert rows(told, "Mensajes de texto") == {
        "Personas con mensaje enviado": ["5", "—"],
        "Mensajes enviados": ["5", "—"],
        "Personas con mensaje entregado": ["3", "60.0 %"],
        "Enviado sin confirmar": ["1", "20.0 %"],
        "No entregado": ["1", "20.0 %"],
        "Personas que respondieron que no quieren más": ["3", "60.0 %"],
    }
    assert rows(told, "Mensajes por hora") == {"10:00": ["5"]}
    assert rows(told, "Contestación por hora")["14:00"][:2] == ["1", "1"]
    sheets = [each.sheet for each in told.sections]
    assert len(set(sheets)) == len(sheets)


def test_the_curve_of_attempts_has_its_calls_alone(db, vault, both):
    with db.begin() as tx:
        found = counted_of(tx, vault, campaign_row(tx, both))
    assert found.tries == [Try(1, 1, 1)]
    summed = {"loaded": 6, "called": 1, "calls": 1, "contacted": 1, "opted_out": 0, "delivered": 3, "pending": 5}
    assert {name: getattr(found.counts, name) for name in summed} == summed


def test_calls_and_texts_of_each_person_stand_beside_each_other(db, vault, clock, both):
    told = report(db, vault, clock, both)
    with db.begin() as tx:
        found = list(contacts(tx, vault, campaign_row(tx, both)))
    assert told.contacts is not None
    assert told.contacts.headings == ("Registro", "Tipificación", "Llamadas", "Mensajes")
    assert [each[2:] for each in found] == [(1, 1), (0, 1), (0, 1), (0, 1), (0, 1), (0, 0)]
    assert found[-1][1] == "Sin llamar"


def test_the_report_of_the_day_says_the_same(db, vault, clock, both):
    monday = Period(date(2026, 11, 23), date(2026, 11, 23), SAN_SALVADOR)
    house = House(vault, "Prueba", {"dgs": "DGS"})
    with db.begin() as tx:
        found = counted(tx, house, monday)
    told = document(found, house, made_at=clock.now(), name="x")
    of_the_day = {name: row[:3] for name, row in rows(told, "Indicadores de las campañas").items()}
    of_campaign = {name: row[:3] for name, row in rows(report(db, vault, clock, both), "Indicadores").items()}
    assert of_the_day == {name: of_campaign[name] for name in of_the_day}
    assert rows(told, "Mensajes de texto por línea")["DGS"][:5] == ["5", "3", "60.0 %", "1", "1"]


def test_who_was_texted_after_the_number_was_refused_has_a_wrong_number(db, vault, clock):
    """And is tried, though no call was made: the rate stays below the whole."""
    number = running(db, vault, clock, 2, **{**FIRST_TEXT, "momento_sms": "SIN_RESPUESTA"})
    for n, each in enumerate(attempts_of(db, number)):
        put_on_the_line(db, each.id, f"CA{n}", clock.now())
        end(db, vault, clock.now(), each.id, "failed")
    with db.begin() as tx:
        tx.execute(update(attempt).where(attempt.c.channel == Channel.VOICE).values(remote_sid=None))
    for n, each in enumerate(each for each in attempts_of(db, number) if each.channel == Channel.TEXT):
        put_on_the_line(db, each.id, f"SM{n}", clock.now())
        with db.begin() as tx:
            delivery.tell(tx, clock.now(), each.id, "delivered")
    told = rows(report(db, vault, clock, number), "Indicadores")
    assert told["Números errados %"][:3] == ["100.0 %", "2", "2"]
    assert told["Barrido"][:3] == ["0.0 %", "0", "2"]


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_who_was_never_reached_is_counted_while_others_are_still_to_be_called(db, vault, clock, is_cancelled):
    """Three had their one call and no answer; three could not prove who they are, and are called again. Three were
    called to no avail and are called again too; one nobody came to yet."""
    number = running(db, vault, clock, 10, max_intentos="3")
    made = attempts_of(db, number)
    for n, each in enumerate(made[:9]):
        put_on_the_line(db, each.id, f"CA{n}", clock.now())
        progress, status = ("failed_security", "completed") if 3 <= n < 6 else (None, "no-answer")
        end(db, vault, clock.now(), each.id, status, progress=progress, answered_by=progress and "human")
    with db.begin() as tx:
        over = [each.recipient_id for each in made[:3]]
        tx.execute(update(recipient).where(recipient.c.id.in_(over)).values(is_final=True))
        if is_cancelled:
            life.cancel(tx, clock.now(), number, "ana")
    told = {name: row[:3] for name, row in rows(report(db, vault, clock, number), "Indicadores").items()}
    assert told["Ilocalizados"] == ["33.3 %", "3", "9"]
    assert told["Contactabilidad"] == ["33.3 %", "3", "9"]
