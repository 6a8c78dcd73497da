"""The padrón's CSV, row by row: what a good row says, or one sentence about a bad one. No database here."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from beneficiaries.registry import Redemption, Standing
from core.documents import DocumentProblem, DocumentType, check_document, is_bill, normal_form
from core.phones import PhoneProblem, parse_phone
from core.privacy import mask_document, mask_phone
from core.spreadsheets import Unreadable, open_csv

COLUMNS = ("documento", "nombre", "fecha_nacimiento", "estado", "telefono")
BILL, REDEEMED, PLACE = "recibo", "ultimo_cobro", "lugar_cobro"
OPTIONAL = (BILL, REDEEMED, PLACE)
COUNTRY = "SV"  # whose documents and telephones they are
_LONGEST_NAME, _LONGEST_PLACE = 200, 120
_OLDEST = date(1900, 1, 1)
_FORMULA = ("=", "+", "-", "@")
_STANDINGS = {
    "ACTIVO": Standing.ACTIVO,
    "NOACTIVO": Standing.NO_ACTIVO,
    "NOGENERADO": Standing.NO_GENERADO,
    "1NOGENERADO": Standing.NO_GENERADO,  # «-1 No generado», as the procedure writes it (R18)
    "1": Standing.NO_GENERADO,
}


@dataclass(frozen=True)
class Person:
    """A good row."""

    document: str
    name: str
    birth_date: date
    standing: Standing
    phone: str | None
    was_completed: bool  #: a spreadsheet had dropped the document's leading zeros; they were put back
    bill: str | None = None
    redemption: Redemption | None = None
    tells: frozenset[str] = field(default=frozenset(), compare=False)  #: which of OPTIONAL its file has


class _Fault(Exception):
    """Why a row is rejected: a sentence in Spanish, with nothing personal in it but a masked value."""


def read_padron(data: bytes, today: date) -> Iterator[tuple[int, Person | str]]:
    """Each row's number as a spreadsheet counts it (the heading is 1), and the person, or why it is rejected.

    Blank rows say nothing. A later row with a document, or a bill, that came before is rejected. Raises Unreadable.
    """
    _, rows = open_csv(data)
    numbered = ((number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row))
    _, heading = next(numbered, (1, []))
    places = _places(heading)
    first_seen: dict[tuple[str, str], int] = {}
    tells = frozenset(places) & frozenset(OPTIONAL)
    for number, row in numbered:
        try:
            person = _person(_cells(row, places, len(heading)), today, tells)
            _refuse_repeated(person, first_seen)
        except _Fault as fault:
            yield number, f"Fila {number}: {fault}"
        else:
            first_seen.update(dict.fromkeys(_keys(person), number))
            yield number, person


def _places(heading: list[str]) -> dict[str, int]:
    known = [_plain(cell) for cell in heading]
    missing = [column for column in COLUMNS if _plain(column) not in known]
    if missing:
        raise Unreadable(f"Al padrón le faltan columnas: {', '.join(missing)}. La primera fila debe nombrarlas.")
    places = {column: known.index(_plain(column)) for column in (*COLUMNS, *OPTIONAL) if _plain(column) in known}
    if PLACE in places and REDEEMED not in places:
        raise Unreadable(f"La columna {PLACE} dice dónde se cobró; falta {REDEEMED}, que dice cuándo.")
    return places


def _keys(person: Person) -> list[tuple[str, str]]:
    """What no two rows of a file may share."""
    return [("documento", person.document)] + ([("recibo", person.bill)] if person.bill else [])


def _refuse_repeated(person: Person, first_seen: dict[tuple[str, str], int]) -> None:
    for what, number in _keys(person):
        if before := first_seen.get((what, number)):
            raise _Fault(f"repite el {what} {mask_document(number)} de la fila {before}.")


def _plain(text: str) -> str:
    """Headings and states match without regard to case, accents, spaces or underscores (formato-v1.md §1)."""
    without_accents = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9]", "", without_accents.upper())


def _cells(row: list[str], places: dict[str, int], width: int) -> dict[str, str]:
    if any(cell.strip() for cell in row[width:]):
        raise _Fault("tiene más celdas que columnas; revise si un dato lleva el delimitador adentro.")
    return {column: row[place].strip() if place < len(row) else "" for column, place in places.items()}


def _person(cells: dict[str, str], today: date, tells: frozenset[str]) -> Person:
    document, was_completed = _document(cells["documento"])
    return Person(
        document=document,
        name=_name(cells["nombre"]),
        birth_date=_birth_date(cells["fecha_nacimiento"], today),
        standing=_standing(cells["estado"]),
        phone=_phone(cells["telefono"]),
        was_completed=was_completed,
        bill=_bill(cells.get(BILL, "")),
        redemption=_redemption(cells.get(REDEEMED, ""), cells.get(PLACE, ""), today),
        tells=tells,
    )


def _document(text: str) -> tuple[str, bool]:
    if not text:
        raise _Fault("falta el documento.")
    found = check_document(DocumentType.DUI, text, COUNTRY)
    if isinstance(found, DocumentProblem):
        raise _Fault(f"el documento {mask_document(text)} no se acepta: {found.reason}; {found.suggestion}.")
    return found.number, found.note is not None


def _name(text: str) -> str:
    name = _words("el nombre", text, _LONGEST_NAME)
    if not name:
        raise _Fault("falta el nombre.")
    return name


def _words(what: str, text: str, longest: int) -> str:
    words = " ".join("".join(" " if unicodedata.category(each) in ("Cc", "Cf") else each for each in text).split())
    if words.startswith(_FORMULA):
        raise _Fault(f"{what} empieza con «{words[0]}», como una fórmula.")
    if len(words) > longest:
        raise _Fault(f"{what} tiene más de {longest} letras.")
    return words


def _birth_date(text: str, today: date) -> date:
    if not text:
        raise _Fault("falta la fecha de nacimiento.")
    match = re.fullmatch(
        r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})|(?P<y2>\d{4})-(?P<m2>\d{2})-(?P<d2>\d{2})", text, re.ASCII
    )
    if not match:
        raise _Fault("la fecha de nacimiento no se entiende; escríbala como DD/MM/AAAA o AAAA-MM-DD.")
    parts = match.groupdict()
    try:
        born = date(*(int(parts[part] or parts[part + "2"]) for part in "ymd"))
    except ValueError:
        raise _Fault("la fecha de nacimiento no existe en el calendario.") from None
    if not _OLDEST <= born <= today:
        raise _Fault("la fecha de nacimiento está en el futuro o es anterior a 1900.")
    return born


def _standing(text: str) -> Standing:
    standing = _STANDINGS.get(_plain(text))
    if standing is None:
        raise _Fault(f"el estado {'falta' if not text else 'no se conoce'}; debe ser {', '.join(Standing)}.")
    return standing


def _phone(text: str) -> str | None:
    if not text:
        return None
    found = parse_phone(text, COUNTRY)
    if isinstance(found, PhoneProblem):
        raise _Fault(f"el teléfono {mask_phone(text)} no se acepta: {found.reason}; {found.suggestion}.")
    return found.e164


def _bill(text: str) -> str | None:
    bill = normal_form(text)
    if text and not is_bill(bill):
        raise _Fault("el recibo no se acepta: tiene de 4 a 25 letras o dígitos.")
    return bill or None


def _redemption(text: str, place: str, today: date) -> Redemption | None:
    shop = _words("el lugar del cobro", place, _LONGEST_PLACE)
    if not text:
        if shop:
            raise _Fault("dice dónde se cobró y no cuándo.")
        return None
    match = re.fullmatch(r"(?P<m>\d{1,2})/(?P<y>\d{4})|(?P<y2>\d{4})-(?P<m2>\d{2})", text, re.ASCII)
    if not match:
        raise _Fault("el mes del último cobro no se entiende; escríbalo como MM/AAAA.")
    parts = match.groupdict()
    try:
        month = date(int(parts["y"] or parts["y2"]), int(parts["m"] or parts["m2"]), 1)
    except ValueError:
        raise _Fault("el mes del último cobro no existe en el calendario.") from None
    if not _OLDEST <= month <= today:
        raise _Fault("el mes del último cobro está en el futuro o es anterior a 1900.")
    return Redemption(month, shop)
