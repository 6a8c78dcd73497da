"""All that an institution may come to keep of an invented person, left by the modules that leave it."""

import json
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, insert, select, update

from assembly import Parts
from beneficiaries import locks
from beneficiaries.imports import import_padron
from beneficiaries.registry import PinReason
from beneficiaries.tables import beneficiary
from campaigns import closing, life
from campaigns.rules.exclusions import Kind, Scope, add, add_wrong_number, listed, print_of, remove
from campaigns.states import AttemptState
from campaigns.tables import attempt, campaign, observation, operated_contact, recipient
from campaigns.upload.observations import CONTACTS_SHEET
from campaigns.validation.tables import collected_answer
from cases import quality, tasks
from cases.attentions import attentions
from cases.catalogue.order_kinds import SuborderKind
from cases.consultations import escalations
from cases.consultations.consultations import close_case, open_case
from cases.corrections import asking, corrections, deciding
from cases.corrections.proposed import Proposed
from cases.orders import claims, orders
from cases.registers import authority
from cases.registers.authority import AuthorityState
from cases.registers.books import Told
from cases.registers.entries import write
from cases.tables import case_, escalation, order_step, task, work_order
from core import files
from core.clock import FixedClock
from core.person import Person
from core.post import SENT, TextMessage, leave, post
from demo.invent import Citizen, citizen
from desk import promises, rooms
from desk.arriving import Arrival, enter
from desk.chats.states import ChatState, Side
from desk.chats.states import MessageState as ChatMessageState
from desk.chats.tables import chat, chat_message
from desk.states import LegState, PromiseState, RoomState, VoiceMessageState
from desk.tables import leg, promise, room, voice_message
from desk.voice_messages.inbox import attend, note_voice_message
from ivr.tables import call
from tests.beneficiaries.builders import csv, fail
from tests.campaigns.builders import attempts_of, end, put_on_the_line, running

SAN_SALVADOR = ZoneInfo("America/El_Salvador")
OPERATOR, SUPERVISOR = "ana@ejemplo.gob.sv", "sara@ejemplo.gob.sv"
SOUND = b"RIFF" + b"\x01" * 400


@dataclass(frozen=True)
class Someone:
    """``words``: what only is said where it is about them."""

    citizen: Citizen

    @property
    def document(self) -> str:
        return self.citizen.document.replace("-", "")

    @property
    def phone(self) -> str:
        return self.citizen.phones[0]

    @property
    def words(self) -> str:
        return f"secreto de {self.citizen.number:03}"

    @property
    def renamed(self) -> str:
        """A name that is said of nobody else: it has no digits."""
        return "Otro Nombre " + "abcdefghij"[self.citizen.number] * 3

    @property
    def all(self) -> tuple[str, ...]:
        born = self.citizen.born.isoformat()
        return (self.document, self.citizen.document, self.phone, self.words, born, self.renamed)

    def asks(self, parts: Parts) -> Person:
        return Person.known_by(parts.vault, [self.document], [self.phone])


ROSA, LUIS = Someone(citizen(3)), Someone(citizen(4))


def lived(parts: Parts, clock: FixedClock, *people: Someone) -> None:
    """Everything that there is of them, all of it over."""
    called_by_a_campaign(parts, clock, *people)
    for who in people:
        with parts.db.begin() as tx:
            in_the_padron(tx, parts, who)
            room_id = called(tx, parts, who)
            attended(tx, parts, who, room_id)
            beside_the_case(tx, parts, who, room_id)
            promised_and_left_a_message(tx, parts, who)
            written_to(tx, parts, who)
            corrected_and_noted(tx, parts, who)
            wrote(tx, parts, who)
            excluded(tx, parts, who)


def in_the_padron(tx: Connection, parts: Parts, who: Someone) -> None:
    each, now = who.citizen, parts.clock.now()
    row = f"{each.document};{each.name} {who.words};{each.born:%d/%m/%Y};NO_ACTIVO;{who.phone}"
    import_padron(tx, parts.vault, now, csv(row), "test")
    sealed = dict.fromkeys(("bill_sealed", "redemption_sealed"), parts.vault.seal(f"2026-11 {who.words}"))
    theirs = beneficiary.c.document_print == parts.vault.fingerprint("document", who.document)
    tx.execute(update(beneficiary).where(theirs).values(**sealed))
    parts.world.registry.set_pin(tx, who.document, "4821", PinReason.OLVIDO, "test")
    for _ in range(5):
        fail(tx, parts.vault, now, document=who.document)
    (held,) = locks.list_locks(tx, now)
    locks.lift(tx, parts.vault, now, held.id, SUPERVISOR, who.words)


