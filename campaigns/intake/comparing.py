"""A corrected file beside the one that was returned: what changed in it, and what is still wrong (R61)."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, func, select

from campaigns.columns import safe_id
from campaigns.tables import campaign, observation, recipient
from campaigns.upload.observations import Level, mask_cell, mask_field
from campaigns.upload.vocabulary import COLUMN_BY_KEY, key_of
from core.privacy import Vault

SHOWN = 50  # rows of each kind whose cells are told; all are counted
_AT_ONCE = 2000  # rows read from the database in one piece

_LOW = 2**64 - 1


@dataclass
class Comparison:
    """Everything in it is masked. ``fields``: (name, before, after); ``columns_*``: headings that only one file has;
    ``*_ids``: of the first rows, as ``safe_id`` says them; ``rows``: (the same, row of the corrected file, [(column,
    before, after)]) of the first that changed;
    ``solved`` and ``still_wrong``: (code, level, before, now)."""

    fields: list[tuple[str, str, str]] = field(default_factory=list)
    columns_added: list[str] = field(default_factory=list)
    columns_removed: list[str] = field(default_factory=list)
    added: int = 0
    removed: int = 0
    changed: int = 0
    same: int = 0
    removed_ids: list[str] = field(default_factory=list)
    added_ids: list[str] = field(default_factory=list)
    rows: list[tuple[str, int, list[tuple[str, str, str]]]] = field(default_factory=list)
    solved: list[tuple[str, str, int, int]] = field(default_factory=list)
    still_wrong: list[tuple[str, str, int, int]] = field(default_factory=list)

    @property
    def is_the_same(self) -> bool:
        """Whether nothing at all changed in what is compared."""
        return not (
            self.fields or self.columns_added or self.columns_removed or self.added or self.removed or self.changed
        )

    @property
    def remaining(self) -> list[tuple[str, str, int, int]]:
        """Of ``still_wrong``, what was observed in the first file too."""
        return [each for each in self.still_wrong if each[2]]

    @property
    def appeared(self) -> list[tuple[str, str, int, int]]:
        """Of ``still_wrong``, what only the corrected file has."""
        return [each for each in self.still_wrong if not each[2]]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Comparison":
        return cls(**kept)


def compare(tx: Connection, vault: Vault, before_id: int, after_id: int) -> Comparison:
    """Compares two campaigns' requests and rows. People are matched by ``id_registro``; of each row of the first file
    two numbers are held and no more, so that a million fit, and the second is read as it comes."""
    before = tx.execute(select(campaign).where(campaign.c.id == before_id)).one()
    after = tx.execute(select(campaign).where(campaign.c.id == after_id)).one()
    made = Comparison(fields=_fields(_request(vault, before), _request(vault, after)))
    old, new = _Columns(before.headings), _Columns(after.headings)
    made.columns_added = [name for name in new.names if name not in old.names]
    made.columns_removed = [name for name in old.names if name not in new.names]
    common = [name for name in new.names if name in old.names]
    #: {who: row and digest of the cells in one number}
    known = {
        _who(name, nth): row << 64 | _digest(old.of(cells, common))
        for name, nth, row, cells in _people(tx, vault, before_id, old)
    }
    changed: list[tuple[str, int, int]] = []  # (how it is called, row before, row now)
    for name, nth, row, cells in _people(tx, vault, after_id, new):
        found = known.pop(_who(name, nth), None)
        if found is None:
            made.added += 1
            made.added_ids += [new.shown_name(cells, row)] if made.added <= SHOWN else []
        elif found & _LOW == _digest(new.of(cells, common)):
            made.same += 1
        else:
            made.changed += 1
            changed += [(new.shown_name(cells, row), found >> 64, row)] if made.changed <= SHOWN else []
    made.removed = len(known)
    gone = _cells_of(tx, vault, before_id, [kept >> 64 for kept in islice(known.values(), SHOWN)])
    made.removed_ids = [old.shown_name(cells, row) for row, cells in sorted(gone.items())]
    was = _cells_of(tx, vault, before_id, [row for _, row, _ in changed])
    now = _cells_of(tx, vault, after_id, [row for _, _, row in changed])
    made.rows = [
        (name, after_row, _changes(common, old.of(was[before_row], common), new.of(now[after_row], common)))
        for name, before_row, after_row in changed
    ]
    made.solved, made.still_wrong = _observed(tx, before_id, after_id)
    return made


class _Columns:
    """Where each column stands in a file, under the Formato's name where it has one."""

    def __init__(self, headings: Sequence[str]) -> None:
        named = [COLUMN_BY_KEY.get(key_of(heading), heading.strip()) for heading in headings]
        self._position = {name: n for n, name in reversed(list(enumerate(named))) if name}
        self.names = [name for name in dict.fromkeys(named) if name]

    def of(self, cells: Sequence[str], names: Sequence[str]) -> list[str]:
        """The cells of these columns, without blanks around them; empty where the row has none."""
        return [self._cell(cells, self._position.get(name, len(cells))) for name in names]

    def name_of(self, cells: Sequence[str], row: int) -> str:
        """The ``id_registro`` of a row, to find it by; who has none goes by the row."""
        (name,) = self.of(cells, ["id_registro"])
        return name or f"(sin id, fila {row})"

    def shown_name(self, cells: Sequence[str], row: int) -> str:
        """The same, as it may be shown."""
        return safe_id(cells, self._position, row)

    def _cell(self, cells: Sequence[str], position: int) -> str:
        return cells[position].strip() if position < len(cells) else ""


