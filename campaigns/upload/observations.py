"""What a check has to say about a field or a cell (formato-v1.md §5). It reports; it never stops."""

import re
from dataclasses import dataclass
from enum import StrEnum

from core.privacy import mask_document

REQUEST_SHEET = "Solicitud"
CONTACTS_SHEET = "Contactos"


class Level(StrEnum):
    ERROR = "error"
    AVISO = "aviso"


CODES = {
    "E01": "Versión del formato",
    "E02": "Falta un campo, una columna o una celda",
    "E03": "Menos de 7 días de anticipación",
    "E04": "Rango de fechas",
    "E05": "Cantidad de registros",
    "E06": "Teléfono",
    "E07": "Documento de identidad",
    "E08": "Persona o teléfono repetido",
    "E09": "Variable desconocida en un texto",
    "E10": "Datos personales sin preguntas de seguridad",
    "E11": "Fuera de la ventana de llamadas",
    "E12": "Persona menor de edad",
    "E13": "Texto del mensaje SMS",
    "E14": "Base legal del tratamiento",
    "E15": "Archivo ya recibido",
    "E16": "Falta una respuesta de seguridad",
    "E17": "Valor fuera de su lista",
    "E18": "Texto que una hoja de cálculo ejecutaría",
}


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing to say. ``value`` is masked already; ``row`` counts from 1 as the spreadsheet shows it; ``column`` is
    the field's or the column's name; ``row`` and ``cell`` are None where something is missing altogether."""

    code: str
    level: Level
    sheet: str
    row: int | None
    column: str | None
    cell: str | None
    value: str
    message: str
    suggestion: str

    def as_json(self) -> dict[str, str | int | None]:
        """As ``pregonero campaign submit --json`` prints it."""
        return {name: getattr(self, name) for name in self.__slots__}


def cell_name(sheet: str, column_index: int, row: int) -> str:
    """``("Contactos", 5, 12)`` → ``Contactos!F12``; the first column is 0."""
    letters = ""
    index = column_index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{sheet}!{letters}{row}"


def mask_cell(column: str, text: str) -> str:
    """The value of a contact's cell as it may be shown: enough to find it, too little to learn it (architecture.md)."""
    if not text:
        return ""
    if column.startswith("telefono_"):
        return _mask_digits(text, 2) if sum(map(str.isdigit, text)) > 4 else _mask_digits(text, 0)
    if column == "numero_documento":
        return mask_document(text)
    if column in {"tipo_documento", "no_llamar", "idioma", "franja_preferida", "departamento", "municipio"}:
        return _mask_digits(text[:40], 0)
    if column.endswith(("nombre", "apellido")):
        return text[0] + "•••"
    return "•••"


def mask_field(name: str, text: str) -> str:
    """A request field as it may be shown: it speaks of the institution, only its people's addresses are hidden."""
    if name.startswith("correo"):
        return re.sub(r"^(.)[^@]*", r"\1•••", text)[:60]
    if name == "telefono_solicitante":
        return _mask_digits(text[:60], 2)
    return text if len(text) <= 60 else text[:59] + "…"


def _mask_digits(text: str, shown: int) -> str:
    """The text with a dot for every digit but the last ``shown``; other signs stay, and say what was wrong."""
    hidden = sum(map(str.isdigit, text)) - shown
    masked = []
    for sign in text:
        if sign.isdigit():
            hidden -= 1
            masked.append("•" if hidden >= 0 else sign)
        else:
            masked.append(sign)
    return "".join(masked)[:40]
