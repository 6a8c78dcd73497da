"""What is written to people is sent once, whatever the carrier does, and never where the channel forbids it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from assembly import Parts
from carrier.client import CarrierDown, NotAsked, Placed, Unknown
from carrier.messaging import NotTaken, SentBefore, Written
from desk.chats import window, writing
from desk.chats.states import MessageState, Side
from desk.chats.tables import chat_message
from desk.refusal import CannotDo
from messages.chat_sending import ChatSender
from tests.messages.chatting import CITIZEN, Chatting
from tests.webhooks import Webhooks
from work import chat_sender

TEMPLATE = "HX00000000000000000000000000000001"


@dataclass
class Network:
    """Takes messages, or says why not; ``loses``: it takes them, and its answer is lost."""

    clock: Any
    answer: Callable[[], Any] | None = None
    loses: bool = False
    is_down: bool = False
    taken: list[Written] = field(default_factory=list)
    listed: list[SentBefore] = field(default_factory=list)

    def messaging(self, account: str | None, number: str) -> "Network":
        return self

    def send(self, message: Written) -> Any:
        if self.answer is not None:
            return self.answer()
        self.taken.append(message)
        sid = f"SMf{len(self.taken):031x}"
        self.listed.insert(0, SentBefore(sid, message.to, message.text, self.clock.now()))
        return Unknown() if self.loses else Placed(sid)

    def sent_since(self, from_: str, since: datetime) -> list[SentBefore]:
        if self.is_down:
            raise CarrierDown
        return self.listed


@pytest.fixture
def chatting(parts: Parts, webhooks: Webhooks) -> Chatting:
    return Chatting(parts, webhooks)


@pytest.fixture
def network(clock) -> Network:
    return Network(clock)


@pytest.fixture
def sender(parts: Parts, network: Network) -> ChatSender:
    found: Any = network
    return replace(chat_sender(parts), carriers=found)


def waiting(chatting: Chatting) -> int:
    """Somebody wrote, and the line's answer waits to be sent; its number."""
    chatting.writes("hola")
    return next(each.id for each in chatting.said() if each.side is Side.LINE)


def state(chatting: Chatting, message_id: int) -> tuple[str, int | None]:
    with chatting.parts.db.begin() as tx:
        row = tx.execute(select(chat_message).where(chat_message.c.id == message_id)).one()
    return row.state, row.error


def no_job_has_it(chatting: Chatting) -> None:
    with chatting.parts.db.begin() as tx:
        tx.execute(text("delete from procrastinate_jobs"))


def test_it_is_sent_once_to_whom_it_is_for(chatting, sender, network):
    message = waiting(chatting)
    sender.send(message)
    sender.send(message)
    assert [(each.to, each.from_, each.template) for each in network.taken] == [(CITIZEN, "+50322373333", None)]
    assert network.taken[0].status_url.endswith(f"/messaging/whatsapp/status?message={message}")
    assert state(chatting, message) == (MessageState.SENT, None)


def test_one_that_was_never_asked_for_is_asked_for_again(chatting, sender, network):
    message = waiting(chatting)
    network.answer = lambda: NotAsked()
    sender.send(message)
    assert state(chatting, message) == (MessageState.QUEUED, None)
    network.answer = None
    sender.send(message)
    assert len(network.taken) == 1


def test_one_that_is_refused_says_why(chatting, sender, network):
    message = waiting(chatting)
    network.answer = lambda: NotTaken(63003)
    sender.send(message)
    assert state(chatting, message) == (MessageState.FAILED, 63003)


def test_a_lost_answer_is_found_in_the_carriers_list_and_not_sent_again(chatting, sender, network):
    message = waiting(chatting)
    network.loses = True
    sender.send(message)
    assert state(chatting, message) == (MessageState.UNKNOWN, None)
    no_job_has_it(chatting)
    sender.look_again()
    assert state(chatting, message)[0] == MessageState.UNKNOWN, "too soon to say"
    chatting.passes(seconds=61)
    network.is_down = True
    sender.look_again()
    assert state(chatting, message)[0] == MessageState.UNKNOWN, "who does not answer says nothing"
    network.is_down = False
    sender.look_again()
    assert state(chatting, message) == (MessageState.SENT, None)
    assert len(network.taken) == 1


