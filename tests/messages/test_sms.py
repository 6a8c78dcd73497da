"""Texts to citizens: sent once, or failed where people see it; whom they went to is forgotten with the calls."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy import select, text

from carrier.client import CarrierDown, MessageRefused, MessageUnknown
from core import audit
from core.database import libpq_url
from core.outbox import ERASED, Failed, failed_texts, outbox, queue_sms
from messages import sms
from messages.sms import TOO_LATE, Sender
from work import sender

PHONE = "+50371234567"
DAY = timedelta(days=1)


@dataclass
class Network:
    """Takes texts, or says why not."""

    problem: type[Exception] | None = None
    taken: list[tuple[str, str, str]] = field(default_factory=list)

    def send_sms(self, to: str, from_: str, body: str) -> str:
        if self.problem is not None:
            raise self.problem
        self.taken.append((to, from_, body))
        return f"SM{len(self.taken)}"


@dataclass
class Networks:
    """Every number of ours is of this one."""

    only: Network

    def of_number(self, number: str) -> Network:
        return self.only


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def texts(parts, network) -> Sender:
    networks: Any = Networks(network)
    return replace(sender(parts), carriers=networks)


def text_for(db, vault, clock, line: str = "dgs", prompt: str = "sms.pin_changed") -> int:
    with db.begin() as tx:
        return queue_sms(tx, vault, clock.now(), PHONE, line, prompt)


def row_of(db, number):
    with db.begin() as tx:
        return tx.execute(select(outbox).where(outbox.c.id == number)).one()


def run(texts: Sender, number: int) -> None:
    """The job, as the worker runs it."""
    context: Any = SimpleNamespace(additional_context={"sender": texts})
    sms.send_sms(context, message_id=number)


def look_again(db, texts: Sender) -> int:
    """The minute's look, once the jobs that there were are over; how many texts were given a new one."""
    with db.begin() as tx:
        tx.execute(text("update procrastinate_jobs set status = 'succeeded' where task_name = 'messages.send_sms'"))
    return texts.send_again()


def failed(db) -> list[tuple[str, str, int]]:
    with db.begin() as tx:
        return [(each.line, each.prompt, each.count) for each in failed_texts(tx)]


def test_a_text_is_sent_once(db, vault, clock, texts, network):
    number = text_for(db, vault, clock)
    run(texts, number)
    run(texts, number)
    ((to, _, body),) = network.taken
    assert to == PHONE
    assert "PIN" in body
    assert (row_of(db, number).state, row_of(db, number).remote_sid) == ("sent", "SM1")
    assert failed(db) == []


def test_a_number_that_takes_no_texts_is_not_tried_again(db, vault, clock, texts, network):
    network.problem = MessageRefused
    number = text_for(db, vault, clock)
    run(texts, number)
    assert row_of(db, number).state == "refused"


@pytest.mark.parametrize(("line", "prompt"), [("ya-no-existe", "sms.pin_changed"), ("dgs", "sms.ya_no_existe")])
def test_a_text_of_a_line_or_with_words_that_there_are_no_more_fails_and_is_seen(
    db, vault, clock, texts, network, caplog, line, prompt
):
    number = text_for(db, vault, clock, line, prompt)
    run(texts, number)
    assert row_of(db, number).state == "failed"
    assert network.taken == []
    assert failed(db) == [(line, prompt, 1)]
    (said,) = [each.getMessage() for each in caplog.records if each.name == "messages.sms"]
    assert said.startswith(f"the text {number} of the line {line} cannot be sent: ")
    assert PHONE not in said
    run(texts, number)  # and is not tried again


def test_while_the_carrier_does_not_answer_it_waits_and_is_tried_again(db, vault, clock, texts, network):
    network.problem = CarrierDown
    number = text_for(db, vault, clock)
    assert texts.send_again() == 0  # its first job is still to come
    run(texts, number)
    assert row_of(db, number).state == "queued"
    assert look_again(db, texts) == 1
    network.problem = None
    run(texts, number)
    assert row_of(db, number).state == "sent"
    assert look_again(db, texts) == 0


