"""``python -m drill.chaos``: everything is killed, and the carrier's ledger says whether anybody noticed.

The seed fixes the plan: who is killed, how long after the house stood whole again (or at once, before it does), how the
carrier misbehaves and for how long, the people, their fates and their campaigns, and when each is paused or cancelled.
It does not fix what the machine decides: in the middle of which instruction a process dies, which of two webhooks is
served first, and so which calls a fault of the carrier strikes. Two runs of one seed put the service through the same
day, and not through the same instants.
"""

import os
import sys
from pathlib import Path

import click

import screen
from drill.chaos import report
from drill.chaos.plan import plan
from drill.chaos.run import Chaos
from settings import SettingsError

PLACE = "var/chaos"


@click.command()
@click.option("--kills", type=click.IntRange(0, 100_000), default=25, show_default=True, help="Cuántas muertes.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=5, show_default=True, help="Repite el mismo plan.")
@click.option("--port", type=click.IntRange(1024, 65_435), default=8600, show_default=True)
@click.option("--report", "writes_report", is_flag=True, help=f"Escribe {report.DOCUMENT}.")
def chaos(kills: int, seed: int, port: int, writes_report: bool) -> int:
    """Mata todo, una y otra vez, en medio de campañas de ensayo; termina con 1 si alguien lo pudo notar."""
    screen.say(
        f"Caos: {kills} muertes, semilla {seed}, en {PLACE}. Se ponen en marcha red, web, dos marcadores y trabajos…"
    )
    result = Chaos(os.environ, plan(kills, seed), Path(PLACE).resolve(), port).run()
    screen.say(report.verdict(result))
    if writes_report:
        command = f'make chaos ARGS="--kills {kills} --seed {seed} --report"'
        report.DOCUMENT.write_text(report.document(result, command), "utf-8")
    return 1 if result.breaches else 0


def main() -> int:
    try:
        return int(chaos.main(standalone_mode=False) or 0)
    except (SettingsError, click.ClickException) as error:
        screen.say(error.format_message() if isinstance(error, click.ClickException) else str(error))
        return 2
    except (KeyboardInterrupt, click.Abort):
        return 130


if __name__ == "__main__":
    sys.exit(main())
