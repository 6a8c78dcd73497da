"""Nothing that is sealed is forgotten when a person asks: each column is answered for by a room, or is nobody's."""

from rights.rooms import ROOMS
from tests.rights.searching import sealed_columns

#: What rooms keep of files: whose they are is told by what refers to them.
FILES = {"file_piece.sealed": "of an upload, a message, a report, a form: removed with what refers to it"}


def named() -> dict[str, int]:
    """How many rooms name each column."""
    found: dict[str, int] = {}
    for room in ROOMS:
        for column in (*room.HOLDS, *room.NOBODYS):
            found[column] = found.get(column, 0) + 1
    return found


def test_every_sealed_column_is_named_by_one_room() -> None:
    there = {f"{column.table.name}.{column.name}" for column in sealed_columns()}
    assert {name: named().get(name, 0) for name in there - FILES.keys()} == dict.fromkeys(there - FILES.keys(), 1)


def test_no_room_names_what_is_not_there() -> None:
    assert named().keys() <= {f"{column.table.name}.{column.name}" for column in sealed_columns()}
