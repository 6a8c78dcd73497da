"""The one way in: a file of a coordinator → its request, its people, and everything there is to say about both."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from campaigns.upload.fields import Fields
from campaigns.upload.hour_checks import Window
from campaigns.upload.lines_known import LineKnown, LinesKnown
from campaigns.upload.observations import CODES, CONTACTS_SHEET, Level, Observation, cell_name
from campaigns.upload.reading import Upload, read_upload
from campaigns.upload.request import Request
from campaigns.upload.request_checks import RequestRead, read_request
from campaigns.upload.row_rules import Columns, Row, RowRules
from campaigns.upload.rows import RowReader
from campaigns.upload.text_checks import variables_used
from campaigns.upload.texts import CONTACT_VARIABLES
from campaigns.upload.values import parse_whole
from campaigns.upload.vocabulary import REQUIRED_COLUMNS
from core.phones import Phone, parse_phone

ROWS_KEPT = 20_000  # up to so many stay in memory (50 MB); a longer list is read again each time it is asked for
RETURNED_OVER = 0.05  # the part of rows in error over which the request goes back (§5)
_COLUMNS_OF_VARIABLE = {"nombre_completo": "primer_nombre"}


@dataclass
class Checked:
    """What a check found. ``request`` is None when it could not be made out; ``fields`` are the texts of Solicitud all
    the same. ``returned``: an error of the request's own, or more than 5 % of the rows in error."""

    sha256: str
    upload: Upload
    request: Request | None
    fields: dict[str, str]
    request_observations: list[Observation]
    recipients: int = 0
    rows_in_error: int = 0
    rows_with_aviso: int = 0  #: dialled, with something to look at
    counts: dict[str, int] = field(default_factory=dict)  #: observations, by level
    returned: bool = False
    _rules: RowRules | None = None
    _kept: list[Row] | None = None

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of Contactos as written, unknown ones too; ``Row.cells`` is in their order."""
        return self.upload.headings

    @property
    def dialled(self) -> int:
        """Rows that may be called."""
        return self.recipients - self.rows_in_error

    def rows(self) -> Iterator[Row]:
        """Every row in the upload's order, those in error too."""
        if self._kept is not None:
            return iter(self._kept)
        return self._read()

    def observations(self) -> Iterator[Observation]:
        """The request's observations, then those of each row."""
        yield from self.request_observations
        for row in self.rows():
            yield from row.observations

    def _read(self) -> Iterator[Row]:
        assert self._rules
        reader = RowReader(Columns(self.upload.headings), self._rules)
        return (reader.read(number, cells) for number, cells in self.upload.rows())


@dataclass
class RequestChecked:
    """Everything there is to say of an upload before its people are looked at."""

    upload: Upload
    request: Request | None
    fields: Fields
    rules: RowRules  #: what each row must be

    def close(self, recipients: int, rows_in_error: int) -> bool:
        """After the last row: notes E05 where the number told is another; whether the request goes back (§5)."""
        declared = parse_whole(self.fields.text("cantidad_registros"), 0, 10**9)
        if declared is not None and declared != recipients:
            told = f"El formato dice {declared} y hay {recipients} filas."
            self.fields.note("E05", "cantidad_registros", told, str(recipients))
        own_error = any(observation.level is Level.ERROR for observation in self.fields.observations)
        return own_error or rows_in_error > RETURNED_OVER * recipients

    def why_returned(self, recipients: int, rows_in_error: int) -> str:
        """Which rule of §5 sends it back, once it is closed, in a sentence each; empty where none does."""
        errors = [each for each in self.fields.observations if each.level is Level.ERROR]
        told = []
        if errors:
            names = list(dict.fromkeys(each.column or CODES[each.code].lower() for each in errors))
            many = "un error" if len(errors) == 1 else f"{len(errors)} errores"
            told.append(f"La solicitud tiene {many}: {', '.join(names)}.")
        if rows_in_error > RETURNED_OVER * recipients:
            told.append(_too_many(recipients, rows_in_error))
        return " ".join(told)


def _too_many(recipients: int, rows_in_error: int) -> str:
    if rows_in_error == recipients:
        return "La única fila tiene error." if recipients == 1 else f"Las {recipients:,} filas tienen error."
    many = f"{rows_in_error:,} {'tiene' if rows_in_error == 1 else 'tienen'} error"
    most = f"más del {RETURNED_OVER:.0%}".replace("%", " %")
    return f"De {recipients:,} filas, {many}: {most}."


