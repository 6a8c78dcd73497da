"""What the command shows in the terminal: results on standard output, progress on standard error."""

import sys
from collections.abc import Iterable
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.tree import Tree

from campaigns.status import Status, label_of
from campaigns.submission import Submitted
from ivr.check import Way
from prompts.lint import Row

_WIDTH = None if sys.stdout.isatty() else 120  # a file or a pipe has no width of its own
_out, _err = Console(width=_WIDTH), Console(stderr=True, width=_WIDTH)
_SHOWN = 12


def say(sentence: str) -> None:
    _err.print(sentence, highlight=False)


def observations(filename: str, done: Submitted) -> None:
    """What the check had to say, the first rows of it."""
    told = f"{filename}: campaña {done.id}, {done.dialled} de {done.recipients} personas se llamarán"
    table = Table(title=told, title_justify="left")
    for heading in ("código", "nivel", "celda", "valor", "qué pasa", "ponga"):
        table.add_column(heading, overflow="fold")
    for each in done.observations[:_SHOWN]:
        where = (each.cell or each.column or "").removeprefix("Contactos!")
        table.add_row(each.code, each.level, where, each.value, each.message, each.suggestion)
    _err.print(table)
    if len(done.observations) > _SHOWN:
        say(f"… y {len(done.observations) - _SHOWN} observaciones más.")


_DAYS = ("lun", "mar", "mié", "jue", "vie", "sáb", "dom")


def hour_of(local: datetime) -> str:
    """«jue 26/11 14:05»."""
    return f"{_DAYS[local.weekday()]} {local:%d/%m %H:%M}"


def watch(statuses: Iterable[tuple[Status, str]]) -> None:
    """A bar of the people who are done, with the hour of the rehearsal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[calls]} llamadas"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_err) as progress:
        bar = progress.add_task("Llamando", total=None, calls=0)
        for status, hour in statuses:
            told = f"Llamando ({hour})"
            progress.update(bar, description=told, total=status.loaded, completed=status.done, calls=status.attempts)


def outcomes(status: Status) -> None:
    """The table of outcomes."""
    table = Table(title=f"Campaña {status.id}: {status.state.label}", title_justify="left")
    table.add_column("tipificación")
    table.add_column("código")
    table.add_column("personas", justify="right")
    for code, count in status.outcomes.items():
        table.add_row(label_of(code), code, str(count))
    table.add_section()
    table.add_row("Total", "", str(status.recipients))
    table.add_row("Llamadas hechas", "", str(status.attempts))
    _out.print(table)


def prompts_table(line: str, rows: Iterable[Row]) -> None:
    """Every sentence of a line, with what it measures."""
    table = Table(title=f"Frases de la línea {line}", title_justify="left")
    for heading in ("frase", "segundos", "opciones", "valores", "INFLESZ"):
        table.add_column(heading, justify="right" if heading in ("segundos", "INFLESZ") else "left")
    for row in rows:
        ease = f"{row.ease:.0f}" if row.ease is not None else ""
        table.add_row(row.key, f"{row.seconds:.1f}", " ".join(row.options), " ".join(row.placeholders), ease)
    _out.print(table)


def ways_table(ways: Iterable[Way]) -> None:
    """How long each conversation speaks, from hello to its end."""
    table = Table(title="Conversaciones, del saludo al final", title_justify="left")
    table.add_column("conversación")
    table.add_column("segundos", justify="right")
    for way in ways:
        table.add_row(way.flow, f"{way.seconds:.0f}")
    _out.print(table)


def draw(tree: Tree) -> None:
    """A tree, such as a line's menus."""
    _out.print(tree)


def invitation(url: str, email: str, password: str) -> None:
    """Where to look, and as whom."""
    for told in (f"\nPantallas: {url}", f"  usuario: {email}", f"  contraseña: {password}"):
        say(told)


def somebody_to_be(url: str, document: str, born: str) -> None:
    """With whom to try the PIN line, as the keys to press."""
    say(f"\nTeléfono del navegador: {url}/telefono")
    say("Para probar la línea del PIN marque 2, luego 1, y cuando se lo pidan:")
    say(f"  documento: {document.replace('-', '')}")
    say(f"  fecha de nacimiento: {born}")


def desk_to_sit_at(url: str, team: Iterable[tuple[str, str, str]]) -> None:
    """How to try the whole call centre: operators in one window each, a caller at the browser telephone."""
    say("\nCentro de llamadas: abra tres ventanas privadas y entre como cada quien, con la misma contraseña:")
    for email, name, role in team:
        say(f"  {email}  ({name}, {role.lower()})")
    say(f"  Ponga «Disponible» en {url}/puesto, y llame desde {url}/telefono (0 para una persona).")