def _people(
    tx: Connection, vault: Vault, campaign_id: int, columns: _Columns
) -> Iterator[tuple[str, int, int, list[str]]]:
    """(id_registro, how many of the same came before, row, cells) of every row in the upload's order."""
    met: Counter[int] = Counter()
    query = select(recipient.c.row, recipient.c.data_sealed).where(recipient.c.campaign_id == campaign_id)
    for row, sealed in tx.execute(query.order_by(recipient.c.row).execution_options(yield_per=_AT_ONCE)):
        cells = json.loads(vault.open(sealed))["cells"]
        name = columns.name_of(cells, row)
        who = _who(name, 0)
        yield name, met[who], row, cells
        met[who] += 1


def _cells_of(tx: Connection, vault: Vault, campaign_id: int, rows: Sequence[int]) -> dict[int, list[str]]:
    query = select(recipient.c.row, recipient.c.data_sealed)
    found = tx.execute(query.where(recipient.c.campaign_id == campaign_id, recipient.c.row.in_(rows)))
    return {row: json.loads(vault.open(sealed))["cells"] for row, sealed in found}


def _who(name: str, nth: int) -> int:
    return _digest([name, str(nth)])


def _digest(cells: Sequence[str]) -> int:
    """64 bits: of a million rows two that differ are taken for the same once in a hundred million files."""
    return int.from_bytes(blake2b("\x1f".join(cells).encode(), digest_size=8).digest())


def _changes(names: Sequence[str], was: Sequence[str], now: Sequence[str]) -> list[tuple[str, str, str]]:
    """(column, before, after) of the cells that are not the same, masked."""
    pairs = zip(names, was, now, strict=True)
    return [(name, mask_cell(name, old), mask_cell(name, new)) for name, old, new in pairs if old != new]


def _request(vault: Vault, row: Row) -> dict[str, str]:
    return json.loads(vault.open(row.request_sealed)).get("fields") or {}


def _fields(was: dict[str, str], now: dict[str, str]) -> list[tuple[str, str, str]]:
    """(name, before, after) of the request's fields that are not the same, masked."""
    names = [name for name in dict.fromkeys([*was, *now]) if was.get(name, "") != now.get(name, "")]
    return [(name, mask_field(name, was.get(name, "")), mask_field(name, now.get(name, ""))) for name in names]


def _observed(
    tx: Connection, before_id: int, after_id: int
) -> tuple[list[tuple[str, str, int, int]], list[tuple[str, str, int, int]]]:
    """(what was solved, what is still there or new), each (code, level, before, now), errors first."""
    was, now = _counted(tx, before_id), _counted(tx, after_id)
    told = sorted({*was, *now}, key=lambda each: (each[1] != Level.ERROR, each[0]))
    rows = [(*each, was.get(each, 0), now.get(each, 0)) for each in told]
    return [row for row in rows if not row[3]], [row for row in rows if row[3]]


def _counted(tx: Connection, campaign_id: int) -> dict[tuple[str, str], int]:
    query = select(observation.c.code, observation.c.level, func.count()).where(
        observation.c.campaign_id == campaign_id
    )
    return {
        (code, level): count
        for code, level, count in tx.execute(query.group_by(observation.c.code, observation.c.level))
    }
