"""A good Formato to spoil: builders of uploads, and the check as an installation in El Salvador would run it."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import xlsxwriter

from campaigns.upload.checking import Checked, check
from campaigns.upload.lines_known import LineKnown

LINES = (
    LineKnown("dgs", "SV", "Dirección General de Subsidios", frozenset({"+50322373333"})),
    LineKnown("uariv", "CO", "Unidad para las Víctimas"),
    LineKnown("norte", "MX", "Instituto del Norte"),
    LineKnown("sur", "MX", "Instituto del Sur"),
)
FIELDS = {
    "formato_version": "V1",
    "entidad": "Dirección General de Subsidios",
    "area_misional": "Operaciones",
    "nombre_solicitante": "Ana Prueba",
    "correo_solicitante": "ana@subsidios.example",
    "nombre_campana": "Nuevos beneficiarios",
    "tipo_campana": "NUEVOS_BENEFICIARIOS",
    "finalidad": "NOTIFICACION",
    "canal": "VOZ",
    "modo": "AUTOMATICA",
    "pais": "SV",
    "fecha_solicitud": "16/11/2026",
    "fecha_inicio": "30/11/2026",
    "fecha_fin": "18/12/2026",
    "mensaje_guion": "{primer_nombre}, desde {mes} tiene el subsidio.",
    "requiere_preguntas_seguridad": "SI",
    "pregunta_1": "NACIMIENTO_DDMM",
    "pregunta_2": "DOCUMENTO_ULTIMOS4",
    "numero_devolucion_llamada": "2237-3333",
    "base_legal_tratamiento": "D.L. 539",
    "contiene_datos_sensibles": "NO",
}
PERSON = {
    "id_registro": "1",
    "tipo_documento": "DUI",
    "numero_documento": "00016297-5",
    "primer_nombre": "Ana",
    "primer_apellido": "López",
    "fecha_nacimiento": "05/03/1985",
    "telefono_1": "7123-4567",
    "telefono_2": "",
}
OTHER = PERSON | {"id_registro": "2", "numero_documento": "04567890-3", "telefono_1": "7765-4321"}


def window(country: str) -> list[tuple[set[int], time, time]]:
    weekdays = {0, 1, 2, 3, 4}
    saturday = [({5}, time(8), time(15))] if country == "CO" else []
    return [(weekdays, time(8), time(18)), *saturday]


def table(fields: dict[str, str | None] | None = None, people: list[dict[str, str]] | None = None):
    """(fields, headings, rows): the good Formato with what is given put over it; None takes a field away."""
    rows = [PERSON, OTHER] if people is None else people
    headings = list(dict.fromkeys(name for row in rows for name in row)) or list(PERSON)
    told = {**FIELDS, "cantidad_registros": str(len(rows)), **(fields or {})}
    kept = {name: value for name, value in told.items() if value is not None}
    return kept, headings, [[row.get(name, "") for name in headings] for row in rows]


def quoted(cell: str, delimiter: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in delimiter + '"\n') else cell


def as_csv(fields=None, people=None, delimiter: str = ";") -> bytes:
    told, headings, rows = table(fields, people)
    lines = [f"#{name}{delimiter}{quoted(value, delimiter)}" for name, value in told.items()]
    lines += ["", *(delimiter.join(quoted(cell, delimiter) for cell in row) for row in (headings, *rows))]
    return "\r\n".join(lines).encode()


def as_xlsx(fields=None, people=None, sheets=("Solicitud", "Contactos"), typed: dict | None = None) -> bytes:
    """``typed``: cells of Contactos that are not text, by (row, heading), rows counted from 0 below the headings."""
    told, headings, rows = table(fields, people)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "default_date_format": "dd/mm/yyyy"})
    book.set_properties({"created": datetime(2026, 11, 16, tzinfo=UTC)})  # the same content is the same bytes
    for name in sheets:
        sheet = book.add_worksheet(name)
        content = [["Campo", "Valor"], *told.items()] if name.lower() == "solicitud" else [headings, *rows]
        for number, row in enumerate(content):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
        if name.lower() != "solicitud":
            for (row, heading), value in (typed or {}).items():
                sheet.write(row + 1, headings.index(heading), value)
    book.close()
    return out.getvalue()


@pytest.fixture
def run() -> Callable[..., Checked]:
    """``run(data, **kept)``: the check of these bytes, received on 16 November 2026."""

    def run(data: bytes, filename: str = "formato.csv", **kept) -> Checked:
        asked: dict[str, Any] = {"received": date(2026, 11, 16), "lines": LINES, "window": window, **kept}
        return check(data, filename, **asked)

    return run


@pytest.fixture
def csv_of() -> Callable[..., bytes]:
    return as_csv


@pytest.fixture
def xlsx_of() -> Callable[..., bytes]:
    return as_xlsx


@pytest.fixture
def person() -> dict[str, str]:
    """A good row; ``person | {...}`` spoils it."""
    return dict(PERSON)


@pytest.fixture
def other() -> dict[str, str]:
    return dict(OTHER)
