"""The command ``pregonero``. The result goes to standard output, everything else to standard error.

Exit status: 0 done; 1 unreadable, nothing stored; 2 stored with faults; 3 not allowed in this state; 4 no such thing;
64 wrong usage; 69 the database cannot be reached; 78 a setting is wrong.
"""

import getpass
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from beneficiaries.command import beneficiaries
from campaigns.command import campaign
from campaigns.rules.command import exclusions
from console.command import user
from core.shell import NO_DATABASE, NO_SUCH, NOT_ALLOWED, SETTINGS, UNREADABLE, USAGE, Shell, tell
from desk.directory.command import directory
from drill.command import drill
from ivr.command import lines_group, prompts
from rehearsal.command import rehearse
from reports.command import reports
from rights.command import person
from settings import Settings, SettingsError


def main() -> None:
    """Runs the command and ends the process with its status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs the command; returns its status. Whatever a person did wrong is one sentence, never a stack trace."""
    try:
        return cli.main(args=arguments, prog_name="pregonero", standalone_mode=False, obj=_SHELL) or 0
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return USAGE
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        return 130
    except SettingsError as error:
        return tell(str(error), SETTINGS)
    except Exception as error:
        told = _told(error)
        if told is None:
            raise
        return tell(*told)


def _told(error: Exception) -> tuple[str, int] | None:
    """The sentence and the status for what a person did wrong, or what is not there; None for anything else.

    Imported only now: this module is what every role's process begins with.
    """
    from psycopg import OperationalError as NotReached
    from sqlalchemy.exc import OperationalError

    from campaigns.life import NoSuchCampaign, NotAllowed
    from campaigns.rules.policy import FaultyRules
    from cases.catalogue.catalogue import FaultyCatalogue
    from core.backup import CannotBackUp, CannotRestore
    from core.postgres import CannotEnter, PostgresError
    from core.revision import HalfRestored
    from core.spreadsheets import Unreadable
    from ivr.line import FaultyLine
    from prompts.source import CatalogFault

    statuses: dict[tuple[type[Exception], ...], int] = {
        (PostgresError, CannotEnter, HalfRestored): NO_DATABASE,
        (CannotBackUp, CannotRestore): UNREADABLE,
        (FaultyLine, CatalogFault, FaultyCatalogue, FaultyRules): SETTINGS,
        (NotAllowed,): NOT_ALLOWED,
        (NoSuchCampaign,): NO_SUCH,
        (Unreadable,): UNREADABLE,
    }
    if isinstance(error, OperationalError | NotReached):
        return "No se puede llegar a la base de datos.", NO_DATABASE
    if isinstance(error, NoSuchCampaign) and not os.environ.get("DATABASE_URL"):
        return f"{str(error).removesuffix('.')} en la base de {_settings().data_dir} (DATA_DIR).", NO_SUCH
    status = next((status for kinds, status in statuses.items() if isinstance(error, kinds)), None)
    return None if status is None else (str(error), status)


def _settings() -> Settings:
    return Settings.from_environment(os.environ)


def _found() -> Any:
    """Raises PostgresError where DATA_DIR has no database."""
    from core import postgres

    settings = _settings()
    if settings.database_url is None and not postgres.is_kept(settings.data_dir):
        raise postgres.PostgresError(
            f"En {settings.data_dir} (DATA_DIR) no hay ninguna base de datos. La de la demostración: DATA_DIR=var/demo."
        )
    return _parts()


def _parts() -> Any:
    from assembly import parts
    from core import migrate, postgres

    settings, context = _settings(), click.get_current_context()
    if settings.database_url is None and not postgres.is_running(settings.data_dir):
        context.call_on_close(partial(postgres.stop_if_unused, settings.data_dir))
    migrate.upgrade(postgres.address(settings))
    made = parts(settings, pool_size=2, joins_rehearsal=True)
    context.call_on_close(made.db.close)
    return made


def _actor() -> str:
    return f"cli:{getpass.getuser()}"


_SHELL = Shell(_settings, _parts, _found, _actor)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Pregonero: la línea de voz de una institución pública."""


campaign.add_command(rehearse)
for _command in (beneficiaries, campaign, directory, drill, exclusions, lines_group, person, prompts, reports, user):
    cli.add_command(_command)


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
    from core import postgres
    from core.migrate import upgrade

    upgrade(postgres.address(_settings()))


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Guarda en FILE una copia de toda la base de datos, con el servicio en marcha.

    Los datos de las personas van cifrados con DATA_KEY, que no está en la copia: guárdela aparte.
    """
    from core import postgres
    from core.backup import back_up
    from core.clock import SystemClock
    from core.privacy import Vault

    settings = _settings()
    size = back_up(postgres.address(settings), Vault(settings.data_key), SystemClock().now(), file)
    click.echo(f"{file}: {size} bytes. Sin DATA_KEY no se puede leer: guárdela en otra parte.")


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Devuelve una copia a una base vacía, con el servicio detenido. Las campañas quedan en pausa.

    A quien se llamó después de la copia no se le recuerda: antes de reanudar, vea docs/deploy.md.
    """
    from assembly import restored
    from core import postgres

    settings = _settings()
    made_at, paused = restored(settings, postgres.address(settings), file, _actor())
    click.echo(f"Copia del {made_at} restaurada: {paused} campañas en pausa. Nada se marca hasta que las reanude.")


@cli.command()
@click.argument("line")
def talk(line: str) -> int:
    """Habla con una línea desde la terminal."""
    from demo.talk import talk as hold

    return hold(_parts(), line)


if __name__ == "__main__":
    main()
