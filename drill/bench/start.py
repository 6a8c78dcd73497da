"""From the command to the first page: the whole service on a database that is there already."""

import sys
import time
from statistics import median

from core.processes.listening import answers
from drill.bench.figure import Figure, Goal
from drill.bench.place import Place, running, wait_for


def measured(place: Place, rounds: int = 5) -> list[Figure]:
    """``pregonero serve`` with its two web processes, the desk, the dialer, the worker and the local carrier, until
    ``/readyz`` says that it can be used."""
    url = place.database("start")
    took = [_once(place, url) for _ in range(rounds)]
    shown = f"{median(took):.1f} s (de {min(took):.1f} a {max(took):.1f})"
    goal = Goal("≤ 3 s", most=3.0)
    return [Figure("de `pregonero serve` a `/readyz`", "–", median(took), shown, goal)]


def _once(place: Place, url: str) -> float:
    place.parts(url).db.close()  # its keys and its folder are there
    argv = [sys.executable, "-m", "cli", "serve"]
    began = time.perf_counter()
    with running(argv, place.env(url), place.folder / "bench.log"):
        wait_for(lambda: answers(f"http://127.0.0.1:{place.port}/readyz"), "/readyz")
        return time.perf_counter() - began
