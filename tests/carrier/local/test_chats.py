"""WhatsApp on the local carrier: people who write, answers on their way, bad days, a browser, a crowd."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from carrier.local.chats.book import ChatBook, Inbound
from carrier.local.chats.media import KINDS, bytes_of
from carrier.local.chats.writing import write
from carrier.local.config import CarrierConfig
from carrier.local.faults import Faults
from carrier.local.ledger import Ledger
from carrier.local.number_book import Number
from carrier.local.personas import read_personas
from carrier.local.server import serving
from carrier.local.sids import new_sid
from carrier.local.signing import signature
from tests.carrier.local.stage import FAILED, HUMAN, LINE, REST, Stage, stage
from tests.ports import free_port

TEMPLATE = "HX" + "a" * 32
ADDRESS, OURS = f"whatsapp:{HUMAN}", f"whatsapp:{LINE}"


@asynccontextmanager
async def staged(**config: Any) -> AsyncIterator[Stage]:
    """Its application takes what is written at /written, and states at /state."""
    async with stage(chat_templates={TEMPLATE: "Tenemos su respuesta."}, **config) as here:
        object.__setattr__(here.network.config, "chat_url", f"{here.application.url}/written")
        yield here


async def settled(here: Stage) -> None:
    async with asyncio.timeout(10):
        while here.network._tasks:
            await asyncio.sleep(0.005)


def sends(here: Stage, body: str = "Buenos días", to: str = ADDRESS, **more: str):
    data = {"To": to, "From": OURS, "Body": body, "StatusCallback": f"{here.application.url}/state"} | more
    return here.post(f"{REST}/Messages.json", {name: value for name, value in data.items() if value})


def test_what_somebody_writes_is_told_as_twilio_tells_it():
    async def scene():
        async with staged() as here:
            async with here.http.ws_connect(f"/local/chat?number={HUMAN[1:]}&to={LINE[1:]}") as page:
                assert (await page.receive_json())["event"] == "ready"
                await page.send_json({"do": "write", "text": "hola ñandú"})
                await page.send_json({"do": "send", "what": "photo"})
                await page.send_json({"do": "send", "what": "place"})
                shown = [(await page.receive_json()) for _ in range(3)]
                await settled(here)
            return here.application.received, shown

    received, shown = asyncio.run(scene())
    first, photo, place = (each.params for each in received)
    assert (first["From"], first["To"], first["Body"], first["NumMedia"]) == (ADDRESS, OURS, "hola ñandú", "0")
    assert first["MessageSid"].startswith("SM") and photo["MessageSid"].startswith("MM")
    assert photo["MediaContentType0"] == "image/png" and "/Media/ME" in photo["MediaUrl0"]
    assert place["Latitude"] == "13.698900"
    assert [(each["mine"], each["sends"]) for each in shown] == [(True, ""), (True, "photo"), (True, "place")]
    assert all(each.headers["X-Twilio-Signature"] for each in received)


def test_it_is_signed():
    async def scene():
        async with staged() as here:
            write(here.network, HUMAN, LINE, "hola")
            await settled(here)
            url, token = here.network.config.chat_url, here.network.config.auth_token
            return here.application.received[0], url, token

    received, url, token = asyncio.run(scene())
    assert received.headers["X-Twilio-Signature"] == signature(token, "POST", url, received.params)


def test_an_answer_is_sent_delivered_and_read_where_somebody_looks():
    async def scene(*, looks: bool):
        async with staged() as here:
            write(here.network, HUMAN, LINE, "hola")
            if looks:
                async with here.http.ws_connect(f"/local/chat?number={HUMAN[1:]}&to={LINE[1:]}") as page:
                    await page.receive_json()
                    status, _ = await sends(here)
                    told = await page.receive_json()
                    await settled_but_pages(here)
                    assert (told["text"], told["mine"]) == ("Buenos días", False)
            else:
                status, _ = await sends(here)
                await settled(here)
            assert status == 201
            return {each["MessageStatus"] for each in here.application.of("/state")}

    async def settled_but_pages(here: Stage) -> None:
        await asyncio.sleep(0.3)

    assert asyncio.run(scene(looks=True)) == {"queued", "sent", "delivered", "read"}
    assert asyncio.run(scene(looks=False)) == {"queued", "sent", "delivered"}


def test_a_day_after_the_last_message_only_a_template_goes():
    async def scene():
        async with staged() as here:
            await sends(here)
            await settled(here)
            write(here.network, HUMAN, LINE, "hola")
            await sends(here)
            await settled(here)
            here.network.set_clock(here.network.clock.now() + timedelta(hours=24, minutes=1))
            await sends(here)
            await settled(here)
            status, _ = await sends(here, "", ContentSid=TEMPLATE)
            await settled(here)
            unknown, _ = await sends(here, "", ContentSid="HX" + "b" * 32)
            states = [(each["MessageStatus"], each.get("ErrorCode")) for each in here.application.of("/state")]
            listed = (await here.get(f"{REST}/Messages.json"))["messages"]
            return status, unknown, states, listed[0]["body"]

    status, unknown, states, body = asyncio.run(scene())
    assert (status, unknown, body) == (201, 404, "Tenemos su respuesta.")
    ends = [each for each in states if each[0] not in ("queued", "sent")]
    assert ends == [("failed", "63016"), ("delivered", None), ("failed", "63016"), ("delivered", None)]


def test_a_number_without_whatsapp_is_not_reached():
    async def scene():
        async with staged() as here:
            write(here.network, FAILED, LINE, "hola")
            await sends(here, to=f"whatsapp:{FAILED}")
            await settled(here)
            return {(each["MessageStatus"], each.get("ErrorCode")) for each in here.application.of("/state")}

    assert asyncio.run(scene()) == {("queued", None), ("sent", None), ("undelivered", "63003")}


def test_on_a_bad_day_states_are_lost_and_doubled_and_messages_come_late_and_twice():
    async def scene(**faults: float):
        async with staged(faults=Faults.read(faults)) as here:
            for n in range(5):
                write(here.network, HUMAN, LINE, f"mensaje {n}")
            await sends(here)
            await settled(here)
            return here.application.of("/written"), [each["MessageStatus"] for each in here.application.of("/state")]

    written, states = asyncio.run(scene(request_doubled=1.0, lost=1.0))
    assert len(written) == 10 and len({each["MessageSid"] for each in written}) == 5
    assert states == []
    written, states = asyncio.run(scene(request_late=1.0, late_s=0.2, doubled=1.0))
    assert len(written) == 5
    assert sorted(states) == sorted(["queued", "sent", "delivered"] * 2)


def test_what_came_with_a_message_is_handed_to_the_account_alone():
    async def scene():
        async with staged() as here:
            message = write(here.network, HUMAN, LINE, "", "photo")
            path = f"{REST}/Messages/{message.sid}/Media/{message.media[0][0]}"
            async with here.http.get(path) as answer:
                data, kind = await answer.read(), answer.content_type
            async with here.http.get(path, headers={"Authorization": "Basic eA=="}) as stranger:
                refused = stranger.status
            async with here.http.get(f"{REST}/Messages/{message.sid}/Media/ME{'0' * 32}") as nothing:
                return data, kind, refused, nothing.status

    data, kind, refused, nothing = asyncio.run(scene())
    assert (data[:8], kind) == (b"\x89PNG\r\n\x1a\n", "image/png")
    assert (refused, nothing) == (401, 404)


def test_what_is_deleted_there_is_gone_after_a_restart_too():
    async def scene():
        async with staged() as here:
            message = write(here.network, HUMAN, LINE, "", "photo")
            path = f"{REST}/Messages/{message.sid}/Media/{message.media[0][0]}"
            statuses = []
            for _ in range(2):
                async with here.http.delete(f"{path}.json") as answer:
                    statuses.append(answer.status)
            async with here.http.get(path) as answer:
                statuses.append(answer.status)
            here.network.chats.restore({"kind": "chat_media_deleted", "sid": message.media[0][0]})
            return statuses

    assert asyncio.run(scene()) == [204, 404, 404]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_file_is_one(kind: str):
    assert len(bytes_of(kind)) > 100


def test_what_was_written_is_known_after_the_carrier_was_killed(tmp_path):
    path = tmp_path / "carrier.jsonl"
    clock_now = None

    async def scene() -> tuple[list[Inbound], bool]:
        nonlocal clock_now
        config = CarrierConfig(
            bind=f"127.0.0.1:{free_port()}", ledger_path=path, numbers=[(LINE, "http://127.0.0.1:1/", None)]
        )
        async with serving(config, read_personas("speed = 0\n")) as network:
            if clock_now is None:
                clock_now = network.clock.now()
                network.chats.save(Inbound("SM1", HUMAN, LINE, "hola", clock_now, (("ME1", "photo"),)))
            return network.chats.of(HUMAN), network.chats.may_be_written_to(HUMAN, LINE, network.clock.now())

    first, again = asyncio.run(scene()), asyncio.run(scene())
    assert first == again
    assert again[0][0].media == (("ME1", "photo"),) and again[1]


def test_a_page_that_is_opened_again_shows_what_was_said():
    async def scene():
        async with staged() as here:
            write(here.network, HUMAN, LINE, "hola")
            await sends(here)
            await settled(here)
            async with here.http.ws_connect(f"/local/chat?number={HUMAN[1:]}&to={LINE[1:]}") as page:
                return (await page.receive_json())["said"]

    assert [(each["text"], each["mine"]) for each in asyncio.run(scene())] == [("hola", True), ("Buenos días", False)]


def test_an_answer_is_shown_beside_the_number_that_it_came_from():
    async def scene():
        async with staged() as here:
            other, now = "+50322374444", here.network.clock.now()
            here.network.numbers.save(Number(new_sid("PN"), other, now, now))
            write(here.network, HUMAN, LINE, "hola")
            where = f"/local/chat?number={HUMAN[1:]}&to="
            async with (
                here.http.ws_connect(where + other[1:]) as elsewhere,
                here.http.ws_connect(where + LINE[1:]) as page,
            ):
                await elsewhere.receive_json()
                await page.receive_json()
                await elsewhere.send_json({"do": "write", "text": "buenas"})
                assert (await elsewhere.receive_json())["text"] == "buenas"
                await sends(here)
                await sends(here, "De la otra línea", From=f"whatsapp:{other}")
                return [(await each.receive_json())["text"] for each in (page, elsewhere)]

    assert asyncio.run(scene()) == ["Buenos días", "De la otra línea"]


def test_what_nobody_takes_is_said_and_the_page_stays_open():
    async def scene():
        where = f"/local/chat?number={HUMAN[1:]}&to={LINE[1:]}"
        async with staged() as here, here.http.ws_connect(where) as page:
            await page.receive_json()
            url = here.network.config.chat_url
            object.__setattr__(here.network.config, "chat_url", "")
            await page.send_json({"do": "write", "text": "hola"})
            told = await page.receive_json()
            object.__setattr__(here.network.config, "chat_url", url)
            await page.send_json({"do": "write", "text": "¿y ahora?"})
            return told, (await page.receive_json())["text"]

    assert asyncio.run(scene()) == ({"event": "refused"}, "¿y ahora?")


def test_orders_that_are_none_change_nothing():
    async def scene():
        where = f"/local/chat?number={HUMAN[1:]}&to={LINE[1:]}"
        async with staged() as here, here.http.ws_connect(where) as page:
            await page.receive_json()
            for order in ("x", "[]", '{"do":"write","text":" "}', '{"do":"send","what":"virus"}', '{"do":"fly"}'):
                await page.send_str(order)
            await page.send_json({"do": "write", "text": "ya"})
            told = await page.receive_json()
            await settled(here)
            return told["text"], len(here.application.received)

    assert asyncio.run(scene()) == ("ya", 1)


@pytest.mark.parametrize(
    "query", ["", "number=50370000001", "number=x&to=50322373333", "number=50322373333&to=50322373333"]
)
def test_a_page_of_nobody_is_refused(query: str):
    async def scene():
        async with staged() as here, here.http.get(f"/local/chat?{query}") as answer:
            return answer.status

    assert asyncio.run(scene()) == 400


def test_a_crowd_writes_and_is_counted():
    """The application answers each message at once, as a line's menu does."""

    async def scene():
        async with staged() as here:
            status, told = await here.post("/local/crowd", {"people": "10", "to": LINE})
            assert (status, told["writing"]) == (202, 10)
            seen: set[str] = set()
            async with asyncio.timeout(20):
                while (told := await here.get("/local/crowd"))["writing"]:
                    for each in list(here.application.of("/written")):
                        if each["MessageSid"] not in seen:
                            seen.add(each["MessageSid"])
                            await sends(here, "Le contestamos", to=each["From"])
                    await asyncio.sleep(0.01)
            return told["done"], here.application.of("/written")

    done, written = asyncio.run(scene())
    assert done == {"pregunta": 2, "con papeles": 2, "no entiende": 2, "se calla": 2, "manda de todo": 2}
    assert {"1", "5", "0"} >= {each["NumMedia"] for each in written}
    assert any(len(each["Body"]) == 10_000 for each in written)


@pytest.mark.parametrize(
    "given", [{}, {"people": "0", "to": LINE}, {"people": "9999", "to": LINE}, {"people": "3", "to": HUMAN}]
)
def test_a_crowd_that_cannot_be_is_refused(given: dict[str, str]):
    async def scene():
        async with staged() as here:
            return (await here.post("/local/crowd", given))[0]

    assert asyncio.run(scene()) == 400


def test_the_window_is_of_each_number(tmp_path):
    book, now = ChatBook(Ledger(None)), datetime(2026, 11, 23, tzinfo=UTC)
    book.save(Inbound("SM1", HUMAN, LINE, "hola", now))
    assert book.may_be_written_to(HUMAN, LINE, now + timedelta(hours=23))
    assert not book.may_be_written_to(HUMAN, LINE, now + timedelta(hours=24))
    assert not book.may_be_written_to(HUMAN, "+50322220000", now)
