"""``pregonero drill``."""

import os

import click

from drill.plan import FAULTS


def _faults(_context: click.Context, _option: click.Parameter, value: str) -> frozenset[str]:
    if value == "todas":
        return frozenset(FAULTS)
    names = frozenset(name.strip() for name in value.split(",") if name.strip()) - {"ninguna"}
    if unknown := names - frozenset(FAULTS):
        raise click.BadParameter(f"no se conoce «{min(unknown)}». Hay: {', '.join(FAULTS)}, todas, ninguna.")
    return names


@click.command()
@click.argument("line", metavar="LÍNEA")
@click.option("--times", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Cuántas llamadas.")
@click.option("--at-once", type=click.IntRange(1, 100), default=10, show_default=True, help="Cuántas a la vez.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=1, show_default=True, help="Repite el mismo azar.")
@click.option("--faults", callback=_faults, default="todas", help=f"{', '.join(FAULTS)}; todas; ninguna.")
@click.option("--port", type=click.IntRange(1024, 65_435), default=8400, show_default=True)
def drill(line: str, times: int, at_once: int, seed: int, faults: frozenset[str], port: int) -> int:
    """Ensaya emergencias en una línea, con fallas, en un lugar aparte; termina con 1 si alguien quedó solo."""
    from drill.run import Drill

    return Drill(os.environ, line, times, at_once, seed, faults, port).run()
