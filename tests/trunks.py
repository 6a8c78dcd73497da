"""A trunk as tests want it: whatever they do not name is of no matter."""

from typing import Any

from core.tariffs import Tariff
from core.trunks import DEFAULT, Trunk, Trunks
from core.trunks_file import TrunksInUse

_FACTS = {
    "name": DEFAULT,
    "account_sid": "AC" + "0" * 32,
    "auth_token": "local",
    "api_url": "http://127.0.0.1:8100",
    "calls_per_second": 10.0,
    "max_live_calls": 100,
    "ring_seconds": 30,
}


def a_trunk(**facts: Any) -> Trunk:
    return Trunk(**{**_FACTS, **facts})


def in_use(*trunks: Trunk) -> TrunksInUse:
    """What a process goes by that was told of these, and reads no file."""
    return TrunksInUse(Trunks(trunks or (a_trunk(),)))


def priced(tariffs: dict[str, Tariff]) -> TrunksInUse:
    """One trunk of which it is known what a call costs."""
    return TrunksInUse(Trunks((a_trunk(calls_per_second=1, max_live_calls=20),), tariffs))
