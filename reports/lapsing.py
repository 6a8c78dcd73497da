"""Lists whose period is long over and that nobody closed: a review that nobody ends, a report that reaches nobody.

The law lets nobody be kept because somebody forgot (requirements.md, law and recommended defaults). Who asked for the
list is told a week before; then it is ended, and a night later erased as the others are (reports/retention.py).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from campaigns import closing
from campaigns.intake.letters import long_day
from campaigns.intake.reception import addressees, number_of
from campaigns.readers import is_reserved
from campaigns.states import CampaignState
from campaigns.tables import campaign
from core import audit, post
from core.clock import Clock
from core.database import Database
from core.logs import where
from core.mail_address import EMAIL_PRINT
from core.privacy import Vault
from reports.campaign import zone_of
from reports.retention import ACTOR, ENDED, OVER, TOLD, Kept, is_past, told_by

log = logging.getLogger(__name__)

KIND = "erasing"  #: of its letters, on the page Correos
_BEGUN = (CampaignState.RUNNING, CampaignState.PAUSED)


@dataclass(frozen=True)
class Lapses:
    """What looking after them needs; the worker keeps one."""

    db: Database
    vault: Vault
    clock: Clock
    kept: Kept
    public_url: str
    institution: str

    def watch(self) -> int:
        """Writes to whoever must be told, and ends what they were told of; how many campaigns. One that fails does not
        keep the others from it, and is looked at again the next night."""
        now, kept = self.clock.now(), self.kept
        soon = is_past(now - kept.first + kept.notice)
        waits = or_(campaign.c.people_purged_at.is_(None), campaign.c.file_removed_at.is_(None))
        done = self._each(self._tell, campaign.c.state.not_in(OVER), waits, soon, ~told_by(now))
        told = told_by(now - kept.notice)
        return done + self._each(self._end, campaign.c.state.not_in(ENDED), is_past(now - kept.first), told)

    def _each(self, what: Callable[[Connection, datetime, Row], None], *which: ColumnElement[bool]) -> int:
        with self.db.begin() as tx:
            ids = tx.execute(select(campaign.c.id).where(*which).order_by(campaign.c.id)).scalars().all()
        return sum(self._one(what, campaign_id, *which) for campaign_id in ids)

    def _one(
        self, what: Callable[[Connection, datetime, Row], None], campaign_id: int, *which: ColumnElement[bool]
    ) -> bool:
        """In a transaction of its own, if it is still one of these."""
        mine = select(campaign).where(campaign.c.id == campaign_id, *which)
        try:
            with self.db.begin() as tx:
                row = tx.execute(mine.with_for_update(key_share=True)).first()
                if row is not None:
                    what(tx, self.clock.now(), row)
                return row is not None
        except Exception as problem:
            log.error("campaign %s, which nobody closed: %s", campaign_id, where(problem))
            return False

    def _tell(self, tx: Connection, now: datetime, row: Row) -> None:
        goes_on = self._goes_on(now, row)
        to = addressees(self.vault, row)
        for address in to:
            once = f"{KIND}:{row.id}:{self.vault.fingerprint(EMAIL_PRINT, address.lower()).hex()[:16]}"
            subject, body = f"{number_of(row)}: se borrarán los datos de sus personas", self._letter(row, goes_on)
            letter = post.Letter(KIND, address, subject, body, line=None, campaign_id=row.id, once=once)
            post.leave(tx, self.vault, now, letter)
        audit.record(tx, now, ACTOR, TOLD, "campaign", row.id, letters=len(to), goes_on=f"{goes_on}")

    def _end(self, tx: Connection, now: datetime, row: Row) -> None:
        why = f"su período terminó el {long_day(_last_day(row))} y nadie la cerró: sus datos se borran"
        closing.lapse(tx, now, row.id, why)

    def _goes_on(self, now: datetime, row: Row) -> date:
        """The day from which it is erased, where the campaign is."""
        over = datetime.combine(row.ends_on + timedelta(days=1), time.min, UTC)
        ended = min(over, row.finished_at or over)
        return max(ended + self.kept.first, now + self.kept.notice).astimezone(zone_of(row)).date()

    def _letter(self, row: Row, goes_on: date) -> str:
        name = "" if row.is_sensitive or row.mode == "OPERADOR" or is_reserved(row) else " ".join(row.name.split())
        called = f"{number_of(row)} «{name}»" if name else number_of(row)
        told = (
            "Buen día:",
            f"El período de su solicitud {called} terminó el {long_day(_last_day(row))}. {_why_open(row)}",
            "Los datos de las personas se guardan solo el tiempo necesario, también cuando nadie cierra la solicitud. "
            f"A partir del {long_day(goes_on)} se borrarán de nuestro sistema el archivo que se recibió y los datos de "
            "las personas; los totales se quedan.",
            "Si todavía necesita revisar, validar o descargar algo, hágalo antes de ese día. Entre con su cuenta:\n"
            f"{self.public_url}/campanas/{row.id}/solicitud",
            "Por seguridad, a este correo no se adjunta ningún archivo ni se escribe ningún dato de las personas.",
            self.institution,
        )
        return "\n\n".join(told) + "\n"


def _last_day(row: Row) -> date:
    """Of its calls, where the campaign is."""
    return min(row.ends_on, row.finished_at.astimezone(zone_of(row)).date()) if row.finished_at else row.ends_on


def _why_open(row: Row) -> str:
    if row.state == CampaignState.FINISHED:
        return "Su informe final no se ha podido entregar, y por eso no se ha cerrado."
    if row.state in _BEGUN:
        return "No se ha cerrado: quedan datos por validar, o llamadas de las que no se sabe cómo terminaron."
    return "Nadie la ha aprobado ni cancelado."
