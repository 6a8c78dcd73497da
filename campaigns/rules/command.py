"""``pregonero exclusions``: who is not to be called, from the command line."""

import json
from pathlib import Path
from typing import Any

import click

from core.shell import FAULTS, NO_SUCH, NOT_ALLOWED, UNREADABLE, Shell, pass_shell, tell

_ID = click.IntRange(1, 2**63 - 1)
_SHOWN = 50


def _scope(command: Any) -> Any:
    """The options that say where an exclusion holds, neither: everywhere; and of which country then."""
    for option in (
        click.option("--line", "line_id", help="Para todas las campañas de la entidad de esta línea."),
        click.option("--campaign", "campaign_id", type=_ID, help="Solo para esta campaña."),
        click.option("--country", type=click.Choice(["SV", "CO", "MX"]), help="De qué país son, si vale para todas."),
    ):
        command = option(command)
    return command


@click.group()
def exclusions() -> None:
    """A quién no se llama."""


@exclusions.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_scope
@click.option("--cause", default="lista", show_default=True, help="Por qué.")
@pass_shell
def import_file(
    shell: Shell, file: Path, campaign_id: int | None, line_id: str | None, country: str | None, cause: str
) -> int:
    """Lee un CSV u hoja de cálculo con las columnas documento, telefono, o ambas."""
    from campaigns.rules.exclusion_files import import_exclusions
    from campaigns.rules.exclusions import CannotExclude

    parts = shell.parts()
    scope = _place(parts, campaign_id, line_id)
    data, now = file.read_bytes(), parts.clock.now()
    try:
        with parts.db.begin() as tx:
            where = _country(tx, parts, scope, country)
            done = import_exclusions(tx, parts.vault, now, shell.actor(), data, file.name, scope, where, cause)
    except CannotExclude as problem:
        return tell(f"{problem} No se guardó nada.", NO_SUCH)
    for fault in done.faults:
        click.echo(f"fila {fault.row}, columna {fault.column}: {fault.sentence}", err=True)
    click.echo(f"added {done.added} known {done.known} faults {len(done.faults)}")
    return FAULTS if done.faults else 0


@exclusions.command("export")
@click.option("--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--in-clear", is_flag=True, help="Con los documentos y teléfonos a la vista. Queda en el registro.")
@pass_shell
def export_file(shell: Shell, output: Path, in_clear: bool) -> int:
    """Escribe las vigentes en un CSV, enmascaradas."""
    from campaigns.rules.exclusion_files import export

    parts = shell.found()
    try:
        with output.open("w", encoding="utf-8-sig", newline="") as target, parts.db.begin() as tx:
            now, zone = parts.clock.now(), next(iter(parts.lines.values())).zone
            rows = export(tx, parts.vault, now, shell.actor(), target, zone=zone, in_clear=in_clear)
    except OSError:
        return tell(f"No se puede escribir en {output}.", UNREADABLE)
    click.echo(f"{output} {rows}")
    return 0


@exclusions.command()
@click.argument("kind", type=click.Choice(["document", "phone"]))
@_scope
@click.option("--cause", required=True, help="Por qué.")
@click.option("--value", prompt="Documento o teléfono", hide_input=True, help="Si falta, se pregunta.")
@pass_shell
def add(
    shell: Shell,
    kind: str,
    campaign_id: int | None,
    line_id: str | None,
    country: str | None,
    cause: str,
    value: str,
) -> int:
    """Excluye un documento o un teléfono, desde ya."""
    from campaigns.rules import exclusions as rules

    parts = shell.parts()
    scope = _place(parts, campaign_id, line_id)
    which = rules.Kind.PERSON if kind == "document" else rules.Kind.PHONE
    try:
        with parts.db.begin() as tx:
            known = rules.value_of(which, value, _country(tx, parts, scope, country))
            is_new = rules.add(tx, parts.vault, parts.clock.now(), shell.actor(), which, known, scope, cause)
    except rules.CannotExclude as problem:
        return tell(str(problem), NOT_ALLOWED)
    click.echo("added" if is_new else "known")
    return 0


@exclusions.command()
@click.argument("exclusion_id", metavar="ID", type=_ID)
@click.option("--reason", required=True, help="Por qué se le puede volver a llamar.")
@pass_shell
def remove(shell: Shell, exclusion_id: int, reason: str) -> int:
    """Quita una exclusión; queda escrito quién y por qué."""
    from campaigns.rules import exclusions as rules

    parts = shell.found()
    try:
        with parts.db.begin() as tx:
            is_removed = rules.remove(tx, parts.vault, parts.clock.now(), shell.actor(), exclusion_id, reason)
    except rules.CannotExclude as problem:
        return tell(str(problem), NOT_ALLOWED)
    if not is_removed:
        return tell("No hay ninguna exclusión vigente con ese número.", NO_SUCH)
    click.echo(f"removed {exclusion_id}")
    return 0


@exclusions.command("list")
@click.option("--before", type=_ID, help="Las anteriores a este número.")
@click.option("--json", "as_json", is_flag=True)
@pass_shell
def list_them(shell: Shell, before: int | None, as_json: bool) -> None:
    """Las vigentes, de la más nueva a la más vieja, enmascaradas."""
    from campaigns.rules.exclusions import listed

    parts = shell.found()
    with parts.db.begin() as tx:
        found = listed(tx, parts.vault, limit=_SHOWN, before=before)
    for each in found:
        told = {
            "id": each.id,
            "kind": each.kind.value,
            "masked": each.masked,
            "campaign": each.scope.campaign_id,
            "line": each.scope.line,
            "campaign_kind": each.scope.campaign_kind,
            "since": each.since.isoformat(),
            "cause": each.cause,
        }
        place = f"campaña {each.scope.campaign_id}" if each.scope.campaign_id else each.scope.line or "todo"
        plain = f"{each.id:8} {each.kind.label:10} {each.masked:18} {place:16} {each.since:%d/%m/%Y}  {each.cause}"
        click.echo(json.dumps(told, ensure_ascii=False) if as_json else plain)


def _country(tx: Any, parts: Any, scope: Any, said: str | None) -> str:
    """The country in which documents and telephones are read. Raises CannotExclude."""
    from campaigns.rules.exclusion_country import country_of

    return country_of(tx, scope, {line.id: line.country for line in parts.lines.values()}, said or "")


def _place(parts: Any, campaign_id: int | None, line_id: str | None) -> Any:
    """The scope."""
    from campaigns.rules.exclusions import Scope

    if campaign_id is not None and line_id is not None:
        raise click.UsageError("--campaign o --line, no los dos.")
    if line_id is not None and line_id not in parts.lines:
        raise click.UsageError(f"No hay ninguna línea con ese nombre; hay: {', '.join(parts.lines)}.")
    return Scope(campaign_id, line_id)
