"""``pregonero directory``: the directory from the command line."""

from pathlib import Path

import click

from core.shell import UNREADABLE, Shell, pass_shell


@click.group()
def directory() -> None:
    """El directorio: a quién se transfiere."""


@directory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--line", "line_id", required=True, help="La línea cuyo directorio es.")
@click.option("--verified", is_flag=True, help="Los datos están verificados hoy.")
@click.option("--whole", is_flag=True, help="Es la lista completa: retira a quien no esté.")
@pass_shell
def import_file(shell: Shell, file: Path, line_id: str, verified: bool, whole: bool) -> int:
    """Lee un CSV: nombre;unidad;cargo;extension;telefono;correo;categoria;notas;verificado."""
    from core.countries import COUNTRIES
    from desk.directory.imports import import_directory
    from desk.directory.sheet import FaultyRows

    parts = shell.parts()
    line, now = parts.lines.get(line_id), parts.clock.now()
    if line is None:
        raise click.UsageError(f"No hay ninguna línea con ese nombre; hay: {', '.join(parts.lines)}.")
    today = now.astimezone(COUNTRIES[line.country].zone).date()
    data, how = file.read_bytes(), {"is_verified": verified, "is_whole": whole}
    try:
        with parts.db.begin() as tx:
            done = import_directory(tx, now, shell.actor(), line_id, line.country, data, today=today, **how)
    except FaultyRows as wrong:
        for fault in wrong.faults:
            click.echo(f"fila {fault.row}, columna {fault.column}: {fault.sentence}", err=True)
        click.echo("No se guardó nada.", err=True)
        return UNREADABLE
    click.echo(f"added {done.added} changed {done.changed} unchanged {done.unchanged} removed {done.removed}")
    return 0
