"""How far an import has come, for whoever waits; and which try at it may store."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, func, insert, select, update

from campaigns import life
from campaigns.states import CampaignState
from campaigns.tables import campaign, observation, recipient
from campaigns.upload.tables import import_progress

MOST_TRIES = 5  # a file that takes its process with it this often goes back to who brought it
FORGOTTEN_AFTER = timedelta(minutes=5)  # without a sign: no stage is silent for so long

_NOW = func.clock_timestamp()


class Stage(StrEnum):
    """What an import is at."""

    LEYENDO = "LEYENDO"
    GUARDANDO = "GUARDANDO"
    DUPLICADOS = "DUPLICADOS"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Stage.LEYENDO: "Leyendo el archivo",
    Stage.GUARDANDO: "Revisando y guardando cada fila",
    Stage.DUPLICADOS: "Buscando personas repetidas",
}


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` rows; ``total`` 0: not known yet."""

    stage: Stage
    done: int
    total: int

    @property
    def percent(self) -> int | None:
        """Of the rows; None while nobody can tell."""
        return min(100 * self.done // self.total, 100) if self.total else None


def await_import(tx: Connection, campaign_id: int) -> None:
    """A file was received: nobody has begun with it."""
    tx.execute(insert(import_progress).values(campaign_id=campaign_id, stage=Stage.LEYENDO, updated_at=_NOW))


def progress_of(tx: Connection, campaign_id: int) -> Progress | None:
    """How far it has come; None when it has ended."""
    row = tx.execute(select(import_progress).where(import_progress.c.campaign_id == campaign_id)).first()
    return Progress(Stage(row.stage), row.done, row.total) if row else None


def begin_try(tx: Connection, campaign_id: int) -> int | None:
    """Begins anew: what an earlier try left is deleted, and that one can store nothing more. Returns the try's number,
    from 1; None when the campaign waits for no import any more."""
    mine = import_progress.c.campaign_id == campaign_id
    # This waits for the pieces that are being stored at this moment (pieces.store), and comes before the campaign's
    # own lock, which they need too.
    row = tx.execute(select(import_progress).where(mine).with_for_update()).first()
    if row is None or life.state_of(tx, campaign_id, lock=True) != CampaignState.SUBMITTED:
        return None
    forget_people(tx, campaign_id)
    values = {"tries": row.tries + 1, "stage": Stage.LEYENDO, "done": 0, "total": 0, "updated_at": _NOW}
    tx.execute(update(import_progress).where(mine).values(**values))
    return row.tries + 1


def forget_people(tx: Connection, campaign_id: int) -> None:
    """Deletes what was stored of a file that is not, or cannot be, imported whole."""
    for table in (recipient, observation):
        tx.execute(delete(table).where(table.c.campaign_id == campaign_id))


def tell(tx: Connection, campaign_id: int, tries: int, stage: Stage, done: int, total: int) -> None:
    """Says how far this try has come."""
    mine = (import_progress.c.campaign_id == campaign_id, import_progress.c.tries == tries)
    tx.execute(update(import_progress).where(*mine).values(stage=stage, done=done, total=total, updated_at=_NOW))


def is_current(tx: Connection, campaign_id: int, tries: int) -> bool:
    """Whether no other try has begun; none can until this transaction ends."""
    mine = (import_progress.c.campaign_id == campaign_id, import_progress.c.tries == tries)
    return tx.execute(select(import_progress.c.tries).where(*mine).with_for_update()).first() is not None


def end(tx: Connection, campaign_id: int) -> None:
    """It is imported, or never will be."""
    tx.execute(delete(import_progress).where(import_progress.c.campaign_id == campaign_id))


def forgotten(tx: Connection) -> list[int]:
    """Campaigns that wait for their import, and nobody has been at it for a while."""
    waiting = (
        select(import_progress.c.campaign_id)
        .join(campaign, campaign.c.id == import_progress.c.campaign_id)
        .where(campaign.c.state == CampaignState.SUBMITTED, import_progress.c.updated_at < _NOW - FORGOTTEN_AFTER)
    )
    return list(tx.execute(waiting.order_by(import_progress.c.campaign_id)).scalars())
