"""Campaigns of texts over the real wire: handed in, approved, sent, told of, reported; and a carrier on a bad day."""

from collections import Counter
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from assembly import Parts
from campaigns.approval import approve
from campaigns.submission import submit
from campaigns.tables import attempt, recipient
from core.database import Database
from core.roles import Role
from demo.invent import Citizen, citizen, formato
from demo.people import fate_of
from reports.campaign import counted_of, report_of
from tests.campaigns.builders import campaign_row
from tests.dialer.campaigns import is_finished, personas_of
from tests.service import Service, service, wait_for

PACE = {"TEXTS_PER_SECOND": "20", "WEB_WORKERS": "1"}
TEXT = {
    "canal": "SMS",
    "modo": "AUTOMATICA",
    "fecha_hora_envio": "30/11/2026 08:00",
    "texto_sms": "{primer_nombre}: su subsidio de {mes} ya fue acreditado.",
    **dict.fromkeys(("mensaje_guion", "mensaje_buzon", "pregunta_1", "pregunta_2", "recolectar_1"), ""),
    **dict.fromkeys(("recolectar_1_opciones", "fecha_inicio", "aviso_privacidad"), ""),
    "requiere_preguntas_seguridad": "NO",
    "max_intentos": "",
}


def launched(made: Parts, citizens: list[Citizen], **fields: str) -> int:
    data = formato(citizens, **fields)
    done = submit(made.db, made.vault, made.clock, made.campaign_lines, "test", "lista.csv", data)
    assert done.dialled == len(citizens), [each.message for each in done.observations][:5]
    with made.db.begin() as tx:
        approve(tx, made.clock.now(), done.id, "test", Role.SUPERVISOR, at_once=True, reason="prueba")
    return done.id


def weather(running: Service, **faults: float) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(f"http://{running.settings.carrier_bind}/local/faults", json=faults, timeout=5)
        assert answer.ok, answer.text


def sent(running: Service) -> list[dict]:
    """The carrier's texts, each as it was taken."""
    first: dict[str, dict] = {}
    for entry in running.ledger():
        if entry["kind"] == "message":
            first.setdefault(entry["sid"], entry)
    return list(first.values())


def report(made: Parts, campaign_id: int) -> dict[str, int]:
    """The figures of its report, none of which speaks of calls."""
    with made.db.begin() as tx:
        row = campaign_row(tx, campaign_id)
        said = report_of(tx, made.vault, made.clock.now(), row, "Prueba", counted_of(tx, made.vault, row))
    words = " ".join(f"{section.title} {section.note} {section.headings} {section.rows}" for section in said.sections)
    assert "llama" not in words.lower(), words
    assert ("Modo", "Mensajes de texto") in said.facts
    return {str(name): int(count) for name, count, _ in said.sections[0].rows}  # type: ignore[arg-type]


def people_of_fates(count: int) -> list[Citizen]:
    """From the first on: whoever plays them goes by their place (demo/people.py)."""
    return [citizen(number) for number in range(count)]


def people(made: Parts, campaign_id: int) -> list:
    with made.db.begin() as tx:
        query = select(recipient).where(recipient.c.campaign_id == campaign_id).order_by(recipient.c.row)
        return list(tx.execute(query))


@pytest.mark.slow(20)
@pytest.mark.timeout(300)
def test_sent_delivered_undelivered_and_counted(db: Database, database_url: str, tmp_path: Path) -> None:
    citizens = people_of_fates(40)

    with service(tmp_path, database_url, personas_of(citizens), **PACE) as running:
        made = running.parts()
        campaign_id = launched(made, citizens, **TEXT)
        wait_for(lambda: is_finished(made, campaign_id), 120, "the end of the campaign")
        texts, found = sent(running), people(made, campaign_id)
        told = report(made, campaign_id)
        calls = [entry for entry in running.ledger() if entry["kind"] == "call"]
        made.db.close()

    assert calls == []
    assert told["Personas con mensaje enviado"] == len(citizens)
    assert told["Mensajes enviados (con los de un segundo teléfono)"] == len(texts)
    assert (told["Entregados"], told["No entregados"]) == tuple(
        sum(row.outcome == code for row in found) for code in ("sms.entregado", "sms.no_entregado")
    )
    outcomes = Counter(row.outcome for row in found)
    assert outcomes["sms.no_entregado"] > 0
    lost = [each for each in citizens if fate_of(each.number) == "failed"]
    assert outcomes == {"sms.entregado": len(citizens) - len(lost), "sms.no_entregado": len(lost)}
    assert len(texts) == len(citizens) + sum(len(each.phones) - 1 for each in lost), (
        "the next telephone, where there is one"
    )
    bodies = {entry["to"]: entry["body"] for entry in texts}
    assert bodies[citizens[0].phones[0]] == (
        f"{citizens[0].name}: su subsidio de noviembre ya fue acreditado. "
        "Si no desea recibir mensajes, llame al 2237-3333."
    )
    assert {entry["from_"] for entry in texts} == {"+50322373333"}


