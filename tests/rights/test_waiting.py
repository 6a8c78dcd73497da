"""What is going on has to end before anything is erased, and it is said what; nothing is erased meanwhile."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, insert, update

from assembly import Parts
from cases.attentions import attentions
from cases.consultations.consultations import close_case, open_case
from cases.corrections import asking, corrections, deciding, telling
from cases.orders import claims, orders
from core import audit
from core.clock import FixedClock
from core.former_post import outbox
from core.post import TextMessage, leave
from core.roles import Role
from desk import promises
from desk.arriving import Arrival, enter
from desk.chats import handling
from desk.chats.states import ChatState
from desk.chats.tables import chat
from desk.states import RoomState
from desk.tables import room
from desk.voice_messages.inbox import note_voice_message
from ivr.tables import call
from procedures.promising import promise_call
from rights.answering import Erased, erase
from rights.asking import Asked
from rights.rooms import fill_prints
from rights.terms import Right
from tests.campaigns.builders import running
from tests.rights.life import OPERATOR, ROSA, SAN_SALVADOR, Someone
from tests.rights.searching import told_in

Opened = Callable[[Connection, Parts, Someone], object]


def a_call(tx: Connection, parts: Parts, who: Someone) -> None:
    vault, now = parts.vault, parts.clock.now()
    known = {"citizen_sealed": vault.seal(who.phone), "citizen_print": vault.fingerprint("phone", who.phone)}
    row = {"line": "dgs", "direction": "inbound", "turn": 3, "tries": 0, "answer": {}, "started_at": now}
    tx.execute(insert(call).values(sid="CA1", **row, **known))


def a_conversation(tx: Connection, parts: Parts, who: Someone) -> None:
    enter(tx, parts.world.desk, parts.clock.now(), Arrival("CA1", "dgs", who.phone, {"document": who.document}), None)


def an_emergency(tx: Connection, parts: Parts, who: Someone) -> None:
    a_conversation(tx, parts, who)
    over = {"state": RoomState.ENDED, "ended_at": parts.clock.now(), "is_emergency": True}
    tx.execute(update(room).values(**over))


def somebody_to_tell(tx: Connection, parts: Parts, who: Someone) -> None:
    """Of a correction that was refused, its case closed: «Avisar a la persona» outlived the erasure."""
    vault, now = parts.vault, parts.clock.now()
    case_id = open_case(tx, vault, now, "PIN_INVALIDO", who.document, who.phone, "dgs", None)
    number = asking.ask(tx, vault, now, case_id, OPERATOR, "No lo acepta").number
    deciding.reveal(tx, now, number, "otra@ejemplo.gob.sv")
    deciding.refuse(tx, vault, now, number, "otra@ejemplo.gob.sv", "No coincide")
    about = corrections.locked(tx, vault, number)
    corrections.was_told(tx, vault, now, number, "No contestó")
    telling.leave(tx, vault, now, about, "No contestó", role=Role.OPERADOR, person=OPERATOR)
    close_case(tx, vault, now, case_id, OPERATOR, "Listo")


def a_promise(tx: Connection, parts: Parts, who: Someone) -> None:
    now = parts.clock.now()
    known = {"document": who.document}
    promises.make(
        tx, parts.world.desk, now, line_id="dgs", queue="general", phone=who.phone, place_since=now, learnt=known
    )


def a_promise_for_an_hour(tx: Connection, parts: Parts, who: Someone) -> None:
    a_case(tx, parts, who)
    now = parts.clock.now()
    close_case(tx, parts.vault, now, 1, OPERATOR, "Se le explicó")
    at = now + timedelta(days=3)
    promise_call(tx, parts.world.desk, now, 1, "dgs", at, words="Dar el resultado", actor=OPERATOR)


def a_message(tx: Connection, parts: Parts, who: Someone) -> None:
    line = parts.world.desk.lines["dgs"]
    note_voice_message(tx, parts.vault, parts.clock.now(), line, "general", who.phone, "RE1", 20)


def a_draft(tx: Connection, parts: Parts, who: Someone) -> None:
    attentions.open_draft(
        tx, parts.vault, parts.clock.now(), room_id=1, line="dgs", call_sid=None, phone=None, document=who.document,
        operator=OPERATOR, zone=SAN_SALVADOR,
    )  # fmt: skip


def a_case(tx: Connection, parts: Parts, who: Someone) -> None:
    open_case(tx, parts.vault, parts.clock.now(), "SIN_HISTORIAL", who.document, who.phone, "dgs", None)


def an_order(tx: Connection, parts: Parts, who: Someone) -> None:
    orders.open_order(tx, parts.vault, parts.clock.now(), who.document, OPERATOR, "Le robaron")


def a_claim(tx: Connection, parts: Parts, who: Someone) -> None:
    about = {"line": "dgs", "document": None, "phone": who.phone}
    claims.note_claim(tx, parts.vault, parts.clock.now(), attempt_id=1, **about)  # type: ignore[arg-type]


def a_text(tx: Connection, parts: Parts, who: Someone) -> None:
    leave(tx, parts.vault, parts.clock.now(), TextMessage("aviso", who.phone, "dgs", body="Hola"))


def a_chat(tx: Connection, parts: Parts, who: Someone) -> None:
    now, phone = parts.clock.now(), who.phone
    whose = {"citizen_sealed": parts.vault.seal(phone), "citizen_print": parts.vault.fingerprint("phone", phone)}
    going_on = {"state": ChatState.TALKING, "opened_at": now, "wrote_at": now}
    tx.execute(insert(chat).values(line="dgs", queue="general", **whose, **going_on))


OPEN: dict[Opened, str] = {
    a_call: "una llamada en curso en la línea dgs",
    a_conversation: "La conversación 1 está en curso",
    an_emergency: "La emergencia de la conversación 1 no se ha confirmado",
    a_promise: "Se le prometió una llamada",
    a_promise_for_an_hour: "espere a que se haga, o retírela en la consulta 1",
    a_message: "El mensaje de voz 1 está sin atender",
    a_draft: "La atención 1 está sin guardar",
    a_case: "La consulta 1 está pendiente",
    somebody_to_tell: "De la corrección 1 del padrón falta avisar a la persona",
    an_order: "La orden de trabajo 1 está abierta",
    a_claim: "El reclamo 1 está por confirmar",
    a_text: "El mensaje 1 está por enviarse",
    a_chat: "La conversación escrita 1 sigue abierta en la línea dgs",
}


def asked(parts: Parts, who: Someone) -> Erased:
    request = Asked(Right.ERASE, "DP-1", date(2026, 11, 20), "SV")
    with parts.db.begin() as tx:
        return erase(tx, parts.vault, parts.clock.now(), request, who.asks(parts), "cli:datos")


@pytest.mark.parametrize("opened", OPEN, ids=lambda opened: opened.__name__)
def test_what_is_open_is_said_and_nothing_is_erased(parts: Parts, opened: Opened) -> None:
    with parts.db.begin() as tx:
        opened(tx, parts, ROSA)
        before = told_in(tx, parts.vault, ROSA.all)
    done = asked(parts, ROSA)
    assert OPEN[opened] in "\n".join(done.waits_for)
    assert done.done == ()
    with parts.db.begin() as tx:
        assert told_in(tx, parts.vault, ROSA.all) == before
        assert [line["action"] for line in audit.history(tx, "person", "DP-1")] == ["person.not_erased"]


def test_a_list_that_is_not_over(parts: Parts, db, vault, clock) -> None:
    running(db, vault, clock, 1, ROSA.citizen.number)
    (sentence,) = asked(parts, ROSA).waits_for
    assert sentence.startswith("Está en la campaña CAMP-2026-0001 (en curso, hasta 18/12/2026)")


def test_a_conversation_that_was_abandoned_keeps_nobody_waiting_for_ever(parts: Parts, clock: FixedClock) -> None:
    with parts.db.begin() as tx:
        a_chat(tx, parts, ROSA)
    clock.advance(timedelta(days=15))
    with parts.db.begin() as tx:
        handling.look_after(tx, clock.now())
    assert asked(parts, ROSA).waits_for == ()
    with parts.db.begin() as tx:
        assert told_in(tx, parts.vault, ROSA.all) == {}


def test_a_text_where_the_version_before_left_it(parts: Parts) -> None:
    """Nothing there says whose it is: until it is brought over, nobody is told that all is gone."""
    said = {"to_sealed": parts.vault.seal(ROSA.phone), "prompt": "sms.pin_changed"}
    with parts.db.begin() as tx:
        tx.execute(insert(outbox).values(line="dgs", **said, state="sent", queued_at=parts.clock.now()))
    (sentence,) = asked(parts, ROSA).waits_for
    assert sentence.startswith("Hay mensajes de la versión anterior")
    fill_prints(parts.db, parts.vault)
    assert asked(parts, ROSA).count == 1
    with parts.db.begin() as tx:
        assert told_in(tx, parts.vault, ROSA.all) == {}


@pytest.mark.parametrize("opened", OPEN, ids=lambda opened: opened.__name__)
def test_what_is_open_of_another_person_keeps_nobody_waiting(parts: Parts, opened: Opened) -> None:
    from demo.invent import citizen

    with parts.db.begin() as tx:
        opened(tx, parts, Someone(citizen(50)))
    assert asked(parts, ROSA).waits_for == ()
