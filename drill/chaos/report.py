"""The verdict as it is printed, and as docs/reliability.md keeps it."""

import os
import platform
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from drill.chaos.judge import QUESTIONS
from drill.chaos.plan import Victim
from drill.chaos.run import Result

DOCUMENT = Path("docs/reliability.md")
SHOWN = 40  # breaches on the screen; the rest are counted
_VICTIMS = {
    Victim.WEB: "web",
    Victim.DIALER: "marcador (`dialer`), uno de los dos",
    Victim.CARRIER: "red telefónica (`carrier`)",
    Victim.POSTGRES: "PostgreSQL, `kill -9` del postmaster",
    Victim.WORKER: "trabajos (`worker`)",
    Victim.RESTART: "PostgreSQL, reinicio en orden",
}
_FAULTS = {
    "rest_429": "429 al pedir (no se hizo)",
    "rest_500": "500 al pedir (no se hizo)",
    "rest_500_done": "500 al pedir, y sí se hizo",
    "rest_dropped": "se hizo, y la conexión se cortó antes de la respuesta",
    "late": "aviso tardío",
    "lost": "aviso perdido",
    "doubled": "aviso doble",
    "reordered": "aviso fuera de orden",
    "request_late": "documento pedido tarde",
    "request_lost": "documento que no se llegó a pedir",
    "request_doubled": "documento pedido dos veces",
}


def verdict(result: Result) -> str:
    """What is said at the end of a run."""
    found = Counter(each.kind for each in result.breaches)
    lines = [_summary(result), ""]
    lines += [
        f"  {'✗' if found[kind] else '✓'} {question}{_times(found[kind])}" for kind, question in QUESTIONS.items()
    ]
    lines += [f"    {each.told}" for each in result.breaches[:SHOWN]]
    if len(result.breaches) > SHOWN:
        lines.append(f"    … y {len(result.breaches) - SHOWN} más.")
    lines += ["", _slowest(result), "", "VEREDICTO: " + ("culpable." if result.breaches else "sin falla.")]
    return "\n".join(lines)


def document(result: Result, command: str) -> str:
    """The report that is kept: machine, date, command, and everything that was counted."""
    found = Counter(each.kind for each in result.breaches)
    kills = [(_VICTIMS[victim], count, _recovery(result, victim)) for victim, count in _ordered(result)]
    faults = [(_FAULTS.get(name, name), count) for name, count in sorted(result.ledger.faults.items())]
    asked = [(question, _word(found[kind])) for kind, question in QUESTIONS.items()]
    blocks = [
        "# Qué pasa cuando todo falla",
        f"    {command}",
        "Campañas sobre la red telefónica local mientras se matan sus procesos con `kill -9`, se mata y se reinicia "
        "PostgreSQL, y la red pierde, dobla, atrasa y desordena avisos, corta conexiones y responde 429 y 500. Juzga "
        "el libro de la red (`carrier.jsonl`), que sobrevive a todo: la base de datos es solo la acusada. Cómo: "
        "`drill/chaos/judge.py`.",
        f"{datetime.now(UTC):%d/%m/%Y}, {_machine()}. {_summary(result)}",
        "## Veredicto",
        _table(("pregunta", "respuesta"), asked),
        *(["\n".join(f"- {each.told}" for each in result.breaches)] if result.breaches else []),
        "## Qué se mató",
        _table(("qué", "veces", "lo que más tardó en volver, s"), kills),
        "Lo que tarda en volver se cuenta desde la muerte hasta que otro responde, toma la troncal o late. A "
        "PostgreSQL lo levanta quien primero arranca de nuevo: los trabajos, que terminan al perderlo.",
        "## Qué hizo mal la red",
        _table(("qué, contado por la red misma", "veces"), faults),
        f"Además, {_lost_by_kills(result)} avisos no tuvieron respuesta de la web o la tuvieron con error.",
        "La semilla fija qué se mata y cada cuánto, el tiempo que hace en la red, las personas y sus campañas. No fija "
        "en qué instrucción estaba cada proceso: eso lo decide la máquina, y dos corridas no son iguales.",
    ]
    return "\n\n".join(blocks) + "\n"


def _summary(result: Result) -> str:
    return (
        f"{sum(result.storm.killed.values())} muertes (semilla {result.plan.seed}), {result.people} personas de "
        f"{result.campaigns} campañas, {result.calls} llamadas: {result.days:.1f} días de campaña en "
        f"{result.seconds:.0f} s."
    )


def _slowest(result: Result) -> str:
    told = [f"{_VICTIMS[victim]} {_recovery(result, victim)} s" for victim, _ in _ordered(result)]
    return "Lo que más tardó en volver: " + ", ".join(told) + "." if told else "No se mató a nadie."


def _recovery(result: Result, victim: Victim) -> str:
    known = result.storm.recoveries.get(victim, [])
    if not known or None in known:
        return "no volvió"
    return f"{max(each for each in known if each is not None):.1f}"


def _ordered(result: Result) -> list[tuple[Victim, int]]:
    return [(victim, result.storm.killed[victim]) for victim in Victim if result.storm.killed[victim]]


def _lost_by_kills(result: Result) -> int:
    return sum(count for status, count in result.ledger.callbacks.items() if not status.startswith("2"))


def _times(count: int) -> str:
    return f": {count}" if count else ""


def _word(count: int) -> str:
    return f"**no: {count}**" if count else "sí"


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)])


def _machine() -> str:
    return f"{os.cpu_count()} núcleos, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
