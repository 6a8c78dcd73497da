"""The blank Formatos, Campañas OutBound V1 and mensajes de texto, as workbooks that offer their own lists and
examples."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from campaigns.template_texts import (
    EXAMPLE_FIELDS,
    EXAMPLE_PEOPLE,
    EXAMPLE_TEXT_FIELDS,
    HELP,
    INSTRUCTIONS,
    TEXT_HELP,
    TEXT_INSTRUCTIONS,
)
from campaigns.upload.observations import CONTACTS_SHEET, REQUEST_SHEET
from campaigns.upload.questions import BankQuestion
from campaigns.upload.vocabulary import (
    COLLECTED,
    CONTACT_COLUMNS,
    DOCUMENT_TYPES,
    QUESTIONS,
    REQUEST_FIELDS,
    REQUIRED_COLUMNS,
    REQUIRED_FIELDS,
    SERVED_CHANNELS,
    SERVED_MODES,
    TEXT_REQUEST_FIELDS,
    TEXT_REQUIRED_FIELDS,
    VERSION,
    CampaignType,
    Channel,
    Country,
    Purpose,
    ReportPeriod,
    TextMoment,
)
from core.countries import COUNTRIES, MONDAY_TO_FRIDAY

_CREATED = datetime(2026, 1, 1, tzinfo=UTC)  # so that the same content is the same bytes
_ROWS_WITH_LISTS = 10_000
_AHEAD = 8  # days from an example's request to its first call or text: more than it takes not to be urgent
_YES_NO = ["SI", "NO"]
_DIGITS = [str(n) for n in range(1, 13)]
_FIELD_LISTS: dict[str, list[str]] = {
    "formato_version": [VERSION],
    "tipo_campana": list(CampaignType),
    "finalidad": list(Purpose),
    "canal": sorted(SERVED_CHANNELS - {Channel.SMS}),  # of texts alone there is another Formato
    "momento_sms": list(TextMoment),
    "modo": sorted(SERVED_MODES),
    "pais": list(Country),
    "requiere_preguntas_seguridad": _YES_NO,
    "requiere_validacion": _YES_NO,
    "contiene_datos_sensibles": _YES_NO,
    "urgente": _YES_NO,
    "periodicidad_reporte": list(ReportPeriod),
    "max_intentos": [str(n) for n in range(1, 7)],
    "prioridad": [str(n) for n in range(1, 10)],
    "aciertos_minimos": [str(n) for n in range(1, QUESTIONS + 1)],
    **{f"pregunta_{n}_digitos": _DIGITS for n in range(1, QUESTIONS + 1)},
    **{f"recolectar_{n}_digitos": _DIGITS for n in range(1, COLLECTED + 1)},
}
#: Lists from which one may depart: a bank code or a free sentence, the usual days or others.
_FREE_LISTS: dict[str, list[str]] = {
    "dias": ["L-V", "L-S", "L-D"],
    **{f"pregunta_{n}": list(BankQuestion) for n in range(1, QUESTIONS + 1)},
    **{f"recolectar_{n}_opciones": ["1=Sí|2=No"] for n in range(1, COLLECTED + 1)},
}
_COLUMN_LISTS: dict[str, list[str]] = {"tipo_documento": list(DOCUMENT_TYPES), "no_llamar": _YES_NO}
_FREE_COLUMN_LISTS = {"franja_preferida": ["mañana", "mediodía", "tarde", "noche"]}


@dataclass(frozen=True)
class Kind:
    """One of the two Formatos. ``given``: fields whose value is known beforehand; ``example``: a request that would be
    accepted, of people who do not exist."""

    fields: Sequence[str]
    required: Sequence[str]
    given: Mapping[str, str]
    help: Mapping[str, str]
    instructions: Sequence[str]
    example: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]

    def blank(self) -> list[tuple[str, str]]:
        return [(name, self.given.get(name, "")) for name in self.fields]


CALLS = Kind(
    REQUEST_FIELDS, REQUIRED_FIELDS, {"formato_version": VERSION}, HELP, INSTRUCTIONS, EXAMPLE_FIELDS, _FIELD_LISTS
)
TEXTS = Kind(
    TEXT_REQUEST_FIELDS,
    TEXT_REQUIRED_FIELDS,
    {"formato_version": VERSION, "canal": Channel.SMS.value},
    TEXT_HELP,
    TEXT_INSTRUCTIONS,
    EXAMPLE_TEXT_FIELDS,
    _FIELD_LISTS | {"canal": [Channel.SMS.value]},
)


def template(target: Path | BinaryIO, kind: Kind = CALLS) -> None:
    """Writes the blank Formato: lists to choose from, text cells where zeros matter, and instructions."""
    write_formato(target, kind.blank(), CONTACT_COLUMNS, (), kind)


def example(target: Path | BinaryIO, kind: Kind, today: date) -> None:
    """Writes it filled in with its example, as it would be handed in ``today``."""
    told = {**kind.example, **_dates(today, kind.example)}
    fields = [(name, told.get(name, "")) for name in kind.fields]
    people = [[person.get(name, "") for name in CONTACT_COLUMNS] for person in EXAMPLE_PEOPLE]
    write_formato(target, fields, CONTACT_COLUMNS, people, kind)


def _dates(today: date, fields: Mapping[str, str]) -> dict[str, str]:
    """Its dates, of a request of today for a working day that is far enough."""
    country = COUNTRIES[fields["pais"]]
    days = (today + timedelta(days=n) for n in range(_AHEAD, _AHEAD + 30))
    first, last = islice((day for day in days if day.weekday() in MONDAY_TO_FRIDAY and not country.is_holiday(day)), 2)
    written = {"fecha_solicitud": today, "fecha_hora_envio": first, "fecha_inicio": first, "fecha_fin": last}
    told = {name: f"{day:%d/%m/%Y}" for name, day in written.items() if name in fields}
    return {name: f"{day} 09:00" if name == "fecha_hora_envio" else day for name, day in told.items()}


def blank_csv(kind: Kind = CALLS) -> bytes:
    """The same as a CSV, for a system that writes it: UTF-8 with BOM, ``;``, CRLF."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerows((f"#{name}", value) for name, value in kind.blank())
    writer.writerow(())
    writer.writerow(CONTACT_COLUMNS)
    return target.getvalue().encode("utf-8-sig")


