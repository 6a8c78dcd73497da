"""The results file: the upload's rows as they were, with what came of each (formato-v1, results file)."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, select

from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from campaigns.upload.request import Request
from campaigns.upload.vocabulary import HIDDEN, is_hidden_column
from campaigns.validation.queries import decisions_by_row
from campaigns.workbooks import Cell, csv_in_pieces, iso, positions_without_answers, write_results
from core.countries import COUNTRIES
from core.privacy import Vault

ERASED = "(borrado)"  #: in place of what the upload said, once its time is over (reports/retention.py)
_AFTER_ALL = 2**31
_COLUMNS = ("tipificacion", "intentos", "primer_intento", "ultimo_intento", "telefono_contactado", "duracion_s")


def write(
    tx: Connection,
    vault: Vault,
    campaign_id: int,
    target: Path | BinaryIO,
    kind: str | None = None,
    whose: Collection[int] | None = None,
) -> int:
    """Writes ``.csv`` or ``.xlsx`` by the path's ending, or ``kind``; returns the rows. ``whose``: only of these people
    (ids), None: of everybody.

    Raises NoSuchCampaign, NotAllowed (its people are still being looked at), ValueError.
    """
    headings, rows, delimiter = _table(tx, vault, campaign_id, whose)
    counter = _Counter()
    write_results(target, counter.through(rows), headings, delimiter, kind)
    return counter.rows


def csv_pieces(tx: Connection, vault: Vault, campaign_id: int, whose: Collection[int] | None = None) -> Iterator[bytes]:
    """The same CSV as ``write`` writes, some rows at a time. Raises NoSuchCampaign, NotAllowed."""
    headings, rows, delimiter = _table(tx, vault, campaign_id, whose)
    return csv_in_pieces(rows, headings, delimiter)


def _table(
    tx: Connection, vault: Vault, campaign_id: int, whose: Collection[int] | None
) -> tuple[list[str], Iterator[list[Cell]], str]:
    """(headings, rows as they are asked for, the upload's delimiter)."""
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).first()
    if row is None:
        raise NoSuchCampaign
    if row.state == CampaignState.SUBMITTED:
        raise NotAllowed("Todavía se revisa el archivo de esta campaña: espere a que termine.")
    kept = json.loads(vault.open(row.request_sealed))
    collected = [each.number for each in Request.from_json(kept["request"]).recolectar] if kept["request"] else []
    shown = positions_without_answers(row.headings)
    written = kept.get("written") or row.headings  # as the upload has them, whatever they were taken for
    headings = [written[n] for n in shown] + list(_COLUMNS) + [f"recolectar_{n}" for n in collected]
    zone = COUNTRIES[row.country].zone if row.country else ZoneInfo("UTC")
    hidden = {n for n in shown if is_hidden_column(row.headings[n])}
    people = select(recipient).where(recipient.c.campaign_id == campaign_id)
    people = people if whose is None else people.where(recipient.c.id.in_(whose))
    return headings, _rows(tx, vault, campaign_id, people, shown, hidden, collected, zone), row.delimiter


def _rows(
    tx: Connection,
    vault: Vault,
    campaign_id: int,
    people: Select,
    shown: list[int],
    hidden: set[int],
    collected: list[int],
    zone: ZoneInfo,
) -> Iterator[list[Cell]]:
    query = people.order_by(recipient.c.row)
    validated = _Validated(decisions_by_row(tx, vault, campaign_id) if collected else iter(()))
    for person in tx.execute(query.execution_options(yield_per=1000)):
        data = json.loads(vault.open(person.data_sealed))
        cells = data["cells"]
        answers = json.loads(vault.open(person.collected_sealed)) if person.collected_sealed else {}
        answers |= validated.of(person.row)
        yield [
            *(_shown(cells, n, n in hidden) if cells else ERASED for n in shown),
            *_happened(person, data["contact"], zone),
            *(answers.get(str(n), "") for n in collected),
        ]
    validated.of(_AFTER_ALL)  # of people who are not in it: read to its end, a cursor is closed


def _shown(cells: list[str], position: int, is_hidden: bool) -> str:
    """A cell as the upload had it; dates are security answers, and leave the house as dots (formato-v1 §1)."""
    cell = cells[position] if position < len(cells) else ""
    return HIDDEN if is_hidden and cell.strip() else cell


def _happened(person: Row, contact: dict | None, zone: ZoneInfo) -> list[Cell]:
    """Never dialled: no attempts, and nothing but the outcome that says why."""
    if not person.attempts:
        return [person.outcome, 0, None, None, None, None]
    return [
        person.outcome,
        person.attempts,
        iso(person.first_attempt_at, zone),
        iso(person.last_attempt_at, zone),
        contact["phones"][person.last_phone] if contact else None,
        person.last_duration_s,
    ]


class _Validated:
    """What was corrected or rejected, beside the people it is of: both come by row, and neither is held."""

    def __init__(self, decisions: Iterator[tuple[int, int, str]]) -> None:
        self._rest = decisions
        self._next = next(decisions, None)

    def of(self, row: int) -> dict[str, str]:
        """What holds instead of what this row's person said; it has to be asked by rising rows."""
        found = {}
        while self._next is not None and self._next[0] <= row:
            at, number, value = self._next
            if at == row:
                found[str(number)] = value
            self._next = next(self._rest, None)
        return found


class _Counter:
    def __init__(self) -> None:
        self.rows = 0

    def through(self, rows: Iterator[list[Cell]]) -> Iterator[list[Cell]]:
        for row in rows:
            self.rows += 1
            yield row
