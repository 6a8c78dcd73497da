"""``pregonero campaign``: a campaign from its file to its results."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from core.roles import Role
from core.shell import FAULTS, Shell, pass_shell

_ID = click.IntRange(max=2**63 - 1)  # what the database can count to


@click.group()
def campaign() -> None:
    """Las campañas."""


@campaign.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.option("--replaces", type=_ID, help="La campaña devuelta que este archivo corrige.")
@pass_shell
def submit(shell: Shell, file: Path, as_json: bool, replaces: int | None) -> int:
    """Radica un Formato Campañas OutBound."""
    from campaigns.states import CampaignState
    from campaigns.submission import submit as store

    parts = shell.parts()
    lines, data = parts.campaign_lines, file.read_bytes()
    done = store(parts.db, parts.vault, parts.clock, lines, shell.actor(), file.name, data, replaces)
    click.echo(_json(done.as_json()) if as_json else f"campaign {done.id} {done.state}")
    if not as_json:
        for each in done.observations:
            where = each.cell or each.column or ""
            click.echo(f"{each.code} {each.level} {where} {each.value}: {each.message}", err=True)
    return FAULTS if done.state == CampaignState.RETURNED else 0


@campaign.command()
@click.argument("campaign_id", metavar="ID", type=_ID)
@click.option("--now", "at_once", is_flag=True, help="Desde ya, dentro de las horas legales.")
@click.option("--reason", default="", help="Por qué, si el aviso es corto.")
@pass_shell
def approve(shell: Shell, campaign_id: int, at_once: bool, reason: str) -> None:
    """Aprueba las filas buenas."""
    from campaigns.approval import approve as decide

    parts = shell.found()
    with parts.db.begin() as tx:
        decide(tx, parts.clock.now(), campaign_id, shell.actor(), Role.SUPERVISOR, at_once=at_once, reason=reason)
    _print_state(parts, campaign_id)


@campaign.command("return")
@click.argument("campaign_id", metavar="ID", type=_ID)
@click.option("--reason", required=True, help="Qué hay que corregir: lo lee quien la pidió.")
@pass_shell
def give_back(shell: Shell, campaign_id: int, reason: str) -> None:
    """La devuelve a quien la pidió, con su motivo."""
    from campaigns.approval import give_back as decide

    parts = shell.found()
    with parts.db.begin() as tx:
        decide(tx, parts.clock.now(), campaign_id, shell.actor(), Role.SUPERVISOR, reason)
    _print_state(parts, campaign_id)


@campaign.command()
@click.argument("campaign_id", metavar="ID", type=_ID)
@click.option("--reason", default="", help="Por qué.")
@pass_shell
def cancel(shell: Shell, campaign_id: int, reason: str) -> None:
    """La termina para siempre."""
    from campaigns import life

    parts = shell.found()
    with parts.db.begin() as tx:
        life.cancel(tx, parts.clock.now(), campaign_id, shell.actor(), reason.strip() or None)
    _print_state(parts, campaign_id)


@campaign.command()
@click.argument("campaign_id", metavar="ID", type=_ID)
@click.option("--json", "as_json", is_flag=True)
@pass_shell
def status(shell: Shell, campaign_id: int, as_json: bool) -> None:
    """Cómo va."""
    from campaigns.states import CampaignState
    from campaigns.status import label_of, status_of

    parts = shell.found()
    with parts.db.begin() as tx:
        found = status_of(tx, parts.clock.now(), campaign_id, parts.trunks.now())
        is_finished = found.state == CampaignState.FINISHED
        not_closed = {"not_closed_because": parts.why_not_closed(tx, campaign_id)} if is_finished else {}
    if as_json:
        click.echo(_json(found.as_json() | not_closed))
        return
    click.echo(f"campaign {found.id} {found.state}")
    click.echo(
        f"personas {found.recipients}, pendientes {found.pending}, en línea {found.live}, llamadas {found.calls}"
        + (f", mensajes {found.texts}" if found.texts else "")
    )
    for code, count in found.outcomes.items():
        click.echo(f"  {count:6}  {label_of(code)} ({code})")
    for why in found.waiting_because:
        click.echo(f"  {why.sentence}")
    for sentence in not_closed.values():
        click.echo(f"  {sentence}")


@campaign.command()
@click.argument("campaign_id", metavar="ID", type=_ID)
@click.option("--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--only-updates", is_flag=True, help="Solo los datos recogidos que se aceptaron o corrigieron.")
@pass_shell
def results(shell: Shell, campaign_id: int, output: Path, only_updates: bool) -> None:
    """Escribe los resultados, fila por fila, en .csv o .xlsx."""
    from xlsxwriter.exceptions import FileCreateError

    from campaigns.results import write
    from campaigns.validation.export import write_updates

    if output.suffix.lower() not in (".csv", ".xlsx"):
        raise click.UsageError("--output debe terminar en .csv o .xlsx")
    if not output.parent.is_dir():
        raise click.UsageError(f"No existe la carpeta {output.parent}.")
    parts = shell.found()
    try:
        with parts.db.begin() as tx:
            rows = (write_updates if only_updates else write)(tx, parts.vault, campaign_id, output)
    except (OSError, FileCreateError):
        raise click.UsageError(f"No se puede escribir en {output}.") from None
    click.echo(f"{output} {rows}")


@campaign.command()
@click.argument("campaign_id", metavar="ID", type=_ID)
@click.option("--add", "added", multiple=True, metavar="CORREO", help="Nombra a quien puede verla; queda reservada.")
@click.option("--remove", "removed", multiple=True, metavar="CORREO", help="Lo quita.")
@pass_shell
def readers(shell: Shell, campaign_id: int, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """Quiénes, y nadie más, pueden ver una campaña reservada."""
    from campaigns import readers as named

    parts = shell.found()
    with parts.db.begin() as tx:
        for email in added:
            named.name_reader(tx, parts.clock.now(), campaign_id, shell.actor(), email)
        for email in removed:
            named.unname_reader(tx, parts.clock.now(), campaign_id, shell.actor(), email)
        found = named.readers_of(tx, campaign_id)
    for email in found:
        click.echo(email)


def _changes(name: str, help_text: str) -> None:
    @campaign.command(name, help=help_text)
    @click.argument("campaign_id", metavar="ID", type=_ID)
    @pass_shell
    def change(shell: Shell, campaign_id: int) -> None:
        from campaigns import life

        parts = shell.found()
        with parts.db.begin() as tx:
            getattr(life, name)(tx, parts.clock.now(), campaign_id, shell.actor())
        _print_state(parts, campaign_id)


_changes("pause", "Deja de marcar; las llamadas en curso siguen.")
_changes("resume", "Sigue donde estaba.")


@campaign.command("pause-all")
@pass_shell
def pause_all(shell: Shell) -> None:
    """Deja de marcar del todo: pausa cada campaña en curso o programada."""
    from campaigns import life

    parts = shell.found()
    with parts.db.begin() as tx:
        waiting = life.running_or_scheduled(tx)
    for campaign_id in waiting:
        with parts.db.begin() as tx, suppress(life.NotAllowed):  # it ended meanwhile
            life.pause(tx, parts.clock.now(), campaign_id, shell.actor())
        _print_state(parts, campaign_id)


def _print_state(parts: Any, campaign_id: int) -> None:
    from campaigns.life import state_of

    with parts.db.begin() as tx:
        click.echo(f"campaign {campaign_id} {state_of(tx, campaign_id)}")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
