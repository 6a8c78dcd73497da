"""/local/: people who dial, the date, who may ask, and the telephone in the browser."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp
import pytest

from tests.carrier.local.stage import CREDENTIALS, HUMAN, LINE, PEOPLE, REST, Answer, Stage, stage

T = TypeVar("T")
ME = "+50377777777"
MENU = '<Gather numDigits="1" action="/chose"><Say>Uno.</Say></Gather><Say>Nada.</Say>'


def play(scene: Callable[[Stage], Awaitable[T]], documents: dict[str, Answer] | None = None, **config: Any) -> T:
    async def scene_on_stage() -> T:
        async with stage({"/in": MENU, "/go": MENU, "/chose": "<Say>Bien.</Say>", **(documents or {})}, **config) as on:
            return await scene(on)

    return asyncio.run(scene_on_stage())


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"To": LINE}, 400, 21213),
        ({"From": HUMAN}, 400, 21201),
        ({"From": HUMAN, "To": "+50399999999"}, 404, 20404),
    ],
)
def test_a_dialling_that_cannot_be(fields: dict[str, str], status: int, code: int) -> None:
    async def scene(on: Stage) -> tuple[int, int]:
        answered, error = await on.post("/local/incoming", fields)
        return answered, error["code"]

    assert play(scene) == (status, code)


def test_json_serves_as_well_as_a_form_and_a_caller_may_withhold_the_number() -> None:
    async def scene(on: Stage) -> dict[str, Any]:
        status, answer = await on.post("/local/incoming", json={"From": "anonymous", "To": "+503 2237-3333"})
        assert status == 201
        return await on.ended(answer["sid"])

    ledger = play(scene)
    assert (ledger["from"], ledger["to"], ledger["heard"]) == ("anonymous", LINE, ["Uno.", "Nada."])


def test_the_date_runs_ahead_and_never_goes_back() -> None:
    async def scene(on: Stage) -> tuple[str, str, str]:
        _, ahead = await on.post("/local/clock", json={"now": "2031-03-01T10:00:00-06:00"})
        _, back = await on.post("/local/clock", json={"now": "2027-03-01T10:00:00-06:00"})
        sid = await on.call(HUMAN)
        await on.ended(sid)
        return ahead["now"], back["now"], (await on.rest(sid))["start_time"]

    ahead, back, start_time = play(scene)
    assert ahead.startswith("2031-03-01T16:00:00")
    assert back >= ahead
    assert start_time.startswith("Sat, 01 Mar 2031 16:00:0")


@pytest.mark.parametrize("now", ["", "tomorrow", "2031-03-01T10:00:00"])
def test_a_date_that_is_none(now: str) -> None:
    async def scene(on: Stage) -> int:
        return (await on.post("/local/clock", json={"now": now}))[0]

    assert play(scene) == 400


@pytest.mark.parametrize(
    ("origin", "status"),
    [(None, 200), ("http://127.0.0.1:8000", 200), ("https://elsewhere.example", 403), ("null", 403)],
)
def test_only_the_allowed_page_may_ask(origin: str | None, status: int) -> None:
    """From loopback no credentials are needed, so a stranger's page in the browser must be told apart."""

    async def scene(on: Stage) -> int:
        headers = {"Origin": origin} if origin else {}
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://{on.network.config.bind}/local/calls", headers=headers) as answer,
        ):
            return answer.status

    assert play(scene, allowed_origin="http://127.0.0.1:8000") == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:8100", 200),
        ("LOCALHOST", 200),
        ("rebound.example", 401),
        ("rebound.example:8100", 401),
        ("127.0.0.1.rebound.example", 401),
        ("[::1", 401),
    ],
)
def test_a_strangers_name_that_points_here_opens_nothing(host: str, status: int) -> None:
    """DNS rebinding: the page's own name leads to loopback, so that the browser sends no foreign Origin."""

    async def scene(on: Stage) -> tuple[int, int]:
        url = f"http://{on.network.config.bind}/local/calls"
        async with aiohttp.ClientSession() as session:
            async with session.get(url, headers={"Host": host}) as answer:
                bare = answer.status
            async with session.get(url, headers={"Host": host} | CREDENTIALS) as answer:
                return bare, answer.status

    assert play(scene) == (status, 200)


