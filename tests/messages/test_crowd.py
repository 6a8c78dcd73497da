"""A crowd that writes while everything comes late, twice or not at all: the local carrier, our webhook, our sender."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app import create_app
from assembly import Parts, assemble
from carrier.local.chats.crowd import PEOPLE, Crowd
from carrier.local.config import CarrierConfig
from carrier.local.faults import Faults
from carrier.local.network import Network
from carrier.local.personas import read_personas
from carrier.local.server import serving
from core.clock import FixedClock, SystemClock
from desk.chats.states import UNSENT, Side
from desk.chats.tables import chat, chat_media, chat_message
from messages.chat_sending import ChatSender
from settings import Settings
from tests.ports import free_port
from tests.serving import listening
from work import chat_sender

LINE = "+50322373333"
CROWD = 20


@pytest.fixture
def parts(db, vault, tmp_path: Path) -> Iterator[Parts]:
    """With the web application that the carrier asks; in real time, as the carrier is."""
    web = f"127.0.0.1:{free_port()}"
    bound = {"BIND": web, "PUBLIC_URL": f"http://{web}", "CARRIER_BIND": f"127.0.0.1:{free_port()}"}
    made = assemble(Settings.from_environment({"DATA_DIR": str(tmp_path), **bound}), db, vault, SystemClock())
    server = listening(create_app(made), int(web.rpartition(":")[2]))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def send_what_waits(sender: ChatSender, over: threading.Event) -> None:
    """As the worker does with the jobs."""
    while not over.wait(0.02):
        with sender.db.begin() as tx:
            unsent = chat_message.c.state.in_(UNSENT)
            waiting = tx.execute(select(chat_message.c.id).where(unsent).order_by(chat_message.c.id)).scalars().all()
        for message_id in waiting:
            sender.send(message_id)


async def crowded(parts: Parts, faults: Faults) -> tuple[Network, Crowd]:
    """Everybody has written what they have to write, and what was told of it has come."""
    settings = parts.settings
    number = (LINE, f"{settings.public_url}/voice/incoming", None)
    where = f"{settings.public_url}/messaging/whatsapp"
    config = CarrierConfig(bind=settings.carrier_bind, numbers=[number], chat_url=where, faults=faults)
    over, crowd = threading.Event(), Crowd()
    worker = asyncio.to_thread(send_what_waits, chat_sender(parts), over)
    async with serving(config, read_personas("speed = 0\n")) as network:
        sending = asyncio.create_task(worker)
        crowd.begin(network, CROWD, LINE)
        async with asyncio.timeout(60):
            while crowd.writing or network._tasks or network.deliveries.pending:
                await asyncio.sleep(0.02)
        over.set()
        await sending
        network.misbehave(Faults())
        await asyncio.to_thread(look_again, parts)
        async with asyncio.timeout(60):
            while network._tasks or network.deliveries.pending:
                await asyncio.sleep(0.02)
        return network, crowd


def look_again(parts: Parts) -> None:
    """Two minutes later: what is in doubt is looked up in the carrier's list, and what it does not have is sent."""
    later = replace(chat_sender(parts), clock=FixedClock(parts.clock.now() + timedelta(minutes=2)))
    with parts.db.begin() as tx:
        tx.execute(text("delete from procrastinate_jobs"))
    over = threading.Event()
    sending = threading.Thread(target=send_what_waits, args=(later, over))
    sending.start()
    while count(parts, chat_message, chat_message.c.state.in_(UNSENT)):
        time.sleep(0.02)
    over.set()
    sending.join()


def count(parts: Parts, what, *where) -> int:
    with parts.db.begin() as tx:
        return tx.execute(select(func.count()).select_from(what).where(*where)).scalar_one()


@pytest.mark.slow(20)
def test_nobody_is_answered_twice_and_nothing_of_theirs_is_lost(parts: Parts):
    faults = Faults.read(
        {
            "request_doubled": 0.5,
            "request_late": 0.3,
            "late_s": 0.2,
            "doubled": 0.4,
            "late": 0.4,
            "lost": 0.2,
            "reordered": 0.3,
        }
    )
    network, crowd = asyncio.run(crowded(parts, faults))

    wrote = [each for nth in range(CROWD) for each in network.chats.of(f"+5037810{nth:04}")]
    assert set(crowd.done) <= {*PEOPLE, "sin respuesta"} and crowd.done.total() == CROWD
    assert count(parts, chat_message, chat_message.c.side == Side.CITIZEN) == len(wrote)
    assert count(parts, chat) == CROWD
    assert count(parts, chat_media) == sum(len(each.media) for each in wrote)
    ours = count(parts, chat_message, chat_message.c.side == Side.LINE)
    assert len(list(network.messages)) == ours, "each was asked for once"
    assert len({(each.to, each.sid) for each in network.messages}) == ours
    assert count(parts, chat_message, chat_message.c.state.in_(["QUEUED", "ASKING", "UNKNOWN", "FAILED"])) == 0


@pytest.mark.slow(20)
def test_where_the_carrier_drops_its_answers_nothing_is_sent_twice(parts: Parts):
    """REST does it and says nothing, or does nothing and fails: what is in doubt stays so until the list is read."""
    faults = Faults.read({"rest_500_done": 0.2, "rest_dropped": 0.1, "rest_429": 0.2, "rest_500": 0.1, "lost": 0.5})
    network, _ = asyncio.run(crowded(parts, faults))

    asked = Counter((each.to.removeprefix("whatsapp:"), each.body) for each in network.messages)
    with parts.db.begin() as tx:
        rows = tx.execute(select(chat.c.citizen_sealed, chat_message.c.body_sealed, chat_message.c.side).join(chat))
        ours = Counter(
            (parts.vault.open(whose), parts.vault.open(body)) for whose, body, side in rows if side != Side.CITIZEN
        )
    assert asked == ours, "each once, whatever was answered"
