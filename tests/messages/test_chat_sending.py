"""What is written to people is sent once, whatever the carrier does, and never where the channel forbids it."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text, update

from assembly import Parts
from campaigns.rules import exclusions
from campaigns.rules.exclusions import Kind, Scope
from campaigns.tables import exclusion
from carrier.client import CarrierDown, NotAsked, Placed, Refused, Unknown
from carrier.messaging import WHATSAPP, RemoteText, Written
from carrier.webhook import TRY_AGAIN
from desk.chats import chats, window, writing
from desk.chats.states import MessageState, Side
from desk.chats.tables import chat, chat_message
from desk.refusal import CannotDo
from messages.chat_sending import ChatSender
from tests.messages.chatting import CITIZEN, Chatting, who
from tests.webhooks import Webhooks
from work import chat_sender

TEMPLATE = "HX00000000000000000000000000000001"


@dataclass
class Network:
    """Takes messages, or says why not; ``loses``: it takes them, and its answer is lost; ``meanwhile``: what happens
    while its list is on the way."""

    clock: Any
    answer: Callable[[], Any] | None = None
    loses: bool = False
    is_down: bool = False
    taken: list[Written] = field(default_factory=list)
    listed: list[RemoteText] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def messaging(self, account: str | None, number: str) -> "Network":
        return self

    def send(self, message: Written) -> Any:
        if self.answer is not None:
            return self.answer()
        self.taken.append(message)
        sid = f"SMf{len(self.taken):031x}"
        self.listed.insert(0, RemoteText(sid, message.to, message.body, "sent", None, self.clock.now()))
        return Unknown() if self.loses else Placed(sid)

    def sent_since(self, from_: str, since: datetime, to: Container[str]) -> list[RemoteText]:
        if self.is_down:
            raise CarrierDown
        found, happens = [each for each in self.listed if each.to in to], self.meanwhile
        self.meanwhile = lambda: None
        happens()
        return found


@pytest.fixture
def chatting(parts: Parts, webhooks: Webhooks) -> Chatting:
    return Chatting(parts, webhooks)


@pytest.fixture
def network(clock) -> Network:
    return Network(clock)


@pytest.fixture
def sender(parts: Parts, network: Network) -> ChatSender:
    made = chat_sender(parts)
    courier: Any = made.courier
    return replace(made, courier=replace(courier, carriers=network))


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


def look(chatting: Chatting, sender: ChatSender) -> int:
    """The minute's look, once the jobs that there were are over, and those that it leaves; how many."""
    no_job_has_it(chatting)
    left = sender.send_again()
    with chatting.parts.db.begin() as tx:
        found = tx.execute(text("select args from procrastinate_jobs order by id")).scalars().all()
    for each in found:
        sender.send(each["message_id"])
    return left


def test_it_is_sent_once_to_whom_it_is_for(chatting, sender, network):
    message = waiting(chatting)
    sender.send(message)
    sender.send(message)
    assert [(each.to, each.from_, each.template) for each in network.taken] == [
        (WHATSAPP + CITIZEN, f"{WHATSAPP}+50322373333", None)
    ]
    assert network.taken[0].status_url.endswith(f"/messaging/whatsapp/status?message={message}{TRY_AGAIN}")
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
    network.answer = lambda: Refused(63003, is_ours=True)
    sender.send(message)
    assert state(chatting, message) == (MessageState.FAILED, 63003)


def test_a_lost_answer_is_found_in_the_carriers_list_and_not_sent_again(chatting, sender, network):
    message = waiting(chatting)
    network.loses = True
    sender.send(message)
    assert state(chatting, message) == (MessageState.UNKNOWN, None)
    chatting.passes(seconds=89)
    assert look(chatting, sender) == 0, "too soon to say"
    chatting.passes(seconds=1)
    network.is_down = True
    assert look(chatting, sender) == 1
    assert state(chatting, message)[0] == MessageState.UNKNOWN, "who does not answer says nothing"
    network.is_down = False
    chatting.passes(seconds=90)
    look(chatting, sender)
    assert state(chatting, message) == (MessageState.SENT, None)
    assert len(network.taken) == 1


def test_one_that_the_whole_list_does_not_have_is_sent(chatting, sender, network):
    message = waiting(chatting)
    network.answer = lambda: Unknown()
    sender.send(message)
    chatting.passes(seconds=90)
    look(chatting, sender)
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
    chatting.passes(seconds=90)
    look(chatting, sender)
    assert state(chatting, first)[0] == MessageState.SENT
    assert state(chatting, second)[0] == MessageState.QUEUED


def test_a_callback_proves_what_was_in_doubt(chatting, sender, network):
    message = waiting(chatting)
    network.loses = True
    sender.send(message)
    chatting.is_told(message, "SM" + "1" * 32, "delivered")
    chatting.passes(seconds=90)
    look(chatting, sender)
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
    chatting.passes(seconds=90)
    look(chatting, sender)
    sender.send(message)
    assert len(network.taken) == 1


