"""The blank Formato Campañas OutBound V1, as a workbook that offers its own lists and examples."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from campaigns.upload.observations import CONTACTS_SHEET, REQUEST_SHEET
from campaigns.upload.questions import BankQuestion
from campaigns.upload.vocabulary import (
    CONTACT_COLUMNS,
    DOCUMENT_TYPES,
    REQUEST_FIELDS,
    REQUIRED_COLUMNS,
    REQUIRED_FIELDS,
    SERVED_CHANNELS,
    SERVED_MODES,
    VERSION,
    CampaignType,
    Country,
    Purpose,
    ReportPeriod,
)

_CREATED = datetime(2026, 1, 1, tzinfo=UTC)  # so that the same content is the same bytes
_ROWS_WITH_LISTS = 10_000
_YES_NO = ["SI", "NO"]
_FIELD_LISTS: dict[str, list[str]] = {
    "formato_version": [VERSION],
    "tipo_campana": list(CampaignType),
    "finalidad": list(Purpose),
    "canal": sorted(SERVED_CHANNELS),
    "modo": sorted(SERVED_MODES),
    "pais": list(Country),
    "requiere_preguntas_seguridad": _YES_NO,
    "requiere_validacion": _YES_NO,
    "contiene_datos_sensibles": _YES_NO,
    "urgente": _YES_NO,
    "periodicidad_reporte": list(ReportPeriod),
}
_COLUMN_LISTS: dict[str, list[str]] = {"tipo_documento": list(DOCUMENT_TYPES), "no_llamar": _YES_NO}
_HELP = {
    "formato_version": "V1",
    "entidad": "La institución, como se dirá en la llamada",
    "presentacion": "Cómo nos presentamos antes de confirmar con quién hablamos",
    "linea": "El nombre de la línea, por ejemplo dgs; vacío si hay una sola",
    "fecha_solicitud": "DD/MM/AAAA",
    "fecha_inicio": "DD/MM/AAAA, 7 días después de la solicitud o más",
    "fecha_fin": "DD/MM/AAAA",
    "horario_inicio": "HH:MM; solo puede acortar el horario legal",
    "horario_fin": "HH:MM; solo puede acortar el horario legal",
    "dias": "Por ejemplo L-V o L,MI,V",
    "cantidad_registros": "Cuántas personas hay en la hoja Contactos",
    "max_intentos": "De 1 a 6; 4 si se deja vacío",
    "mensaje_guion": "Puede usar {primer_nombre} {nombre_completo} {entidad} {mes} {numero_devolucion_llamada} "
    "{municipio} {var_1} … {var_12}",
    "mensaje_buzon": "Para un contestador: solo {entidad} {mes} {numero_devolucion_llamada}; vacío: no se deja nada",
    "pregunta_1": "Una de: " + ", ".join(BankQuestion) + "; o una frase libre",
    "pregunta_1_digitos": "Solo para una frase libre: cuántos dígitos lleva la respuesta (1 a 12)",
    "aciertos_minimos": "Cuántas preguntas hay que acertar",
    "recolectar_1": "Una pregunta que se hace después del mensaje",
    "recolectar_1_opciones": "1=Sí|2=No",
    "recolectar_1_digitos": "Cuántos dígitos, si no hay opciones",
    "numero_devolucion_llamada": "El número al que la persona puede llamar, como 2237-3333",
    "base_legal_tratamiento": "La ley o norma que permite usar estos datos",
    "aviso_privacidad": "Una frase: para qué se usan los datos y de dónde vienen",
    "prioridad": "De 1 (primero) a 9; 5 si se deja vacío",
    "justificacion_urgencia": "Obligatoria si es urgente",
}
_INSTRUCTIONS = (
    "Formato Campañas OutBound V1",
    "",
    "1. Llene la hoja Solicitud: una respuesta en cada fila, en la columna Valor. Los campos con * son obligatorios.",
    "2. Pegue en la hoja Contactos una persona por fila. Las columnas con * son obligatorias.",
    "3. Los documentos y los teléfonos van como texto, para que no se pierdan los ceros del inicio.",
    "4. Las fechas van como DD/MM/AAAA y las horas como HH:MM.",
    "5. Puede agregar columnas propias: se le devuelven en los resultados.",
    "6. Nunca escriba un PIN, una contraseña ni un número de tarjeta en este archivo.",
    "",
    "Ejemplo de una persona:",
)
_EXAMPLE = {
    "id_registro": "1",
    "tipo_documento": "DUI",
    "numero_documento": "00016297-5",
    "primer_nombre": "María",
    "primer_apellido": "Ejemplo",
    "fecha_nacimiento": "05/03/1985",
    "telefono_1": "7XXX-XXXX",
    "telefono_2": "2XXX-XXXX",
    "municipio": "Santa Tecla",
}


def template(target: Path | BinaryIO) -> None:
    """Writes the blank Formato: lists to choose from, text cells where zeros matter, and instructions."""
    fields = [(name, VERSION if name == "formato_version" else "") for name in REQUEST_FIELDS]
    write_formato(target, fields, CONTACT_COLUMNS, ())


def write_formato(
    target: Path | BinaryIO,
    fields: Sequence[tuple[str, str]],
    columns: Sequence[str],
    people: Iterable[Sequence[str]],
) -> None:
    """A Formato with the given fields and people, as a coordinator would hand it in. Everything is text."""
    book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, {"strings_to_formulas": False})
    book.set_properties({"created": _CREATED})
    styles = {
        "heading": book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "num_format": "@"}),
        "text": book.add_format({"num_format": "@"}),
        "wrapped": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
        "help": book.add_format({"font_color": "#666666", "text_wrap": True, "valign": "top"}),
    }
    _request_sheet(book.add_worksheet(REQUEST_SHEET), fields, styles)
    _contacts_sheet(book.add_worksheet(CONTACTS_SHEET), columns, people, styles)
    _instructions_sheet(book.add_worksheet("Instrucciones"), styles)
    book.close()


def _request_sheet(sheet: Any, fields: Sequence[tuple[str, str]], styles: dict[str, Any]) -> None:
    for column, (heading, width) in enumerate((("Campo", 32), ("Valor", 70), ("Qué poner", 60))):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, styles["heading"])
    for row, (name, value) in enumerate(fields, start=1):
        sheet.write_string(row, 0, name + "*" * (name in REQUIRED_FIELDS), styles["text"])
        sheet.write_string(row, 1, value, styles["wrapped"])
        sheet.write_string(row, 2, _HELP.get(name, ""), styles["help"])
        if name in _FIELD_LISTS:
            sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": _FIELD_LISTS[name]})
    sheet.freeze_panes(1, 1)


def _contacts_sheet(
    sheet: Any, columns: Sequence[str], people: Iterable[Sequence[str]], styles: dict[str, Any]
) -> None:
    sheet.set_column(0, len(columns) - 1, 18, styles["text"])
    for column, name in enumerate(columns):
        sheet.write_string(0, column, name + "*" * (name in REQUIRED_COLUMNS), styles["heading"])
        if name in _COLUMN_LISTS:
            choice = {"validate": "list", "source": _COLUMN_LISTS[name]}
            sheet.data_validation(1, column, _ROWS_WITH_LISTS, column, choice)
    for row, person in enumerate(people, start=1):
        for column, cell in enumerate(person):
            if cell:
                sheet.write_string(row, column, cell, styles["text"])
    sheet.freeze_panes(1, 1)


def _instructions_sheet(sheet: Any, styles: dict[str, Any]) -> None:
    sheet.set_column(0, 8, 20)
    for row, line in enumerate(_INSTRUCTIONS):
        sheet.write_string(row, 0, line)
    for column, (name, value) in enumerate(_EXAMPLE.items()):
        sheet.write_string(len(_INSTRUCTIONS), column, name, styles["heading"])
        sheet.write_string(len(_INSTRUCTIONS) + 1, column, value, styles["text"])
