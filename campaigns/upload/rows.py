"""One row of Contactos at a time: the person in it, and everything there is to say about it (§3, §5)."""

from datetime import date
from operator import itemgetter

from campaigns.upload.contacts import Contact
from campaigns.upload.observations import CONTACTS_SHEET, Level, Observation, cell_name, mask_cell
from campaigns.upload.questions import Question, answers_for
from campaigns.upload.row_rules import Columns, Row, RowRules
from campaigns.upload.seen import Repeats, Seen
from campaigns.upload.values import FORMULA_SIGNS, clean, parse_date, parse_yes_no
from campaigns.upload.vocabulary import (
    ANSWER_COLUMNS,
    CONTACT_COLUMNS,
    DOCUMENT_TYPES,
    PHONE_COLUMNS,
    REQUIRED_COLUMNS,
    VARIABLE_COLUMNS,
)
from core.documents import Document, DocumentProblem, DocumentType, check_document
from core.phones import EXPECTED, Phone, PhoneProblem, parse_phone

ADULT = 18  # years, on fecha_inicio
MAX_CELL = 500  # characters
MAX_NAME = 60
NAMES = ("primer_nombre", "segundo_nombre", "primer_apellido", "segundo_apellido")
_PLACE = {name: place for place, name in enumerate(CONTACT_COLUMNS)}
_ANSWERS = slice(_PLACE["resp_1"], _PLACE["resp_1"] + len(ANSWER_COLUMNS))
_VARIABLES = slice(_PLACE["var_1"], _PLACE["var_1"] + len(VARIABLE_COLUMNS))
_KIND, _NUMBER, _ID = _PLACE["tipo_documento"], _PLACE["numero_documento"], _PLACE["id_registro"]
_DOCUMENT_TYPES = frozenset(DOCUMENT_TYPES)
_SIGNS = frozenset(FORMULA_SIGNS)
MAY_BEGIN_WITH_A_SIGN = {*PHONE_COLUMNS, *ANSWER_COLUMNS}


class RowReader:
    """Reads the rows of one upload in their order; ``repeats`` knows who came before."""

    def __init__(self, columns: Columns, rules: RowRules, repeats: Repeats | None = None) -> None:
        self._columns = columns
        self._rules = rules
        self.repeats: Repeats = repeats if repeats is not None else Seen()
        self._by_position = {position: name for name, position in columns.index.items()}
        self._phones = [(name, columns.index[name]) for name in PHONE_COLUMNS if name in columns.index]
        self._required = [name for name in (*REQUIRED_COLUMNS, *sorted(rules.needed)) if name in columns.index]
        self._plain_positions = [
            position
            for position in range(len(columns.headings))
            if self._by_position.get(position) not in MAY_BEGIN_WITH_A_SIGN
        ]
        # Of a row in the contract's order; two of them at least, or it would not give a tuple.
        self._pick_required = itemgetter(0, 1, *(_PLACE[name] for name in self._required))
        # Every column of the contract in its own order; what the upload lacks is an empty text at the end.
        self._pick = itemgetter(*(columns.index.get(name, -1) for name in CONTACT_COLUMNS))

    def read(self, number: int, cells: list[str]) -> Row:
        """The row as a contact, with its observations."""
        return _OneRow(self, number, cells).read()

    def is_to_be_looked_at(self, cells: list[str]) -> bool:
        """Whether a cell may be too long, or begins with a sign that a spreadsheet takes for a formula's: few rows."""
        if max(map(len, cells), default=0) > MAX_NAME:
            return True
        return not _SIGNS.isdisjoint([cells[position][:1] for position in self._plain_positions])

    def remark(
        self, number: int, cells: list[str], code: str, column: str, message: str, suggestion: str = ""
    ) -> Observation:
        """An aviso about a cell that something beyond the upload asks for."""
        row = _OneRow(self, number, cells)
        row.note(code, column, message, suggestion, Level.AVISO)
        return row._noted[-1]


