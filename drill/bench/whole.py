"""The whole product with the local carrier beside it, on one machine: whether it keeps a pace.

Half of the telephones ring out, a fifth are busy, and who answers (three of ten) goes through eight answers to the end.
"""

import sys
import time
from pathlib import Path

from sqlalchemy import text

from assembly import Parts
from campaigns.approval import approve
from campaigns.submission import submit
from core.processes.listening import answers
from core.roles import Role
from demo.invent import Citizen, citizen, formato
from drill.bench.conversation import MORE_ASKED
from drill.bench.figure import Figure, Goal
from drill.bench.place import Place, processor_of, running, wait_for
from drill.place import MONDAY

A_SECOND = 60.0
SPEED = 0.1  # real seconds for each one of a call: a telephone that rings out takes three
_WHO = "bench"
_HEARD = (
    ("hablo con", "1"),
    ("dia y el mes en que nacio", "{ddmm}"),
    ("ultimos cuatro numeros de su documento", "{last4}"),
    ("para continuar, marque uno", "1"),
    ("explicarle como activar", "1"),
    *((f"carta numero {number}", "1") for number in (2, 3, 4)),
)


def measured(place: Place, a_second: float = A_SECOND, seconds: float = 120.0) -> list[Figure]:
    """``seconds`` that the pace is looked at, once it is reached."""
    more = {"CLOCK_START": MONDAY, "CALLS_PER_SECOND": str(a_second), "MAX_LIVE_CALLS": str(int(a_second * 20))}
    url = place.database("whole", anew=True)
    env = place.env(url, **more)
    people = int(a_second * (seconds + 20))
    made = place.parts(url, **more)
    Path(env["CARRIER_PERSONAS"]).write_text(_personas(people), "utf-8")
    (place.folder / "carrier.jsonl").unlink(missing_ok=True)
    argv = [sys.executable, "-m", "cli", "serve"]
    try:
        with running(argv, env, place.folder / "bench.log") as service:
            wait_for(lambda: answers(f"http://127.0.0.1:{place.port}/readyz"), "/readyz")
            _begin(made, people)
            wait_for(lambda: _placed(made) > 2 * a_second, "las primeras llamadas")
            before, spent, began = _placed(made), processor_of(service), time.perf_counter()
            time.sleep(seconds)
            took = time.perf_counter() - began
            kept = (_placed(made) - before) / took
            cost = 1e3 * (processor_of(service) - spent) / max(1.0, kept * took)
        heard = _heard(made)
    finally:
        made.db.close()
    shown = f"{kept:.1f} por segundo, {cost:.1f} ms de procesador cada una, sin PostgreSQL"
    note = ", ".join(f"{outcome} {count:,}" for outcome, count in heard)
    goal = Goal(f"≥ {0.95 * a_second:g}", least=0.95 * a_second)
    return [Figure(f"{a_second:g} por segundo pedidas", "lo que se pide", kept, shown, goal, note)]


def _begin(made: Parts, people: int) -> None:
    """The dialer plans it and begins it by itself."""
    data = formato([citizen(number) for number in range(people)], **MORE_ASKED)
    number = submit(made.db, made.vault, made.clock, made.campaign_lines, _WHO, "lista.csv", data).id
    with made.db.begin() as tx:
        approve(tx, made.clock.now(), number, _WHO, Role.SUPERVISOR, at_once=True, reason="medición")


def _placed(made: Parts) -> int:
    with made.db.begin() as tx:
        return tx.execute(text("select count(*) from attempt where remote_sid is not null")).scalar_one()


def _heard(made: Parts) -> list[tuple[str, int]]:
    query = "select outcome, count(*) from attempt where state = 'ended' group by 1 order by 2 desc"
    with made.db.begin() as tx:
        return [(outcome, count) for outcome, count in tx.execute(text(query))]


def _personas(people: int) -> str:
    return "\n\n".join([f"speed = {SPEED:g}", *(_person(citizen(number)) for number in range(people))]) + "\n"


def _person(who: Citizen) -> str:
    place = who.number * 37 % 10
    fate = 'fate = "no_answer"' if place < 5 else 'fate = "busy"' if place < 7 else _keys(who)
    return "\n\n".join(f'[[person]]\nnumber = "{phone}"\n{fate}' for phone in who.phones)


def _keys(who: Citizen) -> str:
    pressed = ((hears, keys.format(ddmm=who.ddmm, last4=who.last4)) for hears, keys in _HEARD)
    return "keys = [" + ", ".join(f'{{ hears = "{hears}", presses = "{keys}" }}' for hears, keys in pressed) + "]"
