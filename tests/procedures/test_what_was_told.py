"""The correction loop is no way to take an account over (R41): what anybody told about somebody, wherever it was, is
not asked of whoever answers, and only the telephone of the padrón is rung and written to."""

import json
from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any

import pytest
from sqlalchemy import insert, select

from assembly import Parts
from assembly import corrections as loop_of
from beneficiaries.imports import import_padron
from campaigns.tables import campaign, recipient
from campaigns.upload.request import Request
from cases.attentions import attentions
from cases.catalogue.order_kinds import OrderKind
from cases.consultations import consultations
from cases.corrections import asking, deciding
from cases.corrections.proposed import Proposed
from cases.orders import orders
from cases.tables import correction
from core.post import post
from desk.chats.tables import chat, chat_media, chat_message
from procedures.correcting import Corrections

ANA, LUISA = "ana@ejemplo.gob.sv", "luisa@ejemplo.gob.sv"
ROSA, LUIS, BILL = "000162975", "045678903", "4407719"
CALLER, PHONE = "+50379990000", "+50370001234"  # whoever asks, and the holder
PADRON = (
    "documento;nombre;fecha_nacimiento;estado;telefono;recibo;ultimo_cobro;lugar_cobro\n"
    f"00016297-5;Rosa López;12/07/1985;ACTIVO;{PHONE};{BILL};%s;%s\n"
)
PROPOSED = Proposed(date(1958, 7, 12))


@pytest.fixture
def loop(parts: Parts) -> Corrections:
    return loop_of(parts)


@pytest.fixture
def padron(parts: Parts) -> Callable[..., None]:
    def padron(month: str = "09/2026") -> None:
        row = PADRON % (month, "Tienda Sol" if month else "")
        with parts.db.begin() as tx:
            report = import_padron(tx, parts.vault, parts.clock.now(), row.encode(), "test")
        assert not report.rejected

    return padron


@pytest.fixture
def attended(parts: Parts) -> Callable[..., int]:
    """A conversation of an operator, saved: its case."""
    rooms = count(1)

    def attended(subject: str = "C01", document: str = ROSA, *, is_saved: bool = True, **typed: Any) -> int:
        with parts.db.begin() as tx:
            now, vault, zone = parts.clock.now(), parts.vault, parts.lines["dgs"].zone
            known: dict[str, Any] = {"phone": CALLER, "document": document, "zone": zone, "call_sid": None}
            draft = attentions.open_draft(tx, vault, now, room_id=next(rooms), line="dgs", operator=ANA, **known)
            told = {"subject": subject, "caller_kind": "BENEFICIARIO", "outcome": "PENDIENTE", "has_conflict": False}
            told |= {"detail": "Pregunta por el subsidio de su casa", "is_gift_offered": False, **typed}
            attentions.type_draft(tx, vault, now, draft, ANA, **told)
            if not is_saved:
                return draft
            saved = attentions.save(tx, vault, now, draft, ANA)
            assert isinstance(saved, attentions.Saved), saved
            return saved.case_id

    return attended


@pytest.fixture
def decided(parts: Parts, loop: Corrections) -> Callable[..., int]:
    """A date that was refused, of which somebody asked who rang from another telephone."""

    def decided(case_id: int | None = None) -> int:
        with parts.db.begin() as tx:
            now, vault = parts.clock.now(), parts.vault
            about = ("C11", ROSA, CALLER, "dgs", None, "Su fecha está mal escrita")
            case = case_id or consultations.open_case(tx, vault, now, *about)
            number = asking.ask(tx, vault, now, case, ANA, "Dice que es otra", PROPOSED).number
            deciding.reveal(tx, now, number, LUISA)
        loop.refuse(number, LUISA, "No coincide")
        return number

    return decided


def asked_by_call(parts: Parts, number: int) -> str:
    """The question of the call back; "" where nobody is called."""
    with parts.db.begin() as tx:
        row = tx.execute(select(correction).where(correction.c.id == number)).one()
        sealed = tx.execute(select(campaign.c.request_sealed).where(campaign.c.id == row.campaign_id)).scalar()
    if sealed is None:
        assert row.told_at is not None, "they are sent to the window"
        return ""
    (question,) = Request.from_json(json.loads(parts.vault.open(sealed))["request"]).preguntas
    return question.sentence or ""