def test_one_that_the_whole_list_does_not_have_is_sent(chatting, sender, network):
    message = waiting(chatting)
    network.answer = lambda: Unknown()
    sender.send(message)
    no_job_has_it(chatting)
    chatting.passes(seconds=61)
    sender.look_again()
    assert state(chatting, message) == (MessageState.QUEUED, None)
    network.answer = None
    sender.send(message)
    assert len(network.taken) == 1


def test_the_same_words_to_two_people_are_not_taken_for_one_another(chatting, sender, network):
    first = waiting(chatting)
    chatting.writes("hola", "+50370009999")
    second = next(each.id for each in chatting.said() if each.side is Side.LINE)
    network.loses = True
    sender.send(first)
    network.answer = lambda: Unknown()
    sender.send(second)
    no_job_has_it(chatting)
    chatting.passes(seconds=61)
    sender.look_again()
    assert state(chatting, first)[0] == MessageState.SENT
    assert state(chatting, second)[0] == MessageState.QUEUED


def test_a_callback_proves_what_was_in_doubt(chatting, sender, network):
    message = waiting(chatting)
    network.loses = True
    sender.send(message)
    chatting.is_told(message, "SM" + "1" * 32, "delivered")
    no_job_has_it(chatting)
    chatting.passes(seconds=61)
    sender.look_again()
    assert state(chatting, message) == (MessageState.DELIVERED, None)


def test_a_worker_that_dies_in_the_middle_sends_nothing_twice(chatting, sender, network):
    message = waiting(chatting)

    def dies() -> None:
        raise SystemExit

    network.answer = dies
    with pytest.raises(SystemExit):
        sender.send(message)
    assert state(chatting, message)[0] == MessageState.ASKING
    network.answer = None
    sender.send(message)
    assert network.taken == []
    no_job_has_it(chatting)
    chatting.passes(seconds=61)
    sender.look_again()
    sender.send(message)
    assert len(network.taken) == 1


def test_what_has_no_job_gets_one(chatting, sender, network):
    message = waiting(chatting)
    no_job_has_it(chatting)
    assert sender.look_again() == 1
    with chatting.parts.db.begin() as tx:
        waiting_jobs = tx.execute(text("select args from procrastinate_jobs")).scalars().all()
    assert [each["message_id"] for each in waiting_jobs] == [message]


def test_a_day_later_no_free_text_leaves(chatting, sender, network):
    """It waited in the queue until the 24 hours were over: the carrier is not even asked."""
    message = waiting(chatting)
    chatting.passes(hours=24)
    sender.send(message)
    assert network.taken == []
    assert state(chatting, message) == (MessageState.FAILED, window.WINDOW_IS_CLOSED)


def test_the_operator_is_told_before_they_write_and_sends_a_template(chatting, sender, network):
    chatting.writes("5")
    chatting.at_the_desk()
    conversation = chatting.newest().id
    chatting.takes(conversation)
    chatting.passes(hours=23, minutes=59)
    chatting.answers(conversation, "Seguimos con su consulta.")
    chatting.passes(minutes=1)
    with pytest.raises(CannotDo, match="24 horas"):
        chatting.answers(conversation, "¿Sigue ahí?")
    with chatting.parts.db.begin() as tx:
        desk, now = chatting.parts.world.desk, chatting.parts.clock.now()
        with pytest.raises(CannotDo, match="aprobado"):
            writing.write_approved(tx, desk, now, conversation, 1, "ana@ejemplo.gob.sv", "HX" + "f" * 32, None)
        writing.write_approved(tx, desk, now, conversation, 1, "ana@ejemplo.gob.sv", TEMPLATE, "x")
        writing.write_approved(tx, desk, now, conversation, 1, "ana@ejemplo.gob.sv", TEMPLATE, "x")
    sender.send(chatting.said()[-1].id)
    assert [each.template for each in network.taken] == [TEMPLATE]
    chatting.writes("sí, dígame")
    chatting.answers(conversation, "Su trámite está en orden.")


def test_whoever_said_baja_gets_no_template(chatting):
    chatting.writes("baja")
    chatting.writes("5")
    chatting.at_the_desk()
    conversation = chatting.newest().id
    chatting.takes(conversation)
    chatting.answers(conversation, "Con gusto le contesto.")  # they wrote first
    with chatting.parts.db.begin() as tx, pytest.raises(CannotDo, match="no se le escriba"):
        desk, now = chatting.parts.world.desk, chatting.parts.clock.now()
        writing.write_approved(tx, desk, now, conversation, 1, "ana@ejemplo.gob.sv", TEMPLATE, None)
