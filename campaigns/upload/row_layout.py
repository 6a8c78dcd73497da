"""Where the columns of one upload are, as reading its rows needs them."""

from collections.abc import Sequence
from operator import itemgetter

from campaigns.upload.row_rules import Columns, RowRules
from campaigns.upload.vocabulary import ANSWER_COLUMNS, CONTACT_COLUMNS, PHONE_COLUMNS, REQUIRED_COLUMNS

#: A column of the contract → its place among them.
PLACE = {name: place for place, name in enumerate(CONTACT_COLUMNS)}
MAY_BEGIN_WITH_A_SIGN = {*PHONE_COLUMNS, *ANSWER_COLUMNS}


class Layout:
    """``by_position``: the contract's name of a column that is one of its own; ``required``: those of them in which
    every row has to say something; ``plain_positions``: where no cell begins with a formula's sign."""

    def __init__(self, columns: Columns, rules: RowRules) -> None:
        self.headings, self.index = columns.headings, columns.index
        self.by_position = {position: name for name, position in columns.index.items()}
        self.phones = [(name, columns.index[name]) for name in PHONE_COLUMNS if name in columns.index]
        self.required = [name for name in (*REQUIRED_COLUMNS, *sorted(rules.needed)) if name in columns.index]
        self.plain_positions = [
            position
            for position in range(len(columns.headings))
            if self.by_position.get(position) not in MAY_BEGIN_WITH_A_SIGN
        ]
        # Of a row in the contract's order; two of them at least, or it would not give a tuple.
        self._pick_required = itemgetter(0, 1, *(PLACE[name] for name in self.required))
        # Every column of the contract in its own order; what the upload lacks is an empty text at the end.
        self._pick = itemgetter(*(columns.index.get(name, -1) for name in CONTACT_COLUMNS))

    def values_of(self, cells: list[str]) -> tuple[str, ...]:
        """The cells in the contract's order."""
        found: tuple[str, ...] = self._pick([*cells, ""])
        return found

    def lacks_something(self, values: Sequence[str]) -> bool:
        """Whether a required value may be missing."""
        return "" in self._pick_required(values)
