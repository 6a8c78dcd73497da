"""What an entry of the directory says, and what makes it wrong. No database here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Self

from email_validator import EmailNotValidError, validate_email

from core.folding import fold
from core.phones import EXPECTED, Phone, parse_phone, parse_public_number

STALE_AFTER = timedelta(days=180)  #: not verified for so long, an entry is marked (R85)

LONGEST = {"nombre": 120, "unidad": 160, "cargo": 120, "correo": 254, "notas": 500}
COLUMNS = ("nombre", "unidad", "cargo", "extension", "telefono", "correo", "categoria", "notas", "verificado")
_OLDEST = date(2000, 1, 1)


class Category(StrEnum):
    """Whom an institution has relations with (R92)."""

    INSTITUCION = "INSTITUCION"
    GOBIERNO = "GOBIERNO"
    SOCIEDAD_CIVIL = "SOCIEDAD_CIVIL"
    CIUDADANIA = "CIUDADANIA"
    SALUD_MENTAL = "SALUD_MENTAL"
    JUSTICIA = "JUSTICIA"
    EMERGENCIA = "EMERGENCIA"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Category.INSTITUCION: "Personal de la institución",
    Category.GOBIERNO: "Dependencias de gobierno",
    Category.SOCIEDAD_CIVIL: "Sociedad civil",
    Category.CIUDADANIA: "Ciudadanía",
    Category.SALUD_MENTAL: "Salud mental",
    Category.JUSTICIA: "Justicia y denuncia",
    Category.EMERGENCIA: "Emergencias",
}
_BY_WORDS = {fold(words): category for category in Category for words in (category.value, category.label)}


class Extension(str):
    """A number inside a switchboard: 2 to 8 digits. It is keyed once a call is up; it is never a telephone."""

    __slots__ = ()

    def __new__(cls, digits: str) -> Self:
        """Raises ValueError for anything else, without the text."""
        if not re.fullmatch(r"[0-9]{2,8}", digits):
            raise ValueError("an extension is 2 to 8 digits")
        return super().__new__(cls, digits)


@dataclass(frozen=True, slots=True)
class Facts:
    """What people say of an entry. ``telephone``: E.164, or a short public number such as ``131``."""

    name: str
    unit: str = ""
    role: str = ""
    extension: Extension | None = None
    telephone: str | None = None
    email: str | None = None
    category: Category = Category.INSTITUCION
    notes: str = ""
    verified_on: date | None = None


class Fault(NamedTuple):
    """What is wrong in a column, in one sentence for whoever wrote it; the value is not in it."""

    column: str
    sentence: str


def is_stale(verified_on: date | None, today: date) -> bool:
    """Whether nobody looked after it for 180 days, or ever (R85)."""
    return verified_on is None or today - verified_on > STALE_AFTER


def check_facts(written: Mapping[str, str], country: str, today: date) -> Facts | list[Fault]:
    """The entry that ``written`` tells (keys: ``COLUMNS``; missing ones are empty), or everything wrong with it.

    ``country``: SV, CO or MX, of the line, whose numbering telephones are written in.
    """
    cells = {column: _one_line(written.get(column) or "") for column in COLUMNS}
    faults = [
        Fault(column, f"Tiene más de {most} letras.") for column, most in LONGEST.items() if len(cells[column]) > most
    ]
    checked: dict[str, Any] = {
        "nombre": _name(cells["nombre"]),
        "extension": _extension(cells["extension"]),
        "telefono": _telephone(cells["telefono"], country),
        "correo": _email(cells["correo"]) if len(cells["correo"]) <= LONGEST["correo"] else None,
        "categoria": _category(cells["categoria"]),
        "verificado": _day(cells["verificado"], today),
    }
    faults += [found for found in checked.values() if isinstance(found, Fault)]
    if not cells["extension"] and not cells["telefono"] and not cells["correo"]:
        faults.append(Fault("extension", "Falta cómo llegar: ponga una extensión, un teléfono o un correo."))
    if faults:
        return sorted(faults, key=lambda fault: COLUMNS.index(fault.column))
    return Facts(
        name=checked["nombre"],
        unit=cells["unidad"],
        role=cells["cargo"],
        extension=checked["extension"],
        telephone=checked["telefono"],
        email=checked["correo"],
        category=checked["categoria"],
        notes=cells["notas"],
        verified_on=checked["verificado"],
    )


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _name(text: str) -> str | Fault:
    if not text:
        return Fault("nombre", "Falta el nombre.")
    if not re.search(r"[a-z]", fold(text)):
        return Fault("nombre", "El nombre no tiene letras, y quien llama lo deletrea con el teclado.")
    return text


def _extension(text: str) -> Extension | Fault | None:
    if not text:
        return None
    digits = re.sub(r"(?i)^(?:extensi[oó]n|ext\.?|#)\s*", "", text).replace(" ", "")
    try:
        return Extension(digits)
    except ValueError:
        return Fault("extension", "La extensión tiene de 2 a 8 dígitos; un teléfono va en su propia columna.")


def _telephone(text: str, country: str) -> str | Fault | None:
    if not text:
        return None
    usual = parse_phone(text, country)  # ten times as fast, where it is written as it should be
    if isinstance(usual, Phone) and not usual.note:
        return usual.e164
    found = parse_public_number(text, country)
    expected = f"se esperan {EXPECTED[country]}, o un número gratuito"
    return found or Fault("telefono", f"No existe esa numeración; {expected}.")


def _email(text: str) -> str | Fault | None:
    if not text:
        return None
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return Fault("correo", "No parece un correo, como nombre@institucion.gob.")


def _category(text: str) -> Category | Fault:
    if not text:
        return Category.INSTITUCION
    return _BY_WORDS.get(fold(text)) or Fault(
        "categoria", f"La categoría no se conoce; debe ser {', '.join(Category)}."
    )


def _day(text: str, today: date) -> date | Fault | None:
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})|(\d{4})-(\d{2})-(\d{2})(?: 00:00:00)?", text, re.ASCII)
    if not match:
        return Fault("verificado", "La fecha no se entiende; escríbala como DD/MM/AAAA.")
    day, month, year = match.group(1, 2, 3) if match[1] else match.group(6, 5, 4)
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return Fault("verificado", "La fecha no existe en el calendario.")
    if not _OLDEST <= found <= today:
        return Fault("verificado", "La fecha está en el futuro o es anterior a 2000.")
    return found
