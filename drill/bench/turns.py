"""Signed webhooks a second, durable: ours, beside the smallest view that could do it and one as samples write it.

All three are served by Granian with as many workers, over HTTP, on one PostgreSQL that commits durably, and are asked
the very same requests, one after the other in each round.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

import psutil

from assembly import Parts
from core.processes import web_process
from core.processes.listening import answers
from demo.invent import citizen
from drill.bench import disk
from drill.bench.asker import TOKEN, Call, Told, ask
from drill.bench.conversation import LINE, Way, keys_of, launched, learnt, sid_of
from drill.bench.figure import Figure, Goal, ratio, times
from drill.bench.place import Place, argv_of, processor_of, running, wait_for, wait_until_idle

CONNECTIONS = 16
CONNECTIONS_UNDER_LOAD = 128  # one stays with the process that took it: of sixteen, one process may have eleven
_KEYS_IN_A_MENU = 20
_SMALLEST, _SAMPLE = "drill.bench.plain.smallest:make", "drill.bench.plain.sample:make"
SHARE_OF_THE_PEAK = 0.7


@dataclass(frozen=True)
class Size:
    """``calls``: of each kind in a round; a call of a campaign is eight webhooks, one in a menu twenty-one."""

    calls: int = 900
    rounds: int = 3
    workers: int = 2


@dataclass
class Served:
    """One contender: where it listens, and the process that does."""

    address: str
    process: psutil.Process

    def play(self, calls: Sequence[Call], per_second: float | None = None) -> tuple[Told, float]:
        """What came of it, and the milliseconds of processor that each request took it."""
        before = processor_of(self.process)
        at_once = min(CONNECTIONS if per_second is None else CONNECTIONS_UNDER_LOAD, len(calls))
        if per_second is not None:
            calls = calls[: len(calls) // at_once * at_once]  # all end together: the pace is kept to the end
        told = ask(self.address, calls, at_once, per_second)
        if told.wrong:
            raise SystemExit(f"{self.address}: {told.wrong} respuestas malas")
        return told, 1e3 * (processor_of(self.process) - before) / len(told.waits)


def measured(place: Place, size: Size) -> list[Figure]:
    url = place.database("turns", anew=True)
    made = place.parts(url)
    with contenders(place, url, size.workers) as (ours, smallest, sample):
        asked = _Asked(made, ours.address, size.calls)
        figures = []
        for what, calls in (("un turno: una tecla de un menú", asked.menus), ("una llamada de campaña", asked.whole)):
            rounds = []
            warm = calls()[: 2 * CONNECTIONS]
            for each in (ours, smallest, sample):  # each of its connections prepares its statements
                each.play(warm)
            for _ in range(size.rounds):
                same = calls()
                rounds.append([each.play(same) for each in (ours, smallest, sample)])
            figures += _compared(what, rounds)
            peaks = [median(each[place][0].per_second for each in rounds) for place in (0, 1)]
            with disk.watched(place.folder) as pages:
                figures.append(_under_load(what, (ours, smallest), calls, peaks, size.rounds, pages))
    made.db.close()
    return figures


@contextmanager
def contenders(place: Place, url: str, workers: int) -> Iterator[list[Served]]:
    """Ours, the smallest view and the sample's, each ready. The three believe in one public address: a request that
    one of them may answer is signed for all."""
    with ExitStack() as stack:
        served = []
        for number, target in enumerate((None, _SMALLEST, _SAMPLE)):
            port = place.port + number
            more = {"BIND": f"127.0.0.1:{port}", "WEB_WORKERS": str(workers), "BENCH_TOKEN": TOKEN}
            env = place.env(url) | more  # PUBLIC_URL: the first one's
            argv = argv_of("web")
            if target:
                argv = web_process.argv_of(target, env["BIND"], workers)
            process = stack.enter_context(running(argv, env, place.folder / "bench.log"))
            served.append(Served(env["BIND"], process))
            wait_for(lambda port=port: answers(f"http://127.0.0.1:{port}/readyz"), env["BIND"])  # type: ignore[misc]
        for each in served:
            wait_until_idle(each.process)
        yield served


class _Asked:
    """The calls of each round: nobody is called twice, so that ours does each time what it does for a new call."""

    def __init__(self, made: Parts, address: str, calls: int) -> None:
        self._made, self._address, self._calls = made, address, calls
        self._public_url = made.settings.public_url
        self._people = self._rings = 0
        self._menu = self._way = Way(())

    def menus(self) -> list[Call]:
        """Who dialled us and goes back and forth in the first menu: each request is a turn like any other."""
        keys = ["*"] * _KEYS_IN_A_MENU
        if not self._menu.paths:
            self._menu = learnt(self._public_url, self._address, self._ringing(), "/voice/incoming", keys)
        wanted = max(1, self._calls // 3)
        return [self._menu.requests(self._public_url, self._ringing(), keys) for _ in range(wanted)]

    def whole(self) -> list[Call]:
        """Whom a campaign called, from the greeting to the goodbye, and the call's end."""
        first = self._people
        attempts = launched(self._made, self._calls + 1, first, nombre_campana=f"Campaña desde {first}")
        self._people += len(attempts)
        found = []
        for number, attempt_id in enumerate(attempts, start=first):
            who = citizen(number)
            form, keys = {"CallSid": sid_of(attempt_id), "From": LINE, "To": who.phones[0]}, keys_of(who)
            if number == first:
                begins, ends = "/voice/outbound?attempt={attempt}", "/voice/status?attempt={attempt}"
                known = {"attempt_id": attempt_id, "end": ends}
                self._way = learnt(self._public_url, self._address, form, begins, keys, **known)  # type: ignore[arg-type]
            else:
                found.append(self._way.requests(self._public_url, form, keys, attempt_id))
        return found

    def _ringing(self) -> dict[str, str]:
        self._rings += 1
        return {"CallSid": f"CA9{self._rings:031}", "From": f"+5037{self._rings:07}", "To": LINE}


