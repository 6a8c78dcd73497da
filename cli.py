"""The command ``pregonero``. The result goes to standard output, everything else to standard error.

Exit status: 0 done; 1 unreadable, nothing stored; 2 stored with faults; 3 not allowed in this state; 4 no such thing;
64 wrong usage; 69 the database cannot be reached; 78 a setting is wrong.
"""

import getpass
import json
import os
import sys
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from campaigns.life import NoSuchCampaign, NotAllowed
from core.postgres import CannotEnter, PostgresError
from core.roles import Role
from core.spreadsheets import Unreadable
from desk.directory.command import directory_group
from drill.command import drill as drill_command
from ivr.line import FaultyLine
from prompts.source import CatalogFault
from settings import Settings, SettingsError

UNREADABLE, FAULTS, NOT_ALLOWED, NO_SUCH, USAGE, NO_DATABASE, SETTINGS = 1, 2, 3, 4, 64, 69, 78
CAMPAIGN_ID = click.IntRange(max=2**63 - 1)  # what the database can count to


def main() -> None:
    """Runs the command and ends the process with its status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs the command; returns its status. Whatever a person did wrong is one sentence, never a stack trace."""
    try:
        return cli.main(args=arguments, prog_name="pregonero", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return USAGE
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        return 130
    except (OperationalError, PostgresError, CannotEnter) as error:
        told = (
            str(error) if isinstance(error, PostgresError | CannotEnter) else "No se puede llegar a la base de datos."
        )
        return _told(told, NO_DATABASE)
    except (SettingsError, FaultyLine, CatalogFault) as error:
        return _told(str(error), SETTINGS)
    except NotAllowed as error:
        return _told(str(error), NOT_ALLOWED)
    except NoSuchCampaign as error:
        return _told(str(error), NO_SUCH)
    except Unreadable as error:
        return _told(str(error), UNREADABLE)


def _told(sentence: str, status: int) -> int:
    click.echo(sentence, err=True)
    return status


def _settings() -> Settings:
    return Settings.from_environment(os.environ)


def _parts() -> Any:
    from app import database_url, parts
    from core import migrate

    settings = _settings()
    migrate.upgrade(database_url(settings))
    made = parts(settings, pool_size=2)
    click.get_current_context().call_on_close(made.db.close)
    return made


def _actor() -> str:
    return f"cli:{getpass.getuser()}"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Pregonero: la línea de voz de una institución pública."""


cli.add_command(directory_group(_parts, _actor))
cli.add_command(drill_command)


@cli.command()
@click.option("--exit", "ends", is_flag=True, help="Termina al acabar la campaña.")
@click.option("--fresh", is_flag=True, help="Empieza de nuevo: borra los datos de la demostración anterior.")
@click.option("--contacts", type=click.IntRange(1, 100_000), help="Con tantas personas inventadas.")
@click.option("--port", type=click.IntRange(1024, 65_435), default=8000, show_default=True)
def demo(ends: bool, fresh: bool, contacts: int | None, port: int) -> int:
    """Hace el trabajo principal con datos inventados, sin cuenta de telefonía."""
    from demo.run import Demo

    return Demo(os.environ, port, contacts).run(ends=ends, fresh=fresh)


@cli.command()
@click.option("--role", type=click.Choice(["all", "web", "desk", "dialer", "worker", "carrier"]), default="all")
def serve(role: str) -> int:
    """Pone en marcha el servicio, o una de sus partes."""
    from serve import serve as run_role

    return run_role(_settings(), role)


@cli.command()
def migrate() -> None:
    """Pone la base de datos al día."""
    from app import database_url
    from core.migrate import upgrade

    upgrade(database_url(_settings()))


@cli.group()
def beneficiaries() -> None:
    """El padrón."""


@beneficiaries.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_padron(file: Path) -> int:
    """Lee un CSV: documento;nombre;fecha_nacimiento;estado;telefono."""
    from beneficiaries.imports import import_padron as read

    parts = _parts()
    with parts.db.begin() as tx:
        report = read(tx, parts.vault, parts.clock.now(), file.read_bytes(), _actor())
    click.echo(f"inserted {report.inserted} updated {report.updated} rejected {len(report.rejected)}")
    for row, sentence in report.rejected:
        click.echo(f"fila {row}: {sentence}", err=True)
    return FAULTS if report.rejected else 0


@cli.group()
def campaign() -> None:
    """Las campañas."""


@campaign.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.option("--replaces", type=CAMPAIGN_ID, help="La campaña devuelta que este archivo corrige.")
def submit(file: Path, as_json: bool, replaces: int | None) -> int:
    """Radica un Formato Campañas OutBound."""
    from campaigns.states import CampaignState
    from campaigns.submission import submit as store

    parts = _parts()
    lines, data = parts.campaign_lines, file.read_bytes()
    done = store(parts.db, parts.vault, parts.clock, lines, _actor(), file.name, data, replaces)
    click.echo(_json(done.as_json()) if as_json else f"campaign {done.id} {done.state}")
    if not as_json:
        for each in done.observations:
            where = each.cell or each.column or ""
            click.echo(f"{each.code} {each.level} {where} {each.value}: {each.message}", err=True)
    return FAULTS if done.state == CampaignState.RETURNED else 0


@campaign.command()
@click.argument("campaign_id", metavar="ID", type=CAMPAIGN_ID)
@click.option("--now", "at_once", is_flag=True, help="Desde ya, dentro de las horas legales.")
@click.option("--reason", default="", help="Por qué, si el aviso es corto.")
def approve(campaign_id: int, at_once: bool, reason: str) -> None:
    """Aprueba las filas buenas."""
    from campaigns.approval import approve as decide

    parts = _parts()
    with parts.db.begin() as tx:
        decide(tx, parts.clock.now(), campaign_id, _actor(), Role.SUPERVISOR, at_once=at_once, reason=reason)
    _print_state(parts, campaign_id)


@campaign.command()
@click.argument("campaign_id", metavar="ID", type=CAMPAIGN_ID)
@click.option("--json", "as_json", is_flag=True)
def status(campaign_id: int, as_json: bool) -> None:
    """Cómo va."""
    from campaigns.status import label_of, status_of

    parts = _parts()
    with parts.db.begin() as tx:
        found = status_of(tx, parts.clock.now(), campaign_id, parts.settings.max_live_calls)
    if as_json:
        click.echo(_json(found.as_json()))
        return
    click.echo(f"campaign {found.id} {found.state}")
    click.echo(
        f"personas {found.recipients}, pendientes {found.pending}, en línea {found.live}, llamadas {found.attempts}"
    )
    for code, count in found.outcomes.items():
        click.echo(f"  {count:6}  {label_of(code)} ({code})")
    for why in found.waiting_because:
        click.echo(f"  {why.sentence}")


@campaign.command()
@click.argument("campaign_id", metavar="ID", type=CAMPAIGN_ID)
@click.option("--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
def results(campaign_id: int, output: Path) -> None:
    """Escribe los resultados, fila por fila, en .csv o .xlsx."""
    from xlsxwriter.exceptions import FileCreateError

    from campaigns.results import write

    if output.suffix.lower() not in (".csv", ".xlsx"):
        raise click.UsageError("--output debe terminar en .csv o .xlsx")
    if not output.parent.is_dir():
        raise click.UsageError(f"No existe la carpeta {output.parent}.")
    parts = _parts()
    try:
        with parts.db.begin() as tx:
            rows = write(tx, parts.vault, campaign_id, output)
    except (OSError, FileCreateError):
        raise click.UsageError(f"No se puede escribir en {output}.") from None
    click.echo(f"{output} {rows}")


def _changes(name: str, help_text: str) -> None:
    @campaign.command(name, help=help_text)
    @click.argument("campaign_id", metavar="ID", type=CAMPAIGN_ID)
    def change(campaign_id: int) -> None:
        from campaigns import life

        parts = _parts()
        with parts.db.begin() as tx:
            getattr(life, name)(tx, parts.clock.now(), campaign_id, _actor())
        _print_state(parts, campaign_id)


_changes("pause", "Deja de marcar; las llamadas en curso siguen.")
_changes("resume", "Sigue donde estaba.")
_changes("cancel", "La termina para siempre.")


@cli.command()
@click.argument("line")
def talk(line: str) -> int:
    """Habla con una línea desde la terminal."""
    from demo.talk import talk as hold

    return hold(_parts(), line)


@cli.group()
def prompts() -> None:
    """Lo que las personas oyen."""


@prompts.command()
def check() -> int:
    """Revisa cada frase: duración, opciones, palabras, y que siempre se pueda llegar a una persona."""
    from app import sentence_folders
    from ivr.check import findings, typical, ways
    from ivr.flows import all_flows
    from ivr.line import load_lines
    from prompts.catalog import Catalog
    from prompts.lint import table
    from screen import prompts_table, ways_table

    settings = _settings()
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


@cli.group("lines")
def lines_group() -> None:
    """Las líneas: números, menús, colas."""


@lines_group.command("check")
@click.argument("line", required=False)
@click.option("--operators", is_flag=True, help="Mira también si alguien tiene las habilidades de cada cola.")
def check_lines(line: str | None, operators: bool) -> int:
    """Dibuja los menús de cada línea y dice qué tienen mal."""
    from app import sentence_folders
    from desk.tables import operator
    from ivr.check_line import faults
    from ivr.flows import all_flows
    from ivr.line import load_lines
    from ivr.tree import tree
    from prompts.catalog import Catalog
    from screen import draw

    try:
        lines = load_lines(_settings().lines_dir)
        flows = all_flows(lines)
        catalogs = {each: Catalog.load(each, sentence_folders(_settings())) for each in lines}
    except (FaultyLine, CatalogFault) as error:
        return _told(str(error), UNREADABLE)
    if line is not None and line not in lines:
        return _told(f"No hay ninguna línea «{line}». Hay: {', '.join(lines)}.", NO_SUCH)
    skills, found = None, 0
    if operators:
        with _parts().db.begin() as tx:
            skills = [frozenset(each) for each in tx.execute(select(operator.c.skills)).scalars()]
    for each in lines.values() if line is None else [lines[line]]:
        draw(tree(each, catalogs[each.id]))
        for told in faults(each, flows, catalogs[each.id], skills):
            found += 1
            click.echo(f"{each.file}: {told}", err=True)
    return UNREADABLE if found else 0


@lines_group.command("fallback")
@click.argument("line")
def show_fallback(line: str) -> int:
    """El documento (TwiML) que el operador de telefonía guarda por si este servicio no contesta."""
    from ivr.fallback import fallback_of
    from ivr.line import load_lines

    settings = _settings()
    lines = load_lines(settings.lines_dir)
    if line not in lines:
        return _told(f"No hay ninguna línea «{line}». Hay: {', '.join(lines)}.", NO_SUCH)
    click.echo(fallback_of(lines[line], settings.lines_dir, settings.public_url))
    return 0


@cli.group()
def user() -> None:
    """Quienes usan las pantallas."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
def add_user(email: str, role: str) -> int:
    """Crea o cambia un usuario; la contraseña llega por la entrada estándar."""
    from console.accounts import AccountProblem, add_account

    password = getpass.getpass("Contraseña: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    parts = _parts()
    try:
        with parts.db.begin() as tx:
            account_id = add_account(tx, parts.clock.now(), email, Role(role), password, actor=_actor())
    except AccountProblem as error:
        return _told(str(error), USAGE)
    click.echo(f"user {account_id} {role}")
    return 0


def _print_state(parts: Any, campaign_id: int) -> None:
    from campaigns.life import state_of

    with parts.db.begin() as tx:
        click.echo(f"campaign {campaign_id} {state_of(tx, campaign_id)}")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    main()