def test_a_database_that_goes_while_a_text_is_sent_leaves_it_to_be_sent(db, vault, clock, texts, network):
    """Its job had failed for good, and nothing that anybody pressed sent it any more."""

    class TakenDown(Network):
        def send_sms(self, to: str, from_: str, body: str) -> str:
            with psycopg.connect(libpq_url(db.url), autocommit=True) as server:
                server.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and state = 'idle in transaction'"
                )
            return super().send_sms(to, from_, body)

    number = text_for(db, vault, clock)
    run(replace(texts, carriers=cast(Any, Networks(TakenDown()))), number)
    assert row_of(db, number).state == "queued"
    assert look_again(db, texts) == 1
    run(texts, number)
    assert row_of(db, number).state == "sent"


def test_a_text_that_may_have_been_taken_is_asked_for_once_more_and_no_oftener(db, vault, clock, texts, network):
    network.problem = MessageUnknown
    number = text_for(db, vault, clock)
    run(texts, number)
    assert (row_of(db, number).state, look_again(db, texts)) == ("unknown", 1)
    run(texts, number)
    assert (row_of(db, number).state, look_again(db, texts)) == ("failed", 0)


def test_while_one_job_sends_a_text_no_other_does(db, vault, clock, texts, network):
    number = text_for(db, vault, clock)
    with db.begin() as tx:
        tx.execute(select(outbox).where(outbox.c.id == number).with_for_update())
        run(texts, number)
    assert network.taken == []
    assert row_of(db, number).state == "queued"


def test_what_its_job_forgot_fails_after_an_hour(db, vault, clock, texts, network, caplog):
    number = text_for(db, vault, clock)
    clock.advance(TOO_LATE - timedelta(seconds=1))
    texts.look_after(90 * DAY)
    assert row_of(db, number).state == "queued"
    clock.advance(timedelta(seconds=1))
    texts.look_after(90 * DAY)
    assert row_of(db, number).state == "failed"
    assert "texts that nobody sent in an hour, and nobody will: 1" in caplog.messages
    run(texts, number)  # its job comes back after all: nobody waits for it any more
    assert network.taken == []


def test_whom_a_text_went_to_is_forgotten_with_the_calls_and_that_it_was_sent_stays(db, vault, clock, texts, network):
    sent, lost = text_for(db, vault, clock), text_for(db, vault, clock, "ya-no-existe")
    for number in (sent, lost):
        run(texts, number)
    clock.advance(DAY)
    newer = text_for(db, vault, clock)
    run(texts, newer)
    context: Any = SimpleNamespace(additional_context={"sender": texts, "kept": 90 * DAY})

    clock.advance(89 * DAY - timedelta(seconds=1))
    sms.look_after_texts(context, timestamp=0)
    assert [vault.open(row_of(db, each).to_sealed) for each in (sent, lost, newer)] == [PHONE] * 3
    assert failed(db) == [("ya-no-existe", "sms.pin_changed", 1)]

    clock.advance(timedelta(seconds=1))
    sms.look_after_texts(context, timestamp=0)
    assert [row_of(db, each).to_sealed for each in (sent, lost)] == [ERASED] * 2
    assert [row_of(db, each).state for each in (sent, lost)] == ["sent", "failed"]
    assert vault.open(row_of(db, newer).to_sealed) == PHONE
    assert failed(db) == []

    sms.look_after_texts(context, timestamp=0)  # finds nothing
    with db.begin() as tx:
        (told,) = audit.history(tx, "text", "outbox")
    assert (told["action"], told["facts"]) == ("texts.purged", {"texts": 2})


def test_of_a_line_that_somebody_may_not_see_nothing_is_told(db, vault, clock, texts):
    for line in ("dgs", "linea131"):
        text_for(db, vault, clock, line)
    clock.advance(TOO_LATE)
    texts.look_after(90 * DAY)
    with db.begin() as tx:
        assert failed_texts(tx, {"linea131"}) == [Failed("dgs", "sms.pin_changed", 1, clock.now() - TOO_LATE)]
