"""/local/: what no real network offers: making people dial, a call's ledger, the date, misbehaviour."""

from datetime import datetime
from itertools import islice
from typing import Any

from aiohttp import web

from carrier.local.call import Call, Plan, Status
from carrier.local.faults import Faults, FaultyFaults
from carrier.local.keys import NETWORK
from carrier.local.life import inbound
from carrier.local.network import Network
from carrier.local.number_book import Number
from carrier.local.rest.calls import found
from carrier.local.rest.errors import RestError, not_found
from carrier.local.rest.form import as_number
from carrier.local.ringing import caller_line

RECENT = 100
MOST_PACE = 10_000  # seconds of the network's date for each real one


async def incoming(request: web.Request) -> web.Response:
    """The person of ``From`` dials ``To``, a number of the account. 201 {"sid"}."""
    network, given = request.app[NETWORK], await fields_of(request)
    from_, to = str(given.get("From", "")).strip(), str(given.get("To", ""))
    if not from_:
        raise RestError(21213, "'From' is required: who dials")
    call = start_incoming(network, as_number(from_) or from_, to)
    return web.json_response({"sid": call.sid}, status=201)


def start_incoming(network: Network, from_: str, to: str) -> Call:
    """Somebody dials a number of the account. Raises RestError: 21201, 20404 for a number that is nobody's."""
    if not to:
        raise RestError(21201, "No 'To' number is specified")
    number = network.numbers.owner_of(as_number(to) or to)
    if number is None:
        raise not_found()
    plan = Plan(fallback_url=number.voice_fallback_url or None, fallback_method=number.voice_fallback_method)
    call = network.new_call(
        from_=from_, to=number.phone_number, direction="inbound", plan=plan, phone_number_sid=number.sid
    )
    network.spawn(_carry_incoming(network, call, number))
    return call


async def _carry_incoming(network: Network, call: Call, number: Number) -> None:
    if not number.voice_url:
        network.finish(call, Status.FAILED, "carrier")
        return
    await inbound(network, call, number, caller_line(network, call))


async def fields_of(request: web.Request) -> dict[str, Any]:
    """Of a form or of JSON."""
    if request.content_type == "application/json":
        try:
            given = await request.json()
        except ValueError:
            raise RestError(20001, "The body is not JSON") from None
        if not isinstance(given, dict):
            raise RestError(20001, "The body is not a JSON object")
        return given
    return dict(await request.post())


async def ledger(request: web.Request) -> web.Response:
    """Everything that happened in one call."""
    call = found(request)
    return web.json_response(ledger_of(request.app[NETWORK], call))


def ledger_of(network: Network, call: Call) -> dict[str, Any]:
    """The call, its web requests, what was heard, and the keys, in order."""
    requests: list[Any] = []
    heard: list[str] = []
    heard_from: list[dict[str, str]] = []
    spoken: list[str] = []
    keys: list[Any] = []
    for entry in network.calls.story(call):
        facts = {name: value for name, value in entry.items() if name not in ("kind", "sid")}
        match entry["kind"]:
            case "request":
                requests.append(facts)
            case "heard":
                heard.append(facts["text"])
                if "from" in facts:
                    heard_from.append(facts)
            case "spoken":
                spoken.append(facts["text"])
            case "keys":
                keys.append(facts)
    story = {"requests": requests, "heard": heard, "heard_from": heard_from, "spoken": spoken, "keys": keys}
    return _summary(call) | story | {"ended_by": call.ended_by}


def _summary(call: Call) -> dict[str, Any]:
    return {
        "sid": call.sid,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction,
        "status": str(call.status),
        "answered_by": call.answered_by,
    }


async def recent(request: web.Request) -> web.Response:
    """The newest calls, without their stories."""
    calls = islice(request.app[NETWORK].calls.newest_first(), RECENT)
    return web.json_response({"calls": [_summary(call) | {"ended_by": call.ended_by} for call in calls]})


async def clock(request: web.Request) -> web.Response:
    """{"now": ISO}: the network's date goes on to there; it never goes back. {"pace": 60}: a minute a second after."""
    network, given = request.app[NETWORK], await fields_of(request)
    try:
        moment = datetime.fromisoformat(str(given.get("now", "")))
    except ValueError:
        raise RestError(20001, "now must be an ISO moment") from None
    if moment.tzinfo is None:
        raise RestError(20001, "now needs its time zone")
    pace = given.get("pace", 1)
    if isinstance(pace, bool) or not isinstance(pace, int | float) or not 0 < pace <= MOST_PACE:
        raise RestError(20001, f"pace must be a number up to {MOST_PACE}")
    return web.json_response({"now": network.set_clock(moment, float(pace)).isoformat()})


async def show_clock(request: web.Request) -> web.Response:
    return web.json_response({"now": request.app[NETWORK].clock.now().isoformat()})


async def faults(request: web.Request) -> web.Response:
    """Sets how the network misbehaves from now on; ``{}`` makes it good again."""
    network, given = request.app[NETWORK], await fields_of(request)
    try:
        network.misbehave(Faults.read(given))
    except FaultyFaults as fault:
        raise RestError(20001, str(fault)) from None
    return web.json_response(network.misfortune.faults.as_json())


async def show_faults(request: web.Request) -> web.Response:
    return web.json_response(request.app[NETWORK].misfortune.faults.as_json())


def routes() -> list[web.RouteDef]:
    return [
        web.post("/local/incoming", incoming),
        web.get("/local/calls", recent),
        web.get("/local/calls/{sid}", ledger),
        web.post("/local/clock", clock),
        web.get("/local/clock", show_clock),
        web.post("/local/faults", faults),
        web.get("/local/faults", show_faults),
    ]
