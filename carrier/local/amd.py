"""Answering machine detection: a person is known after two seconds, a machine after four (twilio.md §3.4)."""

import asyncio
import time
from typing import TYPE_CHECKING

from carrier.local.call import Call, Plan

if TYPE_CHECKING:
    from carrier.local.network import Network

HUMAN_SECONDS = 2.0
MACHINE_SECONDS = 4.0


def verdict(plan: Plan, is_machine: bool) -> str:
    """AnsweredBy, as each kind of detection says it."""
    if not is_machine:
        return "human"
    return "machine_end_beep" if plan.machine_detection == "DetectMessageEnd" else "machine_start"


async def detect_first(network: "Network", call: Call, plan: Plan, is_machine: bool) -> dict[str, str]:
    """Synchronous: the application is asked only after the verdict, and is told of it."""
    if call.live:
        await call.live.watch.spend(MACHINE_SECONDS if is_machine else HUMAN_SECONDS)
    network.calls.change(call, answered_by=verdict(plan, is_machine))
    return {"AnsweredBy": call.answered_by or "unknown"}


def detect_meanwhile(network: "Network", call: Call, plan: Plan, is_machine: bool) -> None:
    """Asynchronous: the application is told at the simulated second of the verdict, while the call goes on.

    Where simulated time runs faster than the real one, it waits for the application to hear the verdict, or what it
    does about it would come too late.
    """
    live = call.live
    if live is None:
        return
    seconds = MACHINE_SECONDS if is_machine else HUMAN_SECONDS

    async def tell() -> None:
        network.calls.change(call, answered_by=verdict(plan, is_machine))
        telling = network.callbacks.machine_verdict(call, round(seconds * 1000))
        if telling is not None and live.watch.speed < 1:
            began = time.monotonic()
            await asyncio.shield(telling)
            live.watch.lived(time.monotonic() - began)

    live.watch.at(live.watch.elapsed + seconds, tell)