@pytest.mark.slow(30)
@pytest.mark.timeout(300)
def test_a_carrier_that_loses_its_reply_and_its_callbacks_sends_nothing_twice(
    db: Database, database_url: str, tmp_path: Path
) -> None:
    citizens = [each for each in map(citizen, range(40)) if len(each.phones) == 1][:8]

    with service(tmp_path, database_url, personas_of(citizens), **PACE) as running:
        made = running.parts()
        weather(running, rest_dropped=1, lost=1)
        campaign_id = launched(made, citizens, **TEXT)
        wait_for(lambda: len(sent(running)) >= 4, 60, "the first texts")
        wait_for(lambda: unknown(made, campaign_id, "unknown"), 60, "a text of which nobody knows whether it went")
        weather(running, lost=1)
        wait_for(lambda: len(sent(running)) == len(citizens), 60, "every text")
        wait_for(lambda: not unknown(made, campaign_id), 60, "what the carrier's list tells")
        texts = sent(running)
        made.db.close()

    assert sorted(entry["to"] for entry in texts) == sorted(each.phones[0] for each in citizens)


def unknown(made: Parts, campaign_id: int, *states: str) -> int:
    with made.db.begin() as tx:
        mine = (attempt.c.campaign_id == campaign_id, attempt.c.state.in_(states or ("unknown", "asking", "due")))
        return len(tx.execute(select(attempt.c.id).where(*mine)).all())


@pytest.mark.slow(20)
@pytest.mark.timeout(300)
def test_voice_and_text_each_by_its_own_way(db: Database, database_url: str, tmp_path: Path) -> None:
    """Nobody answers: called, then texted, then called again; who answers is sent none."""
    citizens = people_of_fates(8)
    both = {"canal": "VOZ_Y_SMS", "texto_sms": "{primer_nombre}: le llamamos y no contesta.", "max_intentos": "2"}

    with service(tmp_path, database_url, personas_of(citizens), CALLS_PER_SECOND="20", **PACE) as running:
        made = running.parts()
        campaign_id = launched(made, citizens, **both)
        wait_for(lambda: is_finished(made, campaign_id), 200, "the end of the campaign")
        texts = sent(running)
        with made.db.begin() as tx:
            query = (
                select(attempt)
                .where(attempt.c.campaign_id == campaign_id)
                .order_by(attempt.c.recipient_id, attempt.c.id)
            )
            rows = list(tx.execute(query))
        found = people(made, campaign_id)
        made.db.close()

    missed = [each for each in citizens if fate_of(each.number) in ("no_answer", "busy", "machine")]
    heard = [each for each in citizens if fate_of(each.number) in ("listens", "collects")]
    assert missed and heard and len(texts) == len(missed)
    for person, each in zip(found, citizens, strict=True):
        ways = [row.channel for row in rows if row.recipient_id == person.id]
        assert ways == (["VOZ", "SMS", "VOZ"] if each in missed else ["VOZ"] if each in heard else ways)
        moments = [row.started_at for row in rows if row.recipient_id == person.id]
        gaps = [(b - a).total_seconds() / 3600 for a, b in zip(moments, moments[1:], strict=False)]
        assert each not in missed or all(gap >= 3 for gap in gaps), "calls and texts keep one distance"