def called(tx: Connection, parts: Parts, who: Someone) -> int:
    """They rang, the line learnt their document, and an operator had them; the room."""
    vault, now, sid = parts.vault, parts.clock.now(), f"CA{who.document}"
    known = {"citizen_sealed": vault.seal(who.phone), "citizen_print": vault.fingerprint("phone", who.phone)}
    row = {"line": "dgs", "direction": "inbound", "turn": 3, "tries": 0, "answer": {}, "path": ["Información"]}
    tx.execute(insert(call).values(sid=sid, **row, **known, started_at=now, ended_at=now, duration_s=90))
    learnt = {"document": who.document, "path": ["Información"]}
    enter(tx, parts.world.desk, now, Arrival(sid, "dgs", who.phone, learnt), None)
    room_id = tx.execute(select(room.c.id).where(room.c.call_sid == sid)).scalar_one()
    said = dict.fromkeys(("place_sealed", "override_sealed", "reason_sealed"), vault.seal(who.words))
    over = {"state": RoomState.ENDED, "ended_at": now, "ended_as": "finished", "answered_at": now}
    rooms.change(tx, room_id, **said, **over)
    telephone = {"address_sealed": vault.seal(who.phone), "state": LegState.ENDED, "ended_at": now}
    tx.execute(update(leg).where(leg.c.room_id == room_id).values(**telephone))
    return room_id


def attended(tx: Connection, parts: Parts, who: Someone, room_id: int) -> int:
    """A closed case with all that a form may say, a gift among it; its number."""
    vault, now = parts.vault, parts.clock.now()
    about: dict[str, Any] = {"room_id": room_id, "line": "dgs", "call_sid": f"CA{who.document}", "zone": SAN_SALVADOR}
    draft = attentions.open_draft(tx, vault, now, **about, phone=who.phone, document=who.document, operator=OPERATOR)
    attentions.type_draft(
        tx, vault, now, draft, OPERATOR,
        subject="C01", caller_kind="BENEFICIARIO", contact_name=f"Alguien {who.words}", detail=f"Pregunta {who.words}",
        has_conflict=False, is_gift_offered=True, outcome="CERRADO",
        gift_offer=f"Ofreció {who.words}", gift_item=f"Pan {who.words}", gift_is_accepted=False,
        household=citizen(90).document,
    )  # fmt: skip
    saved = attentions.save(tx, vault, now, draft, OPERATOR)
    assert isinstance(saved, attentions.Saved), saved
    return saved.case_id


def beside_the_case(tx: Connection, parts: Parts, who: Someone, room_id: int) -> None:
    """A claim, an order, a consultation that went up, what a supervisor thought of the call."""
    vault, now, said = parts.vault, parts.clock.now(), who.words
    claim_id = claims.note_claim(
        tx, vault, now, attempt_id=int(who.document), line="dgs", document=who.document, phone=who.phone
    )
    assert claim_id is not None
    claims.discard(tx, vault, now, claim_id, SUPERVISOR, said)
    order_id = orders.open_order(tx, vault, now, who.document, OPERATOR, said)
    orders.close_order(tx, vault, now, order_id, OPERATOR, said)
    tx.execute(update(work_order).where(work_order.c.id == order_id).values(bill_sealed=vault.seal(said)))
    step = {"step": SuborderKind.RECEPCION, "place": 1, "filled_sealed": vault.seal(said)}
    tx.execute(insert(order_step).values(order_id=order_id, **step))
    case_id = open_case(tx, vault, now, "SIN_HISTORIAL", who.document, who.phone, "dgs", None, said)
    raised = escalations.to_director(tx, vault, now, case_id, OPERATOR, said)
    escalations.to_unit(tx, vault, now, case_id, OPERATOR, f"Unidad {said}", said)
    told = {"reason_sealed": vault.seal(said), "made_by": OPERATOR, "made_at": now}  # as a version before tasks did
    ended = {"ended_by": OPERATOR, "ended_at": now}
    tx.execute(insert(escalation).values(case_id=case_id, kind="UNIT", to_role="DIRECTOR", **told, **ended))
    tx.execute(update(task).where(task.c.case_id == case_id).values(end_sealed=vault.seal(said)))
    close_case(tx, vault, now, case_id, OPERATOR, said)
    tasks.end_task(tx, vault, now, raised, SUPERVISOR, said)
    marks = dict.fromkeys(quality.ITEMS, 4)
    judged: dict[str, Any] = {"supervisor": SUPERVISOR, "room_id": room_id, "operator": OPERATOR, "line": "dgs"}
    quality.record_quality(tx, vault, now, **judged, marks=marks, comment=said)