class Phone:
    """The page of a browser telephone."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []

    async def until(self, event: str) -> dict[str, Any]:
        """Waits for an event, keeping those before it."""
        async with asyncio.timeout(5):
            while True:
                self.events.append(await self.socket.receive_json())
                if self.events[-1]["event"] == event:
                    return self.events[-1]

    async def do(self, what: str, **more: str) -> None:
        await self.socket.send_json({"do": what, **more})


def with_phone(scene: Callable[[Stage, Phone], Awaitable[T]], documents: dict[str, Answer] | None = None) -> T:
    async def attached(on: Stage) -> T:
        async with on.http.ws_connect(f"/local/phone?number={ME}") as socket:
            phone = Phone(socket)
            await phone.until("ready")
            phone.events.clear()
            return await scene(on, phone)

    return play(attached, documents, people=PEOPLE)


def test_the_telephone_rings_is_answered_and_takes_keys() -> None:
    async def scene(on: Stage, phone: Phone) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        sid = await on.call(ME)
        ringing = await phone.until("ringing")
        assert ringing["from"] == LINE
        await phone.do("answer")
        await phone.until("said")
        await phone.do("key", key="1")
        await phone.until("ended")
        return await on.ended(sid), phone.events

    ledger, events = with_phone(scene)
    assert [event["event"] for event in events if event["event"] != "listening"] == [
        "ringing", "answered", "said", "said", "ended"
    ]  # fmt: skip
    assert events[-1]["by"] == "application"
    assert (ledger["status"], ledger["heard"]) == ("completed", ["Uno.", "Bien."])


def test_a_call_is_declined() -> None:
    async def scene(on: Stage, phone: Phone) -> str:
        sid = await on.call(ME)
        await phone.until("ringing")
        await phone.do("hangup")
        return str((await on.ended(sid))["status"])

    assert with_phone(scene) == "busy"


def test_the_person_hangs_up() -> None:
    async def scene(on: Stage, phone: Phone) -> dict[str, Any]:
        sid = await on.call(ME)
        await phone.until("ringing")
        await phone.do("answer")
        await phone.until("said")
        await phone.do("hangup")
        await phone.until("ended")
        return await on.ended(sid)

    assert with_phone(scene)["ended_by"] == "person"


def test_closing_the_page_hangs_up() -> None:
    async def scene(on: Stage, phone: Phone) -> dict[str, Any]:
        sid = await on.call(ME)
        await phone.until("ringing")
        await phone.do("answer")
        await phone.until("said")
        await phone.socket.close()
        return await on.ended(sid)

    assert with_phone(scene, {"/go": '<Say>a</Say><Pause length="600"/>'})["ended_by"] == "person"


def test_the_telephone_dials_the_line() -> None:
    async def scene(on: Stage, phone: Phone) -> tuple[dict[str, Any], list[str]]:
        await phone.do("dial", to=LINE)
        await phone.until("listening")
        await phone.do("key", key="1")
        await phone.until("ended")
        (call,) = (await on.get("/local/calls"))["calls"]
        return await on.ended(call["sid"]), [event["event"] for event in phone.events]

    ledger, events = with_phone(scene)
    assert (ledger["from"], ledger["direction"], ledger["status"]) == (ME, "inbound", "completed")
    assert events[:2] == ["answered", "said"]


def test_a_number_that_does_not_exist_and_orders_that_mean_nothing() -> None:
    async def scene(on: Stage, phone: Phone) -> str:
        await phone.socket.send_str("{")
        await phone.do("key", key="hola")
        await phone.do("dance")
        await phone.do("dial", to="+50399999999")
        return str((await phone.until("ended"))["by"])

    assert with_phone(scene) == "carrier"


def test_a_text_message_arrives() -> None:
    async def scene(on: Stage, phone: Phone) -> str:
        await on.post(f"{REST}/Messages.json", {"To": ME, "From": LINE, "Body": "Su PIN fue cambiado."})
        return str((await phone.until("sms"))["text"])

    assert with_phone(scene) == "Su PIN fue cambiado."


def test_an_operator_at_the_telephone_takes_a_transferred_call() -> None:
    async def scene(on: Stage, phone: Phone) -> dict[str, Any]:
        sid = await on.dial_in(HUMAN)
        await phone.until("ringing")
        await phone.do("answer")
        await phone.until("answered")
        await asyncio.sleep(0.05)
        await phone.do("hangup")
        return await on.ended(sid)

    ledger = with_phone(scene, {"/in": f'<Dial action="/after">{ME}</Dial>', "/after": "<Say>Adiós.</Say>"})
    assert ledger["requests"][1]["params"]["DialCallStatus"] == "completed"
    assert (ledger["heard"], ledger["ended_by"]) == (["Adiós."], "application")


class TestOneTelephoneOnePage:
    @pytest.mark.parametrize("other", ["", "&take=yes"])
    def test_another_page_does_not_cut_the_call(self, other: str) -> None:
        async def scene(on: Stage, phone: Phone) -> tuple[dict[str, Any], int | None, dict[str, Any]]:
            sid = await on.call(ME)
            await phone.until("ringing")
            await phone.do("answer")
            await phone.until("said")
            async with on.http.ws_connect(f"/local/phone?number={ME}{other}") as second:
                refused = await second.receive_json()
                await second.receive()
                code = second.close_code
            assert (await on.rest(sid))["status"] == "in-progress"
            await phone.do("hangup")
            await phone.until("ended")
            return refused, code, await on.ended(sid)

        refused, code, ledger = with_phone(scene, {"/go": '<Say>a</Say><Pause length="600"/>'})
        assert (refused, code) == ({"event": "refused", "is_busy": True}, 4409)
        assert ledger["ended_by"] == "person"

    def test_a_free_one_is_refused_too_unless_it_is_asked_for(self) -> None:
        async def scene(on: Stage, phone: Phone) -> None:
            async with on.http.ws_connect(f"/local/phone?number={ME}") as second:
                assert await second.receive_json() == {"event": "refused", "is_busy": False}
            async with on.http.ws_connect(f"/local/phone?number={ME}&take=yes") as third:
                taker = Phone(third)
                await taker.until("ready")
                await phone.until("taken")
                await phone.socket.receive()
                assert phone.socket.close_code == 4410
                await on.call(ME)
                await taker.until("ringing")

        with_phone(scene)

    def test_while_it_rings_it_is_taken_by_whoever_says_so_and_rings_there(self) -> None:
        async def scene(on: Stage, phone: Phone) -> dict[str, Any]:
            sid = await on.call(ME)
            await phone.until("ringing")
            async with on.http.ws_connect(f"/local/phone?number={ME}&take=yes") as second:
                assert await second.receive_json() == {"event": "refused", "is_busy": True}
            async with on.http.ws_connect(f"/local/phone?number={ME}&take=ringing") as third:
                taker = Phone(third)
                await taker.until("ringing")
                await phone.until("taken")
                await phone.socket.close()
                await taker.do("answer")
                await taker.until("said")
                async with on.http.ws_connect(f"/local/phone?number={ME}&take=ringing") as fourth:
                    assert await fourth.receive_json() == {"event": "refused", "is_busy": True}
                await taker.do("hangup")
                await taker.until("ended")
                return await on.ended(sid)

        ledger = with_phone(scene, {"/go": '<Say>a</Say><Pause length="600"/>'})
        assert (ledger["heard"], ledger["ended_by"]) == (["a"], "person")

    def test_it_is_free_again_once_its_page_is_closed(self) -> None:
        async def scene(on: Stage, phone: Phone) -> None:
            await phone.socket.close()
            async with on.http.ws_connect(f"/local/phone?number={ME}") as second:
                assert await second.receive_json() == {"event": "ready"}

        with_phone(scene)


def test_whoever_talks_to_somebody_is_not_asked_for_a_key() -> None:
    async def scene(on: Stage, phone: Phone) -> list[str]:
        async with on.http.ws_connect("/local/phone?number=client:ana") as other:
            ana = Phone(other)
            await phone.do("dial", to=LINE)
            await phone.until("listening")
            await phone.do("key", key="1")
            await ana.until("ringing")
            await ana.do("answer")
            await phone.until("together")
            await ana.do("hangup")
            await phone.until("ended")
        return [event["event"] for event in phone.events]

    events = with_phone(scene, {"/chose": "<Dial><Client>ana</Client></Dial>"})
    assert events.index("together") > events.index("listening") and events.count("listening") == 1


@pytest.mark.parametrize("number", ["", "12", LINE])
def test_a_telephone_needs_a_number_of_its_own(number: str) -> None:
    async def scene(on: Stage) -> int:
        async with on.http.get(f"/local/phone?number={number}") as answer:
            return answer.status

    assert play(scene) == 400
