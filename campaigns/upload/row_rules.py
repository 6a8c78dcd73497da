"""What a row of Contactos comes out as, and what the request asks of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from campaigns.upload.contacts import Contact
from campaigns.upload.observations import Observation
from campaigns.upload.questions import Question
from campaigns.upload.vocabulary import COLUMN_BY_KEY, key_of


class Row(NamedTuple):
    """A row of the upload: ``number`` as the spreadsheet shows it, ``cells`` as written, every column; ``contact`` is
    None when the row is in error and must not be dialled."""

    number: int
    cells: list[str]
    contact: Contact | None
    observations: tuple[Observation, ...]
    answers: list[str | None]  #: the right ones to the security questions, in order; none of a row in error


@dataclass(frozen=True)
class RowRules:
    """What the request asks of each row. ``country`` None: it was not said, so telephones cannot be judged.
    ``own_numbers``: never dialled. ``needed``: columns that a text or a question uses."""

    country: str | None
    adult_on: date
    questions: tuple[Question, ...] = ()
    needed: frozenset[str] = frozenset()
    own_numbers: frozenset[str] = frozenset()


class Columns:
    """Where each column of the contract stands in this upload."""

    def __init__(self, headings: Sequence[str]) -> None:
        self.headings = tuple(headings)
        self.index: dict[str, int] = {}
        self.doubled: list[tuple[int, str]] = []
        for position, heading in enumerate(headings):
            name = COLUMN_BY_KEY.get(key_of(heading))
            if name and name in self.index:
                self.doubled.append((position, name))
            elif name:
                self.index[name] = position
