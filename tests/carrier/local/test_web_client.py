"""Webhooks as twilio.md §2: signed, retried, redirected, capped, with the cookies of the call."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from carrier.local.overrides import Overrides, overrides_of
from carrier.local.web_client import Cookies, Reply, WebClient
from tests.carrier.local.stage import Answer, Application, applying, twiml
from tests.ports import free_port

T = TypeVar("T")
PARAMS = {"CallSid": "CA1", "Digits": ""}


def with_client(
    documents: dict[str, Answer], scene: Callable[[WebClient, Application], Awaitable[T]]
) -> tuple[T, Application]:
    async def play() -> tuple[T, Application]:
        async with applying(documents) as application:
            client = WebClient("secret")
            try:
                return await scene(client, application), application
            finally:
                await client.close()

    return asyncio.run(play())


def send(documents: dict[str, Answer], path: str, method: str = "POST") -> tuple[Reply, Application]:
    return with_client(documents, lambda client, app: client.send(method, app.url + path, PARAMS, Cookies()))


@pytest.mark.parametrize(
    ("fragment", "overrides", "faults"),
    [
        ("", Overrides(), ()),
        ("#rc=2&ct=1000&rp=ct,5xx", Overrides(rc=2, ct=1000, rp=frozenset({"ct", "5xx"})), ()),
        ("#rt=100&tt=2000", Overrides(rt=100, tt=2000), ()),
        ("#rc=6&ct=1&rt=x&tt=99999", Overrides(), (11243, 11240, 11241, 11242)),
        ("#rp=nonsense&e=ashburn", Overrides(), ()),
    ],
)
def test_connection_overrides(fragment: str, overrides: Overrides, faults: tuple[int, ...]) -> None:
    assert overrides_of(f"http://h/x?a=1{fragment}") == (overrides, faults)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_webhook_is_signed_as_the_validator_wants_it(method: str) -> None:
    reply, app = send({"/x": ""}, "/x?a=1#rc=2", method)
    (webhook,) = app.received
    query = "?a=1" if method == "POST" else "?a=1&CallSid=CA1&Digits="
    signed = PARAMS if method == "POST" else {}
    validator = RequestValidator("secret")
    assert reply.status == 200
    assert webhook.method == method
    assert validator.validate(f"{app.url}/x{query}", signed, webhook.headers["X-Twilio-Signature"])


@pytest.mark.parametrize(
    ("fragment", "answers", "status", "requests"),
    [
        pytest.param("", [500, 200], 500, 1, id="by default an error is not retried"),
        pytest.param("#rp=5xx", [500, 200], 200, 2, id="once, where it is asked for"),
        pytest.param("#rc=3&rp=5xx", [500, 503, 500, 200], 200, 4, id="as often as asked for"),
        pytest.param("#rc=1&rp=5xx", [404, 200], 404, 1, id="another kind of error"),
        pytest.param("#rc=1&rp=all", [404, 200], 200, 2, id="all kinds"),
        pytest.param("#rc=0&rp=all", [500, 200], 500, 1, id="never"),
    ],
)
def test_retries(fragment: str, answers: list[int], status: int, requests: int) -> None:
    coming = iter(answers)
    reply, app = send({"/x": lambda params: web.Response(status=next(coming))}, f"/x{fragment}")
    assert (reply.status, len(app.received)) == (status, requests)
    assert len({webhook.headers["I-Twilio-Idempotency-Token"] for webhook in app.received}) == 1


def test_a_redirect_loses_the_parameters_of_a_post() -> None:
    documents: dict[str, Answer] = {"/x": lambda params: web.Response(status=302, headers={"Location": "/y"}), "/y": ""}
    reply, app = send(documents, "/x")
    assert reply.status == 200
    assert [(webhook.method, webhook.params) for webhook in app.received] == [("POST", PARAMS), ("GET", {})]


def test_more_than_ten_redirects() -> None:
    reply, app = send({"/x": lambda params: web.Response(status=302, headers={"Location": "/x"})}, "/x")
    assert (reply.status, reply.problem, len(app.received)) == (None, 11215, 11)


def test_cookies_last_as_long_as_the_call() -> None:
    def set_cookie(params: dict[str, str]) -> web.Response:
        answer = twiml("")
        answer.set_cookie("step", "2")
        return answer

    async def two_calls(client: WebClient, app: Application) -> None:
        first = Cookies()
        for cookies in (first, first, Cookies()):
            await client.send("POST", app.url + "/x", {}, cookies)

    _, app = with_client({"/x": set_cookie}, two_calls)
    assert [webhook.headers.get("Cookie") for webhook in app.received] == [None, "step=2", None]


def test_credentials_in_the_address_are_sent_only_when_asked_for() -> None:
    async def ask(client: WebClient, app: Application) -> Reply:
        return await client.send("POST", app.url.replace("//", "//u:p@") + "/x", {}, Cookies())

    coming = iter([401, 200])
    reply, app = with_client({"/x": lambda params: web.Response(status=next(coming))}, ask)
    assert reply.status == 200
    assert [webhook.headers.get("Authorization") for webhook in app.received] == [None, "Basic dTpw"]


def test_nobody_there() -> None:
    async def ask(client: WebClient, app: Application) -> Reply:
        return await client.send("POST", f"http://127.0.0.1:{free_port()}/x", {}, Cookies())

    reply, _ = with_client({}, ask)
    assert (reply.status, reply.problem, reply.failure) == (None, 11202, "ct")


@pytest.mark.parametrize("fragment", ["#tt=150", "#rt=150"])
def test_an_answer_that_takes_too_long(fragment: str) -> None:
    async def slowly(params: dict[str, str]) -> str:
        await asyncio.sleep(2)
        return ""

    reply, _ = send({"/x": slowly}, f"/x{fragment}")
    assert (reply.status, reply.problem) == (None, 11203)
    assert reply.ms < 1000
