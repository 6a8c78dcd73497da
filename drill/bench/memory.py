"""What web, dialer and worker take while a long campaign runs, beside what they take with nothing to do: memory, and
how long a monitor waits for ``/metrics``.

PSS: what several processes share is counted once. Of each role, with every process that it started.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
import requests

from api.figures import KEPT_S
from carrier.local.personas import Fate
from core.processes.listening import answers
from drill.bench import many
from drill.bench.figure import Figure, Goal, times
from drill.bench.place import Place, argv_of, running, wait_for
from drill.memory import memory_of
from drill.place import MONDAY

ROLES = ("web", "dialer", "worker")
_LOOKS = 3  #: at the figures
PACE = {"CALLS_PER_SECOND": "10", "MAX_LIVE_CALLS": "200", "WEB_WORKERS": "1"}
_BUSY = f'speed = 0.1\n[[person]]\nnumber = "*"\nfate = "{Fate.BUSY}"\n'


def measured(place: Place, people: int, seconds: float = 60.0) -> list[Figure]:
    """``seconds`` that the service is left alone before it is looked at, with nothing to do and while it dials."""
    idle = _taken(place, "memory", None, seconds)
    busy = _taken(place, f"dialled_{people}", people, seconds)  # those of claiming are due at another hour
    found = []
    for role in ROLES:
        value = busy.memory[role] / idle.memory[role]
        shown = f"{times(value)} ({busy.memory[role]:.0f} y {idle.memory[role]:.0f} MB)"
        found.append(Figure(role, "sin nada que hacer", value, shown, Goal("≤ 1.2 veces", most=1.2)))
        goal = Goal("≤ 150 MB", most=150)
        shown = f"{busy.memory[role]:.0f} MB (PSS)"
        found.append(Figure(role, f"con {people:,} personas", busy.memory[role], shown, goal))
    value = busy.scraped / idle.scraped
    shown = f"{times(value)} ({1e3 * busy.scraped:.0f} y {1e3 * idle.scraped:.0f} ms)"
    return [*found, Figure("una mirada de `/metrics`", "sin nada que hacer", value, shown)]


@dataclass(frozen=True)
class _Taken:
    """``memory``: MB of each role, the most of it in the last tenth of the time; ``scraped``: seconds of a look at
    ``/metrics`` that nobody had asked for a moment before."""

    memory: dict[str, float]
    scraped: float


def _taken(place: Place, name: str, people: int | None, seconds: float) -> _Taken:
    url = place.database(name)
    if people is not None:
        made = place.parts(url, CLOCK_START=MONDAY)
        many.due(made, people, made.clock.now())
        made.db.close()
    with _service(place, url) as processes:
        time.sleep(seconds * 0.9)
        most = dict.fromkeys(ROLES, 0.0)
        until = time.monotonic() + seconds * 0.1
        while time.monotonic() < until or not all(most.values()):
            for role, process in processes.items():
                most[role] = max(most[role], memory_of(process.pid))
            time.sleep(0.5)
        return _Taken(most, median(_scraped(place) for _ in range(_LOOKS)))


def _scraped(place: Place) -> float:
    time.sleep(KEPT_S)  # what the last look found is not told again
    with requests.Session() as session:
        session.trust_env = False
        began = time.perf_counter()
        session.get(f"http://127.0.0.1:{place.port}/metrics", timeout=10).raise_for_status()
        return time.perf_counter() - began


@contextmanager
def _service(place: Place, url: str) -> Iterator[dict[str, psutil.Process]]:
    env = place.env(url, CLOCK_START=MONDAY, **PACE)
    Path(env["CARRIER_PERSONAS"]).write_text(_BUSY, "utf-8")
    with ExitStack() as stack:
        processes = {}
        for role in ("carrier", *ROLES):
            process = stack.enter_context(running(argv_of(role), env, place.folder / "bench.log"))
            if role in ROLES:
                processes[role] = process
        wait_for(lambda: answers(f"http://127.0.0.1:{place.port}/readyz"), "/readyz")
        yield processes
