"""Texts to citizens: sent once, never twice on a guess, or failed where people see it; whom they went to is forgotten
with the calls."""

import time
from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text

from carrier.client import Answer, CarrierDown, NotAsked, Placed, Refused, Unknown
from carrier.messaging import RemoteText, Written
from core import audit
from core.database import libpq_url
from core.post import Channel, TextMessage, leave, post
from core.post_book import Lost, lost_texts
from core.post_states import fold
from messages import post as jobs
from messages.courier import Courier
from messages.post import PostOffice
from messages.sending import DOUBT
from messages.texts import TOO_LATE
from work import post_office, text_courier

PHONE = "+50371234567"
DAY = timedelta(days=1)


@dataclass
class Network:
    """Takes texts, or says why not; ``listed``: what its list has beside them, None while it does not answer;
    ``meanwhile``: what happens while its list is on the way."""

    answer: Answer | None = None
    dies: BaseException | None = None
    keeps_what_it_does_not_answer: bool = False
    answers_the_list: bool = True
    meanwhile: Callable[[], None] = lambda: None
    taken: list[tuple[str, str, str]] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    def send(self, message: Written) -> Answer:
        self.urls.append(message.status_url)
        if (self.answer is None and self.dies is None) or self.keeps_what_it_does_not_answer:
            self.taken.append((message.to, message.from_, message.body))
        if self.dies is not None:
            raise self.dies
        return self.answer or Placed(f"SM{len(self.taken)}")

    def sent_since(self, from_: str, since: datetime, to: Container[str]) -> list[RemoteText]:
        if not self.answers_the_list:
            raise CarrierDown
        each, happens = enumerate(list(self.taken), 1), self.meanwhile
        self.meanwhile = lambda: None
        happens()
        ours = [(n, told[0], told[2]) for n, told in each if told[1] == from_ and told[0] in to]
        return [RemoteText(f"SM{n}", telephone, body, "delivered", None) for n, telephone, body in reversed(ours)]


@dataclass
class Networks:
    """Every number of ours is of this one."""

    only: Network

    def messaging(self, account: str | None, number: str) -> Network:
        return self.only


@pytest.fixture
def network() -> Network:
    return Network()


def over(parts, network) -> PostOffice:
    networks: Any = Networks(network)
    couriers: dict[str, Courier] = {
        Channel.SMS: replace(text_courier(parts, ""), carriers=networks),
        Channel.WHATSAPP: replace(text_courier(parts, "whatsapp:"), carriers=networks),
    }
    return replace(post_office(parts), couriers=couriers)


@pytest.fixture
def texts(parts, network) -> PostOffice:
    return over(parts, network)


def text_for(db, vault, clock, line: str = "dgs", prompt: str | None = "sms.pin_changed", **more) -> int:
    with db.begin() as tx:
        return leave(tx, vault, clock.now(), TextMessage("pin_changed", PHONE, line, prompt=prompt, **more))


def row_of(db, number):
    with db.begin() as tx:
        return tx.execute(select(post).where(post.c.id == number)).one()


def state_of(db, number) -> tuple[str, str | None]:
    row = row_of(db, number)
    return row.state, row.remote_sid


def run(texts: PostOffice, number: int) -> None:
    """The job, as the worker runs it."""
    context: Any = SimpleNamespace(additional_context={"post": texts})
    jobs.send_post(context, post_id=number)


def look_again(db, texts: PostOffice) -> int:
    """The minute's look, once the jobs that there were are over; how many texts were given a new one."""
    with db.begin() as tx:
        tx.execute(text("update procrastinate_jobs set status = 'succeeded' where task_name = 'messages.send_post'"))
    return texts.send_again()


def lost(db) -> list[tuple[str, str, int]]:
    with db.begin() as tx:
        return [(each.line, each.state, each.count) for each in lost_texts(tx)]


def test_a_text_is_sent_once_and_what_becomes_of_it_is_told_to_us(db, vault, clock, parts, texts, network):
    number = text_for(db, vault, clock)
    run(texts, number)
    run(texts, number)
    ((to, _, body),) = network.taken
    assert to == PHONE
    assert "PIN" in body
    assert state_of(db, number) == ("sent", "SM1")
    assert row_of(db, number).segments == 1 + (len(body) > 160)
    assert network.urls[0].startswith(f"{parts.settings.public_url}/messaging/status?post={number}#")
    assert lost(db) == []


def test_words_of_its_own_and_values_are_kept_sealed(db, vault, clock, texts, network):
    number = text_for(db, vault, clock, prompt=None, body="Ñandú: venga mañana.")
    assert "Ñandú".encode() not in bytes(row_of(db, number).body_sealed)
    run(texts, number)
    assert network.taken[0][2] == "Ñandú: venga mañana."
    with pytest.raises(ValueError, match="or words"):
        text_for(db, vault, clock, body="Y además palabras.")
    with pytest.raises(ValueError, match="or words"):
        text_for(db, vault, clock, prompt=None)


