"""A piece of an upload: its rows checked, sealed, hashed and packed as the database takes them in.

This runs in a process of its own beside others (``piece_child``), so it imports nothing heavy: no SQLAlchemy.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from struct import Struct
from typing import Any

from campaigns.outcomes import Outcome
from campaigns.rules.preference import preferred_hours
from campaigns.rules.zones import OTHER_ZONES, zone_for
from campaigns.upload import packing
from campaigns.upload.contacts import Contact
from campaigns.upload.observations import Level, Observation
from campaigns.upload.row_rules import Columns, Row, RowRules
from campaigns.upload.rows import RowReader
from campaigns.upload.seen import Unseen
from campaigns.upload.vocabulary import PHONE_COLUMNS
from campaigns.verification import answer_print
from core.privacy import Vault

Piece = list[tuple[int, list[str]]]  # (row number, cells)

PEOPLE = (
    "copy recipient (campaign_id, row, person_print, data_sealed, phones, answers, outcome, is_final, zone, preferred)"
    " from stdin with (format binary)"
)
OBSERVATIONS = (
    'copy observation (campaign_id, code, level, sheet, row, "column", cell, value, message, suggestion)'
    " from stdin with (format binary)"
)
_MINE = "select 1 from import_progress where campaign_id = %s and tries = %s for key share"

_preferred = lru_cache(maxsize=1024)(preferred_hours)
_WHO = Struct("!hiqiii32si").pack  # ten fields: campaign_id, row, person_print; and how long data_sealed is
_NOBODY = Struct("!hiqiiii").pack  # the same without a print
_KEYS = Struct("!hii" + "iq" * 5).pack  # six fields: row, id, person, three telephones
_PHONES = [b"\x00\x00\x00\x02\x00" + bytes([n]) for n in range(len(PHONE_COLUMNS) + 1)]
_BOOLS = {False: b"\x00\x00\x00\x01\x00", True: b"\x00\x00\x00\x01\x01"}
_TO_BE_DIALLED = packing.NULL + _BOOLS[False]  # outcome, is_final


class Superseded(Exception):
    """Another try at the same upload has begun: what this one does counts no more."""


@dataclass(frozen=True)
class Task:
    """What all pieces of one upload have in common. ``asks``: whether the answers of ``rules.questions`` are kept."""

    campaign_id: int
    tries: int
    headings: tuple[str, ...]
    rules: RowRules
    asks: bool


@dataclass
class Packed:
    """A piece as it is stored, and what there is to know of it. ``keys``: for the table ``import_key``."""

    people: bytes
    observations: bytes
    keys: bytes
    rows: int
    rows_in_error: int
    counts: dict[str, int] = field(default_factory=dict)  #: observations, by level


class Packer:
    """Checks and packs the pieces of one upload."""

    def __init__(self, task: Task, vault: Vault) -> None:
        self._task, self._vault = task, vault
        self._unseen = Unseen()
        self._has_zones = bool(OTHER_ZONES.get(task.rules.country or ""))
        self._reader = RowReader(Columns(task.headings), task.rules, self._unseen)

    def pack(self, piece: Piece) -> Packed:
        """Every row of the piece, those in error too."""
        people, observations, keys = [], [], []
        in_error = 0
        counts = {level.value: 0 for level in Level}
        for number, cells in piece:
            self._unseen.forget()
            row = self._reader.read(number, cells)
            people.append(self._person(row))
            keys.append(self._keys(number))
            in_error += row.contact is None
            for each in row.observations:
                counts[each.level.value] += 1
                observations.append(packed_observation(self._task.campaign_id, each))
        told = packing.whole(observations) if observations else b""
        return Packed(packing.whole(people), told, b"".join(keys), len(piece), in_error, counts)

    def _person(self, row: Row) -> bytes:
        number, contact, vault = row.number, row.contact, self._vault
        kept = sealed(vault, row.cells, contact)
        if contact is None:
            begun = _NOBODY(10, 8, self._task.campaign_id, 4, number, -1, len(kept))
            return b"".join((begun, kept, _PHONES[0], packing.NULL, _ended(Outcome.ROW_IN_ERROR), *_NOWHERE))
        print_ = vault.fingerprint("document", contact.numero_documento)
        band = contact.franja_preferida
        return b"".join(
            (
                _WHO(10, 8, self._task.campaign_id, 4, number, 32, print_, len(kept)),
                kept,
                _PHONES[len(contact.telefonos)],
                packing.bytea_array(self._answers(row)),
                _ended(Outcome.EXCLUDED) if contact.no_llamar else _TO_BE_DIALLED,
                packing.text(self._zone(contact)) if self._has_zones else packing.NULL,
                packing.text(_preferred(band)) if band else packing.NULL,
            )
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

    def _keys(self, number: int) -> bytes:
        """By what the row is compared with the others: nothing that says who it is (``hash`` is keyed)."""
        unseen = self._unseen
        first, second, third = (*map(hash, unseen.phones), 0, 0, 0)[:3]
        return _KEYS(6, 4, number, 8, hash(unseen.id), 8, hash(unseen.person), 8, first, 8, second, 8, third)


def store(connection: Any, task: Task, packed: Packed) -> None:
    """Puts a piece into the database, in the transaction of a psycopg ``connection``. Raises Superseded.

    The row of the try is held until that transaction ends: whoever begins another waits for it, and then deletes what
    it left.
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


@lru_cache
def _ended(outcome: Outcome) -> bytes:
    """Why a row is never called, and that it is not."""
    return packing.text(outcome.value) + _BOOLS[True]


_NOWHERE = (packing.NULL, packing.NULL)  # zone, preferred
_text: Callable[[str | None], bytes] = packing.text


def packed_observation(campaign_id: int, each: Observation) -> bytes:
    """One observation, for ``OBSERVATIONS``."""
    fields = [
        b"\x00\x0a\x00\x00\x00\x08" + campaign_id.to_bytes(8),
        *(_text(each.code), _text(each.level.value), _text(each.sheet), packing.int4(each.row), _text(each.column)),
        *(_text(each.cell), _text(each.value), _text(each.message), _text(each.suggestion)),
    ]
    return b"".join(fields)
