"""A statement of the busiest paths: written with Core, put together once, and asked of the driver itself.

What SQLAlchemy does around each execution, for any statement and any result, takes a turn of a conversation a fifth of
its time (docs/performance.md). Elsewhere nobody would notice: it is for what is asked many times a second.
"""

from collections import namedtuple
from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.selectable import ReturnsRows

_PSYCOPG = dialect()


class Prepared:
    """Values go to the driver as they are: JSON as ``psycopg.types.json.Jsonb``, a moment with its zone.

    Raises what SQLAlchemy would: DBAPIError, whose message holds no value.
    """

    def __init__(self, statement: ReturnsRows, *columns: str) -> None:
        """``columns``: those that an insert or update sets, where the statement itself names none."""
        compiled = statement.compile(dialect=_PSYCOPG, column_keys=list(columns) if columns else None)
        self._text = str(compiled)
        if "POSTCOMPILE" in self._text:
            raise ValueError("what is in a list is put together anew each time: this is not for it")
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._row: Any = namedtuple("Row", statement.exported_columns.keys())  # type: ignore[misc]  # of each statement

    def first(self, tx: Connection, values: Mapping[str, Any]) -> Any:
        """The first row, by the names of its columns; None where there is none."""
        found = self._asked(tx, values).fetchone()
        return None if found is None else self._row._make(found)

    def run(self, tx: Connection, values: Mapping[str, Any]) -> int:
        """How many rows it changed."""
        return self._asked(tx, values).rowcount

    def _asked(self, tx: Connection, values: Mapping[str, Any]) -> Any:
        driver: Any = tx.connection.driver_connection
        given = {**self._constants, **values} if self._constants else values
        cursor = driver.cursor()
        for hear in tx.dispatch.before_cursor_execute:  # whoever listens to what is asked hears this too
            hear(tx, cursor, self._text, given, None, False)
        try:
            return cursor.execute(self._text, given)
        except psycopg.Error as error:
            told = DBAPIError.instance(self._text, None, error, psycopg.Error, hide_parameters=True, dialect=_PSYCOPG)
            if driver.closed:
                tx.invalidate(error)
            raise told from error