def check_request(
    upload: Upload, *, received: date, lines: LinesKnown, window: Window, is_repeated: bool = False
) -> RequestChecked:
    """What is to be said of the request and of the columns; ``is_repeated``: these bytes came already that day (E15).
    The other arguments are those of ``check``."""
    fields = Fields(upload)
    known = tuple(lines)
    read = read_request(fields, received=received, lines=known, window=window)
    if is_repeated:
        fields.note("E15", None, "Este mismo archivo ya se recibió hoy.", "suba el archivo corregido")
    rules = _rules(fields, read, received, known)
    _check_columns(fields, upload, rules)
    return RequestChecked(upload, read.request, fields, rules)


def check(
    source: bytes | Path,
    filename: str,
    *,
    received: date,
    lines: LinesKnown,
    window: Window,
    already_received: Callable[[str], bool] = lambda sha256: False,
) -> Checked:
    """Checks an upload from its first byte to its last, in this process, and stores nothing.

    ``received``: the day it came, where the campaign is. ``window``: the legal hours of a country, as (weekdays with
    Monday 0, from, to). ``already_received``: whether these bytes came already today (E15). Raises Unreadable, one
    sentence in Spanish, when the file cannot be read at all; nothing else, whatever the bytes.
    """
    data = source.read_bytes() if isinstance(source, Path) else source
    sha256 = hashlib.sha256(data).hexdigest()
    upload = read_upload(data, filename)
    repeated = already_received(sha256)
    read = check_request(upload, received=received, lines=lines, window=window, is_repeated=repeated)
    texts, observations = read.fields.texts(), read.fields.observations
    checked = Checked(sha256, upload, read.request, texts, observations, _rules=read.rules)
    _go_through(checked)
    before = len(observations)
    checked.returned = read.close(checked.recipients, checked.rows_in_error)
    checked.counts[Level.ERROR] += len(observations) - before
    return checked


def _rules(fields: Fields, read: RequestRead, received: date, lines: tuple[LineKnown, ...]) -> RowRules:
    """What the rows must be, as far as the request can be made out."""
    needed = variables_used(fields) & CONTACT_VARIABLES
    columns = {_COLUMNS_OF_VARIABLE.get(name, name) for name in needed} | {
        question.column for question in read.questions
    }
    own = set().union(*(line.caller_ids for line in lines)) if lines else set()
    if read.country and isinstance(found := parse_phone(fields.text("numero_devolucion_llamada"), read.country), Phone):
        own.add(found.e164)
    return RowRules(
        read.country, read.start or received, read.questions, frozenset(columns) - set(REQUIRED_COLUMNS), frozenset(own)
    )


def _check_columns(fields: Fields, upload: Upload, rules: RowRules) -> None:
    """E02 for a whole column, once, instead of once a row."""
    columns = Columns(upload.headings)
    for name in (*REQUIRED_COLUMNS, *sorted(rules.needed)):
        if name not in columns.index:
            why = "" if name in REQUIRED_COLUMNS else ", que un texto o una pregunta usa"
            told = f"Falta la columna «{name}»{why}."
            missing = Observation(
                "E02", Level.ERROR, CONTACTS_SHEET, upload.heading_row, name, None, "", told, "agregue la columna"
            )
            fields.observations.append(missing)
    for position, name in columns.doubled:
        where = cell_name(CONTACTS_SHEET, position, upload.heading_row)
        told = "La columna aparece dos veces."
        fields.observations.append(
            Observation("E17", Level.ERROR, CONTACTS_SHEET, upload.heading_row, name, where, "", told, "deje una sola")
        )


def _go_through(checked: Checked) -> None:
    """Reads every row once: counts them, and keeps them while they are few."""
    counts = Counter({level.value: 0 for level in Level})
    counts.update(observation.level.value for observation in checked.request_observations)
    kept: list[Row] | None = []
    for row in checked.rows():
        checked.recipients += 1
        if row.contact is None:
            checked.rows_in_error += 1
        elif row.observations:
            checked.rows_with_aviso += 1
        counts.update([observation.level.value for observation in row.observations] if row.observations else ())
        if kept is not None:
            kept.append(row)
            if len(kept) > ROWS_KEPT:
                kept = None
    checked.counts = dict(counts)
    checked._kept = kept
