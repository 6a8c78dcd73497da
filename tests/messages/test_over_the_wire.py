"""A text from the job that sends it to the callback that says it arrived: the local carrier's REST and our webhook."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app import create_app
from assembly import Parts, assemble
from carrier.local.account import LOCAL_ACCOUNT, LOCAL_TOKEN
from carrier.local.config import CarrierConfig
from carrier.local.faults import Faults
from carrier.local.network import Network
from carrier.local.personas import read_personas
from carrier.local.server import serving
from core.post import TextMessage, leave, post
from messages.post import PostOffice
from messages.sending import DOUBT
from settings import Settings
from tests.ports import free_port
from tests.serving import listening
from work import post_office

REACHED, NOWHERE = "+50370000001", "+50370000004"
PEOPLE = f'speed = 0\n[[person]]\nnumber = "{NOWHERE}"\nfate = "failed"\n'


@pytest.fixture
def parts(db, vault, clock, tmp_path: Path) -> Iterator[Parts]:
    """With the web application that the carrier asks."""
    web = f"127.0.0.1:{free_port()}"
    bound = {"BIND": web, "PUBLIC_URL": f"http://{web}", "CARRIER_BIND": f"127.0.0.1:{free_port()}"}
    made = assemble(Settings.from_environment({"DATA_DIR": str(tmp_path), **bound}), db, vault, clock)
    server = listening(create_app(made), int(web.rpartition(":")[2]))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def play(parts: Parts, faults: Faults, scene: Callable[[Network, PostOffice], None]) -> None:
    """The scene on a thread of its own, beside a carrier that misbehaves so; until every callback has come."""

    async def with_a_carrier() -> None:
        config = CarrierConfig(
            bind=parts.settings.carrier_bind,
            account_sid=LOCAL_ACCOUNT,
            auth_token=LOCAL_TOKEN,
            ledger_path=parts.settings.data_dir / "carrier.jsonl",
            faults=faults,
        )
        async with serving(config, read_personas(PEOPLE)) as network:
            network.clock.advance_to(parts.clock.now())
            await asyncio.to_thread(scene, network, post_office(parts))
            async with asyncio.timeout(10):
                while network.deliveries.pending or not _all_told(network):
                    await asyncio.sleep(0.01)

    asyncio.run(with_a_carrier())


def _all_told(network: Network) -> bool:
    return all(each.status in ("delivered", "undelivered") for each in network.messages)


def text_to(parts: Parts, to: str) -> int:
    with parts.db.begin() as tx:
        return leave(
            tx, parts.vault, parts.clock.now(), TextMessage("pin_changed", to, "dgs", prompt="sms.pin_changed")
        )


def row(parts: Parts):
    with parts.db.begin() as tx:
        return tx.execute(select(post)).one()


@pytest.mark.parametrize(
    "faults",
    [Faults(), Faults(doubled=1), Faults(late=1, late_s=0.2), Faults(reordered=0.5, seed=3)],
    ids=["a good day", "doubled", "late", "reordered"],
)
@pytest.mark.parametrize(
    ("to", "state", "problem"),
    [(REACHED, "delivered", None), (NOWHERE, "undelivered", "El número no existe o ya no está en uso.")],
)
def test_that_it_arrived_is_known(parts: Parts, faults: Faults, to: str, state: str, problem: str | None) -> None:
    number = text_to(parts, to)
    play(parts, faults, lambda network, office: office.send(number))
    found = row(parts)
    assert (found.state, found.problem) == (state, problem)
    assert found.segments == 1


def test_callbacks_that_are_lost_leave_it_as_sent(parts: Parts) -> None:
    number = text_to(parts, REACHED)
    play(parts, Faults(lost=1), lambda network, office: office.send(number))
    assert row(parts).state == "sent"


@pytest.mark.parametrize("fault", ["rest_dropped", "rest_500_done"])
@pytest.mark.parametrize("lost", [0.0, 1.0])
def test_a_reply_that_is_lost_does_not_make_a_second_text(parts: Parts, clock, fault: str, lost: float) -> None:
    """Either its callbacks prove it, or the carrier's list."""
    number = text_to(parts, REACHED)

    def scene(network: Network, office: PostOffice) -> None:
        office.send(number)
        network.misbehave(Faults())
        clock.advance(DOUBT)
        with parts.db.begin() as tx:
            tx.execute(text("update procrastinate_jobs set status = 'succeeded'"))
        if office.send_again():
            office.send(number)
        assert len(list(network.messages)) == 1

    play(parts, Faults.read({fault: 1, "lost": lost}), scene)
    assert row(parts).state in ("sent", "delivered")
    assert row(parts).remote_sid is not None


def test_one_that_it_never_took_is_sent_once_more(parts: Parts, clock) -> None:
    number = text_to(parts, REACHED)

    def scene(network: Network, office: PostOffice) -> None:
        office.send(number)
        assert row(parts).state == "unknown"
        network.misbehave(Faults())
        clock.advance(DOUBT)
        office.send(number)
        assert row(parts).state == "queued"
        office.send(number)
        assert len(list(network.messages)) == 1

    play(parts, Faults(rest_500=1), scene)
    assert (row(parts).state, row(parts).tries) == ("delivered", 2)


def test_a_carrier_that_is_killed_goes_on_with_what_was_on_its_way(parts: Parts) -> None:
    number = text_to(parts, REACHED)
    config = CarrierConfig(bind=parts.settings.carrier_bind, ledger_path=parts.settings.data_dir / "carrier.jsonl")

    async def sent_and_killed() -> None:
        async with serving(config, read_personas("speed = 1\n")):
            await asyncio.to_thread(post_office(parts).send, number)

    asyncio.run(sent_and_killed())
    assert row(parts).state == "sent"
    play(parts, Faults(), lambda network, office: None)
    assert row(parts).state == "delivered"
