"""``pregonero campaign rehearse``."""

import json
import os
import time
from typing import Any

import click

from core.shell import FAULTS, Shell, pass_shell, tell


@click.command()
@click.argument("campaign_id", metavar="ID", type=click.IntRange(max=2**63 - 1))
@click.option("--people", type=click.IntRange(1, 1_000_000), help="Solo tantas personas, al azar.")
@click.option("--json", "as_json", is_flag=True)
@pass_shell
def rehearse(shell: Shell, campaign_id: int, people: int | None, as_json: bool) -> int:
    """Ensaya la campaña entera en una copia: curva, resultados, duración y costo, sin llamar a nadie."""
    from campaigns.rehearsals import book
    from rehearsal.leaving import give_up_abandoned
    from rehearsal.starting import start

    parts = shell.found()
    give_up_abandoned(parts.db)
    with parts.db.begin() as tx:
        number = book.ask(tx, parts.clock.now(), campaign_id, shell.actor(), people, by_job=False)
    running = start(os.environ, parts.settings, parts.db, parts.trunks.now(), number)
    try:
        while running.poll() is None:
            time.sleep(1)
            _say_progress(parts, campaign_id)
    finally:
        running.terminate()  # Ctrl-C ends it with us
        running.wait(60)
        with parts.db.begin() as tx:
            book.stopped(tx, number)  # changes nothing where it came to its end
    click.echo("", err=True)
    return _told(parts, campaign_id, as_json)


def _say_progress(parts: Any, campaign_id: int) -> None:
    from campaigns.rehearsals import book

    with parts.db.begin() as tx:
        row = book.latest(tx, campaign_id)
    if row is not None and row.total:
        at = f", {row.reached_at:%d/%m %H:%M} UTC" if row.reached_at else ""
        click.echo(f"\r{row.done} de {row.total} personas, {row.calls} llamadas{at}   ", nl=False, err=True)


def _told(parts: Any, campaign_id: int, as_json: bool) -> int:
    from campaigns.rehearsals import book
    from campaigns.rehearsals.report import Report
    from campaigns.status import label_of

    with parts.db.begin() as tx:
        row = book.latest(tx, campaign_id)
    assert row is not None
    if row.report is None:
        return tell(row.problem or "El ensayo se detuvo.", FAULTS)
    if as_json:
        click.echo(json.dumps(row.report, ensure_ascii=False))
        return 0
    report = Report.from_json(row.report)
    click.echo(f"personas {report.people} de {report.people_in_all}, llamadas {report.calls}, minutos {report.minutes}")
    if report.began_at and report.ended_at:
        click.echo(f"del {report.began_at:%Y-%m-%d %H:%M} al {report.ended_at:%Y-%m-%d %H:%M} UTC")
    click.echo(
        "costo " + (f"{report.currency} {report.cost:,.2f}" if report.cost is not None else "sin tarifa (TARIFF)")
    )
    for code, count in report.outcomes.items():
        click.echo(f"  {count:6}  {label_of(code)} ({code})")
    took = f"ensayada en {report.took_seconds:.0f} s, {report.people / max(report.dialling_seconds, 1):.1f} personas/s"
    click.echo(took + ("; el servidor estaba ocupado: en la realidad puede terminar antes" if report.is_slow else ""))
    return 0