def promised_and_left_a_message(tx: Connection, parts: Parts, who: Someone) -> None:
    vault, now, desk = parts.vault, parts.clock.now(), parts.world.desk
    owed: dict[str, Any] = {
        "line_id": "dgs",
        "queue": desk.lines["dgs"].queue(None).name,
        "phone": who.phone,
        "place_since": now,
    }
    promise_id = promises.make(tx, desk, now, **owed, learnt={"document": who.document, "words": [who.words]})
    tx.execute(update(promise).where(promise.c.id == promise_id).values(state=PromiseState.KEPT, ended_at=now))
    left = note_voice_message(tx, vault, now, desk.lines["dgs"], "general", who.phone, f"RE{who.document}", 20)
    file_id = files.keep(tx, vault, now, "system", f"mensaje-{left}.wav", SOUND + who.words.encode())
    here = {"state": VoiceMessageState.FETCHED, "file_id": file_id, "is_deleted_remotely": True}
    tx.execute(update(voice_message).where(voice_message.c.id == left).values(**here))
    attend(tx, vault, now, left, OPERATOR, who.words)


def written_to(tx: Connection, parts: Parts, who: Someone) -> None:
    now = parts.clock.now()
    words = {"prompt": "sms.pin_changed", "values": {"nombre": who.words}}
    told = [
        leave(tx, parts.vault, now, TextMessage("pin_changed", who.phone, "dgs", **words)),  # type: ignore[arg-type]
        leave(tx, parts.vault, now, TextMessage("aviso", who.phone, "dgs", body=who.words)),
    ]
    tx.execute(update(post).where(post.c.id.in_(told)).values(state=SENT, sent_at=now))


def corrected_and_noted(tx: Connection, parts: Parts, who: Someone) -> None:
    """The padrón had their date of birth and their name wrong, which an authority was written to about."""
    vault, now, said = parts.vault, parts.clock.now(), who.words
    case_id = open_case(tx, vault, now, "C11", who.document, who.phone, "dgs", None, said)
    number = asking.ask(tx, vault, now, case_id, OPERATOR, said, Proposed(who.citizen.born, who.renamed)).number
    deciding.reveal(tx, now, number, SUPERVISOR)
    deciding.refuse(tx, vault, now, number, SUPERVISOR, said)
    corrections.was_told(tx, vault, now, number, said)
    texts = {"number": f"OF-{who.citizen.number}", "authority": "Registro", "asked": said}
    told = Told(kind="OFICIO", at=now, ended_at=None, follow_up_at=None, texts=texts)
    by: dict[str, Any] = {"line": "dgs", "person": OPERATOR, "actor": OPERATOR, "case_id": case_id}
    entry = write(tx, vault, now, authority.BOOK, told, **by)
    closed = AuthorityState.CERRADA
    authority.note_step(tx, vault, now, entry, OPERATOR, text=said, state=closed, follow_up_at=None)
    close_case(tx, vault, now, case_id, OPERATOR, said)


