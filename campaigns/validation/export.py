"""The data that a campaign brought, for the systems that are to be updated with them (R58): one answer a row."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from campaigns.columns import cell_of, places_of
from campaigns.life import NoSuchCampaign
from campaigns.tables import campaign, recipient
from campaigns.upload.request import Collected
from campaigns.validation.deciding import collected_of
from campaigns.validation.keeping import Verdict
from campaigns.validation.tables import collected_answer
from campaigns.workbooks import Cell, csv_in_pieces, iso, write_results
from core.countries import COUNTRIES
from core.privacy import Vault

HEADINGS = (
    *("id_registro", "numero_documento", "campo", "pregunta", "valor", "significado"),
    *("estado", "validado_por", "validado_el"),
)
_GOOD = (Verdict.ACCEPTED, Verdict.CORRECTED, Verdict.TAKEN)


def write_updates(
    tx: Connection, vault: Vault, campaign_id: int, target: Path | BinaryIO, kind: str | None = None
) -> int:
    """Writes ``.csv`` or ``.xlsx`` by the path's ending, or ``kind``; returns the rows.

    Only what was accepted or corrected; of a campaign that asks for no validation, all that was collected. What was
    rejected, or waits, is not in it. Raises NoSuchCampaign, ValueError.
    """
    row = _campaign(tx, campaign_id)
    written = 0

    def rows() -> Iterator[list[Cell]]:
        nonlocal written
        for cells in _rows(tx, vault, row):
            written += 1
            yield cells

    write_results(target, rows(), HEADINGS, row.delimiter, kind)
    return written


def csv_pieces(tx: Connection, vault: Vault, campaign_id: int) -> Iterator[bytes]:
    """The same CSV, some rows at a time, for whoever sends it on. Raises NoSuchCampaign."""
    row = _campaign(tx, campaign_id)
    return csv_in_pieces(_rows(tx, vault, row), HEADINGS, row.delimiter)


def _campaign(tx: Connection, campaign_id: int) -> Row:
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).first()
    if row is None:
        raise NoSuchCampaign
    return row


def _rows(tx: Connection, vault: Vault, row: Row) -> Iterator[list[Cell]]:
    questions = {each.number: each for each in collected_of(vault, row)}
    places = places_of(row.headings)
    zone = COUNTRIES[row.country].zone if row.country else ZoneInfo("UTC")
    query = (
        select(collected_answer, recipient.c.data_sealed, recipient.c.collected_sealed)
        .join(recipient, recipient.c.id == collected_answer.c.recipient_id)
        .where(collected_answer.c.campaign_id == row.id, collected_answer.c.state.in_(_GOOD))
        .order_by(recipient.c.row, collected_answer.c.number)
    )
    for each in tx.execute(query.execution_options(yield_per=1000)):
        value = _value(vault, each)
        if value is None:
            continue  # purged
        cells = json.loads(vault.open(each.data_sealed))["cells"]
        who = [cell_of(cells, places, name) for name in ("id_registro", "numero_documento")]
        yield [*who, f"recolectar_{each.number}", *_told(questions.get(each.number), value), *_by(each, zone)]


def _value(vault: Vault, each: Row) -> str | None:
    if each.corrected_sealed is not None:
        return vault.open(each.corrected_sealed)
    said = json.loads(vault.open(each.collected_sealed)) if each.collected_sealed else {}
    return said.get(str(each.number))


def _told(asked: Collected | None, value: str) -> list[Cell]:
    return [asked.sentence, value, dict(asked.options).get(value, "")] if asked else ["", value, ""]


def _by(each: Row, zone: ZoneInfo) -> list[Cell]:
    return [Verdict(each.state).label.lower(), each.decided_by, iso(each.decided_at, zone)]
