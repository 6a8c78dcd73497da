"""``pregonero person``: what is kept of a person, and having it erased. Whose, is read from standard input."""

import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from core.shell import NOT_ALLOWED, UNREADABLE, Shell, pass_shell, tell

_DAY = click.DateTime(["%Y-%m-%d"])
_NOBODY = "No se encontró nada de esa persona: revise lo que escribió antes de contestarle."
_AFTERWARDS = (
    "El registro de auditoría no se toca: dice qué se hizo, con números y sin datos de nadie.",
    "Las copias de seguridad que ya existen lo siguen teniendo hasta que venzan; si se restaura una, bórrelo otra vez.",
    "Lo que guarda la empresa de telefonía de sus llamadas y mensajes se le pide a ella.",
)


def _request(command: Any) -> Any:
    """The options that say which request this answers."""
    for option in (
        click.option("--country", type=click.Choice(["SV", "CO", "MX"]), help="Si falta, el de la primera línea."),
        click.option(
            "--request-number", "number", required=True, help="El número de la solicitud, para el expediente."
        ),
        click.option("--requested-on", "on", required=True, type=_DAY, help="El día en que se recibió, AAAA-MM-DD."),
    ):
        command = option(command)
    return command


def _plainly(command: Callable[..., int]) -> Callable[..., int]:
    """What a person did wrong, and another DATA_KEY, is one sentence."""

    @wraps(command)
    def answered(*arguments: Any, **named: Any) -> int:
        from core.privacy import CannotOpen
        from rights.asking import CannotTell

        try:
            return command(*arguments, **named)
        except CannotTell as problem:
            return tell(str(problem), UNREADABLE)
        except CannotOpen:
            return tell("Hay datos que se cerraron con otra DATA_KEY: con esta no se sabe de quién son.", UNREADABLE)

    return answered


@click.group()
def person() -> None:
    """Lo que se guarda de una persona, cuando ella lo pide.

    El documento se escribe en la entrada estándar, nunca en la orden; debajo, si los tiene, otros documentos suyos y
    sus teléfonos, uno por línea, con + y el código del país. Solo los teléfonos que se comprobó que son suyos.
    """


@person.command("export")
@_request
@click.option(
    "--output", required=True, type=click.Path(path_type=Path), help="El ZIP que se le entrega. No debe existir."
)
@pass_shell
@_plainly
def export_(shell: Shell, on: datetime, number: str, country: str | None, output: Path) -> int:
    """Escribe en un ZIP todo lo que se guarda de ella, para leerlo y en JSON, con sus mensajes de voz."""
    from core.database import may_take_its_time
    from rights.answering import export
    from rights.handing_over import Package, fresh_file, write
    from rights.terms import Right

    parts = shell.found()
    asked, who = _asked(parts, Right.EXPORT, on.date(), number, country)
    try:
        with fresh_file(output) as target, parts.db.begin() as tx:
            may_take_its_time(tx)
            now = parts.clock.now()
            kept = export(tx, parts.vault, now, asked, who, shell.actor())
            institution, zone = next(iter(parts.lines.values())).entidad, _zone(asked.country)
            names = {line.id: line.entidad for line in parts.lines.values()}
            write(target, Package(asked, who, kept, now, institution, zone, _elsewhere(parts), names))
    except FileExistsError:
        return tell(f"{output} ya existe: no se escribe encima.", UNREADABLE)
    except OSError:
        return tell(f"No se puede escribir en {output}.", UNREADABLE)
    click.echo(f"{output}: {_things(len(kept))}.")
    if not kept:
        tell(_NOBODY, 0)
    if not who.phones:
        tell("Sin teléfono no se buscan llamadas ni mensajes de los que no se sabe el documento.", 0)
    _tell_term(parts, asked)
    return 0


