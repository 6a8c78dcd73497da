"""``pregonero reports``: the reports of the calls, made again by date."""

from datetime import datetime

import click

from core.shell import Shell, pass_shell

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def reports() -> None:
    """Los informes de llamadas."""


@reports.command()
@click.option("--from", "first", required=True, type=_DAY, help="El primer día, AAAA-MM-DD.")
@click.option("--to", "last", type=_DAY, help="El último día; si falta, el primero.")
@pass_shell
def make(shell: Shell, first: datetime, last: datetime | None) -> None:
    """Hace los informes del día, de la semana y del mes que terminan en esas fechas, en lugar de los que haya."""
    from reports.folder import why_not
    from reports.periods import LONGEST, ends_in
    from work import call_reports

    until = (last or first).date()
    if until < first.date() or (until - first.date()).days >= LONGEST:
        raise click.UsageError(f"--to debe ser un día desde --from, a menos de {LONGEST} días.")
    made = call_reports(shell.found())
    if until >= made.clock.now().astimezone(made.zone).date():
        raise click.UsageError("El último día tiene que haber terminado.")
    for span, day in ends_in(first.date(), until):
        try:
            paths = made.make(span, day)
        except OSError as error:
            raise click.ClickException(why_not(error)) from None
        for path in paths:
            click.echo(str(path))