def with_a_bill(kind: str, parts: Parts, attended: Callable[..., int]) -> None:
    """Tells the bill, in one of the ways that there are."""
    now, vault = parts.clock.now(), parts.vault
    match kind:
        case "another case":
            attended("C09", household=ROSA, bill="440-7719")
        case "a draft that nobody saved":
            attended("C09", is_saved=False, household=ROSA, bill=BILL)
        case "words":
            attended(detail=f"Dice que su recibo es el {BILL}, y no le cobran")
        case "somebody else's household":
            attended("C09", LUIS, household=f"{ROSA}\n{LUIS}", bill=BILL)
        case "an order":
            with parts.db.begin() as tx:
                orders.open_order(tx, vault, now, ROSA, ANA, "Se inscribe", OrderKind.ENLACE, bill=BILL)
        case "a case of before":
            about = ("C01", ROSA, None, "dgs", None, f"Llamó por el recibo {BILL}")
            with parts.db.begin() as tx:
                consultations.open_case(tx, vault, now, *about)
        case "a chat" | "a picture":
            attended()
            chatted(parts, f"mi recibo es {BILL}" if kind == "a chat" else "aquí está", kind == "a picture")


def chatted(parts: Parts, words: str, has_picture: bool) -> None:
    now, vault = parts.clock.now(), parts.vault
    whose = {"citizen_sealed": vault.seal(CALLER), "citizen_print": vault.fingerprint("phone", CALLER)}
    row = {"id": 900, "line": "dgs", "queue": "general", "state": "ENDED", "opened_at": now, "wrote_at": now, **whose}
    said = {"chat_id": 900, "at": now, "side": "CITIZEN", "body_sealed": vault.seal(words), "state": "RECEIVED"}
    with parts.db.begin() as tx:
        tx.execute(insert(chat).values(**row))
        number = tx.execute(insert(chat_message).values(**said).returning(chat_message.c.id)).scalar_one()
        if has_picture:
            tx.execute(insert(chat_media).values(message_id=number, kind="IMAGE", sid="ME1"))


_WAYS = [
    *("another case", "a draft that nobody saved", "words", "somebody else's household", "an order"),
    *("a case of before", "a chat", "a picture"),
]


@pytest.mark.parametrize("way", _WAYS)
def test_a_bill_that_was_told_anywhere_is_not_asked(parts, loop, padron, attended, decided, way) -> None:
    padron()
    with_a_bill(way, parts, attended)
    number = decided()
    loop.follow()
    assert "subsidio" in asked_by_call(parts, number)
    assert "recibo" not in asked_by_call(parts, number)


@pytest.mark.parametrize("way", _WAYS)
def test_where_nothing_else_is_known_nobody_is_called(parts, loop, padron, attended, decided, way) -> None:
    padron(month="")
    with_a_bill(way, parts, attended)
    number = decided()
    loop.follow()
    assert asked_by_call(parts, number) == ""


def test_one_that_nobody_told_is_asked(parts, loop, padron, attended, decided) -> None:
    padron()
    attended("C09", household=ROSA, bill="5500012")
    attended("C09", LUIS, household=LUIS, bill=BILL)
    number = decided()
    loop.follow()
    assert "recibo" in asked_by_call(parts, number)


def test_a_second_conversation_of_the_day_forgets_no_bill(parts, loop, padron, attended, decided) -> None:
    """It listed the documents alone, and the last digits of the bill told in the first were asked."""
    padron(month="")
    first = attended("FECHA_NACIMIENTO", household=ROSA, bill=BILL)
    assert attended("FECHA_NACIMIENTO", household=f"{ROSA}\n{LUIS}") == first
    number = decided(first)
    loop.follow()
    assert asked_by_call(parts, number) == ""


def test_a_month_that_was_told_is_not_asked(parts, loop, padron, attended, decided) -> None:
    padron()
    attended("C09", household=ROSA, bill=BILL)
    attended(detail="Le cobraron en septiembre y no fue ella")
    number = decided()
    loop.follow()
    assert asked_by_call(parts, number) == ""


def test_whoever_was_refused_is_rung_on_the_padrons_telephone_and_led_to_no_pin(parts, loop, padron, decided) -> None:
    padron()
    decided()
    loop.follow()
    with parts.db.begin() as tx:
        sealed = tx.execute(select(recipient.c.data_sealed)).scalar_one()
        assert tx.execute(select(campaign.c.carries_to)).scalar_one() is None
        texts = tx.execute(select(post.c.id).where(post.c.channel == "SMS")).all()
    assert json.loads(parts.vault.open(sealed))["contact"]["phones"] == [PHONE]
    assert texts == []
