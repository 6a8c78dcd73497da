"""``pregonero prompts`` and ``pregonero lines``: what people hear, drawn and checked."""

import click

from core.shell import FAULTS, NO_SUCH, UNREADABLE, Shell, pass_shell, tell


@click.group()
def prompts() -> None:
    """Lo que las personas oyen."""


@prompts.command()
@pass_shell
def check(shell: Shell) -> int:
    """Revisa cada frase: duración, opciones, palabras, y que siempre se pueda llegar a una persona."""
    from assembly import sentence_folders
    from ivr.check import findings, typical, ways
    from ivr.flows import all_flows
    from ivr.line import load_lines
    from prompts.catalog import Catalog
    from prompts.lint import table
    from screen import prompts_table, ways_table

    settings = shell.settings()
    lines = load_lines(settings.lines_dir)
    flows, faults = all_flows(lines), 0
    for line in lines.values():
        catalog = Catalog.load(line.id, sentence_folders(settings))
        prompts_table(line.id, table(catalog, typical(line)))
        ways_table(ways(line, flows, catalog))
        for finding in findings(line, flows, catalog):
            faults += 1
            click.echo(finding, err=True)
    return FAULTS if faults else 0


@click.group("lines")
def lines_group() -> None:
    """Las líneas: números, menús, colas."""


@lines_group.command("check")
@click.argument("line", required=False)
@click.option("--operators", is_flag=True, help="Mira también si alguien tiene las habilidades de cada cola.")
@pass_shell
def check_lines(shell: Shell, line: str | None, operators: bool) -> int:
    """Dibuja los menús de cada línea y dice qué tienen mal."""
    from sqlalchemy import select

    from assembly import sentence_folders
    from desk.tables import operator
    from ivr.check_line import faults
    from ivr.flows import all_flows
    from ivr.line import FaultyLine, load_lines
    from ivr.tree import tree
    from prompts.catalog import Catalog
    from prompts.source import CatalogFault
    from screen import draw

    try:
        lines = load_lines(shell.settings().lines_dir)
        flows = all_flows(lines)
        catalogs = {each: Catalog.load(each, sentence_folders(shell.settings())) for each in lines}
    except (FaultyLine, CatalogFault) as error:
        return tell(str(error), UNREADABLE)
    if line is not None and line not in lines:
        return tell(f"No hay ninguna línea «{line}». Hay: {', '.join(lines)}.", NO_SUCH)
    skills, found = None, 0
    if operators:
        with shell.parts().db.begin() as tx:
            skills = [frozenset(each) for each in tx.execute(select(operator.c.skills)).scalars()]
    for each in lines.values() if line is None else [lines[line]]:
        draw(tree(each, catalogs[each.id]))
        for fault in faults(each, flows, catalogs[each.id], skills):
            found += 1
            click.echo(f"{each.file}: {fault}", err=True)
    return UNREADABLE if found else 0


@lines_group.command("fallback")
@click.argument("line")
@pass_shell
def show_fallback(shell: Shell, line: str) -> int:
    """El documento (TwiML) que el operador de telefonía guarda por si este servicio no contesta."""
    from ivr.fallback import fallback_of
    from ivr.line import load_lines

    settings = shell.settings()
    lines = load_lines(settings.lines_dir)
    if line not in lines:
        return tell(f"No hay ninguna línea «{line}». Hay: {', '.join(lines)}.", NO_SUCH)
    click.echo(fallback_of(lines[line], settings.lines_dir, settings.public_url))
    return 0