def wrote(tx: Connection, parts: Parts, who: Someone) -> None:
    vault, now = parts.vault, parts.clock.now()
    whose = {"citizen_sealed": vault.seal(who.phone), "citizen_print": vault.fingerprint("phone", who.phone)}
    over = {"state": ChatState.ENDED, "opened_at": now, "wrote_at": now, "ended_at": now}
    new = insert(chat).values(line="dgs", queue="general", **whose, **over).returning(chat.c.id)
    chat_id = tx.execute(new).scalar_one()
    said = {"at": now, "side": Side.CITIZEN, "body_sealed": vault.seal(who.words), "state": ChatMessageState.RECEIVED}
    tx.execute(insert(chat_message).values(chat_id=chat_id, **said))


def excluded(tx: Connection, parts: Parts, who: Someone) -> None:
    vault, now = parts.vault, parts.clock.now()
    add(tx, vault, now, SUPERVISOR, Kind.PERSON, who.document, Scope(), who.words)
    add(tx, vault, now, SUPERVISOR, Kind.PHONE, who.phone, Scope(), who.words)
    add(tx, vault, now, SUPERVISOR, Kind.PERSON, who.document, Scope(line="dgs"), who.words)
    about = print_of(vault, Kind.PERSON, who.document)
    taken_back = next(each for each in listed(tx, vault, about=[(Kind.PERSON, about)]) if each.scope.line)
    remove(tx, vault, now, SUPERVISOR, taken_back.id, who.words)
    not_theirs = "+50371999999"
    prints = (vault.fingerprint("phone", not_theirs), vault.fingerprint("document", who.document))
    add_wrong_number(tx, now, SUPERVISOR, *prints, vault.seal(not_theirs), who.words)


def called_by_a_campaign(parts: Parts, clock: FixedClock, *people: Someone) -> int:
    """A list of theirs, each called once; it is closed, and everything that may be said of a row is."""
    db, vault = parts.db, parts.vault
    first = min(who.citizen.number for who in people)
    campaign_id = running(db, vault, clock, len(people), first)
    for one in attempts_of(db, campaign_id):
        put_on_the_line(db, one.id, f"CA{campaign_id}-{one.id}", clock.now())
        end(db, vault, clock.now(), one.id, "completed", progress="collected", answered_by="human", duration_s=40)
    with db.begin() as tx:
        assert life.finish_if_done(tx, clock.now(), campaign_id, period_is_over=True)
        for row in tx.execute(select(recipient).where(recipient.c.campaign_id == campaign_id)).all():
            _answered(tx, parts, row, people)
        closing.close(tx, clock.now(), campaign_id, clock.now())
    return campaign_id


def _answered(tx: Connection, parts: Parts, row: Row, people: tuple[Someone, ...]) -> None:
    vault, now = parts.vault, parts.clock.now()
    who = next(each for each in people if vault.fingerprint("document", each.document) == bytes(row.person_print))
    said = {"collected_sealed": vault.seal(json.dumps({"1": who.words}))}
    tx.execute(update(recipient).where(recipient.c.id == row.id).values(**said))
    (one,) = tx.execute(select(attempt).where(attempt.c.recipient_id == row.id)).all()
    to_print = vault.fingerprint("phone", who.phone)
    tx.execute(update(attempt).where(attempt.c.id == one.id).values(to_print=to_print, state=AttemptState.ENDED))
    known = {"campaign_id": row.campaign_id, "recipient_id": row.id, "number": 1, "state": "corrected"}
    prints = {"given_print": b"given", "stands_print": b"stands", "corrected_sealed": vault.seal(who.words)}
    tx.execute(insert(collected_answer).values(**known, **prints))
    held = {"attempt_id": one.id, "account_id": 1, "operator": OPERATOR, "taken_at": now, "taken_until": now}
    why = {"reason_sealed": vault.seal(who.words), "ended_at": now, "ended_as": "put_back"}
    tx.execute(insert(operated_contact).values(**held, **why))
    noted = {"code": "A01", "level": "aviso", "sheet": CONTACTS_SHEET, "row": row.row, "value": "7•••-••11"}
    tx.execute(insert(observation).values(campaign_id=row.campaign_id, message="Dice algo.", **noted))


def cases_in(tx: Connection) -> list[Row]:
    return list(tx.execute(select(case_).order_by(case_.c.id)))


def campaign_of(tx: Connection) -> Row:
    return tx.execute(select(campaign)).one()
