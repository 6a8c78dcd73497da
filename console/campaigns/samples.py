"""The sample calls of a campaign, as its line says them."""

from sqlalchemy import Connection, Row

from campaigns.sample import Chosen, Sample, choose, sample_calls
from console.office import Office
from core.remembered import Remembered
from prompts.catalog import Catalog


def samples_of(here: Office, tx: Connection, row: Row) -> list[Sample]:
    """Of a campaign (its row) whose line there still is, and whose people were not erased; none otherwise."""
    line = next((line for line in here.lines if line.known.id == row.line), None)
    if line is None or row.people_purged_at is not None:
        return []
    known: Remembered[list[Chosen]] = here.keep("chosen", lambda: Remembered(here.freshness.remember_s))
    now, key = here.clock.now(), (row.id, row.sha256, row.is_plain_text)
    chosen = known.of(key, lambda: choose(tx, here.vault, now, row.id))
    values = {"entidad": line.known.entity, "numero": line.number, "operador": line.number}
    catalog = here.catalogs.get(row.line) or Catalog.load(row.line)
    return sample_calls(tx, here.vault, now, row.id, catalog, values, chosen)
