"""Whether a row has the shape that it should: nothing lacking, no cell too many, too long or taken for a formula."""

from campaigns.upload.observations import Level, mask_cell
from campaigns.upload.row_layout import MAY_BEGIN_WITH_A_SIGN, Layout
from campaigns.upload.values import FORMULA_SIGNS
from campaigns.upload.vocabulary import ANSWER_COLUMNS, REQUIRED_COLUMNS
from campaigns.upload.written_row import WrittenRow

MAX_CELL = 500  # characters
MAX_NAME = 60
NAMES = ("primer_nombre", "segundo_nombre", "primer_apellido", "segundo_apellido")
_SIGNS = frozenset(FORMULA_SIGNS)


def check_shape(row: WrittenRow) -> None:
    """E02 (or E16, of an answer), E17 and E18 of the cells as they are written."""
    if row.layout.lacks_something(row.values):
        _note_missing(row)
    has_extra = len(row.cells) > len(row.layout.headings)
    if has_extra:
        told = "La fila tiene más celdas que encabezados: algún dato se corrió de columna."
        fix = "ponga entre comillas los textos que llevan el delimitador"
        row.note_cell("E17", Level.ERROR, None, len(row.layout.headings), "", told, fix)
    if has_extra or _is_to_be_looked_at(row.layout, row.cells):
        _look_at_cells(row)


def _note_missing(row: WrittenRow) -> None:
    for name in row.layout.required:
        if not row.text(name):
            used = "" if name in REQUIRED_COLUMNS or name in ANSWER_COLUMNS else " Un texto o una pregunta lo usa."
            code = "E02" if name not in ANSWER_COLUMNS else "E16"
            row.note(code, name, f"Falta este dato.{used}", "complete la celda")


def _is_to_be_looked_at(layout: Layout, cells: list[str]) -> bool:
    """Whether a cell may be too long, or begins with a sign that a spreadsheet takes for a formula's: few rows."""
    if max(map(len, cells), default=0) > MAX_NAME:
        return True
    return not _SIGNS.isdisjoint([cells[position][:1] for position in layout.plain_positions])


def _look_at_cells(row: WrittenRow) -> None:
    for position, cell in enumerate(row.cells):
        if not cell:
            continue
        if cell[0] in _SIGNS and len(cell) > 1:
            _note_formula(row, position)
        if len(cell) > MAX_NAME:
            _check_length(row, position)


def _note_formula(row: WrittenRow, position: int) -> None:
    name = row.layout.by_position.get(position)
    if name in MAY_BEGIN_WITH_A_SIGN:
        return
    told = "Una hoja de cálculo lo tomaría por una fórmula: se guarda como texto."
    column = name or (row.layout.headings + ("",) * len(row.cells))[position]
    value = mask_cell(column, row.clean[position])
    row.note_cell("E18", Level.AVISO, column, position, value, told, "quite el signo inicial")


def _check_length(row: WrittenRow, position: int) -> None:
    name = row.layout.by_position.get(position, "")
    most = MAX_NAME if name in NAMES else MAX_CELL
    if name and len(row.clean[position]) > most:
        row.note("E17", name, "El dato es demasiado largo.", f"hasta {most} letras")