def _compared(what: str, rounds: Sequence[Sequence[tuple[Told, float]]]) -> list[Figure]:
    speeds = [[told.per_second for told, _ in each] for each in rounds]
    costs = [[cost for _, cost in each] for each in rounds]
    ours = [each[0] for each in speeds]
    found = []
    for place, (beside, least) in enumerate((("la vista más pequeña", 0.75), ("una vista de ejemplo", 1.5)), start=1):
        theirs = [each[place] for each in speeds]
        value = ratio(ours, theirs)
        shown = f"{times(value)} ({median(ours):,.0f} y {median(theirs):,.0f} por segundo)"
        processor = (median(each[at] for each in costs) for at in (0, place))
        note = "ms de procesador por webhook, sin PostgreSQL: {:.2f} y {:.2f}".format(*processor)
        found.append(Figure(what, beside, value, shown, Goal(f"≥ {least:g} veces", least=least), note))
    return found


def _under_load(
    what: str,
    served: Sequence[Served],
    calls: Callable[[], list[Call]],
    peaks: Sequence[float],
    rounds: int,
    pages: Sequence[float],
) -> Figure:
    """Ours, and in the same minutes the smallest view: what its slowest hundredth waits for is the machine's doing.
    ``pages``: seconds that the disk took to keep each of those that were written meanwhile (drill/bench/disk.py)."""
    paces = [SHARE_OF_THE_PEAK * peak for peak in peaks]
    told: list[list[Told]] = [[], []]
    for _ in range(rounds):
        same = calls()
        for each, pace, found in zip(served, paces, told, strict=True):
            found.append(each.play(same, pace)[0])
    ours, smallest = told
    slowest = median(1e3 * each.slowest(0.99) for each in ours)
    beside = f"al 70 % de lo más que da ({paces[0]:,.0f} por segundo)"
    kept = sorted(pages)
    of_the_disk = (1e3 * kept[min(len(kept) - 1, int(len(kept) * share))] for share in (0.5, 0.99, 1))
    note = (
        f"cada ronda: {_each(ours)}; la vista más pequeña, al 70 % de lo suyo ({paces[1]:,.0f} por segundo): "
        f"{_slow(smallest)} (cada ronda: {_each(smallest)}); en los mismos minutos, guardar una página en el disco: "
        "p50 {:.1f}, p99 {:.0f}, lo más {:.0f} ms".format(*of_the_disk)
    )
    return Figure(what, beside, slowest, _slow(ours), Goal("p99 ≤ 50 ms", most=50), note)


def _slow(rounds: Sequence[Told]) -> str:
    """The median of the rounds, as of every other figure: one in which the machine was away spoils one."""
    half, hundredth = (median(1e3 * each.slowest(share) for each in rounds) for share in (0.5, 0.99))
    return f"p99 {hundredth:.0f} ms, p50 {half:.1f} ms"


def _each(rounds: Sequence[Told]) -> str:
    return ", ".join(f"{1e3 * each.slowest(0.99):.0f}" for each in rounds) + " ms"
