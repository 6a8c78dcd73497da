"""The number of a request (radicado): one after the other in each year, and none left out (R59)."""

from datetime import datetime, tzinfo

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from campaigns.intake.tables import filing_year


def number_for(tx: Connection, now: datetime, zone: tzinfo) -> str:
    """``CAMP-2026-0001``: the next one of the year where the institution is.

    The year's row stays locked until the transaction ends: who comes at the same moment waits, and a number whose
    campaign was not stored after all is given to the next.
    """
    year = now.astimezone(zone).year
    first = insert(filing_year).values(year=year, last=1)
    following = first.on_conflict_do_update(index_elements=["year"], set_={"last": filing_year.c.last + 1})
    number = tx.execute(following.returning(filing_year.c.last)).scalar_one()
    return f"CAMP-{year}-{number:04}"
