"""Kills as planned and changes the weather, and measures how long each thing killed takes to be there again."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import psycopg
import requests

from core import postgres
from core.database import libpq_url
from core.processes.listening import answers
from drill.chaos.plan import Kill, Plan, Victim
from drill.house import House

DIALERS = 2  # the one dials, and the other stands by
FORGOTTEN_AFTER = 60.0  # seconds: what is not there again by then does not come
PATIENCE = 4.0  # seconds for which a kill waits for a call to be made
_LOOK = 0.05
_AGAIN = 0.3  # seconds until somebody who was not there to be killed is tried again
_NEWEST_WORKER = "select max(id) from procrastinate_workers"
_WHO_DIALS = "select split_part(owner, ':', 2)::int from lease where expires_at > clock_timestamp()"  # its pid


class Storm:
    """``tick`` from the main thread, often."""

    def __init__(self, house: House, plan: Plan) -> None:
        self._house = house
        self._kills = list(plan.kills)
        self._weather = list(plan.weather)
        self._next_kill = 0.0
        self._struck_at, self._calls_then = time.monotonic(), 0
        self._whole_since: float | None = None
        self._next_weather = 0.0
        self._faults: dict[str, float] = {}
        self._is_told = True
        self._watching: list[threading.Thread] = []
        self.killed: Counter[Victim] = Counter()
        self.recoveries: dict[Victim, list[float | None]] = {}  #: seconds, of each kill; None: it never came back

    @property
    def is_over(self) -> bool:
        return not self._kills

    @property
    def share(self) -> float:
        """Of the deaths that were planned, those that came about."""
        return self.killed.total() / (self.killed.total() + len(self._kills)) if self._kills else 1.0

    def tick(self, calls: int) -> None:
        """``calls``: made so far. Where nothing goes on nothing is learnt from a death."""
        now = time.monotonic()
        if self._kills and now >= self._next_kill and self._is_time(now, calls):
            self._strike(now, calls)
        if now >= self._next_weather:
            self._turn(now)
        if not self._is_told:
            self._tell()

    def wait_for_recoveries(self) -> None:
        for thread in self._watching:
            thread.join(FORGOTTEN_AFTER + 10)

    # Killing

    def _is_time(self, now: float, calls: int) -> bool:
        """Some seconds after the house stood whole and at work again, as planned."""
        kill = self._kills[0]
        is_whole = kill.is_hurried or not any(thread.is_alive() for thread in self._watching)
        is_at_work = calls > self._calls_then or now > self._struck_at + PATIENCE
        if not (is_whole and is_at_work):
            self._whole_since = None
            return False
        self._whole_since = self._whole_since or now
        return now >= self._whole_since + kill.after

    def _strike(self, now: float, calls: int) -> None:
        kill = self._kills[0]
        before = self._ask(_NEWEST_WORKER) if kill.victim is Victim.WORKER else 0
        if not self._kill(kill):
            self._next_kill = now + _AGAIN
            return
        self._kills.pop(0)
        self.killed[kill.victim] += 1
        self._watch(kill.victim, before)
        if kill.victim is Victim.CARRIER:
            self._is_told = False  # a carrier that is started behaves
        self._struck_at, self._calls_then, self._whole_since = time.monotonic(), calls, None

    def _kill(self, kill: Kill) -> bool:
        match kill.victim:
            case Victim.POSTGRES:
                return self._kill_postgres()
            case Victim.RESTART:
                postgres.stop(self._house.place)
                postgres.ensure_running(self._house.place)
                return True
            case role:
                return self._house.kill(role, kill.which)

    def _kill_postgres(self) -> bool:
        """The postmaster alone: those it started find out by themselves. Whoever serves has to start it again."""
        if not postgres.is_running(self._house.place):
            return False
        pid = (self._house.place / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0]
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
            return True
        return False

    # Coming back

    def _watch(self, victim: Victim, before: int) -> None:
        is_back = self._is_back(victim, before)
        thread = threading.Thread(target=self._measure, args=(victim, is_back), daemon=True)
        self._watching.append(thread)
        thread.start()

    def _measure(self, victim: Victim, is_back: Callable[[], bool]) -> None:
        began = time.monotonic()
        took: float | None = None
        while took is None and time.monotonic() < began + FORGOTTEN_AFTER:
            time.sleep(_LOOK)
            took = time.monotonic() - began if is_back() else None
        self.recoveries.setdefault(victim, []).append(took)

    def _is_back(self, victim: Victim, before: int) -> Callable[[], bool]:
        settings = self._house.settings
        match victim:
            case Victim.WEB:
                return lambda: answers(f"{settings.public_url}/readyz")
            case Victim.CARRIER:
                return lambda: answers(f"http://{settings.carrier_bind}/local/calls")
            case Victim.DIALER:
                return self._is_dialled
            case Victim.WORKER:
                return lambda: self._ask(_NEWEST_WORKER) > before
        return lambda: self._ask("select 1") == 1

    def _is_dialled(self) -> bool:
        """By one that lives, and another one lives to stand by."""
        living = self._house.living(Victim.DIALER)
        return len(living) == DIALERS and self._ask(_WHO_DIALS) in living

    def _ask(self, query: str) -> int:
        try:
            with psycopg.connect(libpq_url(self._house.made.db.url), connect_timeout=2) as connection:
                found = connection.execute(query).fetchone()
        except psycopg.Error:
            return 0
        return int(found[0] or 0) if found else 0

    # Weather

    def _turn(self, now: float) -> None:
        """The next weather; when nobody is left to kill it is fine, and stays so."""
        if self.is_over:
            self._faults, self._next_weather = {}, float("inf")
        else:
            weather = self._weather.pop(0)
            self._weather.append(weather)
            self._faults, self._next_weather = dict(weather.faults), now + weather.lasts
        self._is_told = False

    def _tell(self) -> None:
        with suppress(requests.RequestException):
            self._house.misfortune(self._faults)
            self._is_told = True
