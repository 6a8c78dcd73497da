"""A row of Contactos as it is written, and what is noted of it while it is read."""

from campaigns.upload.observations import CONTACTS_SHEET, Level, Observation, cell_name, mask_cell
from campaigns.upload.row_layout import PLACE, Layout
from campaigns.upload.row_rules import RowRules
from campaigns.upload.values import clean


class WrittenRow:
    """The work on one row: it is made, read, and forgotten. ``cells`` as written, ``clean`` without what nobody sees,
    ``values`` in the contract's order."""

    __slots__ = ("cells", "clean", "is_wrong", "layout", "noted", "number", "rules", "values")

    def __init__(self, layout: Layout, rules: RowRules, number: int, cells: list[str]) -> None:
        self.layout, self.rules = layout, rules
        self.number, self.cells = number, cells
        self.clean = [cell if not cell or cell.isalnum() else clean(cell) for cell in cells]
        self.values = layout.values_of(self.clean)
        self.noted: list[Observation] = []
        self.is_wrong = False

    def text(self, name: str) -> str:
        """What it says in a column of the contract."""
        return self.values[PLACE[name]]

    def note(self, code: str, name: str, message: str, suggestion: str, level: Level = Level.ERROR) -> None:
        """Of a column of the contract."""
        position = self.layout.index.get(name)
        self.note_cell(code, level, name, position, mask_cell(name, self.text(name)), message, suggestion)

    def note_cell(
        self, code: str, level: Level, column: str | None, position: int | None, value: str, message: str, fix: str
    ) -> None:
        """Of any cell, by where it stands; ``value`` is masked already."""
        self.is_wrong |= level is Level.ERROR
        cell = cell_name(CONTACTS_SHEET, position, self.number) if position is not None else None
        where = (CONTACTS_SHEET, self.number, column, cell)
        self.noted.append(Observation(code, level, *where, value, message, fix))

    def has_error_in(self, column: str) -> bool:
        """Whether an error of this column was noted already."""
        return any(each.column == column and each.level is Level.ERROR for each in self.noted)