@person.command()
@_request
@click.option("--confirm", is_flag=True, help="Sin esto solo dice qué se borraría. No se puede deshacer.")
@pass_shell
@_plainly
def erase(shell: Shell, on: datetime, number: str, country: str | None, confirm: bool) -> int:
    """Borra lo que se guarda de ella, y dice qué se queda y por qué. Lo que está en curso tiene que terminar antes."""
    from rights.answering import erase as forget
    from rights.terms import Right

    parts = shell.found()
    asked, who = _asked(parts, Right.ERASE, on.date(), number, country)
    with parts.db.engine.connect() as tx, tx.begin() as transaction:
        done = forget(tx, parts.vault, parts.clock.now(), asked, who, shell.actor())
        if not (confirm or done.waits_for):
            transaction.rollback()
    for sentence in done.waits_for:
        tell(sentence, 0)
    if done.waits_for:
        tell("No se borró nada.", 0)
        _tell_term(parts, asked)
        return NOT_ALLOWED
    for each in done.done:
        if each.erased:
            click.echo(f"{each.what}: {each.erased}")
        if each.stays:
            stay = "se queda 1" if each.stays == 1 else f"se quedan {each.stays}"
            click.echo(f"{each.what}: {stay}. {each.because}")
    verb = ("se borró", "se borraron") if confirm else ("se borraría", "se borrarían")
    click.echo(f"En total {verb[done.count != 1]} {_things(done.count)}.")
    if not any(each.erased or each.stays for each in done.done):
        tell(_NOBODY, 0)
    if not confirm:
        tell("No se borró nada: para borrarlo, la misma orden con --confirm.", 0)
    for sentence in (*_AFTERWARDS, *filter(None, [_elsewhere(parts)])):
        tell(sentence, 0)
    _tell_term(parts, asked)
    return 0


def _things(count: int) -> str:
    return "1 dato" if count == 1 else f"{count} datos"


def _asked(parts: Any, right: Any, on: date, number: str, country: str | None) -> tuple[Any, Any]:
    """(the request, whose it is). Raises CannotTell."""
    from rights.asking import Asked, CannotTell, check_number, read_person
    from rights.rooms import fill_prints

    where = country or next(iter(parts.lines.values())).country
    if on > parts.clock.now().astimezone(_zone(where)).date():
        raise CannotTell("--requested-on es el día en que se recibió la solicitud: no puede ser después de hoy.")
    who = read_person(parts.vault, where, _typed())
    asked = Asked(right, check_number(number, who), on, where)
    fill_prints(parts.db, parts.vault)  # what an older version left cannot be found by a fingerprint yet
    return asked, who


def _typed() -> str:
    """What is on standard input; in a terminal it is asked for, and not shown."""
    if not sys.stdin.isatty():
        return sys.stdin.read()
    lines = [click.prompt("Documento (no se ve)", hide_input=True, err=True)]
    while line := click.prompt(
        "Otro documento o teléfono suyo (Intro: ninguno)", default="", hide_input=True, err=True
    ):
        lines.append(line)
    return "\n".join(lines)


def _zone(country: str) -> Any:
    from core.countries import COUNTRIES

    return COUNTRIES[country].zone


def _elsewhere(parts: Any) -> str:
    """Of a padrón in another institution's system nothing is kept here."""
    is_elsewhere = parts.world.registry.is_elsewhere
    return "El padrón está en otro sistema (REGISTRY_URL): se le pide a quien lo lleva." if is_elsewhere else ""


def _tell_term(parts: Any, asked: Any) -> None:
    from core.closed_days import closed_days

    with parts.db.begin() as tx:
        closed = closed_days(tx, asked.country)
    term, today = asked.term, parts.clock.now().astimezone(_zone(asked.country)).date()
    last, extended = (
        term.last_day(asked.country, asked.on, closed, is_extended=is_extended) for is_extended in (False, True)
    )
    late = " Ya pasó." if today > last else ""
    tell(f"Plazo: {term.days} días hábiles desde el {asked.on:%d/%m/%Y}, hasta el {last:%d/%m/%Y}.{late}", 0)
    tell(f"Con prórroga de {term.more}, dicho el motivo a la persona: hasta el {extended:%d/%m/%Y}. {term.law}.", 0)
    if not term.is_known:
        tell("Este plazo está por confirmar: pregunte a quien responde por los datos personales.", 0)
