"""The people of a file that was received: checked and stored in the background, whole or not at all (R61)."""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, insert, select, update

from campaigns import life
from campaigns.campaign_line import CampaignLine, zone_of
from campaigns.receiving import looked_at
from campaigns.states import CampaignState
from campaigns.tables import campaign, observation
from campaigns.upload import importing, progress
from campaigns.upload.crew import Crew
from campaigns.upload.importing import Tally, store_people
from campaigns.upload.observations import REQUEST_SHEET, Level, Observation
from campaigns.upload.pieces import Superseded
from core import files
from core.clock import Clock
from core.database import Database
from core.privacy import Vault
from core.spreadsheets import Unreadable

log = logging.getLogger(__name__)

CHECKS = "checks"  #: who takes an upload on or sends it back, in the campaign's trail: nobody, the rules do
_NOT_TODAY = "No pudimos revisar el archivo después de varios intentos."


@dataclass(frozen=True)
class Importer:
    """What importing files needs; the worker keeps one."""

    db: Database
    vault: Vault
    clock: Clock
    lines: Sequence[CampaignLine]

    def import_campaign(self, campaign_id: int) -> CampaignState | None:
        """See ``import_campaign``."""
        return import_campaign(self.db, self.vault, self.clock, self.lines, campaign_id)

    def import_forgotten(self) -> int:
        """Imports what was received and nobody has been at for minutes: whoever began it was killed. How many."""
        with self.db.begin() as tx:
            waiting = progress.forgotten(tx)
        return sum(self.import_campaign(campaign_id) is not None for campaign_id in waiting)


def import_campaign(
    db: Database, vault: Vault, clock: Clock, lines: Sequence[CampaignLine], campaign_id: int
) -> CampaignState | None:
    """Checks and stores the people of a campaign that was received: it ends ``under_review``, or ``returned`` with its
    observations. None when it waits for no import, or another process has taken this one over.

    It may be killed at any point and done again: it begins anew. What is checked is checked as of the moment when the
    file was received (E03, E15). Raises CannotOpen, ImportBroken.
    """
    with db.begin() as tx:
        tries = progress.begin_try(tx, campaign_id)
        if tries is None:
            return None
        row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
        repeated, size = _came_before(tx, row, zone_of(lines)), files.size_of(tx, row.file_id)
    try:
        if tries > progress.MOST_TRIES:
            raise Unreadable(_NOT_TODAY)
        opened = partial(files.opened, db, vault, row.file_id)
        with _crew_for(size) as crew:
            read = looked_at(opened, row.filename, row.headings, row.submitted_at, lines, is_repeated=repeated)
            tally = store_people(db, vault, read, campaign_id, tries, crew)
    except Unreadable as problem:
        return _conclude(db, clock, row, tries, Tally(), [_unreadable(str(problem))], why_returned=str(problem))
    except Superseded:
        log.info("an import was taken over: campaign %s", campaign_id)
        return None
    is_returned = read.close(tally.rows, tally.rows_in_error)
    why = read.why_returned(tally.rows, tally.rows_in_error) if is_returned else None
    return _conclude(db, clock, row, tries, tally, read.fields.observations, why_returned=why)


def _crew_for(size: int) -> AbstractContextManager[Crew | None]:
    """Whoever stores the people of a file of so many bytes."""
    return Crew() if size >= importing.LONG else nullcontext()


def _conclude(
    db: Database,
    clock: Clock,
    row: Row,
    tries: int,
    tally: Tally,
    observations: Sequence[Observation],
    *,
    why_returned: str | None,
) -> CampaignState | None:
    """The end of an import: from now on the campaign's people can be seen. ``why_returned`` None: it goes to review.
    None if it was cancelled meanwhile."""
    state = CampaignState.UNDER_REVIEW if why_returned is None else CampaignState.RETURNED
    with db.begin() as tx:
        if not progress.is_current(tx, row.id, tries):
            return None
        if not tally.rows:
            progress.forget_people(tx, row.id)
        progress.end(tx, row.id)
        if life.state_of(tx, row.id, lock=True) != CampaignState.SUBMITTED:
            progress.forget_people(tx, row.id)
            return None
        _store_observations(tx, row.id, observations)
        tx.execute(update(campaign).where(campaign.c.id == row.id).values(recipients=tally.rows))
        life.move(tx, clock.now(), row.id, state, CHECKS, why_returned)
    return state


def _came_before(tx: Connection, row: Row, zone: ZoneInfo) -> bool:
    """E15: the same bytes, earlier on the same local day, whatever became of them (formato-v1.md §1)."""
    same = (campaign.c.sha256 == row.sha256, campaign.c.id < row.id)
    moments = tx.execute(select(campaign.c.submitted_at).where(*same)).scalars()
    today = row.submitted_at.astimezone(zone).date()
    return any(moment.astimezone(zone).date() == today for moment in moments)


def _unreadable(sentence: str) -> Observation:
    """What is said of a file that turned out to be damaged far from its beginning."""
    fix = "ábralo en su programa, guárdelo otra vez y súbalo"
    return Observation("E01", Level.ERROR, REQUEST_SHEET, None, None, None, "", sentence, fix)


def _store_observations(tx: Connection, campaign_id: int, observations: Sequence[Observation]) -> None:
    rows = [{"campaign_id": campaign_id, **each.as_json()} for each in observations]
    if rows:
        tx.execute(insert(observation), rows)