def write_formato(
    target: Path | BinaryIO,
    fields: Sequence[tuple[str, str]],
    columns: Sequence[str],
    people: Iterable[Sequence[str]],
    kind: Kind = CALLS,
) -> None:
    """A Formato with the given fields and people, as a coordinator would hand it in. Everything is text."""
    book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, {"strings_to_formulas": False})
    book.set_properties({"created": _CREATED})
    styles = {
        "heading": book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "num_format": "@"}),
        "text": book.add_format({"num_format": "@"}),
        "wrapped": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
        "plain": book.add_format({"text_wrap": True, "valign": "top"}),
        "help": book.add_format({"font_color": "#666666", "text_wrap": True, "valign": "top"}),
    }
    _request_sheet(book.add_worksheet(REQUEST_SHEET), fields, styles, kind)
    _contacts_sheet(book.add_worksheet(CONTACTS_SHEET), columns, people, styles)
    _instructions_sheet(book.add_worksheet("Instrucciones"), styles, kind)
    _examples_sheet(book.add_worksheet("Ejemplos"), styles, kind)
    book.close()


def _request_sheet(sheet: Any, fields: Sequence[tuple[str, str]], styles: dict[str, Any], kind: Kind) -> None:
    for column, (heading, width) in enumerate((("Campo", 32), ("Valor", 70), ("Qué poner", 60))):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, styles["heading"])
    for row, (name, value) in enumerate(fields, start=1):
        sheet.write_string(row, 0, name + "*" * (name in kind.required), styles["text"])
        sheet.write_string(row, 1, value, styles["wrapped"])
        sheet.write_string(row, 2, kind.help.get(name, ""), styles["help"])
        if choice := _choice(name, kind.lists, _FREE_LISTS):
            sheet.data_validation(row, 1, row, 1, choice)
    sheet.freeze_panes(1, 1)


def _contacts_sheet(
    sheet: Any, columns: Sequence[str], people: Iterable[Sequence[str]], styles: dict[str, Any]
) -> None:
    sheet.set_column(0, len(columns) - 1, 18, styles["text"])
    for column, name in enumerate(columns):
        sheet.write_string(0, column, name + "*" * (name in REQUIRED_COLUMNS), styles["heading"])
        if choice := _choice(name, _COLUMN_LISTS, _FREE_COLUMN_LISTS):
            sheet.data_validation(1, column, _ROWS_WITH_LISTS, column, choice)
    for row, person in enumerate(people, start=1):
        for column, cell in enumerate(person):
            if cell:
                sheet.write_string(row, column, cell, styles["text"])
    sheet.freeze_panes(1, 1)


def _choice(name: str, fixed: Mapping[str, Sequence[str]], free: Mapping[str, Sequence[str]]) -> dict[str, Any] | None:
    """The list of a cell: one that is kept to, or one that only proposes."""
    if name in fixed:
        told = {"error_title": "Elija de la lista", "error_message": "Este valor no está en la lista del Formato."}
        return {"validate": "list", "source": fixed[name], **told}
    return {"validate": "list", "source": free[name], "show_error": False} if name in free else None


def _instructions_sheet(sheet: Any, styles: dict[str, Any], kind: Kind) -> None:
    sheet.set_column(0, 0, 120)
    for row, line in enumerate(kind.instructions):
        sheet.write_string(row, 0, line, styles["plain"])


def _examples_sheet(sheet: Any, styles: dict[str, Any], kind: Kind) -> None:
    """A request and two people, laid out as in the sheets that are read."""
    sheet.set_column(0, len(CONTACT_COLUMNS), 24)
    for column, heading in enumerate(("Campo", "Valor")):
        sheet.write_string(0, column, heading, styles["heading"])
    for row, (name, value) in enumerate(kind.example.items(), start=1):
        sheet.write_string(row, 0, name, styles["text"])
        sheet.write_string(row, 1, value, styles["text"])
    first = len(kind.example) + 2
    columns = [name for name in CONTACT_COLUMNS if any(name in person for person in EXAMPLE_PEOPLE)]
    for column, name in enumerate(columns):
        sheet.write_string(first, column, name, styles["heading"])
        for row, person in enumerate(EXAMPLE_PEOPLE, start=first + 1):
            sheet.write_string(row, column, person.get(name, ""), styles["text"])