def test_by_whatsapp_the_numbers_say_so(db, vault, clock, texts, network):
    run(texts, text_for(db, vault, clock, channel=Channel.WHATSAPP))
    ((to, from_, _),) = network.taken
    assert to == f"whatsapp:{PHONE}"
    assert from_.startswith("whatsapp:+")


def test_before_its_hour_nothing_is_sent(db, vault, clock, texts, network):
    number = text_for(db, vault, clock, not_before=clock.now() + 15 * TOO_LATE)
    run(texts, number)
    clock.advance(15 * TOO_LATE - timedelta(seconds=1))
    assert look_again(db, texts) == 0
    clock.advance(timedelta(seconds=1))
    assert look_again(db, texts) == 1
    run(texts, number)
    assert len(network.taken) == 1


def test_a_number_that_takes_no_texts_is_not_tried_again(db, vault, clock, texts, network):
    network.answer = Refused(21614, is_ours=False)
    number = text_for(db, vault, clock)
    run(texts, number)
    row = row_of(db, number)
    assert (row.state, row.error_code, row.problem) == ("refused", 21614, "El número no es de un celular.")
    assert look_again(db, texts) == 0
    assert lost(db) == [("dgs", "refused", 1)]


@pytest.mark.parametrize(("line", "prompt"), [("ya-no-existe", "sms.pin_changed"), ("dgs", "sms.ya_no_existe")])
def test_a_text_of_a_line_or_with_words_that_there_are_no_more_fails_and_is_seen(
    db, vault, clock, texts, network, caplog, line, prompt
):
    number = text_for(db, vault, clock, line, prompt)
    run(texts, number)
    assert row_of(db, number).state == "failed"
    assert network.taken == []
    assert lost(db) == [(line, "failed", 1)]
    said = [each.getMessage() for each in caplog.records if each.name == "messages.post"]
    assert said[0].startswith(f"the post {number} of the line {line} cannot be sent: ")
    assert PHONE not in "".join(said)
    run(texts, number)  # and is not tried again


def test_while_the_carrier_does_not_answer_it_waits_and_is_tried_again(db, vault, clock, texts, network):
    network.answer = NotAsked()
    number = text_for(db, vault, clock)
    assert texts.send_again() == 0  # its first job is still to come
    for _ in range(5):
        run(texts, number)
        row = row_of(db, number)
        assert (row.state, row.tries, row.problem) == ("queued", 0, "La red telefónica no contesta.")
        assert look_again(db, texts) == 1
    network.answer = None
    run(texts, number)
    assert row_of(db, number).state == "sent"
    assert look_again(db, texts) == 0


class Killed(BaseException):
    pass


def test_whoever_dies_while_it_is_handed_over_leaves_a_doubt_and_no_second_text(db, vault, clock, texts, network):
    network.dies, network.keeps_what_it_does_not_answer = Killed(), True
    number = text_for(db, vault, clock)
    with pytest.raises(Killed):
        run(texts, number)
    network.dies = None
    run(texts, number)  # the job is brought back
    clock.advance(DOUBT)
    assert look_again(db, texts) == 1
    run(texts, number)
    assert (state_of(db, number), len(network.taken)) == (("delivered", "SM1"), 1)


def test_a_database_that_goes_while_a_text_is_sent_is_told_all_the_same(db, vault, clock, parts):
    class TakenDown(Network):
        def send(self, message: Written) -> Answer:
            with psycopg.connect(libpq_url(db.url), autocommit=True) as server:
                others = (
                    "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
                    " and query not like '%make_empty%'"  # the tests' own
                )
                server.execute(f"select pg_terminate_backend(pid) {others}")
                while server.execute(f"select 1 {others}").fetchone():
                    time.sleep(0.01)
            return super().send(message)

    network = TakenDown()
    number = text_for(db, vault, clock)
    run(over(parts, network), number)
    assert (state_of(db, number), len(network.taken)) == (("sent", "SM1"), 1)


def test_a_text_that_the_carrier_took_without_saying_so_is_found_in_its_list(db, vault, clock, texts, network):
    network.answer, network.keeps_what_it_does_not_answer = Unknown(), True
    number = text_for(db, vault, clock)
    run(texts, number)
    assert state_of(db, number) == ("unknown", None)
    clock.advance(DOUBT - timedelta(seconds=1))
    assert look_again(db, texts) == 0
    clock.advance(timedelta(seconds=1))
    assert look_again(db, texts) == 1
    run(texts, number)
    assert (state_of(db, number), len(network.taken)) == (("delivered", "SM1"), 1)


def test_what_it_did_not_take_is_sent_once_more_and_no_oftener(db, vault, clock, texts, network):
    network.answer = Unknown()
    number = text_for(db, vault, clock)
    run(texts, number)
    clock.advance(DOUBT)
    run(texts, number)  # it is not in the list
    assert row_of(db, number).state == "queued"
    run(texts, number)
    assert (row_of(db, number).state, row_of(db, number).tries) == ("unknown", 2)
    clock.advance(DOUBT)
    run(texts, number)
    assert (row_of(db, number).state, look_again(db, texts)) == ("failed", 0)
    assert len(network.urls) == 2


