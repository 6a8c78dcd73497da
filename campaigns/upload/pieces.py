"""A piece of an upload: its rows checked, sealed, hashed and packed as the database takes them in.

This runs in a process of its own beside others (``piece_child``), so it imports nothing heavy: no SQLAlchemy.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any

from campaigns.rules.preference import preferred_hours
from campaigns.rules.zones import OTHER_ZONES, zone_for
from campaigns.upload import packing
from campaigns.upload.contacts import Contact
from campaigns.upload.observations import Level, Observation
from campaigns.upload.packed_people import (
    EXCLUDED,
    PEOPLE,
    PHONES,
    TO_BE_DIALLED,
    Keys,
    packed_error,
    packed_person,
)
from campaigns.upload.plain import PlainRows
from campaigns.upload.raw import Raw, rows_in
from campaigns.upload.row_rules import Columns, Row, RowRules
from campaigns.upload.rows import RowReader
from campaigns.upload.seen import Unseen
from campaigns.verification import answer_print
from core.privacy import Vault

OBSERVATIONS = (
    'copy observation (campaign_id, code, level, sheet, row, "column", cell, value, message, suggestion)'
    " from stdin with (format binary)"
)
_MINE = "select 1 from import_progress where campaign_id = %s and tries = %s for key share"

_preferred = lru_cache(maxsize=1024)(preferred_hours)


class Superseded(Exception):
    """Another try at the same upload has begun: what this one does counts no more."""


@dataclass(frozen=True)
class Task:
    """What all pieces of one upload have in common. ``asks``: whether the answers of ``rules.questions`` are kept."""

    campaign_id: int
    tries: int
    headings: tuple[str, ...]
    delimiter: str
    rules: RowRules
    asks: bool


@dataclass
class Packed:
    """A piece as it is stored, and what there is to know of it. ``keys``: for the table ``import_key``; ``named``: the
    same for ``Suspects``."""

    people: bytes
    observations: bytes
    keys: bytes
    named: bytes
    rows: int
    rows_in_error: int
    counts: dict[str, int] = field(default_factory=dict)  #: observations, by level


class Packer:
    """Checks and packs the pieces of one upload."""

    def __init__(self, task: Task, vault: Vault, *, by_columns: bool = True) -> None:
        """``by_columns``: whether rows about which there is nothing to say are done together; it only takes less
        time."""
        self._task, self._vault = task, vault
        self._unseen = Unseen()
        self._has_zones = bool(OTHER_ZONES.get(task.rules.country or ""))
        columns = Columns(task.headings)
        self._reader = RowReader(columns, task.rules, self._unseen)
        self._plain = PlainRows(columns, task.rules, task.campaign_id, vault, asks=task.asks) if by_columns else None

    def pack(self, raw: Raw) -> Packed:
        """Every row of the piece, those in error too. Raises Unreadable."""
        rows = rows_in(raw, self._task.delimiter, len(self._task.headings))
        keys = Keys()
        plain = self._plain.pack(rows, keys) if self._plain else {}
        people, observations = [], []
        in_error = 0
        counts = {level.value: 0 for level in Level}
        for number, cells in rows:
            if packed := plain.get(number):
                people.append(packed)
                continue
            self._unseen.forget()
            row = self._reader.read(number, cells)
            people.append(self._person(row))
            self._take_keys(number, keys)
            in_error += row.contact is None
            for each in row.observations:
                counts[each.level.value] += 1
                observations.append(packed_observation(self._task.campaign_id, each))
        told = packing.whole(observations) if observations else b""
        return Packed(packing.whole(people), told, keys.packed(), keys.named(), len(rows), in_error, counts)

    def _person(self, row: Row) -> bytes:
        campaign_id, number, contact, vault = self._task.campaign_id, row.number, row.contact, self._vault
        kept = sealed(vault, row.cells, contact)
        if contact is None:
            return packed_error(campaign_id, number, kept)
        band = contact.franja_preferida
        return packed_person(
            *(campaign_id, number, vault.fingerprint("document", contact.numero_documento), kept),
            PHONES[len(contact.telefonos)],
            packing.bytea_array(self._answers(row)),
            EXCLUDED if contact.no_llamar else TO_BE_DIALLED,
            packing.text(self._zone(contact)) if self._has_zones else packing.NULL,
            packing.text(_preferred(band)) if band else packing.NULL,
        )

    def _zone(self, contact: Contact) -> str | None:
        if not contact.telefonos:
            return None
        return zone_for(self._task.rules.country or "", contact.departamento, contact.telefonos[0], contact.municipio)

    def _answers(self, row: Row) -> list[bytes | None] | None:
        if row.contact is None or not self._task.asks:
            return None
        vault, campaign_id, number = self._vault, self._task.campaign_id, row.number
        return [
            answer_print(vault, campaign_id, number, n, told) if told else None for n, told in enumerate(row.answers)
        ]

    def _take_keys(self, number: int, keys: Keys) -> None:
        unseen = self._unseen
        phones = (*map(hash, unseen.phones), 0, 0, 0)[:3]
        keys.take([number], [hash(unseen.id)], [hash(unseen.person)], *([phone] for phone in phones))


def store(connection: Any, task: Task, packed: Packed) -> None:
    """Puts a piece into the database, in the transaction of a psycopg ``connection``. Raises Superseded.

    The row of the try is held until that transaction ends: whoever begins another waits for it, and then deletes what
    it left. With it the campaign is held, which nobody can delete meanwhile.
    """
    with connection.cursor() as cursor:
        if cursor.execute(_MINE, [task.campaign_id, task.tries]).fetchone() is None:
            raise Superseded
        with cursor.copy(PEOPLE) as copy:
            copy.write(packed.people)
        if packed.observations:
            with cursor.copy(OBSERVATIONS) as copy:
                copy.write(packed.observations)


def sealed(vault: Vault, cells: list[str], contact: Contact | None) -> bytes:
    """A row as it is kept, as JSON: every cell as written, and what the conversation and the dialer need of the
    person. Put together by hand, in a third of the time."""
    written = ",".join(map(quoted, cells))
    if contact is None:
        return vault.seal(f'{{"cells":[{written}],"contact":null}}')
    phones = ",".join(map(quoted, contact.telefonos))
    values = ",".join([f'"{name}":{quoted(value)}' for name, value in contact.variables().items()])
    return vault.seal(f'{{"cells":[{written}],"contact":{{"phones":[{phones}],"values":{{{values}}}}}}}')


def packed_observation(campaign_id: int, each: Observation) -> bytes:
    """One observation, for ``OBSERVATIONS``."""
    told = (each.code, each.level.value, each.sheet)
    shown = (each.column, each.cell, each.value, each.message, each.suggestion)
    begun = b"\x00\x0a\x00\x00\x00\x08" + campaign_id.to_bytes(8)
    return b"".join((begun, *map(packing.text, told), packing.int4(each.row), *map(packing.text, shown)))
