"""Tables that come with functions and triggers: what ``metadata`` alone cannot say."""

from sqlalchemy import DDL, Table, event

_INFO = "comes_with"


def comes_with(table: Table, made: str, unmade: str) -> None:
    """``made`` runs right after it is made, here and in its revision; ``unmade`` after it is dropped."""
    table.info[_INFO] = made
    event.listen(table, "after_create", DDL(made))
    event.listen(table, "after_drop", DDL(unmade))


def made_with(table: Table) -> str | None:
    """The statement that comes with the table, for a migration; None for a table like any other."""
    return table.info.get(_INFO)
