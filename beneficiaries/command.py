"""``pregonero beneficiaries``: the padrón from the command line."""

from pathlib import Path

import click

from core.shell import FAULTS, Shell, pass_shell


@click.group()
def beneficiaries() -> None:
    """El padrón."""


@beneficiaries.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_shell
def import_padron(shell: Shell, file: Path) -> int:
    """Lee un CSV: documento;nombre;fecha_nacimiento;estado;telefono, y si los tiene, recibo;ultimo_cobro;lugar_cobro.

    El mes del último cobro va como MM/AAAA. Una columna que el archivo no trae deja lo que había.
    """
    from beneficiaries.imports import import_padron as read

    parts = shell.parts()
    with parts.db.begin() as tx:
        report = read(tx, parts.vault, parts.clock.now(), file.read_bytes(), shell.actor())
    click.echo(f"inserted {report.inserted} updated {report.updated} rejected {len(report.rejected)}")
    if report.unlinked:
        click.echo(f"unlinked {report.unlinked}: su recibo es ahora de otra persona", err=True)
    for row, sentence in report.rejected:
        click.echo(f"fila {row}: {sentence}", err=True)
    return FAULTS if report.rejected else 0