def test_a_look_that_was_overtaken_changes_nothing(chatting, sender, network):
    """Its list is long on the way; another look finds nothing too, the message is sent, and that answer is lost."""
    message = waiting(chatting)
    network.answer = lambda: Unknown()
    sender.send(message)
    network.answer, network.loses = None, True

    def another_look() -> None:
        chatting.passes(seconds=90)
        look(chatting, sender)
        assert state(chatting, message)[0] == MessageState.QUEUED
        sender.send(message)

    network.meanwhile = another_look
    chatting.passes(seconds=90)
    look(chatting, sender)
    sender.send(message)
    assert len(network.taken) == 1
    assert state(chatting, message)[0] == MessageState.UNKNOWN


def test_two_workers_do_not_look_for_one_doubt_at_once(chatting, sender, network):
    message = waiting(chatting)
    network.answer = lambda: Unknown()
    sender.send(message)
    chatting.passes(seconds=90)
    looked: list[bool] = []
    network.meanwhile = lambda: looked.append(look(chatting, sender) == 0)
    look(chatting, sender)
    assert looked == [True]
    assert state(chatting, message)[0] == MessageState.QUEUED


def test_a_third_time_it_is_not_sent(chatting, sender, network):
    message = waiting(chatting)
    network.answer = lambda: Unknown()
    for _ in range(3):
        sender.send(message)
        chatting.passes(seconds=90)
        look(chatting, sender)
    assert state(chatting, message) == (MessageState.FAILED, None)


def test_what_nobody_can_tell_of_is_given_up_after_a_day(chatting, sender, network):
    message = waiting(chatting)
    network.loses = True
    sender.send(message)
    network.is_down = True
    chatting.passes(hours=23)
    look(chatting, sender)
    assert state(chatting, message)[0] == MessageState.UNKNOWN
    chatting.passes(hours=1)
    look(chatting, sender)
    assert state(chatting, message) == (MessageState.FAILED, None)
    chatting.is_told(message, network.listed[0].sid, "delivered")
    assert state(chatting, message) == (MessageState.DELIVERED, None)


@pytest.mark.parametrize("asked", [False, True], ids=["waiting", "in doubt"])
def test_of_a_line_that_left_the_files_it_fails_and_the_others_go_on(chatting, sender, network, caplog, asked):
    message = waiting(chatting)
    chatting.writes("hola", "+50370009999")
    other = next(each.id for each in chatting.said() if each.side is Side.LINE)
    if asked:
        network.answer = lambda: Unknown()
        sender.send(message)
        network.answer = None
    with chatting.parts.db.begin() as tx:
        first = select(chat_message.c.chat_id).where(chat_message.c.id == message).scalar_subquery()
        tx.execute(update(chat).where(chat.c.id == first).values(line="ya-no-existe"))
    chatting.passes(seconds=90)
    look(chatting, sender)
    assert state(chatting, message) == (MessageState.FAILED, None)
    assert state(chatting, other)[0] == MessageState.SENT
    assert f"the message {message} of the line ya-no-existe cannot be sent" in caplog.text
    assert CITIZEN not in caplog.text


def test_what_has_no_job_gets_one(chatting, sender, network):
    message = waiting(chatting)
    no_job_has_it(chatting)
    assert sender.send_again() == 1
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
            writing.write_approved(tx, desk, now, conversation, **who(), content_sid="HX" + "f" * 32)
        writing.write_approved(tx, desk, now, conversation, **who(), content_sid=TEMPLATE, once="x")
        writing.write_approved(tx, desk, now, conversation, **who(), content_sid=TEMPLATE, once="x")
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
        writing.write_approved(tx, desk, now, conversation, **who(), content_sid=TEMPLATE)


@pytest.mark.parametrize(
    ("scope", "is_left_alone"),
    [
        (Scope(), True),
        (Scope(line="dgs"), True),
        (Scope(line="linea131"), False),
        (Scope(line="dgs", campaign_kind="INFORMATIVA"), False),
    ],
    ids=["everywhere", "the line's entity", "another's", "of one kind of campaign"],
)
def test_a_template_heeds_an_exclusion_where_it_holds(chatting, scope, is_left_alone):
    chatting.writes("5")
    parts, conversation = chatting.parts, chatting.newest().id
    with parts.db.begin() as tx:
        exclusions.add(tx, parts.vault, parts.clock.now(), "x", Kind.PHONE, CITIZEN, scope, "lo pidió")
        found = chats.one(tx, parts.world.desk, conversation)
        assert found is not None
        assert writing.is_opted_out(tx, found) == is_left_alone
        tx.execute(update(exclusion).values(removed_at=parts.clock.now()))
        assert not writing.is_opted_out(tx, found)
