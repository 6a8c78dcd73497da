"""``python -m drill.bench`` (``make bench``): measures, prints, and writes its section of docs/performance.md."""

import os
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import psutil
from rich.console import Console
from rich.table import Table

from core import postgres
from drill.bench import cases, claiming, memory, page, placing, start, turns, whole
from drill.bench.figure import Figure, are_reached
from drill.bench.place import Place

FOLDER = Path("var/drill-bench")


def _turns(place: Place, quick: bool) -> list[Figure]:
    return turns.measured(place, turns.Size(calls=60, rounds=1) if quick else turns.Size())


def _placing(place: Place, quick: bool) -> list[Figure]:
    return placing.measured(place, placing.Size(seconds=2, looped=20, rounds=1) if quick else placing.Size())


def _claiming(place: Place, quick: bool) -> list[Figure]:
    if quick:
        return claiming.measured(place, (1_000, 20_000), attempts=100, rounds=2)
    return claiming.measured(place, (10_000, 1_000_000, 10_000_000))


def _memory(place: Place, quick: bool) -> list[Figure]:
    return memory.measured(place, 20_000, seconds=6) if quick else memory.measured(place, 1_000_000)


def _start(place: Place, quick: bool) -> list[Figure]:
    return start.measured(place, rounds=1 if quick else 5)


def _whole(place: Place, quick: bool) -> list[Figure]:
    return whole.measured(place, a_second=5, seconds=10) if quick else whole.measured(place)


def _cases(place: Place, quick: bool) -> list[Figure]:
    return cases.measured(place, 10_000, few=1_000, looks=20) if quick else cases.measured(place, 1_000_000)


PARTS: dict[str, Callable[[Place, bool], list[Figure]]] = {
    "turns": _turns,
    "placing": _placing,
    "whole": _whole,
    "claiming": _claiming,
    "memory": _memory,
    "start": _start,
    "cases": _cases,
}


@click.command()
@click.option("--only", default=",".join(PARTS), show_default=True, help="Partes, separadas por comas.")
@click.option("--quick", is_flag=True, help="En pequeño: para ver que funciona; no se escribe en la documentación.")
@click.option("--strict", is_flag=True, help="Termina con 1 si no se llega a una meta.")
@click.option("--port", type=click.IntRange(1024, 65_435), default=8600, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=FOLDER, show_default=True, help="Bases y registros.")
def main(only: str, quick: bool, strict: bool, port: int, folder: Path) -> None:
    """Mide el motor, cada cifra al lado de algo hecho en los mismos minutos."""
    wanted = [name.strip() for name in only.split(",")]
    if unknown := set(wanted) - set(PARTS):
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: hay {', '.join(PARTS)}", param_hint="--only")
    folder = folder.resolve()
    was_running = postgres.is_running(folder)
    place = Place(folder, postgres.ensure_running(folder), port)
    found: dict[str, list[Figure]] = {}
    try:
        for name in wanted:
            found[name] = PARTS[name](place, quick)
            _show(name, found[name])
            if not quick:
                page.write({name: page.part(name, found[name], _command(name), machine(), datetime.now(UTC))})
    finally:
        if not was_running:
            postgres.stop(folder)
    is_good = all(are_reached(figures) for figures in found.values())
    sys.exit(1 if strict and not is_good else 0)


def machine() -> str:
    """Of the figures' page: what they were measured on, and what else it did."""
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[2]
    return f"{os.cpu_count()} núcleos, {memory:.0f} GiB, Python {platform.python_version()}, carga de antes {load:.1f}"


def _command(name: str) -> str:
    return f'make bench ARGS="--only {name}"'


def _show(name: str, figures: Sequence[Figure]) -> None:
    table = Table(title=name, title_justify="left")
    for heading in ("qué", "al lado de", "medido", "meta", ""):
        table.add_column(heading)
    for each in figures:
        table.add_row(each.what, each.beside, each.shown, each.goal.told if each.goal else "", each.verdict)
    console = Console(width=140)
    console.print(table)
    for each in figures:
        if each.note:
            console.print(f"  {each.what}: {each.note}", highlight=False)


if __name__ == "__main__":
    main()