def test_a_look_that_was_overtaken_changes_nothing(db, vault, clock, texts, network):
    """Its list is long on the way; another look finds nothing too, the text is sent, and that answer is lost."""
    network.answer = Unknown()
    number = text_for(db, vault, clock)
    run(texts, number)
    network.keeps_what_it_does_not_answer = True

    def another_look() -> None:
        clock.advance(DOUBT)
        run(texts, number)
        assert row_of(db, number).state == "queued"
        run(texts, number)

    network.meanwhile = another_look
    clock.advance(DOUBT)
    run(texts, number)
    run(texts, number)
    assert (row_of(db, number).state, len(network.taken)) == ("unknown", 1)


def test_of_two_with_the_same_words_each_is_one_of_the_list(db, vault, clock, texts, network):
    known = text_for(db, vault, clock)
    run(texts, known)
    network.answer = Unknown()
    doubtful = text_for(db, vault, clock)
    run(texts, doubtful)
    clock.advance(DOUBT)
    run(texts, doubtful)  # what the list has is the other
    assert [state_of(db, each) for each in (known, doubtful)] == [("sent", "SM1"), ("queued", None)]


def test_while_its_list_cannot_be_had_a_doubt_stays_one_and_after_an_hour_nobody_knows(
    db, vault, clock, texts, network
):
    network.answer, network.answers_the_list = Unknown(), False
    number = text_for(db, vault, clock)
    run(texts, number)
    while clock.now() - row_of(db, number).queued_at < TOO_LATE:
        assert row_of(db, number).state == "unknown"
        clock.advance(DOUBT)
        assert look_again(db, texts) == 1
        run(texts, number)
    assert (row_of(db, number).state, row_of(db, number).problem) == ("failed", "No se sabe si salió.")
    assert len(network.urls) == 1
    with db.begin() as tx:
        fold(tx, clock.now(), number, "SM9", "delivered")  # the carrier tells after all
    assert state_of(db, number) == ("delivered", "SM9")


def test_while_one_job_takes_a_text_up_no_other_does(db, vault, clock, texts, network):
    number = text_for(db, vault, clock)
    with db.begin() as tx:
        tx.execute(select(post).where(post.c.id == number).with_for_update())
        run(texts, number)
    assert network.taken == []
    assert row_of(db, number).state == "queued"


def test_what_waited_for_an_hour_is_not_sent_any_more(db, vault, clock, texts, network, caplog):
    number = text_for(db, vault, clock)
    clock.advance(TOO_LATE)
    assert look_again(db, texts) == 1
    run(texts, number)
    row = row_of(db, number)
    assert (row.state, row.problem) == ("failed", "Pasó demasiado tiempo sin poder enviarlo.")
    assert f"the post {number} is given up" in caplog.messages
    assert network.taken == []


def test_whom_a_text_went_to_is_forgotten_with_the_calls_and_that_it_was_sent_stays(db, vault, clock, texts, network):
    sent = text_for(db, vault, clock)
    gone = text_for(db, vault, clock, "ya-no-existe", prompt=None, body="Palabras.")
    for number in (sent, gone):
        run(texts, number)
    clock.advance(DAY)
    newer = text_for(db, vault, clock)
    run(texts, newer)
    context: Any = SimpleNamespace(additional_context={"post": texts, "kept": 90 * DAY})

    clock.advance(89 * DAY - timedelta(seconds=1))
    jobs.look_after_texts(context, timestamp=0)
    assert [vault.open(row_of(db, each).to_sealed) for each in (sent, gone, newer)] == [PHONE] * 3
    assert lost(db) == [("ya-no-existe", "failed", 1)]

    clock.advance(timedelta(seconds=1))
    jobs.look_after_texts(context, timestamp=0)
    for each in (sent, gone):
        row = row_of(db, each)
        assert (row.to_sealed, row.to_print, row.body_sealed) == (b"", None, None)
    assert [row_of(db, each).state for each in (sent, gone)] == ["sent", "failed"]
    assert vault.open(row_of(db, newer).to_sealed) == PHONE
    assert row_of(db, newer).to_print == vault.fingerprint("phone", PHONE)
    assert lost(db) == []

    jobs.look_after_texts(context, timestamp=0)  # finds nothing
    with db.begin() as tx:
        (told,) = audit.history(tx, "text", "post")
    assert (told["action"], told["facts"]) == ("texts.purged", {"texts": 2})


def test_of_a_line_that_somebody_may_not_see_nothing_is_told(db, vault, clock, texts, network):
    network.answer = Refused(30006, is_ours=True)
    for line in ("dgs", "linea131"):
        run(texts, text_for(db, vault, clock, line))
    with db.begin() as tx:
        why = "Es un teléfono fijo, o su compañía no recibe mensajes."
        assert lost_texts(tx, {"linea131"}) == [Lost("dgs", "pin_changed", "refused", why, 1, clock.now())]
