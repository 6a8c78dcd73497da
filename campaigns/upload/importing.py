"""The people of an upload, from its file into the database: read, checked, stored, compared. Never half of them.

One thread cuts the file into pieces; as many processes as there are cores read, check, seal and store them (``crew``),
each piece in a transaction of its own. Until the campaign leaves the state ``submitted`` nobody sees its people; an
import that was cut short begins anew, and deletes first what the earlier try left (``progress.begin_try``).
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from campaigns.upload import duplicates, progress, reading
from campaigns.upload.checking import RequestChecked
from campaigns.upload.crew import Crew, Stored
from campaigns.upload.pieces import Packer, Superseded, Task, store
from campaigns.upload.progress import Stage
from campaigns.upload.raw import Raw
from campaigns.upload.suspects import Suspects
from core.database import Database
from core.privacy import Vault
from core.spreadsheets import Unreadable

LONG = 250_000  # bytes of a file that is worth processes of its own: thousands of rows
ROWS_A_PIECE = 2_000
_TOLD_EVERY_S = 0.5


@dataclass
class Tally:
    """What came of the rows of an upload. ``counts``: their observations, by level."""

    rows: int = 0
    rows_in_error: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def store_people(
    db: Database, vault: Vault, read: RequestChecked, campaign_id: int, tries: int, crew: Crew | None
) -> Tally:
    """Stores every row of the upload and every observation about them, E08 too: by the ``crew``, or, without one, here.
    Raises Unreadable, Superseded, ImportBroken."""
    request = read.request
    asks = request is not None and request.requiere_preguntas_seguridad
    task = Task(campaign_id, tries, read.upload.headings, read.upload.delimiter, read.rules, asks)
    with db.engine.connect() as connection:
        connection.detach()  # it is closed at the end, and the temporary tables are gone with it
        with connection.begin():
            duplicates.begin(connection)
        return _Import(connection, db, vault, read, task).run(crew)


class _Import:
    """One try, with a connection of its own for the keys and for telling how far it is."""

    def __init__(self, connection: Connection, db: Database, vault: Vault, read: RequestChecked, task: Task) -> None:
        self._connection, self._db, self._vault = connection, db, vault
        self._read, self._task = read, task
        self._tally = Tally()
        self._keys: list[bytes] = []
        self._suspects = Suspects()
        self._told_at = 0.0

    def run(self, crew: Crew | None) -> Tally:
        pieces = self._read.upload.pieces(ROWS_A_PIECE)
        for stored in crew.store(pieces, self._task, self._vault, self._db.url) if crew else self._stored_here(pieces):
            self._take(stored)
        self._tell(Stage.DUPLICADOS)
        self._compare()
        return self._tally

    def _stored_here(self, pieces: Iterator[Raw]) -> Iterator[Stored]:
        packer = Packer(self._task, self._vault)
        for packed in map(packer.pack, pieces):
            with self._connection.begin():
                store(self._connection.connection.dbapi_connection, self._task, packed)
            yield Stored(packed.rows, packed.rows_in_error, packed.counts, packed.keys, packed.named)

    def _take(self, stored: Stored) -> None:
        tally = self._tally
        tally.rows += stored.rows
        if tally.rows > reading.MAX_ROWS:
            raise Unreadable(reading.TOO_LONG)
        tally.rows_in_error += stored.rows_in_error
        tally.counts.update(stored.counts)
        self._keys.append(stored.keys)
        self._suspects.look_at(stored.named)
        if time.monotonic() - self._told_at >= _TOLD_EVERY_S:
            self._tell(Stage.GUARDANDO)

    def _tell(self, stage: Stage) -> None:
        """Says how far it is, and takes the keys of what was stored meanwhile to the others."""
        self._told_at = time.monotonic()
        done, expected = self._tally.rows, self._read.upload.rows_expected
        total = done if stage is Stage.DUPLICADOS else max(expected, done) if expected else 0
        task = self._task
        with self._connection.begin():
            duplicates.add_keys(self._connection, self._keys)
            progress.tell(self._connection, task.campaign_id, task.tries, stage, done, total)
        self._keys = []

    def _compare(self) -> None:
        tally = self._tally
        with self._connection.begin():
            if not progress.is_current(self._connection, self._task.campaign_id, self._task.tries):
                raise Superseded
            found = duplicates.note_all(self._connection, self._vault, self._task, tally.rows, self._suspects.keys)
        tally.rows_in_error += found.rows_in_error
        tally.counts.update(found.counts)
