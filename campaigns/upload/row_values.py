"""What the cells of a row mean: a document, telephones, dates, yes or no; and what is wrong where they mean nothing."""

from datetime import date

from campaigns.upload.observations import Level
from campaigns.upload.row_layout import PLACE
from campaigns.upload.values import parse_date, parse_yes_no
from campaigns.upload.vocabulary import DOCUMENT_TYPES, HIDDEN
from campaigns.upload.written_row import WrittenRow
from core.documents import Document, DocumentProblem, DocumentType, check_document
from core.phones import EXPECTED, SEVERAL, Phone, PhoneProblem, parse_phone

ADULT = 18  # years, on fecha_inicio
_KIND, _NUMBER = PLACE["tipo_documento"], PLACE["numero_documento"]
_DOCUMENT_TYPES = frozenset(DOCUMENT_TYPES)
_ONE_EACH = "un número en cada columna: telefono_1, telefono_2, telefono_3"
#: What is wrong with a cell that was taken from a file of ours, and what to put.
HIDDEN_TOLD = ("Está oculta: viene del archivo con observaciones.", "el dato de su archivo original")


def document_of(row: WrittenRow) -> Document | None:
    """Whose row it is (E07); None where nobody can tell."""
    kind, number = row.values[_KIND], row.values[_NUMBER]
    if not kind or not number:
        return None
    plain = kind_told(kind)
    if plain is None:
        row.note("E17", "tipo_documento", "Ese tipo de documento no está en la lista.", ", ".join(DOCUMENT_TYPES))
        return None
    found = check_document(plain, number, row.rules.country or "SV")
    if isinstance(found, DocumentProblem):
        row.note("E07", "numero_documento", sentence(found.reason), found.suggestion)
        return None
    if found.note:
        row.note("E07", "numero_documento", sentence(found.note), "", Level.AVISO)
    return found


def telephones_of(row: WrittenRow) -> dict[str, str] | None:
    """The telephones (E.164) in order, each once, with the column of each (E06); None when none can be dialled."""
    country = row.rules.country
    if country is None:
        return {}
    good: dict[str, str] = {}
    bad: list[tuple[str, PhoneProblem]] = []
    for name, position in row.layout.phones:
        written = row.clean[position]
        if not written:
            continue
        found = parse_phone(written, country)
        if isinstance(found, Phone) and found.e164 in row.rules.own_numbers:
            found = PhoneProblem("es un número de la propia institución", EXPECTED[country])
        if isinstance(found, PhoneProblem):
            bad.append((name, found))
        elif found.e164 in good:
            row.note("E06", name, "Está repetido en la misma fila: se marca una vez.", "", Level.AVISO)
        else:
            good[found.e164] = name
            if found.note:
                row.note("E06", name, sentence(found.note), "", Level.AVISO)
    _note_bad(row, bad, Level.AVISO if good else Level.ERROR)
    return good or None


def _note_bad(row: WrittenRow, bad: list[tuple[str, PhoneProblem]], level: Level) -> None:
    """Telephones that cannot be dialled: an aviso where another one can."""
    for name, problem in bad:
        is_one = problem.reason != SEVERAL
        left_out = "; no se marcará" if is_one else "; no se marcará ninguno"
        told = problem.reason + left_out if level is Level.AVISO else problem.reason
        row.note("E06", name, sentence(told), problem.suggestion if is_one else _ONE_EACH, level)


def date_of(row: WrittenRow, name: str) -> date | None:
    """A day of the past that somebody alive may remember (E17)."""
    written = row.text(name)
    if not written:
        return None
    found = parse_date(written)
    if found is None:
        not_a_date = ("No es una fecha que entendamos.", "DD/MM/AAAA")
        row.note("E17", name, *(HIDDEN_TOLD if written == HIDDEN else not_a_date))
    elif found > row.rules.adult_on or found.year < 1900:
        row.note("E17", name, "La fecha no es posible.", "revise el año")
        return None
    return found


def yes_no_of(row: WrittenRow, name: str) -> bool | None:
    """SI or NO (E17); nothing is NO."""
    written = row.text(name)
    found = parse_yes_no(written) if written else False
    if found is None:
        row.note("E17", name, "Se responde SI o NO.", "SI o NO")
    return found


def check_age(row: WrittenRow, born: date | None) -> None:
    """E12."""
    if born is not None and age_on(row.rules.adult_on, born) < ADULT:
        row.note("E12", "fecha_nacimiento", "La persona es menor de edad al inicio de la campaña.", "quite la fila")


def age_on(day: date, born: date) -> int:
    """Years that somebody born then has lived on that day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def kind_told(written: str) -> DocumentType | None:
    """The type of document that a cell means."""
    plain = written if written in _DOCUMENT_TYPES else written.upper().replace(".", "").replace(" ", "")
    return DocumentType(plain) if plain in _DOCUMENT_TYPES else None


def sentence(told: str) -> str:
    """A clause as a sentence, its other capitals untouched."""
    return told[0].upper() + told[1:] + "."
