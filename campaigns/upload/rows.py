"""One row of Contactos at a time: the person in it, and everything there is to say about it (§3, §5)."""

from datetime import date

from campaigns.upload.contacts import Contact
from campaigns.upload.observations import Level, Observation
from campaigns.upload.questions import Question, answers_for
from campaigns.upload.row_layout import PLACE, Layout
from campaigns.upload.row_rules import Columns, Row, RowRules
from campaigns.upload.row_shape import check_shape
from campaigns.upload.row_values import HIDDEN_TOLD, check_age, date_of, document_of, telephones_of, yes_no_of
from campaigns.upload.seen import Repeats, Seen
from campaigns.upload.vocabulary import ANSWER_COLUMNS, HIDDEN, VARIABLE_COLUMNS
from campaigns.upload.written_row import WrittenRow
from core.documents import Document

_ANSWERS = slice(PLACE["resp_1"], PLACE["resp_1"] + len(ANSWER_COLUMNS))
_VARIABLES = slice(PLACE["var_1"], PLACE["var_1"] + len(VARIABLE_COLUMNS))


class RowReader:
    """Reads the rows of one upload in their order; ``repeats`` knows who came before."""

    def __init__(self, columns: Columns, rules: RowRules, repeats: Repeats | None = None) -> None:
        self._layout, self._rules = Layout(columns, rules), rules
        self.repeats: Repeats = repeats if repeats is not None else Seen()

    def read(self, number: int, cells: list[str]) -> Row:
        """The row as a contact, with its observations."""
        row = WrittenRow(self._layout, self._rules, number, cells)
        check_shape(row)
        document, phones = document_of(row), telephones_of(row)
        born, issued = date_of(row, "fecha_nacimiento"), date_of(row, "fecha_expedicion")
        avoid = yes_no_of(row, "no_llamar")
        check_age(row, born)
        self._check_seen(row, document, phones or {})
        contact, answers = None, []
        if document and phones is not None:
            contact = _contact(row, document, tuple(phones), born, issued, bool(avoid))
            answers = _answers(row, contact)
        if row.is_wrong:
            return Row(number, cells, None, tuple(row.noted), [])
        return Row(number, cells, contact, tuple(row.noted), answers)

    def remark(
        self, number: int, cells: list[str], code: str, column: str, message: str, suggestion: str = ""
    ) -> Observation:
        """An aviso about a cell that something beyond the upload asks for."""
        row = WrittenRow(self._layout, self._rules, number, cells)
        row.note(code, column, message, suggestion, Level.AVISO)
        return row.noted[-1]

    def _check_seen(self, row: WrittenRow, document: Document | None, phones: dict[str, str]) -> None:
        """E08: the same person again is an error; the same telephone, or the same id, of different people is not."""
        seen = self.repeats
        id_before = seen.id_before(row.text("id_registro"), row.number)
        if id_before:
            told = f"El identificador ya aparece en la fila {id_before}."
            row.note("E08", "id_registro", told, "use uno distinto en cada fila", Level.AVISO)
        if document is None:
            return
        before = seen.person_before(document, row.number)
        if before:
            told = f"La misma persona ya aparece en la fila {before}: se llama una sola vez."
            row.note("E08", "numero_documento", told, "deje una sola fila")
            return
        for phone, name in phones.items():
            shared = seen.phone_before(phone, row.number)
            if shared:
                row.note("E08", name, f"El mismo teléfono está en la fila {shared}, de otra persona.", "", Level.AVISO)


def _contact(
    row: WrittenRow,
    document: Document,
    phones: tuple[str, ...],
    born: date | None,
    issued: date | None,
    avoid: bool,
) -> Contact:
    (id_registro, _, _, first, second, surname, second_surname, _, _, _, _, _, *rest) = row.values
    mail, department, town, language, population, band, _ = rest[:7]
    return Contact(
        *(id_registro, document.kind, document.number, first, second, surname, second_surname, born, issued),
        *(phones, mail, department, town, language, population, band, avoid),
        *(row.values[_ANSWERS], row.values[_VARIABLES]),
    )


def _answers(row: WrittenRow, contact: Contact) -> list[str | None]:
    """The right answers; E16, unless the cell that answers is missing or wrong and has been noted already."""
    right = answers_for(row.rules.questions, contact)
    if None in right:
        for question, answer in zip(row.rules.questions, right, strict=True):
            if answer is None and question.column in row.layout.index and not row.has_error_in(question.column):
                told = (f"No se puede responder con ella la pregunta {question.number}.", _digits_told(question))
                row.note("E16", question.column, *(HIDDEN_TOLD if row.text(question.column) == HIDDEN else told))
    return right


def _digits_told(question: Question) -> str:
    if question.least_digits == question.most_digits:
        return "un dígito" if question.most_digits == 1 else f"{question.most_digits} dígitos"
    return f"de {question.least_digits} a {question.most_digits} dígitos"
