"""Calls placed a second: by the dialer as it is, beside a loop on ``client.calls.create``, both at one slow carrier."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import requests

from core.processes.listening import answers
from drill.bench import many
from drill.bench.figure import Figure, Goal, ratio, times
from drill.bench.place import Place, argv_of, processor_of, running, wait_for
from drill.place import MONDAY

TAKES = 0.1  # seconds: what a carrier's answer takes


@dataclass(frozen=True)
class Size:
    """``seconds`` that each pace is looked at; ``looped``: calls of the loop; ``a_second``: the pace to be kept."""

    seconds: float = 20.0
    looped: int = 100
    rounds: int = 3
    a_second: float = 200.0
    at_most: float = 1000.0  #: asked for a second where it is to place as many as it can: no trunk may have more


def measured(place: Place, size: Size) -> list[Figure]:
    fast, looped = [], []
    for _ in range(size.rounds):
        fast.append(placed(place, size.at_most, size.seconds)[0])
        with stub(place):
            looped.append(_loop(place, size.looped))
    value = ratio(fast, looped)
    shown = f"{times(value)} ({median(fast):,.0f} y {median(looped):.1f} por segundo)"
    found = [Figure("llamadas pedidas", "un bucle de `calls.create`", value, shown, Goal("≥ 40 veces", least=40))]
    steady, cost = placed(place, size.a_second, size.seconds)
    shown = f"{steady:.1f} por segundo, {cost:.2f} ms de procesador cada una (el marcador)"
    found.append(
        Figure(
            f"{size.a_second:g} por segundo",
            "lo que se pide",
            steady,
            shown,
            Goal("≥ 95 %", least=0.95 * size.a_second),
        )
    )
    return found


def placed(place: Place, a_second: float, seconds: float) -> tuple[float, float]:
    """(calls a second, milliseconds of processor of each): of a dialer that is told so, once it is at it."""
    more = {"CLOCK_START": MONDAY, "CALLS_PER_SECOND": str(a_second), "MAX_LIVE_CALLS": "100000"}
    url = place.database("placing", anew=True)
    made = place.parts(url, **more)
    many.due(made, int(a_second * (seconds + 10)), made.clock.now())
    made.db.close()
    with stub(place) as api_url, running(argv_of("dialer"), place.env(url, **more), place.folder / "bench.log") as it:
        wait_for(lambda: len(_told(api_url)) > a_second / 10, "las primeras llamadas")
        time.sleep(1.5)
        cpu, began = processor_of(it), len(_told(api_url))
        time.sleep(seconds)
        cpu, told = processor_of(it) - cpu, _told(api_url)
    since = told[began:]
    return (len(since) - 1) / (since[-1] - since[0]), 1e3 * cpu / len(since)


@contextmanager
def stub(place: Place) -> Iterator[str]:
    """The address of a slow carrier, where the settings believe the local one to be."""
    port = place.port + 1
    argv = [sys.executable, "-m", "drill.bench.stub", str(port), str(TAKES)]
    with running(argv, place.env(place.server_url), place.folder / "bench.log"):
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/told"), "la red de la medición")
        yield f"http://127.0.0.1:{port}"


def _told(api_url: str) -> list[float]:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{api_url}/told", timeout=10).json()


def _loop(place: Place, calls: int) -> float:
    argv = [sys.executable, "-m", "drill.bench.plain.loop", f"http://127.0.0.1:{place.port + 1}", str(calls)]
    env = place.env(place.server_url)
    done = subprocess.run(argv, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)