class _OneRow:
    """The work on one row: it is made, read, and forgotten."""

    __slots__ = (
        "_cells",
        "_clean",
        "_column_of_phone",
        "_is_wrong",
        "_noted",
        "_number",
        "_reader",
        "_rules",
        "_values",
    )

    def __init__(self, reader: RowReader, number: int, cells: list[str]) -> None:
        self._reader = reader
        self._rules = reader._rules
        self._number = number
        self._cells = cells
        self._clean = [cell if not cell or cell.isalnum() else clean(cell) for cell in cells]
        self._values: tuple[str, ...] = reader._pick([*self._clean, ""])
        self._noted: list[Observation] = []
        self._is_wrong = False
        self._column_of_phone: dict[str, str] = {}

    def read(self) -> Row:
        self._check_shape()
        document = self._document()
        phones = self._telephones()
        born = self._date("fecha_nacimiento")
        issued = self._date("fecha_expedicion")
        avoid = self._yes_no("no_llamar")
        self._check_age(born)
        self._check_seen(document)
        contact, answers = None, []
        if document and phones is not None:
            contact = self._contact(document, phones, born, issued, bool(avoid))
            answers = self._check_answers(contact)
        if self._is_wrong:
            return Row(self._number, self._cells, None, tuple(self._noted), [])
        return Row(self._number, self._cells, contact, tuple(self._noted), answers)

    def text(self, name: str) -> str:
        return self._values[_PLACE[name]]

    def note(self, code: str, name: str, message: str, suggestion: str, level: Level = Level.ERROR) -> None:
        position = self._reader._columns.index.get(name)
        cell = cell_name(CONTACTS_SHEET, position, self._number) if position is not None else None
        value = mask_cell(name, self.text(name))
        self._is_wrong |= level is Level.ERROR
        self._noted.append(
            Observation(code, level, CONTACTS_SHEET, self._number, name, cell, value, message, suggestion)
        )

    def _check_shape(self) -> None:
        reader = self._reader
        for name in reader._required if "" in reader._pick_required(self._values) else ():
            if not self.text(name):
                used = "" if name in REQUIRED_COLUMNS or name in ANSWER_COLUMNS else " Un texto o una pregunta lo usa."
                self.note(
                    "E02" if name not in ANSWER_COLUMNS else "E16", name, f"Falta este dato.{used}", "complete la celda"
                )
        has_extra = len(self._cells) > len(reader._columns.headings)
        if has_extra:
            self._note_extra_cells()
        if has_extra or reader.is_to_be_looked_at(self._cells):
            self._look_at_cells()

    def _look_at_cells(self) -> None:
        for position, cell in enumerate(self._cells):
            if not cell:
                continue
            if cell[0] in _SIGNS and len(cell) > 1:
                self._note_formula(position)
            if len(cell) > MAX_NAME:
                self._check_length(position)

    def _note_extra_cells(self) -> None:
        position = len(self._reader._columns.headings)
        self._is_wrong = True
        where = cell_name(CONTACTS_SHEET, position, self._number)
        told = "La fila tiene más celdas que encabezados: algún dato se corrió de columna."
        fix = "ponga entre comillas los textos que llevan el delimitador"
        self._noted.append(Observation("E17", Level.ERROR, CONTACTS_SHEET, self._number, None, where, "", told, fix))

    def _note_formula(self, position: int) -> None:
        name = self._reader._by_position.get(position)
        if name in MAY_BEGIN_WITH_A_SIGN:
            return
        told = "Una hoja de cálculo lo tomaría por una fórmula: se guarda como texto."
        column = name or (self._reader._columns.headings + ("",) * len(self._cells))[position]
        where = cell_name(CONTACTS_SHEET, position, self._number)
        value = mask_cell(column, self._clean[position])
        self._noted.append(
            Observation(
                "E18", Level.AVISO, CONTACTS_SHEET, self._number, column, where, value, told, "quite el signo inicial"
            )
        )

    def _check_length(self, position: int) -> None:
        name = self._reader._by_position.get(position, "")
        most = MAX_NAME if name in NAMES else MAX_CELL
        if name and len(self._clean[position]) > most:
            self.note("E17", name, "El dato es demasiado largo.", f"hasta {most} letras")

    def _document(self) -> Document | None:
        kind, number = self._values[_KIND], self._values[_NUMBER]
        if not kind or not number:
            return None
        plain = kind_told(kind)
        if plain is None:
            self.note("E17", "tipo_documento", "Ese tipo de documento no está en la lista.", ", ".join(DOCUMENT_TYPES))
            return None
        found = check_document(plain, number, self._rules.country or "SV")
        if isinstance(found, DocumentProblem):
            self.note("E07", "numero_documento", sentence(found.reason), found.suggestion)
            return None
        if found.note:
            self.note("E07", "numero_documento", sentence(found.note), "", Level.AVISO)
        return found

    def _telephones(self) -> tuple[str, ...] | None:
        """The telephones in order, each once; None when none can be dialled."""
        country = self._rules.country
        if country is None:
            return ()
        good: dict[str, str] = self._column_of_phone
        bad: list[tuple[str, PhoneProblem]] = []
        for name, position in self._reader._phones:
            written = self._clean[position]
            if not written:
                continue
            found = parse_phone(written, country)
            if isinstance(found, Phone) and found.e164 in self._rules.own_numbers:
                found = PhoneProblem("es un número de la propia institución", EXPECTED[country])
            if isinstance(found, PhoneProblem):
                bad.append((name, found))
            elif found.e164 in good:
                self.note("E06", name, "Está repetido en la misma fila: se marca una vez.", "", Level.AVISO)
            else:
                good[found.e164] = name
                if found.note:
                    self.note("E06", name, sentence(found.note), "", Level.AVISO)
        for name, problem in bad:
            if good:
                self.note("E06", name, sentence(problem.reason + "; no se marcará"), problem.suggestion, Level.AVISO)
            else:
                self.note("E06", name, sentence(problem.reason), problem.suggestion)
        return tuple(good) or None

    def _date(self, name: str) -> date | None:
        written = self.text(name)
        if not written:
            return None
        found = parse_date(written)
        if found is None:
            self.note("E17", name, "No es una fecha que entendamos.", "DD/MM/AAAA")
        elif found > self._rules.adult_on or found.year < 1900:
            self.note("E17", name, "La fecha no es posible.", "revise el año")
            return None
        return found

    def _yes_no(self, name: str) -> bool | None:
        written = self.text(name)
        found = parse_yes_no(written) if written else False
        if found is None:
            self.note("E17", name, "Se responde SI o NO.", "SI o NO")
        return found

    def _check_age(self, born: date | None) -> None:
        if born is None:
            return
        if age_on(self._rules.adult_on, born) < ADULT:
            self.note(
                "E12", "fecha_nacimiento", "La persona es menor de edad al inicio de la campaña.", "quite la fila"
            )

    def _check_seen(self, document: Document | None) -> None:
        """E08: the same person again is an error; the same telephone, or the same id, of different people is not."""
        seen = self._reader.repeats
        id_before = seen.id_before(self._values[_ID], self._number)
        if id_before:
            told = f"El identificador ya aparece en la fila {id_before}."
            self.note("E08", "id_registro", told, "use uno distinto en cada fila", Level.AVISO)
        if document is None:
            return
        before = seen.person_before(document, self._number)
        if before:
            told = f"La misma persona ya aparece en la fila {before}: se llama una sola vez."
            self.note("E08", "numero_documento", told, "deje una sola fila")
            return
        for phone, name in self._column_of_phone.items():
            shared = seen.phone_before(phone, self._number)
            if shared:
                self.note("E08", name, f"El mismo teléfono está en la fila {shared}, de otra persona.", "", Level.AVISO)

    def _contact(
        self, document: Document, phones: tuple[str, ...], born: date | None, issued: date | None, avoid: bool
    ) -> Contact:
        (id_registro, _, _, first, second, surname, second_surname, _, _, _, _, _, *rest) = self._values
        mail, department, town, language, population, band, _ = rest[:7]
        return Contact(
            *(id_registro, document.kind, document.number, first, second, surname, second_surname, born, issued),
            *(phones, mail, department, town, language, population, band, avoid),
            *(self._values[_ANSWERS], self._values[_VARIABLES]),
        )

    def _check_answers(self, contact: Contact) -> list[str | None]:
        """The right answers; E16, unless the cell that answers is missing or wrong and has been noted already."""
        right = answers_for(self._rules.questions, contact)
        if None in right:
            for question, answer in zip(self._rules.questions, right, strict=True):
                if answer is None and self._is_to_say(question.column):
                    told = f"No se puede responder con ella la pregunta {question.number}."
                    self.note("E16", question.column, told, _digits_told(question))
        return right

    def _is_to_say(self, column: str) -> bool:
        """Whether nothing was said yet of why this column gives no answer: of the cell, or of the missing column."""
        noted = any(observation.column == column and observation.level is Level.ERROR for observation in self._noted)
        return not noted and column in self._reader._columns.index


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


def _digits_told(question: Question) -> str:
    if question.least_digits == question.most_digits:
        return "un dígito" if question.most_digits == 1 else f"{question.most_digits} dígitos"
    return f"de {question.least_digits} a {question.most_digits} dígitos"
